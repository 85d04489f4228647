//! One side of a comparison: a log whose checkpoint and charter were verified, read as far as it is needed.

use std::sync::atomic::{AtomicBool, Ordering};

use super::grown::SideError;
use crate::authority::Authority;
use crate::charter::{Charter, KeyRole};
use crate::check::entry_code;
use crate::layout::{Member, TileKind, TileName, tile_at, tiles_of};
use crate::log::authentic::AuthenticTiles;
use crate::log::merkle::tile_root;
use crate::log::tile::read_entries;
use crate::log::{TreeHash, TreeHead};
use crate::parallel::in_order;
use crate::prove::{Prover, StoreTiles};
use crate::report::Severity;
use crate::statement::{Payload, StatementError, VerifiedStatement};
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

    /// Takes the versions from this index on, in log order. False if an entry isn't in force by its own words already.
    pub(super) fn since(&mut self, index: u64, threads: usize, take: &mut dyn FnMut(Row)) -> Result<bool, SideError> {
        let tiles: Vec<_> = tiles_of(TileKind::Entries, self.head.size())
            .skip_while(|tile| (tile.index + 1) * limits::TILE <= index)
            .collect();
        let (judge, observed) = (Judge::of(self), AtomicBool::new(false));
        let tile = |nth: u64| usize::try_from(nth).ok().and_then(|nth| tiles.get(nth)).copied();
        let work = |nth: u64| tile(nth).map(|tile| judge.tile(tile.index, index, &observed)).transpose();
        let (authentic, mut plain) = (&mut self.tiles, true);
        let mut take_tile = |nth: u64, read: Option<TileRows>| -> Result<(), SideError> {
            let Some((TileRows { root, rows }, tile)) = read.zip(tile(nth)) else { return Ok(()) };
            if root != root_of(authentic, tile)? {
                return Err(judge.altered(tile, &authentic.leaves(tile.index)?));
            }
            match rows? {
                Some(rows) => rows.into_iter().for_each(&mut *take),
                None => plain = false,
            }
            Ok(())
        };
        let mut done = Ok(());
        in_order(threads, tiles.len() as u64, work, |nth, read| {
            done = read.and_then(|read| take_tile(nth, read));
            done.is_ok()
        });
        done?;
        self.plain = plain.then(|| (index, observed.into_inner()));
        Ok(plain)
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

    /// The versions with these ids among the first `size` statements, each in the place of its id. `None` if one isn't in force by its own words.
    pub(super) fn find(
        &mut self,
        ids: &[Option<StatementId>],
        size: u64,
        threads: usize,
    ) -> Result<Option<Vec<Option<Row>>>, SideError> {
        let mut found = vec![None; ids.len()];
        let (tiles, judge) = (self.places(ids, size, threads)?, Judge::of(self));
        let nth = |nth: u64| usize::try_from(nth).ok().and_then(|nth| tiles.get(nth));
        let work = |tile: u64| nth(tile).map_or(Ok(Some(Vec::new())), |(tile, places)| judge.some(*tile, places, ids));
        let (mut plain, mut failed) = (true, None);
        in_order(threads, tiles.len() as u64, work, |_, rows| {
            match rows {
                Ok(Some(rows)) => rows.into_iter().for_each(|(place, row)| found[place] = Some(row)),
                Ok(None) => plain = false,
                Err(error) => failed = Some(error),
            }
            failed.is_none()
        });
        failed.map_or(Ok(plain.then_some(found)), Err)
    }

    /// The tiles that have these ids among their authentic hashes, and where.
    fn places(
        &mut self,
        ids: &[Option<StatementId>],
        size: u64,
        threads: usize,
    ) -> Result<Vec<(TileName, Vec<Place>)>, SideError> {
        /// Tiles that a thread takes at a time.
        const AT_ONCE: usize = 16;
        let known = Known::new(ids);
        let (store, head) = (self.store, self.head.size());
        let tiles: Vec<_> =
            if known.order.is_empty() { Vec::new() } else { tiles_of(TileKind::Hashes(0), size).collect() };
        let places_of = |tile: TileName, hashes: &[StatementId]| -> Vec<Place> {
            let here = (tile.index * limits::TILE..size).zip(hashes);
            here.flat_map(|(at, hash)| known.places(hash).map(move |nth| Place { at, nth })).collect()
        };
        let look = |tile: &TileName| {
            let tile = tile_at(tile.kind, tile.index, head);
            let bytes = store.read(Member::Tile(tile), 32 * limits::TILE)?;
            let hashes: Vec<_> = bytes.as_chunks().0.iter().copied().map(StatementId::from_bytes).collect();
            let places = places_of(tile, &hashes);
            let root = if places.is_empty() { None } else { tile_root(&hashes) };
            Ok((tile, places, root))
        };
        let groups: Vec<_> = tiles.chunks(AT_ONCE).collect();
        let work = |nth: u64| {
            let group = usize::try_from(nth).ok().and_then(|nth| groups.get(nth)).copied().unwrap_or_default();
            group.iter().map(look).collect::<Result<Vec<_>, StoreError>>()
        };
        let (mut all, mut done) = (Vec::new(), Ok(()));
        in_order(threads, groups.len() as u64, work, |_, group: Result<Vec<_>, _>| {
            done = group.map_err(SideError::from).and_then(|group| {
                for (tile, mut places, root) in group.into_iter().filter(|(_, places, _)| !places.is_empty()) {
                    if root != root_of(&mut self.tiles, tile)? {
                        places = places_of(tile, &self.tiles.leaves(tile.index)?);
                    }
                    all.push((tile_at(TileKind::Entries, tile.index, head), places));
                }
                Ok(())
            });
            done.is_ok()
        });
        done.map(|()| all)
    }
}

