//! Cases that are worked on together.

use std::collections::BTreeSet;

use events::Millis;
use review::{CaseId, MergeReason, Permission, RING_CASES_MAX, SplitReason};

use super::cases::{CLAIM_MS, workable};
use super::{Refusal, fresh_name};
use crate::asking::Asking;
use crate::store::{Claim, Member, Unit};

/// Makes one ring of open cases and of the rings that they are in, and takes it in hand. Each case is still decided by
/// itself.
pub(crate) async fn merge(
    unit: &mut Unit,
    asking: &Asking,
    (case, others): (&CaseId, &[CaseId]),
    reason: MergeReason,
    now: Millis,
) -> Result<(String, Vec<Member>), Refusal> {
    let named: BTreeSet<&CaseId> = std::iter::once(case).chain(others).collect();
    if named.len() < 2 {
        return Err(Refusal::NoRing);
    }
    let (mut ring, mut cases) = (None, BTreeSet::new());
    for case in named {
        let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
        if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
            return Err(Refusal::Claimed);
        }
        if waiting.proposal.is_some() {
            return Err(Refusal::WaitsForSecond);
        }
        if ring.is_none() {
            ring = unit.ring_of(case).await?;
        }
        cases.extend(waiting.cases);
    }
    if cases.len() > RING_CASES_MAX {
        return Err(Refusal::RingFull);
    }
    let ring = ring.map_or_else(|| fresh_name('g'), Ok)?;
    for case in &cases {
        unit.save_ring(case, Some(&ring)).await?;
    }
    let cases: Vec<CaseId> = cases.into_iter().collect();
    let claim = Claim { by: asking.name.to_string(), until: now + CLAIM_MS };
    unit.save_claims(&cases, Some(&claim)).await?;
    let names: Vec<&str> = cases.iter().map(CaseId::as_str).collect();
    let entry = asking.did("mergeCases", now).about(case.as_str()).with("ring", &ring);
    unit.append(entry.with("cases", names.join(" ")).with("reason", reason.as_str()));
    let members = unit.ring(&ring).await?.into_iter();
    Ok((ring, members.filter(|member| asking.reads(member.queue)).collect()))
}

/// Takes a case out of its ring. A ring of which one case is left is none.
pub(crate) async fn split(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    reason: SplitReason,
    now: Millis,
) -> Result<(), Refusal> {
    let waiting = workable(unit, asking, case, Permission::CasesClaim).await?;
    if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    let ring = unit.ring_of(case).await?.ok_or(Refusal::NoRing)?;
    unit.save_ring(case, None).await?;
    if let [last] = unit.ring(&ring).await?.as_slice() {
        unit.save_ring(&last.case, None).await?;
    }
    let entry = asking.did("splitCase", now).about(case.as_str()).with("ring", ring);
    unit.append(entry.with("reason", reason.as_str()));
    Ok(())
}
