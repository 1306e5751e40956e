use super::*;

fn flag_with(field: &str, value: serde_json::Value) -> Vec<u8> {
    let mut flag = serde_json::json!({
        "flag_id": "0123abcd", "account": "account_0000000000000001", "ts": 1, "p": 0.5, "score": 0.0,
        "model": "m", "reasons": [], "evidence": [], "timeline": [], "features": {},
    });
    flag[field] = value;
    flag.to_string().into_bytes()
}

#[test]
fn only_a_flag_is_taken_in() {
    assert!(flag(&flag_with("p", 1.0.into())).is_some());
    assert!(flag(&flag_with("p", 1.5.into())).is_none());
    assert!(flag(&flag_with("flag_id", "".into())).is_none());
    assert!(flag(&flag_with("flag_id", "a sentence".into())).is_none());
    assert!(flag(&flag_with("account", "short".into())).is_none());
    assert!(flag(b"").is_none());
    assert!(flag(b"\xff").is_none());
    assert!(flag(b"{}").is_none());
    assert!(flag(&vec![b' '; FLAG_BYTES_MAX + 1]).is_none());
}

#[test]
fn the_position_is_after_the_last_record_of_each_partition() {
    let record = |partition, offset| Record { partition, offset, value: Vec::new() };
    let next = next_offsets(&[record(0, 3), record(1, 7), record(0, 4)]);
    assert_eq!(next, Positions::from([(0, 5), (1, 8)]));
}
