//! Second looks: decided cases that are decided again by somebody who knows nothing of the first decision.

use events::Millis;
use review::{CaseId, DecidedCase, Decision, Finding, Permission, Queue, SkipReason};

use super::cases::CLAIM_MS;
use super::decide::{Decided, at_pace, proposal_of};
use super::{Refusal, fresh_name};
use crate::asking::Asking;
use crate::store::{Claim, Look, LookKind, Unit};

/// A name for a second look: that of a case, because it is shown as one.
fn look_name() -> Result<CaseId, Refusal> {
    CaseId::parse(&fresh_name('c')?).ok_or(Refusal::NoRandomness)
}

/// Lets a decision be made again by somebody else, where the lot falls on it.
pub(super) async fn draw(
    unit: &mut Unit,
    asking: &Asking,
    decided: &DecidedCase,
    decision: &str,
) -> Result<(), Refusal> {
    let case = decided.case();
    let share = asking.quality.double_review;
    if unit.lot().falls_on_decision(case.id(), decided.version(), share) {
        let of = (case.id(), decision, case.queue());
        unit.save_look((&look_name()?, LookKind::Double), of, None).await?;
    }
    Ok(())
}

/// Gives somebody the second look of a queue that is theirs to give next; none where there is none.
pub(super) async fn take_look(
    unit: &mut Unit,
    asking: &Asking,
    queue: Queue,
    now: Millis,
) -> Result<Option<(CaseId, Claim)>, Refusal> {
    if !asking.rights.may_in(Permission::CasesDecide, queue) {
        return Ok(None);
    }
    let look = match unit.next_look(queue, &asking.name).await? {
        Some(look) => look,
        None => match draw_golden(unit, asking, queue).await? {
            Some(look) => look,
            None => return Ok(None),
        },
    };
    let claim = Claim { by: asking.name.to_string(), until: now + CLAIM_MS };
    unit.save_look_claim(&look, Some(&claim)).await?;
    // Said as of any other case: whoever reads the log while it goes on learns no more than whoever gives the look.
    unit.append(asking.did("claimNextCase", now).about(look.as_str()).with("queue", queue.as_str()));
    Ok(Some((look, claim)))
}

/// A second look at a case whose right decision is known, where it is the turn of one.
async fn draw_golden(unit: &mut Unit, asking: &Asking, queue: Queue) -> Result<Option<CaseId>, Refusal> {
    let turn = unit.decisions_since(&asking.name, 0).await?;
    let turn = u64::try_from(turn).unwrap_or(0);
    if !unit.lot().falls_on_turn(&asking.name, turn, asking.quality.golden) {
        return Ok(None);
    }
    let Some((case, decision)) = unit.next_golden(queue, &asking.name).await? else { return Ok(None) };
    let look = look_name()?;
    let of = (&case, decision.as_str(), queue);
    unit.save_look((&look, LookKind::Golden), of, Some(&asking.name)).await?;
    Ok(Some(look))
}

/// Keeps a second look in hand for longer, or lets it go.
pub(super) async fn hold_look(
    unit: &mut Unit,
    asking: &Asking,
    look: &Look,
    (is_kept, act): (bool, &str),
    now: Millis,
) -> Result<Claim, Refusal> {
    if let Some((finding, _)) = look.given {
        return Err(after(finding));
    }
    let claim = Claim { by: asking.name.to_string(), until: now + CLAIM_MS };
    unit.save_look_claim(&look.id, is_kept.then_some(&claim)).await?;
    unit.append(asking.did(act, now).about(look.id.as_str()));
    Ok(claim)
}

/// Why nothing more is done to a second look that was given: what is said of any case after such a decision.
fn after(finding: Finding) -> Refusal {
    if finding.needs_second_person() { Refusal::WaitsForSecond } else { Refusal::Decided }
}

/// Refuses work on a second look that was decided; one that is shown as waiting for a second person is not.
pub(super) fn not_over(look: &Look) -> Result<(), Refusal> {
    match look.given {
        Some((finding, _)) if !finding.needs_second_person() => Err(Refusal::Decided),
        _ => Ok(()),
    }
}

