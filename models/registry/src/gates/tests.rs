use std::collections::BTreeMap;

use evaluation::{Bench, Observed, Person, Tracks, Truth};
use schema::{Direction, Family, Feature, ReasonCode, Transform, Unit};

use super::*;

fn feature(name: &str) -> Feature {
    Feature {
        name: name.to_owned(),
        meaning: "a number".to_owned(),
        unit: Unit::Ratio,
        window: None,
        family: Family::Targeting,
        reason: ReasonCode::RC01,
        direction: Direction::More,
        transform: Transform::Identity,
        sentence: "{value}",
        null_when: None,
        unavailable: None,
    }
}

/// A hundred accounts, of which the first ten are abusive; each way ranks those that it finds first.
fn evaluation(found: &[usize], champion_found: &[usize], surest: f64) -> Evaluation {
    let account = |n: usize| format!("account_{n:03}");
    let person = |n: usize| Person {
        truth: Truth {
            account: account(n),
            abusive: n < 10,
            archetype: (n < 10).then(|| "scattergun".to_owned()),
            role: None,
            onset: (n < 10).then_some(0),
            minor: false,
        },
        ring: n,
        cohort: if n.is_multiple_of(2) { "europe/90d/25_34" } else { "asia/90d/18_24" }.to_owned(),
        minors: vec![],
        is_active: true,
    };
    let people: BTreeMap<String, Person> = (0..100).map(|n| (account(n), person(n))).collect();
    let tracks = |found: &[usize]| {
        let mut tracks = Tracks::default();
        (0..100).for_each(|n| tracks.raise(&account(n), 1, if found.contains(&n) { 2.0 } else { 0.0 }));
        tracks
    };
    let observed = Observed {
        tracks: tracks(found),
        beside: vec![("model 1111111111111111".to_owned(), tracks(champion_found))],
        account_days: vec![(surest, true); 200],
        ..Observed::default()
    };
    let window = (0, 40 * 24 * 60 * 60 * 1000);
    Evaluation::of(&observed, &Bench { people, capacity: 10, window })
}

fn judge(names: &[&str], evaluation: &Evaluation, again: Result<&str, &str>) -> Vec<String> {
    let schema = Schema::new(names.iter().map(|name| feature(name)).collect());
    let again = again.map(str::to_owned).map_err(str::to_owned);
    let proof = Proof {
        model: "2222222222222222",
        champion: Some("1111111111111111"),
        schema: &schema,
        evaluation,
        calibration_error_max: 0.03,
        reproduced: ("aa", again),
    };
    let gates = Gates::judge(&proof, 3);
    assert_eq!(Gates::decode(&gates.encode()).unwrap(), gates);
    gates.failed().map(|gate| gate.name.clone()).collect()
}

const GOOD: [usize; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

#[test]
fn each_gate_shuts_by_itself() {
    let names = ["fc_rate_all_24h"];
    let as_good = evaluation(&GOOD, &GOOD, 1.0);
    assert_eq!(judge(&names, &as_good, Ok("aa")), [""; 0]);
    assert_eq!(judge(&["fc_rate_all_24h", "message_text_length"], &as_good, Ok("aa")), ["content"]);
    assert_eq!(judge(&names, &as_good, Ok("ab")), ["reproduction"]);
    assert_eq!(judge(&names, &as_good, Err("no events")), ["reproduction"]);
    assert_eq!(judge(&names, &evaluation(&GOOD, &GOOD, 0.9), Ok("aa")), ["calibration"]);
}

#[test]
fn a_worse_model_and_one_that_wrongs_a_slice_are_kept_out() {
    let names = ["fc_rate_all_24h"];
    // It finds two of ten, and wrongs eight of forty-five in Europe where the champion wronged none.
    let worse = evaluation(&[0, 1, 20, 22, 24, 26, 28, 30, 32, 34], &GOOD, 1.0);
    assert_eq!(judge(&names, &worse, Ok("aa")), ["champion", "slices"]);
    // The champion does as badly: nothing is worse.
    let same = [0, 1, 20, 22, 24, 26, 28, 30, 32, 34];
    assert_eq!(judge(&names, &evaluation(&same, &same, 1.0), Ok("aa")), [""; 0]);
}

#[test]
fn a_champion_that_was_not_evaluated_is_no_champion_beaten() {
    let schema = Schema::new(vec![feature("fc_rate_all_24h")]);
    let evaluation = evaluation(&GOOD, &GOOD, 1.0);
    let proof = Proof {
        model: "2222222222222222",
        champion: Some("4444444444444444"),
        schema: &schema,
        evaluation: &evaluation,
        calibration_error_max: 0.03,
        reproduced: ("aa", Ok("aa".to_owned())),
    };
    let gates = Gates::judge(&proof, 3);
    assert_eq!(gates.failed().map(|gate| gate.name.as_str()).collect::<Vec<_>>(), ["champion"]);
}
