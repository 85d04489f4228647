//! Frames that break section 7.3, and tiles that don't hold the items that they should.

use super::files;
use crate::Set;
use crate::archive::{Archive, Spec, Stage, Version, header};
use crate::cbor::{self, Cbor, long_head, raw};
use crate::frame::{Block, RAW, RawFrame, frame};
use crate::keys::ARCHIVIST;

pub(super) fn add(set: &mut Set) {
    frames(set);
    raw_frames(set);
    beyond_limits(set);
    items(set);
    beside_unknown(set);
}

fn content(items: &[Cbor]) -> Vec<u8> {
    items.iter().flat_map(Cbor::encode).collect()
}

fn block(last: bool, bytes: &[u8]) -> Block {
    Block { last, kind: RAW, size: bytes.len() as u32, bytes: bytes.to_vec() }
}

/// Spoils the frame of the pack, of the manifests and of the large file each.
fn frames(set: &mut Set) {
    let mut with = |name: &str, about: &str, edit: &dyn Fn(&mut RawFrame)| {
        let archive = files().build();
        let spoil = |content: &[u8]| {
            let mut frame = RawFrame::new(content);
            edit(&mut frame);
            frame.to_bytes()
        };
        let mut tree = archive.tree();
        *tree.file("tile/packs") = spoil(&content(&archive.packs));
        set.tree(&format!("pack/{name}"), "E060", about, &tree);
        let mut tree = archive.tree();
        *tree.file("tile/manifests") = spoil(&content(&archive.manifests));
        set.tree(&format!("pack/{name}-manifests"), "E060", &format!("{about}; in the manifests tile"), &tree);
        let mut tree = archive.tree();
        let mut frame = RawFrame::repeat(b'x', super::LARGE);
        edit(&mut frame);
        *tree.file("files/") = frame.to_bytes();
        set.tree(&format!("file/frame-{name}"), "E060", &format!("{about}; of a large file"), &tree);
    };
    with("magic", "another magic number", &|f| f.magic[0] ^= 1);
    with("old-magic", "the magic number of Zstandard 0.7", &|f| f.magic[0] = 0x27);
    with("no-checksum", "no checksum", &|f| {
        f.descriptor &= !4;
        f.checksum = None;
    });
    with("checksum", "a wrong checksum", &|f| f.checksum = f.checksum.map(|sum| sum ^ 1));
    with("checksum-cut", "a checksum of three bytes", &|f| {
        let sum = f.checksum.take().unwrap().to_le_bytes();
        f.after = sum[..3].to_vec();
    });
    with("no-size", "no content size", &|f| {
        *f = f.clone().with_window(8 << 3);
        f.size = None;
    });
    with("content-less", "the blocks give a byte less than the content size", &|f| {
        let last = f.blocks.last_mut().unwrap();
        last.size -= 1;
        if last.kind == RAW {
            last.bytes.pop();
        }
    });
    with("content-more", "the blocks give a byte more than the content size", &|f| {
        // With a window of 256 KiB: as a single segment its blocks would be too large too.
        *f = f.clone().with_window(8 << 3);
        f.blocks.last_mut().unwrap().last = false;
        f.blocks.push(block(true, b"\0"));
    });
    with("dictionary", "a dictionary id", &|f| {
        f.descriptor |= 1;
        f.dictionary = vec![7];
    });
    with("dictionary-zero", "a dictionary id of 0", &|f| {
        f.descriptor |= 3;
        f.dictionary = vec![0; 4];
    });
    with("reserved-bit", "the reserved bit is set", &|f| f.descriptor |= 8);
    with("unused-bit", "the unused bit is set", &|f| f.descriptor |= 16);
    with("window", "a window of 9 MiB", &|f| *f = f.clone().with_window(13 << 3 | 1));
    with("window-largest", "the largest window", &|f| *f = f.clone().with_window(0xff));
    with("second-frame", "a second frame", &|f| f.after = frame(b"second"));
    with("second-empty-frame", "a second frame without content", &|f| f.after = frame(b""));
    with("skippable-after", "a skippable frame behind it", &|f| f.after = b"\x50\x2a\x4d\x18\x01\0\0\0x".into());
    with("skippable-empty", "a skippable frame of no bytes behind it", &|f| {
        f.after = b"\x5f\x2a\x4d\x18\0\0\0\0".into()
    });
    with("trailing", "a byte behind it", &|f| f.after = vec![0]);
    with("no-last-block", "no block is the last one", &|f| f.blocks.last_mut().unwrap().last = false);
    with("early-last-block", "a block behind the last one", &|f| f.blocks.push(block(true, b"")));
    with("reserved-block", "a block of the reserved type", &|f| {
        f.blocks.last_mut().unwrap().last = false;
        f.blocks.push(Block { kind: 3, ..block(true, b"") });
    });
    with("compressed-garbage", "a compressed block that doesn't decode", &|f| {
        f.blocks.last_mut().unwrap().last = false;
        f.blocks.push(Block { kind: 2, ..block(true, b"garbage garbage garbage") });
    });
    with("block-cut", "a block that ends with the file", &|f| {
        f.blocks.last_mut().unwrap().size += 100;
        f.checksum = None;
    });
    with("header-alone", "a header alone", &|f| {
        f.blocks.clear();
        f.checksum = None;
    });
    with("descriptor-alone", "nothing but a descriptor", &|f| {
        f.blocks.clear();
        (f.size, f.checksum) = (None, None);
    });
}

