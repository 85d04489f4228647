//! The keys that a command signs with.

use std::path::Path;

use litopys::Signer;
use litopys::authority::Authority;
use litopys::charter::KeyRole;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::home::keys::Key;

/// The key that signs articles and the one that signs checkpoints: mostly the same.
pub(crate) struct Signers {
    archivist: Key,
    log: Option<Key>,
}

impl Signers {
    /// One key for both.
    pub(crate) const fn one(key: Key) -> Self {
        Self { archivist: key, log: None }
    }

    /// Signs articles.
    pub(crate) const fn archivist(&self) -> &Key {
        &self.archivist
    }

    /// Signs checkpoints.
    pub(crate) fn log(&self) -> &Key {
        self.log.as_ref().unwrap_or(&self.archivist)
    }

    /// The keys that were named; else those of the key folder that have the roles.
    pub(crate) fn of(
        context: &Context,
        authority: &Authority,
        key: Option<&Path>,
        log: Option<&Path>,
    ) -> Result<Self, Failure> {
        let archivist = match key {
            Some(key) => context.home()?.read_key(key)?,
            None => own(context, authority, KeyRole::Archivist)?,
        };
        let holds_log =
            authority.holder(archivist.public_key().as_bytes()).is_some_and(|holder| holder.may(KeyRole::Log));
        let log = match log {
            Some(key) => Some(context.home()?.read_key(key)?),
            None if holds_log => None,
            None => Some(own(context, authority, KeyRole::Log)?),
        };
        Ok(Self { archivist, log })
    }
}

/// A key of the key folder with this role.
pub(crate) fn own(context: &Context, authority: &Authority, role: KeyRole) -> Result<Key, Failure> {
    own_but(context, authority, role, &[])
}

/// A key of the key folder with this role, and rather one that is none of these.
pub(crate) fn own_but(
    context: &Context,
    authority: &Authority,
    role: KeyRole,
    last: &[[u8; 32]],
) -> Result<Key, Failure> {
    let home = context.home()?;
    let is_wanted = |key: &litopys::PublicKey| authority.holder(key.as_bytes()).is_some_and(|holder| holder.may(role));
    let mut keys = home.keys()?;
    keys.sort_by_key(|stored| last.contains(stored.key.as_bytes()));
    for stored in keys {
        if let Some(path) = stored.secret.filter(|_| is_wanted(&stored.key)) {
            let key = home.read_key(&path)?;
            // The public half beside it is only where to look.
            if is_wanted(key.public_key()) {
                return Ok(key);
            }
        }
    }
    let (what, flag) = match role {
        KeyRole::Log => ("sign its checkpoints", "--log-key"),
        KeyRole::Steward => ("decide about its keys", "--key"),
        _ => ("sign its articles", "--key"),
    };
    let failure = Failure::new(Exit::False, format_args!("none of your keys may {what}"));
    let failure = authority.holders().iter().filter(|holder| holder.may(role)).fold(failure, |failure, holder| {
        failure.hint(format_args!("the key {} \"{}\" may", holder.key.fingerprint(), holder.name))
    });
    Err(failure.hint(format_args!("{flag} FILE names a key; `litopys key list` lists yours")))
}
