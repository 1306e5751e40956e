//! What the features see of one account at one tick, gathered in a single pass over its pairs.

use std::sync::LazyLock;

use schema::Window;

use crate::age::{MinorOdds, expected_age};
use crate::state::pair::{Approach, Marks, Set};
use crate::state::{Account, AccountId, Card, Diary, Life, Links, Rare, Shard, State, Style};
use crate::time::{DAY, MINUTE, Second, ago, within};

mod tally;

pub(crate) use tally::{Answers, BANDS, RANKS, SURFACES, Tally};

/// Days before the present one that make up an account's own past.
pub(crate) const PAST_DAYS: usize = 27;

/// What the features see of an account.
pub(crate) struct View<'a> {
    pub(crate) now: Second,
    pub(crate) card: &'a Card,
    pub(crate) diary: Option<&'a Diary>,
    pub(crate) life: Option<&'a Life>,
    pub(crate) rare: Option<&'a Rare>,
    pub(crate) links: Links,
    shard: &'a Shard,
    account: &'a Account,
    /// Pairs that are not forgotten, and the minors expected among them.
    pub(crate) pairs: u32,
    pub(crate) pair_minors: u32,
    /// Of the last 28 days: relations that the other began, and the minors expected among them.
    pub(crate) inbound: u32,
    pub(crate) inbound_minors: u32,
    /// First contacts, minors, refused and group-added ones of each day of 24 hours, the present one first.
    pub(crate) days: [[u32; 4]; PAST_DAYS + 1],
    /// Most overlap with those whom a suspended account had turned to.
    pub(crate) recontact: f64,
    /// Empty where pairs are not looked at.
    windows: Vec<Tally>,
}

/// What lies in a window of which nothing is known.
static NOTHING: LazyLock<Tally> = LazyLock::new(Tally::default);

impl<'a> View<'a> {
    /// Everything, pairs included.
    pub(crate) fn of(state: &'a State, id: AccountId, now: Second) -> Self {
        let (shard, account): (&Shard, &Account) = state.account(id);
        let mut view = Self::without_pairs(state, id, now);
        view.windows = Window::ALL.map(|window| Tally::new(window.seconds())).to_vec();
        view.count_bonds(shard, account);
        view.count_approaches();
        view.count_crowd();
        if view.card.created().is_some_and(|created| ago(created, now) < 7 * DAY) {
            let young = shard.approaches(account).filter(|(_, a)| a.is_young(now));
            let first: Vec<AccountId> = young.take(20).map(|(other, _)| other).collect();
            view.recontact = state.registers().recontact(id, &first, now);
        }
        view
    }

    /// Everything but the pairs, and how many first contacts and minors there are in each window and on each day: what
    /// [`Over::Counts`](crate::features::Over::Counts) is computed from.
    pub(crate) fn glance(state: &'a State, id: AccountId, now: Second) -> Self {
        let mut view = Self::without_pairs(state, id, now);
        view.windows = Window::ALL.map(|window| Tally::new(window.seconds())).to_vec();
        for approach in view.approaches() {
            let age = ago(approach.start, now);
            let minor = approach.minor.ten_thousandths();
            let day = &mut view.days[(age / DAY) as usize];
            day[0] += 1;
            day[1] += minor;
            let shortest = view.windows.iter().filter(|tally| age >= tally.window).count();
            if let Some(tally) = view.windows.get_mut(shortest) {
                tally.contacts += 1;
                tally.minors += minor;
                tally.certain += u32::from(approach.minor >= MinorOdds::CERTAIN);
            }
        }
        for i in 1..view.windows.len() {
            let Tally { contacts, minors, certain, .. } = view.windows[i - 1];
            let longer = &mut view.windows[i];
            longer.contacts += contacts;
            longer.minors += minors;
            longer.certain += certain;
        }
        view.count_crowd();
        view
    }

    fn count_crowd(&mut self) {
        if let Some(crowd) = &self.account.crowd {
            self.windows.iter_mut().for_each(|tally| tally.crowd = crowd.within(tally.window, self.now));
        }
    }

