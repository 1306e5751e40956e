//! How realistic a simulated world is: held against real traffic, against measured reports, and against what one
//! feature by itself gives away.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::Context;
use detect::{Replay, Settings};
use evaluation::{Best, Peaks, Truth};
use events::{Body, Event, Label, Millis, Token, Verdict, decode};
use platform::files::{self, Lines, read_json_lines};
use simulate::realism::{Figure, Traffic, two_sample_auc};
use simulate::{Params, Scenario, World};

mod page;
mod plot;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// What to report on.
#[derive(Debug)]
pub struct RealismJob<'a> {
    /// The world's folder: labels, truth and scenario.
    pub world: &'a Path,
    /// Its events, JSON Lines.
    pub events: &'a Path,
    /// Real traffic, as `import::collegemsg` reads it; without it, its published figures serve.
    pub real: Option<&'a Path>,
    /// The page.
    pub out: &'a Path,
    /// How event time is cut.
    pub settings: Settings,
}

/// Everything that the page shows.
struct Findings {
    scenario: Scenario,
    accounts: usize,
    days: f64,
    events: u64,
    /// Accounts by archetype, then by role.
    census: Vec<(String, usize)>,
    traffic: Comparison,
    /// By number of distinct reporters: offenders, innocents.
    reported: Vec<(usize, usize)>,
    labels: Vec<(String, usize, usize)>,
    singles: Vec<Single>,
}

/// Simulated traffic under the conditions of real traffic, beside it.
struct Comparison {
    real: Vec<Figure>,
    simulated: Vec<Figure>,
    /// The world that is reported on, on its own terms.
    world: Vec<Figure>,
    hours: [f64; 24],
    real_hours: Option<[f64; 24]>,
    two_sample: Option<f64>,
}

/// What single features tell of one archetype.
struct Single {
    archetype: String,
    accounts: usize,
    best: Vec<(String, f64)>,
    /// What the best feature shows of as many innocents.
    chance: Option<f64>,
}

/// Measures a world and writes the page.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn report_realism(job: &RealismJob<'_>, now: Millis, progress: impl FnMut(u64)) -> anyhow::Result<()> {
    let truth: Vec<Truth> = read_json_lines(&job.world.join("truth.jsonl"))?;
    let labels: Vec<Label> = read_json_lines(&job.world.join("labels.jsonl"))?;
    let path = job.world.join("scenario.toml");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let scenario = Scenario::parse(&text).with_context(|| format!("could not use {}", path.display()))?;
    let mut measured = Measured::new(&truth, &job.settings);
    measured.read(job.events, now, progress)?;
    let findings = Findings {
        accounts: truth.len(),
        days: measured.days(),
        events: measured.events,
        census: census(&truth),
        traffic: compare(job.real, &measured.traffic)?,
        reported: measured.reported(),
        labels: by_source(&labels, &truth),
        singles: measured.singles(),
        scenario,
    };
    Ok(files::write(job.out, &page::write(&findings))?)
}

/// What one pass over the events gives.
struct Measured<'a> {
    truth: HashMap<&'a str, &'a Truth>,
    onsets: HashMap<&'a str, Millis>,
    replay: Replay,
    traffic: Traffic,
    peaks: Peaks,
    reporters: HashMap<Token, BTreeSet<Token>>,
    span: (Millis, Millis),
    events: u64,
}

impl<'a> Measured<'a> {
    fn new(truth: &'a [Truth], settings: &Settings) -> Self {
        Self {
            truth: truth.iter().map(|t| (t.account.as_str(), t)).collect(),
            onsets: onsets(truth),
            replay: Replay::new(settings.clone()),
            traffic: Traffic::default(),
            peaks: Peaks::default(),
            reporters: HashMap::new(),
            span: (Millis::MAX, 0),
            events: 0,
        }
    }

    fn read(&mut self, events: &Path, now: Millis, mut progress: impl FnMut(u64)) -> anyhow::Result<()> {
        let mut lines = Lines::open(events)?;
        while let Some(line) = lines.next_line()? {
            let Ok(event) = decode(line, now) else { continue };
            self.note(&event);
            let Self { replay, peaks, onsets, .. } = self;
            // Only lines that decode are handed in.
            let _taken = replay.take(line, now, |row| keep(peaks, onsets, &row));
            self.events += 1;
            if self.events.is_multiple_of(10_000) {
                progress(self.events);
            }
        }
        let Self { replay, peaks, onsets, .. } = self;
        replay.finish(|row| keep(peaks, onsets, &row));
        Ok(())
    }

    fn note(&mut self, event: &Event) {
        self.span = (self.span.0.min(event.ts), self.span.1.max(event.ts));
        self.traffic.take(event);
        if let (Body::ReportFiled(_), Some(reporter), Some(subject)) =
            (&event.body, &event.actor, &event.target)
        {
            self.reporters.entry(subject.clone()).or_default().insert(reporter.clone());
        }
    }

    fn days(&self) -> f64 {
        self.span.1.saturating_sub(self.span.0) as f64 / DAY_MS as f64
    }

