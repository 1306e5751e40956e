use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::samples::{NOW, any_event};

const CANARY: &str = "a canary phrase, planted";

/// Every place in a document, as JSON pointers, the document itself left out.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => return,
    };
    for (name, child) in children {
        let place = format!("{at}/{name}");
        places(child, &place, found);
        found.push(place);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_valid_event_round_trips(document in any_event()) {
        let event = decode(document.to_string().as_bytes(), NOW)
            .map_err(|reject| TestCaseError::fail(format!("{reject}: {document}")))?;
        let encoded = event.to_json();
        prop_assert_eq!(serde_json::from_str::<Value>(&encoded).unwrap(), document);
        prop_assert_eq!(decode(encoded.as_bytes(), NOW), Ok(event));
    }

    #[test]
    fn a_phrase_in_any_place_is_refused_and_not_kept(document in any_event(), pick in any::<prop::sample::Index>()) {
        let mut found = Vec::new();
        places(&document, "", &mut found);
        let place = pick.get(&found).clone();
        let mut as_value = document.clone();
        *as_value.pointer_mut(&place).unwrap() = json!(CANARY);
        let mut variants = vec![as_value];
        // The phrase beside every object's fields: as a key, and as an unknown key's value.
        for parent in found.iter().map(String::as_str).chain([""]) {
            for (key, value) in [(CANARY, json!(1)), ("text", json!(CANARY)), ("text", json!({ "a": [CANARY] }))] {
                let mut beside = document.clone();
                if let Some(Value::Object(fields)) = beside.pointer_mut(parent) {
                    fields.insert(key.into(), value);
                    variants.push(beside);
                }
            }
        }
        for variant in variants {
            let reject = decode(variant.to_string().as_bytes(), NOW)
                .map_err(|r| format!("{r} {r:?}"));
            let said = reject.expect_err("a phrase was let in");
            prop_assert!(!said.contains("canary"), "{}", said);
        }
    }

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Err(reject) = decode(&bytes, NOW) {
            prop_assert!(reject.position <= reject.length);
        }
    }

    #[test]
    fn a_flipped_byte_is_an_event_or_a_refusal(document in any_event(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = document.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        match decode(&bytes, NOW) {
            Ok(event) => prop_assert_eq!(decode(event.to_json().as_bytes(), NOW), Ok(event)),
            Err(reject) => prop_assert!(reject.position <= reject.length),
        }
    }
}

fn request() -> Value {
    json!({
        "v": 1, "id": "0190a000-0000-7000-8000-000000000001", "ts": NOW, "type": "contact.requested",
        "actor": "account_000000001", "target": "account_000000002", "surface": "suggested",
        "target_ctx": { "p_minor": 0.93, "age": "13_15" },
    })
}

/// Refused by `rule`, at the first place where `at` ends in the text.
#[track_caller]
fn refused(text: &str, rule: Rule, at: &str) {
    let reject = decode(text.as_bytes(), NOW).expect_err(text);
    assert_eq!(reject.rule, rule, "{text}");
    let end = text.find(at).map(|start| start + at.len()).expect("the place is in the text");
    let near = reject.position.abs_diff(end);
    assert!(near <= 1, "position {} is not at {end}: {text}", reject.position);
    assert_eq!(reject.length, text.len());
}

#[track_caller]
fn refused_with(change: impl FnOnce(&mut Map<String, Value>), rule: Rule, at: &str) {
    let mut document = request();
    change(document.as_object_mut().expect("an object"));
    refused(&document.to_string(), rule, at);
}

fn set(name: &'static str, value: Value) -> impl FnOnce(&mut Map<String, Value>) {
    move |fields| {
        fields.insert(name.into(), value);
    }
}

#[test]
fn unknown_fields_are_refused_at_any_depth() {
    refused_with(set("note", json!(1)), Rule::UnknownField, "\"note\"");
    refused_with(set("target_ctx", json!({ "name": 1 })), Rule::UnknownField, "\"name\"");
    refused_with(set("rel", json!({ "why": 1 })), Rule::UnknownField, "\"why\"");
    refused_with(set("gate", json!("rate")), Rule::UnknownField, "\"gate\"");
}

#[test]
fn unknown_values_are_refused() {
    refused_with(set("surface", json!("pub")), Rule::UnknownValue, "\"pub\"");
    refused_with(set("type", json!("message.opened")), Rule::UnknownValue, "\"message.opened\"");
    refused_with(set("target_ctx", json!({ "country": "ZZ" })), Rule::UnknownValue, "\"ZZ\"");
    refused_with(set("target_ctx", json!({ "country": "gb" })), Rule::UnknownValue, "\"gb\"");
}

#[test]
fn misshapen_tokens_are_refused() {
    for token in ["short", "has a space in it ok", "ümlauts_are_not_in_it", &"x".repeat(65), ""] {
        refused_with(set("actor", json!(token)), Rule::TokenShape, &json!(token).to_string());
    }
}

