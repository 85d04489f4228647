//! Whose keys may do what, from which place of the log on (format.md, section 9, step 6). All of it is judged by log position, never by
//! claimed time.

use std::collections::{BTreeSet, HashMap};

use crate::charter::{Charter, KeyRole};
use crate::governance::{KeyChange, KeysStatement, VoidStatement};
use crate::key::PublicKey;
use crate::report::Code;
use crate::statement::Payload;
use crate::{ArchiveId, FileDigest, StatementId, limits};

/// A key of an archive, at present and before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, by the charter's word or that of the stewards who added it.
    pub name: String,
    /// What it may do, or might last.
    pub roles: Vec<KeyRole>,
    /// The statement that brought it in, by its index: 0 for the charter's keys.
    pub since: u64,
    /// Whether it may still sign.
    pub standing: Standing,
}

/// Whether a key may still sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// It may.
    Active,
    /// Not from the statement with this index on. What it signed before stays good.
    Retired(u64),
    /// It isn't to be trusted any more.
    Revoked {
        /// From which statement on what it signs is void.
        at: u64,
        /// From which statement on what it signed before is doubtful, if any of it is.
        doubtful_from: Option<u64>,
    },
}

impl KeyHolder {
    /// Whether it may do this, as things stand.
    pub fn may(&self, role: KeyRole) -> bool {
        self.standing == Standing::Active && self.roles.contains(&role)
    }

    /// Whether what it signed at this index of the log is doubtful.
    pub fn is_doubtful_at(&self, index: u64) -> bool {
        matches!(self.standing, Standing::Revoked { at, doubtful_from: Some(from) } if (from..at).contains(&index))
    }
}

/// A steward's approval: a log entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approval {
    /// The steward's key.
    pub key: [u8; 32],
    /// The entry's index.
    pub index: u64,
    /// The entry's id.
    pub id: StatementId,
}

/// What stewards can agree upon.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proposal {
    /// A change of keys.
    Keys(Box<KeysStatement>),
    /// A void entry acknowledged.
    Void(Box<VoidStatement>),
}

impl Proposal {
    /// The proposal that a payload is a word for.
    pub fn of(payload: &Payload) -> Option<Self> {
        match payload {
            Payload::Keys(keys) => Some(Self::Keys(keys.clone())),
            Payload::Void(void) => Some(Self::Void(void.clone())),
            _ => None,
        }
    }

    /// The payload that each steward logs.
    pub fn payload(&self) -> Payload {
        match self {
            Self::Keys(keys) => Payload::Keys(keys.clone()),
            Self::Void(void) => Payload::Void(void.clone()),
        }
    }

    fn digest(&self) -> Result<FileDigest, Code> {
        self.payload().encode().map(|payload| FileDigest::of(&payload)).map_err(|_| Code::StatementPayload)
    }
}

/// A proposal that too few stewards have approved of so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingProposal {
    /// What it is.
    pub proposal: Proposal,
    /// Who has approved, in log order: at least one.
    pub approvals: Vec<Approval>,
}

/// A change of keys that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityChange {
    /// Which, from 1 on.
    pub epoch: u64,
    /// What changed.
    pub change: KeyChange,
    /// By whose approvals, in log order. The last is the governance statement that put it in force.
    pub approvals: Vec<Approval>,
}

impl AuthorityChange {
    /// The entry that put it in force.
    pub fn completed(&self) -> Option<&Approval> {
        self.approvals.last()
    }
}

/// Whose keys may do what, after some statements of a log.
#[derive(Debug, Clone)]
pub struct Authority {
    archive: ArchiveId,
    in_force: StatementId,
    epoch: u64,
    threshold: u64,
    holders: Vec<KeyHolder>,
    places: HashMap<[u8; 32], usize>,
    pending: HashMap<FileDigest, PendingProposal>,
    /// Those of them that are about void entries, by the entry.
    about_void: BTreeSet<(u64, FileDigest)>,
    changes: Vec<AuthorityChange>,
}

