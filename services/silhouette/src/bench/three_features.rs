//! The job that other engines are held to (`tests/peers`): at every event with an actor and a target, over the
//! sender's last 24 hours, how many events, distinct targets and distinct likely minors among these.

use std::collections::VecDeque;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::ops::BitXor;

use anyhow::Context;
use events::{Encoding, Event, Millis};
use serde::Serialize;

use crate::bench::args::ThreeFeaturesArgs;
use crate::bench::drive::decode;
use crate::bench::three_features::numbers::{Met, Numbers};
use crate::terminal::data;

mod numbers;

const LOOK_BACK_MS: Millis = 24 * 60 * 60 * 1000;
const MINOR_FROM: f64 = 0.5;
const FLAG_FROM: usize = 20;

/// Events that are decoded before the accounts of all of them are looked up: the processor then waits for their memory
/// at once, instead of for one after the other.
const BATCH: usize = 64;

/// What every peer must print alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Sums {
    events: u64,
    count_sum: u64,
    targets_sum: u64,
    minors_sum: u64,
    flag_events: u64,
    flagged_senders: u64,
}

pub(crate) fn run(args: &ThreeFeaturesArgs) -> anyhow::Result<()> {
    let shown = args.events.display();
    let file = File::open(&args.events).with_context(|| format!("could not open {shown}"))?;
    let sums = sums_of(BufReader::with_capacity(1 << 20, file))
        .with_context(|| format!("could not count {shown}"))?;
    let Sums { events, count_sum, targets_sum, minors_sum, flag_events, flagged_senders } = sums;
    data(&if args.json {
        serde_json::to_string(&sums)?
    } else {
        format!(
            "{events} events, {flag_events} of them flag events, of {flagged_senders} senders\n\
             sums over all events: {count_sum} events, {targets_sum} targets, {minors_sum} likely minors"
        )
    });
    Ok(())
}

fn sums_of(mut lines: impl BufRead) -> anyhow::Result<Sums> {
    let mut job = Job::default();
    let mut batch = Vec::with_capacity(BATCH);
    let mut line = Vec::new();
    let mut number = 0_u64;
    while lines.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        let event = decode(Encoding::Json, line.trim_ascii_end());
        batch.extend(Sent::of(event.with_context(|| format!("line {number} is no event of the contract"))?));
        line.clear();
        if batch.len() == BATCH {
            job.take(&mut batch);
        }
    }
    job.take(&mut batch);
    Ok(job.sums)
}

/// An event as the job sees it.
#[derive(Clone, Debug)]
struct Sent {
    ts: Millis,
    actor: Met,
    target: Met,
    minor: bool,
    /// Where they are known already.
    actor_number: Option<u32>,
    target_number: Option<u32>,
}

impl Sent {
    /// None where an event has no actor or no target.
    fn of(event: Event) -> Option<Self> {
        let p_minor = event.target_ctx.and_then(|context| context.p_minor);
        Some(Self {
            ts: event.ts,
            actor: Met::new(event.actor?),
            target: Met::new(event.target?),
            minor: p_minor.is_some_and(|p| p.get() >= MINOR_FROM),
            actor_number: None,
            target_number: None,
        })
    }
}

/// What is remembered of everybody, by an account's number.
#[derive(Debug, Default)]
struct Job {
    numbers: Numbers,
    senders: Vec<Sender>,
    sums: Sums,
}

/// What is remembered of one sender.
#[derive(Debug, Default)]
struct Sender {
    /// When it sent, over the last 24 hours.
    times: VecDeque<Millis>,
    /// One a target of that time.
    pairs: Vec<Pair>,
    flagged: bool,
}

/// When a sender last wrote to a target.
#[derive(Clone, Copy, Debug)]
struct Pair {
    target: u32,
    last: Millis,
    /// The last time at which the target was likely a minor; 0 for never.
    last_minor: Millis,
}

impl Job {
    fn take(&mut self, batch: &mut Vec<Sent>) {
        self.look_up(batch);
        for sent in batch.drain(..) {
            let actor = sent.actor_number.unwrap_or_else(|| self.numbers.of(sent.actor));
            let target = sent.target_number.unwrap_or_else(|| self.numbers.of(sent.target));
            if self.senders.len() < self.numbers.len() {
                self.senders.resize_with(self.numbers.len(), Sender::default);
            }
            let sender = &mut self.senders[actor as usize];
            let (targets, minors) = sender.add(sent.ts, target, sent.minor);
            self.sums.events += 1;
            self.sums.count_sum += sender.times.len() as u64;
            self.sums.targets_sum += targets as u64;
            self.sums.minors_sum += minors as u64;
            if minors >= FLAG_FROM {
                self.sums.flag_events += 1;
                self.sums.flagged_senders += u64::from(!sender.flagged);
                sender.flagged = true;
            }
        }
    }

    /// Reads from everything that the batch will need, level by level, so that no read waits for another.
    fn look_up(&self, batch: &mut [Sent]) {
        let both = |sent: &Sent| self.numbers.touch(&sent.actor) ^ self.numbers.touch(&sent.target);
        black_box(batch.iter().map(both).fold(0, BitXor::bitxor));
        for sent in &mut *batch {
            sent.actor_number = self.numbers.find(&sent.actor);
            sent.target_number = self.numbers.find(&sent.target);
        }
        let senders = || batch.iter().filter_map(|sent| self.senders.get(sent.actor_number? as usize));
        let heads = senders().map(|sender| sender.times.len() ^ sender.pairs.len());
        black_box(heads.fold(0, BitXor::bitxor));
        let pairs = senders().filter_map(|sender| sender.pairs.first()).map(|pair| pair.last);
        black_box(pairs.fold(0, BitXor::bitxor));
    }
}

impl Sender {
    /// Takes in an event: the distinct targets and likely minors with it. (`times` says how many events.)
    fn add(&mut self, ts: Millis, target: u32, minor: bool) -> (usize, usize) {
        let since = ts.saturating_sub(LOOK_BACK_MS).max(1);
        while self.times.front().is_some_and(|earlier| *earlier < since) {
            self.times.pop_front();
        }
        self.times.push_back(ts);
        let minor_ts = if minor { ts } else { 0 };
        let (mut minors, mut found) = (0, false);
        let mut n = 0;
        while let Some(pair) = self.pairs.get_mut(n) {
            if pair.target == target {
                found = true;
                pair.last = ts;
                pair.last_minor = pair.last_minor.max(minor_ts);
            }
            if pair.last < since {
                self.pairs.swap_remove(n);
                continue;
            }
            minors += usize::from(pair.last_minor >= since);
            n += 1;
        }
        if !found {
            self.pairs.push(Pair { target, last: ts, last_minor: minor_ts });
            minors += usize::from(minor);
        }
        (self.pairs.len(), minors)
    }
}

#[cfg(test)]
mod tests;
