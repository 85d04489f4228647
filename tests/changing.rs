//! Stores that show other bytes the second time: what is concluded from one reading must hold of the next one, or the check fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use litopys::SecretKey;
use litopys::archive::{Archive, Grounds};
use litopys::charter::{Charter, KeyRole};
use litopys::check::{CheckOptions, Entry, Files, Observer, Signatures, Trust, check};
use litopys::layout::{Member, TileKind, TileName};
use litopys::report::{Code, Report, Verdict};
use litopys::store::folder::FolderStore;
use litopys::store::{Found, Store, StoreError, StoreKind};
use litopys::withdrawal::{DataClass, EntryRef, Scope};
use support::archives::{add, add_key, archive_of, charter, draft, full_check, key, lock, open};

/// Everything of one archive, but one member, of which other readings show another archive's.
struct Changing<'a> {
    first: &'a FolderStore,
    other: &'a FolderStore,
    member: Member,
    /// Which readings of it are the other's.
    others: fn(usize) -> bool,
    opened: AtomicUsize,
}

impl<'a> Changing<'a> {
    fn new(
        first: &'a FolderStore,
        other: &'a FolderStore,
        kind: TileKind,
        width: u16,
        others: fn(usize) -> bool,
    ) -> Self {
        let member = Member::Tile(TileName { kind, index: 0, width });
        Self { first, other, member, others, opened: AtomicUsize::new(0) }
    }

    fn whose(&self, member: Member) -> &'a FolderStore {
        let other = member == self.member && (self.others)(self.opened.load(Ordering::SeqCst));
        if other { self.other } else { self.first }
    }
}

impl Store for Changing<'_> {
    fn kind(&self) -> StoreKind {
        StoreKind::Folder
    }

    fn size(&self, member: Member) -> Result<u64, StoreError> {
        self.whose(member).size(member)
    }

    fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
        let store = self.whose(member);
        self.opened.fetch_add(usize::from(member == self.member), Ordering::SeqCst);
        store.open(member)
    }

    fn scan(&self, visit: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
        self.first.scan(visit)
    }
}

fn codes(report: &Report) -> Vec<Code> {
    report.findings.iter().map(|finding| finding.code).collect()
}

/// Two archives of one origin and key: the charter of the one, by whose id it is known, before the log of the other.
#[test]
fn the_charter_that_is_trusted_is_the_one_that_is_in_the_log() {
    let (trusted, other) = (archive_of(&[]), tempfile::tempdir().unwrap());
    let ours = charter();
    let again = Charter::new(ours.origin, ours.title, ours.members, 1, [8; 16]).unwrap();
    drop(Archive::create(lock(other.path()), again, &key(), &key()).unwrap());
    let (trusted, other) = (FolderStore::new(trusted.path()), FolderStore::new(other.path()));
    assert_ne!(full_check(&trusted).0.archive, full_check(&other).0.archive);
    let store = Changing::new(&other, &trusted, TileKind::Entries, 1, |nth| nth == 0);
    let (report, _) = full_check(&store);
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![Code::Charter]));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() { copy(&from, &to) } else { std::fs::copy(from, to).map(drop).unwrap() }
    }
}

/// A manifest is missing, and a withdrawal says so that stands in no log that anybody signed.
#[test]
fn only_a_withdrawal_of_the_log_explains_what_is_missing() {
    let (shared, other) = (archive_of(&[&[draft("a", "one", None)]]), tempfile::tempdir().unwrap());
    copy(shared.path(), other.path());

    add_key(shared.path(), &SecretKey::from_seed(&[2; 32]), &[KeyRole::Archivist]);

    let archive = open(lock(other.path())).unwrap();
    let scope = Scope::Entries([EntryRef { index: 1, id: archive.ledger().id_at(1).unwrap() }].into());
    let grounds = Grounds { class: DataClass::Other, reason: "to hide it".into(), basis: "none".into() };
    let word = archive.withdrawal(scope, grounds, &key()).unwrap();
    drop(archive.append(&[word], &key()).unwrap());

    for kind in ["manifests", "packs"] {
        let tile = format!("tile/{kind}/000.p/3");
        std::fs::copy(other.path().join(&tile), shared.path().join(&tile)).unwrap();
    }
    let (shared, other) = (FolderStore::new(shared.path()), FolderStore::new(other.path()));
    assert_eq!(codes(&full_check(&shared).0), [Code::ManifestMissing]);
    assert_eq!(codes(&full_check(&other).0), [Code::Withdrawn]);
    // First the charter is read, then withdrawals, twice where there are any, and then all of it.
    let store = Changing::new(&shared, &other, TileKind::Entries, 3, |nth| nth == 1 || nth == 2);
    let (report, _) = full_check(&store);
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![Code::EntryTile]));
}

/// What an observer sees of a manifest that was read again.
#[derive(Default)]
struct Subjects(Vec<String>);

impl Observer for Subjects {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        self.0.extend(entry.manifest.map(|manifest| manifest.subject.clone()));
        ControlFlow::Continue(())
    }
}

/// A manifest too large to be held until its turn comes is read twice.
#[test]
fn a_manifest_that_is_read_again_is_the_one_that_was_checked() {
    let mut large = draft("a", "one", None);
    large.metadata.summary = Some("x".repeat(3 << 20));
    let (one, other) = (archive_of(&[&[large.clone()]]), tempfile::tempdir().unwrap());
    large.metadata.summary = Some("y".repeat(3 << 20));
    let founded = support::archives::create(lock(other.path())).unwrap();
    drop(add(founded, &[large], 1).unwrap());
    let (one, other) = (FolderStore::new(one.path()), FolderStore::new(other.path()));
    let judge = |others| {
        let store = Changing::new(&one, &other, TileKind::Manifests, 2, others);
        let (files, trust) = (Files::All, Trust::default());
        let options = CheckOptions { files, trust, threads: 1, signatures: Signatures::All };
        let mut subjects = Subjects::default();
        let report = check(&store, &options, &mut subjects).unwrap();
        (codes(&report), subjects.0)
    };
    assert_eq!(judge(|_| false), (vec![], vec!["a".to_owned()]));
    assert_eq!(judge(|nth| nth == 1), (vec![Code::ManifestDigest], vec![]));
}
