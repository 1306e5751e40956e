//! What a scenario may say.

use super::Scenario;
use super::spelling::hint;
use crate::rhythm::REGIONS;
use crate::role::{Archetype, LookAlike};

impl Scenario {
    /// Every fault, with what would be right.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Faults(Vec::new());
        let name = &self.name;
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        if name.is_empty() || name.len() > 60 || !name.bytes().all(is_word) {
            faults.0.push("name must have 1 to 60 of a-z, 0-9, hyphen and full stop".to_owned());
        }
        self.check_population(&mut faults);
        self.check_kinds(&mut faults);
        faults.within("abuse.share", self.abuse.share, 0.0, 0.05);
        faults.within("abuse.pace", self.abuse.pace, 0.05, 20.0);
        faults.within("abuse.decoys", self.abuse.decoys, 0.0, 0.05);
        faults.within("abuse.ring_accounts", f64::from(self.abuse.ring_accounts), 2.0, 200.0);
        faults.within("look_alikes.per_abuser", self.look_alikes.per_abuser, 0.0, 30.0);
        for (reporters, share) in (1..).zip(self.reports.offender_share) {
            faults.within(&format!("reports.offender_share of {reporters}"), share, 0.05, 1.0);
        }
        let review = &self.review;
        faults.within("review.per_day", review.per_day, 0.0, 1000.0);
        faults.within("review.audited_per_day", review.audited_per_day, 0.0, 1000.0);
        faults.within("review.accuracy", review.accuracy, 0.5, 1.0);
        faults.within("review.delay_days", review.delay_days, 0.1, 60.0);
        faults.within("review.suspended", review.suspended, 0.0, 1.0);
        faults.within("platform.release_days", f64::from(self.platform.release_days), 1.0, 365.0);
        for drift in &self.drift {
            faults.within("drift.messages", drift.messages, 0.1, 10.0);
            faults.within("drift.first_contacts", drift.first_contacts, 0.1, 10.0);
            faults.within("drift.pace", drift.pace, 0.05, 20.0);
            faults.within("drift.focus", drift.focus, 0.0, 1.0);
        }
        faults.0
    }

    fn check_population(&self, faults: &mut Faults) {
        let population = &self.population;
        faults.within("population.minor_share", population.minor_share, 0.0, 0.3);
        faults.within("population.messages_median", population.messages_median, 0.0, 100.0);
        faults.within("population.first_contacts", population.first_contacts, 0.0, 10.0);
        faults.within("population.contact_days", f64::from(population.contact_days), 7.0, 400.0);
        faults.within("population.arrivals_per_day", population.arrivals_per_day, 0.0, 0.2);
        faults.within("population.arrivals_until", population.arrivals_until, 0.05, 1.0);
        faults.within("population.silent_share", population.silent_share, 0.0, 0.39);
        faults.within("population.by_contacts", population.by_contacts, 0.0, 1.0);
        faults.within("population.by_message", population.by_message, 0.0, 1.0);
        faults.within("population.talk_length", population.talk_length, 0.2, 5.0);
        faults.weights("population.minor_ages", population.minor_ages);
        faults.weights("population.adult_ages", population.adult_ages);
        if !population.regions.is_empty() {
            faults.weights("population.regions", population.regions.values().copied());
        }
        for code in population.regions.keys() {
            if !REGIONS.iter().any(|region| region.code == code) {
                let known: Vec<&str> = REGIONS.iter().map(|region| region.code).collect();
                let hint = hint(code, known.iter().copied());
                faults
                    .0
                    .push(format!("population.regions has no {code}{hint}; there are {}", known.join(", ")));
            }
        }
    }

    fn check_kinds(&self, faults: &mut Faults) {
        for (name, weight) in &self.abuse.archetypes {
            if Archetype::named(name).is_none() {
                let known: Vec<&str> = Archetype::ALL.iter().map(|kind| kind.name()).collect();
                let hint = hint(name, known.iter().copied());
                faults
                    .0
                    .push(format!("abuse.archetypes has no {name}{hint}; there are {}", known.join(", ")));
            }
            faults.within(&format!("abuse.archetypes.{name}"), *weight, 0.0, 100.0);
        }
        if Archetype::ALL.iter().all(|kind| self.weight(*kind) <= 0.0) && self.abuse.share > 0.0 {
            faults.0.push("abuse.archetypes must leave at least one above 0, or abuse.share be 0".to_owned());
        }
        for (name, share) in &self.look_alikes.shares {
            if LookAlike::named(name).is_none() {
                let known: Vec<&str> = LookAlike::ALL.iter().map(|kind| kind.name()).collect();
                let hint = hint(name, known.iter().copied());
                faults
                    .0
                    .push(format!("look_alikes.shares has no {name}{hint}; there are {}", known.join(", ")));
            }
            faults.within(&format!("look_alikes.shares.{name}"), *share, 0.0, 0.1);
        }
    }
}

struct Faults(Vec<String>);

impl Faults {
    fn within(&mut self, key: &str, value: f64, least: f64, most: f64) {
        if !(least..=most).contains(&value) {
            self.0.push(format!("{key} must lie in {least} to {most}, not {value}"));
        }
    }

    fn weights(&mut self, key: &str, weights: impl IntoIterator<Item = f64>) {
        let mut sum = 0.0;
        let mut sound = true;
        for weight in weights {
            sound &= (0.0..=1e6).contains(&weight);
            sum += weight;
        }
        if !sound || sum <= 0.0 {
            self.0.push(format!("{key} must be weights of 0 or more, at least one above 0"));
        }
    }
}
