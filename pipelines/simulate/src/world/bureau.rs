//! The platform's own work: what it hears of accounts, what it decides with the few people that it has, and what comes
//! of that. Its decisions are the labels; they are late, few, and sometimes wrong.

use std::collections::BTreeMap;

use events::{Category, Label, LabelSource, Millis, Outcome, Status, Verdict};

use super::World;
use crate::crowd::Crowd;
use crate::dice::{Dice, Process, whole};
use crate::draft::{Act, Draft, Lived};
use crate::params::CheckedParams;
use crate::role::{Archetype, Role};
use crate::scribe::Cast;
use crate::{DAY, HOUR};

mod reports;

/// What the platform knows of everybody who came to its notice.
#[derive(Debug)]
pub(super) struct Bureau {
    /// By subject, everybody who reported them, once.
    reporters: BTreeMap<u32, Vec<u32>>,
    /// By subject, how often they were blocked.
    blocks: BTreeMap<u32, u32>,
    /// By subject, how much was known when they were last looked at.
    looked_at: BTreeMap<u32, f64>,
    /// When accounts cannot be used.
    out: BTreeMap<u32, (Millis, Millis)>,
    /// Whether an account is in `out`.
    is_listed: Vec<bool>,
    findings: Vec<Finding>,
    end: Millis,
}

/// A label, by person.
#[derive(Clone, Copy, Debug)]
struct Finding {
    who: u32,
    verdict: Verdict,
    category: Option<Category>,
    ts: Millis,
    source: LabelSource,
}

impl Bureau {
    pub(super) fn new(params: &CheckedParams, crowd: &Crowd) -> Self {
        let mut bureau = Self {
            reporters: BTreeMap::new(),
            blocks: BTreeMap::new(),
            looked_at: BTreeMap::new(),
            out: BTreeMap::new(),
            is_listed: vec![false; crowd.people.len()],
            findings: Vec::new(),
            end: params.end(),
        };
        // A number that was given up is silent.
        for (who, person) in (0..).zip(&crowd.people) {
            if let Some(leaves) = person.leaves {
                bureau.shut_out(who, leaves, Millis::MAX);
            }
        }
        bureau
    }

    pub(super) fn hear_of_block(&mut self, subject: u32) {
        *self.blocks.entry(subject).or_default() += 1;
    }

    pub(super) fn hear(&mut self, reporter: u32, subject: u32) {
        let reporters = self.reporters.entry(subject).or_default();
        if !reporters.contains(&reporter) {
            reporters.push(reporter);
        }
    }

    fn shut_out(&mut self, who: u32, from: Millis, until: Millis) {
        self.is_listed[who as usize] = true;
        self.out.insert(who, (from, until));
    }

    /// Whether the account cannot be used at that moment.
    pub(super) fn is_out(&self, who: u32, ts: Millis) -> bool {
        self.is_listed[who as usize]
            && self.out.get(&who).is_some_and(|(from, until)| (*from..*until).contains(&ts))
    }

    /// Whether both sides can still take part in what was planned.
    pub(super) fn lets_happen(&self, draft: &Draft) -> bool {
        let is_ours = matches!(draft.act, Act::Status(..) | Act::Resolved(..));
        let target_is_out = || draft.target.is_some_and(|target| self.is_out(target, draft.ts));
        let is_about_them = matches!(draft.act, Act::Reported(_) | Act::Blocked | Act::Expired);
        is_ours || (!self.is_out(draft.actor, draft.ts) && (is_about_them || !target_is_out()))
    }

    fn find(&mut self, finding: Finding) {
        if finding.ts < self.end {
            self.findings.push(finding);
        }
    }

    pub(super) fn labels(&self, cast: &Cast) -> Vec<Label> {
        let label = |finding: &Finding| Label {
            account: cast.accounts[finding.who as usize].token.clone(),
            label: finding.verdict,
            category: finding.category,
            ts: finding.ts,
            source: finding.source,
        };
        let mut labels: Vec<Label> = self.findings.iter().map(label).collect();
        labels.sort_by(|a, b| (a.ts, &a.account).cmp(&(b.ts, &b.account)));
        labels
    }

    /// What is known against somebody: reports, and blocks where there are several (our choice).
    fn weight(&self, who: u32) -> f64 {
        let reporters = self.reporters.get(&who).map_or(0, Vec::len) as f64;
        let blocks = f64::from(self.blocks.get(&who).copied().unwrap_or(0));
        3.0 * reporters + if blocks >= 4.0 { 0.5 * blocks } else { 0.0 }
    }

    /// Who is to be looked at, most against them first.
    fn queue(&self) -> Vec<(u32, f64)> {
        let known =
            self.reporters.keys().chain(self.blocks.keys().filter(|w| !self.reporters.contains_key(w)));
        let mut queue: Vec<(u32, f64)> = known
            .map(|who| (*who, self.weight(*who)))
            // Again where there is twice as much against them.
            .filter(|(who, weight)| *weight > 2.0 * self.looked_at.get(who).copied().unwrap_or(0.0))
            .collect();
        queue.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        queue
    }
}

/// Whom the platform's own rules find, with that probability (our choice; a fifth to three quarters of bans are made
/// without any report, WhatsApp 2019).
const RULES: [(Archetype, f64); 6] = [
    (Archetype::BulkSpammer, 0.4),
    (Archetype::Decoy, 0.5),
    (Archetype::GroupAdder, 0.3),
    (Archetype::Scattergun, 0.15),
    (Archetype::SextortionFarm, 0.15),
    (Archetype::ColludingSybil, 0.15),
];

