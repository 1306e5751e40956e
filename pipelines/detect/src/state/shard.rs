//! The accounts of one shard: each account's memory of others, its diary and its evidence.

use events::{Surface, Token};
use serde::{Deserialize, Serialize};

use super::crowd::Crowd;
use super::diary::{Diary, Life, Rare};
use super::directory::{AccountId, Directory};
use super::paged::Paged;
use super::pair::{Approach, Bond};
use super::registers::Standing;
use super::slab::{LIST_MAX, List, Slab};
use crate::age::MinorOdds;
use crate::time::Second;
use crate::{Evidence, EvidenceKind};

/// The most approaches and bonds that are remembered of one account, whatever it does.
pub const APPROACHES_MAX: usize = LIST_MAX;
pub const BONDS_MAX: usize = 96;

/// The most evidence that is remembered of one account.
const EVIDENCE_MAX: usize = 8;

/// The longest token, in bytes; one that is longer than fits into 40 bytes has a box of its own.
const TOKEN_MAX: usize = 64;

/// The most that is kept of one account, whatever it does, in bytes.
pub(crate) const ACCOUNT_BYTES_MAX: usize = Directory::ENTRY_BYTES
    + TOKEN_MAX
    + size_of::<Standing>()
    + size_of::<Account>()
    + Slab::<Approach>::bytes_for(APPROACHES_MAX)
    + Slab::<Bond>::bytes_for(BONDS_MAX)
    + Slab::<Item>::bytes_for(EVIDENCE_MAX)
    + EVIDENCE_MAX * TOKEN_MAX
    + size_of::<Diary>()
    + size_of::<Life>()
    + Rare::BYTES_MAX
    + Crowd::BYTES;

const _: () = assert!(ACCOUNT_BYTES_MAX <= 18 * 1024, "an account is larger than what is planned for");

/// The accounts of one shard.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    accounts: Paged<Account>,
    pub(super) bonds: Slab<Bond>,
    pub(super) approaches: Slab<Approach>,
    evidence: Slab<Item>,
    diaries: Paged<Diary>,
    lives: Paged<Life>,
}

/// Bonds, approaches and evidence of one account.
type Lists = (Vec<(AccountId, Bond)>, Vec<(AccountId, Approach)>, Vec<(u32, Item)>);

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

/// One piece of evidence, kept under its second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) event: Token,
    /// Milliseconds of the second.
    pub(crate) ms: u16,
    pub(crate) minor: MinorOdds,
    pub(crate) kind: EvidenceKind,
    pub(crate) surface: Option<Surface>,
}

impl Account {
    /// How many approaches, how many pairs, and the sum of the approaches' probabilities in ten-thousandths; those
    /// included that have become old.
    pub(crate) fn sizes(&self) -> (usize, usize, u32) {
        let approaches = self.approaches.len();
        (approaches, approaches + self.bonds.len(), self.minors)
    }

    pub(crate) fn is_crowded(&self) -> bool {
        self.crowd.is_some()
    }
}

