//! Crashes: whatever a writer was doing when the process, the machine or the disk stopped, the archive is the old one or the new one.
//! A [disk](disk) made for this stops at every write, sync, rename, removal and new folder in turn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "crash/disk.rs"]
mod disk;
mod support;

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use disk::{Disked, Fault, Files, Loss, Unsynced, snapshot};
use litopys::FileDigest;
use litopys::archive::{Archive, ArchiveError, DraftError, Grounds, Outcome};
use litopys::draft::{Draft, DraftFile};
use litopys::layout::Member;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::report::Code;
use litopys::store::Store;
use litopys::store::folder::{FolderStore, FolderWriter, WriteError};
use litopys::store::zip::BundleStore;
use litopys::transfer::{to_bundle, to_folder};
use litopys::withdrawal::{DataClass, EntryRef, Scope};
use support::archives::{Contents, WAIT, add, archive_of, create, draft, full_check, key, lock, noise, open, verified};

fn folder_of(files: &Files) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        match bytes {
            None => fs::create_dir(dir.path().join(name)).unwrap(),
            Some(bytes) => fs::write(dir.path().join(name), bytes).unwrap(),
        }
    }
    dir
}

fn contents(root: &Path) -> Option<Contents> {
    verified(&FolderStore::new(root))
}

/// Something that is done to a folder and may be interrupted.
struct Case<'a> {
    base: &'a Path,
    job: &'a dyn Fn(FolderWriter) -> Result<(), ArchiveError>,
    /// Whether the job is also done where it was done before: `create` is not.
    again: bool,
    /// The states that were looked at: many losses leave the same.
    seen: RefCell<HashSet<u64>>,
}

impl<'a> Case<'a> {
    fn new(base: &'a Path, job: &'a dyn Fn(FolderWriter) -> Result<(), ArchiveError>, again: bool) -> Self {
        Self { base, job, again, seen: RefCell::default() }
    }

    fn run(&self, disk: &Disked, root: &Path) -> Result<(), ArchiveError> {
        let writer = FolderWriter::lock_on(Box::new(disk.clone()), root.to_owned(), WAIT)?;
        (self.job)(writer)
    }

    /// Stops the job at every step in turn, in every way; how many steps there are.
    fn stop_everywhere(&self) -> usize {
        let old = contents(self.base);
        let done = folder_of(&snapshot(self.base));
        let disk = Disked::new(done.path(), None);
        self.run(&disk, done.path()).unwrap();
        let new = contents(done.path());
        assert_ne!(old, new);
        let steps = disk.model().steps.len();
        // It took effect and said so: no loss of power takes it back.
        for seed in 0..8 {
            let loss = if seed == 0 { Loss::All } else { Loss::Some(seed) };
            self.after(&disk, loss, &[&new], "the end");
        }
        for at in 0..steps {
            let of = |step: &str| disk.model().steps[at].starts_with(step);
            let full = if at % 2 == 0 { ErrorKind::StorageFull } else { ErrorKind::PermissionDenied };
            let mut faults = vec![Fault::Stop, Fault::Fail(full)];
            faults.extend(of("write").then_some(Fault::Torn));
            faults.extend(of("rename").then_some(Fault::Unsure));
            for fault in faults {
                let dir = folder_of(&snapshot(self.base));
                let disk = Disked::new(dir.path(), Some((at, fault)));
                let result = self.run(&disk, dir.path());
                let step = disk.faulted().expect("each run takes the same steps");
                let place = format!("{fault:?} at step {at} of {steps}: {step}");
                self.judge(&disk, dir.path(), fault, result, (&old, &new), &place);
            }
        }
        steps
    }

