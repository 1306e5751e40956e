//! One pass over an account's pairs: everything that the features count, per window.

use events::{Millis, Surface};
use schema::Window;

use crate::account::{Account, Pair, Request};
use crate::age::MinorOdds;
use crate::state::age_ms;

/// How long a burst may last.
const BURST_MS: Millis = 10 * 60 * 1000;

/// What the features need of an account.
pub(super) struct View {
    pub(super) now: Millis,
    pub(super) created: Option<Millis>,
    /// Probability that the holder is a minor, where anything is known of it.
    pub(super) holder_minor: Option<MinorOdds>,
    /// Most first contacts within ten minutes, over 24 hours.
    pub(super) burst: u64,
    windows: [Tally; Window::ALL.len()],
}

/// What happened within one window. Pairs are counted by their first contact, refusals, blocks and reports
/// by their own time; `_minors` are sums of ten-thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) contacts: u64,
    pub(super) contact_minors: u64,
    pub(super) relation_known: u64,
    pub(super) strangers: u64,
    pub(super) surface_known: u64,
    pub(super) open_surface: u64,
    pub(super) decided: u64,
    pub(super) accepted: u64,
    pub(super) messaged: u64,
    pub(super) replied: u64,
    pub(super) gated: u64,
    pub(super) blocks: u64,
    pub(super) block_minors: u64,
    pub(super) report_minors: u64,
}

impl View {
    pub(super) fn of(account: &Account, now: Millis) -> Self {
        let mut windows = [Tally::default(); Window::ALL.len()];
        let mut day: Vec<Millis> = Vec::new();
        for pair in account.pairs.values() {
            for (tally, window) in windows.iter_mut().zip(Window::ALL) {
                tally.count(pair, now, window);
            }
            day.extend(pair.contact.map(|c| c.at).filter(|at| age_ms(*at, now) < Window::H24.length_ms));
        }
        let (created, holder_minor) = (account.latest.created, account.latest.minor);
        Self { now, created, holder_minor, burst: burst(day), windows }
    }

    pub(super) fn window(&self, window: Window) -> &Tally {
        let index = Window::ALL.iter().position(|w| *w == window).unwrap_or(Window::ALL.len() - 1);
        &self.windows[index]
    }
}

impl Tally {
    fn count(&mut self, pair: &Pair, now: Millis, window: Window) {
        let within = |at: &Millis| age_ms(*at, now) < window.length_ms;
        let minor = pair.minor.ten_thousandths();
        if let Some(contact) = pair.contact.filter(|c| within(&c.at)) {
            self.contacts += 1;
            self.contact_minors += minor;
            if let Some(stranger) = contact.stranger {
                self.relation_known += 1;
                self.strangers += u64::from(stranger);
            }
            if let Some(surface) = contact.surface {
                self.surface_known += 1;
                self.open_surface += u64::from(is_open(surface));
            }
            self.decided += u64::from(matches!(pair.request, Request::Accepted | Request::Declined));
            self.accepted += u64::from(pair.request == Request::Accepted);
            self.messaged += u64::from(pair.messaged);
            self.replied += u64::from(pair.messaged && pair.replied);
        }
        self.gated += u64::from(pair.gated_at.as_ref().is_some_and(within));
        if pair.blocked_at.as_ref().is_some_and(within) {
            self.blocks += 1;
            self.block_minors += minor;
        }
        if pair.reported_at.as_ref().is_some_and(within) {
            self.report_minors += minor;
        }
    }
}

/// Whether anybody can find anybody there, without knowing a number or having met.
fn is_open(surface: Surface) -> bool {
    use Surface::{Comment, Game, Group, Nearby, Search, Suggested};
    matches!(surface, Suggested | Search | Comment | Nearby | Game | Group)
}

/// The most moments within any [`BURST_MS`].
fn burst(mut moments: Vec<Millis>) -> u64 {
    moments.sort_unstable();
    let mut start = 0;
    let mut most = 0;
    for (end, moment) in moments.iter().enumerate() {
        while moment - moments[start] >= BURST_MS {
            start += 1;
        }
        most = most.max(end + 1 - start);
    }
    most as u64
}
