//! The workload's events as the contract writes them, one JSON object a line.

use crate::bench::dice::{below, happens, mix};
use crate::bench::people::{Account, People, Profile};
use crate::bench::workload::{Act, Kind};

/// Records in one buffer, which is used again and again; each is followed by a newline.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    /// Where each line ends, its newline not counted.
    ends: Vec<usize>,
}

impl Chunk {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// How many lines.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Every line with its newline.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The records, without their newlines.
    pub(crate) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end + 1));
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Adds one record.
    pub(crate) fn push(&mut self, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.end_line();
    }

    fn end_line(&mut self) {
        self.ends.push(self.bytes.len());
        self.bytes.push(b'\n');
    }
}

const SURFACES: [&str; 10] = [
    "phone_import",
    "phone_import",
    "phone_import",
    "mutual",
    "mutual",
    "group",
    "group",
    "qr",
    "link",
    "suggested",
];
const OPEN_SURFACES: [&str; 4] = ["search", "suggested", "comment", "game"];
const MUTUALS: [&str; 5] = ["0", "1", "2_4", "5_9", "10p"];
const KINDS: [&str; 8] = ["text", "text", "text", "text", "text", "media", "voice", "sticker"];
const SIZES: [&str; 6] = ["xs", "xs", "s", "s", "m", "l"];
const TYPING: [&str; 4] = ["short", "short", "long", "none"];
const CLIENTS: [&str; 4] = ["android", "android", "ios", "web"];

/// Writes an event as a line.
pub(crate) fn write(people: &People, act: &Act, into: &mut Chunk) {
    let mut line = Line { bytes: &mut into.bytes };
    line.text("{\"v\":1,\"id\":\"");
    line.id(act.ts, act.number);
    line.text("\",\"ts\":");
    line.number(act.ts);
    line.text(",\"type\":\"");
    line.text(name(act.kind));
    line.text("\",\"actor\":\"");
    line.token(people.draw(act.actor, 4), people.draw(act.actor, 5));
    line.text("\"");
    if has_target(act.kind) {
        line.text(",\"target\":\"");
        line.token(people.draw(act.target, 4), people.draw(act.target, 5));
        line.text("\"");
        line.target_context(people.profile(act.target), act.kind == Kind::Requested);
    }
    line.own_fields(people, act);
    line.text("}");
    into.end_line();
}

fn has_target(kind: Kind) -> bool {
    use Kind::{Created, DeviceLinked, GroupJoined, GroupMessage, Session, Updated};
    !matches!(kind, Created | DeviceLinked | GroupJoined | GroupMessage | Session | Updated)
}

/// The contract's word.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Created => "account.created",
        Kind::Updated => "account.updated",
        Kind::Session => "session.started",
        Kind::DeviceLinked => "device.linked",
        Kind::Viewed => "discovery.viewed",
        Kind::Requested => "contact.requested",
        Kind::Accepted => "contact.accepted",
        Kind::Declined => "contact.declined",
        Kind::Expired | Kind::Outcome => "contact.expired",
        Kind::Removed => "contact.removed",
        Kind::Blocked => "contact.blocked",
        Kind::Message | Kind::GroupMessage | Kind::FirstMessage | Kind::Reply => "message.sent",
        Kind::Read => "message.read",
        Kind::Unsent => "message.unsent",
        Kind::CallPlaced => "call.placed",
        Kind::CallAnswered => "call.answered",
        Kind::GroupJoined => "group.joined",
        Kind::MemberAdded => "group.member_added",
        Kind::Refused => "gate.refused",
        Kind::Reported => "report.filed",
        Kind::Noticed => "notice.shown",
    }
}

/// A line that is being written.
struct Line<'a> {
    bytes: &'a mut Vec<u8>,
}

