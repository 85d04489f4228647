//! The writer against an independent encoder and other ZIP programs; the reader against everything else.
#![allow(clippy::cast_possible_truncation)]

pub(crate) mod raw;
mod tricks;
mod zip64;

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use self::raw::{RawEnd64, RawMember, RawZip};
use super::{BundleError, BundleStore, BundleWriteError, BundleWriter, End, FIXED, Header, ReadAt, StructureFault};
use crate::FileDigest;
use crate::layout::{Member, TileKind, TileName};
use crate::limits;
use crate::store::{Found, Store, StoreError};

type Members = Vec<(Member, Vec<u8>)>;

const fn file(digest: [u8; 32]) -> Member {
    Member::File { digest: FileDigest::from_bytes(digest), compressed: false }
}

/// A change that makes a good bundle a bad one.
type Spoil = fn(&mut RawZip);

/// What a small bundle holds, without its first two members.
fn sample() -> Members {
    let tile = |kind| Member::Tile(TileName { kind, index: 0, width: 2 });
    vec![
        (Member::Checkpoint, b"example.org/a\n2\n".to_vec()),
        (tile(TileKind::Hashes(0)), vec![7; 64]),
        (tile(TileKind::Entries), b"\0\x01a\0\x01b".to_vec()),
        (tile(TileKind::Manifests), Vec::new()),
        (tile(TileKind::Packs), b"PK\x03\x04PK\x05\x06".to_vec()),
        (file([0xab; 32]), b"a file".to_vec()),
    ]
}

fn all(members: &Members) -> Members {
    FIXED.iter().map(|(member, bytes)| (*member, bytes.to_vec())).chain(members.iter().cloned()).collect()
}

fn bundle(members: &Members) -> Vec<u8> {
    let mut bundle = BundleWriter::new(Cursor::new(Vec::new())).unwrap();
    for (member, data) in members {
        bundle = bundle.member(*member, data.len() as u64, &mut data.as_slice()).unwrap();
    }
    bundle.finish().unwrap().into_inner()
}

fn raw(members: &Members) -> RawZip {
    let named: Vec<_> = all(members).into_iter().map(|(member, data)| (member.to_string(), data)).collect();
    RawZip::new(named.iter().map(|(name, data)| (name.as_str(), data.as_slice())))
}

/// What a reader that looks at everything says of these bytes.
#[derive(Debug)]
enum Verdict {
    Good(Members),
    Structure(StructureFault),
    Fixed(Vec<Member>),
    Names(Vec<Found>),
    Crc(Member),
}

fn verdict(bytes: &[u8]) -> Verdict {
    let store = match BundleStore::open(bytes) {
        Ok(store) => store,
        Err(BundleError::Structure { offset, what }) => {
            assert!(offset <= bytes.len() as u64);
            return Verdict::Structure(what);
        }
        Err(error) => panic!("{error}"),
    };
    if !store.fixed_faults().is_empty() {
        return Verdict::Fixed(store.fixed_faults().to_vec());
    }
    let (mut members, mut bad) = (Vec::new(), Vec::new());
    let mut sort = |found| match found {
        Found::Member(member) => members.push(member),
        found => bad.push(found),
    };
    store.scan(&mut sort).unwrap();
    if !bad.is_empty() {
        return Verdict::Names(bad);
    }
    let mut read = Vec::new();
    for member in members {
        match store.read(member, 1 << 20) {
            Ok(bytes) => read.push((member, bytes)),
            Err(StoreError::Crc(member)) => return Verdict::Crc(member),
            Err(error) => panic!("{error}"),
        }
    }
    Verdict::Good(read)
}

#[test]
fn what_is_written_is_read() {
    let bytes = bundle(&sample());
    assert!(super::looks_like_bundle(&bytes));
    let Verdict::Good(read) = verdict(&bytes) else { panic!("{:?}", verdict(&bytes)) };
    assert_eq!(read, all(&sample()));
    assert_eq!(bundle(&sample()), bytes);

    let store = BundleStore::open(bytes).unwrap();
    assert_eq!(store.size(Member::Checkpoint).unwrap(), 16);
    assert!(matches!(store.open(file([1; 32])).err(), Some(StoreError::Missing(_))));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (member, data) in all(&sample()) {
                    assert_eq!(store.read(member, 9999).unwrap(), data);
                }
            });
        }
    });
}

