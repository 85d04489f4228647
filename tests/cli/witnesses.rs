//! Witnesses: what they refuse, and what a reader learns by them that the archive alone can't tell.

use std::fs;

use serde_json::Value;

use crate::run::{Ran, Sandbox};

/// An archive, and keys for two witnesses who have cosigned nothing yet.
fn with_witnesses() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("a.md", "# One\n\nIt was said.\n");
    sandbox.ok("create arch a.md --make-keys");
    sandbox.ok("key new w1");
    sandbox.ok("key new w2");
    sandbox
}

fn cosign(sandbox: &Sandbox, archive: &str, name: &str) {
    sandbox.ok(&format!("cosign {archive} --key {name} --name {name}.example"));
}

/// Runs it for somebody who has none of this user's memory.
fn stranger(sandbox: &Sandbox, arguments: &str) -> Ran {
    sandbox.command(arguments).env("LITOPYS_HOME", sandbox.join("elsewhere")).output().unwrap().into()
}

fn add(sandbox: &Sandbox, archive: &str, name: &str) {
    sandbox.write(name, &format!("# {name}\n\nOf its own.\n"));
    sandbox.ok(&format!("add {archive} {name}"));
}

fn copy(sandbox: &Sandbox, from: &str, to: &str) {
    assert_eq!(sandbox.shell(&format!("cp -r {from} {to}")).code, 0);
}

fn strings(rows: &Value, key: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
}

/// The claim `current`, what it holds by, and all findings.
fn current(ran: &Ran) -> (String, Vec<String>, Vec<String>) {
    let json = ran.json();
    let claim = json["claims"]["current"].as_str().unwrap().to_owned();
    (claim, strings(&json["current_by"], "by"), strings(&json["findings"], "code"))
}

fn told(claim: &str, by: &[&str], codes: &[&str]) -> (String, Vec<String>, Vec<String>) {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    (claim.to_owned(), own(by), own(codes))
}

/// A thief's archive is the state before the revocation of the thief's key, and an article of the thief's own. All of it is true by itself.
#[test]
fn a_revocation_undone_by_dropping_the_end_is_found_by_who_saw_more_and_by_nobody_else() {
    let sandbox = with_witnesses();
    sandbox.ok("key new stolen");
    sandbox.ok("signers add arch --new-key stolen --name Clerk --role log --role archivist");
    copy(&sandbox, "arch", "fork");
    sandbox.ok("signers revoke arch Clerk");
    sandbox.ok("verify arch");
    cosign(&sandbox, "arch", "w1");
    let head = sandbox.run("verify arch --json").json()["checkpoint"].clone();
    let id = sandbox.ok("verify arch --json").json()["archive"].as_str().unwrap().to_owned();

    let stolen = sandbox.join("home/keys/stolen");
    sandbox.write("lie.md", "# A lie\n\nNever published.\n");
    let forked = stranger(&sandbox, &format!("add fork lie.md --key {}", stolen.display()));
    assert_eq!(forked.code, 0, "{forked:?}");

    // Who saw nothing before finds nothing: and is told so.
    let trusting = format!("--trust-archive {id}");
    let blind = stranger(&sandbox, &format!("verify fork --json {trusting}"));
    assert_eq!((blind.code, current(&blind)), (0, told("unchecked", &[], &[])));
    // By memory.
    let remembered = sandbox.run("verify fork --json");
    assert_eq!((remembered.code, current(&remembered)), (1, told("fails", &[], &["E083"])));
    // By a checkpoint that came by another way.
    let named = format!("{trusting}@{}:{}", head["size"], head["root"].as_str().unwrap());
    let ran = stranger(&sandbox, &format!("verify fork --json {named}"));
    assert_eq!((ran.code, current(&ran)), (1, told("fails", &[], &["E083"])));
    let ran = stranger(&sandbox, &format!("verify arch --json {named}"));
    assert_eq!((ran.code, current(&ran)), (0, told("holds", &["named"], &[])));
    // By a witness: it doesn't cosign the fork, and the reader asks for its cosignature.
    let witness = format!("--witness w1.example={}", sandbox.join("home/keys/w1.pub").display());
    let refused = sandbox.run("cosign fork --key w1");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("forked (E083)"), "{refused:?}");
    let ran = stranger(&sandbox, &format!("verify fork --json {trusting} {witness}"));
    assert_eq!((ran.code, current(&ran)), (1, told("fails", &[], &["E085"])));
    let ran = stranger(&sandbox, &format!("verify arch --json {trusting} {witness}"));
    assert_eq!((ran.code, current(&ran)), (0, told("holds", &["witnesses"], &[])));
}

