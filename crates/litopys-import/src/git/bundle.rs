//! Bundles: a header of lines, then a pack (gitformat-bundle).

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Arc;

use gix_hash::{Kind as HashKind, ObjectId};

use super::GitFault;
use super::objects::{Index, Memory, Objects, Pack, Scratch, stream};
use super::repository::Repository;
use crate::limits;

/// Whether a file begins as a bundle does.
pub(crate) fn is_bundle(start: &[u8]) -> bool {
    start.starts_with(b"# v2 git bundle\n") || start.starts_with(b"# v3 git bundle\n")
}

/// Opens a bundle: its pack goes to a temporary file and every object in it is hashed.
pub(super) fn open(source: impl Read) -> Result<Repository, GitFault> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let header = header(&mut source)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("pack-bundle.pack");
    let mut file = File::create(&path)?;
    let size = io::copy(&mut source, &mut file)?;
    file.flush()?;
    drop(file);
    if size == 0 {
        return Err(GitFault::Bundle("it has no pack"));
    }
    let pack = index(Pack::data(&path, header.hash)?, header.hash)?;
    let head = header.head.ok_or(GitFault::Bundle("it has no reference"))?;
    let objects = Arc::new(Objects::of_pack(pack, header.hash));
    Ok(Repository { objects, head, shallow: HashSet::new(), absent: header.absent, _temporary: Some(folder) })
}

struct Start {
    hash: HashKind,
    head: Option<ObjectId>,
    absent: HashSet<ObjectId>,
}

/// Reads the header.
fn header(source: &mut impl BufRead) -> Result<Start, GitFault> {
    let mut header = Start { hash: HashKind::Sha1, head: None, absent: HashSet::new() };
    let (mut left, mut rank) = (limits::GIT_BUNDLE_HEADER, 0);
    let mut line = Vec::new();
    let mut first = true;
    loop {
        line.clear();
        let read = source.by_ref().take(left).read_until(b'\n', &mut line)?;
        left -= read as u64;
        if line.pop() != Some(b'\n') {
            return Err(GitFault::Bundle(if left == 0 { "its header is too long" } else { "its header is cut off" }));
        }
        match line.as_slice() {
            [] => return Ok(header),
            start if first && is_bundle(&[start, b"\n"].concat()) => {}
            _ if first => return Err(GitFault::Bundle("it does not begin as one")),
            [b'@', capability @ ..] => match capability {
                b"object-format=sha1" => {}
                b"object-format=sha256" => header.hash = HashKind::Sha256,
                // A bundle that leaves objects out on purpose: those that are missing are told one by one.
                filter if filter.starts_with(b"filter=") => {}
                _ => return Err(GitFault::Bundle("it needs what is not known here")),
            },
            [b'-', line @ ..] => {
                let id = line.get(..header.hash.len_in_hex()).and_then(|id| ObjectId::from_hex(id).ok());
                header.absent.extend(id);
            }
            line => {
                let digits = header.hash.len_in_hex();
                let (Some(id), Some(name)) = (line.get(..digits), line.get(digits + 1..)) else {
                    return Err(GitFault::Bundle("a line of its header is no reference"));
                };
                let id = ObjectId::from_hex(id).map_err(|_| GitFault::Bundle("a reference in it has no id"))?;
                // What was checked out, else the branch with the usual name, else the first.
                let this = match name {
                    b"HEAD" => 4,
                    b"refs/heads/main" | b"refs/heads/master" => 3,
                    name if name.starts_with(b"refs/heads/") => 2,
                    _ => 1,
                };
                if this > rank {
                    (rank, header.head) = (this, Some(id));
                }
            }
        }
        first = false;
    }
}

/// Finds the name of each object in a pack that has no index, by hashing all of them.
fn index(data: gix_pack::data::File<Memory>, hash: HashKind) -> Result<Pack, GitFault> {
    let mut work = Work(0);
    let (names, mut waiting) = scan(&data, hash, &mut work)?;
    let mut pack = Pack { data, names: Index::Map(names) };
    let mut scratch = Scratch::new();
    // A delta may build upon an object that comes later: as long as some get their names, others may follow.
    loop {
        let before = waiting.len();
        let mut left = Vec::new();
        for offset in waiting {
            match resolve(&pack, offset, hash, &mut scratch, &mut work)? {
                Some(name) => pack.names.insert(name, offset),
                None => left.push(offset),
            }
        }
        if left.is_empty() || left.len() == before {
            return Ok(pack);
        }
        waiting = left;
    }
}

/// The names of all objects that are whole, and where deltas are.
fn scan(
    data: &gix_pack::data::File<Memory>,
    hash: HashKind,
    work: &mut Work,
) -> Result<(HashMap<ObjectId, u64>, Vec<u64>), GitFault> {
    let count = data.num_objects();
    if count > limits::GIT_OBJECTS {
        return Err(GitFault::Limit("objects"));
    }
    let fault = |offset, message: &dyn ToString| GitFault::Entry { offset, message: message.to_string() };
    let (mut names, mut deltas, mut offset) = (HashMap::new(), Vec::new(), FIRST);
    for _ in 0..count {
        let entry = data.entry(offset).map_err(|error| fault(offset, &error))?;
        work.spend(entry.decompressed_size)?;
        let rest = data.entry_slice(entry.data_offset..data.pack_end() as u64).unwrap_or_default();
        let length = if let Some(kind) = entry.header.as_kind() {
            let mut hasher = gix_hash::hasher(hash);
            hasher.update(&gix_object::encode::loose_header(kind, entry.decompressed_size));
            let length = stream(rest, entry.decompressed_size, |bytes| hasher.update(bytes));
            let name = hasher.try_finalize().map_err(|error| fault(offset, &error))?;
            names.insert(name, offset);
            length
        } else {
            deltas.push(offset);
            stream(rest, entry.decompressed_size, |_| ())
        };
        offset = entry.data_offset + length.map_err(|error| fault(offset, &error))?;
    }
    Ok((names, deltas))
}

/// The name of a delta's object; `None` where what it builds upon has no name yet, or is too large.
fn resolve(
    pack: &Pack,
    offset: u64,
    hash: HashKind,
    scratch: &mut Scratch,
    work: &mut Work,
) -> Result<Option<ObjectId>, GitFault> {
    let mut out = Vec::new();
    work.spend(64)?;
    let Ok(kind) = pack.decode(offset, &mut out, scratch) else { return Ok(None) };
    work.spend(out.len() as u64)?;
    Ok(gix_object::compute_hash(hash, kind, &out).ok())
}

/// How much was unpacked.
struct Work(u64);

impl Work {
    fn spend(&mut self, bytes: u64) -> Result<(), GitFault> {
        self.0 = self.0.saturating_add(bytes);
        if self.0 > limits::GIT_UNPACKED { Err(GitFault::Limit("bytes when unpacked")) } else { Ok(()) }
    }
}

/// Where the first object of a pack is: after the signature, the version and the count.
const FIRST: u64 = 12;