#[cfg(feature = "fs")]
#[test]
fn a_bundle_is_read_from_a_file() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bundle(&sample())).unwrap();
    let store = BundleStore::open(&file).unwrap();
    for (member, data) in all(&sample()) {
        assert_eq!(store.read(member, 9999).unwrap(), data);
    }
    // Cut off while it is read.
    file.set_len(9).unwrap();
    assert!(matches!(store.read(Member::Checkpoint, 99), Err(StoreError::Io { .. })));
}

#[test]
fn the_bytes_are_those_of_the_format() {
    assert_eq!(bundle(&sample()), raw(&sample()).to_bytes());
    // Section 8, by hand: the first member.
    let header = b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0\x08\x5a\x41\x15\x1b\0\0\0\x1b\0\0\0\x08\0\0\0";
    let first = [&header[..], b"mimetypeapplication/vnd.litopys+zip"].concat();
    assert!(bundle(&Vec::new()).starts_with(&first));
}

#[test]
fn the_writer_keeps_order_and_sizes() {
    let begin = || BundleWriter::new(Cursor::new(Vec::new())).unwrap();
    for (first, second) in [(file([1; 32]), Member::Checkpoint), (Member::Checkpoint, Member::Checkpoint)] {
        let error =
            begin().member(first, 0, &mut io::empty()).unwrap().member(second, 0, &mut io::empty()).unwrap_err();
        assert!(matches!(error, BundleWriteError::Order(Member::Checkpoint)));
    }
    assert!(matches!(begin().member(Member::Readme, 0, &mut io::empty()).unwrap_err(), BundleWriteError::Order(_)));
    let write = |size| begin().member(Member::Checkpoint, size, &mut b"12345".as_slice()).map(|_| ());
    assert!(matches!(write(4), Err(BundleWriteError::Longer { size: 4, .. })));
    assert!(matches!(write(6), Err(BundleWriteError::Source { .. })));
    assert!(write(5).is_ok());
}

/// A disk on which there is room for what is written until it is to be made sure of.
struct Full(Cursor<Vec<u8>>);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn what_cannot_be_flushed_is_no_bundle() {
    let bundle = BundleWriter::new(Full(Cursor::default())).unwrap();
    assert!(matches!(bundle.finish(), Err(BundleWriteError::Io(error)) if error.kind() == io::ErrorKind::StorageFull));
}

#[test]
fn no_changed_byte_is_silent() {
    let good = bundle(&sample());
    let mut next = 0;
    let data: Vec<(Member, Range<usize>)> = (all(&sample()).into_iter())
        .map(|(member, data)| {
            let start = next + 30 + member.to_string().len();
            next = start + data.len();
            (member, start..next)
        })
        .collect();
    let mut bytes = good.clone();
    for at in 0..good.len() {
        let changed = data.iter().find(|(_, range)| range.contains(&at)).map(|(member, _)| *member);
        for mask in (0..8).map(|bit| 1 << bit).chain([0x55, 0xff]) {
            bytes[at] = good[at] ^ mask;
            let verdict = verdict(&bytes);
            let told = match (changed, &verdict) {
                (Some(member @ (Member::Mimetype | Member::Readme)), Verdict::Fixed(members)) => *members == [member],
                (Some(member), Verdict::Crc(found)) => *found == member,
                (None, Verdict::Structure(..)) => true,
                _ => false,
            };
            assert!(told, "byte {at} ^ {mask:#04x}: {verdict:?}");
        }
        bytes[at] = good[at];
    }
}

#[test]
fn no_other_length_is_read() {
    let good = bundle(&sample());
    for len in 0..good.len() {
        assert!(matches!(verdict(&good[..len]), Verdict::Structure(..)), "{len}");
    }
    let end = &good[good.len() - 22..];
    for more in [&b"\0"[..], b"PK", end, &good] {
        assert!(matches!(verdict(&[&good, more].concat()), Verdict::Structure(..)));
        assert!(matches!(verdict(&[more, &good].concat()), Verdict::Structure(..)));
    }
    // The end record of a ZIP file without members is a bundle that lacks everything.
    assert!(matches!(verdict(&RawZip::default().to_bytes()), Verdict::Fixed(members) if members.len() == 2));
}

