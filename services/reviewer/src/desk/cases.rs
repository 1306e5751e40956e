//! Cases in hand: claimed, handed over, passed on, put off.

use std::collections::BTreeSet;

use events::Millis;
use review::{CaseId, Docket, Permission, Queue, Shares, SkipReason, SnoozeReason};

use super::Refusal;
use super::looks::{hand_over_look, hold_look, pass_on, take_look};
use crate::asking::Asking;
use crate::store::{Claim, Unit, Waiting};

/// How long a claim lasts unless it is renewed.
pub(super) const CLAIM_MS: Millis = 10 * 60 * 1000;

/// Time over which it is counted what somebody has seen.
const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// The longest that a case is put off.
const SNOOZE_MAX_MS: Millis = 30 * 24 * 60 * 60 * 1000;

/// The docket and the queue of a case that somebody may read. What they may not read does not exist for them.
pub(crate) async fn readable(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
) -> Result<(Docket, Queue), Refusal> {
    let queue = unit.queue_of(case).await?.filter(|queue| asking.reads(*queue)).ok_or(Refusal::Unknown)?;
    if unit.is_blind(&asking.name, case).await? {
        return Err(Refusal::Blind);
    }
    let docket = unit.docket_of(case).await?.ok_or(Refusal::Unknown)?;
    Ok((docket, queue))
}

/// An open case that somebody may read, and for which they have a permission.
pub(super) async fn workable(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    permission: Permission,
) -> Result<Waiting, Refusal> {
    let (_, queue) = readable(unit, asking, case).await?;
    if !asking.rights.may_in(permission, queue) {
        return Err(Refusal::Forbidden);
    }
    unit.waiting(case).await?.ok_or(Refusal::Decided)
}

/// Takes a case in hand, or keeps it there for longer.
pub(crate) async fn claim(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    now: Millis,
) -> Result<Claim, Refusal> {
    if let Some(look) = unit.look(case, &asking.name).await? {
        return hold_look(unit, asking, &look, (true, "claimCase"), now).await;
    }
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    if waiting.claim.as_ref().is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    if waiting.proposal.is_some() {
        return Err(Refusal::WaitsForSecond);
    }
    if waiting.claim.is_none_or(|claim| claim.by != *asking.name)
        && let Some(queue) = unit.queue_of(case).await?
    {
        spare(unit, asking, queue, now).await?;
    }
    let claim = Claim { by: asking.name.to_string(), until: now + CLAIM_MS };
    unit.save_claims(&waiting.cases, Some(&claim)).await?;
    unit.append(asking.did("claimCase", now).about(case.as_str()));
    Ok(claim)
}

/// The queues of which somebody may take cases in hand, gravest first.
fn claimable(asking: &Asking) -> BTreeSet<Queue> {
    let mut queues = asking.rights.queues(Permission::CasesClaim);
    queues.retain(|queue| asking.reads(*queue));
    queues
}

/// Takes the next case of a queue in hand; none where nothing waits for them. Refused while a case of a graver queue
/// that they could take is overdue.
pub(crate) async fn claim_next_of(
    unit: &mut Unit,
    asking: &Asking,
    queue: Queue,
    now: Millis,
) -> Result<Option<(CaseId, Claim)>, Refusal> {
    if !asking.reads(queue) {
        return Err(Refusal::Unknown);
    }
    let own = claimable(asking);
    if !own.contains(&queue) {
        return Err(Refusal::Forbidden);
    }
    for graver in own.range(..queue) {
        if unit.load(*graver, &asking.name, now).await?.is_overdue {
            return Err(Refusal::GraverWaits);
        }
    }
    take_next(unit, asking, queue, now).await
}

/// Takes the next case of the queue whose turn it is in hand; none where nothing waits for them.
pub(crate) async fn claim_next(
    unit: &mut Unit,
    asking: &Asking,
    shares: Shares,
    now: Millis,
) -> Result<Option<(CaseId, Claim)>, Refusal> {
    let mut loads = Vec::new();
    for queue in claimable(asking) {
        loads.push(unit.load(queue, &asking.name, now).await?);
    }
    match shares.choose(&loads) {
        Some(queue) => take_next(unit, asking, queue, now).await,
        None => Ok(None),
    }
}

