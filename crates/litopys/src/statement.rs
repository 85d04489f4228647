//! Log entries: COSE_Sign1 (RFC 9052) shaped as SCITT signed statements (RFC 9943); format.md, section 4.
//!
//! [`SignedStatement`] is what came from outside, [`VerifiedStatement`] what came through [`SignedStatement::verify`], the only door.

pub use crate::payload::{ArticleVersion, ManifestRef, Payload, PayloadError};

use crate::cbor::{self, CborError, Keys, Major, Reader};
use crate::charter::{Charter, CharterError};
use crate::governance::{KeysStatement, VoidStatement};
use crate::key::{BadSignature, KeyError, PublicKey, SignError, Signer};
use crate::observation::Observation;
use crate::origin::Origin;
use crate::payload::{ARTICLE, CHARTER, KEYS, OBSERVATION, VOID, WITHDRAWAL};
use crate::withdrawal::Withdrawal;
use crate::{StatementId, limits};

/// Why bytes are no statement, or one that doesn't verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// Not canonical CBOR.
    #[error("the statement: {0}")]
    Cbor(CborError),
    /// Not the shape of a statement: tag, header, lengths.
    #[error("not shaped as a statement: {0}")]
    Shape(&'static str),
    /// A signature algorithm that this version doesn't know.
    #[error("signature algorithm {0} is unknown")]
    UnknownAlgorithm(i64),
    /// A kind of statement that this version doesn't know.
    #[error("statements of type {0} are unknown")]
    UnknownKind(String),
    /// The payload is not what its kind asks for.
    #[error("the payload: {0}")]
    Payload(PayloadError),
    /// The key is none that a signature may be judged by.
    #[error("the signer's key: {0}")]
    Key(KeyError),
    /// The signature is not the key's.
    #[error(transparent)]
    Signature(#[from] BadSignature),
}

/// The parts of a statement, as received.
struct Parts<'a> {
    kid: &'a [u8; 32],
    content_type: &'a str,
    iss: &'a str,
    sub: &'a str,
    protected: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8; 64],
}

impl<'a> Parts<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, StatementError> {
        use StatementError::{Cbor, Shape};
        if bytes.len() > limits::STATEMENT {
            return Err(Shape("more than 65,535 bytes"));
        }
        cbor::validate_sign1(bytes).map_err(Cbor)?;
        let label = |reader: &mut Reader<'a>, major, value, what| match reader.expect(major, what) {
            Ok(found) if found == value => Ok(()),
            _ => Err(Shape(what)),
        };
        let mut outer = Reader::new(bytes);
        label(&mut outer, Major::Tag, 18, "the tag of a COSE_Sign1")?;
        label(&mut outer, Major::Array, 4, "an array of four")?;
        let protected = outer.bytes("").map_err(|_| Shape("a protected header"))?;
        label(&mut outer, Major::Map, 0, "an empty unprotected header")?;
        let payload = outer.bytes("").map_err(|_| Shape("a payload"))?;
        let signature = outer.bytes("").map_err(|_| Shape("a signature"))?;

        cbor::validate(protected, Keys::Integer).map_err(Cbor)?;
        let algorithm = algorithm(protected)?;
        if !matches!(algorithm, -8 | -19) {
            return Err(StatementError::UnknownAlgorithm(algorithm));
        }
        let mut header = Reader::new(protected);
        label(&mut header, Major::Map, 4, "a protected header of four labels")?;
        label(&mut header, Major::Unsigned, 1, "label 1, the algorithm")?;
        header.skip().map_err(Cbor)?;
        let signature = signature.try_into().map_err(|_| Shape("a signature of 64 bytes"))?;
        label(&mut header, Major::Unsigned, 3, "label 3, the content type")?;
        let content_type = header.text("").map_err(|_| Shape("a content type"))?;
        label(&mut header, Major::Unsigned, 4, "label 4, the key id")?;
        let kid = header.array("").map_err(|_| Shape("a key id of 32 bytes"))?;
        label(&mut header, Major::Unsigned, 15, "label 15, the CWT claims")?;
        label(&mut header, Major::Map, 2, "two CWT claims")?;
        label(&mut header, Major::Unsigned, 1, "claim 1, the issuer")?;
        let iss = header.text("").ok().filter(|iss| Origin::is_one(iss)).ok_or(Shape("an origin as issuer"))?;
        label(&mut header, Major::Unsigned, 2, "claim 2, the subject")?;
        let sub = header.text("").map_err(|_| Shape("a subject"))?;
        Ok(Self { kid, content_type, iss, sub, protected, payload, signature })
    }
}

/// The algorithm that a canonical header names, whatever else stands in it.
fn algorithm(protected: &[u8]) -> Result<i64, StatementError> {
    use StatementError::{Cbor, Shape};
    let mut header = Reader::new(protected);
    let labels = header.expect(Major::Map, "").map_err(|_| Shape("a protected header of four labels"))?;
    for _ in 0..labels {
        if header.head().map_err(Cbor)? != (Major::Unsigned, 1) {
            header.skip().map_err(Cbor)?;
            continue;
        }
        let (major, value) = header.head().map_err(Cbor)?;
        return match (major, i64::try_from(value)) {
            (Major::Negative, Ok(value)) => Ok(-1 - value),
            (Major::Unsigned, Ok(value)) => Ok(value),
            _ => Err(Shape("an algorithm")),
        };
    }
    Err(Shape("label 1, the algorithm"))
}

