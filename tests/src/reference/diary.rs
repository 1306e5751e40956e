//! What an account itself does, beside its pairs.

use std::collections::BTreeSet;

use events::{Age, Body, Changed, Country, Event, EventType, Size, Typing, Via};

use super::age::{self, Parts};
use super::card::Card;
use super::life::Life;
use super::{DAY, HOUR, Second};

const MESSAGES_MAX: usize = 12;
const HOURS_MAX: usize = 48;
const IDENTITY_MAX: usize = 8;
const COUNTRIES_MAX: usize = 4;
const VIEWS_MAX: usize = 32;
const FIRST_MINUTES: Second = 300;

/// One message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) at: Second,
    pub(super) size: Option<Size>,
    pub(super) typing: Option<Typing>,
    pub(super) is_forwarded: bool,
}

/// A look at another account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) whom: &'a str,
    pub(super) at: Second,
    pub(super) p: Parts,
}

/// Moments, of which only the hours are remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments(Vec<Second>);

impl Moments {
    /// How many there were in so many hours.
    pub(super) fn count(&self, hours: u64, now: Second) -> usize {
        let kept: BTreeSet<u64> = self.0.iter().map(|at| at / HOUR).collect();
        let kept: Vec<u64> = kept.into_iter().rev().take(HOURS_MAX).collect();
        let is_in = |hour: &u64| kept.contains(hour) && hour + hours > now / HOUR;
        self.0.iter().map(|at| at / HOUR).filter(is_in).count()
    }

    pub(super) fn last(&self) -> Option<Second> {
        self.0.iter().max().copied()
    }

    /// Whether the last one lies at most so long before.
    pub(super) fn is_last_within(&self, length: Second, now: Second) -> bool {
        self.last().is_some_and(|last| last + length >= now)
    }
}

/// What an account did, as lists in the order of the events.
#[derive(Clone, Debug, Default)]
pub(super) struct Diary<'a> {
    messages: Vec<Message>,
    pub(super) first_minutes: u64,
    pub(super) refusals: Moments,
    pub(super) groups_created: Moments,
    pub(super) exposures: Moments,
    pub(super) unsent: Moments,
    /// When, and how many of name, photo, username and bio.
    identity: Vec<(Second, usize)>,
    /// Of each, whether it came soon after a refusal.
    age_edits: Vec<bool>,
    countries: Vec<Country>,
    pub(super) new_country_at: Option<Second>,
    pub(super) new_device_at: Option<Second>,
    looks: Vec<Look<'a>>,
    pub(super) life: Life,
}

impl<'a> Diary<'a> {
    /// The last messages.
    pub(super) fn messages(&self) -> &[Message] {
        &self.messages[self.messages.len().saturating_sub(MESSAGES_MAX)..]
    }

    /// The hours of the day of its messages in this week and the one before; none if it never sent a message.
    pub(super) fn hours(&self, now: Second) -> Option<BTreeSet<u64>> {
        let week = |at: Second| at / DAY / 7;
        let recent = self.messages.iter().filter(|m| week(m.at) == week(now) || week(m.at) + 1 == week(now));
        (!self.messages.is_empty()).then(|| recent.map(|m| m.at / HOUR % 24).collect())
    }

    /// The last edits of who it says that it is.
    pub(super) fn identity(&self) -> &[(Second, usize)] {
        &self.identity[self.identity.len().saturating_sub(IDENTITY_MAX)..]
    }

    pub(super) fn age_edits(&self) -> usize {
        self.age_edits.len().min(255)
    }

    pub(super) fn age_edits_after_gate(&self) -> usize {
        self.age_edits.iter().filter(|is_after| **is_after).count().min(255)
    }

    pub(super) fn countries(&self) -> usize {
        self.countries.len()
    }

    /// The last looks at others, one for each.
    pub(super) fn looks(&self) -> &[Look<'a>] {
        &self.looks[self.looks.len().saturating_sub(VIEWS_MAX)..]
    }

    /// Takes in a message of its own.
    pub(super) fn take_message(&mut self, event: &Event, s: Second, is_late: bool, card: &Card<'_>) {
        let Body::MessageSent(message) = &event.body else { return };
        if card.created.is_some_and(|created| created <= s && s < created + FIRST_MINUTES) {
            self.first_minutes = (self.first_minutes + 1).min(65_535);
        }
        if !is_late {
            self.messages.push(Message {
                at: s,
                size: message.size,
                typing: message.typing,
                is_forwarded: message.forwarded == Some(true),
            });
        }
    }

    /// Takes in a look at another.
    pub(super) fn take_look(&mut self, look: Look<'a>) {
        self.looks.retain(|before| before.whom != look.whom);
        self.looks.push(look);
    }

    /// Takes in an edit by an account that had this band before it.
    pub(super) fn take_update(&mut self, event: &Event, s: Second, before: Option<Age>) {
        let Body::AccountUpdated(update) = &event.body else { return };
        let changed: BTreeSet<Changed> =
            update.changed.iter().flatten().copied().filter(|what| *what != Changed::Age).collect();
        if !changed.is_empty() {
            self.identity.push((s, changed.len()));
        }
        let says_minor = age::band(update.age).is_some_and(age::is_minors);
        if says_minor && before.is_some_and(|band| !age::is_minors(band)) {
            self.age_edits.push(self.refusals.is_last_within(DAY, s));
        }
    }

    /// Takes in a session or a device; gives whether either its device or its country was new.
    pub(super) fn take_session(&mut self, event: &Event, s: Second) -> bool {
        let Body::SessionStarted(session) = &event.body else {
            if event.event_type() == EventType::DeviceLinked {
                self.new_device_at = self.new_device_at.max(Some(s));
                return true;
            }
            return false;
        };
        let is_new_device = session.new_device == Some(true);
        if is_new_device {
            self.new_device_at = self.new_device_at.max(Some(s));
        }
        is_new_device | session.country.is_some_and(|country| self.add_country(country, s))
    }

    /// Gives whether it was added to others.
    fn add_country(&mut self, country: Country, s: Second) -> bool {
        if self.countries.contains(&country) || self.countries.len() >= COUNTRIES_MAX {
            return false;
        }
        self.countries.push(country);
        let is_another = self.countries.len() > 1;
        if is_another {
            self.new_country_at = self.new_country_at.max(Some(s));
        }
        is_another
    }

    /// Notes what else it did.
    pub(super) fn note(&mut self, event: &Event, s: Second) {
        match event.event_type() {
            EventType::GateRefused => self.refusals.0.push(s),
            EventType::GroupCreated => self.groups_created.0.push(s),
            EventType::MessageUnsent => self.unsent.0.push(s),
            _ => {}
        }
    }

    pub(super) fn note_exposure(&mut self, s: Second) {
        self.exposures.0.push(s);
    }
}

/// Whether a group was entered by somebody who looked for it.
pub(super) fn is_found(event: &Event) -> bool {
    matches!(&event.body, Body::GroupJoined(joined) if matches!(joined.via, Some(Via::Link | Via::Search)))
}
