//! Evidence levels: how much more than a score there is against an account, what that rests on, and what would have to
//! be there for the next level. A level is computed from facts alone; nobody sets it.
//!
//! Levels and the circle of families are those of the corroboration gate: one calibrated score is a lead; a second,
//! independent kind of evidence makes it worth restricting; only what somebody else has confirmed carries more.

use std::collections::BTreeMap;

use detect::Flag;
use schema::Family;

use crate::words::spoken;

spoken! {
    /// How much there is, least first.
    Level {
        E0 = "E0", "Features only: its probability has not reached the threshold";
        E1 = "E1", "One calibrated score";
        E2 = "E2", "A score, and a second kind of evidence that is independent of it";
        E3 = "E3", "Confirmed by somebody else than the model";
        E4 = "E4", "Confirmed, and it is going on";
    }
    /// Kinds of evidence that do not follow from one another. Whom an account turns to and how they answer are one kind: who
    /// turns to many strangers is refused by many.
    Circle {
        Approach = "approach", "whom it turns to, and how they answer";
        Timing = "timing", "when and how regularly it acts";
        Identity = "identity", "what its devices and its registration have in common with others";
        Graph = "graph", "whom it is linked with";
        Protest = "protest", "likely minors to whom it had turned, and who blocked it";
    }
    /// What confirms a score from outside.
    Corroboration {
        UpheldReport = "upheld_report", "a report about the safety of a child was upheld, or verified by franking";
        ExternalSignal = "external_signal", "a signal came from outside: another platform, a hotline, an authority";
        BannedLink = "banned_link", "a person confirmed that it is linked to a banned account";
        PlatformRecords = "platform_records", "the platform's own records outside encrypted messages confirm it";
    }
    /// What shows that it is going on.
    Urgency {
        FreshExtortion = "fresh_extortion", "a report of extortion was upheld within the last 24 hours";
        Meeting = "meeting", "a person found signs that a meeting is planned";
    }
}

impl Circle {
    /// The circle of a family of features.
    pub const fn of(family: Family) -> Self {
        match family {
            Family::Targeting | Family::Response => Circle::Approach,
            Family::Timing => Circle::Timing,
            Family::Identity => Circle::Identity,
            Family::Graph => Circle::Graph,
            Family::Protest => Circle::Protest,
        }
    }
}

/// From where on something counts as evidence; settings of the ladder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bars {
    /// The least that the features of a circle together must add to the log-odds, in nats, to support a score; above 0.
    pub support_nats: f64,
    /// How many different likely minors must have blocked the account for that to be a kind of evidence; at least 2.
    pub blocking_minors: u32,
    /// The probability below which there is no level but E0, 0 to 1, where nobody had objected.
    pub least_p: f64,
}

/// What is known of an account when its level is computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Whether it was flagged: its calibrated probability has reached the model's threshold.
    pub is_flagged: bool,
    /// That probability, 0 to 1.
    pub p: f64,
    /// By how much the features of each family moved its log-odds away from the usual account's, in nats.
    pub nats: BTreeMap<Family, f64>,
    /// So many of those it had turned to blocked it within 28 days, and at least as many likely minors among them objected.
    /// Reports by others are none of it: anybody can file those.
    pub blocking_minors: u32,
    /// Whether the accounts that it is linked with stand out together.
    pub is_in_significant_cluster: bool,
    /// What confirms it.
    pub corroborations: Vec<Corroboration>,
    /// What shows that it is going on.
    pub urgencies: Vec<Urgency>,
}

/// A level, what it rests on, and what is missing for the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The level.
    pub level: Level,
    /// What it rests on, a sentence each; none for E0.
    pub rests_on: Vec<String>,
    /// What would make it the next level, all of it; none for E4.
    pub missing: Vec<Missing>,
}

/// Something that is missing for a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What, as a sentence.
    pub sentence: String,
    /// Of what, where any will do; empty where the sentence says it all.
    pub any_of: Vec<&'static str>,
}

/// The most that one likely minor's objection adds to `victim_protest_late`.
const MOST_OF_ONE: f64 = 1.5;

impl Facts {
    /// What a flag says.
    pub fn of_flag(flag: &Flag) -> Self {
        // Not from the timeline, which is short, and which forgets after 72 hours who is likely a minor.
        let feature = |name: &str| flag.features.get(name).copied().flatten().unwrap_or(0.0);
        let minors = (feature("victim_protest_late_28d") / MOST_OF_ONE).floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let blocking_minors = minors.min(feature("blocks_28d")) as u32;
        Self { is_flagged: true, p: flag.p, nats: flag.families.clone(), blocking_minors, ..Self::default() }
    }

