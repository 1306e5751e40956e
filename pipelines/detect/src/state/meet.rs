//! What an event between two accounts means for the memory that each has of the other.

use events::{
    Body, Category, ContactAccepted, Edge, Event, MessageKind, MessageSent, Mutuals, Relation, SharedGroups,
    Surface,
};

use super::diary::Sum;
use super::evidence::Piece;
use super::pair::{Approach, Bond, Marks, Request};
use super::shard::Place;
use super::{AccountId, Happening, State};
use crate::EvidenceKind;
use crate::age::MinorOdds;
use crate::time::{DAY, HOUR, MINUTE, Second, ago, is_night};

/// First contacts this soon after a refusal come after a gate.
const AFTER_GATE: Second = HOUR;

/// First contacts this soon after an exposure come of it.
const EXPOSED: Second = 14 * DAY;

/// Messages taken back this soon before a protest were cleaned up.
const CLEANED: Second = 10 * MINUTE;

/// What a holder of less than even odds, and another, may have in minors a day, in ten-thousandths.
const ALLOWED: [u32; 2] = [5_000, 40_000];

/// An event between two different accounts.
#[derive(Clone, Copy)]
pub(super) struct Meeting<'a> {
    event: &'a Event,
    s: Second,
    actor: AccountId,
    target: AccountId,
    actor_minor: MinorOdds,
    target_minor: MinorOdds,
}

/// What is remembered of an event as evidence.
struct Noted {
    kind: EvidenceKind,
    minor: MinorOdds,
    surface: Option<Surface>,
}

/// What a day may have of minors before it is in excess, in ten-thousandths.
pub(crate) fn allowance(holder: Option<MinorOdds>) -> u32 {
    ALLOWED[usize::from(holder.unwrap_or(MinorOdds::PRIOR).is_likely())]
}

impl State {
    pub(super) fn act_together(&mut self, happening: Happening<'_>, actor: AccountId, target: AccountId) {
        let Happening { event, s, .. } = happening;
        let actor_minor = self.minor_of_actor(happening, actor);
        let target_minor = self.directory.card(target).minor(event.target_ctx.as_ref());
        let meeting = Meeting { event, s, actor, target, actor_minor, target_minor };
        let mut own = self.find(actor, target, s);
        let mut others = self.find(target, actor, s);
        if is_reaching_out(&event.body) {
            own = own.or_else(|| Some(self.reach_out(meeting)));
        }
        match &event.body {
            Body::ContactRequested(_) => {
                self.change(actor, own, |approach| approach.known.turn(Request::None, Request::Open));
            }
            Body::MessageSent(message) => {
                self.send(meeting, own, message);
                self.receive(meeting, others);
            }
            Body::CallPlaced(_) => self.escalate(meeting, own),
            Body::GroupMemberAdded(added) => {
                self.change(actor, own, |approach| approach.marks.set(Marks::ADDED));
                self.registers.join(&added.group, target_minor, s);
                self.registers.add(&added.group, actor, target, s);
            }
            Body::GateRefused(_) => self.refuse(meeting, own),
            Body::ContactAccepted(ContactAccepted {}) => {
                self.answer(meeting, target, others, Request::Accepted)
            }
            Body::ContactDeclined(_) => self.answer(meeting, target, others, Request::Declined),
            Body::ContactExpired(_) => {
                self.answer(meeting, target, others, Request::Declined);
                self.answer(meeting, actor, own, Request::Declined);
            }
            Body::ContactCancelled(_) => {
                self.change(actor, own, |approach| approach.known.turn(Request::Open, Request::None));
            }
            Body::ContactBlocked(_) => self.protest(meeting, others, Marks::BLOCKED, false),
            Body::ContactRemoved(_) => self.protest(meeting, others, Marks::REMOVED, false),
            Body::ReportFiled(report) => {
                let is_grave = matches!(
                    report.category,
                    Category::ChildSafety | Category::Sexual | Category::Sextortion
                );
                self.protest(meeting, others, Marks::REPORTED, is_grave);
            }
            Body::MessageUnsent(_) => {
                self.change(actor, own, |approach| approach.unsent = approach.unsent.saturating_add(1));
            }
            _ => {}
        }
        self.see_time(actor, own, s);
        if !matches!(event.body, Body::GateRefused(_)) {
            if is_reaching_out(&event.body) {
                others = others.or_else(|| Some(self.become_known(meeting)));
            }
            self.see_time(target, others, s);
        }
    }

