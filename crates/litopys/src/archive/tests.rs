mod files;
mod versions;

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::StatementId;
use crate::charter::CharterKey;
use crate::draft::{Content, Draft, DraftFile};
use crate::key::SecretKey;
use crate::manifest::{Change, Metadata, Role};
use crate::report::{Claim, Verdict};
use crate::store::folder::FolderStore;
use crate::withdrawal::{DataClass, EntryRef, Scope};

pub(crate) fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

pub(crate) fn found(root: &Path) -> Archive {
    found_with(root, [9; 16])
}

pub(crate) fn found_with(root: &Path, nonce: [u8; 16]) -> Archive {
    Archive::create(lock(root), charter(&key(), nonce), &key(), &key()).unwrap()
}

pub(crate) fn reopen(root: &Path) -> Archive {
    Archive::open(lock(root), Trust::default(), Signatures::All, 2).unwrap()
}

pub(crate) fn charter(key: &SecretKey, nonce: [u8; 16]) -> Charter {
    let member = CharterKey {
        key: key.public_key().clone(),
        name: "tester".into(),
        roles: vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward],
    };
    Charter::new("test.example/archive".parse().unwrap(), "A test".into(), vec![member], 1, nonce).unwrap()
}

pub(crate) fn draft(subject: &str, text: &str) -> Draft {
    let content: Content = text.as_bytes().to_vec().into();
    let file = |path: &str, role| DraftFile {
        path: path.into(),
        role,
        media_type: "text/markdown".into(),
        original_name: None,
        content: content.clone(),
    };
    Draft {
        subject: subject.into(),
        metadata: Metadata { title: Some(format!("About {subject}")), ..Metadata::default() },
        files: vec![file("a.md", Role::Capture), file("text.md", Role::Text)],
        ..Draft::default()
    }
}

/// A process that another test starts has this one's locks until it executes its program.
pub(crate) fn lock(root: &Path) -> FolderWriter {
    FolderWriter::lock(root, Duration::from_secs(60)).unwrap()
}

fn options() -> BatchOptions {
    let signed_at = "2026-11-23T10:00:00Z".parse().unwrap();
    BatchOptions::new(signed_at, 2)
}

fn counter() -> impl FnMut(&mut [u8]) -> bool {
    let mut n = 0u64;
    move |out| {
        n += 1;
        out.fill(0);
        out[..8].copy_from_slice(&n.to_be_bytes());
        true
    }
}

pub(crate) fn add(archive: Archive, drafts: Vec<Draft>) -> (Archive, Vec<Outcome>) {
    let (key, mut random, mut outcomes) = (key(), counter(), Vec::new());
    let size = archive.head().size();
    let mut random = move |out: &mut [u8]| {
        let done = random(out);
        out[8..16].copy_from_slice(&size.to_be_bytes());
        done
    };
    let mut outcome = |_, outcome| outcomes.push(outcome);
    let mut batch = archive.batch(&key, &key, options(), &mut random, &mut outcome).unwrap();
    drafts.into_iter().for_each(|draft| batch.add(draft).unwrap());
    let (archive, _) = batch.commit().unwrap();
    (archive, outcomes)
}

pub(crate) fn verify(root: &Path) -> Report {
    let trust = Trust { demanded: vec![crate::check::Anchor::Founder(key().public_key().clone())], ..Trust::default() };
    let options = CheckOptions { files: Files::All, trust, threads: 2, signatures: Signatures::All };
    crate::check::check(&FolderStore::new(root), &options, &mut ()).unwrap()
}

