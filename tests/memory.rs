//! Hostile archives against a limit of memory: manifests that are as large as they may be and compress to next to nothing.
//!
//! Each command runs in a process of its own that the operating system gives no more than the bound that the threat model states.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

#[path = "support/archives.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "no test uses all of it")]
mod archives;
#[path = "support/prng.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "no test uses all of it")]
mod prng;

use std::path::Path;
use std::process::{Command, Output};

use archives::{archive_of, draft, key, lock, open};
use litopys::archive::Grounds;
use litopys::draft::{Draft, DraftFile};
use litopys::manifest::{Metadata, Role};
use litopys::withdrawal::{DataClass, EntryRef, Scope};

/// What a thread may take, on two threads, and what may wait for its turn besides.
const BOUND: u64 = (2 * 128 + 128) << 20;
/// Somewhat less than a manifest may have.
const HUGE: usize = 15 << 20;

/// Runs a command on two threads with so many bytes of memory; the process is killed, or ends itself, when it asks for more.
fn within(bytes: u64, home: &Path, args: &[&str]) -> Output {
    let script = format!("ulimit -d {} && exec \"$0\" \"$@\"", bytes >> 10);
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_litopys")]).args(args);
    command.args(["--threads", "2"]).env("LITOPYS_HOME", home).env("NO_COLOR", "1");
    command.output().unwrap()
}

/// More of them than fit into the bound.
fn with_notes(text: &str) -> Vec<Draft> {
    let note = || Metadata { note: Some("x".repeat(HUGE)), ..Metadata::default() };
    (0..28)
        .map(|nth| Draft { metadata: note(), ..draft(&format!("article {nth}"), &format!("{text} {nth}"), None) })
        .collect()
}

#[test]
fn commands_hold_no_more_manifests_than_they_must() {
    let older = archive_of(&[&with_notes("text")]);
    let newer = archive_of(&[&with_notes("text"), &with_notes("another text")]);
    let (older, newer) = (older.path().to_str().unwrap(), newer.path().to_str().unwrap());
    let home = tempfile::tempdir().unwrap();
    let bundle = home.path().join("b.litopys");
    let bundle = bundle.to_str().unwrap();
    for (args, exit) in [
        (&["verify", older][..], 3),
        (&["list", older], 0),
        (&["log", older, "--reverse"], 0),
        (&["find", older, "--text", "text 7", "--full"], 0),
        (&["diff", older, newer], 1),
        (&["bundle", older, bundle], 0),
        (&["verify", bundle], 3),
    ] {
        let output = within(BOUND, home.path(), args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {:?}: {said}", output.status);
    }
}

#[test]
fn titles_that_no_reader_could_hold_are_refused() {
    let metadata = || Metadata { title: Some("x".repeat(HUGE)), ..Metadata::default() };
    let titled = |nth| Draft { metadata: metadata(), ..draft(&format!("article {nth}"), "text", None) };
    let drafts: Vec<_> = (0..24).map(titled).collect();
    let archive = archive_of(&[&drafts]);
    let archive = archive.path().to_str().unwrap();
    let home = tempfile::tempdir().unwrap();
    assert_eq!(within(BOUND, home.path(), &["verify", archive]).status.code(), Some(3));
    let listed = within(BOUND + (256 << 20), home.path(), &["list", archive]);
    let said = String::from_utf8_lossy(&listed.stderr);
    assert_eq!(listed.status.code(), Some(2), "{said}");
    assert!(said.contains("the titles and subjects of its articles take more than"), "{said}");
}

#[test]
fn manifests_of_very_many_files_cost_no_more() {
    let files = |nth: usize| {
        let file = |at: usize| DraftFile {
            path: format!("{at}"),
            role: Role::Attachment,
            media_type: "a".into(),
            original_name: None,
            content: format!("{}", at % 7).into_bytes().into(),
        };
        Draft { files: (0..65_536).map(file).collect(), ..draft(&format!("article {nth}"), "", None) }
    };
    let drafts: Vec<_> = (0..6).map(files).collect();
    let archive = archive_of(&[&drafts]);
    let archive = archive.path().to_str().unwrap();
    let home = tempfile::tempdir().unwrap();
    for (args, exit) in [(&["verify", archive][..], 3), (&["list", archive], 0)] {
        let output = within(BOUND, home.path(), args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {:?}: {said}", output.status);
    }
}

#[test]
fn withdrawals_that_name_very_many_articles_are_held_once() {
    const NAMED: u64 = 1_024;
    let drafts: Vec<_> = (0..10 * NAMED).map(|nth| draft(&format!("{nth}"), "text", None)).collect();
    let (older, newer) = (archive_of(&[&drafts]), archive_of(&[&drafts]));
    let archive = open(lock(newer.path())).unwrap();
    let entry = |index| EntryRef { index, id: archive.ledger().id_at(index).unwrap() };
    let withdrawal = |nth: u64| {
        let scope = Scope::Entries((nth * NAMED + 1..=(nth + 1) * NAMED).map(entry).collect());
        let grounds = Grounds { class: DataClass::Personal, reason: "asked for".into(), basis: "a law".into() };
        archive.withdrawal(scope, grounds, &key()).unwrap()
    };
    let withdrawals: Vec<_> = (0..10).map(withdrawal).collect();
    drop(archive.append(&withdrawals, &key()).unwrap());
    let (older, newer) = (older.path().to_str().unwrap(), newer.path().to_str().unwrap());
    let home = tempfile::tempdir().unwrap();
    let output = within(BOUND, home.path(), &["diff", "--names-only", older, newer]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{:?}: {said}", output.status);
    let listed = String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains("withdrawn")).count();
    assert!(listed >= drafts.len(), "{listed} are named");
}

#[test]
fn small_files_of_many_articles_are_not_held_until_their_tile_is_full() {
    let (inbox, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut noise, mut bytes) = (prng::Prng(1), vec![0; 60_000]);
    for article in 0..200 {
        let folder = inbox.path().join(article.to_string());
        std::fs::create_dir(&folder).unwrap();
        let names: Vec<_> = (0..16).map(|nth| format!("{nth}.png")).collect();
        for name in &names {
            noise.fill(&mut bytes);
            std::fs::write(folder.join(name), &bytes).unwrap();
        }
        let links = names.iter().map(|name| format!("![]({name})\n"));
        std::fs::write(folder.join("a.md"), format!("# Article {article}\n\n{}", links.collect::<String>())).unwrap();
    }
    let archive = home.path().join("archive");
    let (archive, inbox) = (archive.to_str().unwrap(), inbox.path().to_str().unwrap());
    // They have 192 MB.
    let output = within(112 << 20, home.path(), &["create", archive, inbox, "--make-keys"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{:?}: {said}", output.status);
    let left = std::fs::read_dir(archive).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|name| name.starts_with(".partial")), "what was put aside is gone");
    assert_eq!(within(BOUND, home.path(), &["verify", archive]).status.code(), Some(0));
}
