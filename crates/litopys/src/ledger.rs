//! The rules (format.md, section 9, step 6): who may write, and each article's head. A total fold: state is defined after any log.

use std::collections::HashMap;

use crate::charter::{Charter, KeyRole};
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

/// The state of an archive after some statements of its log.
#[derive(Debug, Clone)]
pub struct Ledger {
    archive: ArchiveId,
    charter: Charter,
    heads: HashMap<ArticleUrn, Head>,
    size: u64,
    versions: u64,
    void: u64,
    /// Whether statements were skipped: versions between those that were seen may be among them.
    gaps: bool,
}

impl Ledger {
    /// The state after statement 0.
    ///
    /// Returns `None` if it is no charter.
    pub fn found(statement: &VerifiedStatement) -> Option<Self> {
        let Payload::Charter(charter) = statement.payload() else { return None };
        let (archive, charter) = (statement.id().into(), (**charter).clone());
        Some(Self { archive, charter, heads: HashMap::new(), size: 1, versions: 0, void: 0, gaps: false })
    }

    /// Skips statements that are not shown, up to this index: none that decides who may sign may be among them. From here on an article's
    /// version may follow one that was skipped.
    pub fn skip_to(&mut self, index: u64) {
        self.gaps |= index > self.size;
        self.size = self.size.max(index);
    }

    /// Takes the next statement in. One that breaks a rule is void: it has no effect but that it counts, and the rule's code is returned.
    /// `None` stands for a statement that couldn't be verified: it has no effect either.
    ///
    /// # Errors
    /// The code of the first rule that it breaks.
    pub fn apply(&mut self, statement: Option<&VerifiedStatement>) -> Result<(), Code> {
        let index = self.size;
        self.size += 1;
        let Some(statement) = statement else { return Ok(()) };
        let judged = self.judge(statement);
        match judged {
            Ok(version) => {
                let head = Head { id: statement.id(), version: version.version, index };
                self.heads.insert(version.article, head);
                self.versions += 1;
                Ok(())
            }
            Err(code) => {
                self.void += 1;
                Err(code)
            }
        }
    }

    fn judge<'a>(&self, statement: &'a VerifiedStatement) -> Result<&'a ArticleVersion, Code> {
        let Payload::Article(version) = statement.payload() else { return Err(Code::SecondCharter) };
        if statement.issuer() != self.charter.origin.as_str() {
            return Err(Code::OtherOrigin);
        }
        let member = self.charter.member(statement.signer()).ok_or(Code::UnknownSigner)?;
        if version.authority != StatementId::from(self.archive) {
            return Err(Code::Authority);
        }
        if !member.holds(KeyRole::Archivist) {
            return Err(Code::WrongRole);
        }
        let head = self.heads.get(&version.article);
        match (head, version.previous) {
            (None, None) => Ok(version),
            (Some(_), None) => Err(Code::ForkedChain),
            (Some(head), Some(previous)) if previous == head.id && version.version == head.version + 1 => Ok(version),
            _ if self.gaps && self.may_follow_skipped(head, version) => Ok(version),
            _ => Err(Code::BrokenChain),
        }
    }

    /// Whether a version may follow one that was skipped: then as many statements as versions are missing, at least, must lie between.
    fn may_follow_skipped(&self, head: Option<&Head>, version: &ArticleVersion) -> bool {
        let (before, at) = head.map_or((0, 0), |head| (head.version, head.index));
        let is_next = head.is_some_and(|head| version.previous == Some(head.id));
        version.version > before + 1 && version.version - before <= self.size - 1 - at && !is_next
    }

    /// The archive's id.
    pub const fn archive(&self) -> ArchiveId {
        self.archive
    }

    /// The charter.
    pub const fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The governance statement in force, which new statements name as their authority.
    pub fn authority(&self) -> StatementId {
        self.archive.into()
    }

    /// How many statements it has taken in.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// How many versions are in force.
    pub const fn versions(&self) -> u64 {
        self.versions
    }

    /// How many entries are void.
    pub const fn void(&self) -> u64 {
        self.void
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
