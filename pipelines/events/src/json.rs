//! The fast path: JSON as producers ordinarily write it, read in one pass.
//!
//! It knows one way of writing each value (no escapes, no exponents, at most one space after a colon or a comma)
//! and tries the fields in the order in which [`Event::to_json`] writes them, so that an ordinary event costs one
//! comparison a field. Whatever else it meets, valid or not, it says nothing of: it gives up, and
//! [`decode_strict`] decides. So it must never give an event that the strict decoder would
//! refuse or read otherwise, and need not accept all that the strict decoder does.
//!
//! Every byte of what it accepts has been compared with an ASCII character: the text need not be checked as UTF-8.

use crate::event::{Fault, Place, Version};
use crate::types::EnvelopeSlots;
use crate::{Country, Event, EventType, Millis, Probability, Reject, Rule, Token, decode_strict};

/// The event, where it is written in the ordinary way; otherwise what [`decode_strict`] says.
pub(crate) fn decode(bytes: &[u8], now: Millis) -> Result<Event, Reject> {
    read_or(bytes, now, |_| decode_strict(bytes, now))
}

/// The event, where it is written in the ordinary way; otherwise what `doubt` says. It is called at the end: an event
/// is large, and one that is not looked at here is not moved.
fn read_or(
    bytes: &[u8],
    now: Millis,
    doubt: impl FnOnce(Fault) -> Result<Event, Reject>,
) -> Result<Event, Reject> {
    let mut cursor = Cursor { rest: bytes, token_length: UUID_LENGTH };
    let mut envelope = EnvelopeSlots::default();
    match cursor.begin(&mut envelope) {
        Some(event_type) => event_type.read_rest(&mut cursor, &mut envelope, now, doubt),
        None => doubt(DOUBT),
    }
}

/// Says nothing of the event but that it is for the strict decoder.
pub(crate) const DOUBT: Fault = Fault { rule: Rule::Syntax, place: Place::Byte(0) };

const UUID_LENGTH: usize = 36;

/// A value as it is ordinarily written.
pub(crate) trait Value: Sized {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self>;

    /// Reads it to where it shall be.
    #[inline(always)]
    fn read_to(cursor: &mut Cursor<'_>, place: &mut Option<Self>) -> Option<()> {
        *place = Some(Self::read(cursor)?);
        Some(())
    }
}

/// Fields while they are being read.
pub(crate) trait Pass {
    /// Tries every field once, in order, at whatever place the one before left the cursor.
    fn pass(&mut self, cursor: &mut Cursor<'_>) -> Option<()>;
}

/// All fields of a record while it is being read.
pub(crate) trait Slots: Pass + Default {
    type Record;
    /// The record, where no required field is missing.
    fn record(self) -> Option<Self::Record>;
}

/// What is still to be read. Between two fields it stands at a field's name or at the closing brace.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    /// How long the token before was; the next one most often is as long.
    token_length: usize,
}

impl Cursor<'_> {
    #[inline(always)]
    pub(crate) fn eat(&mut self, literal: &'static str) -> bool {
        match self.rest.strip_prefix(literal.as_bytes()) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    #[inline(always)]
    fn expect(&mut self, literal: &'static str) -> Option<()> {
        self.eat(literal).then_some(())
    }

    #[inline(always)]
    fn skip(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }

    /// Reads a field if it is the next one. A field that has been read already is a doubt.
    #[inline(always)]
    pub(crate) fn field<T: Value>(&mut self, name: &'static str, slot: &mut Option<T>) -> Option<()> {
        if !self.eat(name) {
            return Some(());
        }
        if slot.is_some() {
            return None;
        }
        self.eat(" ");
        T::read_to(self, slot)?;
        match self.rest {
            [b',', b'"', ..] => self.skip(1),
            [b',', b' ', b'"', ..] => self.skip(2),
            [b'}', ..] => Some(()),
            _ => None,
        }
    }

    /// Reads the envelope as far as it goes, and the type, or a guess at it: the type is compared with the body when
    /// the whole has been read.
    fn begin(&mut self, envelope: &mut EnvelopeSlots) -> Option<EventType> {
        self.expect("{")?;
        let mut before = usize::MAX;
        while envelope.event_type().is_none() && self.rest.len() < before {
            before = self.rest.len();
            envelope.pass(self)?;
        }
        envelope.event_type().or_else(|| self.type_ahead())
    }

    /// An object that holds a record.
    pub(crate) fn object<S: Slots>(&mut self) -> Option<S::Record> {
        self.expect("{")?;
        let mut slots = S::default();
        while !self.eat("}") {
            let before = self.rest.len();
            slots.pass(self)?;
            if self.rest.len() == before {
                return None;
            }
        }
        slots.record()
    }

    /// The rest of the text, an object whose fields belong to two records, one of which is being read already.
    pub(crate) fn both_to_end<S: Slots, P: Pass>(&mut self, other: &mut P) -> Option<S::Record> {
        let mut slots = S::default();
        while !self.eat("}") {
            let before = self.rest.len();
            slots.pass(self)?;
            if self.rest.first() != Some(&b'}') {
                other.pass(self)?;
            }
            if self.rest.len() == before {
                return None;
            }
        }
        if self.rest.is_empty() { slots.record() } else { None }
    }

    /// The type that is named further on, sought from the end: where names are sorted, it is the last but one.
    fn type_ahead(&self) -> Option<EventType> {
        const NAME: &[u8] = b"\"type\":";
        let at = self.rest.windows(NAME.len()).rposition(|window| window == NAME)?;
        let mut ahead = Cursor { rest: &self.rest[at + NAME.len()..], ..*self };
        ahead.eat(" ");
        EventType::read(&mut ahead)
    }

    /// A number without sign, point or exponent, or none where it might not fit.
    #[inline]
    fn integer(&mut self) -> Option<u64> {
        let starts_with_zero = self.rest.first() == Some(&b'0');
        let (number, count) = self.digits();
        (1..=DIGITS_MAX).contains(&count).then_some(number).filter(|_| count == 1 || !starts_with_zero)
    }

    /// The number that the next digits make, and how many they are. Beyond [`DIGITS_MAX`] it wraps.
    #[inline]
    fn digits(&mut self) -> (u64, usize) {
        let before = self.rest.len();
        let mut number = 0_u64;
        if let Some((eight, rest)) = self.rest.split_first_chunk()
            && let Some(eight) = eight_digits(eight)
        {
            number = eight;
            self.rest = rest;
        }
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.rest = rest;
        }
        (number, before - self.rest.len())
    }
}

