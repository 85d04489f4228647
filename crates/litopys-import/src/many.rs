//! Inputs that hold many drafts, read bit by bit.

use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use crate::drafts::Outcome;
use crate::warc::{self, Warc};
use crate::{Failure, ImportError, Kind, Options, Skipped, jsonl};

/// An input that holds many drafts.
pub(crate) trait Many: Send {
    /// The next drafts, as many as there are already or as are worth the threads; none at the end.
    fn chunk(&mut self, options: &Options, threads: NonZero<usize>) -> Vec<Outcome>;

    /// What was passed over when it was opened.
    fn skipped(&self) -> Skipped {
        Skipped::default()
    }
}

/// Where the drafts are.
pub(crate) enum Source {
    /// In a file, or in a folder as a whole.
    Path(PathBuf),
    /// In what is read once, from its start.
    Reader(Box<dyn Read + Send>),
}

/// Opens an input of this kind. `input` is what it is called: its path, or `-`.
pub(crate) fn open(kind: Kind, input: &Path, source: Source, options: &Options) -> Result<Box<dyn Many>, Failure> {
    match kind {
        Kind::Jsonl => jsonl::Stream::open(input, source.reader(input)?, options).map(|stream| Box::new(stream) as _),
        Kind::Wacz => warc::open_wacz(input, source, options).map(|warc| Box::new(warc) as _),
        Kind::Warc => Warc::open(input, source, options).map(|warc| Box::new(warc) as _),
        Kind::Text | Kind::Markdown | Kind::Html | Kind::Mhtml => Err(Failure::new(input, ImportError::Special)),
    }
}

impl Source {
    /// What a kind that is read in one go reads.
    fn reader(self, input: &Path) -> Result<Box<dyn Read + Send>, Failure> {
        match self {
            Self::Path(path) => {
                let file = std::fs::File::open(path).map_err(|error| Failure::new(input, error))?;
                Ok(Box::new(file))
            }
            Self::Reader(reader) => Ok(reader),
        }
    }
}
