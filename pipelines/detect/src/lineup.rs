//! The models that score side by side: the champion, whose flags are shown, and a challenger, whose flags are shown for
//! its share of the accounts and otherwise only counted.

use std::collections::HashMap;

use events::Token;
use scorers::{Model, Score};

use crate::limiter::{Limit, Limiter};
use crate::{Flag, FlaggedSteps, Flagger, Gate, Outline, Profile, Row};

/// The models that score, and how high each account has been flagged.
#[derive(Clone, Debug)]
pub struct Lineup {
    champion: Scoring,
    challenger: Option<(Scoring, u8)>,
}

#[derive(Clone, Debug)]
struct Scoring {
    flagger: Flagger,
    gate: Gate,
    limiter: Limiter,
}

/// From which probability on models flag, and how many of their flags are shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The probability; where there is none, each model's own.
    pub threshold: Option<f64>,
    /// The most flags of a model that are shown in an hour of event time; what comes then is held until somebody lifts the
    /// limit.
    pub flags_an_hour: u32,
    /// How often people have lifted the limit.
    pub lifts: u64,
}

/// What one model says of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Its score.
    pub score: Score,
    /// Whether it flags.
    pub is_flagged: bool,
}

/// What the models say of a row.
#[derive(Clone, Debug)]
pub struct Verdicts {
    /// The flag that is shown.
    pub shown: Option<Flag>,
    /// Whether there is one that is not shown, because its model flags more than it may.
    pub is_held: bool,
    /// What the champion says.
    pub champion: Verdict,
    /// What the challenger says.
    pub challenger: Option<Verdict>,
    /// Whether the account is of the challenger's share.
    pub is_of_share: bool,
}

impl Lineup {
    /// A champion, and a challenger with its share of the accounts in a hundred.
    pub fn new(champion: Model, challenger: Option<(Model, u8)>, profile: &Profile, bounds: Bounds) -> Self {
        let Bounds { threshold, flags_an_hour, lifts } = bounds;
        let scoring = |model: Model| {
            let limiter = Limiter::new(model.id(), flags_an_hour, lifts);
            let flagger = Flagger::new(model, profile, threshold);
            Scoring { gate: flagger.gate(), flagger, limiter }
        };
        let challenger = challenger.map(|(model, percent)| (scoring(model), percent));
        Self { champion: scoring(champion), challenger }
    }

    /// The model whose flags are shown.
    pub fn champion(&self) -> &Model {
        self.champion.flagger.model()
    }

    /// The model beside it, and its share in a hundred.
    pub fn challenger(&self) -> Option<(&Model, u8)> {
        self.challenger.as_ref().map(|(scoring, percent)| (scoring.flagger.model(), *percent))
    }

    /// Whether some model's score of the account might reach its threshold.
    pub fn is_worth(&self, outline: &Outline<'_>) -> bool {
        let challenger = self.challenger.as_ref();
        self.champion.gate.is_worth(outline)
            || challenger.is_some_and(|(scoring, _)| scoring.gate.is_worth(outline))
    }

    /// Scores a row with every model.
    pub fn consider(&mut self, row: &Row<'_>) -> Verdicts {
        let Some((challenger, percent)) = &mut self.challenger else {
            let (champion, found) = self.champion.consider(row);
            let (shown, is_held) = self.champion.limited(found);
            return Verdicts { shown, is_held, champion, challenger: None, is_of_share: false };
        };
        let (champion, found) = self.champion.consider(row);
        let (verdict, others) = challenger.consider(row);
        let is_of_share = is_of_share(&row.account, challenger.flagger.model().id(), *percent);
        let (shown, is_held) =
            if is_of_share { challenger.limited(others) } else { self.champion.limited(found) };
        Verdicts { shown, is_held, champion, challenger: Some(verdict), is_of_share }
    }

    /// What is counted of each model's flags, for a snapshot.
    pub fn limits(&self) -> Vec<Limit> {
        self.scorings().map(|scoring| scoring.limiter.limit().clone()).collect()
    }

    /// Goes on counting where a snapshot, or the models before, had been.
    pub fn go_on(&mut self, limits: &[Limit]) {
        let challenger = self.challenger.as_mut().map(|(scoring, _)| scoring);
        for scoring in [&mut self.champion].into_iter().chain(challenger) {
            limits.iter().for_each(|limit| scoring.limiter.go_on(limit));
        }
    }

