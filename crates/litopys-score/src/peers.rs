//! Other readers of web pages, each a script that reads pages as lines of JSON and answers each with one.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::sets::Case;
use crate::{Reader, Reading};

const TRAFILATURA: &str = r#"
import json, sys, trafilatura
print(json.dumps({"version": trafilatura.__version__}), flush=True)
for line in sys.stdin:
    case = json.loads(line)
    html = open(case["file"], "rb").read()
    out = {}
    try:
        out["text"] = trafilatura.extract(html, url=case["url"], include_comments=False, include_tables=True) or ""
        said = trafilatura.extract_metadata(html, default_url=case["url"])
        out.update(title=said.title, author=said.author, date=said.date)
    except Exception as e:
        print(e, file=sys.stderr)
    print(json.dumps(out), flush=True)
"#;

const READABILITY_LXML: &str = r#"
import json, sys
from importlib.metadata import version
import lxml.html
from readability import Document
print(json.dumps({"version": version("readability-lxml")}), flush=True)
for line in sys.stdin:
    case = json.loads(line)
    out = {}
    try:
        document = Document(open(case["file"], "rb").read(), url=case["url"])
        root = lxml.html.fromstring(document.summary())
        for block in root.iter("p", "div", "li", "br", "h1", "h2", "h3", "h4", "td", "blockquote", "pre"):
            block.tail = "\n" + (block.tail or "")
        out = {"text": root.text_content(), "title": document.short_title(), "author": document.author()}
        if out["author"] == "[no-author]":
            out["author"] = None
    except Exception as e:
        print(e, file=sys.stderr)
    print(json.dumps(out), flush=True)
"#;

const READABILITY_JS: &str = r#"
const { createRequire } = require("module");
const fs = require("fs");
const load = createRequire(process.cwd() + "/");
const { Readability } = load("@mozilla/readability");
const { JSDOM, VirtualConsole } = load("jsdom");
const manifest = require("path").join(require("path").dirname(load.resolve("@mozilla/readability")), "package.json");
console.log(JSON.stringify({ version: JSON.parse(fs.readFileSync(manifest)).version }));
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const given = JSON.parse(line);
  let out = {};
  try {
    const dom = new JSDOM(fs.readFileSync(given.file), { url: given.url || undefined, virtualConsole: new VirtualConsole() });
    const read = new Readability(dom.window.document).parse();
    if (read) {
      const text = new JSDOM(read.content.replace(/<\/(p|div|li|h\d|td|blockquote|pre)>|<br\s*\/?>/gi, "\n$&")).window.document.body.textContent;
      out = { text, title: read.title, author: read.byline, date: read.publishedTime };
    }
    dom.window.close();
  } catch (e) { console.error(String(e)); }
  console.log(JSON.stringify(out));
});
"#;

/// The peers, each with its readings, or why it is absent.
pub(crate) fn run(cases: &[Case], python: &Path, node: &Path, modules: &Path) -> Vec<Result<Reader, String>> {
    let mut readers = Vec::new();
    for (name, program, flag, script) in [
        ("trafilatura", python, "-c", TRAFILATURA),
        ("readability-lxml", python, "-c", READABILITY_LXML),
        ("@mozilla/readability", node, "-e", READABILITY_JS),
    ] {
        let mut command = Command::new(program);
        command.arg(flag).arg(script).current_dir(modules);
        readers.push(ask(name, &mut command, cases).map_err(|reason| format!("{name}: absent ({reason})")));
    }
    readers
}

fn ask(name: &str, command: &mut Command, cases: &[Case]) -> Result<Reader, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| e.to_string())?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("no pipes".to_owned());
    };
    let mut lines = BufReader::new(output).lines();
    let mut answer = || -> Result<Value, String> {
        let line = lines.next().ok_or("not installed")?.map_err(|e| e.to_string())?;
        serde_json::from_str(&line).map_err(|e| e.to_string())
    };
    let version = answer()?.get("version").and_then(Value::as_str).unwrap_or("?").to_owned();
    let page = std::env::temp_dir().join(format!("litopys-score-{}.html", std::process::id()));
    let mut readings = Vec::new();
    for case in cases {
        std::fs::write(&page, &case.html).map_err(|e| e.to_string())?;
        writeln!(input, "{}", json!({ "file": page, "url": case.url })).map_err(|e| e.to_string())?;
        let said = answer()?;
        let text =
            |key: &str| said.get(key).and_then(Value::as_str).filter(|t| !t.trim().is_empty()).map(str::to_owned);
        readings.push(Reading {
            text: text("text").unwrap_or_default(),
            title: text("title"),
            author: text("author"),
            date: text("date"),
        });
    }
    drop(input);
    let _ = child.wait();
    let _ = std::fs::remove_file(&page);
    Ok(Reader { name: format!("{name} {version}"), readings })
}
