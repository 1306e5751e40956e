//! The accounts of one shard: each account's memory of others, its diary and its evidence.

use super::crowd::Crowd;
use super::diary::{Diary, Life, Rare};
use super::directory::{AccountId, Directory};
use super::evidence::{self, EvidenceLists, Kept, Piece};
use super::foresight::fetch;
use super::paged::Paged;
use super::pair::{Approach, Bond, Sizes};
use super::registers::Standing;
use super::slab::{LIST_MAX, List, Slab};
use crate::Evidence;
use crate::age::MinorOdds;
use crate::time::Second;

/// The most approaches and bonds that are remembered of one account, whatever it does.
pub const APPROACHES_MAX: usize = LIST_MAX;
pub const BONDS_MAX: usize = 96;

/// The longest token, in bytes; one that is longer than fits into 40 bytes has a box of its own.
const TOKEN_MAX: usize = 64;

/// The most that is kept of one account, whatever it does, in bytes.
pub(crate) const ACCOUNT_BYTES_MAX: usize = Directory::ENTRY_BYTES
    + TOKEN_MAX
    + size_of::<Standing>()
    + size_of::<Account>()
    + Slab::<Approach>::bytes_for(APPROACHES_MAX)
    + Slab::<Bond>::bytes_for(BONDS_MAX)
    + evidence::BYTES_MAX
    + size_of::<Diary>()
    + size_of::<Life>()
    + Rare::BYTES_MAX
    + Crowd::BYTES;

const _: () = assert!(ACCOUNT_BYTES_MAX <= 16_384, "an account is larger than what is planned for");

/// The accounts of one shard.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    accounts: Paged<Account>,
    pub(super) bonds: Slab<Bond>,
    pub(super) approaches: Slab<Approach>,
    evidence: EvidenceLists,
    diaries: Paged<Diary>,
    lives: Paged<Life>,
}

/// Where everything of one account is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(super) bonds: List,
    pub(super) approaches: List,
    evidence: List,
    /// Numbers from 1; 0 for none.
    diary: u32,
    life: u32,
    /// Sum of the approaches' probabilities, in ten-thousandths.
    minors: u32,
    sizes: Sizes,
    /// What few accounts have.
    pub(crate) rare: Option<Box<Rare>>,
    pub(crate) crowd: Option<Box<Crowd>>,
}

/// Where the memory of a pair is, until something is added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Approach(usize),
    Bond(usize),
}

impl Account {
    /// How many approaches, how many pairs, and the sum of the approaches' probabilities in ten-thousandths; those
    /// included that have become old.
    pub(crate) fn counts(&self) -> (usize, usize, u32) {
        let approaches = self.approaches.len();
        (approaches, approaches + self.bonds.len(), self.minors)
    }

    /// How many of the approaches are in each set.
    pub(crate) fn sizes(&self) -> Sizes {
        self.sizes
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            accounts: Paged::default(),
            bonds: Slab::new(Bond::default()),
            approaches: Slab::new(Approach::default()),
            evidence: EvidenceLists::default(),
            diaries: Paged::default(),
            lives: Paged::default(),
        }
    }
}

impl Shard {
    /// Adds an account, whose number within the shard is how many there were.
    pub(super) fn add(&mut self) {
        self.accounts.push(Account::default());
    }

    pub(super) fn account(&self, local: u32) -> &Account {
        &self.accounts[local]
    }

    pub(super) fn account_mut(&mut self, local: u32) -> &mut Account {
        &mut self.accounts[local]
    }

    pub(super) fn rare_mut(&mut self, local: u32) -> &mut Rare {
        self.accounts[local].rare.get_or_insert_default()
    }

    pub(super) fn diary_mut(&mut self, local: u32) -> &mut Diary {
        let account = &mut self.accounts[local];
        if account.diary == 0 {
            self.diaries.push(Diary::default());
            account.diary = number(self.diaries.len());
        }
        &mut self.diaries[account.diary - 1]
    }

    pub(super) fn life_mut(&mut self, local: u32) -> &mut Life {
        let account = &mut self.accounts[local];
        if account.life == 0 {
            self.lives.push(Life::default());
            account.life = number(self.lives.len());
        }
        &mut self.lives[account.life - 1]
    }

    pub(crate) fn diary(&self, account: &Account) -> Option<&Diary> {
        account.diary.checked_sub(1).map(|n| &self.diaries[n])
    }

    pub(crate) fn life(&self, account: &Account) -> Option<&Life> {
        account.life.checked_sub(1).map(|n| &self.lives[n])
    }

    pub(crate) fn approaches(&self, account: &Account) -> impl Iterator<Item = (AccountId, &Approach)> {
        self.approaches.iter(account.approaches)
    }

    pub(crate) fn bonds(&self, account: &Account) -> impl Iterator<Item = (AccountId, &Bond)> {
        self.bonds.iter(account.bonds)
    }

