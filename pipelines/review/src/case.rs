//! One case: an account's flags since it was last decided, waiting for a person or decided by one.

use std::fmt;

use detect::Flag;
use events::{Label, LabelSource, Millis, Token, Verdict};

use crate::{Assessment, Bars, Decision, Facts, Finding, Queue, Rank, Weight};

/// The feature that counts the likely minors whom an account contacted first within 7 days.
const MINORS_EXPECTED: &str = "fc_minor_expected_7d";

/// A case's name: `c` and twenty hexadecimal digits, a hash of the account and of the flag that opened it, so
/// that the same flags make the same cases wherever they are read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(String);

impl CaseId {
    /// The name of the case that this flag opens.
    pub fn of_flag(account: &Token, flag_id: &str) -> Self {
        let hash = blake3::hash(format!("{account}\n{flag_id}").as_bytes()).to_hex();
        Self(format!("c{}", hash.chars().take(20).collect::<String>()))
    }

    /// The case of this name, or none where no case can have such a name.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('c')?;
        let valid = digits.len() == 20 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        valid.then(|| Self(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A case that waits for a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenCase {
    id: CaseId,
    account: Token,
    version: u32,
    opened_at: Millis,
    earlier: Option<CaseId>,
    flags: Vec<Flag>,
}

impl OpenCase {
    /// The case that `flag` opens at `now`; `earlier` is the account's case before it.
    pub(crate) fn open(flag: Flag, earlier: Option<CaseId>, now: Millis) -> Self {
        Self {
            id: CaseId::of_flag(&flag.account, &flag.flag_id),
            account: flag.account.clone(),
            version: 1,
            opened_at: now,
            earlier,
            flags: vec![flag],
        }
    }

    /// A case as it was stored. `flags` are in the order in which they joined, and there is at least one.
    ///
    /// # Panics
    /// Where there is no flag: a case without one was never made.
    pub fn restore(
        id: CaseId,
        version: u32,
        opened_at: Millis,
        earlier: Option<CaseId>,
        flags: Vec<Flag>,
    ) -> Self {
        let account = flags.first().expect("a case has at least one flag").account.clone();
        Self { id, account, version, opened_at, earlier, flags }
    }

    pub(crate) fn append(&mut self, flag: Flag) {
        self.flags.push(flag);
        self.version += 1;
    }

    /// The case's name.
    pub fn id(&self) -> &CaseId {
        &self.id
    }

    /// The account under review.
    pub fn account(&self) -> &Token {
        &self.account
    }

    /// Grows by one whenever the case changes, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// When the case was opened, processing time.
    pub fn opened_at(&self) -> Millis {
        self.opened_at
    }

    /// The account's case before this one.
    pub fn earlier(&self) -> Option<&CaseId> {
        self.earlier.as_ref()
    }

    /// Its flags, in the order in which they joined; never empty.
    pub fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// The flag of the latest event time, whatever the order of arrival.
    pub fn latest_flag(&self) -> &Flag {
        latest(&self.flags)
    }

    /// The probability of the latest flag, 0 to 1.
    pub fn risk(&self) -> f64 {
        self.latest_flag().p
    }

    /// Its place in the queue.
    pub fn rank(&self) -> Rank {
        let (priority, opened_at) = (self.queue().priority(self.weight(), self.opened_at), self.opened_at);
        Rank { priority, opened_at, case: self.id.clone() }
    }

    /// The queue that it waits in: the gravest of those that its flags speak of.
    pub fn queue(&self) -> Queue {
        self.flags.iter().map(Queue::of_flag).min().unwrap_or(Queue::General)
    }

    /// What its order follows from, besides its queue and its age.
    pub fn weight(&self) -> Weight {
        let latest = self.latest_flag();
        let minors = latest.features.get(MINORS_EXPECTED).copied().flatten();
        Weight { risk: latest.p, minors_expected: minors.unwrap_or(0.0).max(0.0) }
    }

    /// How much evidence there is, by its latest flag.
    pub fn assess(&self, bars: &Bars) -> Assessment {
        Facts::of_flag(self.latest_flag()).assess(bars)
    }

    /// Decides the case.
    pub fn decide(self, decision: Decision) -> DecidedCase {
        DecidedCase { version: self.version + 1, case: self, decision }
    }
}

/// A case that a person has decided. It changes only by being opened again.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedCase {
    case: OpenCase,
    version: u32,
    decision: Decision,
}

impl DecidedCase {
    /// A case as it was stored after its decision; `case` is as it was before it.
    pub fn restore(case: OpenCase, decision: Decision) -> Self {
        case.decide(decision)
    }

    /// The case's name.
    pub fn id(&self) -> &CaseId {
        &self.case.id
    }

    /// Grows by one whenever the case changes, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The case as it was decided upon.
    pub fn case(&self) -> &OpenCase {
        &self.case
    }

    /// The decision.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Takes the decision back: the case waits again, as a new version.
    pub fn reopen(self) -> OpenCase {
        OpenCase { version: self.version + 1, ..self.case }
    }

    /// What training learns from it where an appeal overturns it at `at`: the opposite.
    pub fn overturned_label(&self, at: Millis) -> Label {
        let account = self.case.account.clone();
        Label { account, label: Verdict::Benign, category: None, ts: at, source: LabelSource::Appeal }
    }

    /// What training learns from it, from the moment of the decision on.
    pub fn label(&self) -> Label {
        let (label, category) = match self.decision.finding {
            Finding::Abusive(abuse) => (Verdict::Abusive, Some(abuse.category)),
            Finding::Benign { .. } => (Verdict::Benign, None),
        };
        let account = self.case.account.clone();
        Label { account, label, category, ts: self.decision.at, source: LabelSource::Reviewer }
    }
}

/// The flag of the latest event time; its name decides among equals.
fn latest(flags: &[Flag]) -> &Flag {
    flags
        .iter()
        .max_by(|a, b| (a.ts, &a.flag_id).cmp(&(b.ts, &b.flag_id)))
        .expect("a case has at least one flag")
}
