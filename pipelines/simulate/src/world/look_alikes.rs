//! People who do, for good reason, what abusers do. How often is our choice unless a source is named.

use events::{Edge, Surface, Via};

use super::asking::Ask;
use super::{Today, World};
use crate::contact::{COURTEOUS, Manner, NOTICE, OFFER, Opening, PRIVATE};
use crate::crowd::Kind;
use crate::dice::whole;
use crate::draft::{Act, Pair, ad_hoc_group};
use crate::rhythm::{Clock, Hours, is_weekend, moment};
use crate::role::LookAlike;
use crate::{HOUR, MINUTE, SECOND};

/// How those who lead are found by those whom they lead (population design: group first, address book and QR code).
const LED: &[(Surface, f64)] = &[
    (Surface::Group, 0.42),
    (Surface::PhoneImport, 0.20),
    (Surface::Qr, 0.14),
    (Surface::Link, 0.14),
    (Surface::Search, 0.06),
    (Surface::Suggested, 0.04),
];
const FOLLOWED: &[(Surface, f64)] =
    &[(Surface::Link, 0.4), (Surface::Search, 0.25), (Surface::Comment, 0.25), (Surface::Suggested, 0.1)];
const OFFERED: &[(Surface, f64)] =
    &[(Surface::Search, 0.55), (Surface::Suggested, 0.2), (Surface::Group, 0.15), (Surface::Unknown, 0.1)];
const DATED: &[(Surface, f64)] =
    &[(Surface::Suggested, 0.35), (Surface::Nearby, 0.35), (Surface::Comment, 0.1), (Surface::Search, 0.2)];
const MET_ONLINE: &[(Surface, f64)] = &[
    (Surface::Group, 0.3),
    (Surface::Game, 0.25),
    (Surface::Comment, 0.2),
    (Surface::Mutual, 0.15),
    (Surface::Search, 0.1),
];
const MET_IN_PERSON: &[(Surface, f64)] =
    &[(Surface::Qr, 0.3), (Surface::Search, 0.25), (Surface::Group, 0.3), (Surface::Suggested, 0.15)];

/// Days over which an intake is spread, and a freshers' week.
const INTAKE_DAYS: u32 = 3;
const WEEK_DAYS: u32 = 7;

/// Share of people whom the holder of a new number tells of it.
const TOLD: f64 = 0.8;

impl World {
    /// What a look-alike does today beyond an ordinary day; `day` is when it happens, or starts.
    pub(super) fn look_alike(&self, today: &mut Today<'_>, kind: LookAlike, day: u32) {
        let since = today.day.checked_sub(day);
        match kind {
            LookAlike::Teacher | LookAlike::YouthCoach => self.lead(today, since),
            LookAlike::Relative => self.seek_members(today, 0.12, LED),
            LookAlike::SchoolLeaver => self.seek_members(today, 0.25, MET_IN_PERSON),
            LookAlike::ChangedNumber => self.tell_new_number(today),
            LookAlike::Fresher if since.is_some_and(|days| days < WEEK_DAYS) => {
                let count = today.dice.poisson(6.0);
                (0..count).for_each(|_| self.seek_members(today, 1.0, MET_IN_PERSON));
            }
            LookAlike::Organiser => self.organise(today),
            LookAlike::Creator => self.be_followed(today),
            LookAlike::Institution => self.notify(today),
            LookAlike::ClanHost => {
                let count = today.dice.poisson(0.5);
                (0..count).for_each(|_| self.seek_members(today, 1.0, MET_ONLINE));
            }
            LookAlike::Recruiter => self.offer(today, (9.0, Hours::Office), OFFERED, &OFFER),
            LookAlike::Dater => self.offer(today, (2.0, Hours::Adult), DATED, &COURTEOUS),
            LookAlike::OnlineFriends if today.dice.chance(0.3) => {
                if let Some(target) = self.find_stranger(today) {
                    self.meet(today, target, MET_ONLINE, &PRIVATE);
                }
            }
            _ => {}
        }
    }

    /// A first contact at some moment of the day.
    fn meet(&self, today: &mut Today<'_>, target: u32, surfaces: &[(Surface, f64)], manner: &Manner) {
        let ts = self.free_moment(today, self.joins_today(today));
        let surface = today.dice.weighted(surfaces);
        let opening = if today.dice.chance(0.6) { Opening::Message } else { Opening::Request };
        self.reach(today, Ask { target, ts, surface, opening }, manner);
    }

