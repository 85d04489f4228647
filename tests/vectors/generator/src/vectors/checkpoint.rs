//! Checkpoints that are malformed, of something else, or signed by somebody else.

use base64ct::{Base64, Encoding};

use super::{chain, small};
use crate::Set;
use crate::archive::{ALL_ROLES, ORIGIN, hex, line, line_of, note};
use crate::keys::{ARCHIVIST, IDENTITY, Key, LOG, STEWARD, STRANGER, add_order, point};

pub(super) fn add(set: &mut Set) {
    form(set);
    lines(set);
    signers(set);
    seen(set);
}

/// Makes the text of a checkpoint anew from the lines of the right one: the note, and the signature line with its LF.
fn with(set: &mut Set, name: &str, expected: &str, about: &str, edit: impl Fn(&str, &str) -> Vec<u8>) {
    let archive = small().build();
    let note = archive.note();
    let mut tree = archive.tree();
    *tree.file("checkpoint") = edit(&note, &line(ORIGIN, LOG, &note));
    set.tree(&format!("checkpoint/{name}"), expected, about, &tree);
}

/// The same with another note, signed as it is.
fn resigned(set: &mut Set, name: &str, expected: &str, about: &str, edit: impl Fn(&str) -> String) {
    with(set, name, expected, about, |note, _| {
        let note = edit(note);
        format!("{note}\n{}", line(ORIGIN, LOG, &note)).into_bytes()
    });
}

fn form(set: &mut Set) {
    let mut form = |name: &str, about: &str, edit: &dyn Fn(&str) -> String| resigned(set, name, "E010", about, edit);
    form("size-zero", "a size of 0", &|n| n.replace("\n3\n", "\n0\n"));
    form("size-leading-zero", "a size with a zero in front", &|n| n.replace("\n3\n", "\n03\n"));
    form("size-sign", "a size with a sign", &|n| n.replace("\n3\n", "\n+3\n"));
    form("size-space", "a size with a space", &|n| n.replace("\n3\n", "\n 3\n"));
    form("size-hex", "a size in hex", &|n| n.replace("\n3\n", "\n0x3\n"));
    form("size-digits", "a size in digits that are not ASCII", &|n| n.replace("\n3\n", "\n\u{663}\n"));
    form("size-too-large", "a size of 2^32 + 1", &|n| n.replace("\n3\n", "\n4294967297\n"));
    form("size-overflow", "a size beyond 64 bits", &|n| n.replace("\n3\n", "\n18446744073709551619\n"));
    form("root-short", "a root of 31 bytes", &|_| note(ORIGIN, 3, &[7; 31]));
    form("root-long", "a root of 33 bytes", &|_| note(ORIGIN, 3, &[7; 33]));
    form("root-padding", "a root in base64 without padding", &|n| n.replace("=\n", "\n"));
    form("root-unused-bits", "a root in base64 whose unused bits are not zero", &|n| {
        let at = n.len() - 3;
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let last = alphabet.find(&n[at..=at]).unwrap() + 1;
        format!("{}{}=\n", &n[..at], &alphabet[last..=last])
    });
    form("root-url-alphabet", "a root in the URL alphabet of base64", &|_| {
        note(ORIGIN, 3, &[0xfb; 32]).replace('+', "-").replace("/v", "_v")
    });
    form("root-hex", "a root in hex", &|n| format!("{ORIGIN}\n3\n{}\n", hex(n.as_bytes())));
    form("two-lines", "a note without a root", &|_| format!("{ORIGIN}\n3\n"));
    form("extension", "a fourth line, which tlog-checkpoint allows", &|n| format!("{n}an extension\n"));
    form("origin-upper-case", "an origin in upper case", &|n| n.to_uppercase());
    form("origin-empty", "an empty origin", &|n| n.replace(ORIGIN, ""));
    form("origin-space", "an origin with a space behind it", &|n| n.replace(ORIGIN, &format!("{ORIGIN} ")));
    form("origin-cosignature", "an origin that is the first line of a cosignature's message", &|n| {
        n.replace(ORIGIN, "cosignature/v1")
    });
    form("origin-long", "an origin of 256 characters", &|n| n.replace(ORIGIN, &"o".repeat(256)));
    form("carriage-returns", "lines that end with CR LF", &|n| n.replace('\n', "\r\n"));

    let mut form = |name: &str, about: &str, edit: &dyn Fn(&str, &str) -> Vec<u8>| with(set, name, "E010", about, edit);
    form("empty", "no byte", &|_, _| Vec::new());
    form("no-signature", "no signature line", &|note, _| note.into());
    form("no-signature-line", "an empty line and no signature line", &|note, _| format!("{note}\n").into());
    form("no-empty-line", "no empty line", &|note, line| format!("{note}{line}").into());
    form("two-empty-lines", "two empty lines", &|note, line| format!("{note}\n\n{line}").into());
    form("no-line-end", "no LF at the end", &|note, line| format!("{note}\n{}", line.trim_end()).into());
    form("line-after", "an empty line at the end", &|note, line| format!("{note}\n{line}\n").into());
    form("bom", "a byte order mark", &|note, line| format!("\u{feff}{note}\n{line}").into());
    form("nul", "a NUL at the end", &|note, line| format!("{note}\n{line}\0").into());
    form("not-utf8", "a key name that is not UTF-8", &|note, line| {
        [note.as_bytes(), b"\n", line.as_bytes(), b"\xe2\x80\x94 \xff AAAAAAA=\n"].concat()
    });
    form("too-large", "more than 65,536 bytes", &|note, line| {
        format!("{note}\n{line}{}", line_of("w", STRANGER, &[0; 49_152])).into()
    });
    form("65-lines", "65 signature lines", &|note, line| {
        let others: String = (0..64).map(|n| line_of(&format!("w{n}"), STRANGER, &[n; 64])).collect();
        format!("{note}\n{line}{others}").into()
    });
}

