//! Writing a bundle, member by member.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

use super::{End, Header, fixed};
use crate::layout::Member;
use crate::limits;
use crate::store::StoreKind;

/// Why a bundle couldn't be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleWriteError {
    /// The members were not given in a bundle's order, or one was given twice.
    #[error("{0} is not in a bundle's order")]
    Order(Member),
    /// A member has more bytes than was said.
    #[error("{member} has more than {size} bytes")]
    Longer {
        /// Which member.
        member: Member,
        /// How many it was said to have.
        size: u64,
    },
    /// There are more members than a bundle can have.
    #[error("the bundle's directory would be larger than {} bytes", limits::ZIP_DIRECTORY)]
    Directory,
    /// A member couldn't be read, or has fewer bytes than was said.
    #[error("{member} can't be read")]
    Source {
        /// Which member.
        member: Member,
        /// Why.
        source: io::Error,
    },
    /// The bundle couldn't be written.
    #[error("the bundle can't be written")]
    Io(#[from] io::Error),
}

/// Writes a bundle or an extract. The same members give the same bytes.
///
/// Members pass through in pieces; what is kept of each is its header in the central directory, some 130 bytes. Each step takes
/// the writer and gives it back, so that a bundle can't be finished after a step that failed.
#[derive(Debug)]
pub struct BundleWriter<W> {
    out: W,
    last: Option<Member>,
    /// Its `offset` is where the next local header goes.
    end: End,
    directory: Vec<u8>,
    buffer: Vec<u8>,
}

impl<W: Write + Seek> BundleWriter<W> {
    /// Begins a bundle with the members that are the same in all of them: `mimetype` and `README.txt`.
    ///
    /// `out` is empty. A [`BufWriter`](io::BufWriter) around a file helps where members are small.
    ///
    /// # Errors
    /// [`BundleWriteError::Io`].
    pub fn new(out: W) -> Result<Self, BundleWriteError> {
        Self::begin(out, StoreKind::Bundle)
    }

    /// As [`BundleWriter::new`], of an extract.
    ///
    /// # Errors
    /// [`BundleWriteError::Io`].
    pub fn extract(out: W) -> Result<Self, BundleWriteError> {
        Self::begin(out, StoreKind::Extract)
    }

    fn begin(out: W, kind: StoreKind) -> Result<Self, BundleWriteError> {
        let mut bundle =
            Self { out, last: None, end: End::default(), directory: Vec::new(), buffer: vec![0; 64 << 10] };
        for (member, mut bytes) in fixed(kind) {
            bundle = bundle.member(member, bytes.len() as u64, &mut bytes)?;
        }
        Ok(bundle)
    }

    /// Appends a member with the `size` bytes that `data` gives.
    ///
    /// Its CRC-32, known only at the end, stands before the data: the header is then written a second time.
    ///
    /// # Errors
    /// [`BundleWriteError`]: unless the member comes after all before it in [`Member`]'s order and `data` has exactly `size` bytes.
    pub fn member(mut self, member: Member, size: u64, data: &mut dyn Read) -> Result<Self, BundleWriteError> {
        if self.last.replace(member) >= Some(member) {
            return Err(BundleWriteError::Order(member));
        }
        let name = member.to_string();
        let mut header = Header { name: name.as_bytes(), size, crc: 0, offset: self.end.offset };
        let mut local = Vec::new();
        header.local(&mut local);
        self.out.write_all(&local)?;
        header.crc = self.copy(member, size, data)?;

        local.clear();
        header.local(&mut local);
        self.out.seek(SeekFrom::Start(header.offset))?;
        self.out.write_all(&local)?;
        self.end.offset += local.len() as u64 + size;
        self.out.seek(SeekFrom::Start(self.end.offset))?;

        header.central(&mut self.directory);
        self.end.count += 1;
        self.end.size = self.directory.len() as u64;
        if self.end.size > limits::ZIP_DIRECTORY { Err(BundleWriteError::Directory) } else { Ok(self) }
    }

    /// Copies a member's data and gives its CRC-32.
    fn copy(&mut self, member: Member, size: u64, data: &mut dyn Read) -> Result<u32, BundleWriteError> {
        let mut crc = crc32fast::Hasher::new();
        let mut left = size;
        while left > 0 {
            let n = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            let piece = &mut self.buffer[..n];
            data.read_exact(piece).map_err(|source| BundleWriteError::Source { member, source })?;
            crc.update(piece);
            self.out.write_all(piece)?;
            left -= n as u64;
        }
        match data.read_exact(&mut [0]) {
            Ok(()) => Err(BundleWriteError::Longer { member, size }),
            Err(end) if end.kind() == ErrorKind::UnexpectedEof => Ok(crc.finalize()),
            Err(source) => Err(BundleWriteError::Source { member, source }),
        }
    }

    /// Writes the central directory and gives the output back, flushed, for the caller to sync and to put in its place.
    ///
    /// # Errors
    /// [`BundleWriteError::Io`].
    pub fn finish(mut self) -> Result<W, BundleWriteError> {
        self.out.write_all(&self.directory)?;
        self.out.write_all(&self.end.to_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}
