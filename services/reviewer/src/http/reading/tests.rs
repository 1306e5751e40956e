use super::*;

#[test]
fn what_was_shown_within_the_hour_counts_once_and_is_forgotten_after_it() {
    let listed = Listed::default();
    let note = |person: &str, cases: &[u64], now: Millis| listed.note(&person.into(), cases, now, 3);
    assert!(note("ana", &[1, 2, 3], 0));
    assert!(note("ana", &[3, 2, 1], HOUR_MS - 1), "the same again are no more");
    assert!(!note("ana", &[1, 4], HOUR_MS - 1));
    assert!(note("bo", &[4, 5, 6], HOUR_MS - 1), "somebody else's hour is their own");
    assert!(!note("ana", &[4], 2 * HOUR_MS - 2), "they were shown them again since");
    assert!(note("ana", &[4, 5, 6], 2 * HOUR_MS));
}
