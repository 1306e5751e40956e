//! What goes over the wire: bodies of answers and their schemas.

use std::collections::BTreeMap;

use detect::Evidence;
use events::{Millis, Surface};
use review::{Decision, Mask, QUEUE_ORDER};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use self::choices::{
    action_schema, category_schema, claim_schema, due_schema, kind_schema, limit_schema, outcome_schema,
    policy_schema, queue_schema, reason_schema, status_schema, surface_schema,
};
use self::level::LevelBody;
use super::cursor;
use crate::asking::Asking;
use crate::store::{Claim, Entry, Page, Query, p_minor};
use crate::view;

pub(super) mod choices;
mod dossier;
mod level;
mod ring;

pub(super) use dossier::Dossier;
pub(super) use ring::RingBody;

/// Said with everything that is about an account.
pub(super) const NOTE: &str = "A signal, not proof.";

/// One page of cases.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseList {
    /// The cases, first the one to look at first.
    cases: Vec<CaseSummary>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "P-zMzMzMzM0AAAGVb0cAAGM2")]
    next: Option<String>,
    /// The order, in words.
    #[schema(
        example = "Probability × severity × likely minors contacted, doubled for every allowed waiting time."
    )]
    order: &'static str,
    /// What a probability is worth.
    #[schema(example = "A signal, not proof.")]
    note: &'static str,
}

/// A case as the queue shows it.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseSummary {
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// The account, a pseudonym.
    #[schema(example = "acct_5f0c3b9e7d2a4810")]
    account: String,
    /// Where the case stands.
    #[schema(schema_with = status_schema)]
    status: &'static str,
    /// Grows by one whenever the case changes; also its ETag.
    #[schema(example = 2)]
    version: u32,
    /// Probability of the latest flag, 0 to 1.
    #[schema(example = 0.93)]
    risk: f64,
    /// Why it stands where it stands.
    #[schema(
        example = "93 % × severity 8 × 34.4 for likely minors contacted, and 20 % of the allowed wait is over."
    )]
    order_reason: String,
    /// The queue that it is in.
    #[schema(schema_with = queue_schema)]
    queue: &'static str,
    /// By when it is to be decided, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_240_000_000_u64)]
    due_at: Millis,
    /// Who has it in hand, and until when; absent where nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    claim: Option<ClaimBody>,
    /// Until when it is put off, milliseconds since the epoch, UTC; absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    snoozed_until: Option<Millis>,
    /// The proposal that waits for a second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proposal: Option<String>,
    /// The ring that it is worked on in, together with others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ring: Option<String>,
    /// When the case was opened, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_225_600_000_u64)]
    opened_at: Millis,
    /// Event time of the latest flag, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_225_540_000_u64)]
    flagged_at: Millis,
    /// How many flags are in it.
    #[schema(example = 2)]
    flag_count: u32,
    /// The latest flag's reasons, heaviest first.
    reasons: Vec<ReasonSummary>,
    /// Accounts contacted for the first time within 7 days; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 41.0)]
    first_contacts: Option<f64>,
    /// How many of those are expected to be minors; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 33.4)]
    minors_expected: Option<f64>,
    /// The account's case before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    earlier_case: Option<String>,
    /// The decision, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    decision: Option<DecisionBody>,
}

/// That somebody has a case in hand.
#[derive(Serialize, ToSchema)]
pub(super) struct ClaimBody {
    /// Who.
    #[schema(example = "ana")]
    by: String,
    /// Until when, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_226_200_000_u64)]
    until: Millis,
}

/// A reason in a list.
#[derive(Serialize, ToSchema)]
pub(super) struct ReasonSummary {
    /// Reason code.
    #[schema(example = "RC01")]
    code: &'static str,
    /// In words, with the account's number and the usual one.
    #[schema(example = "Likely minors contacted first in 7 days: 33.4 expected; usual is 0.2.")]
    text: String,
}

/// A decision as it was recorded.
#[derive(Serialize, ToSchema)]
pub(super) struct DecisionBody {
    /// What was found.
    #[schema(schema_with = outcome_schema)]
    outcome: &'static str,
    /// What it is about, where abuse was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = category_schema, required = false)]
    category: Option<&'static str>,
    /// Which rule it breaks, where abuse was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = policy_schema, required = false)]
    policy: Option<&'static str>,
    /// Why.
    #[schema(schema_with = reason_schema)]
    reason: &'static str,
    /// What is to be done, where abuse was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = action_schema, required = false)]
    action: Option<&'static str>,
    /// Who decided.
    #[schema(example = "ana")]
    by: String,
    /// Who seconded it, where one person was not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    seconded_by: Option<String>,
    /// When, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    at: Millis,
}

