//! Manifests that break a rule of section 6; statement and tile commit to them all the same.

use super::{cut, small};
use crate::Set;
use crate::archive::{File, Spec, Stage, Version};
use crate::cbor::{self, Cbor, map, map_of, raw};

const LAST: usize = 2;

fn with(set: &mut Set, name: &str, about: &str, edit: &dyn Fn(&mut Cbor)) {
    set.stage(&small(), LAST, &format!("manifest/{name}"), "E053", about, |stage| {
        if let Stage::Manifest(manifest) = stage {
            edit(manifest);
        }
    });
}

pub(super) fn add(set: &mut Set) {
    canonical(set);
    fields(set);
    times(set);
    paths(set);
}

fn canonical(set: &mut Set) {
    let mut bad = |name: &str, about: &str, edit: &dyn Fn(&mut Cbor)| with(set, name, about, edit);
    bad("unsorted", "fields out of order", &|m| m.entries().swap(0, 1));
    bad("repeated", "a field twice", &|m| {
        let entry = m.entries()[0].clone();
        m.entries().insert(0, entry);
    });
    bad("null", "null in an optional field", &|m| m.set("title", raw(cbor::NULL)));
    bad("empty-text", "an empty title", &|m| m.set("title", ""));
    bad("empty-array", "an empty list of tags", &|m| m.set("tags", Cbor::Array(Vec::new())));
    bad("empty-map", "an empty map", &|m| m.set("captured", Cbor::Map(Vec::new())));
    bad("tagged-time", "a tagged time", &|m| {
        m.set("signed_at", raw([&[0xc0], &Cbor::from("2026-11-23T10:00:00Z").encode()[..]].concat()))
    });
    bad("float", "a float as a size", &|m| m.get("files").at(0).set("size", raw([0xf9, 0x45, 0])));
    bad("negative", "a negative size", &|m| m.get("files").at(0).set("size", Cbor::Negative(4)));
    bad("bad-utf8", "a title that is not UTF-8", &|m| m.set("title", raw([0x61, 0xff])));
    bad("indefinite", "a list of indefinite length", &|m| m.set("tags", raw([0x9f, 0x61, b'a', 0xff])));
    bad("long-head", "text with a long head", &|m| m.set("title", raw([0x78, 1, b'a'])));
    bad("integer-key", "an integer key", &|m| m.set(1, "x"));
    bad("extra-unsorted", "a map of texts out of order", &|m| {
        m.set("extra", Cbor::Map(vec![("bb".into(), "x".into()), ("a".into(), "x".into())]));
    });
    bad("extra-repeated", "a key of a map of texts twice", &|m| {
        m.set("extra", Cbor::Map(vec![("a".into(), "x".into()), ("a".into(), "y".into())]));
    });
    bad("deep", "nine arrays and maps inside one another", &|m| m.set("tags", raw([&[0x81; 8][..], &[1]].concat())));
    bad("array", "an array in place of a map", &|m| *m = Cbor::Array(vec![m.clone()]));
    let mut bytes = |name: &str, about: &str, edit: &dyn Fn(&mut Vec<u8>)| {
        set.stage(&small(), LAST, &format!("manifest/{name}"), "E053", about, |stage| {
            if let Stage::ManifestBytes(bytes) = stage {
                edit(bytes);
            }
        });
    };
    bytes("trailing", "a byte after the manifest", &|b| b.push(0));
    bytes("cut", "the last byte is missing", &cut);
    bytes("text", "the manifest is text", &|b| *b = b"{}".into());
}

