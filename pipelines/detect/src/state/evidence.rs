//! What is kept of the events behind an account's score, in few bytes each.

use events::{Surface, Token};
use serde::{Deserialize, Serialize};

use super::slab::{List, Slab};
use crate::EvidenceKind;
use crate::age::MinorOdds;

/// The most evidence that is kept of one account.
const EVIDENCE_MAX: usize = 8;

/// The most bytes that the evidence of an account takes, with the longest ids.
pub(crate) const BYTES_MAX: usize = Slab::<Packed>::bytes_for(EVIDENCE_MAX) + EVIDENCE_MAX * (LONGEST + 16);

/// The longest id.
const LONGEST: usize = 64;

/// One piece of evidence, kept under its second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) event: Token,
    /// Milliseconds of the second.
    pub(crate) ms: u16,
    pub(crate) minor: MinorOdds,
    pub(crate) kind: EvidenceKind,
    pub(crate) surface: Option<Surface>,
}

/// The evidence of many accounts.
#[derive(Clone, Debug)]
pub(crate) struct EvidenceLists {
    lists: Slab<Packed>,
    long: Vec<Box<str>>,
    /// Places among the long ids that are free.
    free: Vec<u32>,
}

/// A piece of evidence as it is stored: with its id, where that is a long one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    packed: Packed,
    long_id: Option<Box<str>>,
}

/// A piece of evidence, whose id lies packed or among the long ones.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Packed {
    id: Id,
    ms: u16,
    minor: MinorOdds,
    kind: EvidenceKind,
    surface: Option<Surface>,
}

/// An id: how its characters are packed, and they.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Id {
    form: Form,
    bytes: [u8; ID_BYTES],
}

/// Bytes of a packed id.
const ID_BYTES: usize = 17;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Form {
    /// So many characters of six bits each, up to 22: an id in base64, for example.
    Six(u8),
    /// 26 characters of base 32, as a ULID has.
    Base32,
    /// 32 hexadecimal digits in lower case; as a UUID has them, with dashes, or without.
    Hex { has_dashes: bool },
    /// Anything else: a place among the long ids.
    Long,
}

impl Default for EvidenceLists {
    fn default() -> Self {
        let id = Id { form: Form::Six(0), bytes: [0; ID_BYTES] };
        let (minor, kind) = (MinorOdds::PRIOR, EvidenceKind::FirstContact);
        let filler = Packed { id, ms: 0, minor, kind, surface: None };
        Self { lists: Slab::new(filler), long: Vec::new(), free: Vec::new() }
    }
}

impl EvidenceLists {
    /// An account's evidence, oldest first, each with its second.
    pub(crate) fn of(&self, list: List) -> impl Iterator<Item = (u32, Piece)> {
        self.lists.iter(list).map(|(at, packed)| {
            let Packed { ms, minor, kind, surface, .. } = *packed;
            (at, Piece { event: self.unpack(packed.id), ms, minor, kind, surface })
        })
    }

    /// Keeps a piece, in place of the oldest once there is much of it. Answers to requests are many and say little
    /// each: they never push out anything else.
    pub(crate) fn note(&mut self, list: &mut List, at: u32, piece: &Piece) {
        if list.len() >= EVIDENCE_MAX {
            let is_weak = |kind| matches!(kind, EvidenceKind::Declined | EvidenceKind::Accepted);
            let out = self.lists.iter(*list).position(|(_, packed)| is_weak(packed.kind)).unwrap_or(0);
            let removed = self.lists.remove(list, out);
            self.let_go(removed.id);
        }
        let Piece { ms, minor, kind, surface, .. } = *piece;
        let packed = Packed { id: self.pack(&piece.event), ms, minor, kind, surface };
        self.lists.push(list, at, packed);
    }

    /// An account's evidence, oldest first, each piece with its second, as it is stored.
    pub(crate) fn kept(&self, list: List) -> impl Iterator<Item = (u32, Kept)> {
        self.lists.iter(list).map(|(at, packed)| {
            let is_long = packed.id.form == Form::Long;
            (at, Kept { packed: *packed, long_id: is_long.then(|| self.long[packed.id.place()].clone()) })
        })
    }

    /// Takes up a piece that was stored, after those that were before it.
    pub(crate) fn take_up(&mut self, list: &mut List, at: u32, kept: Kept) {
        let Kept { mut packed, long_id } = kept;
        if let Some(text) = long_id {
            packed.id = self.keep_long(text);
        }
        self.lists.push(list, at, packed);
    }

    /// Bytes of an account's evidence.
    pub(crate) fn bytes_of(&self, list: List) -> usize {
        let long = self.lists.iter(list).filter(|(_, packed)| packed.id.form == Form::Long);
        let text = |packed: &Packed| self.long[packed.id.place()].len() + size_of::<Box<str>>();
        Slab::<Packed>::bytes(list) + long.map(|(_, packed)| text(packed)).sum::<usize>()
    }

    fn pack(&mut self, id: &Token) -> Id {
        Id::packed(id.as_bytes()).unwrap_or_else(|| self.keep_long(id.as_str().into()))
    }