impl Default for Shard {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "sixteen zeros are a token")]
        let event = Token::try_from("0000000000000000").expect("a token");
        let (minor, kind) = (MinorOdds::PRIOR, EvidenceKind::FirstContact);
        Self {
            accounts: Paged::default(),
            bonds: Slab::new(Bond::default()),
            approaches: Slab::new(Approach::default()),
            evidence: Slab::new(Item { event, ms: 0, minor, kind, surface: None }),
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
        self.evidence.iter(account.evidence).map(|(second, item)| Evidence {
            event: item.event.clone(),
            ts: u64::from(second) * 1000 + u64::from(item.ms),
            kind: item.kind,
            p_minor: item.minor.probability(),
            surface: item.surface,
        })
    }

    /// The evidence as it is kept.
    pub(super) fn items(&self, account: &Account) -> impl Iterator<Item = (u32, &Item)> {
        self.evidence.iter(account.evidence)
    }

    /// Fills a new account with what was stored of it.
    pub(super) fn take_up(&mut self, local: u32, lists: Lists, (diary, life): (Option<Diary>, Option<Life>)) {
        let (bonds, approaches, evidence) = lists;
        let account = &mut self.accounts[local];
        bonds.into_iter().for_each(|(other, bond)| self.bonds.push(&mut account.bonds, other, bond));
        account.minors = approaches.iter().map(|(_, approach)| approach.minor.ten_thousandths()).sum();
        approaches.into_iter().for_each(|(other, a)| self.approaches.push(&mut account.approaches, other, a));
        evidence.into_iter().for_each(|(at, item)| self.evidence.push(&mut account.evidence, at, item));
        if let Some(diary) = diary {
            *self.diary_mut(local) = diary;
        }
        if let Some(life) = life {
            *self.life_mut(local) = life;
        }
    }

    /// Remembers evidence, in place of the oldest once there is much of it. Answers to requests are many and say little
    /// each: they never push out anything else.
    pub(super) fn note(&mut self, local: u32, at: Second, item: Item) {
        let list = &mut self.accounts[local].evidence;
        if list.len() >= EVIDENCE_MAX {
            let is_weak = |item: &Item| matches!(item.kind, EvidenceKind::Declined | EvidenceKind::Accepted);
            let out = self.evidence.records(*list).iter().position(is_weak).unwrap_or(0);
            self.evidence.remove(list, out);
        }
        self.evidence.push(list, at, item);
    }

    /// Where an account's memory of another is, if it is not forgotten. An approach that has become old is made a bond.
    pub(super) fn find(&mut self, local: u32, other: AccountId, now: Second) -> Option<Place> {
        let account = &self.accounts[local];
        if let Some(index) = self.approaches.find(account.approaches, other) {
            if self.approaches.records(account.approaches)[index].is_young(now) {
                return Some(Place::Approach(index));
            }
            self.make_bond(local, index, other, now);
        }
        let bonds = self.accounts[local].bonds;
        let index = self.bonds.find(bonds, other)?;
        (!self.bonds.records(bonds)[index].is_forgotten(now)).then_some(Place::Bond(index))
    }

    /// The approach at a place that was just found; none where it is a bond.
    pub(super) fn approach_at(&mut self, local: u32, place: Option<Place>) -> Option<&mut Approach> {
        let Some(Place::Approach(index)) = place else { return None };
        let list = self.accounts[local].approaches;
        self.approaches.records_mut(list).get_mut(index)
    }

    /// Takes note of the time at a place that was just found.
    pub(super) fn see_time(&mut self, local: u32, place: Option<Place>, now: Second) {
        let account = &self.accounts[local];
        let last = match place {
            Some(Place::Approach(index)) => {
                self.approaches.records_mut(account.approaches).get_mut(index).map(|a| &mut a.last)
            }
            Some(Place::Bond(index)) => {
                self.bonds.records_mut(account.bonds).get_mut(index).map(|b| &mut b.last)
            }
            None => None,
        };
        if let Some(last) = last {
            *last = (*last).max(now);
        }
    }

    /// Sets how likely a minor the other of an approach is. Whether that is new.
    pub(super) fn revise(&mut self, local: u32, place: Option<Place>, minor: MinorOdds) -> bool {
        let before = match self.approach_at(local, place) {
            Some(approach) => std::mem::replace(&mut approach.minor, minor),
            None => {
                if let Some(Place::Bond(index)) = place {
                    let list = self.accounts[local].bonds;
                    self.bonds.records_mut(list)[index].minor = minor;
                }
                return false;
            }
        };
        let minors = &mut self.accounts[local].minors;
        *minors = *minors - before.ten_thousandths() + minor.ten_thousandths();
        before != minor
    }

    /// Begins an approach, making room where there is none: the one that began first goes to the crowd and stays a
    /// bond.
    pub(super) fn begin(&mut self, local: u32, other: AccountId, approach: Approach) -> Place {
        let now = approach.start;
        self.forget(local, other);
        if self.accounts[local].approaches.len() >= APPROACHES_MAX {
            self.make_room(local, now);
        }
        let account = &mut self.accounts[local];
        self.approaches.push(&mut account.approaches, other, approach);
        account.minors += approach.minor.ten_thousandths();
        if account.approaches.len() == APPROACHES_MAX && account.crowd.is_none() {
            let crowd = account.crowd.get_or_insert_default();
            let known = self.approaches.keys(account.approaches).iter().chain(self.bonds.keys(account.bonds));
            known.for_each(|other| {
                crowd.recognise(*other);
            });
        }
        Place::Approach(account.approaches.len() - 1)
    }

    fn make_room(&mut self, local: u32, now: Second) {
        let list = self.accounts[local].approaches;
        let starts = self.approaches.records(list).iter().map(|approach| approach.start);
        let Some((index, _)) = starts.enumerate().min_by_key(|(index, start)| (*start, *index)) else {
            return;
        };
        let (other, approach) = (self.approaches.keys(list)[index], self.approaches.records(list)[index]);
        self.accounts[local].crowd.get_or_insert_default().count(approach.start, 1.0, approach.minor);
        self.make_bond(local, index, other, now);
    }

    /// Makes the approach at this place of the list a bond.
    fn make_bond(&mut self, local: u32, index: usize, other: AccountId, now: Second) {
        let account = &mut self.accounts[local];
        let approach = self.approaches.remove(&mut account.approaches, index);
        account.minors -= approach.minor.ten_thousandths();
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
            while let Some(bond) = self.bonds.records(*list).get(index) {
                if bond.is_forgotten(now) {
                    self.bonds.remove(list, index);
                } else {
                    index += 1;
                }
            }
        }
        if list.len() >= BONDS_MAX {
            let lasts = self.bonds.records(*list).iter().map(|bond| bond.last);
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

    /// Bytes of everything of an account here.
    pub(crate) fn bytes_of(&self, local: u32) -> usize {
        let account = &self.accounts[local];
        let some = |number: u32, bytes: usize| if number == 0 { 0 } else { bytes };
        size_of::<Account>()
            + Slab::<Bond>::bytes(account.bonds)
            + Slab::<Approach>::bytes(account.approaches)
            + Slab::<Item>::bytes(account.evidence)
            + some(account.diary, size_of::<Diary>())
            + some(account.life, size_of::<Life>())
            + account.rare.as_ref().map_or(0, |rare| rare.bytes())
            + account.crowd.as_ref().map_or(0, |_| Crowd::BYTES)
    }
}

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
