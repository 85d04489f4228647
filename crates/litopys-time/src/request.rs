//! What an authority is asked.

use der::Encode;
use der::asn1::{AnyRef, IntRef, OctetStringRef};
use sha2::{Digest, Sha256};
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::algorithm::SHA256;
use crate::asn1::{MessageImprint, TimeStampReq};
use crate::{Token, TokenFault};

/// A request for a token over the SHA-256 of some bytes: `TimeStampReq`, which asks for the certificates, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    imprint: [u8; 32],
    nonce: Option<Vec<u8>>,
}

impl Request {
    /// A request for a token over these bytes. The nonce, which is random, ties the answer to this request, so that an old one can't stand in for it.
    pub fn of(data: &[u8], nonce: Option<[u8; 8]>) -> Self {
        let nonce = nonce.map(|mut nonce| {
            // An INTEGER in its one form: positive, and without leading zeros.
            nonce[0] = nonce[0] & 0x7f | 0x40;
            nonce.to_vec()
        });
        Self { imprint: Sha256::digest(data).into(), nonce }
    }

    /// The bytes that are sent, as `application/timestamp-query`.
    pub fn to_der(&self) -> Vec<u8> {
        let message = OctetStringRef::new(&self.imprint);
        let nonce = self.nonce.as_deref().map(IntRef::new).transpose();
        let (Ok(message), Ok(nonce)) = (message, nonce) else { return Vec::new() };
        let algorithm = AlgorithmIdentifierRef { oid: SHA256, parameters: Some(AnyRef::NULL) };
        let imprint = MessageImprint { algorithm, message };
        TimeStampReq { version: 1, imprint, nonce, cert_req: true }.to_der().unwrap_or_default()
    }

    /// Checks that a token answers this request: that it is over the same bytes, and has its nonce.
    ///
    /// # Errors
    /// [`TokenFault::OtherImprint`], [`TokenFault::OtherNonce`].
    pub fn answered_by(&self, token: &Token) -> Result<(), TokenFault> {
        if token.imprint() != self.imprint {
            return Err(TokenFault::OtherImprint);
        }
        if self.nonce.as_deref() != token.nonce() { Err(TokenFault::OtherNonce) } else { Ok(()) }
    }
}
