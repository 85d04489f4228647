//! Names made of hashes: [`StatementId`], [`FileDigest`], [`ArchiveId`]; and [`ArticleUrn`], which is random.
//!
//! They are different types, although all but the last hold 32 bytes: a statement's id is an RFC 6962 leaf hash, a file's
//! digest is plain SHA-256, and neither is ever taken for the other.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// What was wrong with a textual id or digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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

/// Lower-case hex of some bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

fn unhex32(text: &str) -> Result<[u8; 32], ParseIdError> {
    let mut out = [0; 32];
    unhex(text, &mut out).ok_or(ParseIdError::Hex)?;
    Ok(out)
}

fn unhex(text: &str, out: &mut [u8]) -> Option<()> {
    let nibble = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != out.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(())
}

macro_rules! hash_name {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $error:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The id whose 32 bytes these are. It proves nothing about what it names.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Its 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The id with these 64 lower-case hex digits.
            ///
            /// # Errors
            /// [`ParseIdError::Hex`] if they are none.
            pub fn from_hex(text: &str) -> Result<Self, ParseIdError> {
                unhex32(text).map(Self)
            }

            /// Its 64 lower-case hex digits.
            pub fn to_hex(&self) -> String {
                hex(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), hex(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), hex(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                Self::from_hex(text.strip_prefix($prefix).ok_or(ParseIdError::$error)?)
            }
        }
    };
}

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
        crate::pack::digest_of(source, u64::MAX).map(|(_, digest)| digest)
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
        let (a, c, d, e, g) = (hex(&b[..4]), hex(&b[4..6]), hex(&b[6..8]), hex(&b[8..10]), hex(&b[10..]));
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
        let uuid = text.strip_prefix("urn:uuid:").filter(|t| t.len() == 36 && t.is_ascii()).ok_or(ParseIdError::Urn)?;
        let mut bytes = [0; 16];
        let mut digits = String::with_capacity(32);
        for (at, c) in uuid.char_indices() {
            match (c, matches!(at, 8 | 13 | 18 | 23)) {
                ('-', true) => {}
                ('-', false) | (_, true) => return Err(ParseIdError::Urn),
                (c, false) => digits.push(c),
            }
        }
        unhex(&digits, &mut bytes).ok_or(ParseIdError::Urn)?;
        let urn = Self(bytes);
        if Self::from_random(bytes) == urn { Ok(urn) } else { Err(ParseIdError::Urn) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
