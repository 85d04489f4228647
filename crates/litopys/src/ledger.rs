//! The rules (format.md, section 9, step 6): who may write, each article's head, what is void. A total fold: state is defined after any log.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::authority::{Approval, Authority, AuthorityChange, Proposal};
use crate::charter::{Charter, KeyRole};
use crate::governance::VoidStatement;
use crate::key::PublicKey;
use crate::observation::Observation;
use crate::report::Code;
use crate::statement::{ArticleVersion, Payload, VerifiedStatement};
use crate::withdrawal::{EntryRef, InForce, Scope, Withdrawal, Withheld};
use crate::{ArchiveId, ArticleUrn, StatementId};

/// The newest version of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: StatementId,
    /// Its number.
    pub version: u64,
    /// Its index in the log.
    pub index: u64,
}

/// A head as it is kept, for there are as many as articles: its id stands among the entries.
#[derive(Debug, Clone, Copy)]
struct Newest {
    version: u64,
    index: u64,
}

/// An entry that has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidEntry {
    /// Its index in the log.
    pub index: u64,
    /// Its id.
    pub id: StatementId,
    /// What is wrong with it.
    pub code: Code,
    /// The stewards' acknowledgement, if there is one: then it is disclosed as a warning.
    pub acknowledged: Option<Acknowledgement>,
}

/// That the stewards know of a void entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The entry that put it in force.
    pub index: u64,
    /// How the void entry came about, by their word.
    pub reason: String,
}

/// The state of an archive after some statements of its log.
#[derive(Debug, Clone)]
pub struct Ledger {
    archive: ArchiveId,
    charter: Charter,
    authority: Authority,
    heads: HashMap<ArticleUrn, Newest>,
    size: u64,
    versions: u64,
    observations: u64,
    /// In log order.
    void: Vec<VoidEntry>,
    /// The entries by which void ones were acknowledged, in log order.
    acknowledged: Vec<u64>,
    entries: Entries,
    withheld: Withheld,
}

/// Every statement by its place, as far as a later one may name it.
#[derive(Debug, Clone, Default)]
struct Entries {
    ids: Vec<StatementId>,
    /// Who signed it, if it has a manifest: a place in `signers` plus one.
    by: Vec<u32>,
    signers: Vec<[u8; 32]>,
    places: HashMap<[u8; 32], u32>,
    /// Statements that were skipped, in order, each stretch with how many were skipped up to its end: versions between those that were seen may be
    /// among them.
    skipped: Vec<(Range<u64>, u64)>,
}

impl Entries {
    fn push(&mut self, id: StatementId, signer: Option<&[u8; 32]>) {
        let by = signer.map_or(0, |signer| {
            *self.places.entry(*signer).or_insert_with(|| {
                self.signers.push(*signer);
                // No log has more statements.
                u32::try_from(self.signers.len()).unwrap_or(u32::MAX)
            })
        });
        self.ids.push(id);
        self.by.push(by);
    }

    fn skip(&mut self, range: Range<u64>) {
        let before = self.skipped.last().map_or(0, |(_, before)| *before);
        self.skipped.push((range.clone(), before + range.end - range.start));
    }

    /// The stretch of skipped statements that ends last before this index, or holds it.
    fn stretch(&self, index: u64) -> Option<&(Range<u64>, u64)> {
        let at = self.skipped.partition_point(|(range, _)| range.start <= index);
        at.checked_sub(1).and_then(|at| self.skipped.get(at))
    }

    /// Whether something was skipped after this index.
    fn skips_after(&self, index: u64) -> bool {
        self.skipped.last().is_some_and(|(range, _)| range.end > index)
    }

    fn is_skipped(&self, index: u64) -> bool {
        self.stretch(index).is_some_and(|(range, _)| range.contains(&index))
    }

    /// The id of the statement at this index, and who signed it if it has a manifest.
    fn get(&self, index: u64) -> Option<(StatementId, Option<&[u8; 32]>)> {
        let before = self.stretch(index).map_or(0, |(_, before)| *before);
        let at = usize::try_from(index.checked_sub(before)?).ok()?;
        let by = usize::try_from(*self.by.get(at)?).ok()?;
        Some((*self.ids.get(at)?, by.checked_sub(1).and_then(|by| self.signers.get(by))))
    }
}

impl Ledger {
    /// The state after statement 0.
    ///
    /// Returns `None` if it is no charter.
    pub fn found(statement: &VerifiedStatement) -> Option<Self> {
        let Payload::Charter(charter) = statement.payload() else { return None };
        let (archive, charter) = (statement.id().into(), (**charter).clone());
        let authority = Authority::found(archive, &charter);
        let (heads, void, acknowledged) = (HashMap::new(), Vec::new(), Vec::new());
        let mut entries = Entries::default();
        entries.push(statement.id(), None);
        let (versions, observations, withheld) = (0, 0, Withheld::default());
        let size = 1;
        Some(Self {
            archive,
            charter,
            authority,
            heads,
            size,
            versions,
            observations,
            void,
            acknowledged,
            entries,
            withheld,
        })
    }

