//! The verdicts of others: signatures of Wycheproof and ed25519-speccheck, CBOR of RFC 8949 and IPLD, COSE of its working group, ZIP files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use litopys::PublicKey;
use litopys::statement::SignedStatement;
use litopys::store::zip::{BundleError, BundleStore};
use serde_json::Value;
use sha2::{Digest, Sha512};
use support::cbor::is_profile;
use support::data::{files_below, shared};

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn unhex(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Ours, which has to be that of `verify_strict`.
fn verdict(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), signature.try_into()) else { return false };
    let ours = PublicKey::from_bytes(key).is_ok_and(|key| key.verify(message, signature).is_ok());
    let strict = VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok());
    assert_eq!(ours, strict, "key {key:02x?}, signature {signature:02x?}");
    ours
}

#[test]
fn wycheproof_signatures() {
    let Some(path) = shared("crypto/wycheproof/testvectors_v1/ed25519_test.json") else { return };
    let mut count = 0;
    for group in json(&path)["testGroups"].as_array().unwrap() {
        let key = unhex(&group["publicKey"]["pk"]);
        for test in group["tests"].as_array().unwrap() {
            let ours = verdict(&key, &unhex(&test["msg"]), &unhex(&test["sig"]));
            assert_eq!(ours, test["result"] == "valid", "{test}");
            count += 1;
        }
    }
    assert_eq!(count, 151);
}

#[test]
fn speccheck_signatures() {
    let Some(folder) = shared("crypto/ed25519-speccheck") else { return };
    let table = fs::read_to_string(folder.join("results.md")).unwrap();
    let strict = table.lines().find(|line| line.starts_with("|Dalek strict")).unwrap();
    let expected: Vec<_> = strict.split('|').skip(2).map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let cases = json(&folder.join("cases.json"));
    let cases = cases.as_array().unwrap();
    assert_eq!((cases.len(), expected.len()), (12, 12));
    for (case, expected) in cases.iter().zip(expected) {
        let ours = verdict(&unhex(&case["pub_key"]), &unhex(&case["message"]), &unhex(&case["signature"]));
        assert_eq!(ours, expected == "V", "{case}");
    }
}

/// The points of small order of format.md, section 5, as key, as R, and as both.
#[test]
fn small_orders() {
    let format = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format.md")).unwrap();
    let listed = format.lines().filter_map(|line| line.trim().strip_prefix('`')?.get(..64));
    let listed = listed.filter(|text| text.bytes().all(|c| c.is_ascii_hexdigit()));
    let points: Vec<_> = listed.map(|hex| unhex(&hex.into())).collect();
    assert_eq!(points.len(), 8);
    for key in &points {
        assert!(PublicKey::from_bytes(key.as_slice().try_into().unwrap()).is_err());
        for r in &points {
            assert!(!verdict(key, b"any message", &[r.as_slice(), &[0; 32]].concat()));
        }
    }
    let secret = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let key = secret.verifying_key().to_bytes();
    let good = ed25519_dalek::Signer::sign(&secret, b"message").to_bytes();
    assert!(verdict(&key, b"message", &good));
    for r in &points {
        assert!(!verdict(&key, b"message", &[r, &good[32..]].concat()));
    }
}

/// S + L is the same scalar by another name, which the library itself takes where its feature `legacy_compatibility` is on (CI tries both).
#[test]
fn a_scalar_has_one_name() {
    let secret = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let key = PublicKey::from_bytes(&secret.verifying_key().to_bytes()).unwrap();
    let order = b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
    for message in 0..64_u8 {
        let mut signature = ed25519_dalek::Signer::sign(&secret, &[message]).to_bytes();
        key.verify(&[message], &signature).unwrap();
        let mut carry = 0;
        for (digit, more) in signature[32..].iter_mut().zip(order) {
            carry += u16::from(*digit) + u16::from(*more);
            [*digit, _] = carry.to_le_bytes();
            carry >>= 8;
        }
        assert!(key.verify(&[message], &signature).is_err());
    }
}

