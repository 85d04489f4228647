use super::*;
use std::io::Write;

fn compress(content: &[u8]) -> Vec<u8> {
    let mut encoder = encoder(Vec::new(), 3, content.len() as u64).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn decode_by<D: for<'a> Decoders<'a>>(frame: &[u8], held: u64) -> Result<Vec<u8>, FrameError> {
    let mut frame = FrameBy::<_, <D as Decoders<'_>>::Decoder>::open_holding(frame, held)?;
    assert!(frame.content_size() < 1 << 25, "a test has no larger frame");
    let mut out = vec![0; usize::try_from(frame.content_size()).unwrap()];
    frame.fill(&mut out)?;
    frame.finish()?;
    Ok(out)
}

/// A decoder of slices, whatever their lifetime.
trait Decoders<'a> {
    type Decoder: Decoder<&'a [u8]>;
}

struct ByLibZstd;

impl<'a> Decoders<'a> for ByLibZstd {
    type Decoder = LibZstd<&'a [u8]>;
}

#[cfg(feature = "ruzstd")]
struct ByRuZstd;

#[cfg(feature = "ruzstd")]
impl<'a> Decoders<'a> for ByRuZstd {
    type Decoder = RuZstd<&'a [u8]>;
}

/// Decodes in one step and as a stream, and by both decoders where both are there: they agree.
fn decode(frame: &[u8]) -> Result<Vec<u8>, FrameError> {
    let decoded = decode_by::<ByLibZstd>(frame, whole::HELD);
    let streamed = decode_by::<ByLibZstd>(frame, 0);
    assert_eq!(format!("{decoded:?}"), format!("{streamed:?}"), "{frame:02x?}");
    #[cfg(feature = "ruzstd")]
    {
        let other = decode_by::<ByRuZstd>(frame, whole::HELD);
        assert_eq!(decoded.as_ref().ok(), other.as_ref().ok(), "{decoded:?} {other:?} {frame:02x?}");
    }
    decoded
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

/// A frame with a window of 1 KiB (descriptor 0) or as given, and these blocks: last, type, size, bytes.
fn frame_of(window: u8, content: &[u8], blocks: &[(bool, u32, u32, &[u8])]) -> Vec<u8> {
    let mut frame = [&MAGIC[..], &[0b1000_0100, window], &u32::try_from(content.len()).unwrap().to_le_bytes()].concat();
    for (last, kind, size, bytes) in blocks {
        frame.extend_from_slice(&(u32::from(*last) | kind << 1 | size << 3).to_le_bytes()[..3]);
        frame.extend_from_slice(bytes);
    }
    let checksum = compress(content);
    frame.extend_from_slice(&checksum[checksum.len() - 4..]);
    frame
}

#[test]
fn blocks_keep_within_the_window() {
    let (raw, rle, compressed) = (0, 1, 2);
    let a = |n: usize| vec![b'a'; n];
    let literals = |n: u32| ((n << 4 | 0b1101).to_le_bytes()[..3].to_vec(), n);
    // RLE literals of a size in 20 bits, and no sequences.
    let block = |n: u32| [&literals(n).0[..], b"a\0"].concat();
    for (good, name, frame) in [
        (true, "raw", frame_of(0, &a(1024), &[(true, raw, 1024, &a(1024))])),
        (false, "raw", frame_of(0, &a(1025), &[(true, raw, 1025, &a(1025))])),
        (true, "repeated", frame_of(0, &a(2048), &[(false, rle, 1024, b"a"), (true, rle, 1024, b"a")])),
        (false, "repeated", frame_of(0, &a(1025), &[(true, rle, 1025, b"a")])),
        (true, "repeated, wide", frame_of(72, &a(128 << 10), &[(true, rle, 128 << 10, b"a")])),
        (false, "repeated, wide", frame_of(72, &a((128 << 10) + 1), &[(true, rle, (128 << 10) + 1, b"a")])),
        (true, "compressed", frame_of(0, &a(1024), &[(true, compressed, 5, &block(1024))])),
        (false, "compressed", frame_of(0, &a(1025), &[(true, compressed, 5, &block(1025))])),
        (true, "empty", frame_of(0, b"", &[(false, raw, 0, b""), (true, raw, 0, b"")])),
        (false, "compressed, of nothing", frame_of(0, b"", &[(false, compressed, 0, b""), (true, raw, 0, b"")])),
        (false, "compressed, reserved bit", frame_of(0, b"aaaa", &[(true, compressed, 6, b"\x08a\x01\x55\0\x01")])),
        (false, "reserved", frame_of(0, b"a", &[(false, 3, 1, b"a"), (true, raw, 1, b"a")])),
        (false, "no last", frame_of(0, b"a", &[(false, raw, 1, b"a")])),
        (false, "after the last", frame_of(0, b"aa", &[(true, raw, 1, b"a"), (true, raw, 1, b"a")])),
        (false, "too little", frame_of(0, b"aa", &[(true, raw, 1, b"a")])),
        (false, "too much", frame_of(0, b"a", &[(true, raw, 2, b"aa")])),
    ] {
        assert_eq!(decode(&frame).is_ok(), good, "{name}: {:?}", decode(&frame).err());
    }
}

#[test]
fn no_flipped_byte_changes_the_content() {
    // Words at random, so that a block has literals and sequences of all sorts.
    let words = [&b"the "[..], b"article ", b"archive ", b"of ", b"signed ", b"statement. ", b"\xe2\x80\x94"];
    let (mut text, mut state) = (Vec::new(), 1u64);
    while text.len() < 3_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.extend_from_slice(words[usize::from((state >> 48) as u16) % words.len()]);
    }
    for (content, masks) in [
        (&b"content content content, and some more content"[..], &(1..=255).collect::<Vec<u8>>()[..]),
        (&text, &[1, 2, 4, 8, 16, 32, 64, 128, 255]),
        (&[5; 1_000], &[1, 2, 4, 8, 16, 32, 64, 128, 255]),
    ] {
        let good = compress(content);
        for (at, mask) in (0..good.len()).flat_map(|at| masks.iter().map(move |mask| (at, mask))) {
            let mut bad = good.clone();
            bad[at] ^= mask;
            if !Frame::open(&bad[..]).is_ok_and(|frame| frame.content_size() < 1 << 20) {
                continue;
            }
            if let Ok(decoded) = decode(&bad) {
                assert_eq!(decoded, content, "byte {at} ^ {mask:02x}");
            }
        }
    }
}

#[test]
fn an_error_of_the_source_is_no_fault_of_the_frame() {
    struct Fails<'a>(&'a [u8], io::ErrorKind);
    impl Read for Fails<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(self.1.into()) } else { self.0.read(&mut out[..1]) }
        }
    }
    let good = compress(&[&[5; 200], &b"some content"[..]].concat());
    for kind in [io::ErrorKind::Other, io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidData] {
        for (held, at) in (0..=good.len()).flat_map(|at| [(0, at), (whole::HELD, at)]) {
            let source = io::BufReader::new(Fails(&good[..at], kind));
            let failed = Frame::open_holding(source, held).and_then(|mut frame| {
                frame.fill(&mut [0; 212])?;
                frame.finish()
            });
            assert!(matches!(failed, Err(FrameError::Io(error)) if error.kind() == kind), "{at}");
        }
    }
}
