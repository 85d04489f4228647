//! Archives that are founded and grow.

use std::io::ErrorKind;

use litopys::archive::{ArchiveError, Outcome};
use litopys::draft::{Draft, DraftFile};
use litopys::store::folder::FolderWriter;

use crate::case::Case;
use crate::disk::{Disked, Fault, snapshot};
use crate::support::archives::{WAIT, add, archive_of, create, draft, noise, open};
use crate::{contents, folder_of, texts};

pub(crate) fn adding(drafts: Vec<Draft>) -> impl Fn(FolderWriter) -> Result<(), ArchiveError> {
    move |writer| {
        let (archive, outcomes) = add(open(writer)?, &drafts, 1)?;
        assert!(!outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))), "{outcomes:?}");
        drop(archive);
        Ok(())
    }
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
