//! Every account by token and by number, and its card: what the platform has said of it.

use std::hash::BuildHasher;

use events::{Age, AgeSource, Context, Country, Millis, Probability, Token};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

use super::foresight::fetch;
use super::paged::Paged;
use crate::age::MinorOdds;
use crate::time::{HOUR, Second, ago, second};

/// An account's number, given in the order in which accounts are met, from 0.
pub(crate) type AccountId = u32;

/// How long it is remembered how often an account was courted and has protested.
const VICTIM_MEMORY: Second = 72 * HOUR;

/// How many countries a circle has.
const CIRCLE: usize = 3;

/// What the platform has said of an account, and what may be said of it to those who turn to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    created: Option<Second32>,
    holder: Option<MinorOdds>,
    stated: Option<MinorOdds>,
    courted_at: Second,
    /// Number of its device, from 1; 0 for none.
    pub(crate) device: u32,
    pub(crate) band: Option<Age>,
    pub(crate) country: Option<Country>,
    /// The country of its first session.
    pub(crate) home: Option<Country>,
    circle: [Option<Country>; CIRCLE],
    circle_counts: [u8; CIRCLE],
    courted: u8,
    protested: u8,
}

/// A second that is never the last one, so that an absent one takes no room of its own.
type Second32 = std::num::NonZeroU32;

/// What an event says of one account.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Word {
    pub(crate) p_minor: Option<Probability>,
    pub(crate) age: Option<Age>,
    pub(crate) age_source: Option<AgeSource>,
    pub(crate) created: Option<Millis>,
    pub(crate) country: Option<Country>,
}

impl From<&Context> for Word {
    fn from(context: &Context) -> Self {
        let Context { p_minor, age, age_source, created, country } = *context;
        Self { p_minor, age, age_source, created, country }
    }
}

impl Card {
    /// When the account was created.
    pub(crate) fn created(&self) -> Option<Second> {
        self.created.map(|s| s.get() - 1)
    }

    /// Probability that the holder is a minor, by whoever said it last.
    pub(crate) fn holder(&self) -> Option<MinorOdds> {
        self.holder
    }

    /// The same, by the account's own latest update.
    pub(crate) fn stated(&self) -> Option<MinorOdds> {
        self.stated
    }

    /// Takes over what is said and keeps what is not.
    pub(crate) fn learn(&mut self, word: Word) {
        let created = word.created.map(|ts| second(ts).saturating_add(1)).and_then(Second32::new);
        self.created = created.or(self.created);
        self.holder = MinorOdds::said(word.p_minor, word.age, word.age_source).or(self.holder);
        self.band = word.age.filter(|age| *age != Age::Unknown).or(self.band);
        self.country = word.country.or(self.country);
    }

    /// Takes over what an update of the account itself says. Whether it says anything of the holder's age.
    pub(crate) fn learn_own(&mut self, word: Word) -> bool {
        self.learn(word);
        let said = MinorOdds::said(word.p_minor, word.age, word.age_source);
        self.stated = said.or(self.stated);
        said.is_some()
    }

    /// Probability that the holder is a minor for an event that brings this context.
    pub(crate) fn minor(&self, context: Option<&Context>) -> MinorOdds {
        context.and_then(MinorOdds::of).or(self.stated).unwrap_or(MinorOdds::PRIOR)
    }

    /// A contact in this country was made.
    pub(crate) fn widen_circle(&mut self, country: Option<Country>) {
        let Some(country) = country else { return };
        if let Some(i) = self.circle.iter().position(|c| *c == Some(country)) {
            if self.circle_counts[i] == u8::MAX {
                self.circle_counts.iter_mut().for_each(|n| *n /= 2);
            }
            self.circle_counts[i] += 1;
            return;
        }
        let free = self.circle.iter().position(Option::is_none);
        let least = (0..CIRCLE).min_by_key(|i| self.circle_counts[*i]).unwrap_or(0);
        let place = free.unwrap_or(least);
        (self.circle[place], self.circle_counts[place]) = (Some(country), 1);
    }

    /// Share of this account's circle that is not from `country`, in whole percent.
    pub(crate) fn mismatch(&self, country: Option<Country>) -> Option<u8> {
        let country = country?;
        let circle =
            || self.circle.iter().zip(self.circle_counts).filter_map(|(c, n)| Some(((*c)?, u32::from(n))));
        let own = u32::from(self.country == Some(country));
        let same = circle().filter(|(c, _)| *c == country).map(|(_, n)| n).sum::<u32>() + own;
        let all = circle().map(|(_, n)| n).sum::<u32>() + u32::from(self.country.is_some());
        (all > 0).then(|| u8::try_from(100 * (all - same) / all).unwrap_or(100))
    }

    /// Somebody asked for contact.
    pub(crate) fn court(&mut self, now: Second) {
        self.forget_victim(now);
        self.courted = self.courted.saturating_add(1);
    }

    /// The account blocked or reported somebody.
    pub(crate) fn protest(&mut self, now: Second) {
        self.forget_victim(now);
        self.protested = self.protested.saturating_add(1);
    }

    fn forget_victim(&mut self, now: Second) {
        if ago(self.courted_at, now) > VICTIM_MEMORY {
            (self.courted, self.protested) = (0, 0);
        }
        self.courted_at = self.courted_at.max(now);
    }

