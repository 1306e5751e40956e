//! The published page of metrics is the one that follows from their declarations; and what review counts, and how it
//! stands, on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use platform::metrics::{Declared, DetectorMetrics, Kind, PROCESS, page};
use review::CaseId;
use serde_json::json;
use silhouette_tests::postgres::Postgres;
use trainer::DriftMetrics;

use crate::desk::{Desk, Setup, flag};
use crate::staying::run;

/// Every metric that there is, by who serves it.
const SECTIONS: &[(&str, &str, &[Declared])] = &[
    ("Detection", "`silhouette detect` serves these.", DetectorMetrics::DECLARED),
    ("Review", "`silhouette review` serves these.", reviewer::METRICS),
    ("Every process", "Both serve these of themselves, as other programs do.", PROCESS),
    (
        "Drift",
        "`silhouette drift --metrics FILE` writes these, for a node exporter's textfile collector.",
        DriftMetrics::DECLARED,
    ),
];

/// Every metric that there is.
pub(crate) fn declared() -> impl Iterator<Item = &'static Declared> {
    SECTIONS.iter().flat_map(|(_, _, declared)| *declared)
}

/// The page; `UPDATE=1` writes it anew.
#[test]
fn published_page_of_metrics_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let current = page(SECTIONS);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert!(published == current, "docs/metrics.md is not current: run this test with UPDATE=1");
}

#[test]
fn metrics_are_named_by_the_rules() {
    let mut names = BTreeSet::new();
    for Declared { metric, kind } in declared() {
        let name = metric.name;
        assert!(names.insert(name), "{name} is declared twice");
        assert_eq!(*kind == Kind::Counter, name.ends_with("_total"), "{name}: counters end in _total");
        let is_time = metric.unit == "seconds" && *kind != Kind::Counter;
        assert_eq!(is_time, name.ends_with("_seconds"), "{name}: times end in _seconds");
        assert_eq!(*kind == Kind::Histogram, !metric.buckets.is_empty(), "{name}: histograms have buckets");
        assert!(metric.buckets.is_sorted(), "{name}: bounds ascend");
        assert!(
            metric.means.ends_with('.') && metric.bad.ends_with('.'),
            "{name}: sentences end in a full stop"
        );
    }
}

/// The value of a series of review, or none where it is not served.
fn value(desk: &Desk, series: &str) -> Option<f64> {
    let metrics = desk.ask("GET", "/metrics", &[], None);
    assert_eq!(metrics.status, 200, "metrics are served whatever happens");
    let line = metrics.body.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

#[test]
fn review_counts_what_is_durable_and_shows_how_things_stand_while_the_database_answers() {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let setup = Setup { database, ..Setup::default() };
        let desk = Desk::with(setup.and("cy", &["child_safety_analyst"]));
        let flags: Vec<_> = (0..4).map(|n| flag(n * 3, 0, 0.9)).collect();
        desk.feed(&flags);
        desk.wait_for_records("opened", 4);
        let case = |n: usize| CaseId::of_flag(&flags[n].account, &flags[n].flag_id).to_string();
        let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
        assert_eq!(desk.decide_as("cy", &case(0), &benign).status, 200);
        let grave = json!({ "outcome": "abusive", "category": "child_safety", "policy": "minor_safety",
                            "reason": "persists_after_refusals", "action": "suspend" });
        let proposed = desk.decide_as("cy", &case(1), &grave).json();
        let proposal = format!("/v1/proposals/{}", proposed["proposal_id"].as_str().unwrap());
        assert_eq!(desk.command("cy", "DELETE", &proposal, None).status, 204);
        assert_eq!(desk.decide_as("cy", &case(2), &grave).status, 202);
        desk.wait_for_metric("silhouette_review_unsent_decisions", |unsent| unsent == 0.0);

        let expected = [
            ("silhouette_review_database_up", 1.0),
            ("silhouette_review_cases_open{queue=\"child_safety\"}", 3.0),
            ("silhouette_review_cases_open{queue=\"bulk\"}", 0.0),
            ("silhouette_review_cases_overdue{queue=\"child_safety\"}", 0.0),
            ("silhouette_review_decisions_total{outcome=\"benign\"}", 1.0),
            ("silhouette_review_decisions_total{outcome=\"abusive\"}", 0.0),
            ("silhouette_review_decision_wait_seconds_count{queue=\"child_safety\"}", 1.0),
            ("silhouette_review_decided_probability_sum{outcome=\"benign\"}", 0.9),
            ("silhouette_review_proposals_total{status=\"withdrawn\"}", 1.0),
            ("silhouette_review_proposals_waiting", 1.0),
            ("silhouette_review_appeals_waiting", 0.0),
            ("silhouette_review_exposures_total", 3.0),
        ];
        for (series, expected) in expected {
            assert_eq!(value(&desk, series), Some(expected), "{series}");
        }
        assert!(value(&desk, "silhouette_review_waiting_minors{queue=\"child_safety\"}") > Some(20.0));
        assert!(value(&desk, "silhouette_review_oldest_case_seconds{queue=\"child_safety\"}") > Some(0.0));

        // Without one of its tables the database says nothing, and what was known stays.
        run(&desk.database(), "ALTER TABLE appeals RENAME TO appeals_away");
        assert_eq!(value(&desk, "silhouette_review_database_up"), Some(0.0));
        assert_eq!(value(&desk, "silhouette_review_cases_open{queue=\"child_safety\"}"), Some(3.0));
        run(&desk.database(), "ALTER TABLE appeals_away RENAME TO appeals");
        assert_eq!(value(&desk, "silhouette_review_database_up"), Some(1.0));
    }
}
