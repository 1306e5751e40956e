//! What the service counts and measures. No label ever holds an id.

use std::time::Duration;

use events::Millis;
use platform::metrics::{
    Gauge, GaugeVec, HUMAN_TIME, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Label, Metric, PROBABILITIES, Registry, Result, Values,
};
use review::{AppealOutcome, DecidedCase, Outcome, ProposalStatus, Queue};

use crate::store::{Admitted, LookKind, Standing};

/// Problems that say that somebody reached a limit.
const LIMIT_NAMES: [&str; 3] = ["too-many-requests", "read-limit", "exposure-limit"];

/// What became of records of the flags stream.
const RESULTS: [&str; 4] = ["opened", "appended", "seen", "undecodable"];

/// Upper bounds of the latency buckets, in seconds.
const LATENCY: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

fn outcomes() -> Vec<&'static str> {
    Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect()
}

/// What can become of a proposal.
fn settled() -> impl Iterator<Item = ProposalStatus> {
    ProposalStatus::ALL.iter().copied().filter(|status| *status != ProposalStatus::Waiting)
}

const fn closed(name: &'static str, words: fn() -> Vec<&'static str>) -> Label {
    Label { name, values: Values::Closed(words) }
}

const ROUTE: Label = Label {
    name: "route",
    values: Values::Bounded {
        by: "routes in the API's document",
        is_one: |value| {
            value == "unknown" || (value.starts_with('/') && !value.contains(|c| ('2'..='9').contains(&c)))
        },
    },
};
const STATUS: Label = closed("status", || vec!["1xx", "2xx", "3xx", "4xx", "5xx"]);
const QUEUE: Label = closed("queue", || Queue::ALL.iter().map(|queue| queue.as_str()).collect());
const OUTCOME: Label = closed("outcome", outcomes);
const RESULT: Label = closed("result", || RESULTS.to_vec());
const LIMIT: Label = closed("limit", || LIMIT_NAMES.to_vec());
const KIND: Label = closed("kind", || vec![LookKind::Double.as_str(), LookKind::Golden.as_str()]);
const FIRST: Label = closed("first", outcomes);
const SECOND: Label = closed("second", outcomes);
const PROPOSAL: Label = closed("status", || settled().map(ProposalStatus::as_str).collect());
const APPEAL: Label =
    closed("outcome", || AppealOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect());

