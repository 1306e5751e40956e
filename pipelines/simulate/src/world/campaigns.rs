//! The abusers' days. They ask, wait and are answered like everybody else.

use events::{Edge, Millis, Surface};

use super::asking::Ask;
use super::{Today, World};
use crate::campaign::{Campaign, Quarry};
use crate::contact::{COURTEOUS, Flavour, Manner, Opening, letter};
use crate::crowd::TOWN;
use crate::dice::{Dice, Process, mix, whole};
use crate::draft::{Act, Change, Draft, Pair, ad_hoc_group};
use crate::rhythm::{Clock, Hours, moment};
use crate::role::Archetype;
use crate::{DAY, HOUR, MINUTE, SECOND};

/// Days that a ring stays with the towns of one school, and people who live there (our choice).
const TOWN_DAYS: u32 = 2;
pub(super) const DISTRICT: u32 = 4 * TOWN;

/// Others who turn to a catfish on one of its days, on average, and where they find it (our choice).
const ATTENTION: f64 = 0.5;
const NOTICED: &[(Surface, f64)] = &[
    (Surface::Suggested, 0.35),
    (Surface::Mutual, 0.25),
    (Surface::Group, 0.2),
    (Surface::Comment, 0.1),
    (Surface::Search, 0.1),
];

/// Share of a colluding account's contacts that are of its own ring, and that others of the ring have met before it
/// (our choice).
const OWN_RING: f64 = 0.15;
const RING_TARGETS: f64 = 0.35;

/// Share of a farm's targets who are left to the one account that they fall to; the rest are asked by several (our
/// choice).
const SPLIT: f64 = 0.8;

/// Length of the shift that the accounts of one operator share, in hours (our choice).
const SHIFT_HOURS: f64 = 3.0;

impl World {
    /// What an abuser does today beyond an ordinary day.
    pub(super) fn pursue(&self, today: &mut Today<'_>, archetype: Archetype, campaign: &Campaign) {
        let ends = today.start + DAY;
        if ends <= campaign.onset || today.start >= campaign.until {
            return;
        }
        let begins = campaign.onset >= today.start;
        let mut dice = Dice::new(self.params.get().seed, today.who, Process::Campaign, today.day);
        if !(begins || dice.chance(campaign.drive)) {
            return;
        }
        let campaign = self.as_of(today, archetype, campaign);
        let ts = self.working_moment(today, campaign.ring).max(campaign.onset);
        if begins && matches!(archetype, Archetype::Hijacked | Archetype::AgedAccount) {
            self.note(today, ts, Act::Session { is_new: true });
        } else if dice.chance(0.7) {
            self.note(today, ts, Act::Session { is_new: false });
        }
        match archetype {
            Archetype::GroupAdder => self.add_to_groups(today, &campaign, ts),
            Archetype::BrigadingReporter => {}
            _ => {
                if archetype == Archetype::Catfish {
                    self.draw_attention(today, campaign.onset);
                }
                if archetype == Archetype::Hijacked {
                    self.write_to_contacts(today, ts);
                }
                self.approach_many(today, &campaign, ts);
            }
        }
    }

    /// The campaign as it is today: after drift, and after what releases of models have taught.
    fn as_of(&self, today: &Today<'_>, archetype: Archetype, campaign: &Campaign) -> Campaign {
        let scenario = &self.params.get().scenario;
        let mut campaign = campaign.clone();
        if archetype == Archetype::Adaptive {
            campaign = campaign.adapted(today.day / scenario.platform.release_days);
        }
        campaign.per_day *= scenario.abuse.pace * today.drift.pace;
        campaign.focus *= today.drift.focus;
        campaign
    }

    /// A moment at which the abuser works: the accounts of one operator do so in the same shift.
    fn working_moment(&self, today: &mut Today<'_>, ring: Option<u32>) -> Millis {
        let person = &self.crowd.people[today.who as usize];
        let joins = person.joins.filter(|joins| *joins >= today.start);
        let Some(ring) = ring else { return self.free_moment(today, joins) };
        let mut shared = Dice::new(self.params.get().seed, ring, Process::Campaign, today.day);
        let clock = Clock { hours: Hours::Adult, ..self.clock(today.who, today.day) };
        let begins = moment(&mut shared, today.start, clock);
        let within = whole(today.dice.unit() * SHIFT_HOURS * HOUR as f64);
        let earliest = joins.map_or(today.start, |joins| joins + 5 * MINUTE);
        (begins + within).max(earliest).min((today.start + DAY - 1).max(earliest))
    }

