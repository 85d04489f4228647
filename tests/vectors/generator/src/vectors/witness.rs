//! Cosignatures of witnesses, and how many there are.

use base64ct::{Base64, Encoding};

use super::small;
use super::time::with;
use crate::archive::{Archive, ORIGIN, hex, line, note, sha256};
use crate::keys::{ANOTHER, DEPUTY, Key, LOG, STRANGER};
use crate::{Set, Vector};

const TIME: u64 = 1_780_000_000;
const FIRST: Witness = Witness("w1.example", STRANGER);
const SECOND: Witness = Witness("w2.example", DEPUTY);
const THIRD: Witness = Witness("w3.example", ANOTHER);

/// A witness's name and key.
#[derive(Clone, Copy)]
struct Witness(&'static str, Key);

impl Witness {
    fn key_id(self, kind: u8) -> [u8; 4] {
        let hash = sha256(&[self.0.as_bytes(), &[b'\n', kind], &self.1.public()].concat());
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn vkey(self) -> String {
        let typed = [&[4], &self.1.public()[..]].concat();
        format!("{}+{}+{}", self.0, hex(&self.key_id(4)), Base64::encode_string(&typed))
    }

    /// A line with these bytes behind a key id.
    fn raw(self, key_id: [u8; 4], bytes: &[u8]) -> String {
        format!("\u{2014} {} {}\n", self.0, Base64::encode_string(&[&key_id, bytes].concat()))
    }

    fn signature(self, time: u64, note: &str) -> [u8; 64] {
        self.1.sign(format!("cosignature/v1\ntime {time}\n{note}").as_bytes())
    }

    fn stamped(self, time: u64, note: &str) -> Vec<u8> {
        [&time.to_be_bytes()[..], &self.signature(time, note)].concat()
    }

    /// A good cosignature.
    fn line(self, note: &str) -> String {
        self.raw(self.key_id(4), &self.stamped(TIME, note))
    }
}

/// An archive whose checkpoint has further lines; the vector, which asks for this quorum of these witnesses.
fn cosigned<'a>(
    set: &'a mut Set,
    (name, expected, about): (&str, &str, &str),
    (quorum, of): (u64, &[Witness]),
    lines: impl Fn(&str) -> String,
) -> &'a mut Vector {
    let archive = small().build();
    let (text, mut tree) = (archive.note(), archive.tree());
    *tree.file("checkpoint") = format!("{text}\n{}{}", line(ORIGIN, LOG, &text), lines(&text)).into_bytes();
    let vector = set.tree(&format!("witness/{name}"), expected, about, &tree);
    asks(vector, quorum, of);
    vector
}

fn asks(vector: &mut Vector, quorum: u64, of: &[Witness]) {
    vector.witnesses = of.iter().map(|witness| witness.vkey()).collect();
    vector.quorum = (quorum > 0).then_some(quorum);
}

