//! A review service of its own for each test, with flags to feed it and a way to ask it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use detect::{Evidence, EvidenceKind, Flag, Profile, Reason, feature_schema};
use events::{Surface, Token};
use platform::{EmbeddedLog, Sink};
use reviewer::{Analyst, Clock, Limits, Oidc, Resolver, Service, Settings, Streams, TokenHash, roles};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use ureq::http::{HeaderMap, Request};

pub(crate) const BEARER: (&str, &str) = ("authorization", "Bearer token-of-ana");

const TOPIC: &str = "flags";
const PATIENCE: Duration = Duration::from_secs(30);

/// 1 January 2026, in milliseconds.
pub(crate) const NEW_YEAR: u64 = 1_767_225_600_000;

/// What a desk stands on and who works at it.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// A PostgreSQL address; none for a SQLite file of its own.
    pub(crate) database: Option<String>,
    /// Who has a token, `token-of-NAME`, and which roles.
    pub(crate) people: Vec<(String, Vec<&'static str>)>,
    pub(crate) is_open: bool,
    pub(crate) limits: Limits,
    pub(crate) resolver: Option<Resolver>,
    pub(crate) oidc: Option<Oidc>,
    /// Where it listens; port 0 takes a free one.
    pub(crate) bind: SocketAddr,
    /// What is looked at again: nothing, unless a test is about that.
    pub(crate) quality: review::Quality,
    pub(crate) care: review::Care,
    /// What time it is there.
    pub(crate) clock: Clock,
}

impl Default for Setup {
    /// Only "ana", who may do everything, and no limit that a test could reach unawares.
    fn default() -> Self {
        let every = roles::parse(roles::SHIPPED).unwrap().0;
        let unmasked = every.into_iter().filter(|(_, role)| role.masks.is_empty());
        let names = unmasked.map(|(name, _)| -> &'static str { name.leak() }).collect();
        Self {
            database: None,
            people: vec![("ana".to_owned(), names)],
            is_open: false,
            limits: Limits {
                requests_a_second: 100_000,
                cases_an_hour: 1_000_000,
                decisions_a_minute: 1_000_000,
            },
            resolver: None,
            oidc: None,
            bind: ([127, 0, 0, 1], 0).into(),
            quality: review::Quality { double_review: 0.0, golden: 0.0 },
            care: review::Care { exposures_a_day: 1_000_000, ..review::Care::default() },
            clock: Clock::default(),
        }
    }
}

impl Setup {
    /// The same with somebody else who has a token.
    pub(crate) fn and(mut self, name: &str, roles: &[&'static str]) -> Self {
        self.people.push((name.to_owned(), roles.to_vec()));
        self
    }
}

/// The bearer header of somebody.
pub(crate) fn bearer(name: &str) -> String {
    format!("Bearer token-of-{name}")
}

/// A running service. It stops when it is dropped; [`Desk::restart`] brings it back with what it has stored.
pub(crate) struct Desk {
    folder: TempDir,
    runtime: Runtime,
    setup: Setup,
    address: SocketAddr,
    running: Option<(oneshot::Sender<()>, JoinHandle<anyhow::Result<()>>)>,
    agent: ureq::Agent,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The last part of the problem's type, once the answer is known to be a whole problem document.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
        problem["type"].as_str().unwrap().strip_prefix("urn:silhouette:problem:").unwrap().to_owned()
    }
}

impl Desk {
    /// A service for which only "ana" has a token.
    pub(crate) fn start() -> Self {
        Self::with(Setup::default())
    }

    /// A service that everybody on this machine may use.
    pub(crate) fn open_to_this_machine() -> Self {
        Self::with(Setup { is_open: true, ..Setup::default() })
    }

    pub(crate) fn with(setup: Setup) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        let mut desk = Self {
            folder: tempfile::tempdir().unwrap(),
            runtime: Runtime::new().unwrap(),
            setup,
            address: ([127, 0, 0, 1], 0).into(),
            running: None,
            agent: config.into(),
        };
        desk.run();
        desk
    }

    pub(crate) fn restart(&mut self) {
        self.stop();
        self.run();
    }

    fn run(&mut self) {
        self.try_to_run().unwrap();
    }

