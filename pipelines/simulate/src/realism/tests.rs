use super::*;
use crate::dice::{Dice, Process};
use crate::{Params, Scenario, World};

fn campus(seed: u64) -> Traffic {
    let scenario = Scenario::shipped("campus").unwrap();
    let params = Params { accounts: 1_899, days: 100, seed, scenario, ..Params::default() };
    let mut traffic = Traffic::default();
    World::new(&params.check().unwrap()).flatten().for_each(|event| traffic.take(&event));
    traffic
}

#[test]
fn a_campus_is_as_was_measured() {
    let (simulated, real) = (campus(1).figures(), Figure::college_msg());
    for (ours, theirs) in simulated.iter().zip(&real) {
        assert_eq!(ours.values.len(), theirs.points.len(), "{}", ours.name);
        let ratio: Vec<f64> = ours.values.iter().zip(&theirs.values).map(|(a, b)| a / b).collect();
        println!("{}: {:.3?} of {:?}, {ratio:.2?}", ours.name, ours.values, theirs.values);
    }
    let missed: usize = simulated
        .iter()
        .zip(&real)
        .flat_map(|(ours, theirs)| ours.values.iter().zip(&theirs.values))
        .filter(|(a, b)| !(0.75..=1.25).contains(&(*a / *b)))
        .count();
    println!("outside of a quarter: {missed}");
    // Another draw moves the extremes; `docs/population.md` says what several seeds show.
    assert!(missed <= 1, "{missed}");
}

#[test]
fn two_halves_of_one_sample_cannot_be_told_apart() {
    let mut dice = Dice::new(1, 0, Process::Life, 0);
    let mut sample =
        |shift: f64| (0..300).map(|_| vec![dice.normal() + shift, dice.normal()]).collect::<Vec<_>>();
    let (a, b, far) = (sample(0.0), sample(0.0), sample(3.0));
    let same = two_sample_auc(&a, &b).unwrap();
    assert!((0.42..0.58).contains(&same), "{same}");
    assert!(two_sample_auc(&a, &far).unwrap() > 0.95);
}
