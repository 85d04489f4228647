//! The tamper matrix: in a small archive every byte is changed, every file cut, removed and exchanged. Each time the check fails, or the
//! very same things are verified and the change is in one of few places inside Zstandard's framing that carry nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use litopys::check::{Anchor, CheckOptions, Entry, Files, Observer, Signatures, Trust, check, refused};
use litopys::layout::{Member, TileKind};
use litopys::log::TreeHead;
use litopys::report::{Report, Verdict};
use litopys::store::folder::FolderStore;
use litopys::store::memory::MemoryStore;
use litopys::store::zip::BundleStore;
use litopys::store::{Found, MIMETYPE, README, Store};
use litopys::transfer::to_bundle;
use litopys::{FileDigest, Signer, StatementId};
use support::archives::{archive_of, draft, key, noise};

/// All that a passed check speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Objects {
    checkpoint: Option<TreeHead>,
    statements: Vec<StatementId>,
    /// Path, size and digest of each file of each manifest, which was compared with its bytes.
    files: Vec<(u64, String, u64, FileDigest)>,
    manifests: Vec<String>,
}

impl Observer for Objects {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        self.statements.push(entry.id);
        self.manifests.push(format!("{:?}", entry.manifest));
        let files = entry.manifest.into_iter().flat_map(|manifest| &manifest.files);
        self.files.extend(files.map(|file| (entry.index, file.path.clone(), file.size, file.sha256)));
        ControlFlow::Continue(())
    }
}

fn judge(store: &dyn Store) -> (Report, Objects) {
    let trust = Trust { demanded: vec![Anchor::Founder(key().public_key().clone())], ..Trust::default() };
    let options = CheckOptions { files: Files::All, trust, threads: 1, signatures: Signatures::All };
    let mut objects = Objects::default();
    let report = check(store, &options, &mut objects).unwrap();
    objects.checkpoint = report.checkpoint;
    (report, objects)
}

/// What a check of a changed archive verifies; `None` if it fails.
fn verified(store: &dyn Store) -> Option<Objects> {
    let (report, objects) = judge(store);
    match report.verdict() {
        Verdict::Verified => Some(objects),
        Verdict::Failed => None,
        // A charter that names another algorithm, kind or format: nobody can say more of that archive.
        Verdict::Unchecked if report.archive.is_none() && report.findings[0].place.statement == Some(0) => None,
        other => panic!("{other:?}: {report:#?}"),
    }
}

fn verified_bundle(bytes: &[u8]) -> Option<Objects> {
    match BundleStore::open(bytes) {
        Ok(store) => verified(&store),
        Err(error) => {
            assert_eq!(refused(&error).unwrap().verdict(), Verdict::Failed);
            None
        }
    }
}

/// A small archive: an article in two versions, with a large file that compresses.
fn archive() -> MemoryStore {
    let text = "The quick brown fox jumps over the lazy dog, and the lazy dog sleeps on. ".repeat(6);
    let large: Vec<u8> = (0..4_500).flat_map(|n| format!("line {:04} of it\n", n * n % 61).into_bytes()).collect();
    let dir = archive_of(&[&[draft("a", &text, Some(large))], &[draft("a", &text.replace("fox", "cat"), None)]]);
    let (folder, mut store) = (FolderStore::new(dir.path()), MemoryStore::new());
    let mut names = Vec::new();
    folder
        .scan(&mut |found| {
            if let Found::Member(member) = found {
                names.push(member)
            }
        })
        .unwrap();
    names.into_iter().for_each(|member| store.insert(member, folder.read(member, 1 << 20).unwrap()));
    store
}

fn bundle(store: &MemoryStore) -> Vec<u8> {
    to_bundle(store, Cursor::new(Vec::new()), 1).unwrap().0.into_inner()
}

fn is_frame(member: Member) -> bool {
    match member {
        Member::Tile(tile) => matches!(tile.kind, TileKind::Manifests | TileKind::Packs),
        Member::File { compressed, .. } => compressed,
        _ => false,
    }
}

fn without(store: &MemoryStore, member: Member) -> MemoryStore {
    let mut changed = store.clone();
    changed.remove(member);
    changed
}

fn with(store: &MemoryStore, member: Member, bytes: Vec<u8>) -> MemoryStore {
    let mut changed = store.clone();
    changed.insert(member, bytes);
    changed
}

/// Where the changes are that a check may pass: inside the second part of a frame's compressed block (RFC 8878, section 3.1.1.3) or in the
/// tree of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Framing {
    /// The description of the Huffman tree of its literals (section 4.2.1): bits that pad it, weights that come to the same tree.
    Tree,
    /// Its sequences, behind their header (section 3.1.1.3.2): bits that pad a table's description, tables of which no sequence tells the
    /// difference, and copies of the same bytes from another place.
    Sequences,
}

