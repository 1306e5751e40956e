//! What an account remembers of one other account.

use events::{Age, Mutuals, Surface};
use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::age::MinorOdds;
use crate::time::{HOUR, MINUTE, Second, ago};

/// A pair is forgotten this long after its last event, and a first contact is looked at for as long.
pub(crate) const PAIR_MEMORY_S: Second = 28 * 24 * HOUR;

/// Messages this soon after the first contact are early ones.
const EARLY: Second = 3 * HOUR;

/// Most that a time in minutes can say.
const MINUTES_MAX: u32 = 65_534;

/// Where anybody can find anybody, without knowing a number or having met.
pub(crate) const OPEN_SURFACES: [Surface; 6] =
    [Surface::Suggested, Surface::Search, Surface::Comment, Surface::Nearby, Surface::Game, Surface::Group];

/// A yes, a no, or nothing known, in two bits.
pub(crate) type Answer = Option<bool>;

/// Another account that is known, but that this one did not turn to first within 28 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Bond {
    pub(crate) start: Second,
    pub(crate) last: Second,
    pub(crate) minor: MinorOdds,
    /// Whether the other turned to this one first.
    pub(crate) begun_by_other: bool,
    /// What the alignment takes, said so that the bytes of a bond are all its own.
    rest: u8,
}

/// Another account that this one turned to first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Approach {
    pub(crate) start: Second,
    /// What was known at the first contact, and the first answers' times.
    pub(crate) known: Known,
    since: Since,
    pub(crate) marks: Marks,
    pub(crate) minor: MinorOdds,
    pub(crate) sent: u16,
    pub(crate) received: u16,
    /// Minutes from the first contact to the first escalation and to the first protest, plus one; 0 for none.
    escalated: u16,
    protested: u16,
    /// The protester's device.
    pub(crate) source: u16,
    pub(crate) run: u8,
    pub(crate) longest_run: u8,
    pub(crate) night: u8,
    pub(crate) early: u8,
    pub(crate) unsent: u8,
    /// In sixteenths of a nat.
    pub(crate) susceptibility: i8,
}

/// What the approaches of an account can be counted by without looking at them: of each set it is known how many are in
/// it, so that whatever is counted over a set is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    /// Found where anybody can be found.
    Open,
    /// Strangers, where the platform says.
    Strangers,
    /// Requests that were answered.
    Answered,
    /// Written to.
    Written,
    /// With whom it moved to media, a call or vanishing messages.
    Escalated,
    /// Forwarded to.
    Forwarded,
    /// Gated, or after a gate.
    Gated,
    /// Added to a group.
    Added,
    /// Exposed.
    Exposed,
    /// Who objected.
    Protested,
    /// To whom a card was passed, or with whom messages vanish.
    Moved,
    /// Accepted requests of which the contacts in common are known.
    Mutual,
}

impl Set {
    pub(crate) const ALL: [Set; 12] = [
        Set::Open,
        Set::Strangers,
        Set::Answered,
        Set::Written,
        Set::Escalated,
        Set::Forwarded,
        Set::Gated,
        Set::Added,
        Set::Exposed,
        Set::Protested,
        Set::Moved,
        Set::Mutual,
    ];

    /// One bit, no other set's.
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// How many of an account's approaches are in each set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes([u16; Set::ALL.len()]);

impl Sizes {
    pub(crate) fn of(self, set: Set) -> usize {
        usize::from(self.0[set as usize])
    }

