//! The three-feature job on other engines and on ours: the same file, one after the other, the answers compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::{cargo, succeeds};

/// A second file is this part of the first: the difference of both gives the rate without what starting costs.
const SMALLER: u64 = 4;

/// Java's heap: enough for ten million events.
const HEAP: &str = "-Xmx4g";

/// What Flink's own start scripts open to it.
const OPENS: [&str; 3] = ["java.base/java.util", "java.base/java.lang", "java.base/java.time"];

/// What to run and how often.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    /// A virtual environment with tests/peers/requirements.txt in it.
    pub(crate) python: PathBuf,
    pub(crate) events: u64,
    pub(crate) rounds: usize,
    /// Our program, where it is not to be built.
    pub(crate) binary: Option<PathBuf>,
}

impl Options {
    /// Reads `--python VENV [--events N] [--rounds N] [--binary FILE]`.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Options> {
        let mut options = Options { python: PathBuf::new(), events: 2_000_000, rounds: 5, binary: None };
        for pair in arguments.chunks(2) {
            let [name, value] = pair else { return None };
            match *name {
                "--python" => options.python = value.into(),
                "--events" => options.events = value.parse().ok().filter(|n| *n >= 10_000)?,
                "--rounds" => options.rounds = value.parse().ok().filter(|n| *n >= 1)?,
                "--binary" => options.binary = Some(value.into()),
                _ => return None,
            }
        }
        (options.python != PathBuf::new()).then_some(options)
    }
}

/// One way to do the job: its name, and the command before and after the file of events.
struct Peer {
    name: &'static str,
    before: Vec<String>,
    after: Vec<String>,
    runs: Vec<Run>,
}

/// One run over both files.
struct Run {
    larger: Used,
    smaller: Used,
}

/// What a run used.
struct Used {
    cpu_seconds: f64,
    memory_bytes: f64,
}

/// Runs every peer and prints the table. Fails where two answers differ.
pub(crate) fn run(root: &Path, options: &Options) -> anyhow::Result<bool> {
    let python = options.python.join("bin/python");
    ensure!(python.is_file(), "{} is no virtual environment of Python", options.python.display());
    let python = fs::canonicalize(&options.python)?.join("bin/python");
    let target = target(root)?;
    let ours = match &options.binary {
        Some(binary) => fs::canonicalize(binary).context("could not find --binary")?,
        None if succeeds(cargo(root).args(["build", "--release", "--package", "silhouette"]))? => {
            target.join("release/silhouette")
        }
        None => return Ok(false),
    };
    let folder = target.join("peers");
    fs::create_dir_all(&folder)?;
    let classpath = compile_flink(root, &python, &folder)?;
    let files = [options.events, options.events / SMALLER]
        .map(|events| events_file(&ours, &folder, events))
        .into_iter()
        .collect::<anyhow::Result<Vec<PathBuf>>>()?;

    let mut peers = peers(root, &python, &classpath, &ours);
    let measured = [path_text(&python), path_text(&root.join("tests/peers/measured.py"))];
    let mut answers: [Option<Value>; 2] = [None, None];
    for round in 1..=options.rounds {
        for peer in &mut peers {
            eprintln!("peers: round {round} of {}: {}", options.rounds, peer.name);
            let mut use_of = |n: usize| measure(&measured, peer, &files[n], &mut answers[n]);
            let run = Run { larger: use_of(0)?, smaller: use_of(1)? };
            peer.runs.push(run);
        }
    }
    if let [Some(answer), _] = &answers {
        eprintln!("peers: all answers are equal: {answer}");
    }
    print!("{}", table(&peers, options.events));
    Ok(true)
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Where cargo builds to.
fn target(root: &Path) -> anyhow::Result<PathBuf> {
    let output = cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("could not read cargo metadata")?;
    Ok(metadata["target_directory"].as_str().context("cargo names no target folder")?.into())
}

/// Compiles Flink's job against the jars in the Python package; the class path to run it with.
fn compile_flink(root: &Path, python: &Path, folder: &Path) -> anyhow::Result<String> {
    let find = "import os, pyflink; print(os.path.join(os.path.dirname(pyflink.__file__), 'lib', '*'))";
    let output = Command::new(python).args(["-c", find]).output().context("could not start Python")?;
    ensure!(
        output.status.success(),
        "apache-flink is not installed: pip install -r tests/peers/requirements.txt"
    );
    let jars = String::from_utf8(output.stdout)?.trim().to_owned();
    let classes = folder.join("classes");
    let mut javac = Command::new("javac");
    javac.arg("-d").arg(&classes).args(["-cp", &jars]).arg(root.join("tests/peers/flink/Job.java"));
    ensure!(succeeds(&mut javac)?, "could not compile tests/peers/flink/Job.java");
    Ok(format!("{}:{jars}", classes.display()))
}

/// The file of events.
fn events_file(ours: &Path, folder: &Path, events: u64) -> anyhow::Result<PathBuf> {
    let file = folder.join(format!("events-{events}.jsonl"));
    let mut make = Command::new(ours);
    make.args(["bench", "workload", "--events", &events.to_string(), "--out"]).arg(&file);
    ensure!(succeeds(&mut make)?, "could not make {}", file.display());
    Ok(file)
}

fn peers(root: &Path, python: &Path, classpath: &str, ours: &Path) -> Vec<Peer> {
    let folder = root.join("tests/peers");
    let script = |name: &str| vec![path_text(python), path_text(&folder.join(name))];
    let mut flink = vec!["java".to_owned(), HEAP.to_owned()];
    flink.extend(OPENS.map(|package| format!("--add-opens={package}=ALL-UNNAMED")));
    flink.extend(["-cp", classpath, "Job"].map(str::to_owned));
    let silhouette = [&path_text(ours), "bench", "three-features", "--json", "--events"].map(str::to_owned);
    let peer = |name, before, after: &[&str]| {
        let after = after.iter().map(|&argument| argument.to_owned()).collect();
        Peer { name, before, after, runs: Vec::new() }
    };
    vec![
        peer("Silhouette", silhouette.to_vec(), &[]),
        peer("Flink 2.3 DataStream, parallelism 1", flink.clone(), &["1"]),
        peer("Flink 2.3 DataStream, parallelism 2", flink, &["2"]),
        peer("DuckDB, batch", script("duckdb_job.py"), &[]),
        peer("Python, orjson", script("python_job.py"), &[]),
    ]
}

/// Runs a peer over a file; fails where its answer is not that of the others.
fn measure(
    measured: &[String],
    peer: &Peer,
    events: &Path,
    answer: &mut Option<Value>,
) -> anyhow::Result<Used> {
    let command = [measured, &peer.before, &[path_text(events)], &peer.after].concat();
    let (program, arguments) = command.split_first().context("no command")?;
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("{} failed:\n{}", peer.name, String::from_utf8_lossy(&output.stderr));
    }
    let result: Value = serde_json::from_slice(&output.stdout)?;
    let expected = answer.get_or_insert_with(|| result["answer"].clone());
    let given = &result["answer"];
    ensure!(given == expected, "{} gives another answer\n  {given}\nthan\n  {expected}", peer.name);
    let number = |name: &str| result[name].as_f64().with_context(|| format!("no {name}"));
    Ok(Used { cpu_seconds: number("cpu_seconds")?, memory_bytes: number("memory_bytes")? })
}

