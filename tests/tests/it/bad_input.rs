//! One event in a hundred damaged in every way that the contract names: none stops the stream, each is counted and
//! dead-lettered without its bytes, and what was planted in them is found nowhere.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use dataset::Absences;
use detector::DeadLetter;
use events::Rule;
use prometheus::Registry;
use reviewer::{Limits, Service, Settings, Streams, roles};
use serde_json::{Value, json};
use silhouette_tests::kafka::Broker;

use crate::lab::{Detector, Lab, eventually, flags_of_file, produce, records, sorted, succeed, text};

const CANARY: &str = "canary phrase 5f1d, nobody wrote this";

/// A way to damage an event, and the rule that must refuse it.
type Damage = (fn(&mut Value) -> Option<Vec<u8>>, Rule);

fn set(event: &mut Value, place: &str, value: Value) -> Option<Vec<u8>> {
    event[place] = value;
    None
}

const WAYS: &[Damage] = &[
    (|e| set(e, "text", json!(CANARY)), Rule::UnknownField),
    (|e| set(e, "rel", json!({ "edge": "none", "note": CANARY })), Rule::UnknownField),
    (|e| set(e, CANARY, json!(1)), Rule::UnknownField),
    (|e| set(e, "type", json!(CANARY)), Rule::UnknownValue),
    (|e| set(e, "actor_ctx", json!({ "age": CANARY })), Rule::UnknownValue),
    (|e| set(e, "actor_ctx", json!({ "country": CANARY })), Rule::UnknownValue),
    (|e| set(e, "id", json!(CANARY)), Rule::TokenShape),
    (|e| set(e, "id", json!("too_short")), Rule::TokenShape),
    (|e| set(e, "ts", json!(CANARY)), Rule::WrongType),
    (|e| set(e, "actor_ctx", json!([CANARY])), Rule::WrongType),
    (|e| set(e, "actor_ctx", json!({ "p_minor": 1.5 })), Rule::OutOfRange),
    (|e| set(e, "v", json!(7)), Rule::Version),
    (|e| set(e, "ts", json!(4_000_000_000_000_u64)), Rule::FutureTime),
    (
        |e| {
            e.as_object_mut()?.remove("id");
            None
        },
        Rule::MissingField,
    ),
    (|e| Some(e.to_string().replacen("\"v\":1", "\"v\":1,\"v\":1", 1).into_bytes()), Rule::DuplicateField),
    (|e| Some(e.to_string().replacen("\"v\":1", "\"v\":1e999", 1).into_bytes()), Rule::NotFinite),
    (|e| Some(format!("{e} {CANARY}").into_bytes()), Rule::Syntax),
    (|e| e.to_string().get(..40).map(|half| half.as_bytes().to_vec()), Rule::Syntax),
    (|_| Some(CANARY.as_bytes().to_vec()), Rule::Syntax),
    (|e| Some(format!("{e}{}{CANARY}", " ".repeat(2048)).into_bytes()), Rule::TooLarge),
    (|e| Some([e.to_string().as_bytes(), CANARY.as_bytes(), &[0xff, 0xfe]].concat()), Rule::InvalidUtf8),
];

/// Writes the world with damaged events among its own; gives the rules that must refuse them.
fn damage(world: &Path, damaged: &Path) -> BTreeMap<Rule, u64> {
    let mut expected = BTreeMap::new();
    let mut file = std::io::BufWriter::new(std::fs::File::create(damaged).unwrap());
    for (i, line) in std::fs::read_to_string(world).unwrap().lines().enumerate() {
        if i % 100 == 0 {
            let (way, rule) = WAYS[(i / 100) % WAYS.len()];
            let mut event: Value = serde_json::from_str(line).unwrap();
            let bytes = way(&mut event).unwrap_or_else(|| event.to_string().into_bytes());
            file.write_all(&bytes).unwrap();
            file.write_all(b"\n").unwrap();
            *expected.entry(rule).or_default() += 1;
        }
        writeln!(file, "{line}").unwrap();
    }
    file.flush().unwrap();
    expected
}

fn by_rule(dead_letters: &[String]) -> BTreeMap<Rule, u64> {
    let mut found = BTreeMap::new();
    for line in dead_letters {
        let letter: DeadLetter = serde_json::from_str(line).expect("a dead letter and nothing else");
        assert!(letter.position <= letter.length);
        *found.entry(letter.rule).or_default() += 1;
    }
    found
}

/// Fails if the phrase, or a word of it that is in no other text, is in any file of a folder.
fn search(folder: &Path, but: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, but);
        } else if path != but {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(6).any(|w| w == b"canary");
            assert!(!found, "the phrase is in {}", path.display());
        }
    }
}

