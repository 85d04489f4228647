use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::layout::Member;
use crate::log::tile::read_hashes;

/// The standard leaves of Certificate Transparency's tests, and the roots of the trees of the first 1 to 8 of them.
pub(in crate::log) const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
pub(in crate::log) const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// `MTH` of RFC 6962, section 2.1, as it stands there.
pub(crate) fn mth(leaves: &[StatementId]) -> TreeHash {
    if let [leaf] = leaves {
        return (*leaf).into();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let hash = Sha256::new().chain_update([1]).chain_update(mth(left).as_bytes()).chain_update(mth(right).as_bytes());
    TreeHash::from_bytes(hash.finalize().into())
}

/// The leaves of a log of `size` made-up statements.
pub(in crate::log) fn leaves(size: u64) -> Vec<StatementId> {
    (0..size).map(|i| StatementId::of(&i.to_be_bytes())).collect()
}

/// All hash tiles of a log, made in one go.
pub(in crate::log) fn tiles(leaves: &[StatementId]) -> BTreeMap<TileName, Vec<u8>> {
    let mut tree = TreeBuilder::new();
    let full: Vec<_> = leaves.iter().flat_map(|leaf| tree.push(*leaf)).collect();
    full.into_iter().chain(tree.partials(0)).collect()
}

#[test]
fn roots_are_those_of_certificate_transparency() {
    let mut frontier = Frontier::new();
    assert_eq!((frontier.root(), frontier.head()), (None, None));
    for (i, (leaf, root)) in LEAVES.iter().zip(ROOTS).enumerate() {
        frontier.push(StatementId::of(leaf));
        assert_eq!(frontier.root().unwrap().to_string(), root, "{} leaves", i + 1);
    }
}

#[test]
fn roots_are_those_of_the_rfc_at_every_size() {
    let leaves = leaves(600);
    let (mut frontier, mut tree) = (Frontier::new(), TreeBuilder::new());
    for (i, leaf) in leaves.iter().enumerate() {
        frontier.push(*leaf);
        tree.push(*leaf);
        let expected = mth(&leaves[..=i]);
        assert_eq!(frontier.root(), Some(expected), "{} leaves", i + 1);
        assert_eq!((tree.root(), tree.head()), (Some(expected), frontier.head()), "{} leaves", i + 1);
        assert_eq!(tile_root(&leaves[..=i]), Some(expected));
    }
    assert_eq!(tile_root(&[]), None);
}

#[test]
fn a_whole_tile_is_appended_where_one_begins() {
    let leaves = leaves(3 * 256 + 5);
    let (mut frontier, mut tree) = (Frontier::new(), TreeBuilder::new());
    for tile in leaves.chunks(256) {
        if tile.len() == 256 {
            frontier.push_tile(tile_root(tile).unwrap()).unwrap();
            tree.push_tile(tile_root(tile).unwrap()).unwrap();
        } else {
            tile.iter().for_each(|leaf| frontier.push(*leaf));
            tile.iter().for_each(|leaf| assert_eq!(tree.push(*leaf), []));
        }
    }
    assert_eq!((frontier.size(), frontier.root()), (leaves.len() as u64, Some(mth(&leaves))));
    assert_eq!(tree.head(), frontier.head());
    let before = frontier.clone();
    assert_eq!(frontier.push_tile(mth(&leaves)), Err(Unaligned { size: 773 }));
    assert_eq!(tree.push_tile(mth(&leaves)), Err(Unaligned { size: 773 }));
    assert_eq!((frontier, tree.size()), (before, 773));
}

#[test]
fn tiles_are_those_that_the_layout_names_and_hold_the_trees_hashes() {
    let leaves = leaves(700);
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 700] {
        let leaves = &leaves[..size];
        let made = tiles(leaves);
        let named: Vec<_> =
            Member::tiles(size as u64).filter(|tile| matches!(tile.kind, TileKind::Hashes(_))).collect();
        assert_eq!(made.keys().copied().collect::<Vec<_>>(), named, "{size} leaves");
        for (tile, bytes) in made {
            let below = if tile.kind == TileKind::Hashes(0) { 1 } else { 256 };
            let first = usize::try_from(tile.index).unwrap() * 256 * below;
            let last = first + usize::from(tile.width) * below;
            let hashes: Vec<_> = leaves[first..last].chunks(below).map(mth).collect();
            assert_eq!(read_hashes(&bytes, tile.width).unwrap(), hashes, "{tile}");
        }
    }
}

