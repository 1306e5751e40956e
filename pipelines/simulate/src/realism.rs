//! What private-message traffic looks like from outside, measured the same way on a simulated world and on real
//! traffic. The figures of CollegeMsg are here with their names, since the traffic itself may not be.

use std::collections::{BTreeMap, HashMap, HashSet};

use events::{Body, Event, Millis, Token};

use crate::{DAY, HOUR, SECOND};

mod college;
mod neighbours;

pub use neighbours::two_sample_auc;

/// Accounts whose gaps between messages are kept: of a large world, those met first.
const GAPS_OF_MAX: usize = 20_000;

/// A figure: its name, its unit, and values with what each stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is.
    pub name: &'static str,
    /// In what, where it is no share.
    pub unit: &'static str,
    /// What each value stands for, such as `p50`.
    pub points: &'static [&'static str],
    /// One value a point.
    pub values: Vec<f64>,
}

/// The private messages of some traffic.
#[derive(Debug, Default)]
pub struct Traffic {
    numbers: HashMap<Token, u32>,
    people: Vec<Someone>,
    dyads: HashMap<(u32, u32), Dyad>,
    hours: [u64; 24],
    weekdays: [u64; 7],
}

/// One account.
#[derive(Debug, Default)]
struct Someone {
    neighbours: HashSet<u32>,
    recipients: HashSet<u32>,
    sent: Vec<Millis>,
    messages: u32,
    initiated: u32,
    answered: u32,
    closed: u32,
    /// New contacts by day.
    by_day: BTreeMap<u64, u32>,
}

/// Two accounts.
#[derive(Debug)]
struct Dyad {
    initiator: u32,
    first: Millis,
    answered: Option<Millis>,
    messages: u32,
    is_closed: bool,
}

impl Traffic {
    /// Takes in an event; only messages from one account to another count. Events come in order of time.
    pub fn take(&mut self, event: &Event) {
        let (Body::MessageSent(_), Some(actor), Some(target)) = (&event.body, &event.actor, &event.target)
        else {
            return;
        };
        let (from, to) = (self.number(actor), self.number(target));
        let bucket = |ms: Millis, of: usize| usize::try_from(ms % of as u64).unwrap_or(0);
        self.hours[bucket(event.ts / HOUR, 24)] += 1;
        self.weekdays[bucket(event.ts / DAY + 3, 7)] += 1;
        let keeps_gaps = (from as usize) < GAPS_OF_MAX;
        let sender = &mut self.people[from as usize];
        sender.messages += 1;
        sender.recipients.insert(to);
        if keeps_gaps {
            sender.sent.push(event.ts);
        }
        self.exchange(from, to, event.ts);
    }

    fn exchange(&mut self, from: u32, to: u32, ts: Millis) {
        let key = (from.min(to), from.max(to));
        if let Some(dyad) = self.dyads.get_mut(&key) {
            dyad.messages += 1;
            if from != dyad.initiator && dyad.answered.is_none() {
                dyad.answered = Some(ts);
                self.people[dyad.initiator as usize].answered += 1;
            }
            return;
        }
        let (one, other) = (&self.people[from as usize].neighbours, &self.people[to as usize].neighbours);
        let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
        let is_closed = few.iter().any(|common| many.contains(common));
        self.dyads.insert(key, Dyad { initiator: from, first: ts, answered: None, messages: 1, is_closed });
        self.people[to as usize].neighbours.insert(from);
        let person = &mut self.people[from as usize];
        person.neighbours.insert(to);
        person.initiated += 1;
        person.closed += u32::from(is_closed);
        *person.by_day.entry(ts / DAY).or_default() += 1;
    }

    fn number(&mut self, token: &Token) -> u32 {
        if let Some(number) = self.numbers.get(token) {
            return *number;
        }
        let number = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        self.numbers.insert(token.clone(), number);
        self.people.push(Someone::default());
        number
    }

