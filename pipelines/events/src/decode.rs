//! From bytes to an event, or to a refusal that holds none of the bytes.

use serde::{Deserialize, de};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::event::{Fault, Named, Place, Version, ahead_of};
use crate::json;
use crate::words::words;
use crate::{Country, Event, EventType, Millis, Probability, Token};

/// The largest event, in bytes.
pub const EVENT_BYTES_MAX: usize = 2048;

/// How far an event's time may lie ahead of the ingester's clock, in milliseconds.
pub const FUTURE_MAX_MS: Millis = 5 * 60 * 1000;

words! {
    /// Why an event was refused.
    Rule {
        TooLarge = "too_large", InvalidUtf8 = "invalid_utf8", Syntax = "syntax",
        UnknownField = "unknown_field", DuplicateField = "duplicate_field", MissingField = "missing_field",
        UnknownValue = "unknown_value", WrongType = "wrong_type", TokenShape = "token_shape",
        OutOfRange = "out_of_range", NotFinite = "not_finite", Version = "version",
        FutureTime = "future_time",
    }
}

/// A refusal: which rule, and at which byte. It holds nothing of what was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused by rule {} at byte {position} of {length}", rule.as_str())]
pub struct Reject {
    /// The rule that refused it.
    pub rule: Rule,
    /// The byte at which the fault was seen, from 0 to `length`.
    pub position: usize,
    /// The length of what was refused, in bytes.
    pub length: usize,
}

/// Decodes one event, or refuses it.
///
/// `now` is the ingester's clock: an event more than [`FUTURE_MAX_MS`] ahead of it is refused, so that one
/// fast clock never silences the rest.
///
/// # Errors
/// A [`Reject`] for everything that the contract does not name.
pub fn decode(bytes: &[u8], now: Millis) -> Result<Event, Reject> {
    if bytes.len() > EVENT_BYTES_MAX { decode_strict(bytes, now) } else { json::decode(bytes, now) }
}

/// What [`decode`] means: the same verdicts, without its fast path for JSON as it is ordinarily written.
///
/// # Errors
/// A [`Reject`] for everything that the contract does not name.
pub fn decode_strict(bytes: &[u8], now: Millis) -> Result<Event, Reject> {
    let reject =
        |rule, position: usize| Reject { rule, position: position.min(bytes.len()), length: bytes.len() };
    if bytes.len() > EVENT_BYTES_MAX {
        return Err(reject(Rule::TooLarge, EVENT_BYTES_MAX));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| reject(Rule::InvalidUtf8, e.valid_up_to()))?;

    // serde would take an array of the fields' values for an object.
    if let Some(at) = bytes.iter().position(|b| !b.is_ascii_whitespace()).filter(|at| bytes[*at] != b'{') {
        let is_json = serde_json::from_str::<de::IgnoredAny>(text).is_ok();
        return Err(reject(if is_json { Rule::WrongType } else { Rule::Syntax }, at));
    }
    let fault = |e: serde_json::Error| reject(rule_of(&e), position_of(&e, bytes));
    let head: Head = serde_json::from_str(text).map_err(fault)?;
    let event = head.event_type.decode(text).map_err(fault)?;

    let Event { actor, target, body, ts, .. } = &event;
    let named = Named { actor: actor.is_some(), target: target.is_some(), group: body.names_group() };
    match event.event_type().parties().misplaced(named).or_else(|| ahead_of(*ts, now)) {
        None => Ok(event),
        Some(Fault { rule, place: Place::Byte(position) }) => Err(reject(rule, position)),
        Some(Fault { rule, place: Place::Of(field) }) => Err(reject(rule, position_of_field(text, field))),
    }
}

/// What must be known before the rest can be read strictly.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    event_type: EventType,
}

/// The rule behind a decoding error. Its text may quote the event, so it is matched and then dropped.
fn rule_of(error: &serde_json::Error) -> Rule {
    let text = error.to_string();
    let starts = |prefix: &str| text.starts_with(prefix);
    match error.classify() {
        _ if starts("number out of range") => Rule::NotFinite,
        Category::Syntax | Category::Eof | Category::Io => Rule::Syntax,
        Category::Data if starts("unknown field") => Rule::UnknownField,
        Category::Data if starts("duplicate field") => Rule::DuplicateField,
        Category::Data if starts("missing field") => Rule::MissingField,
        Category::Data if starts("unknown variant") || starts(Country::EXPECTED) => Rule::UnknownValue,
        Category::Data if starts(Token::EXPECTED) => Rule::TokenShape,
        Category::Data if starts(Probability::EXPECTED) || starts("invalid value: integer") => {
            Rule::OutOfRange
        }
        Category::Data if starts(Version::EXPECTED) => Rule::Version,
        Category::Data => Rule::WrongType,
    }
}

/// The byte at which a decoding error was seen.
fn position_of(error: &serde_json::Error, bytes: &[u8]) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let line_start: usize = bytes.split_inclusive(|b| *b == b'\n').take(lines_before).map(<[u8]>::len).sum();
    line_start + error.column()
}

/// The byte at which a top-level field's value begins, or the text's end where there is no such field.
fn position_of_field(text: &str, field: &str) -> usize {
    #[derive(Deserialize)]
    struct Fields<'a> {
        #[serde(borrow, default)]
        actor: Option<&'a RawValue>,
        #[serde(borrow, default)]
        target: Option<&'a RawValue>,
        #[serde(borrow, default)]
        ts: Option<&'a RawValue>,
    }
    let Ok(fields) = serde_json::from_str::<Fields<'_>>(text) else { return text.len() };
    let value = match field {
        "actor" => fields.actor,
        "target" => fields.target,
        _ => fields.ts,
    };
    value.map_or(text.len(), |v| v.get().as_ptr() as usize - text.as_ptr() as usize)
}

#[cfg(test)]
mod tests;