/// Lets a second look go for good: it is not given to the same person again.
pub(super) async fn pass_on(
    unit: &mut Unit,
    asking: &Asking,
    look: &Look,
    (reason, act): (SkipReason, &str),
    now: Millis,
) -> Result<(), Refusal> {
    unit.save_skip(&look.original, &asking.name, reason, now).await?;
    hold_look(unit, asking, look, (false, act), now).await.map(drop)
}

/// Hands a second look over. Whoever has had to do with the case is not given it; then anybody else is.
pub(super) async fn hand_over_look(
    unit: &mut Unit,
    asking: &Asking,
    look: &Look,
    to: &Asking,
    now: Millis,
) -> Result<Claim, Refusal> {
    if !(to.reads(look.queue) && to.rights.may_in(Permission::CasesClaim, look.queue)) {
        return Err(Refusal::Forbidden);
    }
    if let Some((finding, _)) = look.given {
        return Err(after(finding));
    }
    unit.save_skip(&look.original, &asking.name, SkipReason::NotMyField, now).await?;
    unit.save_look_claim(&look.id, None).await?;
    let claim = Claim { by: to.name.to_string(), until: now + CLAIM_MS };
    if to.rights.may_in(Permission::CasesDecide, look.queue)
        && unit.is_stranger_to(&look.id, &to.name).await?
    {
        unit.save_look_claim(&look.id, Some(&claim)).await?;
    }
    unit.append(asking.did("handOverCase", now).about(look.id.as_str()).with("to", &*to.name));
    Ok(claim)
}

/// Keeps what somebody decides at a second look. It changes nothing about the case; whoever compares the two may.
pub(super) async fn give(
    unit: &mut Unit,
    asking: &Asking,
    look: &Look,
    (version, finding): (Option<u32>, Finding),
    now: Millis,
) -> Result<Decided, Refusal> {
    if let Some((finding, _)) = look.given {
        return Err(after(finding));
    }
    if !asking.rights.may_in(Permission::CasesDecide, look.queue) {
        return Err(Refusal::Forbidden);
    }
    let case = unit.case_of_look(look).await?;
    if version.is_some_and(|version| version != case.version()) {
        return Err(Refusal::Changed);
    }
    if !look.is_seen {
        return Err(Refusal::NotSeen);
    }
    at_pace(unit, asking, now).await?;
    unit.save_given(&look.id, finding, now).await?;
    unit.append(asking.did("decideCase", now).about(look.id.as_str()).with("case", look.original.as_str()));
    if let Some(id) = look.waits_as(finding) {
        return Ok(Decided::Waits(proposal_of(id, asking, (&case, finding), now)));
    }
    let decision = Decision { finding, by: asking.name.to_string(), seconded_by: None, at: now };
    Ok(Decided::Stands(case.decide(decision)))
}

/// Notes that the decision that stands on a case is known to be right.
pub(crate) async fn mark_golden(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    now: Millis,
) -> Result<(), Refusal> {
    let (_, queue) = super::readable(unit, asking, case).await?;
    if !asking.rights.may_in(Permission::QualityManage, queue) {
        return Err(Refusal::Unknown);
    }
    let standing = unit.standing_decision(case).await?.ok_or(Refusal::NotDecided)?;
    if unit.mark_golden((case, &standing.id, queue), &asking.name).await? {
        unit.append(asking.did("markGolden", now).about(case.as_str()).with("decision", &standing.id));
    }
    Ok(())
}

/// Notes that it is no longer.
pub(crate) async fn unmark_golden(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    now: Millis,
) -> Result<(), Refusal> {
    super::readable(unit, asking, case).await?;
    if !unit.unmark_golden(case).await? {
        return Err(Refusal::Unknown);
    }
    unit.append(asking.did("unmarkGolden", now).about(case.as_str()));
    Ok(())
}
