use proptest::prelude::*;

use super::*;

/// Hands out so many cases; how many of each queue, gravest first.
fn hand_out(shares: Shares, mut waiting: [u64; 3], turns: u64) -> [u64; 3] {
    let mut served = [0; 3];
    for _ in 0..turns {
        let load = |n: usize| Load {
            queue: Queue::ALL[n],
            waits: waiting[n] > 0,
            is_overdue: false,
            served: served[n],
        };
        let Some(queue) = shares.choose(&[load(2), load(0), load(1)]) else { break };
        let n = Queue::ALL.iter().position(|known| *known == queue).unwrap();
        waiting[n] -= 1;
        served[n] += 1;
    }
    served
}

#[test]
fn a_flood_of_bulk_contact_takes_nothing_from_child_safety() {
    assert_eq!(hand_out(Shares::default(), [1_000, 1_000, 1_000_000], 100), [60, 30, 10]);
    assert_eq!(
        hand_out(Shares::default(), [5, 0, 1_000_000], 100),
        [5, 0, 95],
        "nobody is kept waiting for nothing"
    );
    let late = |queue| Load { queue, waits: true, is_overdue: true, served: 1_000 };
    let idle = Load { queue: Queue::General, waits: false, is_overdue: false, served: 0 };
    assert_eq!(
        Shares::default().choose(&[late(Queue::Bulk), idle, late(Queue::ChildSafety)]),
        Some(Queue::ChildSafety)
    );
    assert_eq!(Shares::default().choose(&[idle]), None);
}

proptest! {
    #[test]
    fn while_its_cases_wait_a_queue_gets_its_share_whatever_waits_elsewhere(
        shares in (1_u32..20, 1_u32..20, 1_u32..20),
        others in (0_u64..2_000, 0_u64..1_000_000),
        turns in 1_u64..400,
    ) {
        let shares = Shares { child_safety: shares.0, general: shares.1, bulk: shares.2 };
        let served = hand_out(shares, [turns, others.0, others.1], turns);
        let whole = u64::from(shares.child_safety + shares.general + shares.bulk);
        let due = turns * u64::from(shares.child_safety) / whole;
        prop_assert!(served[0] >= due, "{served:?} of {turns}, {due} due");
        prop_assert_eq!(served.iter().sum::<u64>(), turns);
    }
}
