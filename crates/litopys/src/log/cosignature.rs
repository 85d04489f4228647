//! Cosignatures of witnesses (C2SP tlog-cosignature, the Ed25519 type): that a witness saw this checkpoint, consistent with all that it saw of
//! this log before, and nothing newer (format.md, section 7.5).

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::checkpoint::{CheckpointError, SignatureLine, SignedCheckpoint, is_key_name};
use crate::digest::hex;
use crate::key::{PublicKey, SignError, Signer};
use crate::limits;

/// The type of Ed25519 cosignatures in key ids and verifier keys (C2SP signed-note).
const TYPE: u8 = 0x04;
/// The latest time that a cosignature can have: 2^63 - 1.
const LATEST: u64 = i64::MAX as u64;

/// Why a text is no witness's verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessKeyError {
    /// Not `<name>+<8 hex digits>+<base64>`.
    #[error("not a verifier key of the form name+hash+base64")]
    Form,
    /// The name is no key name of a signed note, or too long.
    #[error("the name of a witness has 1 to {} characters, no white space and no plus", limits::ORIGIN)]
    Name,
    /// A key of another type than Ed25519 cosignatures: that of a log, or one for ML-DSA.
    #[error("a verifier key of type {0:#04x} instead of 0x04, cosignatures with ed25519")]
    Type(u8),
    /// The 8 hex digits are not the id of this name and key.
    #[error("the key id is not that of the name and the key")]
    KeyId,
    /// The key is no acceptable Ed25519 key.
    #[error("not an acceptable ed25519 public key")]
    Key,
}

/// A line that should be a witness's cosignature isn't one over this checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cosignature in line {line} of the checkpoint does not verify")]
pub struct BadCosignature {
    /// Which line, from 1.
    pub line: usize,
}

/// A witness: its name and its Ed25519 key. Prints as C2SP's verifier key, `name+hash+base64`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WitnessKey {
    name: String,
    key: PublicKey,
}

impl WitnessKey {
    /// The witness of this name with this key. C2SP recommends a URL without scheme as the name.
    ///
    /// # Errors
    /// [`WitnessKeyError::Name`] unless it is 1 to 255 bytes without white space, control characters and plus.
    pub fn new(name: impl Into<String>, key: PublicKey) -> Result<Self, WitnessKeyError> {
        let name = name.into();
        let good = is_key_name(&name) && name.len() <= limits::ORIGIN;
        if good { Ok(Self { name, key }) } else { Err(WitnessKeyError::Name) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its key.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Its id on signature lines: the first 4 bytes of `SHA-256(name || 0x0a || 0x04 || key)`.
    pub fn key_id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update([b'\n', TYPE]);
        let [a, b, c, d, ..]: [u8; 32] = hash.chain_update(self.key.as_bytes()).finalize().into();
        [a, b, c, d]
    }

    /// Whether a line claims to be its.
    fn claims(&self, line: &SignatureLine) -> bool {
        line.name() == self.name && line.key_id() == self.key_id()
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[TYPE], &self.key.as_bytes()[..]].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.key_id()), Base64::encode_string(&typed))
    }
}

impl FromStr for WitnessKey {
    type Err = WitnessKeyError;

    fn from_str(text: &str) -> Result<Self, WitnessKeyError> {
        // Base64 may have a plus in it, too.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(base64)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(WitnessKeyError::Form);
        };
        let typed = Base64::decode_vec(base64).map_err(|_| WitnessKeyError::Form)?;
        let (kind, key) = typed.split_first().ok_or(WitnessKeyError::Form)?;
        if *kind != TYPE {
            return Err(WitnessKeyError::Type(*kind));
        }
        let key = key.try_into().map_err(|_| WitnessKeyError::Key)?;
        let witness = Self::new(name, PublicKey::from_bytes(key).map_err(|_| WitnessKeyError::Key)?)?;
        if hex(&witness.key_id()) == id { Ok(witness) } else { Err(WitnessKeyError::KeyId) }
    }
}

/// What a witness signs: a header, its time, and the checkpoint's text.
fn message(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

impl SignatureLine {
    /// A witness's cosignature: the time, in seconds since 1970, if it verifies.
    fn cosigned(&self, witness: &WitnessKey, text: &[u8]) -> Option<u64> {
        let (time, signature) = self.signature().split_first_chunk::<8>()?;
        let (time, signature) = (u64::from_be_bytes(*time), signature.try_into().ok()?);
        witness.key().verify(&message(time, text), signature).ok()?;
        (time <= LATEST).then_some(time)
    }
}

impl SignedCheckpoint {
    /// Signs a cosignature over it, as the witness of this name with the signer's key, at this time in seconds since 1970.
    ///
    /// Whether the witness should is its own question: a cosignature says that it saw nothing of this log that contradicts this, and nothing newer.
    ///
    /// # Errors
    /// [`SignError`] if the signer fails, or gives a signature that isn't its key's.
    pub fn cosign(&self, witness: &WitnessKey, time: u64, signer: &dyn Signer) -> Result<SignatureLine, SignError> {
        let message = message(time, self.text());
        let signature = signer.sign(&message)?;
        witness.key().verify(&message, &signature).map_err(|_| SignError::Wrong)?;
        let signature = [&time.to_be_bytes()[..], &signature].concat();
        Ok(SignatureLine::new(witness.name(), witness.key_id(), signature))
    }

    /// The line that claims to be this witness's, and its number from 1. A witness that has the log's own name is none.
    pub(crate) fn claimed_by(&self, witness: &WitnessKey) -> Option<(usize, &SignatureLine)> {
        let is_other = witness.name() != self.claimed_origin().as_str();
        self.numbered_lines().find(|(_, line)| is_other && witness.claims(line))
    }

    /// What this witness says of it: the time of its cosignature, in seconds since 1970; `None` if no line claims to be its. A witness that has the
    /// log's own name is none.
    ///
    /// # Errors
    /// [`BadCosignature`] if a line claims to be its and doesn't verify.
    pub fn cosigned_by(&self, witness: &WitnessKey) -> Result<Option<u64>, BadCosignature> {
        let Some((line, found)) = self.claimed_by(witness) else { return Ok(None) };
        found.cosigned(witness, self.text()).map(Some).ok_or(BadCosignature { line })
    }

    /// The same checkpoint with further lines behind its own. A line with the name and key id of one that is there takes its place.
    ///
    /// # Errors
    /// [`CheckpointError`] if that is more than a checkpoint can hold.
    pub fn with_lines(&self, lines: &[SignatureLine]) -> Result<Self, CheckpointError> {
        let same = |a: &SignatureLine, b: &SignatureLine| (a.name(), a.key_id()) == (b.name(), b.key_id());
        let mut all: Vec<_> = self.lines().iter().filter(|old| !lines.iter().any(|new| same(old, new))).collect();
        all.extend(lines);
        let text = String::from_utf8_lossy(self.text());
        let note = all.iter().fold(format!("{text}\n"), |note, line| format!("{note}{line}\n"));
        Self::parse(note.as_bytes())
    }
}

#[cfg(test)]
mod tests;
