//! CollegeMsg: the private messages of an online student community in 2004 (Panzarasa, Opsahl and Carley
//! 2009; distributed by SNAP), one message a line: `sender recipient unix_seconds`.

use std::collections::HashSet;

use events::{Body, Edge, Event, MessageKind, MessageSent, Millis, Relation, Token};
use uuid::{Builder, Uuid};

/// Length of a key, in bytes.
pub const KEY_LEN: usize = blake3::KEY_LEN;

/// The key used where the caller has none of their own. It is public, and so are the accounts' numbers:
/// pseudonyms made with it protect nobody.
pub const DEFAULT_KEY: [u8; KEY_LEN] = *b"silhouette: collegemsg, no key  ";

/// The last second that still fits the 48 bits of milliseconds in an event's id.
const SECONDS_MAX: u64 = ((1 << 48) - 1) / 1000;

/// A line that is not a message. It says where the fault is, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not read line {line}: {fault}; expected `sender recipient unix_seconds`, three whole numbers")]
pub struct Error {
    /// The line's number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Too few or too many fields.
    #[error("it has {0} fields instead of 3")]
    Fields(usize),
    /// A field is not a whole number from 0 to 2⁶⁴ − 1.
    #[error("its {0} is not a whole number")]
    NotANumber(&'static str),
    /// The time does not fit an event's id.
    #[error("its unix_seconds are later than {SECONDS_MAX}")]
    TooLate,
}

/// One line, read.
struct Message {
    id: Uuid,
    ts: Millis,
    sender: u64,
    recipient: u64,
}

/// The messages as `message.sent` events, sorted by (ts, id).
///
/// Accounts become pseudonyms by a hash with `key`: the same key gives the same tokens. The first message
/// between two accounts says that nothing connected them before; of the later ones, and of anybody's age,
/// nothing is known. Lines need no order; `ts` is in milliseconds.
///
/// # Errors
/// The first line that is not a message.
pub fn events<'a>(
    lines: impl IntoIterator<Item = &'a str>,
    key: &[u8; KEY_LEN],
) -> Result<Vec<Event>, Error> {
    let mut messages = lines
        .into_iter()
        .zip(1..)
        .map(|(text, line)| read(text, line, key).map_err(|fault| Error { line, fault }))
        .collect::<Result<Vec<_>, _>>()?;
    // A version 7 UUID begins with its time, so this is the order of (ts, id).
    messages.sort_unstable_by_key(|m| m.id);

    let mut pairs = HashSet::new();
    let events = messages.iter().map(|message| {
        let pair = (message.sender.min(message.recipient), message.sender.max(message.recipient));
        event(message, pairs.insert(pair), key)
    });
    Ok(events.collect())
}

fn read(text: &str, line: usize, key: &[u8; KEY_LEN]) -> Result<Message, Fault> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [sender, recipient, seconds] = fields[..] else { return Err(Fault::Fields(fields.len())) };
    let number = |field: &str, name| field.parse::<u64>().map_err(|_| Fault::NotANumber(name));
    let (sender, recipient) = (number(sender, "sender")?, number(recipient, "recipient")?);
    let seconds = number(seconds, "unix_seconds")?;
    if seconds > SECONDS_MAX {
        return Err(Fault::TooLate);
    }
    let ts = seconds * 1000;
    Ok(Message { id: event_id(ts, line, key), ts, sender, recipient })
}

fn event(message: &Message, is_first: bool, key: &[u8; KEY_LEN]) -> Event {
    Event {
        id: token(&message.id.hyphenated().to_string()),
        ts: message.ts,
        actor: Some(account(message.sender, key)),
        target: Some(account(message.recipient, key)),
        actor_ctx: None,
        target_ctx: None,
        rel: is_first.then(|| Relation { edge: Some(Edge::None), ..Relation::default() }),
        body: Body::MessageSent(MessageSent {
            kind: MessageKind::Text,
            size: None,
            request_folder: None,
            forwarded: None,
            disappearing: None,
            view_once: None,
            typing: None,
            group: None,
            recipients: None,
        }),
    }
}

/// The time, and a hash of the line's number: lines of the same second keep apart.
fn event_id(ts: Millis, line: usize, key: &[u8; KEY_LEN]) -> Uuid {
    let hash = keyed(key, "line", line as u64);
    let mut random = [0; 10];
    random.copy_from_slice(&hash.as_bytes()[..10]);
    Builder::from_unix_timestamp_millis(ts, &random).into_uuid()
}

fn account(number: u64, key: &[u8; KEY_LEN]) -> Token {
    let hash = keyed(key, "account", number);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    token(&Uuid::from_bytes(bytes).simple().to_string())
}

fn keyed(key: &[u8; KEY_LEN], what: &str, number: u64) -> blake3::Hash {
    blake3::Hasher::new_keyed(key).update(what.as_bytes()).update(&number.to_le_bytes()).finalize()
}

fn token(text: &str) -> Token {
    #[expect(clippy::expect_used, reason = "hexadecimal digits and hyphens always make a token")]
    Token::try_from(text).expect("a token")
}

#[cfg(test)]
mod tests;
