//! The rules as one would say them, without a thought to speed.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) key: u8,
    pub(super) roles: BTreeSet<KeyRole>,
    pub(super) left: Option<Code>,
    pub(super) doubtful: Option<(u64, u64)>,
}

/// The rules as one would say them, without a thought to speed.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) archive: StatementId,
    pub(super) holders: Vec<Holder>,
    pub(super) threshold: u64,
    /// The governance statements so far; the last is in force.
    pub(super) governance: Vec<StatementId>,
    /// What stewards have logged in force, ever: payload, who, and how many changes there were.
    pub(super) words: Vec<(Vec<u8>, u8, usize)>,
    pub(super) heads: BTreeMap<u8, Vec<StatementId>>,
    pub(super) void: BTreeMap<u64, (StatementId, Code)>,
    pub(super) acknowledged: BTreeSet<u64>,
    pub(super) observed: u64,
    /// Every version, void or not: its id and who signed it.
    pub(super) versions: BTreeMap<u64, (StatementId, u8)>,
    /// What is withheld: a file everywhere, a manifest with all its files, a file in one version.
    pub(super) withheld: BTreeSet<(Option<u64>, Option<FileDigest>)>,
    pub(super) size: u64,
}

impl Model {
    pub(super) fn epoch(&self) -> u64 {
        self.governance.len() as u64 - 1
    }

    pub(super) fn in_force(&self) -> StatementId {
        *self.governance.last().unwrap()
    }

    pub(super) fn holder(&self, key: u8) -> Option<&Holder> {
        self.holders.iter().find(|holder| holder.key == key)
    }

    pub(super) fn with(&self, role: KeyRole) -> usize {
        self.holders.iter().filter(|holder| holder.left.is_none() && holder.roles.contains(&role)).count()
    }

    /// The model after a change of keys, if it can be made.
    pub(super) fn changed(&self, change: &KeyChange) -> Option<Self> {
        let mut after = self.clone();
        let at = |key: &crate::PublicKey| self.holders.iter().position(|h| bytes(h.key) == *key.as_bytes());
        let here = |key: &crate::PublicKey| at(key).filter(|at| self.holders[*at].left.is_none());
        match change {
            KeyChange::Add(added) => {
                if at(&added.member.key).is_some() {
                    return None;
                }
                let key = (0..KEYS).find(|key| bytes(*key) == *added.member.key.as_bytes())?;
                let roles = added.member.roles.iter().copied().collect();
                after.holders.push(Holder { key, roles, left: None, doubtful: None });
            }
            KeyChange::Retire { key } => after.holders[here(key)?].left = Some(Code::RetiredSigner),
            KeyChange::Revoke { key, doubtful_from } => {
                if doubtful_from.is_some_and(|from| from >= self.size) {
                    return None;
                }
                let holder = &mut after.holders[here(key)?];
                holder.left = Some(Code::RevokedSigner);
                holder.doubtful = doubtful_from.map(|from| (from, self.size));
            }
            KeyChange::Roles { key, roles } => {
                let wanted: BTreeSet<_> = roles.iter().copied().collect();
                let holder = &mut after.holders[here(key)?];
                if holder.roles == wanted {
                    return None;
                }
                holder.roles = wanted;
            }
            KeyChange::Threshold(threshold) => {
                if *threshold == self.threshold {
                    return None;
                }
                after.threshold = *threshold;
            }
        }
        let sound = after.with(KeyRole::Log) > 0 && after.with(KeyRole::Steward) as u64 >= after.threshold;
        sound.then_some(after)
    }

    /// Counts a steward's word; whether it is the last one needed.
    pub(super) fn word(&mut self, payload: &[u8], signer: u8) -> Result<bool, Code> {
        let now = self.governance.len();
        let same = |word: &&(Vec<u8>, u8, usize)| word.0 == payload && word.2 == now;
        if self.words.iter().filter(same).any(|word| word.1 == signer) {
            return Err(Code::ApprovedTwice);
        }
        self.words.push((payload.to_vec(), signer, now));
        let enough = self.words.iter().filter(same).count() as u64 >= self.threshold;
        if enough {
            // What is in force waits no more.
            self.words.retain(|word| !same(&word));
        }
        Ok(enough)
    }

