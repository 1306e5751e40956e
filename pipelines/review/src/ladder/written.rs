//! A ladder as it is written, and what can be wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use events::Country;
use serde::Deserialize;

use super::{Bar, Basis, Consent, Ladder, Region, Rung};
use crate::level::{Bars, Level};

/// Why a text is no ladder: every fault, one a line, with its place and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidLadder(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    evidence: WrittenBars,
    rungs: BTreeMap<String, WrittenRung>,
    regions: WrittenRegions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBars {
    support_nats: f64,
    blocking_minors: u32,
    least_p: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRung {
    level: String,
    min_p: f64,
    consent: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRegions {
    elsewhere: String,
    unknown: String,
    #[serde(default)]
    named: BTreeMap<String, WrittenRegion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRegion {
    countries: Vec<String>,
    basis: String,
    because: String,
    #[serde(default)]
    rungs: Vec<String>,
}

/// Faults as they are found.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, place: &str, fault: impl std::fmt::Display) {
        self.0.push(format!("{place}: {fault}"));
    }

    /// The value of a word; a fault with all that would be right where it is none.
    fn word<T: Copy>(
        &mut self,
        place: &str,
        word: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let found = all.iter().copied().find(|value| name(*value) == word);
        if found.is_none() {
            let all: Vec<&str> = all.iter().map(|value| name(*value)).collect();
            self.add(place, format_args!("{word:?} is none of {}", all.join(", ")));
        }
        found
    }

    fn share(&mut self, place: &str, value: f64) -> f64 {
        if !(0.0..=1.0).contains(&value) {
            self.add(place, format_args!("{value} is not between 0 and 1"));
        }
        value
    }
}

pub(super) fn parse(text: &str) -> Result<Ladder, InvalidLadder> {
    let written: Written =
        toml::from_str(text).map_err(|error| InvalidLadder(error.to_string().trim_end().to_owned()))?;
    let mut faults = Faults::default();
    let Written { evidence, rungs, regions } = written;
    let bars = bars(&evidence, &mut faults);
    let rungs: BTreeMap<Rung, Bar> =
        rungs.iter().filter_map(|(name, written)| rung(name, written, &mut faults)).collect();
    check_order(&rungs, &mut faults);
    let basis = |place: &str, word: &str, faults: &mut Faults| {
        faults.word(place, word, Basis::ALL, Basis::as_str).unwrap_or(Basis::Nothing)
    };
    let elsewhere = basis("regions.elsewhere", &regions.elsewhere, &mut faults);
    let unknown = basis("regions.unknown", &regions.unknown, &mut faults);
    let mut taken = BTreeMap::new();
    let named = regions.named.iter();
    let regions: Vec<Region> =
        named.map(|(name, written)| region(name, written, &mut taken, &mut faults)).collect();
    if faults.0.is_empty() {
        Ok(Ladder { bars, rungs, regions, elsewhere, unknown })
    } else {
        Err(InvalidLadder(faults.0.join("\n")))
    }
}

fn bars(written: &WrittenBars, faults: &mut Faults) -> Bars {
    let WrittenBars { support_nats, blocking_minors, least_p } = *written;
    if !(support_nats > 0.0 && support_nats.is_finite()) {
        faults.add("evidence.support_nats", format_args!("{support_nats} is not above 0"));
    }
    if blocking_minors < 2 {
        faults.add(
            "evidence.blocking_minors",
            format_args!("{blocking_minors} is not at least 2: one may be mistaken"),
        );
    }
    Bars { support_nats, blocking_minors, least_p: faults.share("evidence.least_p", least_p) }
}

fn rung(name: &str, written: &WrittenRung, faults: &mut Faults) -> Option<(Rung, Bar)> {
    let place = format!("rungs.{name}");
    let rung = faults.word(&place, name, Rung::ALL, Rung::as_str);
    let level = faults.word(&format!("{place}.level"), &written.level, Level::ALL, Level::as_str);
    let consent = faults.word(&format!("{place}.consent"), &written.consent, Consent::ALL, Consent::as_str);
    let min_p = faults.share(&format!("{place}.min_p"), written.min_p);
    let (rung, level, consent) = (rung?, level?, consent?);
    let (least, fewest) = rung.floor();
    if level < least {
        let (level, least) = (level.as_str(), least.as_str());
        faults.add(&format!("{place}.level"), format_args!("{level} is below {least}, the least for it"));
    }
    if consent < fewest {
        let (consent, fewest) = (consent.as_str(), fewest.as_str());
        faults.add(
            &format!("{place}.consent"),
            format_args!("{consent} is less than {fewest}, the least for it"),
        );
    }
    Some((rung, Bar { level, min_p, consent }))
}

/// A graver rung asks for as much as a milder one at least.
fn check_order(rungs: &BTreeMap<Rung, Bar>, faults: &mut Faults) {
    for ((milder, low), (graver, high)) in rungs.iter().zip(rungs.iter().skip(1)) {
        let (milder, place) = (milder.as_str(), format!("rungs.{}", graver.as_str()));
        if high.level < low.level {
            faults.add(
                &format!("{place}.level"),
                format_args!("it is below that of {milder}, which is milder"),
            );
        }
        if high.min_p < low.min_p {
            faults.add(
                &format!("{place}.min_p"),
                format_args!("it is below that of {milder}, which is milder"),
            );
        }
        if high.consent < low.consent {
            faults.add(
                &format!("{place}.consent"),
                format_args!("it is less than that of {milder}, which is milder"),
            );
        }
    }
}

fn region(
    name: &str,
    written: &WrittenRegion,
    taken: &mut BTreeMap<Country, String>,
    faults: &mut Faults,
) -> Region {
    let place = format!("regions.named.{name}");
    let mut countries = BTreeSet::new();
    for code in &written.countries {
        let Some(country) = Country::from_code(code) else {
            faults.add(&format!("{place}.countries"), format_args!("{code:?} is no ISO 3166-1 alpha-2 code"));
            continue;
        };
        if let Some(other) = taken.insert(country, name.to_owned()) {
            faults.add(&format!("{place}.countries"), format_args!("{code} is in {other} already"));
        }
        countries.insert(country);
    }
    if written.because.trim().is_empty() {
        faults.add(&format!("{place}.because"), "say on what the basis rests");
    }
    let basis = faults.word(&format!("{place}.basis"), &written.basis, Basis::ALL, Basis::as_str);
    let named = written.rungs.iter();
    let rungs =
        named.filter_map(|word| faults.word(&format!("{place}.rungs"), word, Rung::ALL, Rung::as_str));
    let rungs = rungs.collect();
    let (name, because) = (name.to_owned(), written.because.clone());
    Region { name, countries, basis: basis.unwrap_or(Basis::Nothing), because, rungs }
}