#[test]
fn a_witness_cosigns_one_history_that_only_grows() {
    let sandbox = with_witnesses();
    copy(&sandbox, "arch", "other");
    add(&sandbox, "arch", "b.md");
    copy(&sandbox, "arch", "old");
    add(&sandbox, "arch", "c.md");
    cosign(&sandbox, "arch", "w1");
    let before = sandbox.snapshot("old");
    let refused = sandbox.run("cosign old --key w1");
    assert_eq!((refused.code, sandbox.snapshot("old")), (1, before));
    assert!(refused.stderr.contains("rolled back (E082): this witness cosigned 4 statements"), "{refused:?}");
    // Another witness knows nothing of that.
    cosign(&sandbox, "old", "w2");
    // Another archive that calls itself the same.
    sandbox.ok("create impostor a.md --origin litopys.local/arch");
    let refused = sandbox.run("cosign impostor --key w1");
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("another archive of the same origin"), "{refused:?}");
    // The same state once more takes the place of the older cosignature.
    let again = sandbox.command("cosign arch --key w1").env("SOURCE_DATE_EPOCH", "1780000060").output().unwrap();
    assert!(again.status.success());
    let text = fs::read_to_string(sandbox.join("arch/checkpoint")).unwrap();
    assert_eq!(text.matches("w1.example").count(), 1);
    // A clock that is behind would date what is newer before what is older.
    let refused = sandbox.run("cosign arch --key w1");
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("the clock is behind"), "{refused:?}");
    assert_eq!(text, fs::read_to_string(sandbox.join("arch/checkpoint")).unwrap());
}

#[test]
fn a_witness_refuses_what_fails_its_check_and_keys_and_names_that_are_not_its_own() {
    let sandbox = with_witnesses();
    copy(&sandbox, "arch", "broken");
    let entries = sandbox.join("broken/tile/entries/000.p/2");
    let mut bytes = fs::read(&entries).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&entries, bytes).unwrap();
    for (arguments, code, says) in [
        ("cosign broken --key w1 --name w1.example", 1, "does not pass its check"),
        ("cosign arch --key w1", 2, "a witness needs a name"),
        ("cosign arch --key w1 --name a+b", 2, "the name of a witness"),
        ("cosign arch --key default --name w", 1, "one of the archive's own"),
        ("cosign arch --key recovery --name w", 1, "one of the archive's own"),
        ("cosign arch --key w1 --name litopys.local/arch", 1, "can't be called as the log is"),
        ("verify arch --witness w1.example", 2, "not a verifier key"),
        (
            "verify arch --witness w1.example=w1 --witness again.example=w1 --quorum 2",
            2,
            "a quorum of 2 out of 1 witness",
        ),
        ("verify arch --quorum 1", 2, "a quorum of 1 out of 0 witnesses"),
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, code, "{arguments}: {ran:?}");
        assert!(ran.stderr.contains(says), "{arguments}: {ran:?}");
    }
    assert!(!fs::read_to_string(sandbox.join("arch/checkpoint")).unwrap().contains("w1.example"));
    cosign(&sandbox, "arch", "w1");
    let renamed = sandbox.run("cosign arch --key w1 --name another.example");
    assert_eq!(renamed.code, 1, "{renamed:?}");
    // A damaged memory is an error, never a fresh start.
    let state = sandbox.shell("ls home/witness/*/*.json").stdout;
    fs::write(sandbox.join(state.trim()), "{}").unwrap();
    let damaged = sandbox.run("cosign arch --key w1 --name w1.example");
    assert_eq!(damaged.code, 2, "{damaged:?}");
}

