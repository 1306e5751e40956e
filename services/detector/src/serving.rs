//! Which models score, and from which tick on.
//!
//! A move of the registry's aliases is given its place between two ticks by whoever detects, and the place is durable
//! before the first tick after it is scored: a restart that computes ticks again puts the same models there.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use detect::{Bounds, Lineup};
use events::Millis;
use platform::ModelStore;
use platform::files::{self, read_json_lines};
use registry::{Act, Canary, Challenger};
use scorers::Model;
use serde::{Deserialize, Serialize};

use crate::Settings;

/// How long a move that cannot be used is left alone before it is looked at again.
const PATIENCE: Duration = Duration::from_secs(1);

/// The models to detect with.
#[derive(Clone, Debug)]
pub enum Models {
    /// This one, and no other.
    Fixed(Box<Model>),
    /// The registry's champion and challenger, whichever they are.
    Registry(ModelStore),
}

impl From<Model> for Models {
    fn from(model: Model) -> Self {
        Models::Fixed(Box::new(model))
    }
}

impl From<ModelStore> for Models {
    fn from(store: ModelStore) -> Self {
        Models::Registry(store)
    }
}

/// A move with its place in the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Placement {
    /// It holds for the ticks after this one, milliseconds since the epoch.
    after: Millis,
    /// How many moves the registry had.
    moves: u64,
    champion: String,
    challenger: Option<Challenger>,
    /// Whether the challenger's share was taken from it here, and not by a move.
    halted: bool,
    /// How often people have lifted the limit of flags.
    #[serde(default)]
    lifts: u64,
}

/// What a look at the registry came to.
#[derive(Debug)]
pub(crate) enum Look {
    /// Nothing moved.
    Same,
    /// Other models score from now on.
    Other(Box<Lineup>),
    /// Something moved that cannot be used.
    Refused(anyhow::Error),
}

/// Where the models come from, and where they were put.
pub(crate) struct Serving {
    models: Models,
    settings: Settings,
    placements: Vec<Placement>,
    /// Models whose place lies ahead, because ticks are computed again.
    pending: VecDeque<Placement>,
    refused_at: Option<Instant>,
    pub(crate) canary: Canary,
}

impl Serving {
    pub(crate) fn new(models: Models, settings: &Settings) -> Self {
        Self {
            models,
            settings: settings.clone(),
            placements: Vec::new(),
            pending: VecDeque::new(),
            refused_at: None,
            canary: Canary::default(),
        }
    }

    /// Whether whoever flagged an account before counts: where models follow each other.
    pub(crate) fn is_followed(&self) -> bool {
        matches!(self.models, Models::Registry(_))
    }

    /// The models for the next tick, where every tick up to `closed` is closed.
    pub(crate) fn begin(&mut self, closed: Millis) -> anyhow::Result<Lineup> {
        match &self.models {
            Models::Fixed(model) => {
                let profile = &self.settings.engine.profile;
                return Ok(Lineup::new(model.as_ref().clone(), None, profile, self.bounds(0)));
            }
            Models::Registry(_) => {}
        }
        let journal = self.journal();
        if journal.exists() {
            self.placements = read_json_lines(&journal)?;
        }
        if self.placements.is_empty() {
            self.place(0)?;
        }
        let (past, pending): (Vec<_>, Vec<_>) =
            self.placements.iter().cloned().partition(|placement| placement.after <= closed);
        self.pending = pending.into();
        let now = match past.last() {
            Some(now) => now.clone(),
            None => self.pending.pop_front().context("the registry's models have no place")?,
        };
        self.lineup(&now)
    }

    /// The last tick that is scored by the present models, where that is known; and what comes then.
    pub(crate) fn until(&self) -> Option<Millis> {
        self.pending.front().map(|placement| placement.after)
    }