/// Any number of so many digits fits in 64 bits.
const DIGITS_MAX: usize = 19;

/// The number that eight digits make, each pair, then each four, and then all added up at once.
#[inline]
fn eight_digits(text: &[u8; 8]) -> Option<u64> {
    let digits = u64::from_le_bytes(*text).wrapping_sub(0x3030_3030_3030_3030);
    // A byte below '0' borrows, and one above '9' overflows by 6 into its upper half.
    if (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0 != 0 {
        return None;
    }
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff)
}

impl Value for Token {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut token = None;
        Self::read_to(cursor, &mut token)?;
        token
    }

    #[inline(never)]
    fn read_to(cursor: &mut Cursor<'_>, place: &mut Option<Self>) -> Option<()> {
        cursor.expect("\"")?;
        // A quotation mark further to the front would not be a token's character.
        let is_as_long = cursor.rest.get(cursor.token_length) == Some(&b'"');
        if !is_as_long || Token::put(cursor.rest.get(..cursor.token_length)?, place).is_none() {
            let window = cursor.rest.get(..=*Token::BYTES.end()).unwrap_or(cursor.rest);
            cursor.token_length = window.iter().position(|b| *b == b'"')?;
            Token::put(cursor.rest.get(..cursor.token_length)?, place)?;
        }
        cursor.skip(cursor.token_length + 1)
    }
}

impl Value for u64 {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        cursor.integer()
    }
}

impl Value for u32 {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        cursor.integer()?.try_into().ok()
    }
}

impl Value for bool {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        if cursor.eat("true") { Some(true) } else { cursor.eat("false").then_some(false) }
    }
}

impl Value for Version {
    #[inline]
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        cursor.expect("1")?; // the comma or the brace after it shows that it is not 10
        Some(Version)
    }
}

impl Value for Probability {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let start = cursor.rest;
        let is_one = cursor.eat("1");
        if !is_one {
            cursor.expect("0")?;
        }
        if !cursor.eat(".") {
            return Probability::new(if is_one { 1.0 } else { 0.0 });
        }
        let (fraction, count) = cursor.digits();
        if count == 0 {
            return None;
        }
        Probability::new(match POWERS.get(count) {
            Some(_) if is_one => (fraction == 0).then_some(1.0)?,
            // Both are exact in a float, so the quotient is the correctly rounded number, as serde_json's is with
            // `float_roundtrip`.
            Some(power) => fraction as f64 / power,
            None => std::str::from_utf8(start.get(..2 + count)?).ok()?.parse().ok()?,
        })
    }
}

/// Powers of ten, by exponent. Fewer than 2^53, every one is exact, and so is any number with as many digits.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

impl Value for Country {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let [b'"', first, second, b'"', ..] = *cursor.rest else { return None };
        cursor.skip(4)?;
        Country::from_letters([first, second])
    }
}

impl<T: Value> Value for Vec<T> {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        cursor.expect("[")?;
        let mut list = Vec::new();
        if cursor.eat("]") {
            return Some(list);
        }
        loop {
            list.push(T::read(cursor)?);
            if cursor.eat("]") {
                return Some(list);
            }
            cursor.expect(",")?;
            cursor.eat(" ");
        }
    }
}

#[cfg(test)]
mod tests;
