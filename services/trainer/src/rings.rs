//! Files of events through links and clusters, and clusters against who really belongs together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Context, bail};
use evaluation::{Return, RingFigures, Together, Truth};
use events::{Event, Millis, Token, decode};
use platform::files::{Lines, read_json_lines};
use rings::{Kind, Rings, Trail};

use crate::evaluate::turns_to_another;

/// Length of a tick, and how much later than the latest event another may come and still be in its tick.
const TICK_MS: Millis = 60_000;
const LATENESS_MS: Millis = 10_000;

/// Events behind a kind of link that are named.
const EVIDENCE_MAX: usize = 8;

/// Which events to link, and how.
#[derive(Clone, Copy, Debug)]
pub struct RingsJob<'a> {
    /// Events, JSON Lines.
    pub events: &'a Path,
    /// Pairs that reviewers have broken, JSON Lines of two tokens each.
    pub broken: Option<&'a Path>,
    /// Up to when events are read, milliseconds since the epoch; none to the end.
    pub until: Option<Millis>,
    /// The most accounts of a cluster.
    pub members_max: usize,
}

/// Two accounts of which a reviewer has found that they have nothing to do with each other: one JSON line.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// One account.
    pub a: Token,
    /// The other.
    pub b: Token,
}

/// What happens at a tick, told while a file is read.
struct Watcher<'a> {
    progress: &'a mut dyn FnMut(u64),
    at_event: &'a mut dyn FnMut(&Event),
    at_tick: &'a mut dyn FnMut(&Rings),
}

/// Links the accounts of a file. `progress` is told of every 10,000 lines.
///
/// # Errors
/// Where a file cannot be read, or holds no event.
pub fn read_rings(job: &RingsJob<'_>, now: Millis, mut progress: impl FnMut(u64)) -> anyhow::Result<Rings> {
    read(job, now, Watcher { progress: &mut progress, at_event: &mut |_| {}, at_tick: &mut |_| {} })
}

fn read(job: &RingsJob<'_>, now: Millis, watcher: Watcher<'_>) -> anyhow::Result<Rings> {
    let mut rings = Rings::new(job.members_max);
    if let Some(path) = job.broken {
        let broken: Vec<Broken> = read_json_lines(path)?;
        broken.iter().for_each(|pair| rings.break_link(&pair.a, &pair.b));
    }
    let mut lines = Lines::open(job.events)?;
    let mut waiting: BTreeMap<Millis, Vec<Event>> = BTreeMap::new();
    let (mut latest, mut closed, mut read, mut refused) = (0, 0, 0_u64, 0_u64);
    while let Some(line) = lines.next_line()? {
        read += 1;
        if read.is_multiple_of(10_000) {
            (watcher.progress)(read);
        }
        let Ok(event) = decode(line, now) else {
            refused += 1;
            continue;
        };
        if job.until.is_some_and(|until| event.ts > until) {
            continue;
        }
        (watcher.at_event)(&event);
        latest = latest.max(event.ts);
        // What comes after its tick is merged into the next.
        let tick = event.ts.div_ceil(TICK_MS).max(closed + 1);
        waiting.entry(tick).or_default().push(event);
        while let Some(entry) = waiting.first_entry().filter(|e| e.key() * TICK_MS + LATENESS_MS < latest) {
            closed = *entry.key();
            rings.tick(&entry.remove());
            (watcher.at_tick)(&rings);
        }
    }
    for events in waiting.into_values() {
        rings.tick(&events);
        (watcher.at_tick)(&rings);
    }
    if read == refused {
        bail!("{} holds no valid event ({refused} lines refused)", job.events.display());
    }
    rings.refresh();
    Ok(rings)
}