    /// An approach that was in these sets is in those now.
    pub(crate) fn change(&mut self, before: u16, after: u16) {
        let mut changed = before ^ after;
        while changed != 0 {
            let index = changed.trailing_zeros() as usize;
            let size = &mut self.0[index];
            *size = if after >> index & 1 == 1 { *size + 1 } else { *size - 1 };
            changed &= changed - 1;
        }
    }
}

/// What happened to an approach, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub(crate) struct Marks(u16);

impl Marks {
    pub(crate) const GATED: Marks = Marks(1);
    pub(crate) const AFTER_GATE: Marks = Marks(1 << 1);
    pub(crate) const VIEWED: Marks = Marks(1 << 2);
    pub(crate) const EXPOSED: Marks = Marks(1 << 3);
    pub(crate) const ADDED: Marks = Marks(1 << 4);
    pub(crate) const LEFT: Marks = Marks(1 << 5);
    pub(crate) const NIGHT_ANSWER: Marks = Marks(1 << 6);
    pub(crate) const CLEANED: Marks = Marks(1 << 7);
    pub(crate) const CARD: Marks = Marks(1 << 8);
    pub(crate) const FORWARDED: Marks = Marks(1 << 9);
    pub(crate) const VANISHES: Marks = Marks(1 << 10);
    pub(crate) const BLOCKED: Marks = Marks(1 << 11);
    pub(crate) const REPORTED: Marks = Marks(1 << 12);
    pub(crate) const REMOVED: Marks = Marks(1 << 13);
    pub(crate) const GRAVE: Marks = Marks(1 << 14);
    pub(crate) const SPOKEN: Marks = Marks(1 << 15);

    pub(crate) fn has(self, mark: Marks) -> bool {
        self.0 & mark.0 != 0
    }

    pub(crate) fn set(&mut self, mark: Marks) {
        self.0 |= mark.0;
    }

    pub(crate) fn set_if(&mut self, mark: Marks, holds: bool) {
        if holds {
            self.set(mark);
        }
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    None,
    Open,
    Accepted,
    Declined,
}

/// How many seconds after its start an approach was last heard of, which is less than 28 days, and the mismatch in
/// percent, plus one (0 for unknown), packed into 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(transparent)]
struct Since(u32);

impl Since {
    const SECONDS: u32 = (1 << 24) - 1;

    fn seconds(self) -> Second {
        self.0 & Self::SECONDS
    }

    /// Later than before, or as before.
    fn extend(&mut self, seconds: Second) {
        let seconds = self.seconds().max(seconds.min(Self::SECONDS));
        self.0 = (self.0 & !Self::SECONDS) | seconds;
    }

    fn mismatch(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    fn set_mismatch(&mut self, mismatch: u8) {
        self.0 = u32::from(mismatch) << 24 | self.seconds();
    }
}

const _: () = assert!(PAIR_MEMORY_S <= Since::SECONDS, "a young approach was heard of within its memory");

/// What was known at the first contact, what became of the request, and the ranks of the first answers' times, packed
/// into 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub(crate) struct Known(u32);

impl Known {
    const REQUEST: (u32, u32) = (0, 2);
    const SURFACE: (u32, u32) = (2, 4);
    const BAND: (u32, u32) = (6, 3);
    const STRANGER: (u32, u32) = (9, 2);
    const HAS: (u32, u32) = (11, 2);
    const HAD: (u32, u32) = (13, 2);
    const MUTUALS: (u32, u32) = (15, 3);
    const MUTUALS_AT_ACCEPTANCE: (u32, u32) = (18, 3);
    const OWN_ANSWER: (u32, u32) = (21, 5);
    const OTHER_ANSWER: (u32, u32) = (26, 5);

    fn get(self, (shift, bits): (u32, u32)) -> u32 {
        (self.0 >> shift) & ((1 << bits) - 1)
    }

    fn put(&mut self, (shift, bits): (u32, u32), value: u32) {
        let mask = ((1 << bits) - 1) << shift;
        self.0 = (self.0 & !mask) | ((value << shift) & mask);
    }

    pub(crate) fn request(self) -> Request {
        [Request::None, Request::Open, Request::Accepted, Request::Declined][self.get(Self::REQUEST) as usize]
    }

    /// Makes a request that is `from` another. Whether it was that.
    pub(crate) fn turn(&mut self, from: Request, to: Request) -> bool {
        let holds = self.request() == from;
        if holds {
            self.put(Self::REQUEST, to as u32);
        }
        holds
    }

    /// Where they found each other; never [`Surface::Unknown`].
    pub(crate) fn surface(self) -> Option<Surface> {
        Surface::ALL.get((self.get(Self::SURFACE) as usize).wrapping_sub(1)).copied()
    }

