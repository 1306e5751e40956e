//! The program as its users run it, and a simulated world with a model that all tests share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use detect::Flag;
use platform::{Kafka, Source, Transport};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_silhouette-under-test");
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs the program to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).output().expect("the program starts")
}

/// Runs the program to its end and expects success; gives what it printed as data.
#[track_caller]
pub(crate) fn succeed(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("data is UTF-8")
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// A world that is detected on, and a model trained on another.
pub(crate) struct Lab {
    pub(crate) folder: PathBuf,
    pub(crate) events: PathBuf,
    pub(crate) truth: PathBuf,
    pub(crate) model: PathBuf,
}

impl Lab {
    pub(crate) fn shared() -> &'static Lab {
        static SHARED: OnceLock<Lab> = OnceLock::new();
        SHARED.get_or_init(Lab::build)
    }

    fn build() -> Lab {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lab");
        let (world, training, model) = (folder.join("world"), folder.join("training"), folder.join("model"));
        simulate((1500, 14, 5), "0.02", &world);
        simulate((3000, 21, 6), "0.03", &training);
        succeed(&[
            "train",
            "--events",
            text(&training.join("events.jsonl")),
            "--labels",
            text(&training.join("labels.jsonl")),
            "--out",
            text(&model),
        ]);
        Lab { events: world.join("events.jsonl"), truth: world.join("truth.jsonl"), model, folder }
    }
}

/// A world with more abuse than is usual, so that a small one has enough to learn from.
pub(crate) fn simulate((accounts, days, seed): (u32, u32, u32), abusive_share: &str, out: &Path) {
    let [accounts, days, seed] = [accounts, days, seed].map(|n| n.to_string());
    let size = ["--accounts", &accounts, "--days", &days, "--seed", &seed];
    let rest = ["--abusive-share", abusive_share, "--out", text(out)];
    succeed(&[&["simulate"][..], &size, &rest].concat());
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

/// Flags from a file of events, sorted.
pub(crate) fn flags_of_file(events: &Path, folder: &Path) -> Vec<String> {
    let out = folder.join("flags-of-file.jsonl");
    let model = text(&Lab::shared().model);
    succeed(&["detect", "--events", text(events), "--model", model, "--out", text(&out)]);
    sorted(std::fs::read_to_string(out).expect("flags").lines().map(str::to_owned).collect())
}

pub(crate) fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// Every record of a topic, in no particular order.
pub(crate) fn records(transport: &Transport, topic: &str) -> Vec<String> {
    let text = |record| String::from_utf8(record).expect("UTF-8");
    raw_records(transport, topic).into_iter().map(text).collect()
}

/// The same of a topic that may hold anything.
pub(crate) fn raw_records(transport: &Transport, topic: &str) -> Vec<Vec<u8>> {
    let mut reader = transport.reader(topic).expect("the topic is there");
    let total = extent(reader.as_mut());
    reader.seek(&platform::Positions::new()).expect("the beginning is there");
    let mut found = Vec::new();
    eventually("every record is read", || {
        let batch = reader.poll(10_000, Duration::from_millis(200)).expect("the topic can be read");
        found.extend(batch.records.into_iter().map(|record| record.value));
        found.len() >= total
    });
    found
}

/// How many records a topic holds.
pub(crate) fn extent(reader: &mut dyn Source) -> usize {
    let (ends, earliest) = (reader.ends().expect("ends"), reader.earliest().expect("beginnings"));
    let n: i64 = ends.iter().map(|(partition, end)| end - earliest[partition]).sum();
    usize::try_from(n).expect("an extent")
}

/// The flags' ids, once each or more often.
pub(crate) fn ids(flags: &[String]) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    for line in flags {
        let flag: Flag = serde_json::from_str(line).expect("a flag");
        *ids.entry(flag.flag_id).or_default() += 1;
    }
    ids
}

/// Puts a file onto a topic with the program itself.
pub(crate) fn produce(events: &Path, kafka: &str, topic: &str) {
    produce_as("json", events, kafka, topic);
}

