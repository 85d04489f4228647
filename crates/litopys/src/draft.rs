//! An article as it comes in, before it is signed.

use std::sync::Arc;

use crate::FileDigest;
use crate::manifest::{Metadata, Role};

/// An article as it comes in: what importers make and archives sign.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What it is a version of: a canonical URL, an id, a path. With the language it tells whether this is a new article.
    pub subject: String,
    /// What its source says of it.
    pub metadata: Metadata,
    /// Its files: the capture, the text, what comes with them.
    pub files: Vec<DraftFile>,
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
    /// In the archive already, as a file of more than 65,536 bytes.
    Archived {
        /// Its digest.
        digest: FileDigest,
        /// Its size in bytes.
        size: u64,
    },
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes.into())
    }
}
