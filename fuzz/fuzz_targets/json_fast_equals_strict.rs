//! `decode` is `decode_strict`, faster: the same event to the bit, or the same rule at the same position.

#![no_main]

use events::{Event, decode, decode_strict};
use libfuzzer_sys::fuzz_target;

const NOW: u64 = 1_750_000_000_000;

fuzz_target!(|bytes: &[u8]| {
    let (fast, strict) = (decode(bytes, NOW), decode_strict(bytes, NOW));
    assert_eq!(fast, strict);
    // Equality of floats takes 0.0 and -0.0 for the same; their text does not.
    assert_eq!(fast.as_ref().map(Event::to_json), strict.as_ref().map(Event::to_json));
    match fast {
        Ok(event) => {
            assert_eq!(decode(event.to_json().as_bytes(), NOW).as_ref(), Ok(&event));
        }
        Err(reject) => assert!(reject.position <= reject.length && reject.length == bytes.len()),
    }
});
