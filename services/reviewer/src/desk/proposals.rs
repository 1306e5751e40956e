//! What takes two people.

use events::Millis;
use review::{
    Act, ApprovalRefused, CaseId, Decision, Finding, Permission, Proposal, ProposalStatus, Purpose,
};

use super::decide::record;
use super::{Refusal, fresh_name};
use crate::asking::Asking;
use crate::store::{Outgoing, StoredProposal, Unit};

/// What is proposed, in names and closed words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Reveal {
        case: CaseId,
        purpose: Purpose,
    },
    Erase {
        case: CaseId,
    },
    ReleaseHold {
        hold: String,
    },
    PromoteModel {
        model: String,
    },
    GrantRole {
        person: String,
        role: String,
    },
    /// For whoever proposes it.
    ReadMore,
}

impl Wanted {
    fn act(&self) -> Act {
        match self {
            Wanted::Reveal { .. } => Act::Reveal,
            Wanted::Erase { .. } => Act::Erase,
            Wanted::ReleaseHold { .. } => Act::ReleaseHold,
            Wanted::PromoteModel { .. } => Act::PromoteModel,
            Wanted::GrantRole { .. } => Act::GrantRole,
            Wanted::ReadMore => Act::ReadMore,
        }
    }

    /// The case that it is about.
    pub(crate) fn case(&self) -> Option<&CaseId> {
        match self {
            Wanted::Reveal { case, .. } | Wanted::Erase { case } => Some(case),
            _ => None,
        }
    }

    /// Its text, of which a second person approves the hash.
    fn content(&self) -> String {
        match self {
            Wanted::Reveal { case, purpose } => format!("reveal {case} {}", purpose.as_str()),
            Wanted::Erase { case } => format!("erase {case}"),
            Wanted::ReleaseHold { hold } => format!("release_hold {hold}"),
            Wanted::PromoteModel { model } => format!("promote_model {model}"),
            Wanted::GrantRole { person, role } => format!("grant_role {person} {role}"),
            Wanted::ReadMore => "read_more".to_owned(),
        }
    }
}

/// Proposes something that takes two.
pub(crate) async fn propose(
    unit: &mut Unit,
    asking: &Asking,
    wanted: &Wanted,
    now: Millis,
) -> Result<Proposal, Refusal> {
    let act = wanted.act();
    if !asking.rights.may(act.propose()) {
        return Err(Refusal::Forbidden);
    }
    if let Some(case) = wanted.case() {
        let queue = unit.queue_of(case).await?.ok_or(Refusal::Unknown)?;
        if !asking.rights.may_in(act.propose(), queue) {
            return Err(Refusal::Unknown);
        }
    }
    if let Wanted::ReleaseHold { hold } = wanted
        && !unit.is_in_force(hold).await?
    {
        return Err(Refusal::Unknown);
    }
    let proposal = Proposal {
        id: fresh_name('p')?,
        act,
        content: wanted.content(),
        proposed_by: asking.name.to_string(),
        proposed_at: now,
        status: ProposalStatus::Waiting,
    };
    unit.save_proposal(&proposal, wanted.case()).await?;
    let entry = asking.did("propose", now).about(&proposal.id).with("act", act.as_str());
    unit.append(entry.with("content", &proposal.content).with("hash", proposal.content_hash()));
    Ok(proposal)
}

/// Whether somebody may know of a proposal: their own, or one that they may approve.
pub(crate) async fn knows(
    unit: &mut Unit,
    asking: &Asking,
    stored: &StoredProposal,
) -> Result<bool, Refusal> {
    if stored.proposal.proposed_by == *asking.name {
        return Ok(true);
    }
    let needed = stored.proposal.act.approve();
    let Some(case) = &stored.case else { return Ok(asking.rights.may(needed)) };
    Ok(unit.queue_of(case).await?.is_some_and(|queue| asking.rights.may_in(needed, queue)))
}

async fn known(unit: &mut Unit, asking: &Asking, id: &str) -> Result<StoredProposal, Refusal> {
    let stored = unit.proposal(id).await?.ok_or(Refusal::Unknown)?;
    if knows(unit, asking, &stored).await? { Ok(stored) } else { Err(Refusal::Unknown) }
}

