//! An ordinary day: sessions, conversations, groups, news of an account, the odd quarrel.

use events::{Millis, Via};

use super::{Today, World};
use crate::contact::{COURTEOUS, Flavour, PRIVATE, Talk, letter};
use crate::crowd::{Kind, day_start};
use crate::dice::{Dice, Process, mix, single, whole};
use crate::draft::{Act, Change, Draft, Letter, Lived, Pair};
use crate::person::Plan;
use crate::rhythm::{CAMPUS_HOURS_AHEAD, Clock, Hours, REGIONS, Waking, moment, weekly};
use crate::role::LookAlike;
use crate::scenario::Season;
use crate::{DAY, HOUR, MINUTE, SECOND};

/// Messages of a conversation: median, and sigma of the logarithm (our choice).
const TALK_LENGTH: (f64, f64) = (5.0, 0.9);

/// What one person sets going, for each message that the median active account is to send: others set going
/// what it only answers. Found by measuring.
const OWN_SHARE: f64 = 0.5;

/// Share of messages that go to groups (about 90 % of WhatsApp's are one to one).
const GROUP_SHARE: f64 = 0.1;

/// Days between two of the platform's estimates of an account (our choice).
const ESTIMATE_DAYS: f64 = 14.0;

/// Blocks on a given day, by a person among their own contacts (our choice).
const QUARREL: f64 = 0.0003;

/// How many hours later those live who work at night.
const NIGHT_SHIFT: i64 = 10;

impl World {
    /// The part of the day that everybody has, whatever else they do.
    pub(super) fn go_about(&self, today: &mut Today<'_>, joins: Option<Millis>) {
        let habits = self.crowd.people[today.who as usize].habits;
        let joined_today = joins.is_some();
        self.keep_up(today, joins);
        let population = &self.params.get().scenario.population;
        let plan = self.plan(today);
        let (seed, who) = (self.params.get().seed, today.who);
        let dice = || Dice::new(seed, who, Process::Plan, plan.day / plan.days);
        let planned = if habits.is_silent(population) { 0 } else { habits.first_contacts(plan, dice) };
        let weekly = weekly(today.start, self.is_campus());
        let factor = population.first_contacts * today.drift.first_contacts * weekly;
        let planned = if planned == 0 { 0 } else { today.dice.round(planned as f64 * factor) };
        let is_active = today.dice.chance(habits.presence * weekly.min(1.05));
        if is_active || planned > 0 || joined_today {
            for _ in 0..=today.dice.poisson(0.4) {
                let ts = self.free_moment(today, joins);
                self.note(today, ts, Act::Session { is_new: false });
            }
        }
        if is_active && population.messages_median > 0.0 {
            let median = population.messages_median * today.drift.messages * OWN_SHARE;
            let messages = today.dice.log_normal(median * habits.talk, 0.8).min(400.0);
            self.talk(today, joins, messages * (1.0 - GROUP_SHARE));
            self.speak_in_groups(today, joins, messages * GROUP_SHARE);
        }
        let is_private =
            self.crowd.people[today.who as usize].role.look_alike() == Some(LookAlike::OnlineFriends);
        self.meet_people(today, joins, (planned, if is_private { &PRIVATE } else { &COURTEOUS }));
        if today.dice.chance(QUARREL) {
            self.quarrel(today, joins);
        }
    }

    fn plan(&self, today: &Today<'_>) -> Plan {
        let raw = self.params.get();
        let days = raw.scenario.population.contact_days;
        let joined = self.crowd.people[today.who as usize].joins;
        let since = joined.map(|joins| u32::try_from(joins.saturating_sub(raw.start) / DAY).unwrap_or(0));
        let day = since.map_or(today.day, |since| today.day - since.min(today.day));
        Plan { day, days, is_new: since.is_some() && day < days }
    }

    /// A waking moment of today, after the account exists.
    pub(super) fn free_moment(&self, today: &mut Today<'_>, joins: Option<Millis>) -> Millis {
        let clock = self.clock(today.who, today.day);
        let ts = moment(&mut today.dice, today.start, clock);
        match joins {
            Some(joins) if ts <= joins => joins + SECOND + today.dice.below(today.start + DAY - joins),
            _ => ts,
        }
    }

    /// When somebody has the application open.
    pub(super) fn waking(&self, who: u32, day: u32) -> Waking {
        let key = mix(self.params.get().seed, u64::from(who), 13);
        Waking { key, clock: self.clock(who, day), is_campus: self.is_campus() }
    }

    /// When somebody is awake and free.
    pub(super) fn clock(&self, who: u32, day: u32) -> Clock {
        let person = &self.crowd.people[who as usize];
        let season = self.params.get().scenario.calendar.season;
        let half = self.params.get().days / 2;
        let hours = match (season, person.apparent_age() < 18) {
            (Season::Campus, _) => Hours::Campus,
            (Season::Term, true) => Hours::Pupil,
            (Season::TermThenHolidays, true) if day < half => Hours::Pupil,
            (_, true) => Hours::Child,
            (_, false) => Hours::Adult,
        };
        let at_night = person.role.look_alike() == Some(LookAlike::NightWorker);
        let shift = if at_night { -NIGHT_SHIFT } else { 0 };
        let region = self.cast.places[who as usize].region;
        let hours_ahead =
            if self.is_campus() { CAMPUS_HOURS_AHEAD } else { REGIONS[region].hours_ahead + shift };
        Clock { hours_ahead, hours }
    }

