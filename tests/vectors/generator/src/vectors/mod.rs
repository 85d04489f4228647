//! The vectors, group by group. Each group is a folder; the first is archives in which nothing is wrong.

mod authority;
mod charter;
mod checkpoint;
mod clock;
mod container;
mod extract;
mod file;
mod folder;
mod fork;
mod good;
mod ledger;
mod log;
mod manifest;
mod observation;
mod pack;
mod signature;
mod statement;
mod tile;
mod time;
mod void;
mod withdrawal;
mod witness;

use crate::archive::{Archive, File, Spec, Stage, Tree, Version};
use crate::frame::RawFrame;
use crate::zip::RawZip;
use crate::{Edit, Set, Vector};

/// Makes all vectors.
pub fn generate() -> Set {
    let mut set = Set::default();
    good::add(&mut set);
    extract::good(&mut set);
    container::add(&mut set);
    checkpoint::add(&mut set);
    log::add(&mut set);
    tile::add(&mut set);
    statement::add(&mut set);
    signature::add(&mut set);
    charter::add(&mut set);
    ledger::add(&mut set);
    authority::add(&mut set);
    void::add(&mut set);
    observation::add(&mut set);
    withdrawal::add(&mut set);
    manifest::add(&mut set);
    pack::add(&mut set);
    file::add(&mut set);
    folder::add(&mut set);
    time::add(&mut set);
    clock::add(&mut set);
    extract::add(&mut set);
    witness::add(&mut set);
    fork::add(&mut set);
    set
}

/// What most vectors spoil: an article in two versions. Statement 2 is the last one, so that nothing follows from its faults.
fn small() -> Spec {
    Spec::new(vec![Version::text(1, "first", "One.\n"), Version::text(1, "source", "Two.\n")])
}

/// Two articles, one of them in three versions: charter, A1, B1, A2, A3.
fn chain() -> Spec {
    Spec::new(vec![
        Version::text(1, "first", "One.\n"),
        Version::text(2, "first", "Another.\n"),
        Version::text(1, "source", "Two.\n"),
        Version::text(1, "correction", "Three.\n"),
    ])
}

const LARGE: usize = 70_000;

/// A file that is kept by itself, as a frame of a few bytes.
fn large(path: &'static str, byte: u8) -> File {
    let frame = RawFrame::repeat(byte, LARGE).to_bytes();
    File { frame: Some(frame), ..File::new(path, "media", vec![byte; LARGE]) }
}

/// An article with two small files, an empty one and a large one.
fn files() -> Spec {
    let files = vec![
        File::new("text.md", "text", "Text.\n"),
        File::new("other", "attachment", "Other\n"),
        File::new("empty", "attachment", ""),
        large("large", b'x'),
    ];
    Spec::new(vec![Version::new(1, "first", files)])
}

/// Takes the last byte away.
fn cut(bytes: &mut Vec<u8>) {
    bytes.pop();
}

impl Set {
    /// Adds a vector. `expected` is a code, or nothing where nothing is found.
    fn bytes(&mut self, name: &str, expected: &str, about: &str, bytes: Vec<u8>) -> &mut Vector {
        assert!(self.files.insert(name.to_owned(), bytes).is_none(), "{name} is there twice");
        self.another(name, name, expected, about)
    }

    /// Adds a vector about a bundle that is there already.
    fn another(&mut self, name: &str, file: &str, expected: &str, about: &str) -> &mut Vector {
        assert!(self.vectors.iter().all(|vector| vector.name != name), "{name} is there twice");
        let verdict = match expected.bytes().next() {
            Some(b'E') => "failed",
            Some(b'U') => "unchecked",
            _ => "verified",
        };
        self.vectors.push(Vector {
            name: name.to_owned(),
            about: about.to_owned(),
            file: file.to_owned(),
            verdict: verdict.to_owned(),
            code: (!expected.is_empty()).then(|| expected.to_owned()),
            statement: None,
            unpacked: false,
            edits: Vec::new(),
            archive: None,
            founder: None,
            seen: None,
            witnesses: Vec::new(),
            quorum: None,
            clocks: None,
        });
        self.vectors.last_mut().unwrap()
    }

    fn zip(&mut self, name: &str, expected: &str, about: &str, zip: &RawZip) -> &mut Vector {
        self.bytes(name, expected, about, zip.to_bytes())
    }

    /// The same holds of a folder.
    fn tree(&mut self, name: &str, expected: &str, about: &str, tree: &Tree) -> &mut Vector {
        let vector = self.zip(name, expected, about, &tree.zip());
        vector.unpacked = true;
        vector
    }

    fn archive(&mut self, name: &str, expected: &str, about: &str, archive: &Archive) -> &mut Vector {
        self.tree(name, expected, about, &archive.tree())
    }

    /// A vector with a fault in statement n, which is in the finding's place.
    fn stage(&mut self, spec: &Spec, n: usize, name: &str, expected: &str, about: &str, edit: impl Fn(Stage<'_>)) {
        let spoil = |at, stage: Stage<'_>| {
            if at == n {
                edit(stage);
            }
        };
        let vector = self.archive(name, expected, about, &spec.build_with(&spoil));
        vector.statement = (!expected.is_empty()).then_some(n as u64);
    }

    /// A vector about a folder: the files of a bundle that is there already, changed.
    fn folder(&mut self, name: &str, file: &str, expected: &str, about: &str, edits: Vec<Edit>) {
        self.another(name, file, expected, about).edits = edits;
    }
}
