//! The checks of the room plan, the entry points of the tests, and the race with peers. It imports none of the workspace's crates.
//! Start reading at [`tidy`].
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "xtask talks to the person who runs it")]

mod check;
mod components;
mod dashboards;
mod loud;
mod peers;
mod proof;
mod tidy;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context;

const USAGE: &str = "\
Checks and tests of Silhouette

Usage:
  cargo xtask tidy                               the room plan, purity, sizes, names and wording
  cargo xtask check                              tidy, format, dependencies, lints, dashboards and alerts
  cargo xtask dashboards                         writes the dashboards anew from what is said of them in xtask
  cargo xtask test [--require-all] [-- ARGS...]  every test, then what had to be left out and how to get it
  cargo xtask peers --python VENV [--events N] [--rounds N] [--binary FILE]
                                                 one job on ours and on other engines, measured in turn

Options:
  --require-all  fail where a component that tests need is missing
  -- ARGS...     passed on to `cargo test`
  --python VENV  virtual environment with tests/peers/requirements.txt installed
  --events N     events of the file that every engine reads (2000000)
  --rounds N     how often each engine runs (5)
  --binary FILE  our program, where it is not to be built
  --help         this text

Examples:
  cargo xtask check                              what a change must pass before its tests run
  cargo xtask test                               every test
  cargo xtask test --require-all                 every test, with nothing left out
  cargo xtask test -- -p events                  the tests of one crate
  cargo xtask test -- -- --nocapture replay      the tests whose name holds `replay`, with their output";

/// What to do.
#[derive(Debug, PartialEq)]
enum Task {
    Help,
    Tidy,
    Check,
    Dashboards,
    Test { require_all: bool, cargo_arguments: Vec<String> },
    Peers(peers::Options),
}

impl Task {
    /// The task that the arguments ask for, or none where they make no sense.
    fn parse(arguments: &[String]) -> Option<Task> {
        let mut own = arguments.split(|argument| argument == "--").next()?.iter().map(String::as_str);
        let passed_on =
            arguments.iter().position(|argument| argument == "--").map_or(arguments.len(), |at| at + 1);
        let cargo_arguments = arguments[passed_on..].to_vec();
        let task = own.next().unwrap_or("--help");
        let options: Vec<&str> = own.collect();
        match (task, options.as_slice()) {
            ("--help" | "-h" | "help", _) | (_, ["--help" | "-h"]) => Some(Task::Help),
            ("test", []) => Some(Task::Test { require_all: false, cargo_arguments }),
            ("test", ["--require-all"]) => Some(Task::Test { require_all: true, cargo_arguments }),
            ("tidy", []) if cargo_arguments.is_empty() => Some(Task::Tidy),
            ("peers", options) if cargo_arguments.is_empty() => {
                peers::Options::parse(options).map(Task::Peers)
            }
            ("check", []) if cargo_arguments.is_empty() => Some(Task::Check),
            ("dashboards", []) if cargo_arguments.is_empty() => Some(Task::Dashboards),
            _ => None,
        }
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent folder")?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let passed = match Task::parse(&arguments) {
        Some(Task::Help) => {
            println!("{USAGE}");
            true
        }
        Some(Task::Tidy) => tidy::run(root)?,
        Some(Task::Check) => check::run(root)?,
        Some(Task::Dashboards) => dashboards::write(root)?,
        Some(Task::Peers(options)) => peers::run(root, &options)?,
        Some(Task::Test { require_all, cargo_arguments }) => proof::run(root, require_all, &cargo_arguments)?,
        None => {
            eprintln!("cargo xtask does not know `{}`\n\n{USAGE}", arguments.join(" "));
            return Ok(ExitCode::from(2));
        }
    };
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The cargo that runs us, so that both use one toolchain.
///
/// It is not told what `cargo run` told us of our own package: the build script of ring looks at that, and everything
/// above ring, Polars among it, would be compiled anew whenever cargo is called now by us and now by hand.
fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root);
    let is_ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_ours) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command with our own output; whether it succeeded.
fn succeeds(command: &mut Command) -> anyhow::Result<bool> {
    let status = command.status().with_context(|| format!("could not start {command:?}"))?;
    Ok(status.success())
}

#[cfg(test)]
mod tests;
