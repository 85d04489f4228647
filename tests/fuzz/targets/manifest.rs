//! A manifest that can be decoded is encoded anew to the bytes received.
#![no_main]

#[path = "../../support/cbor.rs"]
mod cbor;

use libfuzzer_sys::fuzz_target;
use litopys::{Manifest, fuzzing};

fuzz_target!(|data: &[u8]| {
    let profile = fuzzing::is_profile(data, false);
    assert_eq!(profile, cbor::is_profile(data, false));
    if let Ok(manifest) = Manifest::decode(data) {
        assert!(profile);
        assert_eq!(manifest.encode().unwrap(), data);
    }
});
