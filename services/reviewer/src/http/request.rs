//! Bodies of commands: each is declared once, and read and documented from that.

use events::Millis;
use review::{
    AppealGround, AppealOutcome, AppealReason, CaseId, Claimed, Due, EmergencyFinding, EmergencyReason,
    MergeReason, NoteCode, Purpose, Queue, RING_CASES_MAX, SkipReason, SnoozeReason, SplitReason, UndoReason,
};
use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, Object, ObjectBuilder, Schema, SchemaFormat, Type,
};

use super::bodies::choices::words;
use super::command::Command;
use super::problem::Problem;
use crate::desk::is_name;
use crate::store::Status;

/// What a field of a body may hold: one of a closed set of words, a name of ours, a number.
pub(super) trait Part: Sized {
    /// What is said where it holds anything else.
    const EXPECTED: &'static str;

    /// The value in a field; none where it is not one.
    fn read(value: &Value) -> Option<Self>;

    /// The value of a field that is left out; none where it must not be.
    fn absent() -> Option<Self> {
        None
    }

    /// What the document says of it.
    fn schema() -> Schema;
}

/// A body, read from a command.
pub(super) trait Body: Sized {
    fn read(command: &Command) -> Result<Self, Problem>;
}

/// Declares a body: its fields, what each is, and what the document says of them.
macro_rules! request {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $part:ty,)* }) => {
        $(#[doc = $about])+
        pub(super) struct $name { $($(#[doc = $doc])+ pub(super) $field: $part),* }

        impl crate::http::request::Body for $name {
            fn read(command: &crate::http::command::Command) -> Result<Self, crate::http::problem::Problem> {
                command.only(&[$(stringify!($field)),*], crate::http::problem::Kind::InvalidBody)?;
                Ok(Self { $($field: command.part(stringify!($field))?),* })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use crate::http::request::{Field, object};
                object(concat!($($about),+), [$(Field::of::<$part>(stringify!($field), concat!($($doc),+))),*])
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}
pub(super) use request;

/// A field as the document shows it.
pub(super) struct Field {
    name: &'static str,
    is_required: bool,
    schema: Schema,
}

impl Field {
    pub(super) fn of<P: Part>(name: &'static str, about: &str) -> Self {
        let mut schema = P::schema();
        let about = Some(about.trim().to_owned());
        match &mut schema {
            Schema::Object(object) => object.description = about,
            Schema::Array(array) => array.description = about,
            _ => {}
        }
        Self { name, is_required: P::absent().is_none(), schema }
    }
}

/// The schema of a body of exactly these fields.
pub(super) fn object(about: &str, fields: impl IntoIterator<Item = Field>) -> RefOr<Schema> {
    let none = Some(AdditionalProperties::<Schema>::FreeForm(false));
    let empty = ObjectBuilder::new().description(Some(about.trim())).additional_properties(none);
    let add = |object: ObjectBuilder, Field { name, is_required, schema }: Field| {
        let object = object.property(name, schema);
        if is_required { object.required(name) } else { object }
    };
    RefOr::T(fields.into_iter().fold(empty, add).into())
}

/// A text of this shape.
fn shaped(pattern: &str, example: &str) -> Schema {
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
    text.examples([json!(example)]).into()
}

macro_rules! closed_words {
    ($($word:ty: $expected:literal;)+) => {$(
        impl Part for $word {
            const EXPECTED: &'static str = $expected;

            fn read(value: &Value) -> Option<Self> {
                Self::parse(value.as_str()?)
            }

            fn schema() -> Schema {
                let all: Object = words("", Self::ALL.iter().map(|word| word.as_str()));
                all.into()
            }
        }
    )+};
}

closed_words! {
    AppealGround: "choose what the appeal says";
    AppealOutcome: "choose what becomes of it";
    AppealReason: "choose why";
    Claimed: "choose mine, others or nobody";
    Due: "choose overdue or in_time";
    EmergencyFinding: "choose what was found";
    EmergencyReason: "choose what the emergency is";
    MergeReason: "choose why they are worked on together";
    NoteCode: "choose what the note says";
    Purpose: "choose what it is for";
    Queue: "choose a queue";
    SkipReason: "choose why it is passed on";
    SnoozeReason: "choose why it is put off";
    SplitReason: "choose why it is taken out";
    Status: "choose open or decided";
    UndoReason: "choose why it is taken back";
}

impl Part for CaseId {
    const EXPECTED: &'static str = "name a case";

    fn read(value: &Value) -> Option<Self> {
        Self::parse(value.as_str()?)
    }

    fn schema() -> Schema {
        shaped("^c[0-9a-f]{20}$", "c4be1d0a7c6f59e2a1b03")
    }
}

/// Other cases: at least one, and no more than a ring holds.
#[derive(Debug)]
pub(super) struct Cases(pub(super) Vec<CaseId>);

impl Part for Cases {
    const EXPECTED: &'static str = "name at least one case, and no more than a ring holds";

    fn read(value: &Value) -> Option<Self> {
        let named = value.as_array().filter(|named| (1..RING_CASES_MAX).contains(&named.len()))?;
        named.iter().map(CaseId::read).collect::<Option<Vec<_>>>().map(Self)
    }

    fn schema() -> Schema {
        let cases = ArrayBuilder::new().items(RefOr::T(<CaseId as Part>::schema()));
        cases.min_items(Some(1)).max_items(Some(RING_CASES_MAX - 1)).into()
    }
}

/// Somebody who works here.
#[derive(Debug)]
pub(super) struct Person(pub(super) String);

impl Person {
    /// A name, where a text can be one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_name = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
        is_name.then(|| Self(text.to_owned()))
    }
}

impl Part for Person {
    const EXPECTED: &'static str = "name somebody who works here";

    fn read(value: &Value) -> Option<Self> {
        Self::parse(value.as_str()?)
    }

    fn schema() -> Schema {
        shaped("^[A-Za-z0-9._@-]{1,64}$", "bo")
    }
}

/// An account's whole pseudonym.
#[derive(Debug)]
pub(super) struct Account(pub(super) events::Token);

impl Part for Account {
    const EXPECTED: &'static str = "give a whole pseudonym";

    fn read(value: &Value) -> Option<Self> {
        events::Token::try_from(value.as_str()?).ok().map(Self)
    }

    fn schema() -> Schema {
        shaped("^[A-Za-z0-9_-]{16,64}$", "acct_5f0c3b9e7d2a4810")
    }
}

/// The hash of what somebody read and approves.
#[derive(Debug)]
pub(super) struct ContentHash(pub(super) String);

impl Part for ContentHash {
    const EXPECTED: &'static str = "send the content_hash of what was read";

    fn read(value: &Value) -> Option<Self> {
        let text = value.as_str()?;
        let is_hash = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then(|| Self(text.to_owned()))
    }

    fn schema() -> Schema {
        shaped("^[0-9a-f]{64}$", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")
    }
}

/// The name of a hold, a view, or whatever else has a letter and twenty digits.
#[derive(Debug)]
pub(super) struct Named<const KIND: char>(pub(super) String);

impl<const KIND: char> Part for Named<KIND> {
    const EXPECTED: &'static str = "give a name as the service gave it";

    fn read(value: &Value) -> Option<Self> {
        let text = value.as_str()?;
        is_name(KIND, text).then(|| Self(text.to_owned()))
    }

    fn schema() -> Schema {
        shaped(&format!("^{KIND}[0-9a-f]{{20}}$"), &format!("{KIND}4be1d0a7c6f59e2a1b03"))
    }
}

impl Part for Millis {
    const EXPECTED: &'static str = "give the milliseconds since the epoch";

    fn read(value: &Value) -> Option<Self> {
        // JSON has one kind of number: 7 and 7.0 are the same.
        let whole = || value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..9e15).contains(n));
        value.as_u64().or_else(|| format!("{:.0}", whole()?).parse().ok())
    }

    fn schema() -> Schema {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0_u64));
        let number = number.maximum(Some(253_402_300_799_999_u64)).examples([json!(1_767_312_000_000_u64)]);
        number.format(None::<SchemaFormat>).into()
    }
}

impl Part for bool {
    const EXPECTED: &'static str = "say true or false";

    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }

    fn schema() -> Schema {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}

impl<P: Part> Part for Option<P> {
    const EXPECTED: &'static str = P::EXPECTED;

    fn read(value: &Value) -> Option<Self> {
        P::read(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn schema() -> Schema {
        P::schema()
    }
}
