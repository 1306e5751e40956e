//! False reports. How often a report is true was measured on the abuse reports of a real social network: P(offender)
//! by the number of distinct reporters. Each day, as many innocents are reported as keep that curve, given the
//! offenders who were.

use events::Category;

use crate::DAY;
use crate::dice::{Dice, Process, whole};
use crate::draft::{Act, Draft, Lived};
use crate::rhythm::moment;
use crate::role::{Archetype, LookAlike};
use crate::world::World;

/// Distinct reporters, 1 to 6 or more.
const CLASSES: usize = 6;

/// What false reports say (our choice).
const SAID: [(Category, f64); 6] = [
    (Category::Harassment, 0.40),
    (Category::Spam, 0.20),
    (Category::Other, 0.15),
    (Category::ChildSafety, 0.10),
    (Category::Scam, 0.10),
    (Category::Impersonation, 0.05),
];

/// Who is seen by many, and so reported by some.
const EXPOSED: [LookAlike; 7] = [
    LookAlike::Teacher,
    LookAlike::Creator,
    LookAlike::Recruiter,
    LookAlike::Institution,
    LookAlike::Dater,
    LookAlike::Organiser,
    LookAlike::ClanHost,
];

impl World {
    /// Files today's false reports: single ones, and brigades against one innocent.
    pub(super) fn file_false_reports(&mut self, day: u32, lived: &mut Lived) {
        let seed = self.params.get().seed;
        let mut dice = Dice::new(seed, 0, Process::Report, day);
        let (offenders, innocents) = self.reported();
        let shares = self.params.get().scenario.reports.offender_share;
        let mut missing = [0.0; CLASSES];
        for k in 0..CLASSES {
            let wanted = offenders[k] as f64 * (1.0 - shares[k]) / shares[k];
            missing[k] = wanted - innocents[k].len() as f64;
        }
        let mut innocents = innocents;
        // Innocents of whom there are too many with k reporters are reported once more, as offenders are.
        for k in 0..CLASSES - 1 {
            while missing[k] <= -1.0 && missing[k + 1] >= 0.0 {
                let Some(subject) = innocents[k].pop() else { break };
                self.report_falsely(&mut dice, lived, (day, subject, 1));
                missing[k] += 1.0;
                missing[k + 1] -= 1.0;
            }
        }
        for k in (0..CLASSES).rev() {
            let count = whole(missing[k].max(0.0) + 0.5);
            for _ in 0..count {
                if let Some(subject) = self.innocent(&mut dice, day) {
                    self.report_falsely(&mut dice, lived, (day, subject, k + 1));
                }
            }
        }
    }

    /// How many offenders, and which innocents, have 1, 2, … and 6 or more distinct reporters.
    fn reported(&self) -> ([usize; CLASSES], [Vec<u32>; CLASSES]) {
        let (mut offenders, mut innocents) = ([0; CLASSES], [const { Vec::new() }; CLASSES]);
        for (who, reporters) in &self.bureau.reporters {
            let Some(class) = reporters.len().min(CLASSES).checked_sub(1) else { continue };
            if self.is_offender(*who) {
                offenders[class] += 1;
            } else {
                innocents[class].push(*who);
            }
        }
        (offenders, innocents)
    }

    /// An innocent of whom nobody has complained; half of them are people whom many see.
    fn innocent(&self, dice: &mut Dice, day: u32) -> Option<u32> {
        let start = crate::crowd::day_start(self.params.get().start, day);
        let accounts = u64::from(self.params.get().accounts);
        let wants_exposed = dice.chance(0.5);
        let mut fallback = None;
        for _ in 0..200 {
            let who = u32::try_from(dice.below(accounts)).ok()?;
            let person = &self.crowd.people[who as usize];
            let fits = person.is_here(start.saturating_sub(DAY))
                && !self.is_offender(who)
                && !self.bureau.reporters.contains_key(&who)
                && !self.bureau.is_out(who, start);
            if fits {
                fallback = Some(who);
                let is_exposed = person.role.look_alike().is_some_and(|kind| EXPOSED.contains(&kind));
                if !wants_exposed || is_exposed {
                    break;
                }
            }
        }
        fallback
    }

    /// So many people report an innocent: those who know them, those who report everybody, and from three on people
    /// who do it together.
    fn report_falsely(
        &mut self,
        dice: &mut Dice,
        lived: &mut Lived,
        (day, subject, count): (u32, u32, usize),
    ) {
        let start = crate::crowd::day_start(self.params.get().start, day);
        let said = dice.weighted(&SAID);
        let together = moment(dice, start, self.clock(subject, day));
        let mut filed = 0;
        for attempt in 0..20 * count {
            if filed == count {
                return;
            }
            let is_brigade = count >= 3 && attempt < 10 * count;
            let Some(reporter) = self.false_reporter(dice, subject, is_brigade) else { continue };
            let known = self.bureau.reporters.get(&subject).is_some_and(|all| all.contains(&reporter));
            let is_here = self.crowd.people[reporter as usize].is_here(start.saturating_sub(DAY))
                && !self.bureau.is_out(reporter, start)
                && !self.bureau.is_listed[reporter as usize];
            if known || !is_here || reporter == subject {
                continue;
            }
            let ts = if count >= 3 {
                (together + whole(dice.between(0.0, 3_600_000.0))).min(start + DAY - 1)
            } else {
                moment(dice, start, self.clock(reporter, day))
            };
            let act = Act::Reported(said);
            lived.note(Draft { ts, actor: reporter, target: Some(subject), act, pair: None });
            self.bureau.hear(reporter, subject);
            filed += 1;
        }
    }

    fn false_reporter(&self, dice: &mut Dice, subject: u32, is_brigade: bool) -> Option<u32> {
        let accounts = u64::from(self.params.get().accounts);
        let anybody = |dice: &mut Dice, of: u64| u32::try_from(dice.below(of.max(1))).ok();
        if is_brigade && dice.chance(0.7) {
            let rings: Vec<u32> = self.rings.keys().copied().filter(|r| is_brigade_ring(*r)).collect();
            if let Some(ring) = dice.pick(&rings) {
                return dice.pick(&self.rings[&ring]);
            }
        }
        match dice.unit() {
            p if p < 0.55 => dice.pick(self.crowd.network.met(subject)),
            // Some report hundreds: reports made have median 1 and p99 17.
            p if p < 0.75 => {
                let place = dice.unit().powi(3) * (accounts as f64 / 150.0).max(20.0);
                u32::try_from(whole(place) * 149 % accounts).ok()
            }
            _ => anybody(dice, accounts),
        }
    }
}

fn is_brigade_ring(ring: u32) -> bool {
    ring >> 24 == Archetype::BrigadingReporter as u32
}
