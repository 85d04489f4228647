//! What stewards decide (format.md, sections 4.3 and 4.4): changes of keys, and void entries that are acknowledged. The payloads.

use serde::{Deserialize, Serialize};

use crate::cbor::{self, Blob, Major};
use crate::charter::{CharterKey, KeyRole, roles_from, roles_to};
use crate::key::{BadSignature, PublicKey, SignError, Signer};
use crate::payload::PayloadError;
use crate::{ArchiveId, StatementId, limits};

/// One step towards a change of keys: a steward's word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysStatement {
    /// Which change of keys it would be, from 1 on.
    pub epoch: u64,
    /// What would change.
    pub change: KeyChange,
    /// The governance statement in force, which it would follow.
    pub authority: StatementId,
}

/// A change of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyChange {
    /// A key that is new to the archive.
    Add(AddedKey),
    /// A key that signs no more. What it signed stays good.
    Retire {
        /// Which.
        key: PublicKey,
    },
    /// A key that isn't to be trusted any more.
    Revoke {
        /// Which.
        key: PublicKey,
        /// From which statement of the log on what it signed is doubtful, if any of it is.
        doubtful_from: Option<u64>,
    },
    /// Other roles for a key.
    Roles {
        /// Which.
        key: PublicKey,
        /// All that it may do from now on.
        roles: Vec<KeyRole>,
    },
    /// How many stewards must agree.
    Threshold(u64),
}

/// A key that is to be added, with the proof that its holder has it and wants it added: so, here, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedKey {
    /// The key, whose it is, and what it may do.
    pub member: CharterKey,
    /// Its signature over [`AddedKey::to_sign`].
    pub proof: [u8; 64],
}

impl AddedKey {
    /// What a new key signs to prove that its holder has it: `["Possession", archive, authority, name, roles]` in CBOR. Its first byte
    /// begins no other message that a key of an archive signs.
    pub fn to_sign(member: &CharterKey, archive: ArchiveId, authority: StatementId) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        cbor::write_head(&mut out, Major::Array, 5);
        cbor::write_text(&mut out, "Possession");
        cbor::write_bytes(&mut out, archive.as_bytes());
        cbor::write_bytes(&mut out, authority.as_bytes());
        cbor::write_text(&mut out, &member.name);
        cbor::write_head(&mut out, Major::Array, member.roles.len() as u64);
        member.roles.iter().for_each(|role| cbor::write_text(&mut out, role.as_str()));
        out
    }

    /// Has the new key prove itself.
    ///
    /// # Errors
    /// [`SignError`] if the signer fails, or isn't the member's key.
    pub fn prove(
        member: CharterKey,
        archive: ArchiveId,
        authority: StatementId,
        signer: &dyn Signer,
    ) -> Result<Self, SignError> {
        let proof = signer.sign(&Self::to_sign(&member, archive, authority))?;
        let added = Self { member, proof };
        added.check(archive, authority).map_err(|BadSignature| SignError::Wrong)?;
        Ok(added)
    }

    /// Whether the proof holds.
    ///
    /// # Errors
    /// [`BadSignature`] if it doesn't.
    pub fn check(&self, archive: ArchiveId, authority: StatementId) -> Result<(), BadSignature> {
        self.member.key.verify(&Self::to_sign(&self.member, archive, authority), &self.proof)
    }
}

/// One step towards acknowledging a void entry: a steward's word for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidStatement {
    /// The void entry's index in the log.
    pub index: u64,
    /// Its id.
    pub id: StatementId,
    /// How it came about.
    pub reason: String,
    /// The governance statement in force.
    pub authority: StatementId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysWire {
    epoch: u64,
    change: ChangeWire,
    authority: StatementId,
}