/// Everything about one case.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseDetail {
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// The account, a pseudonym.
    #[schema(example = "acct_5f0c3b9e7d2a4810")]
    account: String,
    /// Where the case stands.
    #[schema(schema_with = status_schema)]
    status: &'static str,
    /// The queue that it is in.
    #[schema(schema_with = queue_schema)]
    queue: &'static str,
    /// Grows by one whenever the case changes; also its ETag.
    #[schema(example = 2)]
    version: u32,
    /// Probability of the latest flag, 0 to 1.
    #[schema(example = 0.93)]
    risk: f64,
    /// When the case was opened, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_225_600_000_u64)]
    opened_at: Millis,
    /// Who has it in hand, and until when; absent where nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    claim: Option<ClaimBody>,
    /// The proposal that waits for a second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proposal: Option<String>,
    /// The ring that it is worked on in, together with others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ring: Option<RingBody>,
    /// What of the case is hidden from whoever asks.
    #[schema(example = json!([]))]
    hidden: Vec<&'static str>,
    /// The model behind the latest flag.
    #[schema(example = "8a1f03c2d4e5b697")]
    model: String,
    /// How much evidence there is.
    evidence_level: LevelBody,
    /// The latest flag's reasons, heaviest first.
    reasons: Vec<ReasonBody>,
    /// The events behind the case's flags, oldest first.
    timeline: Vec<EvidenceBody>,
    /// The vector behind the latest flag; what was not known is null.
    #[schema(example = json!({ "fc_rate_all_7d": 41.0, "accept_rate_all_7d": null }))]
    features: BTreeMap<String, Option<f64>>,
    /// What happened to the account's cases, oldest first.
    history: Vec<HistoryBody>,
    /// The account's case before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    earlier_case: Option<String>,
    /// The decision, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    decision: Option<DecisionBody>,
    /// What a probability is worth.
    #[schema(example = "A signal, not proof.")]
    note: &'static str,
}

/// A reason, with the account's number, the usual one, and who shows the same without any harm.
#[derive(Serialize, ToSchema)]
pub(super) struct ReasonBody {
    /// Reason code.
    #[schema(example = "RC01")]
    code: &'static str,
    /// The code's name.
    #[schema(example = "minor_fanout_burst")]
    name: &'static str,
    /// A short title.
    #[schema(example = "Many first contacts with likely minors")]
    title: &'static str,
    /// In words, with both numbers.
    #[schema(example = "Likely minors contacted first in 7 days: 33.4 expected; usual is 0.2.")]
    text: String,
    /// The feature behind it.
    #[schema(example = "fc_minor_expected_7d")]
    feature: String,
    /// The account's number.
    #[schema(example = 33.4)]
    value: f64,
    /// What is usual.
    #[schema(example = 0.2)]
    baseline: f64,
    /// How much it moved the log-odds.
    #[schema(example = 2.1)]
    contribution: f64,
    /// Who shows the same without any harm.
    #[schema(example = "teachers, coaches and youth-group leaders at the start of a term")]
    benign_alternatives: &'static str,
}

/// One event behind a flag; counterparts are not named.
#[derive(Serialize, ToSchema)]
pub(super) struct EvidenceBody {
    /// The event's id.
    event: String,
    /// Event time, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_225_540_000_u64)]
    ts: Millis,
    /// What happened, seen from the account.
    #[schema(schema_with = kind_schema)]
    kind: &'static str,
    /// Probability that the counterpart is a minor; absent once that is no longer kept, 72 hours after the flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.88)]
    p_minor: Option<f64>,
    /// Where they found each other, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = surface_schema, required = false)]
    surface: Option<&'static str>,
}

/// Something that happened to one of the account's cases.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum HistoryBody {
    /// A flag joined.
    Flag {
        /// The case that it joined.
        case_id: String,
        /// The flag.
        flag_id: String,
        /// Event time, milliseconds since the epoch, UTC.
        #[schema(value_type = u64)]
        at: Millis,
        /// Probability, 0 to 1.
        p: f64,
        /// The model behind it.
        model: String,
    },
    /// A person decided.
    Decision {
        /// The case that was decided.
        case_id: String,
        #[serde(flatten)]
        decision: DecisionBody,
    },
    /// A decision was taken back.
    Undone {
        /// The case whose decision it was.
        case_id: String,
        /// Why.
        reason: &'static str,
        /// By whom.
        by: String,
        /// When, milliseconds since the epoch, UTC.
        #[schema(value_type = u64)]
        at: Millis,
    },
    /// Somebody wrote a note on the case.
    Note {
        /// The case that it is on.
        case_id: String,
        /// What it says.
        code: &'static str,
        /// In words.
        text: &'static str,
        /// The other case that it speaks of.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        about_case: Option<String>,
        /// By whom.
        by: String,
        /// When, milliseconds since the epoch, UTC.
        #[schema(value_type = u64)]
        at: Millis,
    },
    /// An appeal was handed in.
    Appeal {
        /// The appeal.
        appeal_id: String,
        /// What it says.
        ground: &'static str,
        /// What became of it; absent while it is open.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        outcome: Option<&'static str>,
        /// When it was handed in, milliseconds since the epoch, UTC.
        #[schema(value_type = u64)]
        at: Millis,
    },
}

