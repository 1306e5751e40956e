//! What a person decided, in closed words only: there is nowhere to type, so nothing typed can be kept.

use events::{Category, Millis};

use crate::CaseId;
use crate::words::spoken;

spoken! {
    /// What a person found.
    Outcome {
        Abusive = "abusive", "Abusive behaviour";
        Benign = "benign", "No abuse found";
    }
    /// What made a person find abuse.
    AbusiveReason {
        PatternWithoutInnocentCause = "pattern_without_innocent_cause",
            "The pattern of contacts stands, and no innocent cause fits it";
        PersistsAfterRefusals = "persists_after_refusals",
            "It goes on after refusals, blocks or gates";
        CorroboratedByReports = "corroborated_by_reports",
            "Reports from unrelated accounts corroborate it";
        CorroboratedByPlatformRecords = "corroborated_by_platform_records",
            "The platform's own records corroborate it";
        RepeatsAfterEarlierDecision = "repeats_after_earlier_decision",
            "It repeats what was found before";
        AutomatedOrBulkContact = "automated_or_bulk_contact",
            "Automated or bulk contact";
    }
    /// What made a person find no abuse.
    BenignReason {
        WorksWithYoungPeople = "works_with_young_people",
            "Works with young people: teacher, coach, youth leader";
        HolderIsAMinor = "holder_is_a_minor",
            "The holder is likely a minor among their peers";
        FamilyOrSchoolCircle = "family_or_school_circle",
            "One family or school circle";
        NewUserOrNumber = "new_user_or_number",
            "A new user, or a new number";
        OrganiserOrBusiness = "organiser_or_business",
            "A community organiser or a business";
        CoordinatedReports = "coordinated_reports",
            "Reports against it look coordinated";
        EvidenceTooThin = "evidence_too_thin",
            "The evidence does not carry it";
    }
    /// Which of the platform's rules was broken.
    Policy {
        MinorSafety = "minor_safety", "Safety of minors";
        SexualConduct = "sexual_conduct", "Sexual conduct and solicitation";
        Extortion = "extortion", "Threats and extortion";
        FraudAndScams = "fraud_and_scams", "Fraud and scams";
        SpamAndAutomation = "spam_and_automation", "Spam and automated accounts";
        Impersonation = "impersonation", "Impersonation";
        Harassment = "harassment", "Harassment";
        OtherTerms = "other_terms", "Another of the terms of service";
    }
    /// What the platform is asked to do, mildest first.
    Action {
        Watch = "watch", "Nothing beyond the label";
        WarnRecipients = "warn_recipients", "Show a safety notice to those it turns to";
        LimitContacts = "limit_contacts", "No new contacts with likely minors";
        Suspend = "suspend", "Suspend the account";
        Refer = "refer", "Suspend the account and refer it to the authorities";
    }
    /// Why a decision is taken back.
    UndoReason {
        WrongChoice = "wrong_choice", "Something else was meant than what was chosen";
        NewInformation = "new_information", "Something became known that was not known";
        WrongCase = "wrong_case", "It was meant for another case";
    }
}

impl Action {
    /// Whether one person is not enough for it.
    pub const fn needs_second_person(self) -> bool {
        matches!(self, Action::Suspend | Action::Refer)
    }
}

/// What was found, with what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Abuse.
    Abusive(Abuse),
    /// No abuse, for this reason.
    Benign {
        /// What made a person find none.
        reason: BenignReason,
    },
}

/// What goes with a finding of abuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Abuse {
    /// What it is about.
    pub category: Category,
    /// Which rule it breaks.
    pub policy: Policy,
    /// What made a person find it.
    pub reason: AbusiveReason,
    /// What is to be done.
    pub action: Action,
}

/// The words of a finding as they were given; an absent word is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Words<'a> {
    /// `outcome`
    pub outcome: Option<&'a str>,
    /// `category`
    pub category: Option<&'a str>,
    /// `policy`
    pub policy: Option<&'a str>,
    /// `reason`
    pub reason: Option<&'a str>,
    /// `action`
    pub action: Option<&'a str>,
}

/// A finding, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// What was found.
    pub finding: Finding,
    /// The name of who decided.
    pub by: String,
    /// The name of the second person, where one was needed.
    pub seconded_by: Option<String>,
    /// When it was decided, processing time.
    pub at: Millis,
}

spoken! {
    /// A field of a decision.
    Field {
        Outcome = "outcome", "What was found";
        Category = "category", "What it is about";
        Policy = "policy", "Which rule it breaks";
        Reason = "reason", "Why";
        Action = "action", "What is to be done";
    }
}

/// What is wrong with a field of a decision. It holds nothing of what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{expected}")]
pub struct Fault {
    /// The field.
    pub field: Field,
    /// What it must be.
    pub expected: &'static str,
}

