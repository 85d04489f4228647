//! The keys that a command signs with.

use std::path::Path;

use litopys::Signer;
use litopys::charter::{Charter, KeyRole};

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

    /// The keys that were named; else those of the key folder that the charter gives the roles.
    pub(crate) fn of(
        context: &Context,
        charter: &Charter,
        key: Option<&Path>,
        log: Option<&Path>,
    ) -> Result<Self, Failure> {
        let archivist = match key {
            Some(key) => context.home()?.read_key(key)?,
            None => own(context, charter, KeyRole::Archivist)?,
        };
        let holds_log =
            charter.member(archivist.public_key().as_bytes()).is_some_and(|member| member.holds(KeyRole::Log));
        let log = match log {
            Some(key) => Some(context.home()?.read_key(key)?),
            None if holds_log => None,
            None => Some(own(context, charter, KeyRole::Log)?),
        };
        Ok(Self { archivist, log })
    }
}

/// A key of the key folder with this role.
pub(crate) fn own(context: &Context, charter: &Charter, role: KeyRole) -> Result<Key, Failure> {
    let home = context.home()?;
    let is_wanted = |key: &litopys::PublicKey| charter.member(key.as_bytes()).is_some_and(|member| member.holds(role));
    for stored in home.keys()? {
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
        _ => ("sign its articles", "--key"),
    };
    let failure = Failure::new(Exit::False, format_args!("none of your keys may {what}"));
    let failure = charter.members.iter().filter(|member| member.holds(role)).fold(failure, |failure, member| {
        failure.hint(format_args!("the key {} \"{}\" may", member.key.fingerprint(), member.name))
    });
    Err(failure.hint(format_args!("{flag} FILE names a key; `litopys key list` lists yours")))
}
