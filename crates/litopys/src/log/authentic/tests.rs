use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::log::merkle::tests::{leaves, mth, tiles};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not there")]
struct Missing;

/// A source that remembers what was read from it.
#[derive(Debug)]
struct Stored {
    tiles: BTreeMap<TileName, Vec<u8>>,
    read: RefCell<Vec<TileName>>,
}

impl HashSource for &Stored {
    type Error = Missing;

    fn hash_tile(&self, tile: TileName) -> Result<Vec<u8>, Missing> {
        self.read.borrow_mut().push(tile);
        self.tiles.get(&tile).cloned().ok_or(Missing)
    }
}

impl Stored {
    fn of(leaves: &[StatementId]) -> Self {
        Self { tiles: tiles(leaves), read: RefCell::default() }
    }

    fn open(&self, head: TreeHead) -> Result<AuthenticTiles<&Self>, AuthenticError<Missing>> {
        AuthenticTiles::new(self, head)
    }

    fn names_read(&self) -> Vec<String> {
        self.read.take().iter().map(TileName::to_string).collect()
    }
}

fn head(leaves: &[StatementId]) -> TreeHead {
    TreeHead::new(leaves.len() as u64, mth(leaves)).unwrap()
}

#[test]
fn hashes_are_those_of_the_tree() {
    let leaves = leaves(65_536 + 600);
    let stored = Stored::of(&leaves);
    let mut tree = stored.open(head(&leaves)).unwrap();
    assert_eq!([0, 1, 2, 3, 7, 8, 255].map(|level| tree.count(level)), [66_136, 258, 1, 0, 0, 0, 0]);
    for index in [0, 255, 256, 65_535, 65_536, 66_135] {
        assert_eq!(tree.leaf(index as u64), Ok(leaves[index]));
    }
    assert_eq!(tree.leaves(3).unwrap(), leaves[768..1024]);
    assert_eq!(tree.leaves(258).unwrap(), leaves[66_048..]);
    assert_eq!(tree.hash(1, 7), Ok(mth(&leaves[7 * 256..8 * 256])));
    assert_eq!(tree.hash(2, 0), Ok(mth(&leaves[..65_536])));
    assert_eq!(tree.tile(1, 1).unwrap(), [mth(&leaves[65_536..65_792]), mth(&leaves[65_792..66_048])]);
    for size in [1, 2, 255, 256, 257, 700, 65_535, 65_536, 65_537, 66_135, 66_136] {
        assert_eq!(tree.root_at(size as u64), Ok(mth(&leaves[..size])), "{size}");
    }
    let nothing = AuthenticError::OutOfRange { size: 66_136 };
    for result in [tree.hash(0, 66_136), tree.hash(1, 258), tree.hash(3, 0), tree.root_at(0), tree.root_at(66_137)] {
        assert_eq!(result, Err(nothing.clone()));
    }
    assert_eq!(tree.tile(0, 259), Err(nothing.clone()));
    assert_eq!(tree.leaves(u64::MAX), Err(nothing));
}

#[test]
fn each_tile_is_read_once_on_a_walk_and_few_for_a_leaf() {
    let leaves = leaves(65_536 + 600);
    let stored = Stored::of(&leaves);
    let mut tree = stored.open(head(&leaves)).unwrap();
    assert_eq!(stored.names_read(), ["tile/0/258.p/88", "tile/1/001.p/2", "tile/2/000.p/1"]);
    tree.leaf(300).unwrap();
    assert_eq!(stored.names_read(), ["tile/1/000", "tile/0/001"]);
    for index in 0..66_136 {
        assert_eq!(tree.leaf(index), Ok(leaves[usize::try_from(index).unwrap()]));
    }
    assert_eq!(stored.names_read().len(), 258);
}

#[test]
fn two_trees_are_compared_by_reading_only_what_differs() {
    let old = leaves(70_000);
    let mut new = leaves(70_700);
    new[40_000] = StatementId::of(b"another");
    let stored = [&old, &new].map(|leaves| Stored::of(leaves));
    let (mut a, mut b) = (stored[0].open(head(&old)).unwrap(), stored[1].open(head(&new)).unwrap());
    stored.iter().for_each(|stored| drop(stored.names_read()));
    let mut differing = vec![(2, 0)];
    for _ in 0..2 {
        differing = differing
            .into_iter()
            .filter(|(level, index)| a.hash(*level, *index) != b.hash(*level, *index))
            .flat_map(|(level, index)| (0..256).map(move |i| (level - 1, index * 256 + i)))
            .collect();
    }
    differing.retain(|(_, leaf)| a.leaf(*leaf) != b.leaf(*leaf));
    assert_eq!(differing, [(0, 40_000)]);
    for stored in stored {
        assert_eq!(stored.names_read(), ["tile/1/000", "tile/0/156"]);
    }
}

