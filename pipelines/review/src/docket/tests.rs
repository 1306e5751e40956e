use std::collections::{BTreeMap, BTreeSet};

use detect::Flag;
use events::{Category, Token, Verdict};
use proptest::prelude::*;

use super::*;
use crate::{Abuse, AbusiveReason, Action, BenignReason, Finding, Policy, Rank};

/// What may happen to an account: a flag arrives, or a person decides whatever is open.
#[derive(Clone, Debug)]
enum Step {
    Flag(Flag),
    Decide(Decision),
    /// The latest decision is taken back.
    Reopen,
}

fn flag(name: u32, ts: u64, p: f64) -> Flag {
    Flag {
        flag_id: format!("flag-{name:08}"),
        account: Token::try_from("account_0000000000000001").unwrap(),
        ts,
        p,
        score: 0.0,
        model: "model".to_owned(),
        reasons: Vec::new(),
        evidence: Vec::new(),
        timeline: Vec::new(),
        families: BTreeMap::new(),
        features: BTreeMap::new(),
    }
}

fn decision(abusive: bool, at: u64) -> Decision {
    let finding = if abusive {
        Finding::Abusive(Abuse {
            category: Category::Scam,
            policy: Policy::FraudAndScams,
            reason: AbusiveReason::PersistsAfterRefusals,
            action: Action::LimitContacts,
        })
    } else {
        Finding::Benign { reason: BenignReason::EvidenceTooThin }
    };
    Decision { finding, by: "ana".to_owned(), seconded_by: None, at }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let flagged = (0u32..12).prop_map(|n| Step::Flag(flag(n, u64::from(n) * 7 % 12, f64::from(n) / 12.0)));
    let decided = (any::<bool>(), 0u64..100).prop_map(|(abusive, at)| Step::Decide(decision(abusive, at)));
    prop::collection::vec(prop_oneof![6 => flagged, 2 => decided, 1 => Just(Step::Reopen)], 0..40)
}

fn take(docket: &mut Docket, step: &Step) {
    match step {
        Step::Flag(flag) => {
            docket.admit(flag, 1);
        }
        Step::Decide(decision) => {
            docket.decide(decision.clone());
        }
        Step::Reopen => {
            if let Some(latest) = docket.decided().last().map(|case| case.id().clone()) {
                docket.reopen(&latest);
            }
        }
    }
}

#[test]
fn a_flag_opens_joins_or_changes_nothing() {
    let mut docket = Docket::default();
    assert_eq!(docket.admit(&flag(1, 10, 0.5), 100), Admission::Opened);
    assert_eq!(docket.admit(&flag(2, 20, 0.7), 101), Admission::Appended);
    assert_eq!(docket.admit(&flag(1, 10, 0.5), 102), Admission::Seen);
    let case = docket.open().unwrap();
    assert_eq!((case.version(), case.opened_at(), case.flags().len()), (2, 100, 2));
    assert_eq!(case.risk().to_bits(), 0.7f64.to_bits());
}

#[test]
fn the_latest_event_time_sets_the_risk_whatever_arrives_last() {
    let mut docket = Docket::default();
    docket.admit(&flag(2, 20, 0.7), 100);
    docket.admit(&flag(1, 10, 0.9), 101);
    assert_eq!(docket.open().unwrap().risk().to_bits(), 0.7f64.to_bits());
}

#[test]
fn a_flag_after_a_decision_opens_a_case_that_refers_to_it() {
    let mut docket = Docket::default();
    docket.admit(&flag(1, 10, 0.5), 100);
    let first = docket.decide(decision(true, 200)).unwrap().clone();
    assert_eq!(first.version(), 2);
    assert_eq!(first.label().label, Verdict::Abusive);
    assert_eq!(first.label().category, Some(Category::Scam));
    assert_eq!(first.label().ts, 200);

    assert_eq!(docket.admit(&flag(1, 10, 0.5), 300), Admission::Seen);
    assert_eq!(docket.admit(&flag(2, 20, 0.7), 300), Admission::Opened);
    assert_eq!(docket.open().unwrap().earlier(), Some(first.id()));
}

#[test]
fn the_queue_is_ordered_by_priority_then_by_waiting() {
    let account = Token::try_from("account_0000000000000001").unwrap();
    let rank = |priority, opened_at, n: u32| {
        let case = crate::CaseId::of_flag(&account, &n.to_string());
        Rank { priority, opened_at, case }
    };
    let (highest, oldest, newest) = (rank(0.9, 300, 1), rank(0.8, 100, 2), rank(0.8, 200, 3));
    let mut queue = vec![newest.clone(), highest.clone(), oldest.clone()];
    queue.sort();
    assert_eq!(queue, [highest, oldest, newest]);
}

proptest! {
    #[test]
    fn a_decided_case_changes_only_by_being_opened_again(steps in steps()) {
        let mut docket = Docket::default();
        let mut decided = Vec::new();
        for step in &steps {
            take(&mut docket, step);
            let left = if matches!(step, Step::Reopen) { docket.decided().len() } else { decided.len() };
            prop_assert!(left + 1 >= decided.len());
            prop_assert_eq!(&docket.decided()[..left], &decided[..left]);
            decided = docket.decided().to_vec();
        }
    }

    #[test]
    fn a_version_only_grows(steps in steps()) {
        let mut docket = Docket::default();
        let mut versions = std::collections::BTreeMap::new();
        for step in &steps {
            take(&mut docket, step);
            let names: Vec<_> = docket.decided().iter().map(|c| c.id().clone()).collect();
            for case in names.into_iter().chain(docket.open().map(|c| c.id().clone())) {
                let version = docket.version_of(&case).unwrap();
                prop_assert!(versions.insert(case, version).unwrap_or(0) <= version);
            }
        }
    }

    #[test]
    fn every_flag_is_in_exactly_one_case_and_one_case_is_open_at_most(steps in steps()) {
        let mut docket = Docket::default();
        let mut given = BTreeSet::new();
        for step in &steps {
            take(&mut docket, step);
            if let Step::Flag(flag) = step {
                given.insert(flag.flag_id.clone());
            }
        }
        let kept: Vec<String> = docket.flags().map(|f| f.flag_id.clone()).collect();
        let distinct: BTreeSet<String> = kept.iter().cloned().collect();
        prop_assert_eq!(kept.len(), distinct.len());
        prop_assert_eq!(distinct, given);

        let cases = docket.decided().iter().map(|c| c.id()).chain(docket.open().map(|c| c.id()));
        let names: Vec<_> = cases.collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        prop_assert_eq!(names.len(), distinct.len());
    }

    #[test]
    fn replay_changes_nothing(steps in steps()) {
        let mut docket = Docket::default();
        steps.iter().for_each(|step| take(&mut docket, step));
        let before = docket.clone();
        for step in &steps {
            if let Step::Flag(flag) = step {
                prop_assert_eq!(docket.admit(flag, 999), Admission::Seen);
            }
        }
        prop_assert_eq!(docket, before);
    }

    #[test]
    fn the_risk_of_an_open_case_does_not_depend_on_arrival(order in Just((0u32..8).collect::<Vec<_>>()).prop_shuffle()) {
        let mut docket = Docket::default();
        for n in order {
            docket.admit(&flag(n, u64::from(n), f64::from(n) / 8.0), 1);
        }
        prop_assert_eq!(docket.open().unwrap().risk().to_bits(), (7.0f64 / 8.0).to_bits());
    }
}
