//! The conformance vectors of `tests/vectors`, against the library and against the verifier in Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use litopys::check::{Anchor, CheckOptions, Files, Signatures, Trust, Witnesses, check, refused};
use litopys::fork::{ForkError, ForkProof};
use litopys::layout::Member;
use litopys::report::{Code, Report, Verdict};
use litopys::store::Store;
use litopys::store::folder::FolderStore;
use litopys::store::memory::MemoryStore;
use litopys::store::zip::BundleStore;
use litopys::{ArchiveId, PublicKey, TreeHead};
use litopys_vectors::{Edit, Set, Vector, generate};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn unhex(text: &str) -> [u8; 32] {
    ArchiveId::from_hex(text).unwrap().as_bytes().to_owned()
}

fn report(store: &dyn Store, vector: &Vector, of: Option<ArchiveId>) -> Report {
    let mut trust = Trust::default();
    trust.demanded.extend(vector.archive.as_ref().map(|id| Anchor::Archive(ArchiveId::from_hex(id).unwrap())));
    let founder = vector.founder.as_ref().map(|key| PublicKey::from_bytes(&unhex(key)).unwrap());
    trust.demanded.extend(founder.map(Anchor::Founder));
    if let Some((size, root)) = &vector.seen {
        let head = TreeHead::new(*size, root.parse().unwrap()).unwrap();
        trust.seen.push((of.unwrap(), head));
    }
    let keys = vector.witnesses.iter().map(|key| key.parse().unwrap()).collect();
    trust.witnesses = Witnesses::demanded(keys, vector.quorum.unwrap_or(0));
    let options = CheckOptions { files: Files::All, trust, signatures: Signatures::All, threads: 1 };
    check(store, &options, &mut ()).unwrap()
}

/// What the library says of a store, as a vector says it.
fn judge(store: &dyn Store, vector: &Vector) -> Report {
    let plain = Vector { seen: None, archive: None, founder: None, quorum: None, ..vector.clone() };
    let id = report(store, &plain, None).archive;
    report(store, vector, id)
}

fn expect(report: &Report, vector: &Vector, whence: &str) -> Option<String> {
    let verdict = match report.verdict() {
        Verdict::Verified | Verdict::Untrusted => "verified",
        Verdict::Failed => "failed",
        _ => "unchecked",
    };
    let mut codes = report.findings.iter().filter(|finding| {
        Some(finding.code.as_str()) == vector.code.as_deref()
            && vector.statement.is_none_or(|n| finding.place.statement == Some(n))
    });
    let coded = if vector.code.is_some() { codes.next().is_some() } else { report.findings.is_empty() };
    let found = || report.findings.iter().map(|f| format!("{} {:?} {}", f.code, f.place, f.detail)).collect::<Vec<_>>();
    let wanted = (&vector.verdict, vector.code.as_deref().unwrap_or("nothing"), vector.statement);
    (verdict != vector.verdict || !coded)
        .then(|| format!("{} ({whence}): expected {wanted:?}, got {verdict} {:#?}", vector.name, found()))
}

/// The members of a bundle that a folder holds.
fn members(bundle: &[u8]) -> Vec<(Member, Vec<u8>)> {
    let store = BundleStore::open(bundle).unwrap();
    let mut names = Vec::new();
    store
        .scan(&mut |found| match found {
            litopys::store::Found::Member(Member::Mimetype | Member::Readme) => {}
            litopys::store::Found::Member(member) => names.push(member),
            other => panic!("{other:?}"),
        })
        .unwrap();
    names.into_iter().map(|member| (member, store.read(member, 1 << 27).unwrap())).collect()
}

fn unpack(bundle: &[u8], edits: &[Edit], folder: &Path) {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    members(bundle).iter().for_each(|(member, bytes)| write(&member.to_string(), bytes));
    for edit in edits {
        match edit {
            Edit::Write(name, bytes) => write(name, bytes),
            Edit::Remove(name) => fs::remove_file(folder.join(name)).unwrap(),
            Edit::Move(from, to) => fs::rename(folder.join(from), folder.join(to)).unwrap(),
            Edit::Link(name, to) => link(to, &folder.join(name)),
        }
    }
}

