//! Appeals: somebody else looks again.

use events::Millis;

use crate::words::spoken;
use crate::{CaseId, Decision};

spoken! {
    /// What an appeal says.
    AppealGround {
        WrongPerson = "wrong_person", "It was somebody else";
        InnocentCause = "innocent_cause", "There is an innocent cause";
        WrongRule = "wrong_rule", "No rule was broken";
        TooSevere = "too_severe", "What was done goes too far";
    }
    /// What became of an appeal.
    AppealOutcome {
        Uphold = "uphold", "The decision stands";
        Overturn = "overturn", "The decision was wrong";
    }
    /// Why an appeal was decided so.
    AppealReason {
        EvidenceStands = "evidence_stands", "The evidence carries the decision";
        InnocentCauseShown = "innocent_cause_shown", "An innocent cause fits the evidence";
        EvidenceTooThin = "evidence_too_thin", "The evidence does not carry the decision";
        AccountTakenOver = "account_taken_over", "The account had been taken over";
        ProcedureFailed = "procedure_failed", "The decision was not made as it must be";
    }
}

/// An appeal against a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// Its name.
    pub id: String,
    /// The case that was decided.
    pub case: CaseId,
    /// What it says.
    pub ground: AppealGround,
    /// When it was handed in, processing time.
    pub opened_at: Millis,
    /// How it was decided, once it was.
    pub settled: Option<SettledAppeal>,
}

/// How an appeal was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledAppeal {
    /// What became of it.
    pub outcome: AppealOutcome,
    /// Why.
    pub reason: AppealReason,
    /// By whom.
    pub by: String,
    /// When, processing time.
    pub at: Millis,
}

/// Why an appeal was not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AppealRefused {
    /// Whoever decided, or seconded, does not judge their own decision.
    #[error("whoever made the decision cannot decide the appeal against it")]
    SamePerson,
    /// It was decided before.
    #[error("the appeal has already been decided")]
    Settled,
}

impl Appeal {
    /// Whether somebody may decide it: not who made or seconded the decision.
    pub fn may_be_decided_by(&self, person: &str, decision: &Decision) -> bool {
        person != decision.by && Some(person) != decision.seconded_by.as_deref()
    }

    /// Decides it.
    ///
    /// # Errors
    /// Where it was decided before, or by whom it must not be; it is then as it was.
    pub fn settle(&mut self, settled: SettledAppeal, decision: &Decision) -> Result<(), AppealRefused> {
        if self.settled.is_some() {
            return Err(AppealRefused::Settled);
        }
        if !self.may_be_decided_by(&settled.by, decision) {
            return Err(AppealRefused::SamePerson);
        }
        self.settled = Some(settled);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
