//! A1 to A14, one by one; rings are in `rings`.

use super::*;
use crate::campaign::{Campaign, Span};
use crate::{HOUR, SECOND};

fn minors_a_week(told: &Told, kind: Archetype) -> f64 {
    let minors = |who: u32| told.asked(who).filter(|first| told.is_minor(first.to)).count() as f64;
    median(told.abusers(kind).map(|who| minors(who) / told.weeks(who)))
}

/// Messages that somebody sends to each whom they asked and who answered.
fn messages_to_each(told: &Told, who: impl Iterator<Item = u32>) -> f64 {
    let each = |who: u32| {
        let seen = told.of_whom(who);
        let answered = told.asked(who).filter(|first| first.answered);
        answered.map(|first| f64::from(seen.to_whom.get(&first.to).copied().unwrap_or(0))).collect::<Vec<_>>()
    };
    mean(who.flat_map(each))
}

#[test]
fn a_scattergun_asks_minors_by_the_dozen_and_is_mostly_left_unanswered() {
    let told = Told::shared();
    let a_week = minors_a_week(told, Archetype::Scattergun);
    let minors = told.share(told.abusers(Archetype::Scattergun), |first| told.is_minor(first.to));
    let answered = told.share(told.abusers(Archetype::Scattergun), |first| first.answered);
    println!("scattergun: {a_week:.1} minors a week, {minors:.2} of targets, {answered:.2} answered");
    assert!((15.0..200.0).contains(&a_week) && minors > 0.7 && answered < 0.45);
}

#[test]
fn low_and_slow_wins_few_minors_and_talks_long() {
    let told = Told::shared();
    let a_week = minors_a_week(told, Archetype::LowAndSlow);
    let answered = told.share(told.abusers(Archetype::LowAndSlow), |first| first.answered);
    let long = messages_to_each(told, told.abusers(Archetype::LowAndSlow));
    let usual = messages_to_each(told, told.ordinary());
    println!(
        "low and slow: {a_week:.1} minors a week, {answered:.2} answered, {long:.1} messages each, usual {usual:.1}"
    );
    assert!((0.3..4.0).contains(&a_week) && answered > 0.35 && long > 1.25 * usual);
}

#[test]
fn a_catfish_is_an_adult_who_is_taken_for_a_minor_and_accepted_by_them() {
    let told = Told::shared();
    let is_young = |age: Age| matches!(age, Age::U13 | Age::From13To15 | Age::From16To17);
    for who in told.abusers(Archetype::Catfish) {
        assert!(!told.is_minor(who));
        if let Some((age, AgeSource::Declared)) = told.of_whom(who).declared {
            assert!(is_young(age), "{age:?}");
        }
    }
    let by_minors = |kind| {
        let minors =
            told.abusers(kind).flat_map(|who| told.asked(who)).filter(|first| told.is_minor(first.to));
        mean(minors.map(|first| f64::from(u8::from(first.answered))))
    };
    let (catfish, scattergun) = (by_minors(Archetype::Catfish), by_minors(Archetype::Scattergun));
    let inbound = told.abusers(Archetype::Catfish).map(|who| told.of_whom(who).inbound.len()).sum::<usize>();
    println!("minors answer a catfish {catfish:.2}, a scattergun {scattergun:.2}; {inbound} asked by others");
    assert!(catfish > 1.3 * scattergun && inbound > 0);
}

#[test]
fn a_bulk_sender_writes_to_many_within_seconds_soon_after_registering() {
    let told = Told::shared();
    let bursts =
        || told.abusers(Archetype::BulkSpammer).map(|who| most_within(&told.of_whom(who).sent, 15 * SECOND));
    let busiest = bursts().max().unwrap_or(0);
    let usual =
        told.ordinary().map(|who| most_within(&told.of_whom(who).sent, 15 * SECOND)).max().unwrap_or(0);
    let soon = told.abusers(Archetype::BulkSpammer).filter_map(|who| {
        let seen = told.of_whom(who);
        Some(seen.sent.first()?.saturating_sub(seen.created?))
    });
    let soonest = soon.min().unwrap_or(0);
    let forwarded =
        |who: u32| f64::from(told.of_whom(who).forwarded) / told.of_whom(who).sent.len().max(1) as f64;
    let (theirs, ours) =
        (mean(told.abusers(Archetype::BulkSpammer).map(forwarded)), mean(told.ordinary().map(forwarded)));
    println!(
        "bulk: {busiest} in 15 s, others {usual}; soonest {} s; forwarded {theirs:.2}, {ours:.2}",
        soonest / SECOND
    );
    assert!(
        busiest >= 40
            && busiest > usual
            && (4 * 60 * SECOND..2 * HOUR).contains(&soonest)
            && theirs > 5.0 * ours
    );
}

#[test]
fn a_romance_scam_woos_adults_and_draws_them_elsewhere() {
    let told = Told::shared();
    let kind = Archetype::RomanceScam;
    let minors = told.share(told.abusers(kind), |first| told.is_minor(first.to));
    let (long, usual) = (messages_to_each(told, told.abusers(kind)), messages_to_each(told, told.ordinary()));
    let cards =
        |who: u32| 1000.0 * f64::from(told.of_whom(who).cards) / told.of_whom(who).sent.len().max(1) as f64;
    let (theirs, ours) = (mean(told.abusers(kind).map(cards)), mean(told.ordinary().map(cards)));
    println!(
        "romance: {minors:.2} minors, {long:.1} messages each, usual {usual:.1}; cards {theirs:.1} and {ours:.1} in 1,000"
    );
    assert!(minors < 0.1 && long > 1.5 * usual && theirs > 1.2 * ours);
}

