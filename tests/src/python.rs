//! Packages of Python, installed beside what was built.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, ensure};

/// The programs of an environment with what `tests/NAME/requirements.txt` asks for, and in which `imports` succeed.
/// Whoever comes second waits until it is there.
///
/// # Errors
/// Where there is no Python, or no index that has the packages.
pub fn environment(name: &str, imports: &str) -> anyhow::Result<PathBuf> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = own.join("../target").join(name);
    let programs = folder.join("bin");
    let imported = Command::new(programs.join("python")).args(["-c", imports]).output();
    if imported.is_ok_and(|output| output.status.success()) {
        return Ok(programs);
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).output();
    let made = made.context("python3 is not installed")?;
    ensure!(made.status.success(), "no virtual environment: {}", String::from_utf8_lossy(&made.stderr));
    let mut pip = Command::new(programs.join("pip"));
    let pip = pip
        .args(["install", "--quiet", "--requirement"])
        .arg(own.join(name).join("requirements.txt"))
        .output()?;
    ensure!(pip.status.success(), "pip failed: {}", String::from_utf8_lossy(&pip.stderr));
    Ok(programs)
}
