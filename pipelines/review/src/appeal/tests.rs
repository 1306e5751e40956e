use super::*;
use crate::{BenignReason, Finding};

#[test]
fn an_appeal_never_goes_to_those_who_decided() {
    let finding = Finding::Benign { reason: BenignReason::EvidenceTooThin };
    let decision = Decision { finding, by: "ana".to_owned(), seconded_by: Some("bo".to_owned()), at: 1 };
    let appeal = Appeal {
        id: "a1".to_owned(),
        case: CaseId::parse("c00000000000000000000").unwrap(),
        ground: AppealGround::InnocentCause,
        opened_at: 2,
        settled: None,
    };
    let settled = |by: &str| SettledAppeal {
        outcome: AppealOutcome::Overturn,
        reason: AppealReason::InnocentCauseShown,
        by: by.to_owned(),
        at: 3,
    };
    for own in ["ana", "bo"] {
        assert_eq!(appeal.clone().settle(settled(own), &decision), Err(AppealRefused::SamePerson));
    }
    let mut appeal = appeal;
    appeal.settle(settled("cy"), &decision).unwrap();
    assert_eq!(appeal.settle(settled("dee"), &decision), Err(AppealRefused::Settled));
}