impl Finding {
    /// A finding of these words.
    ///
    /// # Errors
    /// Every field that is missing, unknown or out of place, in the order in which they are declared.
    pub fn parse(words: Words<'_>) -> Result<Self, Vec<Fault>> {
        match words.outcome.and_then(Outcome::parse) {
            None => {
                Err(vec![Fault { field: Field::Outcome, expected: "choose an outcome: abusive or benign" }])
            }
            Some(Outcome::Abusive) => abusive(words),
            Some(Outcome::Benign) => benign(words),
        }
    }

    /// The outcome.
    pub fn outcome(self) -> Outcome {
        match self {
            Finding::Abusive(_) => Outcome::Abusive,
            Finding::Benign { .. } => Outcome::Benign,
        }
    }

    /// What goes with it, where abuse was found.
    pub fn abuse(self) -> Option<Abuse> {
        match self {
            Finding::Abusive(abuse) => Some(abuse),
            Finding::Benign { .. } => None,
        }
    }

    /// Whether what it asks for takes a second person.
    pub fn needs_second_person(self) -> bool {
        self.abuse().is_some_and(|abuse| abuse.action.needs_second_person())
    }

    /// What it is about, where abuse was found.
    pub fn category(self) -> Option<Category> {
        self.abuse().map(|abuse| abuse.category)
    }

    /// The reason's machine-readable word.
    pub fn reason(self) -> &'static str {
        match self {
            Finding::Abusive(abuse) => abuse.reason.as_str(),
            Finding::Benign { reason } => reason.as_str(),
        }
    }

    /// The reason in words for people.
    pub fn reason_sentence(self) -> &'static str {
        match self {
            Finding::Abusive(abuse) => abuse.reason.sentence(),
            Finding::Benign { reason } => reason.sentence(),
        }
    }

    /// The words that it is made of.
    pub fn words(self) -> Words<'static> {
        let abuse = self.abuse();
        Words {
            outcome: Some(self.outcome().as_str()),
            category: abuse.map(|abuse| abuse.category.as_str()),
            policy: abuse.map(|abuse| abuse.policy.as_str()),
            reason: Some(self.reason()),
            action: abuse.map(|abuse| abuse.action.as_str()),
        }
    }

    /// What an act of this kind on this case would decide, as what a second person approves: the same words
    /// always give the same text.
    pub fn content(self, case: &CaseId, version: u32) -> String {
        let Words { outcome, category, policy, reason, action } = self.words();
        let word = |word: Option<&'static str>| word.unwrap_or("-");
        let fields = [word(outcome), word(category), word(policy), word(reason), word(action)];
        format!("decision {case} {version} {}", fields.join(" "))
    }

    /// The case, its version and the finding of such a text; none where it is not one.
    pub fn of_content(text: &str) -> Option<(CaseId, u32, Self)> {
        let mut parts = text.split(' ');
        let (head, case, version) =
            (parts.next()?, CaseId::parse(parts.next()?)?, parts.next()?.parse().ok()?);
        let mut word = || Some(parts.next()?).map(|word| Some(word).filter(|word| *word != "-"));
        let words =
            Words { outcome: word()?, category: word()?, policy: word()?, reason: word()?, action: word()? };
        let finding = Self::parse(words).ok()?;
        (head == "decision" && parts.next().is_none()).then_some((case, version, finding))
    }
}

fn abusive(words: Words<'_>) -> Result<Finding, Vec<Fault>> {
    let category = words.category.and_then(|word| Category::ALL.iter().copied().find(|c| c.as_str() == word));
    let policy = words.policy.and_then(Policy::parse);
    let reason = words.reason.and_then(AbusiveReason::parse);
    let action = words.action.and_then(Action::parse);
    if let (Some(category), Some(policy), Some(reason), Some(action)) = (category, policy, reason, action) {
        return Ok(Finding::Abusive(Abuse { category, policy, reason, action }));
    }
    let missing = [
        (category.is_none(), Field::Category, "choose what the abuse is about"),
        (policy.is_none(), Field::Policy, "choose the rule that it breaks"),
        (reason.is_none(), Field::Reason, "choose a reason for an abusive outcome"),
        (action.is_none(), Field::Action, "choose what is to be done"),
    ];
    Err(faults(&missing))
}

fn benign(words: Words<'_>) -> Result<Finding, Vec<Fault>> {
    let reason = words.reason.and_then(BenignReason::parse);
    let strays = [
        (words.category.is_some(), Field::Category, "a benign outcome has no category"),
        (words.policy.is_some(), Field::Policy, "a benign outcome breaks no rule"),
        (reason.is_none(), Field::Reason, "choose a reason for a benign outcome"),
        (words.action.is_some(), Field::Action, "nothing is done about a benign outcome"),
    ];
    match (reason, faults(&strays)) {
        (Some(reason), faults) if faults.is_empty() => Ok(Finding::Benign { reason }),
        (_, faults) => Err(faults),
    }
}

fn faults(checks: &[(bool, Field, &'static str)]) -> Vec<Fault> {
    let wrong = checks.iter().filter(|(is_wrong, ..)| *is_wrong);
    wrong.map(|(_, field, expected)| Fault { field: *field, expected }).collect()
}

#[cfg(test)]
mod tests;
