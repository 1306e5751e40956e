//! What an event between two accounts means for the memory that each has of the other.

use events::{
    Body, Category, ContactAccepted, Edge, Event, MessageKind, MessageSent, Mutuals, Relation, SharedGroups,
    Surface,
};

use super::diary::{Sum, View};
use super::pair::{Approach, Bond, Marks, Request};
use super::shard::Item;
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

/// What a day may have of minors before it is in excess, in ten-thousandths.
pub(crate) fn allowance(holder: Option<MinorOdds>) -> u32 {
    ALLOWED[usize::from(holder.unwrap_or(MinorOdds::PRIOR).is_likely())]
}

impl State {
    pub(super) fn act_together(&mut self, happening: Happening<'_>, actor: AccountId, target: AccountId) {
        let Happening { event, s, late } = happening;
        let actor_minor = self.minor_of_actor(happening, actor);
        let target_minor = self.directory.card(target).minor(event.target_ctx.as_ref());
        let meeting = Meeting { event, s, actor, target, actor_minor, target_minor };
        match &event.body {
            Body::ContactRequested(request) => {
                self.reach_out(meeting, Some(request.surface));
                self.with_approach(actor, target, s, |approach| {
                    if approach.known.request() == Request::None {
                        approach.known.set_request(Request::Open);
                    }
                });
                self.see(meeting);
            }
            Body::MessageSent(message) => {
                self.reach_out(meeting, None);
                self.send(meeting, message);
                self.receive(meeting);
            }
            Body::CallPlaced(_) => {
                self.reach_out(meeting, None);
                self.escalate(meeting);
                self.see(meeting);
            }
            Body::GroupMemberAdded(added) => {
                self.reach_out(meeting, Some(Surface::Group));
                self.with_approach(actor, target, s, |approach| approach.marks.set(Marks::ADDED));
                self.registers.join(&added.group, target_minor, s);
                self.registers.add(&added.group, actor, target, s);
                self.see(meeting);
            }
            Body::GateRefused(_) => self.refuse(meeting),
            Body::ContactAccepted(ContactAccepted {}) => {
                self.answer(meeting, actor, target, Request::Accepted)
            }
            Body::ContactDeclined(_) => self.answer(meeting, actor, target, Request::Declined),
            Body::ContactExpired(_) => {
                self.answer(meeting, actor, target, Request::Declined);
                self.answer(meeting, target, actor, Request::Declined);
            }
            Body::ContactCancelled(_) => {
                self.with_approach(actor, target, s, |approach| {
                    if approach.known.request() == Request::Open {
                        approach.known.set_request(Request::None);
                    }
                });
            }
            Body::ContactBlocked(_) => self.protest(meeting, Marks::BLOCKED, false),
            Body::ContactRemoved(_) => self.protest(meeting, Marks::REMOVED, false),
            Body::ReportFiled(report) => {
                let is_grave = matches!(
                    report.category,
                    Category::ChildSafety | Category::Sexual | Category::Sextortion
                );
                self.protest(meeting, Marks::REPORTED, is_grave);
            }
            Body::MessageUnsent(_) => {
                self.rare_mut(actor).unsent_at = self.rare_mut(actor).unsent_at.max(Some(s));
                self.with_approach(actor, target, s, |approach| {
                    approach.unsent = approach.unsent.saturating_add(1)
                });
            }
            Body::DiscoveryViewed(_) if !late => {
                let view = View { whom: target, at: s, minor: target_minor };
                self.rare_mut(actor).view(view);
            }
            _ => {}
        }
        self.keep_alive(meeting);
    }

    /// Looks at an account's approach to another, where it is one.
    fn with_approach<T>(
        &mut self,
        account: AccountId,
        other: AccountId,
        s: Second,
        look: impl FnOnce(&mut Approach) -> T,
    ) -> Option<T> {
        let (shard, local) = self.shard_mut(account);
        shard.approach_mut(local, other, s).map(look)
    }

    fn remembers(&mut self, account: AccountId, other: AccountId, s: Second) -> bool {
        let (shard, local) = self.shard_mut(account);
        shard.approach_mut(local, other, s).is_some() || shard.bond_mut(local, other, s).is_some()
    }

