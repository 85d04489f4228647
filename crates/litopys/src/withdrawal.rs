//! What must not be kept (format.md, section 4.6): statements that withdraw manifests and files, and what they withhold together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cbor;
use crate::payload::PayloadError;
use crate::words::words;
use crate::{FileDigest, StatementId, limits};

/// A sort of data that must not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DataClass {
    /// Something told or held in confidence: a source, a secret.
    Confidential,
    /// A work whose holder of rights objects.
    Copyright,
    /// None of the others; the reason says what.
    Other,
    /// Personal data (GDPR, article 4).
    Personal,
    /// Special categories of personal data (GDPR, articles 9 and 10): health, beliefs, convictions.
    Sensitive,
    /// What nobody may hold.
    Unlawful,
}

impl DataClass {
    /// All of them, in the order of their words.
    pub const ALL: [Self; 6] =
        [Self::Confidential, Self::Copyright, Self::Other, Self::Personal, Self::Sensitive, Self::Unlawful];
}

words!(DataClass {
    Confidential = "confidential",
    Copyright = "copyright",
    Other = "other",
    Personal = "personal",
    Sensitive = "sensitive",
    Unlawful = "unlawful",
});

/// An entry of the log that has a manifest, named so that it can be no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryRef {
    /// Its index.
    pub index: u64,
    /// Its id.
    pub id: StatementId,
}

/// What a withdrawal is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Files, wherever in the archive they are named.
    Files(BTreeSet<FileDigest>),
    /// The manifests of entries, and all files that these name, in them.
    Entries(BTreeSet<EntryRef>),
    /// Files, in this entry alone.
    FilesOf(EntryRef, BTreeSet<FileDigest>),
}

/// A withdrawal: what is withheld from now on, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// What is withheld.
    pub scope: Scope,
    /// What sort of data it is.
    pub class: DataClass,
    /// Why, in the signer's words.
    pub reason: String,
    /// The legal basis.
    pub basis: String,
    /// The governance statement in force.
    pub authority: StatementId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    data: DataClass,
    basis: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileDigest>>,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entries: Option<Vec<EntryWire>>,
    authority: StatementId,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryWire {
    id: StatementId,
    index: u64,
}

impl Scope {
    /// The entries that it is about; none where it is about files wherever they are.
    pub fn entries(&self) -> impl Iterator<Item = &EntryRef> {
        let (one, several) = match self {
            Self::Files(_) => (None, None),
            Self::FilesOf(entry, _) => (Some(entry), None),
            Self::Entries(entries) => (None, Some(entries)),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }

    /// The files that it names.
    pub fn files(&self) -> impl Iterator<Item = &FileDigest> {
        match self {
            Self::Entries(_) => None,
            Self::Files(files) | Self::FilesOf(_, files) => Some(files),
        }
        .into_iter()
        .flatten()
    }
}

impl Withdrawal {
    fn check(&self) -> Result<(), PayloadError> {
        let text = |text: &str| text.is_empty() || text.len() > limits::CHARTER_TEXT;
        if text(&self.reason) || text(&self.basis) {
            return Err(PayloadError::Text);
        }
        let (entries, files) = (self.scope.entries().count(), self.scope.files().count());
        let most = limits::WITHDRAWN;
        let fits = match self.scope {
            Scope::Entries(_) => entries > 0,
            Scope::Files(_) | Scope::FilesOf(..) => files > 0,
        };
        let repeated = self.scope.entries().zip(self.scope.entries().skip(1)).any(|(a, b)| a.index == b.index);
        if fits && !repeated && entries.max(files) <= most { Ok(()) } else { Err(PayloadError::Withdrawn) }
    }

