//! The rules (format.md, section 9, step 6): who may write, each article's head, what is void. A total fold: state is defined after any log.

use std::collections::HashMap;

use crate::authority::{Approval, Authority, Proposal};
use crate::charter::{Charter, KeyRole};
use crate::governance::VoidStatement;
use crate::key::PublicKey;
use crate::observation::Observation;
use crate::report::Code;
use crate::statement::{ArticleVersion, Payload, VerifiedStatement};
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
    heads: HashMap<ArticleUrn, Head>,
    size: u64,
    versions: u64,
    observations: u64,
    /// In log order.
    void: Vec<VoidEntry>,
    /// Statements that were skipped: versions between those that were seen may be among them.
    skipped: Vec<std::ops::Range<u64>>,
}

impl Ledger {
    /// The state after statement 0.
    ///
    /// Returns `None` if it is no charter.
    pub fn found(statement: &VerifiedStatement) -> Option<Self> {
        let Payload::Charter(charter) = statement.payload() else { return None };
        let (archive, charter) = (statement.id().into(), (**charter).clone());
        let authority = Authority::found(archive, &charter);
        let (heads, void, skipped) = (HashMap::new(), Vec::new(), Vec::new());
        Some(Self { archive, charter, authority, heads, size: 1, versions: 0, observations: 0, void, skipped })
    }

    /// Skips statements that are not shown, up to this index: none that decides who may sign may be among them. From here on an article's
    /// version may follow one that was skipped.
    pub fn skip_to(&mut self, index: u64) {
        if index > self.size {
            self.skipped.push(self.size..index);
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
        let done = self.judge(statement).and_then(|()| self.take(statement, index));
        if let Err(code) = done {
            self.void.push(VoidEntry { index, id: statement.id(), code, acknowledged: None });
        }
        done
    }

    /// Takes in that the next statement couldn't be verified, and why: it has no effect either.
    pub fn apply_faulty(&mut self, id: StatementId, code: Code) {
        self.void.push(VoidEntry { index: self.size, id, code, acknowledged: None });
        self.size += 1;
    }

    /// The rules for whoever signs.
    fn judge(&self, statement: &VerifiedStatement) -> Result<(), Code> {
        let Some(authority) = statement.payload().authority() else { return Err(Code::SecondCharter) };
        if statement.issuer() != self.charter.origin.as_str() {
            return Err(Code::OtherOrigin);
        }
        let holder = self.authority.signer(statement.signer(), authority)?;
        let role = match statement.payload() {
            Payload::Article(_) | Payload::Observation(_) => KeyRole::Archivist,
            _ => KeyRole::Steward,
        };
        if holder.may(role) { Ok(()) } else { Err(Code::WrongRole) }
    }

    /// The rules for what is signed, and its effect.
    fn take(&mut self, statement: &VerifiedStatement, index: u64) -> Result<(), Code> {
        let approval = Approval { key: *statement.signer(), index, id: statement.id() };
        match statement.payload() {
            Payload::Charter(_) => Err(Code::SecondCharter),
            Payload::Article(version) => {
                self.continues(version)?;
                self.set_head(version.article, version.version, approval);
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
                if at.is_none() && !self.is_skipped(void.index) {
                    return Err(Code::NotVoid);
                }
                if self.authority.approve(Proposal::Void(void.clone()), approval)?.is_some()
                    && let Some(entry) = at.and_then(|at| self.void.get_mut(at))
                {
                    entry.acknowledged = Some(Acknowledgement { index, reason: void.reason.clone() });
                }
                Ok(())
            }
        }
    }

    fn set_head(&mut self, article: ArticleUrn, version: u64, entry: Approval) {
        self.heads.insert(article, Head { id: entry.id, version, index: entry.index });
        self.versions += 1;
    }

    /// Takes in a version that was just made to follow its article's head.
    #[cfg(all(feature = "fs", feature = "zstd"))]
    pub(crate) fn apply_own(&mut self, article: ArticleUrn, version: u64, id: StatementId, signer: &[u8; 32]) {
        self.set_head(article, version, Approval { key: *signer, index: self.size, id });
        self.size += 1;
    }

    fn continues(&self, version: &ArticleVersion) -> Result<(), Code> {
        let head = self.heads.get(&version.article);
        match (head, version.previous) {
            (None, None) => Ok(()),
            (Some(_), None) => Err(Code::ForkedChain),
            (Some(head), Some(previous)) if previous == head.id && version.version == head.version + 1 => Ok(()),
            _ if !self.skipped.is_empty() && self.may_follow_skipped(head, version) => Ok(()),
            _ => Err(Code::BrokenChain),
        }
    }

    /// Whether a version may follow one that was skipped: then as many statements as versions are missing, at least, must lie between.
    fn may_follow_skipped(&self, head: Option<&Head>, version: &ArticleVersion) -> bool {
        let (before, at) = head.map_or((0, 0), |head| (head.version, head.index));
        let is_next = head.is_some_and(|head| version.previous == Some(head.id));
        version.version > before + 1 && version.version - before <= self.size - 1 - at && !is_next
    }

    /// Whether an observation is one of its article's head. Where statements were skipped, the head may be among them.
    fn observes(&self, observation: &Observation) -> Result<(), Code> {
        let head = self.heads.get(&observation.article);
        let since = head.map_or(0, |head| head.index);
        if head.is_some_and(|head| head.id == observation.id) || self.skipped.iter().any(|range| range.end > since) {
            return Ok(());
        }
        Err(if head.is_some() { Code::ObservedVersion } else { Code::ObservedArticle })
    }

    fn is_skipped(&self, index: u64) -> bool {
        self.skipped.iter().any(|range| range.contains(&index))
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
        let mut then = Authority::found(self.archive, &self.charter);
        let before = |at: Option<&Approval>| at.is_some_and(|approval| approval.index < size);
        self.authority
            .changes()
            .iter()
            .filter(|change| before(change.completed()))
            .for_each(|change| then.repeat(change));
        then.keys(role).cloned().collect()
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

    /// The entry at this index, if it is void.
    pub fn void_at(&self, index: u64) -> Option<&VoidEntry> {
        self.void.binary_search_by_key(&index, |entry| entry.index).ok().and_then(|at| self.void.get(at))
    }

    /// Whether the entry at this index was the last approval that something needed.
    pub fn completed_by(&self, index: u64) -> bool {
        let mut completed = self.authority.changes().iter().filter_map(|change| change.completed());
        completed.any(|approval| approval.index == index)
            || self.void.iter().any(|entry| entry.acknowledged.as_ref().is_some_and(|by| by.index == index))
    }

    /// The newest version of an article.
    pub fn head(&self, article: &ArticleUrn) -> Option<&Head> {
        self.heads.get(article)
    }

    /// All articles with their newest versions, in no order.
    pub fn heads(&self) -> impl ExactSizeIterator<Item = (&ArticleUrn, &Head)> {
        self.heads.iter()
    }
}

#[cfg(test)]
mod tests;
