//! Two archives of one origin, compared by their tiles; archives of different origins, by subject.

mod chains;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::ops::ControlFlow;

use chains::{continued, judged};

use super::{ArticleChange, ArticleDiff, Loaded, VersionFacts, compare};
use crate::charter::{Charter, KeyRole};
use crate::check::Trust;
use crate::key::PublicKey;
use crate::layout::{Member, TileKind, TileName, tile_at, tiles_of};
use crate::log::TreeHead;
use crate::log::authentic::{AuthenticError, AuthenticTiles, HashSource};
use crate::log::checkpoint::{CheckpointError, CheckpointFault, SignedCheckpoint};
use crate::log::tile::{EntryTileError, read_entries};
use crate::manifest::{Manifest, Role};
use crate::parallel::in_order;
use crate::statement::{ArticleVersion, Payload, SignedStatement, StatementError, VerifiedStatement};
use crate::store::{Store, StoreError};
use crate::view::{Article, ReadError, VersionRef, View, open_large, read_manifests, read_packs, read_statement};
use crate::{ArchiveId, ArticleUrn, FileDigest, StatementId, limits};

/// Which of the two archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the word for itself")]
pub enum Side {
    First,
    Second,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::First => "the first archive",
            Self::Second => "the second archive",
        })
    }
}

/// Why two archives can't be compared.
#[derive(Debug, thiserror::Error)]
#[error("{side}")]
pub struct DiffError {
    /// Which of them stands in the way.
    pub side: Side,
    /// Why.
    pub source: SideError,
}

