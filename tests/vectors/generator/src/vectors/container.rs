//! What ZIP allows and a bundle doesn't, and bytes changed in each part of it.

use super::small;
use crate::Set;
use crate::archive::Tree;
use crate::zip::{RawEnd64, RawMember, RawZip};

const CHECKPOINT: usize = 2;

pub(super) fn add(set: &mut Set) {
    structure(set);
    headers(set);
    members(set);
    flips(set);
}

fn tree() -> Tree {
    small().build().tree()
}

fn zip64(size: u64) -> Vec<u8> {
    [&b"\x01\0\x10\0"[..], &size.to_le_bytes(), &size.to_le_bytes()].concat()
}

fn structure(set: &mut Set) {
    let mut with = |name: &str, about: &str, edit: &dyn Fn(&mut RawZip)| {
        let mut zip = tree().zip();
        edit(&mut zip);
        set.zip(&format!("container/{name}"), "E001", about, &zip);
    };
    with("data-before", "bytes before the first member, as a self-extracting program has", &|z| {
        z.before = b"#!/bin/sh\n".into()
    });
    with("data-before-shifted", "bytes before the first member that no offset counts", &|z| {
        z.before = b"x".into();
        let mut at = 0;
        for member in &mut z.members {
            member.central().offset = Some(at);
            at += (30 + member.local().name.len() + member.data.len()) as u32;
        }
        z.end.offset = Some(at);
    });
    with("data-after", "a byte after the end record", &|z| z.after = b"\0".into());
    with("line-end-after", "a line end after the end record", &|z| z.after = b"\n".into());
    with("comment", "a comment of the file", &|z| z.end.comment = b"a comment".into());
    with("comment-with-end-record", "a comment that is an end record", &|z| {
        z.end.comment = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    });
    with("data-between", "a byte between two members", &|z| z.members[4].before = b"\0".into());
    with("data-before-directory", "a byte between the last member and the central directory", &|z| {
        z.before_directory = b"\0".into()
    });
    with("data-before-end", "a byte between the central directory and the end record", &|z| {
        z.before_end = b"\0".into()
    });
    with("signed-directory", "a digital signature behind the central directory", &|z| {
        z.before_end = b"PK\x05\x05\x01\0x".into()
    });
    with("extra-data-record", "an archive extra data record before the central directory", &|z| {
        z.before_directory = b"PK\x06\x08\x01\0\0\0x".into();
    });
    with("hidden-member", "a member that the central directory doesn't name", &|z| {
        z.members.insert(3, RawMember { central: None, ..RawMember::new(b"hidden", b"hidden") });
    });
    with("ghost-member", "a member of the central directory without a local header", &|z| {
        z.members.push(RawMember { local: None, data: Vec::new(), ..RawMember::new(b"ghost", b"") });
    });
    with("overlap", "two entries of the central directory share one member's bytes", &|z| {
        let mut twin = RawMember { local: None, data: Vec::new(), ..z.members[CHECKPOINT].clone() };
        let before: usize =
            z.members[..CHECKPOINT].iter().map(|m| 30 + m.central.as_ref().unwrap().name.len() + m.data.len()).sum();
        twin.central().offset = Some(before as u32);
        twin.central().name = b"checkpoinu".into();
        z.members.push(twin);
    });
    with("overlap-nested", "a member that lies within another's data", &|z| {
        let inner = RawZip::new([("inner", &b"inner"[..])]).to_bytes();
        let inner = &inner[..30 + 5 + 5];
        let last = z.members.last_mut().unwrap();
        let outer = RawMember::new(b"outer", inner);
        *last = outer;
        let at: usize = z.members.iter().map(|m| 30 + m.central.as_ref().unwrap().name.len() + m.data.len()).sum();
        let mut member = RawMember { local: None, data: Vec::new(), ..RawMember::new(b"inner", b"inner") };
        member.central().offset = Some((at - inner.len()) as u32);
        z.members.push(member);
    });
    with("directory-order", "the central directory names two members in another order than they stand", &|z| {
        let offsets: Vec<u32> = z
            .members
            .iter()
            .scan(0, |at, m| {
                let here = *at;
                *at += 30 + m.central.as_ref().unwrap().name.len() as u32 + m.data.len() as u32;
                Some(here)
            })
            .collect();
        let (a, b) = (z.members[4].central.clone(), z.members[5].central.clone());
        z.members[4].central = b;
        z.members[5].central = a;
        z.members[4].central().offset = Some(offsets[5]);
        z.members[5].central().offset = Some(offsets[4]);
    });
    with("duplicate", "two members of one name and content", &|z| {
        let member = z.members[CHECKPOINT].clone();
        z.members.insert(CHECKPOINT + 1, member);
    });
    with("duplicate-other", "two members of one name, the second with other content", &|z| {
        let mut data = z.members[CHECKPOINT].data.clone();
        data[30] ^= 1;
        z.members.push(RawMember::new(b"checkpoint", &data));
    });
    with("duplicate-unknown", "two members of one unknown name", &|z| {
        z.members.extend([RawMember::new(b"x", b"1"), RawMember::new(b"x", b"2")]);
    });
    with("count-less", "the end record counts a member less", &|z| {
        z.end.counts = [Some(z.members.len() as u16 - 1); 2]
    });
    with("count-more", "the end record counts a member more", &|z| {
        z.end.counts = [Some(z.members.len() as u16 + 1); 2]
    });
    with("count-differs", "the end record's two counts differ", &|z| z.end.counts = [Some(1), None]);
    with("end-disk", "the end record is on another disk", &|z| z.end.disks = [1, 0]);
    with("directory-disk", "the central directory begins on another disk", &|z| z.end.disks = [0, 1]);
    with("end-size", "the end record gives the central directory another size", &|z| z.end.size = Some(46));
    with("end-offset", "the end record gives the central directory another offset", &|z| z.end.offset = Some(0));
    with("zip64-needless", "a ZIP64 end record where none is needed", &|z| z.zip64 = Some(RawEnd64::default()));
    with(
        "zip64-end-hidden",
        "a ZIP64 end record whose numbers the end record refers to, though none is needed",
        &|z| {
            z.zip64 = Some(RawEnd64::default());
            (z.end.counts, z.end.size, z.end.offset) = ([Some(0xffff); 2], Some(0xffff_ffff), Some(0xffff_ffff));
        },
    );
    with("zip64-end-missing", "the end record refers to a ZIP64 one that isn't there", &|z| {
        z.end.offset = Some(0xffff_ffff)
    });
    with("zip64-end-lies", "a ZIP64 end record gives another count than there is", &|z| {
        z.zip64 = Some(RawEnd64 { counts: [Some(70_000); 2], ..RawEnd64::default() });
        (z.end.counts, z.end.size, z.end.offset) = ([Some(0xffff); 2], Some(0xffff_ffff), Some(0xffff_ffff));
    });
    with("zip64-locator", "a ZIP64 locator points elsewhere", &|z| {
        z.zip64 = Some(RawEnd64 { locator: Some(0), ..RawEnd64::default() });
        (z.end.counts, z.end.size, z.end.offset) = ([Some(0xffff); 2], Some(0xffff_ffff), Some(0xffff_ffff));
    });
    with("zip64-overflow", "a ZIP64 end record with offset and size whose sum overflows", &|z| {
        z.zip64 = Some(RawEnd64 { size: Some(u64::MAX), offset: Some(2), ..RawEnd64::default() });
        (z.end.counts, z.end.size, z.end.offset) = ([Some(0xffff); 2], Some(0xffff_ffff), Some(0xffff_ffff));
    });

    let bytes = tree().zip().to_bytes();
    set.bytes("container/empty", "E001", "no byte at all", Vec::new());
    set.bytes("container/truncated", "E001", "the last byte is missing", bytes[..bytes.len() - 1].to_vec());
    set.bytes("container/half", "E001", "the second half is missing", bytes[..bytes.len() / 2].to_vec());
    let end = bytes[bytes.len() - 22..].to_vec();
    set.bytes("container/end-alone", "E001", "an end record alone", end);
    set.bytes("container/no-members", "E003", "a ZIP file without members", RawZip::default().to_bytes());
    let not_zip = tree().0.into_iter().flat_map(|(_, bytes)| bytes).collect();
    set.bytes("container/no-zip", "E001", "the members' bytes without any ZIP structure", not_zip);
}

