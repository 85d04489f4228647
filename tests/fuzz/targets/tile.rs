//! A tile of any bytes is checked without harm. What passes is exactly the items that its statements and manifests call for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys::fuzzing::check_tile;
use litopys_fuzz::{Input, frame_of};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let (framed, width) = (input.byte() & 1 == 1, u16::from(input.byte()).max(1));
    let [entries, hashes, manifests, packs] = [input.piece(), input.piece(), input.piece(), input.piece()];
    let frame = |content: &[u8]| if framed { content.to_vec() } else { frame_of(content) };
    let (manifests, packs) = (frame(manifests), frame(packs));
    let check = |manifests: &[u8], packs: &[u8]| check_tile(0, width, entries.to_vec(), hashes.to_vec(), manifests, packs);
    let findings = check(&manifests, &packs);
    if findings.is_empty() {
        // Nothing more may be there, and nothing less.
        for bytes in [&manifests, &packs] {
            let content = litopys::fuzzing::decode_frame(bytes, 1 << 24).unwrap();
            let (more, less) = (frame_of(&[&content[..], &[0xf6]].concat()), frame_of(&content[..content.len() - 1]));
            for other in [more, less] {
                let found = if bytes == &manifests { check(&other, &packs) } else { check(&manifests, &other) };
                assert!(!found.is_empty());
            }
        }
    }
});
