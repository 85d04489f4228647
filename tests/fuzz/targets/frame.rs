//! Two decoders of Zstandard, behind one walk over the blocks, take the same frames and give the same content.
//!
//! The input is the blocks. Header and checksum are made to fit what either decoder gives for them, so that the fuzzer needn't guess them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys::fuzzing::{decode_frame, decode_frame_in_rust};
use litopys_fuzz::frame_of;

const MOST: usize = 1 << 20;

fn frame(blocks: &[u8], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap();
    let checksum = frame_of(content);
    [&[0x28, 0xb5, 0x2f, 0xfd, 0b1000_0100, 72], &size.to_le_bytes()[..], blocks, &checksum[checksum.len() - 4..]].concat()
}

fuzz_target!(|blocks: &[u8]| {
    // What libzstd makes of the blocks, when nothing is said of their content.
    let bare = [&[0x28, 0xb5, 0x2f, 0xfd, 0, 72], blocks].concat();
    let mut content = vec![0; MOST];
    let by_lib = zstd::bulk::decompress_to_buffer(&bare, &mut content).map(|len| content[..len].to_vec());
    let Ok(content) = by_lib else {
        // As good as empty, or as many bytes as a raw block has: what the other decoder gives can't be asked for.
        let frame = frame(blocks, b"");
        assert_eq!(decode_frame(&frame, MOST as u64), decode_frame_in_rust(&frame, MOST as u64));
        return;
    };
    let frame = frame(blocks, &content);
    let (lib, rust) = (decode_frame(&frame, MOST as u64), decode_frame_in_rust(&frame, MOST as u64));
    assert!(lib.as_ref().is_none_or(|lib| *lib == content));
    assert!(lib == rust, "libzstd takes it: {}, ruzstd: {}", lib.is_some(), rust.is_some());
});
