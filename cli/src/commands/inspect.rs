//! `litopys inspect`: what would be signed, before it is.

use std::path::{Path, PathBuf};

use clap::Args;
use litopys_import::{drafts, write_jsonl};

use super::intake::failures::{ALL, Failures};
use super::intake::flags::{Metadata, Source, fetcher};
use super::intake::history::History;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::ui::words::count;

/// Print what would be signed, before it is: a draft a line, as JSON
///
/// Each draft says its subject, title, dates and files, and where each came from. Edited, the lines go back into `add --from jsonl`. Files
/// that are too large to print are named by their path below the current folder: run `add` from the same one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys inspect articles/ | jq '{subject, title, published, provenance}'
  litopys inspect articles/ > drafts.jsonl
  litopys add my-archive --from jsonl drafts.jsonl --base .")]
pub(crate) struct Inspect {
    /// Files, folders and URLs; - is standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    metadata: Metadata,
}

impl Inspect {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let fetcher = fetcher(self.source.proxy.as_deref()).map_err(|error| Failure::of(Exit::Unable, &error))?;
        let options = self.source.options(self.metadata.overrides(), Vec::new());
        let ui = &context.ui;
        let (mut printed, mut failed, mut failures) = (0u64, 0u64, Failures::new());
        let mut inputs = drafts(&self.inputs, &options, context.threads()).with_fetcher(fetcher);
        let mut history = History::default();
        for outcome in inputs.by_ref().flatten() {
            history.see(context, &options, &outcome);
            let loaded = match outcome {
                Ok(loaded) => loaded,
                Err(failure) => {
                    failed += 1;
                    failures.refuse(&failure);
                    continue;
                }
            };
            let input = loaded.input.to_string_lossy();
            let place = loaded.place.as_ref().map(|place| format!(": {place}")).unwrap_or_default();
            loaded.warnings.iter().for_each(|warning| ui.warn(format_args!("{input}{place}: {warning}")));
            let mut line = Vec::new();
            write_jsonl(&loaded.draft, Path::new("."), &mut line)
                .map_err(|error| Failure::io(&loaded.input, &error))?;
            ui.json_text(&String::from_utf8_lossy(&line))?;
            printed += 1;
        }
        let skipped: Vec<_> = inputs.skipped().iter().map(|(reason, n)| format!("{n} {reason}")).collect();
        if !skipped.is_empty() {
            ui.note(format_args!("passed over: {}", skipped.join(", ")));
        }
        if failed == 0 {
            return Ok(Exit::Ok);
        }
        let exit = match (printed, failures.only_io) {
            (0, true) => Exit::Unable,
            (0, false) => Exit::False,
            _ => Exit::Partial,
        };
        let failure = Failure::new(exit, format_args!("{} gave no draft", count(failed, "input")));
        let failure = failures.hints().into_iter().fold(failure, Failure::hint);
        if context.json {
            return Err(failure.rows(failures.json()));
        }
        let cut = failures.print(ui);
        Err(if cut { failure.hint(ALL) } else { failure })
    }
}