fn lines(set: &mut Set) {
    let mut odd = |name: &str, about: &str, edit: &dyn Fn(&str) -> String| {
        with(set, name, "E010", about, |note, line| format!("{note}\n{}", edit(line)).into());
    };
    odd("hyphen", "a hyphen in place of the dash", &|line| line.replace('\u{2014}', "-"));
    odd("en-dash", "another dash", &|line| line.replace('\u{2014}', "\u{2013}"));
    odd("two-spaces", "two spaces", &|line| line.replace("\u{2014} ", "\u{2014}  "));
    odd("space-at-end", "a space at the end of a signature line", &|line| line.replace('\n', " \n"));
    odd("no-name", "a signature line without a name", &|line| line.replace(ORIGIN, ""));
    odd("name-plus", "a key name with a plus", &|line| line.to_owned() + &line_of("w+w", STRANGER, &[1; 64]));
    odd("name-tab", "a key name with a tab", &|line| line.to_owned() + &line_of("w\tw", STRANGER, &[1; 64]));
    odd("name-control", "a key name with a control character", &|line| {
        line.to_owned() + &line_of("w\u{1}", STRANGER, &[1; 64])
    });
    odd("name-no-break-space", "a key name with a no-break space", &|line| {
        line.to_owned() + &line_of("w\u{a0}w", STRANGER, &[1; 64])
    });
    odd("name-line-separator", "a key name with a line separator", &|line| {
        line.to_owned() + &line_of("w\u{2028}w", STRANGER, &[1; 64])
    });
    odd("name-next-line", "a key name with U+0085", &|line| line.to_owned() + &line_of("w\u{85}w", STRANGER, &[1; 64]));
    odd("signature-empty", "a line with a key id alone", &|line| line.to_owned() + &line_of("w", STRANGER, b""));
    odd("signature-missing", "a line without a signature", &|line| format!("{line}\u{2014} w\n"));
    odd("signature-space", "white space in base64", &|line| line.replace("=", " ="));
    odd("signature-no-padding", "base64 of a signature without padding", &|line| line.replace('=', ""));
    odd("signature-more-padding", "base64 of a signature with further padding", &|line| line.replace('=', "===="));
    odd("signature-unused-bits", "base64 of an unknown signature with unused bits that are not zero", &|line| {
        let other = line_of("w", STRANGER, &[0; 66]);
        assert!(other.ends_with("AA==\n"));
        line.to_owned() + &other.replace("AA==\n", "AB==\n")
    });
    odd("signature-url-alphabet", "base64 of an unknown signature in the URL alphabet", &|line| {
        line.to_owned() + &line_of("w", STRANGER, &[0xff; 65]).replace('/', "_")
    });
    with(set, "repeated", "E014", "the log's line twice", |note, line| format!("{note}\n{line}{line}").into());
    with(set, "repeated-unknown", "E014", "an unknown key's line twice, with different signatures", |note, line| {
        let (a, b) = (line_of("w", STRANGER, &[1; 64]), line_of("w", STRANGER, &[2; 64]));
        format!("{note}\n{line}{a}{b}").into()
    });
    with(set, "repeated-bad", "E014", "the log's line, and one of its key id that doesn't verify", |note, line| {
        format!("{note}\n{line}{}", line_of(ORIGIN, LOG, &[0; 64])).into()
    });
}

