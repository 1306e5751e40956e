//! What is remembered of one account. Bounded, whatever the account does.

use events::{Age, Context, Token};

use crate::Second;
use crate::asks::{ASKED_BY_MAX, ASKED_MAX, Ask, FIRSTS_MAX, THROUGH_CONTACTS};

/// Places of one kind that are remembered of an account: the latest.
pub(crate) const DEVICES_MAX: usize = 8;
pub(crate) const NETWORKS_MAX: usize = 8;

/// Old contacts with whom an account shares a place: the latest.
pub(crate) const KNOWN_MAX: usize = 16;

/// Strangers from whom on an account is busy.
const BUSY: usize = 5;

/// From which difference of two age bands on their holders are of different generations: a child and somebody over 25.
const GENERATION: u8 = 3;

/// Contacts of old that are remembered of an account: the latest.
pub(crate) const CONTACTS_MAX: usize = 32;

/// By number, as accounts were met. Nothing that leaves this crate depends on it.
pub(crate) type Number = u32;

/// What is remembered of one account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) token: Token,
    /// When it was created; none where nobody has said.
    pub(crate) created: Option<Second>,
    /// Probability that its holder is a minor, in 250ths; none where nobody has said.
    pub(crate) minor: Option<u8>,
    age: Option<Age>,
    /// When it was suspended, if it is.
    pub(crate) banned: Option<Second>,
    /// Devices, least recently seen first.
    pub(crate) devices: Vec<u32>,
    /// Networks, least recently seen first.
    pub(crate) networks: Vec<u32>,
    pub(crate) prefix: Option<u32>,
    /// Whom it turned to first, oldest first.
    pub(crate) asked: Vec<Ask>,
    /// The first of these, which stay.
    pub(crate) firsts: Vec<Ask>,
    /// Who turned to it first, oldest first.
    pub(crate) asked_by: Vec<Ask>,
    /// Contacts of old, whoever began them, in the order in which they were met.
    pub(crate) contacts: Vec<Number>,
    /// Those of them on the same device or network.
    pub(crate) known: Vec<Number>,
}

impl Account {
    pub(crate) fn new(token: Token) -> Self {
        Self {
            token,
            created: None,
            minor: None,
            age: None,
            banned: None,
            devices: Vec::new(),
            networks: Vec::new(),
            prefix: None,
            asked: Vec::new(),
            firsts: Vec::new(),
            asked_by: Vec::new(),
            contacts: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Takes in what the platform says of the account now. Returns whether anything that links rest on is new.
    pub(crate) fn learn(&mut self, context: &Context) -> bool {
        let before = (self.created, self.age);
        if let Some(p) = context.p_minor {
            self.minor = Some(fraction(p.get()));
        }
        if let Some(age) = context.age.filter(|age| *age != Age::Unknown) {
            self.age = Some(age);
        }
        if let Some(created) = context.created {
            self.created = Some(crate::second(created));
        }
        before != (self.created, self.age)
    }

    /// Whether the holders seem to be of different generations, as parents and children are.
    pub(crate) fn is_generation_apart(&self, other: &Account) -> bool {
        self.age.zip(other.age).is_some_and(|(a, b)| band(a).abs_diff(band(b)) >= GENERATION)
    }

    /// Whether it has turned to several people with whom it has nothing but perhaps a contact in common.
    pub(crate) fn is_busy(&self) -> bool {
        self.asked.iter().filter(|ask| ask.weight >= THROUGH_CONTACTS).take(BUSY).count() == BUSY
    }

    /// Whether it turned to that account first.
    pub(crate) fn has_asked(&self, other: Number) -> bool {
        self.asked.iter().any(|ask| ask.who == other)
    }

    /// Notes a first contact. Returns whom it no longer remembers to have turned to.
    pub(crate) fn note_asked(&mut self, ask: Ask) -> Option<Number> {
        if self.firsts.len() < FIRSTS_MAX {
            self.firsts.push(ask);
        }
        push(&mut self.asked, ask, ASKED_MAX).map(|ask| ask.who)
    }

    pub(crate) fn note_asked_by(&mut self, ask: Ask) {
        push(&mut self.asked_by, ask, ASKED_BY_MAX);
    }

    /// Notes a contact of old. Returns whom it no longer remembers as one.
    pub(crate) fn note_contact(&mut self, other: Number) -> Option<Number> {
        let is_new = !self.contacts.contains(&other);
        is_new.then(|| push(&mut self.contacts, other, CONTACTS_MAX)).flatten()
    }

    /// Whether that account turned to it first.
    pub(crate) fn was_asked_by(&self, other: Number) -> bool {
        self.asked_by.iter().any(|ask| ask.who == other)
    }

    /// Notes an old contact who shares a place. Returns whether it is new.
    pub(crate) fn note_known(&mut self, other: Number) -> bool {
        let is_new = !self.known.contains(&other);
        if is_new {
            push(&mut self.known, other, KNOWN_MAX);
        }
        is_new
    }

    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + (self.devices.capacity()
                + self.networks.capacity()
                + self.known.capacity()
                + self.contacts.capacity())
                * size_of::<u32>()
            + (self.asked.capacity() + self.firsts.capacity() + self.asked_by.capacity()) * size_of::<Ask>()
    }
}

/// Age bands in order.
fn band(age: Age) -> u8 {
    match age {
        Age::U13 => 0,
        Age::From13To15 => 1,
        Age::From16To17 | Age::Unknown => 2,
        Age::From18To20 => 3,
        Age::From21To24 => 4,
        Age::From25To34 => 5,
        Age::From35 => 6,
    }
}

/// A probability in 250ths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 250")]
pub(crate) fn fraction(p: f64) -> u8 {
    (p.clamp(0.0, 1.0) * 250.0).round() as u8
}

/// Appends, and lets the oldest go where there are too many; returns it.
pub(crate) fn push<T>(list: &mut Vec<T>, item: T, most: usize) -> Option<T> {
    let oldest = (list.len() >= most).then(|| list.remove(0));
    list.push(item);
    oldest
}