#[test]
fn an_archive_grows_and_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let large = "large ".repeat(20_000);
    let (archive, outcomes) = add(archive, vec![draft("a", "one"), draft("b", &large), draft("a", "two")]);
    assert!(matches!(outcomes[2], Outcome::Signed { version: 2, change: Change::Source, .. }));
    drop(archive);
    let archive = reopen(dir.path());
    let drafts = (0..600).map(|i| draft(&i.to_string(), &format!("text {i}")));
    let (archive, outcomes) = add(archive, drafts.chain([draft("a", "two"), draft("b", "small")]).collect());
    assert!(matches!(outcomes[600], Outcome::Unchanged { version: 2, .. }));
    assert!(matches!(outcomes[601], Outcome::Signed { version: 2, change: Change::Source, .. }));
    assert_eq!(archive.head().size(), 605);
    let report = verify(dir.path());
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict(), Verdict::Verified);
    assert_eq!((report.counts.articles, report.counts.versions, report.counts.files), (602, 604, 604));
    assert_eq!(report.claims.current, Claim::Unchecked);
}

#[test]
fn files_that_are_not_read_are_not_vouched_for() {
    let dir = tempfile::tempdir().unwrap();
    drop(add(found(dir.path()), vec![draft("a", &"large ".repeat(20_000))]));
    let report = |files| {
        let trust =
            Trust { demanded: vec![crate::check::Anchor::Founder(key().public_key().clone())], ..Trust::default() };
        let options = CheckOptions { files, trust, threads: 1, signatures: Signatures::All };
        crate::check::check(&FolderStore::new(dir.path()), &options, &mut ()).unwrap()
    };
    let none = report(Files::None);
    assert_eq!(
        (none.verdict(), none.claims.intact, none.claims.complete),
        (Verdict::Partial, Claim::Unchecked, Claim::Unchecked)
    );
    assert_eq!(none.claims.signed, Claim::Holds);
    assert_eq!(report(Files::All).claims.intact, Claim::Holds);
    // Each of two parts reads its share, and together they read everything.
    assert_eq!(report(Files::Part(1, 2)).counts.files + report(Files::Part(2, 2)).counts.files, 1);
}

/// A page: its capture differs with each fetch.
fn page(capture: &str, text: &str) -> Draft {
    let file = |path: &str, role, content: &str| DraftFile {
        path: path.into(),
        role,
        media_type: "text/html".into(),
        original_name: None,
        content: content.as_bytes().to_vec().into(),
    };
    let files = vec![file("a.html", Role::Capture, capture), file("text.md", Role::Text, text)];
    Draft { subject: "page".into(), files, volatile: true, ..Draft::default() }
}

#[test]
fn what_changes_with_each_fetch_makes_no_version() {
    let dir = tempfile::tempdir().unwrap();
    let with = |key: &str, value: &str, mut draft: Draft| {
        draft.metadata.extra.insert(key.into(), value.into());
        draft
    };
    let read_by = |extractor: &str, mut draft: Draft| {
        draft.metadata.provenance.insert("text".into(), extractor.into());
        draft
    };
    let (archive, outcomes) = add(
        found(dir.path()),
        vec![
            page("<p>1 view", "text"),
            page("<p>2 views", "text"),
            with("views", "2", page("<p>2 views", "text")),
            read_by("extractor 2", page("<p>1 view", "better text")),
            with("forwarded_from", "somebody", page("<p>1 view", "text")),
            page("<p>3 views", "another text"),
        ],
    );
    let made = |outcome: &Outcome| match outcome {
        Outcome::Signed { change, .. } => Some(*change),
        _ => None,
    };
    let made: Vec<_> = outcomes.iter().map(made).collect();
    assert_eq!(made, [Some(Change::First), None, None, None, Some(Change::Extraction), Some(Change::Source)]);

    // Asked for, they are kept.
    let every = BatchOptions { every_capture: true, ..options() };
    let (key, mut random, mut outcomes) = (key(), counter(), Vec::new());
    let mut outcome = |_, outcome| outcomes.push(outcome);
    let mut batch = archive.batch(&key, &key, every, &mut random, &mut outcome).unwrap();
    batch.add(page("<p>4 views", "another text")).unwrap();
    batch.add(read_by("extractor 2", page("<p>4 views", "better text"))).unwrap();
    batch.add(read_by("extractor 2", page("<p>4 views", "better text"))).unwrap();
    let (archive, _) = batch.commit().unwrap();
    assert!(matches!(outcomes[0], Outcome::Signed { change: Change::Recapture, .. }), "{outcomes:?}");
    assert!(matches!(outcomes[1], Outcome::Signed { change: Change::Extraction, .. }), "{outcomes:?}");
    assert!(matches!(outcomes[2], Outcome::Signed { change: Change::Recapture, .. }), "{outcomes:?}");

    // Another capture of what isn't fetched is kept; a reason that only a first version has is none of a second one.
    let first = BatchOptions { change: Some(Change::First), ..options() };
    let (mut random, mut outcomes) = (counter(), Vec::new());
    let mut outcome = |_, outcome| outcomes.push(outcome);
    let mut batch = archive.batch(&key, &key, first, &mut random, &mut outcome).unwrap();
    batch.add(Draft { volatile: false, ..read_by("extractor 2", page("<p>5 views", "better text")) }).unwrap();
    batch.commit().unwrap();
    assert!(matches!(outcomes[0], Outcome::Signed { change: Change::Recapture, .. }), "{outcomes:?}");
}