    /// Where an account's memory of another is. It holds until something is added to that account's memory.
    fn find(&mut self, account: AccountId, other: AccountId, s: Second) -> Option<Place> {
        let (shard, local) = self.shard_mut(account);
        shard.find(local, other, s)
    }

    /// Changes the approach at a place, where it is one.
    fn change<R>(
        &mut self,
        account: AccountId,
        place: Option<Place>,
        change: impl FnOnce(&mut Approach) -> R,
    ) -> Option<R> {
        let (shard, local) = self.shard_mut(account);
        shard.change(local, place, change)
    }

    fn see_time(&mut self, account: AccountId, place: Option<Place>, s: Second) {
        let (shard, local) = self.shard_mut(account);
        shard.see_time(local, place, s);
    }

    /// The actor turns to the target, of which it remembers nothing: for the first time, if they are not connected.
    fn reach_out(&mut self, meeting: Meeting<'_>) -> Place {
        let Meeting { event, s, actor, target, target_minor, .. } = meeting;
        let is_unconnected = event.rel.as_ref().and_then(|r| r.edge).is_none_or(|edge| edge == Edge::None);
        let stands_for = if is_unconnected { self.recognise(actor, target) } else { None };
        let Some(stands_for) = stands_for else {
            let bond = Bond::new(s, s, target_minor);
            let (shard, local) = self.shard_mut(actor);
            return shard.tie(local, target, bond, s);
        };
        let approach = self.first_contact(meeting);
        let allowance = allowance(self.directory.card(actor).holder());
        let (shard, local) = self.place(actor);
        let (shard, directory) = (&mut self.shards[shard], &self.directory);
        let place = shard.begin(local, target, approach, |id| directory.key(id));
        if stands_for > 1.0
            && let Some(crowd) = &mut shard.account_mut(local).crowd
        {
            crowd.count(s, stands_for - 1.0, target_minor);
        }
        let life = shard.life_mut(local);
        life.add(s, Sum::FirstContacts, 1.0);
        life.add(s, Sum::Minors, whole(target_minor));
        life.exceed(s, target_minor, allowance);
        if !matches!(event.body, Body::GateRefused(_)) {
            self.note(
                actor,
                meeting,
                Noted {
                    kind: EvidenceKind::FirstContact,
                    minor: target_minor,
                    surface: approach.known.surface(),
                },
            );
        }
        place
    }

    /// As how many a new counterpart of a full account counts, and none where it is known after all.
    fn recognise(&mut self, actor: AccountId, target: AccountId) -> Option<f64> {
        let (shard, local) = self.place(actor);
        match &mut self.shards[shard].account_mut(local).crowd {
            Some(crowd) => crowd.recognise(self.directory.key(target)),
            None => Some(1.0),
        }
    }

    /// An approach as it begins.
    fn first_contact(&self, meeting: Meeting<'_>) -> Approach {
        let surface = surface(&meeting.event.body);
        let Meeting { event, s, actor, target, target_minor, .. } = meeting;
        let mut approach = Approach::new(s, target_minor);
        let (own, other) = (self.directory.card(actor), self.directory.card(target));
        approach.known.set_surface(surface);
        approach.known.set_band(other.band);
        approach.set_mismatch(other.mismatch(own.country));
        approach.susceptibility = other.susceptibility(s);
        let rel = event.rel.as_ref();
        if let Some(rel) = rel {
            approach.known.set_stranger(is_stranger(rel));
            approach.known.set_mutuals(rel.mutuals);
            approach.known.set_address_books(rel.actor_has_target, rel.target_has_actor);
        }
        if let Some(rare) = &self.account(actor).1.rare {
            let is_grouped = surface == Some(Surface::Group)
                || rel.and_then(|r| r.shared_groups).is_some_and(|groups| groups != SharedGroups::None);
            let since = |at: Option<Second>, length: Second| at.is_some_and(|at| ago(at, s) <= length);
            approach.marks.set_if(Marks::AFTER_GATE, since(rare.refused.at(), AFTER_GATE));
            approach.marks.set_if(Marks::VIEWED, rare.has_viewed(target, s));
            approach.marks.set_if(Marks::EXPOSED, is_grouped && since(rare.exposed.at(), EXPOSED));
        }
        approach
    }

