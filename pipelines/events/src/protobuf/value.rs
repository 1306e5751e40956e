//! How each type of value stands in Protocol Buffers.

use super::{Definitions, Reader, Tag, WireType, write_varint};
use crate::event::{Fault, Version};
use crate::{Country, Probability, Rule, Token};

/// A value of a field.
pub(crate) trait Value: Sized {
    const WIRE_TYPE: WireType;
    /// Whether it is `repeated`.
    const IS_LIST: bool = false;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault>;

    /// Reads it to where it shall be.
    #[inline(always)]
    fn read_to(reader: &mut Reader<'_>, place: &mut Option<Self>) -> Result<(), Fault> {
        *place = Some(Self::read(reader)?);
        Ok(())
    }

    /// Writes it, with its length where it has one.
    fn write(&self, out: &mut Vec<u8>);

    /// The type's name in the published `.proto`, and its definition to `definitions` where it needs one.
    fn define(definitions: &mut Definitions) -> &'static str;
}

/// Fields while they are being read.
pub(crate) trait Fields {
    /// Reads the fields that follow in the order of the list, which is the one in which they are ordinarily written.
    fn read_in_order(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault>;

    /// Reads a field to its place. Returns whether there is one of this number.
    fn read_field(&mut self, tag: Tag, reader: &mut Reader<'_>) -> Result<bool, Fault>;
}

/// A message that is a record.
pub(crate) fn message<S: Fields + crate::json::Slots>(reader: &mut Reader<'_>) -> Result<S::Record, Fault> {
    let mut slots = S::default();
    slots.read_in_order(reader)?;
    while let Some(tag) = reader.tag()? {
        if !slots.read_field(tag, reader)? {
            return Err(tag.fault(Rule::UnknownField));
        }
    }
    slots.record().ok_or_else(|| reader.fault(Rule::MissingField))
}

#[inline(always)]
pub(crate) fn write_field<T: Value>(number: u32, value: &T, out: &mut Vec<u8>) {
    Tag::write(number, T::WIRE_TYPE, out);
    value.write(out);
}

pub(crate) fn write_present<T: Value>(number: u32, value: &Option<T>, out: &mut Vec<u8>) {
    if let Some(value) = value {
        write_field(number, value, out);
    }
}

/// Writes a message, with its length before it.
pub(crate) fn write_message(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.push(0);
    content(out);
    let mut length = Vec::with_capacity(2);
    write_varint((out.len() - start - 1) as u64, &mut length);
    out.splice(start..=start, length);
}

fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

impl Reader<'_> {
    /// Reads a field to its place, where it is of the field's wire type and has not been read already.
    #[inline(always)]
    pub(crate) fn field<T: Value>(&mut self, tag: Tag, place: &mut Option<T>) -> Result<(), Fault> {
        if tag.wire_type != T::WIRE_TYPE {
            return Err(tag.fault(Rule::WrongType));
        }
        if place.is_some() {
            return Err(tag.fault(Rule::DuplicateField));
        }
        T::read_to(self, place)
    }

    /// Reads a field to its place if it is the next one, its tag takes one byte and all is as it should be with both.
    #[inline(always)]
    pub(crate) fn next<T: Value>(&mut self, number: u32, place: &mut Option<T>) -> Result<(), Fault> {
        match u8::try_from(number << 3 | T::WIRE_TYPE as u32) {
            Ok(tag @ 0..0x80) if place.is_none() && self.eat(tag) => T::read_to(self, place),
            _ => Ok(()),
        }
    }

    /// A varint that `of` makes a value of, or a refusal by `rule`.
    #[inline(always)]
    pub(crate) fn varint_as<T>(&mut self, rule: Rule, of: impl FnOnce(u64) -> Option<T>) -> Result<T, Fault> {
        let fault = self.fault(rule);
        of(self.varint()?).ok_or(fault)
    }
}

/// Text that has not the shape it should have; not being UTF-8 comes first.
#[cold]
fn misshapen(text: &[u8], rule: Rule, reader: &Reader<'_>) -> Fault {
    let start = reader.position() - text.len();
    match std::str::from_utf8(text) {
        Ok(_) => Fault::at(rule, start),
        Err(error) => Fault::at(Rule::InvalidUtf8, start + error.valid_up_to()),
    }
}

impl Value for Token {
    const WIRE_TYPE: WireType = WireType::Bytes;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let text = reader.bytes()?;
        Token::from_bytes(text).ok_or_else(|| misshapen(text, Rule::TokenShape, reader))
    }

    fn read_to(reader: &mut Reader<'_>, place: &mut Option<Self>) -> Result<(), Fault> {
        let text = reader.bytes()?;
        Token::put(text, place).ok_or_else(|| misshapen(text, Rule::TokenShape, reader))
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), out);
    }

    fn define(_: &mut Definitions) -> &'static str {
        "string"
    }
}

impl Value for Country {
    const WIRE_TYPE: WireType = WireType::Bytes;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let text = reader.bytes()?;
        let country = text.try_into().ok().and_then(Country::from_letters);
        country.ok_or_else(|| misshapen(text, Rule::UnknownValue, reader))
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_bytes(self.as_str().as_bytes(), out);
    }

    fn define(_: &mut Definitions) -> &'static str {
        "string"
    }
}

impl Value for Probability {
    const WIRE_TYPE: WireType = WireType::Fixed64;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let at_value = reader.position();
        let value = f64::from_le_bytes(reader.fixed64()?);
        let rule = if value.is_finite() { Rule::OutOfRange } else { Rule::NotFinite };
        Probability::new(value).ok_or_else(|| Fault::at(rule, at_value))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.get().to_le_bytes());
    }

    fn define(_: &mut Definitions) -> &'static str {
        "double"
    }
}

/// Declares how values stand that are varints: of which number, by which rule another is refused, and the number.
macro_rules! varints {
    ($($ty:ty, $name:literal, $rule:expr, $of:expr, $number:expr;)+) => {$(
        impl Value for $ty {
            const WIRE_TYPE: WireType = WireType::Varint;

            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
                reader.varint_as($rule, $of)
            }

            fn write(&self, out: &mut Vec<u8>) {
                write_varint($number(self), out);
            }

            fn define(_: &mut Definitions) -> &'static str {
                $name
            }
        }
    )+};
}

varints! {
    u64, "uint64", Rule::OutOfRange, Some, |number: &u64| *number;
    u32, "uint32", Rule::OutOfRange, |number| u32::try_from(number).ok(), |number: &u32| u64::from(*number);
    bool, "bool", Rule::OutOfRange, |number| (number <= 1).then_some(number == 1), |truth: &bool| u64::from(*truth);
    Version, "uint32", Rule::Version, |number| (number == Version::NUMBER).then_some(Version), |_| Version::NUMBER;
}

impl<T: Value> Value for Vec<T> {
    const WIRE_TYPE: WireType = WireType::Bytes;
    const IS_LIST: bool = true;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        // Packed, as every implementation writes it.
        let mut items = reader.message()?;
        let mut list = Vec::new();
        while !items.is_at_end() {
            list.push(T::read(&mut items)?);
        }
        Ok(list)
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_message(out, |out| self.iter().for_each(|item| item.write(out)));
    }

    fn define(definitions: &mut Definitions) -> &'static str {
        T::define(definitions)
    }
}
