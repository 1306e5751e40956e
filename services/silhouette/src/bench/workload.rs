//! Traffic of any number of accounts, for measuring: made event by event, in the order of time, in bounded memory.
//!
//! It is not the simulator: nobody here has a character, and a model that is trained on it learns nothing. What is
//! kept true to life is what detection costs: how many pairs an account has, how often each kind of event comes, how
//! the events of an account lie scattered among those of everybody else.

use std::collections::VecDeque;

use crate::bench::dice::{below, draw, happens, mix};
use crate::bench::people::{Account, People};
use crate::bench::wire::{self, Chunk};

/// When the workload begins: 2025-01-01, milliseconds since the epoch.
const START: u64 = 1_735_689_600_000;
const DAY_MS: u64 = 86_400_000;

/// How long the pairs of the first phase take to come about, which is as long as detection remembers a pair.
const FILL_DAYS: u64 = 28;

/// Events of an account and day in the second phase. With 6 % requests it gives each account 0.5 new contacts a day,
/// which is the 14.0 of [`People`] over 28 days. (WhatsApp carried some 50 messages an account and day in 2020; with
/// so many, first contacts would be 1 % of events and detection would have less to do an event.)
const EVENTS_PER_ACCOUNT_DAY: u64 = 8;

/// Requests that wait for their answer, and the time over which they would come.
const WAITING_MAX: u64 = 65_536;
const WAITING_MS: u64 = 3_600_000;

/// What becomes of ordinary requests, in ten thousand: accepted, declined, and else expired. Strangers accept .193,
/// those with a contact in common .591 (Boshmaf and others, "The socialbot network", 2011), and most requests on a
/// messenger go to somebody known.
const ACCEPTED: u32 = 5400;
const DECLINED: u32 = 1000;
/// The same of a scattergun's: our choice, below Boshmaf's strangers.
const SCATTERGUN_ACCEPTED: u32 = 1000;
const SCATTERGUN_DECLINED: u32 = 3000;
/// First messages that get an answer: .467 in CollegeMsg.
const ANSWERED: u32 = 4670;
/// Requests of scatterguns among all: at one scattergun in 20,000 accounts, each makes some 100 a day.
const SCATTERGUN_REQUESTS: u32 = 100;

/// What happens. The names follow the contract's types, apart from the parts of a message's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Created,
    Updated,
    Session,
    DeviceLinked,
    Viewed,
    Requested,
    Accepted,
    Declined,
    Expired,
    Removed,
    Blocked,
    Message,
    GroupMessage,
    Read,
    Unsent,
    CallPlaced,
    CallAnswered,
    GroupJoined,
    MemberAdded,
    Refused,
    Reported,
    Noticed,
    /// An answer to the request that has waited longest.
    Outcome,
    /// The first message between two who have just come into contact.
    FirstMessage,
    /// The answer to a first message.
    Reply,
}

/// How often each kind comes, in ten thousand. Requests are 5 to 8 % by design; the rest is our choice, with messages
/// and their reading the most of it, as on any messenger.
const MIX: [(Kind, u32); 22] = [
    (Kind::Message, 4370),
    (Kind::Read, 2200),
    (Kind::Requested, 600),
    (Kind::Outcome, 570),
    (Kind::FirstMessage, 310),
    (Kind::Reply, 150),
    (Kind::Viewed, 400),
    (Kind::Session, 600),
    (Kind::GroupMessage, 300),
    (Kind::CallPlaced, 120),
    (Kind::CallAnswered, 90),
    (Kind::GroupJoined, 60),
    (Kind::MemberAdded, 40),
    (Kind::Removed, 40),
    (Kind::Unsent, 40),
    (Kind::Updated, 30),
    (Kind::Blocked, 30),
    (Kind::Refused, 12),
    (Kind::Created, 10),
    (Kind::Noticed, 10),
    (Kind::DeviceLinked, 10),
    (Kind::Reported, 8),
];

/// One event before it is written down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) kind: Kind,
    pub(crate) actor: Account,
    pub(crate) target: Account,
    pub(crate) ts: u64,
    /// Counts the events of a workload.
    pub(crate) number: u64,
    /// Decides the details.
    pub(crate) roll: u64,
    /// Whether it belongs to somebody who turns to strangers by the hundred.
    pub(crate) scattergun: bool,
}

/// What one account did to another, not yet answered.
#[derive(Clone, Copy, Debug)]
struct Open {
    actor: Account,
    target: Account,
    scattergun: bool,
}

/// What to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    pub(crate) accounts: u32,
    /// The same seed makes the same traffic, to the byte.
    pub(crate) seed: u64,
    /// How far an event may lie before or after its turn, in milliseconds. With 0 every time is later than the one
    /// before it.
    pub(crate) jitter_ms: u32,
}

