use super::*;

fn source(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.into() }
}

/// The complaints about one file, as `line: fault`.
fn faults(path: &str, text: &str) -> Vec<String> {
    faults_with("", path, text)
}

fn faults_with(ratchet: &str, path: &str, text: &str) -> Vec<String> {
    let ratchet = sizes::Ratchet::parse(ratchet).unwrap();
    let complaints = check(&[source(path, text)], &ratchet);
    complaints.iter().map(|complaint| format!("{}: {}", complaint.line, complaint.fault)).collect()
}

/// A function of so many lines.
fn function(lines: usize) -> String {
    format!("fn long() {{\n{}}}\n", "    work();\n".repeat(lines - 2))
}

#[test]
fn a_pure_room_names_no_clock_file_socket_environment_or_thread() {
    let impure = [
        ("use std::fs;", "std::fs"),
        ("use std::{fmt, fs::File};", "std::fs"),
        ("use ::std::net as sockets;", "std::net"),
        ("use std::time::*;", "std::time::SystemTime"),
        ("use std::time;\nfn f() { time::Instant::now(); }", "std::time::Instant"),
        ("use std::time::{self as t};\nfn f(at: t::SystemTime) {}", "std::time::SystemTime"),
        ("fn f() -> String { std::env::var(\"HOME\").unwrap() }", "std::env"),
        ("fn f() { assert!(std::thread::current().name().is_none()); }", "std::thread"),
        ("use uuid::Uuid;\nfn f() -> Uuid { Uuid::now_v7() }", "uuid::Uuid::now_v7"),
    ];
    for (text, named) in impure {
        let line = text.lines().count();
        let expected = vec![format!("{line}: {named} in a pure room")];
        assert_eq!(faults("models/a/src/lib.rs", text), expected, "{text}");
        assert_eq!(faults("pipelines/a/src/b.rs", text), expected, "{text}");
        assert!(faults("services/a/src/lib.rs", text).is_empty(), "{text}");
        assert!(faults("models/a/src/b/tests.rs", text).is_empty(), "{text}");
    }
}

#[test]
fn a_pure_room_may_speak_of_what_it_does_not_touch() {
    let pure = [
        "// std::fs is for services\n/// as is std::env\nfn f() -> &'static str { \"std::net\" }",
        "use std::time::Duration;\nuse std::io::{self, Write as _};\nfn f(a: A) -> u64 { a.env as u64 }",
        "use crate::fs;\nfn f() { fs::read(); }",
        "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod checks { use std::fs; fn f() { std::env::args(); } }",
        "fn f<'a>(a: &'a A) -> impl B + use<'a> { a }\nfn g(fs: F, std: S) { std.fs(fs); }",
        "#[cfg(test)]\nuse std::env;\nfn f() {}",
    ];
    for text in pure {
        assert_eq!(faults("models/a/src/lib.rs", text), Vec::<String>::new(), "{text}");
    }
    let after_tests = "#[cfg(test)]\nmod tests {}\nuse std::fs;";
    assert_eq!(faults("models/a/src/lib.rs", after_tests), ["3: std::fs in a pure room"]);
}

#[test]
fn a_function_has_70_lines_at_most() {
    let path = "services/a/src/lib.rs";
    assert!(faults(path, &function(70)).is_empty());
    assert_eq!(faults(path, &format!("\n{}", function(71))), [format!("2: {path}::long has 71 lines")]);
    let hidden = format!("rules! {{ {} }}", function(71));
    assert_eq!(faults(path, &hidden).len(), 1, "also inside a macro");
}

#[test]
fn a_file_has_500_lines_at_most_unless_it_is_a_test() {
    let long = "// line\n".repeat(501);
    for path in ["models/a/src/lib.rs", "services/a/templates/case.html"] {
        assert_eq!(faults(path, &long), [format!("1: {path} has 501 lines")]);
        assert!(faults(path, &"// line\n".repeat(500)).is_empty());
    }
    for path in ["models/a/src/b/tests.rs", "tests/it/e2e.rs", "models/a/benches/b.rs", "docs/events.json"] {
        assert!(faults(path, &long).is_empty(), "{path}");
    }
}

#[test]
fn the_ratchet_only_tightens() {
    let path = "services/a/src/lib.rs";
    let listed = |lines: usize| format!("# sizes\n\n\"{path}::long\" = {lines}\n");
    assert!(faults_with(&listed(80), path, &function(80)).is_empty());
    let grown = faults_with(&listed(80), path, &function(81));
    assert_eq!(grown, [format!("1: {path}::long has grown from 80 to 81 lines")]);
    let shrunk = faults_with(&listed(80), path, &function(79));
    assert_eq!(shrunk, [format!("3: {path}::long has shrunk from 80 to 79 lines")]);
    let gone = format!("3: {path}::long is gone or within the limit");
    assert_eq!(faults_with(&listed(80), path, &function(70)), [gone.as_str()]);
    assert_eq!(faults_with(&listed(80), path, ""), [gone.as_str()]);
    assert!(sizes::Ratchet::parse("[sizes]").is_err());
}

#[test]
fn a_shrunken_entry_says_what_to_lower_it_to() {
    let ratchet = sizes::Ratchet::parse("\"services/a.rs::long\" = 90").unwrap();
    let complaints = check(&[source("services/a.rs", &function(75))], &ratchet);
    assert_eq!(complaints[0].to_string().lines().last(), Some("    right: lower the ratchet to 75"));
}

#[test]
fn tests_wait_for_conditions() {
    let text = "async fn t() {\n    tokio::time::sleep(SECOND).await;\n}";
    assert_eq!(faults("tests/it/e2e.rs", text), ["2: a test sleeps"]);
    assert_eq!(
        faults("models/a/src/b/tests.rs", "fn t() { select! { _ = sleep(D) => {} } }"),
        ["1: a test sleeps"]
    );
    assert!(faults("tests/it/e2e.rs", "// never sleep(1)\nfn t() { asleep(); }").is_empty());
}

#[test]
fn names_say_what_they_hold() {
    assert_eq!(faults("services/a/src/mod.rs", ""), ["1: mod.rs"]);
    assert_eq!(faults("services/a/src/utils.rs", ""), ["1: `utils.rs` does not say what it holds"]);
    assert_eq!(faults("tests/common/kafka.rs", ""), ["1: `common` does not say what it holds"]);
    assert!(faults("services/a/src/model.rs", "").is_empty());
}

#[test]
fn what_does_not_lex_is_a_complaint() {
    assert_eq!(faults("services/a/src/lib.rs", "fn f( {").len(), 1);
}

#[test]
fn what_git_ignores_at_the_root_is_not_read() {
    let paths: Vec<String> = {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        tree::read(root).unwrap().into_iter().map(|source| source.path).collect()
    };
    assert!(paths.iter().any(|path| path == "xtask/src/tidy/tests.rs"));
    assert!(!paths.iter().any(|path| path.starts_with("target/") || path.starts_with(".git/")));
}
