//! Further signature lines on the checkpoint that stands there: nothing else of the archive changes.

use super::{FolderWriter, WriteError};
use crate::layout::Member;
use crate::limits;
use crate::log::checkpoint::{CheckpointError, SignatureLine, SignedCheckpoint};
use crate::store::{Store, StoreError};

/// Why lines weren't added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinesError {
    /// The checkpoint that stands there can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint that stands there is malformed, or would be with them.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The lines are over another checkpoint than the one that stands there.
    #[error("the lines are over the checkpoint of {over} statements, and the archive's is another one, of {size}")]
    Moved {
        /// The size of the one that they are over.
        over: u64,
        /// The size of the one that stands there.
        size: u64,
    },
    /// The checkpoint couldn't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl FolderWriter {
    /// Puts further signature lines, cosignatures say, on the archive's checkpoint, which must have the text of `over`, and replaces it in one step. Lines that
    /// others added meanwhile stay. The checkpoint that stands there now.
    ///
    /// Whether the lines verify is not asked here.
    ///
    /// # Errors
    /// [`LinesError`]. Then the archive is as it was.
    pub fn add_lines(&self, over: &SignedCheckpoint, lines: &[SignatureLine]) -> Result<SignedCheckpoint, LinesError> {
        let there = SignedCheckpoint::parse(&self.store().read(Member::Checkpoint, limits::CHECKPOINT)?)?;
        if there.text() != over.text() {
            return Err(LinesError::Moved { over: over.claimed_size(), size: there.claimed_size() });
        }
        let with = there.with_lines(lines)?;
        self.commit(with.bytes())?;
        Ok(with)
    }
}
