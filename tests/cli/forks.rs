//! Forks: found by memory, between two archives and by a witness; proved to somebody who has none of them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{Ran, Sandbox};

/// Runs it for somebody who has none of this user's memory.
fn elsewhere(sandbox: &Sandbox, arguments: &str) -> Ran {
    let ran: Ran = sandbox.command(arguments).env("LITOPYS_HOME", sandbox.join("elsewhere")).output().unwrap().into();
    assert_ne!(ran.code, 101, "{ran:?}");
    ran
}

/// The archive `arch` of three statements, and `fork`, which goes on otherwise from the second on and has four.
fn forked() -> Sandbox {
    let sandbox = Sandbox::with_archive();
    assert_eq!(sandbox.shell("cp -r arch fork").code, 0);
    sandbox.write("b.md", "# B\n\nWhat was said.\n");
    sandbox.ok("add arch b.md");
    for name in ["c.md", "d.md"] {
        sandbox.write(name, &format!("# {name}\n\nNever said.\n"));
        let key = sandbox.join("home/keys/default");
        assert_eq!(elsewhere(&sandbox, &format!("add fork {name} --key {}", key.display())).code, 0);
    }
    sandbox
}

/// What a fork proof shows, to a stranger with nothing but the proof.
fn proved(sandbox: &Sandbox, proof: &str) -> Value {
    let alone = Sandbox::new();
    fs::copy(sandbox.join(proof), alone.join("fork.proof")).unwrap();
    let ran = alone.run("verify fork.proof --json");
    assert_eq!((ran.code, ran.json()["verdict"].as_str()), (1, Some("forked")), "{ran:?}");
    let shown = alone.run("verify fork.proof");
    assert!(shown.code == 1 && shown.stdout.contains("signed both"), "{shown:?}");
    ran.json()
}

#[test]
fn a_fork_found_by_memory_is_proved_to_who_has_neither_archive() {
    let sandbox = forked();
    let plain = sandbox.run("verify fork");
    assert_eq!(plain.code, 1);
    assert!(plain.stderr.contains("--fork-proof FILE"), "{plain:?}");
    let ran = sandbox.run("verify fork --fork-proof fork.proof");
    assert_eq!(ran.code, 1, "{ran:?}");
    let proof = proved(&sandbox, "fork.proof");
    let sizes: Vec<_> = proof["states"].as_array().unwrap().iter().map(|state| state["size"].as_u64()).collect();
    assert_eq!(sizes, [Some(3), Some(4)]);
    assert_eq!(proof["archive"], sandbox.run("verify arch --json").json()["archive"]);
    assert_eq!(proof["keys"].as_array().unwrap().len(), 1);
    // What was remembered stays what it was: the fork is found again.
    assert_eq!(sandbox.run("verify fork").code, 1);
    assert_eq!(sandbox.run("verify arch").code, 0);
    // Nothing is written over, and where all is well nothing is written.
    let before = fs::read(sandbox.join("fork.proof")).unwrap();
    assert_eq!(sandbox.run("verify fork --fork-proof fork.proof").code, 1);
    assert_eq!(fs::read(sandbox.join("fork.proof")).unwrap(), before);
    sandbox.ok("verify arch --fork-proof none");
    assert!(!sandbox.join("none").exists());
}

#[test]
fn two_archives_give_the_same_proof_whichever_is_named_first() {
    let sandbox = forked();
    for (first, second, out) in [("arch", "fork", "one"), ("fork", "arch", "two")] {
        let ran = elsewhere(&sandbox, &format!("diff {first} {second} --names-only --fork-proof {out}"));
        assert_eq!(ran.code, 1, "{ran:?}");
    }
    assert_eq!(fs::read(sandbox.join("one")).unwrap(), fs::read(sandbox.join("two")).unwrap());
    proved(&sandbox, "one");
    sandbox.ok("bundle fork fork.litopys");
    elsewhere(&sandbox, "diff arch fork.litopys --stat --fork-proof three");
    assert_eq!(fs::read(sandbox.join("one")).unwrap(), fs::read(sandbox.join("three")).unwrap());
    // Of the same size.
    assert_eq!(sandbox.shell("cp -r arch longer").code, 0);
    let key = sandbox.join("home/keys/default");
    elsewhere(&sandbox, &format!("add longer d.md --key {}", key.display()));
    elsewhere(&sandbox, "diff longer fork --names-only --fork-proof same");
    let same = proved(&sandbox, "same");
    assert_eq!((same["states"][0]["size"].as_u64(), same["states"][1]["size"].as_u64()), (Some(4), Some(4)));
    // One that extends the other is no fork.
    let ran = elsewhere(&sandbox, "diff arch longer --names-only --fork-proof none");
    assert_eq!((ran.code, sandbox.join("none").exists()), (1, false), "{ran:?}");
}

