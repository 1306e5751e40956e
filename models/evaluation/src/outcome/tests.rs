use super::*;

fn truth(account: &str, archetype: Option<&str>, role: Option<&str>) -> Truth {
    Truth {
        account: account.to_owned(),
        abusive: archetype.is_some(),
        archetype: archetype.map(str::to_owned),
        role: role.map(str::to_owned),
        onset: None,
        minor: false,
    }
}

fn observed() -> Observed {
    let p = |pairs: &[(&str, f64)]| pairs.iter().map(|(a, p)| ((*a).to_owned(), *p)).collect();
    Observed {
        highest_p: p(&[("a", 0.9), ("b", 0.8), ("c", 0.7), ("d", 0.1)]),
        highest_p_without_reports: p(&[("a", 0.5), ("b", 0.8), ("c", 0.7), ("d", 0.1)]),
        first_flag: [("a".to_owned(), 1000), ("b".to_owned(), 2000)].into(),
        minor_contacts: [("a".to_owned(), vec![1, 1000, 1001]), ("c".to_owned(), vec![5, 6, 7, 8])].into(),
        account_days: vec![("a".to_owned(), 1.0), ("d".to_owned(), 0.0)],
        span: (0, 24 * 60 * 60 * 1000),
    }
}

#[test]
fn figures_by_hand() {
    let truth = [
        truth("a", Some("scattergun"), None),
        truth("b", None, Some("teacher")),
        truth("c", Some("scattergun"), None),
        truth("d", None, None),
    ];
    let found = Evaluation::of(&observed(), &truth, 2);
    assert_eq!(found.precision_at_capacity, Some(0.5));
    assert_eq!(found.recall_at_capacity, Some(0.5));
    assert_eq!(found.recall_without_reports, Some(0.5));
    assert_eq!(found.flags_per_million_per_day, Some(500_000.0));
    assert_eq!(found.minors_before_flag_median, Some(3.0), "two before the flag, four without any flag");
    assert_eq!(found.calibration_error, 0.0);
    assert_eq!(found.archetypes["scattergun"], Group { accounts: 2, flagged: 1, at_capacity: 1 });
    assert_eq!(found.roles["teacher"], Group { accounts: 1, flagged: 1, at_capacity: 1 });
    assert_eq!(found.ordinary, Group { accounts: 1, flagged: 0, at_capacity: 0 });
}

#[test]
fn nothing_seen_gives_no_figures() {
    let found = Evaluation::of(&Observed::default(), &[], 5);
    assert_eq!(found.precision_at_capacity, None);
    assert_eq!(found.flags_per_million_per_day, None);
    assert_eq!(found.minors_before_flag_median, None);
}
