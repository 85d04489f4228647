//! Renames: files that a commit took away and added again under another name.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use gix_hash::ObjectId;
use gix_object::Kind;

use super::objects::Objects;
use super::tree::{Change, TreePath};
use crate::limits;

/// How much of two files must be the same, in percent: git's own threshold.
const SIMILAR: u64 = 50;
/// The longest piece that is compared as one, as in git.
const PIECE: usize = 64;

/// Finds renames, and keeps the time that it takes within bounds.
#[derive(Debug, Default)]
pub(super) struct Renames {
    /// Pieces of files that were compared in all.
    work: u64,
    hasher: RandomState,
}

impl Renames {
    /// The old path of each path that is new by a rename alone.
    pub(super) fn find(&mut self, objects: &Objects, changes: &[Change]) -> BTreeMap<TreePath, TreePath> {
        let mut gone: Vec<&Change> = changes.iter().filter(|change| change.new.is_none()).collect();
        let mut come: Vec<&Change> = changes.iter().filter(|change| change.old.is_none()).collect();
        let mut pairs = BTreeMap::new();
        exact(&mut gone, &mut come, true, &mut pairs);
        exact(&mut gone, &mut come, false, &mut pairs);
        let many = gone.len().saturating_mul(come.len()) as u64 > limits::GIT_RENAMES;
        if !gone.is_empty() && !come.is_empty() && !many {
            self.similar(objects, &gone, &come, &mut pairs);
        }
        pairs
    }

    fn similar(
        &mut self,
        objects: &Objects,
        gone: &[&Change],
        come: &[&Change],
        pairs: &mut BTreeMap<TreePath, TreePath>,
    ) {
        let mut left = limits::GIT_RENAME_BYTES;
        let hasher = &self.hasher;
        let mut read = |changes: &[&Change]| -> Vec<Option<Pieces>> {
            changes.iter().map(|change| Pieces::read(objects, change.old.or(change.new)?, &mut left, hasher)).collect()
        };
        let (old, new) = (read(gone), read(come));
        let mut scores = Vec::new();
        for (to, new) in new.iter().enumerate() {
            for (from, old) in old.iter().enumerate() {
                let (Some(old), Some(new)) = (old, new) else { continue };
                self.work += (old.counts.len() + new.counts.len()) as u64;
                if self.work > limits::GIT_RENAME_WORK {
                    return;
                }
                let score = old.similarity(new);
                if score >= SIMILAR {
                    scores.push((score, file_name(&gone[from].path) == file_name(&come[to].path), from, to));
                }
            }
        }
        // The most similar first; of equals those that keep their name, then in the order of their paths.
        scores.sort_unstable_by(|a, b| (b.0, b.1, a.3, a.2).cmp(&(a.0, a.1, b.3, b.2)));
        let (mut used, mut done) = (HashSet::new(), HashSet::new());
        for (_, _, from, to) in scores {
            if !done.contains(&to) && used.insert(from) {
                done.insert(to);
                pairs.insert(come[to].path.clone(), gone[from].path.clone());
            }
        }
    }
}

/// Pairs files with the same bytes, and the same name if that is asked for.
fn exact(gone: &mut Vec<&Change>, come: &mut Vec<&Change>, same_name: bool, pairs: &mut BTreeMap<TreePath, TreePath>) {
    type Key<'a> = (ObjectId, &'a [u8]);
    let key = |id, path| -> Key<'_> { (id, if same_name { file_name(path) } else { &[] }) };
    let mut found: HashMap<Key<'_>, Vec<&TreePath>> = HashMap::new();
    for change in gone.iter().rev() {
        if let Some(id) = change.old {
            found.entry(key(id, &change.path)).or_default().push(&change.path);
        }
    }
    let mut used = HashSet::new();
    come.retain(|change| {
        let old = change.new.and_then(|id| found.get_mut(&key(id, &change.path))?.pop());
        if let Some(old) = old {
            used.insert(old);
            pairs.insert(change.path.clone(), old.clone());
        }
        old.is_none()
    });
    gone.retain(|change| !used.contains(&change.path));
}

fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|c| *c == b'/').next().unwrap_or(path)
}

/// A file as lines, or pieces of long lines: how many bytes of each it has.
struct Pieces {
    size: u64,
    counts: Vec<(u64, u64)>,
}

impl Pieces {
    fn read(objects: &Objects, id: ObjectId, left: &mut u64, hasher: &RandomState) -> Option<Self> {
        let bytes = objects.read(&id, Kind::Blob).ok()?;
        *left = left.checked_sub(bytes.len() as u64)?;
        let mut pieces: Vec<(u64, u64)> = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1).min(PIECE);
            let (piece, after) = rest.split_at(line);
            pieces.push((hasher.hash_one(piece), piece.len() as u64));
            rest = after;
        }
        pieces.sort_unstable();
        let mut counts: Vec<(u64, u64)> = Vec::new();
        for (piece, size) in pieces {
            match counts.last_mut() {
                Some(last) if last.0 == piece => last.1 += size,
                _ => counts.push((piece, size)),
            }
        }
        Some(Self { size: bytes.len() as u64, counts })
    }

    /// How much of the larger of two files is in the other, in percent.
    fn similarity(&self, other: &Self) -> u64 {
        let (smaller, larger) = (self.size.min(other.size), self.size.max(other.size));
        if larger == 0 || smaller * 100 < larger * SIMILAR {
            return 0;
        }
        let (mut a, mut b) = (self.counts.iter().peekable(), other.counts.iter().peekable());
        let mut common = 0;
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.0.cmp(&y.0) {
                std::cmp::Ordering::Less => {
                    a.next();
                }
                std::cmp::Ordering::Greater => {
                    b.next();
                }
                std::cmp::Ordering::Equal => {
                    common += x.1.min(y.1);
                    a.next();
                    b.next();
                }
            }
        }
        common * 100 / larger
    }
}
