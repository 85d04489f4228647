//! Names made of hashes: [`StatementId`], [`FileDigest`], [`ArchiveId`]; and [`ArticleUrn`], which is random.
//!
//! They are different types, although all but the last hold 32 bytes: a statement's id is an RFC 6962 leaf hash, a file's
//! digest is plain SHA-256, and neither is ever taken for the other.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// What was wrong with a textual id or digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseIdError {
    /// Not 64 lower-case hex digits.
    #[error("expected 64 lower-case hex digits")]
    Hex,
    /// A file digest that doesn't begin `sha256:`.
    #[error("expected sha256: and 64 lower-case hex digits")]
    Prefix,
    /// Not an `urn:uuid:` of version 4 in lower case.
    #[error("expected urn:uuid: and a random (version 4) UUID in lower case")]
    Urn,
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Lower-case hex of some bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    Hex(bytes).to_string()
}

/// Bytes that print as lower-case hex.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for bytes in self.0.chunks(32) {
            let mut digits = [[0; 2]; 32];
            for (pair, b) in digits.iter_mut().zip(bytes) {
                *pair = [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]];
            }
            f.write_str(std::str::from_utf8(digits[..bytes.len()].as_flattened()).unwrap_or_default())?;
        }
        Ok(())
    }
}

pub(crate) fn unhex32(text: &str) -> Result<[u8; 32], ParseIdError> {
    let mut out = [0; 32];
    unhex(text.as_bytes(), &mut out).ok_or(ParseIdError::Hex)?;
    Ok(out)
}

/// The value of each hex digit; more than 15 for what is none.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        nibbles[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    nibbles
};

fn unhex(text: &[u8], out: &mut [u8]) -> Option<()> {
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != out.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        let (high, low) = (NIBBLES[usize::from(*high)], NIBBLES[usize::from(*low)]);
        if high | low > 15 {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(())
}

/// A distinct type of 32 bytes that has one text form, which reads back.
macro_rules! hash_name {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $error:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The hash of these 32 bytes. It proves nothing about what it names.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Its 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The hash with these 64 lower-case hex digits.
            ///
            /// # Errors
            /// [`ParseIdError::Hex`](crate::ParseIdError::Hex) if they are none.
            pub fn from_hex(text: &str) -> Result<Self, $crate::ParseIdError> {
                $crate::digest::unhex32(text).map(Self)
            }

            /// Its 64 lower-case hex digits.
            pub fn to_hex(&self) -> String {
                $crate::digest::hex(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), $crate::digest::Hex(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), $crate::digest::Hex(&self.0))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseIdError;

            fn from_str(text: &str) -> Result<Self, $crate::ParseIdError> {
                Self::from_hex(text.strip_prefix($prefix).ok_or($crate::ParseIdError::$error)?)
            }
        }
    };
}

pub(crate) use hash_name;

hash_name!(
    /// The id of a statement: its RFC 6962 leaf hash, `SHA-256(0x00 || statement)`. Prints as 64 hex digits.
    StatementId, "", Hex
);
hash_name!(
    /// The name of an archive: the id of its charter, statement 0. Prints as 64 hex digits.
    ArchiveId, "", Hex
);
hash_name!(
    /// The plain SHA-256 of a file's or manifest's bytes. Prints as `sha256:` and 64 hex digits.
    FileDigest, "sha256:", Prefix
);

impl StatementId {
    /// The id of a statement with these exact bytes.
    pub fn of(statement: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(statement).finalize().into())
    }
}

impl FileDigest {
    /// The digest of a file with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of all that a stream gives.
    ///
    /// # Errors
    /// Those of the stream.
    pub fn of_stream(source: impl std::io::Read) -> std::io::Result<Self> {
        digest_of(source, u64::MAX).map(|(_, digest)| digest)
    }
}

impl From<StatementId> for ArchiveId {
    fn from(charter: StatementId) -> Self {
        Self(charter.0)
    }
}

impl From<ArchiveId> for StatementId {
    fn from(archive: ArchiveId) -> Self {
        Self(archive.0)
    }
}

/// The name of an article: `urn:uuid:` and a random UUID (RFC 9562, version 4), the same in all its versions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleUrn([u8; 16]);

impl ArticleUrn {
    /// A URN of 16 random bytes; six bits are overwritten with the UUID's version and variant.
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }

    /// The UUID's 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ArticleUrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let b = &self.0;
        let (a, c, d, e, g) = (Hex(&b[..4]), Hex(&b[4..6]), Hex(&b[6..8]), Hex(&b[8..10]), Hex(&b[10..]));
        write!(f, "urn:uuid:{a}-{c}-{d}-{e}-{g}")
    }
}

impl fmt::Debug for ArticleUrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArticleUrn({self})")
    }
}

