//! First contacts: who turned to whom first, and how far apart the two were.

use events::{Edge, Mutuals, Relation, SharedGroups, Surface};

use crate::Second;
use crate::account::Number;

/// First contacts of an account that are remembered: the latest.
pub(crate) const ASKED_MAX: usize = 256;

/// The first of all that an account makes, which are remembered as long as it is: whoever comes back begins with those
/// whom they knew.
pub(crate) const FIRSTS_MAX: usize = 16;

/// Those who turned to an account that are remembered: the latest. Who is turned to by more tells nobody apart.
pub(crate) const ASKED_BY_MAX: usize = 32;

/// Weights of first contacts, in hundredths: between strangers; where the platform does not say; through a contact in
/// common; in a group of both, or from one network; by address book or by a code held up in person.
const STRANGERS: u8 = 100;
const UNSAID: u8 = 60;
pub(crate) const THROUGH_CONTACTS: u8 = 50;
pub(crate) const IN_A_GROUP: u8 = 30;
const ACQUAINTED: u8 = 10;

/// A first contact, seen from one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// The other.
    pub(crate) who: Number,
    pub(crate) at: Second,
    /// How far apart the two were, in hundredths.
    pub(crate) weight: u8,
    /// Probability that the one turned to is a minor, in 250ths.
    pub(crate) minor: u8,
}

/// What an event between two accounts is to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approach {
    /// They were connected before.
    Connected,
    /// They were not, as far as the platform says; with the weight of a first contact.
    Stranger(u8),
    /// They had been, or one had shut the other out.
    Other,
}

/// What an event between two accounts is to them.
pub(crate) fn approach(rel: Option<&Relation>, surface: Option<Surface>) -> Approach {
    match rel.and_then(|rel| rel.edge) {
        Some(Edge::Connected) => Approach::Connected,
        Some(Edge::Former | Edge::Blocked) => Approach::Other,
        Some(Edge::None | Edge::Requested) | None => Approach::Stranger(weight(rel, surface)),
    }
}

fn weight(rel: Option<&Relation>, surface: Option<Surface>) -> u8 {
    let in_person = matches!(surface, Some(Surface::PhoneImport | Surface::Qr));
    let in_book = |rel: &Relation| rel.target_has_actor == Some(true) || rel.actor_has_target == Some(true);
    let grouped = |rel: &Relation| rel.shared_groups.is_some_and(|groups| groups != SharedGroups::None);
    if in_person || rel.is_some_and(in_book) {
        return ACQUAINTED;
    }
    if surface == Some(Surface::Group) || rel.is_some_and(grouped) {
        return IN_A_GROUP;
    }
    match rel.and_then(|rel| rel.mutuals) {
        None => UNSAID,
        Some(Mutuals::None) => STRANGERS,
        Some(_) => THROUGH_CONTACTS,
    }
}
