//! What accounts have in common: devices, registrations, groups, and those whom suspended accounts turned to.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use events::{AccountCreated, Token};
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use super::change_set::ChangeSet;
use super::directory::{AccountId, key_of};
use super::paged::Paged;
use super::registration::{self, Block, Registered};
use crate::age::MinorOdds;
use crate::time::{DAY, Second, ago};

/// How long it is remembered whom a suspended account turned to.
const BAN_MEMORY: Second = 90 * DAY;

/// How long a silent group is remembered.
const GROUP_MEMORY: Second = 28 * DAY;

/// Within this time of being added, leaving is quick.
const LEFT_QUICKLY: Second = DAY;

/// How many devices of an account are known.
const DEVICES: usize = 2;

/// Share of suspended accounts that is usual, and how many accounts it weighs as much as.
const BANNED_USUAL: f64 = 0.01;
const BANNED_STRENGTH: f64 = 50.0;

/// A map that gives the same in every process.
type Fixed<K, V> = HashMap<K, V, FixedState>;

/// What is known beside accounts and pairs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registers {
    pub(super) devices: Numbered<Device>,
    pub(super) registrations: Numbered<Registered>,
    /// By the account's number.
    pub(super) standings: Paged<Standing>,
    pub(super) groups: Fixed<u64, Group>,
    pub(super) groups_changed: HashSet<u64, FixedState>,
    pub(super) passing: Passing,
    /// For each account that a suspended one turned to: by whom.
    turned_to_by: Fixed<AccountId, Vec<AccountId>>,
    swept: Second,
}

/// What is small, or soon gone, and so is stored whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Passing {
    added: BTreeMap<(AccountId, u64), (AccountId, Second)>,
    /// Additions in the order in which they may be let go.
    added_order: VecDeque<(Second, AccountId, u64)>,
    bans: BTreeMap<AccountId, Ban>,
}

/// Records that are found by a key and then known by a number, from 1.
#[derive(Clone, Debug)]
pub(super) struct Numbered<R> {
    numbers: Fixed<u64, u32>,
    pub(super) records: Paged<(u64, R)>,
    pub(super) changed: ChangeSet,
}

impl<R> Default for Numbered<R> {
    fn default() -> Self {
        Self { numbers: Fixed::default(), records: Paged::default(), changed: ChangeSet::default() }
    }
}

