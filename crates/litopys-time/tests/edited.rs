//! Tokens that no authority's software makes: what is refused before a signature is looked at.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../../../tests/support/der.rs"]
mod der;

use litopys_time::{Token, TokenFault};

const GOOD: &[u8] = include_bytes!("../../../tests/vectors/generator/tokens/good.tsr");
/// What is signed, the certificates, and the signed attributes.
const TIME: &[usize] = &[1, 1, 0, 2, 1, 0, 0];
const CERTIFICATES: &[usize] = &[1, 1, 0, 3];
const ATTRIBUTES: &[usize] = &[1, 1, 0, 4, 0, 3];

fn append(path: &[usize], extra: &[u8]) -> Result<Token, TokenFault> {
    Token::from_response(&der::append(GOOD, der::item(GOOD, path), extra))
}

/// The attribute of this kind, by the last byte of its name below PKCS #9.
fn attribute(kind: u8) -> (usize, &'static [u8]) {
    let found = (0..4).map(|nth| der::item(GOOD, &[ATTRIBUTES, &[nth]].concat())).find(|at| {
        let name = der::item(&GOOD[*at..], &[0]);
        der::bytes(&GOOD[*at..], name).ends_with(&[1, 9, kind])
    });
    (found.unwrap(), der::bytes(GOOD, found.unwrap()))
}

#[test]
fn a_time_of_another_version_or_with_a_critical_extension_is_not_understood() {
    let mut later = GOOD.to_vec();
    later[der::item(GOOD, &[TIME, &[0]].concat()) + 2] = 2;
    assert!(matches!(Token::from_response(&later), Err(TokenFault::Unsupported { .. })));
    let critical = b"\xa1\x0c\x30\x0a\x06\x03\x2a\x03\x04\x01\x01\xff\x04\x00";
    assert!(matches!(append(TIME, critical), Err(TokenFault::Unsupported { .. })));
    let plain = b"\xa1\x09\x30\x07\x06\x03\x2a\x03\x04\x04\x00";
    assert!(append(TIME, plain).is_ok());
}

#[test]
fn a_time_is_written_as_der_has_it() {
    let at = der::item(GOOD, &[TIME, &[4]].concat());
    let read = |time: &[u8; 15]| {
        let mut other = GOOD.to_vec();
        other[at + 2..at + 17].copy_from_slice(time);
        Token::from_response(&other)
    };
    assert_eq!(read(b"20300102030405Z").unwrap().claimed_time(), 1_893_553_445);
    for bad in [
        b"20301302030405Z",
        b"20300102036005Z",
        b"2030010203040AZ",
        b"203001020304+1Z",
        b"2030010203.405Z",
        b"2030010203040.Z",
        b"20300102030405+",
    ] {
        assert!(matches!(read(bad), Err(TokenFault::Malformed { .. })), "{}", String::from_utf8_lossy(bad));
    }
}

#[test]
fn a_token_holds_no_more_than_16_certificates() {
    let own = der::bytes(GOOD, der::item(GOOD, &[CERTIFICATES, &[0]].concat()));
    assert!(append(CERTIFICATES, &own.repeat(15)).is_ok());
    assert!(matches!(append(CERTIFICATES, &own.repeat(16)), Err(TokenFault::Malformed { .. })));
}

#[test]
fn attributes_are_of_a_time_and_none_stands_there_twice() {
    let (kind, content_type) = attribute(3);
    let mut other = GOOD.to_vec();
    other[kind + content_type.len() - 1] ^= 1;
    assert!(matches!(Token::from_response(&other), Err(TokenFault::Malformed { .. })));
    let (_, signing_time) = attribute(5);
    assert!(append(ATTRIBUTES, signing_time).is_ok(), "nobody asks for it");
    for (_, twice) in [attribute(3), attribute(4)] {
        assert!(matches!(append(ATTRIBUTES, twice), Err(TokenFault::Malformed { .. })));
    }
}
