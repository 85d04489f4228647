//! Reading an archive: its articles, their versions, single manifests and files.
//!
//! A [`View`] is opened by a check of everything but files and the signatures of single statements: what it shows is what the keeper of the log
//! signed as a whole. Each manifest and file that is read is compared with its digest.
//!
//! ```no_run
//! use litopys::Role;
//! use litopys::check::Trust;
//! use litopys::store::zip::BundleStore;
//! use litopys::view::View;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = BundleStore::open(std::fs::read("herald.litopys")?)?;
//! // It takes the store, so that it can be kept; `&store` would lend it.
//! let view: View<'static> = View::open(store, Trust::default(), 2)?;
//! for article in view.articles() {
//!     let Some(newest) = article.head() else { continue };
//!     let manifest = view.manifest(newest)?;
//!     if let Some(text) = manifest.file(Role::Text) {
//!         println!("{}: {} bytes", article.label(), view.file(newest, &manifest, text)?.len());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod index;
mod rows;

use std::collections::HashMap;
use std::io::{self, Read, Write};

pub use crate::ledger::VoidEntry;
pub use crate::read::{ManifestReader, ReadError, VersionRef};
pub(crate) use crate::read::{open_large, read_packs, read_statement};
pub use rows::{Article, Decision, ObservationRef};

use index::{Both, Index};

use crate::authority::{Authority, Standing};
use crate::charter::{Charter, KeyRole};
use crate::check::{CheckError, CheckOptions, Files, Observer, Signatures, Trust, check_to_ledger};
use crate::digest::digest_of;
use crate::key::PublicKey;
use crate::ledger::Ledger;
use crate::log::TreeHead;
use crate::manifest::{FileEntry, Manifest};
use crate::read::altered;
use crate::report::Report;
use crate::statement::SignedStatement;
use crate::store::Store;
use crate::withdrawal::Withheld;
use crate::{ArticleUrn, FileDigest, StatementId, limits};

/// An archive opened for reading. It holds its store: lent, shared (an `Arc`), or its own. A `View<'static>` is one that a program can keep.
pub struct View<'a> {
    store: Box<dyn Store + 'a>,
    report: Report,
    ledger: Ledger,
    head: TreeHead,
    articles: Vec<Article>,
    by_urn: HashMap<ArticleUrn, usize>,
    decisions: Vec<Decision>,
    observations: Vec<ObservationRef>,
    /// Their places, by article and then in log order.
    observed: Vec<usize>,
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("archive", &self.report.archive).field("head", &self.head).finish_non_exhaustive()
    }
}

impl<'a> View<'a> {
    /// Opens an archive for reading.
    ///
    /// # Errors
    /// [`ReadError::Failed`] with the report unless what is signed as a whole is whole; void entries don't stand in the way.
    pub fn open(store: impl Store + 'a, trust: Trust, threads: usize) -> Result<Self, ReadError> {
        let options = CheckOptions { files: Files::None, trust, signatures: Signatures::None, threads };
        let mut index = Index::default();
        let (report, ledger) = match check_to_ledger(&store, &options, &mut index) {
            Err(CheckError::Stopped) => return Err(ReadError::TooLarge(index.limit())),
            checked => checked?,
        };
        Self::of(Box::new(store), report, ledger, index).map_err(ReadError::Failed)
    }

    /// Checks an archive as [`check`](crate::check::check) does, and opens it for reading in the same pass: if it is one that [`View::open`] opens, and
    /// what its articles say of themselves isn't too much to hold.
    ///
    /// # Errors
    /// As [`check`](crate::check::check).
    pub fn check(
        store: impl Store + 'a,
        options: &CheckOptions,
        observer: &mut dyn Observer,
    ) -> Result<(Report, Option<Self>), CheckError> {
        let mut both = Both { index: Some(Index::default()), observer };
        let (report, ledger) = check_to_ledger(&store, options, &mut both)?;
        let view = both.index.and_then(|index| Self::of(Box::new(store), report.clone(), ledger, index).ok());
        Ok((report, view))
    }

