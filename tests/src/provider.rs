//! A real OpenID Connect provider: the npm package that `tests/oidc` names, on a free port of this machine.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, ensure};

use crate::component;

/// A running provider; it ends when it is dropped, and when the test does.
#[derive(Debug)]
pub struct Provider {
    /// Its address.
    pub issuer: String,
    process: Child,
    _output: BufReader<ChildStdout>,
}

impl Provider {
    /// A provider that knows the client `silhouette` with this secret and this address to come back to, or none where
    /// it cannot be had.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(redirect: &str, secret: &str) -> Option<Self> {
        static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let installed = INSTALLED.get_or_init(|| install().map_err(|error| format!("{error:#}")));
        let folder = component("OpenID provider", installed.as_ref())?;
        Some(Self::run(folder, redirect, secret).expect("a provider that starts"))
    }

    fn run(folder: &Path, redirect: &str, secret: &str) -> anyhow::Result<Self> {
        let mut process = Command::new("node")
            .current_dir(folder)
            .args(["provider.mjs", redirect, secret])
            // It ends when its input does, and be it because the test was killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut output = BufReader::new(process.stdout.take().context("a piped output")?);
        let mut issuer = String::new();
        output.read_line(&mut issuer)?;
        ensure!(issuer.starts_with("http"), "it said {issuer:?}");
        Ok(Self { issuer: issuer.trim().to_owned(), process, _output: output })
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Installs the package beside what was built, once.
fn install() -> anyhow::Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/oidc");
    std::fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", "provider.mjs"] {
        std::fs::copy(source.join(file), folder.join(file))?;
    }
    if !folder.join("node_modules/oidc-provider").is_dir() {
        let npm = Command::new("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]).output();
        let npm = npm.context("npm is not installed")?;
        ensure!(npm.status.success(), "npm ci failed: {}", String::from_utf8_lossy(&npm.stderr));
    }
    Ok(folder)
}