/// Exactly one of these.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    add: Option<AddWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roles: Option<RolesWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retire: Option<RetireWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoke: Option<RevokeWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threshold: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddWire {
    key: Blob,
    name: String,
    proof: Blob,
    roles: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesWire {
    key: Blob,
    roles: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetireWire {
    key: Blob,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeWire {
    key: Blob,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    doubtful_from: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VoidWire {
    id: StatementId,
    index: u64,
    reason: String,
    authority: StatementId,
}

fn blob(key: &PublicKey) -> Blob {
    Blob(key.as_bytes().to_vec())
}

/// A key of a payload: 32 bytes that are an acceptable point, as in the charter.
fn key(blob: &Blob) -> Result<PublicKey, PayloadError> {
    let bytes = blob.0.as_slice().try_into().map_err(|_| PayloadError::Change("a key has not 32 bytes"))?;
    PublicKey::from_bytes(bytes).map_err(PayloadError::Key)
}

fn roles(words: &[String]) -> Result<Vec<KeyRole>, PayloadError> {
    roles_from(words).ok_or(PayloadError::Change("roles are unknown or not in order"))
}

fn text(text: &str) -> Result<(), PayloadError> {
    if text.len() > limits::CHARTER_TEXT { Err(PayloadError::Text) } else { Ok(()) }
}

impl KeysStatement {
    fn check(&self) -> Result<(), PayloadError> {
        let sound = match &self.change {
            KeyChange::Add(added) => {
                text(&added.member.name)?;
                is_in_order(&added.member.roles)
            }
            KeyChange::Roles { roles, .. } => is_in_order(roles),
            _ => true,
        };
        match (&self.change, self.epoch) {
            (_, 0) => Err(PayloadError::Change("epoch 0 is the charter's")),
            (KeyChange::Threshold(threshold), _) if !(1..=limits::CHARTER_KEYS as u64).contains(threshold) => {
                Err(PayloadError::Change("a threshold that no archive has"))
            }
            _ if !sound => Err(PayloadError::Change("roles are unknown or not in order")),
            _ => Ok(()),
        }
    }

    pub(crate) fn decode(payload: &[u8]) -> Result<Self, PayloadError> {
        let KeysWire { epoch, change, authority } = cbor::decode(payload)?;
        let statement = Self { epoch, change: change.into_change()?, authority };
        statement.check()?;
        Ok(statement)
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        let mut change = ChangeWire::default();
        match &self.change {
            KeyChange::Add(AddedKey { member, proof }) => {
                let (key, name, roles) = (blob(&member.key), member.name.clone(), roles_to(&member.roles));
                change.add = Some(AddWire { key, name, proof: Blob(proof.to_vec()), roles });
            }
            KeyChange::Retire { key } => change.retire = Some(RetireWire { key: blob(key) }),
            KeyChange::Revoke { key, doubtful_from } => {
                change.revoke = Some(RevokeWire { key: blob(key), doubtful_from: *doubtful_from });
            }
            KeyChange::Roles { key, roles } => {
                change.roles = Some(RolesWire { key: blob(key), roles: roles_to(roles) });
            }
            KeyChange::Threshold(threshold) => change.threshold = Some(*threshold),
        }
        Ok(cbor::encode(&KeysWire { epoch: self.epoch, change, authority: self.authority })?)
    }
}

fn is_in_order(roles: &[KeyRole]) -> bool {
    !roles.is_empty() && roles.is_sorted_by(|a, b| a < b)
}

impl ChangeWire {
    fn into_change(self) -> Result<KeyChange, PayloadError> {
        match self {
            Self { add: Some(add), roles: None, retire: None, revoke: None, threshold: None } => {
                let proof = add.proof.0.as_slice().try_into();
                let proof = proof.map_err(|_| PayloadError::Change("a proof has not 64 bytes"))?;
                let member = CharterKey { key: key(&add.key)?, name: add.name, roles: roles(&add.roles)? };
                Ok(KeyChange::Add(AddedKey { member, proof }))
            }
            Self { add: None, roles: Some(wire), retire: None, revoke: None, threshold: None } => {
                Ok(KeyChange::Roles { key: key(&wire.key)?, roles: roles(&wire.roles)? })
            }
            Self { add: None, roles: None, retire: Some(wire), revoke: None, threshold: None } => {
                Ok(KeyChange::Retire { key: key(&wire.key)? })
            }
            Self { add: None, roles: None, retire: None, revoke: Some(wire), threshold: None } => {
                Ok(KeyChange::Revoke { key: key(&wire.key)?, doubtful_from: wire.doubtful_from })
            }
            Self { add: None, roles: None, retire: None, revoke: None, threshold: Some(threshold) } => {
                Ok(KeyChange::Threshold(threshold))
            }
            _ => Err(PayloadError::Change("not exactly one change")),
        }
    }
}

impl VoidStatement {
    pub(crate) fn decode(payload: &[u8]) -> Result<Self, PayloadError> {
        let VoidWire { id, index, reason, authority } = cbor::decode(payload)?;
        text(&reason)?;
        Ok(Self { index, id, reason, authority })
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        text(&self.reason)?;
        let Self { index, id, reason, authority } = self;
        Ok(cbor::encode(&VoidWire { id: *id, index: *index, reason: reason.clone(), authority: *authority })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SecretKey;

    #[test]
    fn a_key_is_added_by_its_own_proof_alone() {
        let (new, other) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let key = new.public_key().clone();
        let member = CharterKey { key, name: "Sofia".to_owned(), roles: vec![KeyRole::Archivist] };
        let id = StatementId::of(b"charter");
        assert!(AddedKey::prove(member.clone(), id.into(), id, &new).is_ok());
        assert!(matches!(AddedKey::prove(member, id.into(), id, &other), Err(SignError::Wrong)));
    }
}