fn raw_frames(set: &mut Set) {
    let archive = files().build();
    let packs = content(&archive.packs);
    let mut with = |name: &str, expected: &str, about: &str, bytes: Vec<u8>| {
        let mut tree = archive.tree();
        *tree.file("tile/packs") = bytes;
        set.tree(&format!("pack/{name}"), expected, about, &tree);
    };
    with("empty", "E060", "an empty file", Vec::new());
    with("not-compressed", "E060", "the items without a frame", packs.clone());
    with("gzip", "E060", "the magic number of gzip", [&b"\x1f\x8b\x08\0\0\0\0\0\0\xff"[..], &packs].concat());
    with(
        "skippable-before",
        "E060",
        "a skippable frame before it",
        [&b"\x50\x2a\x4d\x18\x01\0\0\0x"[..], &frame(&packs)].concat(),
    );

    let mut single = RawFrame::repeat(0, 64 << 20);
    single.size = Some((8, 64 << 20));
    with("single-segment-large", "E060", "a single segment of 64 MiB", single.to_bytes());
    let mut bomb = RawFrame::repeat(0, 64 << 20).with_window(13 << 3);
    with("bomb", "E061", "a frame that inflates to 64 MiB of zeros", bomb.to_bytes());
    bomb.size = Some((4, packs.len() as u64));
    with("bomb-hidden", "E060", "a frame that inflates to 64 MiB and gives a small size", {
        bomb.blocks[0] = block(false, &packs);
        bomb.to_bytes()
    });
    let mut huge = RawFrame::new(&packs).with_window(13 << 3);
    huge.size = Some((8, u64::MAX));
    with("size-largest", "E061", "the largest content size that can be written", huge.to_bytes());
}

/// What the frame holds, and is more than any item or array may have.
fn beyond_limits(set: &mut Set) {
    let repeated = |before: Vec<u8>, byte: u8, count: usize| {
        let mut frame = RawFrame::repeat(byte, count);
        let mut all = before.clone();
        all.resize(before.len() + count, byte);
        let whole = RawFrame::new(&all).with_window(13 << 3);
        frame.blocks.insert(0, block(false, &before));
        RawFrame { blocks: frame.blocks, ..whole }.to_bytes()
    };
    let archive = files().build();
    let largest = 16 << 20;
    let before = [cbor::NULL.to_vec(), long_head(2, largest as u64 + 1, 4)].concat();
    let mut tree = archive.tree();
    *tree.file("tile/manifests") = repeated(before, 0, largest + 1);
    set.tree("pack/manifest-of-16-mib-and-1", "E061", "a manifest of 16 MiB and a byte, which is there", &tree);

    let unknown = |n: usize, stage: Stage<'_>| {
        if let (2, Stage::Header(h)) = (n, stage) {
            *h = header("later", ARCHIVIST.public(), crate::archive::ORIGIN, "x");
        }
    };
    let archive = super::small().build_with(&unknown);
    for (name, expected, count) in [("array-of-65536", "U002", 65_536_u32), ("array-of-65537", "E061", 65_537)] {
        let before = [content(&archive.packs[..2]), vec![0x9a], count.to_be_bytes().to_vec()].concat();
        let mut tree = archive.tree();
        *tree.file("tile/packs") = repeated(before, 0xf6, count as usize);
        let about = format!("65,{} files beside a statement of an unknown kind", count % 1000);
        set.tree(&format!("pack/{name}"), expected, &about, &tree);
    }
}

