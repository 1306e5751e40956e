//! Records: what an account, a pair or a body is made of.

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
            ) -> Result<(), crate::event::Fault> {
                $(reader.next($required_number, &mut self.$required)?;)*
                $(reader.next($optional_number, &mut self.$optional)?;)*
                Ok(())
            }

            #[allow(unused_variables, unreachable_code, reason = "a record may have no fields")]
            fn read_field(
                &mut self,
                tag: crate::protobuf::Tag,
                reader: &mut crate::protobuf::Reader<'_>,
            ) -> Result<bool, crate::event::Fault> {
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

            fn read(reader: &mut crate::protobuf::Reader<'_>) -> Result<Self, crate::event::Fault> {
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
