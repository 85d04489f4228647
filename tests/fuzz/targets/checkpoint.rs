//! A checkpoint that can be read is printed anew as the bytes received.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::{SecretKey, Signer};

fuzz_target!(|data: &[u8]| {
    let Ok(checkpoint) = SignedCheckpoint::parse(data) else { return };
    let text = std::str::from_utf8(data).unwrap();
    let (origin, size) = (checkpoint.claimed_origin(), checkpoint.claimed_size());
    let again = SignedCheckpoint::sign(origin, checkpoint.claimed_head(), &SecretKey::from_seed(&[1; 32])).unwrap();
    let signed = std::str::from_utf8(again.bytes()).unwrap();
    let (head, _) = signed.split_once("\n\n").unwrap();
    let mut printed = format!("{head}\n\n");
    assert!(head.starts_with(&format!("{origin}\n{size}\n")));
    for line in checkpoint.lines() {
        printed.push_str(&format!("{line}\n"));
    }
    assert_eq!(printed, text);
    let key = SecretKey::from_seed(&[1; 32]);
    let _ = checkpoint.verify(origin, &[key.public_key()]);
});
