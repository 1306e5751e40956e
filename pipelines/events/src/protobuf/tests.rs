use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::decode;
use crate::samples::{NOW, any_event};

const ID: &str = "0190a000-0000-7000-8000-000000000001";
const ACTOR: &str = "account_000000001";
const TARGET: &str = "account_000000002";

fn hex(text: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}

/// One event of each type as another implementation writes it, and the same in JSON.
///
/// Made once from `docs/event.proto` with `python -m grpc_tools.protoc -I. --python_out=. event.proto` (grpcio-tools
/// 1.85.1) and protobuf 7.36.2 for Python (upb): a script set each field of the JSON by its name in the generated
/// classes, the enum's value by the set's name and the word, and wrote `SerializeToString(deterministic=True)` as hex.
/// It also read back what `to_protobuf` gave for these events, and found it equal.
#[test]
fn what_another_implementation_writes_is_read() {
    let vectors: Vec<(&str, &str)> =
        include_str!("vectors.txt").lines().filter_map(|line| line.split_once(' ')).collect();
    assert_eq!(vectors.len(), EventType::ALL.len());
    for ((bytes, json), event_type) in vectors.into_iter().zip(EventType::ALL) {
        let event = decode_protobuf(&hex(bytes), NOW).expect(json);
        assert_eq!(event.event_type(), *event_type);
        assert_eq!(Ok(&event), decode(json.as_bytes(), NOW).as_ref());
        assert_eq!(event.to_protobuf(), hex(bytes), "{json}");
    }
}

/// One thing done to the bytes of an event.
#[derive(Clone, Debug)]
enum Change {
    Overwrite(Index, u8),
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    Repeat(Index, usize),
    Truncate(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = || {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 1..4),
            // Tags, lengths and varints of the envelope and of bodies.
            select(vec![0x08, 0x10, 0x12, 0x18, 0x22, 0x2a, 0x32, 0x3a, 0x42, 0x80, 0x01])
                .prop_map(|b| vec![b]),
            select(vec![vec![0x8a, 0x01, 0x00], vec![0x80, 0x80, 0x00], vec![0xff; 9]]),
        ]
    };
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, b)| Change::Overwrite(at, b)),
        (any::<Index>(), pieces()).prop_map(|(at, p)| Change::Insert(at, p)),
        (any::<Index>(), 1..40_usize).prop_map(|(at, n)| Change::Delete(at, n)),
        (any::<Index>(), 1..40_usize).prop_map(|(at, n)| Change::Repeat(at, n)),
        any::<Index>().prop_map(Change::Truncate),
    ]
}

fn make(bytes: &mut Vec<u8>, change: &Change) {
    let length = bytes.len();
    if length == 0 {
        return;
    }
    match change {
        Change::Overwrite(at, byte) => bytes[at.index(length)] = *byte,
        Change::Insert(at, piece) => {
            let at = at.index(length + 1);
            bytes.splice(at..at, piece.iter().copied());
        }
        Change::Delete(at, n) => drop(bytes.drain(at.index(length)..(at.index(length) + n).min(length))),
        Change::Repeat(at, n) => {
            let start = at.index(length);
            let again = bytes[start..(start + n).min(length)].to_vec();
            bytes.splice(start..start, again);
        }
        Change::Truncate(at) => bytes.truncate(at.index(length)),
    }
}

/// An event that either encoding lets in is let in by the other, and is the same there.
fn assert_same_in_both(event: &Event) -> Result<(), TestCaseError> {
    let json = event.to_json();
    let from_json = decode(json.as_bytes(), NOW).map_err(|r| TestCaseError::fail(format!("{r}: {json}")))?;
    prop_assert_eq!(from_json.to_json(), json.as_str());
    let bytes = event.to_protobuf();
    let again = decode_protobuf(&bytes, NOW).map_err(|r| TestCaseError::fail(format!("{r}: {json}")))?;
    prop_assert_eq!(again.to_json(), json);
    prop_assert_eq!(&again, event);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_valid_event_is_the_same_in_both_encodings(document in any_event()) {
        let event = decode(document.to_string().as_bytes(), NOW).unwrap();
        assert_same_in_both(&event)?;
    }

    #[test]
    fn changed_bytes_are_an_event_or_a_refusal(
        document in any_event(),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let mut bytes = decode(document.to_string().as_bytes(), NOW).unwrap().to_protobuf();
        changes.iter().for_each(|change| make(&mut bytes, change));
        match decode_protobuf(&bytes, NOW) {
            Ok(event) => assert_same_in_both(&event)?,
            Err(reject) => prop_assert!(reject.position <= reject.length && reject.length == bytes.len()),
        }
    }

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Err(reject) = decode_protobuf(&bytes, NOW) {
            prop_assert!(reject.position <= reject.length);
        }
    }
}

