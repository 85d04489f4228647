//! Which commit made which version of which article.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gix_hash::ObjectId;

use super::GitFault;
use super::commits::Commit;
use super::objects::Objects;
use super::renames::Renames;
use super::tree::{Change, Comparer, TreePath};

/// A version of an article.
#[derive(Debug, Clone)]
pub(super) struct Version {
    /// Its article's place in [`Articles`].
    pub(super) article: usize,
    pub(super) commit: Arc<Commit>,
    pub(super) path: TreePath,
    pub(super) blob: ObjectId,
    /// A tree that has it.
    pub(super) tree: ObjectId,
    /// The path that it had before, if it was renamed.
    pub(super) renamed: Option<TreePath>,
    /// Whether the commit took it away.
    pub(super) removed: bool,
}

/// The articles of a history, as they are after some of its commits.
#[derive(Debug, Default)]
pub(super) struct Articles {
    all: Vec<Article>,
    /// The article that last had a path, on any branch.
    by_path: HashMap<TreePath, usize>,
    comparer: Comparer,
    renames: Renames,
}

#[derive(Debug)]
struct Article {
    path: TreePath,
    blob: ObjectId,
    tree: ObjectId,
    removed: bool,
}

/// The versions that one commit makes: one an article at most.
struct Made<'a> {
    articles: &'a mut Articles,
    commit: &'a Arc<Commit>,
    versions: Vec<Version>,
    done: HashSet<usize>,
}

impl Articles {
    pub(super) const fn comparer(&self) -> &Comparer {
        &self.comparer
    }

    /// The versions that a commit makes. `parents` are the trees of its parents.
    pub(super) fn step(
        &mut self,
        objects: &Objects,
        commit: &Arc<Commit>,
        parents: &[ObjectId],
    ) -> Result<Vec<Version>, GitFault> {
        let (first, others) = match parents.split_first() {
            Some((first, others)) => (Some(*first), others),
            None => (None, parents),
        };
        let changes = self.comparer.changes(objects, first, Some(commit.tree))?;
        let pairs = self.renames.find(objects, &changes);
        let mut by_parent = vec![changes];
        for parent in others {
            by_parent.push(self.comparer.changes(objects, Some(*parent), Some(commit.tree))?);
        }
        let mut made = Made { articles: self, commit, versions: Vec::new(), done: HashSet::new() };
        if others.is_empty() {
            made.by_commit(&by_parent.concat(), &pairs);
        } else {
            made.by_merge(&by_parent, &pairs);
        }
        Ok(made.versions)
    }
}

impl Made<'_> {
    /// What differs from the one parent.
    fn by_commit(&mut self, changes: &[Change], pairs: &BTreeMap<TreePath, TreePath>) {
        let renamed: HashSet<_> = pairs.values().collect();
        for change in changes {
            if let Some(blob) = change.new {
                self.there(&change.path, blob, pairs.get(&change.path), change.old.is_none());
            }
        }
        for change in changes.iter().filter(|change| change.new.is_none() && !renamed.contains(&change.path)) {
            self.gone(&change.path);
        }
    }

    /// What a merge holds that no parent has; and what it took from one of them, where the last version that there was
    /// came from another.
    fn by_merge(&mut self, by_parent: &[Vec<Change>], pairs: &BTreeMap<TreePath, TreePath>) {
        let mut paths: BTreeMap<&TreePath, (usize, Option<ObjectId>, bool)> = BTreeMap::new();
        for change in by_parent.iter().flatten() {
            let (count, _, is_new) = paths.entry(&change.path).or_insert((0, change.new, true));
            *count += 1;
            *is_new &= change.old.is_none();
        }
        for (path, (count, blob, is_new)) in &paths {
            let Some(blob) = *blob else { continue };
            let of_merge = *count == by_parent.len();
            let shown = self.articles.by_path.get(*path).and_then(|at| self.articles.all.get(*at));
            if of_merge || shown.is_none_or(|shown| shown.removed || shown.blob != blob || shown.path != **path) {
                self.there(path, blob, pairs.get(*path).filter(|_| of_merge), of_merge && *is_new);
            }
        }
        for (path, (_, blob, _)) in &paths {
            if blob.is_none() {
                self.gone(path);
            }
        }
    }

    /// A file is there, with other bytes or under another path than before.
    fn there(&mut self, path: &TreePath, blob: ObjectId, renamed: Option<&TreePath>, is_new: bool) {
        let articles = &mut *self.articles;
        let known = renamed.and_then(|old| articles.by_path.get(old)).or_else(|| articles.by_path.get(path));
        // An old name may be another article's: that one moved on and this one is new.
        let moved_on = |at: usize| {
            let known = articles.all.get(at);
            known.is_none_or(|known| is_new && renamed.is_none() && !known.removed && known.path != *path)
        };
        let at = match known.copied().filter(|at| !self.done.contains(at) && !moved_on(*at)) {
            Some(at) => at,
            None => {
                let (path, tree) = (path.clone(), self.commit.tree);
                articles.all.push(Article { path, blob, tree, removed: false });
                articles.all.len() - 1
            }
        };
        articles.by_path.insert(path.clone(), at);
        let Some(article) = articles.all.get_mut(at) else { return };
        let renamed = (article.path != *path).then(|| article.path.clone());
        *article = Article { path: path.clone(), blob, tree: self.commit.tree, removed: false };
        self.push(at, renamed, false);
    }

    /// A file is not there any more.
    fn gone(&mut self, path: &TreePath) {
        let Some(at) = self.articles.by_path.get(path).copied() else { return };
        let Some(article) = self.articles.all.get_mut(at) else { return };
        if article.path == *path && !article.removed && !self.done.contains(&at) {
            article.removed = true;
            self.push(at, None, true);
        }
    }

    fn push(&mut self, at: usize, renamed: Option<TreePath>, removed: bool) {
        let Some(Article { path, blob, tree, .. }) = self.articles.all.get(at) else { return };
        self.done.insert(at);
        self.versions.push(Version {
            article: at,
            commit: Arc::clone(self.commit),
            path: path.clone(),
            blob: *blob,
            tree: *tree,
            renamed,
            removed,
        });
    }
}
