//! The CBOR profile of signed bytes (format.md, section 3): a validator that runs before every typed decode, and the encoder.
//!
//! The only module that walks raw bytes of statements and manifests.

mod list;
mod typed;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use list::list;

use crate::limits;

/// A byte that the profile doesn't allow, or a value of the wrong shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CborError {
    /// Not deterministic CBOR of the profile.
    #[error("not canonical cbor at byte {offset}: {fault}")]
    Canonical {
        /// Where, from the start of the item, in bytes.
        offset: usize,
        /// What is wrong there.
        fault: CborFault,
    },
    /// Canonical, but not of the shape that belongs there.
    #[error("unexpected shape: {0}")]
    Shape(String),
}

/// What breaks the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CborFault {
    /// The bytes end within an item.
    #[error("the bytes end within an item")]
    Truncated,
    /// A head longer than it need be.
    #[error("a head that is not the shortest")]
    LongHead,
    /// An indefinite length or a reserved head.
    #[error("an indefinite length or reserved head")]
    Indefinite,
    /// A float, tag, null, boolean or other simple value.
    #[error("a float, tag or simple value")]
    Type,
    /// An empty string, array or map.
    #[error("an empty string, array or map")]
    Empty,
    /// An integer beyond 2^53.
    #[error("an integer beyond 2^53")]
    Range,
    /// Text that isn't UTF-8.
    #[error("text that is not UTF-8")]
    Utf8,
    /// Map keys out of order, or one twice.
    #[error("map keys that are unsorted or repeated")]
    Order,
    /// A map key of the wrong type.
    #[error("a map key of the wrong type")]
    Key,
    /// Nesting too deep.
    #[error("nesting that is too deep")]
    Depth,
    /// Bytes after the item.
    #[error("bytes after the item")]
    Trailing,
}

/// Major types of RFC 8949, section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Major {
    Unsigned,
    Negative,
    Bytes,
    Text,
    Array,
    Map,
    Tag,
    Simple,
}

/// What map keys an item may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    Text,
    /// Integers: the protected header.
    Integer,
}

/// A cursor over canonical CBOR.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn fault<T>(&self, offset: usize, fault: CborFault) -> Result<T, CborError> {
        Err(CborError::Canonical { offset, fault })
    }

    /// The next head: its major type and argument, in the shortest form.
    pub(crate) fn head(&mut self) -> Result<(Major, u64), CborError> {
        let start = self.at;
        let first = self.take(1, start)?[0];
        let major = match first >> 5 {
            0 => Major::Unsigned,
            1 => Major::Negative,
            2 => Major::Bytes,
            3 => Major::Text,
            4 => Major::Array,
            5 => Major::Map,
            6 => Major::Tag,
            _ => Major::Simple,
        };
        let short = first & 31;
        let (length, least) = match short {
            0..24 => return Ok((major, u64::from(short))),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return self.fault(start, CborFault::Indefinite),
        };
        let value = self.take(length, start)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        if value < least { self.fault(start, CborFault::LongHead) } else { Ok((major, value)) }
    }

    fn take(&mut self, length: u64, start: usize) -> Result<&'a [u8], CborError> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => self.fault(start, CborFault::Truncated),
        }
    }

    /// A head of this major type; its argument.
    pub(crate) fn expect(&mut self, major: Major, what: &str) -> Result<u64, CborError> {
        match self.head()? {
            (found, value) if found == major => Ok(value),
            _ => Err(CborError::Shape(format!("expected {what}"))),
        }
    }

    /// A byte string.
    pub(crate) fn bytes(&mut self, what: &str) -> Result<&'a [u8], CborError> {
        let start = self.at;
        let length = self.expect(Major::Bytes, what)?;
        self.take(length, start)
    }

    /// A byte string of exactly N bytes.
    pub(crate) fn array<const N: usize>(&mut self, what: &str) -> Result<&'a [u8; N], CborError> {
        let bytes = self.bytes(what)?;
        bytes.try_into().map_err(|_| CborError::Shape(format!("expected {what} of {N} bytes")))
    }

    /// A text string.
    pub(crate) fn text(&mut self, what: &str) -> Result<&'a str, CborError> {
        let start = self.at;
        let length = self.expect(Major::Text, what)?;
        self.utf8(length, start)
    }

    /// Passes over a string whose head begins at `start`, if it is text.
    fn pass_text(&mut self, length: u64, start: usize) -> Result<(), CborError> {
        let bytes = self.take(length, start)?;
        // Most of it is, and that is found faster.
        let is_text = bytes.is_ascii() || std::str::from_utf8(bytes).is_ok();
        if is_text { Ok(()) } else { self.fault(start, CborFault::Utf8) }
    }

    /// The text of a string whose head begins at `start`.
    fn utf8(&mut self, length: u64, start: usize) -> Result<&'a str, CborError> {
        let bytes = self.take(length, start)?;
        std::str::from_utf8(bytes).or_else(|_| self.fault(start, CborFault::Utf8))
    }

    /// Passes over an item of a header.
    pub(crate) fn skip(&mut self) -> Result<(), CborError> {
        self.item(Keys::Integer, 1)
    }

    /// That nothing follows.
    pub(crate) fn end(&self) -> Result<(), CborError> {
        if self.at == self.bytes.len() { Ok(()) } else { self.fault(self.at, CborFault::Trailing) }
    }

    fn item(&mut self, keys: Keys, depth: usize) -> Result<(), CborError> {
        let start = self.at;
        let (major, value) = self.head()?;
        match major {
            Major::Unsigned if value > limits::INTEGER => self.fault(start, CborFault::Range),
            Major::Negative if value > limits::INTEGER => self.fault(start, CborFault::Range),
            Major::Negative if keys == Keys::Text => self.fault(start, CborFault::Type),
            Major::Unsigned | Major::Negative => Ok(()),
            Major::Tag | Major::Simple => self.fault(start, CborFault::Type),
            _ if value == 0 => self.fault(start, CborFault::Empty),
            Major::Bytes => self.take(value, start).map(drop),
            Major::Text => self.pass_text(value, start),
            Major::Array | Major::Map if depth == limits::CBOR_DEPTH => self.fault(start, CborFault::Depth),
            Major::Array => (0..value).try_for_each(|_| self.item(keys, depth + 1)),
            Major::Map => {
                let mut last: &[u8] = &[];
                for _ in 0..value {
                    let from = self.at;
                    match (self.head()?, keys) {
                        ((Major::Text, 0), Keys::Text) => return self.fault(from, CborFault::Empty),
                        ((Major::Text, length), Keys::Text) => self.pass_text(length, from)?,
                        ((Major::Unsigned | Major::Negative, value), Keys::Integer) if value > limits::INTEGER => {
                            return self.fault(from, CborFault::Range);
                        }
                        ((Major::Unsigned | Major::Negative, _), Keys::Integer) => {}
                        _ => return self.fault(from, CborFault::Key),
                    }
                    let key = &self.bytes[from..self.at];
                    if !is_before(last, key) {
                        return self.fault(from, CborFault::Order);
                    }
                    last = key;
                    self.item(keys, depth + 1)?;
                }
                Ok(())
            }
        }
    }
}

