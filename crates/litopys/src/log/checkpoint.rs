//! The checkpoint: a C2SP signed note over the log's origin, size and root (format.md, section 7.1).
//!
//! A [`SignedCheckpoint`] is what somebody says; [`SignedCheckpoint::verify`] is the only way to a [`VerifiedCheckpoint`].

use std::fmt;
use std::str;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::{TreeHash, TreeHead};
use crate::Origin;
use crate::key::{PublicKey, SignError, Signer};
use crate::limits::{CHECKPOINT, CHECKPOINT_LINES};

/// Why bytes are no checkpoint: E010, but for [`CheckpointError::Repeated`]. Lines are numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// More than 65,536 bytes.
    #[error("the checkpoint has more than {CHECKPOINT} bytes")]
    TooLarge,
    /// Not three lines, an empty line and signature lines in UTF-8, each ended by LF.
    #[error("the checkpoint is not three lines, an empty line and signature lines")]
    Form,
    /// The first line is no origin.
    #[error("line 1 of the checkpoint is not an origin")]
    Origin,
    /// The second line is not a decimal from 1 to 2^32 without leading zeros.
    #[error("line 2 of the checkpoint is not the size of a log")]
    Size,
    /// The third line is not canonical base64 of 32 bytes.
    #[error("line 3 of the checkpoint is not a root hash")]
    Root,
    /// More than 64 signature lines.
    #[error("the checkpoint has more than {CHECKPOINT_LINES} signature lines")]
    TooManyLines,
    /// A line is not `— <name> <base64>` with a C2SP key name and canonical base64 of more than 4 bytes.
    #[error("line {line} of the checkpoint is not a signature line")]
    Line {
        /// Which line.
        line: usize,
    },
    /// A line's name and key id are those of an earlier line (E014).
    #[error("line {line} of the checkpoint repeats the name and key id of an earlier line")]
    Repeated {
        /// Which line.
        line: usize,
    },
}

/// Why a well-formed checkpoint is not one of the archive that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// It has another origin (E011).
    #[error("the checkpoint is one of {claimed}")]
    OtherOrigin {
        /// The origin that it gives.
        claimed: Origin,
    },
    /// No line has the origin as its name and the key id of a log key (E012).
    #[error("no log key signed the checkpoint")]
    Unsigned,
    /// A line with the origin as its name and the key id of a log key doesn't verify (E013).
    #[error("the log key's signature in line {line} of the checkpoint does not verify")]
    BadSignature {
        /// Which line, from 1.
        line: usize,
    },
}

/// A signature line of a checkpoint: what it claims, verified or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

/// Bytes in the form of a checkpoint, and what they claim. Nothing is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    bytes: Vec<u8>,
    /// How many of them are signed: the three lines.
    text_len: usize,
    origin: Origin,
    head: TreeHead,
    lines: Vec<SignatureLine>,
}

/// A checkpoint of the origin that was asked for, with at least one signature by its log keys, and none of theirs bad.
///
/// That the statements have this root is not said here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    signed: SignedCheckpoint,
    signers: Vec<PublicKey>,
}

/// The id of an Ed25519 key on the lines of a signed note: the first 4 bytes of `SHA-256(name || 0x0a || 0x01 || key)`.
pub fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let hash = Sha256::new().chain_update(name).chain_update(b"\n\x01").chain_update(key.as_bytes()).finalize();
    let [a, b, c, d, ..]: [u8; 32] = hash.into();
    [a, b, c, d]
}

/// Whether this can be the name of a key (C2SP signed-note): not empty, no white space, no control characters, no plus.
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c < ' ' || c == '+')
}

impl SignatureLine {
    pub(super) fn new(name: &str, key_id: [u8; 4], signature: Vec<u8>) -> Self {
        Self { name: name.to_owned(), key_id, signature }
    }

    /// The name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that is said to have signed.
    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    /// What is said to be the signature.
    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Reads a line without its LF; `None` if it is no signature line.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, base64) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        if !is_key_name(name) {
            return None;
        }
        let decoded = Base64::decode_vec(base64).ok()?;
        let (key_id, signature) = decoded.split_first_chunk()?;
        (!signature.is_empty()).then(|| Self { name: name.into(), key_id: *key_id, signature: signature.into() })
    }

    /// Whether this is the signature of `key` over `text`.
    fn is_by(&self, key: &PublicKey, text: &[u8]) -> bool {
        let signature = self.signature.as_slice().try_into();
        signature.is_ok_and(|signature| key.verify(text, signature).is_ok())
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decoded = [self.key_id.as_slice(), &self.signature].concat();
        write!(f, "\u{2014} {} {}", self.name, Base64::encode_string(&decoded))
    }
}

impl SignedCheckpoint {
    /// The number of the first signature line: three lines of text and an empty one go before.
    const FIRST_LINE: usize = 5;