#[test]
fn names_that_are_not_the_layouts_are_told() {
    for name in [
        "",
        "..",
        "../checkpoint",
        "/checkpoint",
        "C:\\checkpoint",
        "tile/",
        "tile/0/000.p/02",
        "checkpoint\0",
        "CHECKPOINT",
    ] {
        let mut zip = raw(&sample());
        zip.members.insert(4, RawMember::new(name.as_bytes(), b"?"));
        match verdict(&zip.to_bytes()) {
            Verdict::Names(found) => assert_eq!(found, [Found::Unknown(name.to_owned())]),
            other => panic!("{name}: {other:?}"),
        }
    }
    let mut zip = raw(&sample());
    zip.members.push(RawMember::new(&[0xff; 65_535], b""));
    assert!(matches!(verdict(&zip.to_bytes()), Verdict::Names(_)));
}

#[test]
fn a_member_out_of_order_is_told_and_read() {
    let mut zip = raw(&sample());
    zip.members.swap(2, 3);
    let bytes = zip.to_bytes();
    assert!(matches!(verdict(&bytes), Verdict::Names(found) if found == [Found::Misplaced(Member::Checkpoint)]));
    let store = BundleStore::open(bytes).unwrap();
    assert_eq!(store.read(Member::Checkpoint, 99).unwrap(), sample()[0].1);

    let mut zip = raw(&sample());
    zip.members.rotate_left(1);
    assert!(matches!(verdict(&zip.to_bytes()), Verdict::Names(found) if found == [Found::Misplaced(Member::Mimetype)]));
}

#[test]
fn the_fixed_members_are_fixed() {
    let cases: [(Spoil, Member); 5] = [
        (|z| z.members[0] = RawMember::new(b"mimetype", b"application/vnd.litopys+ziq"), Member::Mimetype),
        (|z| drop(z.members.remove(0)), Member::Mimetype),
        (|z| drop(z.members.remove(1)), Member::Readme),
        (|z| z.members[0] = RawMember::new(b"mimetype", b"application/vnd.litopys+zip\n"), Member::Mimetype),
        (|z| z.members[1].both(|h| h.crc ^= 1), Member::Readme),
    ];
    for (spoil, member) in cases {
        let mut zip = raw(&sample());
        spoil(&mut zip);
        assert!(matches!(verdict(&zip.to_bytes()), Verdict::Fixed(found) if found == [member]), "{member}");
    }
}

#[test]
fn a_wrong_crc_withholds_the_last_bytes() {
    let mut zip = raw(&sample());
    zip.member("checkpoint").both(|h| h.crc ^= 1);
    zip.member("tile/manifests/000.p/2").both(|h| h.crc ^= 1);
    let store = BundleStore::open(zip.to_bytes()).unwrap();
    for (member, before) in [(sample()[0].0, 1), (sample()[3].0, 0)] {
        let mut reader = store.open(member).unwrap();
        assert!(reader.by_ref().take(before).read_to_end(&mut Vec::new()).is_ok());
        for _ in 0..2 {
            let error = reader.read(&mut [0; 99]).unwrap_err();
            assert!(matches!(StoreError::of_read(member, error), StoreError::Crc(found) if found == member));
        }
    }
    // Somebody who knows the size, and doesn't wait for the end of the stream, learns it too.
    assert!(store.open(Member::Checkpoint).unwrap().read_exact(&mut [0; 16]).is_err());
}

#[test]
fn other_programs_read_our_bundles() {
    check_with_others(&bundle(&sample()), &all(&sample()));
}

/// Lets other ZIP programs judge a bundle.
fn check_with_others(bytes: &[u8], members: &Members) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    std::fs::write(&path, bytes).unwrap();
    let script = "import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist(): print(i.filename, i.file_size)";
    if let Some(seen) = run("python3", &["-c", script], &path) {
        let expected: Vec<_> = members.iter().map(|(member, data)| format!("{member} {}", data.len())).collect();
        assert!(seen.lines().eq(expected));
    }
    run("unzip", &["-tqq"], &path);
}

/// What a program prints when all is well. Outside CI it need not be installed.
fn run(program: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let output = match Command::new(program).args(arguments).arg(path).output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound && std::env::var_os("CI").is_none() => {
            eprintln!("skipped: there is no {program}");
            return None;
        }
        output => output.unwrap(),
    };
    assert!(output.status.success(), "{program}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}
