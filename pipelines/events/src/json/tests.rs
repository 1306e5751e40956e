use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use super::read_or;
use crate::samples::{NOW, any_event};
use crate::{Event, Millis, Reject, Rule, decode, decode_strict};

/// How a producer may lay an event out.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// As our own encoder does.
    Ours,
    /// With sorted names, as many a map is written.
    Sorted,
    /// With a space after each colon and comma, as Python's `json.dumps` does by default.
    Spaced,
    /// On many lines.
    Indented,
}

fn lay_out(document: &Value, layout: Layout) -> String {
    let ours = || decode_strict(document.to_string().as_bytes(), NOW).expect("a valid event").to_json();
    match layout {
        Layout::Ours => ours(),
        Layout::Sorted => document.to_string(),
        Layout::Spaced => ours().replace(':', ": ").replace(',', ", "),
        Layout::Indented => format!("{document:#}"),
    }
}

fn text() -> impl Strategy<Value = String> {
    let layout = select(vec![Layout::Ours, Layout::Ours, Layout::Sorted, Layout::Spaced, Layout::Indented]);
    (any_event(), layout).prop_map(|(document, layout)| lay_out(&document, layout))
}

/// What is put in or put in place of something: JSON's own marks, numbers in every form, halves of fields.
const PIECES: &[&str] = &[
    "\"",
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\\",
    "\\u0061",
    "\\\"",
    "é",
    "\u{feff}",
    "\0",
    "null",
    "true",
    "false",
    "1",
    "0",
    "-0",
    "-1",
    "00",
    "01",
    "1.0",
    "1.",
    ".5",
    "0.5",
    "0.50",
    "1e0",
    "1E0",
    "1e-1",
    "0.1e1",
    "-0.0",
    "1.0000000000000000001",
    "0.9999999999999999999999",
    "0.30000000000000004",
    "1.5",
    "1e999",
    "+1",
    "NaN",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999",
    "4294967295",
    "4294967296",
    "9999999999999999999",
    "\"v\":1,",
    "\"v\":2,",
    ",\"v\":1",
    "\"type\":\"message.sent\",",
    "\"ts\":1,",
    "\"group\":\"0190a000-0000-7000-8000-000000000001\",",
    "\"rel\":{},",
    "\"rel\":{\"edge\":\"none\"},",
    "\"actor_ctx\":{\"age\":\"u13\"},",
    "\"note\":1,",
    "\"changed\":[],",
    "\"changed\":[\"age\", \"bio\"],",
    "\"p_minor\":0.25,",
    "\"country\":\"GB\",",
    "\"country\":\"ZZ\",",
    "{\"text\":null}",
    "{\"1\":null}",
    ",}",
    "{}",
    "[[]]",
];

