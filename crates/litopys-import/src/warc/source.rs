//! Where the bytes of a web archive are, and how they are read from any place.

use std::fmt;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::Arc;

use flate2::bufread::GzDecoder;
use litopys::store::zip::ReadAt;

use super::WarcFault;
use crate::limits;

/// Bytes that can be read at any place: a file, a part of one, memory.
#[derive(Clone)]
pub(crate) struct Bytes {
    from: Arc<dyn ReadAt>,
    start: u64,
    end: u64,
    /// Whether each record is a gzip member of its own.
    pub(crate) gzip: bool,
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({}..{})", self.start, self.end)
    }
}

impl Bytes {
    /// All of a source.
    pub(crate) fn new(from: Arc<dyn ReadAt>) -> io::Result<Self> {
        let end = from.size()?;
        Self { from, start: 0, end, gzip: false }.sniffed()
    }

    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self { from: Arc::new(Vec::new()), start: 0, end: 0, gzip: false }
    }

    /// A part of it.
    pub(crate) fn part(from: Arc<dyn ReadAt>, start: u64, size: u64) -> io::Result<Self> {
        let end = start.saturating_add(size).min(from.size()?);
        Self { from, start: start.min(end), end, gzip: false }.sniffed()
    }

    /// What is read once, kept in a temporary file.
    pub(crate) fn spooled(mut reader: impl Read) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        io::copy(&mut reader, &mut file)?;
        Self::new(Arc::new(file))
    }

    fn sniffed(mut self) -> io::Result<Self> {
        let mut start = [0; 2];
        let all = self.at(0).read_exact(&mut start);
        self.gzip = all.is_ok() && start == [0x1f, 0x8b];
        Ok(self)
    }

    /// Its bytes from this place on, as they are.
    pub(crate) fn at(&self, offset: u64) -> Slice {
        let position = self.start.saturating_add(offset).min(self.end);
        Slice { from: Arc::clone(&self.from), start: self.start, position, end: self.end }
    }

    /// Its bytes from the start of a record, uncompressed.
    pub(crate) fn record(&self, offset: u64) -> Box<dyn BufRead> {
        let raw = BufReader::new(self.at(offset));
        if self.gzip { Box::new(BufReader::new(GzDecoder::new(raw))) } else { Box::new(raw) }
    }

    /// The same uncompressed, in a temporary file: for records that are not one gzip member each. What can be read of
    /// damaged members is kept.
    pub(crate) fn unpacked(&self) -> Result<Unpacked, WarcFault> {
        let mut file = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
        let mut raw = BufReader::with_capacity(1 << 16, self.at(0));
        let (mut size, mut damaged, mut faults) = (0, Vec::new(), Vec::new());
        while !raw.fill_buf()?.is_empty() && faults.len() < limits::RESYNCS {
            let (at, start) = (raw.position()?, size);
            let mut member = Member::new(raw);
            let copied = copy(&mut member, &mut file, limits::UNPACKED, &mut size);
            if size > limits::UNPACKED {
                return Err(WarcFault::Unpacked);
            }
            match copied {
                Ok(()) => raw = member.into_rest(),
                Err(error) if is_corrupt(&error) => {
                    damaged.push(start..size);
                    faults.push(at);
                    raw = BufReader::with_capacity(1 << 16, self.at(at + 1));
                    find_member(&mut raw)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let bytes = Self { from: Arc::new(file), start: 0, end: size, gzip: false };
        Ok(Unpacked { bytes, damaged, faults })
    }
}

/// A source that was unpacked as a whole.
pub(crate) struct Unpacked {
    pub(crate) bytes: Bytes,
    /// What came of damaged members.
    pub(crate) damaged: Vec<Range<u64>>,
    /// Where those begin.
    pub(crate) faults: Vec<u64>,
}

/// Copies until the reader ends, or more than `max` was written. `size` counts, also before an error.
fn copy(from: &mut impl BufRead, to: &mut impl Write, max: u64, size: &mut u64) -> io::Result<()> {
    loop {
        let part = from.fill_buf()?;
        if part.is_empty() || *size > max {
            return Ok(());
        }
        to.write_all(part)?;
        let read = part.len();
        from.consume(read);
        *size += read as u64;
    }
}

/// Goes on to what may be the start of a gzip member.
pub(crate) fn find_member(raw: &mut impl BufRead) -> io::Result<()> {
    const MAGIC: &[u8] = &[0x1f, 0x8b, 8];
    loop {
        let part = raw.fill_buf()?;
        if part.is_empty() {
            return Ok(());
        }
        let Some(at) = memchr::memchr(MAGIC[0], part) else {
            let all = part.len();
            raw.consume(all);
            continue;
        };
        // What the buffer cuts off may be one.
        let rest = part.get(at..).unwrap_or_default();
        let may_be = rest.len() < MAGIC.len() || rest.starts_with(MAGIC);
        raw.consume(at + usize::from(!may_be));
        if may_be {
            return Ok(());
        }
    }
}

/// Whether an error of reading is that of damaged data, and not of the machine.
pub(crate) fn is_corrupt(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof)
}

/// A reader over a part of a source.
pub(crate) struct Slice {
    from: Arc<dyn ReadAt>,
    start: u64,
    position: u64,
    end: u64,
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        let read = left.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..read) else { return Ok(0) };
        self.from.read_at(self.position, buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Slice {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => self.start.checked_add(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        let to = to.filter(|to| *to >= self.start).ok_or(io::ErrorKind::InvalidInput)?;
        self.position = to.min(self.end);
        Ok(self.position - self.start)
    }
}

/// A stream of records, which knows where it is.
pub(crate) trait Input: BufRead {
    /// How far it was read.
    fn position(&mut self) -> io::Result<u64>;

    /// Passes over so many bytes; fewer where it ends.
    fn pass(&mut self, count: u64) -> io::Result<u64>;
}

impl Input for BufReader<Slice> {
    fn position(&mut self) -> io::Result<u64> {
        self.stream_position()
    }

    fn pass(&mut self, count: u64) -> io::Result<u64> {
        let at = self.stream_position()?;
        let size = self.get_ref().end - self.get_ref().start;
        let passed = count.min(size - at);
        self.seek_relative(i64::try_from(passed).unwrap_or(i64::MAX))?;
        Ok(passed)
    }
}

/// One gzip member, unpacked while it is read.
pub(crate) struct Member {
    inner: BufReader<GzDecoder<BufReader<Slice>>>,
    passed: u64,
}

impl Member {
    pub(crate) fn new(raw: BufReader<Slice>) -> Self {
        Self { inner: BufReader::new(GzDecoder::new(raw)), passed: 0 }
    }

    /// What comes after the member.
    pub(crate) fn into_rest(self) -> BufReader<Slice> {
        self.inner.into_inner().into_inner()
    }
}

impl Read for Member {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.passed += read as u64;
        Ok(read)
    }
}

impl BufRead for Member {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.passed += amount as u64;
    }
}

impl Input for Member {
    fn position(&mut self) -> io::Result<u64> {
        Ok(self.passed)
    }

    fn pass(&mut self, count: u64) -> io::Result<u64> {
        io::copy(&mut self.by_ref().take(count), &mut io::sink())
    }
}

/// A part of an archive that is kept as it is: records, one after the other.
#[derive(Debug)]
pub(crate) struct Excerpt(pub(crate) Vec<(Bytes, u64, u64)>);

impl litopys::ContentSource for Excerpt {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let empty: Box<dyn Read> = Box::new(io::empty());
        Ok(self.0.iter().fold(empty, |all, (bytes, offset, size)| {
            Box::new(all.chain(bytes.record(*offset).take(*size))) as Box<dyn Read>
        }))
    }
}
