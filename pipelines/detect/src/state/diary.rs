//! What an account itself does, beside its pairs.

use std::num::NonZeroU32;

use events::{Country, MessageSent, Typing};
use serde::{Deserialize, Serialize};
use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::directory::AccountId;
use crate::age::MinorOdds;
use crate::time::{DAY, HOUR, Second, ago};

/// How many messages are remembered.
pub(crate) const MESSAGES_MAX: usize = RING as usize;
const RING: u8 = 12;

/// How many hours with events are counted.
const HOURS_MAX: usize = 48;

/// How many edits of the profile, further countries and views are remembered.
const EDITS_MAX: usize = 8;
const COUNTRIES_MAX: usize = 3;
const VIEWS_MAX: usize = 32;

/// The messages of an account that sends any.
#[derive(Clone, Copy, Debug, Default, PartialEq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Diary {
    /// The latest messages, in a ring; `next` is where the next one goes.
    at: [Second; MESSAGES_MAX],
    hours: u32,
    hours_before: u32,
    style: [Style; MESSAGES_MAX],
    /// Messages within the first five minutes of the account.
    pub(crate) first_minutes: u16,
    block: u16,
    next: u8,
    len: u8,
    /// What the alignment takes.
    rest: [u8; 2],
}

/// Size, typing and forwarding of one message: three, two and one bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub(crate) struct Style(u8);

impl Style {
    fn of(message: &MessageSent) -> Self {
        let size = message.size.map_or(0, |s| s as u8 + 1);
        let typing = message.typing.map_or(0, |t| t as u8 + 1);
        Self(size | typing << 3 | u8::from(message.forwarded == Some(true)) << 5)
    }

    /// Size class from 1; 0 for unknown.
    pub(crate) fn size(self) -> u8 {
        self.0 & 7
    }

    /// Whether nothing was typed, where the platform says.
    pub(crate) fn untyped(self) -> Option<bool> {
        let typing = self.0 >> 3 & 3;
        (typing > 0).then_some(typing == Typing::None as u8 + 1)
    }

    pub(crate) fn forwarded(self) -> bool {
        self.0 >> 5 & 1 == 1
    }
}

impl Diary {
    /// Notes a message.
    pub(crate) fn note(&mut self, now: Second, message: &MessageSent) {
        let next = usize::from(self.next);
        (self.at[next], self.style[next]) = (now, Style::of(message));
        self.next = (self.next + 1) % RING;
        self.len = (self.len + 1).min(RING);
        let block = block(now);
        if block != self.block {
            self.hours_before = if block == self.block + 1 { self.hours } else { 0 };
            (self.block, self.hours) = (block, 0);
        }
        self.hours |= 1 << (now / HOUR % 24);
    }

    /// How many messages are remembered.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// The remembered messages, oldest first.
    pub(crate) fn messages(&self) -> impl Iterator<Item = (Second, Style)> + '_ {
        let (len, next) = (usize::from(self.len), usize::from(self.next));
        (0..len)
            .map(move |i| (next + MESSAGES_MAX - len + i) % MESSAGES_MAX)
            .map(|i| (self.at[i], self.style[i]))
    }

    /// The hours of the day in this block of seven days and the one before, one bit each.
    pub(crate) fn active_hours(&self, now: Second) -> u32 {
        match block(now).checked_sub(self.block) {
            Some(0) => self.hours | self.hours_before,
            Some(1) => self.hours,
            _ => 0,
        }
    }
}

fn block(now: Second) -> u16 {
    u16::try_from(now / (7 * DAY)).unwrap_or(u16::MAX)
}

/// The life of an account that makes first contacts: sums that fade, and the excess of minors.
#[derive(Clone, Copy, Debug, Default, PartialEq, IntoBytes, TryFromBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct Life {
    sums: [f32; Sum::COUNT],
    day: u16,
    excess_day: u16,
    excess: u32,
    excess_today: u32,
}

/// What fades by half in 14 days.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sum {
    FirstContacts,
    Minors,
    MinorsAnswered,
    MinorsAccepted,
    ProtestMinors,
}

impl Sum {
    const COUNT: usize = 5;
}

impl Life {
    /// Adds to a sum.
    pub(crate) fn add(&mut self, now: Second, sum: Sum, value: f32) {
        let day = day(now);
        if day > self.day {
            let fade = fade(day - self.day);
            self.sums.iter_mut().for_each(|s| *s *= fade);
            self.day = day;
        }
        self.sums[sum as usize] += value;
    }

    /// A sum as it has faded by now.
    pub(crate) fn sum(&self, now: Second, sum: Sum) -> f64 {
        f64::from(self.sums[sum as usize] * fade(day(now).saturating_sub(self.day)))
    }

    /// Notes a first contact for the excess. `allowance` is what a day may have, in ten-thousandths.
    pub(crate) fn exceed(&mut self, now: Second, minor: MinorOdds, allowance: u32) {
        let day = day(now);
        if day > self.excess_day {
            self.excess = self.excess(allowance);
            (self.excess_day, self.excess_today) = (day, 0);
        }
        self.excess_today = self.excess_today.saturating_add(minor.ten_thousandths());
    }

    /// How much more minors than allowed, cumulated over days with first contacts, in ten-thousandths.
    pub(crate) fn excess(&self, allowance: u32) -> u32 {
        self.excess.saturating_add(self.excess_today).saturating_sub(allowance)
    }
}

fn day(now: Second) -> u16 {
    u16::try_from(now / DAY).unwrap_or(u16::MAX)
}

fn fade(days: u16) -> f32 {
    (-f32::from(days) / 14.0).exp2()
}