    pub(crate) fn set_surface(&mut self, surface: Option<Surface>) {
        let known = surface.filter(|s| *s != Surface::Unknown);
        self.put(Self::SURFACE, known.map_or(0, |s| s as u32 + 1));
    }

    /// The other's age band; never [`Age::Unknown`].
    pub(crate) fn band(self) -> Option<Age> {
        Age::ALL.get((self.get(Self::BAND) as usize).wrapping_sub(1)).copied()
    }

    pub(crate) fn set_band(&mut self, band: Option<Age>) {
        self.put(Self::BAND, band.filter(|b| *b != Age::Unknown).map_or(0, |b| b as u32 + 1));
    }

    pub(crate) fn stranger(self) -> Answer {
        answer(self.get(Self::STRANGER))
    }

    pub(crate) fn set_stranger(&mut self, stranger: Answer) {
        self.put(Self::STRANGER, packed(stranger));
    }

    /// Whether the other was in this one's address book.
    pub(crate) fn has(self) -> Answer {
        answer(self.get(Self::HAS))
    }

    /// Whether this one was in the other's.
    pub(crate) fn had(self) -> Answer {
        answer(self.get(Self::HAD))
    }

    pub(crate) fn set_address_books(&mut self, has: Answer, had: Answer) {
        self.put(Self::HAS, packed(has));
        self.put(Self::HAD, packed(had));
    }

    /// Rank of the number of contacts in common, 0 to 4.
    pub(crate) fn mutuals(self) -> Option<u32> {
        self.get(Self::MUTUALS).checked_sub(1)
    }

    pub(crate) fn set_mutuals(&mut self, mutuals: Option<Mutuals>) {
        self.put(Self::MUTUALS, mutuals.map_or(0, |m| m as u32 + 1));
    }

    /// The same when the request was accepted.
    pub(crate) fn mutuals_at_acceptance(self) -> Option<u32> {
        self.get(Self::MUTUALS_AT_ACCEPTANCE).checked_sub(1)
    }

    pub(crate) fn set_mutuals_at_acceptance(&mut self, mutuals: Option<Mutuals>) {
        self.put(Self::MUTUALS_AT_ACCEPTANCE, mutuals.map_or(0, |m| m as u32 + 1));
    }
}

fn answer(bits: u32) -> Answer {
    [None, Some(false), Some(true), None][bits as usize & 3]
}

fn packed(answer: Answer) -> u32 {
    answer.map_or(0, |yes| 1 + u32::from(yes))
}

impl Bond {
    /// Somebody who is known, who did not turn to this one first.
    pub(crate) fn new(start: Second, last: Second, minor: MinorOdds) -> Self {
        Self { start, last, minor, ..Self::default() }
    }

    /// Somebody who turned to this one first, now.
    pub(crate) fn begun_by_other(now: Second, minor: MinorOdds) -> Self {
        Self { begun_by_other: true, ..Self::new(now, now, minor) }
    }

    pub(crate) fn is_forgotten(&self, now: Second) -> bool {
        self.last.saturating_add(PAIR_MEMORY_S) < now
    }
}

impl Approach {
    /// An approach as it begins.
    pub(crate) fn new(now: Second, minor: MinorOdds) -> Self {
        Self { start: now, minor, ..Self::default() }
    }

    /// Whether the pair is still looked at as an approach.
    pub(crate) fn is_young(&self, now: Second) -> bool {
        ago(self.start, now) < PAIR_MEMORY_S
    }

    pub(crate) fn as_bond(&self) -> Bond {
        Bond::new(self.start, self.last(), self.minor)
    }

    /// The latest second of an event of the pair.
    pub(crate) fn last(&self) -> Second {
        self.start.saturating_add(self.since.seconds())
    }

    /// Takes note of the time.
    pub(crate) fn see(&mut self, now: Second) {
        self.since.extend(ago(self.start, now));
    }

