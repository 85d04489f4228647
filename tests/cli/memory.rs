//! What is remembered, by readers and witnesses: nothing moves it but what was looked at in full, and nothing moves it back.

use std::fs;
use std::time::Duration;

use litopys::archive::{Archive, BatchOptions};
use litopys::charter::{Charter, CharterKey, KeyRole};
use litopys::draft::{Draft, DraftFile};
use litopys::key::SignError;
use litopys::store::folder::FolderWriter;
use litopys::{PublicKey, Role, SecretKey, Signer};

use crate::run::{Ran, Sandbox};

/// An archive that this user trusts, and which somebody else has made grow since; its id.
fn grown_elsewhere() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    sandbox.write("a.md", "# One\n\nIt was said.\n");
    sandbox.write("b.md", "# Two\n\nIt was said again.\n");
    sandbox.ok("create arch a.md --make-keys");
    let key = sandbox.join("home/keys/default");
    let added = elsewhere(&sandbox, &format!("add arch b.md --key {}", key.display()));
    assert_eq!(added.code, 0, "{added:?}");
    let id = sandbox.run("verify arch --files none --json").json()["archive"].as_str().unwrap().to_owned();
    (sandbox, id)
}

/// Runs it for somebody else.
fn elsewhere(sandbox: &Sandbox, arguments: &str) -> Ran {
    sandbox.command(arguments).env("LITOPYS_HOME", sandbox.join("elsewhere")).output().unwrap().into()
}

#[test]
fn only_a_full_check_of_a_whole_archive_moves_what_is_remembered() {
    let (sandbox, _) = grown_elsewhere();
    elsewhere(&sandbox, "bundle arch b.litopys --article b.md");
    let before = sandbox.snapshot("home/trust");
    for part in ["arch --files none", "arch --files new", "arch --files 1/2", "b.litopys"] {
        sandbox.ok(&format!("verify {part}"));
        assert!(sandbox.snapshot("home/trust") == before, "{part}");
    }
    sandbox.ok("verify arch");
    assert!(sandbox.snapshot("home/trust") != before);
}

#[test]
fn an_archive_named_once_is_not_remembered() {
    let (sandbox, id) = grown_elsewhere();
    let ran = elsewhere(&sandbox, &format!("verify arch --trust-archive {id}"));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(fs::read_dir(sandbox.join("elsewhere/trust")).map_or(0, Iterator::count) == 0);
}

#[test]
fn a_checkpoint_named_later_moves_nothing_back() {
    let (sandbox, id) = grown_elsewhere();
    let memory = || fs::read_to_string(sandbox.join("home/trust").join(format!("{id}.json"))).unwrap();
    let checkpoint = || serde_json::from_str::<serde_json::Value>(&memory()).unwrap()["checkpoint"].clone();
    let old = checkpoint();
    sandbox.ok("verify arch");
    let new = checkpoint();
    assert_ne!(old, new);
    sandbox.ok(&format!("trust add {id}@{}:{}", old["size"], old["root"].as_str().unwrap()));
    assert_eq!(checkpoint(), new);
}

#[test]
fn what_a_witness_saw_is_its_own_and_of_one_log() {
    let (sandbox, _) = grown_elsewhere();
    sandbox.ok("key new w1");
    sandbox.ok("key new w2");
    sandbox.ok("create other a.md --origin litopys.local/other");
    sandbox.ok("cosign arch --key w1 --name w1.example --state seen");
    let before = [sandbox.snapshot("arch"), sandbox.snapshot("other")];
    for (arguments, reason) in [
        ("arch --key w2 --name w1.example", "seen by another witness"),
        ("other --key w1 --name w1.example", "seen of another log"),
    ] {
        let seen = fs::read(sandbox.join("seen")).unwrap();
        let ran = sandbox.run(&format!("cosign {arguments} --state seen"));
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(reason), "{ran:?}");
        assert_eq!(fs::read(sandbox.join("seen")).unwrap(), seen);
    }
    assert!([sandbox.snapshot("arch"), sandbox.snapshot("other")] == before);
}

