//! From the list in `types.rs` to code: what each encoding needs of a record and its fields.
//!
//! Every macro here takes fields as `name: Type = number`. A field's name is its name in JSON, its number the one
//! in protobuf; whatever reads or writes a field is made from these and from the field's type.

mod envelope;
mod record;

pub(crate) use envelope::envelope;
pub(crate) use record::{field, slots, sparse};

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

            /// Reads a body of this type in Protocol Buffers, which completes the event.
            pub(crate) fn read_body(
                self,
                reader: &mut crate::protobuf::Reader<'_>,
                envelope: &mut EnvelopeSlots,
                now: crate::Millis,
                refuse: impl Fn(crate::event::Fault) -> Result<Event, crate::Reject>,
            ) -> Result<Event, crate::Reject> {
                match self {
                    $(EventType::$name => match crate::protobuf::message::<<$name as Wire>::Slots>(reader) {
                        Ok(own) => envelope.event(Body::$name(own), now, refuse),
                        Err(fault) => refuse(fault),
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
                now: crate::Millis,
                refuse: impl FnOnce(crate::event::Fault) -> Result<Event, crate::Reject>,
            ) -> Result<Event, crate::Reject> {
                match self {
                    $(EventType::$name => match cursor.both_to_end::<<$name as Wire>::Slots, _>(envelope) {
                        Some(own) => envelope.event(Body::$name(own), now, refuse),
                        None => refuse(crate::json::DOUBT),
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
