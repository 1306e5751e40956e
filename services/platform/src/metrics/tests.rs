use super::*;

metrics! {
    /// Some of each kind.
    struct Some {
        counted: IntCounterVec = Metric {
            name: "test_counted_total",
            unit: "things",
            labels: &[Label { name: "word", values: Values::Closed(|| vec!["this", "that"]) }],
            means: "Things counted.",
            bad: "None.",
            ..Metric::NONE
        },
        took: Histogram = Metric {
            name: "test_took_seconds",
            unit: "seconds",
            buckets: &[0.5, 1.0],
            means: "Time that it took.",
            bad: "Long.",
            ..Metric::NONE
        },
    }
}

#[test]
fn what_is_declared_is_what_is_served_and_what_the_page_says() {
    let registry = Registry::new();
    let some = Some::registered(&registry).unwrap();
    some.counted.with_label_values(&["this"]).inc();
    some.took.observe(0.7);
    let text = text(&registry).unwrap();
    assert!(
        text.contains("# HELP test_counted_total Things counted.\n# TYPE test_counted_total counter\n"),
        "{text}"
    );
    assert!(text.contains("test_took_seconds_bucket{le=\"0.5\"} 0\n"), "{text}");
    let page = page(&[("A section", "Served by a test.", Some::DECLARED)]);
    assert!(page.contains(
        "### test_counted_total\n\ncounter in things. Things counted.\n\n* label `word`: `this`, `that`"
    ));
    assert!(page.contains("### test_took_seconds\n\nhistogram in seconds. Time that it took.\n\n* buckets up to 0.5, 1\n* bad: Long."));
}

#[test]
fn a_name_is_registered_once() {
    let registry = Registry::new();
    Some::registered(&registry).unwrap();
    assert!(Some::registered(&registry).is_err());
}

#[test]
fn labels_hold_only_what_they_may() {
    assert!(MODEL.values.hold("8a1f03c2d4e5b697"));
    assert!(!MODEL.values.hold("ugw5yze5jshhr3xzmwxlefvi5e"), "an account's token");
    assert!(Values::Closed(|| vec!["this"]).hold("this") && !Values::Closed(|| vec!["this"]).hold("that"));
}