#[cfg(unix)]
fn link(to: &str, at: &Path) {
    std::os::unix::fs::symlink(to, at).unwrap();
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) {}

#[test]
fn the_vectors_are_what_the_generator_makes() {
    let (set, root) = (generate(), root());
    let hint = "cargo run -p litopys-vectors";
    assert!(fs::read_to_string(root.join("vectors.json")).unwrap() == set.index(), "vectors.json is another: {hint}");
    assert!(fs::read_to_string(root.join("forks.json")).unwrap() == set.forks_index(), "forks.json is another: {hint}");
    let read = Set::read(&root).unwrap();
    let same = |name: &&String| read.files.get(*name) == set.files.get(*name);
    let other: Vec<_> = set.files.keys().filter(|name| !same(name)).collect();
    assert!(other.is_empty(), "the generator makes other bytes of {other:?}: {hint}");
    assert!(read == set);
}

#[test]
fn the_library_gives_every_vector_its_verdict() {
    let set = Set::read(&root()).unwrap();
    let mut wrong = Vec::new();
    // Certificates are known to another crate: crates/litopys-time/tests/vectors.rs.
    for vector in set.vectors.iter().filter(|vector| vector.clocks.is_none()) {
        let bytes = &set.files[&vector.file];
        if !vector.edits.is_empty() {
            let folder = tempfile::tempdir().unwrap();
            unpack(bytes, &vector.edits, folder.path());
            wrong.extend(expect(&judge(&FolderStore::new(folder.path()), vector), vector, "folder"));
            continue;
        }
        let judged = match BundleStore::open(bytes.as_slice()) {
            Ok(store) => judge(&store, vector),
            Err(error) => refused(&error).unwrap(),
        };
        wrong.extend(expect(&judged, vector, "bundle"));
        if vector.unpacked {
            let mut store = MemoryStore::new();
            members(bytes).into_iter().for_each(|(member, bytes)| store.insert(member, bytes));
            wrong.extend(expect(&judge(&store, vector), vector, "unpacked"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), set.vectors.len(), wrong.join("\n"));
}

#[test]
fn the_library_gives_every_fork_proof_its_verdict() {
    let set = Set::read(&root()).unwrap();
    let mut wrong = Vec::new();
    for vector in &set.forks {
        let proof = ForkProof::parse(vector.proof.as_bytes());
        if let Ok(proof) = &proof {
            assert_eq!(proof.to_text(), vector.proof, "{}: read and written again", vector.name);
        }
        let found = match proof.map_err(ForkError::from).and_then(|proof| proof.verify()) {
            Ok(fork) => (None, Some(fork.keys().len() as u64)),
            Err(error) => (Some(error.code().to_string()), None),
        };
        if found != (vector.code.clone(), vector.keys) {
            wrong.push(format!("{}: {found:?}", vector.name));
        }
    }
    assert!(!set.forks.is_empty() && wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_code_of_the_format_has_a_vector() {
    let set = Set::read(&root()).unwrap();
    let without: Vec<_> = Code::ALL
        .iter()
        .filter(|code| set.vectors.iter().all(|vector| vector.code.as_deref() != Some(code.as_str())))
        .filter(|code| set.forks.iter().all(|vector| vector.code.as_deref() != Some(code.as_str())))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn the_verifier_in_python_gives_every_vector_its_verdict() {
    let script = root().join("../interop/vectors.py");
    let probe = Command::new("python3").args(["-c", "import cryptography, zstandard"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "CI needs python3 with cryptography and zstandard");
        println!("skipped: python3 has not cryptography and zstandard");
        return;
    }
    let output = Command::new("python3").arg(script).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    println!("{text}");
}

#[test]
fn no_changed_byte_of_a_fork_proof_proves_anything_else() {
    let set = Set::read(&root()).unwrap();
    let good = set.forks.iter().find(|vector| vector.name == "fork/longer").unwrap().proof.as_bytes();
    for at in 0..good.len() {
        for flip in [1, 0x20, 0x80] {
            let mut bytes = good.to_vec();
            bytes[at] ^= flip;
            let proof = ForkProof::parse(&bytes).map_err(ForkError::from).and_then(|proof| proof.verify());
            assert!(proof.is_err(), "byte {at} changed by {flip:#x}, and it proves a fork");
        }
    }
}
