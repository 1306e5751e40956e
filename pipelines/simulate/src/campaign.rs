//! How each kind of abuse goes about it. Every number is a prior of the population design unless a source is named;
//! each abuser draws their own.

use events::{Millis, Surface};

use crate::dice::{Dice, whole};
use crate::role::Archetype;
use crate::{DAY, HOUR, MINUTE, SECOND};

/// How one abuser goes about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Campaign {
    pub(crate) archetype: Archetype,
    /// When it begins.
    pub(crate) onset: Millis,
    /// When it is over.
    pub(crate) until: Millis,
    /// Share of days on which it happens.
    pub(crate) drive: f64,
    /// First contacts on such a day, median.
    pub(crate) per_day: f64,
    /// Median time between two of them, in milliseconds.
    pub(crate) gap_ms: f64,
    /// Share of minors among the targets.
    pub(crate) focus: f64,
    /// How badly targets take it, 1 for the usual.
    pub(crate) harshness: f64,
    /// Share of targets who are sought among the contacts of those already won.
    pub(crate) ladder: f64,
    /// Share of first contacts that are messages, not requests.
    pub(crate) by_message: f64,
    pub(crate) quarry: Quarry,
    pub(crate) surfaces: &'static [(Surface, f64)],
    pub(crate) style: Style,
    /// Who acts together, by number.
    pub(crate) ring: Option<u32>,
}

/// Whom a campaign is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quarry {
    /// Anybody, minors and adults in the share of the focus.
    Anyone,
    /// The minors of some towns, others every few days; a ring has the same towns and splits who lives there.
    Town,
    /// Whom the earlier account had met, then anybody.
    Again,
    /// Minors of one's own communities and of one's own age.
    Peers,
}

/// What a campaign does to those who answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Importunate,
    Grooming,
    Extortion,
    Bulk,
    Romance,
    /// Loud, and soon gone.
    Harmless,
}

const SCATTER: &[(Surface, f64)] = &[
    (Surface::Suggested, 0.42),
    (Surface::Search, 0.24),
    (Surface::Comment, 0.24),
    (Surface::Mutual, 0.06),
    (Surface::Game, 0.04),
];
const QUIET: &[(Surface, f64)] = &[
    (Surface::Group, 0.34),
    (Surface::Mutual, 0.20),
    (Surface::Game, 0.16),
    (Surface::Comment, 0.12),
    (Surface::Suggested, 0.10),
    (Surface::Search, 0.08),
];
/// Where nobody is looked at first.
const LADDER: &[(Surface, f64)] = &[
    (Surface::Mutual, 0.40),
    (Surface::Game, 0.25),
    (Surface::Group, 0.20),
    (Surface::ForwardedContact, 0.15),
];
const LISTS: &[(Surface, f64)] =
    &[(Surface::Search, 0.5), (Surface::Unknown, 0.25), (Surface::PhoneImport, 0.15), (Surface::Group, 0.1)];
const WOOING: &[(Surface, f64)] = &[
    (Surface::Suggested, 0.18),
    (Surface::Nearby, 0.12),
    (Surface::Search, 0.12),
    (Surface::Comment, 0.10),
    (Surface::Group, 0.18),
    (Surface::PhoneImport, 0.12),
    (Surface::ForwardedContact, 0.06),
    (Surface::Unknown, 0.12),
];
const SWEEP: &[(Surface, f64)] =
    &[(Surface::Suggested, 0.4), (Surface::Mutual, 0.35), (Surface::Search, 0.25)];

/// The world's time, first and last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: Millis,
    pub(crate) end: Millis,
}

impl Span {
    /// A moment between these shares of the time.
    pub(crate) fn instant(self, dice: &mut Dice, from: f64, to: f64) -> Millis {
        self.start + whole(dice.between(from, to) * (self.end - self.start) as f64)
    }
}

