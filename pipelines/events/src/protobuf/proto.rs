//! The contract as a `.proto` file, generated from the list that decodes it.

use std::fmt;

use crate::types::EnvelopeSlots;
use crate::{EventType, Parties};

/// `docs/event.proto`: the messages in which [`decode_protobuf`](crate::decode_protobuf) takes events.
pub fn proto_text() -> String {
    let mut definitions = Definitions::default();
    definitions.add("Event", |definitions| {
        let mut text = message_text("Event", &[" One event."], &EnvelopeSlots::fields(definitions));
        let bodies = EventType::ALL.iter().map(|event_type| {
            let type_name = event_type.define_body(definitions);
            let (name, number) = (event_type.as_str().replace('.', "_"), event_type.number());
            format!("    {type_name} {name} = {number}; // {}\n", parties_text(event_type.parties()))
        });
        let bodies: String = bodies.collect();
        text.truncate(text.len() - "}\n".len());
        text + "  // What is particular to the event's type, and says which it is; required. Beside each stands\n  // which accounts an event of that type names.\n  oneof body {\n" + &bodies + "  }\n}\n"
    });
    let texts: Vec<String> = definitions.found.into_iter().map(|(_, text)| text).collect();
    format!("{HEAD}\n{}", texts.join("\n"))
}

/// Which accounts the envelope must name, which the format itself cannot say.
const fn parties_text(parties: Parties) -> &'static str {
    match parties {
        Parties::Actor => "actor",
        Parties::ActorAndTarget => "actor and target",
        Parties::ActorAndTargetOrGroup => "actor, and target or group",
        Parties::Platform => "neither actor nor target",
    }
}

const HEAD: &str = "\
// Silhouette events, version 1, as Protocol Buffers: who did what to whom, when, and how they found each other; never
// what they said. Generated from the contract's own list; the rules are those of the JSON encoding.
//
// A token is 16 to 64 of A-Z a-z 0-9 _ -, a keyed pseudonym made on the platform's side. A country is an ISO 3166-1
// alpha-2 code. An event is at most 2048 bytes, and `ts` at most five minutes ahead of the ingester's clock.
//
// The reader refuses what is not defined here: unknown fields and numbers of enums (0 is one: leave out what is not
// known), a singular field given twice, a list that is not packed, a field or a body that is missing though required.

syntax = \"proto3\";

package silhouette.v1;
";

/// One field of a message.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) number: u32,
    pub(crate) type_name: &'static str,
    pub(crate) is_list: bool,
    pub(crate) is_required: bool,
    /// What the contract's list says of it.
    pub(crate) doc: &'static [&'static str],
}

/// Messages and enums, in the order in which they are first needed.
#[derive(Default)]
pub(crate) struct Definitions {
    found: Vec<(&'static str, String)>,
}

impl Definitions {
    /// Adds a definition, unless it is there. While its text is made, it may need others, which come after it.
    pub(crate) fn add(&mut self, name: &'static str, text: impl FnOnce(&mut Self) -> String) -> &'static str {
        if self.found.iter().all(|(found, _)| *found != name) {
            let place = self.found.len();
            self.found.push((name, String::new()));
            self.found[place].1 = text(self);
        }
        name
    }
}

pub(crate) fn message_text(name: &str, doc: &[&str], fields: &[Field]) -> String {
    let fields: String = fields.iter().map(Field::to_string).collect();
    format!("{}message {name} {{\n{fields}}}\n", Comment("", doc))
}

/// An enum, whose values bear its name because they share one namespace.
pub(crate) fn enum_text(name: &str, doc: &[&str], words: &[(u32, &str)]) -> String {
    let mut prefix = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
    }
    let word =
        |(number, word): &(u32, &str)| format!("  {prefix}_{} = {number};\n", word.to_ascii_uppercase());
    let words: String = words.iter().map(word).collect();
    format!("{}enum {name} {{\n  {prefix}_UNSPECIFIED = 0;\n{words}}}\n", Comment("", doc))
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = if self.is_list { "repeated" } else { "optional" }; // optional: absent is not zero
        let note = if self.is_required { " // required" } else { "" };
        writeln!(
            f,
            "{}  {label} {} {} = {};{note}",
            Comment("  ", self.doc),
            self.type_name,
            self.name,
            self.number
        )
    }
}

/// An indentation, and the lines of a comment.
struct Comment<'a>(&'static str, &'a [&'a str]);

impl fmt::Display for Comment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.iter().try_for_each(|doc| writeln!(f, "{}//{doc}", self.0))
    }
}

#[cfg(test)]
mod tests;
