//! A feed, or a bundle of a git history, gives drafts that can be signed, or an error: whatever its bytes.
#![no_main]

use std::io::Cursor;
use std::num::NonZero;

use libfuzzer_sys::fuzz_target;
use litopys::Content;
use litopys_import::{Kind, Options, drafts};

fuzz_target!(|bytes: &[u8]| {
    let kind = if bytes.starts_with(b"# v") { Kind::Git } else { Kind::Feed };
    let options = Options { from: Some(kind), ..Options::default() };
    let stdin = Cursor::new(bytes.to_vec());
    for loaded in drafts(&["-".into()], &options, NonZero::<usize>::MIN).with_stdin(stdin).flatten().flatten() {
        assert!(!loaded.draft.subject.is_empty() && !loaded.draft.files.is_empty());
        for file in &loaded.draft.files {
            assert!(litopys::manifest::is_path(&file.path));
            if let Content::Bytes(content) = &file.content {
                assert!(kind == Kind::Git || file.path.ends_with(".md") || is_part(bytes, content));
            }
        }
    }
});

/// Whether an item's bytes are the feed's own, where the feed has none of another width.
fn is_part(feed: &[u8], item: &[u8]) -> bool {
    matches!(feed, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || feed.windows(item.len().max(1)).any(|part| part == item)
}