/// Why one of them stands in the way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SideError {
    /// Something of it couldn't be read, or isn't what the log commits to.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its checkpoint is malformed.
    #[error("the checkpoint is malformed")]
    Checkpoint(#[source] CheckpointError),
    /// Its checkpoint isn't signed as it must be.
    #[error("the checkpoint is not signed as it must be")]
    Unsigned(#[source] CheckpointFault),
    /// Its charter is none.
    #[error("statement 0 is not a charter")]
    Charter(#[source] Option<StatementError>),
    /// A tile of its statements is malformed.
    #[error("a tile of statements is malformed")]
    Entries(#[source] EntryTileError),
    /// A hash tile isn't what the checkpoint commits to.
    #[error("the hash tiles are not those of the checkpoint")]
    Tiles(#[source] Box<AuthenticError<StoreError>>),
}

impl From<StoreError> for SideError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

impl From<AuthenticError<StoreError>> for SideError {
    fn from(error: AuthenticError<StoreError>) -> Self {
        Self::Tiles(Box::new(error))
    }
}

/// How the logs of two archives relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Relation {
    /// They are the same.
    Same,
    /// The second has all of the first, and more.
    SecondExtends,
    /// The first has all of the second, and more.
    FirstExtends,
    /// They share so many statements and then differ: one key signed two histories.
    Forked {
        /// How many.
        at: u64,
    },
    /// They are different archives.
    Unrelated,
}

/// What to compare.
#[derive(Debug, Clone, Copy)]
pub struct DiffOptions {
    /// Whether fields, files and texts are compared, or articles only named.
    pub details: bool,
    /// How many threads to use.
    pub threads: usize,
}

/// Compares two archives: how their logs relate, and each article that isn't the same, in the order of the second's log.
///
/// # Errors
/// [`DiffError`]: what was visited before holds all the same.
pub fn archives(
    first: &dyn Store,
    second: &dyn Store,
    options: DiffOptions,
    visit: &mut dyn FnMut(ArticleDiff),
) -> Result<Relation, DiffError> {
    let mut comparison = Comparison::open(first, second)?;
    comparison.articles(options, &mut |diff| {
        visit(diff);
        ControlFlow::Continue(())
    })?;
    Ok(comparison.relation())
}

/// Two archives whose relation is known; their articles are compared when that is asked for.
pub struct Comparison<'a> {
    first: Log<'a>,
    second: Log<'a>,
    relation: Relation,
    common: u64,
}

impl<'a> Comparison<'a> {
    /// Opens two archives, and finds out how their logs relate.
    ///
    /// # Errors
    /// [`DiffError`].
    pub fn open(first: &'a dyn Store, second: &'a dyn Store) -> Result<Self, DiffError> {
        let at = |side| move |source| DiffError { side, source };
        let mut first = Log::open(first).map_err(at(Side::First))?;
        let mut second = Log::open(second).map_err(at(Side::Second))?;
        if first.archive != second.archive {
            return Ok(Self { first, second, relation: Relation::Unrelated, common: 0 });
        }
        let (a, b) = (first.head.size(), second.head.size());
        let common = shared(&mut first, &mut second)?;
        let relation = match common {
            _ if common == a && common == b => Relation::Same,
            _ if common == a => Relation::SecondExtends,
            _ if common == b => Relation::FirstExtends,
            at => Relation::Forked { at },
        };
        Ok(Self { first, second, relation, common })
    }

    /// How their logs relate.
    pub const fn relation(&self) -> Relation {
        self.relation
    }

    /// An archive's name.
    pub const fn archive(&self, side: Side) -> ArchiveId {
        self.log(side).archive
    }

    /// The key that signed an archive's charter.
    pub const fn founder(&self, side: Side) -> &[u8; 32] {
        &self.log(side).founder
    }

    /// An archive's charter.
    pub const fn charter(&self, side: Side) -> &Charter {
        &self.log(side).charter
    }

    /// The size and root of an archive's log, as its checkpoint says.
    pub const fn head(&self, side: Side) -> TreeHead {
        self.log(side).head
    }

    const fn log(&self, side: Side) -> &Log<'a> {
        match side {
            Side::First => &self.first,
            Side::Second => &self.second,
        }
    }

    /// Visits each article that isn't the same, in the order of the second's log, until it is told to stop.
    ///
    /// # Errors
    /// [`DiffError`]: what was visited before holds all the same.
    pub fn articles(
        &mut self,
        options: DiffOptions,
        visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
    ) -> Result<(), DiffError> {
        let Self { first, second, relation, common } = self;
        match relation {
            Relation::Same => return Ok(()),
            Relation::Unrelated => return apart(first, second, options, visit),
            _ => {}
        }
        let pairs = match continued(first, second, *common, options.threads)? {
            Some(pairs) => pairs,
            None => judged(first, second, *common, options.threads)?,
        };
        compare_pairs(first, second, &pairs, options, visit)
    }
}

/// An article's newest versions on both sides.
struct Pair {
    article: ArticleUrn,
    from: Option<VersionRef>,
    to: Option<VersionRef>,
}

impl Pair {
    /// Histories that part may hold the same statement all the same, each at its own place.
    fn differs(&self) -> bool {
        self.from.map(|version| version.id) != self.to.map(|version| version.id)
    }
}

/// How many statements two logs of one archive share.
fn shared(first: &mut Log<'_>, second: &mut Log<'_>) -> Result<u64, DiffError> {
    let same = |first: &mut Log<'_>, second: &mut Log<'_>, size| {
        let a = first.tiles.root_at(size).map_err(|error| DiffError { side: Side::First, source: error.into() })?;
        let b = second.tiles.root_at(size).map_err(|error| DiffError { side: Side::Second, source: error.into() })?;
        Ok(a == b)
    };
    let smaller = first.head.size().min(second.head.size());
    if same(first, second, smaller)? {
        return Ok(smaller);
    }
    // Both begin with the charter; the roots agree up to where they part and never after.
    let (mut shared, mut parted) = (1, smaller);
    while parted - shared > 1 {
        let middle = shared + (parted - shared) / 2;
        if same(first, second, middle)? { shared = middle } else { parted = middle }
    }
    Ok(shared)
}

struct Tiles<'a>(&'a dyn Store);

impl HashSource for Tiles<'_> {
    type Error = StoreError;

    fn hash_tile(&self, tile: TileName) -> Result<Vec<u8>, StoreError> {
        self.0.read(Member::Tile(tile), 32 * limits::TILE)
    }
}

/// An archive whose checkpoint and charter were verified; the rest is read as far as it is needed.
struct Log<'a> {
    store: &'a dyn Store,
    archive: ArchiveId,
    founder: [u8; 32],
    charter: Charter,
    head: TreeHead,
    tiles: AuthenticTiles<Tiles<'a>>,
}