    fn reported(&self) -> Vec<(usize, usize)> {
        let mut counts = vec![(0, 0); 6];
        for (subject, reporters) in &self.reporters {
            let class = &mut counts[reporters.len().clamp(1, 6) - 1];
            if self.truth.get(subject.as_str()).is_some_and(|t| t.abusive) {
                class.0 += 1;
            } else {
                class.1 += 1;
            }
        }
        counts
    }

    fn singles(&self) -> Vec<Single> {
        let abusive: BTreeSet<&str> =
            self.truth.values().filter(|t| t.abusive).map(|t| t.account.as_str()).collect();
        let mut kinds: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for truth in self.truth.values() {
            if let Some(archetype) = &truth.archetype {
                kinds.entry(archetype).or_default().insert(&truth.account);
            }
        }
        let names: Vec<&str> = self.replay.engine().schema().names().collect();
        // Whom the platform takes for a minor is compared with others whom it takes for minors.
        let age = names.iter().position(|name| *name == "holder_minor").unwrap_or(usize::MAX);
        let name = |best: &Best| (names.get(best.column).copied().unwrap_or_default().to_owned(), best.auc);
        let single = |(archetype, such): (&&str, &BTreeSet<&str>)| {
            let peaks = self.peaks.among(age, such);
            let best = peaks.rank(such, &abusive);
            let accounts = best.first().map_or(0, |best| best.accounts);
            Single {
                archetype: (*archetype).to_owned(),
                accounts,
                best: best.iter().map(name).collect(),
                chance: peaks.chance(accounts, &abusive),
            }
        };
        kinds.iter().map(single).collect()
    }
}

/// What came after the onset counts; everybody else has an abuser's onset too, so that all are seen for as long.
fn keep(peaks: &mut Peaks, onsets: &HashMap<&str, Millis>, row: &detect::Row<'_>) {
    if onsets.get(row.account.as_str()).is_none_or(|onset| *onset <= row.at) {
        peaks.take(row.account.as_str(), row.at / DAY_MS, row.x.values());
    }
}

/// From when on each account is looked at.
fn onsets(truth: &[Truth]) -> HashMap<&str, Millis> {
    let abusers: Vec<Millis> = truth.iter().filter_map(|truth| truth.onset).collect();
    let borrowed = |place: usize| abusers.get(place % abusers.len().max(1)).copied().unwrap_or(0);
    let places = truth.iter().enumerate();
    places.map(|(place, t)| (t.account.as_str(), t.onset.unwrap_or_else(|| borrowed(place)))).collect()
}

fn census(truth: &[Truth]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<(u8, String), usize> = BTreeMap::new();
    for truth in truth {
        let key = match (&truth.archetype, &truth.role) {
            (Some(archetype), _) => (0, archetype.clone()),
            (None, Some(role)) => (1, role.clone()),
            (None, None) => (2, "everybody else".to_owned()),
        };
        *counts.entry(key).or_default() += 1;
    }
    counts.into_iter().map(|((_, name), n)| (name, n)).collect()
}

/// By source of the labels, how many there are and how many of those are wrong.
fn by_source(labels: &[Label], truth: &[Truth]) -> Vec<(String, usize, usize)> {
    let abusive: HashMap<&str, bool> = truth.iter().map(|t| (t.account.as_str(), t.abusive)).collect();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for label in labels {
        let verdict = if label.label == Verdict::Abusive { "abusive" } else { "benign" };
        let count = counts.entry(format!("{}, {verdict}", label.source.as_str())).or_default();
        count.0 += 1;
        let is_abusive = abusive.get(label.account.as_str()).copied().unwrap_or(false);
        count.1 += usize::from(is_abusive != (label.label == Verdict::Abusive));
    }
    counts.into_iter().map(|(source, (all, wrong))| (source, all, wrong)).collect()
}

/// A world made for the purpose: as many students as the real traffic has, over as many days as most of it.
fn compare(real: Option<&Path>, world: &Traffic) -> anyhow::Result<Comparison> {
    let scenario = Scenario::shipped("campus").context("the campus is not shipped")?;
    let params = Params { accounts: 1_899, days: 100, seed: 1, scenario, ..Params::default() };
    let mut campus = Traffic::default();
    World::new(&params.check()?).flatten().for_each(|event| campus.take(&event));
    let mut comparison = Comparison {
        real: Figure::college_msg(),
        simulated: campus.figures(),
        world: world.figures(),
        hours: campus.hours(),
        real_hours: None,
        two_sample: None,
    };
    if let Some(path) = real {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
        let events = import::collegemsg::events(text.lines(), &import::collegemsg::DEFAULT_KEY)
            .with_context(|| format!("could not import {}", path.display()))?;
        let mut traffic = Traffic::default();
        events.iter().for_each(|event| traffic.take(event));
        comparison.real = traffic.figures();
        comparison.real_hours = Some(traffic.hours());
        comparison.two_sample = two_sample_auc(&campus.outlines(), &traffic.outlines());
    }
    Ok(comparison)
}