fn signers(set: &mut Set) {
    let signed = |set: &mut Set, name: &str, expected: &str, about: &str, make: &dyn Fn(&str) -> String| {
        with(set, name, expected, about, |note, _| format!("{note}\n{}", make(note)).into());
    };
    let bad = |set: &mut Set, name: &str, about: &str, make: &dyn Fn(&str) -> Vec<u8>| {
        signed(set, name, "E013", about, &|note| line_of(ORIGIN, LOG, &make(note)));
    };
    bad(set, "signature-flip", "a bit of the log's signature was flipped", &|note| flip(LOG, note, 5));
    bad(set, "signature-flip-s", "a bit of the S of the log's signature was flipped", &|note| flip(LOG, note, 40));
    bad(set, "signature-zero", "a signature of zeros", &|_| vec![0; 64]);
    bad(set, "signature-short", "a signature of 63 bytes", &|note| LOG.sign(note.as_bytes())[..63].to_vec());
    bad(set, "signature-long", "a signature of 65 bytes", &|note| [&LOG.sign(note.as_bytes())[..], &[0]].concat());
    bad(set, "s-plus-l", "S is not below L", &|note| {
        let mut signature = LOG.sign(note.as_bytes());
        add_order(&mut signature);
        signature.to_vec()
    });
    bad(set, "r-identity", "R is the neutral element; the equation holds", &|note| {
        LOG.sign_with_r(IDENTITY, note.as_bytes()).to_vec()
    });
    bad(set, "r-not-canonical", "R is the neutral element in a second encoding", &|note| {
        LOG.sign_with_r(point(0xee, 0xff, 0x7f), note.as_bytes()).to_vec()
    });
    bad(set, "signature-with-line-end", "a signature over the note without its last line end", &|note| {
        LOG.sign(note.trim_end().as_bytes()).to_vec()
    });
    bad(set, "signature-of-statement", "the log key's signature over a statement", &|_| {
        LOG.sign(b"\x84\x6aSignature1").to_vec()
    });
    bad(set, "signature-of-other-log", "the log key's signature over another root", &|_| {
        LOG.sign(note(ORIGIN, 3, &[1; 32]).as_bytes()).to_vec()
    });
    signed(set, "signer-stranger", "E012", "signed by a key of no charter", &|note| line(ORIGIN, STRANGER, note));
    signed(set, "signer-archivist", "E012", "signed by a key without the role log", &|note| {
        line(ORIGIN, ARCHIVIST, note)
    });
    signed(set, "signer-steward", "E012", "signed by the founder, who has not the role log", &|note| {
        line(ORIGIN, STEWARD, note)
    });
    signed(set, "signer-name", "E012", "signed by the log key under another name", &|note| {
        line("other.example", LOG, note)
    });
    signed(set, "signer-key-id", "E012", "signed by the log key under a key id that isn't its own", &|note| {
        let decoded = [&[1, 2, 3, 4][..], &LOG.sign(note.as_bytes())].concat();
        format!("\u{2014} {ORIGIN} {}\n", Base64::encode_string(&decoded))
    });
    let mut spec = small();
    spec.keys.push((Key(5), "Laura", ALL_ROLES));
    let archive = spec.build();
    let text = archive.note();
    let mut tree = archive.tree();
    let lines = line(ORIGIN, LOG, &text) + &line_of(ORIGIN, Key(5), &Key(5).sign(b"another note"));
    *tree.file("checkpoint") = format!("{text}\n{lines}").into_bytes();
    set.tree("checkpoint/signer-beside", "E013", "a bad line of one log key beside another's good one", &tree);

    resigned(set, "other-origin", "E011", "a checkpoint of another origin", |n| {
        n.replace(ORIGIN, "vectors.example/other")
    });
    with(set, "other-origin-whole", "E011", "another origin's checkpoint, under that name", |n, _| {
        let n = n.replace(ORIGIN, "vectors.example/other");
        format!("{n}\n{}", line("vectors.example/other", LOG, &n)).into()
    });
    resigned(set, "other-root", "E015", "a root that is not that of the statements, signed by the log", |_| {
        note(ORIGIN, 3, &[1; 32])
    });
    with(
        set,
        "other-root-unsigned",
        "E013",
        "a root that is not that of the statements, with the old signature",
        |_, line| format!("{}\n{line}", note(ORIGIN, 3, &[1; 32])).into(),
    );
    resigned(set, "size-less", "E003", "a size that is less than the statements there are, signed by the log", |n| {
        n.replace("\n3\n", "\n2\n")
    });
    resigned(set, "size-more", "E003", "a size that is more than the statements there are, signed by the log", |n| {
        n.replace("\n3\n", "\n4\n")
    });
    resigned(set, "size-2-to-32", "E003", "the largest size, signed by the log", |n| {
        n.replace("\n3\n", "\n4294967296\n")
    });
}