    /// The actor turns to the target, perhaps for the first time.
    fn reach_out(&mut self, meeting: Meeting<'_>, surface: Option<Surface>) {
        let Meeting { event, s, actor, target, target_minor, .. } = meeting;
        if self.remembers(actor, target, s) {
            return;
        }
        let is_unconnected = event.rel.as_ref().and_then(|r| r.edge).is_none_or(|edge| edge == Edge::None);
        let stands_for = if is_unconnected { self.recognise(actor, target) } else { None };
        let Some(stands_for) = stands_for else {
            let bond = Bond { start: s, last: s, minor: target_minor, begun_by_other: false };
            let (shard, local) = self.shard_mut(actor);
            shard.tie(local, target, bond, s);
            return;
        };
        let approach = self.first_contact(meeting, surface);
        let allowance = allowance(self.directory.card(actor).holder());
        let (shard, local) = self.shard_mut(actor);
        shard.begin(local, target, approach);
        if stands_for > 1.0
            && let Some(crowd) = &mut shard.account_mut(local).crowd
        {
            crowd.count(s, stands_for - 1.0, target_minor);
        }
        let life = shard.life_mut(local);
        life.add(s, Sum::FirstContacts, 1.0);
        life.add(s, Sum::Minors, whole(target_minor));
        life.exceed(s, target_minor, allowance);
        let kind = if matches!(event.body, Body::GateRefused(_)) {
            EvidenceKind::GateRefused
        } else {
            EvidenceKind::FirstContact
        };
        self.note(actor, meeting, kind, target_minor, approach.known.surface());
    }

    /// As how many a new counterpart of a full account counts, and none where it is known after all.
    fn recognise(&mut self, actor: AccountId, target: AccountId) -> Option<f64> {
        let (shard, local) = self.shard_mut(actor);
        match &mut shard.account_mut(local).crowd {
            Some(crowd) => crowd.recognise(target),
            None => Some(1.0),
        }
    }

