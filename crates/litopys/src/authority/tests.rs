//! What random logs (`ledger/tests.rs`) don't reach: bounds, and the order of what waits.

use super::*;
use crate::charter::CharterKey;
use crate::governance::AddedKey;
use crate::key::{SecretKey, Signer};

fn member(seed: u8, roles: &[KeyRole]) -> CharterKey {
    let key = SecretKey::from_seed(&[seed; 32]).public_key().clone();
    CharterKey { key, name: format!("key {seed}"), roles: roles.to_vec() }
}

/// Two stewards, who must both agree.
fn authority() -> Authority {
    let members = vec![member(1, &[KeyRole::Log, KeyRole::Steward]), member(2, &[KeyRole::Steward])];
    let charter = Charter::new("test.example/keys".parse().unwrap(), "Keys".into(), members, 2, [7; 16]).unwrap();
    Authority::found(StatementId::of(b"charter").into(), &charter)
}

#[test]
fn an_archive_has_so_many_keys_and_never_more() {
    let mut authority = authority();
    let (archive, in_force, new) = (authority.archive, authority.in_force, SecretKey::from_seed(&[3; 32]));
    let added = AddedKey::prove(member(3, &[KeyRole::Archivist]), archive, in_force, &new).unwrap();
    let statement = KeysStatement { epoch: 1, change: KeyChange::Add(added), authority: in_force };
    let left = KeyHolder { standing: Standing::Retired(1), ..authority.holders[1].clone() };
    authority.holders.resize(limits::KEYS_EVER - 1, left.clone());
    assert_eq!(authority.check(&statement, 9), Ok(()));
    authority.holders.push(left);
    assert_eq!(authority.check(&statement, 9), Err(Code::KeyChange));
}

#[test]
fn what_waits_is_told_in_log_order() {
    let mut authority = authority();
    for index in (1..20).rev() {
        let (id, reason) = (StatementId::of(&[index]), "why".to_owned());
        let void = VoidStatement { index: 0, id, reason, authority: authority.in_force };
        let approval = Approval { key: [1; 32], index: u64::from(index), id };
        assert_eq!(authority.approve(Proposal::Void(Box::new(void)), approval), Ok(None));
    }
    assert!(authority.pending().iter().map(|waits| waits.approvals[0].index).eq(1..20));
}
