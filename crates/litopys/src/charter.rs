//! Statement 0: what an archive is and whose keys may do what (format.md, section 4.1).

use serde::{Deserialize, Serialize};

use crate::cbor::{self, Blob, CborError};
use crate::key::PublicKey;
use crate::limits;
use crate::origin::Origin;
use crate::words::words;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyRole {
    /// Sign articles.
    Archivist,
    /// Sign checkpoints.
    Log,
    /// Decide about keys and withdrawals.
    Steward,
}

impl KeyRole {
    const ALL: [Self; 3] = [Self::Archivist, Self::Log, Self::Steward];

    /// The role with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

words!(KeyRole { Archivist = "archivist", Log = "log", Steward = "steward" });

/// Roles by their words; `None` if one is unknown.
pub(crate) fn roles_from(words: &[String]) -> Option<Vec<KeyRole>> {
    words.iter().map(|role| KeyRole::parse(role)).collect()
}

/// The words of roles.
pub(crate) fn roles_to(roles: &[KeyRole]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

/// A key of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharterKey {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, by the charter's word.
    pub name: String,
    /// What it may do.
    pub roles: Vec<KeyRole>,
}

impl CharterKey {
    /// Whether the key holds this role.
    pub fn holds(&self, role: KeyRole) -> bool {
        self.roles.contains(&role)
    }
}

/// Why a charter is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CharterError {
    /// Not the CBOR of a charter.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A format that this version doesn't know.
    #[error("format {0} is unknown")]
    Format(u64),
    /// A key that is no acceptable point.
    #[error("key {0} of the charter is not an acceptable ed25519 key")]
    Key(usize),
    /// A key that has not 32 bytes.
    #[error("key {0} of the charter has not 32 bytes")]
    KeyLength(usize),
    /// A nonce that has not 16 bytes.
    #[error("a nonce that has not 16 bytes")]
    Nonce,
    /// A key that the writer refuses: libraries disagree on signatures of such keys.
    #[error("key {0} of the charter has a torsion component")]
    Torsion(usize),
    /// A key twice.
    #[error("key {0} of the charter stands there twice")]
    SameKey(usize),
    /// Roles that are missing, unknown, out of order or repeated.
    #[error("the roles of key {0} are unknown or not in order")]
    Roles(usize),
    /// No keys, or too many.
    #[error("a charter of {0} keys")]
    KeyCount(usize),
    /// A name or title of more than 1,024 bytes.
    #[error("a name or title that is too long")]
    Text,
    /// No key may sign checkpoints.
    #[error("no key has the role log")]
    NoLog,
    /// Fewer stewards than the threshold asks for, or a threshold of 0.
    #[error("a threshold of {threshold} with {stewards} stewards")]
    Threshold {
        /// How many must agree.
        threshold: u64,
        /// How many there are.
        stewards: usize,
    },
    /// Its signer is no steward of it.
    #[error("the charter is not signed by one of its stewards")]
    Signer,
    /// Its origin is none, or not that of its statement.
    #[error("the charter's origin is not that of its statement")]
    Origin,
}

/// What an archive is: its founding document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charter {
    /// The name of its log.
    pub origin: Origin,
    /// What it calls itself.
    pub title: String,
    /// Its keys.
    pub members: Vec<CharterKey>,
    /// How many stewards must agree to change the keys.
    pub threshold: u64,
    nonce: [u8; 16],
}

/// A charter by its CBOR types alone: all else that it breaks is [`CharterError`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    keys: Vec<WireKey>,
    nonce: Blob,
    title: String,
    format: u64,
    origin: String,
    threshold: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireKey {
    key: Blob,
    name: String,
    roles: Vec<String>,
}

impl Charter {
    /// The format version that this library writes and reads.
    pub const FORMAT: u64 = 1;

    /// A charter of these parts; `nonce` is 16 random bytes.
    ///
    /// # Errors
    /// [`CharterError`] if it would break format.md, section 4.1, or a key has a torsion component.
    pub fn new(
        origin: Origin,
        title: String,
        members: Vec<CharterKey>,
        threshold: u64,
        nonce: [u8; 16],
    ) -> Result<Self, CharterError> {
        if let Some(at) = members.iter().position(|member| !member.key.is_torsion_free()) {
            return Err(CharterError::Torsion(at));
        }
        let charter = Self { origin, title, members, threshold, nonce };
        charter.check()?;
        Ok(charter)
    }

    /// The member with this key.
    pub fn member(&self, key: &[u8; 32]) -> Option<&CharterKey> {
        self.members.iter().find(|member| member.key.as_bytes() == key)
    }

