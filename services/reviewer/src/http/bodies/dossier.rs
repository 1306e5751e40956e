//! Everything that is known of one case, and how somebody may see it.

use std::collections::BTreeMap;

use detect::Flag;
use events::Millis;
use review::{Bars, Decision, Docket, Mask, Note, OpenCase, Proposal, Queue};

use super::{
    CaseDetail, ClaimBody, DecisionBody, EvidenceBody, HIDDEN, HistoryBody, LevelBody, NOTE, ReasonBody,
    RingBody,
};
use crate::asking::Asking;
use crate::desk::{Refusal, proposal_of, readable};
use crate::store::{Look, Member, Status, StoredAppeal, StoredDecision, Unit, Waiting};
use crate::view::{self, found_case};

/// Everything that is known of one case: its account's cases, decisions and appeals.
pub(in crate::http) struct Dossier {
    pub(in crate::http) docket: Docket,
    pub(in crate::http) queue: Queue,
    waiting: Option<Waiting>,
    /// What waits for a second person.
    proposal: Option<Proposal>,
    decisions: Vec<StoredDecision>,
    appeals: Vec<StoredAppeal>,
    notes: Vec<Note>,
    ring: Option<(String, Vec<Member>)>,
    /// Whether nothing is hidden, whoever asks.
    is_unmasked: bool,
}

impl Dossier {
    /// Reads everything about a case that somebody may read.
    pub(in crate::http) async fn read(
        unit: &mut Unit,
        asking: &Asking,
        case: &review::CaseId,
    ) -> Result<Self, Refusal> {
        if let Some(look) = unit.look(case, &asking.name).await? {
            return Self::of_look(unit, asking, look).await;
        }
        let (docket, queue) = readable(unit, asking, case).await?;
        Self::gather(unit, asking, case, (docket, queue)).await
    }

    /// Reads everything about a case, whoever asks, with nothing hidden.
    pub(in crate::http) async fn unmasked(
        unit: &mut Unit,
        asking: &Asking,
        case: &review::CaseId,
    ) -> Result<Self, Refusal> {
        let queue = unit.queue_of(case).await?.ok_or(Refusal::Unknown)?;
        let docket = unit.docket_of(case).await?.ok_or(Refusal::Unknown)?;
        let dossier = Self::gather(unit, asking, case, (docket, queue)).await?;
        Ok(Self { is_unmasked: true, ..dossier })
    }

    /// A decided case as it was before, under the name of the second look: nothing tells that it is one.
    async fn of_look(unit: &mut Unit, asking: &Asking, look: Look) -> Result<Self, Refusal> {
        if !asking.reads(look.queue) {
            return Err(Refusal::Unknown);
        }
        let case = unit.case_of_look(&look).await?;
        let (mut decisions, mut waiting) = (Vec::new(), None);
        let waits_as = look.given.and_then(|(finding, _)| look.waits_as(finding));
        let proposal = look.given.zip(waits_as.clone());
        let proposal = proposal.map(|((finding, at), id)| proposal_of(id, asking, (&case, finding), at));
        let docket = match look.given {
            Some((finding, at)) if waits_as.is_none() => {
                let decision = Decision { finding, by: asking.name.to_string(), seconded_by: None, at };
                let (id, case_id) = (look.id.to_string(), look.id.clone());
                decisions.push(StoredDecision {
                    id,
                    case: case_id,
                    decision: decision.clone(),
                    undone: None,
                });
                Docket::restore(None, vec![case.decide(decision)])
            }
            _ => {
                waiting =
                    Some(Waiting { cases: vec![look.id.clone()], claim: look.claim, proposal: waits_as });
                Docket::restore(Some(case), Vec::new())
            }
        };
        // Whoever gives it sees what they noted themselves.
        let notes = unit.notes_of(&look.original).await?.into_iter().filter(|note| note.by == *asking.name);
        let notes = notes.map(|note| Note { case: look.id.clone(), ..note }).collect();
        let appeals = Vec::new();
        let (queue, ring, is_unmasked) = (look.queue, None, false);
        Ok(Self { docket, queue, waiting, proposal, decisions, appeals, notes, ring, is_unmasked })
    }

    async fn gather(
        unit: &mut Unit,
        asking: &Asking,
        case: &review::CaseId,
        (docket, queue): (Docket, Queue),
    ) -> Result<Self, Refusal> {
        let account = found_case(&docket, case).ok_or(Refusal::Unknown)?.case.account().clone();
        let waiting = unit.waiting(case).await?;
        let proposal = match waiting.as_ref().and_then(|waiting| waiting.proposal.as_deref()) {
            Some(id) => unit.proposal(id).await?.map(|stored| stored.proposal),
            None => None,
        };
        let decisions = unit.decisions_of(&account).await?;
        let appeals = unit.appeals_of(case).await?;
        let notes = unit.notes_of(case).await?;
        let ring = match unit.ring_of(case).await? {
            Some(ring) => {
                let members = unit.ring(&ring).await?.into_iter();
                Some((ring, members.filter(|member| asking.reads(member.queue)).collect()))
            }
            None => None,
        };
        let is_unmasked = false;
        Ok(Self { docket, queue, waiting, proposal, decisions, appeals, notes, ring, is_unmasked })
    }
}