#[test]
fn cosignatures_come_in_by_a_file_where_the_archive_can_t_be_written() {
    let sandbox = with_witnesses();
    sandbox.ok("bundle arch b.litopys");
    sandbox.ok("cosign b.litopys --key w1 --name w1.example --state seen.json --out cosigned");
    assert!(sandbox.join("seen.json").is_file());
    // One who answers with lines alone, as C2SP's witnesses do.
    sandbox.ok("cosign b.litopys --key w2 --name w2.example --out second");
    assert_eq!(sandbox.shell("tail -n 1 second > line").code, 0);
    let unknown = sandbox.run("cosign arch --add cosigned");
    assert_eq!(unknown.code, 1, "{unknown:?}");
    sandbox.ok("trust add --witness w1.example=w1");
    sandbox.ok("cosign arch --add cosigned");
    sandbox.ok("cosign arch --add line --witness w2.example=w2");
    let both = "--witness w1.example=w1 --witness w2.example=w2";
    let ran = sandbox.run(&format!("verify arch --json {both}"));
    assert_eq!((ran.code, current(&ran).1), (0, vec!["memory".to_owned(), "witnesses".to_owned()]));
    // They go along into bundles and extracts.
    sandbox.ok("bundle arch c.litopys");
    sandbox.ok("bundle arch x.litopys --article a.md");
    for file in ["c.litopys", "x.litopys"] {
        let ran = sandbox.run(&format!("verify {file} --json {both}"));
        assert_eq!((ran.code, current(&ran).1), (0, vec!["memory".to_owned(), "witnesses".to_owned()]), "{file}");
    }
    // What is forged isn't taken in, and what is over another state neither.
    let forged = fs::read_to_string(sandbox.join("cosigned")).unwrap().replace("w1.example ", "w1.example A");
    sandbox.write("forged", &forged);
    assert_eq!(sandbox.run("cosign arch --add forged").code, 1);
    add(&sandbox, "arch", "b.md");
    let late = sandbox.run("cosign arch --add cosigned");
    assert_eq!(late.code, 1);
    assert!(late.stderr.contains("over another checkpoint, of 2 statements"), "{late:?}");
}

#[test]
fn pinned_witnesses_count_where_more_than_half_cosigned() {
    let sandbox = with_witnesses();
    ["w1", "w2"].iter().for_each(|name| drop(sandbox.ok(&format!("trust add --witness {name}.example={name}"))));
    let id = sandbox.ok("verify arch --json").json()["archive"].as_str().unwrap().to_owned();
    sandbox.ok(&format!("trust remove {id}"));
    cosign(&sandbox, "arch", "w1");
    let ran = sandbox.run("verify arch --json");
    assert_eq!((ran.code, current(&ran)), (3, told("unchecked", &[], &[])));
    cosign(&sandbox, "arch", "w2");
    let ran = sandbox.run("verify arch --json");
    assert_eq!((ran.code, current(&ran)), (3, told("holds", &["witnesses"], &[])));
    let page = sandbox.ok(&format!("verify arch --trust-archive {id} --report page.html --certificate")).stdout;
    assert!(page.contains("w2.example"), "{page}");
    assert!(fs::read_to_string(sandbox.join("page.html")).unwrap().contains("w2.example"));
    sandbox.ok("trust remove w1.example");
    assert_eq!(strings(&sandbox.run("verify arch --json").json()["witnesses"], "name"), ["w2.example"]);
}

/// What a witness saw is kept before anything is signed: whatever fails after that, it cosigns no other history.
#[test]
fn a_witness_that_failed_after_it_looked_cosigns_no_other_history() {
    let sandbox = with_witnesses();
    copy(&sandbox, "arch", "fork");
    copy(&sandbox, "home", "thief");
    add(&sandbox, "arch", "b.md");
    sandbox.write("c.md", "# Another\n");
    let forked = sandbox.command("add fork c.md").env("LITOPYS_HOME", sandbox.join("thief")).output().unwrap();
    assert!(forked.status.success());
    let failed = sandbox.run("cosign arch --key w1 --name w1.example --out missing/cosigned");
    assert_eq!(failed.code, 2, "{failed:?}");
    let refused = sandbox.run("cosign fork --key w1");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("E083"), "{refused:?}");
    cosign(&sandbox, "arch", "w1");
}

/// Where it can't be kept what was seen, nothing is signed, and what was kept before stays.
#[test]
fn a_witness_that_cannot_write_signs_nothing() {
    let sandbox = with_witnesses();
    let checkpoint = || fs::read(sandbox.join("arch/checkpoint")).unwrap();
    let full = |arguments: &str| sandbox.shell(&format!("trap '' XFSZ; ulimit -f 0; litopys {arguments}"));
    let before = checkpoint();
    let failed = full("cosign arch --key w1 --name w1.example");
    assert_eq!((failed.code, checkpoint()), (2, before), "{failed:?}");
    cosign(&sandbox, "arch", "w1");
    let state = || -> Vec<_> {
        let found = sandbox.shell("cat home/witness/*/*.json; ls -A home/witness/*");
        found.stdout.lines().map(str::to_owned).collect()
    };
    let seen = state();
    add(&sandbox, "arch", "b.md");
    let before = checkpoint();
    let failed = full("cosign arch --key w1 --name w1.example");
    assert_eq!((failed.code, checkpoint()), (2, before), "{failed:?}");
    assert_eq!(state(), seen);
    cosign(&sandbox, "arch", "w1");
}
