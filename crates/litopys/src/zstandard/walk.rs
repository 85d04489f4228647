//! The bytes of exactly one frame, its blocks looked at before a decoder sees them: so that decoders that allow more agree.

use std::io::{self, BufRead, Read};

use super::FrameError;

/// Passes on the bytes of one frame, and none after it.
pub(crate) struct Walk<R> {
    /// The frame's first bytes, which were read already.
    head: io::Cursor<Vec<u8>>,
    source: R,
    at: Part,
    block_size: u64,
    /// How many of the bytes that wait were looked at.
    seen: usize,
    error: Option<FrameError>,
    /// Why the source gave no more than `head`, to be told when that is used up.
    failed: Option<io::Error>,
}

/// What the next bytes are.
#[derive(Clone, Copy)]
enum Part {
    /// So many bytes of the frame's header.
    Header(usize),
    /// A block's header (RFC 8878, section 3.1.1.2), of which `len` bytes were seen.
    BlockHeader { bytes: [u8; 3], len: usize },
    /// So many bytes of a compressed block's content, from one of its headers on.
    Compressed { left: usize, last: bool, at: Section },
    /// So many bytes of a block's content.
    Block { left: usize, last: bool },
    /// So many bytes of the checksum.
    Checksum(usize),
    /// None of this frame.
    End,
}

/// Where in a compressed block the next bytes are.
#[derive(Clone, Copy)]
enum Section {
    /// The header of its literals (RFC 8878, section 3.1.1.3.1.1), of which `len` bytes were seen.
    LiteralsHeader { bytes: [u8; 5], len: usize },
    /// So many bytes of literals.
    Literals(usize),
    /// The header of its sequences (section 3.1.1.3.2.1), of which `len` bytes were seen.
    SequencesHeader { first: u8, len: usize },
    /// The rest, which is the decoder's.
    Rest,
}

const BLOCK_HEADER: Part = Part::BlockHeader { bytes: [0; 3], len: 0 };

impl<R: BufRead> Walk<R> {
    /// The frame that begins with `head` and goes on in `source`; its header has `header` bytes.
    pub(super) fn new(head: Vec<u8>, source: R, header: usize, block_size: u64) -> Self {
        let head = io::Cursor::new(head);
        Self { head, source, at: Part::Header(header), block_size, seen: 0, error: None, failed: None }
    }

    /// Reads ahead: the whole frame if it has no more than so many bytes, and nothing follows. Whatever is wrong is told later, as if nothing had been read.
    pub(super) fn gather(&mut self, most: usize) -> Option<&[u8]> {
        let frame = self.head.get_mut();
        while frame.len() <= most {
            match self.source.fill_buf() {
                Ok([]) => {
                    let is_whole =
                        matches!(self.at.pass(frame, self.block_size), Ok((Part::End, seen)) if seen == frame.len());
                    return is_whole.then_some(self.head.get_ref());
                }
                Ok(bytes) => {
                    let taken = bytes.len();
                    frame.extend_from_slice(bytes);
                    self.source.consume(taken);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    return None;
                }
            }
        }
        None
    }

    /// Why bytes weren't passed on.
    pub(super) fn take_error(&mut self) -> Option<FrameError> {
        self.error.take()
    }

    /// Checks that the frame ended and nothing follows.
    pub(super) fn finish(&mut self) -> Result<(), FrameError> {
        if !matches!(self.at, Part::End) || self.seen > 0 {
            return Err(FrameError::Content);
        }
        loop {
            return match self.waiting() {
                Ok([]) => Ok(()),
                Ok(_) => Err(FrameError::Form("is followed by other bytes")),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(FrameError::Io(error)),
            };
        }
    }

    fn waiting(&mut self) -> io::Result<&[u8]> {
        if self.head.position() < self.head.get_ref().len() as u64 {
            return self.head.fill_buf();
        }
        self.failed.take().map_or(Ok(()), Err)?;
        self.source.fill_buf()
    }

    /// Looks at the bytes that wait; how many of them are the frame's.
    fn look(&mut self) -> Result<usize, FrameError> {
        let (at, block_size) = (self.at, self.block_size);
        let bytes = self.waiting().map_err(FrameError::Io)?;
        let (at, seen) = at.pass(bytes, block_size)?;
        self.at = at;
        Ok(seen)
    }
}

impl Part {
    /// Looks at bytes, of which this is the first: what comes after those that are the frame's, and how many those are.
    fn pass(self, bytes: &[u8], block_size: u64) -> Result<(Self, usize), FrameError> {
        let (mut at, mut seen) = (self, 0);
        while seen < bytes.len() {
            let here = &bytes[seen..];
            let (taken, next) = match at {
                Part::Header(left) | Part::Checksum(left) if left > here.len() => (here.len(), at.less(here.len())),
                Part::Header(left) => (left, BLOCK_HEADER),
                Part::Checksum(left) => (left, Part::End),
                Part::BlockHeader { mut bytes, len } => {
                    bytes[len] = here[0];
                    let next = Part::BlockHeader { bytes, len: len + 1 };
                    (1, if len < 2 { next } else { Part::of_header(bytes, block_size)? })
                }
                Part::Compressed { left, last, at } => {
                    let (taken, at) = at.look(here, block_size)?;
                    let taken = taken.min(left);
                    let left = left - taken;
                    let next = match at {
                        _ if left == 0 => Part::after_block(last),
                        Section::Rest => Part::Block { left, last },
                        at => Part::Compressed { left, last, at },
                    };
                    (taken, next)
                }
                Part::Block { left, .. } if left > here.len() => (here.len(), at.less(here.len())),
                Part::Block { left, last } => (left, Part::after_block(last)),
                Part::End => break,
            };
            (seen, at) = (seen + taken, next);
        }
        Ok((at, seen))
    }

