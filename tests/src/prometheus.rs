//! A real Prometheus, alone on this machine, for as long as a test runs.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::component;

const START_WAIT: Duration = Duration::from_secs(60);

/// How often it asks its targets and evaluates its rules.
const INTERVAL: &str = "1s";

/// Runs the server until the input ends, and be it because the test was killed: nothing outlives the tests.
const KEEPER: &str = r#"
dir=$1
shift
exec 3<&0
"$@" >>"$dir/server.log" 2>&1 </dev/null 3<&- &
server=$!
(
    while read -r _ <&3; do :; done
    kill -KILL $server
    rm -rf "$dir"
) >/dev/null 2>&1 &
exec 3<&-
wait $server
"#;

/// A server with its own port and directory.
#[derive(Debug)]
pub struct Prometheus {
    dir: TempDir,
    address: String,
    keeper: Child,
}

impl Prometheus {
    /// One that asks these targets, each a job and an address, and evaluates the rules in these files, all of them every
    /// second; none where it cannot be had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(targets: &[(&str, &str)], rules: &Path) -> Option<Self> {
        component("Prometheus", program())?;
        Some(Self::try_start(targets, rules).unwrap_or_else(|error| panic!("{error:#}")))
    }

    fn try_start(targets: &[(&str, &str)], rules: &Path) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("silhouette-prometheus-").tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        fs::write(dir.path().join("prometheus.yml"), configuration(targets))?;
        copy_rules(rules, &dir.path().join("rules"))?;
        let at = |name: &str| dir.path().join(name).display().to_string();
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(dir.path()).arg("prometheus");
        keeper.arg(format!("--config.file={}", at("prometheus.yml")));
        keeper.arg(format!("--storage.tsdb.path={}", at("data")));
        keeper.arg(format!("--web.listen-address={address}")).arg("--log.level=warn");
        let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let mut server = Self { dir, address, keeper };
        server.await_answer()?;
        Ok(server)
    }

    fn await_answer(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_WAIT;
        while self.get("/api/v1/status/buildinfo", &[]).is_err() {
            let log = || fs::read_to_string(self.dir.path().join("server.log")).unwrap_or_default();
            if let Some(status) = self.keeper.try_wait()? {
                bail!("Prometheus ended with {status}: {}", log());
            }
            ensure!(Instant::now() < deadline, "Prometheus did not start: {}", log());
            thread::park_timeout(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What it answers at a place of its API: the `data` of a success.
    ///
    /// # Errors
    /// Where it does not answer, or with an error, with what it said.
    pub fn get(&self, place: &str, parameters: &[(&str, &str)]) -> anyhow::Result<Value> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent: ureq::Agent = config.into();
        let mut request = agent.get(format!("http://{}{place}", self.address));
        for (name, value) in parameters {
            request = request.query(name, value);
        }
        let body = request.call()?.body_mut().read_to_string()?;
        let mut answer: Value = serde_json::from_str(&body).with_context(|| body.clone())?;
        ensure!(answer["status"] == "success", "{}: {}", answer["errorType"], answer["error"]);
        Ok(answer["data"].take())
    }

    /// What an expression comes to now: the series with their values.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn now(&self, expression: &str) -> anyhow::Result<Vec<Value>> {
        let data = self.get("/api/v1/query", &[("query", expression)])?;
        series(data)
    }

    /// What an expression came to over the seconds before now, one value a second.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn over(&self, expression: &str, seconds: u32) -> anyhow::Result<Vec<Value>> {
        let now = self.now("time()")?;
        let now = now[0]["value"][0].as_f64().context("a time")?;
        let from = (now - f64::from(seconds)).to_string();
        let until = now.to_string();
        let parameters = [("query", expression), ("start", &from), ("end", &until), ("step", "1")];
        series(self.get("/api/v1/query_range", &parameters)?)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // The end of its input ends the server.
        drop(self.keeper.stdin.take());
        let ended = self.keeper.wait();
        assert!(ended.is_ok() || thread::panicking(), "could not stop Prometheus: {ended:?}");
    }
}

/// What promtool says of these files of rules, or none where it cannot be had.
///
/// # Panics
/// When it cannot be run.
pub fn promtool(task: &str, folder: &Path) -> Option<Result<(), String>> {
    component("Prometheus", program())?;
    let entries = fs::read_dir(folder).expect("a folder of rules");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    let output = Command::new("promtool").args([task, "rules"]).args(files).output().expect("promtool runs");
    let said = [output.stdout, output.stderr].concat();
    Some(if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&said).into_owned()) })
}

/// A vector, a matrix, or one number as a series of its own.
fn series(data: Value) -> anyhow::Result<Vec<Value>> {
    match (&data["resultType"], &data["result"]) {
        (Value::String(kind), Value::Array(series)) if kind == "vector" || kind == "matrix" => {
            Ok(series.clone())
        }
        (Value::String(kind), value) if kind == "scalar" => {
            Ok(vec![serde_json::json!({ "metric": {}, "value": value })])
        }
        _ => bail!("that is no answer: {data}"),
    }
}

fn configuration(targets: &[(&str, &str)]) -> String {
    let mut text = format!(
        "global: {{scrape_interval: {INTERVAL}, evaluation_interval: {INTERVAL}}}\nrule_files: [rules/*.yml]\nscrape_configs:\n"
    );
    for (job, address) in targets {
        text += &format!("  - {{job_name: {job}, static_configs: [{{targets: ['{address}']}}]}}\n");
    }
    text
}

/// The rules as they are, but evaluated as often as everything else: a test does not wait for minutes.
fn copy_rules(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yml") {
            let text = fs::read_to_string(&path)?;
            let is_pace = |line: &&str| !line.trim_start().starts_with("interval:");
            let text: Vec<&str> = text.lines().filter(is_pace).collect();
            fs::write(to.join(path.file_name().context("a file has a name")?), text.join("\n"))?;
        }
    }
    Ok(())
}

/// Whether it is installed.
fn program() -> Result<(), &'static str> {
    let is_there = |program| Command::new(program).arg("--version").output().is_ok();
    let all = is_there("prometheus") && is_there("promtool");
    if all { Ok(()) } else { Err("prometheus and promtool are not on the path") }
}
