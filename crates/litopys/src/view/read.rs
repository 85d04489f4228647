//! Reading statements, manifests and files of single tiles, or of an extract, each compared with its digest.

use std::io::{BufReader, Read};

use super::ReadError;
use crate::layout::{Member, TileKind, tile_at};
use crate::log::tile::read_entries;
use crate::manifest::Manifest;
use crate::pack::{Fault, Item, read_bytes, read_item};
use crate::statement::ManifestRef;
use crate::store::{Store, StoreError, StoreKind};
use crate::zstandard::{Frame, FrameError};
use crate::{FileDigest, limits};

/// A large file's bytes, which nobody has compared with its digest yet.
pub(crate) fn open_large(store: &dyn Store, digest: FileDigest) -> Result<Box<dyn Read + '_>, ReadError> {
    match store.open(Member::File { digest, compressed: false }) {
        Ok(stream) => Ok(stream),
        Err(StoreError::Missing(_)) => {
            let stream = BufReader::new(store.open(Member::File { digest, compressed: true })?);
            let frame = Frame::open(stream).map_err(|error| match error {
                FrameError::Io(source) => {
                    ReadError::Store(StoreError::of_read(Member::File { digest, compressed: true }, source))
                }
                _ => ReadError::Altered { index: 0, what: digest.to_string() },
            })?;
            Ok(Box::new(frame))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn altered(index: u64, what: impl Into<String>) -> ReadError {
    ReadError::Altered { index, what: what.into() }
}

/// The bytes of the statement at an index, which nobody has hashed yet.
pub(crate) fn read_statement(store: &dyn Store, size: u64, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
    if store.kind() == StoreKind::Extract {
        return store.read(Member::Statement(index), limits::STATEMENT as u64).map(Some);
    }
    let tile = tile_at(TileKind::Entries, index / limits::TILE, size);
    let bytes = store.read(Member::Tile(tile), limits::TILE * (limits::STATEMENT as u64 + 2))?;
    let nth = usize::try_from(index % limits::TILE).unwrap_or(usize::MAX);
    Ok(read_entries(&bytes, tile.width).ok().and_then(|entries| entries.get(nth).map(|entry| entry.to_vec())))
}

/// A manifest or small file of an extract; `None` where it is not what it is named.
fn read_shown(store: &dyn Store, digest: FileDigest, size: u64, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
    if size > limit {
        return Ok(None);
    }
    let bytes = match store.read(Member::File { digest, compressed: false }, size) {
        Err(StoreError::Missing(_) | StoreError::TooLarge { .. }) => return Ok(None),
        bytes => bytes?,
    };
    Ok(Some(bytes).filter(|bytes| FileDigest::of(bytes) == digest))
}

fn tile_frame<'a>(
    store: &'a dyn Store,
    kind: TileKind,
    size: u64,
    index: u64,
) -> Result<Frame<BufReader<Box<dyn Read + Send + 'a>>>, ReadError> {
    let member = Member::Tile(tile_at(kind, index / limits::TILE, size));
    let stream = BufReader::with_capacity(32 << 10, store.open(member)?);
    Frame::open(stream).map_err(|error| frame_error(member, index, error.into()))
}

fn frame_error(member: Member, index: u64, fault: Fault) -> ReadError {
    match fault {
        Fault::Frame(FrameError::Io(error)) => ReadError::Store(StoreError::of_read(member, error)),
        _ => altered(index, member.to_string()),
    }
}

/// Reads manifests of one tile, wanted in ascending order of their indexes, and compares each with its digest.
pub(crate) fn read_manifests(
    store: &dyn Store,
    size: u64,
    wanted: &[(u64, ManifestRef)],
    visit: &mut dyn FnMut(usize, Manifest),
) -> Result<(), ReadError> {
    if store.kind() == StoreKind::Extract {
        for (nth, (index, named)) in wanted.iter().enumerate() {
            let bytes = read_shown(store, named.sha256, named.size, limits::MANIFEST)?;
            let bytes = bytes.ok_or_else(|| altered(*index, "the manifest"))?;
            visit(nth, Manifest::decode(&bytes).map_err(|source| ReadError::Manifest { index: *index, source })?);
        }
        return Ok(());
    }
    let Some(&(first, _)) = wanted.first() else { return Ok(()) };
    let member = Member::Tile(tile_at(TileKind::Manifests, first / limits::TILE, size));
    let mut frame = tile_frame(store, TileKind::Manifests, size, first)?;
    let (mut bytes, mut next) = (Vec::new(), first / limits::TILE * limits::TILE);
    for (nth, &(index, expected)) in wanted.iter().enumerate() {
        let mut there = false;
        while next <= index {
            let read = read_item(&mut frame).and_then(|item| match item {
                Item::Bytes(length) => read_bytes(&mut frame, length, limits::MANIFEST, &mut bytes).map(|()| true),
                Item::Null => Ok(false),
                Item::Array(_) => Err(Fault::Items("an array where a manifest should be")),
            });
            there = read.map_err(|fault| frame_error(member, index, fault))?;
            next += 1;
        }
        if !there || FileDigest::of(&bytes) != expected.sha256 {
            return Err(altered(index, "the manifest"));
        }
        visit(nth, Manifest::decode(&bytes).map_err(|source| ReadError::Manifest { index, source })?);
    }
    Ok(())
}

/// Reads the small files of versions of one tile, wanted in ascending order of their indexes, and compares each with its digest.
pub(crate) fn read_packs(
    store: &dyn Store,
    size: u64,
    wanted: &[(u64, &Manifest)],
    visit: &mut dyn FnMut(usize, FileDigest, &[u8]),
) -> Result<(), ReadError> {
    if store.kind() == StoreKind::Extract {
        for (nth, (index, manifest)) in wanted.iter().enumerate() {
            for (_, file) in manifest.packed_files() {
                let bytes = read_shown(store, file.sha256, file.size, limits::SMALL_FILE)?;
                visit(nth, file.sha256, &bytes.ok_or_else(|| altered(*index, &file.path))?);
            }
        }
        return Ok(());
    }
    let Some(&(first, _)) = wanted.first() else { return Ok(()) };
    let member = Member::Tile(tile_at(TileKind::Packs, first / limits::TILE, size));
    let mut frame = tile_frame(store, TileKind::Packs, size, first)?;
    let (mut bytes, mut next) = (Vec::new(), first / limits::TILE * limits::TILE);
    for (nth, (index, manifest)) in wanted.iter().enumerate() {
        loop {
            let count = read_item(&mut frame).and_then(|item| match item {
                Item::Array(count) => Ok(count),
                _ => Err(Fault::Items("no array of files")),
            });
            let count = count.map_err(|fault| frame_error(member, *index, fault))?;
            let mut expected = manifest.packed_files();
            for _ in 0..count {
                let read = read_item(&mut frame).and_then(|item| match item {
                    Item::Bytes(length) => {
                        read_bytes(&mut frame, length, limits::SMALL_FILE, &mut bytes).map(|()| true)
                    }
                    Item::Null => Ok(false),
                    Item::Array(_) => Err(Fault::Items("an array where a file should be")),
                });
                let there = read.map_err(|fault| frame_error(member, *index, fault))?;
                if next == *index
                    && let Some((_, file)) = expected.next()
                {
                    if !there || FileDigest::of(&bytes) != file.sha256 {
                        return Err(altered(*index, &file.path));
                    }
                    visit(nth, file.sha256, &bytes);
                }
            }
            next += 1;
            if next > *index {
                break;
            }
        }
    }
    Ok(())
}