impl Campaign {
    /// An adult who asks one minor after the other; what the others differ from.
    fn scattergun(dice: &mut Dice, archetype: Archetype, span: Span) -> Self {
        Self {
            archetype,
            // Onsets leave something to be seen.
            onset: span.instant(dice, 0.02, 0.80),
            until: Millis::MAX,
            drive: dice.between(0.25, 0.95),
            // 30 to 300 requests to minors a week.
            per_day: dice.log_normal(65.0, 0.8).clamp(30.0, 300.0) / 7.0,
            gap_ms: dice.log_normal(90.0 * SECOND as f64, 0.8),
            focus: dice.between(0.75, 1.0),
            harshness: dice.log_normal(0.8, 0.6).clamp(0.15, 2.0),
            ladder: dice.between(0.0, 0.2),
            by_message: 0.2,
            quarry: Quarry::Anyone,
            surfaces: SCATTER,
            style: Style::Importunate,
            ring: None,
        }
    }

    /// The same to everybody, in bursts: up to 100 messages in 15 seconds (WhatsApp 2019).
    fn bulk(dice: &mut Dice, archetype: Archetype, span: Span) -> Self {
        Self {
            drive: dice.between(0.15, 0.9),
            per_day: dice.log_normal(45.0, 0.8).clamp(6.0, 250.0),
            gap_ms: dice.log_normal(800.0, 1.5).clamp(100.0, 60.0 * SECOND as f64),
            focus: dice.between(0.05, 0.2),
            ladder: 0.0,
            by_message: 1.0,
            surfaces: LISTS,
            style: Style::Bulk,
            ..Self::scattergun(dice, archetype, span)
        }
    }

    /// Few, patient, through groups and common contacts.
    fn patient(dice: &mut Dice, archetype: Archetype, span: Span) -> Self {
        Self {
            drive: dice.between(0.3, 0.6),
            // About one new minor a week, at the most three, and others.
            per_day: dice.log_normal(0.7, 0.5).clamp(0.2, 2.5),
            gap_ms: 30.0 * MINUTE as f64,
            focus: dice.between(0.25, 0.45),
            harshness: dice.log_normal(0.45, 0.5).clamp(0.1, 1.2),
            ladder: dice.between(0.4, 0.8),
            by_message: 0.5,
            surfaces: QUIET,
            style: Style::Grooming,
            ..Self::scattergun(dice, archetype, span)
        }
    }

    /// Adults, for weeks.
    fn romance(dice: &mut Dice, archetype: Archetype, span: Span) -> Self {
        Self {
            drive: dice.between(0.3, 0.7),
            per_day: dice.log_normal(1.0, 0.6).clamp(0.3, 8.0),
            gap_ms: 6.0 * MINUTE as f64,
            focus: 0.0,
            harshness: dice.log_normal(0.36, 0.5).clamp(0.1, 1.5),
            ladder: dice.between(0.35, 0.65),
            by_message: 0.5,
            surfaces: WOOING,
            style: Style::Romance,
            ..Self::scattergun(dice, archetype, span)
        }
    }

    /// Quiet until it was sold to one of the others.
    fn sold(dice: &mut Dice, archetype: Archetype, span: Span) -> Self {
        let onset = span.instant(dice, 0.3, 0.85);
        let sold_to: [fn(&mut Dice, Archetype, Span) -> Self; 4] =
            [Self::scattergun, Self::bulk, Self::romance, Self::patient];
        let buyer = sold_to[usize::try_from(dice.below(4)).unwrap_or(0)];
        Self { onset, ..buyer(dice, archetype, span) }
    }