pub(super) fn add(set: &mut Set) {
    let all = [FIRST, SECOND, THIRD];
    let two = |note: &str| FIRST.line(note) + &SECOND.line(note);
    cosigned(set, ("one", "", "a cosignature of the one witness that was asked for"), (1, &all[..1]), |n| {
        FIRST.line(n)
    });
    let vector = set.another("witness/unasked", "witness/one", "", "the same, by who knows no witness");
    asks(vector, 0, &[]);
    cosigned(set, ("two", "", "cosignatures of two witnesses, two of three asked for"), (2, &all), two);
    let about = "cosignatures of two witnesses, three asked for";
    asks(set.another("witness/short-by-one", "witness/two", "E085", about), 3, &all);
    let about = "two known witnesses, of whom one cosigned; nobody asked for more";
    asks(set.another("witness/known", "witness/one", "", about), 0, &all[..2]);
    cosigned(set, ("none", "E085", "no cosignature, one asked for"), (1, &all), |_| String::new());

    let mut bad = |name: &str, about: &str, bytes: &dyn Fn(&str) -> Vec<u8>| {
        cosigned(set, (name, "E084", about), (0, &all[..1]), |note| FIRST.raw(FIRST.key_id(4), &bytes(note)));
    };
    bad("other-root", "a cosignature over another root", &|_| FIRST.stamped(TIME, &note(ORIGIN, 3, &[1; 32])));
    bad("other-size", "a cosignature over another size", &|n| FIRST.stamped(TIME, &n.replace("\n3\n", "\n2\n")));
    bad("other-time", "another time than the one that was signed", &|n| {
        [&(TIME + 1).to_be_bytes()[..], &FIRST.signature(TIME, n)].concat()
    });
    bad("time-too-late", "a time of 2^63", &|n| FIRST.stamped(1 << 63, n));
    bad("little-endian", "the time in little-endian order", &|n| {
        [&TIME.to_le_bytes()[..], &FIRST.signature(TIME, n)].concat()
    });
    bad("forged", "a cosignature by another key under the witness's name and key id", &|n| SECOND.stamped(TIME, n));
    bad("plain", "the witness's key signed the note itself, without a time", &|n| FIRST.1.sign(n.as_bytes()).to_vec());
    bad("with-signatures", "a cosignature over the note with its signatures", &|n| {
        FIRST.stamped(TIME, &format!("{n}\n{}", line(ORIGIN, LOG, n)))
    });
    bad("short", "a cosignature one byte short", &|n| FIRST.stamped(TIME, n)[..71].to_vec());
    bad("long", "a cosignature with a byte behind it", &|n| [&FIRST.stamped(TIME, n)[..], &[0]].concat());
    let edge = |note: &str| FIRST.raw(FIRST.key_id(4), &FIRST.stamped((1 << 63) - 1, note));
    cosigned(set, ("time-latest", "", "a time of 2^63 - 1"), (1, &all[..1]), edge);

    let mut unknown = |name: &str, about: &str, lines: &dyn Fn(&str) -> String| {
        cosigned(set, (name, "", about), (0, &all[..1]), lines);
        let again = format!("witness/{name}-asked");
        asks(set.another(&again, &format!("witness/{name}"), "E085", about), 1, &all[..1]);
    };
    unknown("unknown", "a cosignature by a witness that is not known", &|note| SECOND.line(note));
    unknown("other-name", "the witness's key under another name", &|note| Witness("w9.example", STRANGER).line(note));
    unknown("wrong-type", "a cosignature under the key id of a plain signature", &|note| {
        FIRST.raw(FIRST.key_id(1), &FIRST.stamped(TIME, note))
    });
    unknown("plain-line", "a plain signature by the witness's key, under its own key id", &|note| {
        line(FIRST.0, FIRST.1, note)
    });
    unknown("wrong-key-id", "a cosignature under a key id that is nobody's", &|note| {
        FIRST.raw([1, 2, 3, 4], &FIRST.stamped(TIME, note))
    });
    cosigned(set, ("repeated", "E014", "the witness's line twice"), (1, &all[..1]), |note| FIRST.line(note).repeat(2));
    let about = "the witness's line twice, with different times";
    cosigned(set, ("repeated-later", "E014", about), (1, &all[..1]), |note| {
        FIRST.line(note) + &FIRST.raw(FIRST.key_id(4), &FIRST.stamped(TIME + 1, note))
    });

    let twins = [FIRST, Witness("twin.example", STRANGER)];
    let both = |note: &str| twins[0].line(note) + &twins[1].line(note);
    cosigned(
        set,
        ("key-twice", "E085", "one key under two names counts once"),
        (2, &[twins[0], twins[1], SECOND]),
        both,
    );
    let itself = Witness(ORIGIN, STRANGER);
    cosigned(set, ("named-as-log", "E085", "a witness that is called as the log is"), (1, &[itself]), |n| {
        itself.line(n)
    });

    let mut archive = super::chain().build();
    archive.truncate(3);
    let text = archive.note();
    let bad = FIRST.raw(FIRST.key_id(4), &FIRST.stamped(TIME, "another note"));
    let older = format!("{text}\n{}{bad}", line(ORIGIN, LOG, &text)).into_bytes();
    let token = b"a timestamp".to_vec();
    let files = [("3/checkpoint".to_owned(), older), (format!("3/{}.tsr", hex(&sha256(&token))), token)];
    let about = "a timestamped checkpoint with a cosignature that is not the witness's";
    asks(set.tree("witness/time-forged", "E084", about, &with(&files)), 0, &all[..1]);

    let lines = |archive: &Archive| {
        let note = archive.note();
        format!("{note}\n{}{}", line(&archive.origin, LOG, &note), FIRST.line(&note)).into_bytes()
    };
    let shown = super::extract::with_checkpoint(&lines);
    asks(set.extract("witness/extract", "", "an extract under a cosigned checkpoint", &shown), 1, &all[..1]);
}
