//! What is remembered of all accounts, and how one event changes it.
//!
//! What is common to all (cards, registers) is here; what an account itself remembers lies in its shard, and of the
//! two sides of a pair each changes by itself. So the number of shards changes nothing.

use events::{
    AccountCreated, AccountUpdated, Body, Changed, Event, SessionStarted, Status, StatusBy, Token, Via,
};

use crate::age::{MinorOdds, is_minor_band};
use crate::time::{DAY, Second, ago, second};

mod change_set;
mod crowd;
mod diary;
pub(crate) mod directory;
mod evidence;
mod foresight;
mod meet;
mod paged;
pub(crate) mod pair;
mod registers;
mod registration;
pub(crate) mod shard;
mod slab;
pub(crate) mod stored;

pub(crate) use crowd::Crowded;
use diary::View;
pub(crate) use diary::{Diary, Hourly, Hours, Life, MESSAGES_MAX, Rare, Style, Sum};
pub(crate) use directory::{AccountId, Card, Directory};
pub(crate) use registers::{Links, Registers};
pub(crate) use shard::{Account, Shard};

pub(crate) use meet::allowance;

use change_set::ChangeSet;
use directory::Word;
use foresight::{Parties, Party};

pub(crate) use foresight::GROUP;

/// Most counterparts of a suspended account that are entered under it.
const BAN_COUNTERPARTS: usize = 64;

/// A group in which at least this many are expected minors exposes an adult who finds it.
const EXPOSING_MEMBERS: u32 = 3;

/// Everything that is remembered.
#[derive(Clone, Debug)]
pub(crate) struct State {
    directory: Directory,
    registers: Registers,
    shards: Vec<Shard>,
    /// Accounts for which something happened in this tick; some several times.
    touched: Vec<AccountId>,
    /// Accounts that said something of their holder's age in this tick, and those that were suspended.
    revised: Vec<AccountId>,
    suspended: Vec<(AccountId, Second)>,
    /// Accounts that changed since the last snapshot.
    changed: ChangeSet,
}

/// One event with what is needed of it everywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening<'a> {
    event: &'a Event,
    s: Second,
    /// Whether it came after its tick had been closed.
    late: bool,
}

