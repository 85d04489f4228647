//! Writing the entries, manifests and packs of a tile.

use std::io::{self, Read, Write};
use std::sync::Arc;

use super::ArchiveError;
use super::prepare::PackedFile;
use crate::cbor::{Major, write_bytes, write_head};
use crate::layout::{Member, TileKind, TileName, tile_at};
use crate::limits;
use crate::pack::NULL;
use crate::statement::SignedStatement;
use crate::store::Store;
use crate::store::folder::{FolderWriter, WriteError};
use crate::zstandard::{Frame, FrameError, LEVEL, encoder};

/// A new entry, with what stands beside it.
pub(super) struct TileEntry {
    pub(super) statement: SignedStatement,
    /// Its manifest's bytes.
    pub(super) manifest: Option<Vec<u8>>,
    /// Its small files, each digest once.
    pub(super) files: Vec<PackedFile>,
}

/// The tile at the end of the log: what the present archive has of it, and what is new.
pub(super) struct OpenTile {
    index: u64,
    /// How many entries of it the present archive has, in partial tiles of that width.
    carried: u16,
    entries: Vec<TileEntry>,
    /// How many bytes of files are in memory.
    held: u64,
}

/// So many bytes of files a tile holds in memory: some twenty times what those of usual articles take.
const HELD: u64 = 16 << 20;

impl OpenTile {
    /// The tile in which the next statement of a log of `size` statements stands.
    pub(super) fn new(size: u64) -> Self {
        let carried = u16::try_from(size % limits::TILE).unwrap_or(0);
        Self { index: size / limits::TILE, carried, entries: Vec::new(), held: 0 }
    }

    /// How many entries it has.
    pub(super) fn width(&self) -> u64 {
        u64::from(self.carried) + self.entries.len() as u64
    }

    pub(super) fn push(&mut self, entry: TileEntry) {
        self.held += entry.files.iter().map(PackedFile::held).sum::<u64>();
        self.entries.push(entry);
    }

    /// Puts the files aside, if they take too much memory until the tile is full.
    pub(super) fn lighten(&mut self, writer: &Arc<FolderWriter>) -> Result<(), ArchiveError> {
        if self.held <= HELD {
            return Ok(());
        }
        let held = || self.entries.iter().flat_map(|entry| &entry.files).filter(|file| file.held() > 0);
        let aside = Arc::new(writer.put_aside(|out| held().try_for_each(|file| file.copy_to(out)))?);
        let mut at = 0;
        for file in self.entries.iter_mut().flat_map(|entry| &mut entry.files).filter(|file| file.held() > 0) {
            let size = file.held();
            file.put_aside(&aside, at);
            at += size;
        }
        self.held = 0;
        Ok(())
    }

    /// Whether it has entries that the present archive hasn't.
    pub(super) fn is_new(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Writes its three files.
    pub(super) fn write(&self, writer: &FolderWriter) -> Result<(), ArchiveError> {
        let size = self.index * limits::TILE + self.width();
        let name = |kind| Member::Tile(tile_at(kind, self.index, size));

        let mut entries = match self.carried_tile(TileKind::Entries) {
            Some(old) => writer.store().read(old, limits::TILE * (limits::STATEMENT as u64 + 2))?,
            None => Vec::new(),
        };
        for entry in &self.entries {
            let bytes = entry.statement.as_bytes();
            // A statement has at most 65,535 bytes: its type says so.
            entries.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
            entries.extend_from_slice(bytes);
        }
        writer.put(name(TileKind::Entries), &entries)?;

        let manifests = self.entries.iter().map(|entry| match &entry.manifest {
            Some(manifest) => {
                let mut item = Vec::with_capacity(manifest.len() + 5);
                write_bytes(&mut item, manifest);
                item
            }
            None => vec![NULL],
        });
        let manifests: Vec<_> = manifests.collect();
        let added = manifests.iter().map(|item| item.len() as u64).sum();
        self.write_frame(writer, TileKind::Manifests, name(TileKind::Manifests), added, |out| {
            manifests.iter().try_for_each(|item| out.write_all(item))
        })?;

        let heads = |entry: &TileEntry| {
            let mut head = Vec::with_capacity(3);
            write_head(&mut head, Major::Array, entry.files.len() as u64);
            head
        };
        let item_size = |file: &PackedFile| head_of(file.size).len() as u64 + file.size;
        let entry_size = |entry| heads(entry).len() as u64 + entry.files.iter().map(item_size).sum::<u64>();
        let added = self.entries.iter().map(entry_size).sum();
        self.write_frame(writer, TileKind::Packs, name(TileKind::Packs), added, |out| {
            for entry in &self.entries {
                out.write_all(&heads(entry))?;
                for file in &entry.files {
                    out.write_all(&head_of(file.size))?;
                    file.copy_to(out)?;
                }
            }
            Ok(())
        })
    }

    fn carried_tile(&self, kind: TileKind) -> Option<Member> {
        let tile = TileName { kind, index: self.index, width: self.carried };
        (self.carried > 0).then_some(Member::Tile(tile))
    }

    /// Writes a frame: what the present archive has of it, then what is new.
    fn write_frame(
        &self,
        writer: &FolderWriter,
        kind: TileKind,
        member: Member,
        added: u64,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), ArchiveError> {
        let refused = |error: FrameError| match error {
            FrameError::Io(error) => error,
            other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
        };
        let failed = |source| WriteError::Io { path: member.to_string(), source };
        let mut old = match self.carried_tile(kind) {
            Some(old) => {
                let stream = io::BufReader::new(writer.store().open(old)?);
                Some(Frame::open_stream(stream).map_err(|error| failed(refused(error)))?)
            }
            None => None,
        };
        let size = added + old.as_ref().map_or(0, Frame::content_size);
        writer.put_with(member, |out| {
            let mut out = encoder(out, LEVEL, size)?;
            if let Some(mut frame) = old.take() {
                io::copy(&mut frame.by_ref(), &mut out)?;
                frame.finish().map_err(refused)?;
            }
            write(&mut out)?;
            out.finish().map(drop)
        })?;
        Ok(())
    }
}

fn head_of(size: u64) -> Vec<u8> {
    let mut head = Vec::with_capacity(5);
    write_head(&mut head, Major::Bytes, size);
    head
}
