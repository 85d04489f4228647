//! The conformance vectors of `tests/vectors`, against the library and against the verifier in Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use litopys::check::{Anchor, CheckOptions, Files, Signatures, Trust, Witnesses, check, refused};
use litopys::fork::{ForkError, ForkProof};
use litopys::layout::Member;
use litopys::prove::Prover;
use litopys::report::{Code, Counts, Finding, Report, Severity, Verdict};
use litopys::store::Store;
use litopys::store::folder::FolderStore;
use litopys::store::memory::MemoryStore;
use litopys::store::zip::BundleStore;
use litopys::view::{Article, VersionRef, View};
use litopys::{ArchiveId, ArticleUrn, PublicKey, TreeHead};
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
    (verdict != vector.verdict || !coded || accuses_a_file_unread(report) || repeats_itself(report))
        .then(|| format!("{} ({whence}): expected {wanted:?}, got {verdict} {:#?}", vector.name, found()))
}

/// What keeps a verifier from knowing all files that belong to an archive: then none is one too many (format.md, 7.2).
const UNREAD: [&str; 13] =
    ["E020", "E030", "E031", "E034", "E040", "E041", "E050", "E051", "E052", "E053", "U001", "U002", "U003"];

/// Whether it says something twice, or that an entry is void and not why.
fn repeats_itself(report: &Report) -> bool {
    let said = |nth: usize| {
        let finding = &report.findings[nth];
        (finding.code, &finding.place, &finding.detail)
    };
    let all = 0..report.findings.len();
    all.clone().any(|nth| {
        report.findings[nth].detail == "void" || all.clone().any(|other| other < nth && said(other) == said(nth))
    })
}

fn accuses_a_file_unread(report: &Report) -> bool {
    let is_one = |codes: &[&str], code: Code| codes.contains(&code.as_str());
    let extra = report.findings.iter().filter(|finding| is_one(&["E004", "W001"], finding.code));
    let is_file = |member: &String| member.starts_with("files/");
    report.findings.iter().any(|finding| is_one(&UNREAD, finding.code))
        && extra.filter_map(|finding| finding.place.member.as_ref()).any(is_file)
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

/// The codes by which an entry is void and the rest of its archive none the worse: those of format.md, section 9, step 6.
fn void_codes() -> Vec<String> {
    let text = fs::read_to_string(root().join("../../docs/format.md")).unwrap();
    let (_, step) = text.split_once("\n6. Each entry by the rules").unwrap();
    let (step, _) = step.split_once("\n7. Every manifest").unwrap();
    let is_code =
        |word: &&str| word.len() == 4 && word.starts_with('E') && word[1..].bytes().all(|c| c.is_ascii_digit());
    step.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_code).map(str::to_owned).collect()
}

