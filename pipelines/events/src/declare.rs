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
            $(#[$doc:meta])*
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
                        Some(own) => envelope.event(Body::$name(own)),
                        None => crate::json::DOUBT,
                    })+
                }
            }
        }

        /// What is particular to an event's type.
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(untagged)]
        pub enum Body { $($(#[$doc])* $name($name)),+ }

        impl Body {
            /// The type that this body belongs to.
            pub const fn event_type(&self) -> EventType {
                match self { $(Body::$name(_) => EventType::$name),+ }
            }
        }

        /// How one type of event stands on the wire.
        trait Wire: Sized {
            type Slots: crate::json::Slots<Record = Self>;
            fn decode(text: &str) -> serde_json::Result<Event>;
            fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema;
        }

        crate::declare::envelope! $envelope
        $( crate::declare::body! { $envelope $(#[$doc])* $name $required $optional } )+
    };
}
pub(crate) use event_types;

/// Declares [`crate::Event`], its JSON, and the envelope while it is being read.
macro_rules! envelope {
    (
        version $v_number:literal
        required { $($(#[$required_doc:meta])* $required:ident: $required_ty:ty = $required_number:literal),+ $(,)? }
        optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_ty:ty = $optional_number:literal),+ $(,)? }
        records { $($(#[$record_doc:meta])* $record:ident: $record_ty:ty = $record_number:literal),+ $(,)? }
    ) => {
        /// Who did what to whom, when, and how they found each other. Never what they said.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Event {
            $($(#[$required_doc])* pub $required: $required_ty,)+
            $($(#[$optional_doc])* pub $optional: Option<$optional_ty>,)+
            $($(#[$record_doc])* pub $record: Option<$record_ty>,)+
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
            /// The event, where the envelope is whole and says the type that the body has.
            #[inline(always)]
            pub(crate) fn event(&mut self, body: Body) -> Result<Event, crate::Reject> {
                let (Some(_), Some(event_type)) = (self.v, self.event_type) else { return crate::json::DOUBT };
                if event_type != body.event_type() {
                    return crate::json::DOUBT;
                }
                Ok(Event {
                    $($required: match self.$required.take() {
                        Some(value) => value,
                        None => return crate::json::DOUBT,
                    },)+
                    $($optional: self.$optional.take(),)+
                    $($record: self.$record.take(),)+
                    body,
                })
            }

            pub(crate) fn event_type(&self) -> Option<EventType> {
                self.event_type
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
        $(#[$doc:meta])* $name:ident
        { $($required:ident: $required_ty:ty = $required_number:literal),* $(,)? }
        { $($optional:ident: $optional_ty:ty = $optional_number:literal),* $(,)? }
    ) => {
        $(#[$doc])*
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
                $name { $($required: $required_ty = $required_number),* }
                { $($optional: $optional_ty = $optional_number),* }
            }

            impl Wire for $name {
                type Slots = Slots;

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
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty = $number:literal),+ $(,)? }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {$(
            $(#[$field_doc])*
            #[serde(
                default,
                deserialize_with = "crate::context::present",
                skip_serializing_if = "Option::is_none"
            )]
            pub $field: Option<$ty>,
        )+}

        const _: () = {
            crate::declare::slots! { $name {} { $($field: $ty = $number),+ } }

            impl crate::json::Value for $name {
                fn read(cursor: &mut crate::json::Cursor<'_>) -> Option<Self> {
                    cursor.object::<Slots>()
                }
            }
        };
    )+};
}
pub(crate) use sparse;

/// Declares `Slots`: a record's fields while it is being read, each absent or read once.
macro_rules! slots {
    (
        $record:ident
        { $($required:ident: $required_ty:ty = $required_number:literal),* }
        { $($optional:ident: $optional_ty:ty = $optional_number:literal),* }
    ) => {
        #[derive(Default)]
        struct Slots {
            $($required: Option<$required_ty>,)*
            $($optional: Option<$optional_ty>,)*
        }

        impl crate::json::Pass for Slots {
            #[allow(unused_variables, reason = "a record may have no fields")]
            fn pass(&mut self, cursor: &mut crate::json::Cursor<'_>) -> Option<()> {
                $(cursor.field(concat!("\"", stringify!($required), "\":"), &mut self.$required)?;)*
                $(cursor.field(concat!("\"", stringify!($optional), "\":"), &mut self.$optional)?;)*
                Some(())
            }
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
    };
}
pub(crate) use slots;
