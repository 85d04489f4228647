//! HTTP messages as archives hold them (RFC 9112): a head, and a body that may be chunked and compressed.
//!
//! Parsed here, and not by httparse, since what is archived is what servers sent: versions such as `HTTP/2`, odd
//! names, folded lines. No header is refused; the few that count are looked up.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use super::head::{number, push_field, read_line};
use super::{Flaw, WarcFault};
use crate::limits;

/// The head of an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpHead {
    pub(crate) status: u16,
    /// Its size, with the empty line that ends it.
    pub(crate) size: usize,
    fields: Vec<(String, String)>,
}

impl HttpHead {
    /// Reads the head of an answer; `None` if it is none, or too long.
    pub(crate) fn read(input: &mut (impl BufRead + ?Sized)) -> io::Result<Option<Self>> {
        let mut raw = Vec::new();
        read_line(input, &mut raw, limits::HTTP_HEAD)?;
        let Some(status) = status(&raw) else { return Ok(None) };
        let mut fields = Vec::new();
        loop {
            let start = raw.len();
            read_line(input, &mut raw, limits::HTTP_HEAD)?;
            let line = raw.get(start..).unwrap_or_default();
            if raw.len() > limits::HTTP_HEAD {
                return Ok(None);
            }
            // The message may end with its head, whole or cut.
            let text = decode(line.trim_ascii_end());
            if text.is_empty() {
                return Ok(Some(Self { status, size: raw.len(), fields }));
            }
            push_field(&mut fields, &text);
        }
    }

    /// A header's first value that isn't empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The codings of a header, in the order in which they were applied.
    fn codings(&self, name: &str) -> Vec<String> {
        let all = self.all(name).flat_map(|value| value.split(','));
        all.map(|coding| coding.trim().to_ascii_lowercase()).filter(|c| !c.is_empty() && c != "identity").collect()
    }
}

/// `HTTP/1.1 200 OK`: the status.
fn status(line: &[u8]) -> Option<u16> {
    let line = decode(line.strip_prefix(b"HTTP/")?);
    let status = line.split_ascii_whitespace().nth(1)?;
    number(status).filter(|_| status.len() == 3).and_then(|status| u16::try_from(status).ok())
}

/// Headers are ASCII; what isn't is UTF-8, or Latin-1 as it once was.
fn decode(line: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(line).map_or_else(|_| encoding_rs::mem::decode_latin1(line), Cow::Borrowed)
}

/// A body without its codings.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Without the transfer coding, where there is one: what some tools make digests of.
    pub(crate) unchunked: Option<Vec<u8>>,
    pub(crate) flaws: Vec<Flaw>,
}

/// Takes the codings off a body.
pub(crate) fn body<'a>(head: &HttpHead, raw: &'a [u8], cut: bool) -> Result<Body<'a>, WarcFault> {
    let mut flaws = Vec::new();
    let mut unchunked = None;
    let transfer = head.codings("Transfer-Encoding");
    let mut codings = head.codings("Content-Encoding");
    if transfer.iter().any(|coding| coding == "chunked") {
        match unchunk(raw) {
            Some((bytes, whole)) => {
                if !whole {
                    flaws.push(Flaw::Chunks);
                }
                unchunked = Some(bytes);
            }
            // Many tools take the chunks apart and leave the header.
            None => flaws.push(Flaw::NotChunked),
        }
    } else if let Some(length) = head.get("Content-Length").and_then(number)
        // Browsers' recorders keep the unpacked body, which is longer.
        && length > raw.len() as u64
        && !cut
    {
        flaws.push(Flaw::Length { said: length, found: raw.len() as u64 });
    }
    codings.extend(transfer.into_iter().filter(|coding| coding != "chunked"));
    if codings.len() > limits::CODINGS {
        return Err(WarcFault::Coding(codings.join(", ")));
    }
    let mut bytes = match &unchunked {
        Some(bytes) => Cow::Owned(bytes.clone()),
        None => Cow::Borrowed(raw),
    };
    for coding in codings.iter().rev() {
        match uncode(coding, &bytes)? {
            Uncoded::Whole(plain) => bytes = Cow::Owned(plain),
            Uncoded::Damaged(plain) => {
                flaws.push(Flaw::Damaged(coding.clone()));
                bytes = Cow::Owned(plain);
            }
            Uncoded::Not => flaws.push(Flaw::NotCoded(coding.clone())),
        }
    }
    Ok(Body { bytes, unchunked, flaws })
}