#[test]
fn a_key_that_came_later_is_shown_with_the_change_that_brought_it() {
    let sandbox = Sandbox::new();
    sandbox.write("a.md", "# One\n\nIt was said.\n");
    sandbox.ok("create arch a.md --make-keys");
    sandbox.ok("key new clerk");
    sandbox.ok("signers add arch --new-key clerk --name Clerk --role archivist --role log");
    assert_eq!(sandbox.shell("cp -r arch fork").code, 0);
    sandbox.write("b.md", "# B\n\nWhat was said.\n");
    sandbox.ok("add arch b.md --key clerk");
    sandbox.ok("verify arch");
    sandbox.write("c.md", "# C\n\nNever said.\n");
    let key = sandbox.join("home/keys/clerk");
    assert_eq!(elsewhere(&sandbox, &format!("add fork c.md --key {}", key.display())).code, 0);
    sandbox.run("verify fork --fork-proof fork.proof");
    let proof = proved(&sandbox, "fork.proof");
    assert_eq!(proof["keys"][0]["claimed_name"], "Clerk");
    // Without the change nobody could tell that the key may sign.
    let text = fs::read_to_string(sandbox.join("fork.proof")).unwrap();
    let without: Vec<_> = text.split("\n\n").filter(|block| !block.starts_with("statement 2 ")).collect();
    sandbox.write("without", &format!("{}\n", without.join("\n\n").trim_end()));
    let ran = sandbox.run("verify without --json");
    assert_eq!((ran.code, ran.json()["findings"][0]["code"].as_str()), (2, Some("E122")), "{ran:?}");
}

#[test]
fn what_proves_nothing_says_so_and_is_never_taken_for_an_archive() {
    let sandbox = forked();
    sandbox.run("verify fork --fork-proof fork.proof");
    let text = fs::read_to_string(sandbox.join("fork.proof")).unwrap();
    sandbox.write("cut", &text[..text.len() / 2]);
    sandbox.write("altered", &text.replacen("\n4\n", "\n5\n", 1));
    for (file, code) in [("cut", "E120"), ("altered", "E122")] {
        let ran = sandbox.run(&format!("verify {file} --json"));
        let json = ran.json();
        assert_eq!((ran.code, json["verdict"].as_str()), (2, Some("not_proved")), "{file}");
        assert_eq!(json["findings"][0]["code"], code, "{file}");
    }
    // Beside an archive that is verified, the worst counts.
    assert_eq!(sandbox.run("verify arch fork.proof").code, 1);
    assert_eq!(sandbox.run("verify arch cut").code, 2);
    for command in ["list", "show", "bundle", "add"] {
        assert_ne!(sandbox.run(&format!("{command} fork.proof x")).code, 0, "{command}");
    }
}

#[test]
fn without_the_signed_checkpoint_a_fork_is_told_and_not_proved() {
    let sandbox = forked();
    let state = sandbox.shell("ls home/trust/*.state").stdout;
    fs::remove_file(sandbox.join(state.trim())).unwrap();
    let ran = sandbox.run("verify fork --json --fork-proof fork.proof");
    assert_eq!((ran.code, ran.json()["claims"]["current"].as_str()), (1, Some("fails")));
    assert!(ran.stderr.contains("no proof of the fork can be made"), "{ran:?}");
    assert!(!Path::new(&sandbox.join("fork.proof")).exists());
    // The next full pass keeps it.
    sandbox.ok("verify arch");
    sandbox.run("verify fork --fork-proof fork.proof");
    proved(&sandbox, "fork.proof");
}

#[test]
fn a_witness_that_is_shown_a_fork_proves_it() {
    let sandbox = forked();
    sandbox.ok("key new w1");
    sandbox.ok("cosign arch --key w1 --name w1.example");
    let ran = sandbox.run("cosign fork --key w1 --fork-proof fork.proof");
    assert_eq!(ran.code, 1, "{ran:?}");
    proved(&sandbox, "fork.proof");
    assert!(fs::read_to_string(sandbox.join("fork.proof")).unwrap().contains("\u{2014} litopys.local/arch "));
    assert!(!fs::read_to_string(sandbox.join("fork/checkpoint")).unwrap().contains("w1.example"));
}

#[test]
fn a_fork_is_not_pinned_over_what_was_seen() {
    let sandbox = forked();
    let json = sandbox.run("verify arch --json").json();
    let ran = sandbox.run("trust add fork");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("forked (E083)"), "{ran:?}");
    let (id, size) = (json["archive"].as_str().unwrap(), &json["checkpoint"]["size"]);
    let other = format!("trust add {id}@{size}:{}", "7".repeat(64));
    assert_eq!(sandbox.run(&other).code, 1);
    sandbox.ok("trust add arch");
}