impl Authority {
    pub(crate) fn found(archive: ArchiveId, charter: &Charter) -> Self {
        let holder = |member: &crate::charter::CharterKey| KeyHolder {
            key: member.key.clone(),
            name: member.name.clone(),
            roles: member.roles.clone(),
            since: 0,
            standing: Standing::Active,
        };
        let holders: Vec<_> = charter.members.iter().map(holder).collect();
        let places = holders.iter().enumerate().map(|(at, holder)| (*holder.key.as_bytes(), at)).collect();
        let (pending, about_void, changes) = (HashMap::new(), BTreeSet::new(), Vec::new());
        let (in_force, threshold) = (archive.into(), charter.threshold);
        Self { archive, in_force, epoch: 0, threshold, holders, places, pending, about_void, changes }
    }

    /// The governance statement in force: the charter, or the entry that completed the last change of keys.
    pub const fn in_force(&self) -> StatementId {
        self.in_force
    }

    /// How many changes of keys are in force.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// How many stewards must agree.
    pub const fn threshold(&self) -> u64 {
        self.threshold
    }

    /// All keys that the archive ever had, in the order in which they came.
    pub fn holders(&self) -> &[KeyHolder] {
        &self.holders
    }

    /// The holder of a key, at present or before.
    pub fn holder(&self, key: &[u8; 32]) -> Option<&KeyHolder> {
        self.places.get(key).and_then(|at| self.holders.get(*at))
    }

    /// The keys that may do this.
    pub fn keys(&self, role: KeyRole) -> impl Iterator<Item = &PublicKey> {
        self.holders.iter().filter(move |holder| holder.may(role)).map(|holder| &holder.key)
    }

    /// The changes of keys in force, in log order.
    pub fn changes(&self) -> &[AuthorityChange] {
        &self.changes
    }

    /// What waits for more approvals, in log order. The next change of keys in force voids all of it.
    pub fn pending(&self) -> Vec<&PendingProposal> {
        let mut pending: Vec<_> = self.pending.values().collect();
        pending.sort_unstable_by_key(|pending| pending.approvals.first().map(|approval| approval.index));
        pending
    }

    /// The signer of an entry, if it may sign anything, and whether the entry knows of the last change of keys.
    pub(crate) fn signer(&self, key: &[u8; 32], authority: StatementId) -> Result<&KeyHolder, Code> {
        let holder = self.holder(key).ok_or(Code::UnknownSigner)?;
        match holder.standing {
            Standing::Retired(_) => Err(Code::RetiredSigner),
            Standing::Revoked { .. } => Err(Code::RevokedSigner),
            Standing::Active if authority != self.in_force => Err(Code::Authority),
            Standing::Active => Ok(holder),
        }
    }

    /// Whether a change of keys could be put in force by the entry at `index`.
    ///
    /// # Errors
    /// The code of the rule that it breaks.
    pub fn check(&self, statement: &KeysStatement, index: u64) -> Result<(), Code> {
        if statement.epoch != self.epoch + 1 {
            return Err(Code::KeyChange);
        }
        let effect = Effect::of(&self.holders, self.threshold, &statement.change, index).ok_or(Code::KeyChange)?;
        let changed = effect.holder.as_ref();
        let others = self.holders.iter().enumerate().filter(|(at, _)| changed.is_none_or(|(place, _)| place != at));
        let after = || others.clone().map(|(_, holder)| holder).chain(changed.map(|(_, holder)| holder));
        let count = |role| after().filter(|holder| holder.may(role)).count();
        let active = after().filter(|holder| holder.standing == Standing::Active).count();
        let room = active <= limits::CHARTER_KEYS && after().count() <= limits::KEYS_EVER;
        if !room || count(KeyRole::Log) == 0 || (count(KeyRole::Steward) as u64) < effect.threshold {
            return Err(Code::KeyChange);
        }
        match &statement.change {
            KeyChange::Add(added) => added.check(self.archive, self.in_force).map_err(|_| Code::Possession),
            _ => Ok(()),
        }
    }

