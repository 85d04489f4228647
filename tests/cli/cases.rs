//! Sessions as data. A case is a file of prose, files to begin with, and commands with what they print:
//!
//! ```text
//! // Prose.
//! >>> a.md
//! the file's content
//! <<<
//! $ litopys create arch a.md
//! a line of standard output
//! ! a line of standard error
//! ? 1
//! ```
//!
//! A first line `// needs: TOOL...` names programs without which the case is passed over. `? N` is the exit code, where it isn't 0. Commands are run by a shell, one after the other, in one folder.

use std::fmt::Write;
use std::path::Path;

use crate::run::{Ran, Sandbox};
use crate::scrub::Scrubber;

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cli/cases").join(name).with_extension("txt");
    let text = std::fs::read_to_string(&path).unwrap();
    let sandbox = Sandbox::new();
    if let Some(missing) = missing_tool(&text, &sandbox) {
        eprintln!("{name}: not run, for there is no {missing}");
        return;
    }
    let now = play(&text, &sandbox);
    if std::env::var_os("LITOPYS_BLESS").is_some() {
        std::fs::write(path, now).unwrap();
    } else if now != text {
        let (nth, (was, is)) =
            text.lines().chain([""]).zip(now.lines().chain([""])).enumerate().find(|(_, (a, b))| a != b).unwrap();
        panic!("{}:{}\n was: {was}\n  is: {is}\n\nall of it now:\n{now}", path.display(), nth + 1);
    }
}

/// What the first line asks for, and isn't there: `// needs: TOOL...`.
fn missing_tool<'a>(text: &'a str, sandbox: &Sandbox) -> Option<&'a str> {
    let tools = text.lines().next()?.strip_prefix("// needs: ")?;
    tools.split_whitespace().find(|tool| sandbox.shell(&format!("command -v {tool}")).code != 0)
}

/// Runs a case, and writes it down as it is now.
fn play(text: &str, sandbox: &Sandbox) -> String {
    let (mut now, mut scrubber) = (String::new(), Scrubber::default());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix(">>> ") {
            let content: Vec<_> = lines.by_ref().take_while(|line| *line != "<<<").collect();
            let content = content.iter().map(|line| format!("{line}\n")).collect::<String>();
            sandbox.write(name, &content);
            write!(now, "{line}\n{content}<<<\n").unwrap();
        } else if line.starts_with("//") {
            // Prose that follows a command stands apart from it.
            let after_output =
                !now.is_empty() && !now.ends_with("<<<\n") && !now.lines().next_back().unwrap().starts_with("//");
            writeln!(now, "{}{line}", if after_output { "\n" } else { "" }).unwrap();
        } else if let Some(command) = line.strip_prefix("$ ") {
            let ran = sandbox.shell(command);
            writeln!(now, "{line}").unwrap();
            print(&mut now, &ran, &mut scrubber, sandbox);
        }
    }
    now
}

fn print(now: &mut String, ran: &Ran, scrubber: &mut Scrubber, sandbox: &Sandbox) {
    for line in scrubber.scrub(&ran.stdout, sandbox.path()).trim_end().lines() {
        writeln!(now, "{line}").unwrap();
    }
    for line in scrubber.scrub(&ran.stderr, sandbox.path()).trim_end().lines() {
        writeln!(now, "! {line}").unwrap();
    }
    if ran.code != 0 {
        writeln!(now, "? {}", ran.code).unwrap();
    }
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        #[test]
        fn every_case_is_run() {
            let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cli/cases");
            let mut there: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            there.sort();
            let mut named: Vec<std::ffi::OsString> = vec![$(concat!(stringify!($name), ".txt").into()),*];
            named.sort();
            assert_eq!(there, named);
        }
    };
}

cases! {
    add
    apart
    bundles
    correct
    create
    diff
    drafts
    export
    extracts
    failures
    feeds
    first_steps
    foreign_keys
    forked
    history
    hostile
    keys
    many_failures
    meta
    named
    observe
    observed
    passphrases
    pages
    proofs
    reading
    reading_hostile
    reading_terminal
    requests
    rolled_back
    signers
    single
    telegram
    translations
    trust
    verify
    volatile
    withdrawal
}
