//! What a command ends with: an exit code, or a [`Failure`] with one line that says what and where, and hints.

use std::error::Error;
use std::fmt::Display;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use litopys::archive::ArchiveError;
use litopys::charter::KeyRole;
use litopys::check::CheckError;
use litopys::extract::ExtractError;
use litopys::prove::ProveError;
use litopys::report::{Code, Finding, Report, Severity};
use litopys::store::StoreError;
use litopys::store::folder::WriteError;
use litopys::store::zip::BundleError;
use litopys::transfer::TransferError;
use litopys::view::ReadError;
use serde::Serialize;
use serde_json::Value;

/// How the process ends: cli.md's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; everything asked for holds.
    Ok,
    /// Something is false, or different, or refused: nothing was written.
    False,
    /// Usage, I/O, or nothing that could be checked.
    Unable,
    /// Intact, but nobody said whom to trust.
    Untrusted,
    /// Done in part.
    Partial,
    /// Another writer holds the lock.
    Busy,
    /// Nobody reads the output any more: what a shell gives a process that SIGPIPE ends.
    Pipe,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::False => 1,
            Self::Unable => 2,
            Self::Untrusted => 3,
            Self::Partial => 4,
            Self::Busy => 5,
            Self::Pipe => 141,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// What a command ends with.
pub(crate) type Done = Result<Exit, Failure>;

/// Why a command couldn't do what it was asked for. Texts may quote an archive: whoever prints them escapes them.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hints: Vec<String>,
    rows: Vec<Value>,
}

impl Failure {
    /// A failure that says what and where, in one line.
    pub(crate) fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, message: message.to_string(), hints: Vec::new(), rows: Vec::new() }
    }

    /// Nobody reads the output any more.
    pub(crate) fn pipe() -> Self {
        Self::new(Exit::Pipe, "nobody reads the output")
    }

    /// A file or folder that couldn't be read or written.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        Self::new(Exit::Unable, format_args!("{}: {}", path.display(), plain(error)))
    }

    /// A library error, with its sources.
    pub(crate) fn of(exit: Exit, error: &dyn Error) -> Self {
        Self::new(exit, chain(error))
    }

    /// Says where.
    #[must_use]
    pub(crate) fn at(mut self, place: impl Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// Says it in other words.
    #[must_use]
    pub(crate) fn saying(mut self, message: impl Display) -> Self {
        self.message = message.to_string();
        self
    }

    /// Says what may help.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// Says which inputs it is about.
    #[must_use]
    pub(crate) fn rows(mut self, rows: Vec<Value>) -> Self {
        self.rows = rows;
        self
    }

    /// To a command that compares, what is false is what can't be compared: 1 means different.
    #[must_use]
    pub(crate) fn unable(mut self) -> Self {
        if self.exit == Exit::False {
            self.exit = Exit::Unable;
        }
        self
    }

    /// How the process ends.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// What and where.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What may help.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The document that is printed with `--json`.
    pub(crate) fn document(&self) -> Document<'_> {
        let (message, hints, code) = (&self.message, &self.hints, self.exit.code());
        Document { schema: 1, error: Fault { message, hints, code, inputs: &self.rows } }
    }
}

/// A failure as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    schema: u32,
    /// What went wrong.
    pub(crate) error: Fault<'a>,
}

/// What went wrong, as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Fault<'a> {
    message: &'a str,
    hints: &'a [String],
    code: u8,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    inputs: &'a [Value],
}