    /// What the platform knows of the account: everything on the first day, a new estimate now and then.
    fn keep_up(&self, today: &mut Today<'_>, joins: Option<Millis>) {
        let person = &self.crowd.people[today.who as usize];
        let is_first = joins.is_some() || (today.day == 0 && person.joins.is_none());
        if is_first {
            let since = joins.unwrap_or(today.start);
            let wait = if joins.is_some() { 30.0 * SECOND as f64 } else { HOUR as f64 };
            let ts = since + 1 + whole(today.dice.unit() * wait);
            self.note(today, ts, Act::Updated);
        } else if today.dice.chance(1.0 / ESTIMATE_DAYS) {
            let account = &self.cast.accounts[today.who as usize];
            let estimate = account.estimate(&mut today.dice, person);
            let ts = today.start + today.dice.below(DAY);
            if let Some(belief) = estimate {
                today.lived.change(ts, Change::Estimate { who: today.who, belief: single(belief) });
            }
            self.note(today, ts, Act::Updated);
        }
    }

    /// Conversations with people who are contacts already, `messages` in all.
    fn talk(&self, today: &mut Today<'_>, joins: Option<Millis>, messages: f64) {
        let ties = self.crowd.network.ties(today.who);
        let choices: Vec<(u32, f64)> =
            ties.iter().filter(|tie| tie.weight > 0.0).map(|tie| (tie.who, f64::from(tie.weight))).collect();
        if choices.is_empty() {
            return;
        }
        let mut left = messages;
        while today.dice.unit() < left {
            let other = today.dice.weighted(&choices);
            let (median, sigma) = TALK_LENGTH;
            let count = whole(today.dice.log_normal(median, sigma) + 0.5).clamp(1, 150);
            left -= count as f64;
            let ts = self.free_moment(today, joins);
            let talk = Talk {
                starter: today.who,
                other,
                ts,
                count,
                until: None,
                waking: None,
                automation: 0.2,
                flavour: Flavour::Plain,
            };
            talk.hold(&mut today.dice, today.lived);
        }
    }

    fn speak_in_groups(&self, today: &mut Today<'_>, joins: Option<Millis>, messages: f64) {
        let count = today.dice.round(messages);
        let person = &self.crowd.people[today.who as usize];
        let there = |index: &u32| {
            let community = &self.crowd.communities[*index as usize];
            community.kind != Kind::Clientele && community.founded.is_none_or(|day| day < today.day)
        };
        let groups: Vec<u32> = person.communities.iter().copied().filter(there).collect();
        let Some(group) = today.dice.pick(&groups) else { return };
        let recipients =
            u32::try_from(self.crowd.communities[group as usize].members.len()).unwrap_or(u32::MAX);
        let mut ts = self.free_moment(today, joins);
        for _ in 0..count {
            let letter = Letter { recipients, ..letter(&mut today.dice, false, 0.2, Flavour::Plain) };
            self.note(today, ts, Act::GroupMessage(letter, u64::from(group)));
            ts += whole(today.dice.log_normal(3.0 * MINUTE as f64, 1.3)).max(SECOND);
        }
    }

    /// Somebody blocks one of their own contacts.
    fn quarrel(&self, today: &mut Today<'_>, joins: Option<Millis>) {
        let others: Vec<u32> = self.crowd.network.ties(today.who).iter().map(|tie| tie.who).collect();
        let Some(other) = today.dice.pick(&others) else { return };
        let ts = self.free_moment(today, joins);
        let pair = Some(Pair { edge: events::Edge::Connected, more: None });
        today.lived.note(Draft { ts, actor: today.who, target: Some(other), act: Act::Blocked, pair });
        today.lived.change(ts, Change::Part { a: today.who, b: other });
        today.lived.change(ts + DAY, Change::Blocked { subject: other });
    }

    /// Groups that come to be on this day: the founder adds some, others follow a link.
    pub(super) fn found_groups(&self, day: u32, lived: &mut Lived) {
        let start = day_start(self.params.get().start, day);
        for index in 0..u32::try_from(self.crowd.communities.len()).unwrap_or(u32::MAX) {
            let community = &self.crowd.communities[index as usize];
            if community.founded != Some(day) {
                continue;
            }
            let here = |who: &u32| self.crowd.people[*who as usize].has_joined_by(start.saturating_sub(DAY));
            let members: Vec<u32> = community.members.iter().copied().filter(here).collect();
            let Some((founder, members)) = members.split_first() else { continue };
            let mut dice = Dice::new(self.params.get().seed, index, Process::Community, day);
            let mut ts = moment(&mut dice, start, self.clock(*founder, day));
            let group = u64::from(index);
            let mut note = |ts, actor, target, act| lived.note(Draft { ts, actor, target, act, pair: None });
            note(ts, *founder, None, Act::GroupCreated(group));
            let added = dice.between(0.2, 0.9);
            for member in members {
                ts += whole(dice.log_normal(20.0 * SECOND as f64, 1.0));
                if dice.chance(added) {
                    note(ts, *founder, Some(*member), Act::MemberAdded(group));
                } else {
                    let later = ts + whole(dice.log_normal(3.0 * HOUR as f64, 1.2));
                    note(later, *member, None, Act::GroupJoined(group, Via::Link));
                }
            }
        }
    }
}
