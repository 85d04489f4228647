//! What became of each input: kept aside until it is signed in for good, then printed.

use std::collections::VecDeque;
use std::io::{self, BufReader, BufWriter, Seek, Write};

use litopys::archive::Outcome;
use litopys::manifest::Change;
use litopys::{ArticleUrn, StatementId};
use litopys_import::{Loaded, Place, SubjectFrom};
use serde::Serialize;
use serde_json::Value;
use tempfile::SpooledTempFile;

use super::failures::{ALL, Failures};
use super::paths::Paths;
use super::warnings::Warnings;
use crate::context::Context;
use crate::failure::{Exit, Failure, chain};
use crate::ui::words::{count, number};
use crate::ui::{self, BOLD, DIM, GOOD, escape, paint};

/// What is kept in memory before it goes to a temporary file.
const SPOOL: usize = 1 << 20;
/// How many unchanged inputs are listed: of a folder that is added every day they are most.
const UNCHANGED: u64 = 20;
/// A title on one line.
const TITLE: usize = 120;

/// What is known of a draft whose outcome is awaited.
struct Pending {
    input: String,
    place: Option<Place>,
    subject: String,
    title: Option<String>,
    warnings: Vec<String>,
    /// Its language, where its path is its subject.
    by_path: Option<Option<String>>,
}

/// A line of `add --json`.
#[derive(Serialize)]
struct Row<'a> {
    input: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    subject: &'a str,
    article: String,
    version: u64,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

/// How many inputs became what.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Tally {
    /// New articles.
    pub(crate) added: u64,
    /// New versions of known ones.
    pub(crate) revised: u64,
    /// Nothing new.
    pub(crate) unchanged: u64,
    /// Not signed in.
    pub(crate) failed: u64,
}

/// Collects outcomes.
pub(crate) struct Record<'a> {
    context: &'a Context,
    pending: VecDeque<Pending>,
    rows: BufWriter<SpooledTempFile>,
    /// Styles are left out where they aren't shown, rather than later.
    colored: bool,
    broken: Option<io::Error>,
    /// Unchanged inputs that are not listed.
    unlisted: u64,
    warnings: Warnings,
    failures: Failures,
    /// The articles that are named by paths.
    pub(super) paths: Paths,
    /// The sum.
    pub(crate) tally: Tally,
}

