//! A model on events whose truth is known.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use detect::{Flagger, Replay, Settings};
use evaluation::{Evaluation, Observed, Truth};
use events::{Event, EventType, Millis, decode};
use platform::files::{Lines, read_json_lines};
use scorers::Model;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// What to evaluate, on what.
#[derive(Debug)]
pub struct EvaluateJob<'a> {
    /// Events, JSON Lines.
    pub events: &'a Path,
    /// Truth, JSON Lines.
    pub truth: &'a Path,
    /// The model.
    pub model: Model,
    /// How many accounts reviewers can look at over the whole span.
    pub capacity: usize,
    /// How event time is cut.
    pub settings: Settings,
}

/// Detects with the model, once as it is and once as if no report had ever been filed, and holds both against
/// the truth.
///
/// # Errors
/// Where a file cannot be read.
pub fn evaluate(
    job: &EvaluateJob<'_>,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Evaluation> {
    let truth: Vec<Truth> = read_json_lines(job.truth)?;
    let mut with_reports = Run::new(job, &truth);
    let mut without_reports = Run::new(job, &truth);
    let mut lines = Lines::open(job.events)?;
    let mut read = 0;
    while let Some(line) = lines.next_line()? {
        let Ok(event) = decode(line, now) else { continue };
        if !is_report(&event) {
            without_reports.take(line, now);
        }
        with_reports.take(line, now);
        with_reports.note_contact(&event);
        read += 1;
        if read % 10_000 == 0 {
            progress(read);
        }
    }
    let without_reports = without_reports.finish();
    let mut observed = with_reports.finish();
    observed.highest_p_without_reports = without_reports.highest_p;
    Ok(Evaluation::of(&observed, &truth, job.capacity))
}

fn is_report(event: &Event) -> bool {
    matches!(event.event_type(), EventType::ReportFiled | EventType::ReportResolved)
}

/// One detection over the stream, with what is noted of it.
struct Run<'a> {
    replay: Replay,
    flagger: Flagger,
    abusive: HashSet<&'a str>,
    minors: HashSet<&'a str>,
    observed: Observed,
    account_days: BTreeMap<(String, u64), f64>,
    contacted: HashMap<String, HashMap<String, Millis>>,
}

impl<'a> Run<'a> {
    fn new(job: &EvaluateJob<'_>, truth: &'a [Truth]) -> Self {
        let such =
            |of: fn(&Truth) -> bool| truth.iter().filter(|t| of(t)).map(|t| t.account.as_str()).collect();
        Self {
            replay: Replay::new(job.settings.clone()),
            flagger: Flagger::new(job.model.clone(), &job.settings.profile, None),
            abusive: such(|t| t.abusive),
            minors: such(|t| t.minor),
            observed: Observed { span: (Millis::MAX, 0), ..Observed::default() },
            account_days: BTreeMap::new(),
            contacted: HashMap::new(),
        }
    }

    fn take(&mut self, line: &[u8], now: Millis) {
        let Self { replay, flagger, observed, account_days, .. } = self;
        // Only lines that decode are handed in.
        let _taken = replay.take(line, now, |row| note(row, flagger, observed, account_days));
    }

    /// Remembers when an abusive account first turned to a minor.
    fn note_contact(&mut self, event: &Event) {
        self.observed.span.0 = self.observed.span.0.min(event.ts);
        self.observed.span.1 = self.observed.span.1.max(event.ts);
        let outward = matches!(
            event.event_type(),
            EventType::ContactRequested
                | EventType::MessageSent
                | EventType::CallPlaced
                | EventType::GroupMemberAdded
                | EventType::GateRefused
        );
        let (Some(actor), Some(target)) = (&event.actor, &event.target) else { return };
        if outward && self.abusive.contains(actor.as_str()) && self.minors.contains(target.as_str()) {
            let contacted = self.contacted.entry(actor.as_str().to_owned()).or_default();
            let first = contacted.entry(target.as_str().to_owned()).or_insert(event.ts);
            *first = event.ts.min(*first);
        }
    }

    fn finish(mut self) -> Observed {
        let Self { replay, flagger, observed, account_days, .. } = &mut self;
        replay.finish(|row| note(row, flagger, observed, account_days));
        let contacts =
            self.contacted.into_iter().map(|(account, first)| (account, first.into_values().collect()));
        self.observed.minor_contacts = contacts.collect();
        self.observed.account_days =
            self.account_days.into_iter().map(|((account, _), p)| (account, p)).collect();
        self.observed
    }
}

fn note(
    row: detect::Row<'_>,
    flagger: &mut Flagger,
    observed: &mut Observed,
    account_days: &mut BTreeMap<(String, u64), f64>,
) {
    let (score, flag) = flagger.consider(&row);
    let account = row.account.as_str().to_owned();
    if flag.is_some() {
        observed.first_flag.entry(account.clone()).or_insert(row.at);
    }
    account_days.insert((account.clone(), row.at / DAY_MS), score.p);
    let highest = observed.highest_p.entry(account).or_insert(score.p);
    *highest = highest.max(score.p);
}