/// Whether a map's key stands before another in bytewise order. Most differ within the head and the first character.
fn is_before(key: &[u8], next: &[u8]) -> bool {
    match (key.first_chunk::<2>(), next.first_chunk::<2>()) {
        // As numbers: to compare two arrays is a call of memcmp.
        (Some(key), Some(next)) if key != next => u16::from_be_bytes(*key) < u16::from_be_bytes(*next),
        _ => key < next,
    }
}

/// Checks that `bytes` are one item of the profile and nothing more.
pub(crate) fn validate(bytes: &[u8], keys: Keys) -> Result<(), CborError> {
    let mut reader = Reader::new(bytes);
    reader.item(keys, 0)?;
    reader.end()
}

/// Checks that `bytes` are one item of the profile and nothing more, but for what a COSE_Sign1 has besides: a tag before it, and an empty map
/// as the second item of its array, the unprotected header.
pub(crate) fn validate_sign1(bytes: &[u8]) -> Result<(), CborError> {
    let mut reader = Reader::new(bytes);
    if bytes.first().is_some_and(|first| first >> 5 == Major::Tag as u8) {
        reader.head()?;
    }
    let start = reader.at;
    match reader.head()? {
        (Major::Array, count @ 1..) => {
            for nth in 0..count {
                if nth == 1 && reader.bytes.get(reader.at) == Some(&((Major::Map as u8) << 5)) {
                    reader.at += 1;
                } else {
                    reader.item(Keys::Text, 1)?;
                }
            }
        }
        _ => {
            reader.at = start;
            reader.item(Keys::Text, 0)?;
        }
    }
    reader.end()
}

/// Decodes a value from one item of the profile and nothing more.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CborError> {
    validate(bytes, Keys::Text)?;
    let mut reader = Reader::new(bytes);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Encodes a value. The caller's types write their fields in canonical order; what they write is checked all the same.
///
/// # Errors
/// [`CborError`] if the value has an empty string or list in it, or is too large or too deep: no such value is ever signed.
pub(crate) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CborError> {
    let mut bytes = Vec::with_capacity(512);
    ciborium::into_writer(value, &mut bytes).map_err(|error| CborError::Shape(error.to_string()))?;
    validate(&bytes, Keys::Text)?;
    Ok(bytes)
}

/// Writes the shortest head.
pub(crate) fn write_head(out: &mut Vec<u8>, major: Major, value: u64) {
    let first = (major as u8) << 5;
    let bytes = value.to_be_bytes();
    match value {
        0..24 => out.push(first | bytes[7]),
        24..0x100 => out.extend_from_slice(&[first | 24, bytes[7]]),
        0x100..0x1_0000 => {
            out.push(first | 25);
            out.extend_from_slice(&bytes[6..]);
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(first | 26);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(first | 27);
            out.extend_from_slice(&bytes);
        }
    }
}

/// Writes a byte string.
pub(crate) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_head(out, Major::Bytes, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Writes a text string.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    write_head(out, Major::Text, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// A byte string of exactly N bytes, for serde: unlike others it is never read from an array of integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fixed<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de, const N: usize> serde::Deserialize<'de> for Fixed<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<const N: usize>;
        impl<const N: usize> serde::de::Visitor<'_> for Visitor<N> {
            type Value = Fixed<N>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{N} bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                bytes.try_into().map(Fixed).map_err(|_| E::invalid_length(bytes.len(), &self))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

/// A byte string of any length, for serde: it is never read from an array of integers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob(pub(crate) Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Blob {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Blob;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// Serde for the 32-byte names, as byte strings.
macro_rules! serde_as_bytes {
    ($($name:ty, $n:literal, $make:expr);*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(self.as_bytes())
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Fixed::<$n>::deserialize(deserializer).map(|bytes| $make(bytes.0))
            }
        }
    )*};
}
serde_as_bytes!(
    crate::StatementId, 32, crate::StatementId::from_bytes;
    crate::FileDigest, 32, crate::FileDigest::from_bytes
);

#[cfg(test)]
mod tests;