    /// Skips statements that are not shown, up to this index: none that decides who may sign may be among them. From here on an article's
    /// version may follow one that was skipped.
    pub(crate) fn skip_to(&mut self, index: u64) {
        if index > self.size {
            self.entries.skip(self.size..index);
            self.size = index;
        }
    }

    /// Takes the next statement in. One that breaks a rule is void: it has no effect but that it counts, and the rule's code is returned.
    ///
    /// # Errors
    /// The code of the first rule that it breaks.
    pub fn apply(&mut self, statement: &VerifiedStatement) -> Result<(), Code> {
        let index = self.size;
        self.size += 1;
        self.entries.push(statement.id(), statement.payload().manifest().map(|_| statement.signer()));
        let done = self.judge(statement).and_then(|()| self.take(statement, index));
        if let Err(code) = done {
            self.void.push(VoidEntry { index, id: statement.id(), code, acknowledged: None });
        }
        done
    }

    /// Takes in that the next statement couldn't be verified, and why: it has no effect either.
    pub(crate) fn apply_faulty(&mut self, id: StatementId, code: Code) {
        self.void.push(VoidEntry { index: self.size, id, code, acknowledged: None });
        self.entries.push(id, None);
        self.size += 1;
    }

    /// The rules for whoever signs.
    fn judge(&self, statement: &VerifiedStatement) -> Result<(), Code> {
        let Some(authority) = statement.payload().authority() else { return Err(Code::SecondCharter) };
        if statement.issuer() != self.charter.origin.as_str() {
            return Err(Code::OtherOrigin);
        }
        let holder = self.authority.signer(statement.signer(), authority)?;
        let may = match statement.payload() {
            Payload::Article(_) | Payload::Observation(_) => holder.may(KeyRole::Archivist),
            Payload::Withdrawal(_) => holder.may(KeyRole::Archivist) || holder.may(KeyRole::Steward),
            _ => holder.may(KeyRole::Steward),
        };
        if may { Ok(()) } else { Err(Code::WrongRole) }
    }

    /// The rules for what is signed, and its effect.
    fn take(&mut self, statement: &VerifiedStatement, index: u64) -> Result<(), Code> {
        let approval = Approval { key: *statement.signer(), index, id: statement.id() };
        match statement.payload() {
            Payload::Charter(_) => Err(Code::SecondCharter),
            Payload::Article(version) => {
                self.continues(version)?;
                self.set_head(version.article, version.version, index);
                Ok(())
            }
            Payload::Observation(observation) => {
                self.observes(observation)?;
                self.observations += 1;
                Ok(())
            }
            Payload::Keys(keys) => {
                self.authority.check(keys, index)?;
                self.authority.approve(Proposal::Keys(keys.clone()), approval).map(drop)
            }
            Payload::Void(void) => {
                let at = self.find_void(void);
                if at.is_none() && !self.entries.is_skipped(void.index) {
                    return Err(Code::NotVoid);
                }
                if self.authority.approve(Proposal::Void(void.clone()), approval)?.is_some()
                    && let Some(entry) = at.and_then(|at| self.void.get_mut(at))
                {
                    entry.acknowledged = Some(Acknowledgement { index, reason: void.reason.clone() });
                    self.acknowledged.push(index);
                }
                Ok(())
            }
            Payload::Withdrawal(withdrawal) => self.withdraw(withdrawal, approval),
        }
    }

    /// By a steward, or by the signer of every entry that it names.
    fn withdraw(&mut self, withdrawal: &Withdrawal, by: Approval) -> Result<(), Code> {
        let steward = self.authority.holder(&by.key).is_some_and(|holder| holder.may(KeyRole::Steward));
        let mut own = !matches!(withdrawal.scope, Scope::Files(_));
        for EntryRef { index, id } in withdrawal.scope.entries() {
            if self.entries.is_skipped(*index) {
                continue;
            }
            match self.entries.get(*index) {
                Some((found, Some(signer))) if found == *id => own &= *signer == by.key,
                _ => return Err(Code::WithdrawalUnknown),
            }
        }
        if !steward && !own {
            return Err(Code::WithdrawalRight);
        }
        let new = InForce { index: by.index, id: by.id, signer: by.key, withdrawal: Arc::new(withdrawal.clone()) };
        if self.withheld.add(new) { Ok(()) } else { Err(Code::WithdrawalRepeated) }
    }

    fn set_head(&mut self, article: ArticleUrn, version: u64, index: u64) {
        self.heads.insert(article, Newest { version, index });
        self.versions += 1;
    }

    /// Takes in a version that was just made to follow its article's head.
    #[cfg(all(feature = "fs", feature = "zstd"))]
    pub(crate) fn apply_own(&mut self, article: ArticleUrn, version: u64, id: StatementId, signer: &[u8; 32]) {
        self.set_head(article, version, self.size);
        self.entries.push(id, Some(signer));
        self.size += 1;
    }

