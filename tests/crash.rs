//! Crashes: whatever a writer was doing when the process, the machine or the disk stopped, the archive is the old one or the new one.
//! A [disk](disk) made for this stops at every write, sync, rename, removal and new folder in turn.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "crash/bundles.rs"]
mod bundles;
#[path = "crash/case.rs"]
mod case;
#[path = "crash/disk.rs"]
mod disk;
#[path = "crash/growing.rs"]
mod growing;
#[path = "crash/sidecars.rs"]
mod sidecars;
mod support;
#[path = "crash/withdrawing.rs"]
mod withdrawing;
#[path = "crash/writers.rs"]
mod writers;

use std::fs;
use std::path::Path;

use disk::Files;
use litopys::draft::Draft;
use litopys::store::folder::FolderStore;
use support::archives::{Contents, draft, verified};

fn folder_of(files: &Files) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        match bytes {
            None => fs::create_dir(dir.path().join(name)).unwrap(),
            Some(bytes) => fs::write(dir.path().join(name), bytes).unwrap(),
        }
    }
    dir
}

fn contents(root: &Path) -> Option<Contents> {
    verified(&FolderStore::new(root))
}

fn texts(range: std::ops::Range<u32>) -> Vec<Draft> {
    range.map(|n| draft(&format!("article {n}"), &format!("Text {n}."), None)).collect()
}
