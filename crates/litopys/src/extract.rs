//! Extracts (format.md, section 8.2): chosen versions of articles out of an archive, each with a proof that it is in the log.
//!
//! [`write()`] makes one and reads no more of the archive than the tiles that the chosen statements are in, and those of their proofs.
//! [`merge()`] joins extracts of one archive. An extract is checked and read like an archive, by [`check`](crate::check::check) and
//! [`View`](crate::view::View).
//!
//! ```no_run
//! use std::io::Cursor;
//!
//! use litopys::store::zip::BundleStore;
//! use litopys::{ArticleUrn, extract};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = BundleStore::open(std::fs::read("herald.litopys")?)?;
//! let urn: ArticleUrn = "urn:uuid:0b9e0d6c-6f0e-4c38-a0d7-7e1b4d5f2a10".parse()?;
//! let articles = litopys::prove::Prover::open(&store)?.articles(2)?;
//! let of_one = articles.versions.iter().filter(|(article, _)| *article == urn);
//! let chosen: Vec<u64> = of_one.map(|(_, version)| version.index).collect();
//! let (out, made) = extract::write(&store, &chosen, Cursor::new(Vec::new()))?;
//! println!("{} versions in {} bytes", made.versions, out.get_ref().len());
//! # Ok(())
//! # }
//! ```

mod contents;
mod times;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};

use contents::{Contents, Version};
use times::Times;

use crate::check::withheld::{self, Trusted};
use crate::layout::Member;
use crate::log::text::TlogProof;
use crate::prove::{ProveError, Prover};
use crate::statement::{SignedStatement, StatementError};
use crate::store::zip::{BundleWriteError, BundleWriter};
use crate::store::{Found, Store, StoreError, StoreKind};
use crate::view::ReadError;
use crate::withdrawal::Withheld;
use crate::{ArchiveId, TreeHead};

/// Why an extract can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// A statement can't be proved.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// A manifest or file can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A statement that was chosen doesn't verify.
    #[error("statement {index} does not verify")]
    Statement {
        /// Its index.
        index: u64,
        /// Why.
        source: StatementError,
    },
    /// A statement that was chosen is no version of an article and no observation of one.
    #[error("statement {index} is not a version of an article, nor an observation of one")]
    NotVersion {
        /// Its index.
        index: u64,
    },
    /// Nothing was chosen.
    #[error("no version was chosen")]
    Nothing,
    /// What is to be merged is not an extract.
    #[error("input {input} is not an extract")]
    NotExtract {
        /// Which, from 1.
        input: usize,
    },
    /// Extracts of different archives can't be merged.
    #[error("input {input} is an extract of another archive, {archive}")]
    OtherArchive {
        /// Which, from 1.
        input: usize,
        /// Its archive.
        archive: ArchiveId,
    },
    /// Extracts under different checkpoints can't be merged: nothing shows that the one log extends the other.
    #[error("input {input} is under another checkpoint, of {size} statements instead of {expected}")]
    OtherCheckpoint {
        /// Which, from 1.
        input: usize,
        /// Its size.
        size: u64,
        /// That of the first.
        expected: u64,
    },
    /// The log of the archive has another statement there than the extract.
    #[error("statement {index} of input {input} is not the one that the archive has there")]
    Differs {
        /// Which, from 1.
        input: usize,
        /// The statement's index.
        index: u64,
    },
    /// The extract couldn't be written.
    #[error(transparent)]
    Write(#[from] BundleWriteError),
}

impl From<StoreError> for ExtractError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// What an extract that was made holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The archive.
    pub archive: ArchiveId,
    /// The log's size and root.
    pub head: TreeHead,
    /// How many statements, with those that show who may sign.
    pub statements: u64,
    /// How many versions with their content.
    pub versions: u64,
    /// How many observations with their evidence.
    pub observations: u64,
    /// How many files, and their bytes, without manifests.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Writes an extract of the versions and observations with these indexes in the log to `out`, which is empty; gives it back, flushed.
