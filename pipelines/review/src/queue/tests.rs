use std::collections::BTreeMap;

use detect::{Flag, Reason};
use events::Token;
use proptest::prelude::*;

use super::*;
use crate::Weight;

fn flag(reasons: &[(ReasonCode, f64)]) -> Flag {
    let reason = |(code, contribution): &(ReasonCode, f64)| Reason {
        code: *code,
        feature: "fc_rate_all_7d".to_owned(),
        value: 1.0,
        baseline: 0.0,
        contribution: *contribution,
        text: String::new(),
    };
    Flag {
        flag_id: "flag".to_owned(),
        account: Token::try_from("account_0000000000000001").unwrap(),
        ts: 0,
        p: 0.5,
        score: 0.0,
        model: "model".to_owned(),
        reasons: reasons.iter().map(reason).collect(),
        evidence: Vec::new(),
        timeline: Vec::new(),
        families: BTreeMap::new(),
        features: BTreeMap::new(),
    }
}

#[test]
fn a_flag_belongs_to_the_harm_that_weighs_most() {
    use ReasonCode::{RC01, RC03, RC11, RC14};
    let queue = |reasons: &[(ReasonCode, f64)]| Queue::of_flag(&flag(reasons));
    assert_eq!(queue(&[(RC01, 1.0), (RC11, 1.0)]), Queue::ChildSafety);
    assert_eq!(queue(&[(RC01, 1.0), (RC11, 0.8), (RC14, 0.8)]), Queue::Bulk);
    assert_eq!(queue(&[(RC03, 5.0), (RC01, 0.1)]), Queue::ChildSafety);
    assert_eq!(queue(&[(RC03, 5.0)]), Queue::General);
    assert_eq!(queue(&[(RC01, -1.0), (RC11, 0.1)]), Queue::Bulk);
    assert_eq!(queue(&[]), Queue::General);
}

proptest! {
    #[test]
    fn waiting_for_the_allowed_time_doubles_a_weight(
        risk in 0.01f64..0.5, minors in 0.0f64..50.0, opened_at in 0u64..4_000_000_000_000,
    ) {
        for queue in Queue::ALL {
            let now = Weight { risk, minors_expected: minors };
            let twice = Weight { risk: risk * 2.0, ..now };
            let waited = queue.priority(now, opened_at);
            let heavier = queue.priority(twice, opened_at + queue.allowed_wait());
            prop_assert!((waited - heavier).abs() < 1e-6, "{waited} {heavier}");
        }
    }
}