/// One thing done to the bytes of an event.
#[derive(Clone, Debug)]
enum Change {
    Delete(Index, usize),
    Insert(Index, &'static str),
    Overwrite(Index, u8),
    Swap(Index, Index),
    Repeat(Index, usize),
    Truncate(Index),
    /// Another number where a number is.
    Number(Index, &'static str),
    /// Something where one of the marks is: most faults of JSON are there.
    AtMark(Index, &'static str),
    /// A field of the top level once more, in front.
    Again(Index),
    /// A character as an escape.
    Escape(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = || select(PIECES);
    prop_oneof![
        (any::<Index>(), 1..12_usize).prop_map(|(at, n)| Change::Delete(at, n)),
        (any::<Index>(), piece()).prop_map(|(at, p)| Change::Insert(at, p)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, b)| Change::Overwrite(at, b)),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Change::Swap(a, b)),
        (any::<Index>(), 1..60_usize).prop_map(|(at, n)| Change::Repeat(at, n)),
        any::<Index>().prop_map(Change::Truncate),
        (any::<Index>(), piece()).prop_map(|(at, p)| Change::Number(at, p)),
        (any::<Index>(), piece()).prop_map(|(at, p)| Change::AtMark(at, p)),
        any::<Index>().prop_map(Change::Again),
        any::<Index>().prop_map(Change::Escape),
    ]
}

fn make(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    let places = |is_place: fn(u8) -> bool| -> Vec<usize> {
        (0..length).filter(|i| is_place(bytes[*i]) && (*i == 0 || !is_place(bytes[*i - 1]))).collect()
    };
    match change {
        Change::Delete(at, n) => drop(bytes.drain(at.index(length)..(at.index(length) + n).min(length))),
        Change::Insert(at, piece) => put(bytes, at.index(length + 1), 0, piece.as_bytes()),
        Change::Overwrite(at, byte) => bytes[at.index(length)] = *byte,
        Change::Swap(a, b) => bytes.swap(a.index(length), b.index(length)),
        Change::Repeat(at, n) => {
            let start = at.index(length);
            let again = bytes[start..(start + n).min(length)].to_vec();
            put(bytes, start, 0, &again);
        }
        Change::Truncate(at) => bytes.truncate(at.index(length)),
        Change::Number(at, piece) => {
            let numbers = places(|b| b.is_ascii_digit() || b == b'.');
            let Some(start) = numbers.get(at.index(numbers.len().max(1))) else { return };
            let digits = bytes[*start..].iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
            put(bytes, *start, digits, piece.as_bytes());
        }
        Change::AtMark(at, piece) => {
            let marks = places(|b| b"{}[],:\"".contains(&b));
            let Some(start) = marks.get(at.index(marks.len().max(1))) else { return };
            put(bytes, *start + at.index(2), 0, piece.as_bytes());
        }
        Change::Again(at) => {
            let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(bytes) else { return };
            let Some((name, value)) = fields.iter().nth(at.index(fields.len().max(1))) else { return };
            put(bytes, 1, 0, format!("\"{name}\":{value},").as_bytes());
        }
        Change::Escape(at) => {
            let escape = format!("\\u{:04x}", bytes[at.index(length)]);
            put(bytes, at.index(length), 1, escape.as_bytes());
        }
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, instead_of: usize, piece: &[u8]) {
    let end = (at + instead_of).min(bytes.len());
    bytes.splice(at.min(end)..end, piece.iter().copied());
}

/// What the fast path reads by itself.
fn read(text: &str) -> Option<Event> {
    let nothing = Reject { rule: Rule::Syntax, position: 0, length: 0 };
    read_or(text.as_bytes(), NOW, |_| Err(nothing)).ok()
}

/// The two decoders agree: on the event, bit for bit, or on the refusal's rule and position.
fn assert_same(bytes: &[u8], now: Millis) -> Result<(), TestCaseError> {
    let (fast, strict) = (decode(bytes, now), decode_strict(bytes, now));
    let written = |verdict: &Result<Event, Reject>| verdict.as_ref().map(Event::to_json).map_err(|r| *r);
    prop_assert_eq!(written(&fast), written(&strict), "{:?}", String::from_utf8_lossy(bytes));
    prop_assert_eq!(fast, strict);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn what_is_changed_is_judged_alike(text in text(), changes in prop::collection::vec(change(), 0..4), ahead in any::<bool>()) {
        let mut bytes = text.into_bytes();
        changes.iter().for_each(|change| make(&mut bytes, change));
        assert_same(&bytes, if ahead { 1_700_000 } else { NOW })?;
    }

    #[test]
    fn decimals_are_read_to_the_last_bit(number in "[01]\\.[0-9]{1,24}|[01]|0\\.0{1,12}[0-9]{1,8}") {
        let text = format!(
            r#"{{"v":1,"id":"0190a000-0000-7000-8000-000000000001","ts":1,"type":"account.updated","actor":"account_000000001","p_minor":{number}}}"#
        );
        assert_same(text.as_bytes(), NOW)?;
    }

    #[test]
    fn integers_are_read_alike(number in "[0-9]{1,21}|0|1844674407370955161[0-9]|42949672[0-9]{2}") {
        let text = r#"{"v":1,"id":"0190a000-0000-7000-8000-000000000001","ts":1,"type":"account.created","actor":"account_000000001","created":1,"asn":1}"#;
        for name in ["\"asn\":", "\"created\":"] {
            let text = text.replace(&format!("{name}1"), &format!("{name}{number}"));
            assert_same(text.as_bytes(), NOW)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Without this, the tests above would pass on a fast path that doubts everything.
    #[test]
    fn an_ordinary_event_takes_the_fast_path(document in any_event()) {
        for layout in [Layout::Ours, Layout::Sorted, Layout::Spaced] {
            let text = lay_out(&document, layout);
            prop_assert!(read(&text).is_some(), "{:?} {}", layout, text);
        }
    }
}

#[test]
fn a_doubt_is_left_to_the_strict_decoder() {
    let text = r#"{"v":1,"id":"0190a000-0000-7000-8000-000000000001","ts":1,"type":"contact.requested","actor":"account_000000001","target":"account_000000002","target_ctx":{"p_minor":0.5},"surface":"qr"}"#;
    assert!(read(text).is_some());
    let doubtful = [
        ("\"v\":1", "\"v\":1.0"),
        ("\"v\":1", "\"v\":11"),
        ("\"v\":1", "\"v\" :1"),
        ("\"v\":1", "\"v\":1,\"v\":1"),
        ("\"ts\":1", "\"ts\":01"),
        ("\"ts\":1", "\"ts\":-0"),
        ("\"ts\":1", "\"ts\":1e0"),
        ("\"ts\":1", "\"ts\":18446744073709551615"),
        ("0.5", "5e-1"),
        ("0.5", "0."),
        ("0.5", "-0.0"),
        ("0.5", "1.5"),
        ("0.5}", "0.5,}"),
        ("0.5}", "0.5}\"rel\":{}"),
        ("\"qr\"}", "\"qr\"},"),
        ("\"qr\"}", "\"qr\"}\n"),
        ("\"qr\"", "{\"qr\":null}"),
        ("\"qr\"", "null"),
        ("surface", "surf\\u0061ce"),
        ("contact.requested", "discovery.viewed\",\"type\":\"contact.requested"),
    ];
    for (from, to) in doubtful {
        assert!(read(&text.replace(from, to)).is_none(), "{to}");
    }
}
