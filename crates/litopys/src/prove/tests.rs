//! What the checkpoint doesn't commit to is not given out, whatever stands in its place.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Cursor;

use super::*;
use crate::archive::tests::{add, draft, found, found_with, key};
use crate::log::merkle::tests::mth;
use crate::log::tile::write_entries;
use crate::store::Found;
use crate::store::folder::FolderStore;
use crate::store::memory::MemoryStore;
use crate::store::zip::{BundleStore, BundleWriter};

fn entry_tile(index: u64, width: u16) -> Member {
    Member::Tile(TileName { kind: TileKind::Entries, index, width })
}

/// All that is in a store, read into memory.
fn copy(store: &dyn Store) -> MemoryStore {
    let mut copy = MemoryStore::new();
    let mut members = Vec::new();
    store
        .scan(&mut |found| members.extend(if let Found::Member(member) = found { Some(member) } else { None }))
        .unwrap();
    members.into_iter().for_each(|member| copy.insert(member, store.read(member, u64::MAX - 1).unwrap()));
    copy
}

#[test]
fn statements_are_those_of_the_log() {
    let dir = tempfile::tempdir().unwrap();
    drop(add(found(dir.path()), (0..299).map(|n| draft(&n.to_string(), "text")).collect()));
    let folder = FolderStore::new(dir.path());
    let mut prover = Prover::open(&folder).unwrap();
    let of = |prover: &mut Prover<'_>, index| prover.statement(index).unwrap().as_bytes().to_vec();
    let (first, late) = (of(&mut prover, 1), of(&mut prover, 299));
    assert_ne!(first, late);

    // Another statement of the log, and one that is none, in the place of one.
    let mut store = copy(&folder);
    let tile = store.read(entry_tile(1, 44), 1 << 24).unwrap();
    let mut entries = read_entries(&tile, 44).unwrap();
    (entries[0], entries[1]) = (&first, b"nothing");
    store.insert(entry_tile(1, 44), write_entries(entries).unwrap());
    let mut prover = Prover::open(&store).unwrap();
    for index in [256, 257] {
        assert!(matches!(prover.statement(index), Err(ProveError::Altered { .. })), "{index}");
        assert!(prover.proof(index).is_err(), "{index}");
    }
    assert_eq!(of(&mut prover, 299), late);
}

#[test]
fn a_charter_that_is_not_the_logs_founds_nothing() {
    let other = tempfile::tempdir().unwrap();
    let foreign = found_with(other.path(), [8; 16]);
    let foreign = Prover::open(foreign.store()).unwrap().statement(0).unwrap();
    for drafts in [vec![], vec![draft("a", "text")]] {
        let dir = tempfile::tempdir().unwrap();
        let width = u16::try_from(drafts.len()).unwrap() + 1;
        let mut store = copy(add(found(dir.path()), drafts).0.store());
        let tile = store.read(entry_tile(0, width), 1 << 24).unwrap();
        let mut entries = read_entries(&tile, width).unwrap();
        entries[0] = foreign.as_bytes();
        store.insert(entry_tile(0, width), write_entries(entries).unwrap());
        // The same key signs the checkpoints of both.
        assert!(Prover::open(&store).is_err());
    }
}

