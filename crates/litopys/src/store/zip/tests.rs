//! The writer against an independent encoder and other ZIP programs; the reader against everything else.
#![allow(clippy::cast_possible_truncation)]

pub(crate) mod raw;

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

fn zip64_extra(size: u64) -> Vec<u8> {
    [&[1, 0, 16, 0][..], &size.to_le_bytes(), &size.to_le_bytes()].concat()
}

type Spoil = fn(&mut RawZip);

/// A fault and what it is taken for.
type Case = (&'static str, Spoil, StructureFault);

#[test]
fn the_tricks_of_zip_are_refused() {
    use StructureFault::{Central, Count, Duplicate, End, Extent, Local};
    #[rustfmt::skip]
    let cases: &[Case] = &[
        ("duplicate", |z| { let twin = z.members[2].clone(); z.members.insert(3, twin); }, Duplicate),
        ("duplicate far apart", |z| { let twin = z.members[0].clone(); z.members.push(twin); }, Duplicate),
        ("duplicate unknown", |z| (0..2).for_each(|_| z.members.push(RawMember::new(b"\xff", b""))), Duplicate),
        ("data before", |z| z.before = vec![0; 4], Central),
        ("data before, offsets not moved", |z| {
            let mut offset = 0;
            for member in &mut z.members {
                member.central().offset = Some(offset);
                offset += 30 + (member.local().name.len() + member.data.len()) as u32;
            }
            z.end.offset = Some(offset);
            z.before = vec![0; 4];
        }, End),
        ("data after", |z| z.after = vec![0; 4], End),
        ("comment", |z| z.end.comment = b"hello".to_vec(), End),
        ("comment that is an end record", |z| z.end.comment = RawZip::default().to_bytes(), End),
        ("data before the end record", |z| z.before_end = vec![0; 4], End),
        ("data before the directory", |z| z.before_directory = vec![0; 4], Extent),
        ("gap", |z| z.members[3].before = vec![0], Central),
        ("member that the directory doesn't know", |z| z.members[3].central = None, Central),
        ("last member that the directory doesn't know", |z| z.members[7].central = None, Extent),
        ("member without data", |z| z.members[7].local = None, Local),
        ("data descriptor", |z| {
            let member = &mut z.members[4];
            member.after = [&b"PK\x07\x08"[..], &member.central().crc.to_le_bytes(), &[6, 0, 0, 0, 6, 0, 0, 0]].concat();
            member.both(|h| h.flags = 8);
            member.local().crc = 0;
        }, Central),
        ("overlap", |z| z.members[3].central().offset = Some(0), Central),
        ("one member twice", |z| {
            let mut twin = RawMember { local: None, data: Vec::new(), ..z.members[2].clone() };
            twin.central().name = b"twin".to_vec();
            z.members.insert(3, twin);
        }, Local),
        ("size up to the next member's data", |z| z.members[2].both(|h| { h.size += 40; h.packed += 40; }), Central),
        ("size beyond the directory", |z| z.members[7].both(|h| { h.size += 1; h.packed += 1; }), Extent),
        ("size of 4 GiB less 2", |z| z.members[7].both(|h| { h.size = 0xffff_fffe; h.packed = h.size; }), Extent),
        ("other sizes", |z| z.members[7].both(|h| h.packed -= 1), Central),
        ("other local name", |z| z.members[2].local().name = b"checkpoinT".to_vec(), Local),
        ("longer local name", |z| z.members[2].local().name.push(b'x'), Local),
        ("other local size", |z| z.members[2].local().size += 1, Local),
        ("other local CRC", |z| z.members[2].local().crc += 1, Local),
        ("other local method", |z| z.members[2].local().method = 8, Local),
        ("local extra field", |z| z.members[2].local().extra = vec![0xfe, 0xca, 0, 0], Local),
        ("central extra field", |z| z.members[2].central().extra = vec![0xfe, 0xca, 0, 0], Central),
        ("member's comment", |z| z.members[2].central().comment = b"hello".to_vec(), Central),
        ("encrypted", |z| z.members[2].both(|h| h.flags = 1), Central),
        ("flag of UTF-8", |z| z.members[2].both(|h| h.flags = 1 << 11), Central),
        ("deflated", |z| z.members[2].both(|h| h.method = 8), Central),
        ("zstd", |z| z.members[2].both(|h| h.method = 93), Central),
        ("time", |z| z.members[2].both(|h| h.time = 1), Central),
        ("date", |z| z.members[2].both(|h| h.date = 0x5a21), Central),
        ("version needed", |z| z.members[2].both(|h| h.version = 45), Central),
        ("made by", |z| z.members[2].central().made_by = 0x0014, Central),
        ("symlink", |z| z.members[2].central().external = 0xa1ff_0000, Central),
        ("executable", |z| z.members[2].central().external = 0x81ed_0000, Central),
        ("folder", |z| z.members[2].central().external |= 0x10, Central),
        ("text", |z| z.members[2].central().internal = 1, Central),
        ("disk", |z| z.members[2].central().disk = 1, Central),
        ("ZIP64 where it isn't needed", |z| z.members[2].both(|h| {
            (h.version, h.made_by, h.size, h.packed) = (45, 0x032d, u32::MAX, u32::MAX);
            h.extra = zip64_extra(16);
        }), Central),
        ("ZIP64 beside sizes", |z| z.members[2].both(|h| {
            h.extra = zip64_extra(16);
        }), Central),
        ("ZIP64 of an absurd size", |z| z.members[7].both(|h| {
            (h.version, h.made_by, h.size, h.packed) = (45, 0x032d, u32::MAX, u32::MAX);
            h.extra = zip64_extra(u64::MAX);
        }), Extent),
        ("ZIP64 without its field", |z| z.members[7].both(|h| (h.size, h.packed) = (u32::MAX, u32::MAX)), Central),
        ("ZIP64 offset where it isn't needed", |z| {
            let central = z.members[0].central();
            (central.version, central.made_by, central.offset) = (45, 0x032d, Some(u32::MAX));
            central.extra = vec![1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        }, Central),
        ("ZIP64 end beside the end", |z| z.zip64 = Some(RawEnd64::default()), End),
        ("ZIP64 end where it isn't needed", |z| {
            z.zip64 = Some(RawEnd64::default());
            (z.end.counts, z.end.size, z.end.offset) = ([Some(u16::MAX); 2], Some(u32::MAX), Some(u32::MAX));
        }, End),
        ("ZIP64 end that counts too many", |z| {
            z.zip64 = Some(RawEnd64 { counts: [Some(0xffff); 2], ..RawEnd64::default() });
            (z.end.counts, z.end.size, z.end.offset) = ([Some(u16::MAX); 2], Some(u32::MAX), Some(u32::MAX));
        }, Count),
        ("ZIP64 end that overflows", |z| {
            z.zip64 = Some(RawEnd64 { size: Some(u64::MAX), offset: Some(u64::MAX), ..RawEnd64::default() });
            (z.end.counts, z.end.size, z.end.offset) = ([Some(u16::MAX); 2], Some(u32::MAX), Some(u32::MAX));
        }, End),
        ("ZIP64 locator of another place", |z| {
            z.zip64 = Some(RawEnd64 { counts: [Some(0xffff); 2], locator: Some(0), ..RawEnd64::default() });
            (z.end.counts, z.end.size, z.end.offset) = ([Some(u16::MAX); 2], Some(u32::MAX), Some(u32::MAX));
        }, End),
        ("ZIP64 end that is missing", |z| z.end.counts = [Some(u16::MAX); 2], End),
        ("one member too many", |z| z.end.counts = [Some(9); 2], Count),
        ("one member too few", |z| z.end.counts = [Some(7); 2], Count),
        ("two counts", |z| z.end.counts = [Some(8), Some(7)], End),
        ("other disks", |z| z.end.disks = [1, 1], End),
        ("a directory too short", |z| z.end.size = Some(46), End),
        ("a directory elsewhere", |z| z.end.offset = Some(0), End),
    ];
    for (label, spoil, fault) in cases {
        let mut zip = raw(&sample());
        spoil(&mut zip);
        match verdict(&zip.to_bytes()) {
            Verdict::Structure(found) => assert_eq!(found, *fault, "{label}"),
            other => panic!("{label}: {other:?}"),
        }
    }
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
fn more_members_than_zip_can_count_need_zip64() {
    let name = |i: u32| std::array::from_fn(|at| i.to_be_bytes().get(at).copied().unwrap_or(0));
    let many = |n: u32| (0..n - 2).map(|i| (file(name(i)), Vec::new())).collect::<Members>();
    for (count, records) in [(0xfffe, 22), (0xffff, 98), (70_000, 98)] {
        let bytes = bundle(&many(count));
        let mut members = 0;
        BundleStore::open(bytes.as_slice()).unwrap().scan(&mut |_| members += 1).unwrap();
        assert_eq!(members, count);
        let headers = |(member, data): &(Member, Vec<u8>)| 30 + 46 + 2 * member.to_string().len() + data.len();
        assert_eq!(bytes.len(), all(&many(count)).iter().map(headers).sum::<usize>() + records);
    }
    let mut bytes = bundle(&many(70_000));
    check_with_others(&bytes, &all(&many(70_000)));
    let len = bytes.len();
    for at in len - 98..len {
        bytes[at] ^= 1;
        assert!(BundleStore::open(bytes.as_slice()).is_err(), "{at}");
        bytes[at] ^= 1;
    }
}

#[test]
fn zip64_headers_are_those_of_the_format() {
    let (edge, name) = (0xffff_fffe_u64, b"n".as_slice());
    let header = |size, offset| {
        let (mut local, mut central) = (Vec::new(), Vec::new());
        let header = Header { name, size, crc: 0x0403_0201, offset };
        header.local(&mut local);
        header.central(&mut central);
        (local, central)
    };
    let common = |version, size: u32, extra| {
        let size = size.to_le_bytes();
        [&[version, 0, 0, 0, 0, 0, 0, 0, 0x21, 0, 1, 2, 3, 4][..], &size, &size, &[1, 0, extra, 0]].concat()
    };
    let tail = |offset: u32| [&[0, 0, 0, 0, 0, 0, 0, 0, 0xa4, 0x81][..], &offset.to_le_bytes(), b"n"].concat();
    let max = u32::MAX;

    let (local, central) = header(edge, edge);
    assert_eq!(local, [b"PK\x03\x04".as_slice(), &common(20, max - 1, 0), b"n"].concat());
    assert_eq!(central, [b"PK\x01\x02\x1e\x03".as_slice(), &common(20, max - 1, 0), &tail(max - 1)].concat());

    let sizes = [[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]; 2].concat();
    let (local, central) = header(edge + 1, edge);
    assert_eq!(local, [b"PK\x03\x04".as_slice(), &common(45, max, 20), b"n\x01\0\x10\0", &sizes].concat());
    let expected = [b"PK\x01\x02\x2d\x03", &common(45, max, 20)[..], &tail(max - 1), &[1, 0, 16, 0], &sizes].concat();
    assert_eq!(central, expected);

    let offset = [0, 0, 0, 0, 1, 0, 0, 0];
    let (local, central) = header(5, 1 << 32);
    assert_eq!(local, [b"PK\x03\x04".as_slice(), &common(20, 5, 0), b"n"].concat());
    let expected = [b"PK\x01\x02\x2d\x03", &common(45, 5, 12)[..], &tail(max), &[1, 0, 8, 0], &offset].concat();
    assert_eq!(central, expected);

    let (_, central) = header(5, edge + 1);
    assert_eq!(central[central.len() - 12..], [1, 0, 8, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

    let (_, central) = header(edge + 1, 1 << 32);
    let expected =
        [b"PK\x01\x02\x2d\x03", &common(45, max, 28)[..], &tail(max), &[1, 0, 24, 0], &sizes, &offset].concat();
    assert_eq!(central, expected);

    let small = End { count: 0xfffe, size: edge, offset: edge };
    assert_eq!(small.to_bytes().len(), 22);
    for end in [End { count: 0xffff, ..small }, End { size: edge + 1, ..small }, End { offset: edge + 1, ..small }] {
        let bytes = end.to_bytes();
        let numbers = [end.count, end.count, end.size, end.offset].map(u64::to_le_bytes).concat();
        let head = b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\x03\x2d\0\0\0\0\0\0\0\0\0";
        assert_eq!(bytes[..56], [head, &numbers[..]].concat());
        let record = (end.offset + end.size).to_le_bytes();
        assert_eq!(bytes[56..76], [b"PK\x06\x07\0\0\0\0", &record[..], &[1, 0, 0, 0]].concat());
        assert_eq!(bytes[76..], [b"PK\x05\x06\0\0\0\0", &[0xff; 12][..], &[0, 0]].concat());
    }
}

/// A file that keeps only what isn't zero.
#[derive(Debug, Default)]
struct Sparse {
    pieces: BTreeMap<u64, Vec<u8>>,
    at: u64,
    len: u64,
}

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
        if ZEROS.get(..bytes.len()) != Some(bytes) {
            self.pieces.insert(self.at, bytes.to_vec());
        }
        self.at += bytes.len() as u64;
        self.len = self.len.max(self.at);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(at) = to else { panic!("{to:?}") };
        self.at = at;
        Ok(at)
    }
}

impl ReadAt for Sparse {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        buffer.fill(0);
        let end = offset + buffer.len() as u64;
        for (at, piece) in self.pieces.range(offset.saturating_sub(1 << 20)..end) {
            let (from, to) = (offset.max(*at), end.min(at + piece.len() as u64));
            if from < to {
                let part = &piece[(from - at) as usize..(to - at) as usize];
                buffer[(from - offset) as usize..(to - offset) as usize].copy_from_slice(part);
            }
        }
        Ok(())
    }
}

#[test]
fn four_gibibytes_need_zip64() {
    // Not 0xffffffff itself: UnZip 6.00 takes that for "see ZIP64" when it goes on to the next member.
    let size = 0x1_0000_0001;
    let (large, small) = (file([1; 32]), file([2; 32]));
    let mut bundle = BundleWriter::new(Sparse::default()).unwrap();
    bundle = bundle.member(large, size, &mut io::repeat(0).take(size)).unwrap();
    bundle = bundle.member(small, 5, &mut b"small".as_slice()).unwrap();
    let sparse = bundle.finish().unwrap();

    let store = BundleStore::open(&sparse).unwrap();
    assert_eq!(store.size(large).unwrap(), size);
    assert_eq!(store.read(small, 5).unwrap(), b"small");
    let mut buffer = vec![0; 1 << 20];
    let mut reader = store.open(large).unwrap();
    while reader.read(&mut buffer).unwrap() > 0 {}

    // Others see the same members.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.zip");
    let mut file = std::fs::File::create(&path).unwrap();
    for (at, piece) in &sparse.pieces {
        file.seek(SeekFrom::Start(*at)).unwrap();
        file.write_all(piece).unwrap();
    }
    let script = "import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
for i in z.infolist(): print(i.filename, i.file_size, i.header_offset)
print(z.read(z.infolist()[-1]))";
    if let Some(seen) = run("python3", &["-c", script], &path) {
        let last = seen.lines().rev().take(3).collect::<Vec<_>>();
        let headers = |m: Member| 30 + m.to_string().len() as u64;
        let fixed: u64 = FIXED.iter().map(|(m, bytes)| headers(*m) + bytes.len() as u64).sum();
        let offset = fixed + headers(large) + 20 + size;
        assert_eq!(last[..2], ["b'small'".to_owned(), format!("{small} 5 {offset}")]);
        assert!(last[2].starts_with(&format!("{large} {size} ")));
    }
    run("unzip", &["-Z"], &path);
}

#[test]
fn a_directory_beyond_the_limit_is_not_read() {
    let open = |size| {
        let mut file = Sparse { at: size, ..Sparse::default() };
        file.write_all(&End { count: 1, size, offset: 0 }.to_bytes()).unwrap();
        BundleStore::open(file).unwrap_err()
    };
    let (limit, fault) = (limits::ZIP_DIRECTORY, |error| match error {
        BundleError::Structure { what, .. } => what,
        error => panic!("{error}"),
    });
    assert_eq!(fault(open(limit + 1)), StructureFault::TooLarge);
    assert_eq!(fault(open(limit)), StructureFault::Central);
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