impl FromStr for ArticleUrn {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let uuid = text.strip_prefix("urn:uuid:").map(str::as_bytes).filter(|uuid| uuid.len() == 36);
        let (mut rest, mut bytes) = (uuid.ok_or(ParseIdError::Urn)?, [0; 16]);
        for part in [0..4, 4..6, 6..8, 8..10, 10..16] {
            if part.start > 0 {
                rest = rest.strip_prefix(b"-").ok_or(ParseIdError::Urn)?;
            }
            let digits = rest.split_off(..2 * part.len()).ok_or(ParseIdError::Urn)?;
            unhex(digits, &mut bytes[part]).ok_or(ParseIdError::Urn)?;
        }
        let urn = Self(bytes);
        if Self::from_random(bytes) == urn { Ok(urn) } else { Err(ParseIdError::Urn) }
    }
}

/// Hashes a whole stream: its size in bytes and SHA-256, or the size reached beyond `most`.
pub(crate) fn digest_of(mut source: impl Read, most: u64) -> io::Result<(u64, FileDigest)> {
    let mut buffer = vec![0; 256 << 10];
    let (mut hash, mut size) = (Sha256::new(), 0u64);
    loop {
        let read = match source.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        size += read as u64;
        if read == 0 || size > most {
            return Ok((size, FileDigest::from_bytes(hash.finalize().into())));
        }
        hash.update(&buffer[..read]);
    }
}

#[cfg(test)]
mod tests {
    use std::hash::Hash;

    use super::*;
    use crate::TreeHash;

    #[test]
    fn names_are_keys_of_maps_and_have_a_text() {
        fn name<T: Copy + Ord + Hash + fmt::Debug + fmt::Display + FromStr<Err = ParseIdError>>() {}
        name::<StatementId>();
        name::<ArchiveId>();
        name::<FileDigest>();
        name::<TreeHash>();
        name::<ArticleUrn>();
        fn key<T: Clone + Eq + Hash + fmt::Debug>() {}
        key::<crate::PublicKey>();
    }

    #[test]
    fn an_id_is_the_rfc_6962_leaf_hash_and_a_digest_is_plain_sha256() {
        // RFC 6962's hash of an empty leaf, and SHA-256 of nothing.
        assert_eq!(
            StatementId::of(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            FileDigest::of(b"").to_string(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn text_forms_read_back_and_nothing_else_does() {
        let digest = FileDigest::of(b"x");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(digest.to_hex().parse::<FileDigest>(), Err(ParseIdError::Prefix));
        let id = StatementId::of(b"x");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse::<StatementId>(), Err(ParseIdError::Hex));
        assert_eq!(id.to_string()[1..].parse::<StatementId>(), Err(ParseIdError::Hex));
        assert_eq!(format!("{id}0").parse::<StatementId>(), Err(ParseIdError::Hex));
        assert_eq!(format!("{id}00").parse::<StatementId>(), Err(ParseIdError::Hex));
        let root = TreeHash::from(id);
        assert_eq!((root.to_string().parse(), TreeHash::from_hex(&root.to_hex())), (Ok(root), Ok(root)));
        let urn = ArticleUrn::from_random([0xff; 16]);
        assert_eq!(urn.to_string(), "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(urn.to_string().parse(), Ok(urn));
        for bad in [
            "ffffffff-ffff-4fff-bfff-ffffffffffff",
            "urn:uuid:ffffffff-ffff-1fff-bfff-ffffffffffff",
            "urn:uuid:ffffffff-ffff-4fff-cfff-ffffffffffff",
            "urn:uuid:FFFFFFFF-ffff-4fff-bfff-ffffffffffff",
            "urn:uuid:fffffffff-fff-4fff-bfff-ffffffffffff",
            "urn:uuid:ffffffff-ffff-4fff-bfff-fffffffffffff",
        ] {
            assert_eq!(bad.parse::<ArticleUrn>(), Err(ParseIdError::Urn), "{bad}");
        }
    }

    /// Interrupted before each byte.
    struct Interrupted(Vec<u8>, bool);

    impl Read for Interrupted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let Some(byte) = self.0.pop() else { return Ok(0) };
            buffer[0] = byte;
            Ok(1)
        }
    }

    #[test]
    fn a_stream_is_hashed_to_its_end_and_no_further_than_asked() {
        assert_eq!(FileDigest::of_stream(Interrupted(b"cba".to_vec(), false)).unwrap(), FileDigest::of(b"abc"));
        assert_eq!(digest_of(&b"abc"[..], 3).unwrap(), (3, FileDigest::of(b"abc")));
        assert!(digest_of(io::repeat(7), 1 << 20).unwrap().0 > 1 << 20);
    }
}
