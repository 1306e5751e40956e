//! Appeals.

use events::Millis;
use review::{Appeal, AppealGround, AppealOutcome, AppealReason, CaseId, Outcome, Permission, SettledAppeal};

use super::{Refusal, fresh_name, readable};
use crate::asking::Asking;
use crate::metrics::Counted;
use crate::store::{Outgoing, StoredAppeal, Unit};

/// Hands in an appeal against the decision that stands on a case.
pub(crate) async fn open_appeal(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    ground: AppealGround,
    now: Millis,
) -> Result<Appeal, Refusal> {
    let queue = unit.queue_of(case).await?.ok_or(Refusal::Unknown)?;
    if !asking.rights.may_in(Permission::AppealsOpen, queue) {
        return Err(Refusal::Unknown);
    }
    let standing = unit.standing_decision(case).await?.ok_or(Refusal::NotDecided)?;
    if standing.decision.finding.outcome() != Outcome::Abusive {
        return Err(Refusal::NotDecided);
    }
    if unit.appeals_of(case).await?.iter().any(|known| known.decision == standing.id) {
        return Err(Refusal::AppealOpen);
    }
    let appeal = Appeal { id: fresh_name('a')?, case: case.clone(), ground, opened_at: now, settled: None };
    unit.save_appeal(&appeal, &standing.id, &asking.name).await?;
    let entry = asking.did("openAppeal", now).about(&appeal.id).with("case", case.as_str());
    unit.append(entry.with("ground", ground.as_str()));
    Ok(appeal)
}

/// Decides an appeal. Where it overturns the decision, training learns the opposite and the platform is told.
pub(crate) async fn settle_appeal(
    unit: &mut Unit,
    asking: &Asking,
    id: &str,
    (outcome, reason): (AppealOutcome, AppealReason),
    now: Millis,
) -> Result<Appeal, Refusal> {
    let StoredAppeal { mut appeal, decision, .. } = unit.appeal(id).await?.ok_or(Refusal::Unknown)?;
    let case = appeal.case.clone();
    let (docket, queue) = readable(unit, asking, &case).await?;
    if !asking.rights.may_in(Permission::AppealsDecide, queue) {
        return Err(Refusal::Forbidden);
    }
    let standing = unit.standing_decision(&case).await?.filter(|standing| standing.id == decision);
    let standing = standing.ok_or(Refusal::NotDecided)?;
    let settled = SettledAppeal { outcome, reason, by: asking.name.to_string(), at: now };
    appeal.settle(settled.clone(), &standing.decision)?;
    let decided = docket.decided_case(&case).ok_or(Refusal::NotDecided)?;
    if !unit.has_seen(&asking.name, &case, decided.version()).await? {
        return Err(Refusal::NotSeen);
    }
    unit.save_settled(id, &settled).await?;
    unit.count(Counted::Appeal(outcome));
    let is_overturned = outcome == AppealOutcome::Overturn;
    if is_overturned {
        unit.save_label(&case, &decision, &decided.overturned_label(now)).await?;
    }
    let event = Outgoing {
        id: appeal.id.clone(),
        at: now,
        kind: if is_overturned { "overturned" } else { "appeal_upheld" }.to_owned(),
        about: decided.case().account().to_string(),
        case_id: Some(case.to_string()),
        outcome: None,
        action: None,
    };
    unit.tell(&event).await?;
    let entry = asking.did("settleAppeal", now).about(id).with("case", case.as_str());
    unit.append(entry.with("outcome", outcome.as_str()).with("reason", reason.as_str()));
    Ok(appeal)
}
