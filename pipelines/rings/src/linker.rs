//! What accounts have in common, kept as events come, and the links that follow from it.

use std::collections::BTreeSet;
use std::hash::Hasher;

use events::{Body, Event, Relation, Status, Surface, Token};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::account::{Account, DEVICES_MAX, NETWORKS_MAX, Number, fraction};
use crate::asks::{Approach, Ask, IN_A_GROUP, approach};
use crate::link::{Pair, ordered};
use crate::place::{Place, PlaceKind};
use crate::{BAN_MEMORY, DAY, MEMORY, Second, second};

mod evidence;

/// What accounts have in common. Bounded for each account and each place, whatever they do.
///
/// A tick at a time: what comes out depends on the set of a tick's events, not on their order.
#[derive(Clone, Debug, Default)]
pub struct Linker {
    numbers: FxHashMap<u64, Number>,
    accounts: Vec<Account>,
    place_numbers: FxHashMap<u64, u32>,
    places: Vec<Place>,
    /// Accounts that are suspended: whether one is, is asked far more often than anything else of it.
    suspended: FxHashSet<Number>,
    /// Pairs that a reviewer has broken.
    broken: BTreeSet<(Token, Token)>,
    /// Accounts of which something changed that links rest on.
    changed: BTreeSet<Number>,
    now: Second,
}

/// What a linker takes in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Accounts.
    pub accounts: usize,
    /// Devices, network prefixes and phone prefixes.
    pub places: usize,
    /// Sightings of an account at a place, and first contacts.
    pub edges: usize,
    /// Bytes of all that.
    pub bytes: usize,
}

/// A key of 64 bits. Tokens are keyed pseudonyms, so that nobody outside chooses them.
pub(crate) fn key(kind: u8, token: &Token) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u8(kind);
    hasher.write(token.as_bytes());
    hasher.finish()
}

const ACCOUNT: u8 = 255;

