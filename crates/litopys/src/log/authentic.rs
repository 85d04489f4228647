//! Hash tiles read one by one from a place that is not trusted, each checked against the tree's root before it is used.

use super::merkle::{TreeBuilder, merge, node, right_edge};
use super::tile::{HashTileError, read_hashes};
use super::{TreeHash, TreeHead};
use crate::StatementId;
use crate::layout::{TileKind, TileName, levels, tile_at};
use crate::limits::TILE;

/// Where hash tiles come from. Nothing that it gives is believed.
///
/// A function from a tile's name to its bytes is one.
pub trait HashSource {
    /// Why a tile can't be had.
    type Error;

    /// The bytes of a hash tile, of which there are 32 for each hash of its width.
    ///
    /// # Errors
    /// If the tile can't be had.
    fn hash_tile(&self, tile: TileName) -> Result<Vec<u8>, Self::Error>;
}

impl<E, F: Fn(TileName) -> Result<Vec<u8>, E>> HashSource for F {
    type Error = E;

    fn hash_tile(&self, tile: TileName) -> Result<Vec<u8>, E> {
        self(tile)
    }
}

/// Why there is no authentic hash to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticError<E> {
    /// The source doesn't give the tile.
    #[error("{tile} can't be had")]
    Source {
        /// Which tile.
        tile: TileName,
        /// Why.
        source: E,
    },
    /// A tile has another length than its name says.
    #[error("{tile} has the wrong length")]
    Length {
        /// Which tile.
        tile: TileName,
        /// What is wrong.
        source: HashTileError,
    },
    /// The partial tiles, taken together, don't have the tree's root: at least one is not the tree's.
    #[error("the partial hash tiles do not have the root of the tree")]
    WrongEdge,
    /// A full tile doesn't have the hash that the authentic tile above it gives.
    #[error("{tile} is not a tile of the tree")]
    WrongTile {
        /// Which tile.
        tile: TileName,
    },
    /// The tree has no such leaf, hash or tile, or is smaller than that.
    #[error("the tree of {size} leaves has nothing there")]
    OutOfRange {
        /// The tree's size.
        size: u64,
    },
}

/// What is had from tiles of the source `S`, or why it isn't.
pub type Authentic<T, S> = Result<T, AuthenticError<<S as HashSource>::Error>>;

/// The hashes of a tree with a known head, from tiles that are checked up to the root when they are read.
///
/// It keeps the tree's partial tiles and, of each level, the full tile that was read last: walking down, or along the leaves,
/// reads each tile once, and a proof in a log of a million statements reads five.
#[derive(Debug, Clone)]
pub struct AuthenticTiles<S> {
    source: S,
    head: TreeHead,
    edge: Vec<Vec<TreeHash>>,
    /// For each level, the number and hashes of a full tile; no hashes until one is read.
    full: Vec<(u64, Vec<TreeHash>)>,
}

impl<S: HashSource> AuthenticTiles<S> {
    /// The tiles of the tree with this head. Reads its partial tiles, at most one a level.
    ///
    /// # Errors
    /// [`AuthenticError::WrongEdge`] if they don't have the root; [`AuthenticError::Source`], [`AuthenticError::Length`].
    pub fn new(source: S, head: TreeHead) -> Authentic<Self, S> {
        let partials = right_edge(head.size()).map(|tile| read(&source, tile)).collect::<Result<Vec<_>, _>>()?;
        let edge = TreeBuilder::resume(head, partials).map_err(|_| AuthenticError::WrongEdge)?.into_edge();
        let full = vec![(0, Vec::new()); edge.len()];
        Ok(Self { source, head, edge, full })
    }

    /// The tree's size and root.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// How many hashes the tree has at a level: whole subtrees of 256^level leaves. 0 above its top.
    pub fn count(&self, level: u8) -> u64 {
        levels(self.head.size()).nth(level.into()).map_or(0, |(_, count)| count)
    }

