use std::collections::HashSet;

use super::*;

fn check_fault(text: &str, line: usize, fault: Fault) {
    assert_eq!(events(text.lines(), &DEFAULT_KEY), Err(Error { line, fault }), "{text}");
}

#[test]
fn a_line_becomes_a_message() {
    let found = events(["1 2 1082040961"], &DEFAULT_KEY).unwrap();
    let [event] = &found[..] else { panic!("one event: {found:?}") };
    assert_eq!(event.ts, 1_082_040_961_000);
    assert_ne!(event.actor, event.target);
    assert_eq!((&event.actor_ctx, &event.target_ctx), (&None, &None));
    assert_eq!(event.rel, Some(Relation { edge: Some(Edge::None), ..Relation::default() }));
    assert_eq!(Uuid::parse_str(event.id.as_str()).unwrap().get_version_num(), 7);
    assert_eq!(events::decode(event.to_json().as_bytes(), event.ts).as_ref(), Ok(event));
}

#[test]
fn only_the_first_message_of_a_pair_is_a_first_contact() {
    let found = events(["7 8 300", "8 7 200", "7 9 250", "7 8 100"], &DEFAULT_KEY).unwrap();
    let first: Vec<_> = found.iter().map(|e| (e.ts, e.rel.is_some())).collect();
    assert_eq!(first, [(100_000, true), (200_000, false), (250_000, true), (300_000, false)]);
    assert_eq!(found[0].actor, found[1].target);
}

#[test]
fn lines_of_the_same_second_are_sorted_by_id_and_keep_apart() {
    let found = events(["1 2 50"; 100], &DEFAULT_KEY).unwrap();
    assert!(found.is_sorted_by_key(|e| (e.ts, e.id.clone())));
    assert_eq!(found.iter().map(|e| &e.id).collect::<HashSet<_>>().len(), 100);
    assert_eq!(found.iter().position(|e| e.rel.is_some()), Some(0));
    assert_eq!(found.iter().filter(|e| e.rel.is_some()).count(), 1);
}

#[test]
fn the_key_decides_the_tokens_and_nothing_else() {
    let lines = ["1 2 50", "2 1 60"];
    let (one, other) = (events(lines, &DEFAULT_KEY).unwrap(), events(lines, &[7; KEY_LEN]).unwrap());
    assert_eq!(Ok(&one), events(lines, &DEFAULT_KEY).as_ref());
    assert!(one.iter().zip(&other).all(|(a, b)| a.actor != b.actor && a.ts == b.ts && a.rel == b.rel));
}

#[test]
fn a_bad_line_is_named_with_what_would_be_right() {
    check_fault("1 2 50\n1 2", 2, Fault::Fields(2));
    check_fault("1 2 50\n\n1 2 60", 2, Fault::Fields(0));
    check_fault("1 2 50 4", 1, Fault::Fields(4));
    check_fault("a 2 50", 1, Fault::NotANumber("sender"));
    check_fault("1 -2 50", 1, Fault::NotANumber("recipient"));
    check_fault("1 2 50\n1 2 5.5", 2, Fault::NotANumber("unix_seconds"));
    check_fault("1 2 99999999999999", 1, Fault::TooLate);
    let error = events(["1 2"], &DEFAULT_KEY).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not read line 1: it has 2 fields instead of 3; \
         expected `sender recipient unix_seconds`, three whole numbers",
    );
}
