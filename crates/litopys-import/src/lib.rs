//! Drafts of articles from what archivists have: documents, web pages and archives, feeds, histories, exports.
//!
//! An importer reads files and says what is in them; it signs nothing. What it gives is a [`Draft`](litopys::Draft):
//! the bytes as they were received (the `capture`, which is the evidence), the article's text (derived from it),
//! metadata, the files that come with it, and for each field where it came from. What the source doesn't say is absent;
//! nothing is guessed.
//!
//! [`drafts`] reads whole folders over several threads, chunk by chunk, and holds no more than a chunk, or three where they are read [ahead](Drafts::ahead):
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # std::fs::write(dir.path().join("a.md"), "---\ntitle: A statement\ndate: 19 March 2014\n---\n\nIt was said.\n")?;
//! # let inputs = [dir.path().to_owned()];
//! use std::num::NonZero;
//! use litopys_import::{Options, drafts};
//!
//! let options = Options::default();
//! let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
//! for chunk in drafts(&inputs, &options, threads) {
//!     for outcome in chunk {
//!         match outcome {
//!             Ok(loaded) => {
//!                 assert_eq!(loaded.draft.subject, "a.md");
//!                 assert_eq!(loaded.draft.metadata.title.as_deref(), Some("A statement"));
//!                 assert_eq!(loaded.draft.metadata.published, Some("2014-03-19".parse()?));
//!                 assert_eq!(loaded.draft.metadata.provenance["published"], "front matter key date: 19 March 2014");
//!             }
//!             Err(failure) => eprintln!("{failure}"),
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - **Text**: see [`Kind::Text`]. **Markdown**: front matter in YAML or TOML, with the local files that it links:
//!   [`Kind::Markdown`].
//! - **Web pages**, saved: [`Kind::Html`], [`Kind::Mhtml`]; what is read out of them is [`page`]'s. In **web archives**, each capture: [`Kind::Warc`],
//!   [`Kind::Wacz`]. At a **URL**: [`fetch`], with the feature of that name.
//! - **Feeds**, an item an article: [`Kind::Feed`].
//! - **Histories in git**, a file an article and a commit a version: `Kind::Git`, with the feature `git`.
//! - **Telegram Desktop's exports**, a message an article: [`Kind::Telegram`].
//! - **Drafts** as JSON Lines: [`jsonl`], which the program's `inspect` writes and `add` reads.
//! - Everything else is kept as it is, as a capture without a text, unless a document links it: then it comes along
//!   with that document.
//!
//! Everything that is read is hostile: sizes and depths are bounded by [`limits`], and no document brings along a file
//! that is not below its own folder.

mod ahead;
mod attachments;
mod charset;
mod contained;
mod dates;
mod document;
mod drafts;
mod error;
mod feed;
pub mod fetch;
mod front_matter;
#[cfg(feature = "git")]
mod git;
#[cfg(all(test, target_os = "linux"))]
mod growth;
mod input;
pub mod jsonl;
mod kind;
pub mod limits;
mod lines;
mod load;
mod many;
mod markdown;
mod media_type;
mod names;
mod overrides;
pub mod page;
mod parallel;
mod telegram;
mod text;
mod translations;
mod walk;
mod warc;
mod warning;
mod web;

use std::path::PathBuf;

pub use ahead::Ahead;
pub use contained::Refusal;
pub use dates::{DateFault, read_date};
pub use drafts::{Drafts, Outcome, drafts};
pub use error::{Failure, ImportError, InCommit, Place};
pub use feed::FeedFault;
#[cfg(feature = "git")]
pub use git::GitFault;
pub use input::InputFile;
pub use jsonl::{JsonlFault, read_jsonl, write_jsonl};
pub use kind::{Kind, UnknownKind};
pub use load::{Loaded, SubjectFrom, load};
pub use overrides::Overrides;
pub use telegram::{ChannelName, ChannelNameError, Exported, TelegramFault};
pub use walk::{Item, SkipReason, Skipped, Walk, walk};
pub use warc::{Digested, Flaw, WarcFault};
pub use warning::Warning;
pub use web::{TRACKING_PARAMETERS, is_url, subject_of_url};

/// How to read INPUTs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What the INPUTs are, where their names and contents don't say so. Below a folder, what is data by its name stays
    /// data.
    pub from: Option<Kind>,
    /// Metadata set by the caller.
    pub overrides: Overrides,
    /// Where drafts in JSON Lines may take files from. Without it: the folder of the file that they are in; for
    /// standard input, the current folder.
    pub base: Option<PathBuf>,
    /// Files and folders to pass over: the archive that is written, say.
    pub exclude: Vec<PathBuf>,
    /// The public names of Telegram chats, which their exports don't tell.
    pub channels: Vec<ChannelName>,
    /// Whether what seems to be no article (an error page, a bot challenge) is taken all the same.
    pub force: bool,
}