    fn judge(
        &self,
        disk: &Disked,
        root: &Path,
        fault: Fault,
        result: Result<(), ArchiveError>,
        (old, new): (&Option<Contents>, &Option<Contents>),
        place: &str,
    ) {
        let found = contents(root);
        assert!(found == *old || found == *new, "{place}: {:?}", found.map(|found| found.checkpoint));
        if result.is_ok() {
            assert_eq!(found, *new, "{place}");
        }
        match fault {
            Fault::Stop | Fault::Torn => {
                let seed = place.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
                for loss in [Loss::All, Loss::Some(seed)] {
                    self.after(disk, loss, &[old, new], place);
                }
            }
            Fault::Fail(_) | Fault::Unsure => {
                if result.is_err() && found == *old {
                    assert_eq!(snapshot(root), snapshot(self.base), "{place}: something was changed");
                }
                self.after(disk, Loss::All, &[old, new], place);
            }
        }
        // The next one, in the folder as it is; what that did outlives a loss of power.
        if self.again || found == *old {
            disk.restart();
            self.run(disk, root).unwrap_or_else(|error| panic!("{place}, and again: {error:?}"));
            let again = contents(root);
            assert_eq!(again.as_ref().map(|c| &c.articles), new.as_ref().map(|c| &c.articles), "{place}");
            self.after(disk, Loss::All, &[&again], place);
        }
    }

    /// After a loss of power the archive is one of these, and can be written on.
    fn after(&self, disk: &Disked, loss: Loss, expected: &[&Option<Contents>], place: &str) {
        let place = format!("{place}, {loss:?} lost");
        let left = disk.model().after(loss);
        let mut hasher = std::hash::DefaultHasher::new();
        let heads: Vec<_> = expected.iter().map(|contents| contents.as_ref().map(|c| c.checkpoint)).collect();
        (&left, format!("{heads:?}")).hash(&mut hasher);
        if !self.seen.borrow_mut().insert(hasher.finish()) {
            return;
        }
        let dir = folder_of(&left);
        let found = contents(dir.path());
        assert!(expected.contains(&&found), "{place}: {:?}", found.map(|found| found.checkpoint));
        if self.again || found.is_none() {
            let writer = FolderWriter::lock_on(Box::new(Unsynced), dir.path().to_owned(), WAIT).unwrap();
            (self.job)(writer).unwrap_or_else(|error| panic!("{place}, and again: {error:?}"));
            if matches!(loss, Loss::All) {
                contents(dir.path()).unwrap();
            }
        }
    }
}

fn adding(drafts: Vec<Draft>) -> impl Fn(FolderWriter) -> Result<(), ArchiveError> {
    move |writer| {
        let (archive, outcomes) = add(open(writer)?, &drafts, 1)?;
        assert!(!outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))), "{outcomes:?}");
        drop(archive);
        Ok(())
    }
}

fn texts(range: std::ops::Range<u32>) -> Vec<Draft> {
    range.map(|n| draft(&format!("article {n}"), &format!("Text {n}."), None)).collect()
}

#[test]
fn an_archive_is_founded_or_not() {
    let base = tempfile::tempdir().unwrap();
    let job = |writer| create(writer).map(drop);
    let steps = Case::new(base.path(), &job, false).stop_everywhere();
    assert!(steps > 20, "{steps}");
}

#[test]
fn articles_are_added_or_not() {
    // Partial tiles; a revision; a large file that compresses and one that doesn't.
    let base = archive_of(&[&texts(0..3)]);
    let mut drafts = texts(3..5);
    drafts.push(draft("article 1", "Text 1, revised.", Some(vec![7; 100_000])));
    drafts.push(draft("with noise", "Noise.", Some(noise(1, 70_000))));
    Case::new(base.path(), &adding(drafts), true).stop_everywhere();
}

#[test]
fn a_tile_is_filled_or_not() {
    let base = archive_of(&[&texts(0..120), &texts(120..253)]);
    Case::new(base.path(), &adding(texts(253..258)), true).stop_everywhere();
}

#[test]
fn a_batch_of_several_rounds_is_added_or_not() {
    // A round ends after 16 MiB of drafts, where bytes that files share count for each.
    let base = archive_of(&[&texts(0..2)]);
    let large = |n: u8| {
        let mut large = draft(&format!("large {n}"), "Large.", Some(vec![n; 1 << 20]));
        let file = large.files.pop().unwrap();
        large.files.extend((0..13).map(|nth| DraftFile { path: format!("{nth}.bin"), ..file.clone() }));
        large
    };
    let drafts = vec![large(1), large(2), draft("between", "Between.", None), large(3)];
    Case::new(base.path(), &adding(drafts), true).stop_everywhere();
}

