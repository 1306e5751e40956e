//! Accounts that act together: farms, colluding accounts, brigades; and accounts that come back.

use super::*;
use crate::world::campaigns::DISTRICT;

fn rings(told: &Told, kind: Archetype) -> impl Iterator<Item = &Vec<u32>> {
    let of_kind = move |ring: &u32| ring >> 24 == kind as u32;
    told.world.rings.iter().filter(move |(ring, all)| of_kind(ring) && all.len() > 1).map(|(_, all)| all)
}

fn targets(told: &Told, who: u32) -> BTreeSet<u32> {
    told.asked(who).map(|first| first.to).collect()
}

/// Of the targets of two accounts of a ring, the share that is common, on average.
fn overlap(told: &Told, kind: Archetype) -> f64 {
    let of_two = |(a, b): (u32, u32)| {
        let (a, b) = (targets(told, a), targets(told, b));
        let least = a.len().min(b.len());
        (least >= 5).then(|| a.intersection(&b).count() as f64 / least as f64)
    };
    mean(rings(told, kind).flat_map(|ring| ring.windows(2)).filter_map(|two| of_two((two[0], two[1]))))
}

/// Hours between the first sessions of two accounts on the days on which both work, median.
fn hours_apart(told: &Told, pairs: impl Iterator<Item = (u32, u32)>) -> f64 {
    let first_asks = |who: u32| {
        let mut by_day: BTreeMap<u64, Millis> = BTreeMap::new();
        for first in told.asked(who) {
            by_day.entry(first.ts / DAY).or_insert(first.ts);
        }
        by_day
    };
    let apart = pairs.flat_map(|(a, b)| {
        let (a, b) = (first_asks(a), first_asks(b));
        let both = a.into_iter().filter_map(move |(day, ts)| Some(b.get(&day)?.abs_diff(ts)));
        both.map(|ms| ms as f64 / crate::HOUR as f64).collect::<Vec<_>>()
    });
    median(apart)
}

/// By day, the district of most of the minors whom somebody asked.
fn most_asked_town(told: &Told, who: u32) -> BTreeMap<u64, u32> {
    let mut asked: BTreeMap<u64, BTreeMap<u32, u32>> = BTreeMap::new();
    for first in told.asked(who).filter(|first| told.is_minor(first.to)) {
        *asked.entry(first.ts / DAY).or_default().entry(first.to / DISTRICT).or_default() += 1;
    }
    let most =
        |towns: BTreeMap<u32, u32>| towns.into_iter().max_by_key(|(_, n)| *n).map_or(0, |(town, _)| town);
    asked.into_iter().map(|(day, towns)| (day, most(towns))).collect()
}

#[test]
fn a_farm_shares_devices_hours_and_a_town_and_splits_its_victims() {
    let told = Told::shared();
    let kind = Archetype::SextortionFarm;
    let mut towns_shared = Vec::new();
    for ring in rings(told, kind) {
        let active: Vec<u32> =
            ring.iter().copied().filter(|who| told.of_whom(*who).sessions.len() > 8).collect();
        for two in active.windows(2) {
            let (a, b) = (told.of_whom(two[0]), told.of_whom(two[1]));
            assert!(!a.devices.is_disjoint(&b.devices) && !a.networks.is_disjoint(&b.networks));
            let towns = |who: u32| most_asked_town(told, who);
            let (a, b) = (towns(two[0]), towns(two[1]));
            towns_shared
                .extend(a.iter().filter_map(|(day, town)| Some(f64::from(u8::from(b.get(day)? == town)))));
        }
    }
    let (split, towns) = (overlap(told, kind), mean(towns_shared.into_iter()));
    let of_ring = || rings(told, kind).flat_map(|ring| ring.windows(2)).map(|two| (two[0], two[1]));
    let loners: Vec<u32> = told.abusers(Archetype::Scattergun).collect();
    let (ring_hours, others) =
        (hours_apart(told, of_ring()), hours_apart(told, loners.windows(2).map(|two| (two[0], two[1]))));
    let bursts = told.abusers(kind).map(|who| {
        let times: Vec<Millis> = told.asked(who).map(|first| first.ts).collect();
        most_within(&times, crate::HOUR) as f64
    });
    let burst = median(bursts);
    println!(
        "farm: {split:.2} of victims common, {towns:.2} of days in the same towns, {ring_hours:.1} h apart, others {others:.1}; \
         {burst} in an hour"
    );
    assert!(split < 0.35 && towns > 0.5 && ring_hours < 0.6 * others && burst >= 8.0);
}

#[test]
fn colluding_accounts_vouch_for_each_other_and_share_targets() {
    let told = Told::shared();
    let kind = Archetype::ColludingSybil;
    let (mut within, mut accepted) = (0.0, 0.0);
    for ring in rings(told, kind) {
        for first in ring.iter().flat_map(|who| told.asked(*who)).filter(|first| ring.contains(&first.to)) {
            within += 1.0;
            accepted += f64::from(u8::from(first.answered));
        }
    }
    let outside = told.share(told.abusers(kind), |first| first.answered);
    let (sybil, farm) = (overlap(told, kind), overlap(told, Archetype::SextortionFarm));
    println!(
        "sybils: {within} within the ring, {:.2} accepted; {outside:.2} of all; {sybil:.2} of targets common, a farm's {farm:.2}",
        accepted / within
    );
    assert!(within >= 5.0 && accepted / within > 0.5 && accepted < within && sybil > 0.1);
}

#[test]
fn brigades_report_one_innocent_within_an_hour_and_do_nothing_else() {
    let told = Told::shared();
    let kind = Archetype::BrigadingReporter;
    let mut together = 0;
    for ring in rings(told, kind) {
        let mut by_subject: HashMap<u32, Vec<Millis>> = HashMap::new();
        for (ts, subject) in ring.iter().flat_map(|who| &told.of_whom(*who).reports) {
            by_subject.entry(*subject).or_default().push(*ts);
        }
        for times in by_subject.values().filter(|times| most_within(times, crate::HOUR) >= 2) {
            together += times.len();
        }
    }
    let a_head = |who: u32| told.of_whom(who).firsts.len() as f64;
    let (theirs, ours) = (mean(told.abusers(kind).map(a_head)), mean(told.ordinary().map(a_head)));
    println!("brigades: {together} reports together; {theirs:.1} first contacts each, others {ours:.1}");
    assert!(together >= 6 && theirs < 2.0 * ours);
}

#[test]
fn who_was_banned_comes_back_within_a_week_for_the_same_minors() {
    let told = Told::shared();
    let people = &told.world.crowd.people;
    let again: Vec<u32> =
        told.abusers(Archetype::BanEvader).filter(|who| people[*who as usize].earlier.is_some()).collect();
    assert!(!again.is_empty());
    let mut same = Vec::new();
    for who in &again {
        let earlier = people[*who as usize].earlier.unwrap();
        let (old, new) = (told.of_whom(earlier), told.of_whom(*who));
        let (ban, back) = (old.suspended.expect("a ban"), new.created.expect("a new account"));
        assert!((DAY..=7 * DAY).contains(&(back - ban)), "{} days", (back - ban) as f64 / DAY as f64);
        let before = targets(told, earlier);
        if before.len() >= 10 && new.firsts.len() >= 10 {
            same.push(targets(told, *who).intersection(&before).count() as f64 / before.len() as f64);
        }
    }
    let same = mean(same.into_iter());
    println!("ban evaders: {} back, {same:.2} of the earlier targets asked again", again.len());
    assert!(same > 0.3, "{same}");
}
