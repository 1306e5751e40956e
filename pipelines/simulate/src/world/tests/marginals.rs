//! Measured on a world as a platform would see it, and compared with what is published.

use std::collections::{BTreeMap, HashMap, HashSet};

use events::{Body, Edge, Event, Token};

use super::*;
use crate::dice::whole;

/// A first contact, from the first event of a pair that had nothing between them.
struct First {
    from: Token,
    to: Token,
    ts: Millis,
    has_mutual: bool,
    by_message: bool,
    answered: Option<Millis>,
    blocked: bool,
    reported: bool,
    messages: u32,
}

#[derive(Default)]
struct Measured {
    firsts: HashMap<(Token, Token), First>,
    sent: BTreeMap<Token, Vec<Millis>>,
    refused: HashMap<Token, u32>,
    events: usize,
}

fn pair(a: &Token, b: &Token) -> (Token, Token) {
    if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
}

impl Measured {
    fn of(world: &mut World) -> Self {
        let mut measured = Self::default();
        world.flatten().for_each(|event| measured.see(&event));
        measured
    }

    fn see(&mut self, event: &Event) {
        self.events += 1;
        let Some(actor) = &event.actor else { return };
        let by_message = matches!(event.body, Body::MessageSent(_));
        if by_message {
            self.sent.entry(actor.clone()).or_default().push(event.ts);
        }
        let Some(target) = &event.target else { return };
        let is_new = event.rel.as_ref().is_some_and(|rel| rel.edge == Some(Edge::None));
        if matches!(event.body, Body::GateRefused(_)) {
            *self.refused.entry(actor.clone()).or_default() += 1;
        } else if is_new {
            let mutuals = event.rel.as_ref().and_then(|rel| rel.mutuals);
            let first = First {
                from: actor.clone(),
                to: target.clone(),
                ts: event.ts,
                has_mutual: mutuals.is_some_and(|m| m != events::Mutuals::None),
                by_message,
                answered: None,
                blocked: false,
                reported: false,
                messages: 0,
            };
            let before = self.firsts.insert(pair(actor, target), first);
            assert!(before.is_none(), "a second first contact: {}", event.to_json());
        }
        let Some(first) = self.firsts.get_mut(&pair(actor, target)) else { return };
        let is_back = *actor == first.to;
        first.messages += u32::from(by_message);
        match event.body {
            Body::MessageSent(_) | Body::ContactAccepted(_) if is_back => {
                first.answered = first.answered.or(Some(event.ts));
            }
            Body::ContactBlocked(_) if is_back => first.blocked = true,
            Body::ReportFiled(_) if is_back => first.reported = true,
            _ => {}
        }
    }
}

fn quantiles(values: impl IntoIterator<Item = f64>, at: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let place =
        |share: f64| usize::try_from(whole(share * values.len() as f64)).unwrap().min(values.len() - 1);
    at.iter().map(|share| values[place(*share)]).collect()
}

fn share<T>(items: &[T], is: impl Fn(&T) -> bool) -> f64 {
    items.iter().filter(|item| is(item)).count() as f64 / items.len().max(1) as f64
}

/// What was measured beside what is published, and what lies too far from it.
#[derive(Default)]
struct Comparison {
    misses: Vec<String>,
}

impl Comparison {
    /// Holds every number to `within` times the published one.
    fn near(&mut self, name: &str, measured: &[f64], published: &[f64], within: f64) {
        let line = format!("{name}: {measured:.3?} published {published:?}, within a factor of {within}");
        println!("{line}");
        if measured.iter().zip(published).any(|(m, p)| m / p > within || p / m > within) {
            self.misses.push(line);
        }
    }

    fn finish(self) {
        assert!(self.misses.is_empty(), "{:#?}", self.misses);
    }
}

