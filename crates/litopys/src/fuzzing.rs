//! Ways in for fuzzers and for the tests at the top of the repository: not part of the interface, and free to change.

use crate::cbor::{Keys, validate};

/// Whether these bytes are one item of the CBOR profile, with text or integers as keys of maps.
pub fn is_profile(bytes: &[u8], integer_keys: bool) -> bool {
    validate(bytes, if integer_keys { Keys::Integer } else { Keys::Text }).is_ok()
}
