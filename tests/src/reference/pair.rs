//! What one account remembers of another, read off the events that passed between them.

use events::{Age, Body, Category, Event, EventType, MessageKind, Mutuals, SharedGroups, Surface};

use super::age::{self, Parts};
use super::{DAY, HOUR, MINUTE, Second, rank};

/// Once more than this has passed since the last event, a memory is gone; once it has passed since its start, an
/// approach is a bond.
pub(super) const MEMORY: Second = 28 * DAY;

const EARLY: Second = 3 * HOUR;
const AT_ONCE: Second = 10;
const MINUTES_MAX: u64 = 65_534;

/// One event that a memory took in, with what was known besides it at its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken<'a> {
    pub(super) event: &'a Event,
    pub(super) at: Second,
    /// Whether the account whose memory it is acted; otherwise the other one did.
    pub(super) is_own: bool,
    /// Whether it was night where the other one is.
    pub(super) is_night: bool,
    /// The number of the other one's device.
    pub(super) source: Option<u64>,
    /// When the account whose memory it is had last taken back a message to anybody.
    pub(super) unsent_at: Option<Second>,
}

/// How an account first contacted another: as it was at that moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstContact {
    pub(super) surface: Option<Surface>,
    pub(super) is_stranger: Option<bool>,
    pub(super) mutuals: Option<i64>,
    pub(super) has: Option<bool>,
    pub(super) had: Option<bool>,
    pub(super) band: Option<Age>,
    pub(super) mismatch: Option<u64>,
    pub(super) susceptibility: i64,
    pub(super) is_after_gate: bool,
    pub(super) is_viewed: bool,
    pub(super) is_exposed: bool,
}

/// An account's memory of another.
#[derive(Clone, Debug)]
pub(super) struct Memory<'a> {
    pub(super) other: &'a str,
    pub(super) start: Second,
    /// How probable it is that the other is a minor.
    pub(super) p: Parts,
    /// There as long as it is an approach.
    pub(super) first_contact: Option<FirstContact>,
    pub(super) is_begun_by_other: bool,
    pub(super) has_left_quickly: bool,
    pub(super) taken: Vec<Taken<'a>>,
}

impl Memory<'_> {
    /// The latest second of an event that it took in.
    pub(super) fn last(&self) -> Second {
        self.taken.iter().map(|taken| taken.at).max().unwrap_or(self.start)
    }

    pub(super) fn is_forgotten(&self, now: Second) -> bool {
        self.last() + MEMORY < now
    }

    /// The approach, if it still is one.
    pub(super) fn approach(&self, now: Second) -> Option<Approach> {
        let first_contact = self.first_contact?;
        (self.start + MEMORY > now).then(|| Approach::read(self, first_contact))
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Request {
    Open,
    Accepted,
    Declined,
}

/// What became of an approach of A to B.
#[derive(Clone, Debug)]
pub(super) struct Approach {
    pub(super) other: String,
    pub(super) start: Second,
    pub(super) last: Second,
    pub(super) p: Parts,
    pub(super) first: FirstContact,
    pub(super) request: Option<Request>,
    pub(super) mutuals_at_acceptance: Option<i64>,
    /// Messages by A, and by B.
    pub(super) out: u64,
    pub(super) back: u64,
    pub(super) run: u64,
    pub(super) longest_run: u64,
    pub(super) night: u64,
    pub(super) early: u64,
    pub(super) is_forwarded_to: bool,
    pub(super) is_card_passed: bool,
    pub(super) vanishes: bool,
    /// Ranks of answer times.
    pub(super) answer: Option<u64>,
    pub(super) answer_of_other: Option<u64>,
    pub(super) has_answered_at_night: bool,
    /// In minutes.
    pub(super) escalation: Option<u64>,
    pub(super) unsent: u64,
    pub(super) is_gated: bool,
    pub(super) is_added: bool,
    pub(super) has_left_quickly: bool,
    pub(super) is_blocked: bool,
    pub(super) is_reported: bool,
    pub(super) is_removed: bool,
    pub(super) protest: Option<Protest>,
    pub(super) is_grave: bool,
}

/// The first protest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Protest {
    /// In minutes.
    pub(super) after: u64,
    pub(super) source: Option<u64>,
    pub(super) is_spoken: bool,
    pub(super) is_cleaned: bool,
}

impl Approach {
    pub(super) fn is_to_minor(&self) -> bool {
        self.p >= age::LIKELY
    }

    fn read(memory: &Memory<'_>, first: FirstContact) -> Self {
        let mut approach = Self {
            other: memory.other.to_owned(),
            start: memory.start,
            last: memory.start,
            p: memory.p,
            first,
            request: None,
            mutuals_at_acceptance: None,
            out: 0,
            back: 0,
            run: 0,
            longest_run: 0,
            night: 0,
            early: 0,
            is_forwarded_to: false,
            is_card_passed: false,
            vanishes: false,
            answer: None,
            answer_of_other: None,
            has_answered_at_night: false,
            escalation: None,
            unsent: 0,
            is_gated: false,
            is_added: false,
            has_left_quickly: memory.has_left_quickly,
            is_blocked: false,
            is_reported: false,
            is_removed: false,
            protest: None,
            is_grave: false,
        };
        for taken in &memory.taken {
            if taken.is_own {
                approach.acted(taken);
            } else {
                approach.met_with(taken);
            }
            approach.last = approach.last.max(taken.at);
        }
        approach
    }

