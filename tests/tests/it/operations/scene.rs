//! A detector, a review and a report on drift, at work: everything happens that dashboards show.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use detect::Flag;
use events::{Millis, decode};
use platform::{EmbeddedLog, Sink};
use review::{CaseId, Quality};
use reviewer::Limits;
use serde_json::{Value, json};
use silhouette_tests::prometheus::Prometheus;
use tempfile::TempDir;

use crate::desk::{Desk, Setup, flag};
use crate::lab::{Lab, PROGRAM, eventually, succeed, text};

/// Cases on the desk.
const CASES: u32 = 70;

/// Different cases that one person may read in an hour.
const CASES_AN_HOUR: u32 = 60;

/// Pieces in which events come, with a look of Prometheus after each.
const PIECES: usize = 12;

/// Every so many events, one is refused.
const REFUSED_EVERY: usize = 25;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Everything that is asked for metrics.
pub(super) struct Scene {
    desk: Desk,
    detection: Detection,
    drift: String,
    flags: Vec<Flag>,
    cases: Vec<String>,
}

impl Scene {
    /// Everything running, and nothing happening yet.
    pub(super) fn set() -> Self {
        let setup = Setup {
            quality: Quality { double_review: 1.0, golden: 1.0 },
            limits: Limits { cases_an_hour: CASES_AN_HOUR, ..Setup::default().limits },
            ..Setup::default()
        };
        let setup = setup
            .and("cy", &["child_safety_analyst"])
            .and("dee", &["child_safety_analyst"])
            .and("fay", &["child_safety_analyst"])
            .and("gus", &["child_safety_analyst"])
            .and("bo", &["lead"])
            .and("gil", &["lead"])
            .and("eve", &["analyst"])
            .and("platform", &["external"]);
        let flags: Vec<Flag> = (0..CASES).map(|n| flag(n * 3, 0, 0.9 - f64::from(n) / 200.0)).collect();
        let cases = flags.iter().map(|flag| CaseId::of_flag(&flag.account, &flag.flag_id).to_string());
        let cases = cases.collect();
        let mut detection = Detection::new();
        detection.begin();
        Self { desk: Desk::with(setup), detection, drift: serve(drift()), flags, cases }
    }

    /// Jobs and addresses.
    pub(super) fn targets(&self) -> Vec<(&'static str, String)> {
        let review = self.desk.url("").trim_start_matches("http://").to_owned();
        vec![
            ("silhouette-detector", self.detection.address.clone()),
            ("silhouette-review", review),
            ("silhouette-drift", self.drift.clone()),
        ]
    }

    /// Lets it happen, with a look of Prometheus between one thing and the next.
    pub(super) fn play(&self, prometheus: &Prometheus) {
        let steps: [fn(&Self); 8] = [
            Self::flags_come,
            Self::two_people_decide_alike,
            Self::and_one_otherwise,
            Self::a_suspension_is_overturned,
            Self::a_proposal_waits,
            Self::somebody_reads_in_an_emergency,
            Self::what_is_known_to_be_right_is_found,
            Self::somebody_reads_too_much,
        ];
        let mut steps = steps.into_iter();
        let lines = std::fs::read_to_string(&Lab::shared().events).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        for piece in lines.chunks(lines.len().div_ceil(PIECES)) {
            self.detection.write(piece);
            if let Some(step) = steps.next() {
                step(self);
            }
            look_of(prometheus);
        }
        assert!(steps.next().is_none(), "too few pieces for everything to happen");
    }

    pub(super) fn end_detection(&mut self) {
        self.detection.end();
    }

    pub(super) fn begin_detection_again(&mut self) {
        self.detection.begin();
    }

    fn flags_come(&self) {
        self.desk.feed(&self.flags);
        self.desk.feed_bytes(b"this is no flag");
        self.desk.wait_for_records("opened", CASES);
        self.desk.wait_for_records("undecodable", 1);
    }

    fn two_people_decide_alike(&self) {
        for (case, finding) in [(0, abusive("watch")), (1, benign())] {
            self.decide("cy", &self.cases[case], &finding);
            self.decide("dee", &self.handed_to("dee"), &finding);
        }
    }

    fn and_one_otherwise(&self) {
        self.decide("cy", &self.cases[2], &benign());
        self.decide("dee", &self.handed_to("dee"), &abusive("watch"));
    }

    fn a_suspension_is_overturned(&self) {
        let (desk, case) = (&self.desk, &self.cases[3]);
        let proposal = desk.decide_as("bo", case, &abusive("suspend")).json();
        self.see("ana", case);
        let approval = format!("/v1/proposals/{}/approval", proposal["proposal_id"].as_str().unwrap());
        let hash = json!({ "content_hash": proposal["content_hash"] });
        assert_eq!(desk.command("ana", "POST", &approval, Some(hash)).status, 200);
        let path = format!("/v1/cases/{case}/appeals");
        let appeal = desk.command("platform", "POST", &path, Some(json!({ "ground": "innocent_cause" })));
        self.see("gil", case);
        let path = format!("/v1/appeals/{}/decision", appeal.json()["appeal_id"].as_str().unwrap());
        let body = json!({ "outcome": "overturn", "reason": "innocent_cause_shown" });
        assert_eq!(desk.command("gil", "POST", &path, Some(body)).status, 200);
    }

    fn a_proposal_waits(&self) {
        assert_eq!(self.desk.decide_as("cy", &self.cases[4], &abusive("refer")).status, 202);
    }

    fn somebody_reads_in_an_emergency(&self) {
        let path = format!("/v1/cases/{}/emergency-reads", self.cases[5]);
        let read = self.desk.command("eve", "POST", &path, Some(json!({ "reason": "child_in_danger" })));
        assert_eq!(read.status, 201, "{read:?}");
    }