/// Changes the items of the tiles.
fn items(set: &mut Set) {
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Archive)| {
        let mut archive = files().build();
        edit(&mut archive);
        set.archive(&format!("pack/{name}"), expected, about, &archive);
    };
    let pack = |edit: fn(&mut Vec<Cbor>)| move |a: &mut Archive| edit(a.packs[1].items());
    with("item-missing", "E061", "an item less than the manifest has files", &pack(|p| drop(p.pop())));
    with("items-none", "E061", "no item where the manifest has files", &pack(|p| p.clear()));
    with("item-extra", "E061", "an item more than the manifest has files", &pack(|p| p.push(vec![1].into())));
    with("item-repeated", "E061", "an item twice", &pack(|p| p.push(p[0].clone())));
    with(
        "item-large-too",
        "E061",
        "the large file in the pack too",
        &pack(|p| p.push(vec![b'x'; super::LARGE].into())),
    );
    with("item-of-65537", "E061", "an item of 65,537 bytes", &pack(|p| p[0] = vec![b'x'; 65_537].into()));
    with("items-swapped", "E055", "two items of one length change places", &pack(|p| p.swap(0, 1)));
    with("item-flip", "E055", "a bit of an item was flipped", &pack(|p| p[0] = b"Tex4.\n".to_vec().into()));
    with("item-short", "E056", "an item of a byte less", &pack(|p| p[0] = b"Text.".to_vec().into()));
    with("item-long", "E056", "an item of a byte more", &pack(|p| p[0] = b"Text.\n\n".to_vec().into()));
    with("item-null", "E054", "null in place of an item", &pack(|p| p[0] = raw(cbor::NULL)));
    with("item-null-empty", "E054", "null in place of the empty file", &pack(|p| p[2] = raw(cbor::NULL)));
    with("item-empty", "E056", "an empty item", &pack(|p| p[0] = Vec::new().into()));
    with("item-text", "E061", "an item of text", &pack(|p| p[0] = "Text.\n".into()));
    with("item-array", "E061", "an array as an item", &pack(|p| p[0] = Cbor::Array(Vec::new())));
    with("item-undefined", "E061", "undefined as an item", &pack(|p| p[0] = raw([0xf7])));
    with("item-chunks", "E061", "an item in chunks", &pack(|p| p[0] = raw(b"\x5f\x46Text.\n\xff")));
    with("item-tag", "E061", "a tagged item", &pack(|p| p[0] = raw(b"\xc1\x46Text.\n")));
    with(
        "item-long-head",
        "E061",
        "an item with a long head",
        &pack(|p| p[0] = raw([&long_head(2, 6, 1)[..], b"Text.\n"].concat())),
    );
    with(
        "item-huge",
        "E061",
        "an item that says it has 2^64 - 1 bytes",
        &pack(|p| p[0] = raw(long_head(2, u64::MAX, 8))),
    );
    with(
        "item-beyond",
        "E061",
        "an item that says it has more bytes than the frame",
        &pack(|p| {
            let last = p.len() - 1;
            p[last] = raw(long_head(2, 100, 1));
        }),
    );
    with("array-long-head", "E061", "an array with a long head", &|a| a.packs[0] = raw([0x98, 0]));
    with("array-indefinite", "E061", "an array of indefinite length", &|a| a.packs[0] = raw([0x9f, 0xff]));
    with("array-map", "E061", "a map in place of an array", &|a| a.packs[0] = raw([0xa0]));
    with("array-null", "E061", "null in place of an array", &|a| a.packs[0] = raw(cbor::NULL));
    with("array-missing", "E061", "no array for the last statement", &|a| a.packs[1] = raw([]));
    with("array-extra", "E061", "an array more than there are statements", &|a| a.packs.push(Cbor::Array(Vec::new())));
    with("charter-files", "E061", "a file for the charter", &|a| a.packs[0] = Cbor::Array(vec![vec![1].into()]));
    with("trailing-zero", "E061", "a byte behind the items", &|a| a.packs.push(raw([0])));

    with("manifest-null", "E050", "null in place of a manifest", &|a| a.manifests[1] = raw(cbor::NULL));
    with("manifest-missing", "E061", "no item in place of a manifest", &|a| a.manifests[1] = raw([]));
    with("manifest-extra", "E061", "a manifest more than there are statements", &|a| a.manifests.push(vec![1].into()));
    with("manifest-of-charter", "E061", "a manifest for the charter", &|a| a.manifests[0] = vec![1].into());
    with("manifest-text", "E061", "a manifest of text", &|a| a.manifests[1] = "manifest".into());
    with("manifest-not-wrapped", "E061", "a manifest that isn't wrapped in a byte string", &|a| {
        let Cbor::Bytes(bytes) = a.manifests[1].clone() else { panic!() };
        a.manifests[1] = raw(bytes);
    });
    with("manifest-empty", "E052", "an empty manifest", &|a| a.manifests[1] = Vec::new().into());
    with("manifest-long", "E052", "a manifest of a byte more", &|a| {
        let Cbor::Bytes(bytes) = &mut a.manifests[1] else { panic!() };
        bytes.push(0);
    });
    with("manifest-short", "E052", "a manifest of a byte less", &|a| {
        let Cbor::Bytes(bytes) = &mut a.manifests[1] else { panic!() };
        bytes.pop();
    });
    with("manifest-flip", "E051", "a bit of a manifest was flipped", &|a| {
        let Cbor::Bytes(bytes) = &mut a.manifests[1] else { panic!() };
        *bytes.last_mut().unwrap() ^= 1;
    });
    with("manifest-long-head", "E061", "a manifest with a long head", &|a| {
        let Cbor::Bytes(bytes) = a.manifests[1].clone() else { panic!() };
        a.manifests[1] = raw([&long_head(2, bytes.len() as u64, 4)[..], &bytes].concat());
    });
    with("manifest-huge", "E061", "a manifest that says it has more than 16 MiB", &|a| {
        a.manifests[1] = raw(long_head(2, (16 << 20) + 1, 4));
    });
    let spec = Spec::new(vec![Version::text(1, "first", "One.\n"), Version::text(2, "first", "Two.\n")]);
    let mut swapped = spec.build();
    swapped.manifests.swap(1, 2);
    set.archive("pack/manifests-swapped", "E051", "the manifests of two versions change places", &swapped);
}