    /// The next models, whose place has come.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<Lineup>> {
        let next = self.pending.pop_front();
        next.map(|placement| self.lineup(&placement)).transpose()
    }

    /// Every model that scores ticks from the present one on, as far as is known.
    pub(crate) fn ids(&self, lineup: &Lineup) -> BTreeSet<String> {
        let challenger = lineup.challenger().map(|(model, _)| model);
        let present = [lineup.champion()].into_iter().chain(challenger).map(|model| model.id().to_owned());
        let later = self.pending.iter().flat_map(|placement| {
            let challenger = placement.challenger.iter().map(|challenger| &challenger.model);
            challenger.chain([&placement.champion]).cloned()
        });
        present.chain(later).collect()
    }

    /// Looks whether the registry has moved; every tick up to `closed` is closed.
    pub(crate) fn look(&mut self, closed: Millis) -> Look {
        let Models::Registry(store) = &self.models else { return Look::Same };
        let is_too_soon = self.refused_at.is_some_and(|at| at.elapsed() < PATIENCE);
        let seen = self.placements.last().map_or(0, |last| last.moves);
        if is_too_soon {
            return Look::Same;
        }
        let is_whole = seen == 0 || store.has_moved(seen - 1);
        if is_whole && !store.has_moved(seen) {
            return Look::Same;
        }
        let placed = if is_whole { self.place(closed) } else { Err(anyhow!("moves were taken away")) };
        match placed.and_then(|placement| self.lineup(&placement)) {
            Ok(lineup) => {
                self.refused_at = None;
                Look::Other(Box::new(lineup))
            }
            Err(error) => {
                self.refused_at = Some(Instant::now());
                Look::Refused(error)
            }
        }
    }

    /// Takes the challenger's share from it: from the next tick on it only scores.
    pub(crate) fn halt(&mut self, closed: Millis) -> anyhow::Result<Lineup> {
        let mut halted = self.placements.last().cloned().context("no challenger has a share")?;
        halted.challenger.iter_mut().for_each(|challenger| challenger.percent = 0);
        (halted.after, halted.halted) = (closed, true);
        self.write(halted.clone())?;
        self.lineup(&halted)
    }

    /// Gives the registry's present models their place after a tick, for good.
    fn place(&mut self, after: Millis) -> anyhow::Result<Placement> {
        let Models::Registry(store) = &self.models else { bail!("there is no registry") };
        let history = store.history()?;
        let champion = history.champion().context(
            "the registry has no champion; `silhouette models promote ID --to champion` makes one",
        )?;
        let moves = history.moves();
        // Who lifts a limit gives a challenger that was halted its share back by no means.
        let halted = self.placements.last().filter(|last| {
            let since = moves.iter().skip(usize::try_from(last.moves).unwrap_or(usize::MAX));
            last.halted && since.into_iter().all(|moved| moved.act == Act::Lift)
        });
        let placement = Placement {
            after,
            moves: moves.len() as u64,
            champion: champion.to_owned(),
            challenger: halted.map_or_else(|| history.challenger().cloned(), |last| last.challenger.clone()),
            halted: halted.is_some(),
            lifts: history.lifts(),
        };
        // Nothing has a place that cannot be used.
        self.lineup(&placement)?;
        self.write(placement.clone())?;
        Ok(placement)
    }

    fn write(&mut self, placement: Placement) -> anyhow::Result<()> {
        let lines = self.placements.iter().chain([&placement]).map(serde_json::to_string);
        let text = lines.map(|line| Ok(line? + "\n")).collect::<anyhow::Result<String>>()?;
        files::write(&self.journal(), &text)?;
        self.placements.push(placement);
        self.canary = Canary::default();
        Ok(())
    }

    fn lineup(&self, placement: &Placement) -> anyhow::Result<Lineup> {
        let Models::Registry(store) = &self.models else { bail!("there is no registry") };
        let profile = &self.settings.engine.profile;
        let schema = detect::feature_schema(profile);
        let model = |id: &str| anyhow::Ok(store.model(id, &schema)?.1);
        let challenger = placement.challenger.as_ref();
        let challenger =
            challenger.map(|challenger| anyhow::Ok((model(&challenger.model)?, challenger.percent)));
        let champion = model(&placement.champion)?;
        Ok(Lineup::new(champion, challenger.transpose()?, profile, self.bounds(placement.lifts)))
    }

    fn bounds(&self, lifts: u64) -> Bounds {
        let Settings { min_p, flags_an_hour, .. } = self.settings;
        Bounds { threshold: min_p, flags_an_hour, lifts }
    }

    /// Where the places are kept.
    fn journal(&self) -> PathBuf {
        self.settings.state.join("models.jsonl")
    }
}
