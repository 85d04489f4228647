//! An archive that grows: [`Archive::create`], [`Archive::open`], [`Archive::batch`]. The order of a commit lives here.

mod batch;
mod entries;
mod intake;
mod known;
mod observe;
mod prepare;
mod tiles;
mod withdraw;
mod writing;

use std::ops::ControlFlow;
use std::sync::Arc;

pub use batch::{Batch, BatchOptions, Outcome, Summary};
pub use intake::FileContents;
pub use observe::ObservationDraft;
pub use prepare::DraftError;
pub use withdraw::Grounds;

use known::{Known, subject_key};

use crate::authority::Authority;
use crate::charter::{Charter, KeyRole};
use crate::check::{CheckError, CheckOptions, Entry, Files, Observer, Signatures, Trust, check_to_ledger};
use crate::fork::SignedState;
use crate::key::{Fingerprint, SignError, Signer};
use crate::layout::Member;
use crate::ledger::Ledger;
use crate::log::TreeHead;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::merkle::{TreeBuilder, right_edge};
use crate::log::tile::read_hashes;
use crate::prove::{ProveError, Prover};
use crate::purge::Purge;
use crate::report::{Code, Report};
use crate::statement::{Payload, PayloadError, Pending, SignedStatement, StatementError};
use crate::store::folder::{FolderWriter, WriteError};
use crate::store::{Found, Store, StoreError};
use crate::{ArchiveId, ArticleUrn, FileDigest, limits};