    /// The target learns that the actor has turned to it.
    fn become_known(&mut self, meeting: Meeting<'_>) -> Place {
        let Meeting { s, actor, target, actor_minor, .. } = meeting;
        let bond = Bond::begun_by_other(s, actor_minor);
        let (shard, local) = self.shard_mut(target);
        shard.tie(local, actor, bond, s)
    }

    fn send(&mut self, meeting: Meeting<'_>, own: Option<Place>, message: &MessageSent) {
        let Meeting { s, actor, target, .. } = meeting;
        let at_night = is_night(self.directory.card(target).country, s);
        let is_true = |flag: Option<bool>| flag == Some(true);
        let sent = self.change(actor, own, |approach| {
            approach.send(s, ago(approach.last(), s), at_night);
            approach.marks.set_if(Marks::FORWARDED, is_true(message.forwarded));
            approach.marks.set_if(Marks::CARD, message.kind == MessageKind::ContactCard);
            approach.marks.set_if(Marks::VANISHES, is_true(message.disappearing));
        });
        if sent.is_none() {
            return;
        }
        let is_rich = matches!(message.kind, MessageKind::Media | MessageKind::Voice);
        if is_rich || is_true(message.view_once) || is_true(message.disappearing) {
            self.escalate(meeting, own);
        }
    }

    fn receive(&mut self, meeting: Meeting<'_>, others: Option<Place>) {
        let Meeting { s, target, .. } = meeting;
        if self.change(target, others, |approach| approach.receive(s)) == Some(true) {
            self.touched.push(target);
        }
    }

    fn escalate(&mut self, meeting: Meeting<'_>, own: Option<Place>) {
        let Meeting { s, actor, .. } = meeting;
        if self.change(actor, own, |approach| approach.escalate(s)) == Some(true) {
            self.touched.push(actor);
        }
    }

    /// The platform itself stopped the actor; the target knows nothing of it.
    fn refuse(&mut self, meeting: Meeting<'_>, own: Option<Place>) {
        let Meeting { actor, target_minor, .. } = meeting;
        let surface = self.change(actor, own, |approach| {
            approach.marks.set(Marks::GATED);
            approach.known.surface()
        });
        let surface = surface.flatten();
        self.note(actor, meeting, Noted { kind: EvidenceKind::GateRefused, minor: target_minor, surface });
    }

    /// Another answers the request that an account made.
    fn answer(&mut self, meeting: Meeting<'_>, asking: AccountId, place: Option<Place>, answer: Request) {
        let Meeting { event, s, .. } = meeting;
        let is_accepted = answer == Request::Accepted;
        let answered = self.change(asking, place, |approach| {
            let is_answered = approach.known.turn(Request::Open, answer);
            if is_answered && is_accepted {
                approach.known.set_mutuals_at_acceptance(event.rel.as_ref().and_then(|rel| rel.mutuals));
            }
            is_answered.then_some((approach.minor, approach.known.surface()))
        });
        let Some((minor, surface)) = answered.flatten() else { return };
        if minor.is_likely() {
            let (shard, local) = self.shard_mut(asking);
            let life = shard.life_mut(local);
            life.add(s, Sum::MinorsAnswered, 1.0);
            life.add(s, Sum::MinorsAccepted, if is_accepted { 1.0 } else { 0.0 });
        }
        let kind = if is_accepted { EvidenceKind::Accepted } else { EvidenceKind::Declined };
        self.note(asking, meeting, Noted { kind, minor, surface });
    }