    const fn less(self, taken: usize) -> Self {
        match self {
            Self::Header(left) => Self::Header(left - taken),
            Self::Checksum(left) => Self::Checksum(left - taken),
            Self::Block { left, last } => Self::Block { left: left - taken, last },
            other => other,
        }
    }

    const fn after_block(last: bool) -> Self {
        if last { Self::Checksum(4) } else { BLOCK_HEADER }
    }

    fn of_header([a, b, c]: [u8; 3], block_size: u64) -> Result<Self, FrameError> {
        let header = u32::from_le_bytes([a, b, c, 0]);
        let (last, kind, size) = (header & 1 == 1, header >> 1 & 3, header >> 3);
        if u64::from(size) > block_size {
            return Err(FrameError::Form("has a block that is larger than its window or 128 KiB"));
        }
        let left = usize::try_from(size).unwrap_or(usize::MAX);
        match kind {
            // Raw.
            0 if left == 0 => Ok(Self::after_block(last)),
            0 => Ok(Self::Block { left, last }),
            // One byte that is repeated.
            1 => Ok(Self::Block { left: 1, last }),
            // A header of literals and one of sequences have a byte each at least.
            2 if left < 2 => Err(FrameError::Form("has a compressed block of less than 2 bytes")),
            2 => Ok(Self::Compressed { left, last, at: Section::LiteralsHeader { bytes: [0; 5], len: 0 } }),
            _ => Err(FrameError::Form("has a block of the reserved type")),
        }
    }
}

impl Section {
    /// Looks at the next of these bytes, at least one; how many were taken, and where it is then.
    fn look(self, here: &[u8], block_size: u64) -> Result<(usize, Self), FrameError> {
        match self {
            Self::LiteralsHeader { mut bytes, len } => {
                bytes[len] = here[0];
                let len = len + 1;
                let (kind, format) = (bytes[0] & 3, bytes[0] >> 2 & 3);
                // How long the header is, where the size of the literals begins in it, how long that size is.
                let (length, start, width) = match (kind, format) {
                    (0 | 1, 0 | 2) => (1, 3, 5),
                    (0 | 1, 1) => (2, 4, 12),
                    (0 | 1, _) => (3, 4, 20),
                    (_, 0 | 1) => (3, 4, 10),
                    (_, 2) => (4, 4, 14),
                    _ => (5, 4, 18),
                };
                if len < length {
                    return Ok((1, Self::LiteralsHeader { bytes, len }));
                }
                let header = bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte)) >> start;
                let (mask, size) = ((1 << width) - 1, header & ((1 << width) - 1));
                if size > block_size {
                    return Err(FrameError::Form("has a block of too many literals"));
                }
                let stored = match kind {
                    0 => size,
                    1 => 1,
                    _ => header >> width & mask,
                };
                Ok((1, Self::literals(usize::try_from(stored).unwrap_or(usize::MAX))))
            }
            Self::Literals(left) => Ok((left.min(here.len()), Self::literals(left - left.min(here.len())))),
            Self::SequencesHeader { first, len } => {
                let first = if len == 0 { here[0] } else { first };
                let modes = match first {
                    0 => return Ok((1, Self::Rest)),
                    1..128 => 1,
                    128..255 => 2,
                    255 => 3,
                };
                if len < modes {
                    return Ok((1, Self::SequencesHeader { first, len: len + 1 }));
                }
                if here[0] & 3 != 0 {
                    return Err(FrameError::Form("has a reserved bit set in a block"));
                }
                Ok((1, Self::Rest))
            }
            Self::Rest => Ok((here.len(), Self::Rest)),
        }
    }

    const fn literals(left: usize) -> Self {
        if left == 0 { Self::SequencesHeader { first: 0, len: 0 } } else { Self::Literals(left) }
    }
}

impl<R: BufRead> BufRead for Walk<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.seen == 0 {
            if self.error.is_some() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            match self.look() {
                Ok(seen) => self.seen = seen,
                Err(FrameError::Io(error)) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(error) => {
                    self.error = Some(error);
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
        }
        let seen = self.seen;
        self.waiting().map(|bytes| &bytes[..seen.min(bytes.len())])
    }

    fn consume(&mut self, amount: usize) {
        self.seen -= amount.min(self.seen);
        if self.head.position() < self.head.get_ref().len() as u64 {
            self.head.consume(amount);
        } else {
            self.source.consume(amount);
        }
    }
}

impl<R: BufRead> Read for Walk<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let taken = bytes.len().min(out.len());
        out[..taken].copy_from_slice(&bytes[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}