    pub(super) fn judge(&mut self, id: StatementId, signer: u8, iss: &str, payload: &Payload) -> Result<(), Code> {
        if matches!(payload, Payload::Charter(_)) {
            return Err(Code::SecondCharter);
        }
        if iss != ORIGIN {
            return Err(Code::OtherOrigin);
        }
        let holder = self.holder(signer).ok_or(Code::UnknownSigner)?;
        if let Some(code) = holder.left {
            return Err(code);
        }
        if payload.authority() != Some(self.in_force()) {
            return Err(Code::Authority);
        }
        let steward = holder.roles.contains(&KeyRole::Steward);
        let fits = match payload {
            Payload::Article(_) | Payload::Observation(_) => holder.roles.contains(&KeyRole::Archivist),
            Payload::Withdrawal(_) => steward || holder.roles.contains(&KeyRole::Archivist),
            _ => steward,
        };
        if !fits {
            return Err(Code::WrongRole);
        }
        let encoded = payload.encode().unwrap();
        match payload {
            Payload::Article(version) => {
                let chain = self.heads.entry(article_number(version.article)).or_default();
                match (version.version, chain.last()) {
                    (1, Some(_)) => return Err(Code::ForkedChain),
                    (1, None) => {}
                    (n, Some(last)) if n == chain.len() as u64 + 1 && version.previous == Some(*last) => {}
                    _ => return Err(Code::BrokenChain),
                }
                chain.push(id);
            }
            Payload::Observation(observation) => {
                let chain = self.heads.get(&article_number(observation.article)).filter(|chain| !chain.is_empty());
                let chain = chain.ok_or(Code::ObservedArticle)?;
                if chain.last() != Some(&observation.id) {
                    return Err(Code::ObservedVersion);
                }
                self.observed += 1;
            }
            Payload::Keys(keys) => {
                let after = self.changed(&keys.change).filter(|_| keys.epoch == self.epoch() + 1);
                let after = after.ok_or(Code::KeyChange)?;
                if let KeyChange::Add(added) = &keys.change {
                    let message = AddedKey::to_sign(&added.member, self.archive.into(), self.in_force());
                    added.member.key.verify(&message, &added.proof).map_err(|_| Code::Possession)?;
                }
                if self.word(&encoded, signer)? {
                    (self.holders, self.threshold) = (after.holders, after.threshold);
                    self.governance.push(id);
                }
            }
            Payload::Void(void) => {
                let known = self.void.get(&void.index).is_some_and(|(id, _)| *id == void.id);
                if !known || self.acknowledged.contains(&void.index) {
                    return Err(Code::NotVoid);
                }
                if self.word(&encoded, signer)? {
                    self.acknowledged.insert(void.index);
                    // Other words about the same entry have nothing left to say.
                    let about =
                        |word: &Vec<u8>| VoidStatement::decode(word).is_ok_and(|other| other.index == void.index);
                    self.words.retain(|word| !about(&word.0));
                }
            }
            Payload::Withdrawal(withdrawal) => self.withdraw(withdrawal, signer, steward)?,
            Payload::Charter(_) => {}
        }
        Ok(())
    }

    pub(super) fn withdraw(&mut self, withdrawal: &Withdrawal, signer: u8, steward: bool) -> Result<(), Code> {
        let named: Vec<_> = withdrawal.scope.entries().collect();
        if named.iter().any(|of| self.versions.get(&of.index).is_none_or(|(id, _)| *id != of.id)) {
            return Err(Code::WithdrawalUnknown);
        }
        if !steward && (named.is_empty() || named.iter().any(|of| self.versions[&of.index].1 != signer)) {
            return Err(Code::WithdrawalRight);
        }
        let mut wanted = Vec::new();
        match &withdrawal.scope {
            Scope::Files(files) => wanted.extend(files.iter().map(|file| (None, Some(*file)))),
            Scope::Entries(entries) => wanted.extend(entries.iter().map(|of| (Some(of.index), None))),
            Scope::FilesOf(of, files) => wanted.extend(files.iter().map(|file| (Some(of.index), Some(*file)))),
        }
        if wanted.iter().all(|what| self.is_withheld(*what)) {
            return Err(Code::WithdrawalRepeated);
        }
        self.withheld.extend(wanted);
        Ok(())
    }

    pub(super) fn is_withheld(&self, (version, file): (Option<u64>, Option<FileDigest>)) -> bool {
        let known = |what| self.withheld.contains(&what);
        match (version, file) {
            (Some(_), Some(_)) => known((version, None)) || known((None, file)) || known((version, file)),
            _ => known((version, file)),
        }
    }
}
