//! Ed25519 keys (RFC 8032): the strict verdict on a signature, and signing. The only module that knows the signature library.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64Unpadded, Encoding};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Why 32 bytes are no key, or a key file can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the canonical encoding of a point, or a point of small order (format.md, section 5).
    #[error("not an acceptable ed25519 public key")]
    Unacceptable,
    /// The text is no key file of a kind that is read here.
    #[error("not an OpenSSH or PKCS#8 ed25519 key")]
    Unreadable,
    /// The key is of another algorithm.
    #[error("not an ed25519 key")]
    Algorithm,
    /// The key is protected with a passphrase.
    #[error("the key is encrypted")]
    Encrypted,
    /// The passphrase isn't the key's, or the file is damaged.
    #[error("the passphrase is wrong")]
    Passphrase,
    /// The passphrase is stretched so often that trying it would take minutes.
    #[error("the key is encrypted with {0} rounds of bcrypt")]
    Rounds(u32),
    /// The public half of the file isn't that of its secret.
    #[error("the key file's public half does not belong to its secret")]
    Mismatch,
    /// The text is no fingerprint.
    #[error("not a fingerprint: SHA256: and 43 characters of base64")]
    Fingerprint,
}

/// The signature is not one by this key over this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// A signer couldn't sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The agent or device behind the signer failed.
    #[error("the signer failed")]
    Device(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The signer returned a signature that isn't its key's.
    #[error("the signer returned a signature that does not verify")]
    Wrong,
}

/// The y coordinates of the points of small order (format.md, section 5): 0, 1, -1, and two of order 8, little-endian.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    *b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    *b"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
];

/// L of format.md, section 5: the order of the base point, little-endian.
const ORDER: [u8; 32] =
    *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";

/// An Ed25519 public key that signatures may be judged by: canonical and not of small order.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key with these 32 bytes (RFC 8032, section 5.1.2).
    ///
    /// # Errors
    /// [`KeyError::Unacceptable`] unless they are the canonical encoding of a point that is not of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Unacceptable)?;
        // `from_bytes` keeps the bytes given: decode and encode again to see whether they are canonical.
        let canonical = key.to_edwards().compress().to_bytes() == *bytes;
        if canonical && !key.is_weak() { Ok(Self(key)) } else { Err(KeyError::Unacceptable) }
    }

    /// Whether the point is in the prime-order group. A verifier accepts other keys, a writer makes no charter with them:
    /// libraries disagree on their signatures.
    pub fn is_torsion_free(&self) -> bool {
        self.0.to_edwards().is_torsion_free()
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether `signature` is one by this key over `message`, by format.md, section 5: the verdict of `verify_strict`.
    ///
    /// # Errors
    /// [`BadSignature`] if it is not.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), BadSignature> {
        use ed25519_dalek::Verifier;
        let (r, s) = signature.split_at(32);
        // Any program that links this can turn `legacy_compatibility` on, and the library takes a second S then.
        let is_reduced = s.iter().rev().lt(ORDER.iter().rev());
        // `verify_strict` decodes R to see whether it is of small order, a sixth of its time. `verify` compares R's bytes with the one canonical
        // encoding of a point: they tell as well.
        let mut y = [0; 32];
        y.copy_from_slice(r);
        y[31] &= 0x7f;
        if !is_reduced || SMALL_ORDER.contains(&y) {
            return Err(BadSignature);
        }
        self.0.verify(message, &Signature::from_bytes(signature)).map_err(|_| BadSignature)
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.ssh_blob()).into())
    }

    /// The key as an SSH wire-format blob (RFC 8709).
    fn ssh_blob(&self) -> Vec<u8> {
        let mut blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
        blob.extend_from_slice(self.as_bytes());
        blob
    }
}

/// A key's fingerprint as OpenSSH prints it: `SHA256:` and 43 characters of base64, which are SHA-256 of the key in SSH's wire format (RFC 8709).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SHA256:{}", Base64Unpadded::encode_string(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut bytes = [0; 32];
        let base64 = text.strip_prefix("SHA256:").ok_or(KeyError::Fingerprint)?;
        let decoded = Base64Unpadded::decode(base64, &mut bytes).map(<[u8]>::len);
        if decoded == Ok(32) { Ok(Self(bytes)) } else { Err(KeyError::Fingerprint) }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

