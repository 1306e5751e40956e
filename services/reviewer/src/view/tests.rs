use std::collections::BTreeMap;

use detect::{EvidenceKind, Flag};
use events::Token;
use review::Docket;

use super::pictures::{Spark, Strip};
use super::words;
use super::*;

fn evidence(name: u32, ts: u64, kind: EvidenceKind, p_minor: f64) -> Evidence {
    let event = Token::try_from(format!("event_{name:016}").as_str()).unwrap();
    Evidence { event, ts, kind, p_minor, surface: None }
}

fn flag(name: &str, ts: u64, p: f64, timeline: Vec<Evidence>) -> Flag {
    Flag {
        flag_id: name.to_owned(),
        account: Token::try_from("account_0000000000000001").unwrap(),
        ts,
        p,
        score: 0.0,
        model: "model".to_owned(),
        reasons: Vec::new(),
        evidence: Vec::new(),
        timeline,
        families: BTreeMap::new(),
        features: BTreeMap::new(),
    }
}

#[test]
fn a_timeline_holds_each_event_of_every_flag_once() {
    let first = evidence(1, 20, EvidenceKind::FirstContact, 0.9);
    let second = evidence(2, 10, EvidenceKind::Blocked, 0.1);
    let mut docket = Docket::default();
    docket.admit(&flag("a", 30, 0.5, vec![first.clone()]), 0);
    docket.admit(&flag("b", 40, 0.6, vec![second.clone(), first.clone()]), 0);
    assert_eq!(timeline(docket.open().unwrap()), [&second, &first]);
}

#[test]
fn a_picture_stays_within_its_frame_whatever_the_times() {
    for times in [vec![0], vec![5, 5], vec![0, u64::MAX / 2], vec![1_767_225_600_000, 1_767_312_000_000]] {
        let events: Vec<Evidence> =
            times.iter().map(|ts| evidence(1, *ts, EvidenceKind::FirstContact, 0.9)).collect();
        let strip = Strip::of(&events.iter().collect::<Vec<_>>());
        let marks = strip.lanes.iter().flat_map(|lane| &lane.marks).map(|mark| &mark.x);
        for x in marks.chain(strip.ticks.iter().map(|tick| &tick.x)) {
            let x: f64 = x.parse().unwrap();
            assert!((strip.left..=strip.right).contains(&x), "{x} for {times:?}");
        }
    }
    assert!(Strip::of(&[]).lanes.is_empty());
}

#[test]
fn one_flag_stands_in_the_middle_of_its_picture() {
    let flag = flag("a", 30, 0.5, Vec::new());
    let spark = Spark::of(&[&flag]);
    assert_eq!((spark.dots[0].x.as_str(), spark.dots[0].y.as_str()), ("126.0", "40.0"));
}

#[test]
fn numbers_in_words() {
    assert_eq!((words::percent(0.999), words::percent(1.0), words::percent(0.0)), (99, 100, 0));
    let token = Token::try_from("abcdefgh_0123456789_wxyz").unwrap();
    assert_eq!(words::short(&token), "abcdefgh…wxyz");
    assert_eq!(words::Moment::of(1_767_225_600_000).words, "1 Jan 2026, 00:00 UTC");
    assert_eq!(words::Moment::of(u64::MAX).words, "unknown");
}
