//! What is remembered of all accounts, and how one event changes it.

use std::collections::{BTreeSet, HashMap};

use events::{AccountCreated, AccountUpdated, Body, Context, Edge, Event, Mutuals, Relation, SharedGroups};
use events::{Millis, Surface, Token};
use serde::{Deserialize, Serialize};

use crate::account::{Account, AccountId, FirstContact, Request};
use crate::age::MinorOdds;
use crate::{Evidence, EvidenceKind};

/// Every account, by number and by token.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(Token, Account)>", into = "Vec<(Token, Account)>")]
pub(crate) struct State {
    ids: HashMap<Token, AccountId>,
    tokens: Vec<Token>,
    accounts: Vec<Account>,
}

impl From<Vec<(Token, Account)>> for State {
    fn from(rows: Vec<(Token, Account)>) -> Self {
        let (tokens, accounts): (Vec<Token>, Vec<Account>) = rows.into_iter().unzip();
        let ids = tokens.iter().cloned().zip((0..).map(AccountId)).collect();
        Self { ids, tokens, accounts }
    }
}

impl From<State> for Vec<(Token, Account)> {
    fn from(state: State) -> Self {
        state.tokens.into_iter().zip(state.accounts).collect()
    }
}

/// An event between two accounts, with what both sides are.
struct Meeting<'a> {
    event: &'a Event,
    actor: AccountId,
    target: AccountId,
    /// Whether the target may be a minor.
    target_minor: MinorOdds,
}

/// How one account reached out to another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Approach {
    Request,
    Message,
    Call,
    GroupAdd,
    Refused,
}

