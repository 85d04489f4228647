//! Proving single statements of an archive, and that it extends an older state of its own, without reading the rest of it.
//!
//! A [`Prover`] verifies the checkpoint and the charter. Whatever else it gives was compared with the checkpoint's root, by hash tiles that
//! are read as far as they are needed: some kilobytes of a log of any size.
//!
//! ```no_run
//! use litopys::ArchiveId;
//! use litopys::check::{Anchor, StatementWithProof, Trust, check_statement};
//! use litopys::prove::Prover;
//! use litopys::report::Claim;
//! use litopys::store::zip::BundleStore;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = BundleStore::open(std::fs::read("herald.litopys")?)?;
//! let mut prover = Prover::open(&store)?;
//! let (statement, proof) = (prover.statement(7)?, prover.proof(7)?.to_text());
//! let charter = prover.statement(0)?;
//!
//! // Whoever gets these needs no archive, but its id.
//! let id: ArchiveId = "3b2f...".parse()?;
//! let trust = Trust { demanded: vec![Anchor::Archive(id)], ..Trust::default() };
//! let shown = StatementWithProof {
//!     statement: statement.as_bytes(),
//!     proof: &proof,
//!     charter: Some(charter.as_bytes()),
//! };
//! assert_eq!(check_statement(&shown, &trust).claims.signed, Claim::Holds);
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeSet;

use crate::authority::Authority;
use crate::charter::{Charter, KeyRole};
use crate::check::Trust;
use crate::key::PublicKey;
use crate::layout::{Member, TileKind, TileName, tile_at};
use crate::log::authentic::{AuthenticError, AuthenticTiles, HashSource};
use crate::log::checkpoint::{CheckpointError, CheckpointFault, SignedCheckpoint, VerifiedCheckpoint};
use crate::log::proof::{ConsistencyProof, InclusionProof, ProofError};
use crate::log::text::{ConsistencyText, ProofTextError, TlogProof};
use crate::log::tile::{EntryTileError, read_entries};
use crate::log::{TreeHash, TreeHead};
pub use crate::replay::ArticleStatements;
use crate::replay::replay;
use crate::statement::{Payload, SignedStatement, StatementError, VerifiedStatement};
use crate::store::{Store, StoreError, StoreKind};
use crate::view::{Article, ReadError, View, read_statement};
use crate::{ArchiveId, StatementId, limits};