    fn approach_many(&self, today: &mut Today<'_>, campaign: &Campaign, mut ts: Millis) {
        let regime = self.params.get().scenario.victims.regime;
        let manner = Manner::of(campaign.style, campaign.harshness, regime);
        let mean = today.dice.log_normal(campaign.per_day, 0.5);
        for _ in 0..today.dice.poisson(mean.min(400.0)) {
            if today.dice.chance(0.05) {
                ts = self.working_moment(today, campaign.ring).max(campaign.onset);
            }
            if let Some(target) = self.quarry(today, campaign).filter(|_| ts < campaign.until) {
                let surface = today.dice.weighted(campaign.surfaces);
                let by_message = today.dice.chance(campaign.by_message);
                let opening = if by_message { Opening::Message } else { Opening::Request };
                self.reach(today, Ask { target, ts, surface, opening }, &manner);
            }
            ts += whole(today.dice.log_normal(campaign.gap_ms, 0.9)).max(20);
        }
    }

    /// A profile that pleases is asked by others, most of them of the age that it claims.
    fn draw_attention(&self, today: &mut Today<'_>, onset: Millis) {
        for _ in 0..today.dice.poisson(ATTENTION) {
            let pool = if today.dice.chance(0.85) { &self.crowd.minors } else { &self.crowd.adults };
            if let Some(target) = self.find_in(today, pool) {
                let ts = moment(&mut today.dice, today.start, self.clock(target, today.day));
                let surface = today.dice.weighted(NOTICED);
                let ask = Ask { target, ts: ts.max(onset), surface, opening: Opening::Message };
                self.be_reached(today, ask, &COURTEOUS);
            }
        }
    }

    /// The next target.
    fn quarry(&self, today: &mut Today<'_>, campaign: &Campaign) -> Option<u32> {
        let ring = campaign.ring.and_then(|ring| self.rings.get(&ring)).map_or(&[][..], Vec::as_slice);
        if campaign.archetype == Archetype::ColludingSybil {
            if today.dice.chance(OWN_RING) {
                return today.dice.pick(ring).filter(|other| self.is_new_to(today, *other));
            }
            if today.dice.chance(RING_TARGETS)
                && let Some(target) = self.met_by_ring(today, ring)
            {
                return Some(target);
            }
        }
        let wants_minor = today.dice.chance(campaign.focus);
        let is_wanted = |who: u32| self.crowd.people[who as usize].is_minor() == wants_minor;
        if today.dice.chance(campaign.ladder) {
            for _ in 0..8 {
                let friend = today.dice.pick(self.crowd.network.ties(today.who)).map(|tie| tie.who);
                let other = friend.and_then(|friend| today.dice.pick(self.crowd.network.ties(friend)));
                let other = other.map(|tie| tie.who).filter(|who| is_wanted(*who));
                if let Some(other) = other.filter(|who| self.is_new_to(today, *who)) {
                    return Some(other);
                }
            }
        }
        let found = match campaign.quarry {
            Quarry::Anyone => None,
            Quarry::Town => self.in_district(today, (campaign, ring), wants_minor),
            Quarry::Again => {
                let earlier = self.crowd.people[today.who as usize].earlier?;
                (0..8).find_map(|_| {
                    let who = today.dice.pick(self.crowd.network.met(earlier))?;
                    (is_wanted(who) && self.is_new_to(today, who)).then_some(who)
                })
            }
            Quarry::Peers => self
                .find_member(today)
                .filter(|who| is_wanted(*who))
                .or_else(|| self.find_stranger(today).filter(|who| is_wanted(*who))),
        };
        let pool = if wants_minor { &self.crowd.minors } else { &self.crowd.adults };
        found.or_else(|| self.find_in(today, pool))
    }

    /// Somebody of the towns that a ring sweeps these days: first of those who fall to this account.
    fn in_district(
        &self,
        today: &mut Today<'_>,
        (campaign, ring): (&Campaign, &[u32]),
        wants_minor: bool,
    ) -> Option<u32> {
        let pool = if wants_minor { &self.crowd.minors } else { &self.crowd.adults };
        let gang = u64::from(campaign.ring.unwrap_or(today.who));
        let districts = u64::from(self.params.get().accounts.div_ceil(DISTRICT));
        let first = mix(gang, u64::from(today.day / TOWN_DAYS), 11) % districts * u64::from(DISTRICT);
        let place = |id: u64| pool.partition_point(|who| u64::from(*who) < id);
        let near = pool.get(place(first)..place(first + u64::from(DISTRICT)))?;
        let is_ours = |who: u32| {
            let share = usize::try_from(mix(gang, u64::from(who), 5)).unwrap_or(0) % ring.len().max(1);
            ring.get(share).is_none_or(|whose| *whose == today.who)
        };
        let ours: Vec<u32> = near.iter().copied().filter(|who| is_ours(*who)).collect();
        let own = if today.dice.chance(SPLIT) { &ours[..] } else { near };
        (0..24).find_map(|_| today.dice.pick(own).filter(|who| self.is_new_to(today, *who)))
    }

