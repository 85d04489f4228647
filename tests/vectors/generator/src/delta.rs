//! A bundle as a list of pieces: stretches of another bundle, and bytes of its own. Most vectors differ from a good archive in some hundred
//! bytes, and 900 bundles would be five megabytes.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::archive::hex;

/// One piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// So many bytes of the base, from this offset on.
    Copy(usize, usize),
    /// These bytes, so many times.
    Own(Vec<u8>, usize),
}

/// Matches shorter than this are not worth a piece.
const LEAST: usize = 12;
/// Places of the base that are looked at for a match.
const PLACES: usize = 16;
/// One byte that stands there so often is a piece of its own.
const RUN: usize = 64;

/// A bundle that others are made from.
pub(crate) struct Base<'a> {
    bytes: &'a [u8],
    places: HashMap<&'a [u8], Vec<usize>>,
}

impl<'a> Base<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut places: HashMap<_, Vec<_>> = HashMap::new();
        for (at, window) in bytes.windows(LEAST).enumerate() {
            let known = places.entry(window).or_default();
            if known.len() < PLACES {
                known.push(at);
            }
        }
        Self { bytes, places }
    }

    /// The longest stretch of the base with which `rest` begins.
    fn longest(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let places = self.places.get(rest.get(..LEAST)?)?;
        let length = |at: usize| self.bytes[at..].iter().zip(rest).take_while(|(a, b)| a == b).count();
        places.iter().map(|at| (*at, length(*at))).max_by_key(|(at, length)| (*length, std::cmp::Reverse(*at)))
    }

    /// The pieces that give `target`.
    pub(crate) fn pieces(&self, target: &[u8]) -> Vec<Piece> {
        let (mut pieces, mut own, mut at) = (Vec::new(), Vec::new(), 0);
        while at < target.len() {
            let rest = &target[at..];
            let run = rest.iter().take_while(|byte| **byte == rest[0]).count();
            let found = match self.longest(rest) {
                Some((from, length)) if length >= run => Some((Piece::Copy(from, length), length)),
                _ if run >= RUN => Some((Piece::Own(vec![rest[0]], run), run)),
                _ => None,
            };
            let Some((piece, length)) = found else {
                own.push(rest[0]);
                at += 1;
                continue;
            };
            if !own.is_empty() {
                pieces.push(Piece::Own(std::mem::take(&mut own), 1));
            }
            pieces.push(piece);
            at += length;
        }
        if !own.is_empty() {
            pieces.push(Piece::Own(own, 1));
        }
        pieces
    }
}

/// The bytes that the pieces give.
pub(crate) fn join(base: &[u8], pieces: &[Piece]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Copy(at, length) => out.extend(&base[*at..*at + *length]),
            Piece::Own(bytes, times) => out.extend(bytes.repeat(*times)),
        }
    }
    out
}

pub(crate) fn to_json(pieces: &[Piece]) -> Value {
    let piece = |piece: &Piece| match piece {
        Piece::Copy(at, length) => json!([at, length]),
        Piece::Own(bytes, times) => json!([hex(bytes), times]),
    };
    pieces.iter().map(piece).collect::<Vec<_>>().into()
}

pub(crate) fn from_json(value: &Value) -> Option<Vec<Piece>> {
    let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
    let piece = |value: &Value| match &value.as_array()?[..] {
        [Value::String(text), times] => Some(Piece::Own(unhex(text)?, number(times)?)),
        [at, length] => Some(Piece::Copy(number(at)?, number(length)?)),
        _ => None,
    };
    value.as_array()?.iter().map(piece).collect()
}

/// The bytes of a hex text.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte = |n: usize| u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok();
    (0..text.len().div_ceil(2)).map(byte).collect()
}
