//! JSON: the documents that cli.md promises.

use serde_json::{Value, json};

use crate::run::Sandbox;

#[test]
fn verify_prints_the_documented_document() {
    let sandbox = Sandbox::with_archive();
    let report = sandbox.ok("verify --json arch").json();
    let text = |pointer: &str| report.pointer(pointer).unwrap_or(&Value::Null).clone();
    assert_eq!((text("/schema"), text("/verdict")), (json!(1), json!("verified")));
    assert_eq!(text("/archive").as_str().unwrap().len(), 64);
    assert_eq!(text("/claimed_origin"), "litopys.local/arch");
    assert_eq!(text("/checkpoint/size"), 2);
    assert_eq!(text("/checkpoint/root").as_str().unwrap().len(), 64);
    let counts = json!({"articles": 1, "versions": 1, "observations": 0, "statements": 2, "files": 2, "bytes": 40, "withheld": 0, "void": 0});
    assert_eq!(
        text("/counts").as_object().unwrap().keys().collect::<Vec<_>>(),
        counts.as_object().unwrap().keys().collect::<Vec<_>>()
    );
    assert_eq!(text("/counts/statements"), 2);
    let claims = json!({
        "intact": "holds", "signed": "holds", "complete": "holds", "trusted": "holds", "current": "holds", "time": "unchecked",
    });
    assert_eq!(text("/claims"), claims);
    assert_eq!(text("/signers/0/claimed_name"), "archivist");
    assert_eq!(text("/signers/0/statements"), 2);
    assert_eq!((text("/findings"), text("/findings_total")), (json!([]), json!(0)));

    sandbox.shell("rm -r arch/tile/packs");
    let ran = sandbox.run("verify --json arch");
    assert_eq!(ran.code, 1);
    let report = ran.json();
    assert_eq!(report["verdict"], "failed");
    assert_eq!(report["claims"]["complete"], "fails");
    let finding = &report["findings"][0];
    assert_eq!((finding["code"].as_str(), finding["severity"].as_str()), (Some("E003"), Some("error")));
    assert_eq!(finding["place"]["member"], "tile/packs/000.p/2");
    assert!(finding["detail"].is_string());
}

#[test]
fn an_untrusted_archive_says_how_to_trust_it() {
    let sandbox = Sandbox::with_archive();
    let mut command = sandbox.command("verify --json arch");
    let ran = crate::run::Ran::from(command.env("LITOPYS_HOME", sandbox.join("other")).output().unwrap());
    assert_eq!(ran.code, 3);
    let report = ran.json();
    assert_eq!(report["verdict"], "untrusted");
    assert_eq!(report["claims"]["trusted"], "unchecked");
    let again = report["to_trust"].as_str().unwrap().strip_prefix("litopys ").unwrap();
    sandbox.ok(again);
}

#[test]
fn a_bundle_that_is_no_longer_one_is_reported_in_the_same_document() {
    let sandbox = Sandbox::with_archive();
    sandbox.ok("bundle arch arch.litopys");
    sandbox.shell("head -c 2000 arch.litopys > short.litopys");
    let ran = sandbox.run("verify --json short.litopys");
    let report = ran.json();
    assert_eq!((ran.code, report["verdict"].as_str()), (1, Some("failed")));
    assert_eq!((report["findings"][0]["code"].as_str(), &report["archive"]), (Some("E001"), &Value::Null));
}

#[test]
fn several_archives_are_a_line_each() {
    let sandbox = Sandbox::with_archive();
    let ran = sandbox.run("verify --json arch missing");
    let lines = ran.lines();
    assert_eq!(ran.code, 2);
    assert_eq!((lines[0]["verdict"].as_str(), lines[1]["verdict"].as_str()), (Some("verified"), Some("unchecked")));
    assert_eq!((lines[1]["path"].as_str(), lines[1]["error"]["code"].as_i64()), (Some("missing"), Some(2)));
}

#[test]
fn add_prints_a_line_an_input_and_a_summary() {
    let sandbox = Sandbox::with_archive();
    sandbox.write("b.txt", "Two\n\nIt was said again.\n");
    let ran = sandbox.run("add --json arch a.md b.txt missing.md --keep-going");
    assert_eq!((ran.code, ran.stderr.as_str()), (4, ""));
    let lines = ran.lines();
    let statuses: Vec<_> = lines.iter().map(|line| line["status"].as_str()).collect();
    assert_eq!(statuses, [Some("unchanged"), Some("added"), Some("failed"), None]);
    let added = &lines[1];
    assert_eq!((added["input"].as_str(), added["subject"].as_str()), (Some("b.txt"), Some("b.txt")));
    assert_eq!((added["version"].as_u64(), added["change"].as_str()), (Some(1), Some("first")));
    assert!(added["article"].as_str().unwrap().starts_with("urn:uuid:"));
    assert_eq!(added["id"].as_str().unwrap().len(), 64);
    assert_eq!(lines[2]["input"], "missing.md");
    assert_eq!(lines[3]["inputs"], json!({"added": 1, "revised": 0, "unchanged": 1, "failed": 1}));
    assert_eq!((lines[3]["schema"].as_u64(), lines[3]["checkpoint"]["size"].as_u64()), (Some(1), Some(3)));

    let ran = sandbox.run("add --json arch missing.md");
    assert_eq!(ran.code, 2);
    let error = &ran.json()["error"];
    assert_eq!((error["code"].as_u64(), error["inputs"][0]["input"].as_str()), (Some(2), Some("missing.md")));
}

#[test]
fn every_command_has_a_document() {
    let sandbox = Sandbox::new();
    let created = sandbox.ok("create arch --make-keys --json").json();
    assert_eq!((created["schema"].as_u64(), created["keys"][1]["what"].as_str()), (Some(1), Some("recovery")));
    let id = created["archive"].as_str().unwrap().to_owned();
    assert_eq!(sandbox.ok("id arch --json").json()["archive"], id);
    assert_eq!(sandbox.ok("bundle arch b.litopys --json").json()["archive"], id);
    assert_eq!(sandbox.ok("unbundle b.litopys c --json").json()["checkpoint"]["size"], 1);
    assert_eq!(sandbox.ok("trust list --json").lines()[0]["archive"], id);
    assert_eq!(sandbox.ok(&format!("trust remove {id} --json")).json()["status"], "removed");
    assert_eq!(sandbox.ok(&format!("trust add {id} --json")).json()["status"], "pinned");
    let key = sandbox.ok("key show --json").json();
    assert!(key["public"].as_str().unwrap().starts_with("ssh-ed25519 "));
    assert_eq!(sandbox.ok("key list --json").lines()[0]["key"], key["key"]);
    assert_eq!(sandbox.ok("key new third --json").json()["schema"], 1);
    sandbox.write("a.md", "# A\n");
    assert_eq!(sandbox.ok("inspect a.md").json()["schema"], 1);
    sandbox.ok("add arch a.md");
    assert_eq!(sandbox.ok("correct arch a.md --title B --json").json()["change"], "correction");
}
