//! Taking out what is withheld: tiles written anew without it (format.md, section 7.3).

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufReader, Write};
use std::ops::ControlFlow;

use crate::cbor::{Major, write_head};
use crate::check::{Entry, Observer};
use crate::layout::{Member, TileKind, TileName, tile_at};
use crate::pack::{Fault, Item, NULL, read_bytes, read_item};
use crate::store::{Store, StoreError};
use crate::zstandard::{Frame, FrameError, LEVEL, encoder};
use crate::{FileDigest, limits};

/// What of one statement is withheld.
#[derive(Debug, Default)]
struct Gaps {
    manifest: bool,
    /// Small files, by their places in the pack.
    files: Vec<usize>,
}

/// What has to go out of an archive, noted while it is checked.
#[derive(Debug, Default)]
pub(crate) struct Purge {
    /// By the index of the statement.
    gaps: BTreeMap<u64, Gaps>,
    /// Large files that something names without that they are withheld there.
    wanted: HashSet<FileDigest>,
}

impl Purge {
    /// Notes what is withheld of an entry.
    pub(crate) fn note(&mut self, entry: &Entry<'_>) {
        let withheld = entry.withheld;
        let whole = withheld.of_manifest(entry.index).is_some();
        if withheld.is_empty() {
            return;
        }
        let mut gaps = Gaps { manifest: whole, files: Vec::new() };
        let manifest = entry.manifest.filter(|_| !whole);
        let gone = |digest: &FileDigest| withheld.of_file(entry.index, digest).is_some();
        for (at, (_, file)) in manifest.into_iter().flat_map(|manifest| manifest.packed_files().enumerate()) {
            gaps.files.extend(gone(&file.sha256).then_some(at));
        }
        let large = manifest.into_iter().flat_map(|manifest| &manifest.files).filter(|file| !file.is_small());
        self.wanted.extend(large.map(|file| file.sha256).filter(|digest| !gone(digest)));
        if gaps.manifest || !gaps.files.is_empty() {
            self.gaps.insert(entry.index, gaps);
        }
    }

    /// Whether a large file is to stay.
    #[cfg(all(feature = "fs", feature = "zstd"))]
    pub(crate) fn keeps(&self, digest: &FileDigest) -> bool {
        self.wanted.contains(digest)
    }

    /// The manifests tiles and packs that may hold something withheld, packs first: beside a manifest that is gone nothing else may stand.
    pub(crate) fn tiles(&self, size: u64) -> Vec<TileName> {
        let mut numbers: Vec<_> = self.gaps.keys().map(|index| index / limits::TILE).collect();
        numbers.dedup();
        let of = |kind| numbers.iter().map(move |number| tile_at(kind, *number, size)).collect::<Vec<_>>();
        [of(TileKind::Packs), of(TileKind::Manifests)].concat()
    }

    /// Whether this tile holds something that is withheld, and the size of its content without.
    pub(crate) fn measure(&self, store: &dyn Store, tile: TileName) -> Result<(bool, u64), StoreError> {
        let mut size = 0;
        let found = self.copy(store, tile, &mut |bytes| {
            size += bytes.len() as u64;
            Ok(())
        })?;
        Ok((found, size))
    }

    /// Writes a tile's frame without what is withheld; `size` is that of its content.
    pub(crate) fn write(&self, store: &dyn Store, tile: TileName, size: u64, out: &mut dyn Write) -> io::Result<()> {
        let mut out = encoder(out, LEVEL, size)?;
        self.copy(store, tile, &mut |bytes| out.write_all(bytes)).map_err(io::Error::other)?;
        out.finish().map(drop)
    }

    /// Copies the items of a tile, with null for what is withheld; whether anything was.
    fn copy(
        &self,
        store: &dyn Store,
        tile: TileName,
        out: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<bool, StoreError> {
        let member = Member::Tile(tile);
        let failed = |fault| match fault {
            Fault::Frame(FrameError::Io(source)) => StoreError::of_read(member, source),
            Fault::Frame(error) => StoreError::Io { member, source: io::Error::other(error.to_string()) },
            Fault::Items(what) => StoreError::Io { member, source: io::Error::new(io::ErrorKind::InvalidData, what) },
        };
        let stream = BufReader::with_capacity(32 << 10, store.open(member)?);
        let mut frame = Frame::open_stream(stream).map_err(|error| failed(error.into()))?;
        let (mut scratch, mut found) = (Vec::new(), false);
        let first = tile.index * limits::TILE;
        for index in first..first + u64::from(tile.width) {
            let gaps = self.gaps.get(&index);
            let whole = gaps.is_some_and(|gaps| gaps.manifest);
            let done = if tile.kind == TileKind::Manifests {
                copy_item(&mut frame, limits::MANIFEST, whole, &mut scratch, out).map(|gone| found |= gone)
            } else {
                read_item(&mut frame).and_then(|item| {
                    let Item::Array(count) = item else { return Err(Fault::Items("no array of files")) };
                    let mut head = Vec::with_capacity(9);
                    write_head(&mut head, Major::Array, count);
                    out(&head).map_err(FrameError::Io)?;
                    for at in 0..usize::try_from(count).unwrap_or(usize::MAX) {
                        let gone = whole || gaps.is_some_and(|gaps| gaps.files.binary_search(&at).is_ok());
                        found |= copy_item(&mut frame, limits::SMALL_FILE, gone, &mut scratch, out)?;
                    }
                    Ok(())
                })
            };
            done.map_err(failed)?;
        }
        frame.finish().map_err(|error| failed(error.into()))?;
        Ok(found)
    }
}

/// Copies an item, or null in its place; whether it was taken out.
fn copy_item(
    frame: &mut Frame<impl io::BufRead>,
    most: u64,
    gone: bool,
    scratch: &mut Vec<u8>,
    out: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<bool, Fault> {
    let length = match read_item(frame)? {
        Item::Bytes(length) => length,
        Item::Null => return out(&[NULL]).map(|()| false).map_err(|error| FrameError::Io(error).into()),
        Item::Array(_) => return Err(Fault::Items("an array where bytes should be")),
    };
    read_bytes(frame, length, most, scratch)?;
    let mut head = Vec::with_capacity(9);
    write_head(&mut head, Major::Bytes, length);
    let written = if gone { out(&[NULL]) } else { out(&head).and_then(|()| out(scratch)) };
    written.map(|()| gone).map_err(|error| FrameError::Io(error).into())
}

impl Observer for Purge {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        self.note(entry);
        ControlFlow::Continue(())
    }
}
