//! The page of one case: who it is about, why it was flagged, what happened, and the form to decide it.

use askama::Template;
use detect::{Evidence, Flag, Reason};
use events::Category;
use review::{AbusiveReason, Action, Assessment, Bars, BenignReason, CaseId, Docket, Fault, Outcome, Policy};

use super::case_work::{Forms, Work};
use super::pages::{Frame, Recorded, Said};
use super::pictures::{Spark, Strip};
use super::words::{self, Moment};
use super::{FoundCase, first_contacts, found_case, minors_expected, timeline};

/// Something that the page has to say before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A choice is missing.
    Incomplete,
    /// The case changed, or was decided, while it was being read.
    Changed,
}

/// What was chosen in the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    pub(crate) outcome: String,
    pub(crate) category: String,
    pub(crate) policy: String,
    pub(crate) reason: String,
    pub(crate) action: String,
}

/// What a page shows besides the case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) notice: Option<Notice>,
    /// What has just been done to another case.
    pub(crate) said: Said,
    pub(crate) chosen: Chosen,
    /// What is wrong with what was chosen.
    pub(crate) faults: Vec<Fault>,
    /// Whether the case waits for a second person.
    pub(crate) waits: bool,
    /// Who else has it in hand.
    pub(crate) held_by: Option<String>,
    /// What whoever reads it may do besides deciding it.
    pub(crate) work: Work,
    pub(crate) is_break_due: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "case.html")]
pub(crate) struct CasePage {
    frame: Frame,
    notice: Option<Notice>,
    said: Said,
    chosen: Chosen,
    faults: Vec<Fault>,
    id: String,
    account: String,
    account_short: String,
    version: u32,
    percent: u8,
    band: &'static str,
    first_contacts: String,
    minors_expected: String,
    opened: Moment,
    flagged: Moment,
    model: String,
    earlier: Option<String>,
    decision: Option<Recorded>,
    spark: Spark,
    assessment: Assessment,
    reasons: Vec<ReasonRow>,
    strip: Strip,
    events: Vec<EventRow>,
    features: Vec<FeatureRow>,
    history: Vec<HistoryRow>,
    waits: bool,
    held_by: Option<String>,
    is_break_due: bool,
    /// What can be done besides deciding it.
    forms: Forms,
    categories: Vec<Choice>,
    policies: Vec<Choice>,
    actions: Vec<Choice>,
    abusive_reasons: Vec<Choice>,
    benign_reasons: Vec<Choice>,
}

/// One reason.
#[derive(Debug)]
struct ReasonRow {
    title: &'static str,
    text: String,
    value: String,
    usual: String,
    /// Length of its bar, 0 to 100, against the heaviest reason.
    bar: String,
    /// How much it moved the log-odds.
    contribution: String,
    benign: &'static str,
}

/// One event of the timeline.
#[derive(Debug)]
struct EventRow {
    at: Moment,
    class: &'static str,
    kind: &'static str,
    sentence: &'static str,
    /// How likely the counterpart is a minor, while that is kept.
    minor: String,
    surface: String,
}

/// One feature.
#[derive(Debug)]
struct FeatureRow {
    name: String,
    meaning: &'static str,
    value: String,
    unit: &'static str,
}

/// One thing that happened.
#[derive(Debug)]
struct HistoryRow {
    at: Moment,
    what: String,
    detail: String,
    class: &'static str,
    /// The case, where it is another one than the page's own.
    other_case: Option<String>,
}

/// One choice of the form.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) sentence: String,
    is_chosen: bool,
}

impl CasePage {
    /// The page of a case of this docket; none where the docket has no such case.
    pub(crate) fn of(
        (frame, bars): (Frame, &Bars),
        docket: &Docket,
        id: &CaseId,
        shown: Shown,
    ) -> Option<Self> {
        let Shown { notice, said, chosen, faults, waits, held_by, work, is_break_due } = shown;
        let FoundCase { case, version, decision } = found_case(docket, id)?;
        let (latest, events) = (case.latest_flag(), timeline(case));
        let mut flags: Vec<&Flag> = case.flags().iter().collect();
        flags.sort_by(|a, b| (a.ts, &a.flag_id).cmp(&(b.ts, &b.flag_id)));
        Some(Self {
            frame,
            notice,
            said,
            faults,
            id: case.id().to_string(),
            account: case.account().to_string(),
            account_short: words::short(case.account()),
            version,
            percent: words::percent(case.risk()),
            band: words::band(case.risk()),
            first_contacts: words::count(first_contacts(&latest.features)),
            minors_expected: words::count(minors_expected(&latest.features)),
            opened: Moment::of(case.opened_at()),
            flagged: Moment::of(latest.ts),
            model: latest.model.clone(),
            earlier: case.earlier().map(ToString::to_string),
            decision: decision.map(|decision| Recorded::of(decision, id)),
            spark: Spark::of(&flags),
            assessment: case.assess(bars),
            reasons: reasons(&latest.reasons),
            strip: Strip::of(&events),
            events: events.into_iter().map(EventRow::of).collect(),
            features: features(latest),
            history: history(docket, id),
            waits,
            held_by,
            is_break_due,
            forms: Forms::of(work),
            policies: choices(Policy::ALL, Policy::as_str, &chosen.policy, |p| p.sentence().to_owned()),
            actions: choices(Action::ALL, Action::as_str, &chosen.action, |a| a.sentence().to_owned()),
            categories: choices(Category::ALL, Category::as_str, &chosen.category, words::category),
            abusive_reasons: choices(AbusiveReason::ALL, AbusiveReason::as_str, &chosen.reason, |r| {
                r.sentence().to_owned()
            }),
            benign_reasons: choices(BenignReason::ALL, BenignReason::as_str, &chosen.reason, |r| {
                r.sentence().to_owned()
            }),
            chosen,
        })
    }