    /// What an abuser of this kind does.
    pub(crate) fn draw(dice: &mut Dice, archetype: Archetype, span: Span) -> Self {
        let scattergun = |dice: &mut Dice| Self::scattergun(dice, archetype, span);
        match archetype {
            Archetype::Scattergun | Archetype::BanEvader => scattergun(dice),
            Archetype::LowAndSlow => Self::patient(dice, archetype, span),
            Archetype::Catfish => Self {
                per_day: dice.log_normal(0.45, 0.6).clamp(0.15, 3.0),
                gap_ms: 10.0 * MINUTE as f64,
                ladder: dice.between(0.7, 0.95),
                ..Self::patient(dice, archetype, span)
            },
            // 30 to 150 requests in 10 to 60 minutes at one school.
            Archetype::SextortionFarm => Self {
                drive: dice.between(0.5, 1.0),
                per_day: dice.log_normal(22.0, 0.6).clamp(5.0, 150.0),
                gap_ms: dice.log_normal(25.0 * SECOND as f64, 0.5),
                focus: 0.9,
                ladder: dice.between(0.3, 0.6),
                by_message: 0.1,
                quarry: Quarry::Town,
                surfaces: SWEEP,
                style: Style::Extortion,
                ..scattergun(dice)
            },
            Archetype::BulkSpammer => Self::bulk(dice, archetype, span),
            Archetype::RomanceScam => Self::romance(dice, archetype, span),
            Archetype::AgedAccount => Self::sold(dice, archetype, span),
            Archetype::GroupAdder => {
                Self { drive: dice.between(0.2, 0.7), ..Self::bulk(dice, archetype, span) }
            }
            Archetype::Hijacked => {
                let onset = span.instant(dice, 0.1, 0.9);
                let until = onset + whole(dice.between(0.3, 4.0) * DAY as f64);
                Self { onset, until, drive: 1.0, ..Self::bulk(dice, archetype, span) }
            }
            Archetype::ColludingSybil => Self {
                per_day: dice.log_normal(4.0, 0.6).clamp(1.0, 20.0),
                gap_ms: 3.0 * MINUTE as f64,
                ladder: dice.between(0.4, 0.7),
                by_message: 0.2,
                ..Self::bulk(dice, archetype, span)
            },
            Archetype::BrigadingReporter => {
                Self { per_day: 0.0, drive: 0.0, ..Self::patient(dice, archetype, span) }
            }
            Archetype::MinorCoercion => Self {
                drive: dice.between(0.1, 0.35),
                per_day: dice.log_normal(0.5, 0.5).clamp(0.2, 2.0),
                focus: 1.0,
                harshness: dice.log_normal(0.5, 0.5).clamp(0.1, 1.2),
                quarry: Quarry::Peers,
                style: Style::Extortion,
                ..Self::patient(dice, archetype, span)
            },
            // Knows what is measured, and begins accordingly.
            Archetype::Adaptive => Self {
                per_day: dice.log_normal(0.55, 0.5).clamp(0.3, 3.0),
                drive: dice.between(0.35, 0.7),
                focus: dice.between(0.12, 0.3),
                gap_ms: 15.0 * MINUTE as f64,
                surfaces: LADDER,
                ..Self::patient(dice, archetype, span)
            },
            Archetype::Decoy => {
                Self { style: Style::Harmless, drive: 0.8, ..Self::bulk(dice, archetype, span) }
            }
        }
    }

    /// The first messages of somebody who has just registered: five minutes later at the fastest (WhatsApp 2019);
    /// some let the account age for a few days.
    pub(crate) fn start_after(&mut self, dice: &mut Dice, joins: Millis, span: Span) {
        let wait = whole(dice.log_normal(8.0 * HOUR as f64, 2.0)).max(5 * MINUTE);
        let latest = span.start + (span.end - span.start) / 10 * 9;
        self.onset = (joins + wait).min(latest.max(joins + 5 * MINUTE));
    }

    /// The campaign after so many releases of a model: each time, what stands out most from ordinary people is
    /// halved. The abuser knows what is measured, and no threshold.
    pub(crate) fn adapted(&self, releases: u32) -> Self {
        let mut campaign = self.clone();
        for _ in 0..releases.min(40) {
            let Self { per_day, focus, ladder, harshness, gap_ms, .. } = campaign;
            // Each as a multiple of what is usual among people who seek contacts (our choice).
            let told = [
                per_day / 0.8,
                focus / 0.25,
                (1.0 - ladder) / 0.5,
                harshness / 0.2,
                75.0 * SECOND as f64 / gap_ms,
            ];
            let most = (0..told.len()).max_by(|a, b| told[*a].total_cmp(&told[*b])).unwrap_or(0);
            match most {
                0 => campaign.per_day = per_day / 2.0,
                1 => campaign.focus = focus / 2.0,
                2 => campaign.ladder = 1.0 - (1.0 - ladder) / 2.0,
                3 => campaign.harshness = harshness / 2.0,
                _ => campaign.gap_ms = gap_ms * 2.0,
            }
        }
        campaign
    }
}