/// Approves what somebody else proposed, whose content has this hash, and does it. Where what it was about has
/// changed, it is void and nothing is done.
pub(crate) async fn approve(
    unit: &mut Unit,
    asking: &Asking,
    (id, hash): (&str, &str),
    now: Millis,
) -> Result<ProposalStatus, Refusal> {
    let StoredProposal { mut proposal, case, .. } = known(unit, asking, id).await?;
    if !asking.rights.may(proposal.act.approve()) {
        return Err(Refusal::Forbidden);
    }
    if proposal.status_at(now) == ProposalStatus::Expired {
        return Err(ApprovalRefused::Expired.into());
    }
    proposal.approve(&asking.name, hash, now)?;
    let status = match effect(unit, asking, &proposal, case.as_ref(), now).await {
        Ok(()) => ProposalStatus::Approved,
        Err(Refusal::Void) => ProposalStatus::Void,
        Err(refusal) => return Err(refusal),
    };
    unit.settle_proposal(id, status, &asking.name, now).await?;
    if let Some(case) = case.filter(|_| status == ProposalStatus::Void) {
        unit.hold_back(&case, None).await?;
    }
    let entry = asking.did("approve", now).about(id).with("act", proposal.act.as_str());
    unit.append(entry.with("hash", hash).with("status", status.as_str()));
    Ok(status)
}

async fn effect(
    unit: &mut Unit,
    asking: &Asking,
    proposal: &Proposal,
    case: Option<&CaseId>,
    now: Millis,
) -> Result<(), Refusal> {
    let words: Vec<&str> = proposal.content.split(' ').skip(1).collect();
    match (proposal.act, words.as_slice()) {
        (Act::Suspend | Act::Refer, _) => decide_together(unit, asking, proposal, now).await,
        // Whoever proposed it may from now on; nothing else changes.
        (Act::Reveal | Act::ReadMore, _) => Ok(()),
        (Act::Erase, [_]) => super::privacy::erase(unit, case.ok_or(Refusal::Void)?, &proposal.id, now).await,
        (Act::ReleaseHold, [hold]) => {
            if unit.release(hold, now).await? {
                Ok(())
            } else {
                Err(Refusal::Void)
            }
        }
        (Act::PromoteModel, [model]) => {
            let event = Outgoing {
                id: proposal.id.clone(),
                at: now,
                kind: "model_promoted".to_owned(),
                about: (*model).to_owned(),
                case_id: None,
                outcome: None,
                action: None,
            };
            Ok(unit.tell(&event).await?)
        }
        (Act::GrantRole, [person, role]) => Ok(unit.grant(person, role, &proposal.id, now).await?),
        _ => Err(Refusal::Void),
    }
}

/// The decision that was proposed, of the case as it was when it was proposed; the second person must have been
/// served its evidence too.
async fn decide_together(
    unit: &mut Unit,
    asking: &Asking,
    proposal: &Proposal,
    now: Millis,
) -> Result<(), Refusal> {
    let (case, version, finding) = Finding::of_content(&proposal.content).ok_or(Refusal::Void)?;
    let Some(mut docket) = unit.docket_of(&case).await? else { return Err(Refusal::Void) };
    if docket.version_of(&case) != Some(version) || docket.open().is_none_or(|open| *open.id() != case) {
        return Err(Refusal::Void);
    }
    if !unit.has_seen(&asking.name, &case, version).await? {
        return Err(Refusal::NotSeen);
    }
    let (by, seconded_by) = (proposal.proposed_by.clone(), Some(asking.name.to_string()));
    record(unit, asking, &mut docket, Decision { finding, by, seconded_by, at: now }).await?;
    Ok(())
}

/// Withdraws one's own proposal, or refuses somebody else's.
pub(crate) async fn withdraw(unit: &mut Unit, asking: &Asking, id: &str, now: Millis) -> Result<(), Refusal> {
    let StoredProposal { proposal, case, .. } = known(unit, asking, id).await?;
    match proposal.status_at(now) {
        ProposalStatus::Waiting => {}
        ProposalStatus::Expired => return Err(ApprovalRefused::Expired.into()),
        _ => return Err(ApprovalRefused::Settled.into()),
    }
    unit.settle_proposal(id, ProposalStatus::Withdrawn, &asking.name, now).await?;
    if let Some(case) = case.filter(|_| proposal.act.propose() == Permission::CasesDecide) {
        unit.hold_back(&case, None).await?;
    }
    unit.append(asking.did("withdrawProposal", now).about(id).with("act", proposal.act.as_str()));
    Ok(())
}