/// The root over a tile's authentic leaves.
fn root_of(tiles: &mut AuthenticTiles<StoreTiles<'_>>, tile: TileName) -> Result<Option<TreeHash>, SideError> {
    let partial = u64::from(tile.width) < limits::TILE;
    Ok(if partial { tile_root(&tiles.leaves(tile.index)?) } else { Some(tiles.hash(1, tile.index)?) })
}

/// Ids that are looked for.
struct Known<'a> {
    ids: &'a [Option<StatementId>],
    /// The first 8 bytes of each and its place, in order; they are spread evenly, being hashes.
    order: Vec<(u64, usize)>,
    /// Where in `order` those begin that share their first bits.
    starts: Vec<usize>,
    /// All but those bits.
    rest: u32,
}

impl<'a> Known<'a> {
    fn new(ids: &'a [Option<StatementId>]) -> Self {
        let there = ids.iter().enumerate().filter_map(|(nth, id)| Some((first_of(id.as_ref()?), nth)));
        let mut order: Vec<_> = there.collect();
        order.sort_unstable();
        let bits = order.len().max(2).ilog2().min(20);
        let rest = 64 - bits;
        let starts =
            (0..=1 << bits).map(|bits: u64| order.partition_point(|(first, _)| first >> rest < bits)).collect();
        Self { ids, order, starts, rest }
    }

    /// Where an id stands among them.
    fn places(&self, id: &StatementId) -> impl Iterator<Item = usize> {
        let first = first_of(id);
        let bits = usize::try_from(first >> self.rest).unwrap_or(usize::MAX);
        let near = &self.order[self.starts[bits]..self.starts[bits + 1]];
        let from = near.partition_point(|(other, _)| *other < first);
        let alike = near[from..].iter().take_while(move |(other, _)| *other == first);
        alike.map(|(_, nth)| *nth).filter(|nth| self.ids[*nth] == Some(*id))
    }
}

fn first_of(id: &StatementId) -> u64 {
    id.as_bytes().iter().take(8).fold(0, |first, byte| first << 8 | u64::from(*byte))
}

/// Where a statement is that is looked for.
struct Place {
    /// Its index in the log.
    at: u64,
    /// The place of its id among those that are looked for.
    nth: usize,
}

/// What a tile of statements says, and what it has to be compared with before that is believed.
struct TileRows {
    root: Option<TreeHash>,
    /// None if an entry isn't in force by its own words already.
    rows: Result<Option<Vec<Row>>, SideError>,
}

/// What a statement is by its own words.
enum Judged {
    Version(Row),
    /// In force or not, it changes no article.
    Observation,
    /// The whole log has to say whether it is in force, and what it does.
    Other,
}

/// Judges statements by their own words, on any thread.
struct Judge<'a> {
    store: &'a dyn Store,
    size: u64,
    origin: String,
    authority: Authority,
}

impl<'a> Judge<'a> {
    fn of(log: &Log<'a>) -> Self {
        let Log { store, head, charter, authority, .. } = log;
        Self { store: *store, size: head.size(), origin: charter.origin.to_string(), authority: authority.clone() }
    }

