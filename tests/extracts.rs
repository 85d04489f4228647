//! Extracts: what they show, how little of an archive they take, and that nothing in them can be changed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use litopys::archive::{Archive, Grounds};
use litopys::charter::{Charter, KeyRole};
use litopys::check::{Anchor, CheckOptions, Files, Signatures, Trust, check, refused};
use litopys::extract::{ExtractError, Summary, merge, write};
use litopys::key::SignError;
use litopys::layout::{Member, TileKind, TileName, TimeName};
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::log::merkle::TreeBuilder;
use litopys::log::text::ConsistencyText;
use litopys::log::tile::write_entries;
use litopys::prove::{ProveError, Prover};
use litopys::receipt::{Receipt, ReceiptError, transparent};
use litopys::report::{Claim, Code, Report, Verdict};
use litopys::statement::SignedStatement;
use litopys::store::folder::FolderStore;
use litopys::store::memory::MemoryStore;
use litopys::store::zip::BundleStore;
use litopys::store::{Found, Store, StoreError, StoreKind};
use litopys::transfer::{TransferError, to_bundle, to_folder};
use litopys::view::{ReadError, View};
use litopys::withdrawal::{DataClass, EntryRef, Scope};
use litopys::{ArchiveId, FileDigest, PublicKey, SecretKey, Signer, StatementId, TreeHead};
use support::archives::{add, add_key, archive_of, charter, draft, key, lock, noise, open};

/// An archive of three articles, one of them in three versions, one with a large file.
fn archive() -> tempfile::TempDir {
    archive_of(&[
        &[draft("a", "One.", None), draft("b", "A text with an attachment.", Some(noise(1, 70_000)))],
        &[draft("a", "Two.", None)],
        &[draft("c", "Something else.", None), draft("a", "Three.", None)],
    ])
}

fn extract(store: &dyn Store, versions: &[u64]) -> Vec<u8> {
    write(store, versions, Cursor::new(Vec::new())).unwrap().0.into_inner()
}

fn trusting(seen: Option<(ArchiveId, TreeHead)>) -> CheckOptions {
    let demanded = vec![Anchor::Founder(key().public_key().clone())];
    let trust = Trust { demanded, known: Vec::new(), seen: seen.into_iter().collect(), ..Trust::default() };
    CheckOptions { files: Files::All, trust, signatures: Signatures::All, threads: 1 }
}

fn judge(bytes: &[u8], seen: Option<(ArchiveId, TreeHead)>) -> Report {
    match BundleStore::open(bytes) {
        Ok(store) => check(&store, &trusting(seen), &mut ()).unwrap(),
        Err(error) => refused(&error).unwrap(),
    }
}

/// The indexes of an article's versions.
fn versions(view: &View<'_>, subject: &str) -> Vec<u64> {
    let article = view.articles().iter().find(|article| article.subject == subject).unwrap();
    article.versions.iter().map(|version| version.index).collect()
}

#[test]
fn an_extract_shows_what_was_chosen_and_claims_no_more() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let view = View::open(&folder, Trust::default(), 1).unwrap();
    let chosen = versions(&view, "a");
    assert_eq!(chosen, [1, 3, 5]);
    let bytes = extract(&folder, &chosen);
    assert_eq!(bytes, extract(&folder, &[5, 3, 1, 3]), "one choice has one sequence of bytes");

    let report = judge(&bytes, None);
    assert_eq!((report.verdict(), report.findings.len()), (Verdict::Verified, 0), "{report:#?}");
    let claims = report.claims;
    assert_eq!((claims.intact, claims.signed, claims.trusted), (Claim::Holds, Claim::Holds, Claim::Holds));
    assert_eq!((claims.complete, claims.current), (Claim::NotApplicable, Claim::Unchecked));
    assert_eq!((report.counts.articles, report.counts.versions, report.counts.statements), (1, 3, 4));
    assert_eq!(report.archive, view.report().archive);

    // What is read in it is what is read in the archive.
    let store = BundleStore::open(bytes.as_slice()).unwrap();
    assert_eq!(store.kind(), StoreKind::Extract);
    let shown = View::open(&store, Trust::default(), 1).unwrap();
    assert_eq!(shown.articles(), &view.articles()[..1]);
    for version in &shown.articles()[0].versions {
        let manifest = shown.manifest(version).unwrap();
        assert_eq!(manifest, view.manifest(version).unwrap());
        for file in &manifest.files {
            let bytes = shown.file(version, &manifest, file).unwrap();
            assert_eq!(bytes, view.file(version, &manifest, file).unwrap());
        }
        assert_eq!(shown.statement(version).unwrap(), view.statement(version).unwrap());
    }
}

