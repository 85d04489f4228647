//! An article as it comes in, before it is signed.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use crate::FileDigest;
use crate::manifest::{Derivation, Metadata, Role};

/// An article as it comes in: what importers make and archives sign.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What it is a version of: a canonical URL, an id, a path. With the language it tells whether this is a new article.
    pub subject: String,
    /// What its source says of it.
    pub metadata: Metadata,
    /// Its files: the capture, the text, what comes with them.
    pub files: Vec<DraftFile>,
    /// Whether its captures differ from one fetch to the next though the article is the same, as a page with counters and advertisements does:
    /// then another capture alone makes no version, and a text that shrinks to a fraction is refused.
    pub volatile: bool,
    /// Whether a text that shrinks to a fraction is taken though the draft is volatile: where it can't be an error page, but was edited so.
    pub shrinks: bool,
    /// The article that it was made from, where the id of its version isn't known before it is signed.
    pub original: Option<Original>,
}

/// An article that another was made from, by its subject: the newest version that it has when that one is signed becomes `derived_from`.
///
/// Where nothing else changes, a newer version of the original makes no version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Its subject.
    pub subject: String,
    /// Its language.
    pub language: Option<String>,
    /// What was done to it.
    pub kind: Derivation,
    /// With what.
    pub tool: Option<String>,
    /// Whether a draft can't be signed whose original is neither in the archive nor came before it.
    pub required: bool,
}

/// One file of a draft.
#[derive(Debug, Clone)]
pub struct DraftFile {
    /// Its path within the article, which [`is_path`](crate::manifest::is_path) allows.
    pub path: String,
    /// What it is.
    pub role: Role,
    /// Its media type.
    pub media_type: String,
    /// Its name where it came from, where that is no path for an archive.
    pub original_name: Option<String>,
    /// Its bytes.
    pub content: Content,
}

/// Where a draft's bytes are.
#[derive(Debug, Clone)]
pub enum Content {
    /// In memory. Files with the same bytes (a capture that is its own text) share them.
    Bytes(Arc<[u8]>),
    /// In a file, read once when the draft is signed: for what is too large to hold.
    #[cfg(feature = "fs")]
    File(std::path::PathBuf),
    /// Read when the draft is signed, more than once: a temporary file, a part of a larger one.
    Source(Arc<dyn ContentSource>),
    /// In the archive already, as a file of more than 65,536 bytes.
    Archived {
        /// Its digest.
        digest: FileDigest,
        /// Its size in bytes.
        size: u64,
    },
}

/// Bytes that can be read again and again, the same each time.
pub trait ContentSource: fmt::Debug + Send + Sync {
    /// Reads them from the start.
    ///
    /// # Errors
    /// If they can't be read.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}
