//! From the list in `types.rs` to code: what each encoding needs of a record and its fields.
//!
//! Every macro here takes fields as `name: Type = number`. A field's name is its name in JSON, its number the one
//! in protobuf; whatever reads or writes a field is made from these and from the field's type.

/// Declares the events: the envelope, and the types with their own fields. A field is required, or optional and
/// absent rather than null.
macro_rules! event_types {
    (
        envelope $envelope:tt
        $(
            $(#[doc = $doc:literal])*
            $name:ident = $number:literal $tag:literal, $parties:ident $required:tt $optional:tt
        )+
    ) => {
        crate::words::wire_words! {
            /// The name of a type of event.
            EventType { $($name = $number $tag),+ }
        }

        impl EventType {
            /// Which accounts an event of this type names.
            pub const fn parties(self) -> crate::Parties {
                match self { $(EventType::$name => crate::Parties::$parties),+ }
            }

            pub(crate) fn decode(self, text: &str) -> serde_json::Result<Event> {
                match self { $(EventType::$name => $name::decode(text)),+ }
            }

            /// Reads a body of this type in Protocol Buffers, which completes the event; `incomplete` is the verdict
            /// where the envelope is not whole.
            pub(crate) fn read_body(
                self,
                reader: &mut crate::protobuf::Reader<'_>,
                envelope: &mut EnvelopeSlots,
                incomplete: crate::Reject,
            ) -> Result<Event, crate::Reject> {
                match self {
                    $(EventType::$name => match crate::protobuf::message::<<$name as Wire>::Slots>(reader) {
                        Ok(own) => envelope.event(Body::$name(own), incomplete),
                        Err(fault) => Err(fault.of(incomplete.length)),
                    })+
                }
            }

            /// Adds a body of this type to what the `.proto` defines.
            pub(crate) fn define_body(self, definitions: &mut crate::protobuf::Definitions) -> &'static str {
                match self { $(EventType::$name => <$name as crate::protobuf::Value>::define(definitions)),+ }
            }

            /// Whether a field of this type is a list.
            pub(crate) const fn has_list(self) -> bool {
                match self { $(EventType::$name => <$name as Wire>::HAS_LIST),+ }
            }

            pub(crate) fn schema(self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                match self { $(EventType::$name => $name::schema(generator)),+ }
            }

            /// Reads what is left of an event: this type's own fields, and the envelope's among them.
            pub(crate) fn read_rest(
                self,
                cursor: &mut crate::json::Cursor<'_>,
                envelope: &mut EnvelopeSlots,
            ) -> Result<Event, crate::Reject> {
                match self {
                    $(EventType::$name => match cursor.both_to_end::<<$name as Wire>::Slots, _>(envelope) {
                        Some(own) => envelope.event(Body::$name(own), crate::json::DOUBT),
                        None => Err(crate::json::DOUBT),
                    })+
                }
            }
        }

        /// What is particular to an event's type.
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(untagged)]
        pub enum Body { $($(#[doc = $doc])* $name($name)),+ }

        impl Body {
            /// The type that this body belongs to.
            pub const fn event_type(&self) -> EventType {
                match self { $(Body::$name(_) => EventType::$name),+ }
            }

            fn write_protobuf(&self, out: &mut Vec<u8>) {
                match self {
                    $(Body::$name(own) => crate::protobuf::write_field($number, own, out)),+
                }
            }
        }

        /// How one type of event stands on the wire.
        trait Wire: Sized {
            type Slots: crate::json::Slots<Record = Self> + crate::protobuf::Fields;
            const HAS_LIST: bool;
            fn decode(text: &str) -> serde_json::Result<Event>;
            fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema;
        }

        crate::declare::envelope! $envelope
        $( crate::declare::body! { $envelope $(#[doc = $doc])* $name $required $optional } )+
    };
}
pub(crate) use event_types;

/// Declares [`crate::Event`], its JSON, and the envelope while it is being read.
macro_rules! envelope {
    (
        version $v_number:literal
        required { $($(#[doc = $required_doc:literal])* $required:ident: $required_ty:ty = $required_number:literal),+ $(,)? }
        optional { $($(#[doc = $optional_doc:literal])* $optional:ident: $optional_ty:ty = $optional_number:literal),+ $(,)? }
        records { $($(#[doc = $record_doc:literal])* $record:ident: $record_ty:ty = $record_number:literal),+ $(,)? }
    ) => {
        /// Who did what to whom, when, and how they found each other. Never what they said.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Event {
            $($(#[doc = $required_doc])* pub $required: $required_ty,)+
            $($(#[doc = $optional_doc])* pub $optional: Option<$optional_ty>,)+
            $($(#[doc = $record_doc])* pub $record: Option<$record_ty>,)+
            /// What is particular to the type.
            pub body: Body,
        }

        impl Event {
            /// One line of JSON, without a newline. Decoding it gives this event again.
            pub fn to_json(&self) -> String {
                #[derive(serde::Serialize)]
                struct OnWire<'a> {
                    v: crate::event::Version,
                    $($required: &'a $required_ty,)+
                    #[serde(rename = "type")]
                    event_type: EventType,
                    $(#[serde(skip_serializing_if = "Option::is_none")] $optional: Option<&'a $optional_ty>,)+
                    $(#[serde(skip_serializing_if = "Option::is_none")] $record: Option<&'a $record_ty>,)+
                    #[serde(flatten)]
                    body: &'a Body,
                }
                let wire = OnWire {
                    v: crate::event::Version,
                    $($required: &self.$required,)+
                    event_type: self.event_type(),
                    $($optional: self.$optional.as_ref(),)+
                    $($record: self.$record.as_ref(),)+
                    body: &self.body,
                };
                serde_json::to_string(&wire).expect("strings and finite numbers always encode")
            }

            /// The event in Protocol Buffers, as `docs/event.proto` has it. Decoding it gives this event again.
            pub fn to_protobuf(&self) -> Vec<u8> {
                let mut out = Vec::with_capacity(256);
                crate::protobuf::write_field($v_number, &crate::event::Version, &mut out);
                $(crate::protobuf::write_field($required_number, &self.$required, &mut out);)+
                $(crate::protobuf::write_present($optional_number, &self.$optional, &mut out);)+
                $(crate::protobuf::write_present($record_number, &self.$record, &mut out);)+
                self.body.write_protobuf(&mut out);
                out
            }
        }

        /// The envelope's fields while an event is being read.
        #[derive(Default)]
        pub(crate) struct EnvelopeSlots {
            v: Option<crate::event::Version>,
            event_type: Option<EventType>,
            $($required: Option<$required_ty>,)+
            $($optional: Option<$optional_ty>,)+
            $($record: Option<$record_ty>,)+
        }

        impl EnvelopeSlots {
            /// The event, where the envelope is whole and says the type that the body has; else `incomplete`.
            #[inline(always)]
            pub(crate) fn event(&mut self, body: Body, incomplete: crate::Reject) -> Result<Event, crate::Reject> {
                if self.v.is_none() || self.event_type != Some(body.event_type()) {
                    return Err(incomplete);
                }
                Ok(Event {
                    $($required: match self.$required.take() {
                        Some(value) => value,
                        None => return Err(incomplete),
                    },)+
                    $($optional: self.$optional.take(),)+
                    $($record: self.$record.take(),)+
                    body,
                })
            }

            pub(crate) fn event_type(&self) -> Option<EventType> {
                self.event_type
            }

            pub(crate) fn set_event_type(&mut self, event_type: EventType) {
                self.event_type = Some(event_type);
            }

            /// A field's number in Protocol Buffers.
            pub(crate) fn number(field: &str) -> Option<u32> {
                [
                    $((stringify!($required), $required_number),)+
                    $((stringify!($optional), $optional_number),)+
                    $((stringify!($record), $record_number),)+
                ]
                .into_iter()
                .find_map(|(name, number)| (name == field).then_some(number))
            }

            /// The fields as the `.proto` has them.
            pub(crate) fn fields(
                definitions: &mut crate::protobuf::Definitions,
            ) -> Vec<crate::protobuf::Field> {
                vec![
                    crate::declare::field!(
                        definitions, v: crate::event::Version = $v_number, true, [" The contract's version, 1."]
                    ),
                    $(crate::declare::field!(
                        definitions, $required: $required_ty = $required_number, true, [$($required_doc),*]
                    ),)+
                    $(crate::declare::field!(
                        definitions, $optional: $optional_ty = $optional_number, false, [$($optional_doc),*]
                    ),)+
                    $(crate::declare::field!(
                        definitions, $record: $record_ty = $record_number, false, [$($record_doc),*]
                    ),)+
                ]
            }
        }

        impl crate::protobuf::Fields for EnvelopeSlots {
            #[inline]
            fn read_in_order(
                &mut self,
                reader: &mut crate::protobuf::Reader<'_>,
            ) -> Result<(), crate::protobuf::Fault> {
                reader.next($v_number, &mut self.v)?;
                $(reader.next($required_number, &mut self.$required)?;)+
                $(reader.next($optional_number, &mut self.$optional)?;)+
                $(reader.next($record_number, &mut self.$record)?;)+
                Ok(())
            }

            #[inline]
            fn read_field(
                &mut self,
                tag: crate::protobuf::Tag,
                reader: &mut crate::protobuf::Reader<'_>,
            ) -> Result<bool, crate::protobuf::Fault> {
                match tag.number {
                    $v_number => reader.field(tag, &mut self.v)?,
                    $($required_number => reader.field(tag, &mut self.$required)?,)+
                    $($optional_number => reader.field(tag, &mut self.$optional)?,)+
                    $($record_number => reader.field(tag, &mut self.$record)?,)+
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl crate::json::Pass for EnvelopeSlots {
            fn pass(&mut self, cursor: &mut crate::json::Cursor<'_>) -> Option<()> {
                cursor.field("\"v\":", &mut self.v)?;
                $(cursor.field(concat!("\"", stringify!($required), "\":"), &mut self.$required)?;)+
                cursor.field("\"type\":", &mut self.event_type)?;
                $(cursor.field(concat!("\"", stringify!($optional), "\":"), &mut self.$optional)?;)+
                $(cursor.field(concat!("\"", stringify!($record), "\":"), &mut self.$record)?;)+
                Some(())
            }
        }
    };
}
pub(crate) use envelope;

/// Declares one type's own fields, and how an event of the type is decoded.
macro_rules! body {
    (
        {
            version $v_number:literal
            required { $($(#[$doc_1:meta])* $env_required:ident: $env_required_ty:ty = $n_1:literal),+ $(,)? }
            optional { $($(#[$doc_2:meta])* $env_optional:ident: $env_optional_ty:ty = $n_2:literal),+ $(,)? }
            records { $($(#[$doc_3:meta])* $env_record:ident: $env_record_ty:ty = $n_3:literal),+ $(,)? }
        }
        $(#[doc = $doc:literal])* $name:ident
        { $($required:ident: $required_ty:ty = $required_number:literal),* $(,)? }
        { $($optional:ident: $optional_ty:ty = $optional_number:literal),* $(,)? }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[allow(missing_docs, reason = "the contract's own table documents the fields")]
        pub struct $name {
            $(pub $required: $required_ty,)*
            $(#[serde(skip_serializing_if = "Option::is_none")] pub $optional: Option<$optional_ty>,)*
        }

        const _: () = {
            #[derive(serde::Deserialize, schemars::JsonSchema)]
            #[serde(deny_unknown_fields)]
            #[allow(dead_code, reason = "the version and the type are read only to be checked")]
            struct OnWire {
                v: crate::event::Version,
                $($env_required: $env_required_ty,)+
                #[serde(rename = "type")]
                event_type: EventType,
                $(#[serde(default, deserialize_with = "crate::context::present")]
                  $env_optional: Option<$env_optional_ty>,)+
                $(#[serde(default, deserialize_with = "crate::context::present_object")]
                  $env_record: Option<$env_record_ty>,)+
                $($required: $required_ty,)*
                $(#[serde(default, deserialize_with = "crate::context::present")]
                  $optional: Option<$optional_ty>,)*
            }

            crate::declare::slots! {
                $(#[doc = $doc])* $name
                { $($required: $required_ty = $required_number),* }
                { $($optional: $optional_ty = $optional_number),* }
            }

            impl Wire for $name {
                type Slots = Slots;
                const HAS_LIST: bool = false
                    $(|| <$required_ty as crate::protobuf::Value>::IS_LIST)*
                    $(|| <$optional_ty as crate::protobuf::Value>::IS_LIST)*;

                fn decode(text: &str) -> serde_json::Result<Event> {
                    let wire: OnWire = serde_json::from_str(text)?;
                    Ok(Event {
                        $($env_required: wire.$env_required,)+
                        $($env_optional: wire.$env_optional,)+
                        $($env_record: wire.$env_record,)+
                        body: Body::$name($name {
                            $($required: wire.$required,)*
                            $($optional: wire.$optional,)*
                        }),
                    })
                }

                fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    <OnWire as schemars::JsonSchema>::json_schema(generator)
                }
            }
        };
    };
}
pub(crate) use body;

/// Declares records whose every field is optional, absent rather than null.
macro_rules! sparse {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident { $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty = $number:literal),+ $(,)? }
    )+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {$(
            $(#[doc = $field_doc])*
            #[serde(
                default,
                deserialize_with = "crate::context::present",
                skip_serializing_if = "Option::is_none"
            )]
            pub $field: Option<$ty>,
        )+}

        const _: () = {
            crate::declare::slots! {
                $(#[doc = $doc])* $name {} { $($(#[doc = $field_doc])* $field: $ty = $number),+ }
            }

            impl crate::json::Value for $name {
                fn read(cursor: &mut crate::json::Cursor<'_>) -> Option<Self> {
                    cursor.object::<Slots>()
                }
            }
        };
    )+};
}
pub(crate) use sparse;

/// Declares `Slots`: a record's fields while it is being read, each absent or read once; and the record as a message.
macro_rules! slots {
    (
        $(#[doc = $doc:literal])* $record:ident
        { $($required:ident: $required_ty:ty = $required_number:literal),* }
        { $($(#[doc = $optional_doc:literal])* $optional:ident: $optional_ty:ty = $optional_number:literal),* }
    ) => {
        #[derive(Default)]
        struct Slots {
            $($required: Option<$required_ty>,)*
            $($optional: Option<$optional_ty>,)*
        }

        impl crate::json::Slots for Slots {
            type Record = $record;

            fn record(self) -> Option<$record> {
                Some($record {
                    $($required: self.$required?,)*
                    $($optional: self.$optional,)*
                })
            }
        }

        impl crate::json::Pass for Slots {
            #[allow(unused_variables, reason = "a record may have no fields")]
            fn pass(&mut self, cursor: &mut crate::json::Cursor<'_>) -> Option<()> {
                $(cursor.field(concat!("\"", stringify!($required), "\":"), &mut self.$required)?;)*
                $(cursor.field(concat!("\"", stringify!($optional), "\":"), &mut self.$optional)?;)*
                Some(())
            }
        }

        impl crate::protobuf::Fields for Slots {
            #[allow(unused_variables, reason = "a record may have no fields")]
            fn read_in_order(
                &mut self,
                reader: &mut crate::protobuf::Reader<'_>,
            ) -> Result<(), crate::protobuf::Fault> {
                $(reader.next($required_number, &mut self.$required)?;)*
                $(reader.next($optional_number, &mut self.$optional)?;)*
                Ok(())
            }

            #[allow(unused_variables, unreachable_code, reason = "a record may have no fields")]
            fn read_field(
                &mut self,
                tag: crate::protobuf::Tag,
                reader: &mut crate::protobuf::Reader<'_>,
            ) -> Result<bool, crate::protobuf::Fault> {
                match tag.number {
                    $($required_number => reader.field(tag, &mut self.$required)?,)*
                    $($optional_number => reader.field(tag, &mut self.$optional)?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl crate::protobuf::Value for $record {
            const WIRE_TYPE: crate::protobuf::WireType = crate::protobuf::WireType::Bytes;

            fn read(reader: &mut crate::protobuf::Reader<'_>) -> Result<Self, crate::protobuf::Fault> {
                crate::protobuf::message::<Slots>(&mut reader.message()?)
            }

            #[allow(unused_variables, reason = "a record may have no fields")]
            fn write(&self, out: &mut Vec<u8>) {
                crate::protobuf::write_message(out, |out| {
                    $(crate::protobuf::write_field($required_number, &self.$required, out);)*
                    $(crate::protobuf::write_present($optional_number, &self.$optional, out);)*
                });
            }

            fn define(definitions: &mut crate::protobuf::Definitions) -> &'static str {
                definitions.add(stringify!($record), |definitions| {
                    let _ = &definitions;
                    crate::protobuf::message_text(stringify!($record), &[$($doc),*], &[
                        $(crate::declare::field!(
                            definitions, $required: $required_ty = $required_number, true, []
                        ),)*
                        $(crate::declare::field!(
                            definitions, $optional: $optional_ty = $optional_number, false, [$($optional_doc),*]
                        ),)*
                    ])
                })
            }
        }
    };
}
pub(crate) use slots;

/// One field as the `.proto` has it.
macro_rules! field {
    ($definitions:ident, $name:ident: $ty:ty = $number:literal, $is_required:literal, [$($doc:literal),*]) => {
        crate::protobuf::Field {
            name: stringify!($name),
            number: $number,
            type_name: <$ty as crate::protobuf::Value>::define($definitions),
            is_list: <$ty as crate::protobuf::Value>::IS_LIST,
            is_required: $is_required,
            doc: &[$($doc),*],
        }
    };
}
pub(crate) use field;