impl State {
    pub(crate) fn new(shards: usize) -> Self {
        Self {
            directory: Directory::default(),
            registers: Registers::default(),
            shards: vec![Shard::default(); shards.max(1)],
            touched: Vec::new(),
            revised: Vec::new(),
            suspended: Vec::new(),
            changed: ChangeSet::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.directory.len()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = AccountId> + use<> {
        0..u32::try_from(self.directory.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(crate) fn registers(&self) -> &Registers {
        &self.registers
    }

    /// The shard of an account, and its number there.
    pub(crate) fn shard(&self, id: AccountId) -> (&Shard, u32) {
        let (shard, local) = self.place(id);
        (&self.shards[shard], local)
    }

    pub(crate) fn account(&self, id: AccountId) -> (&Shard, &Account) {
        let (shard, local) = self.shard(id);
        (shard, shard.account(local))
    }

    fn place(&self, id: AccountId) -> (usize, u32) {
        let n = self.shards.len();
        // Spares a division.
        if n == 1 {
            return (0, id);
        }
        (id as usize % n, u32::try_from(id as usize / n).unwrap_or(u32::MAX))
    }

    fn shard_mut(&mut self, id: AccountId) -> (&mut Shard, u32) {
        let (shard, local) = self.place(id);
        (&mut self.shards[shard], local)
    }

    /// Bytes of everything that is kept of an account.
    pub(crate) fn bytes_of(&self, id: AccountId) -> usize {
        let (shard, local) = self.shard(id);
        self.directory.bytes_of(id) + self.registers.bytes_of(id) + shard.bytes_of(local)
    }

    fn meet_account(&mut self, token: &Token, party: Party) -> AccountId {
        let place = party.place;
        let is_it = |id: &AccountId| self.directory.is(*id, token);
        let known = party.likely.filter(is_it).or_else(|| self.directory.find(place, token));
        let id = known.unwrap_or_else(|| {
            let id = self.directory.meet(place, token);
            self.shard_mut(id).0.add();
            self.registers.meet_account();
            id
        });
        self.changed.note(id);
        id
    }

    /// Takes in one event, in order of (time, id).
    fn apply(&mut self, event: &Event, late: bool, parties: Parties) {
        let (Some(actor), Some(party)) = (event.actor.as_ref(), parties.actor) else { return };
        let happening = Happening { event, s: second(event.ts), late };
        let actor = self.meet_account(actor, party);
        let target = event.target.as_ref().zip(parties.target);
        let target = target.map(|(token, party)| self.meet_account(token, party));
        self.learn(happening, actor, target);
        self.act_alone(happening, actor);
        if let Some(target) = target {
            if target != actor {
                self.act_together(happening, actor, target);
            }
            self.note_in_diary(happening, actor, target);
            self.count_after(happening, actor, target);
        }
    }

    /// What the contexts say.
    fn learn(&mut self, happening: Happening<'_>, actor: AccountId, target: Option<AccountId>) {
        let Event { actor_ctx, target_ctx, .. } = happening.event;
        if let Some(context) = actor_ctx {
            self.directory.card_mut(actor).learn(Word::from(context));
        }
        if let (Some(context), Some(target)) = (target_ctx, target) {
            self.directory.card_mut(target).learn(Word::from(context));
        }
    }

    /// What an event means for its actor, whomever else it names.
    fn act_alone(&mut self, happening: Happening<'_>, actor: AccountId) {
        let s = happening.s;
        match &happening.event.body {
            Body::AccountCreated(created) => self.create(happening, actor, created),
            Body::AccountUpdated(updated) => self.update(happening, actor, updated),
            Body::AccountStatus(status) => match status.status {
                Status::Suspended if status.by != Some(StatusBy::User) => {
                    self.registers.set_banned(actor, true, s);
                    self.suspended.push((actor, s));
                }
                Status::Reinstated => self.registers.set_banned(actor, false, s),
                _ => {}
            },
            Body::SessionStarted(session) => self.start_session(happening, actor, session),
            Body::DeviceLinked(linked) => {
                self.use_device(actor, &linked.device);
                self.see_new_device(actor, s);
            }
            Body::MessageSent(message) if !happening.late => {
                let created = self.directory.card(actor).created();
                let is_first = created.is_some_and(|created| s >= created && s - created < 300);
                let (shard, local) = self.shard_mut(actor);
                let diary = shard.diary_mut(local);
                diary.note(s, message);
                diary.first_minutes = diary.first_minutes.saturating_add(u16::from(is_first));
            }
            Body::GroupCreated(created) => {
                let minor = self.minor_of_actor(happening, actor);
                self.registers.create(&created.group, minor, s);
                self.rare_mut(actor).hours_mut().groups_created.count(s);
                self.touched.push(actor);
            }
            Body::GroupJoined(joined) => self.join(happening, actor, &joined.group, joined.via),
            Body::GroupLeft(left) => {
                let minor = self.minor_of_actor(happening, actor);
                if let Some(adder) = self.registers.leave(&left.group, actor, minor, s) {
                    self.leave_quickly(adder, actor, s);
                }
            }
            _ => {}
        }
    }

    fn create(&mut self, happening: Happening<'_>, actor: AccountId, created: &AccountCreated) {
        let word = Word { created: Some(created.created), country: created.country, ..Word::default() };
        self.directory.card_mut(actor).learn(word);
        self.registers.register(actor, created, happening.s);
        if let Some(device) = &created.device {
            self.use_device(actor, device);
        }
        self.touched.push(actor);
    }

    fn update(&mut self, happening: Happening<'_>, actor: AccountId, updated: &AccountUpdated) {
        let s = happening.s;
        let AccountUpdated { p_minor, age, age_source, created, country, changed } = updated;
        let before = self.directory.card(actor).band;
        let word = Word {
            p_minor: *p_minor,
            age: *age,
            age_source: *age_source,
            created: *created,
            country: *country,
        };
        if self.directory.card_mut(actor).learn_own(word) {
            self.revised.push(actor);
        }
        self.touched.push(actor);
        if before.is_some_and(|band| !is_minor_band(band)) && age.is_some_and(is_minor_band) {
            let rare = self.rare_mut(actor);
            rare.age_edits = rare.age_edits.saturating_add(1);
            let is_after_refusal = rare.refused.at().is_some_and(|at| ago(at, s) <= DAY);
            rare.age_edits_after_refusal =
                rare.age_edits_after_refusal.saturating_add(u8::from(is_after_refusal));
        }
        let kinds = [Changed::Name, Changed::Photo, Changed::Username, Changed::Bio];
        let named = |kind: &Changed| changed.as_ref().is_some_and(|changed| changed.contains(kind));
        let count = kinds.iter().filter(|kind| named(kind)).count();
        if count > 0 {
            self.rare_mut(actor).edit(s, u8::try_from(count).unwrap_or(u8::MAX));
        }
    }

    fn start_session(&mut self, happening: Happening<'_>, actor: AccountId, session: &SessionStarted) {
        if let Some(device) = &session.device {
            self.use_device(actor, device);
        }
        if session.new_device == Some(true) {
            self.see_new_device(actor, happening.s);
        }
        if let Some(country) = session.country {
            let word = Word { country: Some(country), ..Word::default() };
            self.directory.card_mut(actor).learn(word);
            let home = *self.directory.card_mut(actor).home.get_or_insert(country);
            if home != country && self.rare_mut(actor).visit(happening.s, country) {
                self.touched.push(actor);
            }
        }
    }

    fn see_new_device(&mut self, actor: AccountId, s: Second) {
        self.rare_mut(actor).new_device.see(s);
        self.touched.push(actor);
    }

    fn use_device(&mut self, account: AccountId, token: &Token) {
        let number = self.registers.device(token);
        self.registers.use_device(account, number);
        self.directory.card_mut(account).device = number;
    }

    /// An adult who finds a group of minors is exposed to it.
    fn join(&mut self, happening: Happening<'_>, actor: AccountId, group: &Token, via: Option<Via>) {
        let s = happening.s;
        let minor = self.minor_of_actor(happening, actor);
        let (members, minors) = self.registers.join(group, minor, s);
        let is_found = matches!(via, Some(Via::Link | Via::Search));
        let is_of_minors = members >= EXPOSING_MEMBERS && minors >= u64::from(members) * 5_000;
        if is_found && is_of_minors && !minor.is_likely() {
            let rare = self.rare_mut(actor);
            rare.hours_mut().exposures.count(s);
            rare.exposed.see(s);
            self.touched.push(actor);
        }
    }

    /// What an account notes of its own acts, also of those upon itself.
    fn note_in_diary(&mut self, happening: Happening<'_>, actor: AccountId, target: AccountId) {
        let Happening { event, s, late } = happening;
        match &event.body {
            Body::GateRefused(_) => {
                let rare = self.rare_mut(actor);
                rare.hours_mut().refusals.count(s);
                rare.refused.see(s);
                self.touched.push(actor);
            }
            Body::MessageUnsent(_) => {
                self.rare_mut(actor).unsent.see(s);
            }
            Body::DiscoveryViewed(_) if !late => {
                let minor = self.directory.card(target).minor(event.target_ctx.as_ref());
                self.rare_mut(actor).view(View { whom: target, at: s, minor });
            }
            _ => {}
        }
    }

    /// The counts on cards of which an event is a part itself.
    fn count_after(&mut self, happening: Happening<'_>, actor: AccountId, target: AccountId) {
        match &happening.event.body {
            Body::ContactRequested(_) => self.directory.card_mut(target).court(happening.s),
            Body::ContactBlocked(_) | Body::ReportFiled(_) => {
                self.directory.card_mut(actor).protest(happening.s)
            }
            Body::ContactAccepted(_) => {
                let countries = [actor, target].map(|id| self.directory.card(id).country);
                self.directory.card_mut(actor).widen_circle(countries[1]);
                self.directory.card_mut(target).widen_circle(countries[0]);
            }
            _ => {}
        }
    }

    fn minor_of_actor(&self, happening: Happening<'_>, actor: AccountId) -> MinorOdds {
        self.directory.card(actor).minor(happening.event.actor_ctx.as_ref())
    }

    fn rare_mut(&mut self, id: AccountId) -> &mut Rare {
        let (shard, local) = self.shard_mut(id);
        shard.rare_mut(local)
    }

    /// What takes effect when all of a tick's events are in. Returns the accounts that are to be looked at, each once.
    pub(crate) fn end_tick(&mut self, now: Second) -> Vec<AccountId> {
        let mut revised = std::mem::take(&mut self.revised);
        revised.sort_unstable();
        revised.dedup();
        for account in revised {
            self.revise(account, now);
        }
        for (account, at) in std::mem::take(&mut self.suspended) {
            if self.registers.is_banned(account) {
                let (shard, remembered) = self.account(account);
                let mut turned_to: Vec<AccountId> = shard
                    .approaches(remembered)
                    .filter(|(_, a)| a.is_young(now))
                    .map(|(other, _)| other)
                    .collect();
                turned_to.drain(..turned_to.len().saturating_sub(BAN_COUNTERPARTS));
                self.registers.enter_ban(account, at, turned_to);
            }
        }
        self.registers.sweep(now);
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// Every account that an account remembers, and that remembers it, takes over how likely a minor it now is.
    fn revise(&mut self, account: AccountId, now: Second) {
        let Some(minor) = self.directory.card(account).stated() else { return };
        let (shard, remembered) = self.account(account);
        let approaches = shard.approaches(remembered).map(|(other, approach)| (other, approach.as_bond()));
        let bonds = shard.bonds(remembered).map(|(other, bond)| (other, *bond));
        let remembered = approaches.chain(bonds).filter(|(_, bond)| !bond.is_forgotten(now));
        let others: Vec<AccountId> = remembered.map(|(other, _)| other).collect();
        for other in others {
            let (shard, local) = self.shard_mut(other);
            let place = shard.find(local, account, now);
            if shard.revise(local, place, minor) {
                self.touched.push(other);
            }
            if place.is_some() {
                self.changed.note(other);
            }
        }
    }
}
