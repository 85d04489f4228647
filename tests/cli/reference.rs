//! `docs/cli.md`: what every command says of itself, and what stands before it by hand.

use std::fmt::Write;
use std::path::Path;

use crate::run::Sandbox;

#[test]
fn the_reference_is_what_the_help_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = std::fs::read_to_string(root.join("tests/cli/reference.md")).unwrap();
    let sandbox = Sandbox::new();
    section(&mut text, &sandbox, "");
    let path = root.join("docs/cli.md");
    if std::env::var_os("LITOPYS_BLESS").is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == text,
        "docs/cli.md is not what the commands say: LITOPYS_BLESS=1 cargo test -p litopys-cli writes it anew"
    );
}

fn section(text: &mut String, sandbox: &Sandbox, command: &str) {
    let help = sandbox.ok(&format!("{command} --help")).stdout;
    let title = format!("litopys {command}");
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    // The flags that all share are told once.
    let global = help.iter().position(|line| *line == "Global options:").unwrap_or(help.len());
    let after =
        help.iter().skip(global).position(|line| line.starts_with("Example")).map_or(help.len(), |at| global + at);
    let kept = if command.is_empty() { help.join("\n") } else { [&help[..global], &help[after..]].concat().join("\n") };
    write!(text, "\n## `{}`\n\n```text\n{}\n```\n", title.trim(), kept.trim_end()).unwrap();
    let commands = help.iter().skip_while(|line| **line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for line in commands.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        section(text, sandbox, format!("{command} {name}").trim());
    }
}