#[test]
fn one_version_can_stand_alone_and_the_last_statement_only_shows_who_may_sign() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let bytes = extract(&folder, &[3]);
    let report = judge(&bytes, None);
    assert_eq!(report.verdict(), Verdict::Verified, "{report:#?}");
    // The last statement is there, but nothing of its article.
    assert_eq!((report.counts.articles, report.counts.versions, report.counts.statements), (1, 1, 3));
    let store = BundleStore::open(bytes.as_slice()).unwrap();
    let view = View::open(&store, Trust::default(), 1).unwrap();
    let article = &view.articles()[0];
    assert_eq!(article.versions.iter().map(|version| version.version).collect::<Vec<_>>(), [2]);
    // A large file is there as it is.
    let large = extract(&folder, &[2]);
    assert_eq!(judge(&large, None).counts.files, 2);
    assert_eq!(judge(&large, None).verdict(), Verdict::Verified);
}

#[test]
fn what_was_seen_before_decides_whether_it_is_current() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let mut prover = Prover::open(&folder).unwrap();
    let (id, head) = (prover.archive(), prover.head());
    let old = extract(&folder, &[1]);
    let current = |bytes: &[u8], head| judge(bytes, Some((id, head))).claims.current;
    assert_eq!(current(&old, head), Claim::Holds);
    // An older one: nothing shows that the log extends it.
    let older = TreeHead::new(4, prover.root_at(4).unwrap()).unwrap();
    assert_eq!(current(&old, older), Claim::Unchecked);
    assert_eq!(judge(&old, Some((id, older))).verdict(), Verdict::Verified);
    // A newer one: who signs may have changed since.
    let newer = TreeHead::new(7, head.root()).unwrap();
    assert_eq!(judge(&old, Some((id, newer))).findings[0].code, Code::RolledBack);
    let other = TreeHead::new(head.size(), older.root()).unwrap();
    assert_eq!(judge(&old, Some((id, other))).findings[0].code, Code::Forked);
}

#[test]
fn a_timestamp_comes_along_with_the_proof_that_the_log_grew_from_it() {
    let dir = archive_of(&[&[draft("a", "One.", None), draft("b", "Two.", None)]]);
    let checkpoint = SignedCheckpoint::parse(&std::fs::read(dir.path().join("checkpoint")).unwrap()).unwrap();
    lock(dir.path()).keep_timestamp(&checkpoint, b"a token").unwrap();
    drop(add(open(lock(dir.path())).unwrap(), &[draft("c", "Three.", None), draft("d", "Four.", None)], 1).unwrap());
    let folder = FolderStore::new(dir.path());
    let dated = |bytes: &[u8]| -> Vec<_> {
        let report = judge(bytes, None);
        assert_eq!(report.verdict(), Verdict::Verified, "{report:#?}");
        report.timestamped.iter().map(|of| (of.head.size(), of.tokens.len())).collect()
    };
    let first = extract(&folder, &[1]);
    assert_eq!(dated(&first), [(3, 1)]);
    // Nothing dates what came after.
    assert_eq!(dated(&extract(&folder, &[3])), []);
    // An extract of an extract, and one joined, keep it.
    let store = BundleStore::open(first.as_slice()).unwrap();
    assert_eq!(extract(&store, &[1]), first);
    let other = extract(&folder, &[3]);
    let other = BundleStore::open(other.as_slice()).unwrap();
    let (joined, _) = merge(&[&store, &other], None, Cursor::new(Vec::new())).unwrap();
    assert_eq!(joined.into_inner(), extract(&folder, &[1, 3]));
}