    /// Reads a checkpoint's bytes, which have exactly one form (format.md, section 7.1).
    ///
    /// # Errors
    /// [`CheckpointError`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        if bytes.len() as u64 > CHECKPOINT {
            return Err(CheckpointError::TooLarge);
        }
        let note = str::from_utf8(bytes).map_err(|_| CheckpointError::Form)?;
        let (text, signatures) = note.split_once("\n\n").ok_or(CheckpointError::Form)?;
        let signatures = signatures.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let [origin, size, root] = text.split('\n').collect::<Vec<_>>()[..] else {
            return Err(CheckpointError::Form);
        };
        let origin = origin.parse().map_err(|_| CheckpointError::Origin)?;
        // One spelling each: a number that doesn't print the same has a sign or zeros in front.
        let size = size.parse::<u64>().ok().filter(|n| n.to_string() == size).ok_or(CheckpointError::Size)?;
        let root = Base64::decode_vec(root).ok().and_then(|root| root.try_into().ok()).ok_or(CheckpointError::Root)?;
        let head = TreeHead::new(size, TreeHash::from_bytes(root)).ok_or(CheckpointError::Size)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            text_len: text.len() + 1,
            origin,
            head,
            lines: Self::parse_lines(signatures)?,
        })
    }

    fn parse_lines(signatures: &str) -> Result<Vec<SignatureLine>, CheckpointError> {
        let mut lines: Vec<SignatureLine> = Vec::new();
        for (line, text) in (Self::FIRST_LINE..).zip(signatures.split('\n')) {
            if lines.len() == CHECKPOINT_LINES {
                return Err(CheckpointError::TooManyLines);
            }
            let parsed = SignatureLine::parse(text).ok_or(CheckpointError::Line { line })?;
            if lines.iter().any(|old| (&old.name, old.key_id) == (&parsed.name, parsed.key_id)) {
                return Err(CheckpointError::Repeated { line });
            }
            lines.push(parsed);
        }
        Ok(lines)
    }

    /// Makes and signs a checkpoint. One's own is unverified like any other.
    ///
    /// # Errors
    /// [`SignError`] if the signer fails, or gives a signature that isn't its key's.
    pub fn sign(origin: &Origin, head: TreeHead, signer: &dyn Signer) -> Result<Self, SignError> {
        let text = format!("{origin}\n{}\n{}\n", head.size(), Base64::encode_string(head.root().as_bytes()));
        let key = signer.public_key();
        let signature = signer.sign(text.as_bytes())?;
        key.verify(text.as_bytes(), &signature).map_err(|_| SignError::Wrong)?;
        let name = origin.to_string();
        let line = SignatureLine { key_id: key_id(&name, key), name, signature: signature.into() };
        let bytes = format!("{text}\n{line}\n").into_bytes();
        Ok(Self { bytes, text_len: text.len(), origin: origin.clone(), head, lines: vec![line] })
    }

    /// The verdict, for the archive with this origin, whose charter gives these keys the role `log`.
    ///
    /// A line is ours when its name is the origin and its key id that of a log key. Every line of ours must verify, and there
    /// must be one. Where log keys share a key id, one of them must have signed.
    ///
    /// # Errors
    /// [`CheckpointFault`] with the first thing that is wrong.
    pub fn verify(&self, origin: &Origin, log_keys: &[&PublicKey]) -> Result<VerifiedCheckpoint, CheckpointFault> {
        if self.origin != *origin {
            return Err(CheckpointFault::OtherOrigin { claimed: self.origin.clone() });
        }
        let text = self.text();
        let mut signers = Vec::new();
        for (line, signature) in self.numbered_lines() {
            let named = signature.name == origin.as_str();
            let has_id = |key: &&&PublicKey| named && key_id(origin.as_str(), key) == signature.key_id;
            let mut ours = log_keys.iter().filter(has_id).peekable();
            if ours.peek().is_some() {
                let signer = ours.find(|key| signature.is_by(key, text));
                signers.push(PublicKey::clone(signer.ok_or(CheckpointFault::BadSignature { line })?));
            }
        }
        if signers.is_empty() {
            return Err(CheckpointFault::Unsigned);
        }
        Ok(VerifiedCheckpoint { signed: self.clone(), signers })
    }

    /// Its signature lines, by their numbers.
    pub(super) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &SignatureLine)> {
        (Self::FIRST_LINE..).zip(&self.lines)
    }

    /// The bytes received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text that its signatures are over, and timestamps: the three lines with their LFs.
    pub fn text(&self) -> &[u8] {
        self.bytes.get(..self.text_len).unwrap_or_default()
    }

    /// The origin that it gives.
    pub fn claimed_origin(&self) -> &Origin {
        &self.origin
    }

    /// The size and root that it gives.
    pub fn claimed_head(&self) -> TreeHead {
        self.head
    }

    /// The size that it gives, in statements: 1 to 2^32.
    pub fn claimed_size(&self) -> u64 {
        self.head.size()
    }

    /// The root that it gives.
    pub fn claimed_root(&self) -> TreeHash {
        self.head.root()
    }

    /// Its signature lines: 1 to 64, no two with the same name and key id.
    pub fn lines(&self) -> &[SignatureLine] {
        &self.lines
    }
}

impl VerifiedCheckpoint {
    /// The bytes received.
    pub fn bytes(&self) -> &[u8] {
        &self.signed.bytes
    }

    /// As received.
    pub(crate) const fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// The archive's origin.
    pub fn origin(&self) -> &Origin {
        &self.signed.origin
    }

    /// The log's size and root.
    pub fn head(&self) -> TreeHead {
        self.signed.head
    }

    /// The log's size, in statements: 1 to 2^32.
    pub fn size(&self) -> u64 {
        self.signed.head.size()
    }

    /// The log's root.
    pub fn root(&self) -> TreeHash {
        self.signed.head.root()
    }

    /// The log keys that signed, in the order of their lines: at least one.
    pub fn signers(&self) -> &[PublicKey] {
        &self.signers
    }

    /// How many signature lines bear the log's name and are by keys that may not sign for it (W003). They have no effect.
    pub fn unknown_lines(&self) -> usize {
        let named = self.signed.lines.iter().filter(|line| line.name == self.signed.origin.as_str());
        named.count().saturating_sub(self.signers.len())
    }
}

#[cfg(test)]
mod tests;