/// Something that signs with one Ed25519 key: a key in memory, an agent, a device.
pub trait Signer: Sync {
    /// The key that it signs with.
    fn public_key(&self) -> &PublicKey;

    /// The Ed25519 signature (RFC 8032, PureEdDSA) over `message`.
    ///
    /// # Errors
    /// [`SignError`] if there is none to be had.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;

    /// Whether a signature can only be the key's, since it is computed here from the secret and its own public half. Any other is
    /// checked before it is used, which takes twice as long as signing.
    fn computes_here(&self) -> bool {
        false
    }
}

/// A secret text: the text of a key file, a passphrase. It is wiped when it is dropped, and never printed.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// What it says.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

/// A key held in memory. Its secret is wiped when it is dropped.
pub struct SecretKey {
    secret: SigningKey,
    public: PublicKey,
}

impl SecretKey {
    /// The key of a 32-byte seed (RFC 8032, section 5.1.5), which should be random.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(seed);
        let public = PublicKey(secret.verifying_key());
        Self { secret, public }
    }

    /// A new key of random bytes of cryptographic quality; `None` if there are none. The bytes are wiped.
    pub fn generate(random: &mut dyn FnMut(&mut [u8]) -> bool) -> Option<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        random(seed.as_mut_slice()).then(|| Self::from_seed(&seed))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public.fingerprint())
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        use ed25519_dalek::Signer;
        Ok(self.secret.sign(message).to_bytes())
    }

    fn computes_here(&self) -> bool {
        true
    }
}

#[cfg(feature = "keys")]
mod files {
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
    use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
    use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
    use ssh_key::public::Ed25519PublicKey;

    use zeroize::Zeroizing;

    use super::{KeyError, PublicKey, SecretKey, SecretText, Signer};

    /// Rounds of bcrypt that are tried: OpenSSH's own are 16 to 24, and so many take some ten seconds.
    #[cfg(feature = "passphrases")]
    const ROUNDS: u32 = 1_024;

    impl PublicKey {
        /// The key of a line `ssh-ed25519 AAAA... comment`.
        ///
        /// # Errors
        /// [`KeyError`] if it is no such line, or no acceptable key.
        pub fn from_openssh(line: &str) -> Result<Self, KeyError> {
            let key = ssh_key::PublicKey::from_openssh(line.trim()).map_err(|_| KeyError::Unreadable)?;
            Self::from_bytes(&key.key_data().ed25519().ok_or(KeyError::Algorithm)?.0)
        }

        /// The key as a line `ssh-ed25519 AAAA... comment`, without a line end.
        pub fn to_openssh(&self, comment: &str) -> String {
            use base64ct::Encoding;
            let blob = base64ct::Base64::encode_string(&self.ssh_blob());
            format!("ssh-ed25519 {blob} {comment}").trim_end().to_owned()
        }
    }

    impl SecretKey {
        /// The key of a file's text: OpenSSH's own format without a passphrase, or PKCS#8 PEM.
        ///
        /// # Errors
        /// [`KeyError`] if it is neither, or is encrypted, or of another algorithm.
        pub fn from_pem(text: &str) -> Result<Self, KeyError> {
            if text.contains("-----BEGIN PRIVATE KEY-----") {
                let key = ed25519_dalek::SigningKey::from_pkcs8_pem(text.trim()).map_err(|_| KeyError::Unreadable)?;
                return Ok(Self::from_seed(key.as_bytes()));
            }
            let key = ssh_key::PrivateKey::from_openssh(text).map_err(|_| KeyError::Unreadable)?;
            if key.is_encrypted() {
                return Err(KeyError::Encrypted);
            }
            Self::from_ssh(&key)
        }

