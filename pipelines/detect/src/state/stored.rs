//! The state as bytes: in segments, each with what changed since the one before and with a slice of everything, so
//! that the latest few segments together hold everything.

use std::collections::BTreeSet;

use events::Token;
use serde::{Deserialize, Serialize};

use super::State;
use super::change_set::Slice;
use super::crowd::Crowd;
use super::diary::{Diary, Life, Rare};
use super::directory::{AccountId, Card};
use super::evidence::Piece;
use super::pair::{Approach, Bond};
use super::registers::{Device, Group, Passing, Shared, Standing};

/// How many segments hold everything.
pub(crate) const SEGMENTS: u64 = 16;

/// Bytes of a stored account and a few more, so that room is made once: moving gigabytes costs as much as writing them.
const USUAL_BYTES: usize = 1_400;

/// What of the state is in one segment, but for the accounts.
#[derive(Serialize, Deserialize)]
pub(crate) struct Tables {
    accounts: u32,
    devices: u32,
    registrations: u32,
    changed_devices: Vec<(u32, (u64, Device))>,
    changed_registrations: Vec<(u32, (u64, Shared))>,
    changed_groups: Vec<(u64, Group)>,
    passing: Passing,
}

/// One account, whole.
#[derive(Serialize, Deserialize)]
struct Stored {
    token: Token,
    card: Card,
    standing: Standing,
    bonds: Vec<(AccountId, Bond)>,
    approaches: Vec<(AccountId, Approach)>,
    evidence: Vec<(u32, Piece)>,
    diary: Option<Diary>,
    life: Option<Life>,
    rare: Option<Box<Rare>>,
    crowd: Option<Box<Crowd>>,
}

impl State {
    /// The next segment: its tables, and its accounts with their numbers and lengths before them. What changed is no
    /// longer changed.
    pub(crate) fn segment(&mut self, number: u64) -> (Tables, Vec<u8>) {
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
        let mut accounts = Vec::with_capacity(due.len() * USUAL_BYTES);
        for id in due {
            accounts.extend_from_slice(&id.to_le_bytes());
            let length_at = accounts.len();
            accounts.extend_from_slice(&[0; 4]);
            accounts = self.store(id, accounts);
            let length = count(accounts.len() - length_at - 4);
            accounts[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
        }
        (tables, accounts)
    }

    /// Appends one account.
    fn store(&self, id: AccountId, bytes: Vec<u8>) -> Vec<u8> {
        let (shard, account) = self.account(id);
        let stored = Stored {
            token: self.directory.token(id),
            card: *self.directory.card(id),
            standing: self.registers.standings[id],
            bonds: shard.bonds(account).map(|(other, bond)| (other, *bond)).collect(),
            approaches: shard.approaches(account).map(|(other, approach)| (other, *approach)).collect(),
            evidence: shard.pieces(account).collect(),
            diary: shard.diary(account).copied(),
            life: shard.life(account).copied(),
            rare: account.rare.clone(),
            crowd: account.crowd.clone(),
        };
        #[expect(
            clippy::expect_used,
            reason = "writing to memory what is made of numbers and tokens does not fail"
        )]
        postcard::to_extend(&stored, bytes).expect("an account encodes")
    }

    /// The state that these segments hold, latest first.
    ///
    /// # Errors
    /// Where they do not hold everything, or are not segments.
    pub(crate) fn restore(shards: usize, segments: &[(Tables, &[u8])]) -> Result<Self, Incomplete> {
        let Some((latest, _)) = segments.first() else { return Err(Incomplete) };
        let mut state = State::new(shards);
        state.registers.resume(latest.passing.clone());
        let devices = latest_of(latest.devices, segments, |tables| &tables.changed_devices)?;
        devices.into_iter().for_each(|(key, device)| state.registers.devices.add(key, device));
        let registrations =
            latest_of(latest.registrations, segments, |tables| &tables.changed_registrations)?;
        registrations.into_iter().for_each(|(key, shared)| state.registers.registrations.add(key, shared));
        let mut known = BTreeSet::new();
        for (key, group) in segments.iter().flat_map(|(tables, _)| &tables.changed_groups) {
            if known.insert(*key) {
                state.registers.groups.insert(*key, *group);
            }
        }
        for bytes in places(latest.accounts, segments)? {
            let stored: Stored = postcard::from_bytes(bytes).map_err(|_| Incomplete)?;
            state.take_up(stored);
        }
        state.forget_changes();
        Ok(state)
    }

    /// Adds a stored account, which gets the next number.
    fn take_up(&mut self, stored: Stored) {
        let place = super::directory::Place::of(&stored.token);
        let id = self.directory.meet(place, &stored.token);
        *self.directory.card_mut(id) = stored.card;
        self.registers.meet_account();
        self.registers.standings[id] = stored.standing;
        let (shard, local) = self.shard_mut(id);
        shard.add();
        shard.take_up(local, (stored.bonds, stored.approaches, stored.evidence), (stored.diary, stored.life));
        let account = shard.account_mut(local);
        (account.rare, account.crowd) = (stored.rare, stored.crowd);
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

/// The latest record of each number, in order.
fn latest_of<R: Copy>(
    count: u32,
    segments: &[(Tables, &[u8])],
    of: impl Fn(&Tables) -> &Vec<(u32, R)>,
) -> Result<Vec<R>, Incomplete> {
    let mut records: Vec<Option<R>> = vec![None; count as usize];
    for (number, record) in segments.iter().flat_map(|(tables, _)| of(tables)) {
        if let Some(place) = records.get_mut(*number as usize) {
            place.get_or_insert(*record);
        }
    }
    records.into_iter().collect::<Option<Vec<R>>>().ok_or(Incomplete)
}

/// The latest bytes of each account, in order of number.
fn places<'a>(count: u32, segments: &[(Tables, &'a [u8])]) -> Result<Vec<&'a [u8]>, Incomplete> {
    let mut places: Vec<Option<&[u8]>> = vec![None; count as usize];
    for (_, accounts) in segments {
        let mut rest = *accounts;
        while !rest.is_empty() {
            let (id, after) = rest.split_first_chunk().ok_or(Incomplete)?;
            let (length, after) = after.split_first_chunk().ok_or(Incomplete)?;
            let (bytes, after) =
                after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(Incomplete)?;
            rest = after;
            if let Some(place) = places.get_mut(u32::from_le_bytes(*id) as usize) {
                place.get_or_insert(bytes);
            }
        }
    }
    places.into_iter().collect::<Option<Vec<&[u8]>>>().ok_or(Incomplete)
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