/// Why something can't be proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// A file of the archive couldn't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint is malformed.
    #[error("the checkpoint is malformed")]
    Checkpoint(#[source] CheckpointError),
    /// The checkpoint isn't signed as it must be.
    #[error("the checkpoint is not signed as it must be")]
    Unsigned(#[source] CheckpointFault),
    /// The statements are not those of the checkpoint.
    #[error("the root is not that of the statements")]
    Root,
    /// What a statement of an unknown kind does nobody can tell, and so not whose keys may sign after it.
    #[error("statement {index} is of a kind that is not known")]
    Unknown {
        /// Its index.
        index: u64,
        /// Which kind or algorithm.
        source: StatementError,
    },
    /// The extract doesn't pass the check that tells whose keys may sign its checkpoint.
    #[error("whose keys may sign can't be told")]
    Archive(#[source] Box<ReadError>),
    /// Statement 0 is no charter.
    #[error("statement 0 is not a charter")]
    Charter(#[source] Option<StatementError>),
    /// A hash tile isn't what the checkpoint commits to, or there is nothing at that place of the log.
    #[error("the hash tiles are not those of the checkpoint")]
    Tiles(#[source] Box<AuthenticError<StoreError>>),
    /// A tile of statements is malformed.
    #[error("the tile of statement {index} is malformed")]
    Entries {
        /// Which statement was asked for.
        index: u64,
        /// Why.
        source: EntryTileError,
    },
    /// A statement is not the one that the log has there.
    #[error("statement {index} is not the one that the log has there")]
    Altered {
        /// Its index.
        index: u64,
    },
    /// An entry is in the log, and no statement: it is void.
    #[error("entry {index} of the log is not a statement")]
    Statement {
        /// Its index.
        index: u64,
        /// Why.
        source: StatementError,
    },
    /// The log has fewer statements.
    #[error("the log of {size} statements has no statement {index}")]
    OutOfRange {
        /// Which statement was asked for.
        index: u64,
        /// The log's size.
        size: u64,
    },
    /// An extract shows only some statements.
    #[error("the extract does not show statement {index}")]
    NotShown {
        /// Which statement was asked for.
        index: u64,
    },
    /// An extract's proof is malformed.
    #[error("the proof of statement {index} is malformed")]
    ProofText {
        /// Which statement's.
        index: u64,
        /// Why.
        source: ProofTextError,
    },
    /// An extract's proof doesn't prove what it is said to.
    #[error("the proof of statement {index} does not hold")]
    Proof {
        /// Which statement's.
        index: u64,
        /// Why.
        source: ProofError,
    },
    /// Older than what it should extend.
    #[error("the log has {size} statements, and {older} were there before")]
    Shrunk {
        /// How many the older log has.
        older: u64,
        /// The log's size.
        size: u64,
    },
    /// Another history than the older log's.
    #[error("the first {older} statements of the log are not those of the older one")]
    Forked {
        /// How many the older log has.
        older: u64,
    },
    /// An extract can't show what came between.
    #[error("an extract does not show that its log extends another")]
    Extract,
}

impl From<AuthenticError<StoreError>> for ProveError {
    fn from(error: AuthenticError<StoreError>) -> Self {
        Self::Tiles(Box::new(error))
    }
}

/// The hash tiles of a store.
#[derive(Clone, Copy)]
pub(crate) struct StoreTiles<'a>(&'a dyn Store);

impl HashSource for StoreTiles<'_> {
    type Error = StoreError;

    fn hash_tile(&self, tile: TileName) -> Result<Vec<u8>, StoreError> {
        self.0.read(Member::Tile(tile), 32 * limits::TILE)
    }
}

/// Whose keys may do what after the last statement. A log whose last statement is of an article and under the charter is taken to have had no change of keys:
/// only all of its statements, as in every other case, could tell that this statement is void.
fn authority(store: &dyn Store, head: TreeHead, founding: &VerifiedStatement) -> Result<Authority, ProveError> {
    let Payload::Charter(charter) = founding.payload() else { return Err(ProveError::Charter(None)) };
    let (size, archive) = (head.size(), ArchiveId::from(founding.id()));
    let last = read_statement(store, size, size - 1)?.and_then(|bytes| VerifiedStatement::resume(&bytes).ok());
    let plain = |last: &VerifiedStatement| {
        last.payload().article().is_some() && last.payload().authority() == Some(archive.into())
    };
    if size == 1 || last.as_ref().is_some_and(plain) {
        return Ok(Authority::found(archive, charter));
    }
    if store.kind() != StoreKind::Extract {
        return Ok(replay(store, founding, head, 1)?.ledger.authority().clone());
    }
    let opened = View::open(store, Trust::default(), 1).map_err(|error| ProveError::Archive(Box::new(error)))?;
    Ok(opened.authority().clone())
}

/// An archive or an extract whose checkpoint and charter were verified.
pub struct Prover<'a> {
    store: &'a dyn Store,
    founding: VerifiedStatement,
    charter: Charter,
    authority: Authority,
    checkpoint: VerifiedCheckpoint,
    /// None of an extract.
    tiles: Option<AuthenticTiles<StoreTiles<'a>>>,
    /// The entry tile that was read last.
    entries: Option<(u64, Vec<u8>)>,
}

impl std::fmt::Debug for Prover<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prover").field("archive", &self.archive()).field("head", &self.head()).finish_non_exhaustive()
    }
}

