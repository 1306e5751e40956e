//! Whatever the bytes, protobuf gives a refusal or an event that both encodings carry unchanged.

#![no_main]

use events::{decode, decode_protobuf};
use libfuzzer_sys::fuzz_target;

const NOW: u64 = 1_750_000_000_000;

fuzz_target!(|bytes: &[u8]| {
    match decode_protobuf(bytes, NOW) {
        Ok(event) => {
            let (json, binary) = (event.to_json(), event.to_protobuf());
            assert_eq!(decode(json.as_bytes(), NOW).map(|e| e.to_json()).as_ref(), Ok(&json));
            assert_eq!(decode_protobuf(&binary, NOW).map(|e| e.to_json()), Ok(json));
        }
        Err(reject) => assert!(reject.position <= reject.length && reject.length == bytes.len()),
    }
});
