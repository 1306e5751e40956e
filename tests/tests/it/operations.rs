//! Dashboards and rules on a real Prometheus that asks a running detector and a running review: every query of every
//! panel and rule is answered with data, and every metric is what the contract says. The dashboards fit Grafana's types.

mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use platform::metrics::{Declared, Kind};
use serde_json::Value;
use silhouette_tests::pictures::{Answer, picture};
use silhouette_tests::prometheus::{Prometheus, promtool};
use silhouette_tests::typescript;

use crate::metrics::declared;
use scene::Scene;

/// How long data may take to come.
const PATIENCE: Duration = Duration::from_secs(120);

/// How far back panels look here, in seconds.
const LOOK_BACK: u32 = 120;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards")
}

const BOARDS: [&str; 4] = ["mission", "pipeline", "models", "review"];

fn board(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// One query of a panel, with its variables filled in.
struct Query {
    place: String,
    expression: String,
    is_instant: bool,
}

/// Every query of every panel.
fn queries() -> Vec<Query> {
    let mut queries = Vec::new();
    for name in BOARDS {
        for panel in board(name)["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let place = format!("{name}: {} ({})", panel["title"], target["legendFormat"]);
                let expression = filled_in(target["expr"].as_str().unwrap());
                queries.push(Query { place, expression, is_instant: target["instant"] == true });
            }
        }
    }
    assert!(queries.len() > 60, "only {} queries were found", queries.len());
    queries
}

/// What Grafana makes of a query where everything is chosen.
fn filled_in(expression: &str) -> String {
    let filled =
        expression.replace("$job", ".+").replace("$instance", ".+").replace("$__rate_interval", "5m");
    assert!(!filled.contains('$'), "{filled} holds a variable that nobody fills in");
    filled
}

impl Query {
    /// Why the answer is none, or none where it is one: there are series, and some value of one is a number.
    fn fault(&self, prometheus: &Prometheus) -> Option<String> {
        let answer = if self.is_instant {
            prometheus.now(&self.expression)
        } else {
            prometheus.over(&self.expression, LOOK_BACK)
        };
        let fault = match answer {
            Err(error) => format!("{error:#}"),
            Ok(series) if series.is_empty() => "no data".to_owned(),
            Ok(series) if !series.iter().any(holds_a_number) => format!("no number: {}", series[0]),
            Ok(_) => return None,
        };
        Some(format!("{}: {}\n    {fault}", self.place, self.expression))
    }
}

/// Whether any value of a series is a number.
fn holds_a_number(series: &Value) -> bool {
    let values = series["values"].as_array().cloned().unwrap_or_else(|| vec![series["value"].clone()]);
    let number = |value: &Value| value[1].as_str().and_then(|text| text.parse::<f64>().ok());
    values.iter().filter_map(number).any(f64::is_finite)
}

/// Waits until nothing is wrong any more.
fn until_sound(what: &str, faults: impl Fn() -> Vec<String>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = faults();
        if found.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{what}, {} of them:\n{}", found.len(), found.join("\n"));
        std::thread::park_timeout(Duration::from_millis(500));
    }
}

#[test]
fn every_panel_and_every_rule_has_data_on_a_real_prometheus() {
    let mut scene = Scene::set();
    let targets = scene.targets();
    let targets: Vec<(&str, &str)> = targets.iter().map(|(job, address)| (*job, address.as_str())).collect();
    let Some(prometheus) = Prometheus::start(&targets, &folder().join("rules")) else { return };
    until_sound("not asked twice yet", || {
        let asked = prometheus.now("min(sum_over_time(up[1m])) >= 2 and count(up) == 3").unwrap();
        if asked.is_empty() { vec!["not all targets".to_owned()] } else { Vec::new() }
    });
    scene.play(&prometheus);

    for broken in ["silhouette_that_nobody_serves", "vector(0) / 0", "sum("] {
        for is_instant in [true, false] {
            let query = Query { place: String::new(), expression: broken.to_owned(), is_instant };
            assert!(query.fault(&prometheus).is_some(), "{broken} passes for an answer");
        }
    }
    let queries = queries();
    until_sound("panels are empty", || queries.iter().filter_map(|query| query.fault(&prometheus)).collect());
    until_sound("rules do not work", || rules(&prometheus));
    until_sound("metrics are not as the contract says", || contract(&prometheus));
    alerts_of_what_was_played(&prometheus);
    draw(&prometheus);
    scene.end_detection();
    wait_for_alert(&prometheus, "SilhouetteDetectorGone", "pending");
    scene.begin_detection_again();
    until_sound("an alert does not clear", || {
        let still = prometheus.now("ALERTS{alertname=\"SilhouetteDetectorGone\"}").unwrap();
        still.iter().map(Value::to_string).collect()
    });
}

/// Draws each dashboard from the answers to its queries; with `UPDATE=1` into the docs.
fn draw(prometheus: &Prometheus) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/dashboards");
    let is_update = std::env::var_os("UPDATE").is_some();
    let folder = if is_update { docs } else { Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboards") };
    std::fs::create_dir_all(&folder).unwrap();
    for name in BOARDS {
        let drawn = picture(&board(name), |panel| answers(prometheus, panel));
        assert!(!drawn.contains("no data"), "{name}: a panel shows nothing");
        std::fs::write(folder.join(format!("{name}.svg")), drawn).unwrap();
    }
}

