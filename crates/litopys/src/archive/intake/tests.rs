use super::super::tests::{add, draft, found, key, reopen, verify};
use super::*;
use crate::archive::{BatchOptions, Outcome};
use crate::draft::Draft;
use crate::request::Request;

/// What a request for these drafts signs, having gone through both files' bytes; and the files.
fn signed(archive: Archive, drafts: Vec<Draft>) -> (Signed, FileContents, Vec<Outcome>) {
    let mut files = FileContents::default();
    drafts.iter().flat_map(|draft| &draft.files).for_each(|file| _ = files.add(file.content.clone()).unwrap());
    let (mut n, mut outcomes) = (archive.head().size(), Vec::new());
    let mut random = |out: &mut [u8]| {
        n += 100;
        out.fill(0);
        out[..8].copy_from_slice(&n.to_be_bytes());
        true
    };
    let mut outcome = |_, outcome| outcomes.push(outcome);
    let options = BatchOptions::new("2026-11-28T07:00:00Z".parse().unwrap(), 2);
    let mut batch = archive.plan(options, &mut random, &mut outcome);
    drafts.into_iter().for_each(|draft| batch.add(draft).unwrap());
    let request = batch.request().unwrap().unwrap();
    let request = Request::decode(&request.encode().unwrap()).unwrap();
    let signed = request.sign(&key()).unwrap();
    (Signed::decode(&signed.encode().unwrap()).unwrap(), files, outcomes)
}

#[test]
fn what_is_signed_elsewhere_is_what_would_be_signed_here() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one")]);
    let large = "large ".repeat(20_000);
    let (signed, files, outcomes) = signed(archive, vec![draft("a", "two"), draft("b", &large), draft("a", "two")]);
    assert!(matches!(outcomes[0], Outcome::Asked { version: 2, .. }), "{outcomes:?}");
    assert!(matches!(outcomes[2], Outcome::Failed(super::super::DraftError::Unsigned)), "{outcomes:?}");
    assert_eq!(verify(dir.path()).counts.statements, 2, "a request writes nothing");
    let archive = reopen(dir.path()).take_signed(&signed, &files, &key()).unwrap();
    assert_eq!(archive.head().size(), 4);
    // The archive goes on from there: it knows the articles.
    let (_, outcomes) = add(archive, vec![draft("b", &large), draft("a", "three")]);
    assert!(matches!(outcomes[0], Outcome::Unchanged { version: 1, .. }), "{outcomes:?}");
    assert!(matches!(outcomes[1], Outcome::Signed { version: 3, .. }), "{outcomes:?}");
    assert_eq!(verify(dir.path()).findings, []);
}

#[test]
fn what_no_longer_fits_is_refused_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one")]);
    let (revision, files, _) = signed(archive, vec![draft("new", "n"), draft("a", "two")]);
    let (founding, more, _) = signed(reopen(dir.path()), vec![draft("b", "one")]);
    let (archive, _) = add(reopen(dir.path()), vec![draft("a", "meanwhile"), draft("b", "meanwhile")]);
    drop(archive);
    let before = verify(dir.path()).checkpoint;
    let refused = reopen(dir.path()).take_signed(&revision, &files, &key());
    assert!(matches!(refused, Err(ArchiveError::WouldBeVoid { nth: 1, code: Code::BrokenChain })));
    let refused = reopen(dir.path()).take_signed(&founding, &more, &key());
    assert!(matches!(refused, Err(ArchiveError::Taken { nth: 0, .. })));
    let report = verify(dir.path());
    assert_eq!((report.checkpoint, report.findings.as_slice()), (before, &[][..]), "nothing was written");
}

#[test]
fn every_file_must_be_there_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (signed, files, _) = signed(found(dir.path()), vec![draft("a", "one")]);
    let none = FileContents::default();
    assert!(matches!(reopen(dir.path()).take_signed(&signed, &none, &key()), Err(ArchiveError::NoFile { .. })));
    let mut other = FileContents::default();
    other.add(b"another".to_vec().into()).unwrap();
    assert!(matches!(reopen(dir.path()).take_signed(&signed, &other, &key()), Err(ArchiveError::NoFile { .. })));
    let elsewhere = tempfile::tempdir().unwrap();
    let archive = super::super::tests::found_with(elsewhere.path(), [8; 16]);
    assert!(matches!(archive.take_signed(&signed, &files, &key()), Err(ArchiveError::OtherArchive(_))));
    assert!(reopen(dir.path()).take_signed(&signed, &files, &key()).is_ok());
}
