//! The components outside the workspace that some tests need, and how to get them.

use std::path::{Path, PathBuf};

/// One component, as this machine has it.
pub(crate) struct Component {
    /// What it is, as the tests call it in a `LEFT OUT:` line.
    pub(crate) name: &'static str,
    /// The tests that need it.
    pub(crate) purpose: &'static str,
    /// What of it was not found; empty where it is there.
    pub(crate) missing: Vec<String>,
    /// How to get it.
    pub(crate) install: &'static str,
}

/// Where the CollegeMsg file is, if it is there: as told, or beside the checkout. It bears no licence, so it is
/// kept outside the project.
pub(crate) fn collegemsg(root: &Path) -> Option<PathBuf> {
    let told = std::env::var_os("SILHOUETTE_COLLEGEMSG").filter(|path| !path.is_empty());
    let path = told.map_or_else(|| root.join("../shared/data/CollegeMsg.txt"), PathBuf::from);
    path.canonicalize().ok().filter(|path| path.is_file())
}

/// Every component: programs, packages of other languages, and the one file.
pub(crate) fn find(root: &Path) -> Vec<Component> {
    let collegemsg = Component {
        name: "CollegeMsg",
        purpose: "the test on real private-message traffic",
        missing: if collegemsg(root).is_some() { vec![] } else { vec!["the file CollegeMsg.txt".into()] },
        install: "get CollegeMsg.txt from the Stanford Large Network Dataset Collection \
                  and set SILHOUETTE_COLLEGEMSG to its path",
    };
    programs().into_iter().chain(packages()).chain([collegemsg]).collect()
}

/// Programs that tests start.
fn programs() -> Vec<Component> {
    vec![
        Component {
            name: "Kafka",
            purpose: "the tests on a real Apache Kafka",
            missing: absent(&["java", "mvn"]),
            install: "install Java 17 and Maven; on Debian: apt-get install openjdk-17-jdk-headless maven",
        },
        Component {
            name: "PostgreSQL",
            purpose: "the tests of review on a real PostgreSQL",
            missing: if has_postgres() { vec![] } else { vec!["initdb".into(), "postgres".into()] },
            install: "install PostgreSQL 13 or later; on Debian: apt-get install postgresql",
        },
        Component {
            name: "OpenID provider",
            purpose: "the tests of signing in at a real OpenID Connect provider",
            missing: absent(&["node", "npm"]),
            install: "install Node.js 20 or later with npm; on Debian 12: from nodejs.org or a version manager",
        },
        Component {
            name: "strace",
            purpose: "the test that kills review on SQLite at each of its writes",
            missing: absent(&["strace"]),
            install: "install strace, and be allowed to trace one's own processes; on Debian: apt-get install strace",
        },
        Component {
            name: "browser",
            purpose: "the tests of the console in a real browser",
            missing: absent(&["chromium", "chromedriver"]),
            install: "install Chromium and its driver; on Debian: apt-get install chromium chromium-driver",
        },
        Component {
            name: "Prometheus",
            purpose: "dashboards and alerts on a real Prometheus",
            missing: absent(&["prometheus", "promtool"]),
            install: "install Prometheus 2.42 or later; on Debian: apt-get install prometheus",
        },
    ]
}

/// Packages that tests install, for which it takes only what installs them.
fn packages() -> Vec<Component> {
    vec![
        Component {
            name: "schemathesis",
            purpose: "the API held against its own document",
            missing: absent(&["python3"]),
            install: "install Python 3 with venv and a package index that has schemathesis",
        },
        Component {
            name: "TypeScript",
            purpose: "the TypeScript client, generated, compiled and run",
            missing: absent(&["node", "npm"]),
            install: "install Node.js 20 or later with npm; on Debian 12: from nodejs.org or a version manager",
        },
        Component {
            name: "lightgbm",
            purpose: "an imported model held against LightGBM itself",
            missing: absent(&["python3"]),
            install: "install Python 3 with venv and a package index that has lightgbm",
        },
        Component {
            name: "mlflow",
            purpose: "the registry as MLflow sees it, and the notebook",
            missing: absent(&["python3"]),
            install: "install Python 3 with venv and a package index that has mlflow and lightgbm",
        },
        Component {
            name: "Grafana",
            purpose: "the dashboards held against Grafana's published types",
            missing: absent(&["node", "npm"]),
            install: "install Node.js 20 or later with npm; on Debian 12: from nodejs.org or a version manager",
        },
    ]
}

/// Whether PostgreSQL's programs are on the search path, or where Debian keeps them.
fn has_postgres() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debians = versions.flatten().any(|version| version.path().join("bin/initdb").is_file());
    debians || absent(&["initdb", "postgres", "createdb"]).is_empty()
}

/// Those of `programs` that are not on the search path.
fn absent(programs: &[&str]) -> Vec<String> {
    programs.iter().filter(|program| !on_path(program)).map(|program| (*program).to_string()).collect()
}

/// Whether a program is on the search path.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
