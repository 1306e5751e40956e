use proptest::prelude::*;

use super::*;

fn shipped() -> Ladder {
    Ladder::parse(SHIPPED).unwrap()
}

fn standing(level: Level, p: f64, country: &str) -> Standing {
    Standing { level, p, country: Country::from_code(country) }
}

#[test]
fn the_shipped_ladder_opens_more_with_more_evidence() {
    let open = |level, p| -> Vec<Rung> {
        shipped().open_to(standing(level, p, "GB")).into_iter().map(|(rung, _)| rung).collect()
    };
    assert!(open(Level::E0, 0.99).is_empty());
    assert_eq!(open(Level::E1, 0.99), [Rung::Notice, Rung::Suppress, Rung::Friction]);
    assert_eq!(open(Level::E1, 0.15), [Rung::Notice]);
    assert_eq!(open(Level::E2, 0.85).last(), Some(&Rung::ContactGate));
    assert_eq!(open(Level::E3, 0.96), Rung::ALL);
}

#[test]
fn what_stands_against_a_rung_is_said() {
    let against = shipped().consent(Rung::Suspend, standing(Level::E1, 0.5, "DE")).unwrap_err();
    assert_eq!(against.len(), 3, "{against:?}");
    assert_eq!(against[0], "suspend needs E3, and there is E1");
    assert_eq!(against[1], "suspend needs a probability of 0.95, and there is 0.50");
}

#[test]
fn a_region_may_have_fewer_rungs() {
    let text = SHIPPED
        .replace("rungs = []", "rungs = [\"notice\"]")
        .replace("basis = \"security_only\"\nbecause", "basis = \"everything\"\nbecause");
    let ladder = Ladder::parse(&text).unwrap();
    assert_eq!(ladder.open_to(standing(Level::E3, 1.0, "FR")), [(Rung::Notice, Consent::Automatic)]);
    assert_eq!(ladder.open_to(standing(Level::E3, 1.0, "GB")).len(), Rung::ALL.len());
}

#[test]
fn a_country_nobody_knows_is_treated_with_care() {
    assert_eq!(shipped().basis(None), Basis::SecurityOnly);
    assert_eq!(shipped().basis(Country::from_code("US")), Basis::Everything);
    assert_eq!(shipped().basis(Country::from_code("SE")), Basis::SecurityOnly);
}

#[test]
fn every_fault_is_reported_with_its_place() {
    let text = SHIPPED
        .replace(
            "level = \"E3\"\nmin_p = 0.95\nconsent = \"two_people\"\n\n# Suspend the account and",
            "level = \"E2\"\nmin_p = 1.5\nconsent = \"one_person\"\n\n# Suspend the account and",
        )
        .replace("blocking_minors = 3", "blocking_minors = 1")
        .replace("elsewhere = \"everything\"", "elsewhere = \"anything\"")
        .replace("\"AT\", ", "\"AT\", \"XX\", ");
    let faults = Ladder::parse(&text).unwrap_err().to_string();
    for fault in [
        "evidence.blocking_minors: 1 is not at least 2: one may be mistaken",
        "rungs.suspend.level: E2 is below E3, the least for it",
        "rungs.suspend.min_p: 1.5 is not between 0 and 1",
        "rungs.suspend.consent: one_person is less than two_people, the least for it",
        "rungs.refer.min_p: it is below that of suspend, which is milder",
        "regions.elsewhere: \"anything\" is none of nothing, security_only, everything",
        "regions.named.eu.countries: \"XX\" is no ISO 3166-1 alpha-2 code",
    ] {
        assert!(faults.lines().any(|line| line == fault), "{fault}\nis not in\n{faults}");
    }
    let unknown = Ladder::parse(&SHIPPED.replace("min_p = 0.10", "minp = 0.10")).unwrap_err().to_string();
    assert!(unknown.contains("line ") && unknown.contains("min_p"), "{unknown}");
}

#[test]
fn the_version_is_of_the_settings_and_not_of_their_spelling() {
    let version = shipped().version();
    assert_eq!(Ladder::parse(&format!("# a comment\n{SHIPPED}")).unwrap().version(), version);
    let other = Ladder::parse(&SHIPPED.replace("min_p = 0.80", "min_p = 0.81")).unwrap();
    assert_ne!(other.version(), version);
}

