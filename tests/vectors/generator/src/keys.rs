//! Keys from fixed seeds, and signatures that no signing library makes.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use litopys::{SecretKey, Signer};
use sha2::{Digest, Sha512};

/// A key, by the byte that its seed consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) u8);

pub(crate) const STEWARD: Key = Key(1);
pub(crate) const ARCHIVIST: Key = Key(2);
pub(crate) const LOG: Key = Key(3);
/// In no charter.
pub(crate) const STRANGER: Key = Key(4);

/// A second steward, where there are two.
pub(crate) const DEPUTY: Key = Key(5);
/// Keys that are added later.
pub(crate) const SUCCESSOR: Key = Key(6);
pub(crate) const ANOTHER: Key = Key(7);

/// The order of the base point, little-endian.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

impl Key {
    fn secret(self) -> SecretKey {
        SecretKey::from_seed(&[self.0; 32])
    }

    pub(crate) fn public(self) -> [u8; 32] {
        *self.secret().public_key().as_bytes()
    }

    pub(crate) fn sign(self, message: &[u8]) -> [u8; 64] {
        self.secret().sign(message).unwrap()
    }

    /// The secret scalar (RFC 8032, section 5.1.5).
    fn scalar(self) -> Scalar {
        let hash = Sha512::digest([self.0; 32]);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&hash[..32]);
        Scalar::from_bytes_mod_order(curve25519_dalek::scalar::clamp_integer(bytes))
    }

    /// A signature with this R, whose discrete logarithm is 0 up to torsion: S = k·a.
    pub(crate) fn sign_with_r(self, r: [u8; 32], message: &[u8]) -> [u8; 64] {
        let k = challenge(&r, &self.public(), message);
        signature(r, k * self.scalar())
    }

    /// A signature with a component of order 8 in R: right but for that, and by the cofactored equation.
    pub(crate) fn sign_with_torsion_in_r(self, message: &[u8]) -> [u8; 64] {
        let nonce = Scalar::from(7u64);
        let r = (EdwardsPoint::mul_base(&nonce) + EIGHT_TORSION[1]).compress().to_bytes();
        signature(r, nonce + challenge(&r, &self.public(), message) * self.scalar())
    }

    /// This key plus a point of order 8.
    pub(crate) fn public_with_torsion(self) -> [u8; 32] {
        (EdwardsPoint::mul_base(&self.scalar()) + EIGHT_TORSION[1]).compress().to_bytes()
    }

    /// A signature by the key with torsion. It holds by the cofactorless equation (`strict`), or by the cofactored one alone.
    pub(crate) fn sign_by_torsion_key(self, strict: bool, message: &[u8]) -> [u8; 64] {
        let (key, found) = (self.public_with_torsion(), |k: &Scalar| (k.as_bytes()[0].is_multiple_of(8)) == strict);
        let tries = (1u64..).map(|nonce| {
            let nonce = Scalar::from(nonce);
            let r = EdwardsPoint::mul_base(&nonce).compress().to_bytes();
            (nonce, r, challenge(&r, &key, message))
        });
        let (nonce, r, k) = tries.into_iter().find(|(_, _, k)| found(k)).unwrap();
        signature(r, nonce + k * self.scalar())
    }
}

fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash: [u8; 64] = Sha512::new().chain_update(r).chain_update(key).chain_update(message).finalize().into();
    Scalar::from_bytes_mod_order_wide(&hash)
}

fn signature(r: [u8; 32], s: Scalar) -> [u8; 64] {
    let mut out = [0; 64];
    out[..32].copy_from_slice(&r);
    out[32..].copy_from_slice(s.as_bytes());
    out
}

/// Adds L to the S of a signature.
pub(crate) fn add_order(signature: &mut [u8]) {
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

/// 32 bytes by their first, those between, and their last.
pub(crate) fn point(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut out = [middle; 32];
    (out[0], out[31]) = (first, last);
    out
}

/// The neutral element.
pub(crate) const IDENTITY: [u8; 32] = {
    let mut out = [0; 32];
    out[0] = 1;
    out
};
