use super::*;

/// A workspace in which each of `crates` is a path to a crate and the names of what it imports.
fn workspace(crates: &[(&str, &str)]) -> Vec<Crate> {
    let read = |(path, imports): &(&str, &str)| Crate {
        name: path.rsplit('/').next().unwrap().into(),
        room: Room::of(path).unwrap(),
        manifest_path: format!("{path}/Cargo.toml"),
        manifest: format!("[dependencies]\n{}", imports.replace(' ', ".workspace = true\n")),
        dependencies: imports.split_whitespace().map(linked).collect(),
    };
    crates.iter().map(read).collect()
}

fn linked(name: &str) -> Dependency {
    Dependency { name: name.into(), rename: None, kind: None }
}

/// The faults of a workspace, as `line: fault`.
fn faults(crates: &[(&str, &str)]) -> Vec<String> {
    let complaints = check(&workspace(crates));
    complaints.iter().map(|complaint| format!("{}: {}", complaint.line, complaint.fault)).collect()
}

const RIGHT: &[(&str, &str)] = &[
    ("models/schema", ""),
    ("models/training", "schema linfa "),
    ("pipelines/detect", "schema serde "),
    ("pipelines/dataset", "detect polars "),
    ("services/platform", "detect rdkafka "),
    ("services/detector", "platform detect tokio "),
    ("services/silhouette", "platform detector clap "),
    ("tests", "schema detect platform detector silhouette "),
    ("xtask", "clap "),
];

/// Faults after one crate of a right workspace imports other things.
fn with(path: &str, imports: &str) -> Vec<String> {
    let changed = RIGHT.iter().map(|right| if right.0 == path { (path, imports) } else { *right });
    faults(&changed.collect::<Vec<_>>())
}

#[test]
fn the_plan_itself_is_right() {
    assert_eq!(faults(RIGHT), Vec::<String>::new());
}

#[test]
fn imports_go_one_way() {
    assert_eq!(with("models/schema", "detect "), ["2: schema imports detect"]);
    assert_eq!(with("pipelines/detect", "serde platform "), ["3: detect imports platform"]);
    assert_eq!(with("services/silhouette", "tests "), ["2: silhouette imports tests"]);
    assert_eq!(with("xtask", "schema "), ["2: xtask imports schema"]);
    assert_eq!(with("tests", "xtask "), ["2: tests imports xtask"]);
}

#[test]
fn inside_a_pure_room_the_order_is_that_of_the_manifest() {
    assert_eq!(with("models/schema", "training "), ["2: schema imports training"]);
    assert_eq!(with("pipelines/detect", "dataset "), ["2: detect imports dataset"]);
}

#[test]
fn services_meet_only_in_platform() {
    assert_eq!(with("services/detector", "silhouette "), ["2: detector imports silhouette"]);
    assert_eq!(with("services/platform", "detector "), ["2: platform imports detector"]);
}

#[test]
fn the_outside_world_stays_in_services() {
    assert_eq!(with("models/schema", "tokio "), ["2: schema imports tokio"]);
    assert_eq!(with("pipelines/detect", "sqlx "), ["2: detect imports sqlx"]);
    assert_eq!(with("pipelines/detect", "polars "), ["2: detect imports polars"]);
    assert_eq!(with("services/detector", "linfa "), ["2: detector imports linfa"]);
}

#[test]
fn what_only_tests_use_is_free_but_the_arrow_stands() {
    let dev = |name: &str| Dependency { kind: Some("dev".into()), ..linked(name) };
    let mut crates = workspace(RIGHT);
    crates[0].dependencies = vec![dev("tempfile")];
    assert_eq!(check(&crates), []);
    crates[0].dependencies = vec![dev("training")];
    assert_eq!(check(&crates).len(), 1);
}

#[test]
fn a_crate_outside_the_rooms_is_refused() {
    assert_eq!(Room::of("tools/x/Cargo.toml"), None);
    assert_eq!(Room::of("tests/Cargo.toml"), Some(Room::Tests));
}

#[test]
fn cargo_lists_the_crates_in_the_order_of_the_root_manifest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let crates = read(root).unwrap();
    let places: Vec<_> =
        crates.iter().map(|c| manifest.find(c.manifest_path.trim_end_matches("/Cargo.toml"))).collect();
    assert!(crates.len() > 10 && crates.iter().any(|c| c.room.is_pure() && !c.dependencies.is_empty()));
    assert!(places.iter().all(Option::is_some) && places.is_sorted_by_key(|place| *place), "{places:?}");
}
