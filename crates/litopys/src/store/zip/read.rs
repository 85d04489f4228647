//! Reading a bundle: nothing but the bytes that the writer would write is taken.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

use super::{End, Header, MAX32, ReadAt, fixed};
use crate::layout::Member;
use crate::limits;
use crate::store::{EXTRACT_MIMETYPE, Found, Store, StoreError, StoreKind};

/// Why a file is no bundle that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It has other bytes than a bundle with these members (E001).
    #[error("byte {offset}: {what}")]
    Structure {
        /// Where it begins to differ.
        offset: u64,
        /// In what.
        what: StructureFault,
    },
    /// It couldn't be read.
    #[error("the bundle can't be read")]
    Io(#[from] io::Error),
}

/// In what a file differs from a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StructureFault {
    /// It doesn't end as a bundle does.
    #[error("it does not end as a bundle does: it may be cut short, or have something added")]
    End,
    /// The directory is larger than what is read.
    #[error("the central directory is larger than {} bytes", limits::ZIP_DIRECTORY)]
    TooLarge,
    /// A header in the central directory.
    #[error("the central header is not canonical")]
    Central,
    /// The directory doesn't hold as many members as the end record says.
    #[error("the central directory does not have the members that the end record counts")]
    Count,
    /// A header before a member's data.
    #[error("the local header is not canonical, or not what the central header says")]
    Local,
    /// The members don't end where the directory begins.
    #[error("the members do not end where the central directory begins")]
    Extent,
    /// Two members have one name.
    #[error("a second member of the same name")]
    Duplicate,
}

/// A bundle or an extract that is read in place. What it holds in memory is some 80 bytes a member.
#[derive(Debug)]
pub struct BundleStore<R> {
    source: R,
    /// In the bundle's order.
    rows: Vec<Row>,
    /// Indexes of the rows by name.
    by_name: Vec<u32>,
    kind: StoreKind,
    fixed_faults: Vec<Member>,
}

#[derive(Debug)]
struct Row {
    name: Name,
    size: u64,
    /// Of the data.
    offset: u64,
    crc: u32,
}

// A bundle may have some millions of members.
const _: () = assert!(size_of::<Row>() <= 72);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Known(Member),
    Unknown(Box<[u8]>),
}

impl<R: ReadAt> BundleStore<R> {
    /// Opens a bundle: reads its directory, every header, and the two members that are the same in every bundle.
    ///
    /// # Errors
    /// [`BundleError::Structure`] where a byte of its structure is not the one that format.md, section 8, gives; [`BundleError::Io`].
    pub fn open(source: R) -> Result<Self, BundleError> {
        let rows = read_rows(&source, read_end(&source)?)?;
        let mut by_name: Vec<u32> = (0..).take(rows.len()).collect();
        let name = |at: u32| &rows[at as usize].name;
        by_name.sort_unstable_by(|a, b| name(*a).cmp(name(*b)));
        if let Some(twins) = by_name.windows(2).find(|pair| name(pair[0]) == name(pair[1])) {
            let second = &rows[twins[0].max(twins[1]) as usize];
            return Err(StructureFault::Duplicate.at(second.offset));
        }
        let mut bundle = Self { source, rows, by_name, kind: StoreKind::Bundle, fixed_faults: Vec::new() };
        if bundle.says_extract()? {
            bundle.kind = StoreKind::Extract;
        }
        for (member, bytes) in fixed(bundle.kind) {
            match bundle.read(member, bytes.len() as u64) {
                Ok(found) if found == bytes => {}
                Err(StoreError::Io { source, .. }) => return Err(source.into()),
                _ => bundle.fixed_faults.push(member),
            }
        }
        Ok(bundle)
    }

    /// Whether `mimetype` is that of an extract: what isn't one is judged as a bundle, of which nothing may be missing.
    fn says_extract(&self) -> Result<bool, BundleError> {
        match self.read(Member::Mimetype, EXTRACT_MIMETYPE.len() as u64) {
            Ok(found) => Ok(found == EXTRACT_MIMETYPE),
            Err(StoreError::Io { source, .. }) => Err(source.into()),
            Err(_) => Ok(false),
        }
    }