    /// The keys that hold this role.
    pub fn keys(&self, role: KeyRole) -> impl Iterator<Item = &PublicKey> {
        self.members.iter().filter(move |member| member.holds(role)).map(|member| &member.key)
    }

    pub(crate) fn decode(payload: &[u8]) -> Result<Self, CharterError> {
        // A later format may have other fields: its number is asked for first.
        #[derive(Deserialize)]
        struct Format {
            format: u64,
        }
        let Format { format } = cbor::decode(payload)?;
        if format != Self::FORMAT {
            return Err(CharterError::Format(format));
        }
        let wire: Wire = cbor::decode(payload)?;
        let member = |(at, wire): (usize, WireKey)| {
            let bytes = wire.key.0.as_slice().try_into().map_err(|_| CharterError::KeyLength(at))?;
            let key = PublicKey::from_bytes(bytes).map_err(|_| CharterError::Key(at))?;
            Ok(CharterKey { key, name: wire.name, roles: roles_from(&wire.roles).ok_or(CharterError::Roles(at))? })
        };
        let members = wire.keys.into_iter().take(limits::CHARTER_KEYS + 1).enumerate().map(member);
        let members = members.collect::<Result<_, CharterError>>()?;
        let nonce = wire.nonce.0.as_slice().try_into().map_err(|_| CharterError::Nonce)?;
        let origin = wire.origin.parse().map_err(|_| CharterError::Origin)?;
        let charter = Self { origin, title: wire.title, members, threshold: wire.threshold, nonce };
        charter.check()?;
        Ok(charter)
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, CharterError> {
        let key = |m: &CharterKey| WireKey {
            key: Blob(m.key.as_bytes().to_vec()),
            name: m.name.clone(),
            roles: roles_to(&m.roles),
        };
        Ok(cbor::encode(&Wire {
            keys: self.members.iter().map(key).collect(),
            nonce: Blob(self.nonce.to_vec()),
            title: self.title.clone(),
            format: Self::FORMAT,
            origin: self.origin.to_string(),
            threshold: self.threshold,
        })?)
    }

    /// That its signer is one of its stewards.
    pub(crate) fn check_signer(&self, key: &[u8; 32]) -> Result<(), CharterError> {
        let is_steward = self.member(key).is_some_and(|member| member.holds(KeyRole::Steward));
        if is_steward { Ok(()) } else { Err(CharterError::Signer) }
    }

    fn check(&self) -> Result<(), CharterError> {
        let count = self.members.len();
        if !(1..=limits::CHARTER_KEYS).contains(&count) {
            return Err(CharterError::KeyCount(count));
        }
        for (at, member) in self.members.iter().enumerate() {
            if member.roles.is_empty() || !member.roles.is_sorted_by(|a, b| a < b) {
                return Err(CharterError::Roles(at));
            }
            if self.members[..at].iter().any(|earlier| earlier.key == member.key) {
                return Err(CharterError::SameKey(at));
            }
        }
        let mut texts = self.members.iter().map(|member| &member.name).chain([&self.title]);
        if texts.any(|text| text.len() > limits::CHARTER_TEXT) {
            return Err(CharterError::Text);
        }
        if self.keys(KeyRole::Log).next().is_none() {
            return Err(CharterError::NoLog);
        }
        let stewards = self.keys(KeyRole::Steward).count();
        if self.threshold == 0 || self.threshold > stewards as u64 {
            return Err(CharterError::Threshold { threshold: self.threshold, stewards });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{SecretKey, Signer};

    #[test]
    fn a_writer_founds_nothing_that_a_reader_could_refuse() {
        const ALL: &[KeyRole] = &[KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
        let found = |key: &PublicKey, roles: &[KeyRole], threshold| {
            let member = CharterKey { key: key.clone(), name: "Olena".into(), roles: roles.to_vec() };
            Charter::new("test.example/a".parse().unwrap(), "A".into(), vec![member], threshold, [7; 16]).map(drop)
        };
        let key = SecretKey::from_seed(&[1; 32]).public_key().clone();
        assert_eq!(found(&key, ALL, 1), Ok(()));
        assert_eq!(found(&key, ALL, 2), Err(CharterError::Threshold { threshold: 2, stewards: 1 }));
        assert_eq!(found(&key, &[], 1), Err(CharterError::Roles(0)));
        let point = |y: u8| PublicKey::from_bytes(&std::array::from_fn(|at| if at == 0 { y } else { 0 })).ok();
        let torsion = (2..=u8::MAX).filter_map(point).find(|key| !key.is_torsion_free()).unwrap();
        assert_eq!(found(&torsion, ALL, 1), Err(CharterError::Torsion(0)));
    }
}
