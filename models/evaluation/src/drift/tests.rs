use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

const COLUMNS: usize = 40;

/// People who are what they are from day to day, on days that differ.
struct World {
    rng: ChaCha8Rng,
    /// By how much days differ, in standard deviations of people's values; weekends by twice as much.
    unrest: f64,
    people: Vec<Vec<f64>>,
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random_range(1e-12..1.0), rng.random_range(0.0..std::f64::consts::TAU));
    (-2.0 * u.ln()).sqrt() * v.cos()
}

#[expect(clippy::cast_possible_truncation, reason = "rows hold singles")]
fn single(value: f64) -> f32 {
    value as f32
}

impl World {
    fn new(seed: u64, people: usize, unrest: f64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let people = (0..people).map(|_| (0..COLUMNS).map(|_| 0.5 * normal(&mut rng)).collect()).collect();
        Self { rng, unrest, people }
    }

    /// One day, with columns of every kind: normal ones, counts with long tails, rare ones, some that are often absent;
    /// weekends move everything. `shift` moves the first column, in its standard deviations.
    fn day(&mut self, day: u64, shift: f64) -> Day {
        let rng = &mut self.rng;
        let weekend = if day % 7 >= 5 { 2.0 } else { 0.0 };
        let effect: Vec<f64> = (0..COLUMNS).map(|_| self.unrest * (normal(rng) + weekend)).collect();
        let mut rows = Vec::new();
        let mut flagged = 0;
        for person in &self.people {
            let own = 0.75_f64.sqrt();
            let mut row: Vec<f64> = person
                .iter()
                .zip(&effect)
                .map(|(person, effect)| person + own * normal(rng) + effect)
                .collect();
            row[0] += shift;
            for (c, value) in row.iter_mut().enumerate() {
                match c % 5 {
                    1 => *value = value.exp().floor(),
                    2 => *value = f64::from(u8::from(*value > 2.9)),
                    3 if rng.random_range(0.0..1.0) < 0.4 => *value = f64::NAN,
                    _ => {}
                }
            }
            flagged += u64::from(rng.random_range(0.0..1.0) < 0.004);
            rows.push(row.iter().map(|value| single(*value)).collect());
        }
        Day { day, scored: (rows.len() as u64, flagged), rows }
    }
}

fn names() -> Vec<String> {
    (0..COLUMNS).map(|c| format!("column_{c}")).collect()
}

/// Weeks with an alarm in which nothing had changed, of so many.
fn false_alarms(weeks: u64, people: usize) -> u64 {
    let with_alarm = |seed: u64| {
        let mut world = World::new(seed, people, 0.03);
        let days: Vec<Day> = (0..28).map(|day| world.day(day, 0.0)).collect();
        let reference = Reference::of(names(), &days).unwrap();
        (28..35).any(|day| !reference.judge(&world.day(day, 0.0)).unwrap().alarms.is_empty())
    };
    (0..weeks).filter(|seed| with_alarm(*seed)).count() as u64
}

#[test]
fn hardly_a_week_in_a_hundred_raises_an_alarm_where_nothing_changes() {
    let found = false_alarms(300, 150);
    println!("{found} of 300 weeks");
    // Of weeks that raise one with probability 0.01, more than eight of three hundred are fewer than one in two hundred.
    assert!(found <= 8, "{found} of 300 weeks");
}

#[test]
fn a_shift_of_three_tenths_is_found_within_a_day() {
    let mut found = 0;
    for seed in 0..20 {
        let mut world = World::new(1_000 + seed, 1_000, 0.015);
        let days: Vec<Day> = (0..28).map(|day| world.day(day, 0.0)).collect();
        let reference = Reference::of(names(), &days).unwrap();
        let judged = reference.judge(&world.day(28, 0.3)).unwrap();
        let is_it = |alarm: &Alarm| alarm.column == "column_0" && alarm.found > alarm.usual;
        assert!(judged.alarms.iter().all(|alarm| alarm.column == "column_0"), "{judged:?}");
        found += u32::from(judged.alarms.iter().any(is_it));
    }
    println!("{found} of 20 found on the first day");
    assert!(found >= 19, "{found} of 20");
}

#[test]
fn absence_spread_and_flags_are_seen_each_by_itself() {
    let mut world = World::new(7, 1_000, 0.015);
    let days: Vec<Day> = (0..28).map(|day| world.day(day, 0.0)).collect();
    let reference = Reference::of(names(), &days).unwrap();
    let check = |day: &Day, column: &str, unlike: Unlike| {
        let judged = reference.judge(day).unwrap();
        let first = judged.alarms.first().unwrap();
        assert_eq!((first.column.as_str(), first.unlike), (column, unlike), "{judged:?}");
    };
    let mut absent = world.day(28, 0.0);
    absent.rows.iter_mut().step_by(5).for_each(|row| row[5] = f32::NAN);
    check(&absent, "column_5", Unlike::Absence);
    let mut wide = world.day(28, 0.0);
    wide.rows.iter_mut().for_each(|row| row[10] *= 1.8);
    check(&wide, "column_10", Unlike::Spread);
    let mut many = world.day(28, 0.0);
    many.scored.1 = 60;
    check(&many, "flag_rate", Unlike::FlagRate);
    let mut few = world.day(28, 0.0);
    few.rows.truncate(ROWS_MIN - 1);
    assert_eq!(reference.judge(&few), None);
    assert!(Reference::of(names(), &days[..DAYS_MIN - 1]).is_err());
}

#[test]
fn a_fixed_threshold_cries_wolf() {
    // A hundred rows, ten parts, nothing changed: the usual "PSI above 0.1" fires most days.
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut draw = |n: usize| -> Vec<f32> { (0..n).map(|_| single(normal(&mut rng))).collect() };
    let bins = Bins::of(draw(10_000));
    let fires = (0..200).filter(|_| bins.numbers(draw(100).into_iter())[2].powi(3) > 0.1).count();
    assert!(fires > 60, "{fires} of 200 days");
}