    /// Every figure, in the order of [`Figure::college_msg`].
    pub fn figures(&self) -> Vec<Figure> {
        let dyads = || self.dyads.values();
        let seconds = |ms: Millis| ms as f64 / SECOND as f64;
        let latency = dyads().filter_map(|d| d.answered.map(|at| seconds(at - d.first)));
        let reply = share(dyads().map(|d| d.answered.is_some()));
        let closed = share(dyads().map(|d| d.is_closed));
        let people = || self.people.iter();
        let initiated = people().map(|p| f64::from(p.initiated));
        let degree = people().map(|p| p.recipients.len() as f64);
        let per_dyad = dyads().map(|d| f64::from(d.messages));
        let gaps = people().flat_map(|p| p.sent.windows(2).map(|pair| seconds(pair[1] - pair[0])));
        let bursts = people().filter_map(|p| burstiness(&p.sent));
        let rates = people().filter(|p| p.initiated >= 10);
        let rates = rates.map(|p| f64::from(p.answered) / f64::from(p.initiated));
        let busiest = people().filter(|p| p.initiated > 0);
        let busiest = busiest.map(|p| f64::from(p.by_day.values().copied().max().unwrap_or(0)));
        let silent = share(people().map(|p| p.messages == 0));
        let values = [
            vec![reply],
            quantiles(latency, &[0.10, 0.25, 0.50, 0.75, 0.90]),
            vec![closed],
            quantiles(initiated, &[0.50, 0.90, 0.99, 1.0]),
            quantiles(degree, &[0.50, 0.90, 0.99, 1.0]),
            vec![silent],
            quantiles(per_dyad, &[0.25, 0.50, 0.75, 0.90, 0.99]),
            quantiles(gaps, &[0.05, 0.25, 0.50, 0.75, 0.95]),
            quantiles(bursts, &[0.25, 0.50, 0.75]),
            quantiles(rates, &[0.05, 0.25, 0.50, 0.75, 0.95]),
            quantiles(busiest, &[0.50, 0.90, 0.99, 1.0]),
            extremes(&self.hours),
            extremes(&self.weekdays),
        ];
        let named = Figure::college_msg().into_iter().zip(values);
        named.map(|(figure, values)| Figure { values, ..figure }).collect()
    }

    /// Share of the messages by hour of the day, UTC.
    pub fn hours(&self) -> [f64; 24] {
        let all = self.hours.iter().sum::<u64>().max(1) as f64;
        self.hours.map(|n| n as f64 / all)
    }

    /// Each account that sent five messages or more as eleven numbers, for telling two kinds of traffic apart.
    pub fn outlines(&self) -> Vec<Vec<f64>> {
        let active = self.people.iter().filter(|p| p.messages >= 5);
        active.map(Someone::outline).collect()
    }
}

impl Someone {
    fn outline(&self) -> Vec<f64> {
        let gaps: Vec<f64> = self.sent.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
        let gap = quantiles(gaps.iter().copied(), &[0.25, 0.5, 0.75]);
        let late = self.sent.iter().filter(|ts| (*ts / HOUR + 16) % 24 < 6).count();
        let initiated = f64::from(self.initiated).max(1.0);
        vec![
            f64::from(self.messages),
            self.recipients.len() as f64,
            self.neighbours.len() as f64,
            f64::from(self.initiated),
            f64::from(self.answered) / initiated,
            f64::from(self.closed) / initiated,
            f64::from(self.by_day.values().copied().max().unwrap_or(0)),
            gap[0],
            gap[1],
            gap[2],
            late as f64 / f64::from(self.messages.max(1)),
        ]
    }
}

/// (σ − μ) / (σ + μ) of the gaps, −1 to 1, of somebody with at least ten of them (Goh and Barabási 2008).
fn burstiness(sent: &[Millis]) -> Option<f64> {
    let gaps: Vec<f64> = sent.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
    if gaps.len() < 10 {
        return None;
    }
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    let sigma = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / n).sqrt();
    Some((sigma - mean) / (sigma + mean))
}

fn share(items: impl Iterator<Item = bool>) -> f64 {
    let (mut yes, mut all) = (0.0, 0.0_f64);
    for item in items {
        yes += f64::from(u8::from(item));
        all += 1.0;
    }
    yes / all.max(1.0)
}

/// The values below which these shares lie; 0 of none.
fn quantiles(values: impl Iterator<Item = f64>, at: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let place = |share: f64| usize::try_from(crate::dice::whole(share * values.len() as f64)).unwrap_or(0);
    let value = |share: &f64| values.get(place(*share).min(values.len().saturating_sub(1))).copied();
    at.iter().map(|share| value(share).unwrap_or(0.0)).collect()
}

/// Least and greatest share.
fn extremes(counts: &[u64]) -> Vec<f64> {
    let all = counts.iter().sum::<u64>().max(1) as f64;
    let shares = counts.iter().map(|n| *n as f64 / all);
    vec![shares.clone().fold(1.0, f64::min), shares.fold(0.0, f64::max)]
}

#[cfg(test)]
mod tests;