    /// What A's own event does.
    fn acted(&mut self, taken: &Taken<'_>) {
        if is_escalation(taken.event) && self.escalation.is_none() {
            self.escalation = Some(self.minutes(taken.at));
        }
        match taken.event.event_type() {
            EventType::ContactRequested => self.request = self.request.or(Some(Request::Open)),
            EventType::ContactExpired if self.is_open() => self.request = Some(Request::Declined),
            EventType::ContactCancelled if self.is_open() => self.request = None,
            EventType::MessageSent => self.wrote(taken),
            EventType::MessageUnsent => self.unsent = (self.unsent + 1).min(255),
            EventType::GateRefused => self.is_gated = true,
            EventType::GroupMemberAdded => self.is_added = true,
            _ => {}
        }
    }

    /// What an event of B's does.
    fn met_with(&mut self, taken: &Taken<'_>) {
        match &taken.event.body {
            Body::ContactAccepted(_) if self.is_open() => {
                self.request = Some(Request::Accepted);
                self.mutuals_at_acceptance = mutuals(taken.event);
            }
            Body::ContactDeclined(_) | Body::ContactExpired(_) if self.is_open() => {
                self.request = Some(Request::Declined);
            }
            Body::MessageSent(_) => {
                if self.back == 0 {
                    self.answer_of_other = Some(rank(self.since_start(taken.at)));
                }
                self.back = (self.back + 1).min(65_535);
                self.run = 0;
                self.count_early(taken.at);
            }
            Body::ContactBlocked(_) => {
                self.protested(taken);
                self.is_blocked = true;
            }
            Body::ReportFiled(report) => {
                self.protested(taken);
                self.is_reported = true;
                self.is_grave |= matches!(
                    report.category,
                    Category::ChildSafety | Category::Sexual | Category::Sextortion
                );
            }
            Body::ContactRemoved(_) => {
                self.protested(taken);
                self.is_removed = true;
            }
            _ => {}
        }
    }

    fn wrote(&mut self, taken: &Taken<'_>) {
        let Body::MessageSent(message) = &taken.event.body else { return };
        if self.back > 0 && self.run == 0 {
            let waited = taken.at.saturating_sub(self.last);
            self.answer = self.answer.or_else(|| Some(rank(waited)));
            self.has_answered_at_night |= waited <= AT_ONCE && taken.is_night;
        }
        self.out = (self.out + 1).min(65_535);
        self.run = (self.run + 1).min(255);
        self.longest_run = self.longest_run.max(self.run);
        self.night = (self.night + u64::from(taken.is_night)).min(255);
        self.count_early(taken.at);
        self.is_forwarded_to |= message.forwarded == Some(true);
        self.is_card_passed |= message.kind == MessageKind::ContactCard;
        self.vanishes |= message.disappearing == Some(true);
    }

    fn protested(&mut self, taken: &Taken<'_>) {
        if self.protest.is_none() {
            self.protest = Some(Protest {
                after: self.minutes(taken.at),
                source: taken.source.map(|number| number % 65_536),
                is_spoken: self.back > 0,
                is_cleaned: taken.unsent_at.is_some_and(|unsent_at| unsent_at + 600 >= taken.at),
            });
        }
    }

    fn count_early(&mut self, at: Second) {
        self.early = (self.early + u64::from(self.since_start(at) < EARLY)).min(255);
    }

    fn is_open(&self) -> bool {
        self.request == Some(Request::Open)
    }

    fn since_start(&self, at: Second) -> Second {
        at.saturating_sub(self.start)
    }

    fn minutes(&self, at: Second) -> u64 {
        (self.since_start(at) / MINUTE).min(MINUTES_MAX)
    }
}

/// Whether the actor reaches out to the target.
pub(super) fn is_reaching_out(event: &Event) -> bool {
    matches!(
        event.event_type(),
        EventType::ContactRequested
            | EventType::MessageSent
            | EventType::CallPlaced
            | EventType::GroupMemberAdded
            | EventType::GateRefused
    )
}

fn is_escalation(event: &Event) -> bool {
    match &event.body {
        Body::CallPlaced(_) => true,
        Body::MessageSent(message) => {
            matches!(message.kind, MessageKind::Media | MessageKind::Voice)
                || message.view_once == Some(true)
                || message.disappearing == Some(true)
        }
        _ => false,
    }
}

/// Where the actor found the target.
pub(super) fn surface(event: &Event) -> Option<Surface> {
    match &event.body {
        Body::ContactRequested(request) => Some(request.surface).filter(|s| *s != Surface::Unknown),
        Body::GroupMemberAdded(_) => Some(Surface::Group),
        _ => None,
    }
}

/// Whether nothing is known that ties the two together.
pub(super) fn is_stranger(event: &Event) -> Option<bool> {
    let rel = event.rel.as_ref()?;
    let ties = [
        rel.mutuals.map(|mutuals| mutuals != Mutuals::None),
        rel.shared_groups.map(|groups| groups != SharedGroups::None),
        rel.target_has_actor,
    ];
    let said: Vec<bool> = ties.into_iter().flatten().collect();
    (!said.is_empty()).then(|| !said.contains(&true))
}

/// The rank of the contacts in common.
pub(super) fn mutuals(event: &Event) -> Option<i64> {
    let mutuals = event.rel.as_ref()?.mutuals?;
    Some(match mutuals {
        Mutuals::None => 0,
        Mutuals::One => 1,
        Mutuals::From2To4 => 2,
        Mutuals::From5To9 => 3,
        Mutuals::From10 => 4,
    })
}
