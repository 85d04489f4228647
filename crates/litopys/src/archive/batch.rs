//! Signing versions in, in rounds: hash, decide, sign, write. Each step uses all threads; what is decided is decided in order.

mod decide;

use std::collections::{HashMap, HashSet};

use super::prepare::{DraftError, LargeContent, Prepared, ROUND_BYTES, ROUND_DRAFTS, weight};
use super::tiles::{OpenTile, TileEntry};
use super::writing::Writing;
use super::{Archive, ArchiveError, Random};
use crate::charter::Charter;
use crate::draft::Draft;
use crate::key::Signer;
use crate::layout::Member;
use crate::log::TreeHead;
use crate::log::merkle::TreeBuilder;
use crate::manifest::Change;
use crate::parallel::in_order;
use crate::request::{Request, Unsigned};
use crate::statement::{ArticleVersion, ManifestRef, Payload, Pending, SignedStatement};
use crate::time::Utc;
use crate::{ArticleUrn, FileDigest, StatementId, limits};

/// How a batch is signed.
#[derive(Debug, Clone)]
pub struct BatchOptions {
    /// The time of signing that manifests claim.
    pub signed_at: Utc,
    /// The reason of change to give where a version differs from the one before, in place of the one that is found by comparing them.
    pub change: Option<Change>,
    /// Whether a version is made although nothing changed: another capture of the same.
    pub every_capture: bool,
    /// Whether a volatile draft is taken although its text is a fraction of what the version before has.
    pub collapsed: bool,
    /// How many threads to use.
    pub threads: usize,
}

impl BatchOptions {
    /// Signed at this time; a version is made of what changed, and of nothing else.
    pub const fn new(signed_at: Utc, threads: usize) -> Self {
        Self { signed_at, change: None, every_capture: false, collapsed: false, threads }
    }
}

/// What became of a draft. It holds once the batch was committed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// A version was made of it.
    Signed {
        /// Whose.
        article: ArticleUrn,
        /// Which.
        version: u64,
        /// Its statement.
        id: StatementId,
        /// Why.
        change: Change,
    },
    /// It is in the request.
    Asked {
        /// Whose version it is to be.
        article: ArticleUrn,
        /// Which.
        version: u64,
        /// Why.
        change: Change,
    },
    /// It says what the article's newest version says.
    Unchanged {
        /// The article.
        article: ArticleUrn,
        /// That version.
        version: u64,
    },
    /// It can't be signed. The others of the batch can.
    Failed(DraftError),
}

/// What a batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// How many new articles.
    pub articles: u64,
    /// How many versions, those of new articles among them.
    pub versions: u64,
    /// The log after it.
    pub head: TreeHead,
}

/// Versions being signed into an archive; nothing is seen of them before [`Batch::commit`].
pub struct Batch<'a> {
    // It ends before the archive does.
    writing: Writing,
    archive: Archive,
    /// Who signs articles, and checkpoints; nobody here, where only a request is made.
    signers: Option<(&'a dyn Signer, &'a dyn Signer)>,
    options: BatchOptions,
    random: &'a mut Random<'a>,
    outcome: &'a mut (dyn FnMut(u64, Outcome) + 'a),
    tree: TreeBuilder,
    tile: OpenTile,
    waiting: Vec<(Draft, Option<ArticleUrn>)>,
    weight: u64,
    taken: u64,
    articles: u64,
    /// Of a request: what is to be signed, and the articles that it is of.
    planned: Vec<Unsigned>,
    unsigned: HashSet<ArticleUrn>,
}

/// A version that is decided upon and waits for its signature.
struct Job {
    nth: u64,
    prepared: Prepared,
    article: ArticleUrn,
    version: u64,
    previous: Previous,
    change: Change,
}

#[derive(Clone, Copy)]
enum Previous {
    None,
    Known(StatementId),
    /// Another job of the round, by its place.
    Job(usize),
}

