//! Bundles and extracts: a whole archive, or chosen articles, in one ZIP file (format.md, section 8). One archive has one sequence of bytes.
//!
//! The headers are written down once, here: the writer writes them, and the reader makes them anew from each member's name,
//! size and CRC-32 and refuses a bundle that has any other bytes. So it needs no opinion about flags, methods or attributes.

mod read;
mod read_at;
mod write;

#[cfg(test)]
pub(crate) mod tests;

pub use read::{BundleError, BundleStore, StructureFault};
pub use read_at::ReadAt;
pub use write::{BundleWriteError, BundleWriter};

use super::StoreKind;
use crate::layout::Member;

/// The members that are the same in every bundle, and come first.
const FIXED: [(Member, &[u8]); 2] = [(Member::Mimetype, super::MIMETYPE), (Member::Readme, super::README)];
/// Those that are the same in every extract.
const FIXED_EXTRACT: [(Member, &[u8]); 2] =
    [(Member::Mimetype, super::EXTRACT_MIMETYPE), (Member::Readme, super::EXTRACT_README)];

const fn fixed(kind: StoreKind) -> [(Member, &'static [u8]); 2] {
    match kind {
        StoreKind::Extract => FIXED_EXTRACT,
        _ => FIXED,
    }
}

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR64: &[u8; 4] = b"PK\x06\x07";

/// The version of ZIP that a reader needs (APPNOTE 4.4.3), without and with ZIP64.
const NEEDED: [u16; 2] = [20, 45];
/// What "made" a member: Unix, and version 3.0 or 4.5 of ZIP (APPNOTE 4.4.2).
const MADE_BY: [u16; 2] = [0x031e, 0x032d];
/// 1980-01-01, the earliest date.
const DATE: u16 = 0x0021;
/// A regular file, `rw-r--r--`.
const ATTRIBUTES: u32 = 0x81a4_0000;
/// The id of the ZIP64 extra field.
const EXTRA64: u16 = 1;
/// From this value on a number is written in a ZIP64 field.
const MAX16: u64 = 0xffff;
const MAX32: u64 = 0xffff_ffff;

/// Whether a file that begins with these bytes is a ZIP file, which only a bundle can be among the things that are read here.
pub fn looks_like_bundle(first: &[u8]) -> bool {
    first.starts_with(LOCAL)
}

/// What a member's two headers say of it; all else in them follows.
#[derive(Debug, Clone, Copy)]
struct Header<'a> {
    name: &'a [u8],
    size: u64,
    crc: u32,
    /// Of the local header.
    offset: u64,
}

impl Header<'_> {
    /// Appends the header that stands before the member's data.
    fn local(&self, out: &mut Vec<u8>) {
        let large = self.size >= MAX32;
        out.extend(LOCAL);
        self.middle(large, if large { 20 } else { 0 }, out);
        out.extend(self.name);
        if large {
            put16(out, EXTRA64);
            put16(out, 16);
            put64(out, self.size);
            put64(out, self.size);
        }
    }

    /// Appends the header in the central directory.
    fn central(&self, out: &mut Vec<u8>) {
        let (large, far) = (self.size >= MAX32, self.offset >= MAX32);
        let values = if large { 16 } else { 0 } + if far { 8 } else { 0 };
        out.extend(CENTRAL);
        put16(out, MADE_BY[usize::from(large || far)]);
        self.middle(large || far, if values > 0 { 4 + values } else { 0 }, out);
        out.extend([0; 6]); // length of the comment, number of the disk, internal attributes
        put32(out, ATTRIBUTES);
        put32(out, saturate32(self.offset));
        out.extend(self.name);
        if values > 0 {
            put16(out, EXTRA64);
            put16(out, values);
        }
        if large {
            put64(out, self.size);
            put64(out, self.size);
        }
        if far {
            put64(out, self.offset);
        }
    }

    /// What both headers have in common: from the version needed to the length of the extra field.
    fn middle(&self, zip64: bool, extra: u16, out: &mut Vec<u8>) {
        put16(out, NEEDED[usize::from(zip64)]);
        out.extend([0; 6]); // flags, method, time
        put16(out, DATE);
        put32(out, self.crc);
        put32(out, saturate32(self.size));
        put32(out, saturate32(self.size));
        put16(out, saturate16(self.name.len() as u64));
        put16(out, extra);
    }
}

/// What the end records say: how many members there are, and where the central directory is.
#[derive(Debug, Clone, Copy, Default)]
struct End {
    count: u64,
    size: u64,
    offset: u64,
}

impl End {
    /// The length of each of the three records.
    const LEN: usize = 22;
    const LEN64: usize = 56;
    const LEN_LOCATOR: usize = 20;

    /// Whether the numbers are, or refer to, ones that only the ZIP64 record can hold.
    const fn is_zip64(&self) -> bool {
        self.count >= MAX16 || self.size >= MAX32 || self.offset >= MAX32
    }

    /// All that follows the central directory.
    fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LEN64 + Self::LEN_LOCATOR + Self::LEN);
        let mut short = self;
        if self.is_zip64() {
            out.extend(END64);
            put64(&mut out, 44); // what remains of this record
            put16(&mut out, MADE_BY[1]);
            put16(&mut out, NEEDED[1]);
            out.extend([0; 8]); // numbers of disks
            put64(&mut out, self.count);
            put64(&mut out, self.count);
            put64(&mut out, self.size);
            put64(&mut out, self.offset);
            out.extend(LOCATOR64);
            put32(&mut out, 0); // number of the disk
            put64(&mut out, self.offset + self.size);
            put32(&mut out, 1); // how many disks
            short = Self { count: MAX16, size: MAX32, offset: MAX32 };
        }
        out.extend(END);
        out.extend([0; 4]); // numbers of disks
        put16(&mut out, saturate16(short.count));
        put16(&mut out, saturate16(short.count));
        put32(&mut out, saturate32(short.size));
        put32(&mut out, saturate32(short.offset));
        put16(&mut out, 0); // length of the comment
        out
    }
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend(value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend(value.to_le_bytes());
}

fn saturate16(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

fn saturate32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
