//! One side of a comparison: a log whose checkpoint and charter were verified, read as far as it is needed.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::grown::SideError;
use crate::authority::Authority;
use crate::charter::{Charter, KeyRole};
use crate::layout::{Member, TileKind, TileName, tile_at, tiles_of};
use crate::log::TreeHead;
use crate::log::authentic::AuthenticTiles;
use crate::log::tile::read_entries;
use crate::parallel::in_order;
use crate::prove::{Prover, StoreTiles};
use crate::statement::{Payload, VerifiedStatement};
use crate::store::{Store, StoreError};
use crate::view::{ReadError, VersionRef};
use crate::withdrawal::Withheld;
use crate::{ArchiveId, ArticleUrn, StatementId, limits};

/// An archive whose checkpoint and charter were verified; the rest is read as far as it is needed.
pub(super) struct Log<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) archive: ArchiveId,
    pub(super) founder: [u8; 32],
    pub(super) charter: Charter,
    pub(super) authority: Authority,
    pub(super) head: TreeHead,
    pub(super) tiles: AuthenticTiles<StoreTiles<'a>>,
    /// What is withheld, once the whole log was read.
    pub(super) withheld: Option<Withheld>,
    /// From where on all statements were found to be versions and observations, and whether there are observations.
    plain: Option<(u64, bool)>,
}

/// A version, whose it is, and what it continues.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) version: VersionRef,
    pub(super) article: ArticleUrn,
    pub(super) previous: Option<StatementId>,
}

impl<'a> Log<'a> {
    pub(super) fn open(store: &'a dyn Store) -> Result<Self, SideError> {
        let prover = Prover::open(store)?;
        let (archive, founder, head) = (prover.archive(), *prover.founder(), prover.head());
        let (charter, authority) = (prover.charter().clone(), prover.authority().clone());
        let tiles = prover.into_tiles().ok_or(SideError::Extract)?;
        Ok(Self { store, archive, founder, charter, authority, head, tiles, withheld: None, plain: None })
    }

    /// The versions from this index on. `None` if an entry isn't in force by its own words already.
    pub(super) fn since(&mut self, index: u64, threads: usize) -> Result<Option<Vec<Row>>, SideError> {
        let tiles: Vec<_> = tiles_of(TileKind::Entries, self.head.size())
            .skip_while(|tile| (tile.index + 1) * limits::TILE <= index)
            .collect();
        let leaves = tiles.iter().map(|tile| self.tiles.leaves(tile.index)).collect::<Result<Vec<_>, _>>()?;
        let (log, observed) = (&*self, AtomicBool::new(false));
        let work = |nth: u64| {
            let nth = usize::try_from(nth).unwrap_or(usize::MAX);
            match (tiles.get(nth), leaves.get(nth)) {
                (Some(tile), Some(leaves)) => log.rows(*tile, leaves, &|at| at >= index, &observed),
                _ => Ok(Some(Vec::new())),
            }
        };
        let mut all = Vec::new();
        let rows = rows_in_order(threads, tiles.len(), work, |rows| all.extend(rows))?;
        self.plain = rows.then(|| (index, observed.into_inner()));
        Ok(rows.then_some(all))
    }

    /// Whether there is an observation from this index on, by the statements' own words.
    pub(super) fn has_observations(&self, index: u64) -> Result<bool, SideError> {
        match self.plain {
            Some((from, observed)) if from == index => Ok(observed),
            _ => self.has(index, &|payload| matches!(payload, Payload::Observation(_))),
        }
    }

    /// Whether there is a withdrawal from this index on, by the statements' own words.
    pub(super) fn has_withdrawals(&self, index: u64) -> Result<bool, SideError> {
        match self.plain {
            Some((from, _)) if from == index => Ok(false),
            _ => self.has(index, &|payload| matches!(payload, Payload::Withdrawal(_))),
        }
    }