/// The chunks of a body put together, and whether the last was there; `None` if it isn't chunked.
fn unchunk(raw: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        let line = memchr::memchr(b'\n', rest.get(..rest.len().min(4_096))?);
        let size = line.and_then(|end| chunk_size(rest.get(..end)?));
        let (Some(end), Some(size)) = (line, size) else {
            // The first line tells whether there are chunks at all.
            return if bytes.is_empty() { None } else { Some((bytes, false)) };
        };
        if size == 0 {
            return Some((bytes, true));
        }
        rest = rest.get(end + 1..).unwrap_or_default();
        let Some(chunk) = rest.get(..size) else {
            bytes.extend_from_slice(rest);
            return Some((bytes, false));
        };
        bytes.extend_from_slice(chunk);
        rest = rest.get(size..).unwrap_or_default();
        rest = rest.strip_prefix(b"\r").unwrap_or(rest);
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
}

fn chunk_size(line: &[u8]) -> Option<usize> {
    let size = line.split(|c| *c == b';').next()?.trim_ascii();
    let hex = !size.is_empty() && size.len() <= 15 && size.iter().all(u8::is_ascii_hexdigit);
    std::str::from_utf8(size).ok().filter(|_| hex).and_then(|size| usize::from_str_radix(size, 16).ok())
}

enum Uncoded {
    Whole(Vec<u8>),
    Damaged(Vec<u8>),
    /// It isn't coded so, whatever the header says.
    Not,
}

/// Takes one coding off.
fn uncode(coding: &str, bytes: &[u8]) -> Result<Uncoded, WarcFault> {
    if bytes.is_empty() {
        return Ok(Uncoded::Whole(Vec::new()));
    }
    match coding {
        "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => drain(flate2::read::MultiGzDecoder::new(bytes)),
        "deflate" if is_zlib(bytes) => drain(flate2::read::ZlibDecoder::new(bytes)),
        // What browsers take for it, too: deflate without its wrapping.
        "deflate" => drain(flate2::read::DeflateDecoder::new(bytes)).map(or_not),
        "br" => drain(brotli_decompressor::Decompressor::new(bytes, 1 << 14)).map(or_not),
        "zstd" if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => {
            let mut decoder = zstd::Decoder::new(bytes)?;
            // RFC 9659: the largest window of the content coding.
            decoder.window_log_max(23)?;
            drain(decoder)
        }
        "gzip" | "x-gzip" | "zstd" => Ok(Uncoded::Not),
        other => Err(WarcFault::Coding(other.chars().take(64).collect())),
    }
}

fn or_not(uncoded: Uncoded) -> Uncoded {
    if matches!(&uncoded, Uncoded::Damaged(bytes) if bytes.is_empty()) { Uncoded::Not } else { uncoded }
}

/// RFC 1950, 2.2.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [cmf, flags, ..] if cmf & 15 == 8 && u16::from_be_bytes([*cmf, *flags]) % 31 == 0)
}

/// Unpacks up to what a page may have: a bomb is not worth more.
fn drain(reader: impl Read) -> Result<Uncoded, WarcFault> {
    let mut bytes = Vec::new();
    let read = reader.take(limits::TEXT + 1).read_to_end(&mut bytes);
    if bytes.len() as u64 > limits::TEXT {
        return Err(WarcFault::TooLarge);
    }
    Ok(if read.is_ok() { Uncoded::Whole(bytes) } else { Uncoded::Damaged(bytes) })
}
