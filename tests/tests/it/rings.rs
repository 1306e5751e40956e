//! `silhouette rings` on a simulated world.

use serde_json::Value;

use crate::lab::{Lab, run, succeed, text};

fn events() -> [&'static str; 2] {
    ["--events", text(&Lab::shared().events)]
}

fn rings(args: &[&str]) -> String {
    succeed(&[&["rings"], args, &events()].concat())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Clusters as `rings list` gives them, the largest first.
fn clusters() -> Vec<Value> {
    let mut clusters: Vec<Value> = rings(&["list", "--json"]).lines().map(json).collect();
    clusters.sort_by_key(|cluster| std::cmp::Reverse(cluster["accounts"].as_u64()));
    clusters
}

fn str_of<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap()
}

#[test]
fn a_worlds_rings_are_found_and_few_others() {
    let folder = tempfile::tempdir().unwrap();
    let size = ["--accounts", "3000", "--days", "14", "--seed", "5"];
    succeed(&[&["simulate", "--scenario", "rings", "--out", text(folder.path())], &size[..]].concat());
    let (events, truth) = (folder.path().join("events.jsonl"), folder.path().join("truth.jsonl"));
    let judge = ["rings", "judge", "--json", "--events", text(&events), "--truth", text(&truth)];
    let figures = json(&succeed(&judge));
    assert!(figures["pairwise_recall"].as_f64() > Some(0.7), "{figures:#}");
    assert!(figures["pairwise_precision"].as_f64() > Some(0.95), "{figures:#}");
    let homes = &figures["innocent"]["household"];
    assert!(homes["groups"].as_u64() > Some(50), "{figures:#}");
    assert!(homes["wrong"].as_u64().unwrap() * 100 <= homes["groups"].as_u64().unwrap(), "{figures:#}");
}

#[test]
fn the_same_events_give_the_same_rings() {
    assert_eq!(rings(&["list", "--json"]), rings(&["list", "--json"]));
}

#[test]
fn a_link_is_shown_and_explained_with_its_events_and_stays_broken() {
    let clusters = clusters();
    let cluster = &clusters[0];
    let picture = json(&rings(&["show", str_of(cluster, "/id"), "--json"]));
    assert!(picture["nodes"].as_array().unwrap().len() <= 50);
    let link = &picture["links"][0];
    let (a, b) = (str_of(link, "/a"), str_of(link, "/b"));
    let why = json(&rings(&["explain", a, b, "--json"]));
    assert_eq!(why["direct"]["strength"], link["strength"]);
    let ids = why["direct"]["links"][0]["events"].as_array().unwrap();
    assert!((1..=8).contains(&ids.len()));
    let all = std::fs::read_to_string(&Lab::shared().events).unwrap();
    assert!(ids.iter().all(|id| all.contains(id.as_str().unwrap())));

    let broken = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(broken.path(), format!("{{\"a\":\"{b}\",\"b\":\"{a}\"}}\n")).unwrap();
    let why = json(&rings(&["explain", a, b, "--json", "--broken", text(broken.path())]));
    assert_eq!((&why["direct"], &why["is_broken"]), (&Value::Null, &Value::Bool(true)));
}

#[test]
fn clusters_are_exported_for_other_tools() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("rings.json"), folder.path().join("rings.graphml"));
    rings(&["export", "--out", text(&one)]);
    rings(&["export", "--format", "graphml", "--out", text(&other)]);
    let all = json(&std::fs::read_to_string(one).unwrap());
    let graph = std::fs::read_to_string(other).unwrap();
    let accounts: u64 =
        all["clusters"].as_array().unwrap().iter().map(|c| c["accounts"].as_u64().unwrap()).sum();
    assert!(accounts > 0);
    assert_eq!(graph.matches("<node ").count() as u64, accounts);
    assert_eq!(graph.matches("<edge ").count(), all["pairs"].as_array().unwrap().len());
    assert!(graph.ends_with("</graphml>\n"));
}

#[test]
fn what_cannot_be_shown_is_said() {
    for (args, says) in [
        (&["rings", "show", "nobody-whom-anybody-met"][..], "no event names the account"),
        (&["rings", "show", "short"], "token must match"),
        (&["rings", "explain", "one-of-the-accounts", "one-of-the-accounts"], "name two"),
    ] {
        let output = run(&[args, &events()].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && message.contains(says), "{args:?}: {message}");
    }
}
