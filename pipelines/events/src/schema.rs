//! The contract as JSON Schema (draft 2020-12), generated from the types that decode it.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::{EventType, Parties};

/// The JSON Schema of one event: one branch a type, nothing else admitted.
///
/// Two rules cannot be said in it and hold all the same: the size limit and the limit on future time.
pub fn json_schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let branches: Vec<Value> =
        EventType::ALL.iter().map(|event_type| branch(*event_type, &mut generator)).collect();
    let mut definitions = generator.take_definitions(true);
    definitions.remove("EventType"); // each branch names its own
    let mut definitions = Value::Object(definitions);
    forbid_null(&mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Silhouette event, version 1",
        "description": "Who did what to whom, when, and how they found each other; never what they said. \
                        At most 2048 bytes; ts at most five minutes ahead of the ingester's clock.",
        "oneOf": branches,
        "$defs": definitions,
    })
}

/// [`json_schema`] as it is published: indented, with a final newline.
pub fn json_schema_text() -> String {
    format!("{:#}\n", json_schema())
}

fn branch(event_type: EventType, generator: &mut SchemaGenerator) -> Value {
    let schema: Schema = event_type.schema(generator);
    let mut branch = schema.to_value();
    forbid_null(&mut branch);
    if let Value::Object(object) = &mut branch {
        name_parties(object, event_type);
        object.insert("title".into(), json!(event_type.as_str()));
    }
    branch
}

/// Says in the schema which accounts the type names.
fn name_parties(object: &mut Map<String, Value>, event_type: EventType) {
    let parties = event_type.parties();
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.insert("type".into(), json!({ "const": event_type.as_str() }));
        if parties == Parties::Platform {
            properties.remove("actor");
        }
        if matches!(parties, Parties::Platform | Parties::Actor) {
            properties.remove("target");
        }
    }
    if let Some(Value::Array(required)) = object.get_mut("required") {
        if parties != Parties::Platform {
            required.push(json!("actor"));
        }
        if parties == Parties::ActorAndTarget {
            required.push(json!("target"));
        }
    }
    if parties == Parties::ActorAndTargetOrGroup {
        object.insert("anyOf".into(), json!([{ "required": ["target"] }, { "required": ["group"] }]));
    }
}

/// An optional field is absent, never null: takes `null` out of every type.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|t| t != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|c| c.get("type") != Some(&json!("null")));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only);
                }
            }
            object.remove("default");
            object.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