struct Signed {
    statement: SignedStatement,
    id: StatementId,
    manifest: Vec<u8>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        archive: Archive,
        signers: Option<(&'a dyn Signer, &'a dyn Signer)>,
        options: BatchOptions,
        random: &'a mut Random<'a>,
        outcome: &'a mut (dyn FnMut(u64, Outcome) + 'a),
    ) -> Self {
        let (tree, tile) = (archive.tree.clone(), OpenTile::new(archive.head.size()));
        Self {
            writing: Writing::new(options.threads),
            archive,
            signers,
            options,
            random,
            outcome,
            tree,
            tile,
            waiting: Vec::new(),
            weight: 0,
            taken: 0,
            articles: 0,
            planned: Vec::new(),
            unsigned: HashSet::new(),
        }
    }

    /// Takes a draft in: a new article, or the next version of the one with its subject and language.
    ///
    /// # Errors
    /// [`ArchiveError`] if the archive can't be written or a signer fails: then nothing of the batch can be saved. What is wrong with one draft
    /// alone is its [`Outcome`].
    pub fn add(&mut self, draft: Draft) -> Result<(), ArchiveError> {
        self.take(draft, None)
    }

    /// Takes a draft in as the next version of this article, whatever its subject.
    ///
    /// # Errors
    /// Those of [`Batch::add`].
    pub fn revise(&mut self, article: ArticleUrn, draft: Draft) -> Result<(), ArchiveError> {
        self.take(draft, Some(article))
    }

    fn take(&mut self, draft: Draft, article: Option<ArticleUrn>) -> Result<(), ArchiveError> {
        if let Some(original) = &draft.original
            && self.waiting.iter().any(|(before, _)| before.subject == original.subject)
        {
            // Its id is known once it is signed.
            self.round()?;
        }
        self.weight += weight(&draft);
        self.waiting.push((draft, article));
        if self.waiting.len() >= ROUND_DRAFTS || self.weight >= ROUND_BYTES { self.round() } else { Ok(()) }
    }

    /// How many versions were signed so far, and wait for the commit.
    pub fn signed(&self) -> u64 {
        self.tree.size() - self.archive.head.size()
    }

    /// Signs what is still waiting: then the outcomes of all drafts so far are known, while nothing of them is seen yet.
    ///
    /// # Errors
    /// Those of [`Batch::add`].
    pub fn flush(&mut self) -> Result<(), ArchiveError> {
        self.round()
    }

    /// Signs what is still waiting, makes everything durable and replaces the checkpoint. If no version was made, nothing is written.
    ///
    /// # Errors
    /// [`ArchiveError`]: the archive is as it was before the batch; if only the very last step failed, it may be as after it.
    pub fn commit(mut self) -> Result<(Archive, Summary), ArchiveError> {
        self.round()?;
        let since = self.archive.head.size();
        let versions = self.signed();
        self.writing.finish()?;
        if versions > 0 {
            if self.tile.is_new() {
                self.tile.write(&self.archive.writer)?;
            }
            self.archive.tree = self.tree;
            if let Some((_, log)) = self.signers {
                self.archive.commit(log, since)?;
            }
        }
        let summary = Summary { articles: self.articles, versions, head: self.archive.head };
        Ok((self.archive, summary))
    }

    /// Hashes, decides, signs and writes the drafts that wait.
    fn round(&mut self) -> Result<(), ArchiveError> {
        self.weight = 0;
        let drafts = std::mem::take(&mut self.waiting);
        let mut outcomes = Vec::with_capacity(drafts.len());
        let jobs = self.decide(drafts, &mut outcomes)?;
        match self.signers {
            Some((archivist, _)) => {
                let signed = self.sign(archivist, &jobs)?;
                self.store_large(&jobs)?;
                self.write(archivist, jobs, signed, &mut outcomes)?;
            }
            None => self.ask_for(jobs, &mut outcomes)?,
        }
        outcomes.sort_by_key(|(nth, _)| *nth);
        outcomes.into_iter().for_each(|(nth, outcome)| (self.outcome)(nth, outcome));
        Ok(())
    }

    /// Signs the jobs: an article's versions one after the other, articles side by side.
    fn sign(&self, archivist: &dyn Signer, jobs: &[Job]) -> Result<Vec<Signed>, ArchiveError> {
        /// Articles a thread takes at a time: a signature is short.
        const AT_ONCE: usize = 32;
        let mut places: HashMap<ArticleUrn, usize> = HashMap::new();
        let mut chains: Vec<Vec<usize>> = Vec::new();
        for (at, job) in jobs.iter().enumerate() {
            let place = *places.entry(job.article).or_insert(chains.len());
            match chains.get_mut(place) {
                Some(chain) => chain.push(at),
                None => chains.push(vec![at]),
            }
        }
        let groups: Vec<_> = chains.chunks(AT_ONCE).collect();
        let archive = &self.archive;
        let work = |group: u64| {
            let group = usize::try_from(group).ok().and_then(|group| groups.get(group)).copied().unwrap_or_default();
            let mut signed: Vec<(usize, Signed)> = Vec::with_capacity(group.len());
            for at in group.iter().flatten() {
                let previous = match jobs[*at].previous {
                    Previous::None => None,
                    Previous::Known(id) => Some(id),
                    // It stands before it in the chain.
                    Previous::Job(job) => signed.iter().rev().find(|(at, _)| *at == job).map(|(_, signed)| signed.id),
                };
                signed.push((*at, archive.sign(archivist, &jobs[*at], previous)?));
            }
            Ok(signed)
        };
        let mut all: Vec<Option<Signed>> = jobs.iter().map(|_| None).collect();
        let mut failed = None;
        in_order(self.options.threads, groups.len() as u64, work, |_, signed: Result<_, ArchiveError>| match signed {
            Ok(signed) => {
                signed.into_iter().for_each(|(at, signed)| all[at] = Some(signed));
                true
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        });
        failed.map_or_else(|| Ok(all.into_iter().flatten().collect()), Err)
    }

    /// Keeps what the jobs would have signed.
    fn ask_for(&mut self, jobs: Vec<Job>, outcomes: &mut Vec<(u64, Outcome)>) -> Result<(), ArchiveError> {
        for job in jobs {
            let previous = match job.previous {
                Previous::Known(id) => Some(id),
                _ => None,
            };
            let (payload, manifest) = self.archive.lay_out_version(&job, previous)?;
            let unsigned = Unsigned::new(payload, Some(manifest));
            let nth = self.planned.len();
            self.planned.push(unsigned.map_err(|(code, detail)| ArchiveError::NotCommitted { nth, code, detail })?);
            let Job { article, version, change, .. } = job;
            outcomes.push((job.nth, Outcome::Asked { article, version, change }));
        }
        Ok(())
    }

    /// The request for what was planned; `None` if nothing is to be signed.
    ///
    /// # Errors
    /// [`ArchiveError::Request`] if it is too large.
    pub fn request(mut self) -> Result<Option<Request>, ArchiveError> {
        self.round()?;
        if self.planned.is_empty() {
            return Ok(None);
        }
        let Charter { origin, title, .. } = self.archive.charter().clone();
        Ok(Some(Request::new(self.archive.id(), origin, title, self.planned)?))
    }

    /// Puts the large files of the jobs into the archive.
    fn store_large(&self, jobs: &[Job]) -> Result<(), ArchiveError> {
        let mut seen = HashSet::new();
        let large = jobs.iter().flat_map(|job| &job.prepared.large).filter(|file| seen.insert(file.digest));
        let large: Vec<&LargeContent> = large.collect();
        let writer = &self.archive.writer;
        let work = |nth: u64| {
            let file = usize::try_from(nth).ok().and_then(|nth| large.get(nth));
            file.map_or(Ok(()), |file| file.store(writer))
        };
        run_all(self.options.threads, large.len(), work)
    }

    /// Appends the signed jobs to the log, and begins to write the tiles that are full.
    fn write(
        &mut self,
        archivist: &dyn Signer,
        jobs: Vec<Job>,
        signed: Vec<Signed>,
        outcomes: &mut Vec<(u64, Outcome)>,
    ) -> Result<(), ArchiveError> {
        for (job, Signed { statement, id, manifest }) in jobs.into_iter().zip(signed) {
            let Job { nth, article, version, change, prepared, .. } = job;
            if self.tree.size() >= limits::LOG_SIZE {
                return Err(ArchiveError::Full);
            }
            let signer = archivist.public_key().as_bytes();
            self.archive.ledger.apply_own(article, version, id, signer);
            for (name, bytes) in self.tree.push(id) {
                self.archive.writer.put(Member::Tile(name), &bytes)?;
            }
            self.tile.push(TileEntry { statement, manifest: Some(manifest), files: prepared.small });
            self.tile.lighten(&self.archive.writer)?;
            if self.tile.width() == limits::TILE {
                let full = std::mem::replace(&mut self.tile, OpenTile::new(self.tree.size()));
                self.writing.start(&self.archive.writer, full)?;
            }
            outcomes.push((nth, Outcome::Signed { article, version, id, change }));
        }
        Ok(())
    }
}

