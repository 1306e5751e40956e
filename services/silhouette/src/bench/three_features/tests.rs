use super::*;

fn line(n: u64, ts: Millis, target: &str, p_minor: &str) -> String {
    format!(
        r#"{{"v":1,"id":"event-{n:016}","ts":{ts},"type":"message.sent","actor":"sender-0000000000","target":"{target}","kind":"text","target_ctx":{{"p_minor":{p_minor}}}}}"#
    )
}

fn check(lines: &[String], expected: (u64, u64, u64)) {
    let sums = sums_of(lines.join("\n").as_bytes()).expect("every line is an event");
    assert_eq!((sums.count_sum, sums.targets_sum, sums.minors_sum), expected);
}

const A: &str = "target-000000000a";
const B: &str = "target-000000000b";
const DAY: Millis = LOOK_BACK_MS;

#[test]
fn counts_events_targets_and_likely_minors() {
    check(&[line(1, 10, A, "0.5"), line(2, 20, B, "0.49"), line(3, 30, A, "0.5")], (1 + 2 + 3, 1 + 2 + 2, 3));
}

#[test]
fn looks_back_a_day_and_its_first_millisecond() {
    check(&[line(1, 10, A, "0.9"), line(2, DAY + 10, B, "0.1")], (1 + 2, 1 + 2, 1 + 1));
    check(&[line(1, 10, A, "0.9"), line(2, DAY + 11, B, "0.1")], (1 + 1, 1 + 1, 1));
}

#[test]
fn a_target_is_a_minor_for_as_long_as_an_event_in_the_window_says_so() {
    let lines = [line(1, 10, A, "0.9"), line(2, 20, A, "0.1"), line(3, DAY + 15, A, "0.1")];
    check(&lines, (1 + 2 + 2, 1 + 1 + 1, 2));
}