        fn from_ssh(key: &ssh_key::PrivateKey) -> Result<Self, KeyError> {
            let pair = key.key_data().ed25519().ok_or(KeyError::Algorithm)?;
            let read = Self::from_seed(&Zeroizing::new(pair.private.to_bytes()));
            if pair.public.0 == *read.public_key().as_bytes() { Ok(read) } else { Err(KeyError::Mismatch) }
        }

        /// The key of a text in OpenSSH's own format that is protected with this passphrase.
        ///
        /// # Errors
        /// [`KeyError`]; [`KeyError::Passphrase`] if the passphrase isn't the key's.
        #[cfg(feature = "passphrases")]
        pub fn from_encrypted_pem(text: &str, passphrase: &SecretText) -> Result<Self, KeyError> {
            let key = ssh_key::PrivateKey::from_openssh(text).map_err(|_| KeyError::Unreadable)?;
            if let ssh_key::Kdf::Bcrypt { rounds, .. } = key.kdf()
                && *rounds > ROUNDS
            {
                return Err(KeyError::Rounds(*rounds));
            }
            Self::from_ssh(&key.decrypt(passphrase.as_str()).map_err(|_| KeyError::Passphrase)?)
        }

        /// The key in OpenSSH's format, protected with a passphrase as `ssh-keygen` does it. `salt` is random.
        ///
        /// # Errors
        /// [`KeyError::Unreadable`] if the comment can't be written, or the passphrase is empty.
        #[cfg(feature = "passphrases")]
        pub fn to_encrypted_pem(
            &self,
            comment: &str,
            passphrase: &SecretText,
            salt: [u8; 16],
        ) -> Result<SecretText, KeyError> {
            // OpenSSH's own numbers. What is compared after decryption may be anything, the same twice.
            let kdf = ssh_key::Kdf::Bcrypt { salt: salt.to_vec(), rounds: 24 };
            let key = self.to_ssh(comment)?;
            let key = key.encrypt_with(ssh_key::Cipher::Aes256Ctr, kdf, 0x6c69_746f, passphrase.as_str());
            let text = key.and_then(|key| key.to_openssh(LineEnding::LF)).map_err(|_| KeyError::Unreadable)?;
            Ok(SecretText(text))
        }

        fn to_ssh(&self, comment: &str) -> Result<ssh_key::PrivateKey, KeyError> {
            let pair = Ed25519Keypair {
                public: Ed25519PublicKey(*self.public.as_bytes()),
                private: Ed25519PrivateKey::from_bytes(self.secret.as_bytes()),
            };
            ssh_key::PrivateKey::new(KeypairData::Ed25519(pair), comment).map_err(|_| KeyError::Unreadable)
        }

        /// The key in OpenSSH's format, without a passphrase.
        ///
        /// # Errors
        /// [`KeyError::Unreadable`] if the comment can't be written.
        pub fn to_openssh_pem(&self, comment: &str) -> Result<SecretText, KeyError> {
            self.to_ssh(comment)?.to_openssh(LineEnding::LF).map(SecretText).map_err(|_| KeyError::Unreadable)
        }

        /// The key as PKCS#8 PEM, version 1 (RFC 5208): version 2 is not read by OpenSSL 3.0.
        ///
        /// # Errors
        /// [`KeyError::Unreadable`] if it can't be encoded.
        pub fn to_pkcs8_pem(&self) -> Result<SecretText, KeyError> {
            let v1 = KeypairBytes { secret_key: *self.secret.as_bytes(), public_key: None };
            v1.to_pkcs8_pem(LineEnding::LF).map(SecretText).map_err(|_| KeyError::Unreadable)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_and_nothing_else_does() {
        let key = SecretKey::from_seed(&[1; 32]).public_key().clone();
        let text = key.fingerprint().to_string();
        assert_eq!(text.parse(), Ok(key.fingerprint()));
        let (rest, longer, padded) = (&text["SHA256:".len()..], format!("{text}A"), format!("{text}="));
        for bad in ["", "SHA256:", rest, &text[..text.len() - 1], &longer, &padded, &text.to_lowercase()] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(KeyError::Fingerprint), "{bad}");
        }
    }