impl Dossier {
    /// Who else has the case in hand.
    pub(in crate::http) fn held_by(&self, person: &str, now: Millis) -> Option<String> {
        let claim = self.waiting.as_ref().and_then(|waiting| waiting.claim.as_ref());
        claim.filter(|claim| claim.keeps_out(person, now)).map(|claim| claim.by.clone())
    }

    /// What waits for a second person.
    pub(in crate::http) fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// What was noted.
    pub(in crate::http) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Whether what was proposed waits for a second person.
    pub(in crate::http) fn waits(&self) -> bool {
        self.waiting.as_ref().is_some_and(|waiting| waiting.proposal.is_some())
    }
}

impl CaseDetail {
    /// The case of this dossier, as somebody may see it.
    pub(in crate::http) fn of(
        dossier: &Dossier,
        case: &review::CaseId,
        (asking, bars): (&Asking, &Bars),
        now: Millis,
    ) -> Option<Self> {
        let hides = |mask| !dossier.is_unmasked && asking.rights.hides(mask, dossier.queue);
        let found = found_case(&dossier.docket, case)?;
        let (case, latest) = (found.case, found.case.latest_flag());
        let waiting = dossier.waiting.as_ref();
        let timeline = if hides(Mask::Timeline) { Vec::new() } else { view::timeline(case) };
        Some(Self {
            case_id: case.id().to_string(),
            account: if hides(Mask::Account) { HIDDEN.to_owned() } else { case.account().to_string() },
            status: if found.decision.is_some() { Status::Decided } else { Status::Open }.as_str(),
            queue: dossier.queue.as_str(),
            version: found.version,
            risk: case.risk(),
            opened_at: case.opened_at(),
            claim: waiting
                .and_then(|w| w.claim.as_ref())
                .and_then(|claim| ClaimBody::of(claim, hides(Mask::People), now)),
            proposal: waiting.and_then(|w| w.proposal.clone()),
            ring: dossier.ring.as_ref().map(|(ring, members)| RingBody::of(ring.clone(), members)),
            hidden: Mask::ALL.iter().filter(|mask| hides(**mask)).map(|mask| mask.as_str()).collect(),
            model: latest.model.clone(),
            evidence_level: LevelBody::of(&case.assess(bars)),
            reasons: latest.reasons.iter().map(ReasonBody::of).collect(),
            timeline: timeline.into_iter().map(EvidenceBody::of).collect(),
            features: if hides(Mask::Features) { BTreeMap::new() } else { latest.features.clone() },
            history: history(dossier, hides(Mask::People)),
            earlier_case: case.earlier().map(ToString::to_string),
            decision: found.decision.map(|decision| DecisionBody::of(decision, hides(Mask::People))),
            note: NOTE,
        })
    }
}

/// What happened to the account's cases, oldest first.
fn history(dossier: &Dossier, hides_people: bool) -> Vec<HistoryBody> {
    let docket = &dossier.docket;
    let cases = docket.decided().iter().map(review::DecidedCase::case).chain(docket.open());
    let flags = |case: &OpenCase| {
        let case_id = case.id().to_string();
        let of = move |Flag { flag_id, ts, p, model, .. }: &Flag| HistoryBody::Flag {
            case_id: case_id.clone(),
            flag_id: flag_id.clone(),
            at: *ts,
            p: *p,
            model: model.clone(),
        };
        case.flags().iter().map(of).collect::<Vec<_>>()
    };
    let decided = |stored: &StoredDecision| {
        let case_id = stored.case.to_string();
        let undone = stored.undone.as_ref().map(|(by, at, reason)| HistoryBody::Undone {
            case_id: case_id.clone(),
            reason: reason.as_str(),
            by: if hides_people { HIDDEN.to_owned() } else { by.clone() },
            at: *at,
        });
        let decision = DecisionBody::of(&stored.decision, hides_people);
        [Some(HistoryBody::Decision { case_id, decision }), undone].into_iter().flatten()
    };
    let appeal = |stored: &StoredAppeal| HistoryBody::Appeal {
        appeal_id: stored.appeal.id.clone(),
        ground: stored.appeal.ground.as_str(),
        outcome: stored.appeal.settled.as_ref().map(|settled| settled.outcome.as_str()),
        at: stored.appeal.opened_at,
    };
    let entries = cases.flat_map(flags).chain(dossier.decisions.iter().flat_map(decided));
    let note = |note: &Note| HistoryBody::Note {
        case_id: note.case.to_string(),
        code: note.code.as_str(),
        text: note.code.sentence(),
        about_case: note.about.as_ref().map(ToString::to_string),
        by: if hides_people { HIDDEN.to_owned() } else { note.by.clone() },
        at: note.at,
    };
    let entries = entries.chain(dossier.notes.iter().map(note));
    entries.chain(dossier.appeals.iter().map(appeal)).collect()
}