/// Reads a file again for the events behind what links two accounts: by kind, at most eight ids, the latest.
///
/// # Errors
/// Where the file cannot be read.
pub fn find_evidence(
    job: &RingsJob<'_>,
    trail: &Trail,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<BTreeMap<Kind, Vec<Token>>> {
    let mut found: BTreeMap<Kind, Vec<Token>> = BTreeMap::new();
    let mut lines = Lines::open(job.events)?;
    let mut read = 0_u64;
    while let Some(line) = lines.next_line()? {
        read += 1;
        if read.is_multiple_of(10_000) {
            progress(read);
        }
        let Ok(event) = decode(line, now) else { continue };
        let is_in_time = job.until.is_none_or(|until| event.ts <= until);
        if let Some(kind) = trail.bears_on(&event).filter(|_| is_in_time) {
            let ids = found.entry(kind).or_default();
            if ids.len() == EVIDENCE_MAX {
                ids.remove(0);
            }
            ids.push(event.id);
        }
    }
    Ok(found)
}

/// Links the accounts of a simulated world and holds the clusters against who really belongs together.
///
/// `truth` is the world's truth.jsonl; groups.jsonl lies beside it.
///
/// # Errors
/// Where a file cannot be read.
pub fn judge_rings(
    job: &RingsJob<'_>,
    truth: &Path,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<(RingFigures, Rings)> {
    let people: Vec<Truth> = read_json_lines(truth)?;
    let beside = truth.with_file_name("groups.jsonl");
    let mut groups: Vec<Together> = read_json_lines(&beside).with_context(|| {
        format!("who belongs together is read from {}, which `silhouette simulate` writes", beside.display())
    })?;
    let returns = std::cell::RefCell::new(Returns::new(&people, &groups));
    let watcher = Watcher {
        progress: &mut progress,
        at_event: &mut |event| returns.borrow_mut().note(event),
        at_tick: &mut |rings| returns.borrow_mut().look(rings),
    };
    let rings = read(job, now, watcher)?;
    let seen: BTreeSet<&str> = rings.linker().accounts().map(Token::as_str).collect();
    for group in &mut groups {
        group.accounts.retain(|account| seen.contains(account.as_str()));
    }
    groups.retain(|group| group.accounts.len() > 1);
    let names = |cluster: &rings::Cluster| {
        cluster.members.iter().map(|token| token.as_str().to_owned()).collect::<Vec<String>>()
    };
    let clusters: Vec<Vec<String>> = rings.clusters().iter().map(names).collect();
    let figures = RingFigures::of(&clusters, &groups, &returns.into_inner().done());
    Ok((figures, rings))
}

/// When suspended people's new accounts were linked, counted in minors.
struct Returns {
    minors: BTreeSet<String>,
    /// By new account.
    watched: HashMap<String, Watched>,
    /// Those that have done something since the last tick.
    stirred: BTreeSet<String>,
}

struct Watched {
    earlier: String,
    minors: BTreeSet<Token>,
    linked_after: Option<u32>,
}

impl Returns {
    fn new(people: &[Truth], groups: &[Together]) -> Self {
        let pairs = groups.iter().filter(|group| group.kind == "ban_evader");
        let watched = pairs.filter_map(|group| match &group.accounts[..] {
            [earlier, back] => {
                let watched =
                    Watched { earlier: earlier.clone(), minors: BTreeSet::new(), linked_after: None };
                Some((back.clone(), watched))
            }
            _ => None,
        });
        Self {
            minors: people.iter().filter(|t| t.minor).map(|t| t.account.clone()).collect(),
            watched: watched.collect(),
            stirred: BTreeSet::new(),
        }
    }

    fn note(&mut self, event: &Event) {
        let Some(actor) = &event.actor else { return };
        let Some(watched) = self.watched.get_mut(actor.as_str()) else { return };
        self.stirred.insert(actor.as_str().to_owned());
        let turns = turns_to_another(event);
        if let Some(target) = event.target.as_ref().filter(|t| turns && self.minors.contains(t.as_str())) {
            watched.minors.insert(target.clone());
        }
    }

    fn look(&mut self, rings: &Rings) {
        for account in std::mem::take(&mut self.stirred) {
            let Some(watched) = self.watched.get_mut(&account) else { continue };
            let cluster =
                Token::try_from(account.as_str()).ok().and_then(|t| rings.clusters().of_account(&t));
            let is_linked =
                cluster.is_some_and(|cluster| cluster.members.iter().any(|m| m.as_str() == watched.earlier));
            if is_linked && watched.linked_after.is_none() {
                watched.linked_after = u32::try_from(watched.minors.len()).ok();
            }
        }
    }

    fn done(self) -> Vec<Return> {
        let minors = |watched: &Watched| u32::try_from(watched.minors.len()).unwrap_or(u32::MAX);
        self.watched
            .into_values()
            .map(|watched| Return { minors: minors(&watched), linked_after: watched.linked_after })
            .collect()
    }
}
