//! What is known of a file from one tile while another is looked at: files that statements of several tiles name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::{Path, PathBuf};

use litopys::FileDigest;
use litopys::archive::Grounds;
use litopys::check::{CheckOptions, Files, Signatures, Trust, check};
use litopys::layout::Member;
use litopys::report::{Code, Report, Verdict};
use litopys::store::Store;
use litopys::store::folder::FolderStore;
use litopys::store::zip::BundleStore;
use litopys::transfer::to_bundle;
use litopys::withdrawal::{DataClass, EntryRef, Scope};
use support::archives::{archive_of, draft, full_check, key, lock, noise, open};
use support::data::files_below;

/// An archive whose statements 1 and 260 name the same large file, in two tiles.
fn named_twice() -> tempfile::TempDir {
    let large = || Some(noise(1, 70_000));
    let mut drafts = vec![draft("first", "one", large())];
    drafts.extend((2..260).map(|nth| draft(&format!("{nth}"), &format!("text {nth}"), None)));
    drafts.push(draft("last", "two", large()));
    drafts.push(draft("after", "three", None));
    archive_of(&[&drafts])
}

fn large_file(root: &Path) -> PathBuf {
    files_below(&root.join("files")).pop().unwrap()
}

fn with_files(store: &dyn Store, files: Files) -> Report {
    let options = CheckOptions { files, trust: Trust::default(), threads: 2, signatures: Signatures::All };
    check(store, &options, &mut ()).unwrap()
}

/// Whoever checks what is new since a statement reads all files that it and later ones name.
#[test]
fn a_file_is_new_as_long_as_a_new_statement_names_it() {
    let archive = named_twice();
    let path = large_file(archive.path());
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[40_000] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let store = FolderStore::new(archive.path());
    let codes = |since| with_files(&store, Files::Since(since)).findings.iter().map(|f| f.code).collect::<Vec<_>>();
    for since in [0, 1, 2, 255, 256, 257, 259, 260] {
        assert_eq!(codes(since).len(), 1, "since {since}");
    }
    assert_eq!(codes(261), []);
}

/// Small files are read by the tile: with the last statement of one all of it.
#[test]
fn a_tile_is_new_as_long_as_its_last_statement_is() {
    let archive = named_twice();
    let count = |since| with_files(&FolderStore::new(archive.path()), Files::Since(since)).counts.files;
    let (all, last) = (count(0), count(256));
    assert_eq!(all - last, 255, "the texts of the first tile");
    assert_eq!((count(255), count(257)), (all, last));
}

/// Withheld where one statement names it, and kept for the other.
#[test]
fn a_file_stays_as_long_as_one_statement_shows_it() {
    let one_tile = || {
        archive_of(&[&[draft("first", "one", Some(noise(1, 70_000))), draft("last", "two", Some(noise(1, 70_000)))]])
    };
    for (index, other) in [(1, 260), (260, 1), (1, 2), (2, 1)] {
        let folder = if index.max(other) > 2 { named_twice() } else { one_tile() };
        let archive = open(lock(folder.path())).unwrap();
        let path = large_file(folder.path());
        let digest = FileDigest::from_hex(path.file_stem().unwrap().to_str().unwrap()).unwrap();
        let entry = EntryRef { index, id: archive.ledger().id_at(index).unwrap() };
        let grounds = Grounds { class: DataClass::Other, reason: "asked for".into(), basis: "consent".into() };
        let word = archive.withdrawal(Scope::FilesOf(entry, [digest].into()), grounds, &key()).unwrap();
        drop(archive.append(&[word], &key()).unwrap());
        let store = FolderStore::new(folder.path());
        let (report, _) = full_check(&store);
        let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((report.verdict(), codes), (Verdict::Verified, vec![Code::Withdrawn]), "{other} shows it");
        let (bundle, _) = to_bundle(&store, std::io::Cursor::new(Vec::new()), 2).unwrap();
        let bundle = BundleStore::open(bundle.into_inner()).unwrap();
        assert_eq!(full_check(&bundle).0.verdict(), Verdict::Verified);
        let shown = [false, true].map(|compressed| bundle.size(Member::File { digest, compressed }).is_ok());
        assert_eq!(shown.iter().filter(|there| **there).count(), 1, "{other} shows it");
    }
}
