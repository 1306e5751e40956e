use events::Token;
use proptest::prelude::*;

use super::*;

/// Pairs by how often each combination was said.
fn pairs(counts: &[(char, char, usize)]) -> Vec<(char, char)> {
    counts.iter().flat_map(|(first, second, n)| std::iter::repeat_n((*first, *second), *n)).collect()
}

#[test]
fn kappa_is_that_of_the_textbook() {
    // Worked by hand: observed 35/50 and 0.7, expected 0.5, so 0.4.
    let found = Agreement::of(&pairs(&[('y', 'y', 20), ('y', 'n', 5), ('n', 'y', 10), ('n', 'n', 15)]));
    assert_eq!((found.pairs, found.alike), (50, 35));
    assert!((found.kappa.unwrap() - 0.4).abs() < 1e-12, "{found:?}");
    // Three words: observed 0.7; expected (40 × 35 + 30 × 35 + 30 × 30) / 10,000 = 0.335.
    let three = [
        ('a', 'a', 28),
        ('a', 'b', 7),
        ('a', 'c', 5),
        ('b', 'a', 4),
        ('b', 'b', 22),
        ('b', 'c', 4),
        ('c', 'a', 3),
        ('c', 'b', 6),
        ('c', 'c', 21),
    ];
    let kappa = Agreement::of(&pairs(&three)).kappa.unwrap();
    assert!((kappa - (0.71 - 0.335) / (1.0 - 0.335)).abs() < 1e-12, "{kappa}");
}

#[test]
fn agreement_that_chance_explains_has_no_kappa() {
    assert_eq!(Agreement::of::<char>(&[]).kappa, None);
    assert_eq!(Agreement::of(&pairs(&[('y', 'y', 9)])).kappa, None);
    assert_eq!(Agreement::of(&pairs(&[('y', 'y', 9), ('n', 'n', 1)])).kappa, Some(1.0));
    assert_eq!(Agreement::of(&pairs(&[('y', 'n', 5), ('n', 'y', 5)])).kappa, Some(-1.0));
}

#[test]
fn a_tenth_is_drawn_and_always_the_same_tenth() {
    let account = Token::try_from("account_0000000000000001").unwrap();
    let cases: Vec<CaseId> = (0..20_000).map(|n| CaseId::of_flag(&account, &n.to_string())).collect();
    let drawn = |secret: u8| -> Vec<bool> {
        let lot = Lot::new([secret; 32]);
        cases.iter().map(|case| lot.falls_on_decision(case, 1, 0.1)).collect()
    };
    let (first, other) = (drawn(1), drawn(2));
    let count = first.iter().filter(|is_drawn| **is_drawn).count();
    // Four standard deviations of 20,000 throws at a tenth are 170.
    assert!((1_830..=2_170).contains(&count), "{count}");
    assert_eq!(first, drawn(1));
    assert_ne!(first, other, "who does not know the secret cannot foresee it");
    assert!(cases.iter().all(|case| Lot::new([1; 32]).falls_on_decision(case, 1, 1.0)));
    assert!(!cases.iter().any(|case| Lot::new([1; 32]).falls_on_decision(case, 1, 0.0)));
}

proptest! {
    #[test]
    fn kappa_never_exceeds_one_and_does_not_ask_who_came_first(said in prop::collection::vec((0_u8..4, 0_u8..4), 1..200)) {
        let turned: Vec<(u8, u8)> = said.iter().map(|(first, second)| (*second, *first)).collect();
        let (found, turned) = (Agreement::of(&said), Agreement::of(&turned));
        prop_assert_eq!(found, turned);
        if let Some(kappa) = found.kappa {
            prop_assert!(kappa <= 1.0 && (kappa == 1.0) == (found.alike == found.pairs), "{}", kappa);
        }
    }
}
