//! Other people's records as events, with abusers planted among them where that is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ::import::collegemsg::{DEFAULT_KEY, events};
use ::simulate::{Archetype, Injection, inject};
use anyhow::{Context, bail};
use evaluation::Truth;
use events::{Event, Token};
use platform::files::Output;

use crate::args::ImportCommand;
use crate::simulate::write_lines;
use crate::terminal::say;

/// Targets of one abuser, at most.
const TARGETS_MAX: usize = 300;

pub(crate) fn run(command: &ImportCommand) -> anyhow::Result<()> {
    let (file, out, plant, truth, seed) = match command {
        ImportCommand::Collegemsg { file, out, plant, truth, seed } => (file, out, plant, truth, seed),
        ImportCommand::Lightgbm { file, like, out, profile } => {
            return import_model(file, like, out, profile);
        }
    };
    let archetypes = plant.iter().map(|name| archetype(name)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut all = read(file)?;
    let mut planted = Vec::new();
    for (number, archetype) in (0..).zip(archetypes) {
        let injection = injection(&all, archetype, seed.wrapping_add(number))?;
        let account = injection.account.as_str().to_owned();
        let onset = Some(injection.start);
        let (archetype, role) = (Some(archetype.name().to_owned()), None);
        planted.push(Truth { account, abusive: true, archetype, role, onset, minor: false });
        all.extend(inject(&injection));
    }
    all.sort_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));
    let mut output = Output::create(out)?;
    all.iter().try_for_each(|event| output.line(&event.to_json()))?;
    if let Some(path) = truth {
        write_lines(path, &everybody(&all, planted))?;
    }
    output.finish()?;
    say(&format!("{} events are in {}", all.len(), out.display()));
    Ok(())
}

fn import_model(file: &Path, like: &Path, out: &Path, profile: &str) -> anyhow::Result<()> {
    let profile = detector::load_profile(profile)?;
    let model = trainer::import_lightgbm(file, &detector::load_model(like, &profile)?, &profile, out)?;
    say(&format!("model {model} is in {}", out.display()));
    Ok(())
}

/// Real traffic as events.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<Event>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    events(text.lines(), &DEFAULT_KEY).with_context(|| format!("could not import {}", file.display()))
}

fn archetype(name: &str) -> anyhow::Result<Archetype> {
    let known: Vec<&str> = Archetype::ALL.iter().map(|archetype| archetype.name()).collect();
    Archetype::named(name)
        .with_context(|| format!("there is no archetype {name:?}; there are {}", known.join(", ")))
}

/// An abuser in the last two thirds of the real time, awake when real people were, whose targets are found from one
/// real person to their contacts, as somebody finds them who goes from contact to contact.
fn injection(all: &[Event], planted: Archetype, seed: u64) -> anyhow::Result<Injection> {
    let real =
        || all.iter().filter_map(|event| Some((event.ts, event.actor.clone()?, event.target.clone()?)));
    let mut neighbours: BTreeMap<Token, BTreeSet<Token>> = BTreeMap::new();
    for (_, a, b) in real() {
        neighbours.entry(a.clone()).or_default().insert(b.clone());
        neighbours.entry(b).or_default().insert(a);
    }
    let (Some(first), Some(last)) = (all.first().map(|e| e.ts), all.last().map(|e| e.ts)) else {
        bail!("there is nobody among whom to plant anything");
    };
    let people: Vec<&Token> = neighbours.keys().collect();
    let start_at = usize::try_from(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16)? % people.len();
    let mut targets: Vec<Token> = Vec::new();
    let mut seen = BTreeSet::new();
    // From contact to contact, and on from somebody else where those end.
    for seed_person in people.iter().cycle().skip(start_at).take(people.len()) {
        if seen.insert((*seed_person).clone()) {
            targets.push((*seed_person).clone());
        }
        let mut at = targets.len().saturating_sub(1);
        while at < targets.len() && targets.len() < TARGETS_MAX {
            for next in neighbours.get(&targets[at]).into_iter().flatten() {
                if targets.len() < TARGETS_MAX && seen.insert(next.clone()) {
                    targets.push(next.clone());
                }
            }
            at += 1;
        }
        if targets.len() >= TARGETS_MAX {
            break;
        }
    }
    let account = Token::try_from(format!("planted-{}-{seed}-account", planted.name()).as_str())?;
    let moments = real().map(|(ts, _, _)| ts).step_by(7).collect();
    Ok(Injection { planted, account, targets, moments, start: first + (last - first) / 3, end: last, seed })
}

/// The truth about everybody: those who were planted, and the rest, who are taken for innocent adults.
fn everybody(all: &[Event], planted: Vec<Truth>) -> Vec<Truth> {
    let known: BTreeSet<&str> = planted.iter().map(|truth| truth.account.as_str()).collect();
    let accounts: BTreeSet<&Token> =
        all.iter().flat_map(|event| [&event.actor, &event.target]).flatten().collect();
    let is_real = |account: &&Token| !known.contains(account.as_str());
    let real = accounts.into_iter().filter(is_real).map(|account| Truth {
        account: account.as_str().to_owned(),
        abusive: false,
        archetype: None,
        role: None,
        onset: None,
        minor: false,
    });
    let mut everybody: Vec<Truth> = real.collect();
    everybody.extend(planted);
    everybody
}
