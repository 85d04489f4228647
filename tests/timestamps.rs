//! Timestamps beside a log: kept, carried over, checked to be its own, and judged by whoever knows authorities.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(missing_docs, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use litopys::archive::ArchiveError;
use litopys::extract;
use litopys::layout::{Member, TimeFile, TimeName};
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::report::{Claim, Code, Report, Severity, Verdict};
use litopys::store::folder::{FolderStore, FolderWriter, WriteError};
use litopys::store::zip::{BundleStore, BundleWriter};
use litopys::store::{Found, Store};
use litopys::timestamps::{Clock, Judgement, judge};
use litopys::transfer::{to_bundle, to_folder};
use litopys::{FileDigest, SecretKey, TreeHash, TreeHead};
use support::archives::{add, archive_of, draft, full_check, key, lock, noise, open};

const TOKEN: &[u8] = b"a token";

fn checkpoint(root: &Path) -> SignedCheckpoint {
    SignedCheckpoint::parse(&fs::read(root.join("checkpoint")).unwrap()).unwrap()
}

/// An archive with three statements that is timestamped, and grew by one since.
fn timestamped() -> tempfile::TempDir {
    let dir = archive_of(&[&[draft("one", "First.", None), draft("two", "Second.", None)]]);
    lock(dir.path()).keep_timestamp(&checkpoint(dir.path()), TOKEN).unwrap();
    drop(add(open(lock(dir.path())).unwrap(), &[draft("three", "Third.", None)], 1).unwrap());
    dir
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn checked(root: &Path) -> Report {
    full_check(&FolderStore::new(root)).0
}

fn kept(root: &Path) -> std::path::PathBuf {
    root.join("time/3")
}

fn clock(day: &str) -> Judgement {
    let time: litopys::Utc = format!("{day}T00:00:00Z").parse().unwrap();
    Judgement::Holds(Clock { before: time.clone(), time, authority: "A".into(), root: "R".into() })
}

#[test]
fn a_timestamp_goes_where_the_archive_goes_and_changes_no_id() {
    let dir = timestamped();
    let store = FolderStore::new(dir.path());
    let (report, contents) = full_check(&store);
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Verified, vec![]));
    assert_eq!(contents.timestamped, [(3, 1)]);
    let (bundle, _) = to_bundle(&store, Cursor::new(Vec::new()), 1).unwrap();
    let bundle = BundleStore::open(bundle.into_inner()).unwrap();
    assert_eq!(full_check(&bundle).1, contents);
    let again = tempfile::tempdir().unwrap();
    to_folder(&bundle, &lock(again.path()), 1).unwrap();
    assert_eq!(full_check(&FolderStore::new(again.path())).1, contents);
    // Without it the archive is the same.
    fs::remove_dir_all(dir.path().join("time")).unwrap();
    let (without, bare) = full_check(&store);
    assert_eq!((without.archive, bare.checkpoint, bare.timestamped), (report.archive, contents.checkpoint, vec![]));
}

#[test]
fn a_timestamp_is_kept_once_and_beside_others() {
    let dir = timestamped();
    let old = SignedCheckpoint::parse(&fs::read(kept(dir.path()).join("checkpoint")).unwrap()).unwrap();
    for (response, expected) in [(TOKEN, 1), (b"another", 2)] {
        lock(dir.path()).keep_timestamp(&old, response).unwrap();
        assert_eq!(full_check(&FolderStore::new(dir.path())).1.timestamped, [(3, expected)]);
    }
    lock(dir.path()).keep_timestamp(&checkpoint(dir.path()), TOKEN).unwrap();
    assert_eq!(full_check(&FolderStore::new(dir.path())).1.timestamped, [(3, 2), (4, 1)]);
}

