use super::*;

fn everything(traffic: Traffic, events: usize) -> Vec<events::Event> {
    let mut workload = Workload::new(traffic);
    let mut chunk = Chunk::default();
    let mut all = Vec::new();
    let mut read = |chunk: &Chunk| {
        let event = |line: &[u8]| events::decode(line, u64::MAX / 2).expect("a line of the contract");
        all.extend(chunk.records().map(event));
    };
    loop {
        workload.fill(500, &mut chunk);
        if chunk.len() == 0 {
            break;
        }
        read(&chunk);
    }
    workload.steady(events, &mut chunk);
    read(&chunk);
    all
}

const SMALL: Traffic = Traffic { accounts: 1000, seed: 1, jitter_ms: 2000 };

#[test]
fn every_line_is_an_event_of_the_contract_and_no_id_comes_twice() {
    let all = everything(SMALL, 20_000);
    let ids: std::collections::HashSet<_> = all.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn times_rise_up_to_the_jitter() {
    let mut latest = 0;
    for event in everything(SMALL, 20_000) {
        assert!(event.ts + 2 * 2000 >= latest, "{} after {latest}", event.ts);
        latest = latest.max(event.ts);
    }
}

#[test]
fn without_jitter_every_time_is_new() {
    let all = everything(Traffic { jitter_ms: 0, ..SMALL }, 20_000);
    assert!(all.windows(2).all(|pair| pair[0].ts < pair[1].ts));
}

#[test]
fn the_same_seed_makes_the_same_traffic() {
    assert_eq!(everything(SMALL, 1000), everything(SMALL, 1000));
    assert_ne!(everything(SMALL, 1000), everything(Traffic { seed: 2, ..SMALL }, 1000));
}

#[test]
fn contacts_are_as_many_as_was_measured_elsewhere() {
    let people = People::new(100_000, 1);
    let mut degrees: Vec<u32> = (0..people.count()).map(|account| people.degree(account)).collect();
    degrees.sort_unstable();
    let mean = degrees.iter().map(|d| f64::from(*d)).sum::<f64>() / f64::from(people.count());
    assert_eq!(degrees[50_000], 6);
    assert!((13.5..14.5).contains(&mean), "{mean}");
    assert!((25..31).contains(&degrees[90_000]), "{}", degrees[90_000]);
    assert!((180..250).contains(&degrees[99_200]), "{}", degrees[99_200]);
}
