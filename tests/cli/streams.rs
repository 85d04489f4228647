//! Inputs that are many: a pipe without an end, a folder of all sorts.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::run::{Ran, Sandbox};

fn draft(nth: u64, text: &str) -> String {
    let file = json!({"path": "a.md", "role": "text", "text": text});
    json!({"schema": 1, "subject": format!("https://example.org/{nth}"), "files": [file]}).to_string()
}

/// A crawler's pipe into `add`.
struct Pipe {
    child: Child,
    rows: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Pipe {
    fn open(sandbox: &Sandbox, arguments: &str) -> Self {
        let mut command = sandbox.command(&format!("add arch - --from jsonl --json {arguments}"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let rows = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, rows }
    }

    fn feed(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(line.as_bytes()).and_then(|()| stdin.write_all(b"\n")).unwrap();
    }

    /// The next row that is printed; waits for it.
    fn row(&mut self) -> Value {
        serde_json::from_str(&self.rows.next().unwrap().unwrap()).unwrap()
    }

    fn end(mut self) -> Ran {
        drop(self.child.stdin.take());
        self.child.wait_with_output().unwrap().into()
    }
}

#[test]
fn what_a_pipe_has_committed_stays_when_the_process_is_killed() {
    let sandbox = Sandbox::with_archive();
    for nth in 0..2 {
        let mut pipe = Pipe::open(&sandbox, "--commit-every 10");
        (0..25).for_each(|n| pipe.feed(&draft(nth * 100 + n, "A")));
        // Rows are printed after each commit, while the pipe is still open.
        for n in 0..20 {
            let row = pipe.row();
            assert_eq!((row["status"].as_str(), row["version"].as_u64()), (Some("added"), Some(1)));
            assert_eq!(row["subject"], format!("https://example.org/{}", nth * 100 + n));
        }
        if nth == 0 {
            pipe.child.kill().unwrap();
            pipe.child.wait().unwrap();
        } else {
            let pid = pipe.child.id();
            assert_eq!(sandbox.shell(&format!("kill -TERM {pid}")).code, 0);
            pipe.child.wait().unwrap();
        }
        let verified = sandbox.ok("verify --json arch").json();
        assert_eq!(verified["counts"]["articles"].as_u64(), Some(1 + 20 * (nth + 1)));
    }
    // The same again: what was lost is signed in, the rest is unchanged.
    let mut pipe = Pipe::open(&sandbox, "--commit-every 10");
    (0..25).for_each(|n| pipe.feed(&draft(n, "A")));
    let (mut added, mut unchanged) = (0, 0);
    drop(pipe.child.stdin.take());
    for row in pipe.rows.by_ref().map_while(Result::ok) {
        added += u64::from(row.contains("\"status\":\"added\""));
        unchanged += u64::from(row.contains("\"status\":\"unchanged\""));
    }
    assert_eq!((added, unchanged, pipe.end().code), (5, 20, 0));
}

#[test]
fn a_bad_line_in_a_pipe_loses_nothing_else() {
    let sandbox = Sandbox::with_archive();
    let mut pipe = Pipe::open(&sandbox, "--commit-every 2 --keep-going");
    for (nth, line) in
        [draft(0, "A"), "{".into(), draft(1, "B"), draft(2, "C"), String::new(), draft(3, "D")].iter().enumerate()
    {
        pipe.feed(if nth == 4 { "{\"schema\": 9}" } else { line });
    }
    let rows: Vec<_> = (0..6).map(|_| pipe.row()).collect();
    let status: Vec<_> = rows.iter().map(|row| row["status"].as_str().unwrap()).collect();
    // Those that failed come last of each commit.
    assert_eq!(status, ["added", "added", "failed", "added", "added", "failed"], "{rows:?}");
    assert_eq!((rows[2]["place"].as_str(), rows[5]["place"].as_str()), (Some("line 2"), Some("line 5")));
    assert_eq!(pipe.end().code, 4);
    assert_eq!(sandbox.ok("verify --json arch").json()["counts"]["articles"], 5);
}

/// The most memory that a process has used so far, in bytes.
#[cfg(target_os = "linux")]
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_without_an_end_needs_no_more_memory_than_its_commits() {
    const DRAFTS: u64 = 3_000;
    let sandbox = Sandbox::with_archive();
    let mut pipe = Pipe::open(&sandbox, "--commit-every 100");
    let mut stdin = pipe.child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let text = "слово ".repeat(3_000);
        (0..DRAFTS).for_each(|nth| writeln!(stdin, "{}", draft(nth, &format!("{nth} {text}"))).unwrap());
        stdin
    });
    (0..DRAFTS).for_each(|_| assert_eq!(pipe.row()["status"], "added"));
    // 99 MB went through it.
    let peak = peak(&pipe.child);
    assert!(peak < 60 << 20, "{peak} bytes");
    drop(writer.join().unwrap());
    assert_eq!(pipe.end().code, 0);
}

