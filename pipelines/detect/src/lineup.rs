//! The models that score side by side: the champion, whose flags are shown, and a challenger, whose flags are shown for
//! its share of the accounts and otherwise only counted.

use std::collections::HashMap;

use events::Token;
use scorers::{Model, Score};

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
    /// What the champion says.
    pub champion: Verdict,
    /// What the challenger says.
    pub challenger: Option<Verdict>,
    /// Whether the account is of the challenger's share.
    pub is_of_share: bool,
}

impl Lineup {
    /// A champion, and a challenger with its share of the accounts in a hundred; they flag from the probability
    /// `threshold` on, or else each from its own.
    pub fn new(
        champion: Model,
        challenger: Option<(Model, u8)>,
        profile: &Profile,
        threshold: Option<f64>,
    ) -> Self {
        let scoring = |model: Model| {
            let flagger = Flagger::new(model, profile, threshold);
            Scoring { gate: flagger.gate(), flagger }
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
        let of = |(score, flag): (Score, Option<Flag>)| (Verdict { score, is_flagged: flag.is_some() }, flag);
        let (champion, flag) = of(self.champion.flagger.consider(row));
        let Some((scoring, percent)) = &mut self.challenger else {
            return Verdicts { shown: flag, champion, challenger: None, is_of_share: false };
        };
        let (challenger, others) = of(scoring.flagger.consider(row));
        let is_of_share = is_of_share(&row.account, scoring.flagger.model().id(), *percent);
        let shown = if is_of_share { others } else { flag };
        Verdicts { shown, champion, challenger: Some(challenger), is_of_share }
    }

    /// Gives way to other models: accounts stay as high as they have been flagged, whoever flagged them.
    pub fn give_way(&mut self, mut next: Lineup) {
        next.take_over(&self.shown_steps());
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
        let mut steps = self.champion.flagger.flagged().clone();
        let Some((scoring, percent)) = &self.challenger else { return steps };
        let model = scoring.flagger.model().id();
        steps.retain(|account, _| !is_of_share(account, model, *percent));
        let own =
            scoring.flagger.flagged().iter().filter(|(account, _)| is_of_share(account, model, *percent));
        steps.extend(own.map(|(account, step)| (account.clone(), *step)));
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
