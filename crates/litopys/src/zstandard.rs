//! One Zstandard frame (RFC 8878) by the rules of format.md, section 7.3, as a stream.

use std::io::{self, BufRead, Read};

use crate::limits;

/// Why a frame is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FrameError {
    /// It has not the header that it must have.
    #[error("the zstandard frame {0}")]
    Header(&'static str),
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
    /// The largest size that a block may give: that of the window, or 128 KiB (section 3.1.1.2.4 of RFC 8878).
    block_max: u32,
}

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const HEADER_MAX: usize = 18;
const BLOCK_MAX: u32 = 128 << 10;

impl Header {
    /// Reads section 3.1.1.1 of RFC 8878 from the frame's first bytes (at least as many as there are, up to 18).
    fn parse(bytes: &[u8]) -> Result<Self, FrameError> {
        use FrameError::Header as Refused;
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
        if window.unwrap_or(content_size) > limits::ZSTD_WINDOW {
            return Err(Refused("has a window of more than 8 MiB"));
        }
        let block_max = window.unwrap_or(content_size).min(BLOCK_MAX.into());
        let block_max = u32::try_from(block_max).unwrap_or(BLOCK_MAX);
        Ok(Self { length: bytes.len() - rest.len() + field.len(), content_size, block_max })
    }
}

#[cfg(feature = "zstd")]
type Decoder<R> = zstd::stream::read::Decoder<'static, R>;
#[cfg(all(feature = "ruzstd", not(feature = "zstd")))]
type Decoder<R> = ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>;

#[cfg(not(any(feature = "zstd", feature = "ruzstd")))]
compile_error!("litopys decodes Zstandard frames: enable the feature `zstd` (C) or `ruzstd` (Rust)");

type Source<R> = Blocks<io::Chain<io::Cursor<Vec<u8>>, R>>;

/// A frame's bytes on their way to the decoder, which are looked at: decoders differ in what sizes of blocks they let pass.
struct Blocks<R> {
    source: R,
    sizes: Sizes,
}

/// The sizes that the blocks of a frame give.
struct Sizes {
    max: u32,
    /// How many bytes are of no interest, before the next header of a block; `None` behind the last one.
    skip: Option<u64>,
    /// The header's bytes so far, and their number.
    header: (u32, u32),
    broken: bool,
}

impl Sizes {
    const fn new(header: &Header) -> Self {
        Self { max: header.block_max, skip: Some(header.length as u64), header: (0, 0), broken: false }
    }

    fn look(&mut self, mut bytes: &[u8]) {
        while let (Some(skip), [first, rest @ ..]) = (self.skip, bytes) {
            if skip > 0 {
                let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
                self.skip = Some(skip - skipped as u64);
                bytes = &bytes[skipped..];
                continue;
            }
            let (header, have) = self.header;
            self.header = (header | u32::from(*first) << (8 * have), have + 1);
            bytes = rest;
            if let (header, 3) = self.header {
                let (last, kind, size) = (header & 1, header >> 1 & 3, header >> 3);
                self.broken |= size > self.max || kind == 3;
                // A block of the second type is one byte, repeated.
                self.skip = (last == 0).then_some(if kind == 1 { 1 } else { size.into() });
                self.header = (0, 0);
            }
        }
    }
}

impl<R: Read> Read for Blocks<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(out)?;
        self.sizes.look(&out[..read]);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Blocks<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        // What was filled before is there still.
        if let Ok(bytes) = self.source.fill_buf() {
            self.sizes.look(bytes.get(..count).unwrap_or(bytes));
        }
        self.source.consume(count);
    }
}

/// A frame that is being decoded. It never gives more than its header says, and [`Frame::finish`] says whether it was all there.
pub(crate) struct Frame<R: BufRead> {
    decoder: Decoder<Source<R>>,
    content_size: u64,
    left: u64,
}

impl<R: BufRead> Frame<R> {
    /// Reads the header.
    pub(crate) fn open(mut source: R) -> Result<Self, FrameError> {
        let mut head = Vec::with_capacity(HEADER_MAX);
        source.by_ref().take(HEADER_MAX as u64).read_to_end(&mut head).map_err(FrameError::Io)?;
        let header = Header::parse(&head)?;
        let content_size = header.content_size;
        let source = Blocks { source: io::Cursor::new(head).chain(source), sizes: Sizes::new(&header) };
        #[cfg(feature = "zstd")]
        let decoder = {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source).map_err(FrameError::Io)?.single_frame();
            decoder.window_log_max(limits::ZSTD_WINDOW.ilog2()).map_err(FrameError::Io)?;
            decoder
        };
        #[cfg(all(feature = "ruzstd", not(feature = "zstd")))]
        let decoder = ruzstd::decoding::StreamingDecoder::new(source).map_err(|_| FrameError::Content)?;
        Ok(Self { decoder, content_size, left: content_size })
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
    pub(crate) fn fill(&mut self, out: &mut [u8]) -> Result<(), FrameError> {
        self.read_exact(out).map_err(|error| self.error(error))
    }

