//! From what happened to events: ids, pseudonyms, contexts.

use events::{
    AccountCreated, AccountStatus, AccountUpdated, Body, CallAnswered, CallPlaced, Client, ContactAccepted,
    ContactBlocked, ContactDeclined, ContactExpired, ContactRequested, DiscoveryViewed, Event, GateRefused,
    GroupCreated, GroupJoined, GroupLeft, GroupMemberAdded, MessageRead, MessageSent, NoticeShown,
    RegChannel, Relation, ReportFiled, ReportResolved, SessionStarted, StatusBy, Surface, Token, Via,
};
use uuid::{Builder, Uuid};

use crate::account::Account;
use crate::dice::{Dice, Process, mix};
use crate::draft::{Act, Draft, Letter, LetterManner, Pair};
use crate::rhythm::REGIONS;
use crate::scenario::Platform;

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
}

/// Writes events. Names depend on the seed and on nothing that can be read from them.
#[derive(Debug)]
pub(crate) struct Scribe {
    key: [u8; 32],
    seed: u64,
    /// Where the numbers in events' ids come from.
    id_key: u64,
    platform: Platform,
}

/// Where a person goes online from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The network at home, by number.
    pub(crate) network: u64,
    /// The first device, by number, and how many there are to choose from.
    pub(crate) device: u64,
    pub(crate) devices: u32,
    pub(crate) region: usize,
    /// Where else: region, and how often.
    pub(crate) elsewhere: Option<(usize, f32)>,
}

/// Everybody of whom events are written, by person.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    pub(crate) accounts: Vec<Account>,
    pub(crate) places: Vec<Place>,
}

/// What is to be written at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet<'a> {
    /// The day, and the slice of it: they name the stream of chance and the events.
    pub(crate) day: u32,
    pub(crate) slice: u32,
    pub(crate) drafts: &'a [Draft],
}

impl Scribe {
    /// A scribe whose names follow from the seed and the purpose.
    pub(crate) fn new(seed: u64, purpose: &str, platform: Platform) -> Self {
        let key = blake3::derive_key(purpose, &seed.to_le_bytes());
        let id_key = u64::from_le_bytes(key[8..16].try_into().unwrap_or_default());
        Self { key, seed, id_key, platform }
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

    /// Turns drafts into events, in order of (ts, id).
    pub(crate) fn write(&self, sheet: Sheet<'_>, cast: &Cast, mut each: impl FnMut(&Event)) {
        let mut dice = Dice::new(self.seed, sheet.slice, Process::Scribe, sheet.day);
        let place = u64::from(sheet.day) << 32 | u64::from(sheet.slice);
        let id = |(number, draft): (u64, &Draft)| (self.id(place, number, draft.ts), *draft);
        let mut order: Vec<(u128, Draft)> = (0..).zip(sheet.drafts).map(id).collect();
        // A version 7 UUID begins with its time, so this is the order of (ts, id).
        order.sort_unstable_by_key(|(id, _)| *id);
        for (id, draft) in &order {
            each(&self.event(&mut dice, Uuid::from_u128(*id), draft, cast));
        }
    }

    fn id(&self, place: u64, number: u64, ts: u64) -> u128 {
        let (high, low) = (mix(self.id_key, place, number), mix(!self.id_key, number, place));
        let mut random = [0; 10];
        random[..8].copy_from_slice(&low.to_le_bytes());
        random[8..].copy_from_slice(&high.to_le_bytes()[..2]);
        Builder::from_unix_timestamp_millis(ts, &random).into_uuid().as_u128()
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
            rel: draft.pair.filter(|_| self.platform.relations).map(relation),
            body: self.body(dice, draft, cast),
        }
    }

    fn body(&self, dice: &mut Dice, draft: &Draft, cast: &Cast) -> Body {
        let account = &cast.accounts[draft.actor as usize];
        let place = cast.places[draft.actor as usize];
        let group = |number: u64| self.name(Named::Group, number);
        let seen = |surface| if self.platform.surfaces { surface } else { Surface::Unknown };
        match draft.act {
            Act::Created => self.created(dice, draft.actor, account, place),
            Act::Updated => updated(dice, account),
            Act::Session { is_new } => self.session(dice, (draft.actor, is_new), account, place),
            Act::Viewed(surface) => Body::DiscoveryViewed(DiscoveryViewed { surface: seen(surface) }),
            Act::Requested(surface) => Body::ContactRequested(ContactRequested { surface: seen(surface) }),
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
            Act::GroupLeft(index) => Body::GroupLeft(GroupLeft { group: group(index), via: None::<Via> }),
            Act::Notice(kind, response) => {
                Body::NoticeShown(NoticeShown { kind: Some(kind), response: Some(response) })
            }
            Act::Status(status, reason) => {
                Body::AccountStatus(AccountStatus { status, by: Some(StatusBy::Platform), reason })
            }
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
        let (device, network, region) = self.online(dice, (actor, false), place);
        Body::AccountCreated(AccountCreated {
            created: account.created,
            reg_channel: Some(dice.weighted(&channels)),
            device,
            network,
            phone_prefix: None,
            asn: self.platform.devices.then_some(REGIONS[region].asn),
            country: account.country,
            invited_by: None,
        })
    }

    fn session(
        &self,
        dice: &mut Dice,
        (actor, is_new): (u32, bool),
        account: &Account,
        place: Place,
    ) -> Body {
        let clients =
            [(Client::Android, 0.5), (Client::Ios, 0.3), (Client::Web, 0.12), (Client::Desktop, 0.08)];
        let (device, network, region) = self.online(dice, (actor, is_new), place);
        Body::SessionStarted(SessionStarted {
            device,
            network,
            asn: self.platform.devices.then_some(REGIONS[region].asn),
            country: account.country.map(|_| REGIONS[region].country()),
            client: Some(dice.weighted(&clients)),
            new_device: (dice.chance(0.02) || is_new).then_some(true).filter(|_| self.platform.devices),
        })
    }

    /// Device, network and region of a session.
    fn online(
        &self,
        dice: &mut Dice,
        (actor, is_new): (u32, bool),
        place: Place,
    ) -> (Option<Token>, Option<Token>, usize) {
        let (mut region, mut home) = (place.region, place.network);
        if let Some((other, share)) = place.elsewhere
            && dice.chance(f64::from(share))
        {
            (region, home) = (other, place.network | 1 << 45);
        }
        let mut device = place.device + dice.below(u64::from(place.devices.max(1)));
        if is_new {
            device = 1 << 50 | u64::from(actor);
            if dice.chance(0.4) {
                region = usize::try_from(dice.below(REGIONS.len() as u64)).unwrap_or(0);
            }
        }
        // Away from home, the network is one of the region's many.
        let away = is_new || dice.chance(0.3);
        let network = if away { 1 << 40 | (region as u64) << 20 | dice.below(6_000) } else { home };
        let named = |named, number| self.platform.devices.then(|| self.name(named, number));
        (named(Named::Device, device), named(Named::Network, network), region)
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
        forwarded: (letter.manner == LetterManner::Forwarded).then_some(true),
        disappearing: (letter.manner == LetterManner::Disappearing).then_some(true),
        view_once: (letter.manner == LetterManner::ViewOnce).then_some(true),
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
