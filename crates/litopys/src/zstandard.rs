//! One Zstandard frame (RFC 8878) by the rules of format.md, section 7.3, as a stream.

mod walk;
mod whole;

use std::io::{self, BufRead, Read};

#[cfg(feature = "zstd")]
use zstd::zstd_safe::CParameter;

use crate::limits;
use walk::Walk;
use whole::Whole;

/// Why a frame is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FrameError {
    /// It has not the header or the blocks that it must have.
    #[error("the zstandard frame {0}")]
    Form(&'static str),
    /// It doesn't decode to what it says.
    #[error("the zstandard frame does not decode")]
    Content,
    /// The compressed bytes couldn't be read.
    #[error(transparent)]
    Io(io::Error),
}

/// What a frame's header says, once it was found to be allowed.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    length: usize,
    content_size: u64,
    window: u64,
}

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const HEADER_MAX: usize = 18;

impl Header {
    /// Reads section 3.1.1.1 of RFC 8878 from the frame's first bytes (at least as many as there are, up to 18).
    fn parse(bytes: &[u8]) -> Result<Self, FrameError> {
        use FrameError::Form as Refused;
        let truncated = Refused("ends within its header");
        let [a, b, c, d, descriptor, rest @ ..] = bytes else { return Err(truncated) };
        if [*a, *b, *c, *d] != MAGIC {
            return Err(Refused("has not the magic number of one"));
        }
        if descriptor & 0b0001_1000 != 0 {
            return Err(Refused("has a reserved or unused bit set"));
        }
        if descriptor & 0b0000_0100 == 0 {
            return Err(Refused("has no checksum"));
        }
        if descriptor & 0b0000_0011 != 0 {
            return Err(Refused("asks for a dictionary"));
        }
        let single_segment = descriptor & 0b0010_0000 != 0;
        let (window, rest) = match rest {
            _ if single_segment => (None, rest),
            [window, rest @ ..] => {
                let (exponent, mantissa) = (u32::from(window >> 3), u64::from(window & 7));
                let base = 1u64 << (10 + exponent);
                (Some(base + base / 8 * mantissa), rest)
            }
            [] => return Err(truncated),
        };
        let (field, offset) = match descriptor >> 6 {
            0 if single_segment => (1, 0),
            0 => return Err(Refused("has no content size")),
            1 => (2, 256),
            2 => (4, 0),
            _ => (8, 0),
        };
        let field = rest.get(..field).ok_or(truncated)?;
        let size = field.iter().rev().fold(0u64, |size, byte| size << 8 | u64::from(*byte));
        let content_size = size.checked_add(offset).ok_or(Refused("has an impossible content size"))?;
        let window = window.unwrap_or(content_size);
        if window > limits::ZSTD_WINDOW {
            return Err(Refused("has a window of more than 8 MiB"));
        }
        let length = bytes.len() - rest.len() + field.len();
        Ok(Self { length, content_size, window })
    }

    /// What a block may have at most (RFC 8878, section 3.1.1.2.4).
    fn block_size(&self) -> u64 {
        self.window.min(128 << 10)
    }
}

/// Decodes a frame with this size of content, if it has that.
type DecodeWhole = fn(&[u8], usize) -> Option<Vec<u8>>;

/// Something that decodes the frame that a [`Walk`] passes on.
pub(crate) trait Decoder<R: BufRead>: Read + Sized {
    fn open(source: Walk<R>) -> Result<Self, FrameError>;

    /// What it reads from.
    fn walk(&mut self) -> &mut Walk<R>;

    /// What decodes in one step a frame with this size of content, if there is such a thing. Whatever is wrong with the frame, the stream tells.
    const WHOLE: Option<DecodeWhole> = None;

    /// Whether the checksum that was read is right, as far as the decoder doesn't say so itself.
    fn checked(&self) -> bool {
        true
    }
}

#[cfg(feature = "zstd")]
pub(crate) type LibZstd<R> = zstd::stream::read::Decoder<'static, Walk<R>>;

#[cfg(feature = "zstd")]
impl<R: BufRead> Decoder<R> for LibZstd<R> {
    fn open(source: Walk<R>) -> Result<Self, FrameError> {
        let mut decoder = Self::with_buffer(source).map_err(FrameError::Io)?.single_frame();
        decoder.window_log_max(limits::ZSTD_WINDOW.ilog2()).map_err(FrameError::Io)?;
        Ok(decoder)
    }

