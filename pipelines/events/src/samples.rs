//! Random valid events for tests, made from the published schema, which knows nothing of how they are decoded.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::TestRng;
use serde_json::{Map, Value, json};

use crate::{EventType, Millis, json_schema};

pub(crate) const NOW: Millis = 1_750_000_000_000;

/// A random valid event of each type, as JSON.
pub(crate) fn any_event() -> impl Strategy<Value = Value> {
    static ROOT: LazyLock<Value> = LazyLock::new(json_schema);
    (0..EventType::ALL.len(), any::<u64>())
        .prop_perturb(|(index, _), mut rng| instance(&ROOT["oneOf"][index], &ROOT, &mut rng))
}

/// A random instance of a schema, with every optional field as likely in as out.
fn instance(schema: &Value, root: &Value, rng: &mut TestRng) -> Value {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return instance(&root["$defs"][name], root, rng);
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return choices[rng.random_range(0..choices.len())].clone();
    }
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        return instance(&choices[rng.random_range(0..choices.len())], root, rng);
    }
    match schema["type"].as_str() {
        Some("boolean") => json!(rng.random_bool(0.5)),
        Some("integer") => json!(rng.random_range(0..NOW / 1000)),
        Some("number") if rng.random_bool(0.2) => json!(rng.random_range(0.001..1.0)),
        Some("number") => json!(f64::from(rng.random_range(0..=1000_u32)) / 1000.0),
        Some("string") => json!(token(rng)),
        Some("array") => {
            let n = rng.random_range(0..4);
            (0..n).map(|_| instance(&schema["items"], root, rng)).collect()
        }
        Some("object") => object(schema, root, rng),
        other => panic!("no sample for a schema of type {other:?}: {schema}"),
    }
}

/// Half of them are UUIDs, the rest of any length.
fn token(rng: &mut TestRng) -> String {
    let (a, b, c) = (rng.random::<u64>(), rng.random::<u64>(), rng.random::<u64>());
    let uuid = format!(
        "{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    );
    if rng.random_bool(0.5) {
        return uuid;
    }
    let length = rng.random_range(16..=64);
    format!("{uuid}_{c:016X}-{b:016x}").chars().take(length).collect()
}

fn object(schema: &Value, root: &Value, rng: &mut TestRng) -> Value {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut fields = Map::new();
    if let Some(properties) = schema["properties"].as_object() {
        for (name, field) in properties {
            if required.contains(&json!(name)) || rng.random_bool(0.5) {
                fields.insert(name.clone(), instance(field, root, rng));
            }
        }
    }
    if schema.get("anyOf").is_some() && !fields.contains_key("group") {
        fields.insert("target".into(), json!("token_of_the_target"));
    }
    Value::Object(fields)
}