/// Which of these places a byte of a frame is in. The frame is one that the library wrote, with one block.
fn framing(frame: &[u8], at: usize) -> Option<Framing> {
    let number = |from: usize, len: usize| (0..len).rev().fold(0, |n, i| n << 8 | usize::from(frame[from + i]));
    assert_eq!(frame[4] & 0x3f, 0x24, "a single segment, with a checksum");
    let block = 5 + [1, 2, 4, 8][usize::from(frame[4] >> 6)];
    let (last, kind, size) = (frame[block] & 1, frame[block] >> 1 & 3, number(block, 3) >> 3);
    assert_eq!((last, block + 3 + size + 4), (1, frame.len()), "one block, and the checksum");
    let literals = block + 3;
    if kind != 2 || !(literals..literals + size).contains(&at) {
        return None;
    }
    let form = usize::from(frame[literals] >> 2 & 3);
    let (tree, streams) = match frame[literals] & 3 {
        // As they are, or one byte repeated.
        kind @ (0 | 1) => {
            let header = [1, 2, 1, 3][form];
            let bits = [3, 4, 3, 4][form];
            let size = if kind == 0 { number(literals, header) >> bits } else { 1 };
            (literals + header, literals + header + size)
        }
        // Compressed: two sizes of as many bits.
        2 => {
            let (header, bits) = ([3, 3, 4, 5][form], [10, 10, 14, 18][form]);
            let size = number(literals, header) >> (4 + bits) & ((1 << bits) - 1);
            (literals + header, literals + header + size)
        }
        _ => panic!("a tree of a block before the first"),
    };
    if at < streams {
        let described = tree + 1 + usize::from(frame[tree]);
        let compressed = frame[literals] & 3 == 2 && frame[tree] < 128;
        return (compressed && (tree + 1..described).contains(&at)).then_some(Framing::Tree);
    }
    let count = match frame[streams] {
        0..128 => 1,
        128..255 => 2,
        255 => 3,
    };
    // The number of sequences, and the byte that tells how their tables are written.
    (at > streams + count).then_some(Framing::Sequences)
}

/// Does something for all numbers below `end` on all processors.
fn for_all(end: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    match next.fetch_add(1, Ordering::Relaxed) {
                        at if at < end => work(at),
                        _ => return,
                    }
                }
            });
        }
    });
}

const MASKS: [u8; 3] = [0x01, 0x80, 0xff];

#[test]
fn every_byte_of_a_bundle_counts() {
    let good = bundle(&archive());
    assert!(verified_bundle(&good).is_some());
    for_all(good.len(), |at| {
        for mask in MASKS {
            let mut bad = good.clone();
            bad[at] ^= mask;
            assert_eq!(verified_bundle(&bad), None, "byte {at} ^ {mask:02x}");
        }
        assert_eq!(verified_bundle(&good[..at]), None, "the first {at} bytes");
    });
}

#[test]
fn no_two_members_of_a_bundle_can_change_places() {
    let store = archive();
    let fixed = [("mimetype", MIMETYPE), ("README.txt", README)].map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
    let rest = store.iter().map(|(member, bytes)| (member.to_string(), bytes.to_vec()));
    let members: Vec<_> = fixed.into_iter().chain(rest).collect();
    assert_eq!(stored(&members), bundle(&store), "the same bytes as the library's writer makes");
    for a in 0..members.len() {
        for b in 0..a {
            let mut moved = members.clone();
            moved.swap(a, b);
            assert_eq!(verified_bundle(&stored(&moved)), None, "{} before {}", members[a].0, members[b].0);
            let mut exchanged = moved;
            (exchanged[a].0, exchanged[b].0) = (members[a].0.clone(), members[b].0.clone());
            assert_eq!(verified_bundle(&stored(&exchanged)), None, "{} under {}", members[a].0, members[b].0);
        }
        let mut less = members.clone();
        less.remove(a);
        assert_eq!(verified_bundle(&stored(&less)), None, "without {}", members[a].0);
        let mut twice = members.clone();
        twice.insert(a, members[a].clone());
        assert_eq!(verified_bundle(&stored(&twice)), None, "{} twice", members[a].0);
    }
}

