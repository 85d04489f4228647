//! Writes `seeds/`: the same bytes each time.

#[allow(dead_code)]
#[path = "../../support/archives.rs"]
mod archives;
#[allow(dead_code)]
#[path = "../../support/prng.rs"]
mod prng;

use archives::{archive_of, draft};
use std::fs;
use std::io::Cursor;
use std::path::Path;

use litopys::FileDigest;
use litopys::archive::{BatchOptions, ObservationDraft};
use litopys::manifest::Metadata;
use litopys::observation::Observed;
use litopys::request::{Request, Unsigned};
use litopys::layout::{Member, TileKind};
use litopys::store::folder::FolderStore;
use litopys::transfer::to_bundle;


/// As `litopys_fuzz::piece`: this program makes what that crate includes.
fn piece(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).expect("a short piece").to_be_bytes(), bytes].concat()
}

/// What is to be signed elsewhere, what comes back, and an observation.
fn apart(root: &Path, put: &dyn Fn(&str, &[u8])) {
    let archive = archives::open(archives::lock(root)).unwrap();
    let at: litopys::Utc = "2026-11-28T07:00:00Z".parse().unwrap();
    let (article, origin, id) =
        (archive.article("one", None).unwrap(), archive.charter().origin.clone(), archive.id());
    let mut capture = draft("one", "Not found.", None).files;
    capture.truncate(1);
    let observation = ObservationDraft {
        article,
        outcome: Observed::Gone,
        at: at.clone(),
        subject: "one".into(),
        metadata: Metadata::default(),
        files: capture,
    };
    let (payload, manifest, _) = archive.lay_out(observation, &at, [5; 16]).unwrap();
    put("manifest/observation", &manifest);
    let observation = Unsigned::new(payload, Some(manifest)).unwrap();
    let observation = Request::new(id, origin, "A test".into(), vec![observation]).unwrap();
    put("request/observation", &observation.encode().unwrap());
    let signed = observation.sign(&archives::key()).unwrap();
    put("statement/observation", signed.entries()[0].statement.as_bytes());
    let mut random = |out: &mut [u8]| {
        out.fill(6);
        true
    };
    let mut outcome = |_, _| {};
    let mut batch = archive.plan(BatchOptions::new(at, 1), &mut random, &mut outcome);
    batch.add(draft("asked", "Asked.", None)).unwrap();
    let request = batch.request().unwrap().unwrap();
    put("request/request", &request.encode().unwrap());
    put("request/signed", &request.sign(&archives::key()).unwrap().encode().unwrap());
}

fn main() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let put = |name: &str, bytes: &[u8]| {
        let path = seeds.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let mut rich = draft("https://example.org/rich", "# Rich\n\nAll fields.\n", Some(b"An attachment.".to_vec()));
    let m = &mut rich.metadata;
    m.authors = vec!["A. Author".into(), "B. Author".into()];
    m.tags = vec!["one".into(), "two".into()];
    m.language = Some("en-GB".into());
    m.publisher = Some("A publisher".into());
    m.published = Some("XXXX-09-05".parse().unwrap());
    m.modified = Some("2026-11-23T10:00:00+02:00".parse().unwrap());
    m.rights = Some("CC0".into());
    m.summary = Some("In short.".into());
    m.note = Some("A note.".into());
    m.extra.insert("views".into(), "7".into());
    m.provenance.insert("title".into(), "front matter".into());
    let first = [draft("one", "First.", None), rich, draft("large", "Large.", Some(b"large ".repeat(12_000)))];
    let second = [draft("one", "Revised.", None), draft("empty", "", Some(vec![]))];
    let dir = archive_of(&[&first, &second]);
    let store = FolderStore::new(dir.path());
    let (bundle, report) = to_bundle(&store, Cursor::new(Vec::new()), 1).unwrap();
    let bundle = bundle.into_inner();
    put("bundle.litopys", &bundle);
    put("zip/bundle", &bundle);

    let (extract, _) = litopys::extract::write(&store, &[1, 3, 4], Cursor::new(Vec::new())).unwrap();
    let extract = extract.into_inner();
    put("extract.litopys", &extract);
    put("zip/extract", &extract);
    let mut prover = litopys::prove::Prover::open(&store).unwrap();
    put("extract/proof", &prover.proof(1).unwrap().to_text());
    let older = litopys::TreeHead::new(2, prover.root_at(2).unwrap()).unwrap();
    put("extract/growth", &prover.consistency(older).unwrap().to_text());
    put("extract/changes", &[2, 3, 0, 9, 1, 2, 0, 7, 0x40, 3, 5, 6, 7]);

    let size = report.checkpoint.unwrap().size();
    let file = |member: Member| fs::read(dir.path().join(member.to_string())).unwrap();
    put("checkpoint/checkpoint", &file(Member::Checkpoint));
    let other = archive_of(&[&first, &[draft("one", "Otherwise.", None), draft("more", "More.", None), draft("most", "Most.", None)]]);
    let state = litopys::fork::SignedState::of(&mut prover).unwrap();
    let other = FolderStore::new(other.path());
    let proof = litopys::fork::ForkProof::new(state, &mut litopys::prove::Prover::open(&other).unwrap()).unwrap();
    put("fork/proof", proof.to_text().as_bytes());
    let tile = |kind| {
        let name = Member::tiles(size).find(|tile| tile.kind == kind).unwrap();
        file(Member::Tile(name))
    };
    let entries = tile(TileKind::Entries);
    let manifests = litopys::fuzzing::decode_frame(&tile(TileKind::Manifests), 1 << 20).unwrap();
    let packs = litopys::fuzzing::decode_frame(&tile(TileKind::Packs), 1 << 20).unwrap();
    let width = u8::try_from(size).unwrap();
    let whole = [&[0, width][..], &piece(&entries), &piece(&tile(TileKind::Hashes(0))), &piece(&manifests), &piece(&packs)];
    put("tile/contents", &whole.concat());
    let (m, p) = (tile(TileKind::Manifests), tile(TileKind::Packs));
    let whole = [&[1, width][..], &piece(&entries), &piece(&tile(TileKind::Hashes(0))), &piece(&m), &piece(&p)];
    put("tile/frames", &whole.concat());

    for (at, statement) in litopys::log::tile::read_entries(&entries, width.into()).unwrap().into_iter().enumerate() {
        put(&format!("statement/{at}"), statement);
    }
    let mut rest = &manifests[..];
    let mut at = 0;
    while let Some(first) = rest.first() {
        if *first == 0xf6 {
            rest = &rest[1..];
            continue;
        }
        let value: ciborium::Value = ciborium::from_reader(&mut rest).unwrap();
        put(&format!("manifest/{at}"), value.as_bytes().unwrap());
        at += 1;
    }
    for (name, content) in [("text", &manifests[..200]), ("repeated", &[7; 300]), ("empty", b"")] {
        let frame = zstd::bulk::compress(content, 3).unwrap();
        // The block alone: magic, descriptor, one or two bytes of size (these frames are one segment), block header.
        let header = 5 + if content.len() < 256 { 1 } else { 2 };
        put(&format!("frame/{name}"), &frame[header..]);
    }
    apart(dir.path(), &put);
    put("verifier/nothing", b"");
    for op in 0..10u8 {
        put(&format!("verifier/{op}"), &[op, 3, 0, 9, 1, 2, 0, 7, 0x40]);
    }
    eprintln!("{} in {} bytes", FileDigest::of(&bundle), bundle.len());
}