impl<'a> Record<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self {
            context,
            pending: VecDeque::new(),
            rows: rows(),
            colored: context.ui.is_colored(),
            broken: None,
            unlisted: 0,
            warnings: Warnings::default(),
            failures: Failures::new(),
            paths: Paths::default(),
            tally: Tally::default(),
        }
    }

    /// A draft is on its way.
    pub(super) fn expect(&mut self, loaded: &Loaded) {
        let input = loaded.input.to_string_lossy().into_owned();
        let warnings: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
        if !self.context.json {
            self.warnings.see(&self.context.ui, loaded);
        }
        let (subject, title) = (loaded.draft.subject.clone(), loaded.draft.metadata.title.clone());
        let by_path = (loaded.subject_from == SubjectFrom::Path).then(|| loaded.draft.metadata.language.clone());
        self.pending.push_back(Pending { input, place: loaded.place.clone(), subject, title, warnings, by_path });
    }

    /// An input gave no draft.
    pub(super) fn refuse(&mut self, failure: &litopys_import::Failure) {
        self.tally.failed += 1;
        self.failures.refuse(failure);
    }

    /// What became of the draft that is first in line.
    pub(super) fn settle(&mut self, outcome: Outcome) {
        let Some(pending) = self.pending.pop_front() else { return };
        match outcome {
            Outcome::Signed { article, version, id, change } => {
                let (status, count) = match version {
                    1 => ("added", &mut self.tally.added),
                    _ => ("revised", &mut self.tally.revised),
                };
                *count += 1;
                self.row(&pending, status, article, version, (Some(id), Some(change)));
            }
            Outcome::Asked { article, version, change } => {
                let count = if version == 1 { &mut self.tally.added } else { &mut self.tally.revised };
                *count += 1;
                self.row(&pending, "asked", article, version, (None, Some(change)));
            }
            Outcome::Unchanged { article, version } => {
                self.tally.unchanged += 1;
                self.row(&pending, "unchanged", article, version, (None, None));
            }
            Outcome::Failed(error) => {
                let is_io = matches!(
                    error,
                    litopys::archive::DraftError::Read { .. } | litopys::archive::DraftError::Source { .. }
                );
                self.failures.has_unsigned |= matches!(error, litopys::archive::DraftError::Unsigned);
                self.fail(&pending.input, pending.place.as_ref(), chain(&error), is_io);
            }
            _ => self.fail(&pending.input, pending.place.as_ref(), "nothing became of it".to_owned(), false),
        }
    }

    fn fail(&mut self, input: &str, place: Option<&Place>, why: String, is_io: bool) {
        self.tally.failed += 1;
        self.failures.add(input, place, why, is_io);
    }

    fn row(
        &mut self,
        pending: &Pending,
        status: &str,
        article: ArticleUrn,
        version: u64,
        (id, change): (Option<StatementId>, Option<Change>),
    ) {
        if let Some(language) = &pending.by_path {
            self.paths.note((&pending.input, &pending.subject, language.as_deref()), status == "added");
        }
        let text = if self.context.json {
            ui::to_json(&Row {
                input: &pending.input,
                place: pending.place.as_ref().map(ToString::to_string),
                subject: &pending.subject,
                article: article.to_string(),
                version,
                status,
                change,
                id: id.map(|id| id.to_hex()),
                warnings: &pending.warnings,
            })
        } else if self.context.ui.is_quiet() {
            return;
        } else if status == "unchanged" && self.tally.unchanged > UNCHANGED {
            self.unlisted += 1;
            return;
        } else {
            human(pending, status, version, change, self.colored)
        };
        if let Err(error) = writeln!(self.rows, "{text}") {
            self.broken = Some(error);
        }
    }

    /// Whether all failures are the machine's, not the inputs'.
    pub(super) const fn only_io(&self) -> bool {
        self.failures.only_io
    }

    /// The inputs that failed, as rows of JSON; printed, where JSON wasn't asked for. With them, what may help.
    pub(super) fn take_failures(&mut self) -> (Vec<Value>, Vec<&'static str>) {
        let mut hints = self.failures.hints();
        let rows = if self.context.json {
            self.failures.json()
        } else {
            if self.failures.print(&self.context.ui) {
                hints.push(ALL);
            }
            Vec::new()
        };
        self.failures.clear();
        (rows, hints)
    }

    /// Prints a line an input of what wasn't printed yet; those that failed come last, by reason.
    pub(crate) fn print(&mut self) -> Result<(), Failure> {
        let ui = &self.context.ui;
        self.warnings.end(ui);
        let failed = |error: &io::Error| Failure::of(Exit::Unable, error).at("signed in, but the list of it was lost");
        if let Some(error) = &self.broken {
            return Err(failed(error));
        }
        let rows = std::mem::replace(&mut self.rows, rows()).into_inner().map_err(|error| failed(error.error()));
        let mut rows = rows?;
        rows.rewind().map_err(|error| failed(&error))?;
        ui.copy(&mut BufReader::new(&mut rows))?;
        if self.unlisted > 0 {
            ui.detail(paint(DIM, format_args!("unchanged and {} more", number(std::mem::take(&mut self.unlisted)))))?;
        }
        let (failed, hints) = self.take_failures();
        if !self.context.json {
            hints.iter().for_each(|hint| ui.hint(hint));
        }
        failed.iter().try_for_each(|row| ui.json(row))
    }
}

fn rows() -> BufWriter<SpooledTempFile> {
    BufWriter::new(SpooledTempFile::new(SPOOL))
}

/// Where an input failed, and why, in one line.
pub(crate) fn place_and_reason(failure: &litopys_import::Failure) -> String {
    in_place(&failure.input.to_string_lossy(), failure.place.as_ref(), &chain(&failure.error))
}

fn in_place(input: &str, place: Option<&Place>, why: &str) -> String {
    let place = place.map(|place| format!(": {place}")).unwrap_or_default();
    format!("{input}{place}: {why}")
}

fn human(pending: &Pending, status: &str, version: u64, change: Option<Change>, colored: bool) -> String {
    let style = if status == "unchanged" { DIM } else { GOOD };
    let paint = |style, text: &dyn std::fmt::Display| if colored { paint(style, text) } else { text.to_string() };
    let name = pending.title.as_ref().unwrap_or(&pending.subject);
    let why = match change {
        Some(change) if change != Change::First => format!(" ({})", format!("{change:?}").to_lowercase()),
        _ => String::new(),
    };
    format!(
        "{} {:<4} {}{why}  {}",
        paint(style, &format_args!("{status:<9}")),
        format!("v{version}"),
        paint(BOLD, &escape::short(name, TITLE)),
        paint(DIM, &escape::line(&pending.input))
    )
}

impl Tally {
    /// The sum in words.
    pub(crate) fn sentence(&self) -> String {
        let parts = [
            (self.added, "article added"),
            (self.revised, "revised"),
            (self.unchanged, "unchanged"),
            (self.failed, "not signed in"),
        ];
        let words = |(n, what): &(u64, &str)| match *what {
            "article added" => count(*n, "article").replace("article", "new article"),
            what => format!("{} {what}", ui::words::number(*n)),
        };
        let said: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(words).collect();
        if said.is_empty() { "nothing to sign in".to_owned() } else { said.join(", ") }
    }

    /// Whether there was no input.
    pub(crate) const fn is_empty(&self) -> bool {
        self.added + self.revised + self.unchanged + self.failed == 0
    }

    /// The exit code: done, or done in part.
    pub(crate) const fn exit(&self) -> Exit {
        if self.failed > 0 { Exit::Partial } else { Exit::Ok }
    }
}
