//! A feed, or a bundle of a git history, gives drafts that can be signed, or an error: whatever its bytes.
#![no_main]

use std::io::Cursor;
use std::num::NonZero;

use libfuzzer_sys::fuzz_target;
use litopys::{Content, Role};
use litopys_import::{Kind, Options, drafts};

fuzz_target!(|bytes: &[u8]| {
    let kind = if bytes.starts_with(b"# v") { Kind::Git } else { Kind::Feed };
    let options = Options { from: Some(kind), ..Options::default() };
    let stdin = Cursor::new(bytes.to_vec());
    for loaded in drafts(&["-".into()], &options, NonZero::<usize>::MIN).with_stdin(stdin).flatten().flatten() {
        assert!(!loaded.draft.subject.is_empty() && !loaded.draft.files.is_empty());
        let told = loaded.draft.metadata.provenance.get("capture");
        let exact = told.is_some_and(|told| told == "the item's own bytes in the feed");
        for file in &loaded.draft.files {
            assert!(litopys::manifest::is_path(&file.path));
            if let (Content::Bytes(content), Role::Capture, true) = (&file.content, file.role, exact) {
                assert!(is_part(bytes, content));
            }
        }
    }
});

/// Whether an item's bytes are the feed's own.
fn is_part(feed: &[u8], item: &[u8]) -> bool {
    item.is_empty() || feed.windows(item.len()).any(|part| part == item)
}
