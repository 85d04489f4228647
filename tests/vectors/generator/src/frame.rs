//! Zstandard frames (RFC 8878) by hand: raw and repeated blocks, so that the bytes hang on no compressor.

/// A frame, canonical to begin with.
#[derive(Debug, Clone)]
pub(crate) struct RawFrame {
    pub(crate) magic: [u8; 4],
    /// Without the bits that tell the form of the content size.
    pub(crate) descriptor: u8,
    pub(crate) window: Option<u8>,
    pub(crate) dictionary: Vec<u8>,
    /// How many bytes the content size takes, and what it says.
    pub(crate) size: Option<(usize, u64)>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) checksum: Option<u32>,
    pub(crate) after: Vec<u8>,
}

/// A block: whether it says that it is the last one, its type, the size in its header, its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) last: bool,
    pub(crate) kind: u8,
    pub(crate) size: u32,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) const RAW: u8 = 0;
pub(crate) const RLE: u8 = 1;
const CHECKSUM: u8 = 4;
pub(crate) const SINGLE_SEGMENT: u8 = 32;
const BLOCK: usize = 128 << 10;

impl RawFrame {
    /// One frame of raw blocks.
    pub(crate) fn new(content: &[u8]) -> Self {
        let chunks: Vec<_> = if content.is_empty() { vec![content] } else { content.chunks(BLOCK).collect() };
        let block = |bytes: &&[u8]| Block { last: false, kind: RAW, size: bytes.len() as u32, bytes: bytes.to_vec() };
        Self::of(content, chunks.iter().map(block).collect())
    }

    /// One frame whose content is one byte so many times.
    pub(crate) fn repeat(byte: u8, count: usize) -> Self {
        let content = vec![byte; count];
        let block = |bytes: &[u8]| Block { last: false, kind: RLE, size: bytes.len() as u32, bytes: vec![byte] };
        Self::of(&content, content.chunks(BLOCK).map(block).collect())
    }

    fn of(content: &[u8], mut blocks: Vec<Block>) -> Self {
        blocks.last_mut().unwrap().last = true;
        let width = match content.len() {
            0..0x100 => 1,
            0x100..0x1_0100 => 2,
            _ => 4,
        };
        Self {
            magic: *b"\x28\xb5\x2f\xfd",
            descriptor: CHECKSUM | SINGLE_SEGMENT,
            window: None,
            dictionary: Vec::new(),
            size: Some((width, content.len() as u64)),
            blocks,
            checksum: Some(xxh64(content) as u32),
            after: Vec::new(),
        }
    }

    /// The same with a window descriptor in place of the single segment.
    pub(crate) fn with_window(mut self, window: u8) -> Self {
        self.descriptor &= !SINGLE_SEGMENT;
        self.window = Some(window);
        if let Some((width @ 1, _)) = &mut self.size {
            *width = 4; // a content size of one byte needs the single segment
        }
        self
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let form = self.size.map_or(0, |(width, _)| width.ilog2() as u8);
        let mut out = self.magic.to_vec();
        out.push(self.descriptor | form << 6);
        out.extend(self.window);
        out.extend(&self.dictionary);
        if let Some((width, size)) = self.size {
            let size = if width == 2 { size.wrapping_sub(256) } else { size };
            out.extend(&size.to_le_bytes()[..width]);
        }
        for block in &self.blocks {
            let header = block.size << 3 | u32::from(block.kind) << 1 | u32::from(block.last);
            out.extend(&header.to_le_bytes()[..3]);
            out.extend(&block.bytes);
        }
        out.extend(self.checksum.into_iter().flat_map(u32::to_le_bytes));
        out.extend(&self.after);
        out
    }
}

/// A frame of raw blocks, canonical.
pub(crate) fn frame(content: &[u8]) -> Vec<u8> {
    RawFrame::new(content).to_bytes()
}

/// XXH64 with seed 0, of which a frame's checksum is the low half.
fn xxh64(data: &[u8]) -> u64 {
    const P: [u64; 5] = [
        0x9e37_79b1_85eb_ca87,
        0xc2b2_ae3d_27d4_eb4f,
        0x1656_67b1_9e37_79f9,
        0x85eb_ca77_c2b2_ae63,
        0x27d4_eb2f_1656_67c5,
    ];
    let round = |acc: u64, lane: u64| acc.wrapping_add(lane.wrapping_mul(P[1])).rotate_left(31).wrapping_mul(P[0]);
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte));
    let mut rest = data;
    let mut hash = if data.len() >= 32 {
        let mut acc = [P[0].wrapping_add(P[1]), P[1], 0, 0u64.wrapping_sub(P[0])];
        while let Some((stripe, after)) = rest.split_at_checked(32) {
            acc.iter_mut().zip(stripe.chunks(8)).for_each(|(acc, lane)| *acc = round(*acc, number(lane)));
            rest = after;
        }
        let [a, b, c, d] = acc;
        let sum = [a.rotate_left(1), b.rotate_left(7), c.rotate_left(12), d.rotate_left(18)];
        let merged = sum.into_iter().fold(0u64, u64::wrapping_add);
        acc.iter().fold(merged, |hash, acc| (hash ^ round(0, *acc)).wrapping_mul(P[0]).wrapping_add(P[3]))
    } else {
        P[4]
    };
    hash = hash.wrapping_add(data.len() as u64);
    while let Some((lane, after)) = rest.split_at_checked(8) {
        hash = (hash ^ round(0, number(lane))).rotate_left(27).wrapping_mul(P[0]).wrapping_add(P[3]);
        rest = after;
    }
    if let Some((lane, after)) = rest.split_at_checked(4) {
        hash = (hash ^ number(lane).wrapping_mul(P[0])).rotate_left(23).wrapping_mul(P[1]).wrapping_add(P[2]);
        rest = after;
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(P[4])).rotate_left(11).wrapping_mul(P[0]);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(P[1]);
    hash = (hash ^ hash >> 29).wrapping_mul(P[2]);
    hash ^ hash >> 32
}