    pub(crate) fn decode(payload: &[u8]) -> Result<Self, PayloadError> {
        let Wire { data: class, basis, files, reason, entries, authority } = cbor::decode(payload)?;
        let files = files.map(in_order).transpose()?;
        let entry = |EntryWire { id, index }| EntryRef { index, id };
        let entries = entries.map(|all| in_order(all.into_iter().map(entry).collect())).transpose()?;
        let scope = match (entries, files) {
            (None, Some(files)) => Scope::Files(files),
            (Some(entries), None) => Scope::Entries(entries),
            (Some(entries), Some(files)) if entries.len() == 1 => {
                Scope::FilesOf(entries.first().copied().ok_or(PayloadError::Withdrawn)?, files)
            }
            _ => return Err(PayloadError::Withdrawn),
        };
        let withdrawal = Self { scope, class, reason, basis, authority };
        withdrawal.check()?;
        Ok(withdrawal)
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        let Self { scope, class, reason, basis, authority } = self;
        let entries: Vec<_> = scope.entries().map(|of| EntryWire { id: of.id, index: of.index }).collect();
        let files: Vec<_> = scope.files().copied().collect();
        Ok(cbor::encode(&Wire {
            data: *class,
            basis: basis.clone(),
            files: Some(files).filter(|files| !files.is_empty()),
            reason: reason.clone(),
            entries: Some(entries).filter(|entries| !entries.is_empty()),
            authority: *authority,
        })?)
    }
}

/// What is said of it: one line, which may quote the archive.
impl fmt::Display for Withdrawal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
        let (entries, files) = (self.scope.entries().count(), self.scope.files().count());
        match &self.scope {
            Scope::Files(_) => f.write_str(&count(files, "file", "files"))?,
            Scope::Entries(_) => {
                f.write_str(&count(entries, "manifest with its files", "manifests with their files"))?
            }
            Scope::FilesOf(entry, _) => {
                write!(f, "{} of statement {}", count(files, "file", "files"), entry.index)?;
            }
        }
        write!(f, " withheld ({}; {}): {}", self.class.as_str(), self.basis, self.reason)
    }
}

/// A set, written in its order.
fn in_order<T: Ord>(items: Vec<T>) -> Result<BTreeSet<T>, PayloadError> {
    if items.is_sorted_by(|a, b| a < b) { Ok(items.into_iter().collect()) } else { Err(PayloadError::Withdrawn) }
}

/// A withdrawal in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Its index in the log.
    pub index: u64,
    /// Its id.
    pub id: StatementId,
    /// The key that signed it.
    pub signer: [u8; 32],
    /// What it says; shared, since it may name a thousand articles, and each of these is told of it.
    pub withdrawal: Arc<Withdrawal>,
}

/// What is withheld, after some statements of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withheld {
    /// In log order. What is below has places in it.
    by: Vec<InForce>,
    files: HashMap<FileDigest, usize>,
    entries: HashMap<u64, usize>,
    /// By file, in which entries.
    files_of: HashMap<FileDigest, BTreeMap<u64, usize>>,
}

impl Withheld {
    /// Takes a withdrawal in; whether it withholds anything that wasn't withheld before.
    pub(crate) fn add(&mut self, new: InForce) -> bool {
        let at = self.by.len();
        let mut changed = false;
        match &new.withdrawal.scope {
            Scope::Files(files) => files.iter().for_each(|file| {
                changed |= !self.files.contains_key(file);
                self.files.entry(*file).or_insert(at);
            }),
            Scope::Entries(entries) => entries.iter().for_each(|entry| {
                changed |= !self.entries.contains_key(&entry.index);
                self.entries.entry(entry.index).or_insert(at);
            }),
            Scope::FilesOf(entry, files) => {
                for file in files.iter().filter(|file| self.of_file(entry.index, file).is_none()).collect::<Vec<_>>() {
                    changed = true;
                    self.files_of.entry(*file).or_default().insert(entry.index, at);
                }
            }
        }
        if changed {
            self.by.push(new);
        }
        changed
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.by.is_empty()
    }

    /// The withdrawals in force, in log order.
    pub fn all(&self) -> &[InForce] {
        &self.by
    }

