//! Decisions in words.

use litopys::PublicKey;
use litopys::authority::{Authority, Proposal};
use litopys::charter::KeyRole;
use litopys::governance::KeyChange;

use crate::ui::escape;

/// A name on one line.
const NAME: usize = 80;

/// Roles in words.
pub(crate) fn roles(roles: &[KeyRole]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

/// A key and whose it is, by the archive's word.
pub(crate) fn named(authority: &Authority, key: &PublicKey) -> String {
    match authority.holder(key.as_bytes()) {
        Some(holder) => format!("\"{}\" {}", escape::short(&holder.name, NAME), key.fingerprint()),
        None => key.fingerprint().to_string(),
    }
}

/// The verb and its object.
pub(crate) fn change(authority: &Authority, change: &KeyChange) -> String {
    match change {
        KeyChange::Add(added) => {
            let name = escape::short(&added.member.name, NAME);
            format!("add \"{name}\" {} as {}", added.member.key.fingerprint(), roles(&added.member.roles))
        }
        KeyChange::Retire { key } => format!("retire {}", named(authority, key)),
        KeyChange::Revoke { key, doubtful_from: None } => format!("revoke {}", named(authority, key)),
        KeyChange::Revoke { key, doubtful_from: Some(from) } => {
            format!("revoke {}, doubtful from statement {from} on", named(authority, key))
        }
        KeyChange::Roles { key, roles: given } => format!("give {} the roles {}", named(authority, key), roles(given)),
        KeyChange::Threshold(1) => "let one steward decide".to_owned(),
        KeyChange::Threshold(threshold) => format!("let {threshold} stewards decide"),
        _ => "change keys".to_owned(),
    }
}

/// What stewards approve of.
pub(crate) fn proposal(authority: &Authority, proposal: &Proposal) -> String {
    match proposal {
        Proposal::Keys(keys) => change(authority, &keys.change),
        Proposal::Void(void) => {
            format!("acknowledge void statement {}: {}", void.index, escape::short(&void.reason, 200))
        }
        _ => "decide".to_owned(),
    }
}