platform::metrics! {
    /// The service's own metrics; clones count the same.
    pub(crate) struct Metrics {
        requests: IntCounterVec = Metric {
            name: "silhouette_review_http_requests_total",
            unit: "requests",
            labels: &[ROUTE, STATUS],
            means: "Requests answered, by class of status.",
            bad: "Many of 5xx: people cannot work, and those whom they could protect wait.",
            ..Metric::NONE
        },
        request_seconds: HistogramVec = Metric {
            name: "silhouette_review_http_request_seconds",
            unit: "seconds",
            labels: &[ROUTE],
            buckets: LATENCY,
            means: "Time to answer a request.",
            bad: "The slowest in a hundred above half a second: people wait for pages instead of reading cases.",
        },
        flags: IntCounterVec = Metric {
            name: "silhouette_review_flags_total",
            unit: "flags",
            labels: &[RESULT],
            means: "Records read from the flags stream, by what became of them.",
            bad: "Any undecodable: somebody was flagged and is on nobody's desk.",
            ..Metric::NONE
        },
        flag_age_seconds: Histogram = Metric {
            name: "silhouette_review_flag_age_seconds",
            unit: "seconds",
            buckets: HUMAN_TIME,
            means: "Time from a flag's tick to when it was on a desk.",
            bad: "Above five minutes: detection or the stream holds flags up.",
            ..Metric::NONE
        },
        intake_failures: IntCounter = Metric {
            name: "silhouette_review_intake_failures_total",
            unit: "failures",
            means: "Times that flags could not be taken in and were tried again.",
            bad: "Grows: new flags reach nobody. After five in a row the service ends.",
            ..Metric::NONE
        },
        cases_open: IntGaugeVec = Metric {
            name: "silhouette_review_cases_open",
            unit: "cases",
            labels: &[QUEUE],
            means: "Cases that wait for a decision.",
            bad: "Grows from day to day: more comes than people can read, and the oldest are never read.",
            ..Metric::NONE
        },
        cases_claimed: IntGaugeVec = Metric {
            name: "silhouette_review_cases_claimed",
            unit: "cases",
            labels: &[QUEUE],
            means: "Open cases that somebody has in hand.",
            bad: "0 while cases are overdue: nobody is at work on them.",
            ..Metric::NONE
        },
        cases_snoozed: IntGaugeVec = Metric {
            name: "silhouette_review_cases_snoozed",
            unit: "cases",
            labels: &[QUEUE],
            means: "Open cases that are put off.",
            bad: "A large share of the open ones: decisions are put off instead of made.",
            ..Metric::NONE
        },
        cases_overdue: IntGaugeVec = Metric {
            name: "silhouette_review_cases_overdue",
            unit: "cases",
            labels: &[QUEUE],
            means: "Cases open for longer than their queue allows.",
            bad: "Any in `child_safety`: a child may be in danger, and somebody has known for four hours.",
            ..Metric::NONE
        },
        oldest_case_seconds: GaugeVec = Metric {
            name: "silhouette_review_oldest_case_seconds",
            unit: "seconds",
            labels: &[QUEUE],
            means: "How long the oldest open case has waited; 0 where none is open.",
            bad: "Above the allowed wait.",
            ..Metric::NONE
        },
        allowed_wait_seconds: GaugeVec = Metric {
            name: "silhouette_review_allowed_wait_seconds",
            unit: "seconds",
            labels: &[QUEUE],
            means: "How long a case may wait.",
            bad: "None by itself: it is what others are held against.",
            ..Metric::NONE
        },
        waiting_minors: GaugeVec = Metric {
            name: "silhouette_review_waiting_minors",
            unit: "likely minors",
            labels: &[QUEUE],
            means: "Likely minors whom the accounts of open cases turned to first within the seven days before their flag, \
                    added up.",
            bad: "Grows: more children are in contact with somebody about whom nothing has been decided.",
            ..Metric::NONE
        },
        decisions: IntCounterVec = Metric {
            name: "silhouette_review_decisions_total",
            unit: "decisions",
            labels: &[OUTCOME],
            means: "Cases decided. Second looks are not among them.",
            bad: "Few abusive among many: people spend their time on the innocent, and the innocent are read about.",
            ..Metric::NONE
        },
        decision_wait_seconds: HistogramVec = Metric {
            name: "silhouette_review_decision_wait_seconds",
            unit: "seconds",
            labels: &[QUEUE],
            buckets: HUMAN_TIME,
            means: "Time from when a case was opened to its decision. The allowed waits are among the bounds.",
            bad: "More than one in twenty above the allowed wait.",
        },
        decided_probability: HistogramVec = Metric {
            name: "silhouette_review_decided_probability",
            unit: "probability",
            labels: &[OUTCOME],
            buckets: PROBABILITIES,
            means: "What detection promised of the cases that were decided: the latest flag's probability.",
            bad: "Far more promised than found abusive: the model overstates, and people believe it.",
        },
        second_looks: IntCounterVec = Metric {
            name: "silhouette_review_second_looks_total",
            unit: "decisions",
            labels: &[KIND, FIRST, SECOND],
            means: "Decisions that somebody made again without knowing of the first, by what both found. Of the kind \
                    `golden`, the first is known to be right.",
            bad: "Many that differ: what happens to somebody depends on who reads their case.",
            ..Metric::NONE
        },
        proposals: IntCounterVec = Metric {
            name: "silhouette_review_proposals_total",
            unit: "proposals",
            labels: &[PROPOSAL],
            means: "Proposals settled, by what became of them.",
            bad: "Any expired: somebody found something grave, and no second person looked at it for a day.",
            ..Metric::NONE
        },
        proposals_waiting: IntGauge = Metric {
            name: "silhouette_review_proposals_waiting",
            unit: "proposals",
            means: "Proposals that wait for a second person.",
            bad: "Grows: grave decisions are found and not carried out.",
            ..Metric::NONE
        },
        oldest_proposal_seconds: Gauge = Metric {
            name: "silhouette_review_oldest_proposal_seconds",
            unit: "seconds",
            means: "How long the oldest of them has waited; 0 where none waits.",
            bad: "Above eight hours. After 24 it expires.",
            ..Metric::NONE
        },
        appeals: IntCounterVec = Metric {
            name: "silhouette_review_appeals_total",
            unit: "appeals",
            labels: &[APPEAL],
            means: "Appeals settled, by what became of them.",
            bad: "Many overturned: people were restricted who should not have been.",
            ..Metric::NONE
        },
        appeals_waiting: IntGauge = Metric {
            name: "silhouette_review_appeals_waiting",
            unit: "appeals",
            means: "Appeals that wait.",
            bad: "Grows: people who may have been wronged stay restricted.",
            ..Metric::NONE
        },
        oldest_appeal_seconds: Gauge = Metric {
            name: "silhouette_review_oldest_appeal_seconds",
            unit: "seconds",
            means: "How long the oldest of them has waited; 0 where none waits.",
            bad: "Above three days.",
            ..Metric::NONE
        },
        emergencies: IntCounter = Metric {
            name: "silhouette_review_emergency_reads_total",
            unit: "cases",
            means: "Cases that were read in an emergency.",
            bad: "More than a few in a month: emergencies have become a way around the rules.",
            ..Metric::NONE
        },
        emergencies_unjudged: IntGauge = Metric {
            name: "silhouette_review_emergencies_unjudged",
            unit: "cases",
            means: "Emergencies of which nobody has judged whether they were any.",
            bad: "Above 0 for a day: evidence was read on nobody's responsibility but the reader's.",
            ..Metric::NONE
        },
        exposures: IntCounter = Metric {
            name: "silhouette_review_exposures_total",
            unit: "cases",
            means: "Times that somebody was shown a case about likely minors.",
            bad: "Many for few people: the work harms those who do it.",
            ..Metric::NONE
        },
        limits: IntCounterVec = Metric {
            name: "silhouette_review_limits_reached_total",
            unit: "requests",
            labels: &[LIMIT],
            means: "Requests refused because one person asked, read or saw too much.",
            bad: "`read-limit`: somebody may be taking data away. `exposure-limit`: somebody needs others to take over.",
            ..Metric::NONE
        },
        unsent: IntGauge = Metric {
            name: "silhouette_review_unsent_decisions",
            unit: "events",
            means: "What the platform is to be told and has not been.",
            bad: "Above 0 for minutes: people have decided, and nothing is done.",
            ..Metric::NONE
        },
        audit_entries: IntGauge = Metric {
            name: "silhouette_review_audit_entries",
            unit: "entries",
            means: "Entries of the audit log.",
            bad: "Falls: entries are gone. Stop, and run `silhouette audit verify`.",
            ..Metric::NONE
        },
        audit_failures: IntCounter = Metric {
            name: "silhouette_review_audit_failures_total",
            unit: "requests",
            means: "Requests that were not answered because they could not be written into the audit log.",
            bad: "Any: nobody can work, because what cannot be recorded is not done.",
            ..Metric::NONE
        },
        database_up: IntGauge = Metric {
            name: "silhouette_review_database_up",
            unit: "yes or no",
            means: "1 where the case database answered within two seconds when this was asked for, else 0. While it is 0, \
                    what is read from it stays as it was.",
            bad: "0: nobody can work.",
            ..Metric::NONE
        },
    }
}