    /// An account's evidence, oldest first.
    pub(crate) fn evidence(&self, account: &Account) -> impl Iterator<Item = Evidence> {
        self.evidence.of(account.evidence).map(|(second, piece)| Evidence {
            event: piece.event,
            ts: u64::from(second) * 1000 + u64::from(piece.ms),
            kind: piece.kind,
            p_minor: piece.minor.probability(),
            surface: piece.surface,
        })
    }

    /// The evidence as it is stored, each piece with its second.
    pub(super) fn evidence_kept(&self, account: &Account) -> impl Iterator<Item = (Second, Kept)> {
        self.evidence.kept(account.evidence)
    }

    /// Gives a new account the bonds and the approaches that were stored of it. None where there are more than there can be.
    pub(super) fn take_up_pairs(
        &mut self,
        local: u32,
        bonds: &[(AccountId, Bond)],
        approaches: &[(AccountId, Approach)],
    ) -> Option<()> {
        let account = &mut self.accounts[local];
        account.bonds = self.bonds.list_of(bonds)?;
        account.approaches = self.approaches.list_of(approaches)?;
        for (_, approach) in approaches {
            account.minors += approach.minor.ten_thousandths();
            account.sizes.change(0, approach.sets());
        }
        Some(())
    }

    /// Gives it its evidence.
    pub(super) fn take_up_evidence(&mut self, local: u32, evidence: Vec<(Second, Kept)>) {
        let list = &mut self.accounts[local].evidence;
        evidence.into_iter().for_each(|(at, kept)| self.evidence.take_up(list, at, kept));
    }

    /// Remembers evidence.
    pub(super) fn note(&mut self, local: u32, at: Second, piece: &Piece) {
        self.evidence.note(&mut self.accounts[local].evidence, at, piece);
    }

    /// Where an account's memory of another is, if it is not forgotten. An approach that has become old is made a bond.
    pub(super) fn find(&mut self, local: u32, other: AccountId, now: Second) -> Option<Place> {
        let account = &self.accounts[local];
        if let Some(index) = self.approaches.find(account.approaches, other) {
            if self.approaches.entries(account.approaches)[index].1.is_young(now) {
                return Some(Place::Approach(index));
            }
            self.make_bond(local, index, other, now);
        }
        let bonds = self.accounts[local].bonds;
        let index = self.bonds.find(bonds, other)?;
        (!self.bonds.entries(bonds)[index].1.is_forgotten(now)).then_some(Place::Bond(index))
    }

    /// Changes the approach at a place that was just found; nothing where it is a bond.
    pub(super) fn change<R>(
        &mut self,
        local: u32,
        place: Option<Place>,
        change: impl FnOnce(&mut Approach) -> R,
    ) -> Option<R> {
        let Some(Place::Approach(index)) = place else { return None };
        let account = &mut self.accounts[local];
        let approach = self.approaches.record_mut(account.approaches, index)?;
        let before = approach.sets();
        let result = change(approach);
        account.sizes.change(before, approach.sets());
        Some(result)
    }

    /// Takes note of the time at a place that was just found.
    pub(super) fn see_time(&mut self, local: u32, place: Option<Place>, now: Second) {
        let account = &self.accounts[local];
        match place {
            Some(Place::Approach(index)) => {
                if let Some(approach) = self.approaches.record_mut(account.approaches, index) {
                    approach.see(now);
                }
            }
            Some(Place::Bond(index)) => {
                if let Some(bond) = self.bonds.record_mut(account.bonds, index) {
                    bond.last = bond.last.max(now);
                }
            }
            None => {}
        }
    }

    /// Sets how likely a minor the other of an approach is. Whether that is new.
    pub(super) fn revise(&mut self, local: u32, place: Option<Place>, minor: MinorOdds) -> bool {
        if let Some(Place::Bond(index)) = place {
            let list = self.accounts[local].bonds;
            if let Some(bond) = self.bonds.record_mut(list, index) {
                bond.minor = minor;
            }
        }
        let revised = self.change(local, place, |approach| std::mem::replace(&mut approach.minor, minor));
        let Some(before) = revised else { return false };
        let minors = &mut self.accounts[local].minors;
        *minors = *minors - before.ten_thousandths() + minor.ten_thousandths();
        before != minor
    }

    /// Begins an approach, making room where there is none: the one that began first goes to the crowd and stays a
    /// bond. `key` is of an account's token.
    pub(super) fn begin(
        &mut self,
        local: u32,
        other: AccountId,
        approach: Approach,
        key: impl Fn(AccountId) -> u64,
    ) -> Place {
        let now = approach.start;
        self.forget(local, other);
        if self.accounts[local].approaches.len() >= APPROACHES_MAX {
            self.make_room(local, now);
        }
        let account = &mut self.accounts[local];
        self.approaches.push(&mut account.approaches, other, approach);
        account.minors += approach.minor.ten_thousandths();
        account.sizes.change(0, approach.sets());
        if account.approaches.len() == APPROACHES_MAX && account.crowd.is_none() {
            let crowd = account.crowd.get_or_insert_default();
            let approached = self.approaches.iter(account.approaches).map(|(other, _)| other);
            let known = approached.chain(self.bonds.iter(account.bonds).map(|(other, _)| other));
            known.for_each(|other| {
                crowd.recognise(key(other));
            });
        }
        Place::Approach(account.approaches.len() - 1)
    }