fn fields(set: &mut Set) {
    let mut bad = |name: &str, about: &str, edit: &dyn Fn(&mut Cbor)| with(set, name, about, edit);
    bad("unknown-field", "an unknown field", &|m| m.set("category", "x"));
    bad("unknown-file-field", "an unknown field of a file", &|m| m.get("files").at(0).set("mode", 420));
    bad("unknown-captured-field", "an unknown field of `captured`", &|m| m.set("captured", map([("by", "x".into())])));
    for field in ["salt", "files", "change", "subject", "signed_at"] {
        bad(&format!("no-{field}"), "a field that must be there is missing", &|m| m.remove(field));
    }
    for field in ["path", "role", "size", "type", "sha256"] {
        bad(&format!("no-file-{field}"), "a field of a file is missing", &|m| m.get("files").at(0).remove(field));
    }
    bad("salt-short", "a salt of 15 bytes", &|m| m.set("salt", vec![7; 15]));
    bad("salt-text", "a salt of text", &|m| m.set("salt", "s".repeat(16)));
    bad("change-unknown", "an unknown reason of change", &|m| m.set("change", "typo"));
    bad("change-first", "`first` in version 2", &|m| m.set("change", "first"));
    bad("change-map", "the reason of change as a map", &|m| m.set("change", map([("source", "x".into())])));
    bad("derived-kind-map", "the kind of derivation as a map, at the manifest's very end", &|m| {
        let kind = map([("ocr", "x".into())]);
        m.set("derived_from", map([("id", [7; 32].into()), ("kind", kind)]));
    });
    bad("derived-kind-unknown", "an unknown kind of derivation", &|m| {
        m.set("derived_from", map([("id", [7; 32].into()), ("kind", "summary".into())]));
    });
    bad("derived-no-id", "a derivation without an id", &|m| m.set("derived_from", map([("kind", "ocr".into())])));
    bad("role-unknown", "an unknown role of a file", &|m| m.get("files").at(0).set("role", "image"));
    bad("role-map", "the role of a file as a map", &|m| m.get("files").at(0).set("role", map([("text", "x".into())])));
    bad("digest-short", "a digest of 31 bytes", &|m| m.get("files").at(0).set("sha256", vec![7; 31]));
    bad("digest-text", "a digest in hex", &|m| m.get("files").at(0).set("sha256", "07".repeat(32)));
    bad("size-text", "a size as text", &|m| m.get("files").at(0).set("size", "5"));
    bad("size-2-to-53", "a size of 2^53", &|m| m.get("files").at(0).set("size", 1 << 53));
    bad("title-bytes", "a title of bytes", &|m| m.set("title", b"title".to_vec()));
    bad("tags-text", "tags as one text", &|m| m.set("tags", "a"));
    bad("tags-number", "a tag that is a number", &|m| m.set("tags", Cbor::Array(vec![1.into()])));
    bad("extra-number", "a number in a map of texts", &|m| m.set("extra", map([("a", 1.into())])));
    bad("extra-257", "257 entries in `extra`", &|m| {
        m.set("extra", map_of((0..257).map(|n| (n.to_string(), "x".into()))))
    });
    bad("provenance-257", "257 entries in `provenance`", &|m| {
        m.set("provenance", map_of((0..257).map(|n| (n.to_string(), "x".into()))));
    });
    let many = || Cbor::Array((0..1025).map(|_| "x".into()).collect());
    bad("tags-1025", "1,025 tags", &|m| m.set("tags", many()));
    bad("authors-1025", "1,025 authors", &|m| m.set("authors", many()));
    bad("language-underscore", "a language with an underscore", &|m| m.set("language", "uk_UA"));
    bad("language-long", "a language of 65 characters", &|m| m.set("language", "l".repeat(65)));
    bad("language-unicode", "a language with a letter that is not ASCII", &|m| m.set("language", "ук"));
    let first = |stage: Stage<'_>| {
        if let Stage::Manifest(manifest) = stage {
            manifest.set("change", "source");
        }
    };
    let spec = Spec::new(vec![Version::text(1, "first", "One.\n")]);
    set.stage(&spec, 1, "manifest/change-not-first", "E053", "another reason than `first` in version 1", first);
    let spec =
        Spec::new(vec![Version::new(1, "first", vec![File::new("a", "text", "1"), File::new("b", "text", "1")])]);
    let about = "one digest with two sizes";
    set.stage(&spec, 1, "manifest/digest-two-sizes", "E053", about, |stage| {
        if let Stage::Manifest(manifest) = stage {
            manifest.get("files").at(1).set("size", 2);
        }
    });
    const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let files = NAMES.map(|name| File::new(name, "text", "1"));
    let spec = Spec::new(vec![Version::new(1, "first", files.to_vec())]);
    let about = "one digest with two sizes, among ten files";
    set.stage(&spec, 1, "manifest/digest-two-sizes-of-ten", "E053", about, |stage| {
        if let Stage::Manifest(manifest) = stage {
            manifest.get("files").at(9).set("size", 2);
        }
    });
}