#[test]
fn in_a_file() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("damaged.jsonl");
    let expected = damage(&lab.events, &damaged);
    assert_eq!(expected.len(), Rule::ALL.len(), "every rule is tried");

    let (flags, dead) = (folder.path().join("flags.jsonl"), folder.path().join("dead.jsonl"));
    let output = crate::lab::run(&[
        "detect",
        "--events",
        text(&damaged),
        "--model",
        text(&lab.model),
        "--out",
        text(&flags),
        "--dead-letters",
        text(&dead),
    ]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("lines were refused") && !said.contains("canary"), "{said}");

    let dead: Vec<String> = std::fs::read_to_string(dead).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(by_rule(&dead), expected);
    let found = sorted(std::fs::read_to_string(flags).unwrap().lines().map(str::to_owned).collect());
    assert_eq!(
        found,
        flags_of_file(&lab.events, folder.path()),
        "the good events count as if there were no others"
    );
    search(folder.path(), &damaged);
}

#[test]
fn on_apache_kafka() {
    let Some(broker) = Broker::shared() else { return };
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("damaged.jsonl");
    let expected = damage(&lab.events, &damaged);
    produce(&damaged, broker.address(), "damaged");

    let mut detector = Detector::new(folder.path(), broker.address(), "damaged", "idle_after = \"2s\"");
    detector.start();
    detector.catch_up();
    let refused: u64 = expected.values().sum();
    assert_eq!(detector.metric("silhouette_rejects_total"), refused as f64);
    let metrics = detector.metrics().unwrap();
    for (rule, n) in &expected {
        let line = format!("silhouette_rejects_total{{rule=\"{}\"}} {n}", rule.as_str());
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    detector.stop();

    let dead_letters = records(&detector.transport, &detector.dead_letters);
    assert_eq!(by_rule(&dead_letters), expected);
    let flags = records(&detector.transport, &detector.flags);
    let everything = [dead_letters.concat(), flags.concat(), metrics].concat();
    assert!(!everything.contains("canary"));
    assert!(sorted(flags) == flags_of_file(&lab.events, folder.path()), "the good events give other flags");
    review(&detector, folder.path());
    // State, snapshots, the log at its most talkative, and the database of cases.
    search(folder.path(), &damaged);
}

/// Lets the flags become cases in a database in `folder`, and somebody try to write the phrase into it.
fn review(detector: &Detector, folder: &Path) {
    let settings = Settings {
        bind: ([127, 0, 0, 1], 0).into(),
        database: folder.join("review.sqlite").display().to_string(),
        audit_key: folder.join("audit.key"),
        analysts: Vec::new(),
        roles: roles::parse(roles::SHIPPED).unwrap(),
        ladder: review::Ladder::parse(review::SHIPPED_LADDER).unwrap(),
        limits: Limits::default(),
        resolver: None,
        oidc: None,
        open_to_this_machine: true,
        behind_https: false,
        shares: review::Shares::default(),
        quality: review::Quality::default(),
        care: review::Care::default(),
        clock: reviewer::Clock::default(),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let service = runtime.block_on(Service::bind(settings, Registry::new())).unwrap();
    let address = service.address();
    let flags = detector.transport.source(&detector.flags, "damaged-reviewer").unwrap();
    let streams = Streams { flags, decisions: detector.transport.sink("decisions").unwrap() };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = runtime.spawn(service.serve(streams, async move { drop(stopped.await) }));

    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let get = |place: &str| {
        let mut answer = agent.get(format!("http://{address}{place}")).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    };
    let mut cases = Value::Null;
    eventually("flags are cases", || {
        cases = serde_json::from_str(&get("/v1/cases")).unwrap();
        cases["cases"].as_array().is_some_and(|cases| !cases.is_empty())
    });
    let case = format!("/v1/cases/{}", cases["cases"][0]["case_id"].as_str().unwrap());
    let body = json!({ "outcome": "benign", "reason": CANARY, "note": CANARY }).to_string();
    let decide = agent.post(format!("http://{address}{case}/decision")).header("if-match", "\"1\"");
    let mut refused = decide.header("content-type", "application/json").send(body).unwrap();
    let said = refused.body_mut().read_to_string().unwrap();
    assert!(refused.status().is_client_error(), "{said}");
    let everything = [said, get(&case), get("/v1/labels"), get("/metrics")].concat();
    assert!(!everything.contains("canary"), "{everything}");
    drop(stop);
    runtime.block_on(serving).unwrap().unwrap();
}

#[test]
fn a_file_without_any_event_is_said_to_be_so() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let (empty, out) = (folder.path().join("empty.jsonl"), folder.path().join("features.parquet"));
    std::fs::write(&empty, format!("{CANARY}\n")).unwrap();
    let output = crate::lab::run(&["features", "--events", text(&empty), "--out", text(&out)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("holds no valid event (1 lines refused)") && !out.exists(), "{said}");
    let pairs = folder.path().join("pairs.parquet");
    let both = ["--out", text(&out), "--pairs", text(&pairs)];
    succeed(&[&["features", "--events", text(&lab.events)][..], &both].concat());
    let [accounts, pairs] =
        [&out, &pairs].map(|path| Absences::of_parquet(&std::fs::read(path).unwrap()).unwrap());
    assert!(pairs.rows > accounts.rows, "{} accounts, {} pairs", accounts.rows, pairs.rows);
    assert_eq!(pairs.absent.len(), detect::PAIR_COLUMNS.len() + 3);
}
