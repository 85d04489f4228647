//! Files on their way into an archive, and out of it into another folder.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::ContentSource;
use crate::transfer::{to_bundle, to_folder};

/// Contents that are others each time they are read.
#[derive(Debug)]
struct Changing(u64, AtomicU8);

impl ContentSource for Changing {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::repeat(self.1.fetch_add(1, Ordering::Relaxed)).take(self.0)))
    }
}

#[test]
fn what_changes_while_it_is_read_is_not_taken_in() {
    for size in [10, 100_000] {
        let dir = tempfile::tempdir().unwrap();
        let (archive, key, mut random) = (found(dir.path()), key(), counter());
        let mut draft = draft("a", "text");
        draft.files[0].content = Content::Source(Arc::new(Changing(size, AtomicU8::new(0))));
        let mut ignore = |_, _| {};
        let mut batch = archive.batch(&key, &key, options(), &mut random, &mut ignore).unwrap();
        let failed = batch.add(draft).and_then(|()| batch.commit());
        assert!(matches!(failed, Err(ArchiveError::Write(WriteError::Io { .. }))), "{size}");
        let report = verify(dir.path());
        assert_eq!((report.counts.statements, report.findings.as_slice()), (1, &[][..]));
    }
}

/// Files of 70,000 bytes and more: one that compresses, and five that don't.
fn large() -> Vec<Vec<u8>> {
    let noise = |seed: u32| {
        let hash = |n: u32| *FileDigest::of(&[seed.to_be_bytes(), n.to_be_bytes()].concat()).as_bytes();
        (0..2_200).flat_map(hash).collect()
    };
    [b"large ".repeat(12_000)].into_iter().chain((1..6).map(noise)).collect()
}

fn drafts() -> Vec<Draft> {
    let draft = |(nth, bytes): (usize, Vec<u8>)| {
        let mut draft = draft(&nth.to_string(), "text");
        draft.files[0].content = bytes.into();
        draft
    };
    large().into_iter().enumerate().map(draft).collect()
}

/// A folder with something under the names of these files that a crash may have left there.
fn littered() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for bytes in large() {
        for compressed in [false, true] {
            let digest = FileDigest::of(&bytes);
            let path = dir.path().join(Member::File { digest, compressed }.to_string());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            // A file of the right size, and a frame with a byte too many.
            let mut frame = crate::zstandard::encoder(Vec::new(), 3, bytes.len() as u64).unwrap();
            io::Write::write_all(&mut frame, &bytes).unwrap();
            let frame = [frame.finish().unwrap(), vec![0]].concat();
            std::fs::write(path, if compressed { frame } else { vec![0; bytes.len()] }).unwrap();
        }
    }
    dir
}

#[test]
fn what_a_crash_left_under_the_name_of_a_file_is_not_taken_for_it() {
    let dir = littered();
    drop(add(found(dir.path()), drafts()));
    assert_eq!(verify(dir.path()).findings, []);

    // The same where an archive is unpacked.
    let bundle = to_bundle(&FolderStore::new(dir.path()), io::Cursor::new(Vec::new()), 1).unwrap().0;
    let bundle = crate::store::zip::BundleStore::open(bundle.into_inner()).unwrap();
    let target = littered();
    to_folder(&bundle, &lock(target.path()), 1).unwrap();
    assert_eq!(verify(target.path()).findings, []);
}
