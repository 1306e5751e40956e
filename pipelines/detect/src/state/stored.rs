//! The state as bytes: in segments, each with what changed since the one before and with a slice of everything, so
//! that the latest few segments together hold everything.

use std::collections::BTreeSet;

use events::Token;
use serde::{Deserialize, Serialize};
use zerocopy::{IntoBytes, TryFromBytes};

use super::State;
use super::change_set::Slice;
use super::crowd::Crowd;
use super::diary::{Diary, Life, Rare};
use super::directory::{AccountId, Card};
use super::evidence::Kept;
use super::pair::{Approach, Bond};
use super::registers::{Device, Group, Passing, Standing};
use super::registration::Registered;

/// How many segments hold everything.
pub(crate) const SEGMENTS: u64 = 16;

/// Bytes of accounts that are handed on at a time, and a few more, so that room is made once.
const PART_BYTES: usize = 4 << 20;
const PART_ROOM: usize = PART_BYTES + (64 << 10);

/// What of the state is in one segment, but for the accounts.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tables {
    accounts: u32,
    devices: u32,
    registrations: u32,
    changed_devices: Vec<(u32, (u64, Device))>,
    changed_registrations: Vec<(u32, (u64, Registered))>,
    changed_groups: Vec<(u64, Group)>,
    passing: Passing,
}

/// One account, but for what lies after it: bonds and approaches, each after the number of the account that it is about,
/// the diary and the life, byte by byte as they lie in memory.
#[derive(Serialize, Deserialize)]
struct Stored {
    token: Token,
    card: Card,
    standing: Standing,
    evidence: Vec<(u32, Kept)>,
    rare: Option<Box<Rare>>,
    crowd: Option<Box<Crowd>>,
    bonds: u16,
    approaches: u16,
    has_diary: bool,
    has_life: bool,
}

impl State {
    /// The next segment: writes its accounts, part by part, with their numbers and lengths before them, and gives its
    /// tables. What changed is no longer changed.
    pub(crate) fn segment(&mut self, number: u64, mut write: impl FnMut(Vec<u8>)) -> Tables {
        let slice = Slice { index: number % SEGMENTS, of: SEGMENTS };
        let registers = &mut self.registers;
        let devices = registers.devices.changed.take(registers.devices.records.len(), slice);
        let registrations =
            registers.registrations.changed.take(registers.registrations.records.len(), slice);
        let groups_changed = std::mem::take(&mut registers.groups_changed);
        let is_due = |key: &u64| groups_changed.contains(key) || slice.holds(*key);
        let mut changed_groups: Vec<(u64, Group)> = registers
            .groups
            .iter()
            .filter(|(key, _)| is_due(key))
            .map(|(key, group)| (*key, *group))
            .collect();
        changed_groups.sort_unstable_by_key(|(key, _)| *key);
        let tables = Tables {
            accounts: count(self.directory.len()),
            devices: count(registers.devices.records.len()),
            registrations: count(registers.registrations.records.len()),
            changed_devices: devices.into_iter().map(|n| (n, registers.devices.records[n])).collect(),
            changed_registrations: registrations
                .into_iter()
                .map(|n| (n, registers.registrations.records[n]))
                .collect(),
            changed_groups,
            passing: registers.passing.clone(),
        };
        let due = self.changed.take(self.directory.len(), slice);
        let mut part = Vec::with_capacity(PART_ROOM);
        for id in due {
            part.extend_from_slice(&id.to_le_bytes());
            let length_at = part.len();
            part.extend_from_slice(&[0; 4]);
            part = self.store(id, part);
            let length = count(part.len() - length_at - 4);
            part[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
            if part.len() >= PART_BYTES {
                write(std::mem::replace(&mut part, Vec::with_capacity(PART_ROOM)));
            }
        }
        write(part);
        tables
    }

    /// Appends one account.
    fn store(&self, id: AccountId, bytes: Vec<u8>) -> Vec<u8> {
        let (shard, account) = self.account(id);
        let (diary, life) = (shard.diary(account), shard.life(account));
        let stored = Stored {
            token: self.directory.token(id),
            card: *self.directory.card(id),
            standing: self.registers.standings[id],
            evidence: shard.evidence_kept(account).collect(),
            rare: account.rare.clone(),
            crowd: account.crowd.clone(),
            bonds: account.bonds.len_u16(),
            approaches: account.approaches.len_u16(),
            has_diary: diary.is_some(),
            has_life: life.is_some(),
        };
        #[expect(
            clippy::expect_used,
            reason = "writing to memory what is made of numbers and tokens does not fail"
        )]
        let mut bytes = postcard::to_extend(&stored, bytes).expect("an account encodes");
        for (other, bond) in shard.bonds(account) {
            bytes.extend_from_slice(&other.to_le_bytes());
            bytes.extend_from_slice(bond.as_bytes());
        }
        for (other, approach) in shard.approaches(account) {
            bytes.extend_from_slice(&other.to_le_bytes());
            bytes.extend_from_slice(approach.as_bytes());
        }
        bytes.extend_from_slice(diary.map_or(&[], Diary::as_bytes));
        bytes.extend_from_slice(life.map_or(&[], Life::as_bytes));
        bytes
    }

    /// The state that these tables, latest first, and the accounts stored with them hold.
    ///
    /// # Errors
    /// Where they do not hold everything, or are not what was stored.
    pub(crate) fn restore(
        shards: usize,
        tables: &[Tables],
        accounts: &StoredAccounts,
    ) -> Result<Self, Incomplete> {
        let Some(latest) = tables.first() else { return Err(Incomplete) };
        let mut state = State::new(shards);
        state.registers.resume(latest.passing.clone());
        let devices = latest_of(latest.devices, tables, |tables| &tables.changed_devices)?;
        devices.into_iter().for_each(|(key, device)| state.registers.devices.add(key, device));
        let registrations = latest_of(latest.registrations, tables, |tables| &tables.changed_registrations)?;
        registrations.into_iter().for_each(|(key, shared)| state.registers.registrations.add(key, shared));
        let mut known = BTreeSet::new();
        for (key, group) in tables.iter().flat_map(|tables| &tables.changed_groups) {
            if known.insert(*key) {
                state.registers.groups.insert(*key, *group);
            }
        }
        for bytes in accounts.first(latest.accounts) {
            state.take_up(bytes?).ok_or(Incomplete)?;
        }
        state.forget_changes();
        Ok(state)
    }

    /// Adds a stored account, which gets the next number. None where it is none.
    fn take_up(&mut self, bytes: &[u8]) -> Option<()> {
        let (stored, mut rest): (Stored, &[u8]) = postcard::take_from_bytes(bytes).ok()?;
        let place = super::directory::Place::of(&stored.token);
        let id = self.directory.meet(place, &stored.token);
        *self.directory.card_mut(id) = stored.card;
        self.registers.meet_account();
        self.registers.standings[id] = stored.standing;
        let (shard, local) = self.shard_mut(id);
        shard.add();
        let bonds: Vec<(AccountId, Bond)> = take_all(&mut rest, stored.bonds)?;
        let approaches: Vec<(AccountId, Approach)> = take_all(&mut rest, stored.approaches)?;
        shard.take_up_pairs(local, &bonds, &approaches)?;
        shard.take_up_evidence(local, stored.evidence);
        if stored.has_diary {
            *shard.diary_mut(local) = take(&mut rest)?;
        }
        if stored.has_life {
            *shard.life_mut(local) = take(&mut rest)?;
        }
        let account = shard.account_mut(local);
        (account.rare, account.crowd) = (stored.rare, stored.crowd);
        rest.is_empty().then_some(())
    }

    fn forget_changes(&mut self) {
        let nothing = Slice { index: 1, of: 1 };
        self.changed.take(0, nothing);
        self.registers.devices.changed.take(0, nothing);
        self.registers.registrations.changed.take(0, nothing);
    }
}

