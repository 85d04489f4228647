//! A verifiable archive for articles.
#[cfg(all(feature = "fs", feature = "zstd"))]
pub mod archive;
mod cbor;
pub mod charter;
pub mod check;
pub mod digest;
pub mod draft;
#[doc(hidden)]
pub mod fuzzing;
pub mod key;
pub mod layout;
pub mod ledger;
pub mod limits;
pub mod log;
pub mod manifest;
pub mod origin;
mod pack;
mod parallel;
pub mod report;
pub mod statement;
pub mod store;
pub mod time;
pub mod transfer;
pub mod view;
mod zstandard;

pub use cbor::{CborError, CborFault};
pub use digest::{ArchiveId, ArticleUrn, FileDigest, ParseIdError, StatementId};
pub use draft::{Content, Draft, DraftFile};
pub use key::{PublicKey, SecretKey, Signer};
pub use log::{TreeHash, TreeHead};
pub use manifest::{Manifest, Metadata, Role};
pub use origin::{Origin, ParseOriginError};
pub use time::{Edtf, Utc};