    /// Somebody whom another account of the ring has met.
    fn met_by_ring(&self, today: &mut Today<'_>, ring: &[u32]) -> Option<u32> {
        (0..8).find_map(|_| {
            let other = today.dice.pick(ring)?;
            let target = today.dice.pick(self.crowd.network.met(other))?;
            (!ring.contains(&target) && self.is_new_to(today, target)).then_some(target)
        })
    }

    /// Whoever has an account in hand writes to all of its contacts.
    fn write_to_contacts(&self, today: &mut Today<'_>, mut ts: Millis) {
        let contacts: Vec<u32> = self.crowd.network.ties(today.who).iter().map(|tie| tie.who).collect();
        for target in contacts.into_iter().take(60) {
            ts += whole(today.dice.log_normal(4.0 * SECOND as f64, 0.8)).max(200);
            let letter = letter(&mut today.dice, false, 0.7, Flavour::Broadcast);
            let pair = Some(Pair { edge: Edge::Connected, more: None });
            let (actor, act) = (today.who, Act::Message(letter));
            today.lived.note(Draft { ts, actor, target: Some(target), act, pair });
            if today.dice.chance(0.04) {
                let ts = ts + whole(today.dice.log_normal(HOUR as f64, 1.2));
                today.lived.note(Draft { ts, actor: target, target: Some(actor), act: Act::Blocked, pair });
                today.lived.change(ts, Change::Part { a: actor, b: target });
                today.lived.change(ts + DAY, Change::Blocked { subject: actor });
            }
        }
    }

    /// Groups full of people who never asked (WhatsApp 2019: dozens of groups, thousands of members); most stay, some
    /// leave at once, few block.
    fn add_to_groups(&self, today: &mut Today<'_>, campaign: &Campaign, mut ts: Millis) {
        let mean = today.dice.log_normal(campaign.per_day * 1.5, 0.6).min(400.0);
        let mut left = today.dice.poisson(mean);
        let mut nth = today.day * 64;
        while left > 0 {
            let group = ad_hoc_group(today.who, nth);
            nth += 1;
            self.note(today, ts, Act::GroupCreated(group));
            let size = (20 + today.dice.below(60)).min(left);
            left -= size;
            let (leave, block) = (0.35, 0.06 * campaign.harshness);
            for _ in 0..size {
                ts += whole(today.dice.log_normal(1.5 * SECOND as f64, 0.6)).max(50);
                self.add_member(today, campaign, (group, ts), (leave, block));
            }
            let mut letter = letter(&mut today.dice, false, 0.7, Flavour::Broadcast);
            letter.recipients = u32::try_from(size).unwrap_or(u32::MAX);
            self.note(today, ts + 5 * SECOND, Act::GroupMessage(letter, group));
            ts += 5 * MINUTE + today.dice.below(40 * MINUTE);
        }
    }

    /// Adds a stranger to a group; they may leave, and block.
    pub(super) fn add_member(
        &self,
        today: &mut Today<'_>,
        campaign: &Campaign,
        (group, ts): (u64, Millis),
        (leave, block): (f64, f64),
    ) {
        if let Some(target) = self.quarry(today, campaign) {
            let pair = self.pair_of_strangers(today, target);
            self.add(today, (group, target, ts), pair, (leave, block));
        }
    }

    /// Adds somebody to a group; they may leave, and block.
    pub(super) fn add(
        &self,
        today: &mut Today<'_>,
        (group, target, ts): (u64, u32, Millis),
        pair: Option<Pair>,
        (leave, block): (f64, f64),
    ) {
        let actor = today.who;
        today.met.push(target);
        today.lived.change(0, Change::Meet { a: actor, b: target });
        today.lived.note(Draft { ts, actor, target: Some(target), act: Act::MemberAdded(group), pair });
        if today.dice.chance(leave) {
            let ts = ts + whole(today.dice.log_normal(2.0 * HOUR as f64, 1.5));
            let left = Act::GroupLeft(group);
            today.lived.note(Draft { ts, actor: target, target: None, act: left, pair: None });
            if today.dice.chance(block / leave.max(0.01)) {
                let act = Act::Blocked;
                let ts = ts + 10 * SECOND;
                today.lived.note(Draft { ts, actor: target, target: Some(actor), act, pair: None });
                today.lived.change(ts + DAY, Change::Blocked { subject: actor });
            }
        }
    }

    fn pair_of_strangers(&self, today: &mut Today<'_>, target: u32) -> Option<Pair> {
        let ask = Ask { target, ts: 0, surface: Surface::Group, opening: Opening::Message };
        Some(Pair { edge: Edge::None, more: Some(self.common(today, &ask)) })
    }
}
