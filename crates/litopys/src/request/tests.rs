use super::*;
use crate::FileDigest;
use crate::charter::{Charter, CharterKey, KeyRole};
use crate::key::SecretKey;
use crate::manifest::{Change, FileEntry, Metadata, Role};
use crate::statement::{ArticleVersion, ManifestRef};
use crate::{ArticleUrn, StatementId};

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn version(article: u8, authority: u8) -> Unsigned {
    let file = FileEntry {
        path: "a.md".into(),
        role: Role::Capture,
        size: 3,
        media_type: "text/markdown".into(),
        sha256: FileDigest::of(b"abc"),
        original_name: None,
    };
    let at = "2026-11-28T07:00:00Z".parse().unwrap();
    let metadata = Metadata { title: Some("A title".into()), ..Metadata::default() };
    let manifest = Manifest::new("a".into(), Change::First, at, [3; 16], metadata, vec![file]).unwrap();
    let bytes = manifest.encode().unwrap();
    let payload = Payload::Article(ArticleVersion {
        article: ArticleUrn::from_random([article; 16]),
        version: 1,
        previous: None,
        manifest: ManifestRef { size: bytes.len() as u64, sha256: FileDigest::of(&bytes) },
        authority: StatementId::from_bytes([authority; 32]),
    });
    Unsigned::new(payload, Some(bytes)).unwrap()
}

fn request(statements: Vec<Unsigned>) -> Result<Request, RequestError> {
    let archive = StatementId::from_bytes([7; 32]).into();
    Request::new(archive, "test.example/archive".parse().unwrap(), "A test".into(), statements)
}

#[test]
fn requests_and_what_is_signed_read_back_to_the_byte() {
    let request = request(vec![version(1, 7), version(2, 7)]).unwrap();
    let bytes = request.encode().unwrap();
    let read = Request::decode(&bytes).unwrap();
    assert_eq!(read, request);
    assert_eq!(read.statements()[0].manifest().unwrap().title.as_deref(), Some("A title"));
    let signed = read.sign(&key()).unwrap();
    let bytes = signed.encode().unwrap();
    let read = Signed::decode(&bytes).unwrap();
    assert_eq!((&read, read.encode().unwrap()), (&signed, bytes));
    for (entry, unsigned) in read.entries().iter().zip(request.statements()) {
        assert_eq!(entry.statement.verify().unwrap().payload(), unsigned.payload());
    }
}

#[test]
fn what_is_shown_is_what_is_signed() {
    let bytes = request(vec![version(1, 7)]).unwrap().encode().unwrap();
    // A manifest that says something else than the payload commits to.
    let at = bytes.windows(7).position(|window| window == b"A title").unwrap();
    let mut other = bytes.clone();
    other[at..at + 7].copy_from_slice(b"A trick");
    assert!(matches!(Request::decode(&other), Err(RequestError::Manifest { nth: 1, code: Code::ManifestDigest, .. })));
    // No cut, no byte more, no flipped bit passes for another request that encodes otherwise.
    assert!(Request::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
    for end in 0..bytes.len() {
        assert!(Request::decode(&bytes[..end]).is_err(), "{end}");
    }
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        if let Ok(request) = Request::decode(&flipped) {
            assert_eq!(request.encode().unwrap(), flipped, "{at}");
        }
    }
}

#[test]
fn statements_that_cannot_be_signed_at_one_time_are_refused() {
    assert!(matches!(request(Vec::new()), Err(RequestError::Count(0))));
    assert!(matches!(request(vec![version(1, 7), version(2, 8)]), Err(RequestError::Mixed { nth: 2 })));
    assert!(matches!(request(vec![version(1, 7), version(1, 7)]), Err(RequestError::Mixed { nth: 2 })));
    let bare = Unsigned::new(version(1, 7).payload().clone(), None);
    assert!(matches!(bare, Err((Code::ManifestMissing, _))));
}

#[test]
fn a_charter_is_never_asked_for() {
    let bytes = request(vec![version(1, 7)]).unwrap().encode().unwrap();
    let (from, to) = (b"vnd.litopys.article+cbor", b"vnd.litopys.charter+cbor");
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    let mut other = bytes.clone();
    other[at..at + to.len()].copy_from_slice(to);
    let error = Request::decode(&other).unwrap_err();
    assert!(matches!(error, RequestError::Statement { nth: 1, source: StatementError::Shape(_) }), "{error:?}");
}

#[test]
fn a_charter_is_in_no_request() {
    let (name, roles) = ("tester".to_owned(), vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward]);
    let member = CharterKey { key: key().public_key().clone(), name, roles };
    let origin = "test.example/archive".parse().unwrap();
    let charter = Charter::new(origin, "A test".into(), vec![member], 1, [9; 16]).unwrap();
    let unsigned = Unsigned::new(Payload::Charter(Box::new(charter)), None).unwrap();
    assert!(matches!(request(vec![unsigned]), Err(RequestError::Mixed { nth: 1 })));
}

#[test]
fn what_is_too_large_is_neither_read_nor_written() {
    let zeros = vec![0; usize::try_from(limits::REQUEST).unwrap() + 1];
    assert!(matches!(Request::decode(&zeros), Err(RequestError::TooLarge(_))));
    assert!(matches!(Signed::decode(&zeros), Err(RequestError::TooLarge(_))));
    let largest = &zeros[1..];
    assert!(matches!(Request::decode(largest), Err(RequestError::Cbor(_))));
    assert!(matches!(Signed::decode(largest), Err(RequestError::Cbor(_))));
    let mut large = request(vec![version(1, 7)]).unwrap();
    large.title = "t".repeat(zeros.len());
    assert!(matches!(large.encode(), Err(RequestError::TooLarge(_))));
    let mut signed = large.sign(&key()).unwrap();
    signed.entries[0].manifest = Some(zeros);
    assert!(matches!(signed.encode(), Err(RequestError::TooLarge(_))));
}

#[test]
fn what_is_signed_is_of_one_version_of_its_format_and_something() {
    let signed = request(vec![version(1, 7)]).unwrap().sign(&key()).unwrap();
    let mut bytes = signed.encode().unwrap();
    let at = bytes.windows(8).position(|window| window == b"\x66signed\x01").unwrap();
    bytes[at + 7] = 2;
    assert!(matches!(Signed::decode(&bytes), Err(RequestError::Version(2))));
    let nothing = Signed::new(signed.archive, signed.origin, Vec::new());
    assert!(matches!(nothing, Err(RequestError::Count(0))));
}

#[test]
fn what_is_no_statement_is_told_by_its_place() {
    let signed = request(vec![version(1, 7), version(2, 7)]).unwrap().sign(&key()).unwrap();
    let mut bytes = signed.encode().unwrap();
    // The tag of the second statement.
    let at = bytes.windows(2).rposition(|window| window == b"\xd2\x84").unwrap();
    bytes[at] = 0xd3;
    assert!(matches!(Signed::decode(&bytes), Err(RequestError::Statement { nth: 2, .. })));
}
