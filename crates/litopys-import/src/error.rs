//! What can go wrong with an input, and what is worth knowing of one that went well.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::Kind;
use crate::fetch::FetchFault;
use crate::jsonl::JsonlFault;
use crate::page::NotAnArticle;
use crate::telegram::TelegramFault;
use crate::warc::WarcFault;

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
    /// An input that may hold many drafts holds none, nor anything that was passed over.
    #[error("holds nothing that could be an article")]
    Nothing,
    /// An input of this kind holds many drafts, which [`drafts`](crate::drafts) reads.
    #[error("holds many drafts ({0}), and is not one document")]
    Many(Kind),
    /// Binary data where a document was asked for.
    #[error("is not text")]
    NotText,
    /// More than [`TEXT`](crate::limits::TEXT) where a document was asked for.
    #[error("is too large for a document: over {} MiB", crate::limits::TEXT >> 20)]
    TooLarge,
    /// A web page that seems to be no article. [`Options::force`](crate::Options::force) takes it.
    #[error("{0}")]
    NotAnArticle(NotAnArticle),
    /// A web page in one file in which no page is found.
    #[error("has no web page in it")]
    NoPage,
    /// A feed that gives no items.
    #[error(transparent)]
    Feed(#[from] crate::FeedFault),
    /// A git history, or an object of it, that can't be read.
    #[cfg(feature = "git")]
    #[error(transparent)]
    Git(#[from] Box<crate::GitFault>),
    /// A line of JSON Lines that is no draft.
    #[error(transparent)]
    Jsonl(#[from] JsonlFault),
    /// A URL that gave no page.
    #[error(transparent)]
    Fetch(#[from] FetchFault),
    /// A web archive, or a record in one, that can't be read.
    #[error(transparent)]
    Warc(#[from] WarcFault),
    /// A Telegram export, or a message of it, that can't be read.
    #[error(transparent)]
    Telegram(#[from] TelegramFault),
}

impl ImportError {
    /// Whether it says nothing of the input itself: a file or server that couldn't be read, now.
    pub const fn is_of_access(&self) -> bool {
        use crate::fetch::FetchFault::{Clock, Connection, NoFetcher, Timeout};
        matches!(self, Self::Read(_) | Self::Fetch(Connection(_) | Timeout | Clock | NoFetcher))
    }
}

/// An input that gave no draft, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}{} {error}", input.display(), In(place.as_ref()))]
pub struct Failure {
    /// The input: a path, `-` for standard input.
    pub input: PathBuf,
    /// Where in it, where that can be told.
    pub place: Option<Place>,
    /// What is wrong.
    #[source]
    pub error: ImportError,
}

impl Failure {
    pub(crate) fn new(input: impl Into<PathBuf>, error: impl Into<ImportError>) -> Self {
        Self { input: input.into(), place: None, error: error.into() }
    }

    pub(crate) fn at(input: impl Into<PathBuf>, place: Place, error: impl Into<ImportError>) -> Self {
        Self { input: input.into(), place: Some(place), error: error.into() }
    }
}

struct In<'a>(Option<&'a Place>);

impl fmt::Display for In<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |place| write!(f, ": {place}:"))
    }
}

/// Where in an input of many drafts something is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A line, from 1.
    Line(u64),
    /// A message of a Telegram export.
    Message {
        /// The line in which it begins, from 1.
        line: u64,
        /// Its number, where that can be told.
        number: Option<u64>,
    },
    /// A record of a web archive.
    Record {
        /// The file that it is in, where the input holds several.
        file: Option<String>,
        /// Where in that file it begins, in bytes: in gzip, where its member does.
        offset: u64,
    },
    /// An item of a feed, from 1.
    Item(u64),
    /// A commit of a git history.
    Commit(Box<InCommit>),
}

impl Place {
    pub(crate) fn record(file: Option<&str>, offset: u64) -> Self {
        Self::Record { file: file.map(ToOwned::to_owned), offset }
    }
}

/// A place in a git history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InCommit {
    /// The commit's id.
    pub id: String,
    /// The path of a file in its tree, where it is about one.
    pub path: Option<String>,
}

impl fmt::Display for InCommit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "commit {}", self.id)?;
        self.path.as_ref().map_or(Ok(()), |path| write!(f, ": {path}"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { file: None, offset } => write!(f, "record at byte {offset}"),
            Self::Record { file: Some(file), offset } => write!(f, "{file}: record at byte {offset}"),
            Self::Item(number) => write!(f, "item {number}"),
            Self::Commit(place) => place.fmt(f),
            Self::Line(line) | Self::Message { line, number: None } => write!(f, "line {line}"),
            Self::Message { line, number: Some(number) } => write!(f, "line {line}, message {number}"),
        }
    }
}