#[test]
fn what_is_wrong_below_time_is_told() {
    let token = format!("{}.tsr", FileDigest::of(TOKEN).to_hex());
    let stranger = SecretKey::from_seed(&[9; 32]);
    type Spoil<'a> = &'a dyn Fn(&Path, &Path);
    let resigned = |root: &Path, size: Option<u64>, hash: Option<TreeHash>, key: &SecretKey| {
        let old = SignedCheckpoint::parse(&fs::read(kept(root).join("checkpoint")).unwrap()).unwrap();
        let (size, hash) = (size.unwrap_or(3), hash.unwrap_or(old.claimed_root()));
        let signed = SignedCheckpoint::sign(old.claimed_origin(), TreeHead::new(size, hash).unwrap(), key).unwrap();
        fs::write(kept(root).join("checkpoint"), signed.bytes()).unwrap();
    };
    let cases: &[(&str, Spoil<'_>)] = &[
        ("E100", &|_, kept| fs::write(kept.join(&token), b"a tokem").unwrap()),
        ("E100", &|_, kept| fs::write(kept.join(&token), vec![0; 65_537]).unwrap()),
        ("E100", &|root, kept| fs::rename(kept, root.join("time/2")).unwrap()),
        ("E003", &|_, kept| fs::remove_file(kept.join("checkpoint")).unwrap()),
        ("E010", &|_, kept| fs::write(kept.join("checkpoint"), b"not one").unwrap()),
        ("E012", &|root, _| resigned(root, None, None, &stranger)),
        ("E083", &|root, _| resigned(root, None, Some(TreeHash::from_bytes([7; 32])), &key())),
        ("E082", &|root, kept| {
            resigned(root, Some(9), None, &key());
            fs::rename(kept, root.join("time/9")).unwrap();
        }),
    ];
    for (code, spoil) in cases {
        let dir = timestamped();
        spoil(dir.path(), &kept(dir.path()));
        let report = checked(dir.path());
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Failed, vec![*code]));
        assert!(report.timestamped.iter().all(|checkpoint| checkpoint.tokens.is_empty()), "{code}");
        // Nothing is built upon it, or carried over.
        assert!(open(lock(dir.path())).is_err(), "{code}");
        assert!(to_bundle(&FolderStore::new(dir.path()), Cursor::new(Vec::new()), 1).is_err(), "{code}");
    }
}

type Members = BTreeMap<Member, Vec<u8>>;

/// An extract of the version with this index.
fn extract(root: &Path, index: u64) -> Vec<u8> {
    let (out, _) = extract::write(&FolderStore::new(root), &[index], Cursor::new(Vec::new())).unwrap();
    out.into_inner()
}

#[test]
fn an_extract_has_the_timestamps_that_say_most_of_it() {
    let dir = timestamped();
    lock(dir.path()).keep_timestamp(&checkpoint(dir.path()), b"another").unwrap();
    let shown = |index, sizes: &[(u64, usize)]| {
        let bundle = BundleStore::open(extract(dir.path(), index)).unwrap();
        let (report, contents) = full_check(&bundle);
        assert_eq!((report.verdict(), codes(&report)), (Verdict::Verified, vec![]));
        assert_eq!(contents.timestamped, sizes);
        let mut report = report;
        judge(&bundle, &mut report, true, &mut |_, _| clock("2026-01-01")).unwrap();
        // What is shown is dated, whatever came into the log since.
        assert_eq!((report.claims.time, report.existed_before(index).is_some()), (Claim::Holds, true));
    };
    shown(1, &[(3, 1)]);
    shown(3, &[(4, 1)]);
    // Extracts that are joined have the timestamps of both.
    let parts = [extract(dir.path(), 1), extract(dir.path(), 3)].map(|bytes| BundleStore::open(bytes).unwrap());
    let archive = FolderStore::new(dir.path());
    for archive in [None, Some(&archive as &dyn Store)] {
        let (out, _) = extract::merge(&[&parts[0], &parts[1]], archive, Cursor::new(Vec::new())).unwrap();
        let merged = BundleStore::open(out.into_inner()).unwrap();
        let (report, contents) = full_check(&merged);
        assert_eq!((codes(&report), contents.timestamped), (vec![], vec![(3, 1), (4, 1)]));
    }
}

