//! Bundles made of what a crash left, and unpacked.

use std::path::Path;
use std::{fs, io};

use litopys::archive::ArchiveError;
use litopys::layout::Member;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::report::Code;
use litopys::store::Store;
use litopys::store::folder::FolderStore;
use litopys::store::zip::BundleStore;
use litopys::transfer::{to_bundle, to_folder};

use crate::case::Case;
use crate::disk::snapshot;
use crate::support::archives::{archive_of, create, draft, full_check, lock, noise};
use crate::withdrawing::withdrawing_more;
use crate::{folder_of, texts};

#[test]
fn nothing_is_handed_on_that_is_not_yet_purged() {
    let base = archive_of(&[&[draft("one", "A secret.", Some(noise(6, 70_000)))], &texts(0..2)]);
    let before = folder_of(&snapshot(base.path()));
    withdrawing_more(base.path(), &[1]);
    let purged = to_bundle(&FolderStore::new(base.path()), io::Cursor::new(Vec::new()), 1).unwrap().0.into_inner();
    // As a crash leaves it: all that was there before, under the new checkpoint.
    let mut both = snapshot(before.path());
    let (new, tiles) = (snapshot(base.path()), ["manifests", "packs"].map(|kind| format!("tile/{kind}/000.p/5")));
    both.extend(new.into_iter().filter(|(name, _)| !tiles.iter().any(|tile| Path::new(tile) == name)));
    let crashed = folder_of(&both);
    for (kind, tile) in ["manifests", "packs"].into_iter().zip(&tiles) {
        let whole = fs::read(crashed.path().join(format!("tile/{kind}/000.p/4"))).unwrap();
        let mut content = zstd::decode_all(&whole[..]).unwrap();
        content.extend(if kind == "manifests" { &b"\xf6"[..] } else { b"\x80" });
        let mut frame = zstd::bulk::Compressor::new(3).unwrap();
        frame.include_checksum(true).unwrap();
        fs::write(crashed.path().join(tile), frame.compress(&content).unwrap()).unwrap();
    }
    let (report, _) = full_check(&FolderStore::new(crashed.path()));
    assert!(report.findings.iter().any(|finding| finding.code == Code::NotPurged), "{report:#?}");
    let (bundle, _) = to_bundle(&FolderStore::new(crashed.path()), io::Cursor::new(Vec::new()), 1).unwrap();
    assert!(bundle.into_inner() == purged, "the bundle is another");
    let folder = tempfile::tempdir().unwrap();
    to_folder(&FolderStore::new(crashed.path()), &lock(folder.path()), 1).unwrap();
    let (report, _) = full_check(&FolderStore::new(folder.path()));
    assert!(report.findings.iter().all(|finding| finding.code == Code::Withdrawn), "{report:#?}");
}

#[test]
fn a_bundle_is_unpacked_or_not() {
    let source = archive_of(&[&texts(0..3), &[draft("large", "Large.", Some(noise(2, 70_000)))]]);
    let checkpoint = FolderStore::new(source.path()).read(Member::Checkpoint, 1 << 16).unwrap();
    let checkpoint = SignedCheckpoint::parse(&checkpoint).unwrap();
    lock(source.path()).keep_timestamp(&checkpoint, b"a token").unwrap();
    let (bundle, _) = to_bundle(&FolderStore::new(source.path()), io::Cursor::new(Vec::new()), 1).unwrap();
    let bundle = BundleStore::open(bundle.into_inner()).unwrap();
    let base = tempfile::tempdir().unwrap();
    let job = |writer| match to_folder(&bundle, &writer, 1) {
        Ok(_) => Ok(()),
        Err(litopys::transfer::TransferError::Folder(error)) => Err(error.into()),
        Err(other) => panic!("{other:?}"),
    };
    Case::new(base.path(), &job, false).stop_everywhere();
}

#[test]
fn an_archive_is_not_unpacked_over_another() {
    let source = archive_of(&[&texts(0..3)]);
    let target = archive_of(&[&texts(5..7)]);
    let before = snapshot(target.path());
    let unpacked = to_folder(&FolderStore::new(source.path()), &lock(target.path()), 1);
    assert!(matches!(unpacked, Err(litopys::transfer::TransferError::Exists)));
    assert_eq!(snapshot(target.path()), before);
    assert!(matches!(create(lock(target.path())), Err(ArchiveError::Exists)));
    assert_eq!(snapshot(target.path()), before);
}
