//! A verifiable archive for articles: signed, content-addressed, hash-chained versions in a transparency log.
//!
//! An archivist signs what a source published, keeps every later version of it and hands it on. Whoever gets it can check, without trust in
//! whoever handed it over, that these bytes were archived by this signer, in this order, and that nothing was altered, inserted or dropped
//! since. The format is written down, byte for byte, in `docs/format.md`; nothing in it needs this library.
//!
//! # A story
//!
//! An archive is founded by its charter, which says whose keys may do what. Its id is the hash of that statement, and the only thing
//! that anybody has to be told by a way they trust.
//!
//! ```
//! # #[cfg(all(feature = "fs", feature = "zstd", feature = "diff"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use litopys::archive::Archive;
//! use litopys::charter::{Charter, CharterKey, KeyRole};
//! use litopys::store::folder::FolderWriter;
//! use litopys::{SecretKey, Signer};
//!
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let key = SecretKey::from_seed(&[7; 32]); // a real one is random
//! let roles = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
//! let member = CharterKey { key: key.public_key().clone(), name: "archivist".into(), roles };
//! let nonce = [1; 16]; // random too
//! let charter = Charter::new("herald.example/archive".parse()?, "Herald".into(), vec![member], 1, nonce)?;
//! let writer = FolderWriter::lock(folder, std::time::Duration::ZERO)?;
//! let archive = Archive::create(writer, charter, &key, &key)?;
//! println!("the archive's id is {}", archive.id());
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "fs", feature = "zstd", feature = "diff")))]
//! # fn main() {}
//! ```
//!
//! What comes in is a [`Draft`]: metadata and files. A batch signs drafts in; the archive grows when it is committed, all at once.
//! The library has no clock and no random source: both are arguments.
//!
//! ```
//! # #[cfg(all(feature = "fs", feature = "zstd", feature = "diff"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use litopys::archive::{Archive, BatchOptions};
//! # use litopys::charter::{Charter, CharterKey, KeyRole};
//! # use litopys::store::folder::FolderWriter;
//! # use litopys::{Draft, DraftFile, Metadata, Role, SecretKey, Signer};
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! # let key = SecretKey::from_seed(&[7; 32]);
//! # let roles = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
//! # let member = CharterKey { key: key.public_key().clone(), name: "archivist".into(), roles };
//! # let charter = Charter::new("herald.example/archive".parse()?, "Herald".into(), vec![member], 1, [1; 16])?;
//! # let writer = FolderWriter::lock(folder, std::time::Duration::ZERO)?;
//! # let archive = Archive::create(writer, charter, &key, &key)?;
//! # let id = archive.id();
//! let article = |text: &str| Draft {
//!     subject: "https://herald.example/rain".into(),
//!     metadata: Metadata { title: Some("Rain".into()), ..Metadata::default() },
//!     files: vec![DraftFile {
//!         path: "text.md".into(),
//!         role: Role::Text,
//!         media_type: "text/markdown".into(),
//!         original_name: None,
//!         content: text.as_bytes().to_vec().into(),
//!     }],
//!     ..Draft::default()
//! };
//! let options = BatchOptions::new("2026-11-23T10:00:00Z".parse()?, 2);
//! # let mut count = 0u8;
//! # let mut random = |out: &mut [u8]| { count += 1; out.fill(count); true };
//! let mut outcome = |nth, outcome| println!("draft {nth}: {outcome:?}");
//! let mut batch = archive.batch(&key, &key, options, &mut random, &mut outcome)?;
//! batch.add(article("It rained."))?;
//! batch.add(article("It rained all day."))?; // the same subject: version 2
//! let (archive, summary) = batch.commit()?;
//! assert_eq!((summary.articles, summary.versions), (1, 2));
//! drop(archive);
//!
//! // Another day, it is opened to grow: its statements and manifests are checked first.
//! use litopys::check::{Signatures, Trust};
//! let writer = FolderWriter::lock(folder, std::time::Duration::ZERO)?;
//! let archive = Archive::open(writer, Trust::default(), Signatures::All, 2)?;
//! assert_eq!(archive.head(), summary.head);
//! drop(archive);
//!
//! // It is handed over in one file.
//! use litopys::store::folder::FolderStore;
//! use litopys::transfer::to_bundle;
//!
//! let (file, _) = to_bundle(&FolderStore::new(folder), std::io::Cursor::new(Vec::new()), 2)?;
//!
//! // Somebody else checks it, against the id that they were given.
//! use litopys::check::{check, Anchor, CheckOptions, Files};
//! use litopys::report::Verdict;
//! use litopys::store::zip::BundleStore;
//!
//! let store = BundleStore::open(file.into_inner())?;
//! let trust = Trust { demanded: vec![Anchor::Archive(id)], ..Trust::default() };
//! let options = CheckOptions { files: Files::All, signatures: Signatures::All, trust, threads: 2 };
//! let report = check(&store, &options, &mut ())?;
//! assert_eq!(report.verdict(), Verdict::Verified);
//! assert_eq!(report.counts.versions, 2);
//!
//! // And reads what changed.
//! use litopys::view::View;
//!
//! let view = View::open(&store, Trust::default(), 2)?;
//! let rain = &view.articles()[0];
//! let [first, second] = [&rain.versions[0], &rain.versions[1]];
//! let diff = litopys::diff::versions(rain.urn, (&view, first), (&view, second))?;
//! let text = diff.text.ok_or("the text differs")?;
//! assert_eq!(&text.after[text.changes[0].after.clone()], " all day");
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "fs", feature = "zstd", feature = "diff")))]
//! # fn main() {}
//! ```
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`draft`] | what goes in: an article before it is signed |
//! | [`digest`], [`origin`], [`time`], [`limits`] | names of things, dates, and every maximum |
//! | [`statement`], [`charter`], [`manifest`] | what is signed, and what the signatures commit to |
//! | [`governance`], [`withdrawal`], [`observation`] | what else is signed: changes of keys, void entries acknowledged; what must not be kept; what a source answered |
//! | [`key`], [`request`] | signing: with a key in memory or a device, or on another machine |
//! | [`log`], [`authority`], [`ledger`] | the Merkle tree over statements (RFC 6962, C2SP), and the rules: whose keys may do what, each article's head |
//! | [`check`], [`report`] | the one verification engine, and its answer claim by claim |
//! | [`store`], [`layout`] | where the static files are: a folder, a bundle, memory |
//! | `archive`, [`transfer`] | growing an archive; folder to bundle and back |
//! | [`view`], `diff` | reading and comparing |
//! | [`timestamps`] | what independent clocks say, as judged by who knows their certificates |
//! | [`prove`], [`receipt`], [`extract`] | proofs of single statements, also as COSE receipts; handing over single articles |
//! | [`fork`] | proofs that two signed states of one archive can't both be true |
//!
//! What came from outside is `Signed...` and says what it *claims*; only a check makes it `Verified...`.
//!
//! # Features
//!
//! | feature | on | what it adds |
//! |---|---|---|
//! | `fs` | yes | archives in folders, bundles in files |
//! | `parallel` | yes | several threads (std's, scoped; no pool) |
//! | `zstd` | yes | libzstd (C): needed to write archives |
//! | `ruzstd` | | a Zstandard decoder in Rust, for a build without C: then turn `zstd` off |
//! | `keys` | yes | reading and writing OpenSSH and PKCS#8 keys |
//! | `passphrases` | | OpenSSH keys with a passphrase |
//! | `diff` | yes | comparing archives and versions |
//!
//! Without default features and with `ruzstd` it checks and reads bundles in memory, in a browser say: no file system, threads, clock or C.

