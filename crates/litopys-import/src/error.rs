//! What can go wrong with an input, and what is worth knowing of one that went well.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::jsonl::JsonlFault;

/// Why an input gave no draft.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It can't be read.
    #[error("can't be read")]
    Read(#[from] io::Error),
    /// It is neither a file nor a folder.
    #[error("is neither a file nor a folder")]
    Special,
    /// Folders within folders beyond [`FOLDER_DEPTH`](crate::limits::FOLDER_DEPTH).
    #[error("is a folder nested too deep")]
    Depth,
    /// Standard input that doesn't say what it is a version of.
    #[error("has no subject: standard input has no name, and no URL or id in its front matter")]
    NoSubject,
    /// Another input of the same run is the same article by its path or id.
    #[error("has the subject {subject:?}, as another input before it")]
    SameSubject {
        /// The subject of both.
        subject: String,
    },
    /// The kind asked for is a stream of many drafts, which [`drafts`](crate::drafts) reads.
    #[error("is a stream of drafts, not one document")]
    Stream,
    /// Binary data where a document was asked for.
    #[error("is not text")]
    NotText,
    /// More than [`TEXT`](crate::limits::TEXT) where a document was asked for.
    #[error("is too large for a document: over {} MiB", crate::limits::TEXT >> 20)]
    TooLarge,
    /// A line of JSON Lines that is no draft.
    #[error(transparent)]
    Jsonl(#[from] JsonlFault),
}

/// An input that gave no draft, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}{} {error}", input.display(), Line(*line))]
pub struct Failure {
    /// The input: a path, `-` for standard input.
    pub input: PathBuf,
    /// The line, where there is one.
    pub line: Option<u64>,
    /// What is wrong.
    #[source]
    pub error: ImportError,
}

impl Failure {
    pub(crate) fn new(input: impl Into<PathBuf>, error: impl Into<ImportError>) -> Self {
        Self { input: input.into(), line: None, error: error.into() }
    }

    pub(crate) fn at(input: impl Into<PathBuf>, line: u64, error: impl Into<ImportError>) -> Self {
        Self { input: input.into(), line: Some(line), error: error.into() }
    }
}

struct Line(Option<u64>);

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |line| write!(f, ": line {line}:"))
    }
}
