//! Hashes and signatures, by the names that certificates and tokens give them.

use der::Encode;
use der::asn1::ObjectIdentifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::signature::hazmat::PrehashVerifier;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoOwned};

use crate::TokenFault;

/// `id-sha256`.
pub(crate) const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// The least length of an RSA key of 2048 bits: its modulus, and what DER puts around it.
const RSA_LEAST: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn named(oid: ObjectIdentifier) -> Result<Self, TokenFault> {
        match oid {
            SHA256 => Ok(Self::Sha256),
            SHA384 => Ok(Self::Sha384),
            SHA512 => Ok(Self::Sha512),
            other => Err(TokenFault::unsupported(format_args!("hash {other}"))),
        }
    }

    pub(crate) fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(data).to_vec(),
            Self::Sha384 => Sha384::digest(data).to_vec(),
            Self::Sha512 => Sha512::digest(data).to_vec(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Rsa,
    P256,
    P384,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    Pkcs1,
    Pss,
    /// ECDSA has none.
    Ecdsa,
}

/// One way to sign: a sort of key, a padding, a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scheme {
    key: Key,
    padding: Padding,
    hash: Hash,
}

impl Scheme {
    const fn new(key: Key, padding: Padding, hash: Hash) -> Self {
        Self { key, padding, hash }
    }

    /// The scheme of a CMS signature: by the key's algorithm, the signature's, and the digest's where the signature's doesn't tell.
    pub(crate) fn of(
        key: &SubjectPublicKeyInfoOwned,
        signature: &AlgorithmIdentifierRef<'_>,
        digest: Hash,
    ) -> Result<Self, TokenFault> {
        let bits = key.subject_public_key.raw_bytes();
        let curve = key.algorithm.parameters.as_ref().and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
        let key = match (key.algorithm.oid, curve) {
            (RSA, _) if bits.len() < RSA_LEAST => {
                return Err(TokenFault::unsupported("an RSA key of less than 2048 bits"));
            }
            (RSA, _) => Key::Rsa,
            (EC, Some(P256)) => Key::P256,
            (EC, Some(P384)) => Key::P384,
            (EC, Some(curve)) => return Err(TokenFault::unsupported(format_args!("curve {curve}"))),
            (other, _) => return Err(TokenFault::unsupported(format_args!("key {other}"))),
        };
        let (padding, hash) = match signature.oid {
            RSA => (Padding::Pkcs1, digest),
            RSA_SHA256 => (Padding::Pkcs1, Hash::Sha256),
            RSA_SHA384 => (Padding::Pkcs1, Hash::Sha384),
            RSA_SHA512 => (Padding::Pkcs1, Hash::Sha512),
            RSA_PSS => (Padding::Pss, pss_hash(signature)?),
            ECDSA_SHA256 => (Padding::Ecdsa, Hash::Sha256),
            ECDSA_SHA384 => (Padding::Ecdsa, Hash::Sha384),
            ECDSA_SHA512 => (Padding::Ecdsa, Hash::Sha512),
            other => return Err(TokenFault::unsupported(format_args!("signature {other}"))),
        };
        if (key == Key::Rsa) == (padding == Padding::Ecdsa) {
            return Err(TokenFault::BadSignature);
        }
        Ok(Self { key, padding, hash })
    }

    /// Whether `signature` is one over `message` by this key, which is the content of a `subjectPublicKey`.
    pub(crate) fn verify(self, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let digest = self.hash.digest(message);
        match (self.key, self.hash) {
            (Key::P256, _) => verify_p256(key, &digest, signature),
            (Key::P384, _) => verify_p384(key, &digest, signature),
            (Key::Rsa, Hash::Sha256) => self.verify_rsa::<Sha256>(key, &digest, signature),
            (Key::Rsa, Hash::Sha384) => self.verify_rsa::<Sha384>(key, &digest, signature),
            (Key::Rsa, Hash::Sha512) => self.verify_rsa::<Sha512>(key, &digest, signature),
        }
    }

    fn verify_rsa<D>(self, key: &[u8], digest: &[u8], signature: &[u8]) -> bool
    where
        D: Digest + der::oid::AssociatedOid + rsa::signature::digest::FixedOutputReset,
    {
        use rsa::{pkcs1v15, pss};
        // Certificates come here by another way than tokens.
        let Some(key) = Some(key).filter(|key| key.len() >= RSA_LEAST) else { return false };
        let Ok(key) = rsa::PublicKey::from_pkcs1_der(key) else { return false };
        let verified = match self.padding {
            Padding::Pkcs1 => pkcs1v15::Signature::try_from(signature)
                .and_then(|signature| pkcs1v15::VerifyingKey::<D>::new(key).verify_prehash(digest, &signature)),
            _ => pss::Signature::try_from(signature)
                .and_then(|signature| pss::VerifyingKey::<D>::new(key).verify_prehash(digest, &signature)),
        };
        verified.is_ok()
    }
}

