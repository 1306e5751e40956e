use super::*;

fn role(permissions: &[Permission], queues: &[Queue], masks: &[Mask]) -> Role {
    Role {
        permissions: permissions.iter().copied().collect(),
        queues: queues.iter().copied().collect(),
        masks: masks.iter().copied().collect(),
    }
}

#[test]
fn a_permission_holds_only_in_the_queues_of_the_role_that_gives_it() {
    use Permission::{CasesDecide, CasesRead};
    let reader = role(&[CasesRead], &[Queue::ChildSafety, Queue::Bulk], &[Mask::Timeline]);
    let decider = role(&[CasesRead, CasesDecide], &[Queue::Bulk], &[]);
    let roles = Roles([("reader".to_owned(), reader), ("decider".to_owned(), decider)].into());
    let both = roles.rights(["reader", "decider", "nobody"]);

    assert!(both.may(CasesDecide) && both.may_in(CasesDecide, Queue::Bulk));
    assert!(!both.may_in(CasesDecide, Queue::ChildSafety));
    assert_eq!(both.queues(CasesRead), [Queue::ChildSafety, Queue::Bulk].into());
    assert!(both.hides(Mask::Timeline, Queue::ChildSafety), "only the reader's role shows it");
    assert!(!both.hides(Mask::Timeline, Queue::Bulk), "the decider's role shows it too");
    assert_eq!(roles.rights(["nobody"]), Rights::default());
    assert!(Rights::default().hides(Mask::Account, Queue::Bulk));
}
