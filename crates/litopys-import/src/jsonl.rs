//! Drafts as JSON Lines: what `inspect` prints, and what can be edited and read back. Any crawler can write it.
//!
//! A line is a JSON object:
//!
//! ```json
//! {"schema": 1, "subject": "https://example.org/a", "title": "A", "authors": ["Ann"], "publisher": "P",
//!  "language": "en", "published": "2025-09-05", "modified": "2025-09-06T10:00:00Z",
//!  "captured": {"at": "2025-09-07T00:00:00Z", "url": "https://example.org/a?utm_source=x", "via": "V", "tool": "T"},
//!  "tags": ["x"], "rights": "CC0-1.0", "summary": "S", "note": "N",
//!  "derived_from": {"id": "<64 hex digits>", "kind": "translation", "tool": "T"},
//!  "extra": {"views": "7"}, "provenance": {"title": "line 1"}, "volatile": true, "shrinks": true,
//!  "files": [
//!    {"path": "a.html", "role": "capture", "type": "text/html", "original_name": "A?.html", "base64": "PGh0bWw+"},
//!    {"path": "text.md", "role": "text", "type": "text/markdown", "size": 2, "sha256": "sha256:<hex>", "text": "A\n"},
//!    {"path": "b.jpg", "role": "media", "type": "image/jpeg", "file": "images/b.jpg"},
//!    {"path": "c.md", "role": "attachment", "same_as": "text.md"}]}
//! ```
//!
//! - Required are `schema` (1), `subject`, and `files` with at least one, each with `path`, `role` and its content by
//!   exactly one of `text` (UTF-8), `base64` (RFC 4648, section 4, with padding), `file` (a path below the base folder,
//!   by the rules for links: no `..`, nothing hidden, no symbolic link out) and `same_as` (the path of an earlier file
//!   of the same draft). Everything else may be absent, `null` or empty, which is the same. A missing `type` is told
//!   from the path.
//! - `volatile` says that captures differ from one fetch to the next though the article is the same
//!   ([`Draft::volatile`](litopys::Draft::volatile)), and `shrinks` that its text may shrink to a fraction all the same
//!   ([`Draft::shrinks`](litopys::Draft::shrinks)).
//! - `derived_from` names a version by its `id`; or, in place of it, an article by its `subject` (and `language`, if it has
//!   one), in the archive or in an earlier draft: its newest version then. With `"optional": true`, a draft whose
//!   original isn't there is signed without it.
//! - `size` and `sha256`, where they are given, are checked: whoever edits a content takes them out.
//! - Fields that are not listed here are refused, so that a slip of the pen does not vanish.

use std::io;

use crate::Refusal;

mod lines;
mod read;
mod schema;
mod stream;
mod write;

use lines::Lines;
pub use read::{Reader, read_jsonl};
pub(crate) use stream::Stream;
pub use write::write_jsonl;

/// Why a line is no draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonlFault {
    /// Not the JSON of a draft.
    #[error("not the JSON of a draft: {message}")]
    Json {
        /// What is wrong, and in which column.
        message: String,
    },
    /// A line beyond [`JSONL_LINE`](crate::limits::JSONL_LINE).
    #[error("a line of more than {} MiB", crate::limits::JSONL_LINE >> 20)]
    TooLong,
    /// The source of the lines failed.
    #[error("can't be read: {message}")]
    Read {
        /// What is wrong.
        message: String,
    },
    /// Another schema than 1.
    #[error("schema {0}, where 1 is known")]
    Schema(u64),
    /// An empty subject.
    #[error("no subject")]
    Subject,
    /// No file, or too many.
    #[error("{0} files")]
    FileCount(usize),
    /// A language that is no BCP 47 tag.
    #[error("the language is no BCP 47 tag")]
    Language,
    /// Too many entries in `extra` or `provenance`.
    #[error("a map of {0} entries")]
    MapCount(usize),
    /// A `derived_from` that names neither the id of a statement nor a subject, or both.
    #[error("derived_from needs either the id of a statement or a subject")]
    DerivedFrom,
    /// A path that an archive does not allow, or that is another file's or folder's.
    #[error("file {0:?} has a path that is not allowed, or that of another file or of its folder")]
    Path(String),
    /// A file whose content is given in no way, or in several.
    #[error("file {0:?} needs exactly one of text, base64, file and same_as")]
    Content(String),
    /// Not base64.
    #[error("file {0:?} has no valid base64")]
    Base64(String),
    /// A `same_as` that names no earlier file.
    #[error("file {0:?} is the same as no file before it")]
    SameAs(String),
    /// A `file` that may not come along.
    #[error("file {path:?} refers to {file:?}: {reason}")]
    Refused {
        /// The file's path.
        path: String,
        /// What it refers to.
        file: String,
        /// Why not.
        reason: Refusal,
    },
    /// The content has another size than the line says.
    #[error("file {0:?} has another size than the draft says")]
    Size(String),
    /// The content has another digest than the line says.
    #[error("file {0:?} has another sha256 than the draft says")]
    Digest(String),
}

impl JsonlFault {
    pub(crate) fn read(error: &io::Error) -> Self {
        Self::Read { message: error.to_string() }
    }
}

#[cfg(test)]
mod tests;
