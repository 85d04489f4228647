//! COSE receipts (RFC 9942): the proof that a statement is in the log, as a COSE_Sign1 that a `log` key signs over the log's root.
//!
//! A statement with its receipt is a transparent statement of RFC 9943 (SCITT). They are for others to read: whoever reads archives has a
//! checkpoint and a [`TlogProof`](crate::log::text::TlogProof), which say the same.

use crate::cbor::{self, Major};
use crate::charter::KeyRole;
use crate::key::{PublicKey, SignError, Signer};
use crate::log::proof::InclusionProof;
use crate::log::{TreeHash, TreeHead};
use crate::origin::Origin;
use crate::prove::{ProveError, Prover};
use crate::statement::{SignedStatement, sig_structure};

/// The label of a COSE header for receipts: RFC 9942.
const RECEIPTS: u64 = 394;
/// The label of the sort of log: RFC 9942.
const DATA_STRUCTURE: u64 = 395;
/// The label of its proofs: RFC 9942.
const PROOFS: u64 = 396;
/// `RFC9162_SHA256` among the sorts of logs.
const RFC9162_SHA256: u64 = 1;

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The statement can't be proved.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The signer's key may not sign for the log.
    #[error("the key {} may not sign for the log", .0.fingerprint())]
    Role(Box<PublicKey>),
    /// It couldn't be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A log of one statement: RFC 9942 has no proof without a path.
    #[error("a log of one statement has no receipts")]
    Alone,
}

/// A receipt: a tagged COSE_Sign1 with the log's root as its detached payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    bytes: Box<[u8]>,
}

impl Receipt {
    /// A receipt for the statement with this index, under the archive's checkpoint.
    ///
    /// Nothing is signed but a root that a checkpoint of the same log was signed over before.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn issue(prover: &mut Prover<'_>, index: u64, signer: &dyn Signer) -> Result<Self, ReceiptError> {
        let key = signer.public_key();
        let may = prover.authority().holder(key.as_bytes()).is_some_and(|holder| holder.may(KeyRole::Log));
        if !may {
            return Err(ReceiptError::Role(Box::new(key.clone())));
        }
        let (statement, head) = (prover.statement(index)?, prover.head());
        let proof = prover.proof(index)?.proof;
        if proof.path.is_empty() {
            return Err(ReceiptError::Alone);
        }
        let protected = protected(key, &prover.charter().origin, statement.claimed_subject());
        let message = sig_structure(&protected, head.root().as_bytes());
        let signature = signer.sign(&message)?;
        key.verify(&message, &signature).map_err(|_| SignError::Wrong)?;
        Ok(Self { bytes: assemble(&protected, head, &proof, &signature).into() })
    }

    /// The exact bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The statement with receipts in its unprotected header: a transparent statement of RFC 9943.
///
/// Its id is not that of the statement, which has an empty unprotected header: take the receipts out before it is hashed.
pub fn transparent(statement: &SignedStatement, receipts: &[Receipt]) -> Vec<u8> {
    let mut header = Vec::new();
    cbor::write_head(&mut header, Major::Map, 1);
    cbor::write_head(&mut header, Major::Unsigned, RECEIPTS);
    cbor::write_head(&mut header, Major::Array, receipts.len() as u64);
    receipts.iter().for_each(|receipt| cbor::write_bytes(&mut header, &receipt.bytes));
    statement.with_unprotected(&header)
}

/// The protected header. With label 395 and without label 3 it is that of no statement.
fn protected(key: &PublicKey, origin: &Origin, subject: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    cbor::write_head(&mut out, Major::Map, 4);
    cbor::write_head(&mut out, Major::Unsigned, 1);
    cbor::write_head(&mut out, Major::Negative, 7);
    cbor::write_head(&mut out, Major::Unsigned, 4);
    cbor::write_bytes(&mut out, key.as_bytes());
    cbor::write_head(&mut out, Major::Unsigned, 15);
    cbor::write_head(&mut out, Major::Map, 2);
    cbor::write_head(&mut out, Major::Unsigned, 1);
    cbor::write_text(&mut out, origin.as_str());
    cbor::write_head(&mut out, Major::Unsigned, 2);
    cbor::write_text(&mut out, subject);
    cbor::write_head(&mut out, Major::Unsigned, DATA_STRUCTURE);
    cbor::write_head(&mut out, Major::Unsigned, RFC9162_SHA256);
    out
}

fn assemble(protected: &[u8], head: TreeHead, proof: &InclusionProof, signature: &[u8; 64]) -> Vec<u8> {
    let mut inclusion = Vec::new();
    cbor::write_head(&mut inclusion, Major::Array, 3);
    cbor::write_head(&mut inclusion, Major::Unsigned, head.size());
    cbor::write_head(&mut inclusion, Major::Unsigned, proof.index);
    cbor::write_head(&mut inclusion, Major::Array, proof.path.len() as u64);
    proof.path.iter().map(TreeHash::as_bytes).for_each(|hash| cbor::write_bytes(&mut inclusion, hash));

    let mut out = Vec::with_capacity(inclusion.len() + protected.len() + 96);
    cbor::write_head(&mut out, Major::Tag, 18);
    cbor::write_head(&mut out, Major::Array, 4);
    cbor::write_bytes(&mut out, protected);
    cbor::write_head(&mut out, Major::Map, 1);
    cbor::write_head(&mut out, Major::Unsigned, PROOFS);
    cbor::write_head(&mut out, Major::Map, 1);
    cbor::write_head(&mut out, Major::Negative, 0);
    cbor::write_head(&mut out, Major::Array, 1);
    cbor::write_bytes(&mut out, &inclusion);
    cbor::write_head(&mut out, Major::Simple, 22); // null: the payload is detached
    cbor::write_bytes(&mut out, signature);
    out
}

#[cfg(all(test, feature = "fs", feature = "zstd"))]
mod tests;
