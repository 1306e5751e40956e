//! The moves of the aliases, one after the other, each bound to the one before.

use serde::{Deserialize, Serialize};

use crate::entry::{self, FORMAT};
use crate::{Blob, Gates, Unreadable, is_model_id, is_name};

/// What a move does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A model scores beside the champion, and nothing of it is shown.
    Shadow,
    /// A share of the accounts is flagged by the challenger.
    Share,
    /// A model becomes champion.
    Promote,
    /// What was shown before the last change is shown again.
    Rollback,
    /// Flags that were held back, because a model found more than may be shown in an hour, are shown again from now on.
    Lift,
}

impl Act {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Act::Shadow => "shadow",
            Act::Share => "share",
            Act::Promote => "promote",
            Act::Rollback => "rollback",
            Act::Lift => "lift",
        }
    }
}

/// A model beside the champion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenger {
    /// Its id.
    pub model: String,
    /// Of so many accounts in a hundred its flags are shown, instead of the champion's.
    pub percent: u8,
}

/// One move, with what is so after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Format of this document.
    pub format: u32,
    /// Its place, from 0.
    pub number: u64,
    /// BLAKE3 of the move before as it is stored, signature and all; of the first one, of nothing.
    pub before: String,
    /// What it does.
    pub act: Act,
    /// The model that serves.
    pub champion: Option<String>,
    /// The model beside it.
    pub challenger: Option<Challenger>,
    /// Who moved.
    pub by: String,
    /// Who else agreed.
    pub approved_by: Option<String>,
    /// The proposal in review by which they agreed.
    pub proposal: Option<String>,
    /// What was judged before.
    pub gates: Option<Blob>,
    /// When, milliseconds since the epoch.
    pub at: u64,
}

impl Move {
    /// Reads a move.
    ///
    /// # Errors
    /// Where the text is not one.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        entry::decode(text, |moved: &Self| moved.format)
    }

    /// The move as a document.
    pub fn encode(&self) -> String {
        entry::encode(self)
    }
}

/// Who moves, and who agreed.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// Who moves.
    pub by: String,
    /// Who else agreed.
    pub approved_by: Option<String>,
    /// The proposal in review by which they agreed.
    pub proposal: Option<String>,
    /// When, milliseconds since the epoch.
    pub at: u64,
}

/// Why an alias is not moved.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A name that cannot be one.
    #[error("{0:?} is no name: letters, digits, dots, dashes, underscores, spaces and at-signs")]
    Name(String),
    /// One person alone.
    #[error("what is shown takes two people: name who approved it")]
    Alone,
    /// One person as two.
    #[error("{0} cannot approve it: they moved it or registered the model")]
    SamePerson(String),
    /// Nobody judged it.
    #[error("model {0} has not been judged against the present champion; `silhouette models judge` does")]
    NotJudged(String),
    /// It did not pass.
    #[error("model {model} did not pass: {failed}")]
    Failed {
        /// The model.
        model: String,
        /// The gates that are shut.
        failed: String,
    },
    /// A step was left out.
    #[error("model {0} must score in shadow, and then a share of the accounts, before it is champion")]
    NotChallenger(String),
    /// It serves already.
    #[error("model {0} is champion already")]
    IsChampion(String),
    /// Nobody to challenge.
    #[error("there is no champion yet; promote one first")]
    NoChampion,
    /// A share that is none.
    #[error("a share must be 1 to 99 in a hundred, not {0}")]
    Percent(u8),
    /// There is nothing to go back to.
    #[error("there is nothing to go back to")]
    Nothing,
    /// A move does not follow on the one before.
    #[error("move {number} does not follow on the one before: something was changed or taken away")]
    Broken {
        /// Its place.
        number: u64,
    },
}

/// All moves so far.
#[derive(Clone, Debug)]
pub struct History {
    moves: Vec<Move>,
    head: String,
    /// Champions that a rollback goes back to, the present one last.
    champions: Vec<String>,
}

impl Default for History {
    fn default() -> Self {
        let head = blake3::hash(b"").to_hex().to_string();
        Self { moves: Vec::new(), head, champions: Vec::new() }
    }
}

impl History {
    /// Takes up the next move, as it is `stored`.
    ///
    /// # Errors
    /// Where it does not follow on the one before.
    pub fn follow(&mut self, moved: Move, stored: &str) -> Result<(), Refused> {
        let number = self.moves.len() as u64;
        let ids = moved.champion.iter().chain(moved.challenger.iter().map(|c| &c.model));
        let is_sound = ids.clone().all(|id| is_model_id(id));
        if moved.number != number || moved.before != self.head || !is_sound {
            return Err(Refused::Broken { number });
        }
        match moved.act {
            Act::Promote => self.champions.extend(moved.champion.clone()),
            Act::Rollback if moved.champion != self.champion().map(str::to_owned) => {
                self.champions.pop();
            }
            _ => {}
        }
        if self.champions.last() != moved.champion.as_ref() {
            return Err(Refused::Broken { number });
        }
        self.head = blake3::hash(stored.as_bytes()).to_hex().to_string();
        self.moves.push(moved);
        Ok(())
    }

    /// Every move, oldest first.
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    /// The model that serves.
    pub fn champion(&self) -> Option<&str> {
        self.moves.last()?.champion.as_deref()
    }

    /// The model beside it.
    pub fn challenger(&self) -> Option<&Challenger> {
        self.moves.last()?.challenger.as_ref()
    }

