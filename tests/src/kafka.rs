//! A real Apache Kafka, alone on this machine, for as long as the tests run.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use tempfile::TempDir;

use crate::component;

/// The version that `tests/kafka/pom.xml` names.
const VERSION: &str = "4.1.1";

const START_WAIT: Duration = Duration::from_secs(120);
const STOP_WAIT: Duration = Duration::from_secs(30);

/// Runs the broker, and passes on the signals that come in by name, one a line. When the input ends, and be it
/// because the test was killed, the broker is killed and its directory removed: nothing outlives the tests.
const KEEPER: &str = r#"
dir=$1
shift
exec 3<&0
"$@" >>"$dir/broker.log" 2>&1 </dev/null 3<&- &
broker=$!
(
    while read -r signal <&3; do kill -"$signal" $broker; done
    touch "$dir/orphaned"
    kill -KILL $broker
) >/dev/null 2>&1 &
keeper=$!
exec 3<&-
wait $broker
kill $keeper
if [ -e "$dir/orphaned" ]; then rm -rf "$dir"; fi
"#;

/// Any cluster id will do, since each broker is alone.
const CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";

/// A broker of its own: one node, its own ports, its own directory.
#[derive(Debug)]
pub struct Broker {
    libs: PathBuf,
    dir: TempDir,
    address: String,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    keeper: Child,
    signals: ChildStdin,
}

impl Broker {
    /// The broker that all tests of this process share, or none where it cannot be had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn shared() -> Option<&'static Broker> {
        static SHARED: OnceLock<Result<Broker, String>> = OnceLock::new();
        let libs = component("Apache Kafka", libs())?;
        let started = SHARED.get_or_init(|| Self::start(libs).map_err(|error| format!("{error:#}")));
        Some(started.as_ref().unwrap_or_else(|error| panic!("{error}")))
    }

    /// A broker that its owner may stop, or none where it cannot be had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn own() -> Option<Broker> {
        let libs = component("Apache Kafka", libs())?;
        Some(Self::start(libs).unwrap_or_else(|error| panic!("{error:#}")))
    }

    /// Where clients connect, as `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Stops it in good order and starts it again with what it has stored, at the same address.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.stop("TERM")?;
        self.run()
    }

    /// Ends it at once, as a power cut would. [`Broker::restart`] brings it back.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.stop("KILL")
    }

    fn start(libs: &Path) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("silhouette-kafka-").tempdir()?;
        let (clients, controller) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
        let address = clients.local_addr()?.to_string();
        fs::write(dir.path().join("server.properties"), properties(&address, &controller, dir.path())?)?;
        drop((clients, controller));

        let mut broker = Self { libs: libs.into(), dir, address, process: None };
        let mut format = broker.java();
        format.args(["kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER_ID, "-c"]);
        let format = format.arg(broker.properties()).output()?;
        ensure!(format.status.success(), "could not format: {}", String::from_utf8_lossy(&format.stdout));
        broker.run()?;
        Ok(broker)
    }

    fn run(&mut self) -> anyhow::Result<()> {
        let java = self.java();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(self.dir.path())
            .arg(java.get_program())
            .args(java.get_args())
            .arg("kafka.Kafka")
            .arg(self.properties())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let signals = keeper.stdin.take().context("a piped input")?;
        self.process.insert(Process { keeper, signals }).await_answer(&self.address).with_context(|| {
            let log = fs::read_to_string(self.dir.path().join("broker.log")).unwrap_or_default();
            format!("could not start Apache Kafka {VERSION}; it says:\n{log}")
        })
    }

    fn java(&self) -> Command {
        let mut java = Command::new("java");
        // It lives for seconds: compiling lightly and one collector thread bring it up soonest.
        java.args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
            .arg(self.libs.join("*"));
        java
    }

    fn properties(&self) -> PathBuf {
        self.dir.path().join("server.properties")
    }

    fn stop(&mut self, signal: &str) -> anyhow::Result<()> {
        self.process.take().map_or(Ok(()), |process| process.stop(signal))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let stopped = self.stop("TERM");
        assert!(stopped.is_ok() || thread::panicking(), "could not stop Apache Kafka: {stopped:?}");
    }
}

impl Process {
    /// Returns once the broker answers at `address`.
    fn await_answer(&mut self, address: &str) -> anyhow::Result<()> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", address).set("reconnect.backoff.max.ms", "200");
        let client: BaseConsumer = config.create()?;
        let deadline = Instant::now() + START_WAIT;
        while let Err(error) = client.fetch_metadata(None, Duration::from_secs(1)) {
            if let Some(status) = self.keeper.try_wait()? {
                bail!("it ended with {status}");
            }
            ensure!(Instant::now() < deadline, "it did not answer within {START_WAIT:?}: {error}");
        }
        Ok(())
    }

    fn stop(mut self, signal: &str) -> anyhow::Result<()> {
        let (ended, ending) = mpsc::channel();
        writeln!(self.signals, "{signal}")?;
        let mut keeper = self.keeper;
        let waiting = thread::spawn(move || ended.send(keeper.wait()));
        let status = match ending.recv_timeout(STOP_WAIT) {
            Ok(status) => status,
            Err(_) => {
                writeln!(self.signals, "KILL")?;
                ending.recv()?
            }
        };
        status?;
        waiting.join().expect("a thread that only waits")?;
        Ok(())
    }
}

fn properties(address: &str, controller: &TcpListener, dir: &Path) -> anyhow::Result<String> {
    let controller = controller.local_addr()?;
    let data = dir.join("data");
    Ok(format!(
        "process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{address},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{address}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers={controller}
log.dirs={}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
",
        data.display()
    ))
}

/// The broker's jars, fetched once for this checkout, or what is missing.
fn libs() -> Result<&'static Path, &'static str> {
    static LIBS: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let libs = LIBS.get_or_init(|| {
        if Command::new("java").arg("-version").output().is_err() {
            return Err("java 17 or newer is not on the path".into());
        }
        fetch().map_err(|error| format!("{error:#}"))
    });
    libs.as_deref().map_err(String::as_str)
}

fn fetch() -> anyhow::Result<PathBuf> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let store = tests.join("../target/kafka");
    let libs = store.join(VERSION);
    fs::create_dir_all(&store)?;
    // One process fetches; the others wait for it.
    let lock = File::create(store.join("lock"))?;
    lock.lock()?;
    if !libs.exists() {
        let partial = tempfile::tempdir_in(&store)?;
        let output = Command::new("mvn")
            .args(["-q", "-B", "dependency:copy-dependencies", "-f"])
            .arg(tests.join("kafka/pom.xml"))
            .arg(format!("-DoutputDirectory={}", partial.path().display()))
            .output()
            .context("mvn is not on the path")?;
        ensure!(
            output.status.success(),
            "mvn could not fetch it: {}",
            String::from_utf8_lossy(&output.stdout)
        );
        fs::rename(partial.keep(), &libs)?;
    }
    Ok(libs)
}