#[test]
fn ordinary_people_are_as_published() {
    let mut world = world(3_000, 28, 11);
    let start = world.params.get().start;
    let truth: HashMap<String, Truth> = world.truth().into_iter().map(|t| (t.account.clone(), t)).collect();
    let measured = Measured::of(&mut world);
    println!("events {}", measured.events);
    let is_ordinary = |t: &Token| !truth[t.as_str()].abusive && truth[t.as_str()].role.is_none();
    let firsts: Vec<&First> = measured.firsts.values().filter(|first| is_ordinary(&first.from)).collect();

    let mut compare = Comparison::default();
    compare.near("answered", &[share(&firsts, |f| f.answered.is_some())], &[0.467], 1.1);
    compare.near("with a mutual", &[share(&firsts, |f| f.has_mutual)], &[0.405], 1.3);
    let mut by: HashMap<&Token, (f64, f64, HashMap<u64, f64>)> = HashMap::new();
    for first in &firsts {
        let entry = by.entry(&first.from).or_default();
        entry.0 += 1.0;
        entry.1 += f64::from(u8::from(first.answered.is_some()));
        *entry.2.entry((first.ts - start) / DAY).or_default() += 1.0;
    }
    let people = truth.values().filter(|t| !t.abusive && t.role.is_none());
    let initiated =
        people.map(|t| by.get(&Token::try_from(t.account.as_str()).unwrap()).map_or(0.0, |e| e.0));
    let initiated = quantiles(initiated, &[0.5, 0.9, 0.99, 1.0]);
    compare.near("initiated p50/90/99/max", &initiated, &[1.0, 18.0, 98.0, 232.0], 2.0);
    let busiest = by.values().map(|entry| entry.2.values().copied().fold(0.0, f64::max));
    let busiest = quantiles(busiest, &[0.5, 0.9, 0.99, 1.0]);
    compare.near("most in a day p50/90/99", &busiest[..3], &[2.0, 8.0, 34.0], 1.6);
    compare.near("most in a day, of all", &busiest[3..], &[142.0], 2.5);
    let rates = by.values().filter(|entry| entry.0 >= 10.0).map(|entry| entry.1 / entry.0);
    let rates = quantiles(rates, &[0.05, 0.25, 0.5, 0.75, 0.95]);
    compare.near("reply rate by initiator", &rates, &[0.10, 0.36, 0.51, 0.65, 0.80], 2.0);
    let dyads = firsts.iter().filter(|f| f.messages > 0).map(|f| f64::from(f.messages));
    let dyads = quantiles(dyads, &[0.25, 0.5, 0.75, 0.9, 0.99]);
    compare.near("messages a dyad", &dyads, &[1.0, 2.0, 4.0, 9.0, 36.0], 1.6);
    // An answer may take weeks, so only what had two of them counts.
    let early = firsts.iter().filter(|f| f.ts < start + 14 * DAY);
    let waits = early.filter_map(|f| f.answered.map(|at| (at - f.ts) as f64 / 1000.0));
    let waits = quantiles(waits, &[0.1, 0.25, 0.5, 0.75, 0.9]);
    compare.near("reply latency in seconds", &waits, &[122.0, 700.0, 14_040.0, 98_280.0, 544_320.0], 1.6);
    println!("by message {:.3}", share(&firsts, |f| f.by_message));

    let blocked = share(&firsts, |f| f.blocked);
    let reported = share(&firsts, |f| f.reported);
    println!("blocked {blocked:.4} reported {reported:.5}");
    assert!((0.005..0.02).contains(&blocked), "{blocked}");
    assert!(reported < 0.0007, "{reported}: more than five in 10,000 even by chance");
    messages(&mut compare, &measured, start, &is_ordinary);
    compare.finish();
}