#[test]
fn a_text_that_collapses_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, outcomes) =
        add(found(dir.path()), vec![page("1", &"word ".repeat(200)), page("2", "Please enable JavaScript")]);
    assert!(matches!(outcomes[1], Outcome::Failed(DraftError::Collapsed { new: 24, old: 1_000 })), "{outcomes:?}");
    let (key, mut random, mut outcomes) = (key(), counter(), Vec::new());
    let mut outcome = |_, outcome| outcomes.push(outcome);
    let forced = BatchOptions { collapsed: true, ..options() };
    let mut batch = archive.batch(&key, &key, forced, &mut random, &mut outcome).unwrap();
    batch.add(page("2", "Please enable JavaScript")).unwrap();
    batch.commit().unwrap();
    assert!(matches!(outcomes[0], Outcome::Signed { version: 2, .. }), "{outcomes:?}");
}

#[test]
fn versions_of_a_history_are_known_by_their_commits() {
    let dir = tempfile::tempdir().unwrap();
    let commit = |id: &str, text: &str, language: Option<&str>| {
        let mut draft = page(text, text);
        draft.volatile = false;
        draft.metadata.extra.insert(crate::manifest::REVISION.into(), id.into());
        draft.metadata.language = language.map(str::to_owned);
        draft
    };
    // A language that is added, the same bytes again, and a return to what was there before: all of one article.
    let history = || {
        vec![commit("1", "a", None), commit("2", "a", Some("en")), commit("3", "b", Some("uk")), commit("4", "a", None)]
    };
    let made = |outcomes: &[Outcome]| -> Vec<_> {
        let one = |outcome: &Outcome| match outcome {
            Outcome::Signed { version, change, .. } => Some((*version, *change)),
            _ => None,
        };
        outcomes.iter().map(one).collect()
    };
    let (archive, outcomes) = add(found(dir.path()), history());
    let source = |version| Some((version, Change::Source));
    assert_eq!(made(&outcomes), [Some((1, Change::First)), source(2), source(3), source(4)]);
    // Once more, with what came since: in the archive as it is, and as it is read again.
    let (archive, outcomes) = add(archive, [history(), vec![commit("5", "c", None)]].concat());
    assert_eq!(made(&outcomes), [None, None, None, None, source(5)]);
    drop(archive);
    let archive = Archive::open(lock(dir.path()), Trust::default(), Signatures::All, 2).unwrap();
    let (archive, outcomes) = add(archive, [history(), vec![commit("5", "c", None), commit("6", "c", None)]].concat());
    assert_eq!(made(&outcomes), [None, None, None, None, None, source(6)]);
    // A correction keeps the commit, and is a version all the same.
    let mut corrected = commit("6", "c", None);
    corrected.metadata.title = Some("Another".into());
    let correcting = BatchOptions { change: Some(Change::Correction), ..options() };
    let (key, mut random, mut outcomes) = (key(), counter(), Vec::new());
    let mut outcome = |_, outcome| outcomes.push(outcome);
    let mut batch = archive.batch(&key, &key, correcting, &mut random, &mut outcome).unwrap();
    batch.add(corrected).unwrap();
    batch.commit().unwrap();
    assert_eq!(made(&outcomes), [Some((7, Change::Correction))]);
}

