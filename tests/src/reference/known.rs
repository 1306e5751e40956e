//! Everything that is known after some events: of accounts, and of pairs.

use std::collections::{BTreeMap, BTreeSet};

use events::{Body, Context, Event, EventType, Millis};

use super::age;
use super::pair::{self, Memory, Pair, Request, Taken};

/// As many others an account remembers.
const PAIRS_MAX: usize = 4096;

/// What was said of an account.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    /// How probable it is that the holder is a minor, by whatever event said it last, in ten-thousandths.
    pub(super) holder: Option<f64>,
    /// When the account was created, by whatever event said it last.
    pub(super) created: Option<Millis>,
    /// How probable it is that the holder is a minor, by the latest `account.updated` that said it.
    updated: Option<f64>,
}

/// Everything that is known.
#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    /// How many accounts had been met before each.
    met: BTreeMap<&'a str, usize>,
    said: BTreeMap<&'a str, Said>,
    /// Each account's memory of each other one.
    memories: BTreeMap<&'a str, BTreeMap<&'a str, Memory<'a>>>,
}

impl<'a> Known<'a> {
    /// Takes in the next event; gives the accounts that are scored for it.
    pub(super) fn take_in(&mut self, event: &'a Event) -> BTreeSet<String> {
        self.hear(event);
        let mut scored = BTreeSet::new();
        let Some(actor) = event.actor.as_ref().map(|a| a.as_str()) else { return scored };
        if matches!(event.event_type(), EventType::AccountCreated | EventType::AccountUpdated) {
            scored.insert(actor.to_owned());
        }
        let Some(target) = event.target.as_ref().map(|t| t.as_str()).filter(|t| *t != actor) else {
            return scored;
        };

        for (mine, other) in [(actor, target), (target, actor)] {
            self.memories_of(mine).retain(|o, memory| *o != other || !pair::is_forgotten(memory, event.ts));
        }
        let before = [self.pair(actor, target), self.pair(target, actor)];
        self.remember(event, actor, target);
        let after = [self.pair(actor, target), self.pair(target, actor)];
        if event.event_type() == EventType::GateRefused || is_scored(before[0], after[0]) {
            scored.insert(actor.to_owned());
        }
        if is_scored(before[1], after[1]) {
            scored.insert(target.to_owned());
        }
        scored
    }

    /// What was said of an account.
    pub(super) fn said(&self, account: &str) -> Said {
        self.said.get(account).copied().unwrap_or_default()
    }

    /// What an account remembers at a moment, one entry for each other account.
    pub(super) fn pairs(&self, account: &str, at: Millis) -> Vec<Pair> {
        let memories = self.memories.get(account).into_iter().flat_map(BTreeMap::values);
        memories.filter(|memory| !pair::is_forgotten(memory, at)).map(pair::read).collect()
    }

    /// Listens to what an event says of accounts: its contexts first, then the event itself.
    fn hear(&mut self, event: &'a Event) {
        for (account, context) in [(&event.actor, &event.actor_ctx), (&event.target, &event.target_ctx)] {
            let Some(account) = account else { continue };
            let met = self.met.len();
            self.met.entry(account.as_str()).or_insert(met);
            if let Some(Context { p_minor, age, age_source, created, .. }) = context {
                self.hear_of(account.as_str(), age::said(*p_minor, *age, *age_source), *created);
            }
        }
        let Some(actor) = &event.actor else { return };
        match &event.body {
            Body::AccountCreated(created) => self.hear_of(actor.as_str(), None, Some(created.created)),
            Body::AccountUpdated(update) => {
                let holder = age::said(update.p_minor, update.age, update.age_source);
                self.hear_of(actor.as_str(), holder, update.created);
                let said = self.said.entry(actor.as_str()).or_default();
                said.updated = holder.or(said.updated);
            }
            _ => {}
        }
    }

    fn hear_of(&mut self, account: &'a str, holder: Option<f64>, created: Option<Millis>) {
        let said = self.said.entry(account).or_default();
        said.holder = holder.or(said.holder);
        said.created = created.or(said.created);
    }

    /// Gives an event to the memories that take it in.
    fn remember(&mut self, event: &'a Event, actor: &'a str, target: &'a str) {
        let is_reaching_out = pair::is_reaching_out(event);
        let is_lapse = event.event_type() == EventType::ContactExpired;
        let is_actors_request = self.pair(actor, target).request == Some(Request::Open);
        let in_context = event.target_ctx.as_ref().and_then(|c| age::said(c.p_minor, c.age, c.age_source));
        let p_target = in_context.or_else(|| self.said(target).updated).unwrap_or(age::UNSAID);

        let by_actor = Taken { event, is_own: true, p_target, lapses_own: is_lapse && is_actors_request };
        let to_target = Taken { event, is_own: false, p_target, lapses_own: is_lapse && !is_actors_request };
        self.give(actor, target, by_actor, is_reaching_out);
        if event.event_type() != EventType::GateRefused {
            self.give(target, actor, to_target, is_reaching_out);
        }
    }

    /// Gives an event to one memory: to the one that is there, or to a new one if it `makes` one.
    fn give(&mut self, mine: &'a str, other: &'a str, taken: Taken<'a>, makes: bool) {
        if let Some(memory) = self.memories_of(mine).get_mut(other) {
            memory.push(taken);
        } else if makes {
            self.make_room(mine, taken.event.ts);
            self.memories_of(mine).insert(other, vec![taken]);
        }
    }

    /// Lets go what is forgotten, and then the least, so that one more finds room.
    fn make_room(&mut self, mine: &'a str, now: Millis) {
        if self.memories_of(mine).len() < PAIRS_MAX {
            return;
        }
        self.memories_of(mine).retain(|_, memory| !pair::is_forgotten(memory, now));
        if self.memories_of(mine).len() < PAIRS_MAX {
            return;
        }
        let rank = |(other, memory): &(&&'a str, &Memory<'a>)| {
            let last = memory.last().map(|t| t.event.ts);
            (pair::read(memory).first_contact.is_some(), last, self.met[**other])
        };
        let least = self.memories[mine].iter().min_by_key(rank).map(|(other, _)| *other);
        self.memories_of(mine).retain(|other, _| Some(*other) != least);
    }

    fn memories_of(&mut self, account: &'a str) -> &mut BTreeMap<&'a str, Memory<'a>> {
        self.memories.entry(account).or_default()
    }

    /// What an account remembers of another; all its fields empty where it remembers nothing.
    fn pair(&self, mine: &str, other: &str) -> Pair {
        self.memories.get(mine).and_then(|memories| memories.get(other)).map(pair::read).unwrap_or_default()
    }
}

/// Whether what became of a pair through an event makes its account scored.
fn is_scored(before: Pair, after: Pair) -> bool {
    let was_answered = before.request == Some(Request::Open) && after.request != Some(Request::Open);
    was_answered
        || (before.first_contact.is_none() && after.first_contact.is_some())
        || (!before.is_written_to && after.is_written_to)
        || (!before.has_written_back && after.has_written_back)
        || (before.blocked_at.is_none() && after.blocked_at.is_some())
        || (before.reported_at.is_none() && after.reported_at.is_some())
}
