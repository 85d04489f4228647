//! What is withheld, told before manifests and files are looked at: a withdrawal stands behind what it is about.

use std::collections::HashSet;

use super::CheckOptions;
use super::load::entries_limit;
use crate::layout::{Member, TileKind, tile_at};
use crate::ledger::Ledger;
use crate::log::tile::read_entries;
use crate::parallel::in_order;
use crate::payload::WITHDRAWAL;
use crate::report::Code;
use crate::statement::{KeyCache, Payload, StatementError, VerifiedStatement};
use crate::store::{Store, StoreError};
use crate::withdrawal::Withheld;
use crate::{StatementId, limits};

/// What the withdrawals of a log of this size withhold. A log without any costs a look at its entry tiles, and no more; one with some a second
/// look, at the statements that decide whether they are in force.
pub(crate) fn of_archive(
    store: &dyn Store,
    size: u64,
    founding: &VerifiedStatement,
    trusted: Trusted,
    threads: usize,
) -> Result<Withheld, StoreError> {
    let mut wanted = Wanted::default();
    in_tiles(store, size, threads, |_, statements| Wanted::of(statements), |_, found| wanted.join(found))?;
    let Some(mut fold) = wanted.any.then(|| Ledger::found(founding)).flatten() else { return Ok(Withheld::default()) };
    let keys = cache(&fold);
    let work = |tile: u64, statements: &[&[u8]]| {
        let signatures = trusted.asks((tile + 1) * limits::TILE);
        let judge = |(at, bytes)| wanted.judge(at, bytes, signatures, &mut keys.clone());
        (tile * limits::TILE..).zip(statements.iter().copied()).map(judge).collect::<Vec<_>>()
    };
    let mut told = true;
    in_tiles(store, size, threads, work, |_, judged| {
        judged.into_iter().for_each(|one| told = told && apply(&mut fold, one));
        told
    })?;
    Ok(fold.into_withheld())
}

/// The same of the statements that an extract shows.
pub(crate) fn of_extract(
    store: &dyn Store,
    indexes: &[u64],
    founding: &VerifiedStatement,
    trusted: Trusted,
) -> Result<Withheld, StoreError> {
    let read = |index: u64| match store.read(Member::Statement(index), limits::STATEMENT as u64) {
        Err(error @ StoreError::Io { .. }) => Err(error),
        read => Ok(read.ok()),
    };
    let mut wanted = Wanted::default();
    for index in indexes {
        if let Some(bytes) = read(*index)? {
            wanted.look(&bytes);
        }
    }
    let Some(mut fold) = wanted.any.then(|| Ledger::found(founding)).flatten() else { return Ok(Withheld::default()) };
    let mut keys = cache(&fold);
    for index in indexes {
        let Some(bytes) = read(*index)? else { continue };
        fold.skip_to(*index);
        if !apply(&mut fold, wanted.judge(*index, &bytes, trusted.asks(u64::MAX), &mut keys)) {
            break;
        }
    }
    Ok(fold.into_withheld())
}

/// Which signatures are not asked for: those of the first so many statements, which were verified before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trusted(pub(crate) u64);

impl Trusted {
    pub(super) fn of(options: &CheckOptions, founding: &VerifiedStatement) -> Self {
        Self(options.spared(founding.id().into()))
    }

    const fn asks(self, end: u64) -> bool {
        end > self.0
    }
}

fn cache(fold: &Ledger) -> KeyCache {
    KeyCache::new(fold.charter().members.iter().map(|member| member.key.clone()))
}

/// What a look at all statements tells: whether there are withdrawals, and which entries they name.
#[derive(Default)]
struct Wanted {
    any: bool,
    named: HashSet<u64>,
}

impl Wanted {
    fn of(statements: &[&[u8]]) -> Self {
        let mut wanted = Self::default();
        statements.iter().for_each(|bytes| wanted.look(bytes));
        wanted
    }

    fn look(&mut self, bytes: &[u8]) {
        if !may_be_withdrawal(bytes) {
            return;
        }
        if let Ok(statement) = VerifiedStatement::resume(bytes)
            && let Payload::Withdrawal(withdrawal) = statement.payload()
        {
            self.any = true;
            self.named.extend(withdrawal.scope.entries().map(|entry| entry.index));
        }
    }

    fn join(&mut self, other: Self) -> bool {
        self.any |= other.any;
        self.named.extend(other.named);
        true
    }

    /// A statement as far as withdrawals hang on it: of entries that none names the signature doesn't matter.
    fn judge(&self, at: u64, bytes: &[u8], signatures: bool, keys: &mut KeyCache) -> Judged {
        let matters =
            |statement: &VerifiedStatement| statement.payload().manifest().is_none() || self.named.contains(&at);
        let judged = match VerifiedStatement::resume(bytes) {
            Ok(statement) if at == 0 || !signatures || !matters(&statement) => Ok(statement),
            Err(error) if !signatures => Err(error),
            _ => VerifiedStatement::verify(bytes, keys),
        };
        (at, judged.map(Box::new).map_err(|error| (StatementId::of(bytes), error)))
    }
}

type Judged = (u64, Result<Box<VerifiedStatement>, (StatementId, StatementError)>);

/// Takes a statement in; whether what follows it can be told.
fn apply(fold: &mut Ledger, (at, judged): Judged) -> bool {
    match judged {
        _ if at == 0 => {}
        Ok(statement) => _ = fold.apply(&statement),
        Err((_, StatementError::UnknownKind(_) | StatementError::UnknownAlgorithm(_))) => return false,
        // Which fault it has is told elsewhere.
        Err((id, _)) => fold.apply_faulty(id, Code::StatementShape),
    }
    true
}

/// Whether the content type of a statement is a withdrawal's. It stands after the tag, the array, the head of the protected header, and ten or
/// fewer bytes of that; what has it elsewhere is no statement.
fn may_be_withdrawal(bytes: &[u8]) -> bool {
    (8..14).any(|at| bytes.get(at..).is_some_and(|rest| rest.starts_with(WITHDRAWAL.as_bytes())))
}

/// Does `work` for the statements of each entry tile, up to one that can't be read.
fn in_tiles<T: Send>(
    store: &dyn Store,
    size: u64,
    threads: usize,
    work: impl Fn(u64, &[&[u8]]) -> T + Sync,
    mut take: impl FnMut(u64, T) -> bool,
) -> Result<(), StoreError> {
    let read = |tile: u64| {
        let name = tile_at(TileKind::Entries, tile, size);
        let bytes = match store.read(Member::Tile(name), entries_limit(name.width)) {
            Err(error @ StoreError::Io { .. }) => return Err(error),
            Err(_) => return Ok(None),
            Ok(bytes) => bytes,
        };
        Ok(read_entries(&bytes, name.width).ok().map(|statements| work(tile, &statements)))
    };
    let mut failed = None;
    in_order(threads, size.div_ceil(limits::TILE), read, |tile, done| match done {
        Ok(Some(done)) => take(tile, done),
        Ok(None) => false,
        Err(error) => {
            failed = Some(error);
            false
        }
    });
    failed.map_or(Ok(()), Err)
}
