use super::*;

fn peer(name: &'static str, runs: &[(f64, f64)]) -> Peer {
    let used = |cpu_seconds| Used { cpu_seconds, memory_bytes: 5e6 };
    let runs = runs.iter().map(|(larger, smaller)| Run { larger: used(*larger), smaller: used(*smaller) });
    Peer { name, before: vec![], after: vec![], runs: runs.collect() }
}

#[test]
fn options_need_an_environment_and_sensible_numbers() {
    let defaults = Options { python: "venv".into(), events: 2_000_000, rounds: 5, binary: None };
    assert_eq!(Options::parse(&["--python", "venv"]), Some(defaults.clone()));
    let some = Options { events: 20_000, rounds: 1, ..defaults };
    assert_eq!(Options::parse(&["--rounds", "1", "--python", "venv", "--events", "20000"]), Some(some));
    for line in [&["--python"][..], &[], &["--events", "20000"], &["--python", "venv", "--events", "few"]] {
        assert_eq!(Options::parse(line), None, "{line:?}");
    }
}

#[test]
fn the_table_holds_the_median_the_spread_and_the_ratio() {
    let peers = [peer("ours", &[(1.0, 0.25), (2.0, 0.5), (4.0, 1.0)]), peer("theirs", &[(20.0, 12.5); 3])];
    let table = table(&peers, 2_000_000);
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert_eq!(rows[0], "| ours | 1000 k (500 k to 2000 k) | 1000 k | 5 | 1.0 |");
    assert_eq!(rows[1], "| theirs | 100 k (100 k to 100 k) | 200 k | 5 | 10.0 |");
}
