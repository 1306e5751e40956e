//! What defines each kind of abuse and each look-alike is to be seen in the events, whatever the truth says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use events::{Age, AgeSource, Body, Edge, Event, MessageKind, Token};

use super::*;

mod archetypes;
mod look_alikes;
mod rings;

/// A first contact, as somebody who reads the events sees it.
struct First {
    ts: Millis,
    to: u32,
    answered: bool,
    blocked: bool,
    /// Nobody and no group in common.
    is_distant: bool,
}

/// What the events say of one account.
#[derive(Default)]
struct Seen {
    firsts: Vec<First>,
    /// From whom.
    inbound: Vec<u32>,
    /// Of private messages: when.
    sent: Vec<Millis>,
    to_whom: HashMap<u32, u32>,
    cards: u32,
    forwarded: u32,
    devices: BTreeSet<Token>,
    networks: BTreeSet<Token>,
    countries: BTreeMap<events::Country, u32>,
    sessions: Vec<Millis>,
    new_devices: Vec<Millis>,
    created: Option<Millis>,
    suspended: Option<Millis>,
    groups: u32,
    added: Vec<u32>,
    /// Of those whom the account added, who left within a day.
    lost: u32,
    reports: Vec<(Millis, u32)>,
    declared: Option<(Age, AgeSource)>,
}

/// A world with much abuse, lived to its end.
struct Told {
    world: World,
    seen: Vec<Seen>,
}

impl Told {
    fn shared() -> &'static Told {
        static SHARED: OnceLock<Told> = OnceLock::new();
        SHARED.get_or_init(|| {
            let mut params = Params { accounts: 20_000, days: 35, seed: 21, ..Params::default() };
            params.scenario.abuse.share = 0.012;
            Told::of(params)
        })
    }

    fn of(params: Params) -> Told {
        let mut world = World::new(&params.check().unwrap());
        let accounts = &world.cast.accounts;
        let numbers: HashMap<Token, u32> =
            (0..).zip(accounts).map(|(id, account)| (account.token.clone(), id)).collect();
        let mut reader = Reader { numbers, seen: Vec::new(), pairs: HashMap::new(), members: HashMap::new() };
        reader.seen.resize_with(accounts.len(), Seen::default);
        for day in world.by_ref() {
            day.iter().for_each(|event| reader.take(event));
        }
        Told { seen: reader.seen, world }
    }

    fn abusers(&self, kind: Archetype) -> impl Iterator<Item = u32> + '_ {
        self.such(move |role| role.archetype() == Some(kind))
    }

    fn alike(&self, kind: LookAlike) -> impl Iterator<Item = u32> + '_ {
        self.such(move |role| role.look_alike() == Some(kind))
    }

    fn such(&self, is: impl Fn(&Role) -> bool) -> impl Iterator<Item = u32> {
        (0..).zip(&self.world.crowd.people).filter(move |(_, person)| is(&person.role)).map(|(id, _)| id)
    }

    fn ordinary(&self) -> impl Iterator<Item = u32> + '_ {
        self.such(|role| matches!(role, Role::Ordinary))
    }

    fn is_minor(&self, who: u32) -> bool {
        self.world.crowd.people[who as usize].is_minor()
    }

    fn of_whom(&self, who: u32) -> &Seen {
        &self.seen[who as usize]
    }

    fn onset(&self, who: u32) -> Millis {
        self.world.crowd.campaign(&self.world.crowd.people[who as usize]).map_or(0, |c| c.onset)
    }

    fn start(&self) -> Millis {
        self.world.params.get().start
    }

    /// First contacts from the onset on.
    fn asked(&self, who: u32) -> impl Iterator<Item = &First> {
        let onset = self.onset(who);
        self.of_whom(who).firsts.iter().filter(move |first| first.ts >= onset)
    }

    /// Weeks from the onset until the account is gone.
    fn weeks(&self, who: u32) -> f64 {
        let end = self.of_whom(who).suspended.unwrap_or_else(|| self.world.params.end());
        (end.saturating_sub(self.onset(who)) as f64 / DAY as f64 / 7.0).max(0.2)
    }

    /// Of all first contacts of such people from their onset on, the share that is so.
    fn share(&self, who: impl Iterator<Item = u32>, is: impl Fn(&First) -> bool) -> f64 {
        let (mut yes, mut all) = (0.0, 0.0_f64);
        for first in who.flat_map(|who| self.asked(who)) {
            yes += f64::from(u8::from(is(first)));
            all += 1.0;
        }
        yes / all.max(1.0)
    }

    /// Share of private messages of such people that are sent in these hours where they live.
    fn share_at(&self, who: impl Iterator<Item = u32>, hours: std::ops::Range<i64>) -> f64 {
        let (mut yes, mut all) = (0.0, 0.0_f64);
        for who in who {
            let region = self.world.cast.places[who as usize].region;
            let ahead = crate::rhythm::REGIONS[region].hours_ahead;
            for ts in &self.of_whom(who).sent {
                let hour = (i64::try_from(ts / crate::HOUR % 24).unwrap() + ahead).rem_euclid(24);
                yes += f64::from(u8::from(hours.contains(&hour)));
                all += 1.0;
            }
        }
        yes / all.max(1.0)
    }
}

