//! Bytes laid out for a reader: an offset, the bytes in hex, and what they are.

use std::fmt::Write;

/// Bytes of a line.
const WIDTH: usize = 16;
/// Where the words of a line begin.
const COLUMN: usize = 68;

pub(crate) struct Dump<'a> {
    bytes: &'a [u8],
    at: usize,
    notes: &'a [(&'a str, &'a str)],
    out: String,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

impl<'a> Dump<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, notes: &[], out: String::new() }
    }

    /// The next `len` bytes, in lines, the first of which says what they are.
    fn take(&mut self, depth: usize, len: usize, what: &str) -> &'a [u8] {
        let taken = &self.bytes[self.at..self.at + len];
        for (nth, line) in taken.chunks(WIDTH).enumerate() {
            let spaced: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
            let left = format!("{:>6}  {}{}", self.at + nth * WIDTH, "  ".repeat(depth), spaced.join(" "));
            let what = if nth == 0 { what } else { "" };
            writeln!(self.out, "{}", format!("{left:<COLUMN$}{what}").trim_end()).unwrap();
        }
        self.at += len;
        taken
    }

    /// Some bytes that are not shown.
    fn skip(&mut self, depth: usize, len: usize, what: &str) {
        let left = format!("{:>6}  {}...", self.at, "  ".repeat(depth));
        writeln!(self.out, "{left:<COLUMN$}{what}").unwrap();
        self.at += len;
    }

    fn note(&self, path: &str, what: String) -> String {
        match self.notes.iter().find(|(noted, _)| *noted == path) {
            Some((_, note)) if what.is_empty() => (*note).to_owned(),
            Some((_, note)) => format!("{what}: {note}"),
            None => what,
        }
    }

    /// One CBOR item, and what follows it if there is more.
    pub(crate) fn cbor(bytes: &'a [u8], notes: &'a [(&'a str, &'a str)]) -> String {
        let mut dump = Self { notes, ..Self::new(bytes) };
        dump.item(0, "");
        assert_eq!(dump.at, bytes.len());
        dump.out
    }

    /// The major type, the argument and the length of the head that comes next.
    fn head(&self) -> (u8, u64, usize) {
        let first = self.bytes[self.at];
        let more = match first & 31 {
            0..24 => 0,
            short => 1 << (short - 24),
        };
        let rest = &self.bytes[self.at + 1..self.at + 1 + more];
        let value = rest.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        (first >> 5, if more == 0 { u64::from(first & 31) } else { value }, 1 + more)
    }

    fn item(&mut self, depth: usize, path: &str) {
        let (major, value, head) = self.head();
        let len = usize::try_from(value).unwrap();
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match major {
            0 => drop(self.take(depth, head, &self.note(path, value.to_string()))),
            1 => drop(self.take(depth, head, &self.note(path, format!("-{}", value + 1)))),
            2 => {
                self.take(depth, head, &self.note(path, format!("{value} bytes")));
                if matches!(path, "protected" | "payload") {
                    let end = self.at + len;
                    self.item(depth + 1, path);
                    assert_eq!(self.at, end);
                } else {
                    self.take(depth + 1, len, "");
                }
            }
            3 => {
                let text = str::from_utf8(&self.bytes[self.at + head..self.at + head + len]).unwrap();
                if len < WIDTH {
                    self.take(depth, head + len, &self.note(path, format!("\"{text}\"")));
                } else {
                    self.take(depth, head, &self.note(path, format!("text of {len} bytes")));
                    for (nth, line) in text.as_bytes().chunks(WIDTH).enumerate() {
                        let part = format!("\"{}\"", String::from_utf8_lossy(line));
                        let part = if nth == 0 || text.is_ascii() { part.as_str() } else { "" };
                        self.take(depth + 1, line.len(), part);
                    }
                }
            }
            4 => {
                self.take(depth, head, &self.note(path, format!("an array of {value}")));
                for nth in 0..value {
                    let key = match (path, nth) {
                        ("#", 0) => "protected".to_owned(),
                        ("#", 1) => "unprotected".to_owned(),
                        ("#", 2) => "payload".to_owned(),
                        ("#", _) => "signature".to_owned(),
                        _ => below(&nth.to_string()),
                    };
                    self.item(depth + 1, &key);
                }
            }
            5 if len == 0 => drop(self.take(depth, head, &self.note(path, "{}".to_owned()))),
            5 => {
                // What is in a byte string was named there.
                let noted = if matches!(path, "protected" | "payload") { "" } else { path };
                self.take(depth, head, &self.note(noted, format!("a map of {value}")));
                for _ in 0..len {
                    let (major, value, head) = self.head();
                    let key = match major {
                        0 => value.to_string(),
                        _ => {
                            let len = usize::try_from(value).unwrap();
                            String::from_utf8(self.bytes[self.at + head..self.at + head + len].to_vec()).unwrap()
                        }
                    };
                    self.item(depth + 1, "key");
                    self.item(depth + 2, &below(&key));
                }
            }
            _ => {
                self.take(depth, head, &format!("tag {value}: COSE_Sign1"));
                self.item(depth, "#");
            }
        }
    }

    /// A tile of entries.
    pub(crate) fn entries(bytes: &'a [u8]) -> String {
        let mut dump = Self::new(bytes);
        let mut index = 0;
        while let Some(&[high, low]) = bytes.get(dump.at..).and_then(|rest| rest.first_chunk()) {
            let len = usize::from(u16::from_be_bytes([high, low]));
            dump.take(0, 2, &format!("the length of statement {index}: {len}"));
            dump.take(1, 6, "the statement begins");
            dump.skip(1, len - 6, &format!("its other {} bytes", len - 6));
            index += 1;
        }
        dump.out
    }

    /// A Zstandard frame (RFC 8878, section 3.1.1). Its blocks are not shown in full.
    pub(crate) fn frame(bytes: &'a [u8]) -> String {
        let mut dump = Self::new(bytes);
        dump.take(0, 4, "Magic_Number");
        let descriptor = bytes[4];
        let single = descriptor & 0x20 != 0;
        let segment = if single { "single segment, " } else { "" };
        dump.take(0, 1, &format!("Frame_Header_Descriptor: {segment}checksum, no dictionary"));
        if !single {
            dump.take(0, 1, "Window_Descriptor");
        }
        let width = [1, 2, 4, 8][usize::from(descriptor >> 6)];
        let size = little(&bytes[dump.at..dump.at + width]) + if width == 2 { 256 } else { 0 };
        dump.take(0, width, &format!("Frame_Content_Size: {size}"));
        loop {
            let header = little(&bytes[dump.at..dump.at + 3]);
            let (last, kind, size) = (header & 1 == 1, header >> 1 & 3, usize::try_from(header >> 3).unwrap());
            let name = ["Raw_Block", "RLE_Block", "Compressed_Block"][usize::try_from(kind).unwrap()];
            let len = if kind == 1 { 1 } else { size };
            dump.take(0, 3, &format!("{name} of {len} bytes{}", if last { ", the last" } else { "" }));
            dump.skip(1, len, "its content");
            if last {
                break;
            }
        }
        dump.take(0, 4, "Content_Checksum");
        assert_eq!(dump.at, bytes.len());
        dump.out
    }

    /// A pack, decompressed.
    pub(crate) fn pack(frame: &'a [u8]) -> String {
        let content = zstd::decode_all(frame).unwrap();
        let mut dump = Dump::new(&content);
        let mut index = 0;
        while dump.at < content.len() {
            let (_, count, head) = dump.head();
            dump.take(0, head, &format!("statement {index}: {count} files"));
            for _ in 0..count {
                let (_, len, head) = dump.head();
                dump.take(1, head, &format!("{len} bytes"));
                for line in content[dump.at..][..usize::try_from(len).unwrap()].chunks(WIDTH) {
                    let text = String::from_utf8_lossy(line).replace('\n', "\\n");
                    dump.take(2, line.len(), &format!("\"{text}\""));
                }
            }
            index += 1;
        }
        dump.out
    }

    /// What the base64 of a checkpoint's signature line holds.
    pub(crate) fn signature_line(checkpoint: &str) -> String {
        use base64ct::{Base64, Encoding};
        let encoded = checkpoint.trim_end().rsplit(' ').next().unwrap();
        let bytes = Base64::decode_vec(encoded).unwrap();
        let mut dump = Dump::new(&bytes);
        dump.take(0, 4, "the key id");
        dump.take(0, 64, "the Ed25519 signature over the first three lines");
        assert_eq!(dump.at, bytes.len());
        dump.out
    }

    /// The beginning of a bundle, up to the end of the member whose header is at `last`. Of members' data only the first bytes.
    pub(crate) fn local_headers(bundle: &'a [u8], last: usize) -> String {
        let mut dump = Self::new(bundle);
        while dump.at <= last {
            let size = little(&bundle[dump.at + 18..dump.at + 22]);
            let name = usize::try_from(little(&bundle[dump.at + 26..dump.at + 28])).unwrap();
            dump.take(0, 4, "local header");
            dump.take(1, 2, "version needed: 20");
            dump.take(1, 4, "flags, method: 0, stored as it is");
            dump.take(1, 4, "time 0, date 1980-01-01");
            dump.take(1, 4, "CRC-32 of the data");
            dump.take(1, 8, &format!("size, twice: {size}"));
            dump.take(1, 4, &format!("length of the name: {name}; of the extra field: 0"));
            let text = String::from_utf8_lossy(&bundle[dump.at..dump.at + name]).into_owned();
            dump.take(1, name, &format!("\"{text}\""));
            let size = usize::try_from(size).unwrap();
            let shown = size.min(2 * WIDTH);
            dump.take(0, shown, "the data");
            if size > shown {
                dump.skip(0, size - shown, &format!("its other {} bytes", size - shown));
            }
        }
        dump.out
    }

    /// The first header of the central directory, and the end record.
    pub(crate) fn directory(bundle: &'a [u8]) -> String {
        let end = bundle.len() - 22;
        let start = usize::try_from(little(&bundle[end + 16..end + 20])).unwrap();
        let mut dump = Self { at: start, ..Self::new(bundle) };
        let name = usize::try_from(little(&bundle[start + 28..start + 30])).unwrap();
        dump.take(0, 4, "central header");
        dump.take(1, 4, "made by Unix, 3.0; version needed: 20");
        dump.take(1, 8, "flags, method, time, date, as above");
        dump.take(1, 12, "CRC-32 and sizes, as above");
        dump.take(1, 4, "lengths of the name and the extra field");
        dump.take(1, 6, "no comment, disk 0, internal attributes 0");
        dump.take(1, 4, "external attributes: a regular file, rw-r--r--");
        dump.take(1, 4, "where the local header is");
        dump.take(1, name, "\"mimetype\"");
        dump.skip(0, end - dump.at, "the headers of the other members");
        dump.take(0, 4, "end record");
        dump.take(1, 4, "disks: 0");
        dump.take(1, 4, &format!("how many members, twice: {}", little(&bundle[end + 8..end + 10])));
        dump.take(1, 4, &format!("size of the central directory: {}", end - start));
        dump.take(1, 4, &format!("where it begins: {start}"));
        dump.take(1, 2, "no comment");
        assert_eq!(dump.at, bundle.len());
        dump.out
    }
}