type Row = (VersionRef, ArticleVersion);

impl<'a> Log<'a> {
    fn open(store: &'a dyn Store) -> Result<Self, SideError> {
        let bytes = store.read(Member::Checkpoint, limits::CHECKPOINT)?;
        let signed = SignedCheckpoint::parse(&bytes).map_err(SideError::Checkpoint)?;
        let size = signed.claimed_size();
        let founding = read_statement(store, size, 0)?.ok_or(SideError::Charter(None))?;
        let founding = SignedStatement::parse(founding).and_then(|statement| statement.verify());
        let founding = founding.map_err(|error| SideError::Charter(Some(error)))?;
        let Payload::Charter(charter) = founding.payload() else { return Err(SideError::Charter(None)) };
        let keys: Vec<&PublicKey> = charter.keys(KeyRole::Log).collect();
        let head = signed.verify(&charter.origin, &keys).map_err(SideError::Unsigned)?.head();
        let mut tiles = AuthenticTiles::new(Tiles(store), head)?;
        if tiles.leaf(0)? != founding.id() {
            return Err(SideError::Charter(None));
        }
        let (archive, founder) = (founding.id().into(), *founding.signer());
        Ok(Self { store, archive, founder, charter: (**charter).clone(), head, tiles })
    }

    /// The versions from this index on. `None` if an entry isn't in force by its own words already.
    fn since(&mut self, index: u64, threads: usize) -> Result<Option<Vec<Row>>, SideError> {
        let tiles: Vec<_> = tiles_of(TileKind::Entries, self.head.size())
            .skip_while(|tile| (tile.index + 1) * limits::TILE <= index)
            .collect();
        let leaves = tiles.iter().map(|tile| self.tiles.leaves(tile.index)).collect::<Result<Vec<_>, _>>()?;
        let log = &*self;
        let work = |nth: u64| {
            let nth = usize::try_from(nth).unwrap_or(usize::MAX);
            match (tiles.get(nth), leaves.get(nth)) {
                (Some(tile), Some(leaves)) => log.rows(*tile, leaves, &|at| at >= index),
                _ => Ok(Some(Vec::new())),
            }
        };
        let (mut all, mut void, mut failed) = (Vec::new(), false, None);
        in_order(threads, tiles.len() as u64, work, |_, rows| {
            match rows {
                Ok(Some(rows)) => all.extend(rows),
                Ok(None) => void = true,
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        });
        failed.map_or(Ok((!void).then_some(all)), Err)
    }

    /// The versions with these ids among the first `size` statements. `None` if one isn't in force.
    fn find(&mut self, ids: &HashSet<StatementId>, size: u64) -> Result<Option<HashMap<StatementId, Row>>, SideError> {
        // The hashes are looked through as they are; what is found is checked after.
        let mut wanted: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        if ids.is_empty() {
            return Ok(Some(HashMap::new()));
        }
        let prefix = |id: &[u8]| id.iter().take(8).fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let mut prefixes: Vec<_> = ids.iter().map(|id| prefix(id.as_bytes())).collect();
        prefixes.sort_unstable();
        for tile in tiles_of(TileKind::Hashes(0), size) {
            let name = tile_at(tile.kind, tile.index, self.head.size());
            let hashes = self.store.read(Member::Tile(name), 32 * limits::TILE)?;
            let (hashes, _) = hashes.as_chunks::<32>();
            for (at, hash) in (tile.index * limits::TILE..size).zip(hashes) {
                if prefixes.binary_search(&prefix(hash)).is_ok() && ids.contains(&StatementId::from_bytes(*hash)) {
                    wanted.entry(tile.index).or_default().push(at);
                }
            }
        }
        let mut found = HashMap::new();
        for (index, at) in wanted {
            let leaves = self.tiles.leaves(index)?;
            let tile = tile_at(TileKind::Entries, index, self.head.size());
            let Some(rows) = self.rows(tile, &leaves, &|index| at.contains(&index))? else { return Ok(None) };
            found.extend(rows.into_iter().map(|row| (row.0.id, row)));
        }
        Ok(Some(found))
    }

    /// The versions of an entry tile whose indexes are wanted; `None` if an entry isn't in force by its own words already. `leaves` are the
    /// tile's authentic hashes.
    fn rows(
        &self,
        tile: TileName,
        leaves: &[StatementId],
        wanted: &dyn Fn(u64) -> bool,
    ) -> Result<Option<Vec<Row>>, SideError> {
        let bytes = self.store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?;
        let entries = read_entries(&bytes, tile.width).map_err(SideError::Entries)?;
        let mut rows = Vec::new();
        for ((index, entry), leaf) in (tile.index * limits::TILE..).zip(entries).zip(leaves) {
            if !wanted(index) {
                continue;
            }
            if StatementId::of(entry) != *leaf {
                return Err(ReadError::Altered { index, what: "the statement".to_owned() }.into());
            }
            // What can't be read, or is of an unknown kind, may mean anything: it is never passed over.
            let statement =
                VerifiedStatement::resume(entry).map_err(|source| ReadError::Statement { index, source })?;
            let Payload::Article(version) = statement.payload() else { return Ok(None) };
            let may = self.charter.member(statement.signer()).is_some_and(|member| member.holds(KeyRole::Archivist));
            if !may || statement.issuer() != self.charter.origin.as_str() || version.authority != self.archive.into() {
                return Ok(None);
            }
            let (id, signer) = (statement.id(), *statement.signer());
            let facts = VersionRef { index, id, version: version.version, manifest: version.manifest, signer };
            rows.push((facts, *version));
        }
        Ok(Some(rows))
    }

    /// All articles, by the rules of the whole log.
    fn articles(&self, side: Side, threads: usize) -> Result<Vec<Article>, DiffError> {
        let opened = View::open(self.store, Trust::default(), threads);
        opened.map(|view| view.articles().to_vec()).map_err(|source| DiffError { side, source: source.into() })
    }
}

/// How many articles are compared at a time: their texts are held meanwhile.
const AT_ONCE: usize = 2048;

fn compare_pairs(
    first: &Log<'_>,
    second: &Log<'_>,
    pairs: &[Pair],
    options: DiffOptions,
    visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
) -> Result<(), DiffError> {
    let at = |side| move |source: ReadError| DiffError { side, source: source.into() };
    for pairs in pairs.chunks(AT_ONCE) {
        // To name an article its newest manifest is enough.
        let from = pairs.iter().map(|pair| pair.from.filter(|_| options.details || pair.to.is_none()));
        let from = load(first, &from.collect::<Vec<_>>(), options).map_err(at(Side::First))?;
        let to =
            load(second, &pairs.iter().map(|pair| pair.to).collect::<Vec<_>>(), options).map_err(at(Side::Second))?;
        let work = |nth: u64| {
            let nth = usize::try_from(nth).ok()?;
            let pair = pairs.get(nth)?;
            let mut diff = compare(pair.article, from.get(nth)?.as_ref(), to.get(nth)?.as_ref());
            if let (Some(version), None) = (&pair.from, &diff.from) {
                diff.from = Some(VersionFacts { version: version.version, id: version.id, change: None });
                diff.change = ArticleChange::Revised;
            }
            Some(diff)
        };
        let mut stopped = false;
        in_order(options.threads, pairs.len() as u64, work, |_, diff| {
            stopped |= diff.is_some_and(|diff| visit(diff).is_break());
            !stopped
        });
        if stopped {
            break;
        }
    }
    Ok(())
}

/// Loads versions: their manifests, and their texts if details are asked for. Each tile is read once.
fn load(
    log: &Log<'_>,
    versions: &[Option<VersionRef>],
    options: DiffOptions,
) -> Result<Vec<Option<Loaded>>, ReadError> {
    let mut order: Vec<(usize, VersionRef)> =
        versions.iter().enumerate().filter_map(|(nth, version)| Some((nth, (*version)?))).collect();
    order.sort_unstable_by_key(|(_, version)| version.index);
    let tiles: Vec<_> = order.chunk_by(|(_, a), (_, b)| a.index / limits::TILE == b.index / limits::TILE).collect();
    let work = |nth: u64| {
        let tile = usize::try_from(nth).ok().and_then(|nth| tiles.get(nth)).copied().unwrap_or_default();
        load_tile(log.store, log.head.size(), tile, options.details)
    };
    let mut loaded: Vec<Option<Loaded>> = versions.iter().map(|_| None).collect();
    let mut failed = None;
    in_order(
        options.threads,
        tiles.len() as u64,
        work,
        |_, tile: Result<Vec<(usize, Loaded)>, ReadError>| match tile {
            Ok(tile) => {
                tile.into_iter().for_each(|(nth, version)| loaded[nth] = Some(version));
                true
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        },
    );
    failed.map_or(Ok(loaded), Err)
}

fn load_tile(
    store: &dyn Store,
    size: u64,
    tile: &[(usize, VersionRef)],
    texts: bool,
) -> Result<Vec<(usize, Loaded)>, ReadError> {
    let wanted: Vec<_> = tile.iter().map(|(_, version)| (version.index, version.manifest)).collect();
    let mut loaded = Vec::with_capacity(tile.len());
    read_manifests(store, size, &wanted, &mut |at, manifest| {
        let (nth, version) = tile[at];
        loaded.push((nth, Loaded { version, manifest, text: None }));
    })?;
    if texts {
        read_texts(store, size, &mut loaded)?;
    }
    Ok(loaded)
}

fn read_texts(store: &dyn Store, size: u64, loaded: &mut [(usize, Loaded)]) -> Result<(), ReadError> {
    let text_of = |manifest: &Manifest| manifest.file(Role::Text).map(|file| (file.sha256, file.size));
    let mut texts: Vec<Option<Vec<u8>>> = loaded.iter().map(|_| None).collect();
    let wanted: Vec<_> = loaded.iter().map(|(_, loaded)| (loaded.version.index, &loaded.manifest)).collect();
    let expected: Vec<_> = loaded.iter().map(|(_, loaded)| text_of(&loaded.manifest)).collect();
    read_packs(store, size, &wanted, &mut |nth, digest, bytes| {
        if expected[nth].is_some_and(|(text, _)| text == digest) {
            texts[nth] = Some(bytes.to_vec());
        }
    })?;
    for ((_, loaded), (text, expected)) in loaded.iter_mut().zip(texts.into_iter().zip(expected)) {
        loaded.text = match (text, expected) {
            (None, Some((digest, length))) => {
                let mut bytes = Vec::new();
                let read = open_large(store, digest)?.take(length + 1).read_to_end(&mut bytes);
                if read.is_err() || FileDigest::of(&bytes) != digest {
                    let what = "the text".to_owned();
                    return Err(ReadError::Altered { index: loaded.version.index, what });
                }
                Some(bytes)
            }
            (text, _) => text,
        };
    }
    Ok(())
}

/// Compares archives that have nothing to do with each other: articles of one subject and language are the same.
fn apart(
    first: &Log<'_>,
    second: &Log<'_>,
    options: DiffOptions,
    visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
) -> Result<(), DiffError> {
    let (old, new) = (first.articles(Side::First, options.threads)?, second.articles(Side::Second, options.threads)?);
    let key = |article: &Article| (article.subject.clone(), article.language.clone());
    let mut by_key: HashMap<_, _> = old.iter().map(|article| (key(article), article)).collect();
    let mut pairs = Vec::new();
    for article in &new {
        let from = by_key.remove(&key(article)).and_then(Article::head).copied();
        pairs.push(Pair { article: article.urn, from, to: article.head().copied() });
    }
    let gone = old.iter().filter(|article| by_key.contains_key(&key(article)));
    pairs.extend(gone.map(|article| Pair { article: article.urn, from: article.head().copied(), to: None }));
    // Salts differ, so only what the manifests say can tell whether two versions are the same.
    let details = DiffOptions { details: true, ..options };
    compare_pairs(first, second, &pairs, details, &mut |mut diff| {
        if diff.change == ArticleChange::Revised && diff.fields.is_empty() && diff.files.is_empty() {
            return ControlFlow::Continue(());
        }
        if !options.details {
            (diff.fields, diff.files, diff.text) = (Vec::new(), Vec::new(), None);
        }
        visit(diff)
    })
}