    fn keep_long(&mut self, text: Box<str>) -> Id {
        let place = match self.free.pop() {
            Some(place) => {
                self.long[place as usize] = text;
                place
            }
            None => {
                self.long.push(text);
                u32::try_from(self.long.len() - 1).unwrap_or(u32::MAX)
            }
        };
        Id::long(place)
    }

    #[expect(clippy::expect_used, reason = "only the ids of events were packed")]
    fn unpack(&self, id: Id) -> Token {
        let text = match id.form {
            Form::Long => self.long[id.place()].to_string(),
            _ => id.text(),
        };
        Token::try_from(text.as_str()).expect("what was packed as a token is one")
    }

    fn let_go(&mut self, id: Id) {
        if id.form == Form::Long {
            self.long[id.place()] = Box::default();
            self.free.extend(u32::try_from(id.place()));
        }
    }
}

/// Characters that stand for digits, a power of two of them.
struct Alphabet {
    characters: &'static [u8],
    /// The digit of each character, and [`NO_DIGIT`].
    digits: [u8; 256],
}

const NO_DIGIT: u8 = u8::MAX;

/// Six bits; base 32 as a ULID has it (Crockford's); hexadecimal.
static SIX: Alphabet = Alphabet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
static BASE32: Alphabet = Alphabet::of(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ");
static HEX: Alphabet = Alphabet::of(b"0123456789abcdef");

impl Alphabet {
    #[expect(clippy::cast_possible_truncation, reason = "there are at most 64 digits")]
    const fn of(characters: &'static [u8]) -> Self {
        let mut digits = [NO_DIGIT; 256];
        let mut digit = 0;
        while digit < characters.len() {
            digits[characters[digit] as usize] = digit as u8;
            digit += 1;
        }
        Self { characters, digits }
    }

    /// Bits of a digit.
    fn width(&self) -> u32 {
        self.characters.len().ilog2()
    }
}

/// Where a UUID has its dashes.
const DASHES: [usize; 4] = [8, 13, 18, 23];

impl Id {
    /// The id in few bytes, where it has one of the usual forms.
    fn packed(text: &[u8]) -> Option<Self> {
        let of =
            |form, text: &[u8], alphabet: &Alphabet| Some(Self { form, bytes: digits_in(text, alphabet)? });
        match text.len() {
            len @ ..=22 => of(Form::Six(u8::try_from(len).ok()?), text, &SIX),
            26 => of(Form::Base32, text, &BASE32),
            32 => of(Form::Hex { has_dashes: false }, text, &HEX),
            36 if DASHES.iter().all(|at| text[*at] == b'-') => {
                let digits: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'-').collect();
                if digits.len() == 32 { of(Form::Hex { has_dashes: true }, &digits, &HEX) } else { None }
            }
            _ => None,
        }
    }

    fn long(place: u32) -> Self {
        let mut bytes = [0; ID_BYTES];
        bytes[..4].copy_from_slice(&place.to_le_bytes());
        Self { form: Form::Long, bytes }
    }

    fn place(self) -> usize {
        self.bytes.first_chunk().map_or(0, |place| u32::from_le_bytes(*place) as usize)
    }

    fn text(self) -> String {
        match self.form {
            Form::Six(len) => digits_out(&self.bytes, usize::from(len), &SIX),
            Form::Base32 => digits_out(&self.bytes, 26, &BASE32),
            Form::Long | Form::Hex { has_dashes: false } => digits_out(&self.bytes, 32, &HEX),
            Form::Hex { has_dashes: true } => {
                let mut text = digits_out(&self.bytes, 32, &HEX);
                DASHES.iter().for_each(|at| text.insert(*at, '-'));
                text
            }
        }
    }
}

/// Characters as digits of an alphabet of a power of two, most significant bit first; none where one is not in it.
fn digits_in(text: &[u8], alphabet: &Alphabet) -> Option<[u8; ID_BYTES]> {
    let width = alphabet.width();
    let mut bytes = [0; ID_BYTES];
    let (mut pending, mut count, mut at) = (0_u32, 0, 0);
    for byte in text {
        let digit = alphabet.digits[usize::from(*byte)];
        if digit == NO_DIGIT {
            return None;
        }
        pending = pending << width | u32::from(digit);
        count += width;
        if count >= 8 {
            count -= 8;
            bytes[at] = (pending >> count).to_le_bytes()[0];
            at += 1;
        }
    }
    if count > 0 {
        bytes[at] = (pending << (8 - count)).to_le_bytes()[0];
    }
    Some(bytes)
}

fn digits_out(bytes: &[u8; ID_BYTES], len: usize, alphabet: &Alphabet) -> String {
    let width = alphabet.width();
    let (mut pending, mut count) = (0_u32, 0);
    let mut rest = bytes.iter();
    let digits = (0..len).map(|_| {
        if count < width {
            pending = pending << 8 | rest.next().copied().map_or(0, u32::from);
            count += 8;
        }
        count -= width;
        char::from(alphabet.characters[(pending >> count) as usize & (alphabet.characters.len() - 1)])
    });
    digits.collect()
}

#[cfg(test)]
mod tests;
