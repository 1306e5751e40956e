//! Configuration: defaults, then a file, then the environment; every fault reported at once.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::{Table, Value};

use crate::{EmbeddedLog, Kafka, Transport};

mod overlay;
mod review;

use review::RawReview;
pub use review::{Oidc, Quality, Review, Shares, TokenHash};

/// The manual, and the shape that every other source is held against.
pub const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// What environment variables begin with; the rest names the section and the key.
pub const ENVIRONMENT_PREFIX: &str = "SILHOUETTE__";

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where events come in and flags go out.
    pub transport: Transport,
    /// Names of topics.
    pub topics: Topics,
    /// The detector.
    pub detect: Detect,
    /// The registry of models.
    pub registry: Registry,
    /// The reviewer.
    pub review: Review,
    /// Logging.
    pub log: Log,
    /// The whole as a document, to show; secrets are starred out.
    pub effective: String,
}

/// Names of topics.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topics {
    /// Events in.
    pub events: String,
    /// How they are written.
    pub encoding: events::Encoding,
    /// Refusals out.
    pub dead_letters: String,
    /// Flags out.
    pub flags: String,
    /// Decisions out.
    pub decisions: String,
}

/// Where the registry of models is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// Its directory.
    pub directory: PathBuf,
    /// The file of its public key.
    pub verifier: PathBuf,
}

/// The detector's settings.
#[derive(Clone, Debug)]
pub struct Detect {
    /// Directory of the model.
    pub model: PathBuf,
    /// Whether the registry's champion serves instead.
    pub follow_registry: bool,
    /// Probability from which accounts are flagged; none for the model's own.
    pub min_p: Option<f64>,
    /// The most flags of one model that are shown in an hour of event time.
    pub flags_an_hour: u32,
    /// Consumer group.
    pub group: String,
    /// Length of a tick of event time, in milliseconds.
    pub tick_ms: u64,
    /// Allowed lateness, in milliseconds.
    pub lateness_ms: u64,
    /// How long after its tick was closed an event is still merged, in milliseconds.
    pub late_merge_ms: u64,
    /// Most events of closed ticks that are remembered by id.
    pub redelivery_ids_max: usize,
    /// What the deployment's servers know: a shipped profile's name, or a file's path.
    pub profile: String,
    /// When a silent partition no longer holds the others back.
    pub idle_after: Duration,
    /// Most events a batch.
    pub batch_events: usize,
    /// Most events that wait for their tick before partitions are held.
    pub waiting_max: usize,
    /// Directory of the snapshots.
    pub state: PathBuf,
    /// How often state is made durable.
    pub snapshot_every: Duration,
    /// Address of metrics and health.
    pub listen: SocketAddr,
    /// Partitions of the topics that we write, where they are made.
    pub output_partitions: i32,
}

/// Logging.
#[derive(Clone, Debug)]
pub struct Log {
    /// Whether lines are JSON.
    pub json: bool,
    /// error, warn, info, debug or trace.
    pub level: String,
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The key, such as `detect.tick`, or the file.
    pub at: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.0.len() == 1 { "fault" } else { "faults" };
        write!(f, "{} {noun} in the configuration", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {}: {}", fault.at, fault.problem))
    }
}

/// Reads defaults, `file` and `environment`, in this order, and checks the result.
///
/// # Errors
/// Every fault of every source at once.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, Faults> {
    let mut faults = Vec::new();
    let mut table: Table = parse(DEFAULTS, "config/default.toml", &mut faults);
    if let Some(path) = file {
        let at = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => overlay::merge(&mut table, parse(&text, &at, &mut faults), "", &mut faults),
            Err(error) => faults.push(Fault { at, problem: format!("cannot be read: {error}") }),
        }
    }
    overlay::merge_environment(&mut table, environment, &mut faults);
    let config = check(&table, &mut faults);
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        _ => Err(Faults(faults)),
    }
}

fn parse(text: &str, at: &str, faults: &mut Vec<Fault>) -> Table {
    text.parse().unwrap_or_else(|error: toml::de::Error| {
        faults.push(Fault { at: at.to_owned(), problem: error.to_string() });
        Table::new()
    })
}

