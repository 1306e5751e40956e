//! What `silhouette bench` prints, on little traffic: that it measures the real thing to its end, never how fast.

use std::collections::BTreeMap;

use platform::Kafka;
use serde_json::Value;
use silhouette_tests::kafka::Broker;

use crate::lab::{eventually, succeed};

/// What a bench prints.
fn figures(args: &[&str]) -> BTreeMap<String, Value> {
    let args = [&["bench"], args, &["--json"]].concat();
    serde_json::from_str(&succeed(&args)).unwrap()
}

fn number(figures: &BTreeMap<String, Value>, name: &str) -> f64 {
    figures[name].as_f64().unwrap_or_else(|| panic!("{name} of {figures:?}"))
}

#[test]
fn through_kafka_and_back() {
    let Some(broker) = Broker::shared() else { return };
    let args = ["kafka", "--brokers", broker.address(), "--events", "20000", "--accounts", "1000"];
    for encoding in ["json", "protobuf"] {
        let figures = figures(&[&args[..], &["--encoding", encoding]].concat());
        for name in ["events_per_core_second", "client_only_events_per_core_second", "seconds"] {
            assert!(number(&figures, name) > 0.0, "{figures:?}");
        }
        assert!(number(&figures, "events") == 20_000.0 && figures["encoding"] == encoding, "{figures:?}");
    }
    let kafka = Kafka::new(broker.address(), BTreeMap::new()).unwrap();
    eventually("the topics of the bench are gone", || {
        kafka.topics().unwrap().iter().all(|topic| !topic.starts_with("silhouette-bench-"))
    });
}

#[test]
fn requests_of_the_api_are_answered() {
    let figures = figures(&["api", "--cases", "60", "--seconds", "1", "--clients", "2"]);
    assert!(number(&figures, "requests_per_second") > 1.0 && figures["errors"] == 0, "{figures:?}");
    assert!(number(&figures, "p99_ms") >= number(&figures, "p50_ms"), "{figures:?}");
}
