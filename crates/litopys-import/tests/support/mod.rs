//! What the tests of importers over real data share.
#![allow(dead_code, unreachable_pub, reason = "no test uses all of it")]
#![allow(clippy::missing_panics_doc, reason = "a test stops at the first surprise")]

#[path = "../../../../tests/support/data.rs"]
pub mod data;

use litopys::manifest::{Change, FileEntry};
use litopys::{DraftFile, FileDigest, Manifest};
use litopys_import::Loaded;

/// That a draft can be signed as it is.
pub fn check(loaded: &Loaded) {
    let draft = &loaded.draft;
    let entry = |file: &DraftFile| FileEntry {
        path: file.path.clone(),
        role: file.role,
        size: 0,
        media_type: file.media_type.clone(),
        sha256: FileDigest::of(b""),
        original_name: file.original_name.clone(),
    };
    let files = draft.files.iter().map(entry).collect();
    let (metadata, at) = (draft.metadata.clone(), "2026-01-01T00:00:00Z".parse().unwrap());
    let manifest = Manifest::new(draft.subject.clone(), Change::First, at, [0; 16], metadata, files);
    let bytes = manifest.and_then(|manifest| manifest.encode()).expect(&draft.subject);
    Manifest::decode(&bytes).expect(&draft.subject);
    assert!(!draft.subject.is_empty() && loaded.warnings.iter().all(|warning| !warning.to_string().is_empty()));
}