async fn take_next(
    unit: &mut Unit,
    asking: &Asking,
    queue: Queue,
    now: Millis,
) -> Result<Option<(CaseId, Claim)>, Refusal> {
    spare(unit, asking, queue, now).await?;
    let case = match unit.case_in_hand(queue, &asking.name, now).await? {
        Some(case) => case,
        None => {
            if let Some(look) = take_look(unit, asking, queue, now).await? {
                return Ok(Some(look));
            }
            let Some(case) = unit.free_case(queue, &asking.name, now).await? else { return Ok(None) };
            case
        }
    };
    let waiting = unit.waiting(&case).await?.ok_or(Refusal::Decided)?;
    let claim = Claim { by: asking.name.to_string(), until: now + CLAIM_MS };
    unit.save_claims(&waiting.cases, Some(&claim)).await?;
    unit.append(asking.did("claimNextCase", now).about(case.as_str()).with("queue", queue.as_str()));
    Ok(Some((case, claim)))
}

/// Refuses more than is good for anybody in a day.
async fn spare(unit: &mut Unit, asking: &Asking, queue: Queue, now: Millis) -> Result<(), Refusal> {
    let most = i64::from(asking.care.exposures_a_day);
    let day_ago = now.saturating_sub(DAY_MS);
    let is_spared =
        queue == Queue::ChildSafety && unit.served_of(&asking.name, queue, day_ago).await? >= most;
    if is_spared { Err(Refusal::Exposed) } else { Ok(()) }
}

/// Whether somebody should have a break.
pub(crate) async fn is_break_due(unit: &mut Unit, asking: &Asking, now: Millis) -> Result<bool, Refusal> {
    let seen = unit.served(&asking.name, asking.care.looks_back_to(now)).await?;
    Ok(asking.care.is_break_due(&seen, now))
}

/// Lets a case go.
pub(crate) async fn release_claim(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    now: Millis,
) -> Result<(), Refusal> {
    if let Some(look) = unit.look(case, &asking.name).await? {
        return hold_look(unit, asking, &look, (false, "releaseCase"), now).await.map(drop);
    }
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    unit.save_claims(&waiting.cases, None).await?;
    unit.append(asking.did("releaseCase", now).about(case.as_str()));
    Ok(())
}

/// Hands a case over to somebody else, who then has it in hand. Whoever has it may, and whoever may approve.
pub(crate) async fn hand_over(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    to: &Asking,
    now: Millis,
) -> Result<Claim, Refusal> {
    if let Some(look) = unit.look(case, &asking.name).await? {
        return hand_over_look(unit, asking, &look, to, now).await;
    }
    let (_, queue) = readable(unit, asking, case).await?;
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    let is_others = waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now));
    if is_others && !asking.rights.may_in(Permission::CasesApprove, queue) {
        return Err(Refusal::Claimed);
    }
    if !(to.reads(queue) && to.rights.may_in(Permission::CasesClaim, queue)) {
        return Err(Refusal::Forbidden);
    }
    let claim = Claim { by: to.name.to_string(), until: now + CLAIM_MS };
    unit.save_claims(&waiting.cases, Some(&claim)).await?;
    unit.append(asking.did("handOverCase", now).about(case.as_str()).with("to", &*to.name));
    Ok(claim)
}

/// Passes a case on: it is hidden from whoever does, and from nobody else.
pub(crate) async fn skip(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    reason: SkipReason,
    now: Millis,
) -> Result<(), Refusal> {
    if let Some(look) = unit.look(case, &asking.name).await? {
        return pass_on(unit, asking, &look, (reason, "skipCase"), now).await;
    }
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    for case in &waiting.cases {
        unit.save_skip(case, &asking.name, reason, now).await?;
    }
    if waiting.claim.is_some_and(|claim| claim.by == *asking.name) {
        unit.save_claims(&waiting.cases, None).await?;
    }
    unit.append(asking.did("skipCase", now).about(case.as_str()).with("reason", reason.as_str()));
    Ok(())
}

/// Puts a case off, for everybody, at most so long as is allowed.
pub(crate) async fn snooze(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    (reason, until): (SnoozeReason, Millis),
    now: Millis,
) -> Result<Millis, Refusal> {
    if let Some(look) = unit.look(case, &asking.name).await? {
        pass_on(unit, asking, &look, (SkipReason::NeedsABreak, "snoozeCase"), now).await?;
        return Ok(until.clamp(now, now + SNOOZE_MAX_MS));
    }
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    let until = until.clamp(now, now + SNOOZE_MAX_MS);
    for case in &waiting.cases {
        unit.save_snooze(case, until).await?;
    }
    let entry = asking.did("snoozeCase", now).about(case.as_str());
    unit.append(entry.with("reason", reason.as_str()).with("until", until.to_string()));
    Ok(until)
}
