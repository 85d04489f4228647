//! What differs between two trees, of article files alone.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use gix_hash::ObjectId;
use gix_object::tree::EntryKind;
use gix_object::{Kind as ObjectKind, TreeRefIter};

use super::GitFault;
use super::objects::Objects;
use crate::kind::{ByName, by_name};
use crate::walk::{SkipReason, Skipped};
use crate::{Kind, limits, names};

/// A file's path in a tree, as it is.
pub(super) type TreePath = Box<[u8]>;

/// An article file that was added, changed or taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: TreePath,
    pub(super) old: Option<ObjectId>,
    pub(super) new: Option<ObjectId>,
}

/// Compares trees, within bounds, and counts what it passes over.
#[derive(Debug, Default)]
pub(super) struct Comparer {
    /// Entries of trees that were looked at in all.
    total: u64,
    /// Hashes of the paths that were passed over.
    passed: HashSet<u64>,
    hasher: RandomState,
    pub(super) skipped: Skipped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    kind: EntryKind,
    id: ObjectId,
}

type Entries = BTreeMap<Box<[u8]>, Entry>;

impl Comparer {
    /// The article files that differ, by path.
    pub(super) fn changes(
        &mut self,
        objects: &Objects,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
    ) -> Result<Vec<Change>, GitFault> {
        let mut changes = Vec::new();
        let mut waiting = vec![(Vec::new(), old, new, 0)];
        let mut left = limits::GIT_TREE_ENTRIES;
        while let Some((folder, old, new, depth)) = waiting.pop() {
            if old == new {
                continue;
            }
            if depth > limits::FOLDER_DEPTH {
                return Err(GitFault::Limit("folders within folders"));
            }
            let (old, new) = (self.entries(objects, old, &mut left)?, self.entries(objects, new, &mut left)?);
            let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for name in names {
                let (before, after) = (old.get(name), new.get(name));
                if before == after {
                    continue;
                }
                let mut path = folder.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(name);
                let folder_of = |entry: Option<&Entry>| entry.filter(|e| e.kind == EntryKind::Tree).map(|e| e.id);
                let (old_folder, new_folder) = (folder_of(before), folder_of(after));
                let (old_file, new_file) = (self.article(&path, before), self.article(&path, after));
                if (old_folder.is_some() || new_folder.is_some()) && !self.is_hidden(&path) {
                    waiting.push((path.clone(), old_folder, new_folder, depth + 1));
                }
                if old_file != new_file {
                    changes.push(Change { path: path.into(), old: old_file, new: new_file });
                }
            }
        }
        changes.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    fn entries(&mut self, objects: &Objects, tree: Option<ObjectId>, left: &mut u64) -> Result<Entries, GitFault> {
        let Some(tree) = tree else { return Ok(Entries::new()) };
        let entries = entries(objects, tree)?;
        let count = entries.len() as u64;
        self.total += count;
        *left = left.checked_sub(count).ok_or(GitFault::Limit("files that one commit changes"))?;
        if self.total > limits::GIT_TREE_TOTAL {
            return Err(GitFault::Limit("files that all commits change"));
        }
        Ok(entries)
    }

    /// The blob of an entry that is an article file.
    fn article(&mut self, path: &[u8], entry: Option<&Entry>) -> Option<ObjectId> {
        let entry = entry?;
        let reason = match entry.kind {
            EntryKind::Tree => return None,
            EntryKind::Blob | EntryKind::BlobExecutable if self.is_hidden(path) => return None,
            EntryKind::Blob | EntryKind::BlobExecutable if kind_of(path).is_some() => return Some(entry.id),
            EntryKind::Blob | EntryKind::BlobExecutable => SkipReason::NoArticle,
            EntryKind::Link => SkipReason::Symlink,
            EntryKind::Commit => SkipReason::Special,
        };
        self.pass(path, reason);
        None
    }

    fn is_hidden(&mut self, path: &[u8]) -> bool {
        let hidden = path.rsplit(|c| *c == b'/').next().is_some_and(|name| name.starts_with(b"."));
        if hidden {
            self.pass(path, SkipReason::Hidden);
        }
        hidden
    }

    /// Counts a path once.
    fn pass(&mut self, path: &[u8], reason: SkipReason) {
        if self.passed.len() < limits::GIT_PASSED && self.passed.insert(self.hasher.hash_one(path)) {
            self.skipped.add(reason);
        }
    }
}

/// The entries of a tree by name; those with names that no file has are left out.
fn entries(objects: &Objects, tree: ObjectId) -> Result<Entries, GitFault> {
    let bytes = objects.read(&tree, ObjectKind::Tree)?;
    let corrupt = || GitFault::Corrupt { object: tree.to_string(), message: "it is no tree".to_owned() };
    let mut entries = Entries::new();
    for entry in TreeRefIter::from_bytes(&bytes, objects.hash()) {
        let entry = entry.map_err(|_| corrupt())?;
        let name: &[u8] = entry.filename;
        if !matches!(name, b"" | b"." | b"..") && !name.contains(&b'/') && !name.contains(&0) {
            entries.insert(name.into(), Entry { kind: entry.mode.kind(), id: entry.oid.to_owned() });
        }
    }
    Ok(entries)
}

/// What kind of article a file of this name is; `None` if it is none. Its name alone tells: a history holds programs as
/// well as texts.
pub(super) fn kind_of(path: &[u8]) -> Option<Kind> {
    let name = String::from_utf8_lossy(path);
    match by_name(Path::new(&*name)) {
        ByName::Named(kind @ (Kind::Markdown | Kind::Text)) => Some(kind),
        _ => None,
    }
}

/// The blob at a path; with what it is if it is no plain file.
pub(super) fn find(objects: &Objects, tree: ObjectId, path: &[u8]) -> Result<Option<(EntryKind, ObjectId)>, GitFault> {
    let mut found = Entry { kind: EntryKind::Tree, id: tree };
    for part in path.split(|c| *c == b'/') {
        if found.kind != EntryKind::Tree {
            return Ok(None);
        }
        match entries(objects, found.id)?.get(part) {
            Some(entry) => found = *entry,
            None => return Ok(None),
        }
    }
    Ok(Some((found.kind, found.id)))
}

/// A path as text: what is not UTF-8 in it is written `%FF`.
pub(super) fn text(path: &[u8]) -> String {
    names::escape_bytes(path)
}
