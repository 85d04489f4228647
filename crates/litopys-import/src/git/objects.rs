//! The objects of a repository: loose ones and packs, each hashed when it is read.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gix_hash::{Kind as HashKind, ObjectId, oid};
use gix_object::Kind;
use gix_pack::cache::lru::MemoryCappedHashmap;
use gix_pack::data::decode::entry::ResolvedBase;
use gix_pack::data::decode::header::{self, Outcome as Header};
use gix_zlib::{Decompress, FlushDecompress, Inflate, Status};
use litopys::ContentSource;

use super::GitFault;
use crate::limits;

/// The objects of one repository. Nothing outside of its own folder is read, so no alternates either.
pub(super) struct Objects {
    hash: HashKind,
    /// Where loose objects are, if there may be any.
    loose: Option<PathBuf>,
    packs: Vec<Pack>,
    /// What a thread needs to decode, one a thread.
    scratch: Mutex<Vec<Scratch>>,
}

/// A pack, and where in it each object is.
pub(super) struct Pack {
    pub(super) data: gix_pack::data::File<Memory>,
    pub(super) names: Index,
}

/// The memory map of a pack.
pub(super) type Memory = gix_pack::MMap;

/// Where the objects of a pack are.
pub(super) enum Index {
    File(Box<gix_pack::index::File<Memory>>),
    Map(HashMap<ObjectId, u64>),
}

impl Index {
    fn offset(&self, id: &oid) -> Option<u64> {
        match self {
            Self::File(file) => file.lookup(id).map(|at| file.pack_offset_at_index(at)),
            Self::Map(map) => map.get(id).copied(),
        }
    }

    pub(super) fn insert(&mut self, id: ObjectId, offset: u64) {
        if let Self::Map(map) = self {
            map.insert(id, offset);
        }
    }
}

/// What decoding needs again and again.
pub(super) struct Scratch {
    inflate: Inflate,
    cache: MemoryCappedHashmap,
}

impl Scratch {
    pub(super) fn new() -> Self {
        Self { inflate: Inflate::default(), cache: MemoryCappedHashmap::new(limits::GIT_CACHE) }
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").field("loose", &self.loose).field("packs", &self.packs.len()).finish_non_exhaustive()
    }
}

impl Pack {
    /// Opens a pack's data, with a bound on what it makes us hold.
    pub(super) fn data(path: &Path, hash: HashKind) -> Result<gix_pack::data::File<Memory>, GitFault> {
        let data = gix_pack::data::File::at(path, hash).map_err(|error| GitFault::pack(path, &error))?;
        Ok(data.with_alloc_limit_bytes(Some(limits::GIT_OBJECT)))
    }

    fn open(index: &Path, hash: HashKind) -> Result<Self, GitFault> {
        let file = gix_pack::index::File::at(index, hash).map_err(|error| GitFault::pack(index, &error))?;
        Ok(Self { data: Self::data(&index.with_extension("pack"), hash)?, names: Index::File(Box::new(file)) })
    }

    /// What the object at this offset is, without its bytes.
    fn header(&self, offset: u64, scratch: &mut Scratch) -> Result<Header, ReadFault> {
        let entry = self.data.entry(offset).map_err(corrupt)?;
        let resolve = |id: &oid| {
            let base = self.names.offset(id).map(|at| self.data.entry(at)).transpose()?;
            Ok(base.map(header::ResolvedBase::InPack))
        };
        self.data.decode_header(entry, &mut scratch.inflate, &resolve).map_err(corrupt)
    }

