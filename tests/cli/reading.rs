//! `list`, `log`, `show`, `cat`, `find`: their documents, what is altered or too much, and a real article.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::data::shared;
use crate::run::{Ran, Sandbox};

/// An archive of two articles, one with two versions.
fn archive() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("one.md", "---\ntitle: One\nurl: https://example.org/one\ndate: 2026-03\nlang: uk\n---\nFirst.\n");
    sandbox.write("two.txt", "no title\nat all\n");
    sandbox.ok("create arch one.md two.txt --make-keys --no-recovery --quiet");
    sandbox.write("one.md", "---\ntitle: One\nurl: https://example.org/one\ndate: 2026-03\nlang: uk\n---\nSecond.\n");
    sandbox.ok("add arch one.md --quiet");
    sandbox
}

/// The fields of a line of JSON, in the order in which they were printed.
fn fields(line: &str) -> Vec<String> {
    struct Fields;
    impl<'de> serde::de::Visitor<'de> for Fields {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
            let mut fields = Vec::new();
            while let Some((field, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                fields.push(field);
            }
            Ok(fields)
        }
    }
    serde::Deserializer::deserialize_map(&mut serde_json::Deserializer::from_str(line), Fields).unwrap()
}

#[test]
fn list_prints_a_line_an_article() {
    let sandbox = archive();
    let listed = sandbox.ok("list arch --json");
    let lines = listed.lines();
    assert_eq!(lines.len(), 2);
    let [one, two] = [&lines[0], &lines[1]];
    let all = [
        "article",
        "subject",
        "title",
        "language",
        "publisher",
        "published",
        "versions",
        "head",
        "signed_at",
        "change",
    ];
    assert!(listed.stdout.lines().all(|line| fields(line) == all));
    assert!(one["article"].as_str().unwrap().starts_with("urn:uuid:"));
    assert_eq!(one["head"].as_str().unwrap().len(), 64);
    assert_eq!((&one["title"], &one["versions"], &one["change"]), (&json!("One"), &json!(2), &json!("source")));
    assert_eq!((&one["published"], &one["language"]), (&json!("2026-03"), &json!("uk")));
    assert_eq!((&two["subject"], &two["title"], &two["published"]), (&json!("two.txt"), &Value::Null, &Value::Null));
    assert_eq!(sandbox.ok("list arch --json --title nothing").stdout, "");
}

#[test]
fn log_prints_a_line_a_statement() {
    let sandbox = archive();
    let logged = sandbox.ok("log arch --json");
    let (lines, text) = (logged.lines(), logged.stdout.lines().collect::<Vec<_>>());
    let indexes: Vec<_> = lines.iter().map(|line| line["index"].as_u64().unwrap()).collect();
    assert_eq!(indexes, [0, 1, 2, 3]);
    assert_eq!(fields(text[0]), ["index", "id", "kind", "title", "signer"]);
    assert_eq!(lines[0]["id"], sandbox.ok("id arch --json").json()["archive"]);
    let article = ["index", "id", "kind", "change", "article", "version", "subject", "title", "signed_at", "signer"];
    assert_eq!(fields(text[3]), article);
    assert_eq!(
        (&lines[3]["kind"], &lines[3]["change"], &lines[3]["version"]),
        (&json!("article"), &json!("source"), &json!(2))
    );
    assert_eq!(lines[3]["signer"]["key"], sandbox.ok("key show --json").json()["key"]);
    assert_eq!(lines[3]["signer"]["claimed_name"], "archivist");

    let mut reversed = sandbox.ok("log arch --json --reverse").lines();
    reversed.reverse();
    assert_eq!(reversed, lines);
}

#[test]
fn show_prints_one_document_with_the_parts_asked_for() {
    let sandbox = archive();
    let shown = sandbox.ok("show arch https://example.org/one --json").json();
    assert_eq!((&shown["schema"], &shown["version"], &shown["versions"]), (&json!(1), &json!(2), &json!(2)));
    assert_eq!((&shown["change"], &shown["text"]), (&json!("source"), &json!("Second.\n")));
    assert_eq!(
        shown["metadata"],
        json!({
            "title": "One", "language": "uk", "published": "2026-03", "captured": {"url": "https://example.org/one"},
        })
    );
    assert_eq!(shown["provenance"]["published"], "front matter key date");
    assert_eq!((&shown["files"][0]["role"], &shown["files"][0]["path"]), (&json!("capture"), &json!("one.md")));
    let history = shown["history"].as_array().unwrap();
    assert_eq!((history.len(), &history[1]["id"]), (2, &shown["id"]));
    assert_eq!((&history[0]["change"], &history[1]["change"]), (&json!("first"), &json!("source")));

    let shown = sandbox.ok("show arch https://example.org/one --version 1 --text --json").json();
    assert_eq!(shown["text"], "First.\n");
    assert_eq!((shown.get("metadata"), shown.get("history"), shown.get("provenance")), (None, None, None));
    assert_eq!(sandbox.run("show arch nothing --json").json()["error"]["code"], 2);
}

#[test]
fn cat_describes_what_it_would_print() {
    let sandbox = archive();
    let ran = sandbox.ok("cat arch two.txt --role capture --json");
    let file = ran.json();
    assert_eq!(fields(&ran.stdout), ["schema", "article", "version", "id", "what", "file"]);
    assert_eq!(
        (&file["what"], &file["file"]["path"], &file["file"]["size"]),
        (&json!("file"), &json!("two.txt"), &json!(16))
    );
    let digest = sandbox.shell("sha256sum two.txt | cut -c1-64").stdout;
    assert_eq!(file["file"]["sha256"], format!("sha256:{}", digest.trim()));
    let manifest = sandbox.ok("cat arch two.txt --manifest --json").json();
    let digest = sandbox.shell("litopys cat arch two.txt --manifest | sha256sum | cut -c1-64").stdout;
    assert_eq!(
        (&manifest["what"], &manifest["sha256"]),
        (&json!("manifest"), &json!(format!("sha256:{}", digest.trim())))
    );
}