/// A field as it stands on the wire.
fn field(number: u32, wire_type: WireType, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Tag::write(number, wire_type, &mut out);
    if wire_type == WireType::Bytes {
        write_varint(value.len() as u64, &mut out);
    }
    out.extend_from_slice(value);
    out
}

fn varint(number: u32, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write_varint(value, &mut out);
    field(number, WireType::Varint, &out)
}

fn text(number: u32, value: &str) -> Vec<u8> {
    field(number, WireType::Bytes, value.as_bytes())
}

fn body(event_type: EventType, fields: &[Vec<u8>]) -> Vec<u8> {
    field(event_type.number(), WireType::Bytes, &fields.concat())
}

/// A request's fields: version, id, time, actor, target, what is known of the target, body.
fn request() -> [Vec<u8>; 7] {
    let p_minor = field(1, WireType::Fixed64, &0.93_f64.to_le_bytes());
    [
        varint(1, 1),
        text(2, ID),
        varint(3, NOW),
        text(4, ACTOR),
        text(5, TARGET),
        field(7, WireType::Bytes, &[p_minor, varint(2, 2)].concat()),
        body(EventType::ContactRequested, &[varint(1, 1)]),
    ]
}

/// Refused by `rule`, within the field that took the place of the request's `at`th.
#[track_caller]
fn refused_with(at: usize, instead: Vec<u8>, rule: Rule) {
    let mut fields = request();
    fields[at] = instead;
    let start = fields[..at].concat().len();
    let bytes = fields.concat();
    let reject = decode_protobuf(&bytes, NOW).expect_err("a refusal");
    assert_eq!((reject.rule, reject.length), (rule, bytes.len()));
    let within = start..=start + fields[at].len();
    assert!(within.contains(&reject.position), "{} is not in {within:?}", reject.position);
}

fn context(fields: &[Vec<u8>]) -> Vec<u8> {
    field(7, WireType::Bytes, &fields.concat())
}

fn p_minor(value: f64) -> Vec<u8> {
    context(&[field(1, WireType::Fixed64, &value.to_le_bytes())])
}

#[test]
fn the_request_is_an_event_in_any_order() {
    let mut fields = request();
    let event = decode_protobuf(&fields.concat(), NOW).expect("an event");
    assert_eq!(event.to_protobuf(), fields.concat());
    fields.reverse();
    assert_eq!(decode_protobuf(&fields.concat(), NOW), Ok(event));
}

#[test]
fn unknown_fields_are_refused_at_any_depth() {
    refused_with(5, varint(9, 1), Rule::UnknownField);
    refused_with(5, text(45, "text"), Rule::UnknownField);
    refused_with(5, varint(100_000, 1), Rule::UnknownField);
    refused_with(5, context(&[text(6, "text")]), Rule::UnknownField);
    refused_with(6, body(EventType::ContactRequested, &[varint(2, 1)]), Rule::UnknownField);
    refused_with(6, body(EventType::ContactAccepted, &[varint(1, 1)]), Rule::UnknownField);
}

#[test]
fn wrong_wire_types_are_refused() {
    refused_with(3, varint(4, 1), Rule::WrongType);
    refused_with(2, text(3, "1750000000000"), Rule::WrongType);
    refused_with(5, varint(7, 1), Rule::WrongType);
    refused_with(5, context(&[varint(1, 1)]), Rule::WrongType);
    refused_with(6, varint(EventType::ContactRequested.number(), 1), Rule::WrongType);
    // The tags of a group and of four fixed bytes.
    refused_with(3, vec![4 << 3 | 3], Rule::WrongType);
    refused_with(3, vec![4 << 3 | 5, 0, 0, 0, 0], Rule::WrongType);
}

#[test]
fn unknown_values_are_refused() {
    for number in [0, 13, u64::from(u32::MAX), u64::MAX] {
        refused_with(6, body(EventType::ContactRequested, &[varint(1, number)]), Rule::UnknownValue);
    }
    for country in ["ZZ", "gb", "", "GBR"] {
        refused_with(5, context(&[text(5, country)]), Rule::UnknownValue);
    }
}

#[test]
fn fields_given_twice_are_refused() {
    refused_with(3, [text(4, ACTOR), text(4, ACTOR)].concat(), Rule::DuplicateField);
    refused_with(5, [context(&[]), context(&[])].concat(), Rule::DuplicateField);
    refused_with(5, context(&[varint(2, 2), varint(2, 2)]), Rule::DuplicateField);
    let request = body(EventType::ContactRequested, &[varint(1, 1)]);
    refused_with(6, [request.clone(), request.clone()].concat(), Rule::DuplicateField);
    refused_with(6, [request, body(EventType::ContactAccepted, &[])].concat(), Rule::DuplicateField);
}

