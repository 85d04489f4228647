//! The Merkle tree of RFC 6962, section 2.1, growing leaf by leaf or tile by tile.
//!
//! A tile of level L holds 256 hashes, each of a whole subtree of 256^L leaves (C2SP tlog-tiles). The root of a full tile is
//! one hash of the tile above.

use std::mem;

use sha2::{Digest, Sha256};

use super::tile::write_hashes;
use super::{TreeHash, TreeHead};
use crate::StatementId;
use crate::layout::{TileKind, TileName, levels, tile_at};
use crate::limits::TILE;

/// A whole tile's root came where no tile begins: the tree's size is not a multiple of 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no tile begins at leaf {size}")]
pub(crate) struct Unaligned {
    /// The tree's size, in leaves.
    pub(crate) size: u64,
}

/// The tiles of a tree's right edge don't have the root hash that they should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the partial hash tiles are not those of the tree of {} leaves", .head.size())]
pub(crate) struct WrongEdge {
    /// The tree that was asked for.
    pub(crate) head: TreeHead,
}

/// The hash of an interior node: `SHA-256(0x01 || left || right)`.
pub(super) fn node(left: &TreeHash, right: &TreeHash) -> TreeHash {
    let hash = Sha256::new().chain_update([1]).chain_update(left.as_bytes()).chain_update(right.as_bytes());
    TreeHash::from_bytes(hash.finalize().into())
}

/// The Merkle tree hash over `hashes` as if they were leaves; `None` of none.
///
/// Pairing neighbours level by level and carrying the odd one up gives the tree that RFC 6962 defines by splitting.
pub(super) fn merge(mut hashes: Vec<TreeHash>) -> Option<TreeHash> {
    while hashes.len() > 1 {
        let (pairs, odd) = hashes.as_chunks::<2>();
        hashes = pairs.iter().map(|[left, right]| node(left, right)).chain(odd.iter().copied()).collect();
    }
    hashes.first().copied()
}

/// The root of a level 0 tile with these leaves, which is a hash of level 1 if there are 256; `None` of no leaves.
pub(crate) fn tile_root(leaves: &[StatementId]) -> Option<TreeHash> {
    merge(leaves.iter().copied().map(TreeHash::from).collect())
}

/// The names of the hash tiles of a tree of `size` leaves that are partial, from level 0 up: what
/// [`TreeBuilder::resume`] needs.
pub(crate) fn right_edge(size: u64) -> impl Iterator<Item = TileName> {
    levels(size).filter_map(|(level, count)| {
        let last = tile_at(TileKind::Hashes(level), count / TILE, count);
        (last.width > 0).then_some(last)
    })
}

/// The root of a growing tree, by a compact range: the hashes of the whole subtrees that the leaves so far fill, the
/// largest first, at most 64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// One for each bit that is set in `size`, highest bit first.
    peaks: Vec<TreeHash>,
}

impl Frontier {
    /// The frontier of a tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: StatementId) {
        self.append(leaf.into(), 0);
    }

    /// Appends 256 leaves at once, by the root of their tile ([`tile_root`]).
    ///
    /// # Errors
    /// [`Unaligned`] unless the size is a multiple of 256; the tree is as before.
    pub(crate) fn push_tile(&mut self, root: TreeHash) -> Result<(), Unaligned> {
        if !self.size.is_multiple_of(TILE) {
            return Err(Unaligned { size: self.size });
        }
        self.append(root, 8);
        Ok(())
    }

    /// Appends a whole subtree of 2^height leaves: of equal height with the last peak, the two become one, as in addition.
    fn append(&mut self, mut hash: TreeHash, height: u32) {
        let merges = (self.size >> height).trailing_ones();
        for left in (0..merges).map_while(|_| self.peaks.pop()) {
            hash = node(&left, &hash);
        }
        self.peaks.push(hash);
        self.size += 1 << height;
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tree's root hash; `None` if it has no leaf.
    pub fn root(&self) -> Option<TreeHash> {
        self.peaks.iter().rev().copied().reduce(|right, left| node(&left, &right))
    }

    /// The tree's size and root; `None` if no log has that size.
    pub fn head(&self) -> Option<TreeHead> {
        TreeHead::new(self.size, self.root()?)
    }
}

