use super::*;
use crate::{Gate, Gates};

const FIRST: &str = "1111111111111111";
const SECOND: &str = "2222222222222222";
const THIRD: &str = "3333333333333333";

fn by(name: &str, approved_by: Option<&str>) -> Consent {
    let approved_by = approved_by.map(str::to_owned);
    Consent { by: name.to_owned(), approved_by, proposal: None, at: 7 }
}

fn two() -> Consent {
    by("sam", Some("lee"))
}

fn judged(model: &str, against: Option<&str>, passed: bool) -> Gates {
    let gate = Gate { name: "slices".to_owned(), passed, said: "found so".to_owned() };
    Gates {
        format: FORMAT,
        model: model.to_owned(),
        against: against.map(str::to_owned),
        evaluation: String::new(),
        gates: vec![gate],
        at: 5,
    }
}

fn follow(history: &mut History, moved: Result<Move, Refused>) {
    let moved = moved.unwrap();
    let text = moved.encode();
    history.follow(Move::decode(&text).unwrap(), &text).unwrap();
}

/// A history in which `FIRST` serves and `SECOND` has a tenth.
fn with_a_tenth() -> History {
    let mut history = History::default();
    let moved = history.promote((FIRST, "ada"), Some(&judged(FIRST, None, true)), &two());
    follow(&mut history, moved);
    let moved = history.shadow(SECOND, &by("sam", None));
    follow(&mut history, moved);
    let moved = history.share((SECOND, "ada"), 10, Some(&judged(SECOND, Some(FIRST), true)), &two());
    follow(&mut history, moved);
    history
}

#[test]
fn a_model_goes_from_shadow_to_a_share_to_champion_and_back() {
    let mut history = with_a_tenth();
    assert_eq!(history.challenger().unwrap().percent, 10);
    let moved = history.promote((SECOND, "ada"), Some(&judged(SECOND, Some(FIRST), true)), &two());
    follow(&mut history, moved);
    assert_eq!((history.champion(), history.challenger()), (Some(SECOND), None));
    let moved = history.rollback(&by("lee", None));
    follow(&mut history, moved);
    assert_eq!(history.champion(), Some(FIRST));
    assert!(matches!(history.rollback(&by("lee", None)), Err(Refused::Nothing)));
}

#[test]
fn a_rollback_takes_a_share_back_before_it_takes_the_champion() {
    let mut history = with_a_tenth();
    let moved = history.rollback(&by("lee", None));
    follow(&mut history, moved);
    assert_eq!((history.champion(), history.challenger()), (Some(FIRST), None));
}

#[test]
fn no_step_is_left_out_and_nobody_is_two_people() {
    let history = with_a_tenth();
    let good = judged(SECOND, Some(FIRST), true);
    let refused = |moved: Result<Move, Refused>| moved.unwrap_err().to_string();
    let said = refused(history.promote((THIRD, "ada"), Some(&judged(THIRD, Some(FIRST), true)), &two()));
    assert!(said.contains("must score in shadow"), "{said}");
    let said = refused(history.share((THIRD, "ada"), 5, Some(&judged(THIRD, Some(FIRST), true)), &two()));
    assert!(said.contains("must score in shadow"), "{said}");
    for (consent, expected) in [
        (by("sam", None), "takes two people"),
        (by("sam", Some("sam")), "sam cannot approve"),
        (by("sam", Some("ada")), "ada cannot approve"),
        (by("sam", Some("lee; or else")), "is no name"),
    ] {
        let said = refused(history.promote((SECOND, "ada"), Some(&good), &consent));
        assert!(said.contains(expected), "{said}");
    }
    for (gates, expected) in [
        (None, "has not been judged"),
        (Some(judged(SECOND, Some(THIRD), true)), "has not been judged"),
        (Some(judged(FIRST, Some(FIRST), true)), "has not been judged"),
        (Some(judged(SECOND, Some(FIRST), false)), "did not pass: slices: found so"),
    ] {
        let said = refused(history.promote((SECOND, "ada"), gates.as_ref(), &two()));
        assert!(said.contains(expected), "{said}");
    }
    assert!(refused(history.share((SECOND, "ada"), 100, Some(&good), &two())).contains("1 to 99"));
    assert!(refused(history.shadow(FIRST, &two())).contains("is champion already"));
    assert!(refused(History::default().shadow(FIRST, &two())).contains("no champion yet"));
}

#[test]
fn a_changed_or_missing_move_breaks_the_chain() {
    let stored: Vec<String> = with_a_tenth().moves().iter().map(Move::encode).collect();
    let read = |stored: &[String]| {
        let mut history = History::default();
        stored.iter().try_for_each(|text| history.follow(Move::decode(text).unwrap(), text))
    };
    read(&stored).unwrap();
    assert!(read(&stored[1..]).is_err());
    assert!(read(&[stored[0].clone(), stored[2].clone()]).is_err());
    let mut changed = stored;
    changed[1] = changed[1].replace("\"at\": 7", "\"at\": 8");
    assert!(read(&changed).is_err());
}