    /// By which withdrawal the manifest of the entry at this index is withheld, with all its files in it.
    pub fn of_manifest(&self, index: u64) -> Option<&InForce> {
        self.entries.get(&index).and_then(|at| self.by.get(*at))
    }

    /// By which withdrawal a file that the manifest of the entry at this index names is withheld there.
    pub fn of_file(&self, index: u64, file: &FileDigest) -> Option<&InForce> {
        let at = self.files.get(file).or_else(|| self.entries.get(&index));
        at.or_else(|| self.files_of.get(file)?.get(&index)).and_then(|at| self.by.get(*at))
    }

    /// By which withdrawal this file may not come back: one that names it, wherever.
    pub fn names(&self, file: &FileDigest) -> Option<&InForce> {
        let at = self.files.get(file).or_else(|| self.files_of.get(file)?.values().min());
        at.and_then(|at| self.by.get(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withdrawal(scope: Scope, reason: usize, basis: usize) -> Withdrawal {
        let (reason, basis) = ("r".repeat(reason), "b".repeat(basis));
        Withdrawal { scope, class: DataClass::Other, reason, basis, authority: StatementId::of(b"charter") }
    }

    fn files(count: u64) -> Scope {
        Scope::Files((0..count).map(|n| FileDigest::of(&n.to_be_bytes())).collect())
    }

    fn entries(count: u64) -> Scope {
        Scope::Entries((0..count).map(|index| EntryRef { index, id: StatementId::of(b"entry") }).collect())
    }

    #[test]
    fn a_withdrawal_says_why_and_names_no_more_than_it_may() {
        for good in [withdrawal(files(1_024), 1_024, 1), withdrawal(entries(1_024), 1, 1_024)] {
            assert_eq!(Withdrawal::decode(&good.encode().unwrap()), Ok(good));
        }
        for (bad, error) in [
            (withdrawal(files(1_025), 1, 1), PayloadError::Withdrawn),
            (withdrawal(entries(1_025), 1, 1), PayloadError::Withdrawn),
            (withdrawal(files(0), 1, 1), PayloadError::Withdrawn),
            (withdrawal(entries(0), 1, 1), PayloadError::Withdrawn),
            (withdrawal(files(1), 0, 1), PayloadError::Text),
            (withdrawal(files(1), 1, 0), PayloadError::Text),
            (withdrawal(files(1), 1_025, 1), PayloadError::Text),
            (withdrawal(files(1), 1, 1_025), PayloadError::Text),
        ] {
            assert_eq!(bad.encode(), Err(error));
        }
    }

    #[test]
    fn what_is_withheld_already_is_no_news_and_stays_the_firsts() {
        let mut withheld = Withheld::default();
        let add = |withheld: &mut Withheld, index, scope| {
            let withdrawal = withdrawal(scope, 1, 1);
            withheld.add(InForce {
                index,
                id: StatementId::of(b"withdrawal"),
                signer: [0; 32],
                withdrawal: Arc::new(withdrawal),
            })
        };
        let of = |index| {
            let files = files(1).files().copied().collect();
            Scope::FilesOf(EntryRef { index, id: StatementId::of(b"entry") }, files)
        };
        let file = FileDigest::of(&0u64.to_be_bytes());
        assert!(add(&mut withheld, 10, of(2)) && add(&mut withheld, 11, of(1)));
        assert!(!add(&mut withheld, 12, of(2)));
        assert_eq!(withheld.names(&file).map(|by| by.index), Some(10));
        assert!(add(&mut withheld, 13, files(2)));
        assert!(!add(&mut withheld, 14, files(2)) && !add(&mut withheld, 15, of(3)));
        assert_eq!(withheld.all().iter().map(|by| by.index).collect::<Vec<_>>(), [10, 11, 13]);
        assert_eq!(withheld.of_file(3, &file).map(|by| by.index), Some(13));
    }
}
