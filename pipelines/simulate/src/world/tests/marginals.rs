//! Measured on a world as a platform would see it, and compared with what is published.

use std::collections::HashMap;

use events::{Body, Edge, Event, Token};

use super::*;

/// A first contact, from the first event of a pair that had nothing between them.
struct First {
    from: Token,
    to: Token,
    has_mutual: bool,
    answered: bool,
    blocked: bool,
}

fn firsts(world: &mut World) -> Vec<First> {
    let mut firsts: HashMap<(Token, Token), First> = HashMap::new();
    let mut see = |event: &Event| {
        let (Some(actor), Some(target)) = (&event.actor, &event.target) else { return };
        if matches!(event.body, Body::GroupMemberAdded(_) | Body::GateRefused(_)) {
            return;
        }
        let rel = event.rel.as_ref();
        if rel.is_some_and(|rel| rel.edge == Some(Edge::None)) {
            let has_mutual = rel.and_then(|rel| rel.mutuals).is_some_and(|m| m != events::Mutuals::None);
            let (from, to) = (actor.clone(), target.clone());
            let first = First { from, to, has_mutual, answered: false, blocked: false };
            firsts.insert((actor.clone(), target.clone()), first);
        } else if let Some(first) = firsts.get_mut(&(target.clone(), actor.clone())) {
            match event.body {
                Body::MessageSent(_) | Body::ContactAccepted(_) => first.answered = true,
                Body::ContactBlocked(_) => first.blocked = true,
                _ => {}
            }
        }
    };
    world.flatten().for_each(|event| see(&event));
    firsts.into_values().collect()
}

fn share<'a>(items: impl Iterator<Item = &'a First>, is: impl Fn(&First) -> bool) -> f64 {
    let (mut yes, mut all) = (0.0, 0.0_f64);
    for item in items {
        yes += f64::from(u8::from(is(item)));
        all += 1.0;
    }
    yes / all.max(1.0)
}

#[test]
fn strangers_are_answered_and_blocked_as_published() {
    // Many abusers, since each has a charm of their own.
    let mut params = Params { accounts: 6_000, days: 35, seed: 11, ..Params::default() };
    params.scenario.abuse.share = 0.03;
    let mut world = World::new(&params.check().unwrap());
    let truth: HashMap<String, evaluation::Truth> =
        world.truth().into_iter().map(|t| (t.account.clone(), t)).collect();
    let firsts = firsts(&mut world);
    let kind = |first: &First| truth[first.from.as_str()].archetype.clone();
    let scattergun = || firsts.iter().filter(|first| kind(first).as_deref() == Some("scattergun"));
    let ordinary = || firsts.iter().filter(|first| !truth[first.from.as_str()].abusive);

    // Boshmaf 2011: .193 without and .591 with a common contact.
    let stranger = share(scattergun().filter(|first| !first.has_mutual), |first| first.answered);
    let linked = share(scattergun().filter(|first| first.has_mutual), |first| first.answered);
    println!("scattergun answered {stranger:.3} and with a common contact {linked:.3}");
    assert!((0.12..0.33).contains(&stranger) && (0.45..0.75).contains(&linked), "{stranger} {linked}");
    // Benign first contacts are blocked .5 to 2 % of the time (population design).
    let blocked = share(ordinary(), |first| first.blocked);
    let harmed = share(scattergun().filter(|first| first.answered), |first| first.blocked);
    println!("blocked: ordinary {blocked:.4}, scattergun's answered {harmed:.3}");
    assert!((0.005..0.02).contains(&blocked) && (0.15..0.6).contains(&harmed), "{blocked} {harmed}");
    // 7 % of those whom adults approach as strangers are minors (trial exhibits, 2025).
    let is_minor = |token: &Token| truth[token.as_str()].minor;
    let by_adults = ordinary().filter(|first| !is_minor(&first.from) && !first.has_mutual);
    let minors = share(by_adults, |first| is_minor(&first.to));
    println!("minors among adults' strangers {minors:.3}");
    assert!((0.03..0.2).contains(&minors), "{minors}");
}

#[test]
fn reports_are_as_often_true_as_was_measured() {
    let mut params = Params { accounts: 20_000, days: 40, seed: 4, ..Params::default() };
    params.scenario.abuse.share = 0.02;
    let mut world = World::new(&params.check().unwrap());
    let mut reporters: HashMap<Token, HashSet<Token>> = HashMap::new();
    for event in world.by_ref().flatten() {
        if let (Body::ReportFiled(_), Some(actor), Some(target)) = (&event.body, &event.actor, &event.target)
        {
            reporters.entry(target.clone()).or_default().insert(actor.clone());
        }
    }
    let abusive: HashMap<String, bool> = world.truth().into_iter().map(|t| (t.account, t.abusive)).collect();
    let wanted = world.params.get().scenario.reports.offender_share;
    for (k, wanted) in (1..).zip(wanted) {
        let class = reporters.iter().filter(|(_, all)| all.len().min(6) == k);
        let verdicts: Vec<bool> = class.map(|(account, _)| abusive[account.as_str()]).collect();
        let share = verdicts.iter().filter(|is| **is).count() as f64 / verdicts.len().max(1) as f64;
        println!("{k} reporters: {share:.3} of {}, measured {wanted}", verdicts.len());
        // Few accounts have many reporters: beside the tolerance, one and a half accounts either way.
        let within = 0.05 + 1.5 / verdicts.len().max(1) as f64;
        assert!((share - wanted).abs() <= within, "{k}: {share} of {}, not {wanted}", verdicts.len());
    }
}
