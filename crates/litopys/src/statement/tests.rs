use super::*;
use crate::key::SecretKey;
use crate::{ArticleUrn, FileDigest};

fn key() -> SecretKey {
    SecretKey::from_seed(&[3; 32])
}

fn origin() -> Origin {
    "test.example".parse().unwrap()
}

fn version(version: u64, previous: Option<StatementId>) -> Payload {
    Payload::Article(ArticleVersion {
        article: ArticleUrn::from_random([5; 16]),
        version,
        previous,
        manifest: ManifestRef { size: 300, sha256: FileDigest::of(b"manifest") },
        authority: StatementId::of(b"charter"),
    })
}

fn pending() -> Pending {
    Pending::new(key().public_key().clone(), &origin(), &version(1, None)).unwrap()
}

/// The statement with its protected header changed, signed anew.
fn signed_with(change: impl FnOnce(&mut Vec<u8>)) -> SignedStatement {
    let mut pending = pending();
    change(&mut pending.protected);
    pending.sign(&key()).unwrap()
}

fn replace(bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes.splice(at..at + from.len(), to.iter().copied());
}

#[test]
fn a_statement_is_the_cose_sign1_that_the_format_gives() {
    let signed = pending().sign(&key()).unwrap();
    let bytes = signed.as_bytes();
    assert_eq!(bytes[..2], [0xd2, 0x84]);
    let parts = Parts::parse(bytes).unwrap();
    assert_eq!(parts.protected[..5], [0xa4, 0x01, 0x27, 0x03, 0x78]);
    assert_eq!((parts.iss, parts.content_type), ("test.example", ARTICLE));
    assert_eq!(parts.kid, key().public_key().as_bytes());
    let message = pending().to_sign();
    assert_eq!(message[..12], *b"\x84\x6aSignature1");
    key().public_key().verify(&message, parts.signature).unwrap();
    let verified = signed.verify().unwrap();
    assert_eq!((verified.id(), verified.payload()), (StatementId::of(bytes), &version(1, None)));
}

#[test]
fn a_signature_that_is_not_the_keys_is_refused_at_both_ends() {
    assert!(matches!(pending().complete(&[1; 64]), Err(SignError::Wrong)));
    let mut bytes = pending().sign(&key()).unwrap().as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(SignedStatement::parse(bytes).unwrap().verify(), Err(StatementError::Signature(BadSignature)));
}

#[test]
fn a_signer_with_another_key_or_a_broken_device_signs_nothing() {
    struct Broken(SecretKey);
    impl Signer for Broken {
        fn public_key(&self) -> &PublicKey {
            self.0.public_key()
        }

        fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignError> {
            Ok([7; 64])
        }
    }
    assert!(matches!(pending().sign(&Broken(key())), Err(SignError::Wrong)));
    assert!(matches!(pending().sign(&SecretKey::from_seed(&[4; 32])), Err(SignError::Wrong)));
}

#[test]
fn the_algorithm_is_eddsa_by_either_number_and_no_other() {
    let newer = signed_with(|header| replace(header, &[0x01, 0x27], &[0x01, 0x32]));
    assert!(newer.verify().is_ok());
    let mut bytes = pending().sign(&key()).unwrap().as_bytes().to_vec();
    replace(&mut bytes, &[0x01, 0x27, 0x03], &[0x01, 0x26, 0x03]);
    assert_eq!(SignedStatement::parse(bytes), Err(StatementError::UnknownAlgorithm(-7)));
}

#[test]
fn an_unknown_kind_is_told_apart_from_a_malformed_type() {
    let other = signed_with(|header| replace(header, b".article+", b".recipes+"));
    assert_eq!(other.verify(), Err(StatementError::UnknownKind("application/vnd.litopys.recipes+cbor".into())));
    let malformed = signed_with(|header| replace(header, b"vnd.litopys", b"vnd.LITOPYS"));
    assert!(matches!(malformed.verify(), Err(StatementError::Shape(_))));
    let forged = signed_with(|header| replace(header, b".article+", b".recipes+")).as_bytes().to_vec();
    let forged = [&forged[..forged.len() - 1], &[forged[forged.len() - 1] ^ 1]].concat();
    assert!(matches!(SignedStatement::parse(forged).unwrap().verify(), Err(StatementError::Signature(_))));
}

#[test]
fn versions_are_numbered_from_one_and_only_later_ones_have_a_previous() {
    let make = |payload| Pending::new(key().public_key().clone(), &origin(), &payload).map(drop);
    assert_eq!(make(version(0, None)), Err(PayloadError::Version(0)));
    assert_eq!(make(version(2, None)), Err(PayloadError::Version(2)));
    assert_eq!(make(version(1, Some(StatementId::of(b"")))), Err(PayloadError::Version(1)));
    assert_eq!(make(version(2, Some(StatementId::of(b"")))), Ok(()));
}

#[test]
fn every_prefix_and_every_byte_after_the_end_is_refused() {
    let bytes = pending().sign(&key()).unwrap().as_bytes().to_vec();
    for end in 0..bytes.len() {
        assert!(SignedStatement::parse(&bytes[..end]).is_err(), "{end}");
    }
    assert!(SignedStatement::parse([&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn no_flipped_bit_verifies() {
    let bytes = pending().sign(&key()).unwrap().as_bytes().to_vec();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << bit;
            assert!(
                SignedStatement::parse(bad).and_then(|statement| statement.verify()).is_err(),
                "byte {at} bit {bit}"
            );
        }
    }
}

#[test]
fn a_statement_is_no_longer_than_an_entry_tile_can_say() {
    // What follows is judged only where the length is right.
    let long = |len: usize| SignedStatement::parse(vec![0xd2; len]).unwrap_err();
    assert!(matches!(long(limits::STATEMENT), StatementError::Cbor(_)));
    assert!(matches!(long(limits::STATEMENT + 1), StatementError::Shape(_)));
}

#[test]
fn a_log_of_strangers_keys_costs_no_memory() {
    let founder = key().public_key().clone();
    let mut cache = KeyCache::new([founder.clone()]);
    for seed in 0..200 {
        let stranger = SecretKey::from_seed(&[seed; 32]).public_key().clone();
        assert_eq!(cache.get(stranger.as_bytes()), Ok(&stranger));
    }
    assert!(cache.0.len() <= limits::CHARTER_KEYS + 1 && cache.0[0] == founder);
}