    /// The object at this offset.
    pub(super) fn decode(&self, offset: u64, out: &mut Vec<u8>, scratch: &mut Scratch) -> Result<Kind, ReadFault> {
        let header = self.header(offset, scratch)?;
        if header.num_deltas > limits::GIT_DELTAS || header.object_size > limits::GIT_OBJECT as u64 {
            return Err(ReadFault::TooLarge);
        }
        let entry = self.data.entry(offset).map_err(corrupt)?;
        let resolve = |id: &oid, _: &mut Vec<u8>| {
            let base = self.names.offset(id).map(|at| self.data.entry(at)).transpose()?;
            Ok(base.map(ResolvedBase::InPack))
        };
        let decoded = self.data.decode_entry(entry, out, &mut scratch.inflate, &resolve, &mut scratch.cache);
        decoded.map(|decoded| decoded.kind).map_err(corrupt)
    }
}

fn corrupt(error: impl fmt::Display) -> ReadFault {
    ReadFault::Corrupt(error.to_string())
}

/// Why an object can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReadFault {
    #[error("it is missing")]
    Missing,
    #[error("it is too large")]
    TooLarge,
    #[error("{0}")]
    Corrupt(String),
}

impl Objects {
    /// The objects below a folder `objects`.
    pub(super) fn open(folder: &Path, hash: HashKind) -> Result<Self, GitFault> {
        let mut names: Vec<PathBuf> = Vec::new();
        match fs::read_dir(folder.join("pack")) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry?;
                    let path = entry.path();
                    if path.extension().is_some_and(|extension| extension == "idx") && entry.file_type()?.is_file() {
                        names.push(path);
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        names.sort_unstable();
        let packs = names.iter().map(|name| Pack::open(name, hash)).collect::<Result<_, _>>()?;
        Ok(Self { hash, loose: Some(folder.to_owned()), packs, scratch: Mutex::default() })
    }

    /// The objects of one pack.
    pub(super) fn of_pack(pack: Pack, hash: HashKind) -> Self {
        Self { hash, loose: None, packs: vec![pack], scratch: Mutex::default() }
    }

    pub(super) const fn hash(&self) -> HashKind {
        self.hash
    }

    /// The object of this name and kind. Its bytes have that name: they are hashed.
    pub(super) fn read(&self, id: &oid, kind: Kind) -> Result<Vec<u8>, GitFault> {
        let fault = |fault| match fault {
            ReadFault::Missing => GitFault::Missing { object: id.to_string() },
            ReadFault::TooLarge => GitFault::TooLarge { object: id.to_string() },
            ReadFault::Corrupt(message) => GitFault::Corrupt { object: id.to_string(), message },
        };
        let (found, bytes) = self.find(id).map_err(fault)?;
        if found != kind {
            return Err(fault(ReadFault::Corrupt(format!("it is a {found} where a {kind} is expected"))));
        }
        Ok(bytes)
    }

    /// The size of an object that is there.
    pub(super) fn size(&self, id: &oid) -> Result<u64, ReadFault> {
        for pack in &self.packs {
            if let Some(offset) = pack.names.offset(id) {
                let mut scratch = self.lock().pop().unwrap_or_else(Scratch::new);
                let size = pack.header(offset, &mut scratch).map(|header| header.object_size);
                self.lock().push(scratch);
                return size;
            }
        }
        self.find(id).map(|(_, bytes)| bytes.len() as u64)
    }

    fn find(&self, id: &oid) -> Result<(Kind, Vec<u8>), ReadFault> {
        let mut scratch = self.lock().pop().unwrap_or_else(Scratch::new);
        let found = self.find_with(id, &mut scratch);
        self.lock().push(scratch);
        let (kind, bytes) = found?;
        match gix_object::compute_hash(self.hash, kind, &bytes) {
            Ok(hash) if hash == id => Ok((kind, bytes)),
            Ok(hash) => Err(corrupt(format_args!("its hash is {hash}"))),
            Err(error) => Err(corrupt(error)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find_with(&self, id: &oid, scratch: &mut Scratch) -> Result<(Kind, Vec<u8>), ReadFault> {
        for pack in &self.packs {
            if let Some(offset) = pack.names.offset(id) {
                let mut out = Vec::new();
                let kind = pack.decode(offset, &mut out, scratch)?;
                return Ok((kind, out));
            }
        }
        let Some(folder) = &self.loose else { return Err(ReadFault::Missing) };
        loose(folder, id)
    }
}

/// A loose object: `objects/ab/cdef...`, a zlib stream of `kind size NUL bytes`.
fn loose(folder: &Path, id: &oid) -> Result<(Kind, Vec<u8>), ReadFault> {
    let name = id.to_string();
    let (start, end) = name.split_at_checked(2).ok_or(ReadFault::Missing)?;
    let path = folder.join(start).join(end);
    match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= limits::GIT_OBJECT as u64 => {}
        Ok(metadata) if metadata.is_file() => return Err(ReadFault::TooLarge),
        _ => return Err(ReadFault::Missing),
    }
    let mut packed = Vec::new();
    let file = File::open(&path).map_err(corrupt)?;
    file.take(limits::GIT_OBJECT as u64).read_to_end(&mut packed).map_err(corrupt)?;
    let mut bytes = inflate(&packed, limits::GIT_OBJECT + HEADER)?;
    let (kind, size, start) =
        gix_object::decode::loose_header(&bytes).map_err(|_| corrupt("it is no object of git"))?;
    if size > limits::GIT_OBJECT as u64 {
        return Err(ReadFault::TooLarge);
    }
    bytes.drain(..start.min(bytes.len()));
    if bytes.len() as u64 == size { Ok((kind, bytes)) } else { Err(corrupt("it is cut off")) }
}

/// What the longest header of a loose object leaves room for.
const HEADER: usize = 64;

/// The bytes of a zlib stream, up to this many.
fn inflate(packed: &[u8], max: usize) -> Result<Vec<u8>, ReadFault> {
    let mut state = Decompress::new();
    let mut bytes = vec![0; (packed.len() * 4).clamp(1 << 10, max)];
    loop {
        let (read, written) = (position(state.total_in()), position(state.total_out()));
        let (input, output) = (packed.get(read..).unwrap_or_default(), bytes.get_mut(written..).unwrap_or_default());
        let status = state.decompress(input, output, FlushDecompress::None).map_err(corrupt)?;
        let written = position(state.total_out());
        match status {
            Status::StreamEnd => {
                bytes.truncate(written);
                return Ok(bytes);
            }
            _ if written < bytes.len() => return Err(corrupt("it is cut off")),
            _ if bytes.len() >= max => return Err(ReadFault::TooLarge),
            _ => bytes.resize(bytes.len().saturating_mul(2).min(max), 0),
        }
    }
}

/// Reads the zlib stream at the start of some input, piece by piece: how long it is. It may not unpack to more than `max`.
pub(super) fn stream(input: &[u8], max: u64, mut each: impl FnMut(&[u8])) -> Result<u64, ReadFault> {
    let (mut state, mut buffer) = (Decompress::new(), vec![0; 1 << 16]);
    loop {
        let before = (state.total_in(), state.total_out());
        let rest = input.get(position(before.0)..).unwrap_or_default();
        let status = state.decompress(rest, &mut buffer, FlushDecompress::None).map_err(corrupt)?;
        each(buffer.get(..position(state.total_out() - before.1)).unwrap_or_default());
        if state.total_out() > max {
            return Err(corrupt("it is longer than it says"));
        }
        if status == Status::StreamEnd {
            return Ok(state.total_in());
        }
        if before == (state.total_in(), state.total_out()) {
            return Err(corrupt("it is cut off"));
        }
    }
}

fn position(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// A blob that is read when it is asked for.
pub(super) struct Blob {
    pub(super) objects: Arc<Objects>,
    pub(super) id: ObjectId,
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Blob").field(&self.id).finish()
    }
}

impl ContentSource for Blob {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let bytes = self.objects.read(&self.id, Kind::Blob).map_err(io::Error::other)?;
        Ok(Box::new(io::Cursor::new(bytes)))
    }
}