impl World {
    /// The bans that will come whatever people report: by the platform's rules, and the first of those who come back.
    pub(super) fn plan_bans(&mut self) {
        let suspended = self.params.get().scenario.review.suspended;
        let mut lived = self.lived_on(0);
        for who in 0..self.params.get().accounts {
            let person = &self.crowd.people[who as usize];
            let Some(campaign) = self.crowd.campaign(person) else { continue };
            let archetype = campaign.archetype;
            let mut dice = Dice::new(self.params.get().seed, who, Process::Review, 0);
            let p = RULES.iter().find(|(kind, _)| *kind == archetype).map_or(0.0, |(_, p)| *p);
            let delay = whole(dice.log_normal(1.5 * DAY as f64, 1.2));
            let comes_back = archetype == Archetype::BanEvader && person.leaves.is_some();
            let ts = if comes_back {
                campaign.until
            } else if dice.chance(p) {
                campaign.onset + delay
            } else {
                continue;
            };
            let (verdict, category) = (Verdict::Abusive, Some(archetype.category()));
            self.bureau.find(Finding { who, verdict, category, ts, source: LabelSource::Platform });
            if comes_back || dice.chance(suspended) {
                status(&mut lived, who, ts, (Status::Suspended, category));
                self.bureau.shut_out(who, ts, Millis::MAX);
            }
        }
        let (mut drafts, changes) = (std::mem::take(&mut lived.today), lived.changes);
        drafts.append(&mut lived.later);
        self.diary.keep(drafts, changes);
    }

    /// The platform's day: false reports that people file, accounts that it looks at.
    pub(super) fn work(&mut self, day: u32, lived: &mut Lived) {
        self.file_false_reports(day, lived);
        let raw = self.params.get();
        let (review, accounts) = (raw.scenario.review, f64::from(raw.accounts) / 10_000.0);
        let mut dice = Dice::new(raw.seed, 0, Process::Review, day + 1);
        let today = raw.start + u64::from(day) * DAY;
        let capacity = usize::try_from(dice.round(review.per_day * accounts)).unwrap_or(0);
        for (who, weight) in self.bureau.queue().into_iter().take(capacity) {
            self.bureau.looked_at.insert(who, weight);
            self.decide(&mut dice, lived, (who, today), LabelSource::Reviewer);
        }
        for _ in 0..dice.round(review.audited_per_day * accounts) {
            let who = u32::try_from(dice.below(u64::from(self.params.get().accounts))).unwrap_or(0);
            if self.crowd.people[who as usize].is_here(today) {
                self.decide(&mut dice, lived, (who, today), LabelSource::AuditSample);
            }
        }
    }

    /// Somebody decides, rightly or not.
    fn decide(
        &mut self,
        dice: &mut Dice,
        lived: &mut Lived,
        (who, today): (u32, Millis),
        source: LabelSource,
    ) {
        let review = self.params.get().scenario.review;
        // In office hours.
        let ts = today + whole(dice.between(8.0, 17.0) * HOUR as f64);
        let campaign = self.crowd.campaign(&self.crowd.people[who as usize]);
        let begun = campaign.filter(|campaign| campaign.onset <= ts).map(|campaign| campaign.archetype);
        // Nobody who looks at an account of which nothing is known errs as often as about one that was reported (our
        // choice: a twentieth as often).
        let stands_out = begun.is_some() || self.bureau.weight(who) > 0.0;
        let error = (1.0 - review.accuracy) * if stands_out { 1.0 } else { 0.05 };
        let is_right = !dice.chance(error);
        let is_abusive = begun.is_some() == is_right;
        let verdict = if is_abusive { Verdict::Abusive } else { Verdict::Benign };
        let category = is_abusive.then(|| begun.map_or(Category::Other, Archetype::category));
        let known = ts + whole(dice.log_normal(review.delay_days * DAY as f64, 0.6));
        self.bureau.find(Finding { who, verdict, category, ts: known, source });
        if source == LabelSource::Reviewer {
            self.resolve(lived, (who, ts), is_abusive, category);
        }
        if !is_abusive || self.bureau.is_listed[who as usize] || !dice.chance(review.suspended) {
            return;
        }
        let mut until = Millis::MAX;
        status(lived, who, ts + HOUR, (Status::Suspended, category));
        // Who was suspended and had done nothing appeals, and most are heard (our choice).
        if begun.is_none() && dice.chance(0.7) {
            until = ts + whole(dice.log_normal(3.0 * DAY as f64, 0.7));
            status(lived, who, until, (Status::Reinstated, None));
            let (verdict, source) = (Verdict::Benign, LabelSource::Appeal);
            self.bureau.find(Finding { who, verdict, category: None, ts: until, source });
        }
        self.bureau.shut_out(who, ts + HOUR, until);
    }

    /// The outcome of every open report about somebody.
    fn resolve(&self, lived: &mut Lived, (who, ts): (u32, Millis), upheld: bool, category: Option<Category>) {
        let open = self.bureau.reporters.get(&who).map_or(0, Vec::len);
        for nth in 0..open.min(6) as u64 {
            let outcome = match (upheld, nth) {
                (true, 0) => Outcome::Upheld,
                (true, _) => Outcome::Duplicate,
                (false, _) => Outcome::Dismissed,
            };
            let act = Act::Resolved(category.unwrap_or(Category::Other), outcome);
            lived.note(Draft { ts: ts + 1000 * nth, actor: who, target: None, act, pair: None });
        }
    }

    /// Whether what is said about somebody is true.
    fn is_offender(&self, who: u32) -> bool {
        matches!(self.crowd.people[who as usize].role, Role::Abuser { .. })
    }
}

fn status(lived: &mut Lived, who: u32, ts: Millis, (status, reason): (Status, Option<Category>)) {
    lived.note(Draft { ts, actor: who, target: None, act: Act::Status(status, reason), pair: None });
}
