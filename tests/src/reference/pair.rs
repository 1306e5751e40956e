//! What one account remembers of another, read off the events that passed between them.

use events::{Body, Edge, Event, EventType, Millis, Mutuals, SharedGroups, Surface};

/// Once more than this has passed since the last event, a memory is gone, in milliseconds.
const MEMORY_MS: Millis = 28 * 24 * 60 * 60 * 1000;

/// One event that a memory took in.
#[derive(Clone, Debug)]
pub(super) struct Taken<'a> {
    pub(super) event: &'a Event,
    /// Whether the account whose memory it is acted; otherwise the other one did.
    pub(super) is_own: bool,
    /// How probable it then was that the event's target is a minor, in ten-thousandths.
    pub(super) p_target: f64,
    /// Whether it is a lapse, and of the request of the account whose memory it is.
    pub(super) lapses_own: bool,
}

/// An account's memory of another: every event that it took in, in order.
pub(super) type Memory<'a> = Vec<Taken<'a>>;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Request {
    Open,
    Accepted,
    Declined,
}

/// How an account first contacted another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FirstContact {
    pub(super) at: Millis,
    pub(super) surface: Option<Surface>,
    pub(super) is_stranger: Option<bool>,
}

/// What a memory amounts to, seen from the account whose memory it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair {
    /// How probable it was that the other is a minor when this one first reached out, in ten-thousandths.
    pub(super) p: f64,
    pub(super) first_contact: Option<FirstContact>,
    pub(super) request: Option<Request>,
    pub(super) is_written_to: bool,
    pub(super) has_written_back: bool,
    pub(super) refused_at: Option<Millis>,
    pub(super) blocked_at: Option<Millis>,
    pub(super) reported_at: Option<Millis>,
}

/// Whether a memory is gone at `now`.
pub(super) fn is_forgotten(memory: &Memory<'_>, now: Millis) -> bool {
    memory.last().is_none_or(|last| now > last.event.ts + MEMORY_MS)
}

/// Whether the actor reaches out to the target.
pub(super) fn is_reaching_out(event: &Event) -> bool {
    matches!(
        event.event_type(),
        EventType::ContactRequested
            | EventType::MessageSent
            | EventType::CallPlaced
            | EventType::GroupMemberAdded
            | EventType::GateRefused
    )
}

/// What a memory amounts to.
pub(super) fn read(memory: &Memory<'_>) -> Pair {
    let reached_out = memory.iter().position(|t| t.is_own && is_reaching_out(t.event));
    let own = |kind| memory.iter().position(move |t| t.is_own && t.event.event_type() == kind);
    let others_after = |start: Option<usize>, kind| {
        let after = start.map_or(&memory[..0], |start| &memory[start + 1..]);
        after.iter().find(move |t| !t.is_own && t.event.event_type() == kind).map(|t| t.event.ts)
    };
    let mut refusals = memory.iter().filter(|t| t.is_own && t.event.event_type() == EventType::GateRefused);
    let message = own(EventType::MessageSent);
    Pair {
        p: reached_out.map_or(0.0, |at| memory[at].p_target),
        first_contact: first_contact(memory),
        request: own(EventType::ContactRequested).map(|at| became(&memory[at + 1..])),
        is_written_to: message.is_some(),
        has_written_back: others_after(message, EventType::MessageSent).is_some(),
        refused_at: refusals.next_back().map(|t| t.event.ts),
        blocked_at: others_after(reached_out, EventType::ContactBlocked),
        reported_at: others_after(reached_out, EventType::ReportFiled),
    }
}

/// The first time that either reached out is a first contact if it was this account and nothing connected them.
fn first_contact(memory: &Memory<'_>) -> Option<FirstContact> {
    let first = memory.iter().find(|t| is_reaching_out(t.event))?;
    let edge = first.event.rel.as_ref().and_then(|rel| rel.edge);
    let is_first = first.is_own && matches!(edge, None | Some(Edge::None));
    is_first.then(|| FirstContact {
        at: first.event.ts,
        surface: surface(first.event),
        is_stranger: is_stranger(first.event),
    })
}

fn surface(event: &Event) -> Option<Surface> {
    match &event.body {
        Body::ContactRequested(request) => Some(request.surface).filter(|s| *s != Surface::Unknown),
        Body::GroupMemberAdded(_) => Some(Surface::Group),
        _ => None,
    }
}

fn is_stranger(event: &Event) -> Option<bool> {
    let rel = event.rel.as_ref()?;
    let ties = [
        rel.mutuals.map(|mutuals| mutuals != Mutuals::None),
        rel.shared_groups.map(|groups| groups != SharedGroups::None),
        rel.target_has_actor,
    ];
    let said: Vec<bool> = ties.into_iter().flatten().collect();
    (!said.is_empty()).then(|| !said.contains(&true))
}

/// What a request became through the first of the events after it that answers it.
fn became(after: &[Taken<'_>]) -> Request {
    let answer = |t: &Taken<'_>| match t.event.event_type() {
        EventType::ContactAccepted if !t.is_own => Some(Request::Accepted),
        EventType::ContactDeclined if !t.is_own => Some(Request::Declined),
        EventType::ContactExpired if t.lapses_own => Some(Request::Declined),
        _ => None,
    };
    after.iter().find_map(answer).unwrap_or(Request::Open)
}
