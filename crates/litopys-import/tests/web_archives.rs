//! Real web archives, good and odd, which are not part of the repository: where they are absent, the tests say so and pass, but not in CI.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../../../tests/support/data.rs"]
mod data;

use std::fmt::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use data::{files_below, shared};
use litopys::{Content, Role};
use litopys_import::{Kind, Options, drafts};

/// What comes of a file, a line each.
fn outcome(file: &Path, options: &Options) -> String {
    let mut all = drafts(&[file.to_owned()], options, NonZero::new(2).unwrap());
    let mut said = String::new();
    for outcome in all.by_ref().flatten() {
        match outcome {
            Ok(loaded) => {
                let draft = &loaded.draft;
                let capture = draft.files.iter().find(|file| file.role == Role::Capture).unwrap();
                let size = match &capture.content {
                    Content::Bytes(bytes) => bytes.len() as u64,
                    Content::Source(source) => {
                        std::io::copy(&mut source.open().unwrap(), &mut std::io::sink()).unwrap()
                    }
                    other => panic!("{other:?}"),
                };
                let m = &draft.metadata;
                let at = m.captured.as_ref().and_then(|captured| captured.at.as_ref()).map_or("", |at| at.as_str());
                let title = m.title.as_deref().unwrap_or_default();
                writeln!(said, "  {at} {} {size} {title:?}", draft.subject).unwrap();
                for warning in &loaded.warnings {
                    writeln!(said, "    {warning}").unwrap();
                }
            }
            Err(failure) => {
                let text = failure.to_string().replace(&file.display().to_string(), "");
                let text = text.trim_start_matches(':');
                writeln!(said, "  !{text}").unwrap();
            }
        }
    }
    for (reason, count) in all.skipped().iter() {
        writeln!(said, "  {count} {reason}").unwrap();
    }
    said
}

#[test]
fn what_comes_of_each_web_archive() {
    let Some(folder) = shared("warc") else { return };
    let is_archive = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        [".warc", ".arc", ".wacz"].iter().any(|ending| name.contains(ending))
    };
    let mut table = String::new();
    for file in files_below(&folder).iter().filter(|path| is_archive(path)) {
        let name = file.file_name().unwrap().to_string_lossy();
        write!(table, "{name}\n{}", outcome(file, &Options::default())).unwrap();
    }
    let expected = include_str!("web_archives.txt");
    if std::env::var_os("LITOPYS_BLESS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web_archives.txt"), table).unwrap();
    } else {
        assert_eq!(table, expected, "LITOPYS_BLESS=1 writes the table anew");
    }
}

#[test]
fn no_file_is_taken_for_a_web_archive_that_is_none() {
    let Some(data) = shared(".") else { return };
    let all = files_below(&data);
    for from in [Kind::Warc, Kind::Wacz] {
        let forced = Options { from: Some(from), ..Options::default() };
        for file in &all {
            let said = outcome(file, &forced);
            if !file.starts_with(data.join("warc")) {
                assert!(said.contains(": is ") || said.contains(" is no "), "{}: {said}", file.display());
            }
        }
    }
}
