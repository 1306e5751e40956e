use super::*;
use crate::scenario::{Drift, Population};

#[test]
fn the_defaults_are_right() {
    let checked = Params::default().check().unwrap();
    assert_eq!(checked.end() - checked.get().start, 60 * DAY);
}

#[test]
fn every_fault_is_named() {
    let mut scenario = Scenario { name: "No name".to_owned(), ..Scenario::default() };
    scenario.abuse.share = f64::NAN;
    scenario.abuse.archetypes.insert("groomer".to_owned(), 1.0);
    scenario.population = Population { minor_share: 0.9, messages_median: -1.0, ..Population::default() };
    scenario.population.regions.insert("XX".to_owned(), 1.0);
    scenario.look_alikes.shares.insert("teacher".to_owned(), 0.5);
    scenario.reports.offender_share[2] = 0.0;
    scenario.drift.push(Drift { pace: 0.0, ..Drift::default() });
    let error = Params { accounts: 199, days: 1, start: u64::MAX, scenario, ..Params::default() }
        .check()
        .unwrap_err();
    for name in [
        "name must",
        "accounts must",
        "days must",
        "start must",
        "abuse.share must",
        "abuse.archetypes has no groomer",
        "population.minor_share must",
        "population.messages_median must",
        "population.regions has no XX",
        "look_alikes.shares.teacher must",
        "reports.offender_share of 3 must",
        "drift.pace must",
    ] {
        assert!(error.faults.iter().any(|fault| fault.starts_with(name)), "{name}: {error}");
    }
    assert_eq!(error.faults.len(), 12, "{error}");
}
