//! `export`: hostile names and folders, many files, large ones.

use std::fs;

use serde_json::{Value, json};

use crate::run::Sandbox;

/// An archive `arch` of one article with these files.
fn with_files(files: &[(&str, &str)]) -> Sandbox {
    let row =
        |(path, text): &(&str, &str)| json!({"path": path, "role": "attachment", "type": "text/plain", "text": text});
    let files: Vec<_> = files.iter().map(row).collect();
    let sandbox = Sandbox::new();
    sandbox.write("in.jsonl", &json!({"schema": 1, "subject": "a", "title": "A", "files": files}).to_string());
    sandbox.ok("create arch --make-keys --no-recovery");
    sandbox.ok("add arch --from jsonl in.jsonl");
    sandbox
}

fn sums_hold(sandbox: &Sandbox, dir: &str) {
    let tool = sandbox.shell("command -v sha256sum");
    if tool.code == 0 {
        let ran = sandbox.shell(&format!("cd {dir} && sha256sum --strict --quiet -c SHA256SUMS"));
        assert_eq!(ran.code, 0, "{ran:?}");
    }
}

fn version(sandbox: &Sandbox) -> String {
    sandbox.shell("echo out/articles/*/v1").stdout.trim().to_owned()
}

#[test]
fn names_that_some_system_takes_otherwise_are_replaced() {
    let names = [
        "CON",
        "a/nul.txt",
        "end.",
        ".htaccess",
        "a\u{202e}gpj.exe",
        "e\u{301}.txt",
        "plain.txt",
        "x/Ä",
        "x/ä",
        "a?*.txt",
        "фото/міст.jpg",
    ];
    let files: Vec<_> = names.iter().map(|name| (*name, *name)).collect();
    let sandbox = with_files(&files);
    let ran = sandbox.ok("export arch out");
    assert!(ran.stderr.contains("8 files could not keep their names"), "{ran:?}");
    let folder = version(&sandbox);
    let metadata: Value =
        serde_json::from_slice(&fs::read(sandbox.join(&folder).join("metadata.json")).unwrap()).unwrap();
    let rows = metadata["files"].as_array().unwrap();
    assert_eq!(rows.len(), names.len());
    for (row, name) in rows.iter().zip(names) {
        assert_eq!(row["path"], name);
        let exported = sandbox.join(&folder).join(row["exported"].as_str().unwrap());
        assert_eq!(fs::read_to_string(exported).unwrap(), name);
    }
    let exported: Vec<_> = rows.iter().map(|row| row["exported"].as_str().unwrap()).collect();
    assert_eq!(exported[0], "renamed/00000-CON");
    assert_eq!((exported[6], exported[10]), ("files/plain.txt", "files/фото/міст.jpg"));
    let raw = fs::read_to_string(sandbox.join(&folder).join("metadata.json")).unwrap();
    assert!(raw.contains(r"a\u202egpj.exe") && !raw.contains('\u{202e}'));
    sums_hold(&sandbox, "out");
}

#[test]
fn no_link_is_followed() {
    let sandbox = with_files(&[("a.txt", "new")]);
    sandbox.ok("export arch out");
    sandbox.write("precious", "old");
    sandbox.write("elsewhere/kept", "kept");
    let folder = version(&sandbox);
    let inner = sandbox.join(&folder).join("files");
    // A file that is a link is replaced itself.
    sandbox.shell(&format!(
        "ln -sf {} {folder}/files/a.txt; ln -sf {} out/SHA256SUMS",
        sandbox.join("precious").display(),
        sandbox.join("precious").display()
    ));
    sandbox.ok("export arch out --force");
    assert_eq!(fs::read_to_string(sandbox.join("precious")).unwrap(), "old");
    assert!(!fs::symlink_metadata(inner.join("a.txt")).unwrap().is_symlink());
    sums_hold(&sandbox, "out");
    // A folder that is a link stands in the way; what is written by then is no whole export.
    sandbox.shell(&format!("rm -r {folder}/files; ln -s {} {folder}/files", sandbox.join("elsewhere").display()));
    let ran = sandbox.run("export arch out --force");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("is a file or a link where a folder has to be"), "{ran:?}");
    assert_eq!(fs::read_dir(sandbox.join("elsewhere")).unwrap().count(), 1);
    assert!(!sandbox.join("out/SHA256SUMS").exists());
    // Nor is a link that leads nowhere.
    sandbox.shell(&format!("rm {folder}/files; ln -s {} {folder}/files", sandbox.join("made").display()));
    assert_eq!(sandbox.run("export arch out --force").code, 1);
    assert!(!sandbox.join("made").exists());
}