    fn of(
        store: Box<dyn Store + 'a>,
        report: Report,
        ledger: Option<Ledger>,
        index: Index,
    ) -> Result<Self, Box<Report>> {
        match (ledger, report.checkpoint) {
            (Some(ledger), Some(head)) if report.is_usable() => {
                let Index { mut articles, by_urn, mut decisions, mut observations, .. } = index;
                let revoked = ledger.authority().holders().iter().filter(|holder| holder.standing != Standing::Active);
                if revoked.count() > 0 {
                    for version in articles.iter_mut().flat_map(|article| &mut article.versions) {
                        let holder = ledger.authority().holder(&version.signer);
                        version.doubtful = holder.is_some_and(|holder| holder.is_doubtful_at(version.index));
                    }
                    for observation in &mut observations {
                        let holder = ledger.authority().holder(&observation.signer);
                        observation.doubtful = holder.is_some_and(|holder| holder.is_doubtful_at(observation.index));
                    }
                }
                for decision in &mut decisions {
                    decision.completes = ledger.completed_by(decision.index);
                }
                let mut observed: Vec<_> = (0..observations.len()).collect();
                observed.sort_by_key(|at| observations.get(*at).map(|observation| observation.article));
                Ok(Self { store, report, ledger, head, articles, by_urn, decisions, observations, observed })
            }
            _ => Err(Box::new(report)),
        }
    }

    /// What the check at opening found: whether the archive is trusted, above all.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The charter.
    pub const fn charter(&self) -> &Charter {
        self.ledger.charter()
    }

    /// Whose keys may do what.
    pub const fn authority(&self) -> &Authority {
        self.ledger.authority()
    }

    /// The keys that had a role after the first so many statements.
    pub fn keys_at(&self, role: KeyRole, size: u64) -> Vec<PublicKey> {
        self.ledger.keys_at(role, size)
    }

    /// The statements by which stewards decided, in log order; void ones are not among them.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// What was observed of articles, in log order; void observations are not among them.
    pub fn observations(&self) -> &[ObservationRef] {
        &self.observations
    }

    /// What was observed of an article, in log order.
    pub fn observations_of(&self, article: ArticleUrn) -> impl DoubleEndedIterator<Item = &ObservationRef> {
        let of = |at: &usize| self.observations.get(*at).map(|observation| observation.article);
        let from = self.observed.partition_point(|at| of(at) < Some(article));
        let these = self.observed.get(from..).unwrap_or_default();
        let these = these.get(..these.partition_point(|at| of(at) == Some(article))).unwrap_or_default();
        these.iter().filter_map(|at| self.observations.get(*at))
    }

    /// What is withheld, and by which withdrawals.
    pub const fn withheld(&self) -> &Withheld {
        self.ledger.withheld()
    }

    /// The size and root of the log.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// Its articles, in the order of their first versions.
    pub fn articles(&self) -> &[Article] {
        &self.articles
    }

    /// The article with this name.
    pub fn article(&self, urn: &ArticleUrn) -> Option<&Article> {
        self.by_urn.get(urn).and_then(|at| self.articles.get(*at))
    }

    /// Entries without effect.
    pub fn void(&self) -> &[VoidEntry] {
        self.ledger.void()
    }

