use super::super::tests::{add, draft, found, key, reopen, verify};
use super::*;
use crate::archive::{BatchOptions, DraftError, Grounds, Outcome};
use crate::draft::Draft;
use crate::request::Request;
use crate::statement::{ManifestRef, Pending};
use crate::withdrawal::{DataClass, Scope};

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
    assert!(matches!(outcomes[2], Outcome::Failed(DraftError::Unsigned)), "{outcomes:?}");
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
fn a_translation_of_what_is_not_signed_yet_is_not_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (subject, kind) = ("a".to_owned(), crate::manifest::Derivation::Translation);
    let original = crate::Original { subject, language: None, kind, tool: None, required: true };
    let translation = Draft { original: Some(original), ..draft("a.uk", "uno") };
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one")]);
    let (_, _, outcomes) = signed(archive, vec![draft("a", "two"), translation]);
    assert!(matches!(outcomes[1], Outcome::Failed(DraftError::Unsigned)), "{outcomes:?}");
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

#[test]
fn what_is_signed_elsewhere_may_fill_a_tile() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = |from: u32, to| (from..to).map(|n| draft(&n.to_string(), "text")).collect();
    let (archive, _) = add(found(dir.path()), drafts(1, 255));
    let (signed, files, _) = signed(archive, drafts(255, 258));
    let archive = reopen(dir.path()).take_signed(&signed, &files, &key()).unwrap();
    assert_eq!(archive.head().size(), 258);
    assert_eq!(verify(dir.path()).findings, []);
}

#[test]
fn what_was_withdrawn_does_not_come_back_from_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "a secret")]);
    let (signed, files, _) = signed(archive, vec![draft("b", "a secret")]);
    let archive = reopen(dir.path());
    let grounds = Grounds { class: DataClass::Other, reason: "asked for".into(), basis: "none".into() };
    let scope = Scope::Files([FileDigest::of(b"a secret")].into());
    let withdrawal = archive.withdrawal(scope, grounds, &key()).unwrap();
    let archive = archive.append(&[withdrawal], &key()).unwrap();
    let refused = archive.take_signed(&signed, &files, &key());
    assert!(matches!(refused, Err(ArchiveError::Draft(DraftError::Withdrawn { by: 2, .. }))));
}

/// The same version with one byte more said of each of its files.
fn with_longer_files(archive: &Archive, entry: &SignedEntry) -> SignedEntry {
    let Payload::Article(mut version) = entry.statement.verify().unwrap().payload().clone() else { panic!() };
    let mut manifest = Manifest::decode(entry.manifest.as_ref().unwrap()).unwrap();
    manifest.files.iter_mut().for_each(|file| file.size += 1);
    let bytes = manifest.encode().unwrap();
    version.manifest = ManifestRef { size: bytes.len() as u64, sha256: FileDigest::of(&bytes) };
    let pending = Pending::new(key().public_key().clone(), &archive.charter().origin, &Payload::Article(version));
    SignedEntry { statement: pending.unwrap().sign(&key()).unwrap(), manifest: Some(bytes) }
}

#[test]
fn a_file_has_the_size_that_its_manifest_says() {
    for text in ["small", &"large ".repeat(20_000)] {
        let dir = tempfile::tempdir().unwrap();
        let (signed, files, _) = signed(found(dir.path()), vec![draft("a", text)]);
        let archive = reopen(dir.path());
        let entry = with_longer_files(&archive, &signed.entries()[0]);
        assert!(matches!(archive.take_in(&[entry], &files, &key()), Err(ArchiveError::NoFile { .. })));
    }
}

#[test]
fn a_large_file_may_be_in_the_archive_already() {
    let (dir, large) = (tempfile::tempdir().unwrap(), "large ".repeat(20_000));
    let (archive, _) = add(found(dir.path()), vec![draft("a", &large)]);
    let (signed, _, _) = signed(archive, vec![draft("b", &large)]);
    reopen(dir.path()).take_signed(&signed, &FileContents::default(), &key()).unwrap();
    assert_eq!(verify(dir.path()).findings, []);
}