/// The document as it is written, before its numbers and words are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    transport: RawTransport,
    topics: Topics,
    detect: RawDetect,
    registry: Registry,
    review: RawReview,
    log: RawLog,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTransport {
    kind: String,
    directory: PathBuf,
    partitions: i64,
    brokers: String,
    properties: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDetect {
    model: PathBuf,
    follow_registry: bool,
    min_p: f64,
    flags_an_hour: i64,
    group: String,
    tick: String,
    lateness: String,
    late_merge: String,
    redelivery_ids_max: i64,
    profile: String,
    idle_after: String,
    batch_events: i64,
    waiting_max: i64,
    state: PathBuf,
    snapshot_every: String,
    listen: String,
    output_partitions: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLog {
    format: String,
    level: String,
}

/// Collects faults, and stands in a harmless value for what is faulty so that the rest is checked too.
struct Checks<'a>(&'a mut Vec<Fault>);

impl Checks<'_> {
    fn fault(&mut self, at: &str, problem: String) {
        self.0.push(Fault { at: at.to_owned(), problem });
    }

    fn require(&mut self, at: &str, good: bool, problem: &str) {
        if !good {
            self.fault(at, problem.to_owned());
        }
    }

    fn duration(&mut self, at: &str, text: &str, least: Duration) -> Duration {
        match humantime::parse_duration(text) {
            Ok(duration) if duration >= least => return duration,
            Ok(_) => {
                self.fault(at, format!("is {text}, must be at least {}", humantime::format_duration(least)))
            }
            Err(_) => self.fault(at, format!("is {text:?}, must be a duration such as \"10s\" or \"5m\"")),
        }
        least
    }

    fn address(&mut self, at: &str, text: &str) -> SocketAddr {
        text.parse().unwrap_or_else(|_| {
            self.fault(at, format!("is {text:?}, must be an address and a port such as \"127.0.0.1:8088\""));
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    fn count(&mut self, at: &str, number: i64, most: i64) -> usize {
        self.require(at, (1..=most).contains(&number), &format!("is {number}, must be 1 to {most}"));
        usize::try_from(number.clamp(1, most)).unwrap_or(1)
    }

    fn name(&mut self, at: &str, name: &str) {
        let good = !name.is_empty()
            && name.len() <= 200
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        self.require(
            at,
            good,
            &format!("is {name:?}, must be letters, digits, dots, dashes and underscores"),
        );
    }
}

fn check(table: &Table, faults: &mut Vec<Fault>) -> Option<Config> {
    let raw: Raw = match Value::Table(table.clone()).try_into() {
        Ok(raw) => raw,
        Err(error) => {
            let problem = error.to_string();
            faults.push(Fault { at: "configuration".to_owned(), problem });
            return None;
        }
    };
    let mut checks = Checks(faults);
    for (at, name) in [
        ("topics.events", &raw.topics.events),
        ("topics.dead_letters", &raw.topics.dead_letters),
        ("topics.flags", &raw.topics.flags),
        ("topics.decisions", &raw.topics.decisions),
        ("detect.group", &raw.detect.group),
        ("review.group", &raw.review.group),
    ] {
        checks.name(at, name);
    }
    Some(Config {
        transport: check_transport(raw.transport, &mut checks),
        topics: raw.topics,
        detect: check_detect(raw.detect, &mut checks),
        registry: raw.registry,
        review: review::check(raw.review, &mut checks),
        log: check_log(raw.log, &mut checks),
        effective: without_secrets(table).to_string(),
    })
}

/// The document with every property of librdkafka starred out that may be a secret, and the password of a database's
/// address.
fn without_secrets(table: &Table) -> Table {
    let mut shown = table.clone();
    if let Some(Value::String(address)) = shown.get_mut("review").and_then(|t| t.get_mut("database"))
        && let Some((scheme, rest)) = address.split_once("://")
        && let Some((_, host)) = rest.rsplit_once('@')
    {
        *address = format!("{scheme}://***@{host}");
    }
    let properties =
        shown.get_mut("transport").and_then(|t| t.get_mut("properties")).and_then(Value::as_table_mut);
    for (key, value) in properties.into_iter().flatten() {
        if ["password", "secret", "token", "key", "config"].iter().any(|word| key.contains(word)) {
            *value = Value::String("***".to_owned());
        }
    }
    shown
}

fn check_transport(raw: RawTransport, checks: &mut Checks<'_>) -> Transport {
    let partitions = partitions(checks, "transport.partitions", raw.partitions);
    let embedded = EmbeddedLog::new(raw.directory, partitions);
    match raw.kind.as_str() {
        "embedded" => return Transport::Embedded(embedded),
        "kafka" => {}
        other => {
            checks.fault("transport.kind", format!("is {other:?}, must be \"embedded\" or \"kafka\""));
            return Transport::Embedded(embedded);
        }
    }
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let properties = raw.properties.into_iter().map(|(key, value)| (key, text(value))).collect();
    checks.require("transport.brokers", !raw.brokers.trim().is_empty(), "must name a broker as host:port");
    match Kafka::new(raw.brokers, properties) {
        Ok(kafka) => Transport::Kafka(kafka),
        Err(error) => {
            checks.fault("transport.properties", format!("{error}: {}", error.cause));
            Transport::Embedded(embedded)
        }
    }
}

fn partitions(checks: &mut Checks<'_>, at: &str, number: i64) -> i32 {
    i32::try_from(checks.count(at, number, 1024)).unwrap_or(1)
}

fn check_detect(raw: RawDetect, checks: &mut Checks<'_>) -> Detect {
    let (least, second) = (Duration::from_millis(1), Duration::from_secs(1));
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let in_range = (0.0..=1.0).contains(&raw.min_p);
    checks.require("detect.min_p", in_range, &format!("is {}, must be 0 to 1", raw.min_p));
    let tick_ms = millis(checks.duration("detect.tick", &raw.tick, second));
    checks.require("detect.tick", tick_ms.is_multiple_of(1000), "must be whole seconds");
    let late_merge_ms = millis(checks.duration("detect.late_merge", &raw.late_merge, Duration::ZERO));
    checks.require("detect.late_merge", late_merge_ms <= 7 * 24 * 3_600_000, "must be at most 7 days");
    Detect {
        model: raw.model,
        follow_registry: raw.follow_registry,
        min_p: (raw.min_p > 0.0).then_some(raw.min_p),
        flags_an_hour: u32::try_from(checks.count("detect.flags_an_hour", raw.flags_an_hour, 1_000_000_000))
            .unwrap_or(u32::MAX),
        group: raw.group,
        tick_ms,
        lateness_ms: millis(checks.duration("detect.lateness", &raw.lateness, Duration::ZERO)),
        late_merge_ms,
        redelivery_ids_max: checks.count("detect.redelivery_ids_max", raw.redelivery_ids_max, 4_000_000_000),
        profile: raw.profile,
        idle_after: checks.duration("detect.idle_after", &raw.idle_after, least),
        batch_events: checks.count("detect.batch_events", raw.batch_events, 1_000_000),
        waiting_max: checks.count("detect.waiting_max", raw.waiting_max, 100_000_000),
        state: raw.state,
        snapshot_every: checks.duration("detect.snapshot_every", &raw.snapshot_every, least),
        listen: checks.address("detect.listen", &raw.listen),
        output_partitions: partitions(checks, "detect.output_partitions", raw.output_partitions),
    }
}

fn check_log(raw: RawLog, checks: &mut Checks<'_>) -> Log {
    let known = ["text", "json"].contains(&raw.format.as_str());
    checks.require("log.format", known, &format!("is {:?}, must be \"text\" or \"json\"", raw.format));
    let known = ["error", "warn", "info", "debug", "trace"].contains(&raw.level.as_str());
    let must = "must be \"error\", \"warn\", \"info\", \"debug\" or \"trace\"";
    checks.require("log.level", known, &format!("is {:?}, {must}", raw.level));
    Log { json: raw.format == "json", level: raw.level }
}

#[cfg(test)]
mod tests;