    /// A version's statement, as signed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn statement(&self, version: &VersionRef) -> Result<SignedStatement, ReadError> {
        self.entry(version.index, version.id)
    }

    /// The charter's statement, as signed.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn founding(&self) -> Result<SignedStatement, ReadError> {
        let id = self.report.archive.map(StatementId::from);
        self.entry(0, id.ok_or_else(|| altered(0, "the charter"))?)
    }

    fn entry(&self, index: u64, id: StatementId) -> Result<SignedStatement, ReadError> {
        let bytes = read_statement(&*self.store, self.head.size(), index)?;
        let bytes =
            bytes.filter(|bytes| StatementId::of(bytes) == id).ok_or_else(|| altered(index, "the statement"))?;
        SignedStatement::parse(bytes).map_err(|source| ReadError::Statement { index, source })
    }

    /// A version's manifest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn manifest(&self, version: &VersionRef) -> Result<Manifest, ReadError> {
        if let Some(by) = version.withheld {
            return Err(ReadError::Withheld { index: version.index, what: "the manifest".to_owned(), by });
        }
        self.manifest_reader().manifest(version)
    }

    /// Reads manifests one after the other.
    pub fn manifest_reader(&self) -> ManifestReader<'_> {
        ManifestReader::new(&*self.store, self.head.size())
    }

    /// The manifests of versions in ascending order of their indexes, but those withheld: each tile is read once.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn manifests(
        &self,
        versions: &[VersionRef],
        visit: &mut dyn FnMut(&VersionRef, Manifest),
    ) -> Result<(), ReadError> {
        let mut reader = self.manifest_reader();
        versions.iter().filter(|version| version.withheld.is_none()).try_for_each(|version| {
            visit(version, reader.manifest(version)?);
            Ok(())
        })
    }

    /// The files of up to 65,536 bytes, but those withheld, of versions in ascending order of their indexes, each with its place among `versions` and its digest:
    /// each tile is read once.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn small_files(
        &self,
        versions: &[(VersionRef, Manifest)],
        visit: &mut dyn FnMut(usize, FileDigest, &[u8]),
    ) -> Result<(), ReadError> {
        let mut before = 0;
        for tile in versions.chunk_by(|(a, _), (b, _)| a.index / limits::TILE == b.index / limits::TILE) {
            let wanted: Vec<_> = tile.iter().map(|(version, manifest)| (version.index, manifest)).collect();
            let shown = |at: usize, digest: FileDigest| {
                wanted.get(at).is_some_and(|(index, _)| self.withheld().of_file(*index, &digest).is_none())
            };
            read_packs(&*self.store, self.head.size(), &wanted, &shown, &mut |at, digest, bytes| {
                visit(before + at, digest, bytes)
            })?;
            before += tile.len();
        }
        Ok(())
    }

    /// Copies a file of a version to `out`. Its bytes were compared with its digest before the first is written.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn copy_file(
        &self,
        version: &VersionRef,
        manifest: &Manifest,
        file: &FileEntry,
        out: &mut dyn Write,
    ) -> Result<(), ReadError> {
        if let Some(by) = self.withheld().of_file(version.index, &file.sha256) {
            return Err(ReadError::Withheld { index: version.index, what: file.path.clone(), by: by.index });
        }
        if file.is_small() {
            let bytes = self.small_file(version, manifest, file)?;
            return out.write_all(&bytes).map_err(ReadError::Output);
        }
        let wrong = || altered(version.index, &file.path);
        let mut check = self.open_large(file)?;
        let digested = digest_of(&mut check, file.size).map_err(|_| wrong())?;
        if digested != (file.size, file.sha256) {
            return Err(wrong());
        }
        let mut output = None;
        let copied = digest_of(Tee { from: self.open_large(file)?, to: out, failed: &mut output }, file.size);
        match (output, copied) {
            (Some(error), _) => Err(ReadError::Output(error)),
            (None, Ok(copied)) if copied == (file.size, file.sha256) => Ok(()),
            _ => Err(wrong()),
        }
    }

    /// The bytes of a file of a version.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn file(&self, version: &VersionRef, manifest: &Manifest, file: &FileEntry) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        self.copy_file(version, manifest, file, &mut bytes)?;
        Ok(bytes)
    }

    fn small_file(&self, version: &VersionRef, manifest: &Manifest, file: &FileEntry) -> Result<Vec<u8>, ReadError> {
        let mut found = None;
        let wanted = [(version.index, manifest)];
        read_packs(&*self.store, self.head.size(), &wanted, &|_, digest| digest == file.sha256, &mut |_, _, bytes| {
            found = Some(bytes.to_vec());
        })?;
        found.ok_or_else(|| altered(version.index, &file.path))
    }

    fn open_large(&self, file: &FileEntry) -> Result<Box<dyn Read + '_>, ReadError> {
        open_large(&*self.store, file.sha256)
    }
}

/// Splits rows about versions, in the order of the log or its reverse, into stretches whose manifests can be held at a time: each is of one tile,
/// and of one version or so many that their manifests have 4 MiB at most. `version` gives a row's.
pub fn stretches<'r, T>(
    rows: &'r [T],
    version: impl Fn(&'r T) -> Option<&'r VersionRef>,
) -> impl Iterator<Item = &'r [T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let (mut tile, mut held) = (None, 0);
        let fits = rest.iter().take_while(|row| {
            let Some(version) = version(row) else { return true };
            let of = version.index / limits::TILE;
            let is_first = tile.is_none();
            held += version.manifest.size;
            is_first && tile.replace(of).is_none() || tile == Some(of) && held <= limits::STRETCH
        });
        let (now, later) = rest.split_at(fits.count());
        rest = later;
        (!now.is_empty()).then_some(now)
    })
}

/// Reads, and writes what it read elsewhere; it remembers why it couldn't.
struct Tee<'a, R> {
    from: R,
    to: &'a mut dyn Write,
    failed: &'a mut Option<io::Error>,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        match self.to.write_all(&buffer[..read]) {
            Ok(()) => Ok(read),
            Err(error) => {
                *self.failed = Some(error);
                Err(io::ErrorKind::Other.into())
            }
        }
    }
}
