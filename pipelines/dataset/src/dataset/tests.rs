use events::{Event, Label, LabelSource, Verdict, decode};
use schema::{Feature, ReasonCode, Schema, Transform, Unit};

use super::*;
use crate::{Absences, Keep, Sampling, leaks};

fn schema_of(names: &[&str]) -> Schema {
    let feature = |name: &&str| Feature {
        name: (*name).to_owned(),
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
    };
    Schema::new(names.iter().map(feature).collect())
}

fn token(i: usize) -> Token {
    Token::try_from(format!("account_{i:010}").as_str()).unwrap()
}

fn row(i: usize, at: Millis, values: &[f64]) -> detect::Row<'static> {
    detect::Row::new(token(i), at, Vector::new(values.to_vec()))
}

/// `accounts` accounts, three rows a day on each of ten days; the value is day + row / 10.
fn rows(accounts: usize, sampling: Sampling) -> Rows {
    let mut rows = Rows::sampled(schema_of(&["a"]), Keep::LastOfDay, sampling);
    for day in 0..10_u32 {
        for n in 0..3_u32 {
            for i in 0..accounts {
                let at = Millis::from(day) * DAY_MS + Millis::from(n);
                let value = if i == 0 { f64::NAN } else { f64::from(day) + f64::from(n) / 10.0 };
                rows.push(&row(i, at, &[value]));
            }
        }
    }
    rows
}

fn label(i: usize, label: Verdict, ts: Millis) -> Label {
    Label { account: token(i), label, category: None, ts, source: LabelSource::Platform }
}

