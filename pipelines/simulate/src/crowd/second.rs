//! Second accounts: a changed number, a return after a ban. They take the place of somebody with a role of the same
//! kind, so that the number of accounts is as asked for.

use super::Crowd;
use crate::campaign::{Quarry, Span};
use crate::dice::{Dice, Process, whole};
use crate::params::CheckedParams;
use crate::person::Person;
use crate::role::{Archetype, LookAlike, Role};
use crate::{DAY, HOUR};

/// Pairs up those whose kind has two accounts: the first of each two is the earlier one.
pub(super) fn accounts(params: &CheckedParams, people: &mut [Person], crowd: &mut Crowd) {
    let raw = params.get();
    let span = Span { start: raw.start, end: params.end() };
    let of = |people: &[Person], is: &dyn Fn(&Role) -> bool| -> Vec<u32> {
        (0..).zip(people).filter(|(_, person)| is(&person.role)).map(|(id, _)| id).collect()
    };
    let changed = of(people, &|role| role.look_alike() == Some(LookAlike::ChangedNumber));
    for pair in changed.chunks_exact(2) {
        let mut dice = Dice::new(raw.seed, pair[0], Process::Role, 3);
        let moves = span.instant(&mut dice, 0.05, 0.95);
        people[pair[0] as usize].joins = None;
        people[pair[0] as usize].leaves = Some(moves);
        take_over(people, crowd, (pair[0], pair[1]), moves + HOUR);
    }
    let banned = of(people, &|role| role.archetype() == Some(Archetype::BanEvader));
    for pair in banned.chunks_exact(2) {
        let mut dice = Dice::new(raw.seed, pair[0], Process::Role, 3);
        let numbers = pair.iter().filter_map(|id| match people[*id as usize].role {
            Role::Abuser { campaign, .. } => Some(campaign as usize),
            _ => None,
        });
        let [first, second] = numbers.collect::<Vec<_>>()[..] else { continue };
        let onset = span.instant(&mut dice, 0.02, 0.5);
        let ban = onset + whole(dice.between(2.0, 9.0) * DAY as f64);
        // Back after one to seven days (population design).
        let back = ban + whole(dice.between(1.0, 7.0) * DAY as f64);
        crowd.campaigns[first].onset = onset;
        crowd.campaigns[first].until = ban;
        let again = crowd.campaigns[first].clone();
        crowd.campaigns[second] =
            crate::campaign::Campaign { onset: back + HOUR, until: u64::MAX, quarry: Quarry::Again, ..again };
        people[pair[0] as usize].leaves = Some(ban);
        take_over(people, crowd, (pair[0], pair[1]), back);
    }
}

/// Gives the second account to the holder of the first, from `joins` on.
fn take_over(people: &mut [Person], crowd: &mut Crowd, (first, second): (u32, u32), joins: u64) {
    for community in std::mem::take(&mut people[second as usize].communities) {
        crowd.communities[community as usize].members.retain(|member| *member != second);
    }
    let holder = people[first as usize].clone();
    for community in &holder.communities {
        crowd.communities[*community as usize].members.push(second);
    }
    people[second as usize] = Person {
        role: people[second as usize].role,
        joins: Some(joins),
        leaves: None,
        earlier: Some(first),
        ..holder
    };
}