#[cfg(all(feature = "fs", feature = "zstd"))]
pub mod archive;
pub mod authority;
mod cbor;
pub mod charter;
pub mod check;
#[cfg(feature = "diff")]
pub mod diff;
pub mod digest;
pub mod draft;
pub mod extract;
pub mod fork;
#[doc(hidden)]
pub mod fuzzing;
pub mod governance;
pub mod key;
pub mod layout;
pub mod ledger;
pub mod limits;
pub mod log;
pub mod manifest;
pub mod observation;
pub mod origin;
mod pack;
mod parallel;
mod payload;
pub mod prove;
#[cfg(feature = "zstd")]
mod purge;
mod read;
pub mod receipt;
mod replay;
pub mod report;
pub mod request;
pub mod statement;
pub mod store;
pub mod time;
pub mod timestamps;
pub mod transfer;
pub mod view;
pub mod withdrawal;
mod words;
mod zstandard;

pub use cbor::{CborError, CborFault};
pub use digest::{ArchiveId, ArticleUrn, FileDigest, ParseIdError, StatementId};
pub use draft::{Content, ContentSource, Draft, DraftFile, Original};
pub use key::{Fingerprint, PublicKey, SecretKey, Signer};
pub use log::{TreeHash, TreeHead};
pub use manifest::{Manifest, Metadata, Role};
pub use origin::{Origin, ParseOriginError};
pub use time::{Edtf, Utc};
