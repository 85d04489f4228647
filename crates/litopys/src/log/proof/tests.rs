use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::layout::TileName;
use crate::log::authentic::AuthenticError;
use crate::log::merkle::tests::{LEAVES, leaves, mth, tiles};
use crate::log::merkle::{TreeBuilder, tile_root};

/// `PATH(m, D[n])` of RFC 6962, section 2.1.1, as it stands there.
pub(crate) fn rfc_path(m: usize, d: &[StatementId]) -> Vec<TreeHash> {
    if d.len() == 1 {
        return vec![];
    }
    let (left, right) = d.split_at(d.len().next_power_of_two() / 2);
    let k = left.len();
    if m < k {
        [rfc_path(m, left), vec![mth(right)]].concat()
    } else {
        [rfc_path(m - k, right), vec![mth(left)]].concat()
    }
}

/// `SUBPROOF(m, D[n], b)` of RFC 6962, section 2.1.2, as it stands there.
fn rfc_subproof(m: usize, d: &[StatementId], b: bool) -> Vec<TreeHash> {
    if m == d.len() {
        return if b { vec![] } else { vec![mth(d)] };
    }
    let (left, right) = d.split_at(d.len().next_power_of_two() / 2);
    let k = left.len();
    if m <= k {
        [rfc_subproof(m, left, b), vec![mth(right)]].concat()
    } else {
        [rfc_subproof(m - k, right, false), vec![mth(left)]].concat()
    }
}

fn head(leaves: &[StatementId]) -> TreeHead {
    TreeHead::new(leaves.len() as u64, mth(leaves)).unwrap()
}

fn open(leaves: &[StatementId]) -> AuthenticTiles<impl HashSource<Error = Infallible>> {
    let tiles: BTreeMap<TileName, Vec<u8>> = tiles(leaves);
    AuthenticTiles::new(move |tile| Ok(tiles[&tile].clone()), head(leaves)).unwrap()
}

fn hash(hex: &str) -> TreeHash {
    hex.parse::<StatementId>().unwrap().into()
}

#[test]
fn proofs_are_those_of_certificate_transparency() {
    let leaves = LEAVES.map(StatementId::of);
    let inclusion: [(u64, usize, &[&str]); 5] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1,
            5,
            &[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (index, size, path) in inclusion {
        let proof = open(&leaves[..size]).inclusion(index).unwrap();
        assert_eq!(proof.path, path.iter().copied().map(hash).collect::<Vec<_>>(), "{index} of {size}");
        assert_eq!(
            proof.verify(StatementId::of(LEAVES[usize::try_from(index).unwrap()]), head(&leaves[..size])),
            Ok(())
        );
    }
    let consistency: [(usize, usize, &[&str]); 2] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
    ];
    for (older, newer, path) in consistency {
        let proof = open(&leaves[..newer]).consistency(older as u64).unwrap();
        assert_eq!(proof.path, path.iter().copied().map(hash).collect::<Vec<_>>(), "{older} to {newer}");
        assert_eq!(proof.verify(head(&leaves[..older]), head(&leaves[..newer])), Ok(()));
    }
}

/// Every way to change a path by a hash: one less, one more, one other.
fn changed(path: &[TreeHash]) -> impl Iterator<Item = (Vec<TreeHash>, bool)> {
    let other = TreeHash::from_bytes([0x5a; 32]);
    let more = (0..=path.len()).map(move |at| ([&path[..at], &[other], &path[at..]].concat(), true));
    let less = (0..path.len()).map(move |at| ([&path[..at], &path[at + 1..]].concat(), true));
    let changed = (0..path.len()).map(move |at| ([&path[..at], &[other], &path[at + 1..]].concat(), false));
    more.chain(less).chain(changed)
}

#[test]
fn each_leaf_is_proven_where_it_is_and_nowhere_else() {
    let all = leaves(600);
    for size in (1..=70).chain([255, 256, 257, 511, 512, 513, 600]) {
        let leaves = &all[..size];
        let (mut tree, head) = (open(leaves), head(leaves));
        for index in (0..size).step_by(if size > 70 { 17 } else { 1 }) {
            let proof = tree.inclusion(index as u64).unwrap();
            assert_eq!(proof.path, rfc_path(index, leaves), "{index} of {size}");
            assert_eq!(proof.verify(leaves[index], head), Ok(()), "{index} of {size}");
            if size > 70 {
                continue;
            }
            for (path, length) in changed(&proof.path) {
                let error = if length { ProofError::Length } else { ProofError::Root };
                assert_eq!(InclusionProof { index: proof.index, path }.verify(leaves[index], head), Err(error));
            }
            for other in (0..size as u64).filter(|other| *other != proof.index) {
                let moved = InclusionProof { index: other, path: proof.path.clone() };
                assert!(moved.verify(leaves[index], head).is_err(), "{index} as {other} of {size}");
            }
            assert_eq!(proof.verify(all[599], head), Err(ProofError::Root));
        }
        let beyond = size as u64;
        assert_eq!(tree.inclusion(beyond), Err(AuthenticError::OutOfRange { size: beyond }));
        let proof = InclusionProof { index: beyond, path: vec![] };
        assert_eq!(proof.verify(all[0], head), Err(ProofError::Index { index: beyond, size: beyond }));
    }
}

