//! Laying one source of settings over another: a key must exist below, and keep its type.

use toml::{Table, Value};

use super::{ENVIRONMENT_PREFIX, Fault};

/// The table in which any key may stand.
const OPEN_TABLE: &str = "transport.properties";

/// Lays `over` over `base`; what does not fit is a fault and is left out.
pub(super) fn merge(base: &mut Table, over: Table, within: &str, faults: &mut Vec<Fault>) {
    for (key, value) in over {
        let at = if within.is_empty() { key.clone() } else { format!("{within}.{key}") };
        if within == OPEN_TABLE {
            base.insert(key, value);
            continue;
        }
        match (base.get_mut(&key), value) {
            (None, _) => faults.push(Fault { at, problem: unknown(base, &key) }),
            (Some(Value::Table(below)), Value::Table(over)) => merge(below, over, &at, faults),
            (Some(below @ Value::Float(_)), Value::Integer(number)) => *below = Value::Float(number as f64),
            (Some(below), over) if below.type_str() == over.type_str() => *below = over,
            (Some(below), over) => {
                let problem = format!("is {} {}, must be {}", article(&over), over.type_str(), kind(below));
                faults.push(Fault { at, problem });
            }
        }
    }
}

/// Lays environment variables over `base`: `SILHOUETTE__SECTION__KEY`.
pub(super) fn merge_environment(
    base: &mut Table,
    environment: impl IntoIterator<Item = (String, String)>,
    faults: &mut Vec<Fault>,
) {
    for (variable, text) in environment {
        let Some(path) = variable.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
        let path: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
        let below = path.iter().try_fold(&Value::Table(base.clone()), |value, key| value.get(key)).cloned();
        let value = match below {
            Some(Value::String(_)) | None => Value::String(text),
            Some(_) => text.parse().unwrap_or(Value::String(text)),
        };
        let nested =
            path.into_iter().rev().fold(value, |value, key| Value::Table(Table::from_iter([(key, value)])));
        if let Value::Table(over) = nested {
            let before = faults.len();
            merge(base, over, "", faults);
            for fault in faults.iter_mut().skip(before) {
                fault.at = format!("{variable} ({})", fault.at);
            }
        }
    }
}

fn unknown(base: &Table, key: &str) -> String {
    let known: Vec<&str> = base.keys().map(String::as_str).collect();
    format!("unknown key {key:?}; known here are {}", known.join(", "))
}

fn article(value: &Value) -> &'static str {
    if matches!(value, Value::Integer(_) | Value::Array(_)) { "an" } else { "a" }
}

fn kind(value: &Value) -> String {
    format!("{} {}", article(value), value.type_str())
}