    fn scorings(&self) -> impl Iterator<Item = &Scoring> {
        [&self.champion].into_iter().chain(self.challenger.as_ref().map(|(scoring, _)| scoring))
    }

    /// Gives way to other models: accounts stay as high as they have been flagged, whoever flagged them.
    pub fn give_way(&mut self, mut next: Lineup) {
        next.take_over(&self.shown_steps());
        next.go_on(&self.limits());
        *self = next;
    }

    /// What is remembered, for a snapshot; in order of token.
    pub fn steps(&self) -> FlaggedSteps {
        self.champion.flagger.remember(self.shown_steps())
    }

    /// Takes up what was remembered. Under another model or threshold than it was remembered under, accounts are
    /// flagged anew, unless `whoever` flagged them counts.
    pub fn resume(&mut self, remembered: FlaggedSteps, whoever: bool) {
        if whoever {
            self.take_over(&remembered.into_steps());
        } else {
            self.champion.flagger.resume(remembered);
            self.take_over(&self.champion.flagger.flagged().clone());
        }
    }

    fn take_over(&mut self, steps: &HashMap<Token, u8>) {
        self.champion.flagger.take_over(steps.clone());
        if let Some((scoring, _)) = &mut self.challenger {
            scoring.flagger.take_over(steps.clone());
        }
    }

    /// How high each account has been flagged with flags that were shown.
    fn shown_steps(&self) -> HashMap<Token, u8> {
        let mut steps = self.champion.shown_steps();
        let Some((scoring, percent)) = &self.challenger else { return steps };
        let model = scoring.flagger.model().id();
        steps.retain(|account, _| !is_of_share(account, model, *percent));
        steps.extend(
            scoring.shown_steps().into_iter().filter(|(account, _)| is_of_share(account, model, *percent)),
        );
        steps
    }
}

/// A flag, and how high its account had been flagged.
type Found = Option<(Flag, Option<u8>)>;

impl Scoring {
    fn consider(&mut self, row: &Row<'_>) -> (Verdict, Found) {
        let before = self.flagger.flagged().get(&row.account).copied();
        let (score, flag) = self.flagger.consider(row);
        (Verdict { score, is_flagged: flag.is_some() }, flag.map(|flag| (flag, before)))
    }

    /// The flag, if it may be shown, and whether there is one that may not.
    fn limited(&mut self, found: Found) -> (Option<Flag>, bool) {
        let Some((flag, before)) = found else { return (None, false) };
        let is_shown = self.limiter.admits(&flag.account, flag.ts, before);
        (is_shown.then_some(flag), !is_shown)
    }

    /// How high each account has been flagged with flags that could be shown.
    fn shown_steps(&self) -> HashMap<Token, u8> {
        let mut steps = self.flagger.flagged().clone();
        self.limiter.shown(&mut steps);
        steps
    }
}

/// Whether an account is among so many in a hundred that are the challenger's. Who is of a share is of every larger one
/// of the same model.
pub fn is_of_share(account: &Token, model: &str, percent: u8) -> bool {
    let mut hasher = blake3::Hasher::new();
    for part in [model, account.as_str()] {
        hasher.update(part.as_bytes());
        hasher.update(b"\n");
    }
    let [a, b, c, d, ..] = *hasher.finalize().as_bytes();
    u64::from(u32::from_le_bytes([a, b, c, d])) * 100 < u64::from(percent) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_as_large_as_they_say_and_hold_the_smaller_ones() {
        let accounts: Vec<Token> = (0..20_000)
            .map(|n| Token::try_from(format!("account_of_number_{n}").as_str()).unwrap())
            .collect();
        let share = |percent: u8| -> Vec<bool> {
            accounts.iter().map(|account| is_of_share(account, "8a1f03c2d4e5b697", percent)).collect()
        };
        let (ten, half) = (share(10), share(50));
        let count = |share: &[bool]| share.iter().filter(|is| **is).count();
        assert_eq!((count(&share(0)), count(&share(100))), (0, 20_000));
        // Four standard deviations.
        assert!(count(&ten).abs_diff(2_000) < 170 && count(&half).abs_diff(10_000) < 283);
        assert!(ten.iter().zip(&half).all(|(ten, half)| *half || !*ten));
        let other = |account: &&Token| is_of_share(account, "1111111111111111", 10);
        let both = accounts.iter().zip(&ten).filter(|(account, ten)| **ten && other(account)).count();
        assert!(both.abs_diff(200) < 60, "another model has another share");
    }
}
