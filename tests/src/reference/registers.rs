//! What accounts have in common.

use std::collections::{BTreeMap, BTreeSet};

use events::{Body, Event, RegChannel, Status, StatusBy};

use super::age::{ONE, Parts};
use super::{DAY, Second};

const DEVICES_MAX: usize = 2;
const GROUP: Second = 28 * DAY;
const ADDITION: Second = DAY;
const ENTRY: Second = 90 * DAY;

/// How many blocks of 14 days registrations are counted over.
const REGISTRATION_BLOCKS: Second = 3;

fn block(s: Second) -> Second {
    s / (14 * DAY)
}

/// What accounts that were registered alike have in common.
type Registration<'a> = (Option<u32>, Option<&'a str>, Option<&'a str>, Option<RegChannel>);

/// A group, as far as it was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    members: u64,
    minors: Parts,
    seen_at: Second,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Registers<'a> {
    /// Numbers of devices, from 1.
    numbers: BTreeMap<&'a str, u64>,
    /// The last two devices of each account, the older first.
    devices: BTreeMap<&'a str, Vec<&'a str>>,
    /// When an account on a device was last banned.
    device_banned_at: BTreeMap<&'a str, Second>,
    /// Of each account, in which block of time besides.
    registrations: BTreeMap<&'a str, (Registration<'a>, Second)>,
    banned: BTreeSet<&'a str>,
    /// Those that were banned in this tick.
    to_enter: BTreeSet<&'a str>,
    /// Counterparts that are entered under banned accounts, and when.
    entered: BTreeMap<&'a str, (Second, BTreeSet<String>)>,
    groups: BTreeMap<&'a str, Group>,
    /// By account and group: who last added it, and when.
    additions: BTreeMap<(&'a str, &'a str), (&'a str, Second)>,
}

/// What is known of an account's devices, one by one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Device {
    pub(super) others: usize,
    pub(super) banned_others: usize,
    pub(super) banned_at: Option<Second>,
}

impl<'a> Registers<'a> {
    /// An account was taught a device.
    pub(super) fn add_device(&mut self, account: &'a str, device: &'a str) {
        let next = self.numbers.len() as u64 + 1;
        self.numbers.entry(device).or_insert(next);
        let devices = self.devices.entry(account).or_default();
        if !devices.contains(&device) {
            devices.push(device);
            devices.drain(..devices.len().saturating_sub(DEVICES_MAX));
        }
    }

    pub(super) fn number(&self, device: &str) -> Option<u64> {
        self.numbers.get(device).copied()
    }

    /// An account's devices, the older first.
    pub(super) fn devices(&self, account: &str) -> Vec<Device> {
        self.devices_of(account).iter().map(|device| self.device(account, device)).collect()
    }

    fn device(&self, account: &str, device: &str) -> Device {
        let others = || {
            let all = self.devices.iter().filter(|(_, devices)| devices.contains(&device));
            all.map(|(other, _)| *other).filter(|other| *other != account)
        };
        Device {
            others: others().count(),
            banned_others: others().filter(|other| self.banned.contains(other)).count(),
            banned_at: self.device_banned_at.get(device).copied(),
        }
    }

    fn devices_of(&self, account: &str) -> &[&'a str] {
        self.devices.get(account).map_or(&[], Vec::as_slice)
    }

    /// How an account was registered, of which the first time counts.
    pub(super) fn register(&mut self, account: &'a str, event: &'a Event, s: Second) {
        let Body::AccountCreated(created) = &event.body else { return };
        let registration = (
            created.asn,
            created.network.as_ref().map(|network| network.as_str()),
            created.phone_prefix.as_ref().map(|prefix| prefix.as_str()),
            created.reg_channel,
        );
        self.registrations.entry(account).or_insert_with(|| (registration, block(s)));
    }

