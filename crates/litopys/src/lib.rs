//! A verifiable archive for articles.
pub mod digest;
pub mod layout;
pub mod limits;

pub use digest::{ArchiveId, ArticleUrn, FileDigest, ParseIdError, StatementId};
