//! Fork proofs out of real archives: every pair of sizes, with every place where they part.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use litopys::draft::Draft;
use litopys::fork::{ForkError, ForkProof, MakeError, SignedState};
use litopys::prove::Prover;
use litopys::store::folder::FolderStore;
use support::archives::{archive_of, draft};

const MOST: usize = 5;

/// An archive that says `of` in each article from the `parts`-th statement on, and has so many statements.
fn log(parts: usize, of: &str, size: usize) -> tempfile::TempDir {
    let say = |at: usize| draft(&format!("{at}"), if at < parts { "The same." } else { of }, None);
    let drafts: Vec<Draft> = (1..size).map(say).collect();
    // One at a time: what is random depends on the root that it follows.
    let batches: Vec<_> = drafts.chunks(1).collect();
    archive_of(&batches)
}

#[test]
fn two_logs_that_part_are_proved_to_and_no_others() {
    for parts in [1, 3] {
        let logs: Vec<_> =
            (1..=MOST).flat_map(|size| ["One.", "Other."].map(|of| (of, size, log(parts, of, size)))).collect();
        for (of, size, older) in &logs {
            for (other, larger, newer) in logs.iter().filter(|(_, larger, _)| larger >= size) {
                let (older, newer) = (FolderStore::new(older.path()), FolderStore::new(newer.path()));
                let state = SignedState::of(&mut Prover::open(&older).unwrap()).unwrap();
                let made = ForkProof::new(state, &mut Prover::open(&newer).unwrap());
                let context = format!("{size} of {of} and {larger} of {other}, which part at {parts}");
                if of == other || *size <= parts {
                    assert!(matches!(made, Err(MakeError::Fork(ForkError::Consistent))), "{context}");
                    continue;
                }
                let proof = made.unwrap_or_else(|error| panic!("{context}: {error}"));
                let read = ForkProof::parse(proof.to_text().as_bytes()).unwrap();
                let fork = read.verify().unwrap_or_else(|error| panic!("{context}: {error}"));
                assert_eq!((read, fork.keys().len()), (proof, 1), "{context}");
                assert_eq!((fork.first.head.size(), fork.second.head.size()), (*size as u64, *larger as u64));
                assert_ne!(fork.root, fork.first.head.root());
            }
        }
    }
}

#[test]
fn a_state_is_read_as_it_was_written() {
    let dir = log(9, "", 4);
    let store = FolderStore::new(dir.path());
    let state = SignedState::of(&mut Prover::open(&store).unwrap()).unwrap();
    assert_eq!(SignedState::parse(state.to_text().as_bytes()).as_ref(), Ok(&state));
    assert_eq!(state.verify().unwrap().signers.len(), 1);
    assert!(SignedState::parse(format!("{}\nmore\n", state.to_text()).as_bytes()).is_err());
}
