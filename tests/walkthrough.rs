//! Makes the archive that appendix A of docs/format.md walks through, and compares it with what stands there, byte for byte.
//!
//! `LITOPYS_BLESS=1` writes the blocks of the appendix anew. `LITOPYS_WALKTHROUGH=DIR` leaves the archive in that folder: the bundle as
//! `example.litopys`, each statement and the manifest as a file of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod walkthrough {
    pub(crate) mod dump;
}

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

use litopys::archive::{Archive, BatchOptions, Outcome};
use litopys::charter::{Charter, CharterKey, KeyRole};
use litopys::check::{Anchor, CheckOptions, Files, Signatures, Trust, check};
use litopys::draft::{Content, Draft, DraftFile};
use litopys::manifest::{Metadata, Role};
use litopys::report::Verdict;
use litopys::store::folder::{FolderStore, FolderWriter};
use litopys::store::zip::BundleStore;
use litopys::transfer::to_bundle;
use litopys::view::View;
use litopys::{SecretKey, Signer, StatementId};
use sha2::{Digest, Sha256};

use walkthrough::dump::{Dump, hex};

const TEXT: &str = "# Bread\n\nBake at 220 degrees.\n";

/// What each item of the two statements and the manifest is.
const NOTES: &[(&str, &str)] = &[
    ("protected", "the protected header"),
    ("protected.1", "alg: EdDSA"),
    ("protected.3", "the content type, which tells the kind"),
    ("protected.4", "kid: the signer's public key"),
    ("protected.15", "CWT claims"),
    ("protected.15.1", "iss: the archive's origin"),
    ("protected.15.2", "sub: what the statement is about"),
    ("unprotected", "the unprotected header, always empty"),
    ("payload", "the payload"),
    ("payload.keys.0.key", "a key of the archive"),
    ("payload.keys.0.name", "whose it is, by the charter's word"),
    ("payload.keys.0.roles", "what it may do"),
    ("payload.nonce", "random"),
    ("payload.title", "what the archive calls itself"),
    ("payload.threshold", "one steward decides"),
    ("payload.version", "the article's first version: no `previous`"),
    ("payload.manifest", "what it commits to"),
    ("payload.authority", "the archive's id"),
    ("signature", "the Ed25519 signature"),
    ("salt", "random"),
    ("signed_at", "the signer's word"),
    ("files.0.sha256", "SHA-256 of the file"),
    ("files.1.sha256", "the same bytes, so the same digest"),
];

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// The bytes of the archive.
struct Example {
    charter: Vec<u8>,
    statement: Vec<u8>,
    manifest: Vec<u8>,
    checkpoint: Vec<u8>,
    bundle: Vec<u8>,
}

/// Everything random or of the present moment is fixed here.
fn make(root: &Path) -> Example {
    let key = SecretKey::from_seed(&[1; 32]);
    let roles = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
    let member = CharterKey { key: key.public_key().clone(), name: "Olena".into(), roles };
    let origin = "example.org/recipes".parse().unwrap();
    let charter = Charter::new(origin, "Recipes".into(), vec![member], 1, [2; 16]).unwrap();
    let writer = FolderWriter::lock(root, Duration::ZERO).unwrap();
    let archive = Archive::create(writer, charter, &key, &key).unwrap();

    let content: Content = TEXT.as_bytes().to_vec().into();
    let file = |path: &str, role| DraftFile {
        path: path.into(),
        role,
        media_type: "text/markdown".into(),
        original_name: None,
        content: content.clone(),
    };
    let draft = Draft {
        subject: "https://example.org/bread".into(),
        metadata: Metadata {
            title: Some("Bread".into()),
            language: Some("en".into()),
            published: Some("2024-02".parse().unwrap()),
            ..Metadata::default()
        },
        files: vec![file("bread.md", Role::Capture), file("text.md", Role::Text)],
        ..Draft::default()
    };
    // First the manifest's salt, sixteen 3s; then the article's URN, sixteen 4s, but for version and variant.
    let mut next = 2;
    let mut random = |out: &mut [u8]| {
        next += 1;
        out.fill(next);
        true
    };
    let mut outcome = |_, outcome| assert!(matches!(outcome, Outcome::Signed { version: 1, .. }));
    let signed_at = "2026-11-23T10:00:00Z".parse().unwrap();
    let options = BatchOptions::new(signed_at, 1);
    let mut batch = archive.batch(&key, &key, options, &mut random, &mut outcome).unwrap();
    batch.add(draft).unwrap();
    drop(batch.commit().unwrap());

    let store = FolderStore::new(root);
    let trust = Trust { demanded: vec![Anchor::Founder(key.public_key().clone())], ..Trust::default() };
    let options = CheckOptions { files: Files::All, trust, signatures: Signatures::All, threads: 1 };
    let report = check(&store, &options, &mut ()).unwrap();
    assert_eq!((report.verdict(), report.findings), (Verdict::Verified, vec![]));
    let (bundle, _) = to_bundle(&store, Cursor::new(Vec::new()), 1).unwrap();

    let view = View::open(&store, Trust::default(), 1).unwrap();
    let version = *view.articles()[0].head().unwrap();
    let manifest = view.manifest(&version).unwrap().encode().unwrap();
    Example {
        charter: view.founding().unwrap().as_bytes().to_vec(),
        statement: view.statement(&version).unwrap().as_bytes().to_vec(),
        manifest,
        checkpoint: fs::read(root.join("checkpoint")).unwrap(),
        bundle: bundle.into_inner(),
    }
}