/// Traffic as it is being made.
#[derive(Debug)]
pub(crate) struct Workload {
    people: People,
    traffic: Traffic,
    number: u64,
    kinds: Vec<Kind>,
    waiting: u64,
    requested: VecDeque<Open>,
    accepted: VecDeque<Open>,
    unanswered: VecDeque<Open>,
    /// The latest request of a scattergun: what is blocked, reported and refused.
    scattered: Open,
    ready: VecDeque<Act>,
    /// Where the first phase stands: visits of an account, a day.
    visits: u64,
    step: u64,
    /// The second phase's first event, and its time.
    steady: Option<(u64, u64)>,
    latest: u64,
}

impl Workload {
    pub(crate) fn new(traffic: Traffic) -> Self {
        let people = People::new(traffic.accounts, traffic.seed);
        let kinds = MIX.iter().flat_map(|(kind, n)| std::iter::repeat_n(*kind, *n as usize)).collect();
        let requests_per_day = u64::from(people.count()) * EVENTS_PER_ACCOUNT_DAY * 6 / 100;
        let nobody = Open { actor: people.scattergun(0), target: people.sought(0), scattergun: true };
        Self {
            step: stride(people.count()),
            people,
            traffic,
            number: 0,
            kinds,
            waiting: (requests_per_day * WAITING_MS / DAY_MS).clamp(1, WAITING_MAX),
            requested: VecDeque::new(),
            accepted: VecDeque::new(),
            unanswered: VecDeque::new(),
            scattered: nobody,
            ready: VecDeque::new(),
            visits: 0,
            steady: None,
            latest: 0,
        }
    }

    /// How many visits of an account the first phase has, and how many of them are done.
    pub(crate) fn fill_progress(&self) -> (u64, u64) {
        (self.visits, u64::from(self.people.count()) * FILL_DAYS)
    }

    /// The first phase: every account comes to be and finds its contacts over 28 days. Writes at most `events` more
    /// events, none once all have come about.
    pub(crate) fn fill(&mut self, events: usize, into: &mut Chunk) {
        into.clear();
        while into.len() < events {
            while self.ready.is_empty() {
                if self.visits == self.fill_progress().1 {
                    return;
                }
                self.visit();
            }
            if let Some(act) = self.ready.pop_front() {
                wire::write(&self.people, &act, into);
            }
        }
    }

    /// The second phase: everyday traffic, without end. Writes `events` more events.
    pub(crate) fn steady(&mut self, events: usize, into: &mut Chunk) {
        into.clear();
        let begins = START + self.visits.div_ceil(u64::from(self.people.count())) * DAY_MS;
        let (first, begins) = *self.steady.get_or_insert((self.number, begins));
        for _ in 0..events {
            let per_day = u64::from(self.people.count()) * EVENTS_PER_ACCOUNT_DAY;
            let since = u128::from(self.number - first) * u128::from(DAY_MS) / u128::from(per_day);
            let act = self.everyday(begins + u64::try_from(since).unwrap_or(u64::MAX / 2));
            wire::write(&self.people, &act, into);
        }
    }

    /// One account's day of the first phase. Accounts are visited in an order that is theirs alone, so that their
    /// state is not met in the order in which it was made.
    fn visit(&mut self) {
        let count = u64::from(self.people.count());
        let (day, turn) = (self.visits / count, self.visits % count);
        self.visits += 1;
        let scattered = u128::from(turn) * u128::from(self.step) + u128::from(day * 977);
        let account = Account::try_from(scattered % u128::from(count)).unwrap_or_default();
        let ts = START + day * DAY_MS + turn * DAY_MS / count;
        if day == 0 {
            let act = self.act(Kind::Created, account, account, ts);
            self.ready.push_back(act);
        }
        let degree = u64::from(self.people.degree(account));
        let offset = self.people.draw(account, 3) % FILL_DAYS;
        let found_by = |day: u64| (degree * day + offset) / FILL_DAYS;
        for k in found_by(day)..found_by(day + 1) {
            let target = self.people.contact(account, k);
            self.request(Open { actor: account, target, scattergun: false }, ts);
            self.follow_up(ts);
        }
    }

    fn request(&mut self, open: Open, ts: u64) {
        let act = self.act(Kind::Requested, open.actor, open.target, ts);
        self.requested.push_back(open);
        self.ready.push_back(act);
    }

    /// What the first phase owes for a request: the answers that have waited their time.
    fn follow_up(&mut self, ts: u64) {
        for kind in [Kind::Outcome, Kind::FirstMessage, Kind::Reply] {
            if let Some(act) = self.answer(kind, ts) {
                self.ready.push_back(act);
            }
        }
    }

