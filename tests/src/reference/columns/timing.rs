//! How fast the account goes on: from its first contacts, and from its own beginning.

use crate::reference::is_within;
use crate::reference::{DAY, MINUTE, Second};

use super::{Columns, D7, D28, H1, H2, H24, M10, Seen, count, expected, over, percentiles, put};

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    for (name, hours) in [("groups_created_24h", 24), ("groups_created_7d", 7 * 24)] {
        put(columns, name, count(seen.diary.groups_created.count(hours, seen.now)));
    }
    percentiles(columns, "groups_created", &[H24, D7]);
    put(columns, "burst_first_contacts", count(burst(seen)));
    young(seen, columns);

    over(columns, "modality_escalation", &[H2, H24, D7], |w| {
        let minors = seen.minors_within(D28);
        let is_soon = |minutes: u64| minutes <= w.1 / MINUTE;
        Some(expected(minors.iter().filter(|a| a.escalation.is_some_and(is_soon))))
    });
    let fastest = seen.minors_within(D28).iter().filter_map(|a| a.escalation).min();
    put(columns, "modality_escalation_fastest", fastest.map(|minutes| minutes as f64));
    over(columns, "forward_broadcast", &[H1, H24], |w| {
        let forwarded_to = seen.approaches.iter().filter(|a| a.is_forwarded_to);
        count(forwarded_to.filter(|a| is_within(a.last, w.1, seen.now)).count())
    });
}

/// Most first contacts of the last day within ten minutes, which may as well begin with one of them.
fn burst(seen: &Seen<'_>) -> usize {
    let starts: Vec<Second> = seen.within(H24).iter().map(|a| a.start).collect();
    let within = |t: Second| starts.iter().filter(|start| (t..t + 600).contains(start)).count();
    starts.iter().map(|t| within(*t)).max().unwrap_or(0)
}

fn young(seen: &Seen<'_>, columns: &mut Columns) {
    let created = seen.card.created.filter(|_| seen.age().is_some_and(|age| age < 28 * DAY));
    over(columns, "new_account_velocity", &[M10, H1, H24, D7], |w| {
        let is_soon = |start: Second| created.is_some_and(|c| c <= start && start < c + w.1);
        created.and_then(|_| count(seen.approaches.iter().filter(|a| is_soon(a.start)).count()))
    });
    put(columns, "new_account_messages", created.map(|_| seen.diary.first_minutes as f64));
}