    /// Takes a steward's approval in. The proposal, once enough have approved of it.
    pub(crate) fn approve(&mut self, proposal: Proposal, approval: Approval) -> Result<Option<Proposal>, Code> {
        let digest = proposal.digest()?;
        let pending = self.pending.get(&digest);
        if pending.is_some_and(|pending| pending.approvals.iter().any(|earlier| earlier.key == approval.key)) {
            return Err(Code::ApprovedTwice);
        }
        let pending = self
            .pending
            .entry(digest)
            .or_insert_with(|| PendingProposal { proposal: proposal.clone(), approvals: Vec::new() });
        pending.approvals.push(approval);
        if let Proposal::Void(void) = &proposal {
            self.about_void.insert((void.index, digest));
        }
        if (pending.approvals.len() as u64) < self.threshold {
            return Ok(None);
        }
        let approvals = self.pending.remove(&digest).map(|pending| pending.approvals).unwrap_or_default();
        match &proposal {
            Proposal::Keys(statement) => self.complete(statement, approvals, approval),
            // What else was said of the same entry has nothing left to acknowledge.
            Proposal::Void(void) => {
                let first = |index| (index, FileDigest::from_bytes([0; 32]));
                let said = self.about_void.range(first(void.index)..first(void.index + 1));
                for about in said.copied().collect::<Vec<_>>() {
                    self.about_void.remove(&about);
                    self.pending.remove(&about.1);
                }
            }
        }
        Ok(Some(proposal))
    }

    /// Makes a change again that was in force elsewhere; of it only the keys and their roles are kept.
    pub(crate) fn repeat(&mut self, made: &AuthorityChange) {
        let index = made.completed().map_or(0, |approval| approval.index);
        if let Some(effect) = Effect::of(&self.holders, self.threshold, &made.change, index) {
            self.take(effect);
        }
    }

    fn take(&mut self, effect: Effect) {
        self.threshold = effect.threshold;
        let Some((at, holder)) = effect.holder else { return };
        match self.holders.get_mut(at) {
            Some(present) => *present = holder,
            None => self.holders.push(holder),
        }
    }

    /// Puts a change of keys in force. An approval names the governance statement that it follows, so none of those that wait can be
    /// completed any more.
    fn complete(&mut self, statement: &KeysStatement, approvals: Vec<Approval>, last: Approval) {
        if let Some(effect) = Effect::of(&self.holders, self.threshold, &statement.change, last.index) {
            self.take(effect);
        }
        if let KeyChange::Add(added) = &statement.change {
            self.places.insert(*added.member.key.as_bytes(), self.holders.len() - 1);
        }
        self.pending.clear();
        self.about_void.clear();
        (self.epoch, self.in_force) = (statement.epoch, last.id);
        self.changes.push(AuthorityChange { epoch: statement.epoch, change: statement.change.clone(), approvals });
    }
}

/// What a change of keys makes different.
struct Effect {
    /// The holder who is changed, with the place; a new one has the place after the last.
    holder: Option<(usize, KeyHolder)>,
    threshold: u64,
}

impl Effect {
    /// Of a change by the entry at `index`; `None` if it changes nothing, or what isn't there.
    fn of(holders: &[KeyHolder], threshold: u64, change: &KeyChange, index: u64) -> Option<Self> {
        let active = |key: &PublicKey| {
            let mut all = holders.iter().enumerate();
            all.find(|(_, holder)| holder.key == *key && holder.standing == Standing::Active)
        };
        let with =
            |key: &PublicKey, standing| active(key).map(|(at, holder)| (at, KeyHolder { standing, ..holder.clone() }));
        let holder = match change {
            KeyChange::Add(added) => {
                // A key that left doesn't come back: whoever has it may have been told what it signed before.
                if holders.iter().any(|holder| holder.key == added.member.key) {
                    return None;
                }
                let crate::charter::CharterKey { key, name, roles } = added.member.clone();
                (holders.len(), KeyHolder { key, name, roles, since: index, standing: Standing::Active })
            }
            KeyChange::Retire { key } => with(key, Standing::Retired(index))?,
            KeyChange::Revoke { doubtful_from: Some(from), .. } if *from >= index => return None,
            KeyChange::Revoke { key, doubtful_from } => {
                with(key, Standing::Revoked { at: index, doubtful_from: *doubtful_from })?
            }
            KeyChange::Roles { key, roles } => {
                let (at, holder) = active(key).filter(|(_, holder)| holder.roles != *roles)?;
                (at, KeyHolder { roles: roles.clone(), ..holder.clone() })
            }
            KeyChange::Threshold(wanted) => {
                return (*wanted != threshold).then_some(Self { holder: None, threshold: *wanted });
            }
        };
        Some(Self { holder: Some(holder), threshold })
    }
}

#[cfg(test)]
mod tests;
