//! The envelope: what every event has.

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
            /// The event, where the envelope is whole, is of the body's type and names the accounts that it should.
            ///
            /// It is made where it is given, and what is wrong is sought before: an event is large, and to move it
            /// costs a tenth of its decoding.
            #[inline(always)]
            pub(crate) fn event(
                &mut self,
                body: Body,
                now: crate::Millis,
                refuse: impl FnOnce(crate::event::Fault) -> Result<Event, crate::Reject>,
            ) -> Result<Event, crate::Reject> {
                if let Some(fault) = self.fault(body.event_type(), body.names_group(), now) {
                    return refuse(fault);
                }
                Ok(Event {
                    $($required: match self.$required.take() {
                        Some(value) => value,
                        None => return refuse(crate::event::Fault::missing(stringify!($required))),
                    },)+
                    $($optional: self.$optional.take(),)+
                    $($record: self.$record.take(),)+
                    body,
                })
            }

            #[inline(never)]
            fn fault(&self, event_type: EventType, group: bool, now: crate::Millis) -> Option<crate::event::Fault> {
                if self.v.is_none() {
                    return Some(crate::event::Fault::missing("v"));
                }
                $(if self.$required.is_none() {
                    return Some(crate::event::Fault::missing(stringify!($required)));
                })+
                if self.event_type != Some(event_type) {
                    return Some(crate::event::Fault::missing("type"));
                }
                let named = crate::event::Named { actor: self.actor.is_some(), target: self.target.is_some(), group };
                let misplaced = event_type.parties().misplaced(named);
                misplaced.or_else(|| self.ts.and_then(|ts| crate::event::ahead_of(ts, now)))
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
            ) -> Result<(), crate::event::Fault> {
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
            ) -> Result<bool, crate::event::Fault> {
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
