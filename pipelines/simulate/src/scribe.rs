//! From what happened to events: ids, pseudonyms, contexts.

use events::{
    AccountCreated, AccountUpdated, Body, CallAnswered, CallPlaced, Client, ContactAccepted, ContactBlocked,
    ContactDeclined, ContactExpired, ContactRequested, DiscoveryViewed, Event, GateRefused, GroupCreated,
    GroupJoined, GroupMemberAdded, MessageRead, MessageSent, RegChannel, Relation, ReportFiled,
    ReportResolved, SessionStarted, Token, Via,
};
use uuid::{Builder, Uuid};

use crate::account::Account;
use crate::dice::{Dice, Process};
use crate::draft::{Act, Draft, Letter, Pair};
use crate::rhythm::REGIONS;

/// Share of events about two people of which the platform says nothing more (our choice).
const UNINFORMED: f64 = 0.12;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What a pseudonym stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named {
    Account,
    Group,
    Device,
    Network,
    Event,
}

/// Writes events. Names depend on the seed and on nothing that can be read from them.
#[derive(Debug)]
pub(crate) struct Scribe {
    key: [u8; 32],
    seed: u64,
    /// Events written so far.
    count: u64,
}

/// Where a person goes online from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) household: u32,
    pub(crate) region: usize,
}

/// Everybody of whom events are written, by person.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    pub(crate) accounts: Vec<Account>,
    pub(crate) places: Vec<Place>,
}

