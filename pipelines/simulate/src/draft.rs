//! What happened, before it is put into an event: small, so that days to come fit in memory.

use events::{
    Category, Edge, Gate, MessageKind, Millis, Modality, Mutuals, Outcome, SharedGroups, Size, Surface,
    Typing, Via,
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

/// What was done. Groups are named by their community's index.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Created,
    Updated,
    Session,
    Viewed(Surface),
    Requested(Surface),
    Accepted,
    Declined,
    Expired,
    Blocked,
    Message(Letter),
    GroupMessage(Letter, u32),
    Read,
    CallPlaced(Modality),
    CallAnswered(Modality, u32),
    GroupCreated(u32),
    GroupJoined(u32, Via),
    MemberAdded(u32),
    Refused(Gate),
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
}

/// A change of who is in contact with whom.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Connect { a: u32, b: u32, weight: f64 },
    Part { a: u32, b: u32 },
}

/// What is to happen, by day. What lies beyond the last day is forgotten.
#[derive(Debug)]
pub(crate) struct Diary {
    start: Millis,
    days: Vec<(Vec<Draft>, Vec<Change>)>,
}

impl Diary {
    pub(crate) fn new(start: Millis, days: u32) -> Self {
        Self { start, days: (0..days).map(|_| Default::default()).collect() }
    }

    fn day(&mut self, ts: Millis) -> Option<&mut (Vec<Draft>, Vec<Change>)> {
        let day = usize::try_from((ts - self.start) / DAY).ok()?;
        self.days.get_mut(day)
    }

    /// Notes what happens at `draft.ts`, which is not before the day that is being lived.
    pub(crate) fn note(&mut self, draft: Draft) {
        if let Some((drafts, _)) = self.day(draft.ts) {
            drafts.push(draft);
        }
    }

    /// Notes a change that holds from the start of the day of `ts`.
    pub(crate) fn change(&mut self, ts: Millis, change: Change) {
        if let Some((_, changes)) = self.day(ts) {
            changes.push(change);
        }
    }

    /// Takes a day's changes out.
    pub(crate) fn changes(&mut self, day: usize) -> Vec<Change> {
        self.days.get_mut(day).map(|(_, changes)| std::mem::take(changes)).unwrap_or_default()
    }

    /// Takes what happens on a day out.
    pub(crate) fn drafts(&mut self, day: usize) -> Vec<Draft> {
        self.days.get_mut(day).map(|(drafts, _)| std::mem::take(drafts)).unwrap_or_default()
    }
}
