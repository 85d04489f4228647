//! A folder of one's own in which `litopys` runs, with a home of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder of one's own. It goes away when it is dropped.
pub(crate) struct Sandbox {
    dir: tempfile::TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// One with the archive `arch` of one article, `a.md`, and its keys.
    pub(crate) fn with_archive() -> Self {
        let sandbox = Self::new();
        sandbox.write("a.md", "# One\n\nIt was said.\n");
        sandbox.ok("create arch a.md --make-keys --no-recovery");
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A command with nothing of this process's environment in it.
    pub(crate) fn prepare(&self, mut command: Command) -> Command {
        let bin = Path::new(env!("CARGO_BIN_EXE_litopys")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        command.env_clear().current_dir(self.path()).stdin(Stdio::null());
        command.env("PATH", format!("{}:{path}", bin.display()));
        command.env("LITOPYS_HOME", self.join("home")).env("HOME", self.path());
        command.env("SOURCE_DATE_EPOCH", "1780000000").env("COLUMNS", "100").env("LC_ALL", "C.UTF-8");
        command
    }

    /// `litopys` with these arguments, split at blanks.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = self.prepare(Command::new(env!("CARGO_BIN_EXE_litopys")));
        command.args(arguments.split_whitespace());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs what must succeed.
    pub(crate) fn ok(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "litopys {arguments}\n{ran:?}");
        ran
    }

    pub(crate) fn with_stdin(&self, arguments: &str, text: &str) -> Ran {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Runs a line of shell.
    pub(crate) fn shell(&self, line: &str) -> Ran {
        let mut command = self.prepare(Command::new("sh"));
        command.arg("-c").arg(line).output().unwrap().into()
    }

    /// All files below a folder with their contents.
    pub(crate) fn snapshot(&self, name: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut files, mut folders) = (Vec::new(), vec![self.join(name)]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push((path.clone(), std::fs::read(path).unwrap()));
                }
            }
        }
        files.sort();
        files
    }
}

impl Ran {
    /// Standard output as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Standard output as JSON Lines.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}
