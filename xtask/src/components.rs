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

/// Every component, in the order of the tests that need them.
pub(crate) fn find(root: &Path) -> Vec<Component> {
    vec![
        Component {
            name: "Kafka",
            purpose: "the tests on a real Apache Kafka",
            missing: absent(&["java", "mvn"]),
            install: "install Java 17 and Maven; on Debian: apt-get install openjdk-17-jdk-headless maven",
        },
        Component {
            name: "browser",
            purpose: "the tests of the console in a real browser",
            missing: absent(&["chromium", "chromedriver"]),
            install: "install Chromium and its driver; on Debian: apt-get install chromium chromium-driver",
        },
        Component {
            name: "CollegeMsg",
            purpose: "the test on real private-message traffic",
            missing: if collegemsg(root).is_some() { vec![] } else { vec!["the file CollegeMsg.txt".into()] },
            install: "get CollegeMsg.txt from the Stanford Large Network Dataset Collection \
                      and set SILHOUETTE_COLLEGEMSG to its path",
        },
    ]
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
