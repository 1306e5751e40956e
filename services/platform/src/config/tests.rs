use super::*;

fn load_text(text: &str, environment: &[(&str, &str)]) -> Result<Config, Faults> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    load(Some(file.path()), environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
}

#[test]
fn the_defaults_are_sound() {
    let config = load(None, []).unwrap();
    assert_eq!(config.detect.tick_ms, 60_000);
    assert_eq!(config.detect.min_p, None);
    assert_eq!(config.transport, Transport::Embedded(EmbeddedLog::new("data/log", 4)));
}

#[test]
fn every_default_has_a_comment() {
    let mut commented = false;
    for line in DEFAULTS.lines() {
        let line = line.trim();
        let is_key = !line.starts_with('#') && line.contains('=');
        assert!(!is_key || commented, "no comment above: {line}");
        commented = line.starts_with('#');
    }
}

#[test]
fn a_file_and_the_environment_override() {
    let text = "[detect]\ntick = \"5m\"\nmin_p = 1\n[transport]\nkind = \"kafka\"\n[transport.properties]\n\"client.id\" = 1";
    let config = load_text(text, &[("SILHOUETTE__DETECT__TICK", "2m"), ("OTHER", "x")]).unwrap();
    assert_eq!(config.detect.tick_ms, 120_000);
    assert_eq!(config.detect.min_p, Some(1.0));
    let properties = [("client.id".to_owned(), "1".to_owned())].into();
    assert_eq!(config.transport, Transport::Kafka(Kafka::new("127.0.0.1:9092", properties).unwrap()));
}

#[test]
fn every_fault_is_reported_at_once() {
    let text = "colour = 1\n[detect]\ntick = \"soon\"\nbatch_events = \"many\"\nmin_p = 1.5\n[review]\nlisten = \"x\"\n\
                tokens = [{ name = \"\", blake3 = \"00\", roles = [] }]\n[log]\nformat = \"xml\"";
    let Faults(faults) = load_text(text, &[("SILHOUETTE__DETECT__NOSUCH", "1")]).unwrap_err();
    let at: Vec<&str> = faults.iter().map(|f| f.at.as_str()).collect();
    assert_eq!(
        at,
        [
            "colour",
            "detect.batch_events",
            "SILHOUETTE__DETECT__NOSUCH (detect.nosuch)",
            "detect.min_p",
            "detect.tick",
            "review.tokens[0].blake3",
            "review.tokens[0].name",
            "review.listen",
            "log.format",
        ]
    );
    assert_eq!(faults[1].problem, "is a string, must be an integer");
}

#[test]
fn a_missing_file_and_broken_syntax_are_faults() {
    let error = load(Some(Path::new("/nonexistent/silhouette.toml")), []).unwrap_err().to_string();
    assert!(error.contains("cannot be read"), "{error}");
    let error = load_text("[detect\n", &[]).unwrap_err().to_string();
    assert!(error.contains("line 1"), "{error}");
}

#[test]
fn what_silhouette_relies_on_cannot_be_set() {
    let text = "[transport]\nkind = \"kafka\"\n[transport.properties]\n\"enable.auto.commit\" = \"true\"";
    let Faults(faults) = load_text(text, &[]).unwrap_err();
    assert_eq!(faults[0].at, "transport.properties");
    assert!(faults[0].problem.contains("enable.auto.commit"), "{}", faults[0].problem);
}

#[test]
fn secrets_are_not_shown() {
    let text = "[transport]\nkind = \"kafka\"\n[transport.properties]\n\"sasl.password\" = \"hunter2\"";
    let shown = load_text(text, &[]).unwrap().effective;
    assert!(shown.contains("sasl.password") && !shown.contains("hunter2"), "{shown}");
}