/// Contents of some size, made anew each time they are read.
#[derive(Debug)]
struct Zeros(u64);

impl crate::ContentSource for Zeros {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + '_>> {
        Ok(Box::new(std::io::Read::take(std::io::repeat(0), self.0)))
    }
}

#[test]
fn files_that_are_not_on_disk_are_signed_in() {
    let dir = tempfile::tempdir().unwrap();
    let mut draft = draft("a", "text");
    for (path, size) in [("small", 10), ("large", 100_000)] {
        let content = Content::Source(std::sync::Arc::new(Zeros(size)));
        draft.files.push(DraftFile { path: path.into(), role: Role::Media, content, ..draft.files[0].clone() });
    }
    drop(add(found(dir.path()), vec![draft]));
    let report = verify(dir.path());
    assert_eq!((report.verdict(), report.counts.files), (Verdict::Verified, 3));
}

#[test]
fn a_translation_names_the_version_that_its_original_has_then() {
    let dir = tempfile::tempdir().unwrap();
    let original = |required| crate::Original {
        subject: "a".into(),
        language: None,
        kind: crate::manifest::Derivation::Translation,
        tool: None,
        required,
    };
    let translation = |text: &str, required| Draft { original: Some(original(required)), ..draft("a.uk", text) };
    let itself = Draft { original: Some(original(true)), ..draft("a", "itself") };
    let (archive, outcomes) = add(
        found(dir.path()),
        vec![
            translation("too soon", true),
            draft("a", "one"),
            translation("uno", true),
            draft("a", "two"),
            // The original has a new version, and the translation is as it was.
            translation("uno", true),
            translation("due", true),
            itself,
            Draft {
                original: Some(crate::Original { subject: "none".into(), ..original(false) }),
                ..draft("b.uk", "b")
            },
        ],
    );
    let id = |nth: usize| match &outcomes[nth] {
        Outcome::Signed { id, .. } => *id,
        other => panic!("{nth}: {other:?}"),
    };
    for nth in [0, 6] {
        assert!(matches!(&outcomes[nth], Outcome::Failed(DraftError::NoOriginal(subject)) if subject == "a"));
    }
    assert!(matches!(outcomes[4], Outcome::Unchanged { version: 1, .. }), "{outcomes:?}");
    let view = crate::view::View::open(archive.store(), Trust::default(), 1).unwrap();
    let derived = |article: usize, version: usize| {
        let manifest = view.manifest(&view.articles()[article].versions[version]).unwrap();
        manifest.derived_from.map(|from| from.id)
    };
    assert_eq!([derived(1, 0), derived(1, 1)], [Some(id(1)), Some(id(3))]);
    assert_eq!(derived(2, 0), None);
    drop(view);

    // Another version that is named by its id is another fact.
    let mut explicit = draft("a.uk", "due");
    let from = |id| crate::manifest::DerivedFrom { id, kind: crate::manifest::Derivation::Translation, tool: None };
    explicit.metadata.derived_from = Some(from(id(3)));
    let same = explicit.clone();
    explicit.metadata.derived_from = Some(from(id(1)));
    let (_, outcomes) = add(archive, vec![translation("due", true), same, explicit]);
    assert!(matches!(outcomes[0], Outcome::Unchanged { version: 2, .. }), "{outcomes:?}");
    assert!(matches!(outcomes[1], Outcome::Unchanged { version: 2, .. }), "{outcomes:?}");
    assert!(matches!(outcomes[2], Outcome::Signed { version: 3, .. }), "{outcomes:?}");
}

