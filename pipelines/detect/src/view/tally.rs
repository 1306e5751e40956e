//! What lies in one window of an account's first contacts.

use events::{Age, Surface};

use crate::age::{MinorOdds, expected_age};
use crate::state::Crowded;
use crate::state::pair::{Approach, Marks, Request};
use crate::time::{DAY, HOUR, Second, ago};

/// Requests that are open for longer than this are silently ignored.
const STALE: Second = 72 * HOUR;

/// The number of surfaces.
pub(crate) const SURFACES: usize = Surface::ALL.len();

/// Bands with an age in them.
pub(crate) const BANDS: usize = Age::ALL.len() - 1;

/// Ranks of an answer's time.
pub(crate) const RANKS: usize = 21;

/// What a longer window takes over from a shorter one.
trait Accumulate {
    fn accumulate(&mut self, other: &Self);
}

/// Declares the counts of a window, each of which accumulates over windows.
macro_rules! tally {
    ($($(#[$doc:meta])* $field:ident: $ty:ty,)+) => {
        /// What lies in one window, by the first contact's time. `_minors` are sums of ten-thousandths.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Tally {
            /// Its length.
            pub(crate) window: Second,
            /// First contacts beyond the approaches that are remembered one by one.
            pub(crate) crowd: Crowded,
            $($(#[$doc])* pub(crate) $field: $ty,)+
        }

        impl Tally {
            /// Adds what a shorter window holds.
            pub(crate) fn take_over(&mut self, shorter: &Tally) {
                $(self.$field.accumulate(&shorter.$field);)+
            }
        }
    };
}

tally! {
    contacts: u32,
    minors: u32,
    likely: u32,
    certain: u32,
    relation_known: u32,
    strangers: u32,
    books_known: u32,
    one_sided_books: u32,
    surface_known: u32,
    surfaces: [u32; SURFACES],
    surface_minors: [u32; SURFACES],
    gap_tenths: u32,
    gap_wide: u32,
    gated: u32,
    gated_minors: u32,
    after_gate: u32,
    viewed: u32,
    viewed_minors: u32,
    exposed_minors: u32,
    /// Answered requests: all, to likely minors, and to likely minors with no contact in common.
    answered: Answers,
    minors_answered: Answers,
    distant_answered: Answers,
    band_answered: [Answers; BANDS],
    minors_requested: u32,
    minors_stale: u32,
    mutuals_known: u32,
    mutuals_gained: i32,
    minors_seeded_known: u32,
    minors_seeded: u32,
    written: u32,
    replied: u32,
    minors_written: u32,
    minors_replied: u32,
    minors_sent: u32,
    minors_received: u32,
    minors_night: u32,
    minors_unsent: u32,
    others_sent: u32,
    others_night: u32,
    longest_run: Most,
    own_answers: [u16; RANKS],
    other_answers: [u16; RANKS],
    minors_own_answered: u32,
    night_answers: u32,
    dropped_minors: u32,
    added: u32,
    added_minors: u32,
    left: u32,
    mismatch_known: u32,
    mismatch: u32,
    blocked: u32,
    reported_minors: u32,
    cleaned_minors: u32,
}

/// Answered requests, and accepted ones among them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) answered: u32,
    pub(crate) accepted: u32,
}

impl Accumulate for Answers {
    fn accumulate(&mut self, other: &Self) {
        self.answered += other.answered;
        self.accepted += other.accepted;
    }
}

impl Accumulate for u32 {
    fn accumulate(&mut self, other: &Self) {
        *self += other;
    }
}

impl Accumulate for i32 {
    fn accumulate(&mut self, other: &Self) {
        *self += other;
    }
}

impl Accumulate for u16 {
    fn accumulate(&mut self, other: &Self) {
        *self += other;
    }
}

impl<T: Accumulate, const N: usize> Accumulate for [T; N] {
    fn accumulate(&mut self, other: &Self) {
        self.iter_mut().zip(other).for_each(|(mine, theirs)| mine.accumulate(theirs));
    }
}

/// The greatest of what was seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Most(pub(crate) u32);

impl Accumulate for Most {
    fn accumulate(&mut self, other: &Self) {
        self.0 = self.0.max(other.0);
    }
}

impl Answers {
    fn count(&mut self, request: Request) {
        self.answered += u32::from(matches!(request, Request::Accepted | Request::Declined));
        self.accepted += u32::from(request == Request::Accepted);
    }
}

impl Tally {
    pub(crate) fn new(window: Second) -> Self {
        Self { window, ..Self::default() }
    }

    /// Counts one approach.
    pub(crate) fn count(&mut self, approach: &Approach, now: Second, own_age_tenths: u32) {
        let minor = approach.minor.ten_thousandths();
        self.contacts += 1;
        self.minors += minor;
        self.certain += u32::from(approach.minor >= MinorOdds::CERTAIN);
        self.count_first_contact(approach, minor);
        self.count_answers(approach, now);
        self.count_messages(approach, minor, now);
        let marks = approach.marks;
        self.blocked += u32::from(marks.has(Marks::BLOCKED));
        self.reported_minors += if marks.has(Marks::REPORTED) { minor } else { 0 };
        self.cleaned_minors += if marks.has(Marks::CLEANED) { minor } else { 0 };
        if approach.minor.is_likely() {
            self.likely += 1;
            let gap = own_age_tenths.saturating_sub(expected_age(approach.minor, approach.known.band()));
            self.gap_tenths += gap;
            self.gap_wide += u32::from(gap >= 50);
        }
    }

    /// How they found each other.
    fn count_first_contact(&mut self, approach: &Approach, minor: u32) {
        let (known, marks) = (approach.known, approach.marks);
        self.relation_known += u32::from(known.stranger().is_some());
        self.strangers += u32::from(known.stranger() == Some(true));
        if let (Some(has), Some(had)) = (known.has(), known.had()) {
            self.books_known += 1;
            self.one_sided_books += u32::from(has && !had);
        }
        if let Some(surface) = known.surface() {
            self.surface_known += 1;
            self.surfaces[surface as usize] += 1;
            self.surface_minors[surface as usize] += minor;
        }
        if let Some(mismatch) = approach.mismatch() {
            self.mismatch_known += 1;
            self.mismatch += u32::from(mismatch);
        }
        let minor_if = |mark: Marks| if marks.has(mark) { minor } else { 0 };
        self.gated += u32::from(marks.has(Marks::GATED));
        self.gated_minors += minor_if(Marks::GATED);
        self.after_gate += u32::from(marks.has(Marks::AFTER_GATE));
        self.viewed += u32::from(marks.has(Marks::VIEWED));
        self.viewed_minors += minor_if(Marks::VIEWED);
        self.exposed_minors += minor_if(Marks::EXPOSED);
        self.added += u32::from(marks.has(Marks::ADDED));
        self.left += u32::from(marks.has(Marks::ADDED) && marks.has(Marks::LEFT));
        if known.stranger() == Some(true) {
            self.added_minors += minor_if(Marks::ADDED);
        }
    }

    /// What became of requests.
    fn count_answers(&mut self, approach: &Approach, now: Second) {
        let known = approach.known;
        let request = known.request();
        self.answered.count(request);
        if let Some(band) = known.band() {
            self.band_answered[band as usize].count(request);
        }
        if !approach.minor.is_likely() || request == Request::None {
            return;
        }
        self.minors_requested += 1;
        self.minors_stale += u32::from(request == Request::Open && ago(approach.start, now) > STALE);
        self.minors_answered.count(request);
        if known.mutuals() == Some(0) {
            self.distant_answered.count(request);
        }
        if request != Request::Accepted {
            return;
        }
        if let Some(before) = known.mutuals() {
            self.minors_seeded_known += 1;
            self.minors_seeded += u32::from(before == 0);
            if let Some(after) = known.mutuals_at_acceptance() {
                self.mutuals_known += 1;
                self.mutuals_gained += after.cast_signed() - before.cast_signed();
            }
        }
    }

    /// How they wrote to each other.
    fn count_messages(&mut self, approach: &Approach, minor: u32, now: Second) {
        let (sent, received) = (u32::from(approach.sent), u32::from(approach.received));
        self.written += u32::from(sent > 0);
        self.replied += u32::from(sent > 0 && received > 0);
        for (answer, ranks) in [
            (approach.own_answer(), &mut self.own_answers),
            (approach.other_answer(), &mut self.other_answers),
        ] {
            if let Some(rank) = answer {
                ranks[rank as usize] += 1;
            }
        }
        if !approach.minor.is_likely() {
            self.others_sent += sent;
            self.others_night += u32::from(approach.night);
            return;
        }
        self.minors_written += u32::from(sent > 0);
        self.minors_replied += u32::from(sent > 0 && received > 0);
        self.minors_sent += sent;
        self.minors_received += received;
        self.minors_night += u32::from(approach.night);
        self.minors_unsent += u32::from(approach.unsent);
        self.longest_run.accumulate(&Most(u32::from(approach.longest_run)));
        self.minors_own_answered += u32::from(approach.own_answer().is_some());
        self.night_answers += u32::from(approach.marks.has(Marks::NIGHT_ANSWER));
        let marks = approach.marks;
        let is_intense = approach.early >= 40 && ago(approach.last(), now) >= DAY;
        let is_moved = marks.has(Marks::CARD) || marks.has(Marks::VANISHES);
        if is_intense && is_moved && !marks.has(Marks::BLOCKED) {
            self.dropped_minors += minor;
        }
    }
}
