//! Models on events whose truth is known.

mod run;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use dataset::Watch;
use detect::Settings;
use evaluation::{Bench, Evaluation, Person, Truth};
use events::{Event, EventType, Millis, Token, decode};
use platform::files::{Lines, read_json_lines};
use scorers::Model;

use run::Run;

/// What to evaluate, on what.
#[derive(Debug)]
pub struct EvaluateJob<'a> {
    /// Events, JSON Lines.
    pub events: &'a Path,
    /// Truth, JSON Lines.
    pub truth: &'a Path,
    /// The model.
    pub model: Model,
    /// Another to hold it against.
    pub beside: Option<Model>,
    /// How many accounts reviewers can look at over the window; none for as many as there are active offenders.
    pub capacity: Option<usize>,
    /// What happened before only makes accounts what they are, milliseconds since the epoch; none to judge from the first
    /// event on.
    pub from: Option<Millis>,
    /// How event time is cut.
    pub settings: Settings,
}

/// Detects with the models, once as it is and once as if no report had ever been filed, and holds both against the
/// truth, beside the rule "requests to likely minors in 24 hours".
///
/// # Errors
/// Where a file cannot be read.
pub fn evaluate(
    job: &EvaluateJob<'_>,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Evaluation> {
    let truth: Vec<Truth> = read_json_lines(job.truth)?;
    let onsets: HashMap<&str, Millis> =
        truth.iter().filter(|t| t.abusive).map(|t| (t.account.as_str(), t.onset.unwrap_or(0))).collect();
    let mut deeds = Deeds::new(&truth, job.from.unwrap_or(0));
    let mut with_reports = Run::new(job, &onsets).with_baselines();
    let mut without_reports = Run::new(job, &onsets);
    let mut lines = Lines::open(job.events)?;
    let mut read = 0;
    while let Some(line) = lines.next_line()? {
        let Ok(event) = decode(line, now) else { continue };
        if !is_report(&event) {
            without_reports.take(line, now);
        }
        with_reports.take(line, now);
        deeds.note(&event);
        read += 1;
        if read % 10_000 == 0 {
            progress(read);
        }
    }
    let run::Noted { mut observed, cohorts } = with_reports.finish();
    observed.tracks_without_reports = without_reports.finish().observed.tracks;
    let bench = deeds.bench(&truth, &cohorts, job);
    // Nobody reviews who is suspended already.
    observed.retain(|account| bench.people.contains_key(account));
    Ok(Evaluation::of(&observed, &bench))
}

/// Whether it is an event by which its actor turns to its target.
pub(crate) fn turns_to_another(event: &Event) -> bool {
    matches!(
        event.event_type(),
        EventType::ContactRequested
            | EventType::MessageSent
            | EventType::CallPlaced
            | EventType::GroupMemberAdded
            | EventType::GateRefused
    )
}

fn is_report(event: &Event) -> bool {
    matches!(event.event_type(), EventType::ReportFiled | EventType::ReportResolved)
}

/// What accounts really did.
struct Deeds<'a> {
    from: Millis,
    abusive: BTreeSet<&'a str>,
    minors: BTreeSet<&'a str>,
    /// Per abusive account, when it first turned to each minor.
    contacted: HashMap<Token, HashMap<Token, Millis>>,
    active: BTreeSet<Token>,
    watch: Watch,
    span: (Millis, Millis),
}

impl<'a> Deeds<'a> {
    fn new(truth: &'a [Truth], from: Millis) -> Self {
        let such =
            |of: fn(&Truth) -> bool| truth.iter().filter(|t| of(t)).map(|t| t.account.as_str()).collect();
        Self {
            from,
            abusive: such(|t| t.abusive),
            minors: such(|t| t.minor),
            contacted: HashMap::new(),
            active: BTreeSet::new(),
            watch: Watch::default(),
            span: (Millis::MAX, 0),
        }
    }

    fn note(&mut self, event: &Event) {
        self.watch.note(event);
        self.span = (self.span.0.min(event.ts), self.span.1.max(event.ts));
        let outward = turns_to_another(event);
        let Some(actor) =
            event.actor.as_ref().filter(|actor| outward && self.abusive.contains(actor.as_str()))
        else {
            return;
        };
        if event.ts >= self.from {
            self.active.insert(actor.clone());
        }
        if let Some(target) = event.target.as_ref().filter(|target| self.minors.contains(target.as_str())) {
            let contacted = self.contacted.entry(actor.clone()).or_default();
            let first = contacted.entry(target.clone()).or_insert(event.ts);
            *first = event.ts.min(*first);
        }
    }

    fn bench(&self, truth: &[Truth], cohorts: &HashMap<Token, &'static str>, job: &EvaluateJob<'_>) -> Bench {
        let rings = self.watch.rings();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut people = BTreeMap::new();
        let closed: HashSet<&str> = self.watch.suspended_at(self.from).map(Token::as_str).collect();
        for one in truth.iter().filter(|one| !closed.contains(one.account.as_str())) {
            let ring = rings.get(one.account.as_str()).copied().unwrap_or(&one.account);
            let next = numbers.len();
            let ring = *numbers.entry(ring).or_insert(next);
            let minors = self.contacted.get(one.account.as_str()).into_iter().flatten();
            let person = Person {
                truth: one.clone(),
                ring,
                cohort: cohorts
                    .get(one.account.as_str())
                    .copied()
                    .unwrap_or("unknown/unknown/unknown")
                    .to_owned(),
                minors: minors.map(|(_, at)| *at).collect(),
                is_active: self.active.contains(one.account.as_str()),
            };
            people.insert(one.account.clone(), person);
        }
        let window = (self.span.0.max(self.from).min(self.span.1), self.span.1);
        let mut bench = Bench { people, capacity: 0, window };
        bench.capacity = job.capacity.unwrap_or_else(|| bench.offenders());
        bench
    }
}