#[test]
fn a_dry_run_counts_what_another_ladder_changes() {
    let (now, then) = (shipped(), Ladder::parse(&SHIPPED.replace("min_p = 0.80", "min_p = 0.90")).unwrap());
    let mut run = DryRun::new(&now, Some(&then));
    for p in [0.5, 0.85, 0.95] {
        let standing = standing(Level::E2, p, "GB");
        run.take(standing, standing);
    }
    assert_eq!(run.reach().levels[&Level::E2], 3);
    assert_eq!(run.reach().rungs[&Rung::ContactGate], (Consent::OnePerson, 2));
    assert_eq!(run.changes()[&Rung::ContactGate], Change { gained: 0, lost: 1 });
    assert_eq!(run.changes()[&Rung::Notice], Change::default());
}

/// A ladder as anybody might write it, most of which are refused.
fn written() -> impl Strategy<Value = String> {
    let word = |all: Vec<&'static str>| proptest::sample::select(all);
    let rung = (
        word(Level::ALL.iter().map(|l| l.as_str()).collect()),
        0.0..=1.0_f64,
        word(Consent::ALL.iter().map(|c| c.as_str()).collect()),
    );
    let rungs = proptest::collection::vec(rung, Rung::ALL.len());
    let basis = word(Basis::ALL.iter().map(|b| b.as_str()).collect());
    (rungs, basis.clone(), basis).prop_map(|(rungs, elsewhere, unknown)| {
        let mut text = "[evidence]\nsupport_nats = 0.7\nblocking_minors = 2\nleast_p = 0.0\n".to_owned();
        for (rung, (level, min_p, consent)) in Rung::ALL.iter().zip(rungs) {
            let rung = rung.as_str();
            text +=
                &format!("[rungs.{rung}]\nlevel = \"{level}\"\nmin_p = {min_p:?}\nconsent = \"{consent}\"\n");
        }
        text + &format!("[regions]\nelsewhere = \"{elsewhere}\"\nunknown = \"{unknown}\"\n")
    })
}

fn any_standing() -> impl Strategy<Value = Standing> {
    let country = proptest::sample::select(vec![None, Country::from_code("GB"), Country::from_code("DE")]);
    (proptest::sample::select(Level::ALL.to_vec()), 0.0..=1.0_f64, country)
        .prop_map(|(level, p, country)| Standing { level, p, country })
}

/// Ladders that are accepted: bars in order, at and above the floors.
fn accepted() -> impl Strategy<Value = Ladder> {
    let rungs = proptest::collection::vec((any::<bool>(), any::<bool>(), 0.0..=1.0_f64), Rung::ALL.len());
    rungs.prop_map(|rungs| {
        let mut text = "[evidence]\nsupport_nats = 0.7\nblocking_minors = 2\nleast_p = 0.0\n".to_owned();
        let (mut level, mut p, mut consent) = (Level::E0, 0.0_f64, Consent::Automatic);
        for (rung, (higher, more, least)) in Rung::ALL.iter().zip(rungs) {
            let (least_level, fewest) = rung.floor();
            level = level.max(least_level).max(if higher { Level::E2 } else { Level::E0 });
            consent = consent.max(fewest).max(if more { Consent::OnePerson } else { Consent::Automatic });
            p = p.max(least);
            let (rung, level, consent) = (rung.as_str(), level.as_str(), consent.as_str());
            text += &format!("[rungs.{rung}]\nlevel = \"{level}\"\nmin_p = {p:?}\nconsent = \"{consent}\"\n");
        }
        Ladder::parse(&(text + "[regions]\nelsewhere = \"everything\"\nunknown = \"nothing\"\n")).unwrap()
    })
}

/// That nothing adverse is open without its level, its people and a basis.
fn holds(ladder: &Ladder, standing: Standing) {
    for (rung, consent) in ladder.open_to(standing) {
        let (least, fewest) = rung.floor();
        assert!(standing.level >= least && consent >= fewest, "{rung:?} {consent:?} {standing:?}");
        assert_eq!(ladder.basis(standing.country), Basis::Everything);
        if rung > Rung::Friction {
            assert!(consent > Consent::Automatic && standing.level > Level::E1);
        }
    }
}

proptest! {
    /// No ladder that can be written opens an adverse rung without its people and its level.
    #[test]
    fn no_path_leads_to_an_adverse_rung_without_its_people_and_its_level(
        text in written(),
        ladder in accepted(),
        standing in any_standing(),
    ) {
        if let Ok(ladder) = Ladder::parse(&text) {
            holds(&ladder, standing);
        }
        holds(&ladder, standing);
    }

    /// More evidence and a higher probability never close a rung.
    #[test]
    fn more_evidence_closes_no_rung(ladder in accepted(), standing in any_standing(), more in 0.0..=1.0_f64) {
        let p = standing.p.max(more);
        let level = standing.level.max(Level::E2);
        let (before, after) = (ladder.open_to(standing), ladder.open_to(Standing { level, p, ..standing }));
        prop_assert!(before.iter().all(|open| after.contains(open)));
    }
}
