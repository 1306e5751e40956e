//! Reading a case of a queue that is not one's own, in an emergency.

use events::Millis;
use review::{
    CaseId, EMERGENCIES_MAX, Emergency, EmergencyFinding, EmergencyReason, Permission, ReviewedEmergency,
};

use super::{Refusal, fresh_name};
use crate::asking::Asking;
use crate::metrics::Counted;
use crate::store::{Outgoing, Unit};

/// Notes that somebody reads a case in an emergency, and tells the platform, which wakes somebody.
pub(crate) async fn read_in_emergency(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    reason: EmergencyReason,
    now: Millis,
) -> Result<Emergency, Refusal> {
    if !asking.rights.may(Permission::CasesBreakGlass) {
        return Err(Refusal::Forbidden);
    }
    let queue = unit.queue_of(case).await?.ok_or(Refusal::Unknown)?;
    if asking.reads(queue) {
        return Err(Refusal::NoEmergency);
    }
    if unit.unreviewed(Some(&asking.name)).await? >= EMERGENCIES_MAX {
        return Err(Refusal::UnreviewedEmergencies);
    }
    let by = asking.name.to_string();
    let emergency =
        Emergency { id: fresh_name('e')?, case: case.clone(), by, reason, at: now, reviewed: None };
    unit.save_emergency(&emergency).await?;
    unit.count(Counted::Emergency);
    let event = Outgoing {
        id: emergency.id.clone(),
        at: now,
        kind: "emergency_read".to_owned(),
        about: emergency.id.clone(),
        case_id: Some(case.to_string()),
        outcome: None,
        action: None,
    };
    unit.tell(&event).await?;
    let entry = asking.did("readInEmergency", now).about(case.as_str()).with("emergency", &emergency.id);
    unit.append(entry.with("reason", reason.as_str()));
    Ok(emergency)
}

/// Judges afterwards whether it was an emergency; never by whoever read the case.
pub(crate) async fn review_emergency(
    unit: &mut Unit,
    asking: &Asking,
    id: &str,
    finding: EmergencyFinding,
    now: Millis,
) -> Result<Emergency, Refusal> {
    let mut emergency = unit.emergency(id).await?.ok_or(Refusal::Unknown)?;
    let reviewed = ReviewedEmergency { finding, by: asking.name.to_string(), at: now };
    emergency.review(reviewed.clone())?;
    unit.save_reviewed(id, &reviewed).await?;
    unit.append(asking.did("reviewEmergency", now).about(id).with("finding", finding.as_str()));
    Ok(emergency)
}