    fn walk(&mut self) -> &mut Walk<R> {
        self.get_mut()
    }

    const WHOLE: Option<DecodeWhole> = Some(whole::decode);
}

#[cfg(feature = "ruzstd")]
pub(crate) type RuZstd<R> = ruzstd::decoding::StreamingDecoder<Walk<R>, ruzstd::decoding::FrameDecoder>;

#[cfg(feature = "ruzstd")]
impl<R: BufRead> Decoder<R> for RuZstd<R> {
    fn open(source: Walk<R>) -> Result<Self, FrameError> {
        Self::new(source).map_err(|_| FrameError::Content)
    }

    fn walk(&mut self) -> &mut Walk<R> {
        self.get_mut()
    }

    fn checked(&self) -> bool {
        let frame = &self.decoder;
        frame.get_checksum_from_data().is_some() && frame.get_checksum_from_data() == frame.get_calculated_checksum()
    }
}

#[cfg(feature = "zstd")]
type Preferred<R> = LibZstd<R>;
#[cfg(all(feature = "ruzstd", not(feature = "zstd")))]
type Preferred<R> = RuZstd<R>;

#[cfg(not(any(feature = "zstd", feature = "ruzstd")))]
compile_error!("litopys decodes Zstandard frames: enable the feature `zstd` (C) or `ruzstd` (Rust)");

/// A frame that is being decoded. It never gives more than its header says, and [`FrameBy::finish`] says whether it was all there.
pub(crate) type Frame<R> = FrameBy<R, Preferred<R>>;

/// A frame that is being decoded by `D`.
pub(crate) struct FrameBy<R, D> {
    content: Content<D>,
    content_size: u64,
    left: u64,
    source: std::marker::PhantomData<fn() -> R>,
}

/// Where the content comes from.
enum Content<D> {
    /// The frame was all there and right.
    Whole(Whole),
    Stream(D),
}

/// How much of a stream is passed over at a time, in bytes.
const SKIPPED: usize = 64 << 10;

impl<R: BufRead, D: Decoder<R>> FrameBy<R, D> {
    /// Reads the header.
    pub(crate) fn open(source: R) -> Result<Self, FrameError> {
        Self::open_holding(source, whole::HELD)
    }

    /// Reads the header. No more of the content is held than a stream must.
    #[cfg(feature = "zstd")]
    pub(crate) fn open_stream(source: R) -> Result<Self, FrameError> {
        Self::open_holding(source, 0)
    }

    /// Reads the header. If the content is no larger than `held` bytes, all of the frame is read and decoded.
    fn open_holding(mut source: R, held: u64) -> Result<Self, FrameError> {
        let mut head = Vec::with_capacity(HEADER_MAX);
        source.by_ref().take(HEADER_MAX as u64).read_to_end(&mut head).map_err(FrameError::Io)?;
        let header = Header::parse(&head)?;
        let mut walk = Walk::new(head, source, header.length, header.block_size());
        let (content_size, source) = (header.content_size, std::marker::PhantomData);
        if let Some(content) = Self::whole(&mut walk, &header, held) {
            return Ok(Self { content: Content::Whole(Whole::new(content)), content_size, left: content_size, source });
        }
        let mut decoder = D::open(walk)?;
        // What is read while the decoder is made is looked at now.
        decoder.walk().take_error().map_or(Ok(()), Err)?;
        Ok(Self { content: Content::Stream(decoder), content_size, left: content_size, source })
    }

    /// The content of a frame that can be held and is right. Where a window is smaller than the content, only a stream knows what is out of reach.
    fn whole(walk: &mut Walk<R>, header: &Header, held: u64) -> Option<Vec<u8>> {
        /// What a frame may have beyond the size of its content, in bytes.
        const MORE: usize = 64 << 10;
        let (decode, size) = (D::WHOLE?, usize::try_from(header.content_size).ok()?);
        if header.content_size > held.min(header.window) {
            return None;
        }
        walk.gather(size + MORE).and_then(|frame| decode(frame, size))
    }

    /// The size of its content in bytes, by its header.
    pub(crate) const fn content_size(&self) -> u64 {
        self.content_size
    }

    /// How much of its content is still to come, in bytes.
    pub(crate) const fn left(&self) -> u64 {
        self.left
    }