#[test]
fn tiles_that_other_threads_write_are_added_or_not() {
    let base = archive_of(&[&texts(0..2)]);
    let drafts = texts(2..900);
    let (old, before) = (contents(base.path()), snapshot(base.path()));
    let run = |fault| {
        let dir = folder_of(&before);
        let disk = Disked::new(dir.path(), fault);
        let writer = FolderWriter::lock_on(Box::new(disk.clone()), dir.path().to_owned(), WAIT).unwrap();
        let added = open(writer).and_then(|archive| add(archive, &drafts, 3)).map(drop);
        (dir, disk, added)
    };
    let (dir, disk, added) = run(None);
    added.unwrap();
    let new = contents(dir.path());
    let steps = disk.model().steps.len();
    // Each run takes these steps in an order of its own, up to the sync of what was written; up to there nothing is committed.
    let commit = disk.model().steps.iter().position(|step| step.starts_with("sync") && step.contains("tile")).unwrap();
    for at in (1..steps).filter(|at| *at < commit || at % 7 == 0) {
        let (dir, _, added) = run(Some((at, Fault::Fail(ErrorKind::StorageFull))));
        let found = contents(dir.path());
        if added.is_ok() || at >= commit {
            assert!(found == old || found == new, "step {at}");
        } else {
            assert!(snapshot(dir.path()) == before, "step {at}: something was changed");
        }
        if added.is_ok() {
            assert_eq!(found, new, "step {at}");
        }
    }
}

/// Withdraws, unless that was done before; in the end nothing is left of it.
fn withdrawing(scope: impl Fn(&Archive) -> Scope) -> impl Fn(FolderWriter) -> Result<(), ArchiveError> {
    move |writer| {
        let (root, mut archive) = (writer.store().path().to_owned(), open(writer)?);
        if archive.ledger().withheld().is_empty() {
            let (class, reason, basis) = (DataClass::Personal, "asked for".to_owned(), "GDPR, article 17".to_owned());
            let statement = archive.withdrawal(scope(&archive), Grounds { class, reason, basis }, &key())?;
            archive = archive.append(&[statement], &key())?;
        }
        drop(archive);
        let (report, _) = full_check(&FolderStore::new(root));
        let left: Vec<_> = report.findings.iter().filter(|finding| finding.code != Code::Withdrawn).collect();
        assert!(left.is_empty(), "{left:#?}");
        Ok(())
    }
}

fn entries(archive: &Archive, indexes: &[u64]) -> Scope {
    let entry = |index: &u64| EntryRef { index: *index, id: archive.ledger().id_at(*index).unwrap() };
    Scope::Entries(indexes.iter().map(entry).collect())
}

#[test]
fn a_version_is_withdrawn_or_not() {
    // In a full tile and in a partial one; a large file of its own, and one that another article names too.
    let mut first = texts(0..254);
    first.push(draft("secret", "A secret.", Some(noise(3, 70_000))));
    let last =
        [draft("shared", "Shared.", Some(noise(4, 70_000))), draft("another", "Another.", Some(noise(4, 70_000)))];
    let base = archive_of(&[&first, &last]);
    let job = withdrawing(|archive| entries(archive, &[255, 256]));
    let steps = Case::new(base.path(), &job, true).stop_everywhere();
    assert!(steps > 30, "{steps}");
    job(lock(base.path())).unwrap();
    for (seed, there) in [(3, false), (4, true)] {
        let digest = FileDigest::of(&noise(seed, 70_000));
        let found = FolderStore::new(base.path()).size(Member::File { digest, compressed: false });
        assert_eq!(found.is_ok(), there);
    }
}

#[test]
fn a_file_is_withdrawn_or_not() {
    let drafts = [draft("one", "A secret.", Some(noise(5, 70_000))), draft("two", "A secret.", None)];
    let base = archive_of(&[&texts(0..2), &drafts]);
    let files = [FileDigest::of(b"A secret."), FileDigest::of(&noise(5, 70_000))];
    let job = withdrawing(|_| Scope::Files(files.into()));
    Case::new(base.path(), &job, true).stop_everywhere();
}