#[test]
fn a_tile_that_is_not_the_trees_is_refused() {
    let leaves = leaves(65_536 + 600);
    let head = head(&leaves);
    let tile = |level, index, width| TileName { kind: TileKind::Hashes(level), index, width };
    let spoilt = |name, spoil: &dyn Fn(&mut Vec<u8>)| {
        let mut stored = Stored::of(&leaves);
        spoil(stored.tiles.get_mut(&name).unwrap());
        stored
    };
    let flip = |bytes: &mut Vec<u8>| bytes[31] ^= 1;
    let swap = |bytes: &mut Vec<u8>| bytes.rotate_left(32);

    for name in [tile(0, 258, 88), tile(1, 1, 2), tile(2, 0, 1)] {
        assert_eq!(spoilt(name, &flip).open(head).unwrap_err(), AuthenticError::WrongEdge, "{name}");
    }
    for spoil in [&flip as &dyn Fn(&mut Vec<u8>), &swap] {
        // Below a bad tile nothing is had; beside it everything.
        let stored = spoilt(tile(1, 0, 256), spoil);
        let mut tree = stored.open(head).unwrap();
        let wrong = AuthenticError::WrongTile { tile: tile(1, 0, 256) };
        assert_eq!((tree.leaf(0), tree.hash(1, 9)), (Err(wrong.clone()), Err(wrong.clone())));
        assert_eq!(tree.root_at(256), Err(wrong));
        assert_eq!(tree.leaf(65_536), Ok(leaves[65_536]));
        let stored = spoilt(tile(0, 5, 256), spoil);
        let mut tree = stored.open(head).unwrap();
        let wrong = AuthenticError::WrongTile { tile: tile(0, 5, 256) };
        assert_eq!((tree.leaf(6 * 256 - 1), tree.leaves(5)), (Err(wrong.clone()), Err(wrong)));
        assert_eq!(tree.leaf(6 * 256), Ok(leaves[6 * 256]));
    }
    // A good tile in another's place.
    let mut stored = Stored::of(&leaves);
    let other = stored.tiles[&tile(0, 6, 256)].clone();
    stored.tiles.insert(tile(0, 5, 256), other);
    let wrong = AuthenticError::WrongTile { tile: tile(0, 5, 256) };
    assert_eq!(stored.open(head).unwrap().leaf(5 * 256), Err(wrong));

    let stored = spoilt(tile(0, 5, 256), &|bytes| bytes.truncate(32));
    let source = HashTileError { width: 256, len: 32 };
    let short = AuthenticError::Length { tile: tile(0, 5, 256), source };
    assert_eq!(stored.open(head).unwrap().leaf(5 * 256), Err(short));
    let mut stored = Stored::of(&leaves);
    stored.tiles.remove(&tile(0, 5, 256));
    let missing = AuthenticError::Source { tile: tile(0, 5, 256), source: Missing };
    assert_eq!(stored.open(head).unwrap().leaf(5 * 256), Err(missing));

    let stored = Stored::of(&leaves);
    let other = TreeHead::new(head.size(), mth(&leaves[1..])).unwrap();
    assert_eq!(stored.open(other).unwrap_err(), AuthenticError::WrongEdge);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever bit is flipped in whatever tile, each leaf is right or refused, and those below the tile are refused.
    #[test]
    fn no_flipped_bit_goes_through(size in 1u64..2_000, tile in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let mut stored = Stored::of(&leaves);
        let (name, bytes) = stored.tiles.iter_mut().nth(tile.index(right_edge(size).count().max(1))).unwrap();
        let name = *name;
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        match stored.open(head(&leaves)) {
            Err(error) => prop_assert!(name.is_partial() && error == AuthenticError::WrongEdge),
            Ok(mut tree) => for (index, leaf) in (0..).zip(&leaves) {
                match tree.leaf(index) {
                    Ok(found) => prop_assert!(found == *leaf && index / 256 != name.index),
                    Err(error) => prop_assert_eq!(error, AuthenticError::WrongTile { tile: name }),
                }
            }
        }
    }
}