    /// An approach as it begins.
    fn first_contact(&self, meeting: Meeting<'_>, surface: Option<Surface>) -> Approach {
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
            approach.marks.set_if(Marks::AFTER_GATE, since(rare.refused_at, AFTER_GATE));
            approach.marks.set_if(Marks::VIEWED, rare.has_viewed(target, s));
            approach.marks.set_if(Marks::EXPOSED, is_grouped && since(rare.exposed_at, EXPOSED));
        }
        approach
    }

    /// The target learns that the actor has turned to it.
    fn see(&mut self, meeting: Meeting<'_>) {
        let Meeting { s, actor, target, actor_minor, .. } = meeting;
        if !self.remembers(target, actor, s) {
            let bond = Bond { start: s, last: s, minor: actor_minor, begun_by_other: true };
            let (shard, local) = self.shard_mut(target);
            shard.tie(local, actor, bond, s);
        }
    }

    fn send(&mut self, meeting: Meeting<'_>, message: &MessageSent) {
        let Meeting { s, actor, target, .. } = meeting;
        let at_night = is_night(self.directory.card(target).country, s);
        let is_true = |flag: Option<bool>| flag == Some(true);
        self.with_approach(actor, target, s, |approach| {
            approach.send(s, ago(approach.last, s), at_night);
            approach.marks.set_if(Marks::FORWARDED, is_true(message.forwarded));
            approach.marks.set_if(Marks::CARD, message.kind == MessageKind::ContactCard);
            approach.marks.set_if(Marks::VANISHES, is_true(message.disappearing));
        });
        let is_rich = matches!(message.kind, MessageKind::Media | MessageKind::Voice);
        if is_rich || is_true(message.view_once) || is_true(message.disappearing) {
            self.escalate(meeting);
        }
    }

    fn receive(&mut self, meeting: Meeting<'_>) {
        let Meeting { s, actor, target, .. } = meeting;
        if self.with_approach(target, actor, s, |approach| approach.receive(s)) == Some(true) {
            self.touched.push(target);
        }
        self.see(meeting);
    }

    fn escalate(&mut self, meeting: Meeting<'_>) {
        let Meeting { s, actor, target, .. } = meeting;
        if self.with_approach(actor, target, s, |approach| approach.escalate(s)) == Some(true) {
            self.touched.push(actor);
        }
    }

    /// The platform itself stopped the actor; the target knows nothing of it.
    fn refuse(&mut self, meeting: Meeting<'_>) {
        let Meeting { s, actor, target, target_minor, .. } = meeting;
        let is_known = self.remembers(actor, target, s);
        self.reach_out(meeting, None);
        let surface = self.with_approach(actor, target, s, |approach| {
            approach.marks.set(Marks::GATED);
            approach.known.surface()
        });
        if is_known {
            self.note(actor, meeting, EvidenceKind::GateRefused, target_minor, surface.flatten());
        }
        let rare = self.rare_mut(actor);
        rare.refusals.count(s);
        rare.refused_at = rare.refused_at.max(Some(s));
        self.touched.push(actor);
    }

    /// An account answers the request that another made.
    fn answer(&mut self, meeting: Meeting<'_>, answering: AccountId, asking: AccountId, answer: Request) {
        let Meeting { event, s, .. } = meeting;
        let mutuals = event.rel.as_ref().and_then(|rel| rel.mutuals);
        let answered = self.with_approach(asking, answering, s, |approach| {
            if approach.known.request() != Request::Open {
                return None;
            }
            approach.known.set_request(answer);
            if answer == Request::Accepted {
                approach.known.set_mutuals_at_acceptance(mutuals);
            }
            Some((approach.minor, approach.known.surface()))
        });
        let Some((minor, surface)) = answered.flatten() else { return };
        let is_accepted = answer == Request::Accepted;
        if minor.is_likely() {
            let (shard, local) = self.shard_mut(asking);
            let life = shard.life_mut(local);
            life.add(s, Sum::MinorsAnswered, 1.0);
            life.add(s, Sum::MinorsAccepted, if is_accepted { 1.0 } else { 0.0 });
        }
        let kind = if is_accepted { EvidenceKind::Accepted } else { EvidenceKind::Declined };
        self.note(asking, meeting, kind, minor, surface);
    }

    /// The actor objects to the target, which counts where the target had turned to the actor first.
    fn protest(&mut self, meeting: Meeting<'_>, kind: Marks, is_grave: bool) {
        let Meeting { s, actor, target, .. } = meeting;
        let unsent_at = self.account(target).1.rare.as_ref().and_then(|rare| rare.unsent_at);
        let source = u16::try_from(self.directory.card(actor).device & 0xffff).unwrap_or(0);
        let protested = self.with_approach(target, actor, s, |approach| {
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
            Marks::BLOCKED => self.note(target, meeting, EvidenceKind::Blocked, minor, surface),
            Marks::REPORTED => self.note(target, meeting, EvidenceKind::Reported, minor, surface),
            _ => self.touched.push(target),
        }
    }

    /// Somebody left the group to which an account had added it not long before.
    pub(super) fn leave_quickly(&mut self, adder: AccountId, member: AccountId, s: Second) {
        if self.with_approach(adder, member, s, |approach| approach.marks.set(Marks::LEFT)).is_some() {
            self.touched.push(adder);
            self.changed.note(adder);
        }
    }

    /// Both sides' memory of the pair takes note of the time.
    fn keep_alive(&mut self, meeting: Meeting<'_>) {
        let Meeting { event, s, actor, target, .. } = meeting;
        self.see_time(actor, target, s);
        if !matches!(event.body, Body::GateRefused(_)) {
            self.see_time(target, actor, s);
        }
    }

    fn see_time(&mut self, account: AccountId, other: AccountId, s: Second) {
        let (shard, local) = self.shard_mut(account);
        if let Some(approach) = shard.approach_mut(local, other, s) {
            approach.last = approach.last.max(s);
        } else if let Some(bond) = shard.bond_mut(local, other, s) {
            bond.last = bond.last.max(s);
        }
    }

    /// Remembers the event as evidence about an account, which is scored for it.
    fn note(
        &mut self,
        account: AccountId,
        meeting: Meeting<'_>,
        kind: EvidenceKind,
        minor: MinorOdds,
        surface: Option<Surface>,
    ) {
        let Meeting { event, s, .. } = meeting;
        let ms = u16::try_from(event.ts % 1000).unwrap_or(0);
        let (shard, local) = self.shard_mut(account);
        shard.note(local, s, Item { event: event.id.clone(), ms, minor, kind, surface });
        self.touched.push(account);
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
