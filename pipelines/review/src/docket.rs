//! An account's cases, and how a flag joins them.

use detect::Flag;
use events::{Millis, Token};

use crate::{CaseId, DecidedCase, Decision, OpenCase};

/// What a flag did to its account's cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Admission {
    /// It opened a case.
    Opened,
    /// It joined the open case.
    Appended,
    /// It had been seen before and changed nothing.
    Seen,
}

/// Every case of one account: at most one that is open, and those decided before it, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Docket {
    open: Option<OpenCase>,
    decided: Vec<DecidedCase>,
}

impl Docket {
    /// An account's cases as they were stored; `decided` oldest first.
    pub fn restore(open: Option<OpenCase>, decided: Vec<DecidedCase>) -> Self {
        Self { open, decided }
    }

    /// The account that the cases are about; none where there is no case.
    pub fn account(&self) -> Option<&Token> {
        self.decided.iter().map(DecidedCase::case).chain(&self.open).map(OpenCase::account).next()
    }

    /// The case that waits for a decision.
    pub fn open(&self) -> Option<&OpenCase> {
        self.open.as_ref()
    }

    /// The cases already decided, oldest first.
    pub fn decided(&self) -> &[DecidedCase] {
        &self.decided
    }

    /// The version of a case, open or decided; none where the account has no such case.
    pub fn version_of(&self, case: &CaseId) -> Option<u32> {
        let open = self.open.iter().map(|c| (c.id(), c.version()));
        let decided = self.decided.iter().map(|c| (c.id(), c.version()));
        open.chain(decided).find_map(|(id, version)| (id == case).then_some(version))
    }

    /// Takes a flag of this account, at processing time `now`.
    ///
    /// A flag seen before changes nothing. A new one joins the open case, or opens one that refers to the
    /// account's last decided case: what was decided stays decided.
    pub fn admit(&mut self, flag: &Flag, now: Millis) -> Admission {
        if self.flags().any(|seen| seen.flag_id == flag.flag_id) {
            return Admission::Seen;
        }
        if let Some(case) = &mut self.open {
            case.append(flag.clone());
            return Admission::Appended;
        }
        let earlier = self.decided.last().map(|case| case.id().clone());
        self.open = Some(OpenCase::open(flag.clone(), earlier, now));
        Admission::Opened
    }

    /// Decides the open case; none where no case is open.
    pub fn decide(&mut self, decision: Decision) -> Option<&DecidedCase> {
        let case = self.open.take()?;
        self.decided.push(case.decide(decision));
        self.decided.last()
    }

    /// Takes the decision on a case back, so that it waits again; none where it was not decided, or where the
    /// account already has a case that waits.
    pub fn reopen(&mut self, case: &CaseId) -> Option<&OpenCase> {
        if self.open.is_some() {
            return None;
        }
        let place = self.decided.iter().position(|decided| decided.id() == case)?;
        self.open = Some(self.decided.remove(place).reopen());
        self.open.as_ref()
    }

    /// The case of this name, once decided.
    pub fn decided_case(&self, case: &CaseId) -> Option<&DecidedCase> {
        self.decided.iter().find(|decided| decided.id() == case)
    }

    /// Every flag of every case, oldest case first.
    fn flags(&self) -> impl Iterator<Item = &Flag> {
        self.decided.iter().map(DecidedCase::case).chain(&self.open).flat_map(OpenCase::flags)
    }
}

#[cfg(test)]
mod tests;
