use events::{LabelSource, Token};
use schema::{Feature, ReasonCode, Schema, Transform, Unit};

use super::*;
use crate::{Absences, Keep};

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

fn schema() -> Schema {
    Schema::new(vec![Feature {
        name: "a".to_owned(),
        meaning: "a number".to_owned(),
        unit: Unit::Accounts,
        window: None,
        family: schema::Family::Targeting,
        reason: ReasonCode::RC01,
        direction: schema::Direction::More,
        transform: Transform::Identity,
        sentence: "{value}",
        null_when: Some("unknown"),
        unavailable: None,
    }])
}

fn token(i: usize) -> Token {
    Token::try_from(format!("account_{i:010}").as_str()).unwrap()
}

/// `accounts` accounts, three rows a day on each of ten days; the value is day + row / 10.
fn rows(accounts: usize) -> Rows {
    let mut rows = Rows::new(schema(), Keep::LastOfDay);
    for day in 0..10_u32 {
        for row in 0..3_u32 {
            for i in 0..accounts {
                let at = Millis::from(day) * DAY_MS + Millis::from(row);
                let value = if i == 0 { f64::NAN } else { f64::from(day) + f64::from(row) / 10.0 };
                rows.push(&detect::Row::new(token(i), at, Vector::new(vec![value])));
            }
        }
    }
    rows
}

fn label(i: usize, verdict: Verdict, ts: Millis) -> Label {
    Label { account: token(i), label: verdict, category: None, ts, source: LabelSource::Reviewer }
}

#[test]
fn the_last_row_of_a_day_is_kept() {
    let rows = rows(3);
    assert_eq!(rows.len(), 30);
    let all =
        Dataset::new(&rows, &[], 0, Split { train_share: 1.0, train_time: 1.0, ..Split::default() }).unwrap();
    let train = all.examples(Part::Train).unwrap();
    assert_eq!(train.x.len(), 30);
    assert_eq!(train.accounts[0], token(0).as_str());
    assert!(train.x[0].values()[0].is_nan(), "an absent value stays absent");
    assert_eq!(train.x[10].values(), [0.2]);
}

#[test]
fn a_label_counts_from_when_it_became_known() {
    let split = Split { train_share: 1.0, train_time: 1.0, ..Split::default() };
    let labels = [
        label(1, Verdict::Abusive, 100),
        label(2, Verdict::Abusive, 50),
        label(2, Verdict::Benign, 60),
        label(2, Verdict::Abusive, 100),
    ];
    let abusive = |as_of: Millis| {
        let examples = Dataset::new(&rows(3), &labels, as_of, split).unwrap().examples(Part::Train).unwrap();
        let mut found: Vec<String> =
            examples.accounts.into_iter().zip(examples.y).filter(|(_, y)| *y).map(|(a, _)| a).collect();
        found.dedup();
        found
    };
    assert_eq!(abusive(49), Vec::<String>::new());
    assert_eq!(abusive(50), [token(2).as_str()]);
    assert_eq!(abusive(60), Vec::<String>::new(), "an overturned label no longer counts");
    assert_eq!(abusive(100), [token(1).as_str(), token(2).as_str()]);
}

#[test]
fn no_account_is_in_two_parts_and_the_test_is_later() {
    let labels: Vec<Label> = (0..10).map(|i| label(i, Verdict::Abusive, 5)).collect();
    let dataset = Dataset::new(&rows(100), &labels, 5, Split::default()).unwrap();
    let [train, calibrate, test] =
        [Part::Train, Part::Calibrate, Part::Test].map(|part| dataset.examples(part).unwrap());
    let accounts = |e: &Examples| {
        let mut names = e.accounts.clone();
        names.dedup();
        names
    };
    assert_eq!([&train, &calibrate, &test].map(|e| accounts(e).len()), [60, 20, 20]);
    let together = [accounts(&train), accounts(&calibrate), accounts(&test)].concat();
    let mut unique = together.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), together.len());
    for (part, positives) in [(&train, 6), (&calibrate, 2), (&test, 2)] {
        let mut names: Vec<_> = part.accounts.iter().zip(&part.y).filter(|(_, y)| **y).collect();
        names.dedup();
        assert_eq!(names.len(), positives);
    }
    let values =
        |e: &Examples| -> Vec<f64> { e.x.iter().map(|x| x.values()[0]).filter(|v| !v.is_nan()).collect() };
    let latest = values(&train).into_iter().fold(0.0, f64::max);
    let earliest = values(&test).into_iter().fold(f64::MAX, f64::min);
    assert!(latest < earliest, "{latest} {earliest}");
}

#[test]
fn the_same_rows_give_the_same_hash() {
    let labels = [label(1, Verdict::Abusive, 1)];
    let hash = |n, as_of| Dataset::new(&rows(n), &labels, as_of, Split::default()).unwrap().hash().unwrap();
    assert_eq!(hash(20, 1), hash(20, 1));
    assert_ne!(hash(20, 1), hash(20, 0));
    assert_ne!(hash(20, 1), hash(21, 1));
}

#[test]
fn parquet_is_read_back_as_it_was() {
    let mut bytes = Vec::new();
    rows(4).write_parquet(&mut bytes).unwrap();
    let found = Absences::of_parquet(&bytes).unwrap();
    let absent = [("a", 10), ("account", 0), ("cohort", 0), ("ts", 0)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(found, Absences { rows: 40, absent: absent.into() });
}
