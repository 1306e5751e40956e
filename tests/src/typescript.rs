//! The TypeScript client, generated from a document and compiled, and Grafana's types, beside what was built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, ensure};

use crate::component;

/// Where the packages with Grafana's types are named.
const GRAFANA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/grafana");

/// The client's own folder.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../services/client/typescript");

/// Where its tools are installed, or none where they cannot be had.
pub fn tools() -> Option<&'static Path> {
    static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let files = ["package.json", "package-lock.json", "tsconfig.json"];
    let install = || install(Path::new(SOURCE), "typescript", &files);
    let installed = INSTALLED.get_or_init(|| install().map_err(|error| format!("{error:#}")));
    component("TypeScript", installed.as_ref()).map(PathBuf::as_path)
}

/// Where Grafana's published types are installed, or none where they cannot be had.
pub fn grafana() -> Option<PathBuf> {
    let files = ["package.json", "package-lock.json", "tsconfig.json", "plain.ts"];
    component(
        "Grafana's types",
        install(Path::new(GRAFANA), "grafana", &files).map_err(|error| format!("{error:#}")),
    )
}

/// Holds a program of TypeScript against the types in `tools`.
///
/// # Errors
/// Where it does not fit, with what the compiler said.
pub fn fits(tools: &Path, program: &str) -> anyhow::Result<()> {
    fs::write(tools.join("check.ts"), program)?;
    run(Command::new(tools.join("node_modules/.bin/tsc")).current_dir(tools)).map(drop)
}

/// Installs the packages that the files of a folder name, once.
fn install(source: &Path, name: &str, files: &[&str]) -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").join(name);
    fs::create_dir_all(folder.join("src"))?;
    for file in files {
        fs::copy(source.join(file), folder.join(file))?;
    }
    if !folder.join("node_modules/typescript").is_dir() {
        run(Command::new("npm").current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
    }
    Ok(folder)
}

/// Generates the client from a document, compiles it, and runs its example with these arguments; what that says.
///
/// # Errors
/// Where any of these fails, with what it said.
pub fn example(tools: &Path, document: &str, arguments: &[&str]) -> anyhow::Result<String> {
    for file in ["client.ts", "example.ts"] {
        fs::copy(Path::new(SOURCE).join("src").join(file), tools.join("src").join(file))?;
    }
    fs::write(tools.join("openapi.json"), document)?;
    let program = |name: &str| tools.join("node_modules/.bin").join(name);
    let generate = ["openapi.json", "--output", "src/schema.d.ts"];
    run(Command::new(program("openapi-typescript")).current_dir(tools).args(generate))?;
    run(Command::new(program("tsc")).current_dir(tools))?;
    run(Command::new("node").current_dir(tools).arg("out/example.js").args(arguments))
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?} could not be run"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(said)
}
