//! Full tiles, written while the statements after them are signed.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::ArchiveError;
use super::tiles::OpenTile;
use crate::store::folder::FolderWriter;

/// Tiles that are being written, each by a thread of its own; with one thread, by the one that there is.
pub(super) struct Writing {
    threads: usize,
    running: VecDeque<JoinHandle<Result<(), ArchiveError>>>,
}

impl Writing {
    pub(super) fn new(threads: usize) -> Self {
        let threads = if cfg!(feature = "parallel") { threads } else { 1 };
        Self { threads, running: VecDeque::new() }
    }

    /// Begins to write a tile, as soon as fewer others are written than there are threads: what waits is bounded.
    pub(super) fn start(&mut self, writer: &Arc<FolderWriter>, tile: OpenTile) -> Result<(), ArchiveError> {
        if self.threads == 1 {
            return tile.write(writer);
        }
        while self.running.len() >= self.threads {
            self.end_first()?;
        }
        let writer = Arc::clone(writer);
        self.running.push_back(thread::spawn(move || tile.write(&writer)));
        Ok(())
    }

    /// Waits until all are written.
    pub(super) fn finish(&mut self) -> Result<(), ArchiveError> {
        while !self.running.is_empty() {
            self.end_first()?;
        }
        Ok(())
    }

    fn end_first(&mut self) -> Result<(), ArchiveError> {
        match self.running.pop_front().map(JoinHandle::join) {
            Some(Ok(written)) => written,
            Some(Err(panic)) => resume_unwind(panic),
            None => Ok(()),
        }
    }
}

impl Drop for Writing {
    /// Nothing is written any more when the batch is gone, so that what it wrote can be removed.
    fn drop(&mut self) {
        self.running.drain(..).for_each(|tile| drop(tile.join()));
    }
}
