//! The ladder of interventions: what may be done about an account at which evidence level and probability, where, and who
//! must agree. It is data, and what is set here has a floor that no setting goes below.

use std::collections::{BTreeMap, BTreeSet};

use events::Country;

use crate::level::{Bars, Level};
use crate::words::spoken;

mod dry_run;
mod written;

pub use dry_run::{Change, DryRun, Reach};
pub use written::InvalidLadder;

/// The ladder that is shipped.
pub const SHIPPED: &str = include_str!("../../../config/policy.toml");

spoken! {
    /// A rung, mildest first. Milder ones help those who are approached; from [`Rung::Route`] on they hold the account back.
    Rung {
        Notice = "notice", "Show a safety notice to those it turns to";
        Suppress = "suppress", "Suggest it to no likely minor, and no likely minor to it";
        Friction = "friction", "Slow it down: a delay, a budget of requests, a challenge";
        Route = "route", "Deliver its requests to a folder of their own";
        ContactGate = "contact_gate", "No new contacts with likely minors";
        Suspend = "suspend", "Suspend the account";
        Refer = "refer", "Suspend the account and refer it to the authorities";
    }
    /// Who must agree, fewest first.
    Consent {
        Automatic = "automatic", "nobody";
        OnePerson = "one_person", "one person";
        TwoPeople = "two_people", "two people";
    }
    /// For what events of a region may be processed, least first.
    Basis {
        Nothing = "nothing", "for nothing: events of its people are dropped before anything is learned of them";
        SecurityOnly = "security_only", "for security: bulk and automated contact";
        Everything = "everything", "for the safety of children and for security";
    }
}

/// The least that a rung asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Evidence level.
    pub level: Level,
    /// Calibrated probability, 0 to 1.
    pub min_p: f64,
    /// Who must agree.
    pub consent: Consent,
}

impl Rung {
    /// The level and the people below which no ladder may go. A person's decision restricts, two people's suspend or refer,
    /// and only what somebody else than the model has confirmed.
    pub const fn floor(self) -> (Level, Consent) {
        match self {
            Rung::Notice | Rung::Suppress | Rung::Friction => (Level::E1, Consent::Automatic),
            Rung::Route | Rung::ContactGate => (Level::E2, Consent::OnePerson),
            Rung::Suspend | Rung::Refer => (Level::E3, Consent::TwoPeople),
        }
    }
}

/// Countries with rules of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Region {
    name: String,
    countries: BTreeSet<Country>,
    basis: Basis,
    because: String,
    /// The rungs that there are; all of them where none is named.
    rungs: BTreeSet<Rung>,
}

/// What may be done at which level, where, and who must agree.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    bars: Bars,
    rungs: BTreeMap<Rung, Bar>,
    regions: Vec<Region>,
    elsewhere: Basis,
    unknown: Basis,
}

/// Where an account stands before the ladder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Its evidence level.
    pub level: Level,
    /// Its calibrated probability, 0 to 1.
    pub p: f64,
    /// Its country, where it is known.
    pub country: Option<Country>,
}

impl Ladder {
    /// Reads a ladder, TOML as in `config/policy.toml`.
    ///
    /// # Errors
    /// Every fault at once, each with its place and what would be right.
    pub fn parse(text: &str) -> Result<Self, InvalidLadder> {
        written::parse(text)
    }

    /// From where on something counts as evidence.
    pub fn bars(&self) -> &Bars {
        &self.bars
    }

    /// For what events of accounts in this country may be processed.
    pub fn basis(&self, country: Option<Country>) -> Basis {
        let Some(country) = country else { return self.unknown };
        self.region(country).map_or(self.elsewhere, |region| region.basis)
    }

    fn region(&self, country: Country) -> Option<&Region> {
        self.regions.iter().find(|region| region.countries.contains(&country))
    }

    /// Who must agree before this is done about an account.
    ///
    /// # Errors
    /// Everything that stands against it, a sentence each.
    pub fn consent(&self, rung: Rung, standing: Standing) -> Result<Consent, Vec<String>> {
        let Standing { level, p, country } = standing;
        let mut against = Vec::new();
        let Some(bar) = self.rungs.get(&rung) else {
            return Err(vec![format!("the policy has no {}", rung.as_str())]);
        };
        if level < bar.level {
            against.push(format!(
                "{} needs {}, and there is {}",
                rung.as_str(),
                bar.level.as_str(),
                level.as_str()
            ));
        }
        // What is no number is not enough either.
        if p.is_nan() || p < bar.min_p {
            against.push(format!(
                "{} needs a probability of {}, and there is {p:.2}",
                rung.as_str(),
                bar.min_p
            ));
        }
        if self.basis(country) != Basis::Everything {
            against.push(format!("data of its region may be processed {}", self.basis(country).sentence()));
        }
        let region = country.and_then(|country| self.region(country));
        if let Some(region) =
            region.filter(|region| !region.rungs.is_empty() && !region.rungs.contains(&rung))
        {
            against.push(format!("there is no {} in {}", rung.as_str(), region.name));
        }
        if against.is_empty() { Ok(bar.consent) } else { Err(against) }
    }

    /// Every rung that is open, mildest first, and who must agree.
    pub fn open_to(&self, standing: Standing) -> Vec<(Rung, Consent)> {
        let open = |rung: &Rung| Some((*rung, self.consent(*rung, standing).ok()?));
        Rung::ALL.iter().filter_map(open).collect()
    }

    /// The ladder in lines, one a setting, in an order of their own: what its version is a hash of.
    pub fn lines(&self) -> Vec<String> {
        let Bars { support_nats, blocking_minors, least_p } = self.bars;
        let mut lines = vec![format!(
            "evidence: a kind supports from {support_nats} nats on, blocks from {blocking_minors} likely minors on; \
             least probability {least_p}"
        )];
        lines.extend(self.rungs.iter().map(|(rung, bar)| {
            let (level, people) = (bar.level.as_str(), bar.consent.as_str());
            format!("{}: from {level} and {} on, {people}", rung.as_str(), bar.min_p)
        }));
        lines.extend(self.regions.iter().map(|region| {
            let countries: Vec<&str> = region.countries.iter().map(Country::as_str).collect();
            let rungs: Vec<&str> = region.rungs.iter().map(|rung| rung.as_str()).collect();
            let rungs = if rungs.is_empty() { "all".to_owned() } else { rungs.join(" ") };
            let (name, basis) = (&region.name, region.basis.as_str());
            format!("{name}: {basis} ({}), rungs {rungs}: {}", region.because, countries.join(" "))
        }));
        lines.push(format!("elsewhere: {}", self.elsewhere.as_str()));
        lines.push(format!("unknown country: {}", self.unknown.as_str()));
        lines
    }

    /// The ladder's version: twelve hexadecimal digits over its settings. Comments and spelling change nothing.
    pub fn version(&self) -> String {
        let hash = blake3::hash(self.lines().join("\n").as_bytes()).to_hex();
        hash.chars().take(12).collect()
    }
}

#[cfg(test)]
mod tests;