#[test]
fn nothing_of_an_extract_can_be_changed() {
    let dir = archive();
    let checkpoint = SignedCheckpoint::parse(&std::fs::read(dir.path().join("checkpoint")).unwrap()).unwrap();
    lock(dir.path()).keep_timestamp(&checkpoint, b"a token").unwrap();
    drop(add(open(lock(dir.path())).unwrap(), &[draft("e", "Later.", None)], 1).unwrap());
    let bytes = extract(&FolderStore::new(dir.path()), &[1, 3]);
    for end in 0..bytes.len() {
        assert_eq!(judge(&bytes[..end], None).verdict(), Verdict::Failed, "cut at {end}");
    }
    let mut changed = bytes.clone();
    for at in 0..bytes.len() {
        for bits in [0x01, 0x80, 0xff] {
            changed[at] ^= bits;
            let report = judge(&changed, None);
            // A charter that names another algorithm, kind or format: nobody can say more of that archive.
            let unknown = report.verdict() == Verdict::Unchecked && report.archive.is_none();
            assert!(report.verdict() == Verdict::Failed || unknown, "byte {at}: {report:#?}");
            changed[at] ^= bits;
        }
    }
}

#[test]
fn extracts_of_one_checkpoint_are_joined() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let [one, two] = [extract(&folder, &[1, 3]), extract(&folder, &[2, 3])];
    let stores = [one.as_slice(), two.as_slice()].map(|bytes| BundleStore::open(bytes).unwrap());
    let stores: Vec<&dyn Store> = stores.iter().map(|store| store as &dyn Store).collect();
    let (joined, summary) = merge(&stores, None, Cursor::new(Vec::new())).unwrap();
    assert_eq!(joined.into_inner(), extract(&folder, &[1, 2, 3]), "as if they had been chosen at once");
    assert_eq!(summary.versions, 3);
}

fn withdraw(root: &Path, scope: impl Fn(&Archive) -> Scope) {
    let archive = open(lock(root)).unwrap();
    let grounds = Grounds { class: DataClass::Other, reason: "asked for".into(), basis: "none".into() };
    let statement = archive.withdrawal(scope(&archive), grounds, &key()).unwrap();
    archive.append(&[statement], &key()).unwrap();
}

#[test]
fn what_is_withheld_is_in_no_extract_and_its_withdrawal_is() {
    let dir = archive();
    let before = extract(&FolderStore::new(dir.path()), &[1, 3]);
    withdraw(dir.path(), |archive| {
        Scope::Entries([EntryRef { index: 3, id: archive.ledger().id_at(3).unwrap() }].into())
    });
    withdraw(dir.path(), |_| Scope::Files([FileDigest::of(b"Something else.")].into()));
    // The last statement is shown in any case.
    drop(add(open(lock(dir.path())).unwrap(), &[draft("d", "More.", None)], 1).unwrap());
    let folder = FolderStore::new(dir.path());
    let extracts = [extract(&folder, &[1, 3]), extract(&folder, &[3, 4])];
    let stores = extracts.each_ref().map(|bytes| BundleStore::open(bytes.as_slice()).unwrap());
    let stores: Vec<&dyn Store> = stores.iter().map(|store| store as &dyn Store).collect();
    let joined = merge(&stores, None, Cursor::new(Vec::new())).unwrap().0.into_inner();
    assert_eq!(joined, extract(&folder, &[1, 3, 4]), "as if they had been chosen at once");
    // What was made before has the bytes still; joined again under the archive it has them no more.
    let old = BundleStore::open(before.as_slice()).unwrap();
    let renewed = merge(&[&old], Some(&folder), Cursor::new(Vec::new())).unwrap().0.into_inner();
    assert_eq!(renewed, extracts[0]);
    for (bytes, by) in [(&extracts[0], &[6][..]), (&extracts[1], &[6, 7]), (&joined, &[6, 7])] {
        let report = judge(bytes, None);
        assert_eq!(report.verdict(), Verdict::Verified, "{report:#?}");
        let told = report.findings.iter().map(|finding| (finding.code, finding.place.statement));
        assert!(told.eq(by.iter().map(|index| (Code::Withdrawn, Some(*index)))), "{:#?}", report.findings);
        let shown = BundleStore::open(bytes.as_slice()).unwrap();
        for text in ["Two.", "Something else."] {
            let digest = FileDigest::of(text.as_bytes());
            assert!(shown.size(Member::File { digest, compressed: false }).is_err(), "{text}");
        }
    }
}