    #[test]
    fn a_key_with_a_weak_or_second_encoding_is_none() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(&identity), Err(KeyError::Unacceptable));
        // y = p + 3 encodes the same point as y = 3, which is on the curve.
        let mut plain = [0; 32];
        plain[0] = 3;
        assert!(PublicKey::from_bytes(&plain).is_ok());
        let mut second = [0xff; 32];
        (second[0], second[31]) = (0xf0, 0x7f);
        assert_eq!(PublicKey::from_bytes(&second), Err(KeyError::Unacceptable));
        assert_eq!(PublicKey::from_bytes(&[0xff; 32]), Err(KeyError::Unacceptable));
    }

    #[cfg(feature = "keys")]
    #[test]
    fn key_files_read_back() {
        let key = SecretKey::from_seed(&[7; 32]);
        for text in [key.to_openssh_pem("a comment").unwrap(), key.to_pkcs8_pem().unwrap()] {
            assert_eq!(SecretKey::from_pem(text.as_str()).unwrap().public_key(), key.public_key());
        }
        let line = key.public_key().to_openssh("a comment");
        assert_eq!(&PublicKey::from_openssh(&line).unwrap(), key.public_key());
        assert_eq!(SecretKey::from_pem("no key").unwrap_err(), KeyError::Unreadable);
    }

    /// Signing with one half and naming the other gives the secret away to whoever sees two such signatures.
    #[cfg(feature = "keys")]
    #[test]
    fn a_key_file_with_the_public_half_of_another_key_is_none() {
        use ssh_key::private::{Ed25519Keypair, Ed25519PrivateKey, KeypairData};
        let public = ssh_key::public::Ed25519PublicKey(*SecretKey::from_seed(&[8; 32]).public_key().as_bytes());
        let pair = Ed25519Keypair { public, private: Ed25519PrivateKey::from_bytes(&[7; 32]) };
        let key = ssh_key::PrivateKey::new(KeypairData::Ed25519(pair), "").unwrap();
        let text = key.to_openssh(ssh_key::LineEnding::LF).unwrap();
        assert_eq!(SecretKey::from_pem(&text).unwrap_err(), KeyError::Mismatch);
    }

    #[cfg(feature = "passphrases")]
    #[test]
    fn a_passphrase_that_would_take_minutes_to_try_is_not_tried() {
        use base64ct::{Base64, Encoding};
        let right = SecretText::from("correct horse".to_owned());
        let text = SecretKey::from_seed(&[7; 32]).to_encrypted_pem("", &right, [8; 16]).unwrap();
        let lines: Vec<_> = text.as_str().lines().collect();
        let (first, last) = (lines[0], lines[lines.len() - 1]);
        let mut blob = Base64::decode_vec(&lines[1..lines.len() - 1].concat()).unwrap();
        let at = blob.windows(20).position(|part| part == [&[8; 16][..], &[0, 0, 0, 24]].concat()).unwrap();
        blob[at + 16..at + 20].copy_from_slice(&1_025_u32.to_be_bytes());
        let body = Base64::encode_string(&blob);
        let body: Vec<_> = body.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let text = format!("{first}\n{}\n{last}\n", body.join("\n"));
        assert_eq!(SecretKey::from_encrypted_pem(&text, &right).unwrap_err(), KeyError::Rounds(1_025));
    }

    #[cfg(feature = "passphrases")]
    #[test]
    fn a_passphrase_protects_a_key_file() {
        let (key, right) = (SecretKey::from_seed(&[7; 32]), SecretText::from("correct horse".to_owned()));
        let text = key.to_encrypted_pem("", &right, [8; 16]).unwrap();
        assert_eq!(SecretKey::from_pem(text.as_str()).unwrap_err(), KeyError::Encrypted);
        assert_eq!(SecretKey::from_encrypted_pem(text.as_str(), &right).unwrap().public_key(), key.public_key());
        let wrong = SecretText::from("wrong".to_owned());
        assert_eq!(SecretKey::from_encrypted_pem(text.as_str(), &wrong).unwrap_err(), KeyError::Passphrase);
        assert!(!format!("{right:?} {text:?}").contains("correct"), "secrets are not printed");
    }
}