/// Signatures whose equation holds although their R is of small order, for each such R: by a key of mixed order, whose owner can make them.
#[test]
fn small_orders_of_which_the_equation_holds() {
    let secret = Scalar::from_bytes_mod_order([7; 32]);
    let key = EdwardsPoint::mul_base(&secret) + EIGHT_TORSION[1];
    let encoded = key.compress().to_bytes();
    let plain = VerifyingKey::from_bytes(&encoded).unwrap();
    for r in EIGHT_TORSION.map(|point| point.compress().to_bytes()) {
        let mut held = 0;
        for message in (0..64_u8).map(|byte| [byte]) {
            let k = Sha512::new().chain_update(r).chain_update(encoded).chain_update(message).finalize();
            let s = Scalar::from_bytes_mod_order_wide(&k.into()) * secret;
            let signature = [r, s.to_bytes()].concat();
            held += usize::from(plain.verify(&message, &Signature::from_slice(&signature).unwrap()).is_ok());
            assert!(!verdict(&encoded, &message, &signature));
        }
        assert!(held > 0, "{r:02x?}");
    }
}

/// That our validator and the long way round agree.
fn accepted(bytes: &[u8]) -> bool {
    for integer_keys in [false, true] {
        let (ours, other) = (litopys::fuzzing::is_profile(bytes, integer_keys), is_profile(bytes, integer_keys));
        assert_eq!(ours, other, "{bytes:02x?}");
    }
    litopys::fuzzing::is_profile(bytes, false)
}

#[test]
fn cbor_of_rfc_8949() {
    let Some(path) = shared("crypto/cbor/appendix_a.json") else { return };
    let cases = json(&path);
    let cases = cases.as_array().unwrap();
    let yes: Vec<_> = cases.iter().filter(|case| accepted(&unhex(&case["hex"]))).collect();
    assert_eq!((cases.len(), yes.len()), (82, 23));
    for case in yes {
        assert_eq!(case["roundtrip"], true, "{case}");
    }
}

#[test]
fn cbor_that_is_deep() {
    for opening in [&b"\x81"[..], b"\xa1\x61a"] {
        for depth in 0..20 {
            let bytes = [opening.repeat(depth), vec![1]].concat();
            assert_eq!(accepted(&bytes), depth <= 8);
        }
    }
}

#[test]
fn cbor_of_ipld() {
    let Some(folder) = shared("crypto/ipld-fixtures") else { return };
    let files = files_below(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "dag-cbor"));
    let files: Vec<_> = files.map(|file| fs::read(file).unwrap()).collect();
    let yes = files.iter().filter(|bytes| accepted(bytes)).count();
    assert_eq!((files.len(), yes), (128, 36));
    // Cut short or changed, they keep the two in step.
    for file in files.iter().filter(|bytes| bytes.len() < 300) {
        for at in 0..file.len() {
            accepted(&file[..at]);
            let mut changed = file.clone();
            for mask in [1, 0x20, 0x80, 0xff] {
                changed[at] = file[at] ^ mask;
                accepted(&changed);
            }
        }
    }
}

#[test]
fn cose_of_its_working_group() {
    let Some(folder) = shared("crypto/cose-examples") else { return };
    let mut count = 0;
    for file in files_below(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "json")) {
        let example = json(&file);
        if example["output"]["cbor"].is_string() {
            // Well-formed COSE, but none of it of this format.
            assert!(SignedStatement::parse(unhex(&example["output"]["cbor"])).is_err(), "{}", file.display());
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn zip_files_of_other_programs_are_refused() {
    let Some(folder) = shared("zip") else { return };
    let mut count = 0;
    for path in files_below(&folder) {
        if path.extension().is_some_and(|end| end == "zip") {
            count += 1;
            let store = BundleStore::open(fs::read(&path).unwrap());
            assert!(matches!(store, Err(BundleError::Structure { .. })), "{}", path.display());
        }
    }
    assert!(count > 0);
}