impl State {
    pub(crate) fn len(&self) -> usize {
        self.accounts.len()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = AccountId> + use<> {
        (0..self.accounts.len()).filter_map(|i| u32::try_from(i).ok()).map(AccountId)
    }

    pub(crate) fn token(&self, id: AccountId) -> &Token {
        &self.tokens[id.0 as usize]
    }

    pub(crate) fn account(&self, id: AccountId) -> &Account {
        &self.accounts[id.0 as usize]
    }

    fn account_mut(&mut self, id: AccountId) -> &mut Account {
        &mut self.accounts[id.0 as usize]
    }

    fn id(&mut self, token: &Token) -> AccountId {
        if let Some(id) = self.ids.get(token) {
            return *id;
        }
        #[expect(clippy::expect_used, reason = "four thousand million accounts do not fit in memory")]
        let id = AccountId(u32::try_from(self.accounts.len()).expect("fewer than 2^32 accounts"));
        self.ids.insert(token.clone(), id);
        self.tokens.push(token.clone());
        self.accounts.push(Account::default());
        id
    }

    /// Takes in one event, in order of (time, id); adds to `touched` every account whose features may differ
    /// for it.
    pub(crate) fn apply(&mut self, event: &Event, touched: &mut BTreeSet<AccountId>) {
        let Some(actor) = event.actor.as_ref().map(|token| self.id(token)) else { return };
        self.learn(actor, event.actor_ctx.as_ref());
        match &event.body {
            Body::AccountCreated(AccountCreated { created, .. }) => {
                self.state_profile(actor, &Context { created: Some(*created), ..Context::default() });
                touched.insert(actor);
            }
            Body::AccountUpdated(AccountUpdated { p_minor, age, age_source, created, country, .. }) => {
                let (p_minor, age, age_source) = (*p_minor, *age, *age_source);
                let context = Context { p_minor, age, age_source, created: *created, country: *country };
                self.state_profile(actor, &context);
                touched.insert(actor);
            }
            _ => {}
        }
        let Some(target) = event.target.as_ref().map(|token| self.id(token)) else { return };
        self.learn(target, event.target_ctx.as_ref());
        if actor != target {
            let target_minor = self.minor_odds(target, event.target_ctx.as_ref());
            self.meet(&Meeting { event, actor, target, target_minor }, touched);
        }
    }

    fn state_profile(&mut self, id: AccountId, context: &Context) {
        let account = self.account_mut(id);
        account.stated.learn(context);
        account.latest.learn(context);
    }

    fn learn(&mut self, id: AccountId, context: Option<&Context>) {
        if let Some(context) = context {
            self.account_mut(id).latest.learn(context);
        }
    }

    /// The event's own word, else the latest account event, else the prior.
    fn minor_odds(&self, id: AccountId, context: Option<&Context>) -> MinorOdds {
        context.and_then(MinorOdds::of).or_else(|| self.account(id).stated.minor).unwrap_or(MinorOdds::PRIOR)
    }

    fn meet(&mut self, meeting: &Meeting<'_>, touched: &mut BTreeSet<AccountId>) {
        match &meeting.event.body {
            Body::ContactRequested(request) => {
                self.reach_out(meeting, Approach::Request, Some(request.surface), touched);
            }
            Body::MessageSent(_) => self.reach_out(meeting, Approach::Message, None, touched),
            Body::CallPlaced(_) => self.reach_out(meeting, Approach::Call, None, touched),
            Body::GroupMemberAdded(_) => {
                self.reach_out(meeting, Approach::GroupAdd, Some(Surface::Group), touched);
            }
            Body::GateRefused(_) => self.reach_out(meeting, Approach::Refused, None, touched),
            Body::ContactAccepted(_) => self.decide(meeting, Request::Accepted, touched),
            Body::ContactDeclined(_) => self.decide(meeting, Request::Declined, touched),
            Body::ContactExpired(_) => self.expire(meeting, touched),
            Body::ContactBlocked(_) => self.protest(meeting, EvidenceKind::Blocked, touched),
            Body::ReportFiled(_) => self.protest(meeting, EvidenceKind::Reported, touched),
            _ => self.keep_alive(meeting),
        }
    }

    /// The actor turns to the target: perhaps for the first time, perhaps in reply.
    fn reach_out(
        &mut self,
        meeting: &Meeting<'_>,
        approach: Approach,
        surface: Option<Surface>,
        touched: &mut BTreeSet<AccountId>,
    ) {
        let Meeting { event, actor, target, target_minor } = *meeting;
        let now = event.ts;
        let rel = event.rel.as_ref();
        let unconnected = rel.and_then(|r| r.edge).is_none_or(|edge| edge == Edge::None);

        let pair = self.account_mut(actor).meet(target, now);
        let first = !pair.reached_out && !pair.was_reached && unconnected;
        if !pair.reached_out {
            pair.reached_out = true;
            pair.minor = target_minor;
        }
        if first {
            let surface = surface.filter(|s| *s != Surface::Unknown);
            pair.contact = Some(FirstContact { at: now, surface, stranger: rel.and_then(is_stranger) });
        }
        match approach {
            Approach::Request if pair.request == Request::None => pair.request = Request::Open,
            Approach::Message if !pair.messaged => {
                pair.messaged = true;
                touched.insert(actor);
            }
            Approach::Refused => pair.gated_at = Some(now),
            _ => {}
        }
        let minor = pair.minor;
        let refused = approach == Approach::Refused;
        if first || refused {
            let kind = if refused { EvidenceKind::GateRefused } else { EvidenceKind::FirstContact };
            self.account_mut(actor).note(evidence(event, kind, minor, surface));
            touched.insert(actor);
        }
        // What the platform refused never reached the target.
        if !refused {
            let pair = self.account_mut(target).meet(actor, now);
            pair.was_reached = true;
            if approach == Approach::Message && pair.messaged && !pair.replied {
                pair.replied = true;
                touched.insert(target);
            }
        }
    }

    /// The actor answers the target's request.
    fn decide(&mut self, meeting: &Meeting<'_>, answer: Request, touched: &mut BTreeSet<AccountId>) {
        let Meeting { event, actor, target, .. } = *meeting;
        self.account_mut(actor).recall(target, event.ts);
        let Some(pair) = self.account_mut(target).recall(actor, event.ts) else { return };
        if pair.request != Request::Open {
            return;
        }
        pair.request = answer;
        let (minor, surface) = (pair.minor, pair.contact.and_then(|c| c.surface));
        let kind = if answer == Request::Accepted { EvidenceKind::Accepted } else { EvidenceKind::Declined };
        self.account_mut(target).note(evidence(event, kind, minor, surface));
        touched.insert(target);
    }

    /// A request lapses: whichever side of the pair had one open.
    fn expire(&mut self, meeting: &Meeting<'_>, touched: &mut BTreeSet<AccountId>) {
        let Meeting { event, actor, target, target_minor } = *meeting;
        let own =
            self.account_mut(actor).recall(target, event.ts).is_some_and(|p| p.request == Request::Open);
        let (actor, target) = if own { (target, actor) } else { (actor, target) };
        self.decide(&Meeting { event, actor, target, target_minor }, Request::Declined, touched);
    }

    /// The actor blocks or reports the target, which counts where the target had reached out.
    fn protest(&mut self, meeting: &Meeting<'_>, kind: EvidenceKind, touched: &mut BTreeSet<AccountId>) {
        let Meeting { event, actor, target, .. } = *meeting;
        self.account_mut(actor).recall(target, event.ts);
        let Some(pair) = self.account_mut(target).recall(actor, event.ts).filter(|p| p.reached_out) else {
            return;
        };
        let at = if kind == EvidenceKind::Blocked { &mut pair.blocked_at } else { &mut pair.reported_at };
        if at.is_some() {
            return;
        }
        *at = Some(event.ts);
        let (minor, surface) = (pair.minor, pair.contact.and_then(|c| c.surface));
        self.account_mut(target).note(evidence(event, kind, minor, surface));
        touched.insert(target);
    }

    /// Any other event of a pair keeps both sides' memory of it.
    fn keep_alive(&mut self, meeting: &Meeting<'_>) {
        let Meeting { event, actor, target, .. } = *meeting;
        self.account_mut(actor).recall(target, event.ts);
        self.account_mut(target).recall(actor, event.ts);
    }
}

fn evidence(event: &Event, kind: EvidenceKind, minor: MinorOdds, surface: Option<Surface>) -> Evidence {
    Evidence { event: event.id.clone(), ts: event.ts, kind, p_minor: minor.probability(), surface }
}

/// Whether a pair were strangers, where the platform says enough to tell.
fn is_stranger(rel: &Relation) -> Option<bool> {
    if rel.mutuals.is_none() && rel.target_has_actor.is_none() && rel.shared_groups.is_none() {
        return None;
    }
    let no_mutuals = rel.mutuals.is_none_or(|m| m == Mutuals::None);
    let no_groups = rel.shared_groups.is_none_or(|g| g == SharedGroups::None);
    Some(no_mutuals && no_groups && rel.target_has_actor != Some(true))
}

/// Age of a moment, in milliseconds; 0 for what lies ahead.
pub(crate) fn age_ms(at: Millis, now: Millis) -> Millis {
    now.saturating_sub(at)
}
