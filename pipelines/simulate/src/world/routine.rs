//! An ordinary day: sessions, conversations, groups, news of an account, the odd quarrel.

use events::{Category, Millis, Via};

use super::{Today, World};
use crate::contact::{Talk, complain, letter};
use crate::crowd::day_start;
use crate::dice::{Dice, Process, whole};
use crate::draft::{Act, Change, Draft, Letter, Pair};
use crate::rhythm::{REGIONS, moment, weekly};
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

/// False reports on a given day, by a person among their own contacts (our choice: with the first contacts'
/// 1 to 5 in 10,000 in all).
const QUARREL: f64 = 0.00003;

impl World {
    /// The part of the day that everybody has, whatever else they do.
    pub(super) fn go_about(&mut self, today: &mut Today<'_>, joins: Option<Millis>) {
        let habits = self.crowd.people[today.who as usize].habits;
        let joined_today = joins.is_some();
        self.keep_up(today, joins);
        let planned = habits.first_contacts(self.params.get().seed, today.who, today.day);
        let is_active = today.dice.chance(habits.presence * weekly(today.start).min(1.05));
        if is_active || planned > 0 || joined_today {
            for _ in 0..=today.dice.poisson(0.4) {
                let ts = self.free_moment(today, joins);
                self.note(today.who, ts, Act::Session);
            }
        }
        if is_active {
            let median = self.params.get().messages_median * OWN_SHARE;
            let messages = today.dice.log_normal(median * habits.talk, 0.8).min(400.0);
            self.talk(today, joins, messages * (1.0 - GROUP_SHARE));
            self.speak_in_groups(today, joins, messages * GROUP_SHARE);
        }
        self.meet_people(today, joins, planned);
        if today.dice.chance(QUARREL) {
            self.quarrel(today, joins);
        }
    }

    /// A waking moment of today, after the account exists.
    pub(super) fn free_moment(&self, today: &mut Today<'_>, joins: Option<Millis>) -> Millis {
        let person = &self.crowd.people[today.who as usize];
        let ts = moment(today.dice, today.start, &REGIONS[person.region], person.is_minor());
        match joins {
            Some(joins) if ts <= joins => joins + SECOND + today.dice.below(today.start + DAY - joins),
            _ => ts,
        }
    }

    /// What the platform knows of the account: everything on the first day, a new estimate now and then.
    fn keep_up(&mut self, today: &mut Today<'_>, joins: Option<Millis>) {
        let person = &self.crowd.people[today.who as usize];
        let is_first = joins.is_some() || (today.day == 0 && person.joins.is_none());
        if is_first {
            let since = joins.unwrap_or(today.start);
            let wait = if joins.is_some() { 30.0 * SECOND as f64 } else { HOUR as f64 };
            let ts = since + 1 + whole(today.dice.unit() * wait);
            self.note(today.who, ts, Act::Updated);
        } else if today.dice.chance(1.0 / ESTIMATE_DAYS) {
            self.cast.accounts[today.who as usize].learn(today.dice, person.is_minor());
            let ts = today.start + today.dice.below(DAY);
            self.note(today.who, ts, Act::Updated);
        }
    }

    /// Conversations with people who are contacts already, `messages` in all.
    fn talk(&mut self, today: &mut Today<'_>, joins: Option<Millis>, messages: f64) {
        let ties = self.crowd.network.ties(today.who);
        let choices: Vec<(u32, f64)> =
            ties.iter().filter(|tie| tie.weight > 0.0).map(|tie| (tie.who, tie.weight)).collect();
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
                is_long_drawn: false,
                automation: 0.2,
            };
            talk.hold(today.dice, &mut self.diary);
        }
    }

    fn speak_in_groups(&mut self, today: &mut Today<'_>, joins: Option<Millis>, messages: f64) {
        let count = today.dice.round(messages);
        let person = &self.crowd.people[today.who as usize];
        let there =
            |index: &u32| self.crowd.communities[*index as usize].founded.is_none_or(|day| day < today.day);
        let groups: Vec<u32> = person.communities.iter().copied().filter(there).collect();
        let Some(group) = today.dice.pick(&groups) else { return };
        let recipients =
            u32::try_from(self.crowd.communities[group as usize].members.len()).unwrap_or(u32::MAX);
        let mut ts = self.free_moment(today, joins);
        for _ in 0..count {
            let letter = Letter { recipients, ..letter(today.dice, false, 0.2) };
            self.note(today.who, ts, Act::GroupMessage(letter, group));
            ts += whole(today.dice.log_normal(3.0 * MINUTE as f64, 1.3)).max(SECOND);
        }
    }

    /// Somebody blocks and reports one of their own contacts, who has done nothing.
    fn quarrel(&mut self, today: &mut Today<'_>, joins: Option<Millis>) {
        let others: Vec<u32> = self.crowd.network.ties(today.who).iter().map(|tie| tie.who).collect();
        let Some(other) = today.dice.pick(&others) else { return };
        let ts = self.free_moment(today, joins);
        let pair = Some(Pair { edge: events::Edge::Connected, more: None });
        self.diary.note(Draft { ts, actor: today.who, target: Some(other), act: Act::Blocked, pair });
        self.diary.change(ts + DAY, Change::Part { a: today.who, b: other });
        let about = (Category::Harassment, 0.05);
        complain(today.dice, &mut self.diary, (today.who, other), ts + MINUTE, about);
    }

    /// Groups that come to be on this day: the founder adds some, others follow a link.
    pub(super) fn found_groups(&mut self, day: u32) {
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
            let person = &self.crowd.people[*founder as usize];
            let mut ts = moment(&mut dice, start, &REGIONS[person.region], person.is_minor());
            self.note(*founder, ts, Act::GroupCreated(index));
            let added = dice.between(0.2, 0.9);
            for member in members {
                ts += whole(dice.log_normal(20.0 * SECOND as f64, 1.0));
                if dice.chance(added) {
                    let act = Act::MemberAdded(index);
                    self.diary.note(Draft { ts, actor: *founder, target: Some(*member), act, pair: None });
                } else {
                    let later = ts + whole(dice.log_normal(3.0 * HOUR as f64, 1.2));
                    self.note(*member, later, Act::GroupJoined(index, Via::Link));
                }
            }
        }
    }
}