#[test]
fn wrong_types_and_null_are_refused() {
    refused_with(set("actor", json!(7)), Rule::WrongType, "\"actor\":7");
    refused_with(set("rel", json!(null)), Rule::WrongType, "\"rel\":null");
    refused_with(set("ts", json!("1750000000000")), Rule::WrongType, "\"1750000000000\"");
    refused_with(set("ts", json!(1.5)), Rule::WrongType, "1.5");
    refused_with(set("rel", json!([])), Rule::WrongType, "\"rel\":[");
    refused("[]", Rule::WrongType, "[");
    refused("7", Rule::WrongType, "");
}

#[test]
fn numbers_out_of_range_are_refused() {
    refused_with(set("target_ctx", json!({ "p_minor": 1.01 })), Rule::OutOfRange, "1.01");
    refused_with(set("target_ctx", json!({ "p_minor": -0.01 })), Rule::OutOfRange, "-0.01");
    refused_with(set("target_ctx", json!({ "p_minor": 2 })), Rule::OutOfRange, "\"p_minor\":2");
    refused_with(set("ts", json!(-1)), Rule::OutOfRange, "-1");
    refused_with(set("v", json!(2)), Rule::Version, "\"v\":2");
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let text = request().to_string();
    refused(&text.replace("0.93", "1e999"), Rule::NotFinite, "1e999");
    refused(&text.replace("0.93", "NaN"), Rule::Syntax, "\"p_minor\":N");
    refused(&text.replace("0.93", "Infinity"), Rule::Syntax, "\"p_minor\":I");
}

#[test]
fn missing_fields_are_refused_where_the_event_ends() {
    for field in ["v", "id", "ts", "type", "actor", "target", "surface"] {
        let mut document = request();
        document.as_object_mut().expect("an object").remove(field);
        let text = document.to_string();
        refused(&text, Rule::MissingField, &text);
    }
}

#[test]
fn a_field_given_twice_is_refused() {
    let text = request().to_string().replace("\"surface\":", "\"surface\":\"qr\",\"surface\":");
    refused(&text, Rule::DuplicateField, "\"qr\",\"surface\"");
}

#[test]
fn an_account_that_the_type_does_not_have_is_refused() {
    let created = json!({
        "v": 1, "id": "0190a000-0000-7000-8000-000000000001", "ts": NOW, "type": "account.created",
        "actor": "account_000000001", "created": NOW, "target": "account_000000002",
    });
    refused(&created.to_string(), Rule::UnknownField, "\"target\":");
    let resolved = json!({
        "v": 1, "id": "0190a000-0000-7000-8000-000000000001", "ts": NOW, "type": "report.resolved",
        "subject": "account_000000001", "outcome": "upheld", "actor": "account_000000002",
    });
    refused(&resolved.to_string(), Rule::UnknownField, "\"actor\":");
}

#[test]
fn a_message_goes_to_an_account_or_to_a_group() {
    let message = |party: &str| {
        let mut m = json!({
            "v": 1, "id": "0190a000-0000-7000-8000-000000000001", "ts": NOW, "type": "message.sent",
            "actor": "account_000000001", "kind": "text",
        });
        m[party] = json!("account_000000002");
        m.to_string()
    };
    assert!(decode(message("target").as_bytes(), NOW).is_ok());
    assert!(decode(message("group").as_bytes(), NOW).is_ok());
    let neither = message("rel").replace(",\"rel\":\"account_000000002\"", "");
    refused(&neither, Rule::MissingField, &neither);
}

#[test]
fn a_clock_too_far_ahead_is_refused() {
    assert!(decode(request().to_string().as_bytes(), NOW - FUTURE_MAX_MS).is_ok());
    let text = request().to_string();
    let reject = decode(text.as_bytes(), NOW - FUTURE_MAX_MS - 1).expect_err("too far ahead");
    assert_eq!(reject.rule, Rule::FutureTime);
    assert_eq!(reject.position, text.find("1750000000000").expect("ts is in the text"));
}

#[test]
fn size_and_encoding_are_checked_first() {
    let long = format!("{}{}", request(), " ".repeat(EVENT_BYTES_MAX));
    let reject = decode(long.as_bytes(), NOW).expect_err("too large");
    assert_eq!((reject.rule, reject.position, reject.length), (Rule::TooLarge, 2048, long.len()));

    let mut bytes = request().to_string().into_bytes();
    bytes[10] = 0xff;
    let reject = decode(&bytes, NOW).expect_err("not UTF-8");
    assert_eq!((reject.rule, reject.position), (Rule::InvalidUtf8, 10));
}

#[test]
fn broken_syntax_is_refused() {
    let text = request().to_string();
    let half: String = text.chars().take(60).collect();
    refused(&half, Rule::Syntax, &half);
    refused("", Rule::Syntax, "");
    refused(&format!("{text}{text}"), Rule::Syntax, &text);
    let deep = format!("{{\"type\":\"message.sent\",\"rel\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(decode(deep.as_bytes(), NOW).expect_err("too deep").rule, Rule::WrongType);
}

#[test]
fn a_position_counts_across_lines() {
    let text = format!("{:#}", request()).replace("\"suggested\"", "\"pub\"");
    refused(&text, Rule::UnknownValue, "\"pub\"");
}
