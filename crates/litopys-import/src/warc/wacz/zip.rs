//! The members of a ZIP file of somebody else's making. The structure is read by rawzip, which holds no directory in
//! memory; the core's own reader takes bundles only.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use litopys::store::zip::ReadAt;
use rawzip::{CompressionMethod, ReaderAt, ZipArchive};

use crate::limits;
use crate::warc::WarcFault;
use crate::warc::source::Bytes;

/// The members of a ZIP file, by name.
pub(super) struct Members {
    from: Arc<dyn ReadAt>,
    members: BTreeMap<String, Member>,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    start: u64,
    size: u64,
    deflated: bool,
}

/// As rawzip reads.
struct Adapter(Arc<dyn ReadAt>);

impl ReaderAt for Adapter {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.0.size()?.saturating_sub(offset)).unwrap_or(usize::MAX);
        let read = left.min(buffer.len());
        match buffer.get_mut(..read) {
            Some(buffer) if read > 0 => self.0.read_at(offset, buffer).map(|()| read),
            _ => Ok(0),
        }
    }
}

impl Members {
    pub(super) fn read(from: Arc<dyn ReadAt>) -> Result<Self, WarcFault> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let size = from.size()?;
        let archive = ZipArchive::with_max_search_space(limits::ZIP_END)
            .locate_in_reader(Adapter(Arc::clone(&from)), &mut buffer, size)
            .map_err(|(_, error)| fault(&error))?;
        let mut entries = archive.entries(&mut buffer);
        let mut members = BTreeMap::new();
        while let Some(entry) = entries.next_entry().map_err(|error| fault(&error))? {
            let Ok(name) = std::str::from_utf8(entry.file_path().as_bytes()).map(ToOwned::to_owned) else { continue };
            let (method, flags, wayfinder) = (entry.compression_method(), entry.flags(), entry.wayfinder());
            let deflated = method == CompressionMethod::DEFLATE;
            let is_read = (deflated || method == CompressionMethod::STORE) && !flags.is_encrypted();
            if !is_read || name.ends_with('/') {
                continue;
            }
            if members.len() == limits::ZIP_MEMBERS {
                return Err(WarcFault::ZipMembers);
            }
            let (start, end) = archive.get_entry(wayfinder).map_err(|error| fault(&error))?.compressed_data_range();
            let size = end.checked_sub(start).ok_or(WarcFault::Zip(String::new()))?;
            // Two members with one name: tools differ in which they show.
            if members.insert(name.clone(), Member { start, size, deflated }).is_some() {
                return Err(WarcFault::ZipTwice(name));
            }
        }
        Ok(Self { from, members })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A member's content, unpacked up to what a member may have.
    pub(super) fn open(&self, name: &str) -> Result<Box<dyn Read>, WarcFault> {
        let member = self.members.get(name).ok_or_else(|| WarcFault::Zip(name.to_owned()))?;
        let raw = Bytes::part(Arc::clone(&self.from), member.start, member.size)?.at(0);
        Ok(if member.deflated {
            let raw = BufReader::with_capacity(1 << 16, raw);
            Box::new(flate2::bufread::DeflateDecoder::new(raw).take(limits::UNPACKED))
        } else {
            Box::new(BufReader::with_capacity(1 << 16, raw))
        })
    }

    /// A member's content in memory.
    pub(super) fn content(&self, name: &str, max: u64) -> Result<Vec<u8>, WarcFault> {
        let mut content = Vec::new();
        self.open(name)?.take(max + 1).read_to_end(&mut content)?;
        if content.len() as u64 > max { Err(WarcFault::ZipLarge(name.to_owned())) } else { Ok(content) }
    }

    /// A member to be read at any place: where it is, or in a temporary file.
    pub(super) fn bytes(&self, name: &str) -> Result<Bytes, WarcFault> {
        let member = self.members.get(name).ok_or_else(|| WarcFault::Zip(name.to_owned()))?;
        if member.deflated {
            return Ok(Bytes::spooled(self.open(name)?)?);
        }
        Ok(Bytes::part(Arc::clone(&self.from), member.start, member.size)?)
    }
}

fn fault(error: &rawzip::Error) -> WarcFault {
    WarcFault::Zip(error.to_string())
}
