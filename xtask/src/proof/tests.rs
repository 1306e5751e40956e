use super::*;

fn kafka() -> Component {
    Component { name: "Kafka", purpose: "tests", missing: vec!["mvn".into()], install: "install Maven" }
}

#[test]
fn each_line_left_out_is_told_once_with_its_remedy() {
    let record = "LEFT OUT: kafka: no mvn\nother text\nLEFT OUT: kafka: no mvn\nLEFT OUT: the moon\n";
    let lines = with_advice(&left_out(record), &[kafka()]);
    assert_eq!(lines[1..], ["LEFT OUT: kafka: no mvn", "  install Maven", "LEFT OUT: the moon"]);
}

#[test]
fn what_is_missing_comes_with_its_remedy() {
    let there = Component { missing: vec![], name: "browser", ..kafka() };
    assert_eq!(missing(&[there, kafka()])[1..], ["MISSING: mvn", "  install Maven"]);
}

#[test]
fn a_named_package_replaces_the_workspace() {
    let named = |arguments: &[&str]| {
        names_a_package(&arguments.iter().map(|argument| argument.to_string()).collect::<Vec<_>>())
    };
    assert!(named(&["-p", "events"]));
    assert!(named(&["--package=events"]));
    assert!(!named(&["--test", "it"]));
    assert!(!named(&["--", "-p"]));
}