#[test]
fn find_prints_a_line_a_version() {
    let sandbox = archive();
    let found = sandbox.ok("find arch --url https://example.org/one#part --json").stdout;
    assert_eq!(found.lines().count(), 2);
    assert_eq!(
        fields(found.lines().next().unwrap()),
        ["article", "version", "versions", "id", "subject", "title", "found"]
    );
    let lines = sandbox.ok("find arch --sha256 two.txt --json").lines();
    let paths: Vec<_> = lines.iter().map(|line| line["file"]["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["two.txt", "text.md"]);
    let ran = sandbox.run("find arch --text nothing --full --json");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
}

#[test]
fn what_was_altered_is_not_read() {
    let sandbox = archive();
    let large = "A long line of a long text, and no two are the same: ";
    let large: String = (0..4000).map(|nth| format!("{large}{nth}\n")).collect();
    sandbox.write("large.txt", &large);
    sandbox.ok("add arch large.txt --quiet");
    assert_eq!(sandbox.ok("cat arch large.txt --quiet").stdout, large);
    assert_eq!(sandbox.ok("find arch --full --text same: --json").lines().len(), 1);
    // Another text, in place of the compressed one.
    let script = "f=$(find arch/files -type f); g=${f%.zst}; tr 3 4 < large.txt > other; rm $f; cp other $g";
    assert_eq!(sandbox.shell(script).code, 0);
    let ran = sandbox.run("cat arch large.txt");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("is missing or altered\nhint: `litopys verify`"), "{ran:?}");
    assert_eq!(sandbox.run("show arch large.txt --json").json()["error"]["code"], 1);
    assert_eq!(sandbox.run("cat arch large.txt --json").code, 1);

    sandbox.shell("for f in $(find arch/tile/packs -type f); do tr a b < $f > x; cp x $f; done");
    let ran = sandbox.run("cat arch two.txt");
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
}

#[test]
fn nobody_need_read_to_the_end() {
    let sandbox = archive();
    for arguments in ["list arch", "log arch --json", "show arch two.txt", "cat arch two.txt", "find arch --text one"] {
        let (reader, writer) = std::io::pipe().unwrap();
        // Gone before anything is written: however fast the command is, it writes to nobody.
        drop(reader);
        let ran = Ran::from(sandbox.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap());
        assert!(ran.code == 141 && ran.stderr.lines().count() == 1, "{arguments}: {ran:?}");
    }
}

#[test]
fn an_article_without_text_says_so() {
    let sandbox = Sandbox::with_archive();
    let draft = json!({
        "schema": 1, "subject": "scan", "title": "A scan",
        "files": [{"path": "scan.bin", "role": "capture", "type": "application/octet-stream", "text": "x"}],
    });
    sandbox.write("draft.jsonl", &draft.to_string());
    sandbox.ok("add arch --from jsonl draft.jsonl --quiet");
    assert!(sandbox.ok("show arch scan").stdout.contains("\ntext\n  (no text)\n"));
    assert_eq!(sandbox.run("show arch scan --text").code, 2);
    assert_eq!(sandbox.ok("show arch scan --json").json()["text"], Value::Null);
    assert_eq!(sandbox.ok("cat arch scan --quiet").stdout, "x");
}

#[test]
fn the_seed_article_reads_well() {
    let Some(seed) = shared("seed") else { return };
    let sandbox = Sandbox::new();
    sandbox.ok(&format!("create arch {} --make-keys --no-recovery --quiet", seed.display()));
    let title = "Putin: foreign troops in Ukraine would be legitimate targets for Russia";
    let listed = sandbox.ok("list arch --json").lines();
    assert_eq!((&listed[0]["title"], &listed[0]["published"]), (&json!(title), &Value::Null));
    let shown = sandbox.ok("show arch urn:uuid: --quiet").stdout;
    assert!(shown.starts_with(&format!("{title}\n\nmetadata\n")), "{shown}");
    assert_eq!(shown.matches(title).count(), 1);
    assert!(shown.contains("\ntext\n  If foreign military personnel appear in Ukraine"), "{shown}");
    assert!(shown.contains("said the day before.\n\nhistory\n* first "), "{shown}");
    for furniture in ["Donate", "minutes to read", "Source"] {
        assert!(!shown.contains(furniture), "{shown}");
    }
    assert_eq!(sandbox.ok("find arch --text vladivostok --full --json").lines()[0]["found"], "text");
    assert_eq!(sandbox.run("find arch --text vladivostok").code, 1);
}

#[test]
fn several_tiles_read_as_one() {
    let sandbox = Sandbox::with_archive();
    for nth in 0..300 {
        sandbox.write(&format!("in/{nth:03}.txt"), &format!("Title {nth}\n\nText <{nth}>.\n"));
    }
    sandbox.ok("add arch in --quiet");
    let lines = sandbox.ok("log arch --json").lines();
    assert_eq!(lines.len(), 302);
    assert!((0..).zip(&lines).all(|(nth, line): (u64, _)| line["index"] == nth));
    let reversed = sandbox.ok("log arch --json --reverse --since 200 --limit 80").lines();
    assert!(reversed.iter().eq(lines.iter().rev().take(80)));
    for nth in [0, 253, 254, 255, 299] {
        let found = sandbox.ok(&format!("find arch --text <{nth}> --full --json")).lines();
        assert!(found.len() == 1 && found[0]["subject"] == format!("{nth:03}.txt"), "{found:?}");
    }
}
