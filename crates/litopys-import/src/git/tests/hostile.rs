//! Packs that git would never make.

use std::io::Write as _;

use gix_hash::{Kind as HashKind, ObjectId};
use gix_object::Kind;

use super::*;

/// A bundle written by hand.
#[derive(Default)]
struct Written {
    entries: Vec<u8>,
    count: u32,
}

impl Written {
    /// Adds an entry: its type, the size that it claims, the bytes between header and stream, the stream's content.
    fn entry(&mut self, kind: u8, mut size: u64, base: &[u8], content: &[u8]) -> u64 {
        let offset = 12 + self.entries.len() as u64;
        let mut byte = kind << 4 | u8::try_from(size & 15).unwrap();
        size >>= 4;
        while size > 0 {
            self.entries.push(byte | 0x80);
            byte = u8::try_from(size & 0x7f).unwrap();
            size >>= 7;
        }
        self.entries.push(byte);
        self.entries.extend_from_slice(base);
        let mut stream = gix_zlib::stream::deflate::Write::new(Vec::new(), gix_zlib::Compression::BEST_SPEED);
        stream.write_all(content).unwrap();
        stream.flush().unwrap();
        self.entries.extend(stream.into_inner());
        self.count += 1;
        offset
    }

    fn object(&mut self, kind: Kind, content: &[u8]) -> ObjectId {
        let number = match kind {
            Kind::Commit => 1,
            Kind::Tree => 2,
            Kind::Blob => 3,
            Kind::Tag => 4,
        };
        self.entry(number, content.len() as u64, b"", content);
        gix_object::compute_hash(HashKind::Sha1, kind, content).unwrap()
    }

    fn tree(&mut self, entries: &[(&str, &str, ObjectId)]) -> ObjectId {
        let mut content = Vec::new();
        for (mode, name, id) in entries {
            content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            content.extend_from_slice(id.as_slice());
        }
        self.object(Kind::Tree, &content)
    }

    fn commit(&mut self, tree: ObjectId, parents: &[ObjectId]) -> ObjectId {
        let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
        let who = "A <a@example.org> 1000000000 +0000";
        let content = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nx\n");
        self.object(Kind::Commit, content.as_bytes())
    }

    fn read(&self, head: ObjectId) -> Vec<Outcome> {
        let mut pack = [&b"PACK\0\0\0\x02"[..], &self.count.to_be_bytes(), &self.entries].concat();
        let mut hasher = gix_hash::hasher(HashKind::Sha1);
        hasher.update(&pack);
        pack.extend_from_slice(hasher.try_finalize().unwrap().as_slice());
        let header = format!("# v2 git bundle\n{head} HEAD\n\n");
        read_bytes(&[header.as_bytes(), &pack].concat())
    }
}

fn read_bytes(bundle: &[u8]) -> Vec<Outcome> {
    let options = Options::default();
    let bundle = bundle.to_vec();
    drafts(&["-".into()], &options, NonZero::new(2).unwrap()).with_stdin(io::Cursor::new(bundle)).flatten().collect()
}

fn fault(outcomes: &[Outcome]) -> String {
    let Some(Err(failure)) = outcomes.first() else { panic!("{outcomes:?}") };
    failure.error.to_string()
}

#[test]
fn trees_that_hold_themselves_many_times_over_are_bounded() {
    let mut made = Written::default();
    let blob = made.object(Kind::Blob, b"x\n");
    let mut tree = made.tree(&[("100644", "x.md", blob)]);
    for _ in 0..12 {
        let names: Vec<_> = (0..10).map(|n| format!("d{n}")).collect();
        let entries: Vec<_> = names.iter().map(|name| ("40000", name.as_str(), tree)).collect();
        tree = made.tree(&entries);
    }
    let head = made.commit(tree, &[]);
    assert_eq!(fault(&made.read(head)), "has too many files that one commit changes");

    let mut made = Written::default();
    let mut tree = made.tree(&[("100644", "x.md", blob)]);
    for _ in 0..300 {
        tree = made.tree(&[("40000", "d", tree)]);
    }
    let head = made.commit(tree, &[]);
    assert_eq!(fault(&made.read(head)), "has too many folders within folders");
}

#[test]
fn names_that_lead_out_and_entries_twice_are_no_files() {
    let mut made = Written::default();
    let blob = made.object(Kind::Blob, b"x\n");
    let entries = ["../x.md", "..", ".", "", "a/b.md", "c.md", "c.md"].map(|name| ("100644", name, blob));
    let tree = made.tree(&entries);
    let head = made.commit(tree, &[]);
    let outcomes = made.read(head);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].as_ref().unwrap().draft.subject, "c.md");
}