/// The middle value; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0_f64), |(sum, n), value| (sum + value, n + 1.0));
    sum / n.max(1.0)
}

/// Most of the moments that lie within so long.
fn most_within(times: &[Millis], within: Millis) -> usize {
    let mut times = times.to_vec();
    times.sort_unstable();
    let count = |i: usize| times[i..].partition_point(|ts| *ts < times[i] + within);
    (0..times.len()).map(count).max().unwrap_or(0)
}

struct Reader {
    numbers: HashMap<Token, u32>,
    seen: Vec<Seen>,
    /// By pair, who began and the place of the first contact among theirs.
    pairs: HashMap<(u32, u32), usize>,
    /// By group and member, who added them and when.
    members: HashMap<(Token, u32), (u32, Millis)>,
}

impl Reader {
    fn take(&mut self, event: &Event) {
        let Some(actor) = event.actor.as_ref().map(|actor| self.numbers[actor]) else { return };
        let target = event.target.as_ref().map(|target| self.numbers[target]);
        if let Some(target) = target {
            self.between(event, actor, target);
        }
        let ts = event.ts;
        let seen = &mut self.seen[actor as usize];
        match &event.body {
            Body::AccountCreated(_) => seen.created = Some(ts),
            Body::AccountStatus(change) if change.status == events::Status::Suspended => {
                seen.suspended = Some(ts);
            }
            Body::AccountUpdated(update) => seen.declared = update.age.zip(update.age_source),
            Body::SessionStarted(session) => {
                seen.devices.extend(session.device.clone());
                seen.networks.extend(session.network.clone());
                if let Some(country) = session.country {
                    *seen.countries.entry(country).or_default() += 1;
                }
                seen.sessions.push(ts);
                if session.new_device == Some(true) {
                    seen.new_devices.push(ts);
                }
            }
            Body::GroupCreated(_) => seen.groups += 1,
            Body::GroupLeft(left) => {
                if let Some((by, at)) = self.members.get(&(left.group.clone(), actor))
                    && ts < at + DAY
                {
                    self.seen[*by as usize].lost += 1;
                }
            }
            _ => {}
        }
    }

    fn between(&mut self, event: &Event, actor: u32, target: u32) {
        let ts = event.ts;
        let is_first = event.rel.as_ref().is_some_and(|rel| rel.edge == Some(Edge::None));
        match &event.body {
            Body::GroupMemberAdded(added) => {
                self.members.insert((added.group.clone(), target), (actor, ts));
                return self.seen[actor as usize].added.push(target);
            }
            Body::ReportFiled(_) => return self.seen[actor as usize].reports.push((ts, target)),
            Body::MessageSent(message) => {
                let seen = &mut self.seen[actor as usize];
                seen.sent.push(ts);
                *seen.to_whom.entry(target).or_default() += 1;
                seen.cards += u32::from(message.kind == MessageKind::ContactCard);
                seen.forwarded += u32::from(message.forwarded == Some(true));
            }
            _ => {}
        }
        let is_distant = event.rel.as_ref().is_some_and(|rel| {
            let has_group = rel.shared_groups.is_some_and(|groups| groups != events::SharedGroups::None);
            rel.mutuals == Some(events::Mutuals::None) && !has_group
        });
        let is_browsing = matches!(event.body, Body::DiscoveryViewed(_));
        if is_first && !is_browsing {
            let firsts = &mut self.seen[actor as usize].firsts;
            self.pairs.insert((actor, target), firsts.len());
            firsts.push(First { ts, to: target, answered: false, blocked: false, is_distant });
            self.seen[target as usize].inbound.push(actor);
        } else if let Some(place) = self.pairs.get(&(target, actor)) {
            let first = &mut self.seen[target as usize].firsts[*place];
            match event.body {
                Body::MessageSent(_) | Body::ContactAccepted(_) => first.answered = true,
                Body::ContactBlocked(_) => first.blocked = true,
                _ => {}
            }
        }
    }
}