impl Payload {
    /// Decodes the payload of any kind but a charter.
    pub(crate) fn decode(content_type: &str, iss: &str, sub: &str, payload: &[u8]) -> Result<Self, StatementError> {
        let malformed = StatementError::Payload;
        let article = || sub.parse().map_err(|_| StatementError::Shape("the URN of an article as subject"));
        match content_type {
            ARTICLE => Ok(Self::Article(ArticleVersion::decode(article()?, payload).map_err(malformed)?)),
            OBSERVATION => {
                let observation = Observation::decode(article()?, payload).map_err(malformed)?;
                Ok(Self::Observation(Box::new(observation)))
            }
            KEYS | VOID | WITHDRAWAL if sub != iss => Err(StatementError::Shape("the origin as subject")),
            KEYS => Ok(Self::Keys(Box::new(KeysStatement::decode(payload).map_err(malformed)?))),
            VOID => Ok(Self::Void(Box::new(VoidStatement::decode(payload).map_err(malformed)?))),
            WITHDRAWAL => Ok(Self::Withdrawal(Box::new(Withdrawal::decode(payload).map_err(malformed)?))),
            other if other != CHARTER && is_kind(other) => Err(StatementError::UnknownKind(other.to_owned())),
            _ => Err(StatementError::Shape("a content type of this format")),
        }
    }
}

/// Whether this is the content type of some kind of statement, of this version of the format or another.
fn is_kind(content_type: &str) -> bool {
    let kind = content_type.strip_prefix("application/vnd.litopys.").and_then(|rest| rest.strip_suffix("+cbor"));
    let allowed = |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    kind.is_some_and(|kind| !kind.is_empty() && kind.bytes().all(allowed))
}

/// The bytes that are signed: the `Sig_structure` of RFC 9052, section 4.4, without external data.
pub(crate) fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(protected.len() + payload.len() + 24);
    cbor::write_head(&mut out, Major::Array, 4);
    cbor::write_text(&mut out, "Signature1");
    cbor::write_bytes(&mut out, protected);
    cbor::write_bytes(&mut out, b"");
    cbor::write_bytes(&mut out, payload);
    out
}

/// A statement's exact bytes, of which nothing is known but that they are shaped as one. What it says is claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    bytes: Box<[u8]>,
}

impl SignedStatement {
    /// Takes a statement's bytes.
    ///
    /// # Errors
    /// [`StatementError`] if they are not shaped as one.
    pub fn parse(bytes: impl Into<Box<[u8]>>) -> Result<Self, StatementError> {
        let bytes = bytes.into();
        Parts::parse(&bytes)?;
        Ok(Self { bytes })
    }

    /// The exact bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its id: the hash of its exact bytes.
    pub fn id(&self) -> StatementId {
        StatementId::of(&self.bytes)
    }

    /// What it says to be about: `sub` of its header.
    pub fn claimed_subject(&self) -> &str {
        Parts::parse(&self.bytes).map_or("", |parts| parts.sub)
    }

    /// Its bytes with this map as unprotected header, which no signature is over. They are no statement of an archive.
    pub(crate) fn with_unprotected(&self, header: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + header.len());
        let Ok(parts) = Parts::parse(&self.bytes) else { return out };
        cbor::write_head(&mut out, Major::Tag, 18);
        cbor::write_head(&mut out, Major::Array, 4);
        cbor::write_bytes(&mut out, parts.protected);
        out.extend(header);
        cbor::write_bytes(&mut out, parts.payload);
        cbor::write_bytes(&mut out, parts.signature);
        out
    }

    /// Checks its signature with the key that it names, and decodes its payload. Whether that key had the right to sign is the
    /// ledger's question.
    ///
    /// # Errors
    /// [`StatementError`].
    pub fn verify(&self) -> Result<VerifiedStatement, StatementError> {
        VerifiedStatement::verify(&self.bytes, &mut KeyCache::default())
    }
}

/// Keys that were decoded before: decompressing a point costs a fifth of a signature check.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyCache(Vec<PublicKey>);

impl KeyCache {
    pub(crate) fn new(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self(keys.into_iter().collect())
    }

    fn get(&mut self, bytes: &[u8; 32]) -> Result<&PublicKey, KeyError> {
        let at = match self.0.iter().position(|key| key.as_bytes() == bytes) {
            Some(at) => at,
            None => {
                // As many as a charter has, so that a log of strangers' keys costs no memory.
                self.0.truncate(limits::CHARTER_KEYS);
                self.0.push(PublicKey::from_bytes(bytes)?);
                self.0.len() - 1
            }
        };
        self.0.get(at).ok_or(KeyError::Unacceptable)
    }
}

/// A statement whose bytes were decoded and whose signature was checked with the key that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedStatement {
    id: StatementId,
    key: [u8; 32],
    iss: Box<str>,
    payload: Payload,
}

