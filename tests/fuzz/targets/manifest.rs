//! A manifest that can be decoded is encoded anew to the bytes received, and is what another library reads in them.
#![no_main]

#[path = "../../support/cbor.rs"]
mod cbor;

use libfuzzer_sys::fuzz_target;
use litopys::manifest::ManifestError;
use litopys::{Manifest, fuzzing};

fuzz_target!(|data: &[u8]| {
    let profile = fuzzing::is_profile(data, false);
    assert_eq!(profile, cbor::is_profile(data, false));
    let mut rest = data;
    let other = ciborium::from_reader::<Manifest, _>(&mut rest).ok().filter(|_| profile && rest.is_empty());
    match Manifest::decode(data) {
        Ok(manifest) => {
            assert_eq!(manifest.encode().unwrap(), data);
            assert_eq!(other, Some(manifest));
        }
        Err(ManifestError::Cbor(_)) => assert_eq!(other, None),
        // It breaks a rule that isn't one of types.
        Err(_) => assert!(profile),
    }
});