#[test]
fn what_was_withdrawn_does_not_come_back() {
    let base = archive_of(&[&[draft("one", "A secret.", None)], &texts(0..2)]);
    let file = FileDigest::of(b"A secret.");
    withdrawing(|_| Scope::Files([file].into()))(lock(base.path())).unwrap();
    let drafts = [draft("again", "A secret.", None), draft("one", "No secret.", None)];
    let (archive, outcomes) = add(open(lock(base.path())).unwrap(), &drafts, 1).unwrap();
    let refused = DraftError::Withdrawn { path: "a.md".into(), by: 4 }.to_string();
    assert!(matches!(&outcomes[0], Outcome::Failed(error) if error.to_string() == refused), "{outcomes:?}");
    assert!(matches!(&outcomes[1], Outcome::Signed { version: 2, .. }), "{outcomes:?}");
    drop(archive);
    // After a version that is withheld whatever comes is a change, of the same article.
    withdrawing_more(base.path(), &[5]);
    let drafts = [draft("one", "No secret.", None)];
    let (_, outcomes) = add(open(lock(base.path())).unwrap(), &drafts, 1).unwrap();
    assert!(matches!(&outcomes[0], Outcome::Signed { version: 3, .. }), "{outcomes:?}");
    contents(base.path()).unwrap();
}

fn withdrawing_more(root: &Path, indexes: &[u64]) {
    let archive = open(lock(root)).unwrap();
    let grounds = Grounds { class: DataClass::Other, reason: "asked for".into(), basis: "none".into() };
    let statement = archive.withdrawal(entries(&archive, indexes), grounds, &key()).unwrap();
    archive.append(&[statement], &key()).unwrap();
}

#[test]
fn bundles_are_made_without_what_is_not_yet_purged() {
    let base = archive_of(&[&[draft("one", "A secret.", Some(noise(6, 70_000)))], &texts(0..2)]);
    let before = folder_of(&snapshot(base.path()));
    withdrawing_more(base.path(), &[1]);
    let purged = to_bundle(&FolderStore::new(base.path()), io::Cursor::new(Vec::new()), 1).unwrap().0.into_inner();
    // As a crash leaves it: all that was there before, under the new checkpoint.
    let mut both = snapshot(before.path());
    let (new, tiles) = (snapshot(base.path()), ["manifests", "packs"].map(|kind| format!("tile/{kind}/000.p/5")));
    both.extend(new.into_iter().filter(|(name, _)| !tiles.iter().any(|tile| Path::new(tile) == name)));
    let crashed = folder_of(&both);
    for (kind, tile) in ["manifests", "packs"].into_iter().zip(&tiles) {
        let whole = fs::read(crashed.path().join(format!("tile/{kind}/000.p/4"))).unwrap();
        let mut content = zstd::decode_all(&whole[..]).unwrap();
        content.extend(if kind == "manifests" { &b"\xf6"[..] } else { b"\x80" });
        let mut frame = zstd::bulk::Compressor::new(3).unwrap();
        frame.include_checksum(true).unwrap();
        fs::write(crashed.path().join(tile), frame.compress(&content).unwrap()).unwrap();
    }
    let (report, _) = full_check(&FolderStore::new(crashed.path()));
    assert!(report.findings.iter().any(|finding| finding.code == Code::NotPurged), "{report:#?}");
    let (bundle, _) = to_bundle(&FolderStore::new(crashed.path()), io::Cursor::new(Vec::new()), 1).unwrap();
    assert!(bundle.into_inner() == purged, "the bundle is another");
}

#[test]
fn a_timestamp_is_kept_or_not() {
    let keeping = |response: &'static [u8]| {
        move |writer: FolderWriter| {
            let checkpoint = writer.store().read(Member::Checkpoint, 1 << 16)?;
            writer.keep_timestamp(&SignedCheckpoint::parse(&checkpoint).unwrap(), response)?;
            Ok(())
        }
    };
    let base = archive_of(&[&texts(0..3)]);
    let steps = Case::new(base.path(), &keeping(b"a token"), true).stop_everywhere();
    assert!(steps > 10, "{steps}");
    // A second one beside it.
    keeping(b"a token")(lock(base.path())).unwrap();
    Case::new(base.path(), &keeping(b"another"), true).stop_everywhere();
}

