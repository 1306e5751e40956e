use super::*;

#[test]
fn the_published_proto_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/event.proto");
    if std::env::var_os("SILHOUETTE_BLESS").is_some() {
        std::fs::write(path, proto_text()).expect("the file can be written");
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(published == proto_text(), "docs/event.proto is stale: run with SILHOUETTE_BLESS=1");
}

/// The numbers after each message's and enum's name in the text.
fn numbers(text: &str) -> Vec<(&str, Vec<u32>)> {
    let mut blocks: Vec<(&str, Vec<u32>)> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("message ").or_else(|| line.strip_prefix("enum ")) {
            blocks.push((name, Vec::new()));
        }
        let number = line.split_once(" = ").and_then(|(_, rest)| rest.split(';').next()?.parse().ok());
        if let (Some(number), Some((_, numbers))) = (number, blocks.last_mut()) {
            numbers.push(number);
        }
    }
    blocks
}

#[test]
fn no_number_is_given_twice() {
    for (name, mut numbers) in numbers(&proto_text()) {
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count, "{name}");
    }
}

#[test]
fn it_defines_every_body_and_nothing_twice() {
    let text = proto_text();
    for event_type in EventType::ALL {
        let field = event_type.as_str().replace('.', "_");
        assert!(text.contains(&format!(" {field} = {};", event_type.number())), "{field}");
    }
    let mut names: Vec<&str> = numbers(&text).into_iter().map(|(name, _)| name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
