//! The log: a Merkle tree over statements (RFC 6962), kept in tiles (C2SP tlog-tiles) under a checkpoint (C2SP signed-note
//! and tlog-checkpoint). Format.md, section 7.
//!
//! Nothing here reads or writes files. [`merkle`] computes trees and their tiles, [`tile`] is the bytes of a tile,
//! [`checkpoint`] the signed note, [`cosignature`] what witnesses add to it. [`authentic`] reads single hashes of a tree whose root is known, [`proof`] shows that a statement
//! or an older log is in a log, [`text`] writes that down.
//!
//! A leaf of the tree is a [`StatementId`]; every other node is a [`TreeHash`].

pub mod authentic;
pub mod checkpoint;
pub mod cosignature;
pub mod merkle;
pub mod proof;
pub mod text;
pub mod tile;

use crate::digest::hash_name;
use crate::{StatementId, limits};

hash_name!(
    /// The hash of a node of the tree, which is that of the subtree below it (RFC 6962, section 2.1). Prints as 64 hex digits.
    ///
    /// A statement's id is the hash of a tree of one leaf, hence `From<StatementId>`.
    TreeHash, "", Hex
);

impl From<StatementId> for TreeHash {
    fn from(leaf: StatementId) -> Self {
        Self(*leaf.as_bytes())
    }
}

/// A tree's size in leaves, 1 to 2^32, and the root hash that is claimed or known for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeHead {
    size: u64,
    root: TreeHash,
}

impl TreeHead {
    /// The head of a tree of `size` leaves; `None` if no log has that size: 0, or more than [`limits::LOG_SIZE`].
    pub fn new(size: u64, root: TreeHash) -> Option<Self> {
        (1..=limits::LOG_SIZE).contains(&size).then_some(Self { size, root })
    }

    /// How many leaves the tree has: 1 to 2^32.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tree's root hash.
    pub const fn root(&self) -> TreeHash {
        self.root
    }
}
