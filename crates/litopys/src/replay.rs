//! A log read from its entry tiles alone: whose keys may do what, and where versions are. No manifest, pack or file is read.
//!
//! As in a [`View`](crate::view::View), signatures of single statements are not looked at: the keeper of the log signed all of them as a whole.

use crate::check::entry_code;
use crate::layout::{Member, TileKind, TileName, tiles_of};
use crate::ledger::Ledger;
use crate::log::TreeHead;
use crate::log::merkle::Frontier;
use crate::log::tile::read_entries;
use crate::parallel::in_order;
use crate::prove::ProveError;
use crate::report::Severity;
use crate::statement::{Payload, StatementError, VerifiedStatement};
use crate::store::Store;
use crate::view::VersionRef;
use crate::{ArticleUrn, StatementId, limits};

/// The statements in force that are about articles, in log order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArticleStatements {
    /// The versions, each with its article.
    pub versions: Vec<(ArticleUrn, VersionRef)>,
    /// The indexes of observations, each with the id of the version that it is about.
    pub observations: Vec<(StatementId, u64)>,
}

/// The state after a log, and what it has of articles.
pub(crate) struct Replayed {
    pub(crate) ledger: Ledger,
    pub(crate) articles: ArticleStatements,
}

type Entry = (StatementId, Result<VerifiedStatement, StatementError>);

/// Reads all entries of an archive, and compares them with the root that its checkpoint gives.
pub(crate) fn replay(
    store: &dyn Store,
    founding: &VerifiedStatement,
    head: TreeHead,
    threads: usize,
) -> Result<Replayed, ProveError> {
    let ledger = Ledger::found(founding).ok_or(ProveError::Charter(None))?;
    let tiles: Vec<_> = tiles_of(TileKind::Entries, head.size()).collect();
    let work = |nth: u64| {
        let tile = usize::try_from(nth).ok().and_then(|nth| tiles.get(nth));
        tile.map_or(Ok(Vec::new()), |tile| entries(store, *tile))
    };
    let mut log = Log { ledger, articles: ArticleStatements::default(), frontier: Frontier::new() };
    let mut failed = None;
    in_order(threads, tiles.len() as u64, work, |_, entries| {
        let taken = entries.and_then(|entries| entries.into_iter().try_for_each(|entry| log.take(entry)));
        failed = taken.err();
        failed.is_none()
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if log.frontier.root() != Some(head.root()) {
        return Err(ProveError::Root);
    }
    let Log { ledger, mut articles, .. } = log;
    for (_, version) in &mut articles.versions {
        let holder = ledger.authority().holder(&version.signer);
        version.doubtful = holder.is_some_and(|holder| holder.is_doubtful_at(version.index));
        version.withheld = ledger.withheld().of_manifest(version.index).map(|by| by.index);
    }
    Ok(Replayed { ledger, articles })
}

fn entries(store: &dyn Store, tile: TileName) -> Result<Vec<Entry>, ProveError> {
    let bytes = store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?;
    let index = tile.index * limits::TILE;
    let entries = read_entries(&bytes, tile.width).map_err(|source| ProveError::Entries { index, source })?;
    Ok(entries.iter().map(|entry| (StatementId::of(entry), VerifiedStatement::resume(entry))).collect())
}

struct Log {
    ledger: Ledger,
    articles: ArticleStatements,
    frontier: Frontier,
}

impl Log {
    fn take(&mut self, (id, statement): Entry) -> Result<(), ProveError> {
        let index = self.frontier.size();
        self.frontier.push(id);
        match statement {
            // Whether it is the charter that was verified, the root tells.
            _ if index == 0 => {}
            Err(error) => match entry_code(index, &error) {
                code if code.severity() == Severity::Unchecked => {
                    return Err(ProveError::Unknown { index, source: error });
                }
                code => self.ledger.apply_faulty(id, code),
            },
            Ok(statement) => {
                if self.ledger.apply(&statement).is_err() {
                    return Ok(());
                }
                match statement.payload() {
                    Payload::Article(version) => {
                        let (signer, manifest) = (*statement.signer(), version.manifest);
                        let row = VersionRef {
                            index,
                            id,
                            version: version.version,
                            manifest,
                            signer,
                            doubtful: false,
                            withheld: None,
                        };
                        self.articles.versions.push((version.article, row));
                    }
                    Payload::Observation(observed) => self.articles.observations.push((observed.id, index)),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