impl Scribe {
    /// A scribe whose names follow from the seed and the purpose.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self { key: blake3::derive_key(purpose, &seed.to_le_bytes()), seed, count: 0 }
    }

    fn hash(&self, named: Named, number: u64) -> blake3::Hash {
        let mut input = [0; 9];
        input[0] = named as u8;
        input[1..].copy_from_slice(&number.to_le_bytes());
        blake3::keyed_hash(&self.key, &input)
    }

    /// The pseudonym of an account, a group, a device or a network: 26 characters.
    pub(crate) fn name(&self, named: Named, number: u64) -> Token {
        let hash = self.hash(named, number);
        let letters = hash.as_bytes().iter().take(26).map(|byte| ALPHABET[usize::from(byte % 32)]);
        token(&letters.map(char::from).collect::<String>())
    }

    /// Turns a day's drafts into events, sorted by (ts, id).
    pub(crate) fn write(&mut self, day: u32, drafts: &[Draft], cast: &Cast) -> Vec<Event> {
        let mut dice = Dice::new(self.seed, 0, Process::Scribe, day);
        let mut order: Vec<(Uuid, &Draft)> =
            drafts.iter().map(|draft| (self.next_id(draft.ts), draft)).collect();
        // A version 7 UUID begins with its time, so this is the order of (ts, id).
        order.sort_unstable_by_key(|(id, _)| *id);
        order.into_iter().map(|(id, draft)| self.event(&mut dice, id, draft, cast)).collect()
    }

    fn next_id(&mut self, ts: u64) -> Uuid {
        let hash = self.hash(Named::Event, self.count);
        self.count += 1;
        let mut random = [0; 10];
        random.copy_from_slice(&hash.as_bytes()[..10]);
        Builder::from_unix_timestamp_millis(ts, &random).into_uuid()
    }

    fn event(&self, dice: &mut Dice, id: Uuid, draft: &Draft, cast: &Cast) -> Event {
        let of = |who: u32| &cast.accounts[who as usize];
        let is_informed = draft.pair.is_some_and(|pair| pair.more.is_some()) && !dice.chance(UNINFORMED);
        let actor_ctx = is_informed.then(|| of(draft.actor).context(dice));
        let target_ctx = draft.target.filter(|_| is_informed).map(|target| of(target).context(dice));
        let speaks = !matches!(draft.act, Act::Resolved(..));
        let mut buffer = Uuid::encode_buffer();
        Event {
            id: token(id.hyphenated().encode_lower(&mut buffer)),
            ts: draft.ts,
            actor: speaks.then(|| of(draft.actor).token.clone()),
            target: draft.target.map(|target| of(target).token.clone()),
            actor_ctx: actor_ctx.filter(|ctx| ctx.p_minor.is_some()),
            target_ctx: target_ctx.filter(|ctx| ctx.p_minor.is_some()),
            rel: draft.pair.map(relation),
            body: self.body(dice, draft, cast),
        }
    }

    fn body(&self, dice: &mut Dice, draft: &Draft, cast: &Cast) -> Body {
        let account = &cast.accounts[draft.actor as usize];
        let place = cast.places[draft.actor as usize];
        let group = |index: u32| self.name(Named::Group, u64::from(index));
        match draft.act {
            Act::Created => self.created(dice, draft.actor, account, place),
            Act::Updated => updated(dice, account),
            Act::Session => self.session(dice, draft.actor, account, place),
            Act::Viewed(surface) => Body::DiscoveryViewed(DiscoveryViewed { surface }),
            Act::Requested(surface) => Body::ContactRequested(ContactRequested { surface }),
            Act::Accepted => Body::ContactAccepted(ContactAccepted {}),
            Act::Declined => Body::ContactDeclined(ContactDeclined {}),
            Act::Expired => Body::ContactExpired(ContactExpired {}),
            Act::Blocked => Body::ContactBlocked(ContactBlocked { prompted: None }),
            Act::Message(letter) => message(letter, None),
            Act::GroupMessage(letter, index) => message(letter, Some(group(index))),
            Act::Read => Body::MessageRead(MessageRead {}),
            Act::CallPlaced(modality) => {
                Body::CallPlaced(CallPlaced { modality: Some(modality), seconds: None })
            }
            Act::CallAnswered(modality, seconds) => {
                Body::CallAnswered(CallAnswered { modality: Some(modality), seconds: Some(seconds) })
            }
            Act::GroupCreated(index) => {
                Body::GroupCreated(GroupCreated { group: group(index), via: None::<Via> })
            }
            Act::GroupJoined(index, via) => {
                Body::GroupJoined(GroupJoined { group: group(index), via: Some(via) })
            }
            Act::MemberAdded(index) => Body::GroupMemberAdded(GroupMemberAdded { group: group(index) }),
            Act::Refused(gate) => Body::GateRefused(GateRefused { gate }),
            Act::Reported(category) => Body::ReportFiled(ReportFiled { category, franking_verified: None }),
            Act::Resolved(category, outcome) => Body::ReportResolved(ReportResolved {
                subject: account.token.clone(),
                outcome,
                category: Some(category),
            }),
        }
    }

    fn created(&self, dice: &mut Dice, actor: u32, account: &Account, place: Place) -> Body {
        let channels = [(RegChannel::Phone, 0.6), (RegChannel::Email, 0.25), (RegChannel::Sso, 0.15)];
        Body::AccountCreated(AccountCreated {
            created: account.created,
            reg_channel: Some(dice.weighted(&channels)),
            device: Some(self.name(Named::Device, u64::from(actor))),
            network: Some(self.name(Named::Network, u64::from(place.household))),
            phone_prefix: None,
            asn: Some(REGIONS[place.region].asn),
            country: account.country,
            invited_by: None,
        })
    }

    fn session(&self, dice: &mut Dice, actor: u32, account: &Account, place: Place) -> Body {
        let clients =
            [(Client::Android, 0.5), (Client::Ios, 0.3), (Client::Web, 0.12), (Client::Desktop, 0.08)];
        // Away from home, the network is one of the region's many.
        let network =
            if dice.chance(0.7) { u64::from(place.household) } else { (1 << 40) + dice.below(50_000) };
        Body::SessionStarted(SessionStarted {
            device: Some(self.name(Named::Device, u64::from(actor))),
            network: Some(self.name(Named::Network, network)),
            asn: Some(REGIONS[place.region].asn),
            country: account.country,
            client: Some(dice.weighted(&clients)),
            new_device: dice.chance(0.02).then_some(true),
        })
    }
}

fn updated(dice: &mut Dice, account: &Account) -> Body {
    let context = account.context(dice);
    Body::AccountUpdated(AccountUpdated {
        p_minor: context.p_minor,
        age: context.age,
        age_source: context.age_source,
        created: context.created,
        country: context.country,
        changed: None,
    })
}

fn message(letter: Letter, group: Option<Token>) -> Body {
    Body::MessageSent(MessageSent {
        kind: letter.kind,
        size: Some(letter.size),
        request_folder: letter.is_request.then_some(true),
        forwarded: None,
        disappearing: None,
        view_once: None,
        typing: letter.typing,
        recipients: group.is_some().then_some(letter.recipients),
        group,
    })
}

fn relation(pair: Pair) -> Relation {
    let more = pair.more;
    Relation {
        edge: Some(pair.edge),
        mutuals: more.map(|m| m.mutuals),
        target_has_actor: more.map(|m| m.target_has_actor),
        actor_has_target: more.map(|m| m.actor_has_target),
        shared_groups: more.map(|m| m.shared_groups),
    }
}

fn token(text: &str) -> Token {
    Token::try_from(text).expect("letters, digits and hyphens make a token")
}