#[test]
fn many_and_large_files_come_out_whole() {
    let sandbox = Sandbox::new();
    let file = |n: usize| json!({"path": format!("d/{n}"), "role": "media", "type": "text/plain", "text": format!("{}", n % 9_000)});
    let mut files: Vec<_> = (0..10_000).map(file).collect();
    let large = "large ".repeat(600_000);
    files.push(json!({"path": "text.md", "role": "text", "type": "text/markdown", "text": large}));
    sandbox.write("in.jsonl", &json!({"schema": 1, "subject": "a", "files": files}).to_string());
    sandbox.ok("create arch --make-keys --no-recovery");
    sandbox.ok("add arch --from jsonl in.jsonl");
    sandbox.ok("bundle arch arch.litopys");
    sandbox.ok("export arch.litopys out");
    let folder = sandbox.join(&version(&sandbox)).join("files");
    assert_eq!(fs::read_dir(folder.join("d")).unwrap().count(), 10_000);
    assert_eq!(fs::read_to_string(folder.join("d/9999")).unwrap(), "999");
    assert_eq!(fs::read_to_string(folder.join("text.md")).unwrap(), large);
    sums_hold(&sandbox, "out");
}

#[test]
fn the_same_archive_is_exported_byte_for_byte_the_same() {
    let sandbox = with_files(&[("a.txt", "a"), ("b.txt", "a")]);
    sandbox.ok("bundle arch arch.litopys");
    sandbox.ok("export arch one/");
    sandbox.ok("export arch.litopys two");
    let of = |name: &str| {
        let below = sandbox.snapshot(name).into_iter();
        below
            .map(|(path, bytes)| (path.strip_prefix(sandbox.join(name)).unwrap().to_owned(), bytes))
            .collect::<Vec<_>>()
    };
    assert_eq!(of("one"), of("two"));
    // What the statement signs is there.
    let folder = sandbox.shell("echo two/articles/*/v1").stdout;
    let metadata: Value =
        serde_json::from_slice(&fs::read(sandbox.join(folder.trim()).join("metadata.json")).unwrap()).unwrap();
    let ran = sandbox.shell("sha256sum two/articles/*/v1/manifest.cbor | cut -c 1-64");
    assert_eq!(format!("sha256:{}", ran.stdout.trim()), metadata["manifest"]["sha256"].as_str().unwrap());
}

#[test]
fn a_checkpoint_of_another_history_is_no_beginning() {
    let sandbox = Sandbox::with_archive();
    sandbox.shell("cp -r arch fork");
    sandbox.write("b.md", "# B\n");
    let mut add = sandbox.command("add fork b.md --key home/keys/default");
    assert!(add.env("LITOPYS_HOME", sandbox.join("elsewhere")).output().unwrap().status.success());
    sandbox.write("a.md", "# One\n\nIt was said otherwise.\n");
    let ran = sandbox.run("export arch out --since fork/checkpoint");
    assert!(ran.code == 1 && ran.stderr.contains("is newer: it has 3 statements, the archive 2"), "{ran:?}");
    sandbox.ok("add arch a.md");
    let ran = sandbox.run("export arch out --since fork/checkpoint");
    assert!(ran.code == 1 && ran.stderr.contains("another history"), "{ran:?}");
    sandbox.ok("create other b.md --origin other.example");
    let ran = sandbox.run("export arch out --since other/checkpoint");
    assert!(ran.code == 1 && ran.stderr.contains("no checkpoint of this archive"), "{ran:?}");
    assert!(!sandbox.join("out").exists());
}