    fn continues(&self, version: &ArticleVersion) -> Result<(), Code> {
        let head = self.head(&version.article);
        match (head, version.previous) {
            (None, None) => Ok(()),
            (Some(_), None) => Err(Code::ForkedChain),
            (Some(head), Some(previous)) if previous == head.id && version.version == head.version + 1 => Ok(()),
            _ if !self.entries.skipped.is_empty() && self.may_follow_skipped(head, version) => Ok(()),
            _ => Err(Code::BrokenChain),
        }
    }

    /// Whether a version may follow one that was skipped: then as many statements as versions are missing, at least, must lie between.
    fn may_follow_skipped(&self, head: Option<Head>, version: &ArticleVersion) -> bool {
        let (before, at) = head.map_or((0, 0), |head| (head.version, head.index));
        let is_next = head.is_some_and(|head| version.previous == Some(head.id));
        version.version > before + 1 && version.version - before <= self.size - 1 - at && !is_next
    }

    /// Whether an observation is one of its article's head. Where statements were skipped, the head may be among them.
    fn observes(&self, observation: &Observation) -> Result<(), Code> {
        let head = self.head(&observation.article);
        let since = head.map_or(0, |head| head.index);
        if head.is_some_and(|head| head.id == observation.id) || self.entries.skips_after(since) {
            return Ok(());
        }
        Err(if head.is_some() { Code::ObservedVersion } else { Code::ObservedArticle })
    }

    /// The place of the void entry that is meant, which nobody has acknowledged yet.
    fn find_void(&self, void: &VoidStatement) -> Option<usize> {
        let at = self.void.binary_search_by_key(&void.index, |entry| entry.index).ok()?;
        self.void.get(at).filter(|entry| entry.id == void.id && entry.acknowledged.is_none()).map(|_| at)
    }

    /// The archive's id.
    pub const fn archive(&self) -> ArchiveId {
        self.archive
    }

    /// The charter.
    pub const fn charter(&self) -> &Charter {
        &self.charter
    }

    /// Whose keys may do what.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The keys that had a role after the first so many statements.
    pub fn keys_at(&self, role: KeyRole, size: u64) -> Vec<PublicKey> {
        KeysThen::of(self).at(role, size)
    }

    /// How many statements it has taken in.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// How many versions are in force.
    pub const fn versions(&self) -> u64 {
        self.versions
    }

    /// How many observations are in force.
    pub const fn observations(&self) -> u64 {
        self.observations
    }

    /// The entries without effect, in log order.
    pub fn void(&self) -> &[VoidEntry] {
        &self.void
    }

    /// What is withheld, and by which withdrawals.
    pub const fn withheld(&self) -> &Withheld {
        &self.withheld
    }

    pub(crate) fn into_withheld(self) -> Withheld {
        self.withheld
    }

    /// The id of the statement at this index, if it isn't skipped.
    pub fn id_at(&self, index: u64) -> Option<StatementId> {
        self.entries.get(index).filter(|_| !self.entries.is_skipped(index)).map(|(id, _)| id)
    }

    /// The entry at this index, if it is void.
    pub(crate) fn void_at(&self, index: u64) -> Option<&VoidEntry> {
        self.void.binary_search_by_key(&index, |entry| entry.index).ok().and_then(|at| self.void.get(at))
    }

    /// Whether the entry at this index was the last approval that something needed.
    pub(crate) fn completed_by(&self, index: u64) -> bool {
        let completed = |change: &AuthorityChange| change.completed().map_or(0, |approval| approval.index);
        self.authority.changes().binary_search_by_key(&index, completed).is_ok()
            || self.acknowledged.binary_search(&index).is_ok()
    }

    /// The newest version of an article.
    pub fn head(&self, article: &ArticleUrn) -> Option<Head> {
        let Newest { version, index } = *self.heads.get(article)?;
        self.id_at(index).map(|id| Head { id, version, index })
    }

    /// How many articles there are.
    pub fn articles(&self) -> u64 {
        self.heads.len() as u64
    }
}

/// The keys that had a role, after one number of statements and then after larger ones: each change of keys is made again once.
pub(crate) struct KeysThen<'a> {
    then: Authority,
    changes: &'a [AuthorityChange],
}

impl<'a> KeysThen<'a> {
    pub(crate) fn of(ledger: &'a Ledger) -> Self {
        Self { then: Authority::found(ledger.archive, &ledger.charter), changes: ledger.authority.changes() }
    }

    /// The keys that had a role after the first `size` statements, which are no fewer than those asked for before.
    pub(crate) fn at(&mut self, role: KeyRole, size: u64) -> Vec<PublicKey> {
        while let Some((change, rest)) = self.changes.split_first()
            && change.completed().is_some_and(|approval| approval.index < size)
        {
            self.then.repeat(change);
            self.changes = rest;
        }
        self.then.keys(role).cloned().collect()
    }
}

#[cfg(test)]
mod tests;
