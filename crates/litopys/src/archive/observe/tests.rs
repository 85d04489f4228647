use super::super::tests::{add, draft, found, key, reopen, verify};
use super::*;
use crate::archive::{ArchiveError, Grounds};
use crate::check::Trust;
use crate::draft::Content;
use crate::extract;
use crate::manifest::Role;
use crate::report::Code;
use crate::store::folder::FolderStore;
use crate::store::zip::BundleStore;
use crate::view::{ReadError, View};
use crate::withdrawal::{DataClass, EntryRef, Scope};

fn answer(bytes: Vec<u8>) -> DraftFile {
    let (path, media_type) = ("response.warc".to_owned(), "application/warc".to_owned());
    DraftFile { path, role: Role::Capture, media_type, original_name: None, content: Content::from(bytes) }
}

fn gone(archive: &Archive, subject: &str, files: Vec<DraftFile>) -> ObservationDraft {
    let article = archive.article(subject, None).unwrap();
    let (outcome, at, metadata) = (Observed::Gone, now(), Metadata::default());
    ObservationDraft { article, outcome, at, subject: subject.to_owned(), metadata, files }
}

fn now() -> Utc {
    "2026-11-28T07:00:00Z".parse().unwrap()
}

fn observe(archive: Archive, subject: &str, files: Vec<DraftFile>) -> Result<(Archive, SignedEntry), ArchiveError> {
    let draft = gone(&archive, subject, files);
    archive.observe(draft, &now(), [4; 16], &key(), &key())
}

#[test]
fn an_observation_is_there_with_its_evidence_and_changes_no_article() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one")]);
    let large = vec![b'x'; 70_000];
    let (archive, entry) = observe(archive, "a", vec![answer(large.clone())]).unwrap();
    assert_eq!((archive.head().size(), archive.ledger().observations()), (3, 1));
    let (archive, _) = add(archive, vec![draft("a", "two")]);
    drop(archive);
    let report = verify(dir.path());
    assert_eq!((report.findings.as_slice(), report.counts.observations, report.counts.versions), (&[][..], 1, 2));

    let store = FolderStore::new(dir.path());
    let view = View::open(&store, Trust::default(), 1).unwrap();
    let [observation] = view.observations() else { panic!("{:?}", view.observations()) };
    let article = &view.articles()[0];
    assert_eq!((observation.id, observation.outcome), (entry.statement.id(), Observed::Gone));
    assert_eq!(observation.version, (article.versions[0].id, 1));
    assert_eq!(article.versions.len(), 2, "it is no version");
    let manifest = view.manifest(&observation.entry()).unwrap();
    assert_eq!(view.file(&observation.entry(), &manifest, &manifest.files[0]).unwrap(), large);

    // An extract of the article carries it, and shows it.
    let chosen = [article.versions[0].index, observation.index];
    let (bytes, summary) = extract::write(&store, &chosen, std::io::Cursor::new(Vec::new())).unwrap();
    assert_eq!((summary.versions, summary.observations), (1, 1));
    let shown = BundleStore::open(bytes.into_inner()).unwrap();
    let view = View::open(&shown, Trust::default(), 1).unwrap();
    assert_eq!((view.report().findings.len(), view.observations().len()), (0, 1));
    assert_eq!(view.report().counts.observations, 1);
}

#[test]
fn evidence_can_be_withdrawn_and_the_observation_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one")]);
    let (archive, entry) = observe(archive, "a", vec![answer(b"a secret".to_vec())]).unwrap();
    let scope = Scope::Entries([EntryRef { index: 2, id: entry.statement.id() }].into());
    let grounds = Grounds { class: DataClass::Personal, reason: "asked for".into(), basis: "none".into() };
    let statement = archive.withdrawal(scope, grounds, &key()).unwrap();
    drop(archive.append(&[statement], &key()).unwrap());

    let store = FolderStore::new(dir.path());
    let (bytes, summary) = extract::write(&store, &[1, 2], std::io::Cursor::new(Vec::new())).unwrap();
    assert_eq!((summary.versions, summary.observations), (1, 1));
    let shown = BundleStore::open(bytes.into_inner()).unwrap();
    for store in [&store as &dyn crate::store::Store, &shown] {
        let view = View::open(store, Trust::default(), 1).unwrap();
        let codes: Vec<_> = view.report().findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::Withdrawn]);
        let [observation] = view.observations() else { panic!("{:?}", view.observations()) };
        assert_eq!((observation.outcome, observation.withheld), (Observed::Gone, Some(3)));
        let read = view.manifest(&observation.entry());
        assert!(matches!(read, Err(ReadError::Withheld { index: 2, by: 3, .. })), "{read:?}");
    }
}

