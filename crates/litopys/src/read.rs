//! Reading statements, manifests and files of single tiles, or of an extract, each compared with its digest.

use std::io::{self, BufReader, Read};

use crate::layout::{Member, TileKind, tile_at};
use crate::log::tile::read_entries;
use crate::manifest::{FileEntry, Manifest, ManifestError};
use crate::pack::{Fault, Item, read_bytes, read_item, skip_bytes};
use crate::report::{CheckError, Report};
use crate::statement::{ManifestRef, StatementError};
use crate::store::{Store, StoreError, StoreKind};
use crate::zstandard::{Frame, FrameError};
use crate::{FileDigest, StatementId, limits};

/// Why something of an archive can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The archive doesn't pass the check that reading needs.
    #[error("the archive does not pass its check")]
    Failed(Box<Report>),
    /// It couldn't be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A file of the layout couldn't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The manifest or file is not there, or not what its digest says.
    #[error("statement {index}: {what} is missing or altered")]
    Altered {
        /// The statement's index.
        index: u64,
        /// Which manifest or file: the path in the manifest.
        what: String,
    },
    /// The manifest or file is withheld.
    #[error("statement {index}: {what} is withheld, by statement {by}")]
    Withheld {
        /// The statement's index.
        index: u64,
        /// Which manifest or file: the path in the manifest.
        what: String,
        /// The withdrawal's index.
        by: u64,
    },
    /// The bytes have the right digest, but are no manifest.
    #[error("statement {index}")]
    Manifest {
        /// The statement's index.
        index: u64,
        /// Why.
        source: ManifestError,
    },
    /// The bytes have the right id, but are no statement.
    #[error("statement {index}")]
    Statement {
        /// The statement's index.
        index: u64,
        /// Why.
        source: StatementError,
    },
    /// What its articles say of themselves is more than any reader should hold.
    #[error("the titles and subjects of its articles take more than {0} bytes")]
    TooLarge(u64),
    /// The output couldn't be written.
    #[error("the output can't be written")]
    Output(#[source] io::Error),
}

/// Where a version is, and what it commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionRef {
    /// Its statement's index in the log.
    pub index: u64,
    /// Its statement's id.
    pub id: StatementId,
    /// Its number within the article, from 1.
    pub version: u64,
    /// Its manifest.
    pub manifest: ManifestRef,
    /// The key that signed it.
    pub signer: [u8; 32],
    /// Whether its signer's key was revoked since, with the word that this is doubtful.
    pub doubtful: bool,
    /// By which withdrawal its manifest is withheld, with all its files: that statement's index.
    pub withheld: Option<u64>,
}

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

pub(crate) fn altered(index: u64, what: impl Into<String>) -> ReadError {
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

type TileFrame<'a> = Frame<BufReader<Box<dyn Read + Send + 'a>>>;

fn tile_frame<'a>(store: &'a dyn Store, kind: TileKind, size: u64, index: u64) -> Result<TileFrame<'a>, ReadError> {
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

/// Reads manifests, each compared with its digest. It holds one at a time; of versions in ascending order of their indexes each tile is
/// read once.
pub struct ManifestReader<'a> {
    store: &'a dyn Store,
    size: u64,
    tile: Option<OpenTile<'a>>,
    bytes: Vec<u8>,
}

/// A manifests tile that was read up to an index.
struct OpenTile<'a> {
    member: Member,
    number: u64,
    next: u64,
    frame: TileFrame<'a>,
}

impl std::fmt::Debug for ManifestReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManifestReader").field("size", &self.size).finish_non_exhaustive()
    }
}

impl<'a> ManifestReader<'a> {
    /// Of the log with this size.
    pub(crate) const fn new(store: &'a dyn Store, size: u64) -> Self {
        Self { store, size, tile: None, bytes: Vec::new() }
    }

    /// A version's manifest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn manifest(&mut self, version: &VersionRef) -> Result<Manifest, ReadError> {
        if let Some(by) = version.withheld {
            return Err(ReadError::Withheld { index: version.index, what: "the manifest".to_owned(), by });
        }
        self.read(version.index, &version.manifest)
    }

    /// The manifest of the statement at an index.
    pub(crate) fn read(&mut self, index: u64, expected: &ManifestRef) -> Result<Manifest, ReadError> {
        let bytes = self.bytes(index, expected)?;
        Manifest::decode(bytes).map_err(|source| ReadError::Manifest { index, source })
    }

    /// Its bytes.
    pub(crate) fn bytes(&mut self, index: u64, expected: &ManifestRef) -> Result<&[u8], ReadError> {
        if self.store.kind() == StoreKind::Extract {
            let bytes = read_shown(self.store, expected.sha256, expected.size, limits::MANIFEST)?;
            self.bytes = bytes.ok_or_else(|| altered(index, "the manifest"))?;
            return Ok(&self.bytes);
        }
        let number = index / limits::TILE;
        let mut tile = match self.tile.take() {
            Some(tile) if tile.number == number && tile.next <= index => tile,
            _ => {
                let member = Member::Tile(tile_at(TileKind::Manifests, number, self.size));
                let frame = tile_frame(self.store, TileKind::Manifests, self.size, index)?;
                OpenTile { member, number, next: number * limits::TILE, frame }
            }
        };
        let mut there = false;
        while tile.next <= index {
            let read = read_item(&mut tile.frame).and_then(|item| match item {
                Item::Bytes(length) => {
                    read_bytes(&mut tile.frame, length, limits::MANIFEST, &mut self.bytes).map(|()| true)
                }
                Item::Null => Ok(false),
                Item::Array(_) => Err(Fault::Items("an array where a manifest should be")),
            });
            there = read.map_err(|fault| frame_error(tile.member, index, fault))?;
            tile.next += 1;
        }
        self.tile = Some(tile);
        if !there || FileDigest::of(&self.bytes) != expected.sha256 {
            return Err(altered(index, "the manifest"));
        }
        Ok(&self.bytes)
    }
}

