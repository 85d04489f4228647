//! `diff`: its document, hostile text, and what it does not compare.

use std::io::Read;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::run::{Ran, Sandbox};

/// The archives `old` and `new`, which is `old` and the examples' later versions.
fn examples() -> Sandbox {
    let sandbox = Sandbox::new();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/articles");
    sandbox.ok(&format!("create old {examples}/first --make-keys --no-recovery"));
    sandbox.shell("cp -r old new");
    sandbox.ok(&format!("add new {examples}/revised"));
    sandbox
}

fn text(ops: &Value, without: &str) -> String {
    let ops = ops.as_array().unwrap().iter().filter(|op| op["op"] != without);
    ops.map(|op| op["text"].as_str().unwrap()).collect()
}

#[test]
fn the_document_says_what_changed() {
    let sandbox = examples();
    let ran = sandbox.run("diff old new --json");
    let document = ran.json();
    assert_eq!((ran.code, &document["schema"], &document["relation"]), (1, &json!(1), &json!("b_extends_a")));
    assert!(ran.stdout.starts_with(r#"{"schema":1,"relation":"b_extends_a","articles":["#));
    let articles = document["articles"].as_array().unwrap();
    assert_eq!(articles.len(), 1);
    let bridge = &articles[0];
    let keys: Vec<_> = ["article", "change", "fields", "files", "from", "reason", "subject", "text", "to"].into();
    assert_eq!(bridge.as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    assert_eq!((&bridge["change"], &bridge["reason"]), (&json!("revised"), &json!("source")));
    assert_eq!((&bridge["from"]["version"], &bridge["to"]["version"]), (&json!(1), &json!(2)));
    assert_eq!(bridge["fields"], json!([{"field": "modified", "before": null, "after": "2026-03-05"}]));
    let files: Vec<_> = bridge["files"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    assert_eq!(files, ["bridge.md", "text.md"]);
    // By word, from one text to the other.
    let of = |version: u64| {
        let ran = sandbox.ok(&format!("cat new https://herald.example/2026/03/bridge text.md --version {version}"));
        ran.stdout
    };
    assert_eq!((text(&bridge["text"], "insert"), text(&bridge["text"], "delete")), (of(1), of(2)));
    let changed = |op: &str| {
        let ops = bridge["text"].as_array().unwrap().iter().filter(|row| row["op"] == op);
        ops.map(|row| row["text"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(changed("insert"), ["four", "it", "be replaced, which may ", "a year"]);
    assert_eq!(changed("delete")[..3], ["two", "repairs", "three weeks"]);

    let names = sandbox.run("diff old new --json --names-only").json();
    assert_eq!(names["articles"][0]["fields"], Value::Null);
    assert_eq!(names["articles"][0]["reason"], "source");
    let stat = sandbox.run("diff old new --json --stat").json();
    assert_eq!(stat["articles"][0]["stat"], json!({"fields": 1, "files": 2, "words_added": 8, "words_struck": 17}));
    assert_eq!(sandbox.run("diff new --article bridge.md --json").code, 2);
    let one = sandbox.run("diff new --article https://herald.example/2026/03/bridge --json").json();
    assert_eq!(one["articles"][0]["text"], bridge["text"]);
}

#[test]
fn relations_have_their_words_and_codes() {
    let sandbox = examples();
    sandbox.shell("cp -r old fork");
    sandbox.write("b.md", "# B\n");
    let mut add = sandbox.command("add fork b.md --key home/keys/default");
    assert!(add.env("LITOPYS_HOME", sandbox.join("elsewhere")).output().unwrap().status.success());
    sandbox.ok("create other b.md --origin other.example");
    sandbox.ok("bundle new new.litopys");
    for (a, b, relation, forked_at, code) in [
        ("old", "old", "same", Value::Null, 0),
        ("new", "new.litopys", "same", Value::Null, 0),
        ("old", "new.litopys", "b_extends_a", Value::Null, 1),
        ("new", "old", "a_extends_b", Value::Null, 1),
        ("new", "fork", "forked", json!(4), 1),
        ("new", "other", "unrelated", Value::Null, 1),
    ] {
        let ran = sandbox.run(&format!("diff {a} {b} --json"));
        let document = ran.json();
        let is = (document["relation"].as_str(), &document["forked_at"], ran.code);
        assert_eq!(is, (Some(relation), &forked_at, code), "{a} {b}");
        assert_eq!(document["articles"].as_array().unwrap().is_empty(), code == 0);
    }
}

#[test]
fn hostile_text_is_shown_for_what_it_is() {
    let sandbox = Sandbox::new();
    let hostile = "x \x1b[31m \u{202e} \u{9b}0m \u{200b}\u{7}";
    sandbox.write("a.md", &format!("# One {hostile}\n\nWas {hostile}.\n"));
    sandbox.ok("create old a.md --make-keys --no-recovery");
    sandbox.shell("cp -r old new");
    sandbox.write("a.md", &format!("# Two {hostile}\n\nIs {hostile}\r\n\u{1b}]0;t\u{7}.\n"));
    sandbox.ok("add new a.md");
    for how in ["", "--color always", "--stat", "--names-only", "--json"] {
        let ran = sandbox.run(&format!("diff old new {how}"));
        assert_eq!(ran.code, 1, "{ran:?}");
        let all = ran.stdout.replace("\x1b[", "\x1b").replace(['\n', '\x1b'], "");
        let own = ran.stdout.matches('\x1b').count();
        assert_eq!(all.chars().find(|c| c.is_control() || "\u{202e}\u{200b}".contains(*c)), None, "{ran:?}");
        assert!(how == "--color always" || own == 0, "{ran:?}");
        assert!(!ran.stdout.contains("\x1b]") && !ran.stdout.contains("\x1b[31m \\"), "{ran:?}");
    }
    let document = sandbox.run("diff old new --json").json();
    let title = document["articles"][0]["fields"][0]["after"].as_str().unwrap();
    assert!(title.starts_with("Two x \x1b[31m \u{202e}"), "{document}");
}

#[test]
fn what_does_not_pass_its_check_is_not_compared() {
    let sandbox = examples();
    let tile = sandbox.join("new/tile/entries/000.p/5");
    let mut bytes = std::fs::read(&tile).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    let ran = sandbox.run("diff old new");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("error: new: statement 4: the statement is missing or altered"), "{ran:?}");
    // The document is closed all the same.
    let ran = sandbox.run("diff old new --json");
    let document = ran.json();
    assert_eq!((ran.code, &document["relation"], &document["articles"]), (2, &json!("b_extends_a"), &json!([])));
    assert_eq!(document["error"]["code"], 2);
}

#[test]
fn nobody_reading_is_no_error() {
    let sandbox = Sandbox::with_archive();
    sandbox.shell("cp -r arch new");
    sandbox.write("a.md", &format!("# One\n\n{}\n", "word ".repeat(100_000)));
    sandbox.ok("add new a.md");
    let mut command = sandbox.command("diff arch new");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 16]).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 141, "{ran:?}");
}
