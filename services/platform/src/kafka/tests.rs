use super::*;

#[test]
fn what_correctness_rests_on_cannot_be_set() {
    for property in RESERVED {
        let extra = BTreeMap::from([(property.to_string(), "x".to_owned())]);
        let error = Kafka::new("broker:9092", extra).unwrap_err();
        assert_eq!(error.to_string(), "could not use Kafka at broker:9092");
        assert!(error.cause.to_string().contains(property));
    }
}

#[test]
fn other_properties_reach_librdkafka() {
    let with = |key: &str, value: &str| {
        Kafka::new("127.0.0.1:1", BTreeMap::from([(key.into(), value.into())]))
            .unwrap()
            .with_patience(Duration::from_millis(100))
    };
    let unknown = with("no.such.property", "1").sink("events").unwrap_err();
    assert!(format!("{:#}", unknown.cause).contains("no.such.property"), "{:#}", unknown.cause);
    let known = with("linger.ms", "50").sink("events").unwrap_err();
    assert!(known.cause.to_string().contains("no broker of 127.0.0.1:1 answered"), "{:#}", known.cause);
}
