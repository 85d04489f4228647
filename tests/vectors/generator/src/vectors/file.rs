//! Files that are kept by themselves.

use super::{LARGE, Version, cut, files, large};
use crate::Set;
use crate::archive::{File, Spec, Stage, Tree, file_name, sha256};
use crate::frame::{Block, RAW, RLE, RawFrame, frame};

/// Frames whose content is right, in blocks that are larger than a block may be: 128 KiB, and the window.
fn blocks(set: &mut Set) {
    let mut with = |name: &str, about: &str, size: usize, edit: &dyn Fn(&mut RawFrame)| {
        let mut frame = RawFrame::repeat(b'x', size);
        frame.blocks = vec![Block { last: true, kind: RLE, size: size as u32, bytes: vec![b'x'] }];
        edit(&mut frame);
        let file = File { frame: Some(frame.to_bytes()), ..File::new("large", "media", vec![b'x'; size]) };
        let archive = Spec::new(vec![Version::new(1, "first", vec![file])]).build();
        set.archive(&format!("file/{name}"), "E060", about, &archive);
    };
    let raw = |frame: &mut RawFrame| {
        let block = &mut frame.blocks[0];
        (block.kind, block.bytes) = (RAW, vec![b'x'; block.size as usize]);
    };
    with("block-raw", "a raw block of 128 KiB and a byte", (128 << 10) + 1, &raw);
    with("block-repeated", "a repeated block of 128 KiB and a byte", (128 << 10) + 1, &|_| {});
    with("block-repeated-largest", "a repeated block of as many bytes as can be written", (1 << 21) - 1, &|_| {});
    with("block-raw-window", "a raw block that is larger than the window", LARGE, &|frame| {
        raw(frame);
        *frame = frame.clone().with_window(6 << 3);
    });
    with("block-repeated-window", "a repeated block that is larger than the window", LARGE, &|frame| {
        *frame = frame.clone().with_window(6 << 3);
    });
}

/// A large file that nobody can tell to belong to nothing.
fn unnamed(set: &mut Set) {
    let archive = files().build_with(&|n, stage| {
        if let (1, Stage::Signature(_, signature)) = (n, stage) {
            signature[0] ^= 1;
        }
    });
    let about =
        "a large file of a version with a bad signature: it isn't one too many, for what that names isn't known";
    set.archive("file/of-bad-signature", "E040", about, &archive).statement = Some(1);
}