/// A member of the bundle: where its header is, and its data.
fn members(bundle: &[u8]) -> Vec<(usize, String, &[u8])> {
    let (mut at, mut members) = (0, Vec::new());
    let number = |at: usize, len: usize| bundle[at..at + len].iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
    while bundle[at..].starts_with(b"PK\x03\x04") {
        let (size, name, start) = (number(at + 18, 4), number(at + 26, 2), at + 30);
        let data = start + name..start + name + size;
        members.push((at, String::from_utf8(bundle[start..start + name].to_vec()).unwrap(), &bundle[data.clone()]));
        at = data.end;
    }
    members
}

#[test]
fn the_appendix_shows_the_real_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let Example { charter, statement, manifest, checkpoint, bundle } = make(dir.path());
    BundleStore::open(&bundle[..]).unwrap();
    let members = members(&bundle);
    let member = |name: &str| members.iter().find(|(_, found, _)| found == name).unwrap();
    let data = |name: &str| member(name).2;

    // What the appendix says of these bytes in words.
    let (leaf0, leaf1) = (sha256(&[b"\0", &charter]), sha256(&[b"\0", &statement]));
    assert_eq!(leaf1, *StatementId::of(&statement).as_bytes());
    assert_eq!(data("tile/0/000.p/2"), [leaf0, leaf1].concat());
    let root = sha256(&[b"\x01", &leaf0, &leaf1]);
    let public = *SecretKey::from_seed(&[1; 32]).public_key().as_bytes();
    let key_id = &sha256(&[b"example.org/recipes\n\x01", &public])[..4];
    let rows = [
        ("public key", "", hex(&public)),
        ("text", "SHA-256(text.md)", hex(&sha256(&[TEXT.as_bytes()]))),
        ("manifest", "SHA-256(manifest)", hex(&sha256(&[&manifest]))),
        ("leaf 0", "SHA-256(00 || statement 0)", hex(&leaf0)),
        ("leaf 1", "SHA-256(00 || statement 1)", hex(&leaf1)),
        ("root", "SHA-256(01 || leaf 0 || leaf 1)", hex(&root)),
        ("key id", "SHA-256(origin || 0a 01 || public key)[..4]", hex(key_id)),
    ];
    let rows: String = rows.iter().map(|(name, how, what)| format!("{name:<11}{how:<44}{what}\n")).collect();

    let checkpoint = String::from_utf8(checkpoint).unwrap();
    assert_eq!(data("checkpoint"), checkpoint.as_bytes());
    let list = members.iter().map(|(at, name, data)| format!("{at:>6} {:>6}  {name}\n", data.len()));
    let list = format!("{:>6} {:>6}  name\n{}", "header", "size", list.collect::<String>());
    let blocks = [
        ("charter", Dump::cbor(&charter, NOTES)),
        ("statement", Dump::cbor(&statement, NOTES)),
        ("manifest", Dump::cbor(&manifest, NOTES)),
        ("hashes", rows),
        ("entries", Dump::entries(data("tile/entries/000.p/2"))),
        ("frame", Dump::frame(data("tile/manifests/000.p/2"))),
        ("pack", Dump::pack(data("tile/packs/000.p/2"))),
        ("checkpoint", checkpoint.clone()),
        ("line", Dump::signature_line(&checkpoint)),
        ("members", list),
        ("zip", Dump::local_headers(&bundle, member("checkpoint").0)),
        ("central", Dump::directory(&bundle)),
    ];
    compare(&blocks);

    if let Some(folder) = std::env::var_os("LITOPYS_WALKTHROUGH").map(PathBuf::from) {
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in
            [("0.cose", charter), ("1.cose", statement), ("manifest.cbor", manifest), ("example.litopys", bundle)]
        {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

/// Compares the blocks with those of the appendix, which stand below a comment with their name; or puts them there.
fn compare(blocks: &[(&str, String)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/format.md");
    let mut text = fs::read_to_string(&path).unwrap();
    let bless = std::env::var_os("LITOPYS_BLESS").is_some();
    for (name, expected) in blocks {
        let begin = format!("<!-- walkthrough: {name} -->\n```text\n");
        let start = text.find(&begin).unwrap_or_else(|| panic!("docs/format.md has no block {name}")) + begin.len();
        let end = start + text[start..].find("```\n").unwrap();
        if bless {
            text.replace_range(start..end, expected);
        } else {
            let hint = "LITOPYS_BLESS=1 cargo test --test walkthrough writes it anew";
            assert!(
                text[start..end] == **expected,
                "block {name} of docs/format.md should be (or {hint}):\n{expected}"
            );
        }
    }
    if bless {
        fs::write(path, text).unwrap();
    }
}
