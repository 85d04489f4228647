//! What others say of an archive: timestamps beside it, cosignatures on its checkpoint.

use litopys::archive::ArchiveError;
use litopys::layout::Member;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::store::Store;
use litopys::store::folder::{FolderWriter, LinesError};

use crate::case::Case;
use crate::growing::adding;
use crate::support::archives::{archive_of, draft, lock, witness};
use crate::{contents, texts};

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

/// Cosigns the checkpoint that stands there, as the witness does.
fn cosigning(time: u64) -> impl Fn(FolderWriter) -> Result<(), ArchiveError> {
    move |writer| {
        let checkpoint = SignedCheckpoint::parse(&writer.store().read(Member::Checkpoint, 1 << 16)?).unwrap();
        let (name, key) = witness();
        let line = checkpoint.cosign(&name, time, &key).unwrap();
        match writer.add_lines(&checkpoint, &[line]) {
            Ok(_) => Ok(()),
            Err(LinesError::Store(error)) => Err(error.into()),
            Err(LinesError::Write(error)) => Err(error.into()),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_checkpoint_is_cosigned_or_not() {
    let base = archive_of(&[&texts(0..3)]);
    let steps = Case::new(base.path(), &cosigning(1_780_000_000), true).stop_everywhere();
    assert!(steps > 3, "{steps}");
    // Again, later: the cosignature is the old one or the new one, never none.
    cosigning(1_780_000_000)(lock(base.path())).unwrap();
    assert_eq!(contents(base.path()).unwrap().cosigned, [1_780_000_000]);
    Case::new(base.path(), &cosigning(1_780_000_001), true).stop_everywhere();
    // What grows is a new checkpoint, which nobody has cosigned yet.
    Case::new(base.path(), &adding(vec![draft("next", "Next.", None)]), true).stop_everywhere();
}
