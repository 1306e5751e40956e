//! Links: that two accounts have something in common which few have, since when, and how much that says.

use events::{Millis, Token};

/// What two accounts have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// They were seen on the same devices.
    Device,
    /// They were created within days of each other, with others, and seen on one network prefix.
    Network,
    /// They were created within days of each other, with others, under one phone prefix.
    PhonePrefix,
    /// They turned to the same strangers at about the same time.
    Targets,
    /// One is suspended, and the other turns to those whom it had turned to.
    Return,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::Device, Kind::Network, Kind::PhonePrefix, Kind::Targets, Kind::Return];

    /// Its name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Device => "device",
            Kind::Network => "network",
            Kind::PhonePrefix => "phone_prefix",
            Kind::Targets => "targets",
            Kind::Return => "return",
        }
    }

    /// What a person is told, of `count` pieces of evidence.
    pub fn sentence(self, count: u32) -> String {
        let (ones, some) = match self {
            Kind::Device => ("device was used by both", "devices were used by both"),
            Kind::Network => (
                "account was made within days on the same network prefix",
                "accounts were made within days on the same network prefix",
            ),
            Kind::PhonePrefix => (
                "account was made within days under the same phone prefix",
                "accounts were made within days under the same phone prefix",
            ),
            Kind::Targets => (
                "stranger was turned to by both at about the same time",
                "strangers were turned to by both at about the same time",
            ),
            Kind::Return => (
                "person to whom the suspended one had turned was turned to again by the other",
                "people to whom the suspended one had turned were turned to again by the other",
            ),
        };
        format!("{count} {}", if count == 1 { ones } else { some })
    }
}

/// One kind of evidence that two accounts belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// What they have in common.
    pub kind: Kind,
    /// How much that says, 0 to 1, already faded.
    pub strength: f64,
    /// Since when both have had it in common.
    pub since: Millis,
    /// When it was last seen.
    pub last: Millis,
    /// How many devices, accounts made together, or common targets.
    pub count: u32,
}

/// Two accounts and everything that links them.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The account whose token comes first.
    pub a: Token,
    /// The other.
    pub b: Token,
    /// All links together, 0 to 1: one less the product of what each leaves open.
    pub strength: f64,
    /// By kind, in the order of [`Kind::ALL`].
    pub links: Vec<Link>,
}

impl Pair {
    /// Puts links together; tokens in either order.
    pub fn new(one: &Token, other: &Token, links: Vec<Link>) -> Self {
        let (a, b) = ordered(one, other);
        Self { a, b, strength: together(&links), links }
    }

    /// Since when they are linked.
    pub fn since(&self) -> Millis {
        self.links.iter().map(|link| link.since).min().unwrap_or(0)
    }

    /// When a link was last seen.
    pub fn last(&self) -> Millis {
        self.links.iter().map(|link| link.last).max().unwrap_or(0)
    }

    /// The one that is not `account`.
    pub fn other(&self, account: &Token) -> &Token {
        if self.a == *account { &self.b } else { &self.a }
    }
}

/// The strength of all links together.
pub(crate) fn together(links: &[Link]) -> f64 {
    1.0 - links.iter().fold(1.0, |open, link| open * (1.0 - link.strength))
}

/// Two tokens in their order.
pub(crate) fn ordered(one: &Token, other: &Token) -> (Token, Token) {
    if one <= other { (one.clone(), other.clone()) } else { (other.clone(), one.clone()) }
}
