//! Archives in which nothing is wrong, up to the edges of what the format allows.

use super::{chain, files, large, small};
use crate::Set;
use crate::archive::{ALL_ROLES, Archive, File, ORIGIN, Spec, Stage, Version, header, line, line_of};
use crate::cbor::{self, Cbor, map, map_of};
use crate::frame::{Block, RAW, RLE, RawFrame};
use crate::keys::{ARCHIVIST, Key, LOG, STEWARD, STRANGER};

pub(super) fn add(set: &mut Set) {
    set.archive("good/charter", "", "a charter alone: the root is the archive's id", &Spec::new(Vec::new()).build());
    set.archive("good/small", "", "an article in two versions", &small().build());
    set.archive("good/chain", "", "two articles, one of them in three versions", &chain().build());
    set.archive("good/files", "", "small files, an empty one and one of more than 65,536 bytes", &files().build());
    set.archive(
        "good/articles",
        "",
        "three articles, with media, a compressed large file and one as it is",
        &articles(),
    );
    tiles(set);
    keys(set);
    set.archive(
        "good/manifests",
        "",
        "every field of a manifest, and values at the edges of what is allowed",
        &manifests(),
    );
    frames(set);
    checkpoints(set);
    repeats(set);
}

fn articles() -> Archive {
    let recorded = include_bytes!("../../frames/words.zst");
    let mut text = Vec::new();
    // The content is made of repeated lines so that the bundle compresses in a repository.
    (0..2400).for_each(|n| text.extend(format!("Line {:04} of the capture.....\n", n % 7).bytes()));
    let photo = File::new("photo.bin", "media", vec![0, 255, 10, 13, 0]);
    Spec::new(vec![
        Version::new(
            1,
            "first",
            vec![
                File::new("capture.html", "capture", "<p>The first article\n"),
                File::new("text.md", "text", "The first article\n"),
                photo.clone(),
            ],
        ),
        Version::new(
            2,
            "first",
            vec![
                File { frame: Some(recorded.to_vec()), ..File::new("words.txt", "capture", words()) },
                File::new("same.txt", "attachment", "The first article\n"),
            ],
        ),
        Version::new(1, "source", vec![File::new("text.md", "text", "The first article, changed\n"), photo]),
        Version::new(3, "first", vec![File::new("large.txt", "capture", text.clone())]),
        Version::new(3, "recapture", vec![File::new("large again.txt", "capture", text)]),
        Version::new(2, "extraction", vec![large("other", b'o')]),
        Version::new(1, "correction", vec![File::new("text.md", "text", "The first article, changed\n")]),
    ])
    .build()
}

/// What `frames/words.zst` holds, as libzstd compressed it: words in an order that a small generator gives.
fn words() -> Vec<u8> {
    let words: Vec<_> =
        "the log of an archive is a tree of statements and each statement names a manifest whose files are here"
            .split(' ')
            .collect();
    let (mut state, mut out) = (1u64, Vec::new());
    while out.len() < super::LARGE {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        out.extend(format!("{} ", words[(state >> 16) as usize % words.len()]).bytes());
    }
    out
}

fn tiles(set: &mut Set) {
    let versions = (0..257).map(|n| Version::text(n % 100, if n < 100 { "first" } else { "source" }, "Text.\n"));
    let archive = Spec::new(versions.collect()).build();
    let mut full = archive.clone();
    full.truncate(256);
    set.archive("good/full-tile", "", "256 statements: full tiles alone, and a first hash of level 1", &full);
    set.archive("good/two-tiles", "", "258 statements: a full tile and a partial one", &archive);
    set.another("good/seen-itself", "good/two-tiles", "", "the checkpoint that was seen is the same").seen =
        Some((258, crate::archive::hex(&archive.root())));
    for size in [1, 200, 256, 257] {
        let mut before = archive.clone();
        before.truncate(size);
        let name = format!("good/seen-at-{size}");
        let about = format!("the checkpoint that was seen is that of the first {size} statements");
        let vector = set.another(&name, "good/two-tiles", "", &about);
        vector.seen = Some((size as u64, crate::archive::hex(&before.root())));
    }
    let vector = set.another("good/trusted-archive", "good/small", "", "the archive is the one that is trusted");
    vector.archive = Some(crate::archive::hex(&small().build().id(0)));
    let vector = set.another("good/trusted-founder", "good/small", "", "the founder is the one who is trusted");
    vector.founder = Some(crate::archive::hex(&STEWARD.public()));
}

