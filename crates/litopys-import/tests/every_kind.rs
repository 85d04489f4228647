//! Every file of the real data, whatever it is, as every kind. In a process of its own, so that its memory can be looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::num::NonZero;
use std::path::Path;

use litopys_import::{Kind, Options, drafts};
use support::check;
use support::data::{files_below, shared};

/// What comes of an input: how many drafts, and how many failures, each of which names the input, and things passed over.
fn read(input: &Path, from: Option<Kind>) -> (u64, u64) {
    let (mut read, mut failed) = (0, 0);
    let options = Options { from, ..Options::default() };
    let inputs = [input.to_owned()];
    let mut drafts = drafts(&inputs, &options, NonZero::new(2).unwrap());
    for outcome in drafts.by_ref().flatten() {
        match outcome {
            Ok(loaded) => {
                assert!(loaded.input.starts_with(input), "{}", loaded.input.display());
                check(&loaded);
                read += 1;
            }
            Err(failure) => {
                let text = failure.to_string();
                assert!(text.starts_with(&input.display().to_string()), "{text}");
                assert!(!failure.error.to_string().is_empty(), "{text}");
                failed += 1;
            }
        }
    }
    (read, failed + drafts.skipped().iter().map(|(_, count)| count).sum::<u64>())
}

/// The most memory that this process has used so far, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn every_file_goes_through_every_importer() {
    let Some(data) = shared(".") else { return };
    let kinds = || std::iter::once(None).chain(Kind::ALL.iter().copied().map(Some));
    for from in kinds() {
        let (read, _) = read(&data, from);
        assert!(read > 200 || from.is_some(), "{from:?}");
    }
    // As INPUTs by themselves, where nothing keeps data from being read as what it isn't.
    for file in files_below(&data) {
        for from in kinds() {
            let (read, failed) = read(&file, from);
            // No line is no draft, and nothing wrong with it.
            let no_lines = from == Some(Kind::Jsonl) && std::fs::read(&file).unwrap().trim_ascii().is_empty();
            assert!(read + failed > 0 || no_lines, "{} as {from:?}: neither a draft nor a failure", file.display());
        }
    }
    // The largest files are of some MiB. Several chunks may be held at once, and no input whole beside what its drafts hold.
    #[cfg(target_os = "linux")]
    assert!(peak() < 512 << 20, "{} bytes", peak());
}