/// Segments that do not make up a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the segments do not hold everything")]
pub struct Incomplete;

/// Takes so many records off the front, each after the number of the account that it is about.
fn take_all<R: TryFromBytes>(bytes: &mut &[u8], count: u16) -> Option<Vec<(AccountId, R)>> {
    let one = |_| {
        let (number, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some((u32::from_le_bytes(*number), take(bytes)?))
    };
    (0..count).map(one).collect()
}

/// Takes a record off the front.
fn take<R: TryFromBytes>(bytes: &mut &[u8]) -> Option<R> {
    R::try_read_from_bytes(bytes.split_off(..size_of::<R>())?).ok()
}

/// The latest record of each number, in order.
fn latest_of<R: Copy>(
    count: u32,
    tables: &[Tables],
    of: impl Fn(&Tables) -> &Vec<(u32, R)>,
) -> Result<Vec<R>, Incomplete> {
    let mut records: Vec<Option<R>> = vec![None; count as usize];
    for (number, record) in tables.iter().flat_map(of) {
        if let Some(place) = records.get_mut(*number as usize) {
            place.get_or_insert(*record);
        }
    }
    records.into_iter().collect::<Option<Vec<R>>>().ok_or(Incomplete)
}

/// Accounts as they were stored, of each only what was stored last.
#[derive(Debug, Default)]
pub(crate) struct StoredAccounts {
    /// What is kept of each segment, latest first.
    segments: Vec<Vec<u8>>,
    /// Where each account is, by number.
    places: Vec<Option<Place>>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    length: u32,
    segment: u32,
}

impl StoredAccounts {
    /// Takes over the accounts of a segment before all others, and lets go at once of those that are known from a later
    /// one: there may be room for one of each only.
    pub(crate) fn take(&mut self, mut bytes: Vec<u8>) -> Result<(), Incomplete> {
        let segment = count(self.segments.len());
        let (mut at, mut kept) = (0, 0);
        while at < bytes.len() {
            let (id, rest) = bytes[at..].split_first_chunk().ok_or(Incomplete)?;
            let (length, rest) = rest.split_first_chunk().ok_or(Incomplete)?;
            let (id, length) = (u32::from_le_bytes(*id) as usize, u32::from_le_bytes(*length));
            let start = bytes.len() - rest.len();
            at = start + length as usize;
            if at > bytes.len() {
                return Err(Incomplete);
            }
            if self.places.len() <= id {
                self.places.resize(id + 1, None);
            }
            if self.places[id].is_none() {
                self.places[id] = Some(Place { start: kept, length, segment });
                bytes.copy_within(start..at, kept);
                kept += length as usize;
            }
        }
        bytes.truncate(kept);
        bytes.shrink_to_fit();
        self.segments.push(bytes);
        Ok(())
    }

    /// The bytes of the first accounts, in order of number; an error for one that is missing.
    fn first(&self, count: u32) -> impl Iterator<Item = Result<&[u8], Incomplete>> {
        (0..count as usize).map(|id| {
            let Place { start, length, segment } =
                self.places.get(id).copied().flatten().ok_or(Incomplete)?;
            self.segments[segment as usize].get(start..start + length as usize).ok_or(Incomplete)
        })
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
