//! The pages besides that of a case.

use askama::Template;
use review::{CaseId, Decision};

use super::words::{self, Moment};
use super::{first_contacts, minors_expected};
use crate::store::{Entry, InHand, Status};

/// What stands around every page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Whether the people in it are simulated and everybody on this machine is signed in.
    pub(crate) simulated: bool,
    /// Who is signed in.
    pub(crate) signed_in: Option<String>,
    /// Whether there is a session to end.
    pub(crate) can_sign_out: bool,
}

/// An error, for people.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    pub(crate) frame: Frame,
    pub(crate) status: u16,
    pub(crate) title: &'static str,
    pub(crate) detail: Option<&'a str>,
    pub(crate) advice: &'static str,
}

/// The sign-in.
#[derive(Debug, Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage<'a> {
    pub(crate) frame: Frame,
    /// The page to go on to.
    pub(crate) next: &'a str,
    /// Whether a token has just been refused.
    pub(crate) refused: bool,
    /// Whether there is a provider to sign in at.
    pub(crate) has_provider: bool,
}

/// Signed in at the provider; on to the page.
#[derive(Debug, Template)]
#[template(path = "signed_in.html")]
pub(crate) struct SignedInPage<'a> {
    pub(crate) frame: Frame,
    /// The page to go on to.
    pub(crate) next: &'a str,
}

/// The queue.
#[derive(Debug, Template)]
#[template(path = "queue.html")]
pub(crate) struct QueuePage {
    pub(crate) frame: Frame,
    pub(crate) status: Status,
    pub(crate) order: &'static str,
    pub(crate) open_count: i64,
    pub(crate) cards: Vec<CaseCard>,
    /// Cursor of the next page.
    pub(crate) next: Option<String>,
    pub(crate) is_first: bool,
    pub(crate) said: Said,
    /// What whoever reads it has in hand.
    pub(crate) in_hand: Vec<HeldCase>,
    /// Whether they may take cases in hand.
    pub(crate) may_take: bool,
    pub(crate) is_break_due: bool,
}

/// A case in hand.
#[derive(Debug)]
pub(crate) struct HeldCase {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) account_short: String,
}

impl HeldCase {
    pub(crate) fn of(InHand { case, account, .. }: &InHand) -> Self {
        let account_short = words::short(account);
        Self { id: case.to_string(), account: account.to_string(), account_short }
    }
}

/// What whoever reads a page has just done, to tell them that it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// The decision that was recorded.
    pub(crate) recorded: Option<Recorded>,
    /// The case of which something was proposed.
    pub(crate) proposed: Option<String>,
}

impl QueuePage {
    fn is_open(&self) -> bool {
        self.status == Status::Open
    }
}

/// One case in the queue.
#[derive(Debug)]
pub(crate) struct CaseCard {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) account_short: String,
    pub(crate) percent: u8,
    pub(crate) band: &'static str,
    /// The heaviest reasons: short titles and full sentences.
    pub(crate) reasons: Vec<CardReason>,
    pub(crate) first_contacts: String,
    pub(crate) minors_expected: String,
    pub(crate) flagged: Moment,
    pub(crate) flag_count: u32,
    pub(crate) is_again: bool,
    pub(crate) decision: Option<Recorded>,
}

/// One reason in the queue.
#[derive(Debug)]
pub(crate) struct CardReason {
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

/// How many reasons a card shows.
const CARD_REASONS_MAX: usize = 3;

impl CaseCard {
    pub(crate) fn of(entry: &Entry) -> Self {
        let case = &entry.rank.case;
        let reasons = entry.latest.reasons.iter().take(CARD_REASONS_MAX);
        Self {
            id: case.to_string(),
            account: entry.account.to_string(),
            account_short: words::short(&entry.account),
            percent: words::percent(entry.weight.risk),
            band: words::band(entry.weight.risk),
            reasons: reasons
                .map(|r| CardReason { title: r.code.title(), text: words::sentence(&r.text) })
                .collect(),
            first_contacts: words::count(first_contacts(&entry.latest.features)),
            minors_expected: words::count(minors_expected(&entry.latest.features)),
            flagged: Moment::of(entry.latest.ts),
            flag_count: entry.flag_count,
            is_again: entry.earlier.is_some(),
            decision: entry.decision.as_ref().map(|decision| Recorded::of(decision, case)),
        }
    }
}

/// A decision as it was recorded, in words.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) case: String,
    pub(crate) is_abusive: bool,
    pub(crate) outcome: &'static str,
    pub(crate) category: Option<String>,
    pub(crate) reason: &'static str,
    pub(crate) by: String,
    pub(crate) at: Moment,
}

impl Recorded {
    pub(crate) fn of(decision: &Decision, case: &CaseId) -> Self {
        let Decision { finding, by, at, .. } = decision;
        Self {
            case: case.to_string(),
            is_abusive: finding.outcome() == review::Outcome::Abusive,
            outcome: finding.outcome().sentence(),
            category: finding.category().map(words::category),
            reason: finding.reason_sentence(),
            by: by.clone(),
            at: Moment::of(*at),
        }
    }
}
