//! What a test needs from outside, and what happens where a machine lacks it.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write;

/// What was `found`, or none where this machine lacks it, which is said loudly and passes for left out.
///
/// `found` tells what is missing and how to get it. The line `LEFT OUT: ...` goes to the standard error and, because
/// a passing test's output is swallowed, to the end of the file that `SILHOUETTE_LEFT_OUT` names too.
///
/// # Panics
/// When it is missing and `SILHOUETTE_REQUIRE_ALL` is 1: then nothing may be left out.
pub fn component<T>(name: &str, found: Result<T, impl Display>) -> Option<T> {
    let missing = match found {
        Ok(found) => return Some(found),
        Err(missing) => missing,
    };
    let required = std::env::var_os("SILHOUETTE_REQUIRE_ALL").is_some_and(|value| value == "1");
    assert!(!required, "{name} is required: {missing}");

    let thread = std::thread::current();
    let line = format!("LEFT OUT: {} (needs {name}: {missing})\n", thread.name().unwrap_or("a test"));
    std::io::stderr().write_all(line.as_bytes()).expect("a standard error to write to");
    if let Some(path) = std::env::var_os("SILHOUETTE_LEFT_OUT") {
        let file = OpenOptions::new().create(true).append(true).open(&path);
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .expect("SILHOUETTE_LEFT_OUT names a writable file");
    }
    None
}
