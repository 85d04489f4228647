//! Getting the bytes that a check looks at, and the check of large files.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use super::Files;
use super::tile::TileBytes;
use crate::digest::digest_of;
use crate::layout::{Member, TileKind, TileName, tile_at};
use crate::manifest::FileEntry;
use crate::report::{Code, Finding, Findings, Place};
use crate::store::{Store, StoreError};
use crate::zstandard::{Frame, FrameError};
use crate::{FileDigest, limits};

pub(super) const fn entries_limit(width: u16) -> u64 {
    width as u64 * (limits::STATEMENT as u64 + 2)
}

pub(super) const fn reads_tile(files: Files, index: u64) -> bool {
    match files {
        Files::All => true,
        Files::Since(statement) => (index + 1) * limits::TILE > statement,
        Files::Part(part, of) => of != 0 && index % of == part.wrapping_sub(1) % of,
        Files::None => false,
    }
}

pub(super) const fn reads_large(files: Files, nth: u64, last: u64) -> bool {
    match files {
        Files::Since(statement) => last >= statement,
        other => reads_tile(other, nth),
    }
}

pub(super) fn belongs(tile: TileName, size: u64) -> bool {
    let count = match tile.kind {
        TileKind::Hashes(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
        _ => size,
    };
    tile.index < count.div_ceil(limits::TILE) && tile == tile_at(tile.kind, tile.index, count)
}

/// A whole member. What is wrong with it becomes a finding; `oversized` is the code of one that is too large.
pub(super) fn read_member(
    store: &dyn Store,
    member: Member,
    limit: u64,
    oversized: Code,
    findings: &mut Findings,
) -> Result<Option<Vec<u8>>, StoreError> {
    match store.read(member, limit) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => store_finding(member, error, oversized).map(|finding| {
            findings.push(finding);
            None
        }),
    }
}

/// The finding that a store's error is; what is none is a failure to look.
fn store_finding(member: Member, error: StoreError, oversized: Code) -> Result<Finding, StoreError> {
    let code = match error {
        StoreError::Missing(_) => Code::MissingMember,
        StoreError::TooLarge { .. } => oversized,
        StoreError::Crc(_) => Code::Crc,
        StoreError::Io { .. } => return Err(error),
    };
    Ok(Finding::new(code, Place::member(member), error))
}

/// A file that is kept by itself.
#[derive(Debug, Clone)]
pub(super) struct LargeFile {
    pub(super) digest: FileDigest,
    pub(super) size: u64,
    /// The first statement that names it, and as what.
    pub(super) statement: u64,
    pub(super) path: Box<str>,
    /// The last statement that names it.
    pub(super) last: u64,
    /// Whether one of them names it without that it is withheld there.
    pub(super) wanted: bool,
}

/// The large files that the manifests of a tile name and that are there. One that is not costs no memory, however many are named.
pub(super) struct Named<'a> {
    store: &'a dyn Store,
    files: HashMap<(FileDigest, u64), LargeFile>,
    pub(super) missing: Findings,
}

impl<'a> Named<'a> {
    pub(super) fn new(store: &'a dyn Store) -> Self {
        Self { store, files: HashMap::new(), missing: Findings::default() }
    }

    pub(super) fn note(&mut self, statement: u64, file: &FileEntry, withheld: bool) -> Result<(), StoreError> {
        let FileEntry { sha256: digest, size, path, .. } = file;
        if let Some(known) = self.files.get_mut(&(*digest, *size)) {
            known.last = statement;
            known.wanted |= !withheld;
        } else if is_there(self.store, *digest)? {
            let (digest, size, path) = (*digest, *size, path.as_str().into());
            let wanted = !withheld;
            self.files.insert((digest, size), LargeFile { digest, size, statement, path, last: statement, wanted });
        } else if !withheld {
            self.missing.push(Finding::new(Code::FileMissing, Place::file(statement, path.as_str()), NOT_THERE));
        }
        Ok(())
    }

    /// In the order of the log.
    pub(super) fn into_files(self) -> (Vec<LargeFile>, Findings) {
        let mut files: Vec<_> = self.files.into_values().collect();
        files.sort_unstable_by_key(|file| (file.statement, file.digest));
        (files, self.missing)
    }
}