    fn row(&self, member: Member) -> Result<&Row, StoreError> {
        let name = Name::Known(member);
        let row = |at: &u32| &self.rows[*at as usize];
        let found = self.by_name.binary_search_by(|at| row(at).name.cmp(&name));
        found.map(|at| row(&self.by_name[at])).map_err(|_| StoreError::Missing(member))
    }
}

impl<R: ReadAt> Store for BundleStore<R> {
    fn kind(&self) -> StoreKind {
        self.kind
    }

    fn fixed_faults(&self) -> &[Member] {
        &self.fixed_faults
    }

    fn size(&self, member: Member) -> Result<u64, StoreError> {
        self.row(member).map(|row| row.size)
    }

    fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
        let &Row { size, offset, crc, .. } = self.row(member)?;
        let end = offset + size;
        Ok(Box::new(MemberReader {
            source: &self.source,
            member,
            at: offset,
            end,
            expected: crc,
            crc: crc32fast::Hasher::new(),
        }))
    }

    /// A member is misplaced where one that should follow it stands before it. It can be read all the same.
    fn scan(&self, visit: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
        let mut last = None;
        for row in &self.rows {
            visit(match &row.name {
                Name::Unknown(name) => Found::Unknown(String::from_utf8_lossy(name).into_owned()),
                Name::Known(member) if last > Some(*member) => Found::Misplaced(*member),
                Name::Known(member) => {
                    last = Some(*member);
                    Found::Member(*member)
                }
            });
        }
        Ok(())
    }
}

/// What the records at the end of the file say, if they are the ones that say it.
fn read_end(source: &impl ReadAt) -> Result<End, BundleError> {
    let len = source.size()?;
    // As much as the records can be.
    let mut tail = [0; End::LEN64 + End::LEN_LOCATOR + End::LEN];
    let start = len.saturating_sub(tail.len() as u64);
    let tail = &mut tail[..usize::try_from(len - start).unwrap_or(usize::MAX)];
    source.read_at(start, tail)?;

    let record = tail.last_chunk::<{ End::LEN }>().ok_or(StructureFault::End.at(0))?;
    let mut end =
        End { count: number(&record[10..12]), size: number(&record[12..16]), offset: number(&record[16..20]) };
    let fault = StructureFault::End.at(len - End::LEN as u64);
    if end.is_zip64() {
        let Some(record) = tail.first_chunk::<{ End::LEN64 }>() else { return Err(fault) };
        end = End { count: number(&record[32..40]), size: number(&record[40..48]), offset: number(&record[48..56]) };
    }
    let Some(at) = end.offset.checked_add(end.size) else { return Err(fault) };
    let bytes = end.to_bytes();
    if !tail.ends_with(&bytes) || at.checked_add(bytes.len() as u64) != Some(len) {
        return Err(fault);
    }
    if end.size > limits::ZIP_DIRECTORY { Err(StructureFault::TooLarge.at(end.offset)) } else { Ok(end) }
}