#[test]
fn sizes_that_are_lies_and_bombs_are_refused() {
    let mut made = Written::default();
    made.entry(3, 4, b"", &[b'x'; 100_000]);
    assert!(fault(&made.read(ObjectId::null(HashKind::Sha1))).ends_with("it is longer than it says"));
    let mut made = Written::default();
    made.entry(3, 1 << 60, b"", b"x");
    assert_eq!(fault(&made.read(ObjectId::null(HashKind::Sha1))), "has too many bytes when unpacked");
    // A blob that is too large is told when it is asked for.
    let mut made = Written::default();
    let blob = made.object(Kind::Blob, &vec![b'x'; limits::GIT_OBJECT + 1]);
    let small = made.object(Kind::Blob, b"y\n");
    let tree = made.tree(&[("100644", "x.md", blob), ("100644", "y.md", small)]);
    let head = made.commit(tree, &[]);
    let outcomes = made.read(head);
    assert!(fault(&outcomes).ends_with("is too large"));
    assert_eq!(outcomes[1].as_ref().unwrap().draft.subject, "y.md");
}

/// A delta that makes the same bytes of a base of this size many times over.
fn copies(base: u64, times: u64) -> Vec<u8> {
    let number = |mut n: u64| {
        let mut bytes = Vec::new();
        while n >= 0x80 {
            bytes.push(0x80 | u8::try_from(n & 0x7f).unwrap());
            n >>= 7;
        }
        bytes.push(u8::try_from(n).unwrap());
        bytes
    };
    let mut delta = [number(base), number(base * times)].concat();
    for _ in 0..times {
        let size = u32::try_from(base).unwrap().to_le_bytes();
        delta.extend_from_slice(&[0xf0, size[0], size[1], size[2]]);
    }
    delta
}

#[test]
fn deltas_without_a_base_or_without_an_end_are_refused() {
    // One that builds upon itself, by its name, which nobody can know: upon a name that is not there.
    let mut made = Written::default();
    made.entry(7, 3, &[0x11; 20], b"\x01\x01\x90");
    let blob = made.object(Kind::Blob, b"y\n");
    let tree = made.tree(&[("100644", "y.md", blob)]);
    let head = made.commit(tree, &[]);
    assert_eq!(made.read(head)[0].as_ref().unwrap().draft.subject, "y.md");
    // An offset before the beginning, and one of nothing.
    for distance in [[0xff, 0x7f].as_slice(), &[0]] {
        let mut made = Written::default();
        made.entry(6, 3, distance, b"\x01\x01\x90");
        let outcomes = made.read(head);
        assert!(outcomes[0].is_err());
    }
    // Each makes ten times as much of the one before.
    let mut made = Written::default();
    let mut before = made.entry(3, 1_000, b"", &[b'x'; 1_000]);
    let mut size = 1_000;
    for _ in 0..6 {
        let delta = copies(size, 10);
        let distance = 12 + made.entries.len() as u64 - before;
        assert!(distance < 0x80);
        before = made.entry(6, delta.len() as u64, &[u8::try_from(distance).unwrap()], &delta);
        size *= 10;
        if size >= 1 << 24 {
            break;
        }
    }
    let blob = made.object(Kind::Blob, b"y\n");
    let tree = made.tree(&[("100644", "y.md", blob)]);
    let head = made.commit(tree, &[]);
    assert_eq!(made.read(head)[0].as_ref().unwrap().draft.subject, "y.md");
}

#[test]
fn torn_and_altered_bundles_never_break_the_reader() {
    let made = Made::new();
    for n in 0..4 {
        made.write("a.md", format!("{}{n}\n", LONG.repeat(10)));
        made.write("b/c.txt", "A title\n\nText.\n");
        made.commit("one");
    }
    let bundle = fs::read(made.bundle().path().join("x.bundle")).unwrap();
    assert_eq!(read_bytes(&bundle).len(), 5);
    for end in (0..bundle.len()).step_by(7) {
        read_bytes(&bundle[..end]);
    }
    for at in 0..bundle.len() {
        let mut altered = bundle.clone();
        altered[at] ^= 1 << (at % 8);
        read_bytes(&altered);
    }
}

#[test]
fn altered_indexes_never_break_the_reader() {
    let made = Made::new();
    for n in 0..4 {
        made.write("a.md", format!("{}{n}\n", LONG.repeat(10)));
        made.commit("one");
    }
    made.git(&["repack", "-adq"]);
    let pack = made.path().join(".git/objects/pack");
    let index =
        fs::read_dir(pack).unwrap().map(|e| e.unwrap().path()).find(|p| p.extension().unwrap() == "idx").unwrap();
    let bytes = fs::read(&index).unwrap();
    let mut permissions = fs::metadata(&index).unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false, reason = "a file of this test")]
    permissions.set_readonly(false);
    fs::set_permissions(&index, permissions).unwrap();
    for at in (0..bytes.len()).filter(|at| *at < 16 || *at > 1_000) {
        let mut altered = bytes.clone();
        altered[at] ^= 0xff;
        fs::write(&index, &altered).unwrap();
        read(made.path());
    }
}