#[test]
fn an_extract_shows_only_what_its_proofs_show() {
    let dir = tempfile::tempdir().unwrap();
    let (archive, _) = add(found(dir.path()), vec![draft("a", "one"), draft("b", "two"), draft("c", "three")]);
    let (bytes, _) = crate::extract::write(archive.store(), &[1, 2], Cursor::new(Vec::new())).unwrap();
    let whole = copy(&BundleStore::open(bytes.into_inner()).unwrap());
    // A statement, or a proof, or both, in the place of another's.
    let (statement, proof) = ((Member::Statement(1), Member::Statement(2)), (Member::Proof(1), Member::Proof(2)));
    for put in [&[statement][..], &[proof], &[statement, proof]] {
        let mut changed = whole.clone();
        put.iter().for_each(|(member, other)| changed.insert(*member, whole.read(*other, 1 << 24).unwrap()));
        let mut bundle = BundleWriter::extract(Cursor::new(Vec::new())).unwrap();
        for (member, mut bytes) in changed.iter().skip(2) {
            bundle = bundle.member(member, bytes.len() as u64, &mut bytes).unwrap();
        }
        let store = BundleStore::open(bundle.finish().unwrap().into_inner()).unwrap();
        let mut prover = Prover::open(&store).unwrap();
        assert!(prover.statement(2).is_ok());
        assert!(matches!(prover.statement(1), Err(ProveError::Altered { index: 1 })), "{put:?}");
        assert!(prover.proof(1).is_err(), "{put:?}");
    }
}

#[test]
fn what_is_in_the_log_and_no_statement_is_given_out_as_it_is() {
    const GARBAGE: &[u8] = b"garbage";
    let dir = tempfile::tempdir().unwrap();
    let archive = found(dir.path());
    let tile = archive.store().read(entry_tile(0, 1), 1 << 24).unwrap();
    let entries = vec![read_entries(&tile, 1).unwrap()[0], GARBAGE];
    let ids: Vec<_> = entries.iter().map(|entry| StatementId::of(entry)).collect();
    let head = TreeHead::new(2, mth(&ids)).unwrap();
    let checkpoint = SignedCheckpoint::sign(&"test.example/archive".parse().unwrap(), head, &key()).unwrap();
    let mut store = MemoryStore::new();
    let hashes = Member::Tile(TileName { kind: TileKind::Hashes(0), index: 0, width: 2 });
    store.insert(hashes, ids.iter().flat_map(|id| id.as_bytes()).copied().collect::<Vec<_>>());
    store.insert(entry_tile(0, 2), write_entries(entries).unwrap());
    store.insert(Member::Checkpoint, checkpoint.bytes().to_vec());
    let mut prover = Prover::open(&store).unwrap();
    assert_eq!(prover.entry(1).unwrap(), GARBAGE);
    assert!(matches!(prover.statement(1), Err(ProveError::Statement { index: 1, .. })));
    prover.proof(1).unwrap().proof.verify(ids[1], head).unwrap();
}

#[test]
fn what_the_log_has_not_is_not_proved() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = |n: u8| (0..n).map(|n| draft(&n.to_string(), "text")).collect();
    let (archive, _) = add(found(dir.path()), drafts(4));
    let (bytes, _) = crate::extract::write(archive.store(), &[1], Cursor::new(Vec::new())).unwrap();
    let extract = BundleStore::open(bytes.into_inner()).unwrap();
    let mut whole = Prover::open(archive.store()).unwrap();
    let mut shown = Prover::open(&extract).unwrap();
    let head = whole.head();
    let (forked, larger) = (TreeHead::new(2, head.root()).unwrap(), TreeHead::new(6, head.root()).unwrap());
    for prover in [&mut whole, &mut shown] {
        assert!(matches!(prover.statement(5), Err(ProveError::OutOfRange { index: 5, size: 5 })));
        assert!(matches!(prover.proof(5), Err(ProveError::OutOfRange { index: 5, size: 5 })));
        assert!(matches!(prover.consistency(larger), Err(ProveError::Shrunk { older: 6, size: 5 })));
        prover.consistency(head).unwrap().proof.verify(head, head).unwrap();
    }
    assert!(matches!(whole.consistency(forked), Err(ProveError::Forked { older: 2 })));
    let older = TreeHead::new(2, whole.root_at(2).unwrap()).unwrap();
    whole.consistency(older).unwrap().proof.verify(older, head).unwrap();
    assert!(matches!(shown.consistency(older), Err(ProveError::Extract)));
    assert!(matches!(shown.statement(2), Err(ProveError::NotShown { index: 2 })));
}