/// All members in order, when their headers are the ones that the names, sizes and CRCs give.
fn read_rows(source: &impl ReadAt, end: End) -> Result<Vec<Row>, BundleError> {
    let directory_end = end.offset + end.size;
    let mut directory = Window::new(source, end.offset..directory_end, StructureFault::Central, 64 << 10);
    let mut members = Window::new(source, 0..end.offset, StructureFault::Local, 4 << 10);
    let (mut central_at, mut local_at) = (end.offset, 0);
    let (mut name, mut header_bytes) = (Vec::new(), Vec::new());
    // A central header has 46 bytes and the name: the directory's size bounds what is reserved.
    let mut rows = Vec::with_capacity(usize::try_from(end.count.min(end.size / 46)).unwrap_or(0));
    while central_at < directory_end {
        let fixed = directory.bytes(central_at, 46)?;
        let crc = u32::from_le_bytes([fixed[16], fixed[17], fixed[18], fixed[19]]);
        let short_size = number(&fixed[24..28]);
        let name_len = u16::from_le_bytes([fixed[28], fixed[29]]);
        name.clear();
        name.extend_from_slice(directory.bytes(central_at + 46, name_len.into())?);
        // ZIP64: the size is the extra field's first value, behind its id and length.
        let size = match short_size {
            MAX32 => number(directory.bytes(central_at + 46 + u64::from(name_len) + 4, 8)?),
            size => size,
        };

        let header = Header { name: &name, size, crc, offset: local_at };
        header_bytes.clear();
        header.central(&mut header_bytes);
        directory.expect(central_at, &header_bytes)?;
        central_at += header_bytes.len() as u64;

        header_bytes.clear();
        header.local(&mut header_bytes);
        members.expect(local_at, &header_bytes)?;
        let offset = local_at + header_bytes.len() as u64;
        let data_end = offset.checked_add(size).filter(|at| *at <= end.offset);
        local_at = data_end.ok_or(StructureFault::Extent.at(local_at))?;

        let member = str::from_utf8(&name).ok().and_then(Member::parse);
        let name = member.map_or_else(|| Name::Unknown(name.as_slice().into()), Name::Known);
        rows.push(Row { name, size, offset, crc });
    }
    if rows.len() as u64 != end.count {
        return Err(StructureFault::Count.at(central_at));
    }
    if local_at == end.offset { Ok(rows) } else { Err(StructureFault::Extent.at(local_at)) }
}

impl StructureFault {
    const fn at(self, offset: u64) -> BundleError {
        BundleError::Structure { offset, what: self }
    }
}

/// A little-endian number.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// A part of the bundle that is read from front to back in pieces.
struct Window<'a, R> {
    source: &'a R,
    end: u64,
    /// What it means when the part ends too soon or has other bytes.
    fault: StructureFault,
    piece: usize,
    start: u64,
    buffer: Vec<u8>,
}

impl<'a, R: ReadAt> Window<'a, R> {
    const fn new(source: &'a R, part: Range<u64>, fault: StructureFault, piece: usize) -> Self {
        Self { source, end: part.end, fault, piece, start: part.start, buffer: Vec::new() }
    }

    /// The `len` bytes at `at`.
    fn bytes(&mut self, at: u64, len: usize) -> Result<&[u8], BundleError> {
        let left = self.end.saturating_sub(at);
        if left < len as u64 {
            return Err(self.fault.at(at));
        }
        let buffered = at.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let skip = match buffered {
            Some(skip) if skip.saturating_add(len) <= self.buffer.len() => skip,
            _ => {
                // After a jump, no more than was asked for: among large members the rest would be of no use.
                let jumped = at.saturating_sub(self.start) > 2 * self.piece as u64;
                let piece = if jumped { len } else { self.piece.max(len) };
                self.buffer.resize(piece.min(usize::try_from(left).unwrap_or(usize::MAX)), 0);
                self.start = at;
                self.source.read_at(at, &mut self.buffer)?;
                0
            }
        };
        Ok(&self.buffer[skip..skip + len])
    }

    /// Fails unless these bytes stand at `at`.
    fn expect(&mut self, at: u64, expected: &[u8]) -> Result<(), BundleError> {
        let fault = self.fault;
        let found = self.bytes(at, expected.len())?;
        if found == expected {
            return Ok(());
        }
        let same = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
        Err(fault.at(at + same as u64))
    }
}

/// A member's bytes. The last of them are withheld where the CRC-32 is wrong, so that nobody takes them all for good.
struct MemberReader<'a, R> {
    source: &'a R,
    member: Member,
    at: u64,
    end: u64,
    expected: u32,
    crc: crc32fast::Hasher,
}

impl<R: ReadAt> Read for MemberReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let piece = &mut buffer[..n];
        self.source.read_at(self.at, piece)?;
        self.crc.update(piece);
        self.at += n as u64;
        if self.at == self.end && self.crc.clone().finalize() != self.expected {
            return Err(io::Error::new(ErrorKind::InvalidData, StoreError::Crc(self.member)));
        }
        Ok(n)
    }
}