    /// The probability that the account would have if nobody had blocked or reported it, 0 to 1. It takes the model's
    /// log-odds for calibrated ones, as they are for a model that is calibrated by itself.
    pub fn p_without_protest(&self) -> f64 {
        let protest = self.nats.get(&Family::Protest).copied().unwrap_or(0.0).max(0.0);
        let odds = self.p / (1.0 - self.p) * (-protest).exp();
        if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
    }

    fn nats_of(&self, circle: Circle) -> f64 {
        let of_circle = self.nats.iter().filter(|(family, _)| Circle::of(**family) == circle);
        of_circle.map(|(_, nats)| nats.max(0.0)).sum()
    }

    /// The circles that support the score, in order.
    fn supported_by(&self, bars: &Bars) -> Vec<Circle> {
        let supports = |circle: &Circle| match circle {
            Circle::Protest => self.blocking_minors >= bars.blocking_minors,
            Circle::Graph => self.is_in_significant_cluster || self.nats_of(*circle) >= bars.support_nats,
            _ => self.nats_of(*circle) >= bars.support_nats,
        };
        Circle::ALL.iter().copied().filter(supports).collect()
    }

    /// The level of these facts.
    pub fn assess(&self, bars: &Bars) -> Assessment {
        let circles = self.supported_by(bars);
        let has_own = circles.iter().any(|circle| *circle != Circle::Protest);
        // What others did about an account can support a score, and never be all of it.
        let stands_alone = has_own && self.p_without_protest() >= bars.least_p;
        let level = if !self.is_flagged {
            Level::E0
        } else if !stands_alone || circles.len() < 2 {
            Level::E1
        } else if self.corroborations.is_empty() {
            Level::E2
        } else if self.urgencies.is_empty() {
            Level::E3
        } else {
            Level::E4
        };
        Assessment {
            level,
            rests_on: self.grounds(level, &circles),
            missing: self.missing(level, &circles, bars),
        }
    }

    fn grounds(&self, level: Level, circles: &[Circle]) -> Vec<String> {
        let mut grounds = Vec::new();
        if level >= Level::E1 {
            grounds
                .push(format!("its probability, {:.0} %, which has reached the threshold", self.p * 100.0));
            grounds.extend(circles.iter().map(|circle| self.ground(*circle)));
        }
        if level >= Level::E3 {
            grounds.extend(self.corroborations.iter().map(|c| c.sentence().to_owned()));
        }
        if level >= Level::E4 {
            grounds.extend(self.urgencies.iter().map(|u| u.sentence().to_owned()));
        }
        grounds
    }

    fn ground(&self, circle: Circle) -> String {
        match circle {
            Circle::Protest => format!("{} {}", self.blocking_minors, circle.sentence()),
            Circle::Graph if self.is_in_significant_cluster => {
                "the accounts that it is linked with stand out together".to_owned()
            }
            _ => format!("{} (odds × {:.1})", circle.sentence(), self.nats_of(circle).exp()),
        }
    }

    fn missing(&self, level: Level, circles: &[Circle], bars: &Bars) -> Vec<Missing> {
        let one = |sentence: &str, any_of: Vec<&'static str>| {
            vec![Missing { sentence: sentence.to_owned(), any_of }]
        };
        match level {
            Level::E0 => one("Its probability must reach the threshold", Vec::new()),
            Level::E1 => self.missing_kinds(circles, bars),
            Level::E2 => {
                one("One of these must confirm it", sentences(Corroboration::ALL, Corroboration::sentence))
            }
            Level::E3 => {
                one("One of these must show that it is going on", sentences(Urgency::ALL, Urgency::sentence))
            }
            Level::E4 => Vec::new(),
        }
    }

    /// What is missing for a second kind of evidence.
    fn missing_kinds(&self, circles: &[Circle], bars: &Bars) -> Vec<Missing> {
        let mut missing = Vec::new();
        let p = self.p_without_protest();
        if p < bars.least_p {
            let sentence = format!(
                "Its score must stand without what others blocked or reported: it would be {:.0} %",
                p * 100.0
            );
            missing.push(Missing { sentence, any_of: Vec::new() });
        }
        let needed = 2 - circles.len().min(1);
        if circles.len() < 2 {
            let others: Vec<Circle> =
                Circle::ALL.iter().copied().filter(|circle| !circles.contains(circle)).collect();
            let many = ["One", "Two"][needed - 1];
            let sentence = format!(
                "{many} of these must speak against it, by odds × {:.1} or more",
                bars.support_nats.exp()
            );
            missing.push(Missing { sentence, any_of: sentences(&others, Circle::sentence) });
        }
        missing
    }
}

fn sentences<T: Copy>(all: &[T], sentence: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| sentence(*value)).collect()
}

#[cfg(test)]
mod tests;
