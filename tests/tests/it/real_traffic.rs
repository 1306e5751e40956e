//! Real private-message traffic (CollegeMsg), with two planted accounts, through Apache Kafka.
//!
//! The file has no stated licence and stays outside the project: `SILHOUETTE_COLLEGEMSG` names it, or it lies in
//! `../shared/data` beside the project.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use detect::{Profile, Replay, Settings};
use detector::load_model;
use events::{Event, Token, decode};
use silhouette_tests::component;
use silhouette_tests::kafka::Broker;
use simulate::{Archetype, Injection, inject};

use crate::lab::{Detector, Lab, flags_of_file, produce, records, sorted, succeed, text};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn traffic() -> Option<PathBuf> {
    let named = std::env::var_os("SILHOUETTE_COLLEGEMSG").map(PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = named.unwrap_or_else(|| root.join("../shared/data/CollegeMsg.txt"));
    let found = if path.exists() { Ok(path) } else { Err(format!("{} is not there", path.display())) };
    component("CollegeMsg", found)
}

/// The traffic with a scattergun and a bulk sender planted into it.
struct Campus {
    events: PathBuf,
    scattergun: Token,
    bulk_sender: Token,
}

fn campus(traffic: &Path, folder: &Path) -> Campus {
    let real = folder.join("college.jsonl");
    succeed(&["import", "collegemsg", text(traffic), "--out", text(&real)]);
    let mut all: Vec<Event> = std::fs::read_to_string(&real)
        .unwrap()
        .lines()
        .map(|l| decode(l.as_bytes(), u64::MAX).unwrap())
        .collect();
    assert_eq!(all.len(), 59_835);
    let mut students: Vec<Token> =
        all.iter().flat_map(|e| [e.actor.clone(), e.target.clone()]).flatten().collect();
    students.sort();
    students.dedup();
    assert_eq!(students.len(), 1_899);

    let middle = all[all.len() / 2].ts;
    let plant = |planted, name: &str, targets: &[Token], seed| {
        let account = Token::try_from(name).unwrap();
        let (start, end) = (middle, middle + 14 * DAY_MS);
        inject(&Injection { planted, account, targets: targets.to_vec(), moments: vec![], start, end, seed })
    };
    all.extend(plant(Archetype::Scattergun, "planted_scattergun", &students[..150], 1));
    all.extend(plant(Archetype::BulkSpammer, "planted_bulk_sender", &students[400..1200], 2));
    all.sort_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));

    let events = folder.join("campus.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&events).unwrap());
    all.iter().for_each(|event| writeln!(file, "{}", event.to_json()).unwrap());
    file.flush().unwrap();
    Campus {
        events,
        scattergun: Token::try_from("planted_scattergun").unwrap(),
        bulk_sender: Token::try_from("planted_bulk_sender").unwrap(),
    }
}

/// The highest probability of every account, from a file.
fn highest(events: &Path) -> BTreeMap<Token, f64> {
    let model = load_model(&Lab::shared().model, &Profile::default()).unwrap();
    let mut highest = BTreeMap::new();
    let mut replay = Replay::new(Settings::default());
    let mut note = |row: detect::Row<'_>| {
        let p = model.score(&model.complete(&row.x, row.cohort.name())).p;
        let best = highest.entry(row.account).or_insert(p);
        *best = p.max(*best);
    };
    for line in std::fs::read_to_string(events).unwrap().lines() {
        replay.take(line.as_bytes(), u64::MAX, &mut note).unwrap();
    }
    replay.finish(&mut note);
    highest
}

#[test]
fn planted_accounts_rank_among_the_first_ten() {
    let Some(traffic) = traffic() else { return };
    let folder = tempfile::tempdir().unwrap();
    let campus = campus(&traffic, folder.path());

    let highest = highest(&campus.events);
    let mut ranked: Vec<(&Token, f64)> = highest.iter().map(|(account, p)| (account, *p)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let report: Vec<String> =
        ranked.iter().take(10).map(|(account, p)| format!("{account} {p:.3}")).collect();
    // The campus's servers know neither ages nor surfaces, and the shared model learnt from a small world.
    let is_first = |planted: &Token| ranked.iter().take(10).any(|(account, _)| *account == planted);
    assert!(is_first(&campus.bulk_sender) && is_first(&campus.scattergun), "{report:?}");

    let flags = flags_of_file(&campus.events, folder.path());
    let threshold = load_model(&Lab::shared().model, &Profile::default()).unwrap().artifact().threshold;
    let students = ranked
        .iter()
        .filter(|(account, p)| {
            **account != campus.bulk_sender && **account != campus.scattergun && *p >= threshold
        })
        .count();
    println!("students flagged: {students} of 1899; flags: {}; highest: {report:?}", flags.len());
    assert!(students <= 19, "more than 1 % of the students flagged: {students}");

    let Some(broker) = Broker::shared() else { return };
    produce(&campus.events, broker.address(), "campus");
    let mut detector = Detector::new(folder.path(), broker.address(), "campus", "idle_after = \"3s\"");
    detector.start();
    detector.catch_up();
    detector.stop();
    assert!(sorted(records(&detector.transport, &detector.flags)) == flags, "Kafka and file differ");
}
