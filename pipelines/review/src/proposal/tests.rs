use super::*;

fn proposal() -> Proposal {
    Proposal {
        id: "p1".to_owned(),
        act: Act::GrantRole,
        content: "grant_role bo lead".to_owned(),
        proposed_by: "ana".to_owned(),
        proposed_at: 1000,
        status: ProposalStatus::Waiting,
    }
}

#[test]
fn it_takes_another_person_the_same_content_and_time() {
    let hash = proposal().content_hash();
    let last = 1000 + PROPOSAL_LIFETIME_MS - 1;
    let refused = |person: &str, hash: &str, now| {
        let mut proposal = proposal();
        let result = proposal.approve(person, hash, now);
        assert_eq!(proposal.status == ProposalStatus::Approved, result.is_ok());
        result.err()
    };
    assert_eq!(refused("bo", &hash, last), None);
    assert_eq!(refused("ana", &hash, last), Some(ApprovalRefused::SamePerson));
    assert_eq!(refused("bo", &hash, last + 1), Some(ApprovalRefused::Expired));
    assert_eq!(refused("bo", "other", last), Some(ApprovalRefused::OtherContent));

    let mut settled = proposal();
    settled.approve("bo", &hash, last).unwrap();
    assert_eq!(settled.approve("cy", &hash, last), Err(ApprovalRefused::Settled));
}

#[test]
fn the_hash_is_of_everything_that_is_approved() {
    let hash = proposal().content_hash();
    for other in [
        Proposal { id: "p2".to_owned(), ..proposal() },
        Proposal { act: Act::Erase, ..proposal() },
        Proposal { content: "grant_role bo auditor".to_owned(), ..proposal() },
    ] {
        assert_ne!(other.content_hash(), hash);
    }
}