/// Reads those small files of versions of one tile that `wants` says, by the place of the version and the digest; versions come in ascending
/// order of their indexes. Each file is compared with its digest.
pub(crate) fn read_packs(
    store: &dyn Store,
    size: u64,
    wanted: &[(u64, &Manifest)],
    wants: &dyn Fn(usize, FileDigest) -> bool,
    visit: &mut dyn FnMut(usize, FileDigest, &[u8]),
) -> Result<(), ReadError> {
    if store.kind() == StoreKind::Extract {
        return read_shown_files(store, wanted, wants, visit);
    }
    let Some(&(first, _)) = wanted.first() else { return Ok(()) };
    let number = first / limits::TILE;
    let frame = tile_frame(store, TileKind::Packs, size, first)?;
    let mut packs = Packs { member: Member::Tile(tile_at(TileKind::Packs, number, size)), frame, bytes: Vec::new() };
    let mut next = number * limits::TILE;
    for (nth, (index, manifest)) in wanted.iter().enumerate() {
        loop {
            let files = (next == *index).then(|| manifest.packed_files()).into_iter().flatten();
            let files = files.map(|(_, file)| Some(file).filter(|file| wants(nth, file.sha256)));
            packs.next(*index, files, &mut |digest, bytes| visit(nth, digest, bytes))?;
            next += 1;
            if next > *index {
                break;
            }
        }
    }
    Ok(())
}

/// The same of an extract, where each file stands by itself.
fn read_shown_files(
    store: &dyn Store,
    wanted: &[(u64, &Manifest)],
    wants: &dyn Fn(usize, FileDigest) -> bool,
    visit: &mut dyn FnMut(usize, FileDigest, &[u8]),
) -> Result<(), ReadError> {
    for (nth, (index, manifest)) in wanted.iter().enumerate() {
        for (_, file) in manifest.packed_files().filter(|(_, file)| wants(nth, file.sha256)) {
            let bytes = read_shown(store, file.sha256, file.size, limits::SMALL_FILE)?;
            visit(nth, file.sha256, &bytes.ok_or_else(|| altered(*index, &file.path))?);
        }
    }
    Ok(())
}

/// The packs of a tile, read one after the other.
struct Packs<'a> {
    member: Member,
    frame: TileFrame<'a>,
    /// The file that was read last.
    bytes: Vec<u8>,
}

impl Packs<'_> {
    /// Reads the next pack, on the way to the version with this index. For each file of it, in order, `wanted` says which it must be if it is to
    /// be visited.
    fn next<'m>(
        &mut self,
        index: u64,
        mut wanted: impl Iterator<Item = Option<&'m FileEntry>>,
        visit: &mut dyn FnMut(FileDigest, &[u8]),
    ) -> Result<(), ReadError> {
        let member = self.member;
        let faulty = |fault| frame_error(member, index, fault);
        let Item::Array(count) = read_item(&mut self.frame).map_err(faulty)? else {
            return Err(faulty(Fault::Items("no array of files")));
        };
        for _ in 0..count {
            let file = wanted.next().flatten();
            let there = self.file(file.is_some()).map_err(faulty)?;
            let Some(file) = file else { continue };
            if !there || FileDigest::of(&self.bytes) != file.sha256 {
                return Err(altered(index, &file.path));
            }
            visit(file.sha256, &self.bytes);
        }
        Ok(())
    }

    /// Reads the next file of a pack, or passes over it. Whether it is there.
    fn file(&mut self, wanted: bool) -> Result<bool, Fault> {
        match read_item(&mut self.frame)? {
            Item::Bytes(length) if wanted => read_bytes(&mut self.frame, length, limits::SMALL_FILE, &mut self.bytes)?,
            Item::Bytes(length) => skip_bytes(&mut self.frame, length, limits::SMALL_FILE)?,
            Item::Null => return Ok(false),
            Item::Array(_) => return Err(Fault::Items("an array where a file should be")),
        }
        Ok(true)
    }
}
