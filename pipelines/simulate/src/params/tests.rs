use super::*;

#[test]
fn the_defaults_are_right() {
    let checked = Params::default().check().unwrap();
    assert_eq!(checked.end() - checked.get().start, 28 * DAY);
}

#[test]
fn every_fault_is_named() {
    let params = Params {
        accounts: 199,
        days: 1,
        start: u64::MAX,
        abusive_share: f64::NAN,
        minor_share: 0.9,
        messages_median: 0.0,
        ..Params::default()
    };
    let error = params.check().unwrap_err();
    assert_eq!(error.faults.len(), 6, "{error}");
    for name in ["accounts", "days", "start", "abusive_share", "minor_share", "messages_median"] {
        assert!(error.faults.iter().any(|fault| fault.starts_with(name)), "{name}: {error}");
    }
}