#[test]
fn an_archive_in_which_nothing_is_wrong_but_void_entries_can_be_read_and_grown() {
    let (set, void) = (Set::read(&root()).unwrap(), void_codes());
    let (mut seen, mut wrong) = (Vec::new(), Vec::new());
    for vector in set.vectors.iter().filter(|vector| vector.clocks.is_none() && vector.edits.is_empty()) {
        let Ok(store) = BundleStore::open(set.files[&vector.file].as_slice()) else { continue };
        let report = judge(&store, vector);
        let of_entries = |finding: &&Finding| void.contains(&finding.code.to_string());
        let mut faults = report.findings.iter().filter(|finding| finding.code.severity() != Severity::Warning);
        if report.is_usable() != (report.archive.is_some() && faults.all(|finding| of_entries(&finding))) {
            wrong.push(&vector.name);
        }
        if report.is_usable() {
            seen.extend(report.findings.iter().filter(of_entries).map(|finding| finding.code.to_string()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    let unseen: Vec<_> = void.iter().filter(|code| !seen.contains(code)).collect();
    assert!(unseen.is_empty(), "no archive with {unseen:?} alone");
}

#[test]
fn what_is_counted_is_what_is_there() {
    let set = Set::read(&root()).unwrap();
    // Articles, versions, observations, statements, files, their bytes, withheld, void.
    for (name, expected) in [
        ("good/charter", [0, 0, 0, 1, 0, 0, 0, 0]),
        ("good/chain", [2, 4, 0, 5, 4, 26, 0, 0]),
        ("good/files", [1, 1, 0, 2, 4, 70_012, 0, 0]),
        ("good/same-file", [2, 2, 0, 3, 3, 70_012, 0, 0]),
        ("good/two-tiles", [100, 257, 0, 258, 257, 1542, 0, 0]),
        ("good/extract-gap", [1, 2, 0, 3, 2, 12, 0, 0]),
        ("good/extract-files", [1, 1, 0, 2, 4, 70_012, 0, 0]),
        ("observation/gone", [1, 2, 1, 4, 3, 21, 0, 0]),
        ("void/acknowledged", [1, 2, 0, 5, 3, 15, 0, 1]),
        ("withdrawal/version", [1, 2, 0, 4, 1, 5, 1, 0]),
        ("withdrawal/file-of", [1, 1, 0, 3, 2, 6, 2, 0]),
        ("withdrawal/shared-both", [2, 2, 0, 4, 0, 0, 2, 0]),
        ("extract/withdrawal-file", [1, 1, 0, 4, 0, 0, 1, 0]),
        ("extract/withdrawal-steward", [1, 2, 0, 5, 1, 5, 1, 0]),
    ] {
        let bundle = &set.files[name];
        let vector = set.vectors.iter().find(|vector| vector.name == name).unwrap();
        let counts = judge(&BundleStore::open(bundle.as_slice()).unwrap(), vector).counts;
        let Counts { articles, versions, observations, statements, files, bytes, withheld, void } = counts;
        let found = [articles, versions, observations, statements, files, bytes, withheld, void];
        assert_eq!(found, expected, "{name}");
    }
}

/// Where versions are, by a reader of the whole archive.
fn versions(view: &View<'_>) -> Vec<(ArticleUrn, VersionRef)> {
    let of = |article: &Article| article.versions.iter().map(|version| (article.urn, *version)).collect::<Vec<_>>();
    let mut versions: Vec<_> = view.articles().iter().flat_map(of).collect();
    versions.sort_unstable_by_key(|(_, version)| version.index);
    versions
}

#[test]
fn what_entry_tiles_alone_tell_is_what_the_whole_archive_does() {
    let set = Set::read(&root()).unwrap();
    let (mut told, mut refused) = (0, 0);
    for vector in &set.vectors {
        let Ok(store) = BundleStore::open(set.files[&vector.file].as_slice()) else { continue };
        let prover = Prover::open(&store);
        let Ok(found) = prover.as_ref().map_err(drop).and_then(|prover| prover.articles(1).map_err(drop)) else {
            let about_log = ["E003", "E004", "E005", "E006", "E013", "E021"];
            let is_log = vector.code.as_deref().is_some_and(|code| about_log.contains(&code));
            assert!(vector.verdict != "verified" || is_log, "{}: {:?}", vector.name, prover.err());
            refused += 1;
            continue;
        };
        let codes = judge(&store, vector).findings.into_iter().map(|finding| finding.code);
        assert!(codes.into_iter().all(|code| code != Code::Root && code != Code::UnknownKind), "{}", vector.name);
        let Ok(view) = View::open(&store, Trust::default(), 1) else { continue };
        assert_eq!(found.versions, versions(&view), "{}", vector.name);
        let observed: Vec<_> = view.observations().iter().map(|seen| (seen.version.0, seen.index)).collect();
        assert_eq!(found.observations, observed, "{}", vector.name);
        told += 1;
    }
    assert!(told > 300 && refused > 100, "{told} told, {refused} refused");
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