/// A decision to record; its schema is written where the document is served.
#[derive(ToSchema)]
pub(super) struct DecisionRequest {}

/// Which cases to list.
#[derive(serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Only cases that stand so; every case where it is left out.
    #[param(required = false, schema_with = status_schema)]
    pub(super) status: Option<String>,
    /// Only cases of this queue; those of every queue that may be read where it is left out.
    #[param(required = false, schema_with = queue_schema)]
    pub(super) queue: Option<String>,
    /// Only cases that are in such a hand; every case where it is left out.
    #[param(required = false, schema_with = claim_schema)]
    pub(super) claim: Option<String>,
    /// Only open cases that stand so to their time; every case where it is left out.
    #[param(required = false, schema_with = due_schema)]
    pub(super) due: Option<String>,
    /// At most so many; brought into 1 to 200. 50 where it is left out.
    #[param(required = false, schema_with = limit_schema)]
    pub(super) limit: Option<String>,
    /// Where the page before ended: its `next`, of the same list.
    #[param(required = false, nullable = false)]
    pub(super) cursor: Option<String>,
}

impl CaseList {
    pub(super) fn of(query: &Query, page: Page, asking: &Asking, now: Millis) -> Self {
        let next = page.next.as_ref().map(|rank| cursor::encode(query, rank));
        let cases = page.entries.into_iter().map(|entry| CaseSummary::of(entry, asking, now)).collect();
        Self { cases, next, order: QUEUE_ORDER, note: NOTE }
    }
}

/// What stands where something is hidden.
const HIDDEN: &str = "hidden";

impl CaseSummary {
    fn of(entry: Entry, asking: &Asking, now: Millis) -> Self {
        let hides = |mask| asking.rights.hides(mask, entry.queue);
        let reasons = entry.latest.reasons.iter();
        let measured = (!hides(Mask::Features)).then_some(&entry.latest.features);
        Self {
            case_id: entry.rank.case.to_string(),
            account: if hides(Mask::Account) { HIDDEN.to_owned() } else { entry.account.to_string() },
            status: entry.status.as_str(),
            version: entry.version,
            risk: entry.weight.risk,
            order_reason: entry.queue.order_reason(entry.weight, entry.rank.opened_at, now),
            queue: entry.queue.as_str(),
            due_at: entry.due_at,
            claim: entry.claim.as_ref().and_then(|claim| ClaimBody::of(claim, hides(Mask::People), now)),
            snoozed_until: entry.snoozed_until.filter(|until| *until > now),
            proposal: entry.proposal.clone(),
            ring: entry.ring.clone(),
            opened_at: entry.rank.opened_at,
            flagged_at: entry.latest.ts,
            flag_count: entry.flag_count,
            reasons: reasons.map(|r| ReasonSummary { code: r.code.code(), text: r.text.clone() }).collect(),
            first_contacts: measured.and_then(view::first_contacts),
            minors_expected: measured.and_then(view::minors_expected),
            earlier_case: entry.earlier.as_ref().map(ToString::to_string),
            decision: entry.decision.as_ref().map(|d| DecisionBody::of(d, hides(Mask::People))),
        }
    }
}

impl ClaimBody {
    /// A claim that is in force; none of one that has run out.
    pub(super) fn of(claim: &Claim, hides_people: bool, now: Millis) -> Option<Self> {
        let by = if hides_people { HIDDEN.to_owned() } else { claim.by.clone() };
        (claim.until > now).then_some(Self { by, until: claim.until })
    }
}

impl DecisionBody {
    pub(super) fn of(decision: &Decision, hides_people: bool) -> Self {
        let Decision { finding, by, seconded_by, at } = decision;
        let words = finding.words();
        let person = |name: &String| if hides_people { HIDDEN.to_owned() } else { name.clone() };
        Self {
            outcome: finding.outcome().as_str(),
            category: words.category,
            policy: words.policy,
            reason: finding.reason(),
            action: words.action,
            by: person(by),
            seconded_by: seconded_by.as_ref().map(person),
            at: *at,
        }
    }
}

impl ReasonBody {
    fn of(reason: &detect::Reason) -> Self {
        Self {
            code: reason.code.code(),
            name: reason.code.name(),
            title: reason.code.title(),
            text: reason.text.clone(),
            feature: reason.feature.clone(),
            value: reason.value,
            baseline: reason.baseline,
            contribution: reason.contribution,
            benign_alternatives: reason.code.benign_alternatives(),
        }
    }
}

impl EvidenceBody {
    fn of(evidence: &Evidence) -> Self {
        Self {
            event: evidence.event.to_string(),
            ts: evidence.ts,
            kind: view::kind_word(evidence.kind),
            p_minor: p_minor(evidence),
            surface: evidence.surface.map(Surface::as_str),
        }
    }
}
