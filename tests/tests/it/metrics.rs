//! The published page of metrics is the one that follows from their declarations.

use std::collections::BTreeSet;

use platform::metrics::{Declared, DetectorMetrics, Kind, PROCESS, page};
use trainer::DriftMetrics;

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