#[test]
fn extracts_of_other_checkpoints_and_archives_are_not_joined() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let before = extract(&folder, &[1]);
    drop(add(open(lock(dir.path())).unwrap(), &[draft("d", "Newer.", None)], 1).unwrap());
    let after = extract(&folder, &[6]);
    let other = archive_of(&[&[draft("x", "Another.", None)]]);
    let other_store = FolderStore::new(other.path());
    let foreign = extract(&other_store, &[1]);
    let join = |parts: &[&[u8]], archive: Option<&dyn Store>| {
        let stores: Vec<_> = parts.iter().map(|bytes| BundleStore::open(*bytes).unwrap()).collect();
        let stores: Vec<&dyn Store> = stores.iter().map(|store| store as &dyn Store).collect();
        merge(&stores, archive, Cursor::new(Vec::new())).map(|(out, _): (_, Summary)| out.into_inner())
    };
    let error = join(&[&before, &after], None).unwrap_err();
    assert!(matches!(error, ExtractError::OtherCheckpoint { input: 2, size: 7, expected: 6 }), "{error}");
    // With the archive the older one is proved anew.
    assert_eq!(join(&[&before, &after], Some(&folder)).unwrap(), extract(&folder, &[1, 6]));
    // The same charter makes it the same archive; its log has other statements.
    let error = join(&[&foreign], Some(&folder)).unwrap_err();
    assert!(matches!(error, ExtractError::Differs { input: 1, index: 1 }), "{error}");
    assert!(matches!(join(&[], None), Err(ExtractError::Nothing)));
    let stranger = tempfile::tempdir().unwrap();
    let of = charter();
    let charter = Charter::new(of.origin, of.title, of.members, 1, [8; 16]).unwrap();
    let archive = Archive::create(lock(stranger.path()), charter, &key(), &key()).unwrap();
    let (archive, _) = add(archive, &[draft("x", "A third.", None)], 1).unwrap();
    let third = extract(archive.store(), &[1]);
    for joined in [join(&[&before, &third], None), join(&[&third], Some(&folder))] {
        assert!(matches!(joined, Err(ExtractError::OtherArchive { archive: of, .. }) if of == archive.id()));
    }
}

#[test]
fn what_is_damaged_is_not_handed_on() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let member = Member::File { digest: FileDigest::of(&noise(1, 70_000)), compressed: false };
    let mut bytes = folder.read(member, 1 << 20).unwrap();
    bytes[69_999] ^= 1;
    std::fs::write(dir.path().join(member.to_string()), bytes).unwrap();
    let error = write(&folder, &[2], Cursor::new(Vec::new())).map(|_| ()).unwrap_err();
    assert!(matches!(error, ExtractError::Read(ReadError::Altered { .. })), "{error}");
    let error = to_bundle(&folder, Cursor::new(Vec::new()), 1).map(|_| ()).unwrap_err();
    assert!(matches!(&error, TransferError::Failed(report) if report.verdict() == Verdict::Failed), "{error}");
    let target = tempfile::tempdir().unwrap();
    let error = to_folder(&folder, &lock(target.path()), 1).map(|_| ()).unwrap_err();
    assert!(matches!(error, TransferError::Failed(_)), "{error}");
}

