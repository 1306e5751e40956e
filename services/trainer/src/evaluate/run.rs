//! One detection over a stream, with what is noted of it.

use std::collections::HashMap;

use detect::{Flagger, Replay, Row};
use evaluation::{Observed, Tracks};
use events::{Millis, Token};
use scorers::Model;

use super::EvaluateJob;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// The rule that needs no model: how many likely minors an account turned to in a day.
const RULE: &str = "fc_minor_expected_24h";

pub(super) struct Run<'a> {
    replay: Replay,
    notes: Notes<'a>,
}

/// What is noted of the rows.
struct Notes<'a> {
    flagger: Flagger,
    from: Millis,
    onsets: &'a HashMap<&'a str, Millis>,
    beside: Option<Model>,
    rule: Option<usize>,
    observed: Observed,
    cohorts: HashMap<Token, &'static str>,
    today: HashMap<Token, Day>,
    account_days: Vec<(f64, bool)>,
}

/// An account's day so far.
struct Day {
    day: Millis,
    p: f64,
    latest: Millis,
}

impl<'a> Run<'a> {
    pub(super) fn new(job: &EvaluateJob<'_>, onsets: &'a HashMap<&'a str, Millis>) -> Self {
        Self {
            replay: Replay::new(job.settings.clone()),
            notes: Notes {
                flagger: Flagger::new(job.model.clone(), &job.settings.profile, None),
                from: job.from.unwrap_or(0),
                onsets,
                beside: job.beside.clone(),
                rule: None,
                observed: Observed::default(),
                cohorts: HashMap::new(),
                today: HashMap::new(),
                account_days: Vec::new(),
            },
        }
    }

    /// Notes what a rule and single features say, too.
    pub(super) fn with_baselines(mut self) -> Self {
        let schema = self.replay.engine().schema();
        self.notes.observed.names = schema.names().map(str::to_owned).collect();
        self.notes.rule = schema.names().position(|name| name == RULE);
        if let Some(beside) = &self.notes.beside {
            self.notes.observed.beside.push((format!("model {}", beside.id()), Tracks::default()));
        }
        if self.notes.rule.is_some() {
            self.notes.observed.beside.push((format!("rule {RULE}"), Tracks::default()));
        }
        self
    }

    pub(super) fn take(&mut self, line: &[u8], now: Millis) {
        let Self { replay, notes } = self;
        // Only lines that decode are handed in.
        let _taken = replay.take(line, now, |row| notes.note(&row));
    }

    /// What was noted of the whole stream.
    pub(super) fn finish(mut self) -> Noted {
        let Self { replay, notes } = &mut self;
        replay.finish(|row| notes.note(&row));
        let Notes { mut observed, cohorts, mut account_days, today, onsets, .. } = self.notes;
        account_days.extend(
            today.into_iter().map(|(account, day)| (day.p, is_abusive(onsets, &account, day.latest))),
        );
        observed.account_days = account_days;
        Noted { observed, cohorts }
    }
}

/// What was noted of a stream.
pub(super) struct Noted {
    pub(super) observed: Observed,
    /// With whom each account was last compared.
    pub(super) cohorts: HashMap<Token, &'static str>,
}

fn is_abusive(onsets: &HashMap<&str, Millis>, account: &Token, at: Millis) -> bool {
    onsets.get(account.as_str()).is_some_and(|onset| *onset <= at)
}

impl Notes<'_> {
    fn note(&mut self, row: &Row<'_>) {
        if row.at < self.from {
            return;
        }
        let account = row.account.as_str();
        let (score, flag) = self.flagger.consider(row);
        // Whom it would not flag, it does not rank.
        if row.has_turned_to_anybody {
            self.observed.tracks.raise(account, row.at, score.score);
        }
        if flag.is_some() {
            self.observed.flagged.insert(account.to_owned());
        }
        self.note_beside(row);
        self.cohorts.insert(row.account.clone(), row.cohort.name());
        let day = row.at / DAY_MS;
        match self.today.get_mut(&row.account) {
            Some(today) if today.day == day => {
                today.p = today.p.max(score.p);
                today.latest = row.at;
            }
            today => {
                let new = Day { day, p: score.p, latest: row.at };
                if let Some(today) = today {
                    let before = std::mem::replace(today, new);
                    self.account_days.push((before.p, is_abusive(self.onsets, &row.account, before.latest)));
                } else {
                    self.today.insert(row.account.clone(), new);
                }
            }
        }
    }

    fn note_beside(&mut self, row: &Row<'_>) {
        let account = row.account.as_str();
        let values = row.x.values();
        let other =
            self.beside.as_ref().map(|model| model.score(&model.complete(&row.x, row.cohort.name())).score);
        let rule =
            self.rule.map(|column| values[column]).map(|value| if value.is_nan() { 0.0 } else { value });
        if !row.has_turned_to_anybody {
            return;
        }
        for ((_, tracks), score) in self.observed.beside.iter_mut().zip(other.into_iter().chain(rule)) {
            tracks.raise(account, row.at, score);
        }
        if self.observed.names.is_empty() {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a rank needs no more than a single's precision")]
        let single = |value: &f64| if value.is_nan() { f32::NEG_INFINITY } else { *value as f32 };
        match self.observed.columns.get_mut(account) {
            Some(highest) => {
                highest
                    .iter_mut()
                    .zip(values)
                    .for_each(|(highest, value)| *highest = highest.max(single(value)));
            }
            None => {
                self.observed.columns.insert(account.to_owned(), values.iter().map(single).collect());
            }
        }
    }
}