///
/// An observation belongs beside the version that it is about.
///
/// The same choice of the same archive gives the same bytes. Statements that are void by the rules of the whole log are the caller's to
/// leave out: a [`View`](crate::view::View) doesn't show them.
///
/// # Errors
/// [`ExtractError`]. Then `out` holds no extract.
pub fn write<W: Write + Seek>(store: &dyn Store, chosen: &[u64], out: W) -> Result<(W, Summary), ExtractError> {
    let mut prover = Prover::open(store)?;
    let times = Times::of(&[store])?;
    let mut statements = BTreeMap::new();
    for index in chosen {
        statements.insert(*index, Chosen { store, statement: prover.statement(*index)? });
    }
    let withheld = Withdrawn::of(&mut [(&mut prover, store)])?;
    assemble(&mut prover, &mut |prover, index| prover.proof(index), statements, &withheld, &times, out)
}

/// Joins extracts of one archive into one. With `archive`, which holds all of the log, they may be under different checkpoints: the new
/// one is the archive's.
///
/// # Errors
/// [`ExtractError`]. Then `out` holds no extract.
pub fn merge<W: Write + Seek>(
    extracts: &[&dyn Store],
    archive: Option<&dyn Store>,
    out: W,
) -> Result<(W, Summary), ExtractError> {
    let mut provers = Vec::with_capacity(extracts.len());
    for (input, store) in (1..).zip(extracts) {
        if store.kind() != StoreKind::Extract {
            return Err(ExtractError::NotExtract { input });
        }
        provers.push(Prover::open(*store)?);
    }
    let mut anchor = Prover::open(archive.or(extracts.first().copied()).ok_or(ExtractError::Nothing)?)?;
    let mut chosen = BTreeMap::new();
    for (at, (prover, store)) in provers.iter_mut().zip(extracts).enumerate() {
        let (input, archived) = (at + 1, prover.archive());
        if archived != anchor.archive() {
            return Err(ExtractError::OtherArchive { input, archive: archived });
        }
        let (size, expected) = (prover.head().size(), anchor.head().size());
        if archive.is_none() && prover.head() != anchor.head() {
            return Err(ExtractError::OtherCheckpoint { input, size, expected });
        }
        let hidden = Withdrawn::of(&mut [(&mut *prover, *store)])?;
        for index in shown(*store)? {
            let statement = prover.statement(index)?;
            let there = archive.map(|_| anchor.statement(index)).transpose()?;
            if there.is_some_and(|there| there != statement) {
                return Err(ExtractError::Differs { input, index });
            }
            if with_content(*store, &statement)? || hidden.all.of_manifest(index).is_some() {
                chosen.entry(index).or_insert(Chosen { store: *store, statement });
            }
        }
    }
    let sources: Vec<_> = extracts.to_vec();
    let withheld = match archive {
        Some(store) => Withdrawn::of(&mut [(&mut anchor, store)])?,
        None => Withdrawn::of(&mut provers.iter_mut().zip(extracts.iter().copied()).collect::<Vec<_>>())?,
    };
    let times = Times::of(&archive.into_iter().chain(sources.iter().copied()).collect::<Vec<_>>())?;
    assemble(
        &mut anchor,
        &mut |anchor, index| match anchor.proof(index) {
            // Of one checkpoint, any extract's proof is as good.
            Err(ProveError::NotShown { .. }) => {
                let mut proof = Err(ProveError::NotShown { index });
                for (prover, _) in provers.iter_mut().zip(&sources) {
                    proof = proof.or_else(|_| prover.proof(index));
                }
                proof.map(|proof| TlogProof { checkpoint: anchor.checkpoint().bytes().to_vec(), ..proof })
            }
            proof => proof,
        },
        chosen,
        &withheld,
        &times,
        out,
    )
}

/// What is withheld, and the withdrawals that say so.
struct Withdrawn {
    all: Withheld,
    statements: BTreeMap<u64, SignedStatement>,
}

impl Withdrawn {
    /// By the words of one archive, or of extracts of one.
    fn of<'a>(sources: &mut [(&mut Prover<'a>, &'a dyn Store)]) -> Result<Self, ExtractError> {
        let (mut found, mut statements) = (BTreeMap::new(), BTreeMap::new());
        for (prover, store) in sources {
            let founding = prover.statement(0)?;
            let founding = founding.verify().map_err(|source| ExtractError::Statement { index: 0, source })?;
            let all = match store.kind() {
                StoreKind::Extract => withheld::of_extract(*store, &shown(*store)?, &founding, Trusted(0))?,
                _ => withheld::of_archive(*store, prover.head().size(), &founding, Trusted(0), 1)?,
            };
            for by in all.all() {
                statements.insert(by.index, prover.statement(by.index)?);
                found.insert(by.index, by.clone());
            }
        }
        let mut all = Withheld::default();
        found.into_values().for_each(|by| _ = all.add(by));
        Ok(Self { all, statements })
    }
}