#[test]
fn from_roots_of_tiles_come_the_tiles_above() {
    // Three levels: 65,536 leaves fill a tile of level 1.
    let leaves = leaves(65_536 + 256 + 3);
    let mut above = TreeBuilder::new();
    let mut made = BTreeMap::new();
    let (whole, last) = leaves.as_chunks::<256>();
    for tile in whole {
        made.extend(above.push_tile(tile_root(tile).unwrap()).unwrap());
    }
    assert_eq!(last.iter().map(|leaf| above.push(*leaf)).collect::<Vec<_>>().concat(), []);
    made.extend(above.partials(0));
    let mut expected = tiles(&leaves);
    expected.retain(|tile, _| tile.kind != TileKind::Hashes(0) || tile.is_partial());
    assert_eq!(made, expected);
    let names = ["tile/0/257.p/3", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"];
    assert_eq!(made.keys().map(TileName::to_string).collect::<Vec<_>>(), names);
    assert_eq!(above.root(), Some(mth(&leaves)));
}

/// The builder at `size`, resumed from the partial tiles of that size.
fn resumed(leaves: &[StatementId], size: usize) -> TreeBuilder {
    let stored = tiles(&leaves[..size]);
    let edge = right_edge(size as u64).map(|tile| read_hashes(&stored[&tile], tile.width).unwrap());
    TreeBuilder::resume(TreeHead::new(size as u64, mth(&leaves[..size])).unwrap(), edge).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_resumed_tree_makes_the_tiles_that_are_new(size in 1usize..70_000, more in 0usize..1_000) {
        let leaves = leaves((size + more) as u64);
        let mut tree = resumed(&leaves, size);
        let full: Vec<_> = leaves[size..].iter().flat_map(|leaf| tree.push(*leaf)).collect();
        let new: BTreeMap<_, _> = full.into_iter().chain(tree.partials(size as u64)).collect();
        let old = tiles(&leaves[..size]);
        let mut expected = tiles(&leaves);
        expected.retain(|tile, _| !old.contains_key(tile));
        prop_assert_eq!(new, expected);
        prop_assert_eq!(tree.root(), Some(mth(&leaves)));
    }
}

#[test]
fn a_tree_resumes_only_from_its_own_edge() {
    let leaves = leaves(258);
    let head = TreeHead::new(258, mth(&leaves)).unwrap();
    let level0: Vec<TreeHash> = leaves[256..].iter().copied().map(TreeHash::from).collect();
    let level1 = vec![mth(&leaves[..256])];
    let wrong = WrongEdge { head };
    assert!(TreeBuilder::resume(head, [level0.clone(), level1.clone()]).is_ok());
    for bad in [
        vec![],
        vec![level0.clone()],
        vec![level1.clone(), level0.clone()],
        vec![level0.clone(), level1.clone(), vec![]],
        vec![level0[..1].to_vec(), level1.clone()],
        vec![level0.clone(), level0[..1].to_vec()],
        vec![level0.iter().rev().copied().collect(), level1],
    ] {
        assert_eq!(TreeBuilder::resume(head, bad).unwrap_err(), wrong);
    }
}

#[test]
fn a_head_has_the_size_of_a_log() {
    let root = TreeHash::from_bytes([0; 32]);
    for (size, ok) in [(0, false), (1, true), (1 << 32, true), ((1 << 32) + 1, false)] {
        assert_eq!(TreeHead::new(size, root).is_some(), ok, "{size}");
    }
}