impl<R: Default> Numbered<R> {
    fn number(&mut self, key: u64) -> u32 {
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        self.add(key, R::default());
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    /// Adds the next record.
    pub(super) fn add(&mut self, key: u64, record: R) {
        self.records.push((key, record));
        let number = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        self.numbers.insert(key, number);
        self.changed.note(number - 1);
    }

    /// The record of a number; none for 0.
    fn get(&self, number: u32) -> Option<&R> {
        Some(&self.records[number.checked_sub(1)?].1)
    }

    /// Asks for the record of a number.
    fn fetch(&self, number: u32) {
        if let Some(index) = number.checked_sub(1) {
            self.records.fetch(index);
        }
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut R> {
        let index = number.checked_sub(1)?;
        self.changed.note(index);
        Some(&mut self.records[index].1)
    }
}

/// How many accounts share something, and how many of these are suspended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shared {
    pub(crate) accounts: u32,
    pub(crate) banned: u32,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Device {
    shared: Shared,
    banned_at: Option<Second>,
}

/// Devices, registration and suspension of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Oldest first; 0 for none.
    devices: [u32; DEVICES],
    /// Number of its registration, from 1; 0 for none.
    registration: u32,
    /// In which block of time it was registered.
    registered: Block,
    banned: bool,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Group {
    members: u32,
    minors: u64,
    last: Second,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ban {
    at: Second,
    turned_to: Vec<AccountId>,
}

/// What the registers say of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Links {
    /// Smoothed share of suspended accounts among others registered alike.
    pub(crate) reputation: Option<f64>,
    /// Other accounts on its devices, summed over the devices.
    pub(crate) device_accounts: u32,
    /// Suspended ones among them, those on crowded devices counting less.
    pub(crate) banned_link: f64,
    /// When an account on one of its devices was last suspended.
    pub(crate) banned_at: Option<Second>,
}

impl Registers {
    /// Makes room for one more account.
    pub(super) fn meet_account(&mut self) {
        self.standings.push(Standing::default());
    }

    /// The number of a device, from 1.
    pub(crate) fn device(&mut self, token: &Token) -> u32 {
        self.devices.number(key_of(token))
    }

    /// An account was seen with a device.
    pub(crate) fn use_device(&mut self, account: AccountId, number: u32) {
        let standing = &mut self.standings[account];
        if standing.devices.contains(&number) {
            return;
        }
        let [dropped, kept] = standing.devices;
        standing.devices = [kept, number];
        let banned = u32::from(standing.banned);
        for (device, is_new) in [(dropped, false), (number, true)] {
            if let Some(device) = self.devices.get_mut(device) {
                device.shared.change(is_new, banned);
            }
        }
    }

    /// An account came to be.
    pub(crate) fn register(&mut self, account: AccountId, created: &AccountCreated, now: Second) {
        let standing = &mut self.standings[account];
        if standing.registration != 0 {
            return;
        }
        standing.registration = self.registrations.number(registration::key(created));
        standing.registered = registration::block(now);
        if let Some(alike) = self.registrations.get_mut(standing.registration) {
            alike.add(standing.registered, standing.banned);
        }
    }

    /// An account is suspended, or no longer is.
    pub(crate) fn set_banned(&mut self, account: AccountId, banned: bool, now: Second) {
        let standing = &mut self.standings[account];
        if standing.banned == banned {
            return;
        }
        standing.banned = banned;
        let change = |n: &mut u32| *n = if banned { *n + 1 } else { n.saturating_sub(1) };
        for number in standing.devices {
            let Some(device) = self.devices.get_mut(number) else { continue };
            change(&mut device.shared.banned);
            if banned {
                device.banned_at = device.banned_at.max(Some(now));
            }
        }
        if let Some(alike) = self.registrations.get_mut(standing.registration)
            && let Some(shared) = alike.of(standing.registered)
        {
            change(&mut shared.banned);
        }
        if !banned {
            self.forget_ban(account);
        }
    }

    pub(crate) fn is_banned(&self, account: AccountId) -> bool {
        self.standings[account].banned
    }

    /// Enters whom a suspended account had turned to.
    pub(crate) fn enter_ban(&mut self, account: AccountId, at: Second, turned_to: Vec<AccountId>) {
        self.forget_ban(account);
        for other in &turned_to {
            self.turned_to_by.entry(*other).or_default().push(account);
        }
        self.passing.bans.insert(account, Ban { at, turned_to });
    }

    /// Takes up what was stored.
    pub(super) fn resume(&mut self, passing: Passing) {
        self.passing = passing;
        for (account, ban) in &self.passing.bans {
            for other in &ban.turned_to {
                self.turned_to_by.entry(*other).or_default().push(*account);
            }
        }
    }

    fn forget_ban(&mut self, account: AccountId) {
        for other in self.passing.bans.remove(&account).into_iter().flat_map(|ban| ban.turned_to) {
            if let Some(by) = self.turned_to_by.get_mut(&other) {
                by.retain(|b| *b != account);
                if by.is_empty() {
                    self.turned_to_by.remove(&other);
                }
            }
        }
    }

    /// Most overlap of those whom an account turned to first with those whom a suspended account had turned to:
    /// common ones over all of either, half as much where they share no device and no registration.
    pub(crate) fn recontact(&self, account: AccountId, turned_to: &[AccountId], now: Second) -> f64 {
        let mut common: BTreeMap<AccountId, usize> = BTreeMap::new();
        for by in turned_to.iter().filter_map(|other| self.turned_to_by.get(other)).flatten() {
            *common.entry(*by).or_default() += 1;
        }
        let overlaps = common.into_iter().filter(|(by, _)| *by != account).filter_map(|(by, common)| {
            let ban = self.passing.bans.get(&by).filter(|ban| ago(ban.at, now) < BAN_MEMORY)?;
            let all = turned_to.len() + ban.turned_to.len() - common;
            let link = if self.are_linked(account, by) { 1.0 } else { 0.5 };
            Some(link * common as f64 / all as f64)
        });
        overlaps.fold(0.0, f64::max)
    }

    fn are_linked(&self, a: AccountId, b: AccountId) -> bool {
        let (a, b) = (&self.standings[a], &self.standings[b]);
        let same_device = a.devices.iter().any(|d| *d != 0 && b.devices.contains(d));
        same_device || (a.registration != 0 && a.registration == b.registration)
    }

    /// What is known of an account through others.
    pub(crate) fn links(&self, account: AccountId, now: Second) -> Links {
        let standing = &self.standings[account];
        let itself = u32::from(standing.banned);
        let mut links = Links::default();
        if let Some(alike) = self.registrations.get(standing.registration) {
            let mut recent = alike.recent(now);
            if Registered::is_recent(standing.registered, now) {
                recent.accounts -= 1;
                recent.banned -= itself;
            }
            let smoothed = f64::from(recent.banned) + BANNED_USUAL * BANNED_STRENGTH;
            links.reputation = Some(smoothed / (f64::from(recent.accounts) + BANNED_STRENGTH));
        }
        for device in standing.devices.iter().filter_map(|number| self.devices.get(*number)) {
            links.device_accounts += device.shared.accounts - 1;
            let banned = f64::from(device.shared.banned - itself);
            links.banned_link += banned / (2.0 + f64::from(device.shared.accounts)).ln();
            links.banned_at = links.banned_at.max(device.banned_at);
        }
        links
    }

    /// Somebody makes a group, in place of one of the same name.
    pub(crate) fn create(&mut self, group: &Token, minor: MinorOdds, now: Second) {
        *self.group(group, now) = Group { last: now, ..Group::default() };
        self.join(group, minor, now);
    }

    /// Somebody enters a group. Returns how many were in it before, and how many minors are expected among them, in
    /// ten-thousandths.
    pub(crate) fn join(&mut self, group: &Token, minor: MinorOdds, now: Second) -> (u32, u64) {
        let group = self.group(group, now);
        let before = (group.members, group.minors);
        group.members = group.members.saturating_add(1);
        group.minors += u64::from(minor.ten_thousandths());
        before
    }

    /// Somebody leaves a group. Returns who had added it not long before.
    pub(crate) fn leave(
        &mut self,
        group: &Token,
        account: AccountId,
        minor: MinorOdds,
        now: Second,
    ) -> Option<AccountId> {
        let entry = self.group(group, now);
        entry.members = entry.members.saturating_sub(1);
        entry.minors = entry.minors.saturating_sub(u64::from(minor.ten_thousandths()));
        let (adder, at) = self.passing.added.remove(&(account, key_of(group)))?;
        (ago(at, now) <= LEFT_QUICKLY).then_some(adder)
    }

    /// Somebody adds another to a group.
    pub(crate) fn add(&mut self, group: &Token, adder: AccountId, member: AccountId, now: Second) {
        let group = key_of(group);
        self.passing.added.insert((member, group), (adder, now));
        self.passing.added_order.push_back((now, member, group));
        while let Some((at, member, group)) =
            self.passing.added_order.front().copied().filter(|(at, ..)| ago(*at, now) > LEFT_QUICKLY)
        {
            self.passing.added_order.pop_front();
            if self.passing.added.get(&(member, group)).is_some_and(|(_, latest)| *latest <= at) {
                self.passing.added.remove(&(member, group));
            }
        }
    }

    fn group(&mut self, token: &Token, now: Second) -> &mut Group {
        let key = key_of(token);
        self.groups_changed.insert(key);
        let group = self.groups.entry(key).or_default();
        if ago(group.last, now) > GROUP_MEMORY {
            *group = Group::default();
        }
        group.last = group.last.max(now);
        group
    }

    /// Once a day, lets go of what can no longer be seen.
    pub(crate) fn sweep(&mut self, now: Second) {
        if now / DAY == self.swept / DAY {
            return;
        }
        self.swept = now;
        self.groups.retain(|_, group| ago(group.last, now) <= GROUP_MEMORY);
        let old: Vec<AccountId> = self
            .passing
            .bans
            .iter()
            .filter(|(_, ban)| ago(ban.at, now) >= BAN_MEMORY)
            .map(|(account, _)| *account)
            .collect();
        old.into_iter().for_each(|account| self.forget_ban(account));
    }

    /// Asks for an account's standing.
    pub(super) fn fetch(&self, account: AccountId) {
        self.standings.fetch(account);
    }

    /// Asks for its devices and its registration.
    pub(super) fn fetch_links(&self, account: AccountId) {
        let standing = &self.standings[account];
        self.registrations.fetch(standing.registration);
        standing.devices.iter().for_each(|number| self.devices.fetch(*number));
    }

    /// Bytes of what is kept of an account here.
    pub(crate) fn bytes_of(&self, account: AccountId) -> usize {
        size_of_val(&self.standings[account])
    }
}

impl Shared {
    fn change(&mut self, more: bool, banned: u32) {
        if more {
            self.accounts += 1;
            self.banned += banned;
        } else {
            self.accounts -= 1;
            self.banned -= banned;
        }
    }
}