/// An error of the operating system without Rust's "(os error 2)".
fn plain(error: &dyn Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text).to_owned()
}

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = plain(error);
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&plain(error));
        source = error.source();
    }
    text
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::of(Exit::Unable, &error)
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        Self::of(Exit::Unable, &error)
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        let exit = if matches!(error, BundleError::Structure { .. }) { Exit::False } else { Exit::Unable };
        Self::of(exit, &error)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Busy => Self::of(Exit::Busy, &error).hint("--wait SECONDS waits for it to finish"),
            _ => Self::of(Exit::Unable, &error).hint("nothing was changed"),
        }
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Write(error) => error.into(),
            ArchiveError::Check(error) => error.into(),
            ArchiveError::Store(error) => error.into(),
            ArchiveError::Failed(report) => of_report(&report),
            ArchiveError::Exists => Self::of(Exit::False, &error).hint("`litopys add` grows it"),
            ArchiveError::NotEmpty(_) => {
                Self::of(Exit::False, &error).hint("name a folder that is empty or not there yet")
            }
            ArchiveError::Role { key, role } => {
                let what = match role {
                    KeyRole::Log => "sign checkpoints of",
                    KeyRole::Steward => "decide about",
                    _ => "sign articles of",
                };
                Self::new(Exit::False, format_args!("the key {key} may not {what} this archive"))
                    .hint("--key FILE names another key; `litopys key list` lists yours")
            }
            ArchiveError::WouldBeVoid { code: Code::WithdrawalRight, .. } => {
                Self::new(Exit::False, "the key may not withdraw this (E110)")
                    .hint("a steward may withdraw anything; an archivist the versions that they signed, and files in them")
            }
            ArchiveError::NotPurged(_) => Self::of(Exit::Unable, &error)
                .hint("it is withdrawn, and `litopys verify` says so; the next command that writes to the archive takes its bytes out"),
            ArchiveError::Random | ArchiveError::Sign(_) => Self::of(Exit::Unable, &error),
            _ => Self::of(Exit::False, &error),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Failed(report) => of_report(&report),
            ReadError::Check(error) => error.into(),
            ReadError::Store(error) => error.into(),
            ReadError::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Self::pipe(),
            ReadError::Output(_) | ReadError::TooLarge(_) => Self::of(Exit::Unable, &error),
            ReadError::Withheld { .. } => {
                Self::of(Exit::False, &error).hint("`litopys log` says why, and by whose word")
            }
            _ => Self::of(Exit::False, &error).hint("`litopys verify` lists all that is wrong"),
        }
    }
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Store(error) => error.into(),
            ProveError::OutOfRange { .. }
            | ProveError::NotShown { .. }
            | ProveError::Extract
            | ProveError::Unknown { .. } => Self::of(Exit::Unable, &error),
            _ => Self::of(Exit::False, &error).hint("`litopys verify` lists all that is wrong"),
        }
    }
}

impl From<ExtractError> for Failure {
    fn from(error: ExtractError) -> Self {
        match error {
            ExtractError::Prove(error) => error.into(),
            ExtractError::Read(error) => error.into(),
            ExtractError::Write(_) | ExtractError::NotVersion { .. } | ExtractError::Nothing => {
                Self::of(Exit::Unable, &error)
            }
            ExtractError::NotExtract { .. } => Self::of(Exit::Unable, &error)
                .hint("`litopys bundle ARCHIVE OUT --article ARTICLE` makes one")
                .hint("--archive names the archive that they are of"),
            ExtractError::OtherCheckpoint { .. } => Self::of(Exit::False, &error)
                .hint("nothing in an extract shows that one log extends another; --archive ARCHIVE does"),
            _ => Self::of(Exit::False, &error),
        }
    }
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Failed(report) => of_report(&report),
            TransferError::Check(error) => error.into(),
            TransferError::Store(error) => error.into(),
            TransferError::Folder(error) => error.into(),
            _ => Self::of(Exit::Unable, &error),
        }
    }
}

/// Why an archive isn't built upon: what its check found, the rollback and the fork first.
pub(crate) fn of_report(report: &Report) -> Failure {
    let with = |code| report.findings.iter().find(|finding| finding.code == code);
    if let Some(finding) = with(Code::RolledBack) {
        return Failure::new(Exit::False, format_args!("the archive is rolled back ({}): {}", finding.code, finding.detail))
            .hint("signing on from here would fork it; nothing was written")
            .hint("bring the newest copy back; or, if what came after is lost for good, `litopys trust remove` it and pin it anew");
    }
    if let Some(finding) = with(Code::Forked) {
        return Failure::new(Exit::False, format_args!("the archive is forked ({}): {}", finding.code, finding.detail))
            .hint("two archives grew from one: keep the one that others have seen; nothing was written");
    }
    let worst = |severity| report.findings.iter().find(|finding| finding.code.severity() == severity);
    match (worst(Severity::Error), worst(Severity::Unchecked)) {
        (Some(finding), _) => of_finding(Exit::False, finding, report.findings_total),
        (None, Some(finding)) => of_finding(Exit::Unable, finding, report.findings_total),
        (None, None) => Failure::new(Exit::Unable, "the archive could not be checked"),
    }
}

fn of_finding(exit: Exit, finding: &Finding, total: u64) -> Failure {
    let more = if total > 1 { format!(", and {} more findings", total - 1) } else { String::new() };
    let text = format_args!("the archive does not pass its check: {}: {}{more}", finding.code, finding.detail);
    Failure::new(exit, text).hint("`litopys verify` lists all that is wrong")
}