fn headers(set: &mut Set) {
    let mut with = |name: &str, about: &str, edit: &dyn Fn(&mut RawMember)| {
        let mut zip = tree().zip();
        edit(zip.member("checkpoint"));
        set.zip(&format!("container/{name}"), "E001", about, &zip);
    };
    with("local-name", "the local header has another name than the central one", &|m| {
        m.local().name = b"checkpoinu".into()
    });
    with("local-crc", "the local header has another CRC-32 than the central one", &|m| m.local().crc ^= 1);
    with("local-size", "the local header has another size than the central one", &|m| m.local().size += 1);
    with("local-packed", "the local header has another compressed size than the central one", &|m| {
        m.local().packed += 1
    });
    with("central-size", "the central header has another size than the local one", &|m| m.central().size -= 1);
    with("sizes-differ", "compressed and uncompressed size differ", &|m| m.both(|h| h.size += 1));
    with("sizes-large", "both sizes reach beyond the file", &|m| {
        m.both(|h| (h.size, h.packed) = (0x7fff_ffff, 0x7fff_ffff))
    });
    with("offset", "the central header gives another offset", &|m| m.central().offset = Some(0));
    with("encrypted", "the encryption flag is set", &|m| m.both(|h| h.flags = 1));
    with("strong-encryption", "the strong encryption flag is set", &|m| m.both(|h| h.flags = 0x41));
    with("masked", "the flag for masked headers is set", &|m| m.both(|h| h.flags = 0x2000));
    with("descriptor-flag", "the flag of a data descriptor is set", &|m| m.both(|h| h.flags = 8));
    with("descriptor", "sizes and CRC-32 stand in a data descriptor behind the data", &|m| {
        let (crc, size) = (m.local().crc, m.local().size);
        m.after = [&b"PK\x07\x08"[..], &crc.to_le_bytes(), &size.to_le_bytes(), &size.to_le_bytes()].concat();
        m.both(|h| h.flags = 8);
        (m.local().crc, m.local().size, m.local().packed) = (0, 0, 0);
    });
    with("utf8-flag", "the UTF-8 flag is set", &|m| m.both(|h| h.flags = 0x800));
    with("deflated", "the member is deflated", &|m| {
        let size = m.data.len() as u16;
        m.data = [&[1], &size.to_le_bytes()[..], &(!size).to_le_bytes(), &m.data].concat();
        let packed = m.data.len() as u32;
        m.both(|h| (h.method, h.packed) = (8, packed));
    });
    with("method", "the method is said to be deflate, the data is stored", &|m| m.both(|h| h.method = 8));
    with("zstd-method", "the method is Zstandard", &|m| m.both(|h| h.method = 93));
    with("time", "a time", &|m| m.both(|h| h.time = 1));
    with("date", "another date", &|m| m.both(|h| h.date = 0x5b77));
    with("date-zero", "no date", &|m| m.both(|h| h.date = 0));
    with("version-needed", "another version needed", &|m| m.both(|h| h.version = 10));
    with("version-45", "version 45 is needed without ZIP64", &|m| m.both(|h| h.version = 45));
    with("made-by", "another system made the member", &|m| m.central().made_by = 0x001e);
    with("disk", "the member is on another disk", &|m| m.central().disk = 1);
    with("internal", "internal attributes", &|m| m.central().internal = 1);
    with("symlink", "the member is a symbolic link", &|m| m.central().external = 0xa1ff_0000);
    with("folder-attribute", "the member is a folder", &|m| m.central().external = 0x41ed_0010);
    with("executable", "the member is executable", &|m| m.central().external = 0x81ed_0000);
    with("member-comment", "a comment of the member", &|m| m.central().comment = b"c".into());
    with("extra-local", "an extra field in the local header", &|m| m.local().extra = b"UT\x05\0\x01\0\0\0\0".into());
    with("extra-central", "an extra field in the central header", &|m| {
        m.central().extra = b"UT\x05\0\x01\0\0\0\0".into()
    });
    with("extra-both", "an extra field in both headers", &|m| {
        m.both(|h| h.extra = b"ux\x0b\0\x01\x04\0\0\0\0\x04\0\0\0\0".into())
    });
    with("zip64-small", "a ZIP64 extra field where none is needed", &|m| {
        let size = u64::from(m.local().size);
        m.both(|h| (h.extra, h.size, h.packed, h.version) = (zip64(size), u32::MAX, u32::MAX, 45));
        m.central().made_by = 0x032d;
    });
    with("zip64-size-lies", "a ZIP64 extra field with a size that reaches beyond the file", &|m| {
        m.both(|h| (h.extra, h.size, h.packed, h.version) = (zip64(1 << 62), u32::MAX, u32::MAX, 45));
        m.central().made_by = 0x032d;
    });
    with("zip64-size-overflow", "a ZIP64 extra field with the largest size", &|m| {
        m.both(|h| (h.extra, h.size, h.packed, h.version) = (zip64(u64::MAX), u32::MAX, u32::MAX, 45));
        m.central().made_by = 0x032d;
    });
    with("zip64-extra-missing", "sizes that refer to a ZIP64 extra field that isn't there", &|m| {
        m.both(|h| (h.size, h.packed) = (u32::MAX, u32::MAX));
    });
    with("unicode-path", "an extra field gives the member another name", &|m| {
        let name = b"checkpoinu";
        let extra = [&b"up\x0f\0\x01"[..], &crc32fast::hash(b"checkpoint").to_le_bytes(), name].concat();
        m.both(|h| h.extra = extra.clone());
    });
}

