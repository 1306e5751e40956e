//! Recording and alerting rules, their tests, and a runbook for each alert.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

const FOLDER: &str = "dashboards/rules";
const RUNBOOKS: &str = "docs/runbook";

/// What every runbook says, in this order.
const HEADINGS: [&str; 4] =
    ["## What it means for people", "## How to see it", "## What to do", "## How to know that it is over"];

/// All rules, as far as they are looked at here.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// By name; one of each severity may have it.
    alerts: BTreeMap<String, Vec<Alert>>,
    recorded: BTreeSet<String>,
    expressions: Vec<String>,
    /// The names of the tests: `ALERT fires`, `ALERT stays quiet`.
    tests: BTreeSet<String>,
}

/// An alert's keys, as they are written.
#[derive(Debug, Default)]
struct Alert {
    file: String,
    keys: BTreeMap<String, String>,
}

/// Reads the rules. They are YAML in one plain form, a key a line, so that reading lines will do; that they are right
/// is for promtool to say, which the tests ask.
pub(super) fn read(root: &Path) -> anyhow::Result<Rules> {
    let mut rules = Rules::default();
    for path in files(&root.join(FOLDER))? {
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        rules.add(&file, &text);
    }
    for path in files(&root.join(FOLDER).join("tests"))? {
        let text = fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
        let names = text.lines().filter_map(|line| line.trim().strip_prefix("- name: "));
        rules.tests.extend(names.map(str::to_owned));
    }
    Ok(rules)
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    Ok(files)
}

impl Rules {
    fn add(&mut self, file: &str, text: &str) {
        let mut current: Option<String> = None;
        let mut is_folded = false;
        for line in text.lines() {
            let trimmed = line.trim();
            let item = trimmed.strip_prefix("- ").unwrap_or(trimmed);
            let (key, value) = item.split_once(':').unwrap_or((item, ""));
            let value = value.trim();
            match key {
                "alert" => {
                    current = Some(value.to_owned());
                    let alert = Alert { file: file.to_owned(), ..Alert::default() };
                    self.alerts.entry(value.to_owned()).or_default().push(alert);
                }
                "record" => {
                    current = None;
                    self.recorded.insert(value.to_owned());
                }
                "expr" if value == ">-" => self.expressions.push(String::new()),
                "expr" => self.expressions.push(value.to_owned()),
                "for" | "labels" | "summary" | "description" | "runbook_url" => {
                    let alerts = current.as_ref().and_then(|name| self.alerts.get_mut(name));
                    if let Some(alert) = alerts.and_then(|alerts| alerts.last_mut()) {
                        alert.keys.insert(key.to_owned(), value.to_owned());
                    }
                }
                _ if is_folded && !trimmed.starts_with("- ") && !trimmed.starts_with('#') => {
                    if let Some(expression) = self.expressions.last_mut() {
                        expression.push(' ');
                        expression.push_str(trimmed);
                    }
                }
                _ => {}
            }
            is_folded =
                (key == "expr" && value == ">-") || (is_folded && !trimmed.is_empty() && !is_key(key));
        }
    }

    /// Whether a rule records a series of this name.
    pub(super) fn records(&self, name: &str) -> bool {
        self.recorded.contains(name)
    }

    /// Every expression.
    pub(super) fn queries(&self) -> impl Iterator<Item = &str> {
        self.expressions.iter().map(String::as_str)
    }

    /// Alerts without severity, words, tests or a runbook, and runbooks without an alert.
    pub(super) fn faults(&self, root: &Path) -> anyhow::Result<Vec<String>> {
        let mut faults = Vec::new();
        for (name, alerts) in &self.alerts {
            faults.extend(alerts.iter().flat_map(|alert| alert.faults(name)));
            for test in ["fires", "stays quiet"] {
                if !self.tests.contains(&format!("{name} {test}")) {
                    faults.push(format!("{FOLDER}/tests: no test says that {name} {test}"));
                }
            }
            let page = format!("{RUNBOOKS}/{name}.md");
            match fs::read_to_string(root.join(&page)) {
                Ok(text) => faults.extend(runbook(name, &text).map(|fault| format!("{page}: {fault}"))),
                Err(_) => faults.push(format!("{page} is missing")),
            }
        }
        for entry in
            fs::read_dir(root.join(RUNBOOKS)).with_context(|| format!("could not list {RUNBOOKS}"))?
        {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let alert = name.strip_suffix(".md").unwrap_or(&name);
            if alert != "README" && !self.alerts.contains_key(alert) {
                faults.push(format!("{RUNBOOKS}/{name} is about no alert"));
            }
        }
        Ok(faults)
    }
}

fn is_key(key: &str) -> bool {
    ["alert", "record", "expr", "for", "labels", "annotations", "groups", "rules", "interval"].contains(&key)
}

impl Alert {
    fn faults(&self, name: &str) -> Vec<String> {
        let value = |key: &str| self.keys.get(key).map_or("", String::as_str);
        let severities = ["{severity: critical}", "{severity: warning}", "{severity: info}"];
        let link = format!("{RUNBOOKS}/{name}.md");
        let rules = [
            (name.starts_with("Silhouette"), "is not called after us"),
            (severities.contains(&value("labels")), "is neither critical nor warning nor info"),
            (
                value("summary").ends_with('.') && !value("summary").contains("{{"),
                "needs a summary that stays the same",
            ),
            (value("description").trim_end_matches('\'').ends_with('.'), "needs a description"),
            (value("runbook_url") == link, "does not link to its runbook"),
        ];
        let broken = rules.iter().filter(|(holds, _)| !holds);
        broken.map(|(_, fault)| format!("{FOLDER}/{}: {name} {fault}", self.file)).collect()
    }
}

/// What a runbook lacks.
fn runbook(name: &str, text: &str) -> impl Iterator<Item = String> {
    let title = (!text.starts_with(&format!("# {name}\n"))).then(|| "has another title".to_owned());
    let found: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
    let headings = (found != HEADINGS).then(|| format!("must have the headings {HEADINGS:?}"));
    title.into_iter().chain(headings)
}