impl VerifiedStatement {
    pub(crate) fn verify(bytes: &[u8], keys: &mut KeyCache) -> Result<Self, StatementError> {
        let parts = Parts::parse(bytes)?;
        let key = keys.get(parts.kid).map_err(StatementError::Key)?;
        key.verify(&sig_structure(parts.protected, parts.payload), parts.signature)?;
        Self::decode(bytes, &parts)
    }

    /// Decodes without a look at the signature: only for statements under a root that was verified before. That of an unknown kind is looked at: where it is bad,
    /// nobody said anything unknown.
    pub(crate) fn resume(bytes: &[u8]) -> Result<Self, StatementError> {
        match Self::decode(bytes, &Parts::parse(bytes)?) {
            Err(StatementError::UnknownKind(_)) => Self::verify(bytes, &mut KeyCache::default()),
            decoded => decoded,
        }
    }

    fn decode(bytes: &[u8], parts: &Parts<'_>) -> Result<Self, StatementError> {
        let malformed = |error: CharterError| StatementError::Payload(error.into());
        let payload = match parts.content_type {
            CHARTER => {
                let charter = Charter::decode(parts.payload).map_err(malformed)?;
                charter.check_signer(parts.kid).map_err(malformed)?;
                if parts.iss != charter.origin.as_str() || parts.sub != parts.iss {
                    return Err(malformed(CharterError::Origin));
                }
                Payload::Charter(Box::new(charter))
            }
            other => Payload::decode(other, parts.iss, parts.sub, parts.payload)?,
        };
        Ok(Self { id: StatementId::of(bytes), key: *parts.kid, iss: parts.iss.into(), payload })
    }

    /// Its id.
    pub const fn id(&self) -> StatementId {
        self.id
    }

    /// The 32 bytes of the key that signed it.
    pub const fn signer(&self) -> &[u8; 32] {
        &self.key
    }

    /// The origin that it was signed for.
    pub fn issuer(&self) -> &str {
        &self.iss
    }

    /// What it says.
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }
}

/// A statement that waits for its signature: signing in two steps, for agents, devices and machines apart.
#[derive(Debug, Clone)]
pub struct Pending {
    key: PublicKey,
    protected: Vec<u8>,
    payload: Vec<u8>,
}

impl Pending {
    /// A statement by this key for the archive with this origin.
    ///
    /// # Errors
    /// [`PayloadError`] if the payload breaks its own rules.
    pub fn new(key: PublicKey, origin: &Origin, payload: &Payload) -> Result<Self, PayloadError> {
        let sub = payload.subject(origin);
        let mut protected = Vec::with_capacity(160);
        cbor::write_head(&mut protected, Major::Map, 4);
        cbor::write_head(&mut protected, Major::Unsigned, 1);
        cbor::write_head(&mut protected, Major::Negative, 7);
        cbor::write_head(&mut protected, Major::Unsigned, 3);
        cbor::write_text(&mut protected, payload.content_type());
        cbor::write_head(&mut protected, Major::Unsigned, 4);
        cbor::write_bytes(&mut protected, key.as_bytes());
        cbor::write_head(&mut protected, Major::Unsigned, 15);
        cbor::write_head(&mut protected, Major::Map, 2);
        cbor::write_head(&mut protected, Major::Unsigned, 1);
        cbor::write_text(&mut protected, origin.as_str());
        cbor::write_head(&mut protected, Major::Unsigned, 2);
        cbor::write_text(&mut protected, &sub);
        Ok(Self { key, protected, payload: payload.encode()? })
    }

    /// The message to sign.
    pub fn to_sign(&self) -> Vec<u8> {
        sig_structure(&self.protected, &self.payload)
    }

    /// The statement with this signature, which is checked.
    ///
    /// # Errors
    /// [`SignError::Wrong`] if it is none by this statement's key.
    pub fn complete(self, signature: &[u8; 64]) -> Result<SignedStatement, SignError> {
        self.key.verify(&self.to_sign(), signature).map_err(|_| SignError::Wrong)?;
        Ok(self.assemble(signature))
    }

    pub(crate) fn assemble(&self, signature: &[u8; 64]) -> SignedStatement {
        let mut bytes = Vec::with_capacity(self.protected.len() + self.payload.len() + 80);
        cbor::write_head(&mut bytes, Major::Tag, 18);
        cbor::write_head(&mut bytes, Major::Array, 4);
        cbor::write_bytes(&mut bytes, &self.protected);
        cbor::write_head(&mut bytes, Major::Map, 0);
        cbor::write_bytes(&mut bytes, &self.payload);
        cbor::write_bytes(&mut bytes, signature);
        SignedStatement { bytes: bytes.into() }
    }

    /// Signs with `signer`, whose key must be the one that this was made for.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(self, signer: &dyn Signer) -> Result<SignedStatement, SignError> {
        let signature = signer.sign(&self.to_sign())?;
        if signer.computes_here() && *signer.public_key() == self.key {
            return Ok(self.assemble(&signature));
        }
        self.complete(&signature)
    }
}

#[cfg(test)]
mod tests;