    fn joins_today(&self, today: &Today<'_>) -> Option<u64> {
        self.crowd.people[today.who as usize].joins.filter(|joins| *joins >= today.start)
    }

    /// Somebody new of one's own communities.
    fn seek_members(&self, today: &mut Today<'_>, p: f64, surfaces: &[(Surface, f64)]) {
        if today.dice.chance(p)
            && let Some(target) = self.find_member(today)
        {
            self.meet(today, target, surfaces, &COURTEOUS);
        }
    }

    /// Meets the class or club at its intake; outside of it, somebody new now and then.
    fn lead(&self, today: &mut Today<'_>, since: Option<u32>) {
        let is_intake = since.is_some_and(|days| days < INTAKE_DAYS);
        let led: Vec<u32> = self.led_by(today.who).filter(|who| self.is_new_to(today, *who)).collect();
        let mut ts = self.free_moment(today, None);
        for target in led {
            if today.dice.chance(if is_intake { 0.6 } else { 0.01 }) && !today.met.contains(&target) {
                self.approach_led(today, target, ts);
                ts += whole(today.dice.log_normal(60.0 * SECOND as f64, 1.0)).max(2 * SECOND);
            }
        }
        // A pupil of another class, a guest at the club, a child of the school choir.
        if today.dice.chance(0.12) {
            let region = self.crowd.people[today.who as usize].region;
            let near = |who: &u32| self.crowd.people[*who as usize].region == region;
            if let Some(target) = self.find_in(today, &self.crowd.minors).filter(near) {
                let ts = self.free_moment(today, None);
                self.approach_led(today, target, ts);
            }
        }
    }

    fn approach_led(&self, today: &mut Today<'_>, target: u32, ts: u64) {
        let surface = today.dice.weighted(LED);
        let opening = if today.dice.chance(0.4) { Opening::Message } else { Opening::Request };
        self.reach(today, Ask { target, ts, surface, opening }, &COURTEOUS);
    }