/// A ZIP file of these members, written by the rules for bundles, whatever they are.
fn stored(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in members {
        let size = u32::try_from(data.len()).unwrap().to_le_bytes();
        let middle = [
            &b"\x14\0\0\0\0\0\0\0\x21\0"[..],
            &crc32fast::hash(data).to_le_bytes(),
            &size,
            &size,
            &u16::try_from(name.len()).unwrap().to_le_bytes(),
            b"\0\0",
        ]
        .concat();
        directory.extend([b"PK\x01\x02\x1e\x03", &middle[..], &[0; 6], &0x81a4_0000u32.to_le_bytes()].concat());
        directory.extend(u32::try_from(out.len()).unwrap().to_le_bytes());
        directory.extend(name.bytes());
        out.extend([b"PK\x03\x04", &middle[..], name.as_bytes(), data].concat());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let [size, offset] = [directory.len(), out.len()].map(|n| u32::try_from(n).unwrap().to_le_bytes());
    out.extend(directory);
    out.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &offset, b"\0\0"].concat());
    out
}

#[test]
fn every_byte_of_a_folder_counts() {
    let store = archive();
    let good = verified(&store).unwrap();
    for (member, bytes) in store.iter() {
        assert_eq!(verified(&without(&store, member)), None, "without {member}");
        let more = [bytes, b"\0"].concat();
        assert_eq!(verified(&with(&store, member, more)), None, "{member} with a byte more");
        for_all(bytes.len(), |at| {
            assert_eq!(verified(&with(&store, member, bytes[..at].to_vec())), None, "{at} bytes of {member}");
            for mask in MASKS {
                let mut bad = bytes.to_vec();
                bad[at] ^= mask;
                let passed = verified(&with(&store, member, bad));
                if is_frame(member) && framing(bytes, at).is_some() {
                    assert!(passed.is_none_or(|objects| objects == good), "{member}, byte {at} ^ {mask:02x}");
                } else {
                    assert_eq!(passed, None, "{member}, byte {at} ^ {mask:02x}");
                }
            }
        });
    }
    // Any two files under each other's name.
    let names: Vec<_> = store.iter().map(|(member, _)| member).collect();
    for a in &names {
        for b in names.iter().take_while(|b| *b < a) {
            let mut swapped = store.clone();
            let (first, second) = (swapped.remove(*a).unwrap(), swapped.remove(*b).unwrap());
            swapped.insert(*a, second);
            swapped.insert(*b, first);
            assert_eq!(verified(&swapped), None, "{a} and {b}");
        }
    }
}

/// All 255 changes of each byte of each frame. Those after which it still decompresses to the same bytes are the ones that a check may pass;
/// of the others, whose bytes have another digest, `every_byte_of_a_folder_counts` checks three a byte.
#[test]
fn what_may_change_in_a_frame_is_listed() {
    let store = archive();
    let good = verified(&store).unwrap();
    let passed = Mutex::new(BTreeMap::<_, BTreeSet<usize>>::new());
    for (member, bytes) in store.iter().filter(|(member, _)| is_frame(*member)) {
        let content = zstd::bulk::decompress(bytes, 1 << 20).unwrap();
        for_all(bytes.len(), |at| {
            for mask in 1..=255 {
                let mut bad = bytes.to_vec();
                bad[at] ^= mask;
                if !zstd::bulk::decompress(&bad, 1 << 20).is_ok_and(|same| same == content) {
                    continue;
                }
                if let Some(objects) = verified(&with(&store, member, bad)) {
                    assert_eq!(objects, good, "{member}, byte {at} ^ {mask:02x}");
                    passed.lock().unwrap().entry((member, framing(bytes, at))).or_default().insert(at);
                }
            }
        });
    }
    let passed = passed.into_inner().unwrap();
    for ((member, place), at) in &passed {
        println!("{member} of {} bytes: {place:?} at {at:?}", store.size(*member).unwrap());
    }
    assert!(passed.keys().all(|(_, place)| place.is_some()), "{passed:?}");
    assert!(passed.values().map(BTreeSet::len).sum::<usize>() < 16, "{passed:?}");
}

#[test]
fn a_file_as_it_is_counts() {
    let dir = archive_of(&[&[draft("a", "text", Some(noise(1, 70_000)))]]);
    let folder = FolderStore::new(dir.path());
    let good = to_bundle(&folder, Cursor::new(Vec::new()), 1).unwrap().0.into_inner();
    assert!(verified_bundle(&good).is_some());
    let mut file = None;
    let mut find = |found| {
        if let Found::Member(member @ Member::File { .. }) = found {
            file = Some(member);
        }
    };
    folder.scan(&mut find).unwrap();
    let path = dir.path().join(file.unwrap().to_string());
    let bytes = std::fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(997) {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        std::fs::write(&path, bad).unwrap();
        assert_eq!(verified(&FolderStore::new(dir.path())), None, "byte {at}");
    }
    for at in (0..good.len()).step_by(997) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(verified_bundle(&bad), None, "byte {at} of the bundle");
    }
}
