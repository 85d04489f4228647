//! A verifiable archive for articles.
pub mod digest;
pub mod key;
pub mod layout;
pub mod limits;
pub mod store;

pub use digest::{ArchiveId, ArticleUrn, FileDigest, ParseIdError, StatementId};