    /// The minors of the classes and clubs that the person belongs to.
    fn led_by(&self, who: u32) -> impl Iterator<Item = u32> + '_ {
        let communities = self.crowd.people[who as usize].communities.iter();
        let led = communities.map(|index| &self.crowd.communities[*index as usize]);
        led.filter(|community| matches!(community.kind, Kind::Class | Kind::Club))
            .flat_map(|community| community.members.iter().copied())
            .filter(|member| self.crowd.people[*member as usize].is_minor())
    }

    /// On the day of the new number, everybody of the address book hears of it (WhatsApp's own example of what looks
    /// like abuse and is none).
    fn tell_new_number(&self, today: &mut Today<'_>) {
        let (Some(earlier), Some(joins)) =
            (self.crowd.people[today.who as usize].earlier, self.joins_today(today))
        else {
            return;
        };
        let mut ts = joins + 10 * MINUTE + today.dice.below(HOUR);
        let contacts: Vec<u32> = self.crowd.network.ties(earlier).iter().map(|tie| tie.who).collect();
        for target in contacts {
            ts += whole(today.dice.log_normal(6.0 * SECOND as f64, 0.8)).max(500);
            if today.dice.chance(TOLD) && target != today.who && !today.met.contains(&target) {
                let ask = Ask { target, ts, surface: Surface::PhoneImport, opening: Opening::Message };
                self.reach(today, ask, &COURTEOUS);
            }
        }
    }

    /// Makes a group now and then and adds friends, their friends, and some whom nobody knows.
    fn organise(&self, today: &mut Today<'_>) {
        if !today.dice.chance(0.15) {
            return;
        }
        let mut ts = self.free_moment(today, None);
        let group = ad_hoc_group(today.who, today.day * 64);
        self.note(today, ts, Act::GroupCreated(group));
        let size = whole(today.dice.log_normal(16.0, 0.7)).clamp(4, 90);
        for _ in 0..size {
            ts += whole(today.dice.log_normal(5.0 * SECOND as f64, 0.9)).max(300);
            if today.dice.chance(0.5) {
                let Some(friend) = today.dice.pick(self.crowd.network.ties(today.who)) else { continue };
                let pair = Some(Pair { edge: Edge::Connected, more: None });
                self.add(today, (group, friend.who, ts), pair, (0.08, 0.001));
            } else if let Some((target, _)) = self.find_acquaintance(today) {
                let ask = Ask { target, ts, surface: Surface::Group, opening: Opening::Message };
                let pair = Some(Pair { edge: Edge::None, more: Some(self.common(today, &ask)) });
                self.add(today, (group, target, ts), pair, (0.2, 0.012));
            } else if let Some(member) = self.find_stranger(today) {
                let draft = Act::GroupJoined(group, Via::Link);
                let later = ts + today.dice.below(6 * HOUR);
                today.lived.note(crate::draft::Draft {
                    ts: later,
                    actor: member,
                    target: None,
                    act: draft,
                    pair: None,
                });
            }
        }
    }

    /// Strangers, many of them minors, turn to a creator; few are answered.
    fn be_followed(&self, today: &mut Today<'_>) {
        let popularity = self.crowd.people[today.who as usize].habits.talk;
        let mean = today.dice.log_normal(2.0 * popularity, 0.7).min(60.0);
        for _ in 0..today.dice.poisson(mean) {
            let pool = if today.dice.chance(0.5) { &self.crowd.minors } else { &self.crowd.adults };
            if let Some(target) = self.find_in(today, pool) {
                let ts = moment(&mut today.dice, today.start, self.clock(target, today.day));
                let surface = today.dice.weighted(FOLLOWED);
                let opening = if today.dice.chance(0.5) { Opening::Message } else { Opening::Request };
                self.be_reached(today, Ask { target, ts, surface, opening }, &COURTEOUS);
            }
        }
    }

    /// An institution's notice to those who have to do with it, and its answers to those who ask.
    fn notify(&self, today: &mut Today<'_>) {
        if is_weekend(today.start) {
            return;
        }
        let region = self.cast.places[today.who as usize].region;
        let hours_ahead = crate::rhythm::REGIONS[region].hours_ahead;
        let clock = Clock { hours_ahead, hours: Hours::Office };
        let mut ts = moment(&mut today.dice, today.start, clock);
        let share = if today.dice.chance(0.08) { 0.7 } else { 0.02 };
        let clients = self.crowd.people[today.who as usize].communities.iter().rev().take(1);
        let clients: Vec<u32> =
            clients.flat_map(|index| self.crowd.communities[*index as usize].members.clone()).collect();
        for target in clients {
            ts += whole(today.dice.log_normal(3.0 * SECOND as f64, 0.8)).max(200);
            if today.dice.chance(share) && self.is_new_to(today, target) {
                let surface = today.dice.weighted(LED);
                self.reach(today, Ask { target, ts, surface, opening: Opening::Message }, &NOTICE);
            }
        }
        for _ in 0..today.dice.poisson(2.0) {
            if let Some(target) = self.find_in(today, &self.crowd.adults) {
                let ts = moment(&mut today.dice, today.start, clock);
                let ask = Ask { target, ts, surface: Surface::Link, opening: Opening::Message };
                self.be_reached(today, ask, &COURTEOUS);
            }
        }
    }

    /// Adults who do not know the person, at a steady rate.
    fn offer(
        &self,
        today: &mut Today<'_>,
        (per_day, hours): (f64, Hours),
        surfaces: &[(Surface, f64)],
        manner: &Manner,
    ) {
        if hours == Hours::Office && is_weekend(today.start) || !today.dice.chance(0.6) {
            return;
        }
        let eagerness = self.crowd.people[today.who as usize].habits.talk.min(3.0);
        let region = self.cast.places[today.who as usize].region;
        let hours_ahead = crate::rhythm::REGIONS[region].hours_ahead;
        let joins = self.joins_today(today).unwrap_or(0);
        let mut ts = moment(&mut today.dice, today.start, Clock { hours_ahead, hours }).max(joins + MINUTE);
        for _ in 0..today.dice.poisson(per_day * eagerness) {
            if let Some(target) = self.find_in(today, &self.crowd.adults) {
                let surface = today.dice.weighted(surfaces);
                let opening = if today.dice.chance(0.7) { Opening::Message } else { Opening::Request };
                self.reach(today, Ask { target, ts, surface, opening }, manner);
            }
            ts += whole(today.dice.log_normal(4.0 * MINUTE as f64, 1.0)).max(2 * SECOND);
        }
    }
}