fn times(set: &mut Set) {
    let edtf = [
        ("year-3", "202"),
        ("year-5", "02026"),
        ("year-part", "202X"),
        ("year-xx", "XX"),
        ("month-0", "2026-00"),
        ("month-13", "2026-13"),
        ("month-1-digit", "2026-1"),
        ("month-part", "2026-1X"),
        ("day-0", "2026-11-00"),
        ("day-31", "2026-11-31"),
        ("day-32", "2026-XX-32"),
        ("no-leap-year", "2026-02-29"),
        ("century", "1900-02-29"),
        ("unknown-february-30", "XXXX-02-30"),
        ("lower-x", "xxxx-09-05"),
        ("unknown-with-time", "XXXX-09-05T10:00:00Z"),
        ("hour-24", "2026-11-23T24:00:00Z"),
        ("minute-60", "2026-11-23T10:60:00Z"),
        ("second-60", "2026-11-23T10:00:60Z"),
        ("no-seconds", "2026-11-23T10:00Z"),
        ("fraction", "2026-11-23T10:00:00.5Z"),
        ("space", "2026-11-23 10:00:00Z"),
        ("offset-24", "2026-11-23T10:00:00+24:00"),
        ("offset-60", "2026-11-23T10:00:00+02:60"),
        ("offset-short", "2026-11-23T10:00:00+02"),
        ("offset-no-colon", "2026-11-23T10:00:00+0200"),
        ("lower-z", "2026-11-23T10:00:00z"),
        ("arabic-digits", "\u{662}\u{660}\u{662}\u{666}"),
        ("uncertain", "2026?"),
        ("interval", "2026/2027"),
        ("line-end", "2026\n"),
        ("sign", "+026-11-23"),
        ("year-5-month", "12026-11"),
        ("year-5-day", "12026-11-23"),
        ("month-unknown-time", "2026-XX-23T10:00:00Z"),
        ("day-unknown-time", "2026-11-XXT10:00:00Z"),
        ("offset-seconds", "2026-11-23T10:00:00+02:00:00"),
    ];
    for (name, value) in edtf {
        with(set, &format!("edtf-{name}"), &format!("`published` is {value:?}"), &|m| m.set("published", value));
    }
    let utc = [
        ("no-z", "2026-11-23T10:00:00"),
        ("offset", "2026-11-23T10:00:00+00:00"),
        ("day", "2026-11-23"),
        ("unknown", "2026-XX-23T10:00:00Z"),
        ("second-60", "2016-12-31T23:59:60Z"),
        ("no-leap-year", "2023-02-29T00:00:00Z"),
        ("lower", "2026-11-23t10:00:00z"),
        ("year-5", "12026-11-23T10:00:00Z"),
        ("space", "2026-11-23 10:00:00Z"),
        ("lower-z", "2026-11-23T10:00:00z"),
    ];
    for (name, value) in utc {
        with(set, &format!("utc-{name}"), &format!("`signed_at` is {value:?}"), &|m| m.set("signed_at", value));
    }
    with(set, "captured-at", "`captured.at` is no time", &|m| m.set("captured", map([("at", "2026-11".into())])));
    with(set, "modified", "`modified` is no time", &|m| m.set("modified", "yesterday"));
}

fn paths(set: &mut Set) {
    let long = "p".repeat(1025);
    let bad = [
        ("absolute", "/etc/passwd"),
        ("folder", "folder/"),
        ("empty-part", "a//b"),
        ("parent", "../a"),
        ("parent-amid", "a/../b"),
        ("parent-last", "a/.."),
        ("dot", "./a"),
        ("dot-alone", "."),
        ("backslash", "a\\b"),
        ("drive", "c:a"),
        ("newline", "a\nb"),
        ("nul", "a\0b"),
        ("escape", "\u{1b}[2J"),
        ("delete", "a\u{7f}"),
        ("long", &long),
    ];
    for (name, path) in bad {
        let shown = if path.len() > 99 { "1,025 bytes long".to_owned() } else { format!("{path:?}") };
        with(set, &format!("path-{name}"), &format!("a path that is {shown}"), &|m| {
            m.get("files").at(0).set("path", path)
        });
    }
    let mut two = |name: &str, about: &str, a: &'static str, b: &'static str| {
        let files = vec![File::new(a, "text", "1"), File::new(b, "text", "2")];
        let spec = Spec::new(vec![Version::new(1, "first", files)]);
        set.stage(&spec, 1, &format!("manifest/{name}"), "E053", about, |_| {});
    };
    two("path-repeated", "a path twice", "a", "a");
    two("path-case", "two paths that differ in the case of an ASCII letter", "a/B", "A/b");
    two("path-nested", "a path that is another one's folder", "a", "a/b");
    two("path-nested-after", "a path that is an earlier one's folder", "a/b/c", "a/b");
    two("path-nested-case", "a path that is another one's folder but for case", "A/b", "a");
    // What is no fault: letters that only Unicode folds.
    let files = vec![
        File::new("\u{e9}", "text", "1"),
        File::new("\u{c9}", "text", "2"),
        File::new("a", "text", "3"),
        File::new("a.b/c", "text", "4"),
    ];
    let spec = Spec::new(vec![Version::new(1, "first", files)]);
    set.archive(
        "good/path-case",
        "",
        "paths that differ in the case of a letter that is not ASCII, and one that only begins like a folder",
        &spec.build(),
    );
}