    fn has(&self, index: u64, kind: &dyn Fn(&Payload) -> bool) -> Result<bool, SideError> {
        for tile in tiles_of(TileKind::Entries, self.head.size()).skip_while(|t| (t.index + 1) * limits::TILE <= index)
        {
            let bytes = self.store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?;
            let entries = read_entries(&bytes, tile.width).map_err(SideError::Entries)?;
            let is_one = |entry: &[u8]| VerifiedStatement::resume(entry).is_ok_and(|one| kind(one.payload()));
            if (tile.index * limits::TILE..).zip(entries).any(|(at, entry)| at >= index && is_one(entry)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The versions with these ids among the first `size` statements. `None` if one isn't in force.
    pub(super) fn find(
        &mut self,
        ids: &HashSet<StatementId>,
        size: u64,
        threads: usize,
    ) -> Result<Option<HashMap<StatementId, Row>>, SideError> {
        if ids.is_empty() {
            return Ok(Some(HashMap::new()));
        }
        let wanted = self.places(ids, size, threads)?;
        let leaves = wanted.iter().map(|(tile, _)| self.tiles.leaves(*tile)).collect::<Result<Vec<_>, _>>()?;
        let log = &*self;
        let work = |nth: u64| {
            let nth = usize::try_from(nth).unwrap_or(usize::MAX);
            let (Some((index, at)), Some(leaves)) = (wanted.get(nth), leaves.get(nth)) else { return Ok(None) };
            let tile = tile_at(TileKind::Entries, *index, log.head.size());
            log.rows(tile, leaves, &|index| at.binary_search(&index).is_ok(), &AtomicBool::new(false))
        };
        let mut found = HashMap::with_capacity(ids.len());
        let rows = rows_in_order(threads, wanted.len(), work, |rows| {
            found.extend(rows.into_iter().map(|row| (row.version.id, row)));
        })?;
        Ok(rows.then_some(found))
    }

    /// The tiles that have these ids among their hashes, and where. The hashes are looked through as they are: what is found is checked after.
    fn places(
        &self,
        ids: &HashSet<StatementId>,
        size: u64,
        threads: usize,
    ) -> Result<Vec<(u64, Vec<u64>)>, StoreError> {
        /// Tiles that a thread takes at a time.
        const AT_ONCE: usize = 16;
        let prefix = |id: &[u8]| id.iter().take(8).fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let mut prefixes: Vec<_> = ids.iter().map(|id| prefix(id.as_bytes())).collect();
        prefixes.sort_unstable();
        let tiles: Vec<_> = tiles_of(TileKind::Hashes(0), size).collect();
        let look = |tile: &TileName| {
            let name = tile_at(tile.kind, tile.index, self.head.size());
            let hashes = self.store.read(Member::Tile(name), 32 * limits::TILE)?;
            let (hashes, _) = hashes.as_chunks::<32>();
            let is_one = |hash: &[u8; 32]| {
                prefixes.binary_search(&prefix(hash)).is_ok() && ids.contains(&StatementId::from_bytes(*hash))
            };
            let at = (tile.index * limits::TILE..size).zip(hashes).filter(|(_, hash)| is_one(hash)).map(|(at, _)| at);
            Ok((tile.index, at.collect::<Vec<_>>()))
        };
        let groups: Vec<_> = tiles.chunks(AT_ONCE).collect();
        let work = |nth: u64| {
            let group = usize::try_from(nth).ok().and_then(|nth| groups.get(nth)).copied().unwrap_or_default();
            group.iter().map(look).collect::<Result<Vec<_>, StoreError>>()
        };
        let (mut all, mut failed) = (Vec::new(), None);
        in_order(threads, groups.len() as u64, work, |_, places| {
            match places {
                Ok(places) => all.extend(places.into_iter().filter(|(_, at)| !at.is_empty())),
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        });
        failed.map_or(Ok(all), Err)
    }

    /// The versions of an entry tile whose indexes are wanted; `None` if an entry isn't in force by its own words already. `leaves` are the
    /// tile's authentic hashes; `observed` is set where an observation is passed over.
    fn rows(
        &self,
        tile: TileName,
        leaves: &[StatementId],
        wanted: &dyn Fn(u64) -> bool,
        observed: &AtomicBool,
    ) -> Result<Option<Vec<Row>>, SideError> {
        let bytes = self.store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?;
        let entries = read_entries(&bytes, tile.width).map_err(SideError::Entries)?;
        let mut rows = Vec::with_capacity(entries.len());
        for ((index, entry), leaf) in (tile.index * limits::TILE..).zip(entries).zip(leaves) {
            if !wanted(index) {
                continue;
            }
            let statement = VerifiedStatement::resume(entry);
            if statement.as_ref().map_or_else(|_| StatementId::of(entry), VerifiedStatement::id) != *leaf {
                return Err(ReadError::Altered { index, what: "the statement".to_owned() }.into());
            }
            let statement = match statement {
                Ok(statement) => statement,
                // What is of an unknown kind may mean anything: it is never passed over.
                Err(source) if source.is_unknown() => return Err(ReadError::Statement { index, source }.into()),
                // What is no statement is void: the whole log has to say so.
                Err(_) => return Ok(None),
            };
            let version = match statement.payload() {
                Payload::Article(version) => version,
                // In force or not, it changes no article.
                Payload::Observation(_) => {
                    observed.store(true, Ordering::Relaxed);
                    continue;
                }
                _ => return Ok(None),
            };
            let holder = self.authority.signer(statement.signer(), version.authority);
            // A key that may sign isn't revoked, so nothing of it is doubtful.
            let may = holder.is_ok_and(|holder| holder.may(KeyRole::Archivist));
            if !may || statement.issuer() != self.charter.origin.as_str() {
                return Ok(None);
            }
            let (id, signer) = (statement.id(), *statement.signer());
            let (number, manifest) = (version.version, version.manifest);
            let facts = VersionRef { index, id, version: number, manifest, signer, doubtful: false, withheld: None };
            rows.push(Row { version: facts, article: version.article, previous: version.previous });
        }
        Ok(Some(rows))
    }
}

/// Takes the rows of several tiles in order; false if a tile has an entry that isn't in force by its own words.
fn rows_in_order(
    threads: usize,
    count: usize,
    work: impl Fn(u64) -> Result<Option<Vec<Row>>, SideError> + Sync,
    take: impl FnMut(Vec<Row>),
) -> Result<bool, SideError> {
    let (mut all, mut failed, mut take) = (true, None, take);
    in_order(threads, count as u64, work, |_, rows| {
        match rows {
            Ok(Some(rows)) => take(rows),
            Ok(None) => all = false,
            Err(error) => failed = Some(error),
        }
        failed.is_none()
    });
    failed.map_or(Ok(all), Err)
}
