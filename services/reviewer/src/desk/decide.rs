//! Decisions, and taking them back.

use events::Millis;
use review::{
    Act, Action, CaseId, DecidedCase, Decision, Docket, Finding, OpenCase, Permission, Proposal,
    ProposalStatus, Queue, UndoReason,
};

use super::{Refusal, fresh_name, looks, readable};
use crate::asking::Asking;
use crate::metrics::Counted;
use crate::store::{Outgoing, Unit};

/// How long whoever decided may take it back alone.
const UNDO_MS: Millis = 24 * 60 * 60 * 1000;

/// What a decision came to.
#[derive(Clone, Debug)]
pub(crate) enum Decided {
    /// It stands.
    Stands(DecidedCase),
    /// It waits for a second person.
    Waits(Proposal),
}

/// Decides a case; where `version` is given, only if the case is still of that version. What takes two people
/// becomes a proposal.
pub(crate) async fn decide(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    (version, finding): (Option<u32>, Finding),
    now: Millis,
) -> Result<Decided, Refusal> {
    if let Some(look) = unit.look(case, &asking.name).await? {
        return looks::give(unit, asking, &look, (version, finding), now).await;
    }
    let (mut docket, queue) = readable(unit, asking, case).await?;
    if !asking.rights.may_in(Permission::CasesDecide, queue) {
        return Err(Refusal::Forbidden);
    }
    let found = docket.version_of(case).ok_or(Refusal::Unknown)?;
    if version.is_some_and(|version| version != found) {
        return Err(Refusal::Changed);
    }
    let waiting = unit.waiting(case).await?.ok_or(Refusal::Decided)?;
    if waiting.claim.is_some_and(|claim| claim.keeps_out(&asking.name, now)) {
        return Err(Refusal::Claimed);
    }
    if waiting.proposal.is_some() {
        return Err(Refusal::WaitsForSecond);
    }
    if !unit.has_seen(&asking.name, case, found).await? {
        return Err(Refusal::NotSeen);
    }
    at_pace(unit, asking, now).await?;
    if finding.needs_second_person() {
        let open = docket.open().ok_or(Refusal::Decided)?;
        let proposal = proposal_of(fresh_name('p')?, asking, (open, finding), now);
        unit.save_proposal(&proposal, Some(case)).await?;
        let entry = asking.did("proposeDecision", now).about(case.as_str());
        unit.append(entry.with("proposal", &proposal.id).with("hash", proposal.content_hash()));
        return Ok(Decided::Waits(proposal));
    }
    let decision = Decision { finding, by: asking.name.to_string(), seconded_by: None, at: now };
    record(unit, asking, &mut docket, decision).await.map(Decided::Stands)
}

/// Refuses more decisions in a minute than anybody can think through.
pub(super) async fn at_pace(unit: &mut Unit, asking: &Asking, now: Millis) -> Result<(), Refusal> {
    let decided = unit.decisions_since(&asking.name, now.saturating_sub(60_000)).await?;
    let is_too_fast = decided >= i64::from(asking.limits.decisions_a_minute);
    if is_too_fast { Err(Refusal::TooFast) } else { Ok(()) }
}

/// A finding that takes two people, as it waits for the second.
pub(crate) fn proposal_of(
    id: String,
    asking: &Asking,
    (case, finding): (&OpenCase, Finding),
    now: Millis,
) -> Proposal {
    let is_referral = finding.abuse().is_some_and(|abuse| abuse.action == Action::Refer);
    Proposal {
        id,
        act: if is_referral { Act::Refer } else { Act::Suspend },
        content: finding.content(case.id(), case.version()),
        proposed_by: asking.name.to_string(),
        proposed_at: now,
        status: ProposalStatus::Waiting,
    }
}

/// Records a decision on the docket's open case: the decision, its label, its outgoing event, its audit entry.
pub(super) async fn record(
    unit: &mut Unit,
    asking: &Asking,
    docket: &mut Docket,
    decision: Decision,
) -> Result<DecidedCase, Refusal> {
    let (finding, now, is_alone) = (decision.finding, decision.at, decision.seconded_by.is_none());
    let decided = docket.decide(decision).ok_or(Refusal::Decided)?.clone();
    let id = fresh_name('d')?;
    unit.save_decided(&decided, &id).await?;
    unit.count(Counted::decision(&decided));
    if is_alone {
        looks::draw(unit, asking, &decided, &id).await?;
    }
    let words = finding.words();
    let event = Outgoing {
        id: id.clone(),
        at: now,
        kind: "decided".to_owned(),
        about: decided.case().account().to_string(),
        case_id: Some(decided.id().to_string()),
        outcome: words.outcome.map(str::to_owned),
        action: words.action.map(str::to_owned),
    };
    unit.tell(&event).await?;
    let entry = asking.did("decideCase", now).about(decided.id().as_str()).with("decision", &id);
    let given = [
        ("outcome", words.outcome),
        ("category", words.category),
        ("policy", words.policy),
        ("reason", words.reason),
        ("action", words.action),
    ];
    let given = given.into_iter().filter_map(|(name, word)| Some((name, word?)));
    unit.append(given.fold(entry, |entry, (name, word)| entry.with(name, word)));
    Ok(decided)
}

/// Whether somebody may take a decision on a case of a queue back: whoever made it, for a day, and whoever may approve.
pub(crate) fn may_undo(asking: &Asking, (decision, queue): (&Decision, Queue), now: Millis) -> bool {
    let is_own = decision.by == *asking.name && now < decision.at + UNDO_MS;
    let may_own = asking.rights.may_in(Permission::CasesDecide, queue);
    (is_own && may_own) || asking.rights.may_in(Permission::CasesApprove, queue)
}

/// Takes the decision on a case back, as an event of its own: whoever decided, for a day, or whoever may approve.
pub(crate) async fn undo(
    unit: &mut Unit,
    asking: &Asking,
    case: &CaseId,
    (version, reason): (Option<u32>, UndoReason),
    now: Millis,
) -> Result<(), Refusal> {
    let (mut docket, queue) = readable(unit, asking, case).await?;
    let found = docket.version_of(case).ok_or(Refusal::Unknown)?;
    if version.is_some_and(|version| version != found) {
        return Err(Refusal::Changed);
    }
    let standing = unit.standing_decision(case).await?.ok_or(Refusal::NotDecided)?;
    if !may_undo(asking, (&standing.decision, queue), now) {
        return Err(Refusal::Forbidden);
    }
    if unit.appeals_of(case).await?.iter().any(|appeal| appeal.appeal.settled.is_none()) {
        return Err(Refusal::AppealOpen);
    }
    let reopened = docket.reopen(case).ok_or(Refusal::HasOpenCase)?.clone();
    unit.save_reopened(&reopened, &standing.id, (&asking.name, now, reason)).await?;
    let event = Outgoing {
        id: fresh_name('e')?,
        at: now,
        kind: "undone".to_owned(),
        about: reopened.account().to_string(),
        case_id: Some(case.to_string()),
        outcome: None,
        action: None,
    };
    unit.tell(&event).await?;
    let entry = asking.did("undoDecision", now).about(case.as_str()).with("decision", &standing.id);
    unit.append(entry.with("reason", reason.as_str()));
    Ok(())
}