const NOT_THERE: &str = "the file is not there";

fn is_there(store: &dyn Store, digest: FileDigest) -> Result<bool, StoreError> {
    for compressed in [false, true] {
        match store.size(Member::File { digest, compressed }) {
            Ok(_) => return Ok(true),
            Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

pub(super) type Stream<'a> = BufReader<Box<dyn std::io::Read + Send + 'a>>;
pub(super) type LoadedTile<'a> = (Option<TileBytes<Stream<'a>, Stream<'a>>>, Findings);

/// Gets the four parts of a tile; without its entries there is none.
pub(super) fn load_tile(store: &dyn Store, index: u64, size: u64, files: bool) -> Result<LoadedTile<'_>, StoreError> {
    let mut findings = Findings::default();
    let name = |kind| tile_at(kind, index, size);
    let entries = name(TileKind::Entries);
    let width = entries.width;
    let read =
        |kind, limit, code, findings: &mut _| read_member(store, Member::Tile(name(kind)), limit, code, findings);
    let hashes = read(TileKind::Hashes(0), u64::from(width) * 32, Code::HashTile, &mut findings)?;
    let Some(entries) = read(TileKind::Entries, entries_limit(width), Code::EntryTile, &mut findings)? else {
        return Ok((None, findings));
    };
    let mut open = |kind| match store.open(Member::Tile(name(kind))) {
        Ok(stream) => Ok(Some(BufReader::with_capacity(32 << 10, stream))),
        Err(error) => store_finding(Member::Tile(name(kind)), error, Code::PackItems).map(|finding| {
            findings.push(finding);
            None
        }),
    };
    let manifests = open(TileKind::Manifests)?;
    let packs = if files { open(TileKind::Packs)? } else { None };
    Ok((Some(TileBytes { index, width, entries, hashes, manifests, packs }), findings))
}

/// Checks a large file: `None` if it is there but not to be read.
pub(super) fn check_large(
    store: &dyn Store,
    file: &LargeFile,
    read: bool,
) -> Result<Option<Result<(), Finding>>, StoreError> {
    let wrong = |code, detail: &dyn std::fmt::Display| {
        Ok(Some(Err(Finding::new(code, Place::file(file.statement, &*file.path), detail))))
    };
    let member = |compressed| Member::File { digest: file.digest, compressed };
    let size = |member| match store.size(member) {
        Ok(size) => Ok(Some(size)),
        Err(StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let (plain, compressed) = (size(member(false))?, size(member(true))?);
    let member = member(plain.is_none());
    match (plain, compressed) {
        (None, None) => return wrong(Code::FileMissing, &NOT_THERE),
        (Some(_), Some(_)) => return wrong(Code::TwoForms, &"the file is there twice, as it is and compressed"),
        (Some(size), None) if size != file.size => {
            return wrong(Code::FileSize, &format_args!("{size} bytes instead of {}", file.size));
        }
        _ if !read => return Ok(None),
        _ => {}
    }
    let stream = BufReader::with_capacity(256 << 10, store.open(member)?);
    let digested = if plain.is_some() {
        digest_of(stream, file.size).map_err(FrameError::Io)
    } else {
        digest_of_frame(stream, file.size)
    };
    match digested {
        Ok((size, _)) if size != file.size => {
            wrong(Code::FileSize, &format_args!("{size} bytes instead of {}", file.size))
        }
        Ok((_, digest)) if digest != file.digest => {
            wrong(Code::FileDigest, &"the bytes have another digest than their name")
        }
        Ok(_) => Ok(Some(Ok(()))),
        Err(FrameError::Io(error)) => match StoreError::of_read(member, error) {
            error @ StoreError::Crc(_) => wrong(Code::Crc, &error),
            error => Err(error),
        },
        Err(error) => wrong(Code::Frame, &error),
    }
}

fn digest_of_frame(stream: impl BufRead, size: u64) -> Result<(u64, FileDigest), FrameError> {
    let mut frame = Frame::open(stream)?;
    if frame.content_size() != size {
        return Ok((frame.content_size(), FileDigest::of(b"")));
    }
    let digested = digest_of(&mut frame, size).map_err(|error| frame.error(error))?;
    frame.finish()?;
    Ok(digested)
}
