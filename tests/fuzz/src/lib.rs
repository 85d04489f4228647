//! What fuzz targets and their seeds share.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::num::NonZero;
use std::ops::ControlFlow;

use litopys::check::{check, Anchor, CheckOptions, Entry, Files, Observer, Signatures, Trust};
use litopys::layout::Member;
use litopys::manifest::{Change, FileEntry};
use litopys::report::{Counts, Report, Verdict};
use litopys::store::zip::{BundleStore, BundleWriter};
use litopys::store::{Found, Store, StoreKind};
use litopys::{Content, Draft, FileDigest, Manifest, SecretKey, Signer, StatementId};
use litopys_import::{drafts, Failure, Kind, Options};

/// A bundle of four articles, one of them revised, with a large file: `seeds/bundle.litopys`, which `cargo run --bin seeds` writes.
pub const BUNDLE: &[u8] = include_bytes!("../seeds/bundle.litopys");

/// An extract of the same: the article in two versions, and the one with the large file.
pub const EXTRACT: &[u8] = include_bytes!("../seeds/extract.litopys");

/// What was verified: all that a reader takes from an archive.
#[derive(Debug, PartialEq, Eq)]
pub struct Objects {
    pub entries: Vec<(StatementId, Option<Manifest>)>,
    pub counts: Counts,
    pub checkpoint: litopys::TreeHead,
}

#[derive(Default)]
struct Entries(Vec<(StatementId, Option<Manifest>)>);

impl Observer for Entries {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        self.0.push((entry.id, entry.manifest.cloned()));
        ControlFlow::Continue(())
    }
}

/// Checks in full, for one who trusts the seeds' key; the objects if it is verified.
pub fn verify(store: &dyn Store) -> (Report, Option<Objects>) {
    let founder = SecretKey::from_seed(&[1; 32]).public_key().clone();
    let trust = Trust { demanded: vec![Anchor::Founder(founder)], ..Trust::default() };
    let options = CheckOptions { files: Files::All, trust, threads: 1, signatures: Signatures::All };
    let mut entries = Entries::default();
    let report = check(store, &options, &mut entries).expect("memory can be read");
    let verified = report.verdict() == Verdict::Verified;
    let objects = report.checkpoint.filter(|_| verified).map(|checkpoint| Objects {
        entries: entries.0,
        counts: report.counts,
        checkpoint,
    });
    (report, objects)
}

/// The members of a bundle, but those that are the same in all.
pub fn members(bundle: &[u8]) -> BTreeMap<Member, Vec<u8>> {
    let store = BundleStore::open(bundle.to_vec()).expect("the seed is a bundle");
    let mut names = Vec::new();
    store.scan(&mut |found| if let Found::Member(member) = found { names.push(member) }).expect("memory can be read");
    let read = |member: Member| (member, store.read(member, 1 << 30).expect("memory can be read"));
    names.into_iter().filter(|member| !matches!(member, Member::Mimetype | Member::Readme)).map(read).collect()
}

/// A bundle of these members.
pub fn bundle_of(members: &BTreeMap<Member, Vec<u8>>) -> Vec<u8> {
    zip_of(StoreKind::Bundle, members)
}

/// A bundle or an extract of these members.
pub fn zip_of(kind: StoreKind, members: &BTreeMap<Member, Vec<u8>>) -> Vec<u8> {
    let out = Cursor::new(Vec::new());
    let bundle = if kind == StoreKind::Extract { BundleWriter::extract(out) } else { BundleWriter::new(out) };
    let mut bundle = bundle.expect("memory can be written");
    for (member, bytes) in members {
        bundle = bundle.member(*member, bytes.len() as u64, &mut &bytes[..]).expect("members are in order");
    }
    bundle.finish().expect("memory can be written").into_inner()
}

/// A frame as the writer makes them.
pub fn frame_of(content: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("a level");
    encoder.include_checksum(true).expect("a flag");
    encoder.set_pledged_src_size(Some(content.len() as u64)).expect("a size");
    std::io::Write::write_all(&mut encoder, content).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// Imports bytes as an input of this kind, and makes a manifest of each draft; what failed.
pub fn import(kind: Kind, bytes: &[u8]) -> Vec<Failure> {
    let options = Options { from: Some(kind), ..Options::default() };
    let stdin = Cursor::new(bytes.to_vec());
    let mut failures = Vec::new();
    for outcome in drafts(&["-".into()], &options, NonZero::<usize>::MIN).with_stdin(stdin).flatten() {
        match outcome {
            Ok(loaded) => manifest_of(loaded.draft),
            Err(failure) => failures.push(failure),
        }
    }
    failures
}

fn manifest_of(draft: Draft) {
    let files = draft.files.into_iter().map(|file| {
        let mut content = Vec::new();
        match file.content {
            Content::Bytes(bytes) => content = bytes.to_vec(),
            Content::Source(source) => _ = source.open().and_then(|mut reader| reader.read_to_end(&mut content)),
            _ => {}
        }
        let (path, role, media_type, original_name) = (file.path, file.role, file.media_type, file.original_name);
        FileEntry { path, role, size: content.len() as u64, media_type, sha256: FileDigest::of(&content), original_name }
    });
    let (files, at) = (files.collect(), "2026-01-01T00:00:00Z".parse().expect("a time"));
    let manifest = Manifest::new(draft.subject, Change::First, at, [0; 16], draft.metadata, files).expect("it can be signed");
    Manifest::decode(&manifest.encode().expect("it is short")).expect("what was encoded can be decoded");
}

/// Changes some bytes: one replaced, some taken out, some put in.
pub fn change(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    let at = input.number() % (bytes.len() + 1);
    match input.byte() % 4 {
        0 | 1 if at < bytes.len() => bytes[at] ^= input.byte(),
        2 => drop(bytes.drain(at..(at + usize::from(input.byte())).min(bytes.len()))),
        _ => {
            let length = usize::from(input.byte() % 40).min(input.0.len());
            let (piece, rest) = input.0.split_at(length);
            bytes.splice(at..at, piece.iter().copied());
            input.0 = rest;
        }
    }
}

/// Takes numbers and pieces off the front of a fuzzer's bytes; zeros when they are used up.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub fn number(&mut self) -> usize {
        usize::from(u16::from_be_bytes([self.byte(), self.byte()]))
    }

    pub fn piece(&mut self) -> &'a [u8] {
        let length = self.number();
        let (piece, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        piece
    }
}

/// What [`Input::piece`] reads.
pub fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a seed's piece is short");
    [&length.to_be_bytes(), bytes].concat()
}