fn members(set: &mut Set) {
    let names: &[(&str, &[u8])] = &[
        ("parent", b"../escape"),
        ("absolute", b"/etc/passwd"),
        ("drive", b"C:\\autoexec.bat"),
        ("dot", b"./checkpoint"),
        ("double-slash", b"tile//0/000.p/3"),
        ("backslash", b"tile\\0\\000.p\\3"),
        ("upper-case", b"CHECKPOINT"),
        ("folder-entry", b"tile/"),
        ("no-name", b""),
        ("nul-in-name", b"checkpoint\0.txt"),
        ("escape-in-name", b"\x1b[2Jname"),
        ("not-utf8", b"\xff\xfe"),
        ("unicode", "\u{202e}tnioпkcehc".as_bytes()),
        ("unknown-name", b"notes.txt"),
        ("lock", b".lock"),
        ("second-spelling", b"tile/0/x000/000.p/3"),
        ("long-width", b"tile/0/000.p/03"),
        ("full-width", b"tile/0/000.p/256"),
        ("zero-width", b"tile/0/000.p/0"),
        ("level-64", b"tile/64/000"),
        ("level-00", b"tile/00/000.p/3"),
        ("level-sign", b"tile/+0/000.p/3"),
        ("other-kind", b"tile/other/000.p/3"),
        ("digest-upper-case", b"files/sha256/AA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("digest-shard", b"files/sha256/ab/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("digest-short", b"files/sha256/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("other-compression", b"files/sha256/aa/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.gz"),
    ];
    for (name, member) in names {
        let mut zip = tree().zip();
        // Behind the hash tiles, where a level would stand.
        zip.members.insert(if name.starts_with("level") { 4 } else { zip.members.len() }, RawMember::new(member, b"x"));
        let about = format!("a further member of the name {:?}", String::from_utf8_lossy(member));
        set.zip(&format!("container/name-{name}"), "E002", &about, &zip);
    }
    let mut zip = tree().zip();
    zip.members.insert(0, RawMember::new(b"notes.txt", b"x"));
    set.zip("container/name-first", "E002", "an unknown name before all others", &zip);

    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut RawZip)| {
        let mut zip = tree().zip();
        edit(&mut zip);
        set.zip(&format!("container/{name}"), expected, about, &zip);
    };
    let fixed = |data: &'static [u8], name: &'static str| {
        move |z: &mut RawZip| *z.member(name) = RawMember::new(name.as_bytes(), data)
    };
    with(
        "mimetype-line-end",
        "E005",
        "mimetype ends with a line end",
        &fixed(b"application/vnd.litopys+zip\n", "mimetype"),
    );
    with("mimetype-other", "E005", "mimetype of another format", &fixed(b"application/epub+zip", "mimetype"));
    with("mimetype-empty", "E005", "mimetype is empty", &fixed(b"", "mimetype"));
    with("mimetype-missing", "E005", "mimetype is missing", &|z| drop(z.members.remove(0)));
    with("readme-missing", "E005", "README.txt is missing", &|z| drop(z.members.remove(1)));
    with("readme-edited", "E005", "README.txt was edited", &|z| {
        let data = z.members[1].data.clone();
        let text = String::from_utf8(data).unwrap().replace("litopys verify FILE", "true # is verified");
        z.members[1] = RawMember::new(b"README.txt", text.as_bytes());
    });
    with("readme-same-length", "E005", "a letter of README.txt was changed", &|z| {
        let mut data = z.members[1].data.clone();
        data[100] ^= 1;
        z.members[1] = RawMember::new(b"README.txt", &data);
    });
    with("order-readme", "E002", "README.txt stands before mimetype", &|z| z.members.swap(0, 1));
    with("order-tiles", "E002", "the tile of manifests stands before that of entries", &|z| z.members.swap(4, 5));
    with("order-checkpoint", "E002", "the checkpoint stands last", &|z| {
        let member = z.members.remove(CHECKPOINT);
        z.members.push(member);
    });
    for (name, what) in [
        ("checkpoint", "checkpoint"),
        ("hashes", "tile/0/"),
        ("entries", "tile/entries/"),
        ("manifests", "tile/manifests/"),
        ("packs", "tile/packs/"),
    ] {
        let mut tree = tree();
        tree.remove(what);
        set.tree(&format!("container/missing-{name}"), "E003", &format!("{what} is missing"), &tree);
    }
    for (name, member, about) in [
        ("old-hashes", "tile/0/000.p/2", "the partial hash tile of a smaller log"),
        ("old-entries", "tile/entries/000.p/1", "the partial entries tile of a smaller log"),
        ("old-manifests", "tile/manifests/000.p/2", "the partial manifests tile of a smaller log"),
        ("old-packs", "tile/packs/000.p/2", "the partial pack of a smaller log"),
        ("full-tile", "tile/0/000", "a full tile that the log doesn't fill"),
        ("later-tile", "tile/entries/001.p/1", "a tile of a larger log"),
        ("upper-level", "tile/1/000.p/1", "a hash tile of a level that the log doesn't reach"),
        ("level-63", "tile/63/000", "a hash tile of the highest level that there may be"),
        ("far-tile", "tile/packs/x004/x294/x967/295", "a tile far away"),
    ] {
        let mut tree = tree();
        tree.put(member, vec![0; 32]);
        set.zip(&format!("container/extra-{name}"), "E004", about, &tree.zip());
    }
}

/// A bit in each part of a bundle: in the data under the CRC-32 of before, and in the headers.
fn flips(set: &mut Set) {
    let zip = super::files().build().tree().zip();
    let bytes = zip.to_bytes();
    let mut at = 0;
    let mut parts: Vec<(String, usize, &str)> = Vec::new();
    for member in &zip.members {
        let name = String::from_utf8(member.central.as_ref().unwrap().name.clone()).unwrap();
        let short = match name.as_str() {
            "README.txt" => "readme".to_owned(),
            name if name.starts_with("tile/") => name.split('/').nth(1).unwrap().replace('0', "hashes"),
            name if name.starts_with("files/") => "file".to_owned(),
            name => name.to_owned(),
        };
        let data = at + 30 + name.len();
        let fixed = matches!(name.as_str(), "mimetype" | "README.txt");
        parts.push((short, data + member.data.len() / 2, if fixed { "E005" } else { "E006" }));
        at = data + member.data.len();
    }
    parts.push(("local-header".into(), 6, "E001"));
    parts.push(("local-name".into(), 30, "E001"));
    parts.push(("local-crc".into(), 14, "E001"));
    parts.push(("central-header".into(), at + 38, "E001"));
    parts.push(("central-name".into(), at + 46, "E001"));
    parts.push(("central-crc".into(), at + 16, "E001"));
    parts.push(("end-record".into(), bytes.len() - 6, "E001"));
    parts.push(("end-signature".into(), bytes.len() - 22, "E001"));
    for (name, at, code) in parts {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        set.bytes(&format!("container/flip-{name}"), code, "a bit was flipped in this part of a bundle", bad);
    }
    let mut crc = zip;
    crc.member("checkpoint").both(|header| header.crc ^= 1);
    set.zip("container/crc", "E006", "both headers give a wrong CRC-32", &crc);
    crc.member("checkpoint").both(|header| header.crc ^= 1);
    crc.member("mimetype").both(|header| header.crc ^= 1);
    set.zip("container/crc-mimetype", "E005", "both headers of mimetype give a wrong CRC-32", &crc);
}