    fn what_is_known_to_be_right_is_found(&self) {
        let mark = json!({ "case_id": self.cases[0] });
        assert_eq!(self.desk.command("bo", "POST", "/v1/golden", Some(mark)).status, 204);
        let golden = self.handed_to("gus");
        assert!(!self.cases.contains(&golden), "it is handed out under another name");
        self.decide("gus", &golden, &abusive("watch"));
    }

    fn somebody_reads_too_much(&self) {
        let read = |case: &String| self.desk.get_as("fay", &format!("/v1/cases/{case}")).status;
        let refused = self.cases.iter().map(read).filter(|status| *status == 429).count();
        assert!(refused > 0, "nobody was kept from reading");
    }

    fn see(&self, name: &str, case: &str) {
        assert_eq!(self.desk.get_as(name, &format!("/v1/cases/{case}")).status, 200);
    }

    fn decide(&self, name: &str, case: &str, finding: &Value) {
        let decided = self.desk.decide_as(name, case, finding);
        assert_eq!(decided.status, 200, "{name}: {decided:?}");
    }

    /// The case that somebody is handed next.
    fn handed_to(&self, name: &str) -> String {
        let next = self.desk.command(name, "POST", "/v1/queues/child_safety/next", None);
        assert_eq!(next.status, 200, "{name}: {next:?}");
        next.json()["case_id"].as_str().unwrap().to_owned()
    }
}

fn benign() -> Value {
    json!({ "outcome": "benign", "reason": "evidence_too_thin" })
}

fn abusive(action: &str) -> Value {
    json!({ "outcome": "abusive", "category": "child_safety", "policy": "minor_safety",
            "reason": "persists_after_refusals", "action": action })
}

/// Waits until Prometheus has asked once more.
fn look_of(prometheus: &Prometheus) {
    let looks = || {
        let counted = prometheus.now("sum(count_over_time(up[1h]))").unwrap();
        counted[0]["value"][1].as_str().unwrap().parse::<u64>().unwrap()
    };
    let before = looks();
    eventually("Prometheus asks again", || looks() >= before + 3);
}

/// The program itself, detecting on an embedded log.
struct Detection {
    folder: TempDir,
    config: PathBuf,
    address: String,
    process: Option<Child>,
}

impl Detection {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let config = folder.path().join("silhouette.toml");
        let document = format!(
            "[transport]\ndirectory = {:?}\n[detect]\nmodel = {:?}\nstate = {:?}\nlisten = \"{address}\"\n\
             min_p = 0.1\nidle_after = \"1s\"\nsnapshot_every = \"1s\"\n",
            folder.path().join("log"),
            Lab::shared().model,
            folder.path().join("state"),
        );
        std::fs::write(&config, document).unwrap();
        Self { folder, config, address, process: None }
    }

    fn begin(&mut self) {
        let log = std::fs::File::create(self.folder.path().join("detector.log")).unwrap();
        let mut program = Command::new(PROGRAM);
        let program =
            program.args(["detect", "--config", text(&self.config)]).stdout(Stdio::null()).stderr(log);
        self.process = Some(program.spawn().unwrap());
        let ready = format!("http://{}/readyz", self.address);
        eventually("the detector is ready", || ureq::get(&ready).call().is_ok());
    }

    fn end(&mut self) {
        let mut process = self.process.take().unwrap();
        let pid = process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(process.wait().unwrap().success());
    }

    /// Puts events onto the stream, and now and then something that is none.
    fn write(&self, lines: &[&str]) {
        let mut sink = EmbeddedLog::new(self.folder.path().join("log"), 4).sink("events").unwrap();
        for (n, line) in lines.iter().enumerate() {
            let event = decode(line.as_bytes(), u64::MAX).unwrap();
            let key = event.actor.as_ref().map_or("", |actor| actor.as_str());
            sink.send(key, line.as_bytes()).unwrap();
            if n % REFUSED_EVERY == 0 {
                sink.send(key, b"{\"v\":1,\"type\":\"no.such\"}").unwrap();
            }
        }
        sink.flush().unwrap();
    }
}

impl Drop for Detection {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Already failing, or done: nothing is gained by failing again.
            let _ended = process.kill().and_then(|()| process.wait());
        }
    }
}

/// What `silhouette drift` writes of a log in which people suddenly write ten times less.
fn drift() -> String {
    let (lab, folder) = (Lab::shared(), tempfile::tempdir().unwrap());
    let lines = std::fs::read_to_string(lab.folder.join("training/events.jsonl")).unwrap();
    let ts = |line: &str| decode(line.as_bytes(), u64::MAX).unwrap().ts;
    let changed = lines.lines().map(ts).max().unwrap() - 5 * DAY_MS;
    let is_kept = |(n, line): &(usize, &str)| {
        !line.contains("\"type\":\"message.sent\"") || n % 10 == 0 || ts(line) < changed
    };
    let kept: Vec<&str> = lines.lines().enumerate().filter(is_kept).map(|(_, line)| line).collect();
    let (events, metrics) = (folder.path().join("events.jsonl"), folder.path().join("drift.prom"));
    std::fs::write(&events, kept.join("\n")).unwrap();
    let of = ["drift", "--events", text(&events), "--model", text(&lab.model), "--metrics", text(&metrics)];
    succeed(&of);
    read(&metrics)
}

fn read(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("silhouette_drift_probability{"), "nothing is unlike:\n{text}");
    text
}

/// Serves one text to whoever asks for anything, as a node exporter would serve the file, until the tests end.
fn serve(text: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\nconnection: close";
                let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{text}", text.len());
                // Whoever has gone away does not want it any more.
                let _sent = stream.write_all(answer.as_bytes());
            }
        }
    });
    address
}