    /// How much more those turn to this account to whom others objected, in sixteenths of a nat.
    pub(crate) fn susceptibility(&self, now: Second) -> i8 {
        let forgotten = ago(self.courted_at, now) > VICTIM_MEMORY;
        let (courted, protested) = if forgotten { (0, 0) } else { (self.courted, self.protested) };
        let odds = (f64::from(protested) + 0.5) / (f64::from(courted) + 5.0) / 0.1;
        #[expect(clippy::cast_possible_truncation, reason = "clamped to -32 to 96")]
        let sixteenths = (16.0 * odds.ln()).round().clamp(-32.0, 96.0) as i8;
        sixteenths
    }
}

/// Every account that was met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    numbers: HashTable<Slot>,
    /// The tokens one after the other, and where each ends.
    text: Vec<u8>,
    ends: Paged<u32>,
    cards: Paged<Card>,
}

/// A number, with some of its token's hash so that most others are told apart without reading the token.
#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: u32,
    id: AccountId,
}

/// Where a token would be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(u64);

impl Place {
    pub(crate) fn of(token: &Token) -> Self {
        Self(hash(token.as_bytes()))
    }

    fn tag(self) -> u32 {
        u32::try_from(self.0 & 0xffff_ffff).unwrap_or(0)
    }
}

/// Sixty-four bits by which devices, networks and groups are told apart, the same in every version.
pub(crate) fn key_of(token: &Token) -> u64 {
    key(token.as_bytes())
}

fn key(token: &[u8]) -> u64 {
    let hash = blake3::hash(token);
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

impl Directory {
    pub(crate) fn len(&self) -> usize {
        self.cards.len()
    }

    pub(crate) fn find(&self, place: Place, token: &Token) -> Option<AccountId> {
        let is_it = |slot: &Slot| slot.tag == place.tag() && self.is(slot.id, token);
        self.numbers.find(place.0, is_it).map(|slot| slot.id)
    }

    /// An account that is found where this one would be, by its hash alone.
    pub(crate) fn likely(&self, place: Place) -> Option<AccountId> {
        self.numbers.find(place.0, |slot| slot.tag == place.tag()).map(|slot| slot.id)
    }

    /// Whether this is the account of a token.
    pub(crate) fn is(&self, id: AccountId, token: &Token) -> bool {
        self.bytes(id) == token.as_bytes()
    }

    /// Asks for an account's card and for where its token is.
    pub(super) fn fetch(&self, id: AccountId) {
        self.cards.fetch(id);
        self.ends.fetch(id);
    }

    /// Asks for an account's token.
    pub(super) fn fetch_text(&self, id: AccountId) {
        let token = self.bytes(id);
        fetch(token, 0);
        fetch(token, token.len().saturating_sub(1));
    }

    /// The account of a token, which is met now if it never was.
    pub(crate) fn meet(&mut self, place: Place, token: &Token) -> AccountId {
        self.find(place, token).unwrap_or_else(|| self.add(place, token))
    }

    fn add(&mut self, place: Place, token: &Token) -> AccountId {
        #[expect(clippy::expect_used, reason = "the process is out of memory long before")]
        let id = AccountId::try_from(self.cards.len()).expect("fewer than 2^32 accounts");
        self.text.extend_from_slice(token.as_bytes());
        #[expect(clippy::expect_used, reason = "a shard of a hundred million accounts is another design")]
        self.ends.push(u32::try_from(self.text.len()).expect("less than 4 GiB of tokens"));
        self.cards.push(Card::default());
        // The whole hash cannot be had back from a slot, and a table that grows asks for it.
        let (text, ends) = (&self.text, &self.ends);
        let hash_of = |slot: &Slot| hash(bytes(text, ends, slot.id));
        self.numbers.insert_unique(place.0, Slot { tag: place.tag(), id }, hash_of);
        id
    }

    fn bytes(&self, id: AccountId) -> &[u8] {
        bytes(&self.text, &self.ends, id)
    }

    pub(crate) fn text(&self, id: AccountId) -> &str {
        std::str::from_utf8(self.bytes(id)).unwrap_or_default()
    }

    #[expect(clippy::expect_used, reason = "only tokens are written there")]
    pub(crate) fn token(&self, id: AccountId) -> Token {
        Token::try_from(self.text(id)).expect("what was written as a token is one")
    }

    /// The same key of an account's token.
    pub(crate) fn key(&self, id: AccountId) -> u64 {
        key(self.bytes(id))
    }

    pub(crate) fn card(&self, id: AccountId) -> &Card {
        &self.cards[id]
    }

    pub(crate) fn card_mut(&mut self, id: AccountId) -> &mut Card {
        &mut self.cards[id]
    }

    /// Bytes of an account's entry, but for its token: of a slot and its control byte, at seven eighths full at most,
    /// of where the token ends, and of the card.
    pub(crate) const ENTRY_BYTES: usize =
        (size_of::<Slot>() + 1) * 8 / 7 + size_of::<u32>() + size_of::<Card>();

    /// Bytes of an account's entry.
    pub(crate) fn bytes_of(&self, id: AccountId) -> usize {
        Self::ENTRY_BYTES + self.bytes(id).len()
    }
}

fn hash(token: &[u8]) -> u64 {
    FixedState::with_seed(0x51_1e_70).hash_one(token)
}

fn bytes<'a>(text: &'a [u8], ends: &Paged<u32>, id: AccountId) -> &'a [u8] {
    let start = id.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start as usize..ends[id] as usize]
}
