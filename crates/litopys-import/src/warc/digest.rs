//! Digests that records carry: recomputed, never trusted.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

/// A digest as a record gives it: `sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ`.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) algorithm: Algorithm,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(bytes).to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

impl Claim {
    /// `None` for an algorithm that isn't known.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (algorithm, value) = text.split_once(':')?;
        let algorithm = match algorithm.trim().to_ascii_lowercase().as_str() {
            "md5" => Algorithm::Md5,
            "sha1" | "sha-1" => Algorithm::Sha1,
            "sha256" | "sha-256" => Algorithm::Sha256,
            "sha512" | "sha-512" => Algorithm::Sha512,
            _ => return None,
        };
        Some(Self { algorithm, value: value.trim().trim_end_matches('=').to_owned() })
    }

    /// Whether it is that of these bytes, in base 32 (as most write it), base 16 or base 64.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        let digest = self.algorithm.digest(bytes);
        let value = &self.value;
        [&BASE32_NOPAD, &HEXLOWER].iter().any(|base| base.encode(&digest).eq_ignore_ascii_case(value))
            || [&BASE64_NOPAD, &BASE64URL_NOPAD].iter().any(|base| base.encode(&digest) == *value)
    }
}