/// What the queries of a panel came to over the last minutes.
fn answers(prometheus: &Prometheus, panel: &Value) -> Vec<Answer> {
    let mut answers = Vec::new();
    for target in panel["targets"].as_array().unwrap() {
        let expression = filled_in(target["expr"].as_str().unwrap());
        for series in prometheus.over(&expression, LOOK_BACK).unwrap() {
            let mut name = target["legendFormat"].as_str().unwrap().to_owned();
            for (label, value) in series["metric"].as_object().unwrap() {
                name = name.replace(&format!("{{{{{label}}}}}"), value.as_str().unwrap());
            }
            let values = series["values"].as_array().unwrap().iter();
            let point = |value: &Value| Some((value[0].as_f64()?, value[1].as_str()?.parse::<f64>().ok()?));
            let points: Vec<(f64, f64)> =
                values.filter_map(point).filter(|(_, value)| value.is_finite()).collect();
            if !points.is_empty() {
                answers.push(Answer { name, points });
            }
        }
    }
    answers
}

/// Each alert fires in one of its tests, and stays quiet in one that is close to it.
#[test]
fn alerts_fire_and_stay_quiet_as_their_tests_say() {
    for (task, folder) in [("check", folder().join("rules")), ("test", folder().join("rules/tests"))] {
        let Some(said) = promtool(task, &folder) else { return };
        if let Err(said) = said {
            panic!("promtool {task} rules: {said}");
        }
    }
}

/// The dashboards, and what each kind of panel is told, fit the types that Grafana publishes.
#[test]
fn dashboards_fit_grafanas_types() {
    let Some(tools) = typescript::grafana() else { return };
    let mut program = "import type { Board, Lines, Options } from \"./plain\";\n".to_owned();
    for name in BOARDS {
        let board = board(name);
        program += &format!("export const {name}: Board = {board};\n");
        for panel in board["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row") {
            let of = format!("{name}{}", panel["id"]);
            program += &format!("export const {of}: Options[{}] = {};\n", panel["type"], panel["options"]);
            if let Some(lines) = panel["fieldConfig"]["defaults"].get("custom") {
                program += &format!("export const {of}lines: Lines = {lines};\n");
            }
        }
    }
    typescript::fits(&tools, &program).unwrap();
    let misspelt =
        [("{\"annotations\"", "{\"annotation\""), ("Lines = {\"drawStyle\"", "Lines = {\"drawnStyle\"")];
    for (right, wrong) in misspelt {
        assert!(program.contains(right), "{right} is nowhere");
        let fits = typescript::fits(&tools, &program.replacen(right, wrong, 1));
        assert!(fits.is_err(), "{wrong} fits");
    }
}

/// Rules that fail, and recorded series that are not there.
fn rules(prometheus: &Prometheus) -> Vec<String> {
    let data = prometheus.get("/api/v1/rules", &[]).unwrap();
    let groups = data["groups"].as_array().unwrap();
    let rules: Vec<&Value> = groups.iter().flat_map(|group| group["rules"].as_array().unwrap()).collect();
    assert!(rules.len() > 50, "only {} rules were found", rules.len());
    let sick = rules.iter().filter(|rule| rule["health"] != "ok");
    let sick = sick.map(|rule| format!("{}: {} {}", rule["name"], rule["health"], rule["lastError"]));
    let recorded = rules.iter().filter(|rule| rule["type"] == "recording");
    let recorded: BTreeSet<&str> = recorded.map(|rule| rule["name"].as_str().unwrap()).collect();
    let empty = recorded.into_iter().filter(|name| {
        let series = prometheus.now(name).unwrap();
        !series.iter().any(holds_a_number)
    });
    sick.chain(empty.map(|name| format!("{name} is empty"))).collect()
}

/// What is declared and not served, and what is served and not declared.
fn contract(prometheus: &Prometheus) -> Vec<String> {
    let matcher = [("match[]", r#"{__name__=~"silhouette_.+|process_.+"}"#)];
    let series = prometheus.get("/api/v1/series", &matcher).unwrap();
    let declared: BTreeMap<&str, &Declared> = declared().map(|one| (one.metric.name, one)).collect();
    let (mut served, mut faults) = (BTreeSet::new(), Vec::new());
    for labels in series.as_array().unwrap() {
        let name = labels["__name__"].as_str().unwrap();
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let base = base.filter(|base| declared.get(base).is_some_and(|one| one.kind == Kind::Histogram));
        let base = base.unwrap_or(name);
        served.insert(base.to_owned());
        match declared.get(base) {
            Some(one) => faults.extend(unbounded(one, labels)),
            None => faults.push(format!("{name} is served and not declared")),
        }
    }
    let missing = declared.keys().filter(|name| !served.contains(**name));
    faults.extend(missing.map(|name| format!("{name} is declared and not served")));
    faults
}

/// Labels that a series has and may not have.
fn unbounded(one: &Declared, labels: &Value) -> Vec<String> {
    let ours = labels.as_object().unwrap().iter();
    let ours = ours.filter(|(name, _)| !["__name__", "job", "instance", "le"].contains(&name.as_str()));
    let may = |name: &str, value: &str| {
        one.metric.labels.iter().any(|label| label.name == name && label.values.hold(value))
    };
    ours.filter(|(name, value)| !may(name, value.as_str().unwrap()))
        .map(|(name, value)| format!("{} has {name}={value}, which its contract does not", one.metric.name))
        .collect()
}

/// The faults of the scene raise their alerts.
fn alerts_of_what_was_played(prometheus: &Prometheus) {
    for alert in
        ["SilhouetteDeadLetters", "SilhouetteFlagsUnreadable", "SilhouetteReadLimit", "SilhouetteDrift"]
    {
        wait_for_alert(prometheus, alert, "pending|firing");
    }
}

fn wait_for_alert(prometheus: &Prometheus, alert: &str, state: &str) {
    until_sound("an alert is missing", || {
        let expression = format!("ALERTS{{alertname=\"{alert}\", alertstate=~\"{state}\"}}");
        if prometheus.now(&expression).unwrap().is_empty() { vec![alert.to_owned()] } else { Vec::new() }
    });
}
