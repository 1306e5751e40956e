//! Holds, erasures, and who may learn whose identity.

use events::Millis;
use review::{Act, CaseId, ProposalStatus};

use super::{Refusal, fresh_name};
use crate::asking::Asking;
use crate::store::{Hold, Outgoing, StoredProposal, Unit};

/// How long a hold lasts: a year.
pub(crate) const HOLD_MS: Millis = 365 * 24 * 60 * 60 * 1000;

/// How long an approved reveal may be used.
const REVEAL_MS: Millis = 60 * 60 * 1000;

/// Keeps an account's records from being erased, for a year.
pub(crate) async fn place_hold(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    now: Millis,
) -> Result<Hold, Refusal> {
    let docket = unit.docket_of(case).await?.ok_or(Refusal::Unknown)?;
    let account = docket.account().ok_or(Refusal::Unknown)?.to_string();
    let hold = Hold {
        id: fresh_name('h')?,
        account,
        placed_by: asking.name.to_string(),
        placed_at: now,
        expires_at: now + HOLD_MS,
        released_at: None,
    };
    unit.save_hold(&hold).await?;
    unit.append(asking.did("placeHold", now).about(&hold.id).with("case", case.as_str()));
    Ok(hold)
}

/// Erases what is kept of a case's account. The receipt in the audit log holds no account.
pub(super) async fn erase(
    unit: &mut Unit,
    case: &CaseId,
    proposal: &str,
    now: Millis,
) -> Result<(), Refusal> {
    let docket = unit.docket_of(case).await?.ok_or(Refusal::Void)?;
    let account = docket.account().ok_or(Refusal::Void)?.to_string();
    if unit.is_held(&account, now).await? {
        return Err(Refusal::UnderHold);
    }
    let erased = unit.erase(&account).await?;
    let event = Outgoing {
        id: proposal.to_owned(),
        at: now,
        kind: "erased".to_owned(),
        about: account,
        case_id: None,
        outcome: None,
        action: None,
    };
    unit.tell(&event).await?;
    let entry = crate::audit::Entry::done("service", "-", "erase", now).about(proposal);
    let counts = [("cases", erased.cases), ("flags", erased.flags), ("labels", erased.labels)];
    unit.append(counts.iter().fold(entry, |entry, (name, n)| entry.with(name, n.to_string())));
    Ok(())
}

/// The account whose identity somebody may learn now by a proposal of theirs that another person approved.
pub(crate) async fn may_reveal(
    unit: &mut Unit,
    asking: &Asking,
    id: &str,
    now: Millis,
) -> Result<(CaseId, String), Refusal> {
    let stored = unit.proposal(id).await?.ok_or(Refusal::Unknown)?;
    let StoredProposal { proposal, case, settled_at, .. } = stored;
    if proposal.act != Act::Reveal || proposal.proposed_by != *asking.name {
        return Err(Refusal::Unknown);
    }
    let is_fresh = settled_at.is_some_and(|at| now < at + REVEAL_MS);
    if proposal.status != ProposalStatus::Approved || !is_fresh {
        return Err(Refusal::Forbidden);
    }
    let case = case.ok_or(Refusal::Unknown)?;
    let docket = unit.docket_of(&case).await?.ok_or(Refusal::Unknown)?;
    let account = docket.account().ok_or(Refusal::Unknown)?.to_string();
    Ok((case, account))
}