#[test]
fn a_cosignature_is_replaced_by_a_newer_one_of_the_same_witness_alone() {
    let (sandbox, _) = grown_elsewhere();
    sandbox.ok("key new w1");
    sandbox.ok("key new w2");
    sandbox.ok("cosign arch --key w1 --name w1.example --out older");
    sandbox.ok("cosign arch --key w2 --name w2.example --out others");
    let later = sandbox.command("cosign arch --key w1").env("SOURCE_DATE_EPOCH", "1780000100").output().unwrap();
    assert!(later.status.success(), "{later:?}");
    let before = sandbox.snapshot("arch");
    let w1 = format!("--witness w1.example={}", sandbox.join("home/keys/w1.pub").display());
    let ran = sandbox.run(&format!("cosign arch --add older {w1} --json"));
    assert_eq!((ran.code, &ran.json()["added"]), (0, &0.into()), "{ran:?}");
    assert!(sandbox.snapshot("arch") == before);
    // Whose cosignature stands there already doesn't vouch for another's.
    let ran = sandbox.run(&format!("cosign arch --add others {w1}"));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(sandbox.snapshot("arch") == before);
}

/// A key whose signatures over articles are nobody's.
struct Forger(SecretKey);

impl Signer for Forger {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        self.0.sign(message).map(|signature| signature.map(|byte| byte ^ 1))
    }

    fn computes_here(&self) -> bool {
        true
    }
}

/// An archive of 300 articles, a whole tile of them and more, that nobody signed.
fn forged() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let (root, key) = (sandbox.join("arch"), SecretKey::from_seed(&[1; 32]));
    fs::create_dir(&root).unwrap();
    sandbox.write("key", key.to_openssh_pem("").unwrap().as_str());
    let roles = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
    let member = CharterKey { key: key.public_key().clone(), name: "keeper".into(), roles };
    let charter = Charter::new("test.example/forged".parse().unwrap(), "Forged".into(), vec![member], 1, [9; 16]);
    let writer = FolderWriter::lock(&root, Duration::ZERO).unwrap();
    let archive = Archive::create(writer, charter.unwrap(), &key, &key).unwrap();
    let (forger, mut nth, mut ignore) = (Forger(SecretKey::from_seed(&[1; 32])), 0_u64, |_, _| {});
    let mut random = |out: &mut [u8]| {
        nth += 1;
        out[..8].copy_from_slice(&nth.to_be_bytes());
        true
    };
    let options = BatchOptions::new("2026-11-23T10:00:00Z".parse().unwrap(), 1);
    let mut batch = archive.batch(&forger, &key, options, &mut random, &mut ignore).unwrap();
    for n in 0..300 {
        let content = format!("Text {n}").into_bytes().into();
        let (path, media_type) = ("text.md".into(), "text/markdown".into());
        let file = DraftFile { path, role: Role::Text, media_type, original_name: None, content };
        batch.add(Draft { subject: n.to_string(), files: vec![file], ..Draft::default() }).unwrap();
    }
    (sandbox, batch.commit().unwrap().0)
}

/// Which version of this article would be added next. One that nobody signed is void: nothing follows it.
fn next_version(sandbox: &Sandbox, subject: u32) -> serde_json::Value {
    sandbox.write("next.md", "# Next\n\nIt was said.\n");
    let asked = sandbox.ok(&format!("add arch next.md --subject {subject} --request to-sign-{subject} --json"));
    let row: serde_json::Value = serde_json::from_str(asked.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(row["status"], "asked", "{asked:?}");
    row["version"].clone()
}

#[test]
fn a_checkpoint_that_one_was_told_of_spares_no_signature() {
    let (sandbox, archive) = forged();
    let (id, head) = (archive.id(), archive.head());
    drop(archive);
    sandbox.ok(&format!("trust add {id}@{}:{}", head.size(), head.root()));
    assert_eq!(next_version(&sandbox, 7), 1);
}

#[test]
fn a_checkpoint_over_void_entries_spares_no_signature_though_one_made_it() {
    let (sandbox, archive) = forged();
    let (id, size) = (archive.id(), archive.head().size());
    drop(archive);
    sandbox.ok(&format!("trust add {id}"));
    sandbox.write("new.md", "# New\n\nIt was said.\n");
    sandbox.ok("add arch new.md --subject new --key key");
    let kept = sandbox.ok("trust list --json").lines().remove(0);
    assert_eq!(kept["checkpoint"]["size"], size + 1, "it is remembered: {kept}");
    assert_eq!((next_version(&sandbox, 7), next_version(&sandbox, 8)), (1.into(), 1.into()));
}