impl Linker {
    /// Takes in the events of one tick, in any order. An event that comes twice within the tick counts once.
    pub fn tick(&mut self, events: &[Event]) {
        let mut order: Vec<&Event> = events.iter().collect();
        order.sort_unstable_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));
        order.dedup_by(|a, b| a.id == b.id);
        for event in order {
            self.observe(event);
        }
    }

    /// Breaks whatever links two accounts, for good.
    pub fn break_link(&mut self, one: &Token, other: &Token) {
        self.broken.insert(ordered(one, other));
        for account in [one, other] {
            self.changed.extend(self.number_of(account));
        }
    }

    /// Whether a reviewer has broken what links two accounts.
    pub fn is_broken(&self, one: &Token, other: &Token) -> bool {
        self.broken.contains(&ordered(one, other))
    }

    /// The latest event, milliseconds since the epoch, in whole seconds.
    pub fn now(&self) -> events::Millis {
        u64::from(self.now) * 1000
    }

    /// Accounts that were met.
    pub fn accounts(&self) -> impl Iterator<Item = &Token> {
        self.accounts.iter().map(|account| &account.token)
    }

    /// Whether the account was met.
    pub fn knows(&self, account: &Token) -> bool {
        self.number_of(account).is_some()
    }

    /// Those of whom something changed since this was last asked, in order of token.
    pub fn take_changed(&mut self) -> Vec<Token> {
        let changed = std::mem::take(&mut self.changed);
        let mut tokens: Vec<Token> =
            changed.into_iter().map(|number| self.of(number).token.clone()).collect();
        tokens.sort_unstable();
        tokens
    }

    /// Everything that links an account to others with at least this strength, in order of the others.
    pub fn links_of(&self, account: &Token, least: f64) -> Vec<Pair> {
        self.number_of(account).map(|number| self.pairs_of(number, least)).unwrap_or_default()
    }

    /// What links two accounts, however little; none where it is nothing, or broken.
    pub fn between(&self, one: &Token, other: &Token) -> Option<Pair> {
        self.links_of(one, 0.0).into_iter().find(|pair| pair.other(one) == other)
    }

    /// Every pair of accounts that is linked with at least this strength, in order.
    pub fn links(&self, least: f64) -> Vec<Pair> {
        let mut pairs = self.links_of_part((0, 1), least);
        pairs.sort_unstable_by(|x, y| (&x.a, &x.b).cmp(&(&y.a, &y.b)));
        pairs
    }

    /// A part of these pairs, the first of which is 0, in no order: for whoever has several threads.
    pub fn links_of_part(&self, (part, parts): (usize, usize), least: f64) -> Vec<Pair> {
        let numbers = (0..self.accounts.len()).skip(part).step_by(parts.max(1));
        let mut pairs: Vec<Pair> = Vec::new();
        for number in numbers.filter_map(|number| Number::try_from(number).ok()) {
            let first = &self.of(number).token;
            pairs.extend(self.pairs_of(number, least).into_iter().filter(|pair| pair.a == *first));
        }
        pairs
    }

    /// What it takes in memory.
    pub fn footprint(&self) -> Footprint {
        let index = size_of::<(u64, u32)>() + 1;
        let of_account = |account: &Account| account.asked.len();
        let seats: usize = self.places.iter().map(|place| place.members.len()).sum();
        Footprint {
            accounts: self.accounts.len(),
            places: self.places.len(),
            edges: seats + self.accounts.iter().map(of_account).sum::<usize>(),
            bytes: self.accounts.iter().map(Account::bytes).sum::<usize>()
                + self.places.iter().map(Place::bytes).sum::<usize>()
                + (self.numbers.capacity() + self.place_numbers.capacity()) * index,
        }
    }

    pub(crate) fn number_of(&self, token: &Token) -> Option<Number> {
        self.numbers.get(&key(ACCOUNT, token)).copied()
    }

    pub(crate) fn of(&self, number: Number) -> &Account {
        &self.accounts[number as usize]
    }

    pub(crate) fn place(&self, number: u32) -> &Place {
        &self.places[number as usize]
    }

    pub(crate) fn at(&self) -> Second {
        self.now
    }

    fn meet(&mut self, token: &Token) -> Number {
        let next = Number::try_from(self.accounts.len()).unwrap_or(Number::MAX);
        let number = *self.numbers.entry(key(ACCOUNT, token)).or_insert(next);
        if number == next {
            self.accounts.push(Account::new(token.clone()));
        }
        number
    }

    fn observe(&mut self, event: &Event) {
        let now = second(event.ts);
        let day_before = self.now / DAY;
        self.now = self.now.max(now);
        if self.now / DAY > day_before {
            self.sweep();
        }
        let actor = event.actor.as_ref().map(|token| self.meet(token));
        let target = event.target.as_ref().map(|token| self.meet(token));
        for (number, context) in [(actor, &event.actor_ctx), (target, &event.target_ctx)] {
            if let Some((number, context)) = number.zip(context.as_ref())
                && self.accounts[number as usize].learn(context)
            {
                self.changed.insert(number);
            }
        }
        let Some(actor) = actor else { return };
        match &event.body {
            Body::AccountCreated(created) => {
                self.accounts[actor as usize].created = Some(second(created.created));
                self.changed.insert(actor);
                self.seat(actor, (PlaceKind::Device, created.device.as_ref()), now);
                self.seat(actor, (PlaceKind::Network, created.network.as_ref()), now);
                self.seat(actor, (PlaceKind::PhonePrefix, created.phone_prefix.as_ref()), now);
            }
            Body::AccountUpdated(updated) => {
                let account = &mut self.accounts[actor as usize];
                account.minor = updated.p_minor.map(|p| fraction(p.get())).or(account.minor);
            }
            Body::AccountStatus(changed) => self.stand(actor, changed.status, now),
            Body::SessionStarted(session) => {
                self.seat(actor, (PlaceKind::Device, session.device.as_ref()), now);
                self.seat(actor, (PlaceKind::Network, session.network.as_ref()), now);
            }
            Body::DeviceLinked(linked) => self.seat(actor, (PlaceKind::Device, Some(&linked.device)), now),
            body => {
                if let Some((surface, target)) = turns_to(body).zip(target) {
                    self.turn((actor, target), (event.rel.as_ref(), surface), now);
                }
            }
        }
    }

    fn stand(&mut self, actor: Number, status: Status, now: Second) {
        let account = &mut self.accounts[actor as usize];
        match status {
            Status::Suspended => {
                account.banned = Some(account.banned.map_or(now, |at| at.min(now)));
                self.suspended.insert(actor);
            }
            Status::Active | Status::Reinstated => {
                account.banned = None;
                self.suspended.remove(&actor);
            }
            Status::Restricted | Status::Closed => return,
        }
        self.changed.insert(actor);
    }

    /// An account is seen at a place.
    fn seat(&mut self, actor: Number, (kind, token): (PlaceKind, Option<&Token>), now: Second) {
        let Some(token) = token else { return };
        let key = key(kind as u8, token);
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let number = *self.place_numbers.entry(key).or_insert(next);
        if number == next {
            self.places.push(Place::new(key, kind));
        }
        if self.places[number as usize].see(actor, now) {
            self.changed.insert(actor);
        }
        let account = &mut self.accounts[actor as usize];
        let (list, most) = match kind {
            PlaceKind::Device => (&mut account.devices, DEVICES_MAX),
            PlaceKind::Network => (&mut account.networks, NETWORKS_MAX),
            PlaceKind::PhonePrefix => {
                account.prefix = Some(number);
                return;
            }
        };
        let left = match list.iter().position(|place| *place == number) {
            Some(index) => {
                list.remove(index);
                None
            }
            None => (list.len() >= most).then(|| list.remove(0)),
        };
        list.push(number);
        if let Some(left) = left {
            self.places[left as usize].forget(actor);
        }
    }

    /// An account turns to another.
    fn turn(
        &mut self,
        (actor, target): (Number, Number),
        (rel, surface): (Option<&Relation>, Option<Surface>),
        now: Second,
    ) {
        if actor == target {
            return;
        }
        let has_met = self.of(actor).has_asked(target) || self.of(target).has_asked(actor);
        match approach(rel, surface) {
            Approach::Connected if !has_met => self.note_old_contacts(actor, target),
            Approach::Stranger(weight) if !has_met => {
                let is_near = self.shared_places(actor, target).any(|place| !self.place(place).is_crowd);
                let weight = if is_near { weight.min(IN_A_GROUP) } else { weight };
                let minor = self.of(target).minor.unwrap_or(0);
                let ask = Ask { who: target, at: now, weight, minor };
                // Each side knows of the other, or neither: so both see the same links.
                if let Some(forgotten) = self.accounts[actor as usize].note_asked(ask) {
                    self.accounts[forgotten as usize].asked_by.retain(|ask| ask.who != actor);
                }
                self.accounts[target as usize].note_asked_by(Ask { who: actor, ..ask });
                self.changed.insert(actor);
            }
            _ => {}
        }
    }

    /// Two who were in contact before anything was seen of how that came.
    fn note_old_contacts(&mut self, one: Number, other: Number) {
        for (account, contact) in [(one, other), (other, one)] {
            if let Some(forgotten) = self.accounts[account as usize].note_contact(contact) {
                self.accounts[forgotten as usize].contacts.retain(|who| *who != account);
            }
        }
        let shared: Vec<u32> = self.shared_places(one, other).collect();
        if shared.is_empty() {
            return;
        }
        let is_new = self.accounts[one as usize].note_known(other);
        if self.accounts[other as usize].note_known(one) || is_new {
            for place in shared {
                let place = &mut self.places[place as usize];
                place.old_contacts = place.old_contacts.saturating_add(1);
            }
            self.changed.extend([one, other]);
        }
    }

    /// Devices and networks at which both were seen.
    fn shared_places(&self, one: Number, other: Number) -> impl Iterator<Item = u32> {
        let (a, b) = (self.of(one), self.of(other));
        let is_shared = |place: &u32| b.devices.contains(place) || b.networks.contains(place);
        a.devices.iter().chain(&a.networks).copied().filter(is_shared)
    }

    /// Once a day, lets go of what is too old to link.
    fn sweep(&mut self) {
        let now = self.now;
        for account in &mut self.accounts {
            let most = if account.banned.is_some() { BAN_MEMORY + MEMORY } else { MEMORY };
            account.asked.retain(|ask| now.saturating_sub(ask.at) <= most);
        }
        // Whoever turned to somebody and was suspended stays known to have done so.
        for index in 0..self.accounts.len() {
            let mut asked_by = std::mem::take(&mut self.accounts[index].asked_by);
            asked_by.retain(|ask| {
                let most = if self.of(ask.who).banned.is_some() { BAN_MEMORY + MEMORY } else { MEMORY };
                now.saturating_sub(ask.at) <= most
            });
            self.accounts[index].asked_by = asked_by;
        }
        for place in &mut self.places {
            let before = place.members.len();
            place.members.retain(|member| now.saturating_sub(member.last) <= BAN_MEMORY);
            if place.members.len() < before && 2 * place.members.len() < place.kind.members_max() {
                place.is_crowd = false;
            }
        }
    }
}

/// On what surface an event turns to its target; none where it does not.
pub(crate) fn turns_to(body: &Body) -> Option<Option<Surface>> {
    match body {
        Body::ContactRequested(request) => Some(Some(request.surface)),
        Body::MessageSent(_) | Body::CallPlaced(_) | Body::GateRefused(_) => Some(None),
        Body::GroupMemberAdded(_) => Some(Some(Surface::Unknown)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
