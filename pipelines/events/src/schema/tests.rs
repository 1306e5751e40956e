use serde_json::{Value, json};

use super::*;
use crate::{EVENT_BYTES_MAX, decode};

const NOW: u64 = 1_750_000_000_000;

/// The contract's tables, written out by hand: type, parties, required own fields, optional own fields.
const CONTRACT: &str = "
account.created | actor | created | reg_channel device network phone_prefix asn country invited_by
account.updated | actor | | p_minor age age_source created country changed
account.status | actor | status | by reason
session.started | actor | | device network asn country client new_device
device.linked | actor | device |
device.removed | actor | device |
discovery.viewed | actor target | surface |
contact.requested | actor target | surface |
contact.accepted | actor target | |
contact.declined | actor target | |
contact.expired | actor target | |
contact.cancelled | actor target | |
contact.removed | actor target | |
contact.blocked | actor target | | prompted
contact.unblocked | actor target | | prompted
message.sent | actor target? | kind | size request_folder forwarded disappearing view_once typing group recipients
message.read | actor target | |
message.unsent | actor target | |
call.placed | actor target | | modality seconds
call.answered | actor target | | modality seconds
group.created | actor | group | via
group.joined | actor | group | via
group.left | actor | group | via
group.member_added | actor target | group |
gate.refused | actor target | gate |
report.filed | actor target | category | franking_verified
report.resolved | | subject outcome | category
notice.shown | actor target | | kind response
signal.external | | subject source category | confidence";

/// The contract's closed sets of words, by field and where a field has several by type.
const WORDS: &[(&str, &str)] = &[
    ("Age", "u13 13_15 16_17 18_20 21_24 25_34 35p unknown"),
    ("AgeSource", "declared inferred verified guardian"),
    ("Edge", "none requested connected former blocked"),
    ("Mutuals", "0 1 2_4 5_9 10p"),
    ("SharedGroups", "0 1 2_4 5p"),
    ("RegChannel", "phone email sso other"),
    ("Changed", "age name photo username bio"),
    ("Status", "active restricted suspended closed reinstated"),
    ("StatusBy", "user platform legal"),
    ("Category", "child_safety sexual sextortion scam spam impersonation harassment other"),
    ("Client", "android ios web desktop bot unknown"),
    (
        "Surface",
        "suggested search phone_import qr link group mutual comment nearby game forwarded_contact unknown",
    ),
    ("MessageKind", "text media voice sticker contact_card location other"),
    ("Size", "xs s m l xl"),
    ("Typing", "none short long"),
    ("Modality", "audio video"),
    ("Via", "link added search"),
    ("Gate", "dm_to_minor request_limit rate region"),
    ("Outcome", "upheld dismissed duplicate"),
    ("NoticeKind", "safety_notice friction"),
    ("Response", "ignored blocked reported left proceeded"),
    ("SignalSource", "partner hotline law_enforcement"),
];

fn sorted(words: &str) -> Vec<String> {
    let mut list: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    list.sort();
    list
}