    /// The actor objects to the target, which counts where the target had turned to the actor first.
    fn protest(&mut self, meeting: Meeting<'_>, others: Option<Place>, kind: Marks, is_grave: bool) {
        let Meeting { s, actor, target, .. } = meeting;
        let unsent_at = self.account(target).1.rare.as_ref().and_then(|rare| rare.unsent.at());
        let source = u16::try_from(self.directory.card(actor).device & 0xffff).unwrap_or(0);
        let protested = self.change(target, others, |approach| {
            let is_first = approach.protest(s);
            if is_first {
                approach.source = source;
                approach.marks.set_if(Marks::SPOKEN, approach.received > 0);
                approach.marks.set_if(Marks::CLEANED, unsent_at.is_some_and(|at| ago(at, s) <= CLEANED));
            }
            approach.marks.set_if(Marks::GRAVE, is_grave);
            let is_new = !approach.marks.has(kind);
            approach.marks.set(kind);
            (is_first, is_new, approach.minor, approach.known.surface())
        });
        let Some((is_first, is_new, minor, surface)) = protested else { return };
        if is_first {
            let (shard, local) = self.shard_mut(target);
            shard.life_mut(local).add(s, Sum::ProtestMinors, whole(minor));
        }
        match kind {
            _ if !is_new => {}
            Marks::BLOCKED => {
                self.note(target, meeting, Noted { kind: EvidenceKind::Blocked, minor, surface })
            }
            Marks::REPORTED => {
                self.note(target, meeting, Noted { kind: EvidenceKind::Reported, minor, surface })
            }
            _ => self.touched.push(target),
        }
    }

    /// Somebody left the group to which an account had added it not long before.
    pub(super) fn leave_quickly(&mut self, adder: AccountId, member: AccountId, s: Second) {
        let place = self.find(adder, member, s);
        if self.change(adder, place, |approach| approach.marks.set(Marks::LEFT)).is_some() {
            self.touched.push(adder);
            self.changed.note(adder);
        }
    }

    /// Remembers the event as evidence about an account, which is scored for it.
    fn note(&mut self, account: AccountId, meeting: Meeting<'_>, what: Noted) {
        let Meeting { event, s, .. } = meeting;
        let Noted { kind, minor, surface } = what;
        let ms = u16::try_from(event.ts % 1000).unwrap_or(0);
        let (shard, local) = self.shard_mut(account);
        shard.note(local, s, &Piece { event: event.id.clone(), ms, minor, kind, surface });
        self.touched.push(account);
    }
}

/// Whether it is an event by which an account turns to another.
fn is_reaching_out(body: &Body) -> bool {
    matches!(
        body,
        Body::ContactRequested(_)
            | Body::MessageSent(_)
            | Body::CallPlaced(_)
            | Body::GroupMemberAdded(_)
            | Body::GateRefused(_)
    )
}

/// Where the two found each other, as far as an event by which one turns to the other says.
fn surface(body: &Body) -> Option<Surface> {
    match body {
        Body::ContactRequested(request) => Some(request.surface),
        Body::GroupMemberAdded(_) => Some(Surface::Group),
        _ => None,
    }
}

fn whole(minor: MinorOdds) -> f32 {
    // At most ten thousand, which 32 bits hold exactly.
    #[expect(clippy::cast_precision_loss, reason = "at most ten thousand")]
    let value = minor.ten_thousandths() as f32;
    value
}

/// Whether a pair were strangers, where the platform says enough to tell.
fn is_stranger(rel: &Relation) -> Option<bool> {
    if rel.mutuals.is_none() && rel.target_has_actor.is_none() && rel.shared_groups.is_none() {
        return None;
    }
    let no_mutuals = rel.mutuals.is_none_or(|m| m == Mutuals::None);
    let no_groups = rel.shared_groups.is_none_or(|g| g == SharedGroups::None);
    Some(no_mutuals && no_groups && rel.target_has_actor != Some(true))
}
