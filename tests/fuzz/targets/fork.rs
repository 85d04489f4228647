//! A fork proof that can be read is printed anew as the bytes received; one that holds is about the two states that were signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys::fork::ForkProof;

const SEED: &[u8] = include_bytes!("../seeds/fork/proof");

fuzz_target!(|data: &[u8]| {
    let Ok(proof) = ForkProof::parse(data) else { return };
    assert_eq!(proof.to_text().as_bytes(), data);
    let Ok(fork) = proof.verify() else { return };
    let seed = ForkProof::parse(SEED).unwrap().verify().unwrap();
    assert_eq!((fork.archive, fork.first.head, fork.second.head), (seed.archive, seed.first.head, seed.second.head));
    assert_eq!(fork.root, seed.root);
});
