//! The second encoding: the same events as Protocol Buffers, as `docs/event.proto` has them.
//!
//! The door is shut here as it is for JSON, so the wire format is read by hand: an ordinary implementation skips what
//! it does not know, lets the last of two values win, and keeps unknown numbers of enums.

mod proto;
mod reader;
mod value;

use crate::event::{Fault, Place};
use crate::types::EnvelopeSlots;
use crate::{EVENT_BYTES_MAX, Event, EventType, Millis, Reject, Rule};

pub use proto::proto_text;
pub(crate) use proto::{Definitions, Field, enum_text, message_text};
pub(crate) use reader::{Reader, Tag, WireType, write_varint};
pub(crate) use value::{Fields, Value, message, write_field, write_message, write_present};

/// Decodes one event in Protocol Buffers, or refuses it by the same rules as [`decode`](crate::decode) does.
///
/// Every value has one number and one wire type; a field that is unknown, given twice or of another wire type is
/// refused, and so is a number that an enum does not have, 0 included.
///
/// # Errors
/// A [`Reject`] for everything that the contract does not name. For a missing field its position is the end of the
/// message that lacks it.
pub fn decode_protobuf(bytes: &[u8], now: Millis) -> Result<Event, Reject> {
    let length = bytes.len();
    let refuse = |Fault { rule, place }| {
        let position = match place {
            Place::Byte(position) => position,
            Place::Of(field) => position_of_field(bytes, field),
        };
        Err(Reject { rule, position, length })
    };
    if length > EVENT_BYTES_MAX {
        return refuse(Fault::at(Rule::TooLarge, EVENT_BYTES_MAX));
    }
    let mut envelope = EnvelopeSlots::default();
    match read_envelope(bytes, &mut envelope) {
        Ok(Some((event_type, mut body))) if !(event_type.has_list() && length > EVENT_BYTES_MAX / 16) => {
            event_type.read_body(&mut body, &mut envelope, now, refuse)
        }
        // One byte in a list is a whole word in JSON. Both encodings admit the same events, so none that JSON has no
        // room for; only with a list can so few bytes become so many.
        Ok(Some((event_type, mut body))) => {
            let event = event_type.read_body(&mut body, &mut envelope, now, refuse)?;
            let has_room = event.to_json().len() <= EVENT_BYTES_MAX;
            if has_room { Ok(event) } else { refuse(Fault::at(Rule::TooLarge, length)) }
        }
        Ok(None) => refuse(Fault::missing("body")),
        Err(fault) => refuse(fault),
    }
}

/// Reads the envelope's fields to their places, and gives the body's type and where it stands.
#[inline]
fn read_envelope<'a>(
    bytes: &'a [u8],
    envelope: &mut EnvelopeSlots,
) -> Result<Option<(EventType, Reader<'a>)>, Fault> {
    let mut reader = Reader::new(bytes);
    let mut body = None;
    envelope.read_in_order(&mut reader)?;
    while let Some(tag) = reader.tag()? {
        if envelope.read_field(tag, &mut reader)? {
            continue;
        }
        let event_type =
            EventType::from_number(tag.number.into()).ok_or_else(|| tag.fault(Rule::UnknownField))?;
        if tag.wire_type != WireType::Bytes {
            return Err(tag.fault(Rule::WrongType));
        }
        if body.is_some() {
            return Err(tag.fault(Rule::DuplicateField));
        }
        body = Some((event_type, reader.message()?));
        envelope.set_event_type(event_type);
    }
    Ok(body)
}

/// Where a top-level field's value begins, or the end where there is no such field.
fn position_of_field(bytes: &[u8], field: &str) -> usize {
    let mut reader = Reader::new(bytes);
    while let Ok(Some(tag)) = reader.tag() {
        let position = reader.position();
        if EnvelopeSlots::number(field) == Some(tag.number) {
            return position;
        }
        if reader.skip(tag.wire_type).is_err() {
            break;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests;