#[test]
fn a_sold_account_lived_quietly_and_a_hijacked_one_is_taken_over() {
    let told = Told::shared();
    for kind in [Archetype::AgedAccount, Archetype::Hijacked] {
        let a_day = |who: u32, after: bool| {
            let onset = told.onset(who);
            let until = told.world.crowd.campaign(&told.world.crowd.people[who as usize]).unwrap().until;
            let end = until.min(told.of_whom(who).suspended.unwrap_or_else(|| told.world.params.end()));
            let (from, until) = if after { (onset, end) } else { (told.start(), onset) };
            let count = told.of_whom(who).firsts.iter().filter(|f| (from..until).contains(&f.ts)).count();
            count as f64 / (until.saturating_sub(from) as f64 / DAY as f64).max(0.5)
        };
        let (before, after) = (
            mean(told.abusers(kind).map(|w| a_day(w, false))),
            mean(told.abusers(kind).map(|w| a_day(w, true))),
        );
        let taken = told.abusers(kind).filter(|who| {
            let onset = told.onset(*who);
            told.of_whom(*who).new_devices.iter().any(|ts| (onset..onset + 2 * DAY).contains(ts))
        });
        let (taken, all) = (taken.count(), told.abusers(kind).count());
        println!(
            "{}: {before:.1} first contacts a day, then {after:.1}; {taken} of {all} from a new device",
            kind.name()
        );
        assert!(after > 3.0 * before && taken * 10 >= all * 6, "{}", kind.name());
        assert!(told.abusers(kind).all(|who| told.of_whom(who).created.is_none()));
    }
}

#[test]
fn a_group_adder_makes_groups_of_people_who_never_asked() {
    let told = Told::shared();
    let lost = |who: &mut dyn Iterator<Item = u32>| {
        let (lost, added) = who.fold((0.0, 0.0), |(lost, added), who| {
            (lost + f64::from(told.of_whom(who).lost), added + told.of_whom(who).added.len() as f64)
        });
        (lost / f64::max(added, 1.0), added)
    };
    let (adder, added) = lost(&mut told.abusers(Archetype::GroupAdder));
    let (organiser, _) = lost(&mut told.alike(LookAlike::Organiser));
    let a_head = added / told.abusers(Archetype::GroupAdder).count().max(1) as f64;
    println!(
        "group adder: {a_head:.0} added each, {adder:.2} leave within a day; an organiser's {organiser:.2}"
    );
    assert!(a_head > 100.0 && adder > 0.15 && adder > 2.0 * organiser);
}

#[test]
fn a_minor_who_coerces_is_a_minor_who_asks_minors() {
    let told = Told::shared();
    let kind = Archetype::MinorCoercion;
    assert!(told.abusers(kind).all(|who| told.is_minor(who)));
    let minors = told.share(told.abusers(kind), |first| told.is_minor(first.to));
    let usual =
        told.share(told.ordinary().filter(|who| told.is_minor(*who)), |first| told.is_minor(first.to));
    println!("coercion: {minors:.2} minors, other minors {usual:.2}");
    assert!(minors > 1.3 * usual && minors > 0.5);
}

#[test]
fn an_adaptive_abuser_halves_what_stands_out_after_each_release() {
    let span = Span { start: 0, end: 60 * DAY };
    for seed in 1..40 {
        let mut dice = crate::dice::Dice::new(seed, 0, crate::dice::Process::Role, 1);
        let first = Campaign::draw(&mut dice, Archetype::Adaptive, span);
        let mut before = first.clone();
        for releases in 1..6 {
            let after = first.adapted(releases);
            let halved = [
                before.per_day / after.per_day,
                before.focus / after.focus,
                (1.0 - before.ladder) / (1.0 - after.ladder),
                before.harshness / after.harshness,
                after.gap_ms / before.gap_ms,
            ];
            let changed: Vec<&f64> = halved.iter().filter(|ratio| (**ratio - 1.0).abs() > 1e-9).collect();
            assert!(matches!(changed[..], [ratio] if (*ratio - 2.0).abs() < 1e-9), "{halved:?}");
            before = after;
        }
    }
}

#[test]
fn an_adaptive_abuser_fades_as_models_are_released() {
    let minors_a_day = |release_days: u32| {
        let mut params = Params { accounts: 6_000, days: 35, seed: 5, ..Params::default() };
        params.scenario.platform.release_days = release_days;
        params.scenario.abuse.share = 0.02;
        for kind in Archetype::ALL.iter().filter(|kind| **kind != Archetype::Adaptive) {
            params.scenario.abuse.archetypes.insert(kind.name().to_owned(), 0.0);
        }
        let told = Told::of(params);
        let late = told.start() + 18 * DAY;
        let firsts = told.abusers(Archetype::Adaptive).flat_map(|who| told.asked(who));
        firsts.filter(|first| first.ts >= late && told.is_minor(first.to)).count() as f64
    };
    let (often, never) = (minors_a_day(5), minors_a_day(365));
    println!("adaptive: {often} minors asked late with a release every five days, {never} without");
    assert!(often < 0.7 * never, "{often} {never}");
}
