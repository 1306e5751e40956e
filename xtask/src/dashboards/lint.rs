//! The rules that Grafana's own linter of dashboards checks, and two of ours: nothing that only works when somebody clicks
//! through an import, and no colour that calls something bad good. They are checked on the JSON, as Grafana gets it.
//!
//! Source: the rules of <https://grafana.com/docs/grafana/latest/dashboards> as `dashboard-linter` lists them. Left out is
//! that recorded series name a job and an instance: they are of all of them.

use std::collections::BTreeSet;

use serde_json::Value;

/// Units of Grafana that we use.
const UNITS: &[&str] = &["s", "short", "bytes", "percent", "percentunit", "sci"];

/// Functions and words of PromQL that could be taken for metrics.
const WORDS: &[&str] = &[
    "sum",
    "max",
    "min",
    "rate",
    "increase",
    "deriv",
    "changes",
    "absent",
    "time",
    "by",
    "and",
    "or",
    "on",
    "offset",
    "histogram_quantile",
    "bottomk",
    "sqrt",
    "max_over_time",
    "le",
    "unless",
];

/// Every fault of a dashboard.
pub(super) fn check(board: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, fault: String| {
        if !holds {
            faults.push(fault);
        }
    };
    must(board["id"].is_null(), "it has an id of one installation".into());
    must(
        board["uid"].as_str().is_some_and(|uid| (1..=40).contains(&uid.len())),
        "it has no fixed uid".into(),
    );
    must(board["editable"] == false, "it can be edited, and edits are lost with the next start".into());
    must(!board.to_string().contains("${DS_"), "it needs an import by hand".into());
    must(board.get("__inputs").is_none(), "it needs an import by hand".into());
    variables(board, &mut must);
    let mut titles = BTreeSet::new();
    for panel in panels(board) {
        let title = panel["title"].as_str().unwrap_or_default();
        must(titles.insert(title), format!("{title:?} is asked twice"));
        must(title.ends_with('?'), format!("{title:?} asks nothing"));
        self::panel(panel, &mut |holds, fault| must(holds, format!("{title:?} {fault}")));
    }
    faults
}

/// Every query of a dashboard.
pub(super) fn queries(board: &Value) -> Vec<String> {
    let targets = panels(board).flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let variables = board["templating"]["list"].as_array().into_iter().flatten();
    // label_values(SELECTOR, LABEL)
    let selector = |variable: &Value| {
        let query = variable["query"].as_str()?.strip_prefix("label_values(")?;
        Some(query.rsplit_once(", ")?.0.to_owned())
    };
    let expression = |target: &Value| target["expr"].as_str().map(str::to_owned);
    targets.filter_map(expression).chain(variables.filter_map(selector)).collect()
}

/// The names of metrics in a query.
pub(super) fn metrics(query: &str) -> Vec<String> {
    selectors(query).into_iter().map(|(name, _)| name.to_owned()).collect()
}

fn panels(board: &Value) -> impl Iterator<Item = &Value> {
    board["panels"].as_array().into_iter().flatten().filter(|panel| panel["type"] != "row")
}

fn variables(board: &Value, must: &mut impl FnMut(bool, String)) {
    let list = board["templating"]["list"].as_array().cloned().unwrap_or_default();
    let named =
        |name: &str| list.iter().find(|variable| variable["name"] == name).cloned().unwrap_or_default();
    let source = named("datasource");
    must(
        source["type"] == "datasource" && source["query"] == "prometheus",
        "no data source can be chosen".into(),
    );
    must(source["label"] == "Data source", "the choice of data source is not called so".into());
    for (name, label) in [("job", "Job"), ("instance", "Instance")] {
        let choice = named(name);
        let of = |what: &str| format!("the choice of {name} {what}");
        must(choice["type"] == "query" && choice["label"] == label, of("is missing"));
        must(choice["datasource"]["uid"] == "${datasource}", of("has another data source"));
        must(choice["multi"] == true && choice["includeAll"] == true, of("is of one only"));
        must(choice["allValue"] == ".+", of("includes series without one"));
        must(choice["refresh"] == 2, of("does not follow the time that is chosen"));
        must(
            choice["query"].as_str().is_some_and(|q| q.starts_with("label_values(")),
            of("asks for no label"),
        );
    }
}

