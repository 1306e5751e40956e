//! What the service counts. No label ever holds an id.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry};
use review::{Outcome, ProposalStatus};

use crate::store::Admitted;

const REQUESTS: &str = "silhouette_review_http_requests_total";
const REQUEST_SECONDS: &str = "silhouette_review_http_request_seconds";
const CASES_OPEN: &str = "silhouette_review_cases_open";
const DECISIONS: &str = "silhouette_review_decisions_total";
const PROPOSALS: &str = "silhouette_review_proposals_total";
const EMERGENCIES: &str = "silhouette_review_emergency_reads_total";
const LIMITS: &str = "silhouette_review_limits_reached_total";
const FLAGS: &str = "silhouette_review_flags_total";

/// Problems that say that somebody reached a limit.
const LIMIT_NAMES: [&str; 3] = ["too-many-requests", "read-limit", "exposure-limit"];

/// Upper bounds of the latency buckets, in seconds.
const LATENCY_BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// The service's own metrics; clones count the same.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    cases_open: IntGauge,
    decisions: IntCounterVec,
    flags: IntCounterVec,
    proposals: IntCounterVec,
    emergencies: IntCounter,
    limits: IntCounterVec,
}

impl Metrics {
    /// Metrics in this registry, with every label value that is known beforehand at zero.
    pub(crate) fn register(registry: &Registry) -> prometheus::Result<Self> {
        let counter =
            |name: &str, help: &str, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels);
        let seconds = HistogramOpts::new(REQUEST_SECONDS, "Time to answer a request, by route.")
            .buckets(LATENCY_BUCKETS.to_vec());
        let metrics = Self {
            requests: counter(
                REQUESTS,
                "Requests answered, by route and class of status.",
                &["route", "status"],
            )?,
            request_seconds: HistogramVec::new(seconds, &["route"])?,
            cases_open: IntGauge::new(CASES_OPEN, "Cases that wait for a decision.")?,
            decisions: counter(DECISIONS, "Decisions recorded, by outcome.", &["outcome"])?,
            flags: counter(
                FLAGS,
                "Records read from the flags stream, by what became of them.",
                &["result"],
            )?,
            limits: counter(
                LIMITS,
                "Requests refused because one person asked, read, decided or saw too much.",
                &["limit"],
            )?,
            emergencies: IntCounter::new(EMERGENCIES, "Cases that were read in an emergency.")?,
            proposals: counter(PROPOSALS, "Proposals settled, by what became of them.", &["status"])?,
        };
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.request_seconds.clone()))?;
        registry.register(Box::new(metrics.cases_open.clone()))?;
        registry.register(Box::new(metrics.decisions.clone()))?;
        registry.register(Box::new(metrics.flags.clone()))?;
        registry.register(Box::new(metrics.proposals.clone()))?;
        registry.register(Box::new(metrics.emergencies.clone()))?;
        registry.register(Box::new(metrics.limits.clone()))?;
        for limit in LIMIT_NAMES {
            metrics.limits.with_label_values(&[limit]);
        }
        for outcome in Outcome::ALL {
            metrics.decisions.with_label_values(&[outcome.as_str()]);
        }
        metrics.admitted(Admitted::default());
        metrics.undecodable(0);
        Ok(metrics)
    }

    pub(crate) fn answered(&self, route: &str, status: u16, took: Duration) {
        let class = format!("{}xx", status / 100);
        self.requests.with_label_values(&[route, &class]).inc();
        self.request_seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }

    pub(crate) fn cases_open(&self, count: i64) {
        self.cases_open.set(count);
    }

    pub(crate) fn decided(&self, outcome: Outcome) {
        self.decisions.with_label_values(&[outcome.as_str()]).inc();
    }

    pub(crate) fn emergency(&self) {
        self.emergencies.inc();
    }

    /// A refusal, by the name of its problem; those that are of no limit are not counted.
    pub(crate) fn refused(&self, problem: &str) {
        if LIMIT_NAMES.contains(&problem) {
            self.limits.with_label_values(&[problem]).inc();
        }
    }

    pub(crate) fn settled(&self, status: ProposalStatus) {
        self.proposals.with_label_values(&[status.as_str()]).inc();
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
}