    fn make_room(&mut self, local: u32, now: Second) {
        let list = self.accounts[local].approaches;
        let starts = self.approaches.iter(list).map(|(_, approach)| approach.start);
        let Some((index, _)) = starts.enumerate().min_by_key(|(index, start)| (*start, *index)) else {
            return;
        };
        let (other, approach) = self.approaches.entries(list)[index];
        self.accounts[local].crowd.get_or_insert_default().count(approach.start, 1.0, approach.minor);
        self.make_bond(local, index, other, now);
    }

    /// Makes the approach at this place of the list a bond.
    fn make_bond(&mut self, local: u32, index: usize, other: AccountId, now: Second) {
        let account = &mut self.accounts[local];
        let approach = self.approaches.remove(&mut account.approaches, index);
        account.minors -= approach.minor.ten_thousandths();
        account.sizes.change(approach.sets(), 0);
        let bond = approach.as_bond();
        if !bond.is_forgotten(now) {
            self.tie(local, other, bond, now);
        }
    }

    /// Adds a bond, making room where there is none.
    pub(super) fn tie(&mut self, local: u32, other: AccountId, bond: Bond, now: Second) -> Place {
        self.forget(local, other);
        let list = &mut self.accounts[local].bonds;
        if list.len() >= BONDS_MAX {
            let mut index = 0;
            while let Some((_, bond)) = self.bonds.entries(*list).get(index) {
                if bond.is_forgotten(now) {
                    self.bonds.remove(list, index);
                } else {
                    index += 1;
                }
            }
        }
        if list.len() >= BONDS_MAX {
            let lasts = self.bonds.iter(*list).map(|(_, bond)| bond.last);
            let least =
                lasts.enumerate().min_by_key(|(index, last)| (*last, *index)).map_or(0, |(index, _)| index);
            self.bonds.remove(list, least);
        }
        let list = &mut self.accounts[local].bonds;
        self.bonds.push(list, other, bond);
        Place::Bond(list.len() - 1)
    }

    /// Lets go of a bond that is as if it were not.
    fn forget(&mut self, local: u32, other: AccountId) {
        let list = &mut self.accounts[local].bonds;
        if let Some(index) = self.bonds.find(*list, other) {
            self.bonds.remove(list, index);
        }
    }

    /// Asks for an account.
    pub(super) fn fetch(&self, local: u32) {
        self.accounts.fetch(local);
    }

    /// Asks for the keys of an account's lists and for its diary.
    pub(super) fn fetch_keys(&self, local: u32) {
        let account = &self.accounts[local];
        self.approaches.fetch_tags(account.approaches);
        self.bonds.fetch_tags(account.bonds);
        self.fetch_diary(account);
    }

    fn fetch_diary(&self, account: &Account) {
        if let Some(n) = account.diary.checked_sub(1) {
            self.diaries.fetch(n);
        }
    }

    /// Asks for all that is needed to look at an account.
    pub(super) fn fetch_look(&self, local: u32) {
        let account = &self.accounts[local];
        self.approaches.fetch_entries(account.approaches);
        self.fetch_diary(account);
        if let Some(n) = account.life.checked_sub(1) {
            self.lives.fetch(n);
        }
        if let Some(rare) = &account.rare {
            fetch(std::slice::from_ref(&**rare), 0);
        }
    }

    /// Asks for what an account remembers of another.
    pub(super) fn fetch_pair(&self, local: u32, other: AccountId) {
        let account = &self.accounts[local];
        if !self.approaches.fetch_record(account.approaches, other) {
            self.bonds.fetch_record(account.bonds, other);
        }
    }

    /// Bytes of everything of an account here.
    pub(crate) fn bytes_of(&self, local: u32) -> usize {
        let account = &self.accounts[local];
        let some = |number: u32, bytes: usize| if number == 0 { 0 } else { bytes };
        size_of::<Account>()
            + Slab::<Bond>::bytes(account.bonds)
            + Slab::<Approach>::bytes(account.approaches)
            + self.evidence.bytes_of(account.evidence)
            + some(account.diary, size_of::<Diary>())
            + some(account.life, size_of::<Life>())
            + account.rare.as_ref().map_or(0, |rare| rare.bytes())
            + account.crowd.as_ref().map_or(0, |_| Crowd::BYTES)
    }
}

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
