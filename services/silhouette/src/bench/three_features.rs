//! The job that other engines are held to (`tests/peers`): at every event with an actor and a target, over the
//! sender's last 24 hours, how many events, distinct targets and distinct likely minors among these.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};

use anyhow::Context;
use events::{Millis, Token};
use rustc_hash::FxBuildHasher;
use serde::Serialize;

use crate::bench::args::ThreeFeaturesArgs;
use crate::bench::drive::Encoding;
use crate::terminal::data;

const LOOK_BACK_MS: Millis = 24 * 60 * 60 * 1000;
const MINOR_FROM: f64 = 0.5;
const FLAG_FROM: usize = 20;

/// Events that are decoded before their senders are looked up: the processor then waits for the memory of all of them
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
        let event = Encoding::Json.decode(line.trim_ascii_end());
        let event = event.with_context(|| format!("line {number} is no event of the contract"))?;
        line.clear();
        let minor =
            event.target_ctx.and_then(|context| context.p_minor).is_some_and(|p| p.get() >= MINOR_FROM);
        if let (Some(actor), Some(target)) = (event.actor, event.target) {
            batch.push(Sent { ts: event.ts, sender: job.number(actor), target: job.number(target), minor });
        }
        if batch.len() == BATCH {
            job.take(&mut batch);
        }
    }
    job.take(&mut batch);
    Ok(job.sums)
}

/// Accounts by a dense number, and what is remembered of each.
#[derive(Debug, Default)]
struct Job {
    numbers: HashMap<Token, u32, FxBuildHasher>,
    senders: Vec<Sender>,
    sums: Sums,
}

/// An event as the job sees it.
#[derive(Clone, Copy, Debug)]
struct Sent {
    ts: Millis,
    sender: u32,
    target: u32,
    minor: bool,
}

/// What is remembered of one sender.
#[derive(Debug, Default)]
struct Sender {
    /// When it sent, over the last 24 hours.
    times: VecDeque<Millis>,
    /// One a target: the window's counts are how many of these are recent enough.
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
    fn number(&mut self, account: Token) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "fewer accounts than a file could hold")]
        let next = self.senders.len() as u32;
        let number = *self.numbers.entry(account).or_insert(next);
        if number == next {
            self.senders.push(Sender::default());
        }
        number
    }

    fn take(&mut self, batch: &mut Vec<Sent>) {
        // Touches every sender's memory: none of these reads waits for another.
        let first = |sender: &Sender| sender.pairs.first().map_or(0, |pair| pair.target);
        black_box(
            batch.iter().map(|sent| first(&self.senders[sent.sender as usize])).fold(0, u32::wrapping_add),
        );
        for sent in batch.drain(..) {
            let sender = &mut self.senders[sent.sender as usize];
            let (count, targets, minors) = sender.add(sent);
            self.sums.events += 1;
            self.sums.count_sum += count as u64;
            self.sums.targets_sum += targets as u64;
            self.sums.minors_sum += minors as u64;
            if minors >= FLAG_FROM {
                self.sums.flag_events += 1;
                self.sums.flagged_senders += u64::from(!sender.flagged);
                sender.flagged = true;
            }
        }
    }
}

impl Sender {
    /// The three features at this event.
    fn add(&mut self, sent: Sent) -> (usize, usize, usize) {
        let since = sent.ts.saturating_sub(LOOK_BACK_MS).max(1);
        while self.times.front().is_some_and(|ts| *ts < since) {
            self.times.pop_front();
        }
        self.times.push_back(sent.ts);
        self.pairs.retain(|pair| pair.last >= since);
        let pair = match self.pairs.iter_mut().find(|pair| pair.target == sent.target) {
            Some(pair) => pair,
            None => self.pairs.push_mut(Pair { target: sent.target, last: 0, last_minor: 0 }),
        };
        pair.last = sent.ts;
        if sent.minor {
            pair.last_minor = sent.ts;
        }
        let minors = self.pairs.iter().filter(|pair| pair.last_minor >= since).count();
        (self.times.len(), self.pairs.len(), minors)
    }
}

#[cfg(test)]
mod tests;