/// Makes the hash tiles of a growing tree, and hands each out as soon as it is full: it keeps one unfinished tile a level.
///
/// A writer pushes leaves. A checker that has level 0 tiles and their roots from elsewhere pushes those roots, and gets what the
/// tiles above must be.
#[derive(Debug, Clone, Default)]
pub struct TreeBuilder {
    size: u64,
    /// For each level, the hashes that no full tile holds: fewer than 256.
    edge: Vec<Vec<TreeHash>>,
}

impl TreeBuilder {
    /// A tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, edge: Vec::new() }
    }

    /// The tree with this head, given the hashes of its partial tiles in the order of [`right_edge`].
    ///
    /// # Errors
    /// [`WrongEdge`] if their number is wrong or the tree that they give has another root.
    pub(crate) fn resume(head: TreeHead, partials: impl IntoIterator<Item = Vec<TreeHash>>) -> Result<Self, WrongEdge> {
        let wrong = WrongEdge { head };
        let mut partials = partials.into_iter();
        let mut edge = Vec::new();
        for (_, count) in levels(head.size()) {
            let hashes = if count.is_multiple_of(TILE) { Vec::new() } else { partials.next().ok_or(wrong)? };
            if hashes.len() as u64 != count % TILE {
                return Err(wrong);
            }
            edge.push(hashes);
        }
        let tree = Self { size: head.size(), edge };
        if partials.next().is_none() && tree.root() == Some(head.root()) { Ok(tree) } else { Err(wrong) }
    }

    /// Appends a leaf. Gives the hash tiles that it completes, from level 0 up, with their bytes.
    pub fn push(&mut self, leaf: StatementId) -> Vec<(TileName, Vec<u8>)> {
        self.size += 1;
        self.append(0, leaf.into())
    }

    /// Appends 256 leaves by the root of their tile ([`tile_root`]). Gives the hash tiles that this completes, with their
    /// bytes, from level 1 up: the tile of level 0 is the caller's.
    ///
    /// # Errors
    /// [`Unaligned`] unless the size is a multiple of 256; the tree is as before.
    pub(crate) fn push_tile(&mut self, root: TreeHash) -> Result<Vec<(TileName, Vec<u8>)>, Unaligned> {
        if !self.size.is_multiple_of(TILE) {
            return Err(Unaligned { size: self.size });
        }
        self.size += TILE;
        Ok(self.append(1, root))
    }

    /// Adds a hash at a level; a tile that it fills is handed out, and its root added to the level above.
    fn append(&mut self, level: u8, hash: TreeHash) -> Vec<(TileName, Vec<u8>)> {
        let mut full = Vec::new();
        let mut rising = Some(hash);
        for (level, count) in levels(self.size).skip(level.into()) {
            let Some(hash) = rising.take() else { break };
            let at = usize::from(level);
            if self.edge.len() <= at {
                self.edge.resize_with(at + 1, Vec::new);
            }
            self.edge[at].push(hash);
            if count.is_multiple_of(TILE) {
                let hashes = mem::take(&mut self.edge[at]);
                full.push((tile_at(TileKind::Hashes(level), count / TILE - 1, count), write_hashes(&hashes)));
                rising = merge(hashes);
            }
        }
        full
    }

    /// The hash tiles of the tree as it is that are partial, with their bytes, from level 0 up, but for those that the tree of the
    /// first `since` leaves has too. All of them for `since` 0.
    pub fn partials(&self, since: u64) -> impl Iterator<Item = (TileName, Vec<u8>)> {
        right_edge(self.size).filter_map(move |tile| {
            let TileKind::Hashes(level) = tile.kind else { return None };
            let old = since >> (8 * u32::from(level)) == self.size >> (8 * u32::from(level));
            (!old).then(|| (tile, write_hashes(&self.edge[usize::from(level)])))
        })
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// For each level from 0, the hashes that no full tile holds.
    pub(super) fn into_edge(self) -> Vec<Vec<TreeHash>> {
        self.edge
    }

    /// The tree's root hash; `None` if it has no leaf. It costs some hundred hashes at most.
    pub fn root(&self) -> Option<TreeHash> {
        self.edge.iter().fold(None, |below, hashes| merge(hashes.iter().copied().chain(below).collect()))
    }

    /// The tree's size and root; `None` if no log has that size.
    pub fn head(&self) -> Option<TreeHead> {
        TreeHead::new(self.size, self.root()?)
    }
}

#[cfg(test)]
pub(crate) mod tests;