impl Line<'_> {
    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn field(&mut self, name: &str, word: &str) {
        self.text(",\"");
        self.text(name);
        self.text("\":\"");
        self.text(word);
        self.text("\"");
    }

    fn token_field(&mut self, name: &str, draw: u64) {
        self.text(",\"");
        self.text(name);
        self.text("\":\"");
        self.token(draw, mix(draw));
        self.text("\"");
    }

    fn number(&mut self, mut number: u64) {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        while at == digits.len() || number > 0 {
            at -= 1;
            digits[at] = b'0' + (number % 10).to_le_bytes()[0];
            number /= 10;
        }
        self.bytes.extend_from_slice(&digits[at..]);
    }

    /// Twenty-six characters, as base 32 writes 128 bits.
    fn token(&mut self, high: u64, low: u64) {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut letters = [0; 26];
        for (i, letter) in letters.iter_mut().enumerate() {
            let bits = if i < 13 { high >> (5 * i) } else { low >> (5 * (i - 13)) };
            *letter = LETTERS[(bits & 31) as usize];
        }
        self.bytes.extend_from_slice(&letters);
    }

    /// Thirty-six characters in the shape of a UUIDv7: the time, then what makes it unique.
    fn id(&mut self, ts: u64, number: u64) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let high = (ts << 16) | 0x7000 | (number >> 52);
        let low = (mix(number) >> 2) | (1 << 63);
        let mut letters = [b'-'; 36];
        let places = (0..36).filter(|at| !matches!(at, 8 | 13 | 18 | 23));
        for (i, at) in places.enumerate() {
            let bits = if i < 16 { high >> (60 - 4 * i) } else { low >> (60 - 4 * (i - 16)) };
            letters[at] = HEX[(bits & 15) as usize];
        }
        self.bytes.extend_from_slice(&letters);
    }

    fn probability(&mut self, hundredths: u8) {
        self.bytes.extend_from_slice(&[b'0', b'.', b'0' + hundredths / 10, b'0' + hundredths % 10]);
    }

    /// What the platform knows of the other: always how likely a minor it is, all of it at a first contact.
    fn target_context(&mut self, of: Profile, all: bool) {
        self.text(",\"target_ctx\":{\"p_minor\":");
        self.probability(of.p_minor_hundredths);
        self.field("age", of.age);
        if all {
            self.field("age_source", "inferred");
            self.field("country", of.country);
        }
        self.text("}");
    }

    fn actor_context(&mut self, of: Profile, ts: u64) {
        self.text(",\"actor_ctx\":{\"p_minor\":");
        self.probability(of.p_minor_hundredths);
        self.field("age", of.age);
        self.field("age_source", "inferred");
        self.text(",\"created\":");
        self.number(ts / 86_400_000 * 86_400_000 - of.made_before_ms);
        self.field("country", of.country);
        self.text("}");
    }

    /// The pair before a first contact.
    fn relation(&mut self, act: &Act) {
        let mutuals = if act.scattergun { 0 } else { below(act.roll, 5) as usize };
        self.text(",\"rel\":{\"edge\":\"none\"");
        self.field("mutuals", MUTUALS[mutuals]);
        let known = !act.scattergun && happens(mix(act.roll), 4000);
        self.text(if known { ",\"target_has_actor\":true" } else { ",\"target_has_actor\":false" });
        self.text(if mutuals > 2 { ",\"shared_groups\":\"1\"}" } else { ",\"shared_groups\":\"0\"}" });
    }

    fn own_fields(&mut self, people: &People, act: &Act) {
        let pick =
            |words: &[&'static str], shift: u32| words[((act.roll >> shift) & 0xff) as usize % words.len()];
        let surface =
            |shift| if act.scattergun { pick(&OPEN_SURFACES, shift) } else { pick(&SURFACES, shift) };
        match act.kind {
            Kind::Created => {
                let profile = people.profile(act.actor);
                self.text(",\"created\":");
                self.number(act.ts - profile.made_before_ms);
                self.field("reg_channel", "phone");
                self.field("country", profile.country);
            }
            Kind::Updated => self.text(",\"changed\":[\"photo\"]"),
            Kind::Session => {
                self.token_field("device", people.draw(act.actor, 6));
                self.field("country", people.profile(act.actor).country);
                self.field("client", pick(&CLIENTS, 8));
            }
            Kind::DeviceLinked => self.token_field("device", act.roll),
            Kind::Viewed => self.field("surface", surface(8)),
            Kind::Requested => {
                self.actor_context(people.profile(act.actor), act.ts);
                self.relation(act);
                self.field("surface", surface(8));
            }
            Kind::Message | Kind::GroupMessage | Kind::FirstMessage | Kind::Reply => {
                self.field("kind", pick(&KINDS, 8));
                self.field("size", pick(&SIZES, 16));
                self.field("typing", pick(&TYPING, 24));
                if act.kind == Kind::GroupMessage {
                    self.group(people, act.actor);
                    self.text(",\"recipients\":8");
                }
            }
            Kind::CallPlaced | Kind::CallAnswered => self.field("modality", "audio"),
            Kind::GroupJoined | Kind::MemberAdded => self.group(people, act.actor),
            Kind::Refused => self.field("gate", "dm_to_minor"),
            Kind::Reported => self.field("category", if act.scattergun { "child_safety" } else { "spam" }),
            Kind::Noticed => self.field("kind", "safety_notice"),
            _ => {}
        }
    }

    /// The group of an account; some twenty share one.
    fn group(&mut self, people: &People, of: Account) {
        self.token_field("group", people.draw(of / 20, 8));
    }
}
