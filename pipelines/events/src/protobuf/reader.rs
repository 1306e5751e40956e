//! The wire format of Protocol Buffers: tags, varints, and what has a length.

use crate::Rule;
use crate::event::Fault;

/// How a value stands on the wire. There are three more, which no field of the contract has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireType {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Other,
}

/// What stands before a field's value.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) number: u32,
    pub(crate) wire_type: WireType,
    position: usize,
}

impl Tag {
    pub(crate) fn fault(&self, rule: Rule) -> Fault {
        Fault::at(rule, self.position)
    }

    pub(crate) fn write(number: u32, wire_type: WireType, out: &mut Vec<u8>) {
        write_varint(u64::from(number) << 3 | wire_type as u64, out);
    }
}

/// What is still to be read of one message.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// Where the message ends, in bytes of the event.
    end: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len() }
    }

    /// The byte of the event at which the reader stands.
    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.end - self.rest.len()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn fault(&self, rule: Rule) -> Fault {
        Fault::at(rule, self.position())
    }

    /// The next field's tag, or none at the end.
    #[inline]
    pub(crate) fn tag(&mut self) -> Result<Option<Tag>, Fault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let position = self.position();
        let syntax = Fault::at(Rule::Syntax, position);
        let tag = u32::try_from(self.varint()?).map_err(|_| syntax)?;
        let wire_type = match tag & 7 {
            0 => WireType::Varint,
            1 => WireType::Fixed64,
            2 => WireType::Bytes,
            3..=5 => WireType::Other,
            _ => return Err(syntax),
        };
        match tag >> 3 {
            0 => Err(syntax),
            number => Ok(Some(Tag { number, wire_type, position })),
        }
    }

    /// Whether this one byte is the next; it is then read.
    #[inline(always)]
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, Fault> {
        match self.rest {
            [byte @ 0..0x80, rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for (at, byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * at);
            let is_over_64_bits = at == 9 && *byte > 1;
            if *byte < 0x80 && !is_over_64_bits {
                self.rest = self.rest.get(at + 1..).unwrap_or_default();
                return Ok(value);
            }
        }
        Err(self.fault(Rule::Syntax))
    }

    #[inline]
    pub(crate) fn fixed64(&mut self) -> Result<[u8; 8], Fault> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(|| self.fault(Rule::Syntax))?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// The bytes of a value that has a length.
    #[inline]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        let at_length = self.fault(Rule::Syntax);
        let length = usize::try_from(self.varint()?).map_err(|_| at_length)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(at_length)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A message within this one.
    #[inline]
    pub(crate) fn message(&mut self) -> Result<Reader<'a>, Fault> {
        let bytes = self.bytes()?;
        Ok(Reader { rest: bytes, end: self.position() })
    }

    pub(crate) fn skip(&mut self, wire_type: WireType) -> Result<(), Fault> {
        match wire_type {
            WireType::Varint => self.varint().map(drop),
            WireType::Fixed64 => self.fixed64().map(drop),
            WireType::Bytes => self.bytes().map(drop),
            WireType::Other => Err(self.fault(Rule::WrongType)),
        }
    }
}

pub(crate) fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let seven_bits = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 {
            return out.push(seven_bits);
        }
        out.push(seven_bits | 0x80);
    }
}
