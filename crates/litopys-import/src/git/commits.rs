//! The commits of a history, in order.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use encoding_rs::Encoding;
use gix_hash::ObjectId;
use gix_object::{CommitRef, Kind};

use super::GitFault;
use super::objects::Objects;
use super::repository::Repository;
use crate::{charset, limits};

/// The commits that lead to the end of a history, each after its parents, otherwise by their own time.
#[derive(Debug)]
pub(super) struct Order {
    commits: std::vec::IntoIter<ObjectId>,
    nodes: HashMap<ObjectId, Node>,
    /// Commits that can't be read: the history begins after them.
    pub(super) lost: Vec<(ObjectId, GitFault)>,
}

#[derive(Debug)]
struct Node {
    tree: ObjectId,
    parents: Vec<ObjectId>,
    seconds: i64,
}

impl Order {
    pub(super) fn of(repository: &Repository) -> Result<Self, GitFault> {
        let mut nodes: HashMap<ObjectId, Node> = HashMap::new();
        let (mut lost, mut seen) = (Vec::new(), HashSet::from([repository.head]));
        let mut waiting = vec![repository.head];
        while let Some(id) = waiting.pop() {
            if nodes.len() == limits::GIT_COMMITS {
                return Err(GitFault::Limit("commits"));
            }
            let commit = match Commit::read(&repository.objects, &id) {
                Ok(commit) => commit,
                // Without its last commit there is no history; without an early one there is a part of it.
                Err(fault) if id == repository.head => return Err(fault),
                // What was left out on purpose is no loss.
                Err(GitFault::Missing { .. }) if repository.absent.contains(&id) => continue,
                Err(fault) => {
                    lost.push((id, fault));
                    continue;
                }
            };
            let cut = repository.shallow.contains(&id);
            let parents = if cut { Vec::new() } else { commit.parents };
            waiting.extend(parents.iter().filter(|parent| seen.insert(**parent)));
            nodes.insert(id, Node { tree: commit.tree, parents, seconds: commit.seconds });
        }
        lost.sort_unstable_by_key(|(id, _)| *id);
        Ok(Self { commits: sort(&nodes).into_iter(), nodes, lost })
    }

    pub(super) fn next(&mut self) -> Option<ObjectId> {
        self.commits.next()
    }

    /// Gives no more commits.
    pub(super) fn stop(&mut self) {
        self.commits = Vec::new().into_iter();
    }

    /// The trees of a commit's parents, as far as they are there.
    pub(super) fn parents(&self, id: &ObjectId) -> Vec<ObjectId> {
        let parents = self.nodes.get(id).map(|node| node.parents.iter()).into_iter().flatten();
        parents.filter_map(|parent| self.nodes.get(parent).map(|node| node.tree)).collect()
    }
}

/// Parents before children; of those that may come next, the oldest.
fn sort(nodes: &HashMap<ObjectId, Node>) -> Vec<ObjectId> {
    let mut left: HashMap<ObjectId, usize> = HashMap::with_capacity(nodes.len());
    let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    let mut next = BinaryHeap::new();
    for (id, node) in nodes {
        let parents: HashSet<_> = node.parents.iter().filter(|parent| nodes.contains_key(*parent)).collect();
        if parents.is_empty() {
            next.push(Reverse((node.seconds, *id)));
        }
        left.insert(*id, parents.len());
        for parent in parents {
            children.entry(*parent).or_default().push(*id);
        }
    }
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, id))) = next.pop() {
        order.push(id);
        for child in children.remove(&id).unwrap_or_default() {
            if let (Some(left), Some(node)) = (left.get_mut(&child), nodes.get(&child)) {
                *left -= 1;
                if *left == 0 {
                    next.push(Reverse((node.seconds, child)));
                }
            }
        }
    }
    order
}

/// What a commit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// The committer's clock.
    seconds: i64,
    pub(super) author: Option<String>,
    pub(super) author_date: Option<String>,
    pub(super) committer: Option<String>,
    pub(super) commit_date: Option<String>,
    pub(super) message: String,
}

impl Commit {
    pub(super) fn read(objects: &Objects, id: &ObjectId) -> Result<Self, GitFault> {
        let bytes = objects.read(id, Kind::Commit)?;
        let commit = CommitRef::from_bytes(&bytes, objects.hash())
            .map_err(|_| GitFault::Corrupt { object: id.to_string(), message: "it is no commit".to_owned() })?;
        let encoding = commit.encoding.and_then(|label| Encoding::for_label(label));
        let text = |bytes: &[u8]| match encoding {
            Some(encoding) => encoding.decode(bytes).0.into_owned(),
            None => charset::decode(bytes).text.into_owned(),
        };
        let (author, committer) = (commit.author().ok(), commit.committer().ok());
        let name = |bytes: &[u8]| Some(text(bytes)).filter(|name| !name.is_empty());
        let date = |time: gix_date::Time| time.format(gix_date::time::format::ISO8601_STRICT).ok();
        Ok(Self {
            id: *id,
            tree: commit.tree(),
            parents: commit.parents().collect(),
            seconds: committer.map_or(0, |who| who.seconds()),
            author: author.and_then(|who| name(who.name)),
            author_date: author.and_then(|who| who.time().ok()).and_then(date),
            committer: committer.and_then(|who| name(who.name)),
            commit_date: committer.and_then(|who| who.time().ok()).and_then(date),
            message: text(commit.message).trim_end().to_owned(),
        })
    }
}