#[test]
fn what_would_be_void_or_is_no_evidence_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one"), draft("b", "two")]);
    let size = archive.head().size();
    let text = DraftFile { role: Role::Text, ..answer(b"text".to_vec()) };
    assert!(matches!(observe(archive, "a", vec![text]), Err(ArchiveError::Draft(_))));
    assert!(matches!(observe(reopen(dir.path()), "a", Vec::new()), Err(ArchiveError::Draft(_))));

    // The same observation can't be taken in twice, nor one of a version that isn't the newest any more.
    let (archive, entry) = observe(reopen(dir.path()), "a", vec![answer(b"404".to_vec())]).unwrap();
    let files = || {
        let mut files = FileContents::default();
        files.add(b"404".to_vec().into()).unwrap();
        files
    };
    let again = archive.take_in(std::slice::from_ref(&entry), &files(), &key());
    assert!(matches!(again, Err(ArchiveError::WouldBeVoid { nth: 0, code: Code::RepeatedLeaf })));
    let archive = reopen(dir.path());
    let stale = archive.lay_out(gone(&archive, "b", vec![answer(b"404".to_vec())]), &now(), [5; 16]).unwrap();
    let pending = Pending::new(key().public_key().clone(), &archive.charter().origin, &stale.0).unwrap();
    let stale = SignedEntry { statement: pending.sign(&key()).unwrap(), manifest: Some(stale.1) };
    let (archive, _) = add(archive, vec![draft("b", "three")]);
    let refused = archive.take_in(std::slice::from_ref(&stale), &files(), &key());
    assert!(matches!(refused, Err(ArchiveError::WouldBeVoid { nth: 0, code: Code::ObservedVersion })));

    // Nor one whose evidence is another, or isn't there.
    let archive = reopen(dir.path());
    let fresh = archive.lay_out(gone(&archive, "b", vec![answer(b"404".to_vec())]), &now(), [6; 16]).unwrap();
    let pending = Pending::new(key().public_key().clone(), &archive.charter().origin, &fresh.0).unwrap();
    let statement = pending.sign(&key()).unwrap();
    let altered = SignedEntry { statement: statement.clone(), manifest: Some([fresh.1.clone(), vec![0]].concat()) };
    let refused = archive.take_in(&[altered], &files(), &key());
    assert!(matches!(refused, Err(ArchiveError::NotCommitted { nth: 0, code: Code::ManifestSize, .. })));
    let bare = SignedEntry { statement: statement.clone(), manifest: None };
    let refused = reopen(dir.path()).take_in(&[bare], &files(), &key());
    assert!(matches!(refused, Err(ArchiveError::NotCommitted { nth: 0, code: Code::ManifestMissing, .. })));
    let whole = SignedEntry { statement, manifest: Some(fresh.1) };
    let twice = reopen(dir.path()).take_in(&[whole.clone(), whole.clone()], &files(), &key());
    assert!(matches!(twice, Err(ArchiveError::WouldBeVoid { nth: 1, code: Code::RepeatedLeaf })));
    let refused = reopen(dir.path()).take_in(std::slice::from_ref(&whole), &FileContents::default(), &key());
    assert!(matches!(refused, Err(ArchiveError::NoFile { nth: 0, .. })));
    let archive = reopen(dir.path()).take_in(&[whole], &files(), &key()).unwrap();
    assert_eq!(archive.head().size(), size + 3);
    assert_eq!(verify(dir.path()).findings, []);
}
