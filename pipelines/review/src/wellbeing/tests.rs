use super::*;

const MINUTE_MS: Millis = 60 * 1000;

fn check(minutes_ago: &[u64], since_minutes_ago: Option<u64>, is_break_due: bool) {
    let now = 1_000 * MINUTE_MS;
    let seen: Vec<Millis> = minutes_ago.iter().map(|ago| now - ago * MINUTE_MS).collect();
    let since = Care::default().at_work_since(&seen, now);
    assert_eq!(since, since_minutes_ago.map(|ago| now - ago * MINUTE_MS), "{minutes_ago:?}");
    assert_eq!(Care::default().is_break_due(&seen, now), is_break_due, "{minutes_ago:?}");
    let from = Care::default().looks_back_to(now);
    let lately: Vec<Millis> = seen.into_iter().filter(|at| *at > from).collect();
    assert_eq!(Care::default().is_break_due(&lately, now), is_break_due, "{minutes_ago:?}, lately");
}

#[test]
fn a_break_is_due_after_fifty_minutes_without_ten_of_rest() {
    check(&[], None, false);
    check(&[3], Some(3), false);
    check(&[1, 9, 17, 25, 33, 41], Some(41), false);
    check(&[1, 9, 17, 25, 33, 41, 50], Some(50), true);
    check(&[50, 41, 33, 25, 17, 9, 1], Some(50), true);
    check(&[1, 9, 19, 27, 35, 43, 51], Some(9), false);
    check(&[1, 9, 17, 25, 33, 41, 49, 57, 66, 75, 84], Some(84), true);
    check(&[1, 9, 17, 25, 33, 41, 49, 59, 68], Some(49), false);
    check(&[10, 18, 26, 34, 42, 50, 58], None, false);
}