#[test]
fn what_is_wrong_with_the_timestamps_of_an_extract_is_told() {
    let dir = timestamped();
    let good = BundleStore::open(extract(dir.path(), 1)).unwrap();
    let name = |file| Member::Time(TimeName { size: 3, file });
    let with = |spoil: &dyn Fn(&mut Members)| {
        let mut members = Members::new();
        good.scan(&mut |found| {
            if let Found::Member(member) = found {
                members.insert(member, good.read(member, 1 << 20).unwrap());
            }
        })
        .unwrap();
        members.retain(|member, _| !matches!(member, Member::Mimetype | Member::Readme));
        spoil(&mut members);
        let mut bundle = BundleWriter::extract(Cursor::new(Vec::new())).unwrap();
        for (member, bytes) in members {
            bundle = bundle.member(member, bytes.len() as u64, &mut bytes.as_slice()).unwrap();
        }
        let bundle = BundleStore::open(bundle.finish().unwrap().into_inner()).unwrap();
        codes(&full_check(&bundle).0)
    };
    let consistency = name(TimeFile::Consistency);
    let text = |members: &Members| String::from_utf8(members[&consistency].clone()).unwrap();
    assert_eq!(with(&|_| {}), Vec::<&str>::new());
    assert_eq!(with(&|members| drop(members.remove(&consistency))), ["E003"]);
    assert_eq!(with(&|members| drop(members.insert(consistency, b"none".to_vec()))), ["E016"]);
    let edit = |members: &mut Members, from: &str, to: &str| {
        let edited = text(members).replacen(from, to, 1);
        members.insert(consistency, edited.into_bytes());
    };
    assert_eq!(with(&|members| edit(members, "old 3", "old 2")), ["E017"]);
    assert_eq!(with(&|members| edit(members, "\n\n", "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n")), ["E017"]);
    assert_eq!(with(&|members| edit(members, "test.example", "test.another")), ["E018"]);
    let forged = |members: &mut Members| {
        let old = SignedCheckpoint::parse(&members[&name(TimeFile::Checkpoint)]).unwrap();
        let head = TreeHead::new(3, TreeHash::from_bytes([7; 32])).unwrap();
        let signed = SignedCheckpoint::sign(old.claimed_origin(), head, &key()).unwrap();
        members.insert(name(TimeFile::Checkpoint), signed.bytes().to_vec());
    };
    assert_eq!(with(&forged), ["E017"]);
    assert_eq!(
        with(&|members| members
            .retain(|member, _| !matches!(member, Member::Time(TimeName { file: TimeFile::Token(_), .. })))),
        ["E004", "E004"]
    );
}

#[test]
fn a_checkpoint_without_timestamps_is_left_over() {
    let dir = timestamped();
    let name = format!("{}.tsr", FileDigest::of(TOKEN).to_hex());
    fs::remove_file(kept(dir.path()).join(name)).unwrap();
    let report = checked(dir.path());
    assert_eq!((report.verdict(), codes(&report)), (Verdict::Verified, vec!["W001"]));
    // In a bundle it is one too many.
    let store = FolderStore::new(dir.path());
    let mut bundle = BundleWriter::new(Cursor::new(Vec::new())).unwrap();
    let mut members = Vec::new();
    store
        .scan(&mut |found| {
            if let Found::Member(member) = found {
                members.push(member)
            }
        })
        .unwrap();
    members.sort_unstable();
    assert!(matches!(members.last(), Some(Member::Time(_))));
    for member in members {
        let bytes = store.read(member, 1 << 20).unwrap();
        bundle = bundle.member(member, bytes.len() as u64, &mut bytes.as_slice()).unwrap();
    }
    let bundle = bundle.finish().unwrap().into_inner();
    assert_eq!(codes(&full_check(&BundleStore::open(bundle).unwrap()).0), ["E004"]);
}

#[test]
fn a_link_below_time_is_not_followed() {
    #[cfg(unix)]
    {
        let (dir, other) = (timestamped(), timestamped());
        fs::remove_dir_all(dir.path().join("time")).unwrap();
        std::os::unix::fs::symlink(other.path().join("time"), dir.path().join("time")).unwrap();
        let (report, contents) = full_check(&FolderStore::new(dir.path()));
        assert_eq!((codes(&report), contents.timestamped), (vec!["W001"], vec![]));
    }
}