    /// What is known without looking at any pair.
    pub(crate) fn without_pairs(state: &'a State, id: AccountId, now: Second) -> Self {
        let (shard, account): (&Shard, &Account) = state.account(id);
        Self {
            now,
            card: state.directory().card(id),
            diary: shard.diary(account),
            life: shard.life(account),
            rare: account.rare.as_deref(),
            links: state.registers().links(id, now),
            shard,
            account,
            pairs: 0,
            pair_minors: 0,
            inbound: 0,
            inbound_minors: 0,
            days: [[0; 4]; PAST_DAYS + 1],
            recontact: 0.0,
            windows: Vec::new(),
        }
    }

    /// The counts of one window; of 28 days for what is no window of first contacts.
    pub(crate) fn window(&self, window: Window) -> &Tally {
        self.windows.get(window.place()).unwrap_or(&NOTHING)
    }

    /// First contacts of the last 28 days, in the order in which they were made.
    pub(crate) fn approaches(&self) -> impl Iterator<Item = &'a Approach> + use<'a> {
        let (now, shard, account) = (self.now, self.shard, self.account);
        shard.approaches(account).map(|(_, approach)| approach).filter(move |a| a.is_young(now))
    }

    /// Whether it is known that no approach is in a set.
    pub(crate) fn has_none(&self, set: Set) -> bool {
        self.account.sizes().of(set) == 0
    }

    /// Probability that the holder is a minor.
    pub(crate) fn holder(&self) -> MinorOdds {
        self.card.holder().unwrap_or(MinorOdds::PRIOR)
    }

    /// The latest messages of the last day, oldest first.
    pub(crate) fn messages(&self) -> Vec<(Second, Style)> {
        let recent = |(at, _): &(Second, Style)| within(*at, DAY, self.now);
        self.diary.map(|diary| diary.messages().filter(recent).collect()).unwrap_or_default()
    }

    fn count_bonds(&mut self, shard: &Shard, account: &Account) {
        let now = self.now;
        let old = shard.approaches(account).filter(|(_, a)| !a.is_young(now)).map(|(_, a)| a.as_bond());
        for bond in
            shard.bonds(account).map(|(_, bond)| *bond).chain(old).filter(|bond| !bond.is_forgotten(now))
        {
            self.pairs += 1;
            self.pair_minors += bond.minor.ten_thousandths();
            if bond.begun_by_other && within(bond.start, Window::D28.seconds(), now) {
                self.inbound += 1;
                self.inbound_minors += bond.minor.ten_thousandths();
            }
        }
    }

    /// Every approach is counted in the shortest window that holds it; then each window takes over the one before.
    fn count_approaches(&mut self) {
        let age_tenths = expected_age(self.holder(), self.card.band);
        for approach in self.approaches() {
            self.pairs += 1;
            self.pair_minors += approach.minor.ten_thousandths();
            let age = ago(approach.start, self.now);
            let day = &mut self.days[(age / DAY) as usize];
            day[0] += 1;
            day[1] += approach.minor.ten_thousandths();
            day[2] += u32::from(approach.marks.has(Marks::GATED));
            day[3] += u32::from(approach.marks.has(Marks::ADDED));
            let shortest = self.windows.iter_mut().find(|tally| age < tally.window);
            if let Some(tally) = shortest {
                tally.count(approach, self.now, age_tenths);
            }
        }
        for i in 1..self.windows.len() {
            let (shorter, longer) = self.windows.split_at_mut(i);
            longer[0].take_over(&shorter[i - 1]);
        }
    }
}

/// Most moments within any stretch of this length, open at its end. The moments are in order.
pub(crate) fn most_within(moments: &[Second], length: Second) -> usize {
    let mut start = 0;
    let mut most = 0;
    for (end, moment) in moments.iter().enumerate() {
        while moment - moments[start] >= length {
            start += 1;
        }
        most = most.max(end + 1 - start);
    }
    most
}

/// Ten minutes, over which a burst is looked for.
pub(crate) const BURST: Second = 10 * MINUTE;