#[test]
fn a_bundle_is_unpacked_or_not() {
    let source = archive_of(&[&texts(0..3), &[draft("large", "Large.", Some(noise(2, 70_000)))]]);
    let checkpoint = FolderStore::new(source.path()).read(Member::Checkpoint, 1 << 16).unwrap();
    let checkpoint = SignedCheckpoint::parse(&checkpoint).unwrap();
    lock(source.path()).keep_timestamp(&checkpoint, b"a token").unwrap();
    let (bundle, _) = to_bundle(&FolderStore::new(source.path()), io::Cursor::new(Vec::new()), 1).unwrap();
    let bundle = BundleStore::open(bundle.into_inner()).unwrap();
    let base = tempfile::tempdir().unwrap();
    let job = |writer| match to_folder(&bundle, &writer, 1) {
        Ok(_) => Ok(()),
        Err(litopys::transfer::TransferError::Folder(error)) => Err(error.into()),
        Err(other) => panic!("{other:?}"),
    };
    Case::new(base.path(), &job, false).stop_everywhere();
}

#[test]
fn one_writer_at_a_time() {
    let dir = archive_of(&[&texts(0..2)]);
    let first = open(lock(dir.path())).unwrap();
    let busy = FolderWriter::lock(dir.path(), Duration::ZERO);
    assert!(matches!(busy, Err(WriteError::Busy)));
    drop(first);
    // Two processes of two threads, each with batches of its own, wait for each other; nothing is lost.
    let child = |who| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "writes_where_another_process_writes"]).env(WRITER, who).env(FOLDER, dir.path());
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    for mut child in [child("a"), child("b")] {
        assert!(child.wait().unwrap().success());
    }
    let contents = contents(dir.path()).unwrap();
    assert_eq!(contents.articles.len(), 2 + 12 + 1);
    assert_eq!(contents.articles["of all"].0, 12, "no version was lost");
}

const WRITER: &str = "LITOPYS_TEST_WRITER";
const FOLDER: &str = "LITOPYS_TEST_FOLDER";

/// The other processes of [`one_writer_at_a_time`]; by itself it does nothing.
#[test]
fn writes_where_another_process_writes() {
    let (Ok(who), Some(root)) = (std::env::var(WRITER), std::env::var_os(FOLDER)) else { return };
    std::thread::scope(|scope| {
        for thread in [1, 2] {
            let (who, root) = (&who, Path::new(&root));
            scope.spawn(move || {
                for n in 0..3 {
                    let name = format!("{who} {thread} {n}");
                    let drafts = [draft(&name, "Alone.", None), draft("of all", &name, None)];
                    let writer = FolderWriter::lock(root, Duration::from_secs(600)).unwrap();
                    add(open(writer).unwrap(), &drafts, 1).unwrap();
                }
            });
        }
    });
}

#[test]
fn an_archive_is_not_unpacked_over_another() {
    let source = archive_of(&[&texts(0..3)]);
    let target = archive_of(&[&texts(5..7)]);
    let before = snapshot(target.path());
    let unpacked = to_folder(&FolderStore::new(source.path()), &lock(target.path()), 1);
    assert!(matches!(unpacked, Err(litopys::transfer::TransferError::Exists)));
    assert_eq!(snapshot(target.path()), before);
    assert!(matches!(create(lock(target.path())), Err(ArchiveError::Exists)));
    assert_eq!(snapshot(target.path()), before);
}

#[test]
fn a_folder_that_cannot_be_written_is_left_as_it_is() {
    // A file, or nothing, where the folder should be.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "x").unwrap();
    for name in ["file", "nothing"] {
        let error = FolderWriter::lock(dir.path().join(name), Duration::ZERO).err();
        assert!(matches!(error, Some(WriteError::Io { .. })), "{name}: {error:?}");
    }
    assert_eq!(snapshot(dir.path()).len(), 1);
    // A folder without the right to write. The superuser may all the same: then there is nothing to see.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let base = archive_of(&[&texts(0..2)]);
        let before = snapshot(base.path());
        fs::remove_file(base.path().join(".lock")).unwrap();
        let mode = |mode| fs::set_permissions(base.path(), fs::Permissions::from_mode(mode)).unwrap();
        mode(0o555);
        let locked = FolderWriter::lock(base.path(), Duration::ZERO);
        mode(0o755);
        match locked {
            Err(WriteError::Io { source, .. }) => assert_eq!(source.kind(), ErrorKind::PermissionDenied),
            Err(other) => panic!("{other:?}"),
            Ok(_) => eprintln!("this user may write anywhere"),
        }
        assert_eq!(snapshot(base.path()), before);
    }
}