    /// What was chosen, for whoever came too late.
    fn chosen_in_words(&self) -> String {
        let outcome =
            Outcome::parse(&self.chosen.outcome).map_or("nothing", Outcome::sentence).to_lowercase();
        let lists =
            [&self.categories, &self.policies, &self.abusive_reasons, &self.benign_reasons, &self.actions];
        let choices = lists.into_iter().flatten().filter(|choice| choice.is_chosen);
        choices.fold(outcome, |words, choice| format!("{words}; {}", choice.sentence.to_lowercase()))
    }

    /// What is wrong with a field of the form.
    fn fault(&self, field: &str) -> Option<&'static str> {
        self.faults.iter().find(|fault| fault.field.as_str() == field).map(|fault| fault.expected)
    }

    fn is_chosen(&self, outcome: Outcome) -> bool {
        self.chosen.outcome == outcome.as_str()
    }

    fn has_notice(&self, notice: Notice) -> bool {
        self.notice == Some(notice)
    }
}

/// The choices of a closed set of words.
pub(super) fn choices<T: Copy>(
    all: &[T],
    word: impl Fn(T) -> &'static str,
    chosen: &str,
    sentence: impl Fn(T) -> String,
) -> Vec<Choice> {
    let choice = |value: &T| Choice {
        word: word(*value),
        sentence: sentence(*value),
        is_chosen: word(*value) == chosen,
    };
    all.iter().map(choice).collect()
}

fn reasons(reasons: &[Reason]) -> Vec<ReasonRow> {
    let heaviest = reasons.iter().map(|r| r.contribution.abs()).fold(f64::MIN_POSITIVE, f64::max);
    reasons
        .iter()
        .map(|reason| ReasonRow {
            title: reason.code.title(),
            text: words::sentence(&reason.text),
            value: words::value(&reason.feature, reason.value),
            usual: words::value(&reason.feature, reason.baseline),
            bar: format!("{:.1}", reason.contribution.abs() / heaviest * 100.0),
            contribution: format!("{:+.2}", reason.contribution),
            benign: reason.code.benign_alternatives(),
        })
        .collect()
}

impl EventRow {
    fn of(event: &Evidence) -> Self {
        let (kind, sentence) = words::kind(event.kind);
        Self {
            at: Moment::of(event.ts),
            class: words::kind_word(event.kind),
            kind,
            sentence,
            minor: words::likely_minor(event),
            surface: words::surface(event.surface),
        }
    }
}

fn features(flag: &Flag) -> Vec<FeatureRow> {
    flag.features
        .iter()
        .map(|(name, value)| {
            let known = words::feature(name);
            FeatureRow {
                name: name.clone(),
                meaning: known.map_or("", |feature| &feature.meaning),
                value: value.map_or_else(|| "unknown".to_owned(), |value| words::value(name, value)),
                unit: known.map_or("", |feature| feature.unit.as_str()),
            }
        })
        .collect()
}

/// What happened to the account's cases, latest first.
fn history(docket: &Docket, shown: &CaseId) -> Vec<HistoryRow> {
    let other = |case: &CaseId| (case != shown).then(|| case.to_string());
    let mut rows = Vec::new();
    let cases = docket.decided().iter().map(|decided| (decided.case(), Some(decided.decision())));
    for (case, decision) in cases.chain(docket.open().map(|open| (open, None))) {
        rows.extend(case.flags().iter().map(|flag| HistoryRow {
            at: Moment::of(flag.ts),
            what: format!("Flagged at {} %", words::percent(flag.p)),
            detail: format!("by model {}", flag.model),
            class: "flag",
            other_case: other(case.id()),
        }));
        rows.extend(decision.map(|decision| {
            let Recorded { outcome, category, reason, by, at, .. } = Recorded::of(decision, case.id());
            let about = category.map_or_else(String::new, |category| format!(": {category}"));
            let detail = format!("{reason}; decided by {by}");
            HistoryRow {
                at,
                what: format!("{outcome}{about}"),
                detail,
                class: "decision",
                other_case: other(case.id()),
            }
        }));
    }
    rows.reverse();
    rows
}