#[test]
fn each_tree_extends_all_that_are_smaller_and_no_other() {
    let all = leaves(130);
    let heads: Vec<_> = (1..=130).map(|size| head(&all[..size])).collect();
    let other = TreeHash::from_bytes([0x5a; 32]);
    for newer in 1..=130 {
        let (mut tree, new) = (open(&all[..newer]), heads[newer - 1]);
        for older in 1..=newer {
            let (proof, old) = (tree.consistency(older as u64).unwrap(), heads[older - 1]);
            assert_eq!(proof.path, rfc_subproof(older, &all[..newer], true), "{older} to {newer}");
            assert_eq!(proof.verify(old, new), Ok(()), "{older} to {newer}");
            for (path, length) in changed(&proof.path) {
                let error = if length { ProofError::Length } else { ProofError::Root };
                assert_eq!(ConsistencyProof { path }.verify(old, new), Err(error), "{older} to {newer}");
            }
            let forked = |head: TreeHead| TreeHead::new(head.size(), other).unwrap();
            assert_eq!(proof.verify(forked(old), new), Err(ProofError::Root));
            assert_eq!(proof.verify(old, forked(new)), Err(ProofError::Root));
            if older < newer {
                let shrunk = ProofError::Shrunk { older: newer as u64, newer: older as u64 };
                assert_eq!(proof.verify(new, old), Err(shrunk));
            }
        }
        for none in [0, newer as u64 + 1] {
            assert_eq!(tree.consistency(none), Err(AuthenticError::OutOfRange { size: newer as u64 }));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn larger_trees_are_no_different(newer in 1usize..70_000, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let leaves = leaves(newer as u64);
        let (mut tree, new) = (open(&leaves), head(&leaves));
        let (index, older) = (a.index(newer), b.index(newer) + 1);
        let inclusion = tree.inclusion(index as u64).unwrap();
        prop_assert_eq!(&inclusion.path, &rfc_path(index, &leaves));
        prop_assert_eq!(inclusion.verify(leaves[index], new), Ok(()));
        let consistency = tree.consistency(older as u64).unwrap();
        prop_assert_eq!(&consistency.path, &rfc_subproof(older, &leaves, true));
        prop_assert_eq!(consistency.verify(head(&leaves[..older]), new), Ok(()));
        prop_assert_eq!(tree.root_at(older as u64), Ok(mth(&leaves[..older])));
    }
}

#[test]
fn proofs_in_a_log_of_a_million_read_five_tiles() {
    // All leaves the same: every full tile of a level is the same, and the tree needs no million hashes.
    let leaf = StatementId::of(b"the same");
    let mut build = TreeBuilder::new();
    let mut tiles = BTreeMap::new();
    let root = tile_root(&[leaf; 256]).unwrap();
    for _ in 0..1_000_000 / 256 {
        tiles.extend(build.push_tile(root).unwrap());
    }
    (0..1_000_000 % 256).for_each(|_| tiles.extend(build.push(leaf)));
    tiles.extend(build.partials(0));
    let head = build.head().unwrap();
    assert_eq!(head.size(), 1_000_000);
    let level0 = crate::log::tile::write_hashes(&[leaf.into(); 256]);
    let read = std::cell::Cell::new(0);
    let source = |tile: TileName| {
        read.set(read.get() + 1);
        Ok::<_, Infallible>(tiles.get(&tile).unwrap_or(&level0).clone())
    };
    for index in [0, 77_777, 999_935, 999_999] {
        read.set(0);
        let proof = AuthenticTiles::new(source, head).unwrap().inclusion(index).unwrap();
        assert_eq!(proof.verify(leaf, head), Ok(()));
        assert!(read.get() <= 5, "{} tiles", read.get());
        read.set(0);
        let mut tree = AuthenticTiles::new(source, head).unwrap();
        let older = TreeHead::new(index + 1, tree.root_at(index + 1).unwrap()).unwrap();
        assert_eq!(tree.consistency(index + 1).unwrap().verify(older, head), Ok(()));
        assert!(read.get() <= 5, "{} tiles", read.get());
    }
}