fn event(name: &str, actor: usize, target: Option<usize>, ts: Millis, fields: &str) -> Event {
    let target = target.map(|i| format!(r#""target":"{}","#, token(i).as_str())).unwrap_or_default();
    let line = format!(
        r#"{{"v":1,"id":"019457c0-4433-744e-b8f5-{ts:012x}","ts":{ts},"type":"{name}","actor":"{}",{target}{fields}}}"#,
        token(actor).as_str()
    );
    decode(line.as_bytes(), Millis::MAX / 2).unwrap_or_else(|reject| panic!("{reject:?} {line}"))
}

fn report(reporter: usize, reported: usize, ts: Millis) -> Event {
    event("report.filed", reporter, Some(reported), ts, r#""category":"sexual""#)
}

/// Somebody reports an account that had turned to them.
fn note_report(watch: &mut Watch, reporter: usize, reported: usize, ts: Millis) {
    watch.note(&event("contact.requested", reported, Some(reporter), ts - 1, r#""surface":"search""#));
    watch.note(&report(reporter, reported, ts));
}

fn whole(as_of: Millis) -> Selection {
    Selection { as_of, embargo_ms: 0, folds: 4 }
}

const END: Millis = 10 * DAY_MS;

fn examples(rows: &Rows, labels: &[Label], watch: &Watch, selection: Selection) -> Examples {
    let knowledge = Knowledge::new(labels, watch, selection.as_of);
    Dataset::new(rows, &knowledge, watch, selection).unwrap().examples().unwrap()
}

#[test]
fn the_last_row_of_a_day_is_kept() {
    let rows = rows(3, Sampling::default());
    assert_eq!(rows.len(), 30);
    let all = examples(&rows, &[], &Watch::default(), whole(END));
    assert_eq!((all.x.len(), all.weight.iter().sum::<f64>()), (30, 30.0));
    assert_eq!(all.accounts[0], token(0).as_str());
    assert!(all.x[0].values()[0].is_nan(), "an absent value stays absent");
    assert_eq!(all.x[10].values(), [0.2]);
}

/// The first others that somebody turns to are moments of their own, however many come in a day; together they weigh a
/// day.
#[test]
fn the_moments_of_somebody_fast_are_kept() {
    let mut rows = Rows::new(schema_of(&["fc_rate_all_28d"]), Keep::Moments);
    for n in 0..=20_u32 {
        rows.push(&row(1, Millis::from(n), &[f64::from(n)]));
    }
    rows.push(&row(1, 21, &[20.0]));
    rows.push(&row(1, DAY_MS, &[20.0]));
    let kept = examples(&rows, &[], &Watch::default(), whole(END));
    let values: Vec<f64> = kept.x.iter().map(|x| x.values()[0]).collect();
    assert_eq!(values, [1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 18.0, 20.0, 20.0]);
    assert!((kept.weight.iter().sum::<f64>() - 2.0).abs() < 1e-9, "{:?}", kept.weight);
}

#[test]
fn a_label_counts_from_when_it_became_known_and_hides_what_came_after() {
    let labels = [
        label(1, Verdict::Abusive, 3 * DAY_MS),
        label(2, Verdict::Abusive, DAY_MS),
        label(2, Verdict::Benign, 2 * DAY_MS),
        label(2, Verdict::Abusive, 3 * DAY_MS),
    ];
    let rows = rows(3, Sampling::default());
    let abusive = |as_of: Millis| {
        let all = examples(&rows, &labels, &Watch::default(), whole(as_of));
        let mut found: Vec<(String, usize)> = Vec::new();
        for account in all.accounts.iter().zip(&all.y).filter(|(_, y)| **y).map(|(account, _)| account) {
            match found.last_mut() {
                Some((last, n)) if last == account => *n += 1,
                _ => found.push((account.clone(), 1)),
            }
        }
        found
    };
    let named = |i: usize, n: usize| (token(i).as_str().to_owned(), n);
    assert_eq!(abusive(DAY_MS - 1), []);
    assert_eq!(abusive(DAY_MS), [named(2, 1)], "no row from the label on");
    assert_eq!(abusive(2 * DAY_MS), [], "an overturned label no longer counts");
    assert_eq!(abusive(3 * DAY_MS), [named(1, 3), named(2, 3)]);
}

#[test]
fn who_was_shut_out_is_not_learnt_from_afterwards() {
    let mut watch = Watch::default();
    watch.note(&event("account.status", 1, None, DAY_MS, r#""status":"suspended""#));
    let labels = [label(1, Verdict::Abusive, 5 * DAY_MS)];
    let all = examples(&rows(2, Sampling::default()), &labels, &watch, whole(END));
    assert_eq!(all.y.iter().filter(|y| **y).count(), 1, "the day before");
}

/// A report makes an account likely abusive, as far as reports are usually right, up to the report itself.
#[test]
fn reports_count_as_far_as_they_are_right() {
    let mut watch = Watch::default();
    note_report(&mut watch, 0, 1, 2 * DAY_MS);
    let all = examples(&rows(2, Sampling::default()), &[], &watch, whole(END));
    let of = |y: bool| -> Vec<f64> {
        let rows = all.accounts.iter().zip(all.y.iter().zip(&all.weight));
        rows.filter(|(account, (label, _))| *account == token(1).as_str() && **label == y)
            .map(|(_, (_, w))| *w)
            .collect()
    };
    assert_eq!(of(true), [0.458; 2]);
    assert_eq!(of(false), [1.0 - 0.458; 2]);
    let decided =
        examples(&rows(2, Sampling::default()), &[label(1, Verdict::Benign, DAY_MS)], &watch, whole(END));
    assert!(decided.y.iter().all(|y| !y), "a decision stands over a report");
    assert_eq!(decided.x.len(), 20);
}

#[test]
fn who_reports_dozens_says_less_each_time() {
    let mut watch = Watch::default();
    (1..=40).for_each(|i| note_report(&mut watch, 0, i, DAY_MS));
    note_report(&mut watch, 50, 41, DAY_MS);
    let p = |i: usize| Knowledge::new(&[], &watch, END).of(&token(i)).unwrap().p;
    assert!((p(1) - 0.458 / 16.0).abs() < 1e-9, "{}", p(1));
    assert!((p(41) - 0.458).abs() < 1e-9, "{}", p(41));
}

#[test]
fn reports_by_strangers_say_nothing() {
    let mut watch = Watch::default();
    (10..20).for_each(|reporter| watch.note(&report(reporter, 1, DAY_MS)));
    watch.note(&event("contact.requested", 10, Some(1), DAY_MS, r#""surface":"search""#));
    let known = |watch: &Watch| Knowledge::new(&[], watch, END).of(&token(1)).map(|known| known.p);
    assert_eq!(known(&watch), None, "it turned to none of them, whoever turned to it");
    note_report(&mut watch, 20, 1, DAY_MS);
    assert_eq!(known(&watch), Some(0.458));
}

#[test]
fn one_row_in_so_many_stands_for_all() {
    let whole_accounts = [token(7)].into();
    let sampling = Sampling { whole: whole_accounts, one_in: 5 };
    let all = examples(&rows(400, sampling), &[], &Watch::default(), whole(END));
    assert!((all.x.len() as f64 / 800.0 - 1.0).abs() < 0.1, "{}", all.x.len());
    assert!((all.weight.iter().sum::<f64>() / 4000.0 - 1.0).abs() < 0.1);
    let seventh = all.accounts.iter().zip(&all.weight).filter(|(account, _)| *account == token(7).as_str());
    assert_eq!(seventh.map(|(_, weight)| *weight).collect::<Vec<_>>(), [1.0; 10]);
}

#[test]
fn nothing_within_the_embargo_is_learnt_from() {
    let selection = Selection { as_of: 9 * DAY_MS, embargo_ms: 2 * DAY_MS, folds: 4 };
    let all = examples(&rows(2, Sampling::default()), &[], &Watch::default(), selection);
    assert_eq!(all.at.iter().max(), Some(&(6 * DAY_MS + 2)));
}

#[test]
fn no_account_is_in_two_folds_and_who_shares_a_device_is_in_one() {
    let mut watch = Watch::default();
    for i in 0..30 {
        let session = format!(r#""device":"device_{:012}""#, i / 3);
        watch.note(&event("session.started", i, None, DAY_MS, &session));
    }
    let labels: Vec<Label> = (40..48).map(|i| label(i, Verdict::Abusive, END)).collect();
    let all = examples(&rows(100, Sampling::default()), &labels, &watch, whole(END));
    let mut folds: BTreeMap<&str, usize> = BTreeMap::new();
    for (account, fold) in all.accounts.iter().zip(&all.fold) {
        assert_eq!(*folds.entry(account).or_insert(*fold), *fold);
    }
    for i in (0..30).step_by(3) {
        assert_eq!(folds[token(i).as_str()], folds[token(i + 2).as_str()]);
    }
    let mut suspects = [0; 4];
    (40..48).for_each(|i| suspects[folds[token(i).as_str()]] += 1);
    assert_eq!(suspects, [2; 4], "suspects are dealt out evenly");
}

#[test]
fn the_same_rows_give_the_same_hash() {
    let labels = [label(1, Verdict::Abusive, DAY_MS)];
    let hash =
        |n, as_of| examples(&rows(n, Sampling::default()), &labels, &Watch::default(), whole(as_of)).hash();
    assert_eq!(hash(20, END), hash(20, END));
    assert_ne!(hash(20, END), hash(20, END - DAY_MS));
    assert_ne!(hash(20, END), hash(21, END));
}

/// A column that counts what an account will do in the next days differs once the log is cut off; others do not.
#[test]
fn a_planted_future_feature_is_caught() {
    let deeds: Vec<(usize, Millis)> = (0..200).map(|n| (n % 5, n as Millis * DAY_MS / 10)).collect();
    let replayed = |until: Millis| {
        let mut rows = Rows::new(schema_of(&["past", "future"]), Keep::Every);
        let known = || deeds.iter().filter(|(_, at)| *at <= until);
        for (i, at) in known() {
            let own = || known().filter(|(other, _)| other == i);
            let past = own().filter(|(_, other)| other <= at).count() as f64;
            let future = own().filter(|(_, other)| other > at && *other <= at + 3 * DAY_MS).count() as f64;
            rows.push(&row(*i, *at, &[past, future]));
        }
        rows
    };
    assert_eq!(leaks(&replayed(20 * DAY_MS), &replayed(10 * DAY_MS)), ["future"]);
    assert_eq!(leaks(&replayed(20 * DAY_MS), &replayed(20 * DAY_MS)), Vec::<String>::new());
}

#[test]
fn parquet_is_read_back_as_it_was() {
    let mut bytes = Vec::new();
    rows(4, Sampling::default()).write_parquet(&mut bytes).unwrap();
    let found = Absences::of_parquet(&bytes).unwrap();
    let absent = [("a", 10), ("account", 0), ("cohort", 0), ("ts", 0)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(found, Absences { rows: 40, absent: absent.into() });
}
