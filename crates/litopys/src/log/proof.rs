//! Proofs that a statement is in a log, and that a log extends another (RFC 6962, sections 2.1.1 and 2.1.2; verified as in
//! RFC 9162, sections 2.1.3.2 and 2.1.4.2).

use std::ops::Range;

use super::authentic::{Authentic, AuthenticTiles, HashSource, split};
use super::merkle::node;
use super::{TreeHash, TreeHead};
use crate::StatementId;

/// Why a proof doesn't prove what it is said to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The tree has no leaf with this index.
    #[error("the tree of {size} leaves has no leaf {index}")]
    Index {
        /// Which leaf, from 0.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The tree that should be the older one is the larger one.
    #[error("a tree of {newer} leaves does not extend one of {older}")]
    Shrunk {
        /// The size of the older tree.
        older: u64,
        /// The size of the newer tree.
        newer: u64,
    },
    /// The path is longer or shorter than one for these sizes.
    #[error("the proof has the wrong length")]
    Length,
    /// The path leads to another root, of either tree.
    #[error("the proof does not lead to the tree's root")]
    Root,
}

/// Shows that a leaf is in a tree, at its index. As received, it proves nothing before it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The leaf's index, from 0.
    pub index: u64,
    /// The audit path of RFC 6962, section 2.1.1: the siblings from the leaf up. At most 32 hashes in a log.
    pub path: Vec<TreeHash>,
}

/// Shows that a tree's leaves are the first ones of another. As received, it proves nothing before it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// The consistency path of RFC 6962, section 2.1.2. Empty between trees of the same size.
    pub path: Vec<TreeHash>,
}

impl InclusionProof {
    /// Whether `leaf` has this proof's index in the tree with this head.
    ///
    /// # Errors
    /// [`ProofError`] if that is not proven.
    pub fn verify(&self, leaf: StatementId, head: TreeHead) -> Result<(), ProofError> {
        let (index, size) = (self.index, head.size());
        if index >= size {
            return Err(ProofError::Index { index, size });
        }
        // RFC 9162, section 2.1.3.2, by its steps.
        let mut walk = Walk { fn_: index, sn: size - 1 };
        let mut r = TreeHash::from(leaf);
        for p in &self.path {
            r = if walk.sibling_is_left()? { node(p, &r) } else { node(&r, p) };
        }
        walk.end()?;
        if r == head.root() { Ok(()) } else { Err(ProofError::Root) }
    }
}

impl ConsistencyProof {
    /// Whether the tree with the head `newer` has the leaves of `older`, and then perhaps more.
    ///
    /// # Errors
    /// [`ProofError`] if that is not proven.
    pub fn verify(&self, older: TreeHead, newer: TreeHead) -> Result<(), ProofError> {
        let (first, second) = (older.size(), newer.size());
        if first > second {
            return Err(ProofError::Shrunk { older: first, newer: second });
        }
        if first == second {
            let same = if older == newer { Ok(()) } else { Err(ProofError::Root) };
            return if self.path.is_empty() { same } else { Err(ProofError::Length) };
        }
        // RFC 9162, section 2.1.4.2, by its steps. Step 2: the old root is not in the path where it is a node of the new tree.
        let whole = first.is_power_of_two().then(|| older.root());
        let mut path = whole.into_iter().chain(self.path.iter().copied());
        let height = (first - 1).trailing_ones();
        let mut walk = Walk { fn_: (first - 1) >> height, sn: (second - 1) >> height };
        let mut fr = path.next().ok_or(ProofError::Length)?;
        let mut sr = fr;
        for c in path {
            if walk.sibling_is_left()? {
                fr = node(&c, &fr);
                sr = node(&c, &sr);
            } else {
                sr = node(&sr, &c);
            }
        }
        walk.end()?;
        if (fr, sr) == (older.root(), newer.root()) { Ok(()) } else { Err(ProofError::Root) }
    }
}

/// The way from a node up to the root, as both RFC 9162 algorithms walk it: `fn` is the number of the node at its level, `sn` that
/// of the level's last.
struct Walk {
    fn_: u64,
    sn: u64,
}

impl Walk {
    /// Goes one step up, past the levels where the node has no sibling. Whether the sibling is the left one.
    fn sibling_is_left(&mut self) -> Result<bool, ProofError> {
        if self.sn == 0 {
            return Err(ProofError::Length);
        }
        let left = self.fn_ & 1 == 1 || self.fn_ == self.sn;
        // The last node of a level is alone as long as its number is even.
        let alone = if left { self.fn_.trailing_zeros() } else { 0 };
        self.fn_ >>= alone + 1;
        self.sn >>= alone + 1;
        Ok(left)
    }

    /// Whether this is the root.
    fn end(&self) -> Result<(), ProofError> {
        if self.sn == 0 { Ok(()) } else { Err(ProofError::Length) }
    }
}

impl<S: HashSource> AuthenticTiles<S> {
    /// The proof that the leaf with this index is in the tree: `PATH(m, D[n])` of RFC 6962.
    ///
    /// # Errors
    /// `AuthenticError::OutOfRange` if there is no such leaf; others if a tile is not authentic.
    pub fn inclusion(&mut self, index: u64) -> Authentic<InclusionProof, S> {
        self.check(index < self.head().size())?;
        let (_, mut path) = self.descend(index, |range| range.end - range.start == 1)?;
        path.reverse();
        Ok(InclusionProof { index, path })
    }

    /// The proof that this tree extends that of its first `older` leaves: `PROOF(m, D[n])` of RFC 6962.
    ///
    /// # Errors
    /// `AuthenticError::OutOfRange` if `older` is 0 or more than the tree's size; others if a tile is not authentic.
    pub fn consistency(&mut self, older: u64) -> Authentic<ConsistencyProof, S> {
        self.check((1..=self.head().size()).contains(&older))?;
        let (whole, mut path) = self.descend(older - 1, |range| range.end == older)?;
        // Who checks the proof knows this subtree if it is the whole older tree.
        if whole.start > 0 {
            path.push(self.subtree(whole.start, whole.end)?);
        }
        path.reverse();
        Ok(ConsistencyProof { path })
    }

    /// Walks down from the root towards a leaf until `done` says so of the range of leaves that are below. Gives that range, and the
    /// siblings passed by, from the top.
    fn descend(&mut self, leaf: u64, done: impl Fn(&Range<u64>) -> bool) -> Authentic<(Range<u64>, Vec<TreeHash>), S> {
        let (mut range, mut siblings) = (0..self.head().size(), Vec::new());
        while !done(&range) {
            let middle = range.start + split(range.end - range.start);
            if leaf < middle {
                siblings.push(self.subtree(middle, range.end)?);
                range.end = middle;
            } else {
                siblings.push(self.subtree(range.start, middle)?);
                range.start = middle;
            }
        }
        Ok((range, siblings))
    }
}

#[cfg(test)]
pub(crate) mod tests;