impl<'a> Prover<'a> {
    /// Verifies the checkpoint and the charter. Whether either is trusted is the caller's question.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn open(store: &'a dyn Store) -> Result<Self, ProveError> {
        Self::open_knowing(store, None)
    }

    /// As [`Prover::open`], where it may be known already whose keys may do what.
    pub(crate) fn open_knowing(store: &'a dyn Store, known: Option<&Authority>) -> Result<Self, ProveError> {
        let bytes = store.read(Member::Checkpoint, limits::CHECKPOINT)?;
        let signed = SignedCheckpoint::parse(&bytes).map_err(ProveError::Checkpoint)?;
        let founding = read_statement(store, signed.claimed_size(), 0)?.ok_or(ProveError::Charter(None))?;
        let founding = SignedStatement::parse(founding).and_then(|statement| statement.verify());
        let founding = founding.map_err(|error| ProveError::Charter(Some(error)))?;
        let Payload::Charter(charter) = founding.payload() else { return Err(ProveError::Charter(None)) };
        let authority = match known {
            Some(known) => known.clone(),
            None => authority(store, signed.claimed_head(), &founding)?,
        };
        let keys: Vec<&PublicKey> = authority.keys(KeyRole::Log).collect();
        let checkpoint = signed.verify(&charter.origin, &keys).map_err(ProveError::Unsigned)?;
        let tiles = match store.kind() {
            StoreKind::Extract => None,
            _ => Some(AuthenticTiles::new(StoreTiles(store), checkpoint.head())?),
        };
        let charter = (**charter).clone();
        let id = founding.id();
        let mut prover = Self { store, founding, charter, authority, checkpoint, tiles, entries: None };
        // Not only signed, but the log's.
        prover.inclusion(0, id)?;
        Ok(prover)
    }

    /// The archive's id.
    pub fn archive(&self) -> ArchiveId {
        self.founding.id().into()
    }

    /// The key that signed the charter.
    pub const fn founder(&self) -> &[u8; 32] {
        self.founding.signer()
    }

    /// The charter.
    pub const fn charter(&self) -> &Charter {
        &self.charter
    }

    /// Whose keys may do what.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The checkpoint.
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// The log's size and root.
    pub fn head(&self) -> TreeHead {
        self.checkpoint.head()
    }

    /// What there is of articles. Of an archive all statements are read for that, but no manifest and no file.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn articles(&self, threads: usize) -> Result<ArticleStatements, ProveError> {
        if self.tiles.is_some() {
            return Ok(replay(self.store, &self.founding, self.head(), threads)?.articles);
        }
        let opened = View::open(self.store, Trust::default(), threads);
        let view = opened.map_err(|error| ProveError::Archive(Box::new(error)))?;
        let of = |article: &Article| article.versions.iter().map(|version| (article.urn, *version)).collect::<Vec<_>>();
        let mut versions: Vec<_> = view.articles().iter().flat_map(of).collect();
        versions.sort_unstable_by_key(|(_, version)| version.index);
        let observations = view.observations().iter().map(|seen| (seen.version.0, seen.index)).collect();
        Ok(ArticleStatements { versions, observations })
    }

    /// The exact bytes of the statement with this index. Its signature is not looked at: the log's is over all of them.
    ///
    /// # Errors
    /// [`ProveError`] unless it is the one that the log has there, and is one.
    pub fn statement(&mut self, index: u64) -> Result<SignedStatement, ProveError> {
        let bytes = self.entry(index)?;
        SignedStatement::parse(bytes).map_err(|source| ProveError::Statement { index, source })
    }

    /// The exact bytes of the entry with this index. Where it is void they may be no statement: what was logged is in the log for ever.
    ///
    /// # Errors
    /// [`ProveError`] unless it is the one that the log has there.
    pub fn entry(&mut self, index: u64) -> Result<Vec<u8>, ProveError> {
        let bytes = self.bytes(index)?;
        let id = StatementId::of(&bytes);
        let known = match &mut self.tiles {
            Some(tiles) => tiles.leaf(index)? == id,
            None => self.inclusion(index, id).is_ok(),
        };
        if known { Ok(bytes) } else { Err(ProveError::Altered { index }) }
    }

    /// The proof that the statement with this index is in the log.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn proof(&mut self, index: u64) -> Result<TlogProof, ProveError> {
        let id = StatementId::of(&self.entry(index)?);
        let proof = self.inclusion(index, id)?;
        Ok(TlogProof { proof, checkpoint: self.checkpoint.bytes().to_vec() })
    }

    /// The proof that the log extends an older state of it.
    ///
    /// # Errors
    /// [`ProveError::Shrunk`] or [`ProveError::Forked`] if it doesn't; others if it can't be told.
    pub fn consistency(&mut self, older: TreeHead) -> Result<ConsistencyText, ProveError> {
        let (size, head) = (older.size(), self.head());
        if size > head.size() {
            return Err(ProveError::Shrunk { older: size, size: head.size() });
        }
        if self.root_at(size)? != older.root() {
            return Err(ProveError::Forked { older: size });
        }
        let proof = match &mut self.tiles {
            Some(tiles) => tiles.consistency(size)?,
            // Of one size there is nothing to show.
            None => ConsistencyProof { path: Vec::new() },
        };
        proof.verify(older, head).map_err(|source| ProveError::Proof { index: size - 1, source })?;
        Ok(ConsistencyText { older: size, proof, checkpoint: self.checkpoint.bytes().to_vec() })
    }

    /// The root that the log had at this size. An extract knows none but its own.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn root_at(&mut self, size: u64) -> Result<TreeHash, ProveError> {
        let head = self.head();
        match &mut self.tiles {
            Some(tiles) => Ok(tiles.root_at(size)?),
            None if size == head.size() => Ok(head.root()),
            None => Err(ProveError::Extract),
        }
    }

    /// The root that the log had at a smaller size, and the proof of it.
    pub(crate) fn growth(&mut self, size: u64) -> Result<(TreeHash, ConsistencyProof), ProveError> {
        let tiles = self.tiles.as_mut().ok_or(ProveError::Extract)?;
        Ok((tiles.root_at(size)?, tiles.consistency(size)?))
    }

    /// The statements that say who may sign, by their indexes: the charter, and the approvals of all changes of keys in force.
    pub(crate) fn governance(&self) -> BTreeSet<u64> {
        let approvals = self.authority.changes().iter().flat_map(|change| &change.approvals);
        [0].into_iter().chain(approvals.map(|approval| approval.index)).collect()
    }

    /// For what compares logs.
    #[cfg(feature = "diff")]
    pub(crate) fn into_tiles(self) -> Option<AuthenticTiles<StoreTiles<'a>>> {
        self.tiles
    }

    fn check(&self, index: u64) -> Result<(), ProveError> {
        let size = self.head().size();
        if index < size { Ok(()) } else { Err(ProveError::OutOfRange { index, size }) }
    }

    /// A statement's bytes, as they are there.
    fn bytes(&mut self, index: u64) -> Result<Vec<u8>, ProveError> {
        self.check(index)?;
        if self.tiles.is_none() {
            return match read_statement(self.store, self.head().size(), index) {
                Ok(bytes) => bytes.ok_or(ProveError::NotShown { index }),
                Err(StoreError::Missing(_)) => Err(ProveError::NotShown { index }),
                Err(error) => Err(error.into()),
            };
        }
        let tile = tile_at(TileKind::Entries, index / limits::TILE, self.head().size());
        if self.entries.as_ref().is_none_or(|(held, _)| *held != tile.index) {
            let bytes = self.store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?;
            self.entries = Some((tile.index, bytes));
        }
        let held = self.entries.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let entries = read_entries(held, tile.width).map_err(|source| ProveError::Entries { index, source })?;
        let nth = usize::try_from(index % limits::TILE).unwrap_or(usize::MAX);
        entries.get(nth).map(|entry| entry.to_vec()).ok_or(ProveError::Altered { index })
    }

    /// The proof for a statement with this id, verified.
    fn inclusion(&mut self, index: u64, id: StatementId) -> Result<InclusionProof, ProveError> {
        self.check(index)?;
        let proof = match &mut self.tiles {
            Some(tiles) => tiles.inclusion(index)?,
            None => {
                let bytes = self.store.read(Member::Proof(index), limits::PROOF)?;
                TlogProof::parse(&bytes).map_err(|source| ProveError::ProofText { index, source })?.proof
            }
        };
        if proof.index != index {
            return Err(ProveError::Altered { index });
        }
        proof.verify(id, self.head()).map_err(|source| ProveError::Proof { index, source })?;
        Ok(proof)
    }
}

#[cfg(all(test, feature = "fs", feature = "zstd"))]
mod tests;