    /// The next part in the life of the pair that has waited longest for it, if one has waited its time.
    fn answer(&mut self, kind: Kind, ts: u64) -> Option<Act> {
        let (queue, waits) = match kind {
            Kind::Outcome => (&mut self.requested, self.waiting),
            Kind::FirstMessage => (&mut self.accepted, self.waiting / 8),
            _ => (&mut self.unanswered, self.waiting / 8),
        };
        if (queue.len() as u64) <= waits {
            return None;
        }
        let open = queue.pop_front()?;
        let roll = draw(self.traffic.seed, self.number, 7);
        let (kind, from, to) = match kind {
            Kind::Outcome => (self.outcome(open, roll), open.target, open.actor),
            Kind::FirstMessage => {
                if happens(roll, ANSWERED) {
                    self.unanswered.push_back(open);
                }
                (Kind::Message, open.actor, open.target)
            }
            _ => (Kind::Message, open.target, open.actor),
        };
        Some(Act { scattergun: open.scattergun, ..self.act(kind, from, to, ts) })
    }

    fn outcome(&mut self, open: Open, roll: u64) -> Kind {
        let (accepted, declined) = match open.scattergun {
            true => (SCATTERGUN_ACCEPTED, SCATTERGUN_DECLINED),
            false => (ACCEPTED, DECLINED),
        };
        if happens(roll, accepted) {
            self.accepted.push_back(open);
            return Kind::Accepted;
        }
        if happens(roll, accepted + declined) { Kind::Declined } else { Kind::Expired }
    }

    /// One event of the second phase.
    fn everyday(&mut self, ts: u64) -> Act {
        let roll = draw(self.traffic.seed, self.number, 11);
        let kind = self.kinds[below(roll, 10_000) as usize];
        let roll = mix(roll);
        match kind {
            Kind::Outcome | Kind::FirstMessage | Kind::Reply => {
                self.answer(kind, ts).unwrap_or_else(|| self.between_contacts(Kind::Message, roll, ts))
            }
            Kind::Requested | Kind::Viewed => self.newly(kind, roll, ts),
            Kind::Blocked | Kind::Reported | Kind::Refused | Kind::Noticed => self.refusal(kind, roll, ts),
            Kind::Created => {
                let account = self.people.count().saturating_add(below(roll, self.people.count() / 16));
                self.act(kind, account, account, ts)
            }
            Kind::Updated | Kind::Session | Kind::DeviceLinked | Kind::GroupJoined | Kind::GroupMessage => {
                let actor = self.people.actor(roll);
                self.act(kind, actor, actor, ts)
            }
            _ => self.between_contacts(kind, roll, ts),
        }
    }

    /// Something between two who are in contact; the first contacts of an account are its closest.
    fn between_contacts(&mut self, kind: Kind, roll: u64, ts: u64) -> Act {
        let account = self.people.actor(roll);
        let degree = self.people.degree(account).max(1);
        let close = below(mix(roll), degree).min(below(mix(roll ^ 1), degree));
        let other = self.people.contact(account, u64::from(close));
        // Half of what passes between two is the other's.
        let (from, to) = if roll & 1 == 0 { (account, other) } else { (other, account) };
        self.act(kind, from, to, ts)
    }

    /// Somebody looks at, or turns to, somebody new.
    fn newly(&mut self, kind: Kind, roll: u64, ts: u64) -> Act {
        let scattergun = happens(mix(roll), SCATTERGUN_REQUESTS);
        let (actor, target) = if scattergun {
            (self.people.scattergun(roll), self.people.sought(mix(roll ^ 2)))
        } else {
            let actor = self.people.newcomer(roll);
            (actor, self.people.contact(actor, (1 << 32) | self.number))
        };
        let open = Open { actor, target, scattergun };
        if kind == Kind::Requested {
            self.requested.push_back(open);
        }
        if scattergun {
            self.scattered = open;
        }
        Act { scattergun, ..self.act(kind, actor, target, ts) }
    }

    /// A pair ends badly: half of the time it is the latest that a scattergun turned to.
    fn refusal(&mut self, kind: Kind, roll: u64, ts: u64) -> Act {
        if roll & 2 == 0 {
            return self.between_contacts(kind, roll, ts);
        }
        let Open { actor, target, .. } = self.scattered;
        let (from, to) = if kind == Kind::Refused { (actor, target) } else { (target, actor) };
        Act { scattergun: true, ..self.act(kind, from, to, ts) }
    }

    fn act(&mut self, kind: Kind, actor: Account, target: Account, ts: u64) -> Act {
        let roll = draw(self.traffic.seed, self.number, 13);
        let jitter = self.traffic.jitter_ms;
        let ts = match jitter {
            0 => ts.max(self.latest + 1),
            _ => (ts + u64::from(below(roll, 2 * jitter))).saturating_sub(u64::from(jitter)),
        };
        self.latest = ts;
        self.number += 1;
        Act { kind, actor, target, ts, number: self.number, roll: mix(roll), scattergun: false }
    }
}

/// A step that has no divisor in common with the number of accounts, so that steps of it meet every account once.
fn stride(count: u32) -> u64 {
    let divides = |mut a: u64, mut b: u64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let count = u64::from(count);
    // The golden section scatters best.
    let first = (count * 618 / 1000).max(1);
    (first..).find(|step| divides(*step, count) == 1).unwrap_or(1)
}

#[cfg(test)]
mod tests;