fn names(value: &Value) -> Vec<String> {
    let mut list: Vec<String> = match value {
        Value::Object(fields) => fields.keys().cloned().collect(),
        Value::Array(items) => items.iter().filter_map(|i| i.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    };
    list.sort();
    list
}

#[test]
fn the_schema_has_the_contracts_types_and_fields() {
    let schema = json_schema();
    let branches = schema["oneOf"].as_array().expect("branches");
    let rows: Vec<Vec<&str>> =
        CONTRACT.trim().lines().map(|row| row.split('|').map(str::trim).collect()).collect();
    assert_eq!(branches.len(), rows.len());
    for (branch, row) in branches.iter().zip(rows) {
        let [name, parties, required, optional] = row[..] else { panic!("four columns: {row:?}") };
        assert_eq!(branch["title"], name);
        assert_eq!(branch["additionalProperties"], json!(false), "{name}");
        let certain = parties.replace(" target?", "");
        let every = parties.replace('?', "");
        assert_eq!(
            names(&branch["required"]),
            sorted(&format!("v id ts type {certain} {required}")),
            "{name}"
        );
        let fields = format!("v id ts type actor_ctx target_ctx rel {every} {required} {optional}");
        assert_eq!(names(&branch["properties"]), sorted(&fields), "{name}");
    }
}

#[test]
fn the_schema_has_the_contracts_words() {
    let schema = json_schema();
    for (name, words) in WORDS {
        let definition = &schema["$defs"][name];
        let found: Vec<String> = match definition.get("oneOf") {
            Some(Value::Array(choices)) => {
                choices.iter().filter_map(|c| c["const"].as_str().map(str::to_owned)).collect()
            }
            _ => names(&definition["enum"]),
        };
        let mut found = found;
        found.sort();
        assert_eq!(found, sorted(words), "{name}: {definition}");
    }
    let closed: Vec<&str> = WORDS.iter().map(|(name, _)| *name).collect();
    let others =
        names(&schema["$defs"]).into_iter().filter(|n| !closed.contains(&n.as_str())).collect::<Vec<_>>();
    assert_eq!(others, ["Context", "Country", "Probability", "Relation", "Token", "Version"]);
}

#[test]
fn every_string_is_closed_or_a_token() {
    fn walk(schema: &Value, at: &str) {
        if schema.get("type") == Some(&json!("string")) {
            let closed = ["enum", "const", "pattern"].iter().any(|k| schema.get(k).is_some());
            assert!(closed, "an open string at {at}");
        }
        match schema {
            Value::Object(fields) => fields.iter().for_each(|(k, v)| walk(v, &format!("{at}/{k}"))),
            Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| walk(v, &format!("{at}/{i}"))),
            _ => {}
        }
    }
    walk(&json_schema(), "");
}

#[test]
fn the_published_schema_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/event.schema.json");
    if std::env::var_os("SILHOUETTE_BLESS").is_some() {
        std::fs::write(path, json_schema_text()).expect("the schema can be written");
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(published == json_schema_text(), "docs/event.schema.json is stale: run with SILHOUETTE_BLESS=1");
}

#[test]
fn schema_and_decoder_agree() {
    let schema = json_schema();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("event.schema.json", schema).expect("a schema");
    let event = compiler.compile("event.schema.json", &mut schemas).expect("a valid schema");
    let base = json!({
        "v": 1, "id": "0190a000-0000-7000-8000-000000000001", "ts": NOW, "type": "message.sent",
        "actor": "account_000000001", "target": "account_000000002", "kind": "text",
        "actor_ctx": { "p_minor": 0.02, "age": "35p", "age_source": "verified", "created": 1, "country": "GB" },
        "rel": { "edge": "none", "mutuals": "0", "target_has_actor": false, "shared_groups": "2_4" },
    });
    let changes = [
        ("/kind", json!("media")),
        ("/kind", json!("note")),
        ("/kind", json!(null)),
        ("/v", json!(2)),
        ("/ts", json!(-5)),
        ("/ts", json!(0.5)),
        ("/actor", json!("x")),
        ("/actor", json!(3)),
        ("/actor_ctx/p_minor", json!(1)),
        ("/actor_ctx/p_minor", json!(1.5)),
        ("/actor_ctx/country", json!("XX")),
        ("/actor_ctx", json!([])),
        ("/rel/edge", json!("friend")),
        ("/rel/mutuals", json!(0)),
        ("/rel/target_has_actor", json!("no")),
        ("/type", json!("message.read")),
        ("/type", json!("call.placed")),
        ("/type", json!("account.created")),
        ("/id", json!("0190a000")),
        ("/target", json!("account_000000009")),
    ];
    for (place, value) in changes {
        let mut document = base.clone();
        *document.pointer_mut(place).expect("a place in the event") = value;
        let text = document.to_string();
        assert!(text.len() <= EVENT_BYTES_MAX);
        assert_eq!(
            schemas.validate(&document, event).is_ok(),
            decode(text.as_bytes(), NOW).is_ok(),
            "{text}"
        );
    }
}