    /// The hashes of a tile: 256, or fewer if it is the last of its level. The root of a full tile is the hash with the tile's
    /// number one level up.
    ///
    /// # Errors
    /// [`AuthenticError`]: nothing is given that isn't the tree's.
    pub fn tile(&mut self, level: u8, index: u64) -> Authentic<&[TreeHash], S> {
        let count = self.count(level);
        self.check(index < count.div_ceil(TILE))?;
        let (tile, at) = (tile_at(TileKind::Hashes(level), index, count), usize::from(level));
        if tile.is_partial() {
            return Ok(&self.edge[at]);
        }
        if self.full[at].0 != index || self.full[at].1.is_empty() {
            let expected = self.hash(level + 1, index)?;
            let hashes = read(&self.source, tile)?;
            if merge(hashes.clone()) != Some(expected) {
                return Err(AuthenticError::WrongTile { tile });
            }
            self.full[at] = (index, hashes);
        }
        Ok(&self.full[at].1)
    }

    /// The hash of the subtree of 256^level leaves with this number: at level 0, of a leaf.
    ///
    /// # Errors
    /// [`AuthenticError`]: nothing is given that isn't the tree's.
    pub fn hash(&mut self, level: u8, index: u64) -> Authentic<TreeHash, S> {
        self.check(index < self.count(level))?;
        Ok(self.tile(level, index / TILE)?[place(index)])
    }

    /// The id of a statement, by its index in the log.
    ///
    /// # Errors
    /// [`AuthenticError`]: nothing is given that isn't the tree's.
    pub fn leaf(&mut self, index: u64) -> Authentic<StatementId, S> {
        self.hash(0, index).map(|hash| StatementId::from_bytes(*hash.as_bytes()))
    }

    /// The ids of the statements of an entry tile, by its number.
    ///
    /// # Errors
    /// [`AuthenticError`]: nothing is given that isn't the tree's.
    pub fn leaves(&mut self, index: u64) -> Authentic<Vec<StatementId>, S> {
        Ok(self.tile(0, index)?.iter().map(|hash| StatementId::from_bytes(*hash.as_bytes())).collect())
    }

    /// The root of the tree of the first `size` leaves: a log with this size and another root is not one that this one extends.
    ///
    /// # Errors
    /// [`AuthenticError::OutOfRange`] if `size` is 0 or more than the tree's; others if a tile is not authentic.
    pub fn root_at(&mut self, size: u64) -> Authentic<TreeHash, S> {
        self.check((1..=self.head.size()).contains(&size))?;
        self.subtree(0, size)
    }

    /// `MTH(D[start:end])` of RFC 6962, where `start` is a multiple of the smallest power of two that is not below the length.
    pub(super) fn subtree(&mut self, start: u64, end: u64) -> Authentic<TreeHash, S> {
        let len = end - start;
        if !len.is_power_of_two() {
            let middle = start + split(len);
            return Ok(node(&self.subtree(start, middle)?, &self.subtree(middle, end)?));
        }
        // A whole subtree is 1 to 128 neighbours in one tile: of the highest level that is not above it.
        let (level, width) = levels(len).fold((0, len), |_, higher| higher);
        let first = start >> (8 * u32::from(level));
        let hashes = &self.tile(level, first / TILE)?[place(first)..][..place(width)];
        merge(hashes.to_vec()).ok_or(self.out_of_range())
    }

    /// Whether the tree has what is asked for.
    pub(super) fn check(&self, in_range: bool) -> Authentic<(), S> {
        if in_range { Ok(()) } else { Err(self.out_of_range()) }
    }

    fn out_of_range(&self) -> AuthenticError<S::Error> {
        AuthenticError::OutOfRange { size: self.head.size() }
    }
}

/// Where RFC 6962 splits a tree of `len` > 1 leaves: at the largest power of two below that.
pub(super) fn split(len: u64) -> u64 {
    len.next_power_of_two() / 2
}

/// Where in its tile the hash with this number is.
fn place(index: u64) -> usize {
    (index % TILE) as usize
}

fn read<S: HashSource>(source: &S, tile: TileName) -> Authentic<Vec<TreeHash>, S> {
    let bytes = source.hash_tile(tile).map_err(|source| AuthenticError::Source { tile, source })?;
    read_hashes(&bytes, tile.width).map_err(|source| AuthenticError::Length { tile, source })
}

#[cfg(test)]
mod tests;
