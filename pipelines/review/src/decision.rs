//! What a person decided, in closed words only: there is nowhere to type, so nothing typed can be kept.

use events::{Category, Millis};

/// Declares a closed set of words with a sentence for each.
macro_rules! spoken {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal, $sentence:literal;)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $(#[doc = $sentence] $variant),+ }

        impl $name {
            /// Every value, in the order in which people are offered them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The machine-readable word.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// In words for people.
            pub const fn sentence(self) -> &'static str {
                match self { $($name::$variant => $sentence),+ }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    )+};
}

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
}

/// What was found, with what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Abuse, of this kind, for this reason.
    Abusive {
        /// What it is about.
        category: Category,
        /// What made a person find it.
        reason: AbusiveReason,
    },
    /// No abuse, for this reason.
    Benign {
        /// What made a person find none.
        reason: BenignReason,
    },
}

/// A finding, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// What was found.
    pub finding: Finding,
    /// The name of who decided.
    pub by: String,
    /// When it was decided, processing time.
    pub at: Millis,
}

/// A field of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// `outcome`
    Outcome,
    /// `category`
    Category,
    /// `reason`
    Reason,
}

impl Field {
    /// The field's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Field::Outcome => "outcome",
            Field::Category => "category",
            Field::Reason => "reason",
        }
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
    /// A finding of these words; an absent word is none.
    ///
    /// # Errors
    /// Every field that is missing, unknown or out of place, in the order outcome, category, reason.
    pub fn parse(
        outcome: Option<&str>,
        category: Option<&str>,
        reason: Option<&str>,
    ) -> Result<Self, Vec<Fault>> {
        match outcome.and_then(Outcome::parse) {
            None => {
                Err(vec![Fault { field: Field::Outcome, expected: "choose an outcome: abusive or benign" }])
            }
            Some(Outcome::Abusive) => abusive(category, reason),
            Some(Outcome::Benign) => benign(category, reason),
        }
    }

    /// The outcome.
    pub fn outcome(self) -> Outcome {
        match self {
            Finding::Abusive { .. } => Outcome::Abusive,
            Finding::Benign { .. } => Outcome::Benign,
        }
    }

    /// What it is about, where abuse was found.
    pub fn category(self) -> Option<Category> {
        match self {
            Finding::Abusive { category, .. } => Some(category),
            Finding::Benign { .. } => None,
        }
    }

    /// The reason's machine-readable word.
    pub fn reason(self) -> &'static str {
        match self {
            Finding::Abusive { reason, .. } => reason.as_str(),
            Finding::Benign { reason } => reason.as_str(),
        }
    }

    /// The reason in words for people.
    pub fn reason_sentence(self) -> &'static str {
        match self {
            Finding::Abusive { reason, .. } => reason.sentence(),
            Finding::Benign { reason } => reason.sentence(),
        }
    }
}

fn abusive(category: Option<&str>, reason: Option<&str>) -> Result<Finding, Vec<Fault>> {
    let category = category.and_then(|word| Category::ALL.iter().copied().find(|c| c.as_str() == word));
    let reason = reason.and_then(AbusiveReason::parse);
    if let (Some(category), Some(reason)) = (category, reason) {
        return Ok(Finding::Abusive { category, reason });
    }
    let no_category = Fault { field: Field::Category, expected: "choose what the abuse is about" };
    let no_reason = Fault { field: Field::Reason, expected: "choose a reason for an abusive outcome" };
    Err([category.is_none().then_some(no_category), reason.is_none().then_some(no_reason)]
        .into_iter()
        .flatten()
        .collect())
}

fn benign(category: Option<&str>, reason: Option<&str>) -> Result<Finding, Vec<Fault>> {
    let reason = reason.and_then(BenignReason::parse);
    if let (None, Some(reason)) = (category, reason) {
        return Ok(Finding::Benign { reason });
    }
    let stray = Fault { field: Field::Category, expected: "a benign outcome has no category" };
    let no_reason = Fault { field: Field::Reason, expected: "choose a reason for a benign outcome" };
    Err([category.is_some().then_some(stray), reason.is_none().then_some(no_reason)]
        .into_iter()
        .flatten()
        .collect())
}

#[cfg(test)]
mod tests;