/// What few accounts do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rare {
    hours: Option<Box<Hours>>,
    pub(crate) refused: Latest,
    pub(crate) exposed: Latest,
    pub(crate) unsent: Latest,
    pub(crate) new_device: Latest,
    pub(crate) new_country: Latest,
    pub(crate) age_edits: u8,
    pub(crate) age_edits_after_refusal: u8,
    /// Countries of sessions beside the first one's.
    countries: [Option<Country>; COUNTRIES_MAX],
    /// Second, and how many kinds of things changed.
    pub(crate) edits: Vec<(Second, u8)>,
    pub(crate) views: Vec<View>,
}

/// What still fewer do, by the hour.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hours {
    pub(crate) refusals: Hourly,
    pub(crate) groups_created: Hourly,
    pub(crate) exposures: Hourly,
}

/// When something last happened, if it ever did, in four bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Latest(Option<NonZeroU32>);

impl Latest {
    pub(crate) fn at(self) -> Option<Second> {
        self.0.map(|s| s.get() - 1)
    }

    /// It happened now.
    pub(crate) fn see(&mut self, now: Second) {
        self.0 = self.0.max(NonZeroU32::new(now.saturating_add(1)));
    }
}

/// One account looked at another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct View {
    pub(crate) whom: AccountId,
    pub(crate) at: Second,
    pub(crate) minor: MinorOdds,
}

impl Rare {
    /// The most bytes of one.
    pub(crate) const BYTES_MAX: usize = size_of::<Self>()
        + size_of::<Hours>()
        + 3 * HOURS_MAX * size_of::<u32>()
        + EDITS_MAX * size_of::<(Second, u8)>()
        + VIEWS_MAX * size_of::<View>();

    /// Notes a view, in place of an earlier one of the same account.
    pub(crate) fn view(&mut self, view: View) {
        self.views.retain(|v| v.whom != view.whom);
        if self.views.len() == VIEWS_MAX {
            self.views.remove(0);
        }
        if self.views.len() == self.views.capacity() {
            // By a half, and not by doubling: many accounts have a few.
            let more = (self.views.len() / 2).max(2).min(VIEWS_MAX - self.views.len());
            self.views.reserve_exact(more);
        }
        self.views.push(view);
    }

    pub(crate) fn has_viewed(&self, whom: AccountId, now: Second) -> bool {
        self.views.iter().any(|v| v.whom == whom && ago(v.at, now) <= 7 * DAY)
    }

    /// Notes an edit of the profile.
    pub(crate) fn edit(&mut self, now: Second, kinds: u8) {
        if self.edits.len() == EDITS_MAX {
            self.edits.remove(0);
        }
        self.edits.push((now, kinds));
    }

    /// Notes the country of a session, which is not the first session's. Whether it is new.
    pub(crate) fn visit(&mut self, now: Second, country: Country) -> bool {
        if self.countries.contains(&Some(country)) {
            return false;
        }
        let Some(free) = self.countries.iter_mut().find(|c| c.is_none()) else { return false };
        *free = Some(country);
        self.new_country = Latest::default();
        self.new_country.see(now);
        true
    }

    /// How many countries there were beside the first session's.
    pub(crate) fn further_countries(&self) -> usize {
        self.countries.iter().flatten().count()
    }

    /// What is counted by the hour.
    pub(crate) fn hours(&self) -> Option<&Hours> {
        self.hours.as_deref()
    }

    pub(crate) fn hours_mut(&mut self) -> &mut Hours {
        self.hours.get_or_insert_default()
    }

    /// Bytes of the record and of its lists.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.hours.as_ref().map_or(0, |hours| hours.bytes())
            + self.edits.capacity() * 8
            + self.views.capacity() * size_of::<View>()
    }
}

impl Hours {
    fn bytes(&self) -> usize {
        let lists = [&self.refusals, &self.groups_created, &self.exposures];
        size_of::<Self>() + lists.map(|hourly| hourly.0.capacity() * size_of::<u32>()).iter().sum::<usize>()
    }
}

/// How many events each hour had; the latest hours that had any, oldest first: the hour's number in the 21 high bits (which
/// hold every hour of 32-bit seconds), and the events in the rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Hourly(Vec<u32>);

/// Bits of an hour's events, and so the most of them.
const HOUR_BITS: u32 = 11;
const HOUR_MAX: u32 = (1 << HOUR_BITS) - 1;

impl Hourly {
    pub(crate) fn count(&mut self, now: Second) {
        let hour = now / HOUR;
        match self.0.binary_search_by_key(&hour, |packed| packed >> HOUR_BITS) {
            Ok(i) => self.0[i] += u32::from(self.0[i] & HOUR_MAX < HOUR_MAX),
            // Older than all of the many that are known.
            Err(0) if self.0.len() == HOURS_MAX => {}
            Err(i) => {
                let packed = hour << HOUR_BITS | 1;
                if self.0.len() == HOURS_MAX {
                    self.0[..i].rotate_left(1);
                    self.0[i - 1] = packed;
                    return;
                }
                if self.0.len() == self.0.capacity() {
                    // To exactly what there may be, and no further.
                    self.0.reserve_exact(self.0.len().max(2).min(HOURS_MAX - self.0.len()));
                }
                self.0.insert(i, packed);
            }
        }
    }

    /// Events in the present hour and those before it, `window` in all.
    pub(crate) fn within(&self, now: Second, window: Second) -> u32 {
        let (hour, hours) = (now / HOUR, window / HOUR);
        let is_within = |h: u32| h <= hour && hour - h < hours;
        self.0.iter().filter(|packed| is_within(*packed >> HOUR_BITS)).map(|packed| packed & HOUR_MAX).sum()
    }
}
