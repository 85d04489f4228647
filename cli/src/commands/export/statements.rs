//! Statements as they were signed, and the checkpoint that an export begins after.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use litopys::layout::{Member, TileKind, TileName};
use litopys::log::authentic::{AuthenticTiles, HashSource};
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::log::tile::read_entries;
use litopys::store::{Store, StoreError};
use litopys::view::View;
use litopys::{StatementId, charter::KeyRole, limits};

use super::folder::Folder;
use crate::failure::{Exit, Failure, chain};

/// The log's hashes.
pub(super) struct Hashes<'a>(pub(super) &'a dyn Store);

impl HashSource for Hashes<'_> {
    type Error = StoreError;

    fn hash_tile(&self, tile: TileName) -> Result<Vec<u8>, StoreError> {
        self.0.read(Member::Tile(tile), 32 * limits::TILE)
    }
}

/// The name of a statement's file.
pub(super) fn name(index: u64) -> String {
    format!("statements/{index:08}.cose")
}

/// Writes the statements with these indexes, in ascending order: each tile is read once.
pub(super) fn write(
    store: &dyn Store,
    tiles: &mut AuthenticTiles<Hashes<'_>>,
    indexes: &[u64],
    folder: &mut Folder,
) -> Result<(), Failure> {
    let size = tiles.head().size();
    for wanted in indexes.chunk_by(|a, b| a / limits::TILE == b / limits::TILE) {
        let index = wanted.first().map_or(0, |first| first / limits::TILE);
        let leaves = tiles.leaves(index).map_err(|error| Failure::new(Exit::False, chain(&error)))?;
        let width = u16::try_from((size - index * limits::TILE).min(limits::TILE)).unwrap_or(256);
        let tile = TileName { kind: TileKind::Entries, index, width };
        let bytes = store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?;
        let entries = read_entries(&bytes, width).map_err(|error| Failure::of(Exit::False, &error))?;
        for at in wanted {
            let nth = usize::try_from(at % limits::TILE).unwrap_or(usize::MAX);
            let entry = entries.get(nth).filter(|entry| leaves.get(nth) == Some(&StatementId::of(entry)));
            let entry = entry.ok_or_else(|| {
                Failure::new(Exit::False, format_args!("statement {at} is missing or altered"))
                    .hint("`litopys verify` lists all that is wrong")
            })?;
            folder.write(&name(*at), entry)?;
        }
    }
    Ok(())
}

/// The size of the log that `--since` means: a number, or the file of a checkpoint that this archive has grown from.
pub(super) fn since(text: &str, view: &View<'_>, tiles: &mut AuthenticTiles<Hashes<'_>>) -> Result<u64, Failure> {
    let size = view.head().size();
    if let Ok(since) = text.parse::<u64>() {
        let behind = || Failure::new(Exit::Unable, format_args!("--since {since}: the log has {size} statements"));
        return if since <= size { Ok(since) } else { Err(behind()) };
    }
    let path = Path::new(text);
    let refuse = |what: &dyn std::fmt::Display| Failure::new(Exit::False, format_args!("{}: {what}", path.display()));
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limits::CHECKPOINT + 1).read_to_end(&mut bytes));
    read.map_err(|error| {
        Failure::io(path, &error).hint("--since takes a number of statements, or a file `checkpoint`")
    })?;
    let signed = SignedCheckpoint::parse(&bytes)
        .map_err(|error| Failure::new(Exit::Unable, format_args!("{}: {}", path.display(), chain(&error))))?;
    let keys: Vec<_> = view.charter().keys(KeyRole::Log).collect();
    let head = signed.verify(&view.charter().origin, &keys);
    let head = head.map_err(|error| refuse(&format_args!("no checkpoint of this archive: {error}")))?.head();
    if head.size() > size {
        let text = format_args!("is newer: it has {} statements, the archive {size}", head.size());
        return Err(refuse(&text).hint("the archive is an older copy, or was rolled back"));
    }
    let root = tiles.root_at(head.size()).map_err(|error| Failure::new(Exit::False, chain(&error)))?;
    if root != head.root() {
        return Err(refuse(&"the archive has another history: it does not extend this checkpoint"));
    }
    Ok(head.size())
}
