//! Input of the kinds that have no target of their own, whatever it is: it is read to an end, and what it gives can be signed.
//!
//! The first byte chooses the kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys_import::Kind;

const KINDS: [Kind; 6] = [Kind::Text, Kind::Markdown, Kind::Jsonl, Kind::Mhtml, Kind::Warc, Kind::Wacz];

fuzz_target!(|input: &[u8]| {
    let Some((first, bytes)) = input.split_first() else { return };
    litopys_fuzz::import(KINDS[usize::from(*first) % KINDS.len()], bytes);
});
