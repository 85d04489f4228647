//! Signatures and keys that some libraries take.

use super::small;
use crate::Set;
use crate::archive::Stage;
use crate::keys::{ARCHIVIST, IDENTITY, LOG, STRANGER, add_order, point};

const LAST: usize = 2;

/// The encodings of the points of small order, by name.
fn small_order() -> Vec<(&'static str, [u8; 32])> {
    let parse = |text: &str| -> [u8; 32] {
        let bytes: Vec<_> = (0..32).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect();
        bytes.try_into().unwrap()
    };
    vec![
        ("order-1", IDENTITY),
        ("order-2", point(0xec, 0xff, 0x7f)),
        ("order-4", point(0, 0, 0)),
        ("order-4-minus", point(0, 0, 0x80)),
        ("order-8-a", parse("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
        ("order-8-b", parse("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")),
        ("order-8-c", parse("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
        ("order-8-d", parse("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")),
    ]
}

/// Encodings that are not canonical, or of no point.
fn bad_points() -> Vec<(&'static str, &'static str, [u8; 32])> {
    vec![
        ("identity-plus-p", "the neutral element with y = p + 1", point(0xee, 0xff, 0x7f)),
        ("identity-sign", "the neutral element with the sign bit set", point(1, 0, 0x80)),
        ("order-2-sign", "the point of order 2 with the sign bit set", point(0xec, 0xff, 0xff)),
        ("order-4-plus-p", "a point of order 4 with y = p", point(0xed, 0xff, 0x7f)),
        ("y-plus-p", "y = p + 3, a point of large order in a second encoding", point(0xf0, 0xff, 0x7f)),
        ("not-on-curve", "y = 2, for which there is no x", point(2, 0, 0)),
        ("all-ones", "all bits set", [0xff; 32]),
    ]
}

pub(super) fn add(set: &mut Set) {
    let mut with = |name: &str, about: &str, edit: &dyn Fn(&[u8], &mut Vec<u8>)| {
        set.stage(&small(), LAST, &format!("signature/{name}"), "E040", about, |stage| {
            if let Stage::Signature(message, signature) = stage {
                edit(message, signature);
            }
        });
    };
    with("flip-r", "a bit of R was flipped", &|_, s| s[3] ^= 1);
    with("flip-s", "a bit of S was flipped", &|_, s| s[35] ^= 1);
    with("zero", "64 zeros", &|_, s| s.fill(0));
    with("halves-swapped", "R and S change places", &|_, s| s.rotate_left(32));
    with("other-key", "the signature of another key", &|m, s| *s = STRANGER.sign(m).into());
    with("other-message", "the signature over the payload alone", &|_, s| *s = ARCHIVIST.sign(b"payload").into());
    with("signature-context", "the signature of a COSE_Sign, over another context", &|m, s| {
        let other = [&b"\x85\x69Signature"[..], &m[12..]].concat();
        *s = ARCHIVIST.sign(&other).into();
    });
    with("with-external-data", "the signature over a byte of external data", &|m, s| {
        let at = m.len() - small().build().statements[LAST].len().min(m.len()) + 1;
        let mut other = m.to_vec();
        let at = other.iter().skip(at).position(|byte| *byte == 0x40).map_or(at, |found| at + found);
        other.splice(at..=at, [0x41, 0]);
        *s = ARCHIVIST.sign(&other).into();
    });
    with("prehashed", "the signature over the message's SHA-256", &|m, s| {
        *s = ARCHIVIST.sign(&crate::archive::sha256(m)).into();
    });
    with("s-plus-l", "S is not below L", &|_, s| add_order(s));
    with("s-largest", "S is 2^256 - 1", &|_, s| s[32..].fill(0xff));
    with("torsion-in-r", "R has a component of order 8: right by the cofactored equation alone", &|m, s| {
        *s = ARCHIVIST.sign_with_torsion_in_r(m).into();
    });
    for (name, r) in small_order() {
        let about = "R is of small order: right by the cofactored equation, and of order 1 by the other one too";
        with(&format!("r-{name}"), about, &move |m, s| *s = ARCHIVIST.sign_with_r(r, m).into());
    }
    for (name, about, r) in bad_points() {
        with(&format!("r-{name}"), &format!("R is {about}"), &move |m, s| *s = ARCHIVIST.sign_with_r(r, m).into());
    }

    let mut key = |name: &str, expected: &str, about: &str, kid: [u8; 32], sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        set.stage(&small(), LAST, &format!("signature/{name}"), expected, about, |stage| match stage {
            Stage::Header(header) => header.set(4, kid),
            Stage::Signature(message, signature) => *signature = sign(message),
            _ => {}
        });
    };
    let zero = |r: [u8; 32]| move |_: &[u8]| [r, [0; 32]].concat();
    let about = "key and R are the neutral element and S is 0, which browsers and Node take for any message";
    key("key-identity", "E041", about, IDENTITY, &zero(IDENTITY));
    for (name, point) in small_order().into_iter().skip(1) {
        let about = "the key is of small order, R the neutral element and S is 0";
        key(&format!("key-{name}"), "E041", about, point, &zero(IDENTITY));
    }
    for (name, about, point) in bad_points() {
        key(&format!("key-{name}"), "E041", &format!("the key is {about}"), point, &zero(IDENTITY));
    }
    let torsion = ARCHIVIST.public_with_torsion();
    let about = "a key with a component of order 8 and a signature that only the cofactored equation takes";
    key("key-torsion-cofactored", "E040", about, torsion, &|m| ARCHIVIST.sign_by_torsion_key(false, m).into());
    let about = "a key with a component of order 8, which the archive doesn't know: its signature verifies";
    key("key-torsion-unknown", "E071", about, torsion, &|m| ARCHIVIST.sign_by_torsion_key(true, m).into());
    key("key-of-log", "E072", "signed by the key that signs checkpoints", LOG.public(), &|m| LOG.sign(m).into());
    key("key-of-log-claimed", "E040", "the log's key is named, the archivist's signed", LOG.public(), &|m| {
        ARCHIVIST.sign(m).into()
    });
}