    /// Fills `out` with the next bytes.
    pub(crate) fn fill(&mut self, mut out: &mut [u8]) -> Result<(), FrameError> {
        while !out.is_empty() {
            match self.decode(out)? {
                0 => return Err(FrameError::Content),
                read => out = &mut out[read..],
            }
        }
        Ok(())
    }

    /// Passes over so many of the next bytes.
    pub(crate) fn skip(&mut self, mut length: u64) -> Result<(), FrameError> {
        let mut scratch = Vec::new();
        while length > 0 {
            let most = usize::try_from(length.min(self.left)).unwrap_or(usize::MAX);
            let skipped = match &mut self.content {
                Content::Whole(content) => content.skip(most) as u64,
                Content::Stream(_) => {
                    scratch.resize(most.min(SKIPPED), 0);
                    self.decode_some(&mut scratch)? as u64
                }
            };
            if skipped == 0 {
                return Err(FrameError::Content);
            }
            (length, self.left) = (length - skipped, self.left - skipped);
        }
        Ok(())
    }

    /// Decodes some of the next bytes; none at the end of its content.
    fn decode(&mut self, out: &mut [u8]) -> Result<usize, FrameError> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        if most == 0 {
            return Ok(0);
        }
        match self.decode_some(&mut out[..most])? {
            0 => Err(FrameError::Content),
            read => {
                self.left -= read as u64;
                Ok(read)
            }
        }
    }

    fn decode_some(&mut self, out: &mut [u8]) -> Result<usize, FrameError> {
        let decoder = match &mut self.content {
            Content::Whole(content) => return Ok(content.read(out)),
            Content::Stream(decoder) => decoder,
        };
        loop {
            return match decoder.read(out) {
                Ok(read) => Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // The walk knows whether it was the bytes or the source of them.
                Err(_) => Err(decoder.walk().take_error().unwrap_or(FrameError::Content)),
            };
        }
    }

    /// What a failed read of this frame means.
    pub(crate) fn error(&self, error: io::Error) -> FrameError {
        match error.downcast::<FrameError>() {
            Ok(error) => error,
            Err(error) => FrameError::Io(error),
        }
    }

    /// Checks that everything was read, that the checksum is right and that nothing follows.
    pub(crate) fn finish(mut self) -> Result<(), FrameError> {
        // The read past the end makes the decoder check the checksum.
        if self.left > 0 || self.decode_some(&mut [0])? > 0 {
            return Err(FrameError::Content);
        }
        match self.content {
            // That was found out before the first byte was given.
            Content::Whole(_) => Ok(()),
            Content::Stream(decoder) if !decoder.checked() => Err(FrameError::Content),
            Content::Stream(mut decoder) => decoder.walk().finish(),
        }
    }
}

impl<R: BufRead, D: Decoder<R>> Read for FrameBy<R, D> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.decode(out).map_err(|error| match error {
            FrameError::Io(error) => error,
            refused => io::Error::new(io::ErrorKind::InvalidData, refused),
        })
    }
}

/// The compression level of what is written: on article texts twice as fast as level 5, and 2 % larger.
#[cfg(feature = "zstd")]
pub(crate) const LEVEL: i32 = 3;

/// The sizes of content, in bytes, of which most is what articles of a tile say. That of smaller ones has small tables anyway.
#[cfg(feature = "zstd")]
const TILE_SIZED: std::ops::RangeInclusive<u64> = (256 << 10) + 1..=4 << 20;

/// Compresses to a frame by the same rules: content size and checksum, no dictionary, a window of at most 8 MiB.
#[cfg(feature = "zstd")]
pub(crate) fn encoder<W: io::Write>(
    out: W,
    level: i32,
    content_size: u64,
) -> io::Result<zstd::stream::write::Encoder<'static, W>> {
    let mut encoder = zstd::stream::write::Encoder::new(out, level)?;
    encoder.include_checksum(true)?;
    encoder.include_contentsize(true)?;
    encoder.set_pledged_src_size(Some(content_size))?;
    if level == LEVEL && TILE_SIZED.contains(&content_size) {
        // Tables that fit into a processor's own cache: a fifth faster than those of the level, and 1.6 % larger.
        encoder.set_parameter(CParameter::HashLog(16))?;
        encoder.set_parameter(CParameter::ChainLog(15))?;
    }
    Ok(encoder)
}

#[cfg(test)]
#[cfg(feature = "zstd")]
mod tests;