/// Why an archive can't be made, opened or grown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// There is an archive already.
    #[error("there is an archive already")]
    Exists,
    /// The folder holds something that is no archive's.
    #[error("the folder holds {0}, which belongs to no archive")]
    NotEmpty(String),
    /// The archive doesn't pass its own check: nothing is built upon it.
    #[error("the archive does not pass its check")]
    Failed(Box<Report>),
    /// It couldn't be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A file couldn't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file couldn't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// What would be signed breaks the format's own rules.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// A manifest grew too large.
    #[error(transparent)]
    Manifest(#[from] crate::manifest::ManifestError),
    /// A statement that was just made isn't one.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The signer's key has not the role that it takes.
    #[error("the key {key} may not do this: it has not the role {role:?}")]
    Role {
        /// The key's fingerprint.
        key: Fingerprint,
        /// The role that is missing.
        role: KeyRole,
    },
    /// The log would be larger than any may be.
    #[error("the log is full")]
    Full,
    /// The random source gave nothing.
    #[error("no random bytes to be had")]
    Random,
    /// A statement doesn't fit the log as it is.
    #[error("statement {nth} would be void ({code})")]
    WouldBeVoid {
        /// Which of those that were given, from 0.
        nth: usize,
        /// The rule that it would break.
        code: Code,
    },
    /// A withdrawal is in force, but what it withholds couldn't be taken out: whoever writes next goes on with that.
    #[error("the withdrawal is in the log, but what it withholds is not yet purged")]
    NotPurged(#[source] Box<ArchiveError>),
    /// An article that is to be revised or was observed isn't there.
    #[error("there is no article {0}")]
    NoArticle(ArticleUrn),
    /// It was signed for another archive.
    #[error("it was signed for another archive, {0}")]
    OtherArchive(ArchiveId),
    /// It founds an article where there is one by that subject.
    #[error("statement {nth} is a first version of \"{subject}\", of which there is an article")]
    Taken {
        /// Which of those that were given, from 0.
        nth: usize,
        /// The subject.
        subject: String,
    },
    /// A request can't be made.
    #[error(transparent)]
    Request(#[from] crate::request::RequestError),
    /// What comes with a signed statement is not what it commits to.
    #[error("statement {nth}: {detail} ({code})")]
    NotCommitted {
        /// Which of those that were given, from 0.
        nth: usize,
        /// The rule that it would break.
        code: Code,
        /// In words.
        detail: String,
    },
    /// A file that a manifest names is neither among those that were given nor in the archive.
    #[error("statement {nth}: the file {path} ({digest}) is not there")]
    NoFile {
        /// Which of the statements that were given, from 0.
        nth: usize,
        /// The file's path in the manifest.
        path: String,
        /// Its digest.
        digest: FileDigest,
    },
    /// A file that was given can't be read.
    #[error("a file can't be read")]
    File(#[source] std::io::Error),
    /// A draft can't be signed.
    #[error(transparent)]
    Draft(#[from] DraftError),
}

/// Fills a buffer with random bytes of cryptographic quality; false if it can't.
pub type Random<'a> = dyn FnMut(&mut [u8]) -> bool + Send + 'a;

/// An archive in a folder, locked, checked and ready to grow.
pub struct Archive {
    writer: Arc<FolderWriter>,
    ledger: Ledger,
    head: TreeHead,
    tree: TreeBuilder,
    known: Known,
    threads: usize,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("id", &self.id()).field("head", &self.head).finish_non_exhaustive()
    }
}

impl Archive {
    /// Founds an archive in an empty folder: signs the charter and the first checkpoint.
    ///
    /// `steward` and `log` are keys of the charter with these roles.
    ///
    /// # Errors
    /// [`ArchiveError::Exists`] or [`ArchiveError::NotEmpty`]; those of signing and writing.
    pub fn create(
        writer: FolderWriter,
        charter: Charter,
        steward: &dyn Signer,
        log: &dyn Signer,
    ) -> Result<Self, ArchiveError> {
        let (mut exists, mut stray) = (false, None);
        writer.store().scan(&mut |found| match found {
            Found::Member(Member::Checkpoint) => exists = true,
            Found::Unknown(name) if stray.is_none() => stray = Some(name),
            _ => {}
        })?;
        if exists {
            return Err(ArchiveError::Exists);
        }
        if let Some(name) = stray {
            return Err(ArchiveError::NotEmpty(name));
        }
        let founder = charter.member(steward.public_key().as_bytes());
        if !founder.is_some_and(|member| member.holds(KeyRole::Steward)) {
            let key = steward.public_key().fingerprint();
            return Err(ArchiveError::Role { key, role: KeyRole::Steward });
        }
        let origin = charter.origin.clone();
        let payload = Payload::Charter(Box::new(charter));
        let founding = Pending::new(steward.public_key().clone(), &origin, &payload)?.sign(steward)?;
        let Some(ledger) = Ledger::found(&founding.verify()?) else { return Err(ArchiveError::Full) };
        require(ledger.authority(), log, KeyRole::Log)?;
        let head = TreeHead::new(1, founding.id().into()).ok_or(ArchiveError::Full)?;
        let (tree, known, threads) = (TreeBuilder::new(), Known::default(), 1);
        let mut archive = Self { writer: Arc::new(writer), ledger, head, tree, known, threads };
        archive.found(&founding, log)?;
        Ok(archive)
    }

    fn found(&mut self, founding: &SignedStatement, log: &dyn Signer) -> Result<(), ArchiveError> {
        let mut tile = tiles::OpenTile::new(0);
        tile.push(tiles::TileEntry { statement: founding.clone(), manifest: None, files: Vec::new() });
        tile.write(&self.writer)?;
        self.tree.push(founding.id());
        self.commit(log, 0)
    }

    /// Opens an archive to grow it, after a check of its statements and manifests.
    ///
    /// `trust.seen` makes a restored backup known, on which signing would fork the archive; [`Signatures::After`] spares those that were verified
    /// before.
    ///
    /// # Errors
    /// [`ArchiveError::Failed`] with the report if the check finds an error. What is withheld and not yet purged is taken out: [`ArchiveError::Write`] if it
    /// can't be.
    pub fn open(
        writer: FolderWriter,
        trust: Trust,
        signatures: Signatures,
        threads: usize,
    ) -> Result<Self, ArchiveError> {
        let options = CheckOptions { files: Files::None, trust, signatures, threads };
        let mut heads = Heads::default();
        let (report, ledger) = check_to_ledger(writer.store(), &options, &mut heads)?;
        let (Some(head), Some(ledger), true) = (report.checkpoint, ledger, report.is_usable()) else {
            return Err(ArchiveError::Failed(Box::new(report)));
        };
        let (size, mut edge) = (head.size(), Vec::new());
        for name in right_edge(size) {
            let bytes = writer.store().read(Member::Tile(name), 32 * limits::TILE)?;
            edge.push(read_hashes(&bytes, name.width).unwrap_or_default());
        }
        let Ok(tree) = TreeBuilder::resume(head, edge) else { return Err(ArchiveError::Failed(Box::new(report))) };
        let Heads { known, purge } = heads;
        // What a crash left there.
        withdraw::run(&writer, &ledger, size, &purge)?;
        Ok(Self { writer: Arc::new(writer), ledger, head, tree, known, threads })
    }

    /// Its id.
    pub const fn id(&self) -> ArchiveId {
        self.ledger.archive()
    }

    /// Its charter.
    pub const fn charter(&self) -> &Charter {
        self.ledger.charter()
    }

    /// Whose keys may do what.
    pub const fn authority(&self) -> &Authority {
        self.ledger.authority()
    }

    /// The state of its log: what is void, above all.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The size and root of its log, as of the last commit.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// The folder, for reading.
    pub fn store(&self) -> &crate::store::folder::FolderStore {
        self.writer.store()
    }

    /// Its newest signed state, by which a fork of it can be proved later.
    ///
    /// # Errors
    /// [`ProveError`] if its files can't be read any more.
    pub fn signed_state(&self) -> Result<SignedState, ProveError> {
        SignedState::of(&mut Prover::open_knowing(self.store(), Some(self.authority()))?)
    }

    /// The article with this subject and language.
    pub fn article(&self, subject: &str, language: Option<&str>) -> Option<ArticleUrn> {
        self.known.article(&subject_key(subject, language))
    }

    /// Begins to sign new versions in. Nothing of it is seen before [`Batch::commit`], which gives the archive back; a batch that is dropped
    /// leaves the folder as it was.
    ///
    /// `archivist` signs articles, `log` the checkpoint; `outcome` hears what becomes of each draft, by its number from 0, in order.
    ///
    /// # Errors
    /// [`ArchiveError::Role`] if a key has not its role. After this, and after any error of the batch, the archive has to be opened again.
    pub fn batch<'a>(
        self,
        archivist: &'a dyn Signer,
        log: &'a dyn Signer,
        options: BatchOptions,
        random: &'a mut Random<'a>,
        outcome: &'a mut (dyn FnMut(u64, Outcome) + 'a),
    ) -> Result<Batch<'a>, ArchiveError> {
        require(self.authority(), archivist, KeyRole::Archivist)?;
        require(self.authority(), log, KeyRole::Log)?;
        Ok(Batch::new(self, Some((archivist, log)), options, random, outcome))
    }

    /// Begins to decide what there is to sign, as [`Archive::batch`] does, for a key that is elsewhere: [`Batch::request`] gives it. Nothing is
    /// written. Each article can have one new version, since the next follows a statement that has no id yet.
    pub fn plan<'a>(
        self,
        options: BatchOptions,
        random: &'a mut Random<'a>,
        outcome: &'a mut (dyn FnMut(u64, Outcome) + 'a),
    ) -> Batch<'a> {
        Batch::new(self, None, options, random, outcome)
    }

    /// Writes the hash tiles that are still partial, makes everything durable and replaces the checkpoint; then removes what the old one alone
    /// called for.
    fn commit(&mut self, log: &dyn Signer, since: u64) -> Result<(), ArchiveError> {
        let head = self.tree.head().ok_or(ArchiveError::Full)?;
        for (name, bytes) in self.tree.partials(since) {
            self.writer.put(Member::Tile(name), &bytes)?;
        }
        let checkpoint = SignedCheckpoint::sign(&self.charter().origin, head, log)?;
        self.writer.commit(checkpoint.bytes())?;
        let old = Member::tiles(since).filter(|tile| tile.is_partial());
        let new: Vec<_> = Member::tiles(head.size()).filter(|tile| tile.is_partial()).collect();
        for tile in old.filter(|tile| !new.contains(tile)) {
            self.writer.remove(Member::Tile(tile));
        }
        self.head = head;
        Ok(())
    }
}

fn require(authority: &Authority, signer: &dyn Signer, role: KeyRole) -> Result<(), ArchiveError> {
    let key = signer.public_key();
    let holds = authority.holder(key.as_bytes()).is_some_and(|holder| holder.may(role));
    if holds { Ok(()) } else { Err(ArchiveError::Role { key: key.fingerprint(), role }) }
}

/// Collects, while the archive is checked, what a writer needs to know of it.
#[derive(Default)]
struct Heads {
    known: Known,
    purge: Purge,
}

impl Observer for Heads {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        self.purge.note(entry);
        let Some(statement) = entry.statement else { return ControlFlow::Continue(()) };
        if let (Payload::Article(version), None) = (statement.payload(), entry.void) {
            let shown = entry.manifest.filter(|_| entry.withheld.of_manifest(entry.index).is_none());
            self.known.note(version.article, shown);
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
