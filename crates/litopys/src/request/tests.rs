use super::*;
use crate::FileDigest;
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
    assert!(matches!(Request::decode(&other), Err(RequestError::Statement { nth: 1, .. })));
}