fn keys(set: &mut Set) {
    let mut spec = small();
    let (a, l) = (Key(21), Key(22));
    spec.keys.extend([(a, "Ada", ALL_ROLES), (l, "Ada", &["log"][..])]);
    spec.threshold = 2;
    spec.versions[1].signer = a;
    let archive = spec.build();
    let note = archive.note();
    let mut tree = archive.tree();
    let lines: String = [LOG, a, l].iter().map(|key| line(ORIGIN, *key, &note)).collect();
    *tree.file("checkpoint") = format!("{note}\n{lines}").into_bytes();
    set.tree(
        "good/several-keys",
        "",
        "two archivists, two stewards of whom two must agree, three keys sign the checkpoint",
        &tree,
    );

    let mut spec = small();
    spec.keys = vec![(STEWARD, "Everybody", ALL_ROLES)];
    spec.versions.iter_mut().for_each(|version| version.signer = STEWARD);
    set.archive("good/one-key", "", "one key holds all roles", &spec.build());

    let mut spec = small();
    spec.keys.extend((100..161).map(|n| (Key(n), "Somebody", &["archivist"][..])));
    let name = Box::leak("n".repeat(1024).into_boxed_str());
    spec.keys[1].1 = name;
    spec.title = name;
    set.archive(
        "good/64-keys",
        "",
        "as many keys as a charter may have, a name and title as long as they may be",
        &spec.build(),
    );

    let origin: &str = Box::leak(["a-z_0.9/", &"o".repeat(247)].concat().into_boxed_str());
    let spec = Spec { origin, ..small() };
    set.archive("good/long-origin", "", "an origin of 255 characters", &spec.build());

    let alg = |n: usize, stage: Stage<'_>| {
        if let (1.., Stage::Header(header)) = (n, stage) {
            header.set(1, Cbor::Negative(18));
        }
    };
    set.archive("good/alg-19", "", "the algorithm is written -19 (RFC 9864)", &small().build_with(&alg));

    let mut spec = small();
    spec.keys[1].2 = &["steward"];
    let public = ARCHIVIST.public_with_torsion();
    let torsion = move |n: usize, stage: Stage<'_>| match (n, stage) {
        (0, Stage::Payload(charter)) => {
            let mut key = charter.get("keys").at(1).clone();
            key.set("key", public);
            key.set("roles", Cbor::Array(vec!["archivist".into()]));
            charter.get("keys").items()[1] = key;
            charter.set("threshold", 1);
        }
        (1.., Stage::Header(header)) => header.set(4, public),
        (1.., Stage::Signature(message, signature)) => {
            *signature = ARCHIVIST.sign_by_torsion_key(true, message).to_vec();
        }
        _ => {}
    };
    let about = "the archivist's key has a component of order 8, and its signatures verify without the cofactor";
    set.archive("good/key-with-torsion", "", about, &spec.build_with(&torsion));
}

fn manifests() -> Archive {
    let text = |n: usize| -> &'static str { Box::leak("p".repeat(n).into_boxed_str()) };
    let mut versions: Vec<_> = (0..2).map(|n| Version::text(n, "first", "Text.\n")).collect();
    let paths = [text(1024), "...", "a/b/c", " ", "a b", "Стаття", "\u{85}", "..a/.b", "CON", "%2e%2e"];
    versions.push(Version::new(2, "first", paths.iter().map(|path| File::new(path, "attachment", *path)).collect()));
    let edtf = [
        "2026",
        "XXXX",
        "2026-11",
        "2026-XX",
        "XXXX-09-05",
        "XXXX-02-29",
        "2024-02-29",
        "0000-02-29",
        "2026-XX-31",
        "XXXX-XX-XX",
        "2026-11-23T10:00:00",
        "2026-11-23T23:59:59Z",
        "2026-11-23T10:00:00+23:59",
        "9999-12-31T00:00:00-00:00",
    ];
    versions.extend((0..edtf.len() as u64).map(|n| Version::text(10 + n, "first", "Text.\n")));
    let edit = |n: usize, stage: Stage<'_>| {
        let Stage::Manifest(m) = stage else { return };
        match n {
            1 => {
                let texts = |key: &str| Cbor::Array(vec![format!("{key} b").into(), format!("{key} a").into()]);
                for key in ["note", "title", "rights", "summary", "publisher"] {
                    m.set(key, format!("The {key} — \u{202e}\u{7}"));
                }
                m.set("tags", texts("tag"));
                m.set("authors", texts("author"));
                m.set("language", "sr-Cyrl-RS");
                m.set("published", "XXXX-09-05");
                m.set("modified", "2026-11-23T10:00:00+02:00");
                let captured = [("at", "0000-01-01T00:00:00Z"), ("url", "u"), ("via", "v"), ("tool", "t")];
                m.set("captured", map(captured.map(|(key, value)| (key, value.into()))));
                let kind = map([("id", [7; 32].into()), ("kind", "ocr".into()), ("tool", "t".into())]);
                m.set("derived_from", kind);
                m.set("provenance", map([("title", "t".into()), ("b", "b".into())]));
                m.get("files").at(0).set("original_name", "../../etc/passwd");
            }
            2 => {
                m.set("extra", map_of((0..256).map(|n| (format!("{n}"), "x".into()))));
                m.set("provenance", map_of((0..256).map(|n| (format!("{n}"), "y".into()))));
                m.set("language", "l".repeat(64));
                m.set("signed_at", "9999-12-31T23:59:59Z");
            }
            4.. => m.set("published", edtf[n - 4]),
            _ => {}
        }
    };
    Spec::new(versions).build_with(&edit)
}