    /// Starts it; an error where it refuses to start.
    pub(crate) fn try_to_run(&mut self) -> anyhow::Result<()> {
        let settings = Settings {
            bind: self.setup.bind,
            database: self.database(),
            audit_key: self.folder.path().join("audit.key"),
            analysts: self.setup.people.iter().map(analyst).collect(),
            roles: roles::parse(roles::SHIPPED).unwrap(),
            ladder: review::Ladder::parse(review::SHIPPED_LADDER).unwrap(),
            limits: self.setup.limits,
            resolver: self.setup.resolver.clone(),
            oidc: self.setup.oidc.clone(),
            open_to_this_machine: self.setup.is_open,
            behind_https: false,
            shares: review::Shares::default(),
            quality: self.setup.quality,
            care: self.setup.care,
            clock: self.setup.clock.clone(),
        };
        let log = log(self.folder.path());
        let flags = Box::new(log.source(TOPIC, "review").unwrap());
        let streams = Streams { flags, decisions: Box::new(log.sink("decisions").unwrap()) };
        let (stop, stopped) = oneshot::channel::<()>();
        let registry = prometheus::Registry::new();
        let service = self.runtime.block_on(Service::bind(settings, registry))?;
        self.address = service.address();
        let serving = self.runtime.spawn(service.serve(streams, async { drop(stopped.await) }));
        self.running = Some((stop, serving));
        Ok(())
    }

    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Where it keeps what it knows.
    pub(crate) fn database(&self) -> String {
        let file = || self.folder.path().join("cases.db").display().to_string();
        self.setup.database.clone().unwrap_or_else(file)
    }

