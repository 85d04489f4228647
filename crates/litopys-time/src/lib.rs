//! Timestamps of RFC 3161: asks an authority for one, and verifies its token offline.
//!
//! A token is the word of an authority's clock: these bytes existed before this time. It is an upper bound, no more. What the token says is worth as
//! much as the authority, whose root certificate the caller names.
//!
//! Nothing here opens a connection, reads a clock or makes random bytes: a request's bytes go to the authority by the caller's own way (RFC 3161, section
//! 3.4: HTTP, `application/timestamp-query`), and the moment of judgement is an argument, so that the same verdict can be had later.
//!
//! ```
//! use litopys_time::{Request, Roots, Token, TokenFault};
//!
//! let data = b"example.org/news\n5\n...";
//! let request = Request::of(data, Some([7; 8]));
//! let query: Vec<u8> = request.to_der();
//! // ... what the authority answers:
//! # let answer = b"";
//! let verified = Token::from_response(answer).and_then(|token| {
//!     request.answered_by(&token)?;
//!     token.verify(data, &Roots::none(), 1_790_000_000)
//! });
//! assert!(matches!(verified, Err(TokenFault::Malformed { .. })));
//! ```
//!
//! # What is checked
//!
//! [`Token::verify`] checks the imprint (SHA-256, SHA-384 or SHA-512), the CMS signature over the bytes received (RSA of 2048 to 8192 bits, PKCS#1 v1.5
//! or PSS; ECDSA over P-256 or P-384), that the signer's certificate is the one that the signature names, is for timestamping and nothing else, and leads
//! to a root, and that the whole chain was valid at the token's own time and at the moment of judgement. Revocation is not looked at: that takes a
//! connection.

mod algorithm;
mod asn1;
mod certificate;
mod chain;
mod fault;
mod request;
mod token;

pub use chain::{Roots, RootsError};
pub use fault::{Purpose, TokenFault};
pub use request::Request;
pub use token::{Timestamp, Token};

/// The largest response that is looked at, in bytes: real ones have 1 to 10 KB, with every certificate of the chain.
pub const MAX_RESPONSE: usize = 65_536;