/// A key whose signatures over statements are nobody's, though it says otherwise; those of checkpoints are its own.
struct Forger(SecretKey);

impl Signer for Forger {
    fn public_key(&self) -> &crate::PublicKey {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let mut signature = self.0.sign(message)?;
        signature[0] ^= 1;
        Ok(signature)
    }

    fn computes_here(&self) -> bool {
        true
    }
}

#[test]
fn signatures_are_spared_up_to_a_root_that_was_verified_and_no_further() {
    let dir = tempfile::tempdir().unwrap();
    let (forger, key, mut random) = (Forger(key()), key(), counter());
    let mut forge = |archive: Archive, texts: std::ops::Range<u32>| {
        let mut ignore = |_, _| {};
        let mut batch = archive.batch(&forger, &key, options(), &mut random, &mut ignore).unwrap();
        texts.for_each(|i| batch.add(draft(&i.to_string(), "text")).unwrap());
        batch.commit().unwrap().0
    };
    let archive = forge(found(dir.path()), 0..300);
    let (id, head) = (archive.id(), archive.head());
    drop(archive);
    let open = |signatures| Archive::open(lock(dir.path()), Trust::default(), signatures, 2);
    let forged = |signatures| {
        let archive = open(signatures).unwrap();
        archive.ledger().void().iter().filter(|entry| entry.code == Code::Signature).count()
    };
    let codes = |signatures| match open(signatures) {
        Err(ArchiveError::Failed(report)) => report.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(),
        other => panic!("{:?}", other.map(|archive| archive.head())),
    };
    assert_eq!(forged(Signatures::All), 300);
    // The statements of another archive are others.
    let other = ArchiveId::from(StatementId::from_bytes([7; 32]));
    assert_eq!(forged(Signatures::After(vec![(other, head)])), 300);
    let archive = open(Signatures::After(vec![(id, head)])).unwrap();
    // Tiles are looked at as a whole: that at the end is not complete.
    assert_eq!((archive.head(), archive.ledger().void().len()), (head, 301 - 256));
    // What came after that is looked at.
    drop(forge(archive, 300..900));
    assert_eq!(forged(Signatures::After(vec![(id, head)])), 901 - 256);
    // A root that the log never had spares nothing.
    let never = TreeHead::new(head.size(), StatementId::from_bytes([7; 32]).into()).unwrap();
    assert!(codes(Signatures::After(vec![(id, never)])).contains(&Code::Forked));
    let larger = TreeHead::new(5_000, head.root()).unwrap();
    assert!(codes(Signatures::After(vec![(id, larger)])).contains(&Code::RolledBack));
}

#[test]
fn a_withdrawal_that_nobody_signed_withholds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut archive, _) = add(found(dir.path()), vec![draft("a", "one")]);
    let scope = Scope::Entries([EntryRef { index: 1, id: archive.ledger().id_at(1).unwrap() }].into());
    let grounds = Grounds { class: DataClass::Other, reason: "none".into(), basis: "none".into() };
    let statement = archive.withdrawal(scope, grounds, &Forger(key())).unwrap();
    // Whoever keeps the log can put it there all the same.
    let mut tile = tiles::OpenTile::new(2);
    archive.tree.push(statement.id());
    tile.push(tiles::TileEntry { statement, manifest: None, files: Vec::new() });
    tile.write(&archive.writer).unwrap();
    archive.commit(&key(), 2).unwrap();
    drop(archive);
    let codes: Vec<_> = verify(dir.path()).findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::Signature]);
    let archive = reopen(dir.path());
    assert!(archive.ledger().withheld().is_empty());
    assert_eq!(archive.ledger().void().len(), 1);
}
