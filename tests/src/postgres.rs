//! A real PostgreSQL, alone on this machine, for as long as the tests run.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

use crate::component;

const START_WAIT: Duration = Duration::from_secs(60);

/// Runs the server until the input ends, and be it because the test was killed: nothing outlives the tests.
const KEEPER: &str = r#"
dir=$1
shift
exec 3<&0
"$@" >>"$dir/server.log" 2>&1 </dev/null 3<&- &
server=$!
(
    while read -r _ <&3; do :; done
    kill -QUIT $server
    while kill -0 $server 2>/dev/null; do sleep 0.1; done
    rm -rf "$dir"
) >/dev/null 2>&1 &
exec 3<&-
wait $server
"#;

/// A server of its own: its own port, its own directory, trust for everybody on this machine.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    dir: TempDir,
    port: u16,
    keeper: Option<Child>,
}

impl Postgres {
    /// The server that all tests of this process share, or none where it cannot be had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn shared() -> Option<&'static Postgres> {
        static SHARED: OnceLock<Result<Postgres, String>> = OnceLock::new();
        let programs = component("PostgreSQL", programs())?;
        let started = SHARED.get_or_init(|| Self::start(programs).map_err(|error| format!("{error:#}")));
        Some(started.as_ref().unwrap_or_else(|error| panic!("{error}")))
    }

    /// The address of a new, empty database.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn database(&self) -> anyhow::Result<String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(self.programs.join("createdb"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "silhouette", &name])
            .output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Ok(format!("postgres://silhouette@127.0.0.1:{}/{name}", self.port))
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn start(programs: PathBuf) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("silhouette-postgres-").tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { programs, dir, port, keeper: None };
        let path = server.dir.path().to_owned();
        let made = server
            .as_user("initdb")?
            .args(["-U", "silhouette", "-A", "trust", "-E", "UTF8", "--locale=C", "-D"])
            .arg(path.join("data"))
            .output()?;
        ensure!(made.status.success(), "could not make a cluster: {}", String::from_utf8_lossy(&made.stderr));
        server.run(&path)?;
        Ok(server)
    }

    fn run(&mut self, path: &Path) -> anyhow::Result<()> {
        let server = self.as_user("postgres")?;
        let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200"];
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(path).arg(server.get_program()).args(server.get_args());
        keeper.arg("-D").arg(path.join("data")).args(["-p", &self.port.to_string()]);
        for setting in settings {
            keeper.args(["-c", setting]);
        }
        let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        self.keeper = Some(keeper);
        let deadline = Instant::now() + START_WAIT;
        while self.database().is_err() {
            if Instant::now() > deadline {
                bail!(
                    "it did not start: {}",
                    fs::read_to_string(path.join("server.log")).unwrap_or_default()
                );
            }
            thread::park_timeout(Duration::from_millis(50));
        }
        Ok(())
    }

    /// One of its programs, as somebody whom it lets run it: it refuses to be run by root.
    fn as_user(&self, program: &str) -> anyhow::Result<Command> {
        let program = self.programs.join(program);
        let is_root = fs::metadata("/proc/self").is_ok_and(|own| {
            use std::os::unix::fs::MetadataExt;
            own.uid() == 0
        });
        if !is_root {
            return Ok(Command::new(program));
        }
        let owned = Command::new("chown").arg("-R").arg("postgres").arg(self.dir.path()).status()?;
        ensure!(owned.success(), "there is no user postgres, and PostgreSQL does not run as root");
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        Ok(command)
    }
}

/// Where the server's programs are: on the search path, or where Debian keeps them.
fn programs() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.filter_map(|version| Some(version.ok()?.path().join("bin"))));
    }
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres", "createdb"].iter().all(|program| folder.join(program).is_file())
    };
    folders.into_iter().find(has_all).context("initdb, postgres and createdb are not installed")
}
