//! The two encodings of an event, as one choice.

use crate::words::words;
use crate::{Event, Millis, Reject, decode, decode_protobuf};

words! {
    /// How an event is written.
    Encoding { Json = "json", Protobuf = "protobuf" }
}

impl Encoding {
    /// Reads an event.
    ///
    /// # Errors
    /// Where the contract refuses it. Both encodings admit the same events.
    pub fn decode(self, bytes: &[u8], now: Millis) -> Result<Event, Reject> {
        match self {
            Encoding::Json => decode(bytes, now),
            Encoding::Protobuf => decode_protobuf(bytes, now),
        }
    }
}