    /// Has a model score in shadow.
    ///
    /// # Errors
    /// Where there is no champion, or it is the champion.
    pub fn shadow(&self, model: &str, consent: &Consent) -> Result<Move, Refused> {
        let champion = self.champion().ok_or(Refused::NoChampion)?;
        if champion == model {
            return Err(Refused::IsChampion(model.to_owned()));
        }
        let challenger = Some(Challenger { model: model.to_owned(), percent: 0 });
        self.next(Act::Shadow, Some(champion.to_owned()), challenger, consent)
    }

    /// Shows the challenger's flags of so many accounts in a hundred.
    ///
    /// # Errors
    /// Where the model is not in shadow, has not passed the gates against the present champion, or one person alone
    /// wants it.
    pub fn share(
        &self,
        (model, author): (&str, &str),
        percent: u8,
        judged: Option<&Gates>,
        consent: &Consent,
    ) -> Result<Move, Refused> {
        if !(1..=99).contains(&percent) {
            return Err(Refused::Percent(percent));
        }
        if self.challenger().is_none_or(|challenger| challenger.model != model) {
            return Err(Refused::NotChallenger(model.to_owned()));
        }
        let gates = self.passed(model, judged)?;
        agreed(author, consent)?;
        let challenger = Some(Challenger { model: model.to_owned(), percent });
        let champion = self.champion().map(str::to_owned);
        Ok(Move { gates: Some(gates), ..self.next(Act::Share, champion, challenger, consent)? })
    }

    /// Makes a model champion: the first one at once, a later one after its share.
    ///
    /// # Errors
    /// See [`History::share`].
    pub fn promote(
        &self,
        (model, author): (&str, &str),
        judged: Option<&Gates>,
        consent: &Consent,
    ) -> Result<Move, Refused> {
        if self.champion() == Some(model) {
            return Err(Refused::IsChampion(model.to_owned()));
        }
        let has_share =
            self.challenger().is_some_and(|challenger| challenger.model == model && challenger.percent > 0);
        if self.champion().is_some() && !has_share {
            return Err(Refused::NotChallenger(model.to_owned()));
        }
        let gates = self.passed(model, judged)?;
        agreed(author, consent)?;
        Ok(Move { gates: Some(gates), ..self.next(Act::Promote, Some(model.to_owned()), None, consent)? })
    }

    /// Goes back to what was shown before: without the challenger where a share of the accounts is its, else to the
    /// champion before. One person may, because waiting does more harm.
    ///
    /// # Errors
    /// Where there is nothing to go back to.
    pub fn rollback(&self, consent: &Consent) -> Result<Move, Refused> {
        let champion = self.champion().ok_or(Refused::Nothing)?;
        if self.challenger().is_some_and(|challenger| challenger.percent > 0) {
            return self.next(Act::Rollback, Some(champion.to_owned()), None, consent);
        }
        let before = self.champions.iter().rev().nth(1).ok_or(Refused::Nothing)?;
        self.next(Act::Rollback, Some(before.clone()), None, consent)
    }

    /// Lifts the limit that silenced a model: nothing else changes. One person may, who has looked at what it found.
    ///
    /// # Errors
    /// Where there is no champion.
    pub fn lift(&self, consent: &Consent) -> Result<Move, Refused> {
        let champion = self.champion().ok_or(Refused::NoChampion)?;
        self.next(Act::Lift, Some(champion.to_owned()), self.challenger().cloned(), consent)
    }

    /// How often limits were lifted.
    pub fn lifts(&self) -> u64 {
        self.moves.iter().filter(|moved| moved.act == Act::Lift).count() as u64
    }

    fn next(
        &self,
        act: Act,
        champion: Option<String>,
        challenger: Option<Challenger>,
        consent: &Consent,
    ) -> Result<Move, Refused> {
        let Consent { by, approved_by, proposal, at } = consent.clone();
        let names = [&by].into_iter().chain(&approved_by).chain(&proposal);
        if let Some(name) = names.into_iter().find(|name| !is_name(name)) {
            return Err(Refused::Name(name.clone()));
        }
        let (number, before) = (self.moves.len() as u64, self.head.clone());
        let format = FORMAT;
        Ok(Move {
            format,
            number,
            before,
            act,
            champion,
            challenger,
            by,
            approved_by,
            proposal,
            gates: None,
            at,
        })
    }

    /// The gates that the model passed against the present champion.
    fn passed(&self, model: &str, judged: Option<&Gates>) -> Result<Blob, Refused> {
        let of_it = |gates: &&Gates| gates.model == model && gates.against.as_deref() == self.champion();
        let gates = judged.filter(of_it).ok_or_else(|| Refused::NotJudged(model.to_owned()))?;
        let failed: Vec<String> =
            gates.failed().map(|gate| format!("{}: {}", gate.name, gate.said)).collect();
        if !failed.is_empty() {
            return Err(Refused::Failed { model: model.to_owned(), failed: failed.join("; ") });
        }
        Ok(Blob::of(gates.encode().as_bytes()))
    }
}

/// Two people agreed, neither of whom approved their own.
fn agreed(author: &str, consent: &Consent) -> Result<(), Refused> {
    let approver = consent.approved_by.as_deref().ok_or(Refused::Alone)?;
    if approver == consent.by || approver == author {
        return Err(Refused::SamePerson(approver.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