/// Something that is counted once it is durable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Counted {
    /// A case was decided.
    Decision { outcome: Outcome, queue: Queue, wait_ms: Millis, p: f64 },
    /// A decision was made again.
    SecondLook { kind: LookKind, first: Outcome, second: Outcome },
    /// An appeal was settled.
    Appeal(AppealOutcome),
    /// A proposal was settled.
    Proposal(ProposalStatus),
    /// A case was read in an emergency.
    Emergency,
}

impl Counted {
    /// The decision on a case.
    pub(crate) fn decision(decided: &DecidedCase) -> Self {
        let (case, decision) = (decided.case(), decided.decision());
        Counted::Decision {
            outcome: decision.finding.outcome(),
            queue: case.queue(),
            wait_ms: decision.at.saturating_sub(case.opened_at()),
            p: case.risk(),
        }
    }
}

impl Metrics {
    /// Metrics in this registry, with every label value that is known beforehand at zero.
    pub(crate) fn register(registry: &Registry) -> Result<Self> {
        let metrics = Self::registered(registry)?;
        for limit in LIMIT_NAMES {
            metrics.limits.with_label_values(&[limit]);
        }
        for result in RESULTS {
            metrics.flags.with_label_values(&[result]);
        }
        for outcome in outcomes() {
            metrics.decisions.with_label_values(&[outcome]);
            metrics.decided_probability.with_label_values(&[outcome]);
            for (kind, second) in
                outcomes().into_iter().flat_map(|second| [("double", second), ("golden", second)])
            {
                metrics.second_looks.with_label_values(&[kind, outcome, second]);
            }
        }
        for queue in Queue::ALL {
            metrics.decision_wait_seconds.with_label_values(&[queue.as_str()]);
            let allowed = metrics.allowed_wait_seconds.with_label_values(&[queue.as_str()]);
            allowed.set(seconds(queue.allowed_wait()));
        }
        for status in settled() {
            metrics.proposals.with_label_values(&[status.as_str()]);
        }
        for outcome in AppealOutcome::ALL {
            metrics.appeals.with_label_values(&[outcome.as_str()]);
        }
        Ok(metrics)
    }