fn frames(set: &mut Set) {
    let archive = small().build();
    let content = |items: &[Cbor]| items.iter().flat_map(Cbor::encode).collect::<Vec<_>>();
    let (manifests, packs) = (content(&archive.manifests), content(&archive.packs));
    let mut tree = archive.tree();
    let mut wide = RawFrame::new(&manifests).with_window(13 << 3); // 2^23
    wide.size = Some((8, manifests.len() as u64));
    *tree.file("tile/manifests") = wide.to_bytes();
    let mut pieces = RawFrame::new(&packs);
    let block = |bytes: &[u8]| Block { last: false, kind: RAW, size: bytes.len() as u32, bytes: bytes.to_vec() };
    pieces.blocks = packs.chunks(5).map(block).collect();
    pieces.blocks.insert(2, block(b""));
    pieces.blocks.push(Block { last: true, ..block(b"") });
    pieces.size = Some((4, packs.len() as u64));
    *tree.file("tile/packs") = pieces.to_bytes();
    let about = "frames with other forms of size and window, empty blocks, a last block of no bytes";
    set.tree("good/frames", "", about, &tree);

    let mut spec = small();
    let boundary = vec![b'b'; 65_536];
    let content = RawFrame::repeat(b'c', 65_537).to_bytes();
    spec.versions[1].files = vec![
        File::new("small", "media", boundary.clone()),
        File { frame: Some(content), ..File::new("large", "media", vec![b'c'; 65_537]) },
    ];
    let archive = spec.build();
    let mut tree = archive.tree();
    let packs: Vec<u8> = archive.packs.iter().flat_map(Cbor::encode).collect();
    let before = packs.len() - boundary.len();
    let mut frame = RawFrame::new(&packs);
    let last = Block { last: true, kind: RLE, size: 65_536, bytes: vec![b'b'] };
    frame.blocks = vec![block(&packs[..before]), last];
    *tree.file("tile/packs") = frame.to_bytes();
    set.tree("good/sizes", "", "a file of 65,536 bytes in the pack, and one of 65,537 below files/", &tree);
}

fn checkpoints(set: &mut Set) {
    let archive = small().build();
    let note = archive.note();
    let mut with = |name: &str, expected: &str, about: &str, lines: &[String]| {
        let mut tree = archive.tree();
        *tree.file("checkpoint") = format!("{note}\n{}", lines.concat()).into_bytes();
        set.tree(name, expected, about, &tree);
    };
    let ours = line(ORIGIN, LOG, &note);
    let witness = line_of("witness.example/w", STRANGER, &[4; 72]);
    with("good/unknown-line", "", "a line by an unknown key, before the log's", &[witness, ours.clone()]);
    let other = line("vectors.example/other", LOG, "another note\n");
    with(
        "good/unknown-name",
        "",
        "a line with the log key's bytes but another name is not ours",
        &[ours.clone(), other],
    );
    let steward = line_of(ORIGIN, STEWARD, &[0; 64]);
    let stranger = line(ORIGIN, STRANGER, &note);
    with("good/unknown-key", "W003", "a line in the log's name by a stranger", &[ours.clone(), stranger]);
    with("good/unknown-role", "W003", "a bad line by a key without the role log is not ours", &[ours.clone(), steward]);
    let name: String = ["w\u{7f}\u{301}é!", &"w".repeat(300)].concat();
    with(
        "good/odd-name",
        "",
        "a key name with odd characters that are allowed",
        &[ours.clone(), line_of(&name, STRANGER, &[1])],
    );
    let many: Vec<_> = (0..63).map(|n| line_of(&format!("w{n}"), STRANGER, &[n; 70])).collect();
    with("good/64-lines", "", "as many signature lines as there may be", &[vec![ours], many].concat());
}

fn repeats(set: &mut Set) {
    let photo = File::new("photo", "media", "photo\n");
    let twice = File { path: "photo again", ..photo.clone() };
    let spec = Spec::new(vec![
        Version::new(1, "first", vec![photo.clone(), twice, large("a", b'x'), large("b", b'x')]),
        Version::new(2, "first", vec![photo, large("c", b'x')]),
    ]);
    set.archive(
        "good/same-file",
        "",
        "the same files more than once: in a pack once a version, below files/ once",
        &spec.build(),
    );

    let unknown = |n: usize, stage: Stage<'_>| match (n, stage) {
        (1, Stage::Header(h)) => *h = header("of-another-time", ARCHIVIST.public(), ORIGIN, "anything"),
        (1, Stage::Payload(payload)) => *payload = cbor::raw(b"not cbor"),
        _ => {}
    };
    let mut archive = Spec::new(vec![Version::text(1, "first", "One.\n"), Version::text(2, "first", "Two.\n")]);
    archive.versions.push(Version::text(2, "source", "Three.\n"));
    let about =
        "an unknown kind, of whose payload and subject nothing is checked; it has a manifest and a file beside it";
    let archive = archive.build_with(&unknown);
    set.archive("good/unknown-kind", "U002", about, &archive).statement = Some(1);
}