    /// What the platform is told.
    pub(crate) fn decisions(&self) -> impl platform::Source {
        log(self.folder.path()).source("decisions", "platform").unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn stop(&mut self) {
        let Some((stop, serving)) = self.running.take() else { return };
        stop.send(()).ok();
        self.runtime.block_on(serving).unwrap().unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Puts flags into the stream, and whatever else is given as it is.
    pub(crate) fn feed(&self, flags: &[Flag]) {
        let mut sink = log(self.folder.path()).sink(TOPIC).unwrap();
        for flag in flags {
            sink.send(flag.account.as_str(), &serde_json::to_vec(flag).unwrap()).unwrap();
        }
        sink.flush().unwrap();
    }

    pub(crate) fn feed_bytes(&self, bytes: &[u8]) {
        let mut sink = log(self.folder.path()).sink(TOPIC).unwrap();
        sink.send("key", bytes).unwrap();
        sink.flush().unwrap();
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let (parts, mut body) = answer.unwrap().into_parts();
        let body = body.read_to_string().unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// What an analyst gets.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[BEARER], None)
    }

    /// What becomes of an analyst's decision.
    pub(crate) fn decide(&self, case: &str, etag: &str, body: &str) -> Answer {
        let headers = [BEARER, ("content-type", "application/json"), ("if-match", etag)];
        self.ask("POST", &format!("/v1/cases/{case}/decision"), &headers, Some(body))
    }

    /// What somebody by name gets.
    pub(crate) fn get_as(&self, name: &str, path: &str) -> Answer {
        self.ask("GET", path, &[("authorization", &bearer(name))], None)
    }

    /// What becomes of somebody's command.
    pub(crate) fn command(&self, name: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let bearer = bearer(name);
        let mut headers = vec![("authorization", bearer.as_str())];
        let body = body.map(|body| body.to_string());
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        self.ask(method, path, &headers, body.as_deref())
    }

    /// What becomes of somebody's decision on a case that they have just read.
    pub(crate) fn decide_as(&self, name: &str, case: &str, body: &Value) -> Answer {
        let etag = self.get_as(name, &format!("/v1/cases/{case}")).header("etag").to_owned();
        let (bearer, body) = (bearer(name), body.to_string());
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", &etag)];
        self.ask("POST", &format!("/v1/cases/{case}/decision"), &headers, Some(&body))
    }

    /// The value of a metric once it satisfies a condition.
    pub(crate) fn wait_for_metric(&self, series: &str, is_met: impl Fn(f64) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let metrics = self.ask("GET", "/metrics", &[], None).body;
            let line = metrics.lines().find_map(|line| line.strip_prefix(series));
            if line.is_some_and(|value| is_met(value.trim().parse().unwrap())) {
                return;
            }
            assert!(Instant::now() < deadline, "{series} never got there:\n{metrics}");
        }
    }

    /// Waits until so many records of the flags stream were taken in or passed over since the service started.
    pub(crate) fn wait_for_records(&self, result: &str, count: u32) {
        let series = format!("silhouette_review_flags_total{{result=\"{result}\"}}");
        self.wait_for_metric(&series, |value| value >= f64::from(count));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop();
    }
}

fn analyst((name, roles): &(String, Vec<&'static str>)) -> Analyst {
    let token_hash = Some(TokenHash::of(&format!("token-of-{name}")));
    Analyst { name: name.clone(), token_hash, roles: roles.iter().map(|role| (*role).to_owned()).collect() }
}

fn log(folder: &Path) -> EmbeddedLog {
    EmbeddedLog::new(folder.join("log"), 2)
}

pub(crate) fn account(n: u32) -> Token {
    Token::try_from(format!("acct_{:024x}", u128::from(n) * 0x9E37_79B9_7F4A_7C15_F39C_C061).as_str())
        .unwrap()
}

/// A flag like those of detection: with reasons in words, a timeline, and every feature.
pub(crate) fn flag(n: u32, step: u32, p: f64) -> Flag {
    let ts = NEW_YEAR + u64::from(n) * 3_600_000 + u64::from(step) * 9_000_000;
    let features = features(f64::from(n % 7) + f64::from(step) * 2.0);
    let timeline = timeline(n, step, ts);
    Flag {
        flag_id: format!("{n:024x}{step:08x}"),
        account: account(n),
        ts,
        p,
        score: p.ln() - (1.0 - p).ln(),
        model: "8a1f03c2d4e5b697".to_owned(),
        reasons: reasons(&features, n),
        families: BTreeMap::new(),
        evidence: timeline.iter().map(|event| event.event.clone()).collect(),
        timeline,
        features,
    }
}

fn features(more: f64) -> BTreeMap<String, Option<f64>> {
    let known = [
        ("fc_rate_all_7d", 38.0 + more),
        ("fc_minor_expected_7d", 29.4 + more),
        ("fc_minor_expected_24h", 11.2 + more),
        ("minor_share_excess_28d", 0.61),
        ("open_discovery_share_7d", 0.82),
        ("accept_rate_all_7d", 0.14),
        ("victim_protest_28d", 5.3 + more),
        ("gate_probe_7d", 6.0 + more),
        ("burst_first_contacts", 9.0),
        ("account_age", 3.5 + more),
    ];
    let schema = feature_schema(&Profile::default());
    let value = |name: &str| known.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    schema.names().map(|name| (name.to_owned(), value(name))).collect()
}

/// Some reasons for each account, so that not all look alike.
fn reasons(features: &BTreeMap<String, Option<f64>>, n: u32) -> Vec<Reason> {
    let all = [
        ("fc_minor_expected_7d", 0.2, 2.31),
        ("victim_protest_28d", 0.0, 1.42),
        ("open_discovery_share_7d", 0.35, 0.94),
        ("gate_probe_7d", 0.0, 0.71),
        ("accept_rate_all_7d", 0.52, 0.48),
        ("account_age", 410.0, 0.27),
    ];
    let schema = feature_schema(&Profile::default());
    let from = usize::try_from(n).unwrap() % 3;
    let reason = |(name, baseline, contribution): (&str, f64, f64)| {
        let feature = schema.features().iter().find(|feature| feature.name == name)?;
        let value = features[name]?;
        let text = feature.explain(value, baseline);
        Some(Reason { code: feature.reason, feature: name.to_owned(), value, baseline, contribution, text })
    };
    all[from..].iter().filter_map(|given| reason(*given)).collect()
}

fn timeline(n: u32, step: u32, ts: u64) -> Vec<Evidence> {
    use EvidenceKind::{Accepted, Blocked, Declined, FirstContact, GateRefused, Reported};
    let kinds = [
        FirstContact,
        FirstContact,
        GateRefused,
        FirstContact,
        Declined,
        FirstContact,
        Blocked,
        FirstContact,
        FirstContact,
        Accepted,
        FirstContact,
        GateRefused,
        FirstContact,
        Reported,
        FirstContact,
        Blocked,
    ];
    let surfaces = [Some(Surface::Suggested), Some(Surface::Search), None, Some(Surface::Comment)];
    let minutes = (0u64..).map(|i| 1100 - i * 61 - i * i % 37);
    let event = |(i, (kind, minutes)): (usize, (EvidenceKind, u64))| Evidence {
        event: Token::try_from(format!("evt_{n:08x}{step:08x}{i:08x}").as_str()).unwrap(),
        ts: ts - minutes * 60_000,
        kind,
        p_minor: if i % 5 == 3 { 0.12 } else { 0.86 },
        surface: surfaces[i % surfaces.len()],
    };
    kinds.into_iter().zip(minutes).enumerate().map(event).collect()
}