fn verify_p256(key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    use p256::ecdsa::{DerSignature, VerifyingKey};
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(key), DerSignature::from_bytes(signature)) else {
        return false;
    };
    key.verify_prehash(digest, &signature).is_ok()
}

fn verify_p384(key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    use p384::ecdsa::{DerSignature, VerifyingKey};
    let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(key), DerSignature::from_bytes(signature)) else {
        return false;
    };
    key.verify_prehash(digest, &signature).is_ok()
}

/// The hash of an RSASSA-PSS signature. Only those parameters are known that everybody uses: MGF1 with the same hash, and salt as long as it.
fn pss_hash(signature: &AlgorithmIdentifierRef<'_>) -> Result<Hash, TokenFault> {
    let parameters = signature.parameters.as_ref().and_then(|parameters| parameters.to_der().ok()).unwrap_or_default();
    let same = |known: AlgorithmIdentifier| {
        let known: &[u8] = known.as_ref();
        // The content of an AlgorithmIdentifier: the OID, then the parameters.
        known.len() >= parameters.len() && known.ends_with(&parameters) && !parameters.is_empty()
    };
    match () {
        () if same(alg_id::RSA_PSS_SHA256) => Ok(Hash::Sha256),
        () if same(alg_id::RSA_PSS_SHA384) => Ok(Hash::Sha384),
        () if same(alg_id::RSA_PSS_SHA512) => Ok(Hash::Sha512),
        () => Err(TokenFault::unsupported("RSASSA-PSS with other parameters")),
    }
}

/// Every scheme that a certificate may be signed by.
pub(crate) const SCHEMES: &[&dyn SignatureVerificationAlgorithm] = &[
    &Scheme::new(Key::Rsa, Padding::Pkcs1, Hash::Sha256),
    &Scheme::new(Key::Rsa, Padding::Pkcs1, Hash::Sha384),
    &Scheme::new(Key::Rsa, Padding::Pkcs1, Hash::Sha512),
    &Scheme::new(Key::Rsa, Padding::Pss, Hash::Sha256),
    &Scheme::new(Key::Rsa, Padding::Pss, Hash::Sha384),
    &Scheme::new(Key::Rsa, Padding::Pss, Hash::Sha512),
    &Scheme::new(Key::P256, Padding::Ecdsa, Hash::Sha256),
    &Scheme::new(Key::P256, Padding::Ecdsa, Hash::Sha384),
    &Scheme::new(Key::P256, Padding::Ecdsa, Hash::Sha512),
    &Scheme::new(Key::P384, Padding::Ecdsa, Hash::Sha256),
    &Scheme::new(Key::P384, Padding::Ecdsa, Hash::Sha384),
    &Scheme::new(Key::P384, Padding::Ecdsa, Hash::Sha512),
];

impl SignatureVerificationAlgorithm for Scheme {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        if self.verify(key, message, signature) { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.key {
            Key::Rsa => alg_id::RSA_ENCRYPTION,
            Key::P256 => alg_id::ECDSA_P256,
            Key::P384 => alg_id::ECDSA_P384,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match (self.padding, self.hash) {
            (Padding::Pkcs1, Hash::Sha256) => alg_id::RSA_PKCS1_SHA256,
            (Padding::Pkcs1, Hash::Sha384) => alg_id::RSA_PKCS1_SHA384,
            (Padding::Pkcs1, Hash::Sha512) => alg_id::RSA_PKCS1_SHA512,
            (Padding::Pss, Hash::Sha256) => alg_id::RSA_PSS_SHA256,
            (Padding::Pss, Hash::Sha384) => alg_id::RSA_PSS_SHA384,
            (Padding::Pss, Hash::Sha512) => alg_id::RSA_PSS_SHA512,
            (Padding::Ecdsa, Hash::Sha256) => alg_id::ECDSA_SHA256,
            (Padding::Ecdsa, Hash::Sha384) => alg_id::ECDSA_SHA384,
            (Padding::Ecdsa, Hash::Sha512) => alg_id::ECDSA_SHA512,
        }
    }
}