/// What stands beside a statement that says nothing about it.
fn beside_unknown(set: &mut Set) {
    let spec = super::small();
    let unknown = |n: usize, stage: Stage<'_>| {
        if let (2, Stage::Header(h)) = (n, stage) {
            *h = header("later", ARCHIVIST.public(), crate::archive::ORIGIN, "x");
        }
    };
    let good = spec.build_with(&unknown);
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Archive)| {
        let mut archive = good.clone();
        edit(&mut archive);
        set.archive(&format!("pack/{name}"), expected, about, &archive);
    };
    with("unknown-kind-null", "U002", "null and no files beside a statement of an unknown kind", &|a| {
        a.manifests[2] = raw(cbor::NULL);
        a.packs[2] = Cbor::Array(Vec::new());
    });
    with("unknown-kind-any", "U002", "a manifest and files beside a statement of an unknown kind", &|a| {
        a.manifests[2] = vec![1].into();
        a.packs[2] = Cbor::Array(vec![vec![1].into(), raw(cbor::NULL), Vec::new().into()]);
    });
    with("unknown-kind-text", "E061", "text beside a statement of an unknown kind", &|a| a.manifests[2] = "x".into());
    with(
        "unknown-kind-large",
        "E061",
        "a file of 65,537 bytes in the pack, beside a statement of an unknown kind",
        &|a| {
            a.packs[2] = Cbor::Array(vec![vec![1; 65_537].into()]);
        },
    );
}
