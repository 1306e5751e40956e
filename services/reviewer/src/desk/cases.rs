//! Cases in hand: claimed, handed over, passed on, put off.

use events::Millis;
use review::{CaseId, Docket, Permission, Queue, SkipReason, SnoozeReason};

use super::Refusal;
use crate::asking::Asking;
use crate::store::{Claim, Unit, Waiting};

/// How long a claim lasts unless it is renewed.
pub(crate) const CLAIM_MS: Millis = 10 * 60 * 1000;

/// The longest that a case is put off.
const SNOOZE_MAX_MS: Millis = 30 * 24 * 60 * 60 * 1000;

/// The docket and the queue of a case that somebody may read. What they may not read does not exist for them.
pub(crate) async fn readable(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
) -> Result<(Docket, Queue), Refusal> {
    let queue = unit.queue_of(case).await?.filter(|queue| asking.reads(*queue)).ok_or(Refusal::Unknown)?;
    let docket = unit.docket_of(case).await?.ok_or(Refusal::Unknown)?;
    Ok((docket, queue))
}

/// An open case that somebody may read, and for which they have a permission.
async fn workable(
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
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    if waiting.proposal.is_some() {
        return Err(Refusal::WaitsForSecond);
    }
    let claim = Claim { by: asking.name.to_string(), until: now + CLAIM_MS };
    unit.save_claim(&waiting.case, Some(&claim)).await?;
    unit.append(asking.did("claimCase", now).about(case.as_str()));
    Ok(claim)
}

/// Takes the next case of a queue in hand; none where nothing waits for them.
pub(crate) async fn claim_next(
    unit: &mut Unit,
    asking: &Asking,
    queue: Queue,
    now: Millis,
) -> Result<Option<CaseId>, Refusal> {
    if !asking.reads(queue) {
        return Err(Refusal::Unknown);
    }
    if !asking.rights.may_in(Permission::CasesClaim, queue) {
        return Err(Refusal::Forbidden);
    }
    let Some(case) = unit.next_case(queue, &asking.name, now).await? else { return Ok(None) };
    let claim = Claim { by: asking.name.to_string(), until: now + CLAIM_MS };
    unit.save_claim(&case, Some(&claim)).await?;
    unit.append(asking.did("claimNextCase", now).about(case.as_str()).with("queue", queue.as_str()));
    Ok(Some(case))
}

/// Lets a case go.
pub(crate) async fn release_claim(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    now: Millis,
) -> Result<(), Refusal> {
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    unit.save_claim(case, None).await?;
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
    unit.save_claim(case, Some(&claim)).await?;
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
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    unit.save_skip(case, &asking.name, reason, now).await?;
    if waiting.claim.is_some_and(|claim| claim.by == *asking.name) {
        unit.save_claim(case, None).await?;
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
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    let until = until.clamp(now, now + SNOOZE_MAX_MS);
    unit.save_snooze(case, until).await?;
    let entry = asking.did("snoozeCase", now).about(case.as_str());
    unit.append(entry.with("reason", reason.as_str()).with("until", until.to_string()));
    Ok(until)
}