impl Archive {
    /// Signs one version.
    fn sign(&self, archivist: &dyn Signer, job: &Job, previous: Option<StatementId>) -> Result<Signed, ArchiveError> {
        let (payload, manifest) = self.lay_out_version(job, previous)?;
        let key = archivist.public_key().clone();
        let statement = Pending::new(key, &self.charter().origin, &payload)?.sign(archivist)?;
        Ok(Signed { id: statement.id(), statement, manifest })
    }

    /// What is to be signed of one version, and its manifest.
    fn lay_out_version(&self, job: &Job, previous: Option<StatementId>) -> Result<(Payload, Vec<u8>), ArchiveError> {
        let manifest = match job.change {
            Change::First => job.prepared.encoded.clone(),
            change => job.prepared.manifest.clone().with(job.prepared.salt, change).encode()?,
        };
        let payload = Payload::Article(ArticleVersion {
            article: job.article,
            version: job.version,
            previous,
            manifest: ManifestRef { size: manifest.len() as u64, sha256: FileDigest::of(&manifest) },
            authority: self.ledger.authority().in_force(),
        });
        Ok((payload, manifest))
    }
}

/// Does some work that may fail on all threads.
fn run_all(
    threads: usize,
    count: usize,
    work: impl Fn(u64) -> Result<(), ArchiveError> + Sync,
) -> Result<(), ArchiveError> {
    let mut failed = None;
    in_order(threads, count as u64, work, |_, done| {
        failed = done.err();
        failed.is_none()
    });
    failed.map_or(Ok(()), Err)
}