fn panel(panel: &Value, must: &mut impl FnMut(bool, String)) {
    must(panel["description"].as_str().is_some_and(|text| text.ends_with('.')), "is not described".into());
    must(panel["datasource"]["uid"] == "${datasource}", "has another data source".into());
    let defaults = &panel["fieldConfig"]["defaults"];
    must(defaults["unit"].as_str().is_some_and(|unit| UNITS.contains(&unit)), "has no unit".into());
    colours(defaults, must);
    let targets = panel["targets"].as_array().cloned().unwrap_or_default();
    must(!targets.is_empty(), "has no query".into());
    for target in &targets {
        let query = target["expr"].as_str().unwrap_or_default();
        must(target["datasource"]["uid"] == "${datasource}", format!("asks another data source: {query}"));
        must(
            target["legendFormat"].as_str().is_some_and(|legend| !legend.is_empty()),
            "has a line without a name".into(),
        );
        self::query(query, must);
    }
}

/// Steps go from good to bad or from bad to good, and lines take no colour that judges.
fn colours(defaults: &Value, must: &mut impl FnMut(bool, String)) {
    let steps = defaults["thresholds"]["steps"].as_array().cloned().unwrap_or_default();
    let colours: Vec<&str> = steps.iter().filter_map(|step| step["color"].as_str()).collect();
    let known = [
        &["blue"][..],
        &["green", "orange", "red"],
        &["transparent", "orange", "red"],
        &["red", "orange", "green"],
        &["red", "orange", "transparent"],
    ];
    must(known.contains(&colours.as_slice()), format!("has colours that mean nothing: {colours:?}"));
    let bounds: Vec<f64> = steps.iter().filter_map(|step| step["value"].as_f64()).collect();
    must(bounds.is_sorted() && bounds.len() + 1 == colours.len(), "has steps out of order".into());
    let mode = defaults["color"]["mode"].as_str().unwrap_or_default();
    must(["thresholds", "fixed", "shades"].contains(&mode), format!("takes colours by chance: {mode}"));
    must(
        mode == "thresholds" || defaults["color"]["fixedColor"] == "blue",
        "judges by a line's colour".into(),
    );
}

fn query(query: &str, must: &mut impl FnMut(bool, String)) {
    for (name, matchers) in selectors(query) {
        let is_of_all = name.contains(':') || name.starts_with("silhouette_drift_");
        let is_chosen = matchers.contains(r#"job=~"$job""#) && matchers.contains(r#"instance=~"$instance""#);
        must(is_of_all || is_chosen, format!("asks for {name} of whichever job and instance"));
        let is_counted =
            query.contains(&format!("increase({name}")) || query.contains(&format!("rate({name}"));
        must(!name.ends_with("_total") || is_counted, format!("shows the counter {name} as it is"));
    }
    for (at, _) in query.match_indices("rate(") {
        let inside = query.get(at..).and_then(|rest| rest.split_once('[')?.1.split_once(']'));
        must(
            inside.is_some_and(|(range, _)| range == "$__rate_interval"),
            format!("rates over a range of its own: {query}"),
        );
    }
    if query.contains("histogram_quantile(") {
        must(
            query.contains("sum by (") && query.contains("le)"),
            format!("takes a quantile of no buckets: {query}"),
        );
    }
}

/// Names with the matchers after them. Whoever writes queries here writes plain ones; that they are right PromQL is for
/// promtool and Prometheus to say.
fn selectors(query: &str) -> Vec<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(from) = rest.find(|c: char| is_part(c) || c == '"' || c == '[' || c == '{') {
        let (_, after) = rest.split_at(from);
        let (closing, skipped) = match after.chars().next() {
            Some('"') => ('"', true),
            Some('[') => (']', true),
            Some('{') => ('}', true),
            _ => (' ', false),
        };
        if skipped {
            rest = after.get(1..).and_then(|inside| Some(inside.split_once(closing)?.1)).unwrap_or_default();
            // A name may stand among the matchers.
            if let Some(named) = after.strip_prefix(r#"{__name__=~""#).and_then(|named| named.split_once('"'))
            {
                found.extend(named.0.split('|').map(|name| (name, r#"job=~"$job", instance=~"$instance""#)));
            }
            continue;
        }
        let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
        let (name, next) = after.split_at(end);
        let matchers =
            next.strip_prefix('{').and_then(|inside| inside.split_once('}')).map_or("", |(inside, _)| inside);
        rest = next;
        if let Some(after) = past_grouping(name, next) {
            rest = after;
            continue;
        }
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) && !WORDS.contains(&name) {
            found.push((name, matchers));
        }
    }
    found
}

/// What follows the labels in parentheses after `by` or `on`.
fn past_grouping<'a>(word: &str, next: &'a str) -> Option<&'a str> {
    let is_grouping = word == "by" || word == "on";
    is_grouping.then(|| Some(next.trim_start().strip_prefix('(')?.split_once(')')?.1)).flatten()
}