#[cfg(unix)]
#[test]
fn a_writer_leaves_the_folder_by_no_link() {
    use std::os::unix::fs::symlink;
    let (dir, other) = (timestamped(), tempfile::tempdir().unwrap());
    let is_refused =
        |error: &WriteError, at: &str| matches!(error, WriteError::Io { path, .. } if path.starts_with(at));
    for name in ["time", "files"] {
        let _ = fs::remove_dir_all(dir.path().join(name));
        symlink(other.path(), dir.path().join(name)).unwrap();
    }
    let writer = lock(dir.path());
    assert!(is_refused(&writer.keep_timestamp(&checkpoint(dir.path()), TOKEN).unwrap_err(), "time/"));
    let before = fs::read(dir.path().join("checkpoint")).unwrap();
    match add(open(writer).unwrap(), &[draft("large", "text", Some(noise(7, 70_000)))], 1) {
        Err(ArchiveError::Write(error)) => assert!(is_refused(&error, "files/"), "{error}"),
        other => panic!("{:?}", other.map(|(_, outcomes)| outcomes)),
    }
    assert_eq!(fs::read(dir.path().join("checkpoint")).unwrap(), before);
    // Neither does its lock.
    fs::remove_file(dir.path().join(".lock")).unwrap();
    symlink(other.path().join("made"), dir.path().join(".lock")).unwrap();
    let locked = FolderWriter::lock(dir.path(), std::time::Duration::ZERO).map(drop);
    assert!(is_refused(&locked.unwrap_err(), ".lock"));
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
}

#[test]
fn the_claim_time_is_what_the_judge_makes_of_it() {
    let dir = timestamped();
    let store = FolderStore::new(dir.path());
    let judged = |demanded, with: &mut dyn FnMut(&[u8], &[u8]) -> Judgement| {
        let mut report = checked(dir.path());
        assert_eq!(report.claims.time, Claim::Unchecked);
        judge(&store, &mut report, demanded, with).unwrap();
        report
    };
    // It is given what was signed: three lines, and the file as it is.
    let text = checkpoint(dir.path()).text().to_vec();
    let old = judged(true, &mut |text, response| {
        assert!(text.starts_with(b"test.example/archive\n3\n") && text.ends_with(b"=\n"));
        assert_eq!(response, TOKEN);
        clock("2026-01-01")
    });
    // The newest statement came after it.
    assert_eq!((old.claims.time, old.verdict()), (Claim::Unchecked, Verdict::Verified));
    assert!(old.existed_before(2).is_some() && old.existed_before(3).is_none());
    let open = |_: &[u8], _: &[u8]| Judgement::Open { claimed_time: None, claimed_authority: None, detail: "?".into() };
    let unknown = judged(false, &mut { open });
    assert_eq!((unknown.claims.time, unknown.verdict()), (Claim::Unchecked, Verdict::Verified));
    let demanded = judged(true, &mut { open });
    assert_eq!((demanded.claims.time, codes(&demanded)), (Claim::Fails, vec!["E102"]));
    let mut is_false = |_: &[u8], _: &[u8]| Judgement::False { detail: "over other bytes".into() };
    let refuted = judged(false, &mut is_false);
    assert_eq!(
        (refuted.claims.time, refuted.verdict(), codes(&refuted)),
        (Claim::Fails, Verdict::Failed, vec!["E101"])
    );

    // One over the whole log: then it holds, and each statement has the earliest time that there is.
    lock(dir.path()).keep_timestamp(&checkpoint(dir.path()), b"another").unwrap();
    let whole = judged(true, &mut |over, _| if over == text { clock("2026-02-02") } else { clock("2026-01-01") });
    assert_eq!((whole.claims.time, whole.verdict()), (Claim::Holds, Verdict::Verified));
    let before = |index| whole.existed_before(index).map(|clock| clock.before.to_string());
    assert_eq!(before(2).as_deref(), Some("2026-01-01T00:00:00Z"));
    assert_eq!(before(3).as_deref(), Some("2026-02-02T00:00:00Z"));
    // One that is false spoils it, however many hold.
    let mixed =
        judged(false, &mut |over, response| if over == text { is_false(over, response) } else { clock("2026-01-01") });
    assert_eq!((mixed.claims.time, mixed.verdict()), (Claim::Fails, Verdict::Failed));
    assert!(Code::Timestamp.severity() == Severity::Error);
}
