//! Circles of common interest, mostly of one age and regardless of place.

use super::{Community, Kind, chunks};
use crate::dice::Dice;
use crate::person::Person;

/// Who meets whom: youngest and oldest.
const BANDS: [(u8, u8); 5] = [(9, 14), (13, 19), (18, 27), (25, 42), (38, 75)];

pub(super) fn draw(dice: &mut Dice, people: &[Person], communities: &mut Vec<Community>) {
    for (youngest, oldest) in BANDS {
        let band = youngest..=oldest;
        let fits = |(_, person): &(u32, &Person)| band.contains(&person.age);
        let mut fans: Vec<u32> = (0..).zip(people).filter(fits).map(|(id, _)| id).collect();
        fans.retain(|_| dice.chance(0.6));
        dice.shuffle(&mut fans);
        chunks(dice, &fans, 6.0, 24.0, |members| {
            communities.push(Community { kind: Kind::Circle, members: members.to_vec(), founded: None });
        });
    }
}
