use serde_json::json;

use super::*;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn dashboards_rules_and_runbooks_are_sound() {
    let faults = faults(root()).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The one fault that a change to a dashboard makes.
fn fault(change: impl FnOnce(&mut Value)) -> String {
    let mut board = pipeline::BOARD.json();
    change(&mut board);
    let faults = lint::check(&board);
    assert!(!faults.is_empty(), "nothing was found");
    faults.join("\n")
}

#[test]
fn each_breach_of_the_linters_rules_is_found() {
    let cases: [(&str, &str, Value); 13] = [
        ("/id", "id of one installation", json!(7)),
        ("/uid", "no fixed uid", json!("")),
        ("/editable", "can be edited", json!(true)),
        ("/title", "import by hand", json!("${DS_PROMETHEUS}")),
        ("/templating/list/0/type", "no data source", json!("query")),
        ("/templating/list/1/allValue", "without one", json!("")),
        ("/templating/list/2/refresh", "follow the time", json!(1)),
        ("/panels/1/title", "asks nothing", json!("Lag")),
        ("/panels/1/description", "not described", json!("")),
        ("/panels/1/datasource/uid", "another data source", json!("prometheus")),
        ("/panels/1/fieldConfig/defaults/unit", "no unit", json!("")),
        ("/panels/1/fieldConfig/defaults/thresholds/steps/2/color", "mean nothing", json!("green")),
        ("/panels/1/targets", "no query", json!([])),
    ];
    for (place, expected, value) in cases {
        let found = fault(|board| *board.pointer_mut(place).unwrap() = value);
        assert!(found.contains(expected), "{place}: {found}");
    }
}

#[test]
fn each_breach_in_a_query_is_found() {
    let cases = [
        ("max(silhouette_lag_seconds)", "whichever job and instance"),
        (
            r#"sum(silhouette_events_total{job=~"$job", instance=~"$instance"})"#,
            "the counter silhouette_events_total as it is",
        ),
        (r#"rate(silhouette_events_total{job=~"$job", instance=~"$instance"}[5m])"#, "range of its own"),
    ];
    for (query, expected) in cases {
        let found = fault(|board| *board.pointer_mut("/panels/1/targets/0/expr").unwrap() = json!(query));
        assert!(found.contains(expected), "{query}: {found}");
    }
}

#[test]
fn names_of_metrics_are_found_in_queries() {
    let query = r#"1e6 * sum by (model, le) (rate(a_total{job="x_y"}[5m])) / on () max(b:c:ratio7d) > 3 and absent(d)"#;
    assert_eq!(lint::metrics(query), ["a_total", "b:c:ratio7d", "d"]);
}

#[test]
fn what_does_not_exist_and_what_nobody_uses_is_found() {
    let page = "# Metrics\n\n### used_seconds\n\n### process_threads\n\n### process_virtual_memory_bytes\n\n### idle_total\n";
    let queries = ["rate(used_seconds_bucket[5m])".to_owned(), "missing".to_owned()];
    let faults = names(page, &queries, &rules::Rules::default());
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("missing is used and does not exist"));
    assert!(faults[1].starts_with("idle_total is in no dashboard"));
}
