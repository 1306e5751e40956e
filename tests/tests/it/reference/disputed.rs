//! Where the page and the engine do not say the same: the smallest stream for each, and how such streams are kept out of
//! the random ones, so that they do not hide what else may differ.

use std::collections::{BTreeMap, BTreeSet};

use events::{Body, Event, EventType, GroupJoined, GroupLeft, GroupMemberAdded, Millis, Status, Token};
use serde_json::json;

use super::stream::{BASE, DAY, HOUR, SECOND, draft_event};
use super::{check, events_in_order};

/// Events in order, without those of which page and engine may say different things.
pub(super) fn left_out(events: Vec<Event>) -> Vec<Event> {
    let mut groups = BTreeSet::new();
    let mut first_met: BTreeMap<Token, Millis> = BTreeMap::new();
    let mut kept = events;
    kept.retain(|event| {
        let Some(actor) = &event.actor else { return true };
        let is_out = is_of_oneself(event) || is_made_again(event, &mut groups);
        let is_old = first_met.get(actor).is_some_and(|first| first + 28 * DAY <= event.ts);
        for met in event.target.iter().flat_map(|target| [actor, target]) {
            first_met.entry(met.clone()).or_insert(event.ts);
        }
        !(is_out || is_old && touches_old_memories(event))
    });
    kept
}

fn is_of_oneself(event: &Event) -> bool {
    event.actor == event.target
        && matches!(
            event.event_type(),
            EventType::GateRefused
                | EventType::MessageUnsent
                | EventType::DiscoveryViewed
                | EventType::ContactRequested
                | EventType::ContactAccepted
                | EventType::ContactBlocked
                | EventType::ReportFiled
        )
}

/// Whether a group that was there comes to be.
fn is_made_again(event: &Event, groups: &mut BTreeSet<Token>) -> bool {
    match &event.body {
        Body::GroupCreated(body) => !groups.insert(body.group.clone()),
        Body::GroupJoined(GroupJoined { group, .. })
        | Body::GroupLeft(GroupLeft { group, .. })
        | Body::GroupMemberAdded(GroupMemberAdded { group }) => {
            groups.insert(group.clone());
            false
        }
        _ => false,
    }
}

/// Whether it looks at all memories of its actor, among which some may have changed with time alone.
fn touches_old_memories(event: &Event) -> bool {
    match &event.body {
        Body::AccountStatus(body) => body.status == Status::Suspended,
        Body::AccountUpdated(_) => true,
        _ => false,
    }
}

#[test]
fn placeholder() {
    let _ = (check, events_in_order, draft_event, json!({}), BASE, HOUR, SECOND);
}