/// A statement that was chosen, and where its content is.
struct Chosen<'a> {
    store: &'a dyn Store,
    statement: SignedStatement,
}

/// The indexes of the statements that an extract shows.
fn shown(store: &dyn Store) -> Result<Vec<u64>, StoreError> {
    let mut indexes = Vec::new();
    store.scan(&mut |found| {
        if let Found::Member(Member::Statement(index)) = found {
            indexes.push(index);
        }
    })?;
    Ok(indexes)
}

/// Whether an extract has the content of a statement.
fn with_content(store: &dyn Store, statement: &SignedStatement) -> Result<bool, StoreError> {
    let Some(named) = statement.verify().ok().and_then(|verified| verified.payload().manifest().copied()) else {
        return Ok(false);
    };
    match store.size(Member::File { digest: named.sha256, compressed: false }) {
        Err(StoreError::Missing(_)) => Ok(false),
        size => size.map(|_| true),
    }
}

type ProofOf<'f, 'a> = &'f mut dyn FnMut(&mut Prover<'a>, u64) -> Result<TlogProof, ProveError>;

fn assemble<'a, W: Write + Seek>(
    prover: &mut Prover<'a>,
    proof: ProofOf<'_, 'a>,
    chosen: BTreeMap<u64, Chosen<'_>>,
    withdrawn: &Withdrawn,
    times: &Times<'_>,
    out: W,
) -> Result<(W, Summary), ExtractError> {
    if chosen.is_empty() {
        return Err(ExtractError::Nothing);
    }
    let head = prover.head();
    let (mut contents, mut versions, mut by) = (Contents::default(), 0, BTreeSet::new());
    for (index, Chosen { store, statement }) in &chosen {
        let (index, store) = (*index, *store);
        let verified = statement.verify().map_err(|source| ExtractError::Statement { index, source })?;
        let named = *verified.payload().manifest().ok_or(ExtractError::NotVersion { index })?;
        versions += u64::from(verified.payload().version().is_some());
        match withdrawn.all.of_manifest(index) {
            Some(withdrawal) => _ = by.insert(withdrawal.index),
            None => {
                let version = Version { store, size: head.size(), index, named };
                by.extend(contents.add(version, &withdrawn.all)?);
            }
        }
    }
    let mut indexes = prover.governance();
    indexes.extend(by);
    indexes.extend(chosen.keys());
    indexes.insert(head.size() - 1);

    let (mut statements, mut proofs) = (Vec::new(), Vec::new());
    for index in &indexes {
        let statement = match chosen.get(index) {
            Some(chosen) => chosen.statement.clone(),
            None => match withdrawn.statements.get(index) {
                Some(statement) => statement.clone(),
                None => prover.statement(*index)?,
            },
        };
        statement.verify().map_err(|source| ExtractError::Statement { index: *index, source })?;
        statements.push((Member::Statement(*index), statement.as_bytes().to_vec()));
        proofs.push((Member::Proof(*index), proof(prover, *index)?.to_text()));
    }
    let times = times.members(prover, chosen.keys().copied())?;
    let mut bundle = BundleWriter::extract(out)?;
    let checkpoint = (Member::Checkpoint, prover.checkpoint().bytes().to_vec());
    for (member, bytes) in [checkpoint].into_iter().chain(statements).chain(proofs) {
        bundle = bundle.member(member, bytes.len() as u64, &mut bytes.as_slice())?;
    }
    let summary = Summary {
        archive: prover.archive(),
        head,
        statements: indexes.len() as u64,
        versions,
        observations: chosen.len() as u64 - versions,
        files: contents.files,
        bytes: contents.bytes,
    };
    let mut bundle = contents.write(bundle)?;
    for (member, bytes) in times {
        bundle = bundle.member(member, bytes.len() as u64, &mut bytes.as_slice())?;
    }
    Ok((bundle.finish()?, summary))
}