pub(crate) fn produce_as(encoding: &str, events: &Path, kafka: &str, topic: &str) {
    let what = ["produce", "--events", text(events), "--encoding", encoding];
    succeed(&[&what[..], &["--brokers", kafka, "--topic", topic]].concat());
}

/// A live detector on Kafka, as a process of its own.
pub(crate) struct Detector {
    config: PathBuf,
    log: PathBuf,
    address: String,
    process: Option<Child>,
    pub(crate) transport: Transport,
    pub(crate) flags: String,
    pub(crate) dead_letters: String,
}

impl Detector {
    /// One with its own group, outputs and state, not yet started; `more` goes under `[detect]`.
    pub(crate) fn new(folder: &Path, brokers: &str, topic: &str, more: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .expect("a free port")
            .port();
        let address = format!("127.0.0.1:{port}");
        let (flags, dead_letters) = (format!("{topic}.flags"), format!("{topic}.dead-letters"));
        let config = folder.join("silhouette.toml");
        let document = format!(
            "[transport]\nkind = \"kafka\"\nbrokers = \"{brokers}\"\n[transport.properties]\n\
             \"session.timeout.ms\" = \"6000\"\n\"heartbeat.interval.ms\" = \"500\"\n\
             [topics]\nevents = \"{topic}\"\nflags = \"{flags}\"\ndead_letters = \"{dead_letters}\"\n\
             [detect]\nmodel = \"{}\"\ngroup = \"{topic}-detector\"\nstate = \"{}\"\nlisten = \"{address}\"\n{more}\n\
             [log]\nlevel = \"trace\"\n",
            Lab::shared().model.display(),
            folder.join("state").display(),
        );
        std::fs::write(&config, document).expect("a configuration");
        succeed(&["config", "check", "--config", text(&config)]);
        let kafka = Kafka::new(brokers, BTreeMap::new()).expect("a client");
        let transport = Transport::Kafka(kafka);
        let log = folder.join("detector.log");
        Self { config, log, address, process: None, transport, flags, dead_letters }
    }

    pub(crate) fn start(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).expect("a log");
        let process = Command::new(PROGRAM)
            .args(["detect", "--config", text(&self.config)])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        self.process = Some(process);
    }

    /// The metrics, or nothing while they are not served. A detector that ended by itself is a failure.
    pub(crate) fn metrics(&mut self) -> Option<String> {
        if let Some(status) = self.process.as_mut().and_then(|p| p.try_wait().expect("a process")) {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(20).collect();
            panic!("the detector ended with {status}: {}", tail.join("\n"));
        }
        ureq::get(&format!("http://{}/metrics", self.address)).call().ok()?.body_mut().read_to_string().ok()
    }

    /// The sum of a metric over its labels.
    pub(crate) fn metric(&mut self, name: &str) -> f64 {
        let text = self.metrics().unwrap_or_default();
        let of_name = |line: &&str| line.split([' ', '{']).next() == Some(name);
        text.lines().filter(of_name).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// What the detector answers at a place of its own, such as `/readyz`.
    pub(crate) fn answer(&self, place: &str) -> String {
        let mut answer = ureq::get(&format!("http://{}{place}", self.address)).call().expect("an answer");
        answer.body_mut().read_to_string().expect("text")
    }

    /// SIGKILL: no chance to do anything.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().expect("a running detector");
        process.kill().expect("it can be killed");
        process.wait().expect("it ends");
    }

    /// SIGTERM: it makes everything durable and ends with success.
    pub(crate) fn stop(&mut self) {
        let mut process = self.process.take().expect("a running detector");
        let pid = process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        assert!(process.wait().expect("it ends").success());
    }

    /// Waits until it has read and scored everything that was produced before.
    pub(crate) fn catch_up(&mut self) {
        eventually("the detector has caught up", || {
            let served = self.metrics().is_some_and(|text| text.contains("silhouette_lag_seconds"));
            served
                && self.metric("silhouette_lag_seconds") == 0.0
                && self.metric("silhouette_waiting_events") == 0.0
        });
    }
}

impl Drop for Detector {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Already failing: nothing is gained by failing again.
            let _ended = process.kill().and_then(|()| process.wait());
        }
    }
}