    /// The sets that it is in, one bit each.
    pub(crate) fn sets(&self) -> u16 {
        let (known, marks) = (self.known, self.marks);
        let request = known.request();
        let is_in = |set: Set, holds: bool| if holds { set.bit() } else { 0 };
        is_in(Set::Open, known.surface().is_some_and(|surface| OPEN_SURFACES.contains(&surface)))
            | is_in(Set::Strangers, known.stranger() == Some(true))
            | is_in(Set::Answered, matches!(request, Request::Accepted | Request::Declined))
            | is_in(Set::Written, self.sent > 0)
            | is_in(Set::Escalated, self.escalated > 0)
            | is_in(Set::Forwarded, marks.has(Marks::FORWARDED))
            | is_in(Set::Gated, marks.has(Marks::GATED) || marks.has(Marks::AFTER_GATE))
            | is_in(Set::Added, marks.has(Marks::ADDED))
            | is_in(Set::Exposed, marks.has(Marks::EXPOSED))
            | is_in(Set::Protested, self.protested > 0)
            | is_in(Set::Moved, marks.has(Marks::CARD) || marks.has(Marks::VANISHES))
            | is_in(Set::Mutual, request == Request::Accepted && known.mutuals().is_some())
    }

    /// A message from this account. `quiet` is how long the pair had been silent.
    pub(crate) fn send(&mut self, now: Second, quiet: Second, at_night: bool) {
        if self.run == 0 && self.received > 0 {
            if self.own_answer().is_none() {
                self.known.put(Known::OWN_ANSWER, 1 + rank(quiet));
            }
            self.marks.set_if(Marks::NIGHT_ANSWER, quiet <= 10 && at_night);
        }
        self.sent = self.sent.saturating_add(1);
        self.run = self.run.saturating_add(1);
        self.longest_run = self.longest_run.max(self.run);
        self.night = self.night.saturating_add(u8::from(at_night));
        self.count_early(now);
    }

    /// A message from the other. Whether it was the first.
    pub(crate) fn receive(&mut self, now: Second) -> bool {
        let first = self.received == 0;
        if first {
            self.known.put(Known::OTHER_ANSWER, 1 + rank(ago(self.start, now)));
        }
        self.received = self.received.saturating_add(1);
        self.run = 0;
        self.count_early(now);
        first
    }

    fn count_early(&mut self, now: Second) {
        self.early = self.early.saturating_add(u8::from(ago(self.start, now) < EARLY));
    }

    /// The account moved to media, a call or vanishing messages. Whether for the first time.
    pub(crate) fn escalate(&mut self, now: Second) -> bool {
        let first = self.escalated == 0;
        if first {
            self.escalated = self.minutes(now);
        }
        first
    }

    /// The other objected. Whether for the first time.
    pub(crate) fn protest(&mut self, now: Second) -> bool {
        let first = self.protested == 0;
        if first {
            self.protested = self.minutes(now);
        }
        first
    }

    fn minutes(&self, now: Second) -> u16 {
        let minutes = (ago(self.start, now) / MINUTE).min(MINUTES_MAX) + 1;
        u16::try_from(minutes).unwrap_or(u16::MAX)
    }

    /// Minutes from the first contact to the first escalation.
    pub(crate) fn escalated_after(&self) -> Option<u32> {
        u32::from(self.escalated).checked_sub(1)
    }

    /// Minutes from the first contact to the first protest.
    pub(crate) fn protested_after(&self) -> Option<u32> {
        u32::from(self.protested).checked_sub(1)
    }

    /// Rank of how long this account took to answer for the first time, 0 to 20.
    pub(crate) fn own_answer(&self) -> Option<u32> {
        self.known.get(Known::OWN_ANSWER).checked_sub(1)
    }

    /// Rank of how long the other took.
    pub(crate) fn other_answer(&self) -> Option<u32> {
        self.known.get(Known::OTHER_ANSWER).checked_sub(1)
    }

    /// Share of the other's circle that is not from this account's country, in percent.
    pub(crate) fn mismatch(&self) -> Option<u8> {
        self.since.mismatch().checked_sub(1)
    }

    pub(crate) fn set_mismatch(&mut self, percent: Option<u8>) {
        self.since.set_mismatch(percent.map_or(0, |p| p.min(100) + 1));
    }
}

/// Rank of a time: binary digits of t + 1, less one, at most 20.
fn rank(seconds: Second) -> u32 {
    seconds.saturating_add(1).ilog2().min(20)
}