pub(super) fn add(set: &mut Set) {
    unnamed(set);
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Tree)| {
        let mut tree = files().build().tree();
        edit(&mut tree);
        set.tree(&format!("file/{name}"), expected, about, &tree);
    };
    let digest = sha256(&[b'x'; LARGE]);
    let plain = file_name(&digest, false);
    with("missing", "E054", "a large file is missing", &|t| t.remove("files/"));
    with("both-forms", "E007", "a large file as it is and compressed", &|t| t.put(&plain, vec![b'x'; LARGE]));
    with("other-content", "E055", "a compressed file of the right size with other content", &|t| {
        *t.file("files/") = RawFrame::repeat(b'y', LARGE).to_bytes();
    });
    with("other-size", "E056", "a compressed file of another size", &|t| {
        *t.file("files/") = RawFrame::repeat(b'x', LARGE + 1).to_bytes();
    });
    with("smaller", "E056", "a compressed file of a byte less", &|t| {
        *t.file("files/") = RawFrame::repeat(b'x', LARGE - 1).to_bytes();
    });
    with("zst-size", "E056", "a frame of the right content that gives another size", &|t| {
        let mut frame = RawFrame::repeat(b'x', LARGE).with_window(8 << 3);
        frame.size = Some((4, LARGE as u64 + 1));
        *t.file("files/") = frame.to_bytes();
    });
    with("zst-not-compressed", "E060", "a file named .zst that isn't compressed", &|t| {
        *t.file("files/") = vec![b'x'; LARGE]
    });
    with("plain-compressed", "E056", "a compressed file that isn't named .zst", &|t| {
        let frame = t.file("files/").clone();
        t.remove("files/");
        t.put(&plain, frame);
    });
    with("zst-empty", "E060", "an empty file in place of a frame", &|t| t.file("files/").clear());
    with("zst-bomb", "E056", "a frame that inflates to 64 MiB", &|t| {
        *t.file("files/") = RawFrame::repeat(b'x', 64 << 20).with_window(13 << 3).to_bytes();
    });
    with("zst-bomb-hidden", "E060", "a frame that inflates to 64 MiB and gives the right size", &|t| {
        let mut bomb = RawFrame::repeat(b'x', 64 << 20).with_window(13 << 3);
        bomb.size = Some((4, LARGE as u64));
        *t.file("files/") = bomb.to_bytes();
    });
    blocks(set);

    // As it is. One byte repeated, so that a repository compresses it.
    let spec = Spec::new(vec![Version::new(1, "first", vec![File::new("large", "media", vec![b'p'; 65_537])])]);
    let mut with = |name: &str, expected: &str, about: &str, edit: &dyn Fn(&mut Tree)| {
        let mut tree = spec.build().tree();
        edit(&mut tree);
        set.tree(&format!("file/{name}"), expected, about, &tree);
    };
    with("plain-flip", "E055", "a bit of a large file was flipped", &|t| t.file("files/")[40_000] ^= 1);
    with("plain-cut", "E056", "a large file of a byte less", &|t| cut(t.file("files/")));
    with("plain-more", "E056", "a large file of a byte more", &|t| t.file("files/").push(b'p'));
    with("plain-zst", "E060", "a large file that is named .zst", &|t| {
        let name = t.name("files/");
        let bytes = t.file("files/").clone();
        t.remove("files/");
        t.put(&format!("{name}.zst"), bytes);
    });

    // Two large files change places.
    let spec = Spec::new(vec![Version::new(1, "first", vec![large("a", b'a'), large("b", b'b')])]);
    let mut tree = spec.build().tree();
    let names: Vec<_> = tree.0.iter().rev().take(2).map(|(name, _)| name.clone()).collect();
    let (a, b) = (tree.file(&names[0]).clone(), tree.file(&names[1]).clone());
    *tree.file(&names[0]) = b;
    *tree.file(&names[1]) = a;
    set.tree("file/swapped", "E055", "two large files of one size change places", &tree);

    // Files that nothing names.
    let good = files().build().tree();
    let mut extra = |name: &str, about: &str, member: &str, bytes: Vec<u8>| {
        let mut tree = good.clone();
        tree.put(member, bytes);
        set.zip(&format!("file/{name}"), "E004", about, &tree.zip());
    };
    let other = [b'z'; LARGE];
    extra(
        "extra",
        "a large file that no manifest names",
        &file_name(&sha256(&other), true),
        RawFrame::repeat(b'z', LARGE).to_bytes(),
    );
    extra(
        "extra-small",
        "a small file below files/ that the pack has too",
        &file_name(&sha256(b"Text.\n"), false),
        b"Text.\n".to_vec(),
    );
    extra(
        "extra-small-zst",
        "a small file below files/, compressed",
        &file_name(&sha256(b"Text.\n"), true),
        frame(b"Text.\n"),
    );
    extra("extra-empty", "the empty file below files/", &file_name(&sha256(b""), false), Vec::new());

    // One digest, two sizes.
    let spec = Spec::new(vec![
        Version::new(1, "first", vec![large("a", b'x')]),
        Version::new(2, "first", vec![large("a", b'x')]),
    ]);
    let about = "a digest with another size than an earlier manifest gives";
    let first = set.vectors.len();
    set.stage(&spec, 2, "file/two-sizes", "E056", about, |stage| {
        if let Stage::Manifest(manifest) = stage {
            manifest.get("files").at(0).set("size", LARGE as u64 + 1);
        }
    });
    let spec = files();
    set.stage(&spec, 1, "file/size-less", "E056", "the manifest gives a large file a byte less", |stage| {
        if let Stage::Manifest(manifest) = stage {
            manifest.get("files").at(3).set("size", LARGE as u64 - 1);
        }
    });
    set.stage(&spec, 1, "file/size-largest", "E056", "the manifest gives a large file the largest size", |stage| {
        if let Stage::Manifest(manifest) = stage {
            manifest.get("files").at(3).set("size", (1 << 53) - 1);
        }
    });
    let small = |stage: Stage<'_>| {
        if let Stage::Manifest(manifest) = stage {
            manifest.get("files").at(0).set("size", LARGE as u64);
        }
    };
    set.stage(&spec, 1, "file/small-as-large", "E061", "the manifest calls a small file large", small);
    // These findings are about a file, whichever statement names it.
    set.vectors[first..].iter_mut().for_each(|vector| vector.statement = None);
}