#[test]
fn nothing_but_versions_can_be_chosen() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let error = |chosen: &[u64]| write(&folder, chosen, Cursor::new(Vec::new())).map(|_| ()).unwrap_err();
    assert!(matches!(error(&[0]), ExtractError::NotVersion { index: 0 }));
    assert!(matches!(error(&[6]), ExtractError::Prove(ProveError::OutOfRange { index: 6, size: 6 })));
    assert!(matches!(error(&[]), ExtractError::Nothing));
    // Another extract can be made of one, of what it shows.
    let whole = extract(&folder, &[1, 3, 5]);
    let store = BundleStore::open(whole.as_slice()).unwrap();
    assert_eq!(extract(&store, &[3]), extract(&folder, &[3]));
    let error = write(&store, &[2], Cursor::new(Vec::new())).map(|_| ()).unwrap_err();
    assert!(matches!(error, ExtractError::Prove(ProveError::NotShown { index: 2 })));
}

#[test]
fn growth_is_proved_and_forks_are_not() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let mut prover = Prover::open(&folder).unwrap();
    let head = prover.head();
    for size in 1..=head.size() {
        let older = TreeHead::new(size, prover.root_at(size).unwrap()).unwrap();
        let text = prover.consistency(older).unwrap();
        let read = ConsistencyText::parse(&text.to_text()).unwrap();
        assert_eq!((read.older, read.proof.verify(older, head)), (size, Ok(())));
        let other = TreeHead::new(size, litopys::TreeHash::from_bytes([7; 32])).unwrap();
        assert!(matches!(prover.consistency(other), Err(ProveError::Forked { .. })));
    }
    let longer = TreeHead::new(head.size() + 1, head.root()).unwrap();
    assert!(matches!(prover.consistency(longer), Err(ProveError::Shrunk { older: 7, size: 6 })));
    // An extract knows no root but its own.
    let bytes = extract(&folder, &[1]);
    let store = BundleStore::open(bytes.as_slice()).unwrap();
    let mut shown = Prover::open(&store).unwrap();
    assert_eq!(shown.consistency(head).unwrap().proof.path.len(), 0);
    let older = TreeHead::new(4, prover.root_at(4).unwrap()).unwrap();
    assert!(matches!(shown.consistency(older), Err(ProveError::Extract)));
}

/// A device that signs something else.
struct Liar(SecretKey);

impl Signer for Liar {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignError> {
        self.0.sign(b"something else")
    }
}

#[test]
fn a_receipt_is_signed_by_a_log_key_and_is_no_statement() {
    let dir = archive();
    let folder = FolderStore::new(dir.path());
    let mut prover = Prover::open(&folder).unwrap();
    let receipt = Receipt::issue(&mut prover, 1, &key()).unwrap();
    // Neither it nor the statement with it can be put into a log.
    assert!(SignedStatement::parse(receipt.as_bytes()).is_err());
    let statement = prover.statement(1).unwrap();
    let with = transparent(&statement, &[receipt]);
    assert!(SignedStatement::parse(with.as_slice()).is_err());
    assert!(with.windows(32).any(|bytes| bytes == key().public_key().as_bytes()));
    let stranger = SecretKey::from_seed(&[2; 32]);
    assert!(matches!(Receipt::issue(&mut prover, 1, &stranger), Err(ReceiptError::Role(_))));
    assert!(matches!(Receipt::issue(&mut prover, 1, &Liar(key())), Err(ReceiptError::Sign(SignError::Wrong))));
    // Nor is one by a key of the archive that may do something else.
    add_key(dir.path(), &stranger, &[KeyRole::Archivist, KeyRole::Steward]);
    let folder = FolderStore::new(dir.path());
    let mut prover = Prover::open(&folder).unwrap();
    assert!(matches!(Receipt::issue(&mut prover, 1, &stranger), Err(ReceiptError::Role(_))));
    // A log of one statement has no path.
    let dir = archive_of(&[]);
    let alone = FolderStore::new(dir.path());
    let mut prover = Prover::open(&alone).unwrap();
    assert!(matches!(Receipt::issue(&mut prover, 0, &key()), Err(ReceiptError::Alone)));
}

