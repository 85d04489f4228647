//! A Telegram export, whatever it is: it is read to an end, what it gives can be signed, and what fails names a place.
#![no_main]

use std::io::Cursor;
use std::num::NonZero;

use libfuzzer_sys::fuzz_target;
use litopys::manifest::{Change, FileEntry};
use litopys::{FileDigest, Manifest};
use litopys_import::{ImportError, Kind, Options, drafts};

fuzz_target!(|data: &[u8]| {
    let options = Options { from: Some(Kind::Telegram), ..Options::default() };
    let inputs = ["-".into()];
    for outcome in drafts(&inputs, &options, NonZero::<usize>::MIN).with_stdin(Cursor::new(data.to_vec())).flatten() {
        let loaded = match outcome {
            Ok(loaded) => loaded,
            Err(failure) => {
                assert!(failure.place.is_some() || matches!(failure.error, ImportError::Nothing));
                continue;
            }
        };
        let draft = loaded.draft;
        let files = draft.files.into_iter().map(|file| FileEntry {
            path: file.path,
            role: file.role,
            size: 0,
            media_type: file.media_type,
            sha256: FileDigest::of(b""),
            original_name: file.original_name,
        });
        let (files, at) = (files.collect(), "2026-01-01T00:00:00Z".parse().unwrap());
        let manifest = Manifest::new(draft.subject, Change::First, at, [0; 16], draft.metadata, files).unwrap();
        Manifest::decode(&manifest.encode().unwrap()).unwrap();
    }
});