#[test]
fn misshapen_tokens_and_text_that_is_not_utf8_are_refused() {
    for token in ["short", "has a space in it ok", "ümlauts_are_not_in_it", &"x".repeat(65), ""] {
        refused_with(3, text(4, token), Rule::TokenShape);
    }
    refused_with(3, field(4, WireType::Bytes, b"account_00000\xff001"), Rule::InvalidUtf8);
    refused_with(5, context(&[field(5, WireType::Bytes, b"\xff\xff")]), Rule::InvalidUtf8);
}

#[test]
fn numbers_out_of_range_are_refused() {
    for p in [1.01, -0.01, 2.0, 1.0_f64.next_up()] {
        refused_with(5, p_minor(p), Rule::OutOfRange);
    }
    for p in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        refused_with(5, p_minor(p), Rule::NotFinite);
    }
    refused_with(0, varint(1, 2), Rule::Version);
    refused_with(0, varint(1, 0), Rule::Version);
    let session = |number, value| body(EventType::SessionStarted, &[varint(number, value)]);
    refused_with(6, session(3, u64::from(u32::MAX) + 1), Rule::OutOfRange);
    refused_with(6, session(6, 2), Rule::OutOfRange);
}

#[test]
fn missing_fields_are_refused_where_their_message_ends() {
    for at in [0, 1, 2, 3, 4, 6] {
        let mut fields = request();
        fields[at] = Vec::new();
        let bytes = fields.concat();
        let reject = decode_protobuf(&bytes, NOW).expect_err("a refusal");
        assert_eq!((reject.rule, reject.position), (Rule::MissingField, bytes.len()), "{at}");
    }
    refused_with(6, body(EventType::ContactRequested, &[]), Rule::MissingField);
}

#[test]
fn an_account_that_the_type_does_not_have_is_refused() {
    let mut fields = request();
    fields[6] = body(EventType::SessionStarted, &[]);
    let reject = decode_protobuf(&fields.concat(), NOW).expect_err("a session has no target");
    let at_target = fields[..4].concat().len() + 1;
    assert_eq!((reject.rule, reject.position), (Rule::UnknownField, at_target));
}

#[test]
fn broken_wire_format_is_refused() {
    refused_with(5, vec![0], Rule::Syntax); // field number 0
    refused_with(5, vec![1 << 3 | 6], Rule::Syntax); // a wire type that there is not
    refused_with(5, vec![7 << 3 | 2, 0x7f], Rule::Syntax); // longer than what is left
    refused_with(2, [vec![3 << 3], vec![0xff; 9], vec![0x02]].concat(), Rule::Syntax); // over 64 bits
    refused_with(2, [vec![3 << 3], vec![0xff; 11]].concat(), Rule::Syntax);
    refused_with(5, vec![0xff; 5], Rule::Syntax); // a tag over 32 bits
    let bytes = request().concat();
    for length in 0..bytes.len() {
        let reject = decode_protobuf(&bytes[..length], NOW).expect_err("cut off");
        assert!(matches!(reject.rule, Rule::Syntax | Rule::MissingField) && reject.position <= length);
    }
}

#[test]
fn size_and_time_are_checked() {
    let bytes = request().concat();
    assert!(decode_protobuf(&bytes, NOW - crate::FUTURE_MAX_MS).is_ok());
    let reject = decode_protobuf(&bytes, NOW - crate::FUTURE_MAX_MS - 1).expect_err("too far ahead");
    let at_ts = [varint(1, 1), text(2, ID)].concat().len() + 1;
    assert_eq!((reject.rule, reject.position), (Rule::FutureTime, at_ts));

    let reject = decode_protobuf(&[8; EVENT_BYTES_MAX + 1], NOW).expect_err("too large");
    assert_eq!((reject.rule, reject.position), (Rule::TooLarge, EVENT_BYTES_MAX));
}

#[test]
fn a_list_that_json_has_no_room_for_is_refused() {
    let updated = |count| {
        let mut fields = request();
        fields[4] = Vec::new();
        fields[6] = body(EventType::AccountUpdated, &[field(6, WireType::Bytes, &vec![4; count])]);
        fields.concat()
    };
    assert!(decode_protobuf(&updated(160), NOW).is_ok());
    assert_eq!(decode_protobuf(&updated(170), NOW).expect_err("too long").rule, Rule::TooLarge);
    // Not packed: each item with its own tag.
    let mut fields = request();
    fields[4] = Vec::new();
    fields[6] = body(EventType::AccountUpdated, &[varint(6, 1), varint(6, 2)]);
    assert_eq!(decode_protobuf(&fields.concat(), NOW).expect_err("not packed").rule, Rule::WrongType);
}