/// The archive's files, with the tiles of a log of `size` statements of which only the tiles of a real archive's are there. What is read is
/// counted.
struct Vast {
    files: MemoryStore,
    read: AtomicU64,
    names: Mutex<Vec<String>>,
}

impl Store for Vast {
    fn kind(&self) -> StoreKind {
        StoreKind::Folder
    }

    fn size(&self, member: Member) -> Result<u64, StoreError> {
        self.files.size(member)
    }

    fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
        self.read.fetch_add(self.files.size(member)?, Ordering::SeqCst);
        self.names.lock().unwrap().push(member.to_string());
        self.files.open(member)
    }

    fn scan(&self, _: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
        panic!("an extract needs no list of files");
    }

    fn scan_times(&self, _: &mut dyn FnMut(TimeName)) -> Result<(), StoreError> {
        Ok(())
    }
}

fn tile_at(kind: TileKind, index: u64, size: u64) -> TileName {
    TileName { kind, index, width: u16::try_from((size - index * 256).min(256)).unwrap() }
}

/// A log of so many statements: those of a real archive first, and last; the others are nothing but hashes.
fn vast(size: u64, article: &str) -> Vast {
    let dir = archive_of(&[&[draft("a", article, None), draft("b", "Last.", None)]]);
    let folder = FolderStore::new(dir.path());
    let small = |kind| folder.read(Member::Tile(TileName { kind, index: 0, width: 3 }), 1 << 20).unwrap();
    let entries = small(TileKind::Entries);
    let [founding, first, last] = litopys::log::tile::read_entries(&entries, 3).unwrap()[..] else { panic!() };
    let filler = |index: u64| index.to_be_bytes();
    let entry = |index: u64| match index {
        0 => founding.to_vec(),
        1 => first.to_vec(),
        index if index + 1 == size => last.to_vec(),
        index => filler(index).to_vec(),
    };
    let (mut files, mut tree) = (MemoryStore::new(), TreeBuilder::new());
    for index in 0..size {
        for (name, bytes) in tree.push(StatementId::of(&entry(index))) {
            files.insert(Member::Tile(name), bytes);
        }
    }
    for (name, bytes) in tree.partials(0) {
        files.insert(Member::Tile(name), bytes);
    }
    for tile in [0, (size - 1) / 256] {
        let name = tile_at(TileKind::Entries, tile, size);
        let entries: Vec<_> = (tile * 256..).take(name.width.into()).map(entry).collect();
        files.insert(Member::Tile(name), write_entries(entries.iter().map(Vec::as_slice)).unwrap());
    }
    // A reader looks no further into a frame than to the statement that it wants.
    for kind in [TileKind::Manifests, TileKind::Packs] {
        files.insert(Member::Tile(tile_at(kind, 0, size)), small(kind));
    }
    let checkpoint = SignedCheckpoint::sign(&charter().origin, tree.head().unwrap(), &key()).unwrap();
    files.insert(Member::Checkpoint, checkpoint.bytes().to_vec());
    Vast { files, read: AtomicU64::new(0), names: Mutex::default() }
}

#[test]
fn an_article_of_a_million_is_small_and_little_is_read_for_it() {
    let text: String = noise(3, 1_500).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text.len(), 3_000);
    let store = vast(1_000_000, &text);
    let bytes = extract(&store, &[1]);
    let (read, names) = (store.read.load(Ordering::SeqCst), store.names.lock().unwrap());
    assert!(bytes.len() < 20 << 10, "{} bytes", bytes.len());
    // The two entry tiles, the hash tiles on the way from each up, the checkpoint, a manifest and a pack; some of them twice.
    assert!(read < 256 << 10, "{read} bytes of {names:?}");
    let report = judge(&bytes, None);
    assert_eq!(report.verdict(), Verdict::Verified, "{report:#?}");
    assert_eq!(report.counts.statements, 3);
    eprintln!("an extract of {} bytes, of {read} bytes read", bytes.len());
}
