//! What a stream of events says about accounts that their vectors must not: who was shut out, who reported whom, and which
//! accounts one person or ring holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use events::{Body, Event, Millis, Status, Token};

use crate::rows::DAY_MS;

/// A device with more accounts than this is a library's or a shop's, and says nothing of who belongs together.
const TOGETHER_MAX: usize = 6;

/// What was noted so far.
#[derive(Debug, Default)]
pub struct Watch {
    shut_out: HashMap<Token, Millis>,
    /// Each change of standing: when, and whether the account was suspended then.
    standing: HashMap<Token, Vec<(Millis, bool)>>,
    reports: HashMap<Token, Vec<(Millis, Token)>>,
    filed: HashMap<Token, u32>,
    /// Who turned to whom, as hashes of both.
    turned: HashSet<u64>,
    devices: BTreeMap<Token, BTreeSet<Token>>,
    days: HashMap<Token, Millis>,
    account_days: u64,
    latest: Millis,
}

impl Watch {
    /// Takes in an event. They may come in any order.
    pub fn note(&mut self, event: &Event) {
        self.latest = self.latest.max(event.ts);
        let Some(actor) = &event.actor else { return };
        let day = event.ts / DAY_MS;
        if self.days.insert(actor.clone(), day) != Some(day) {
            self.account_days += 1;
        }
        match &event.body {
            Body::AccountStatus(status) => {
                let is_suspended = status.status == Status::Suspended;
                self.standing.entry(actor.clone()).or_default().push((event.ts, is_suspended));
                if is_suspended {
                    let first = self.shut_out.entry(actor.clone()).or_insert(event.ts);
                    *first = event.ts.min(*first);
                }
            }
            Body::MessageSent(_)
            | Body::ContactRequested(_)
            | Body::CallPlaced(_)
            | Body::GroupMemberAdded(_)
            | Body::GateRefused(_) => {
                self.turned.extend(event.target.as_ref().map(|target| pair(actor, target)));
            }
            Body::ReportFiled(_) => {
                let Some(target) = &event.target else { return };
                let reports = self.reports.entry(target.clone()).or_default();
                if !reports.iter().any(|(_, reporter)| reporter == actor) {
                    *self.filed.entry(actor.clone()).or_default() += 1;
                }
                reports.push((event.ts, actor.clone()));
            }
            Body::AccountCreated(created) => self.note_device(actor, created.device.as_ref()),
            Body::SessionStarted(session) => self.note_device(actor, session.device.as_ref()),
            Body::DeviceLinked(linked) => self.note_device(actor, Some(&linked.device)),
            _ => {}
        }
    }

    /// About on how many days accounts acted, summed over accounts.
    pub fn account_days(&self) -> u64 {
        self.account_days
    }

    /// The latest event's time.
    pub fn latest(&self) -> Millis {
        self.latest
    }

    fn note_device(&mut self, actor: &Token, device: Option<&Token>) {
        let Some(device) = device else { return };
        let accounts = self.devices.entry(device.clone()).or_default();
        if accounts.len() <= TOGETHER_MAX {
            accounts.insert(actor.clone());
        }
    }

    /// Accounts that were suspended at a moment.
    pub fn suspended_at(&self, at: Millis) -> impl Iterator<Item = &Token> {
        let latest =
            move |changes: &Vec<(Millis, bool)>| changes.iter().filter(|(ts, _)| *ts <= at).max().copied();
        let such = self.standing.iter().filter(move |(_, changes)| latest(changes).is_some_and(|(_, is)| is));
        such.map(|(account, _)| account)
    }

    /// When an account was first suspended.
    pub(crate) fn shut_out(&self, account: &Token) -> Option<Millis> {
        self.shut_out.get(account).copied()
    }

    /// When an account was first reported by a moment, and by how many others, each counted by how much their word is
    /// worth: who reports dozens says less each time, and together less than before. Only those count whom the account
    /// had turned to, as in detection: whoever only heard of it can be asked to report by anybody.
    pub(crate) fn reported(&self, account: &Token, by: Millis) -> Option<(Millis, f64)> {
        let is_concerned = |reporter: &Token| self.turned.contains(&pair(account, reporter));
        let known = || {
            let reports = self.reports.get(account).into_iter().flatten();
            reports.filter(|(ts, reporter)| *ts <= by && is_concerned(reporter))
        };
        let first = known().map(|(ts, _)| *ts).min()?;
        let reporters: BTreeSet<&Token> = known().map(|(_, reporter)| reporter).collect();
        let worth = |reporter: &&Token| (CREDIBLE / f64::from(self.filed[*reporter])).min(1.0).powi(2);
        Some((first, reporters.iter().map(worth).sum()))
    }

    /// Every account that was reported.
    pub(crate) fn all_reported(&self) -> impl Iterator<Item = &Token> {
        self.reports.keys()
    }

    /// The same by tokens' text.
    pub fn rings(&self) -> HashMap<&str, &str> {
        self.together().into_iter().map(|(account, first)| (account.as_str(), first.as_str())).collect()
    }

    /// For each account that shares a device with others, the first of those it belongs with.
    pub(crate) fn together(&self) -> BTreeMap<&Token, &Token> {
        let mut first: BTreeMap<&Token, &Token> = BTreeMap::new();
        let such = self.devices.values().filter(|accounts| (2..=TOGETHER_MAX).contains(&accounts.len()));
        for accounts in such {
            let roots: BTreeSet<&Token> = accounts.iter().map(|account| root(&first, account)).collect();
            let Some(least) = roots.first().copied() else { continue };
            for other in roots.into_iter().chain(accounts) {
                first.insert(other, least);
            }
        }
        let all: Vec<&Token> = first.keys().copied().collect();
        all.into_iter().map(|account| (account, root(&first, account))).collect()
    }
}

/// So many reports of one account are worth one each.
const CREDIBLE: f64 = 10.0;

/// That one account turned to another. Two such with the same hash are a chance in billions, and would lend one report
/// weight.
fn pair(from: &Token, to: &Token) -> u64 {
    let mut hasher = DefaultHasher::new();
    (from.as_str(), to.as_str()).hash(&mut hasher);
    hasher.finish()
}

fn root<'a>(first: &BTreeMap<&'a Token, &'a Token>, account: &'a Token) -> &'a Token {
    let mut at = account;
    while let Some(next) = first.get(at).copied().filter(|next| *next != at) {
        at = next;
    }
    at
}
