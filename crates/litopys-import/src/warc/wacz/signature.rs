//! The signature of a WACZ (WACZ Signing and Verification 0.1.0): ECDSA with SHA-256 over the text of a hash, by a key that
//! comes along bare, or in a certificate for a domain.

use data_encoding::BASE64;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// `signedData`: all of it is the word of whoever wrote the file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    #[serde(default)]
    hash: String,
    #[serde(default)]
    signature: String,
    public_key: Option<String>,
    domain: Option<String>,
    domain_cert: Option<String>,
}

/// What a signature is worth.
pub(super) struct Verdict {
    pub(super) holds: bool,
    pub(super) words: String,
}

/// Checks a signature over this hash, which was recomputed.
pub(super) fn check(signed: &Signed, hash: &str) -> Verdict {
    let (key, whose) = if let Some(pem) = &signed.domain_cert {
        let domain: String = signed.domain.as_deref().unwrap_or("a domain").chars().take(255).collect();
        let whose = format!("with a certificate for {domain:?}, whose chain and timestamp were not checked");
        (first_of_chain(pem), whose)
    } else if let Some(text) = &signed.public_key {
        let der = BASE64.decode(text.trim().as_bytes()).ok();
        let key = der.as_deref().and_then(|der| SubjectPublicKeyInfoOwned::from_der(der).ok());
        let digest = der.map(|der| data_encoding::HEXLOWER.encode(&Sha256::digest(der))).unwrap_or_default();
        (key, format!("by a key that comes with it, of whoever made it (SHA-256 {digest})"))
    } else {
        (None, "by no key that is given".to_owned())
    };
    let verdict = |holds, words: String| Verdict { holds, words };
    let Some(key) = key else { return verdict(false, format!("signature NOT CHECKED: made {whose}")) };
    if signed.hash != hash {
        return verdict(false, "signature OF SOMETHING ELSE than this datapackage.json".to_owned());
    }
    let bits = key.subject_public_key.raw_bytes();
    let signature = BASE64.decode(signed.signature.trim().as_bytes()).unwrap_or_default();
    match verify(bits, &Sha256::digest(hash.as_bytes()), &signature) {
        Some(true) => verdict(true, format!("signature verified, made {whose}")),
        Some(false) => verdict(false, format!("signature DOES NOT VERIFY, said to be made {whose}")),
        None => verdict(false, format!("signature NOT CHECKED: not by a key on P-256 or P-384; made {whose}")),
    }
}

/// Whether a signature, as DER or as two numbers side by side, verifies; `None` for a key of another sort.
fn verify(key: &[u8], digest: &[u8], signature: &[u8]) -> Option<bool> {
    if let Ok(key) = p256::ecdsa::VerifyingKey::from_sec1_bytes(key) {
        let parsed =
            p256::ecdsa::Signature::from_der(signature).or_else(|_| p256::ecdsa::Signature::from_slice(signature));
        return Some(parsed.is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()));
    }
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let parsed = p384::ecdsa::Signature::from_der(signature).or_else(|_| p384::ecdsa::Signature::from_slice(signature));
    Some(parsed.is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()))
}

/// The key of the first certificate in PEM.
fn first_of_chain(pem: &str) -> Option<SubjectPublicKeyInfoOwned> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (base64, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let base64: String = base64.split_ascii_whitespace().collect();
    let der = BASE64.decode(base64.as_bytes()).ok()?;
    let certificate = Certificate::from_der(&der).ok()?;
    Some(certificate.tbs_certificate().subject_public_key_info().clone())
}
