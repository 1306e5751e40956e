//! The scenarios that come with the program.

use super::Scenario;

const SHIPPED: [&str; 20] = [
    include_str!("../../../../config/scenarios/base-rate-0.02.toml"),
    include_str!("../../../../config/scenarios/base-rate-0.05.toml"),
    include_str!("../../../../config/scenarios/base-rate-0.15.toml"),
    include_str!("../../../../config/scenarios/base-rate-0.4.toml"),
    include_str!("../../../../config/scenarios/base-rate-4.toml"),
    include_str!("../../../../config/scenarios/campus.toml"),
    include_str!("../../../../config/scenarios/decoys.toml"),
    include_str!("../../../../config/scenarios/default.toml"),
    include_str!("../../../../config/scenarios/drift.toml"),
    include_str!("../../../../config/scenarios/farm.toml"),
    include_str!("../../../../config/scenarios/holidays.toml"),
    include_str!("../../../../config/scenarios/no-ages.toml"),
    include_str!("../../../../config/scenarios/no-surfaces.toml"),
    include_str!("../../../../config/scenarios/observed.toml"),
    include_str!("../../../../config/scenarios/rings.toml"),
    include_str!("../../../../config/scenarios/self-reported.toml"),
    include_str!("../../../../config/scenarios/unseen-patient.toml"),
    include_str!("../../../../config/scenarios/unseen-places.toml"),
    include_str!("../../../../config/scenarios/unseen-platform.toml"),
    include_str!("../../../../config/scenarios/unseen-roles.toml"),
];

impl Scenario {
    /// The shipped scenario of this name.
    pub fn shipped(name: &str) -> Option<Self> {
        shipped().find(|scenario| scenario.name == name)
    }

    /// The names of the shipped scenarios.
    pub fn names() -> Vec<String> {
        shipped().map(|scenario| scenario.name).collect()
    }
}

fn shipped() -> impl Iterator<Item = Scenario> {
    SHIPPED.iter().filter_map(|text| Scenario::parse(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_is_sound_and_has_a_name_of_its_own() {
        let mut names = Scenario::names();
        assert_eq!(names.len(), SHIPPED.len());
        for name in &names {
            let scenario = Scenario::shipped(name).unwrap();
            assert_eq!(scenario.faults(), Vec::<String>::new(), "{name}");
            assert_eq!(Scenario::parse(&scenario.to_toml()).unwrap(), scenario);
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), SHIPPED.len());
        assert!(names.iter().filter(|name| name.starts_with("unseen-")).count() >= 3);
    }

    #[test]
    fn the_manual_says_what_the_defaults_are() {
        assert_eq!(Scenario::parse(SHIPPED[DEFAULT]).unwrap(), Scenario::default());
        let (manual, every) = (SHIPPED[DEFAULT], Scenario::default().to_toml());
        for key in every.lines().filter_map(|line| line.split_once(" = ").map(|(key, _)| key)) {
            assert!(key == "drift" || manual.contains(&format!("\n{key} = ")), "{key}");
        }
    }

    const DEFAULT: usize = 7;
}
