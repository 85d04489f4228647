//! The items of manifests tiles and packs (format.md, section 7.3): a CBOR sequence in a Zstandard frame, read as a stream.

use std::io::BufRead;

use crate::cbor::Major;
use crate::zstandard::{Frame, FrameError};

/// What is wrong with a frame of items.
pub(crate) enum Fault {
    Frame(FrameError),
    Items(&'static str),
}

impl From<FrameError> for Fault {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

/// The head of an item.
pub(crate) enum Item {
    Null,
    Bytes(u64),
    Array(u64),
}

pub(crate) fn read_item(frame: &mut Frame<impl BufRead>) -> Result<Item, Fault> {
    let byte = |frame: &mut Frame<_>| {
        if frame.left() == 0 {
            return Err(Fault::Items("less than its statements and manifests declare"));
        }
        let mut byte = [0];
        frame.fill(&mut byte)?;
        Ok(byte[0])
    };
    let first = byte(frame)?;
    let (length, least) = match first & 31 {
        short @ 0..24 => (0, u64::from(short)),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        _ if first == NULL => (0, 0),
        _ => return Err(Fault::Items("a head that is not allowed")),
    };
    let mut value = if length == 0 { least } else { 0 };
    for _ in 0..length {
        value = value << 8 | u64::from(byte(frame)?);
    }
    if value < least {
        return Err(Fault::Items("a head that is not the shortest"));
    }
    const BYTES: u8 = Major::Bytes as u8;
    const ARRAY: u8 = Major::Array as u8;
    match first >> 5 {
        _ if first == NULL => Ok(Item::Null),
        BYTES => Ok(Item::Bytes(value)),
        ARRAY => Ok(Item::Array(value)),
        _ => Err(Fault::Items("an item of another type")),
    }
}

/// The simple value null.
pub(crate) const NULL: u8 = 0xf6;

/// Reads the bytes of an item.
pub(crate) fn read_bytes(
    frame: &mut Frame<impl BufRead>,
    length: u64,
    most: u64,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    check_length(frame, length, most)?;
    let length = usize::try_from(length).unwrap_or(0);
    // Fresh memory is zero already, and costs nothing until it is written to.
    if length > out.capacity() {
        *out = vec![0; length]
    } else {
        out.resize(length, 0)
    }
    Ok(frame.fill(out)?)
}

/// Passes over the bytes of an item.
pub(crate) fn skip_bytes(frame: &mut Frame<impl BufRead>, length: u64, most: u64) -> Result<(), Fault> {
    check_length(frame, length, most)?;
    Ok(frame.skip(length)?)
}

fn check_length(frame: &Frame<impl BufRead>, length: u64, most: u64) -> Result<(), Fault> {
    if length > most {
        return Err(Fault::Items("an item that is larger than any may be"));
    }
    if length > frame.left() {
        return Err(Fault::Items("less than its statements and manifests declare"));
    }
    Ok(())
}
