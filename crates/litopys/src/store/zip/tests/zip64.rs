//! What needs the fields of 64 bits, and what has them without need.

use super::*;

pub(super) fn zip64_extra(size: u64) -> Vec<u8> {
    [&[1, 0, 16, 0][..], &size.to_le_bytes(), &size.to_le_bytes()].concat()
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
