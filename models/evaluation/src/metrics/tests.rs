use super::*;

#[test]
fn average_precision_by_hand() {
    // Positives at ranks 1 and 3: (1/1 + 2/3) / 2.
    let found = average_precision(&[0.9, 0.8, 0.7, 0.1], &[true, false, true, false], &[1.0; 4]).unwrap();
    assert!((found - 5.0 / 6.0).abs() < 1e-12);
    assert_eq!(average_precision(&[0.5], &[false], &[1.0]), None);
}

#[test]
fn calibration_error_by_hand() {
    let p = [0.25; 40];
    let mut y = [false; 40];
    y[..10].fill(true);
    // Ten bins of four rows that all say 0.25; ten rows are so: 2.5 bins are fully so.
    let found = calibration_error(&p, &y, &[1.0; 40]);
    assert!((found - (2.0 * 3.0 + 1.0 + 7.0) / 40.0).abs() < 1e-12, "{found}");
    assert_eq!(calibration_error(&[], &[], &[]), 0.0);
    assert_eq!(calibration_error(&[1.0, 0.0], &[true, false], &[1.0; 2]), 0.0);
}

#[test]
fn quantiles() {
    assert_eq!(quantile(vec![], 0.5), None);
    assert_eq!(quantile(vec![3.0, 1.0, 2.0], 0.5), Some(2.0));
    assert_eq!(quantile(vec![4.0, 1.0], 0.5), Some(2.5));
    assert_eq!(quantile((0..=10_u8).map(f64::from).collect(), 0.9), Some(9.0));
}

#[test]
fn auc_counts_won_pairs_and_half_of_the_ties() {
    assert_eq!(auc(&[0.1, 0.2, 0.3, 0.4], &[false, false, true, true]), Some(1.0));
    assert_eq!(auc(&[0.1, 0.2, 0.3, 0.4], &[true, true, false, false]), Some(0.0));
    assert_eq!(auc(&[0.5, 0.5, 0.5], &[true, false, false]), Some(0.5));
    assert_eq!(auc(&[0.1, 0.5, 0.5, 0.9], &[false, true, false, false]), Some(0.5));
    assert_eq!(auc(&[0.5], &[true]), None);
}