    fn read(&self, index: u64) -> Result<(TileName, Vec<u8>), SideError> {
        let tile = tile_at(TileKind::Entries, index, self.size);
        Ok((tile, self.store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?))
    }

    /// The versions of a whole tile from an index on; `observed` is set where an observation is passed over.
    fn tile(&self, index: u64, from: u64, observed: &AtomicBool) -> Result<TileRows, SideError> {
        let (tile, bytes) = self.read(index)?;
        let entries = read_entries(&bytes, tile.width).map_err(SideError::Entries)?;
        let (mut ids, mut rows) = (Vec::with_capacity(entries.len()), Ok(Some(Vec::with_capacity(entries.len()))));
        for (at, entry) in (tile.index * limits::TILE..).zip(entries) {
            let (Ok(Some(all)), true) = (&mut rows, at >= from) else {
                ids.push(StatementId::of(entry));
                continue;
            };
            let statement = VerifiedStatement::resume(entry);
            ids.push(statement.as_ref().map_or_else(|_| StatementId::of(entry), VerifiedStatement::id));
            match self.judge(at, statement) {
                Ok(Judged::Version(row)) => all.push(row),
                Ok(Judged::Observation) => observed.store(true, Ordering::Relaxed),
                Ok(Judged::Other) => rows = Ok(None),
                Err(error) => rows = Err(error),
            }
        }
        Ok(TileRows { root: tile_root(&ids), rows })
    }

    /// The versions of a tile that are looked for, each with the place of its id; `None` if one isn't in force by its own words already.
    fn some(
        &self,
        tile: TileName,
        places: &[Place],
        ids: &[Option<StatementId>],
    ) -> Result<Option<Vec<(usize, Row)>>, SideError> {
        let (tile, bytes) = self.read(tile.index)?;
        let entries = read_entries(&bytes, tile.width).map_err(SideError::Entries)?;
        let mut rows = Vec::with_capacity(places.len());
        for Place { at, nth } in places {
            let entry = usize::try_from(at % limits::TILE).ok().and_then(|at| entries.get(at)).copied();
            let statement = VerifiedStatement::resume(entry.unwrap_or_default());
            let id = statement.as_ref().map_or_else(|_| entry.map(StatementId::of), |one| Some(one.id()));
            if id != ids[*nth] {
                return Err(altered(*at));
            }
            match self.judge(*at, statement)? {
                Judged::Version(row) => rows.push((*nth, row)),
                Judged::Observation => {}
                Judged::Other => return Ok(None),
            }
        }
        Ok(Some(rows))
    }

    fn judge(&self, index: u64, statement: Result<VerifiedStatement, StatementError>) -> Result<Judged, SideError> {
        let statement = match statement {
            Ok(statement) => statement,
            // What is of an unknown kind may mean anything: it is never passed over.
            Err(source) if entry_code(index, &source).severity() == Severity::Unchecked => {
                return Err(ReadError::Statement { index, source }.into());
            }
            // What is no statement is void: the whole log has to say so.
            Err(_) => return Ok(Judged::Other),
        };
        let version = match statement.payload() {
            Payload::Article(version) => version,
            Payload::Observation(_) => return Ok(Judged::Observation),
            _ => return Ok(Judged::Other),
        };
        let holder = self.authority.signer(statement.signer(), version.authority);
        // A key that may sign isn't revoked, so nothing of it is doubtful.
        let may = holder.is_ok_and(|holder| holder.may(KeyRole::Archivist));
        if !may || statement.issuer() != self.origin {
            return Ok(Judged::Other);
        }
        let (id, signer) = (statement.id(), *statement.signer());
        let (number, manifest) = (version.version, version.manifest);
        let facts = VersionRef { index, id, version: number, manifest, signer, doubtful: false, withheld: None };
        Ok(Judged::Version(Row { version: facts, article: version.article, previous: version.previous }))
    }

    /// Which statement of a tile is not the one that the log has there.
    fn altered(&self, tile: TileName, leaves: &[StatementId]) -> SideError {
        let start = tile.index * limits::TILE;
        let read = match self.read(tile.index) {
            Ok((_, bytes)) => bytes,
            Err(error) => return error,
        };
        let entries = read_entries(&read, tile.width).unwrap_or_default();
        let same = |(entry, leaf): &(&[u8], &StatementId)| StatementId::of(entry) == **leaf;
        altered(start + entries.into_iter().zip(leaves).take_while(same).count() as u64)
    }
}

fn altered(index: u64) -> SideError {
    ReadError::Altered { index, what: "the statement".to_owned() }.into()
}
