//! What happened, before it is put into an event: small, so that days to come fit in memory.

use events::{
    Category, Edge, Gate, MessageKind, Millis, Modality, Mutuals, NoticeKind, Outcome, Response,
    SharedGroups, Size, Status, Surface, Typing, Via,
};

use crate::DAY;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    pub(crate) ts: Millis,
    pub(crate) actor: u32,
    pub(crate) target: Option<u32>,
    pub(crate) act: Act,
    pub(crate) pair: Option<Pair>,
}

/// The pair before the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) edge: Edge,
    /// What goes beyond the edge, where the platform says it.
    pub(crate) more: Option<Common>,
}

/// What a pair has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Common {
    pub(crate) mutuals: Mutuals,
    pub(crate) shared_groups: SharedGroups,
    pub(crate) actor_has_target: bool,
    pub(crate) target_has_actor: bool,
}

impl Common {
    /// The same pair seen from the other side.
    pub(crate) fn flip(self) -> Self {
        Self { actor_has_target: self.target_has_actor, target_has_actor: self.actor_has_target, ..self }
    }
}

/// What was done. Groups are named by number: a community's index, or what [`ad_hoc_group`] gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Created,
    Updated,
    /// From the usual devices, or from a new one somewhere else.
    Session {
        is_new: bool,
    },
    Viewed(Surface),
    Requested(Surface),
    Accepted,
    Declined,
    Expired,
    Blocked,
    Message(Letter),
    GroupMessage(Letter, u64),
    Read,
    CallPlaced(Modality),
    CallAnswered(Modality, u32),
    GroupCreated(u64),
    GroupJoined(u64, Via),
    MemberAdded(u64),
    GroupLeft(u64),
    Refused(Gate),
    Notice(NoticeKind, Response),
    Status(Status, Option<Category>),
    Reported(Category),
    Resolved(Category, Outcome),
}

/// The outside of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Letter {
    pub(crate) kind: MessageKind,
    pub(crate) size: Size,
    pub(crate) typing: Option<Typing>,
    pub(crate) is_request: bool,
    pub(crate) recipients: u32,
    pub(crate) manner: LetterManner,
}

/// What else is known of a message, of which at most one is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetterManner {
    Plain,
    Forwarded,
    Disappearing,
    ViewOnce,
}

/// The number of a group that somebody founds by themselves: their `nth`.
pub(crate) fn ad_hoc_group(who: u32, nth: u32) -> u64 {
    1 << 62 | u64::from(who) << 20 | u64::from(nth)
}

/// A change of the world that others see from the next day on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// One has approached the other.
    Meet {
        a: u32,
        b: u32,
    },
    Connect {
        a: u32,
        b: u32,
        weight: f32,
    },
    Part {
        a: u32,
        b: u32,
    },
    Blocked {
        subject: u32,
    },
    Reported {
        reporter: u32,
        subject: u32,
    },
    /// The platform's new estimate of an account, in log-odds.
    Estimate {
        who: u32,
        belief: f32,
    },
}

/// Pieces into which a day is cut for writing.
pub(crate) const SLICES: u32 = 96;

/// Some of a day's drafts, by slice of the day.
#[derive(Debug, Default)]
pub(crate) struct Sliced {
    drafts: Vec<Draft>,
    /// Where each slice ends.
    ends: Vec<usize>,
}

impl Sliced {
    /// Those that are let happen, in their order within each slice of the day that starts then.
    pub(crate) fn of(mut drafts: Vec<Draft>, day_start: Millis, lets: impl Fn(&Draft) -> bool) -> Self {
        let slice =
            |draft: &Draft| usize::try_from(draft.ts.checked_sub(day_start)? * u64::from(SLICES) / DAY).ok();
        drafts.retain(|draft| slice(draft).is_some_and(|slice| slice < SLICES as usize) && lets(draft));
        drafts.sort_by_key(slice);
        let mut ends = vec![0; SLICES as usize];
        drafts.iter().filter_map(slice).for_each(|slice| ends[slice] += 1);
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        Self { drafts, ends }
    }

    pub(crate) fn len(&self) -> usize {
        self.drafts.len()
    }

    pub(crate) fn slice(&self, slice: u32) -> &[Draft] {
        let slice = slice as usize;
        let start = slice.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.get(slice).map_or(&[], |end| &self.drafts[start..*end])
    }
}

/// What some people set going on one day: what happens that day, what is to happen later, what changes.
#[derive(Debug, Default)]
pub struct Lived {
    today_ends: Millis,
    /// Nothing happens from then on.
    end: Millis,
    pub(crate) today: Vec<Draft>,
    pub(crate) later: Vec<Draft>,
    pub(crate) changes: Vec<(Millis, Change)>,
    /// What was in `today`, once the day is over.
    page: Sliced,
}

impl Lived {
    pub(crate) fn new(day_start: Millis, end: Millis) -> Self {
        Self { today_ends: day_start + DAY, end, ..Self::default() }
    }

    /// Notes what happens at `draft.ts`, which is not before the day that is being lived.
    pub(crate) fn note(&mut self, draft: Draft) {
        if draft.ts < self.today_ends.min(self.end) {
            self.today.push(draft);
        } else if draft.ts < self.end {
            self.later.push(draft);
        }
    }

    /// Notes a change that holds from the start of the day of `ts`, at the earliest tomorrow's.
    pub(crate) fn change(&mut self, ts: Millis, change: Change) {
        if ts < self.end {
            self.changes.push((ts.max(self.today_ends), change));
        }
    }

    /// Ends the day: of what was noted for it, only what is let happen stays.
    pub(crate) fn close(&mut self, lets: impl Fn(&Draft) -> bool) {
        let today = std::mem::take(&mut self.today);
        self.page = Sliced::of(today, self.today_ends - DAY, lets);
    }

    /// What happens today, what is to happen later, and what changes.
    pub(crate) fn into_parts(self) -> (Sliced, Vec<Draft>, Vec<(Millis, Change)>) {
        (self.page, self.later, self.changes)
    }

    /// Everything noted, whenever it happens.
    pub(crate) fn into_drafts(self) -> Vec<Draft> {
        let mut drafts = self.today;
        drafts.extend(self.later);
        drafts
    }
}

/// What is to happen and to change, by day.
#[derive(Debug)]
pub(crate) struct Diary {
    start: Millis,
    pages: Vec<Page>,
}

/// One day of the diary.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) changes: Vec<Change>,
}

impl Diary {
    pub(crate) fn new(start: Millis, days: u32) -> Self {
        Self { start, pages: (0..days).map(|_| Page::default()).collect() }
    }

    fn page(&mut self, ts: Millis) -> Option<&mut Page> {
        self.pages.get_mut(usize::try_from((ts - self.start) / DAY).ok()?)
    }

    /// Takes in what lies beyond today.
    pub(crate) fn keep(&mut self, later: Vec<Draft>, changes: Vec<(Millis, Change)>) {
        for draft in later {
            if let Some(page) = self.page(draft.ts) {
                page.drafts.push(draft);
            }
        }
        for (ts, change) in changes {
            if let Some(page) = self.page(ts) {
                page.changes.push(change);
            }
        }
    }

    /// Takes a day out.
    pub(crate) fn open(&mut self, day: u32) -> Page {
        self.pages.get_mut(day as usize).map(std::mem::take).unwrap_or_default()
    }
}