    /// What a failed read of this frame means: bad content, or bytes that couldn't be read.
    pub(crate) fn error(&self, error: io::Error) -> FrameError {
        // What the store reports of its own accord carries an error inside or an OS code; the decoder's complaints are plain.
        let from_store =
            error.get_ref().is_some_and(|e| e.is::<crate::store::StoreError>()) || error.raw_os_error().is_some();
        if from_store { FrameError::Io(error) } else { FrameError::Content }
    }

    /// Checks that everything was read, that the checksum is right and that nothing follows.
    pub(crate) fn finish(mut self) -> Result<(), FrameError> {
        // The read past the end makes the decoder check the checksum.
        match self.decoder.read(&mut [0]) {
            Ok(0) if self.left == 0 => {}
            Ok(_) => return Err(FrameError::Content),
            Err(error) => return Err(self.error(error)),
        }
        #[cfg(all(feature = "ruzstd", not(feature = "zstd")))]
        {
            let frame = &self.decoder.decoder;
            if frame.get_checksum_from_data().is_none()
                || frame.get_checksum_from_data() != frame.get_calculated_checksum()
            {
                return Err(FrameError::Content);
            }
        }
        #[cfg(feature = "zstd")]
        let mut source = self.decoder.finish();
        #[cfg(all(feature = "ruzstd", not(feature = "zstd")))]
        let mut source = self.decoder.into_inner();
        if source.sizes.broken {
            return Err(FrameError::Header("has a block that is larger than its window or 128 KiB"));
        }
        match source.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(FrameError::Header("is followed by other bytes")),
            Err(error) => Err(FrameError::Io(error)),
        }
    }
}

impl<R: BufRead> Read for Frame<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.decoder.read(&mut out[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}

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
    Ok(encoder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn compress(content: &[u8]) -> Vec<u8> {
        let mut encoder = encoder(Vec::new(), 3, content.len() as u64).unwrap();
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(frame: &[u8]) -> Result<Vec<u8>, FrameError> {
        let mut frame = Frame::open(frame)?;
        assert!(frame.content_size() < 1 << 24, "a test has no larger frame");
        let mut out = vec![0; usize::try_from(frame.content_size()).unwrap()];
        frame.fill(&mut out)?;
        frame.finish()?;
        Ok(out)
    }

    #[test]
    fn what_is_written_reads_back() {
        for content in [&b""[..], b"a", &[7; 300], &[1; 70_000], &[9; 9 << 20]] {
            assert_eq!(decode(&compress(content)).unwrap(), content);
        }
    }

    #[test]
    fn what_rfc_8878_allows_beyond_the_format_is_refused() {
        let good = compress(b"some content that is long enough");
        let dictionary = [&good[..4], &[good[4] | 1, 7], &good[5..]].concat();
        let mut bulk = zstd::bulk::Compressor::new(3).unwrap();
        let no_checksum = bulk.compress(b"some content").unwrap();
        let skippable = [b"\x50\x2a\x4d\x18\x01\0\0\0x", &good[..]].concat();
        let mut no_size = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        no_size.include_checksum(true).unwrap();
        no_size.write_all(b"some content").unwrap();
        let no_size = no_size.finish().unwrap();
        let mut wide = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
        wide.include_checksum(true).unwrap();
        wide.window_log(24).unwrap();
        wide.set_pledged_src_size(Some(20 << 20)).unwrap();
        wide.write_all(&vec![0; 20 << 20]).unwrap();
        let wide = wide.finish().unwrap();
        let second = [&good[..], &good[..]].concat();
        let empty_second = [good.clone(), compress(b"")].concat();
        let skipped_after = [&good[..], b"\x50\x2a\x4d\x18\0\0\0\0"].concat();
        for (name, frame) in [
            ("dictionary", dictionary),
            ("no checksum", no_checksum),
            ("skippable", skippable),
            ("no size", no_size),
            ("wide", wide),
            ("second", second),
            ("empty second", empty_second),
            ("skippable after", skipped_after),
            ("reserved bit", [&good[..4], &[good[4] | 8], &good[5..]].concat()),
            ("unused bit", [&good[..4], &[good[4] | 16], &good[5..]].concat()),
            ("trailing", [&good[..], b"x"].concat()),
            ("short", good[..good.len() - 1].to_vec()),
            ("nothing", vec![]),
        ] {
            assert!(decode(&frame).is_err(), "{name}");
        }
    }

    #[test]
    fn no_flipped_byte_changes_the_content() {
        let content = b"content content content, and some more content";
        let good = compress(content);
        for at in 0..good.len() {
            for mask in 1..=255 {
                let mut bad = good.clone();
                bad[at] ^= mask;
                if let Ok(Ok(decoded)) = Frame::open(&bad[..])
                    .map(|f| f.content_size() < 1 << 20)
                    .and_then(|small| if small { Ok(decode(&bad)) } else { Err(FrameError::Content) })
                {
                    assert_eq!(decoded, content, "byte {at} ^ {mask:02x}");
                }
            }
        }
    }
}