    pub(crate) fn answered(&self, route: &str, status: u16, took: Duration) {
        let class = format!("{}xx", status / 100);
        self.requests.with_label_values(&[route, &class]).inc();
        self.request_seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    /// Counts what has become durable.
    pub(crate) fn count(&self, counted: Counted) {
        match counted {
            Counted::Decision { outcome, queue, wait_ms, p } => {
                self.decisions.with_label_values(&[outcome.as_str()]).inc();
                self.decided_probability.with_label_values(&[outcome.as_str()]).observe(p);
                self.decision_wait_seconds.with_label_values(&[queue.as_str()]).observe(seconds(wait_ms));
            }
            Counted::SecondLook { kind, first, second } => {
                self.second_looks.with_label_values(&[kind.as_str(), first.as_str(), second.as_str()]).inc();
            }
            Counted::Appeal(outcome) => self.appeals.with_label_values(&[outcome.as_str()]).inc(),
            Counted::Proposal(status) => self.proposals.with_label_values(&[status.as_str()]).inc(),
            Counted::Emergency => self.emergencies.inc(),
        }
    }

    /// Shows how things stood at `now`; none where the database did not say.
    pub(crate) fn show(&self, standing: Option<&Standing>, now: Millis) {
        self.database_up.set(i64::from(standing.is_some()));
        let Some(standing) = standing else { return };
        let age = |oldest: Option<Millis>| oldest.map_or(0.0, |at| seconds(now.saturating_sub(at)));
        for (queue, waiting) in &standing.queues {
            let of = &[queue.as_str()];
            self.cases_open.with_label_values(of).set(waiting.open);
            self.cases_claimed.with_label_values(of).set(waiting.claimed);
            self.cases_snoozed.with_label_values(of).set(waiting.snoozed);
            self.cases_overdue.with_label_values(of).set(waiting.overdue);
            self.oldest_case_seconds.with_label_values(of).set(age(waiting.oldest));
            self.waiting_minors.with_label_values(of).set(waiting.minors);
        }
        self.proposals_waiting.set(standing.proposals.0);
        self.oldest_proposal_seconds.set(age(standing.proposals.1));
        self.appeals_waiting.set(standing.appeals.0);
        self.oldest_appeal_seconds.set(age(standing.appeals.1));
        self.emergencies_unjudged.set(standing.emergencies);
        self.unsent.set(standing.unsent);
        self.audit_entries.set(standing.audit_entries);
    }

    /// A refusal, by the name of its problem; those that are of no limit are not counted.
    pub(crate) fn refused(&self, problem: &str) {
        if LIMIT_NAMES.contains(&problem) {
            self.limits.with_label_values(&[problem]).inc();
        }
    }

    /// Somebody was shown a case of a queue.
    pub(crate) fn shown(&self, queue: Queue) {
        if queue == Queue::ChildSafety {
            self.exposures.inc();
        }
    }

    pub(crate) fn admitted(&self, admitted: Admitted) {
        let Admitted { opened, appended, seen } = admitted;
        for (result, count) in [("opened", opened), ("appended", appended), ("seen", seen)] {
            self.flags.with_label_values(&[result]).inc_by(count);
        }
    }

    pub(crate) fn undecodable(&self, count: u64) {
        self.flags.with_label_values(&["undecodable"]).inc_by(count);
    }

    /// A flag of event time `ts` is on a desk at `now`.
    pub(crate) fn on_a_desk(&self, ts: Millis, now: Millis) {
        self.flag_age_seconds.observe(seconds(now.saturating_sub(ts)));
    }

    pub(crate) fn intake_failed(&self) {
        self.intake_failures.inc();
    }

    /// Requests that cannot be answered because the audit log could not be written.
    pub(crate) fn unrecorded(&self, requests: usize) {
        self.audit_failures.inc_by(requests as u64);
    }
}

fn seconds(ms: Millis) -> f64 {
    ms as f64 / 1000.0
}