    /// How many others were lately registered like an account, and how many of these are banned.
    pub(super) fn registered_alike(&self, account: &str, now: Second) -> Option<(usize, usize)> {
        let (own, _) = self.registrations.get(account)?;
        let alike = self.registrations.iter().filter(|(other, (r, _))| **other != account && r == own);
        let lately = alike.filter(|(_, (_, registered))| registered + REGISTRATION_BLOCKS > block(now));
        let lately: Vec<&str> = lately.map(|(other, _)| *other).collect();
        Some((lately.len(), lately.iter().filter(|other| self.banned.contains(**other)).count()))
    }

    /// An account's standing changed.
    pub(super) fn judge(&mut self, account: &'a str, event: &Event, s: Second) {
        let Body::AccountStatus(status) = &event.body else { return };
        match status.status {
            Status::Suspended if status.by != Some(StatusBy::User) => {
                self.to_enter.insert(account);
                if !self.banned.insert(account) {
                    return;
                }
                for device in self.devices.get(account).into_iter().flatten() {
                    let banned_at = self.device_banned_at.entry(device).or_insert(s);
                    *banned_at = s.max(*banned_at);
                }
            }
            Status::Reinstated => {
                self.banned.remove(account);
                self.entered.remove(account);
            }
            _ => {}
        }
    }

    /// The accounts that were banned in the tick that ends, and still are.
    pub(super) fn take_banned(&mut self) -> Vec<&'a str> {
        let to_enter = std::mem::take(&mut self.to_enter);
        to_enter.into_iter().filter(|account| self.banned.contains(account)).collect()
    }

    /// Enters counterparts under a banned account.
    pub(super) fn enter(&mut self, account: &'a str, counterparts: BTreeSet<String>, now: Second) {
        self.entered.insert(account, (now, counterparts));
    }

    /// Those who are entered, by the account under which they are, and whether that one has something in common with
    /// `account`.
    pub(super) fn entered<'s>(
        &'s self,
        account: &'s str,
        now: Second,
    ) -> impl Iterator<Item = (&'s BTreeSet<String>, bool)> {
        let own = self.registrations.get(account);
        let devices = self.devices_of(account);
        let others = self.entered.iter().filter(move |(banned, _)| **banned != account);
        let entered = others.filter(move |(_, (at, _))| at + ENTRY > now);
        entered.map(move |(banned, (_, counterparts))| {
            let shares_device = self.devices_of(banned).iter().any(|device| devices.contains(device));
            let shares_registration = own.is_some() && self.registrations.get(banned) == own;
            (counterparts, shares_device || shares_registration)
        })
    }

    /// A group as it is before an event of it.
    fn group(&mut self, group: &'a str, s: Second) -> &mut Group {
        let group = self.groups.entry(group).or_default();
        if group.seen_at + GROUP < s {
            *group = Group::default();
        }
        group.seen_at = group.seen_at.max(s);
        group
    }

    /// An account makes a group.
    pub(super) fn create_group(&mut self, group: &'a str, p: Parts, s: Second) {
        *self.group(group, s) = Group { members: 1, minors: p, seen_at: s };
    }

    /// One more comes into a group; gives whether it then was a group of minors.
    pub(super) fn enter_group(&mut self, group: &'a str, p: Parts, s: Second) -> bool {
        let group = self.group(group, s);
        let was_of_minors = group.members >= 3 && 2 * group.minors >= group.members * ONE;
        group.members += 1;
        group.minors += p;
        was_of_minors
    }

    /// One leaves a group.
    pub(super) fn leave_group(&mut self, group: &'a str, p: Parts, s: Second) {
        let group = self.group(group, s);
        group.members = group.members.saturating_sub(1);
        group.minors = group.minors.saturating_sub(p);
    }

    /// Remembers who added an account to a group.
    pub(super) fn note_addition(&mut self, account: &'a str, group: &'a str, adder: &'a str, s: Second) {
        self.additions.insert((account, group), (adder, s));
    }

    /// Who added an account that leaves a group to it, not long ago. Whoever leaves again has to be added again.
    pub(super) fn take_adder(&mut self, account: &'a str, group: &'a str, s: Second) -> Option<&'a str> {
        let (adder, at) = self.additions.remove(&(account, group))?;
        (at + ADDITION >= s).then_some(adder)
    }
}