/// The results as Markdown.
fn table(peers: &[Peer], events: u64) -> String {
    let mut text = String::from(
        "| | events a core-second, median (least to most) | without starting | memory, MB | Silhouette is faster by |\n\
         |---|---|---|---|---|\n",
    );
    let ours = peers.first().map_or(0.0, |peer| median(&rates(peer, events)));
    for peer in peers {
        let rates = rates(peer, events);
        let (least, most) = (rates.first().copied(), rates.last().copied());
        let memory = peer.runs.iter().map(|run| run.larger.memory_bytes).fold(0.0, f64::max) / 1e6;
        text += &format!(
            "| {} | {} ({} to {}) | {} | {memory:.0} | {:.1} |\n",
            peer.name,
            thousands(median(&rates)),
            thousands(least.unwrap_or(0.0)),
            thousands(most.unwrap_or(0.0)),
            thousands(marginal(peer, events)),
            ours / median(&rates),
        );
    }
    text
}

/// Events a core-second of every run over the larger file, lowest first.
fn rates(peer: &Peer, events: u64) -> Vec<f64> {
    let mut rates: Vec<f64> =
        peer.runs.iter().map(|run| events as f64 / run.larger.cpu_seconds.max(1e-3)).collect();
    rates.sort_by(f64::total_cmp);
    rates
}

/// Events a core-second beyond the smaller file: what one more event costs.
fn marginal(peer: &Peer, events: u64) -> f64 {
    let seconds = |of: fn(&Run) -> f64| {
        let mut all: Vec<f64> = peer.runs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        median(&all)
    };
    let more = seconds(|run| run.larger.cpu_seconds) - seconds(|run| run.smaller.cpu_seconds);
    (events - events / SMALLER) as f64 / more.max(1e-3)
}

/// The middle of sorted values.
fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn thousands(rate: f64) -> String {
    format!("{:.0} k", rate / 1000.0)
}

#[cfg(test)]
mod tests;
