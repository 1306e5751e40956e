use super::*;

fn parse(line: &str) -> Option<Task> {
    Task::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
}

fn test(require_all: bool, cargo_arguments: &[&str]) -> Option<Task> {
    Some(Task::Test { require_all, cargo_arguments: cargo_arguments.iter().map(|a| a.to_string()).collect() })
}

#[test]
fn arguments_ask_for_one_task() {
    assert_eq!(parse("tidy"), Some(Task::Tidy));
    assert_eq!(parse("check"), Some(Task::Check));
    assert_eq!(parse("test"), test(false, &[]));
    assert_eq!(parse("test --require-all"), test(true, &[]));
    assert_eq!(
        parse("test -- -p events -- --nocapture"),
        test(false, &["-p", "events", "--", "--nocapture"])
    );
    assert_eq!(parse("test --require-all -- --help"), test(true, &["--help"]));
    for line in ["", "--help", "-h", "help", "test --help", "tidy -h"] {
        assert_eq!(parse(line), Some(Task::Help), "{line}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for line in ["tset", "tidy now", "test -p events", "test --require-all --quick", "check -- --fix"] {
        assert_eq!(parse(line), None, "{line}");
    }
}