fn flip(key: Key, note: &str, at: usize) -> Vec<u8> {
    let mut signature = key.sign(note.as_bytes()).to_vec();
    signature[at] ^= 1;
    signature
}

/// What only one who saw another checkpoint can tell.
fn seen(set: &mut Set) {
    let whole = chain().build();
    let seen = Some((5, hex(&whole.root())));
    let mut old = whole.clone();
    old.truncate(3);
    old.large.clear();
    set.archive("checkpoint/old", "", "a truncated log with its old checkpoint: by itself nothing is wrong", &old);
    set.another("checkpoint/rolled-back", "checkpoint/old", "E082", "a truncated log with its old checkpoint").seen =
        seen.clone();
    let mut spec = chain();
    spec.versions[3] = super::Version::text(1, "correction", "Another three.\n");
    let fork = spec.build();
    set.archive("checkpoint/other-history", "", "the last statement is another one: by itself nothing is wrong", &fork);
    set.another("checkpoint/forked", "checkpoint/other-history", "E083", "a fork of the same size").seen = seen.clone();
    let vector = set.another("checkpoint/forked-before", "checkpoint/other-history", "", "seen before the fork");
    vector.seen = Some((3, hex(&old.root())));
    spec.versions.push(super::Version::text(3, "first", "More.\n"));
    set.archive("checkpoint/other-longer", "", "a longer log with another history", &spec.build());
    set.another("checkpoint/forked-longer", "checkpoint/other-longer", "E083", "a fork that is longer").seen = seen;
    let vector =
        set.another("checkpoint/other-archive", "good/small", "E080", "another archive than the one that is trusted");
    vector.archive = Some("00".repeat(32));
    let vector =
        set.another("checkpoint/other-founder", "good/small", "E081", "another founder than the one who is trusted");
    vector.founder = Some(hex(&STRANGER.public()));
}