fn messages(
    compare: &mut Comparison,
    measured: &Measured,
    start: Millis,
    is_ordinary: &dyn Fn(&Token) -> bool,
) {
    let (mut gaps, mut bursts, mut daily) = (Vec::new(), Vec::new(), Vec::new());
    for times in measured.sent.iter().filter(|(who, _)| is_ordinary(who)).map(|(_, times)| times) {
        let mine: Vec<f64> = times.windows(2).map(|w| (w[1] - w[0]) as f64 / 1000.0).collect();
        if mine.len() >= 10 {
            let mean = mine.iter().sum::<f64>() / mine.len() as f64;
            let spread =
                (mine.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / mine.len() as f64).sqrt();
            bursts.push((spread - mean) / (spread + mean));
        }
        gaps.extend(mine);
        let mut days: BTreeMap<u64, f64> = BTreeMap::new();
        times.iter().for_each(|ts| *days.entry((ts - start) / DAY).or_default() += 1.0);
        daily.extend(days.into_values());
    }
    compare.near("messages a day, active", &quantiles(daily, &[0.5]), &[6.0], 1.35);
    compare.near("burstiness", &quantiles(bursts, &[0.5]), &[0.5], 1.3);
    // Longer gaps cannot be compared: CollegeMsg's people send one message in six days, not six in a day.
    let gaps = quantiles(gaps, &[0.05, 0.25, 0.5, 0.75, 0.95]);
    compare.near("gaps in seconds", &gaps[..3], &[21.0, 120.0, 580.0], 2.0);
    println!("longer gaps {:.0?}", &gaps[3..]);
}

#[test]
fn abusers_and_look_alikes_differ_as_published() {
    // Many abusers, since each has a charm of their own.
    let params = Params { accounts: 3_000, seed: 11, abusive_share: 0.02, ..Params::default() };
    let mut world = World::new(&params.check().unwrap());
    let truth: HashMap<String, Truth> = world.truth().into_iter().map(|t| (t.account.clone(), t)).collect();
    let measured = Measured::of(&mut world);
    let kind = |t: &Token| {
        let truth = &truth[t.as_str()];
        truth.archetype.clone().or_else(|| truth.role.clone()).unwrap_or_else(|| "ordinary".to_owned())
    };
    let is_minor = |t: &Token| truth[t.as_str()].minor;
    let mut rates = HashMap::new();
    for name in ["scattergun", "bulk_spammer", "teacher", "youth_coach", "ordinary"] {
        let firsts: Vec<&First> =
            measured.firsts.values().filter(|first| kind(&first.from) == name).collect();
        let people: HashSet<&Token> = firsts.iter().map(|f| &f.from).collect();
        let strangers: Vec<&&First> = firsts.iter().filter(|f| !f.has_mutual).collect();
        let linked: Vec<&&First> = firsts.iter().filter(|f| f.has_mutual).collect();
        let answered = |f: &&&First| f.answered.is_some();
        let rate = (share(&strangers, answered), share(&linked, answered), share(&firsts, |f| f.blocked));
        println!(
            "{name}: {} by {} minors {:.2} answered {:.2} ({:.2} / {:.2} with a mutual, {} of those) blocked {:.3} \
             reported {:.4} refused {}",
            firsts.len(),
            people.len(),
            share(&firsts, |f| is_minor(&f.to)),
            share(&firsts, |f| f.answered.is_some()),
            rate.0,
            rate.1,
            linked.len(),
            rate.2,
            share(&firsts, |f| f.reported),
            measured.refused.iter().filter(|(who, _)| kind(who) == name).map(|(_, n)| n).sum::<u32>(),
        );
        rates.insert(name, rate);
    }
    let (stranger, linked, blocked) = rates["scattergun"];
    let mut compare = Comparison::default();
    compare.near("scattergun answered", &[stranger, linked], &[0.193, 0.591], 1.8);
    compare.finish();
    assert!(blocked > 0.05 && rates["teacher"].2 < 0.02, "{rates:?}");
    assert!(rates["bulk_spammer"].0 < 0.15 && rates["teacher"].0 > 0.6, "{rates:?}");
}