#[test]
fn of_a_mixed_folder_what_can_be_is_imported_and_the_rest_is_listed_by_reason() {
    let sandbox = Sandbox::with_archive();
    let (mut good, mut bad) = (0_u64, 0_u64);
    for nth in 0..1_000 {
        let (name, content): (String, Vec<u8>) = match nth % 10 {
            0..=3 => (format!("{nth}.md"), format!("# {nth}\n\nText {nth}.\n").into()),
            4 => (format!("{nth}.txt"), format!("Рядок {nth}").into()),
            5 => (format!("{nth}.html"), format!("\0{nth}").into()),
            6 => (format!("{nth}.jpg"), format!("\u{fffd}{nth}").into()),
            7 => (format!("{nth}.jsonl"), b"{\"schema\": 1, \"subject\": \"\", \"files\": []}".to_vec()),
            8 => (format!("{nth}.ndjson"), b"{\"schema\": 1".to_vec()),
            _ => (
                format!("{nth}/result.json"),
                b"{\"type\": \"public_channel\", \"id\": 5, \"messages\": [{\"id\": 1".to_vec(),
            ),
        };
        let path = sandbox.join("in").join(format!("{}", nth % 97)).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        if nth % 10 < 7 { good += 1 } else { bad += 1 }
    }
    let before = sandbox.snapshot("arch");
    let refused = sandbox.run("add arch in --quiet");
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("nothing was written: 300 inputs can't be signed in"), "{}", refused.stderr);
    assert_eq!(sandbox.snapshot("arch"), before);

    let ran = sandbox.run("add arch in --keep-going");
    assert_eq!(ran.code, 4);
    let summary = format!("{good} new articles, {bad} not signed in");
    assert!(ran.stdout.contains(&summary), "{}", ran.stdout.lines().last().unwrap());
    for reason in
        ["error: 100 inputs: no subject", "error: 100 inputs: the file ends in the middle: the export is torn"]
    {
        assert_eq!(ran.stderr.lines().filter(|line| line.starts_with(reason)).count(), 1, "{reason}");
    }
    // Of each reason the first, and the number of the others.
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("         in/")).count(), 60, "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().filter(|line| *line == "         and 80 more").count(), 3);
    assert_eq!(ran.stderr.lines().last(), Some("hint: --json lists all of them"));

    let rows = sandbox.run("add arch in --keep-going --json").lines();
    let failed = rows.iter().filter(|row| row["status"] == "failed").count();
    for (name, place) in [("in/7/7.jsonl", "line 1"), ("in/9/9/result.json", "line 1")] {
        assert_eq!(rows.iter().filter(|row| row["input"] == name && row["place"] == place).count(), 1, "{name}");
    }
    let unchanged = rows.iter().filter(|row| row["status"] == "unchanged").count();
    assert_eq!((failed, unchanged, rows.len()), (300, 700, 1_001));
    assert_eq!(rows[1_000]["inputs"], json!({"added": 0, "revised": 0, "unchanged": 700, "failed": 300}));
}
