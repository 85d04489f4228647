//! Everything that ZIP allows and a bundle doesn't.

use super::zip64::zip64_extra;
use super::*;

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
        ("ZIP64 end that counts more than memory holds", |z| {
            z.zip64 = Some(RawEnd64 { counts: [Some(u64::MAX); 2], ..RawEnd64::default() });
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
