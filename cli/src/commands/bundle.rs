//! `litopys bundle` and `litopys unbundle`: from folder to file and back.

use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use litopys::report::Report;
use litopys::store::Store;
use litopys::store::folder::FolderWriter;
use litopys::transfer;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::staging::{self, Staging};
use crate::ui::words::count;
use crate::ui::{GOOD, escape, paint};

/// Make a bundle of an archive: one file to hand over
///
/// The archive is checked in full before. One archive has one bundle, byte for byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  litopys bundle my-archive my.litopys")]
pub(crate) struct Bundle {
    /// A folder or bundle
    archive: PathBuf,
    /// The file to make
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Replace OUT if it is there
    #[arg(long)]
    force: bool,
}

/// Make a folder of a bundle: an archive that can grow
///
/// The archive is checked in full before. No id changes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  litopys unbundle my.litopys my-archive")]
pub(crate) struct Unbundle {
    /// A bundle or folder
    bundle: PathBuf,
    /// The folder to make; empty, or not there yet
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

impl Bundle {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let store = opened.store(&self.archive)?;
        let report = write(context, store, &self.archive, &self.out, self.force)?;
        done(context, &self.out, &report)
    }
}

/// Writes a bundle.
pub(super) fn write(
    context: &Context,
    store: &dyn Store,
    archive: &Path,
    out: &Path,
    force: bool,
) -> Result<Report, Failure> {
    let mut report = None;
    let written = staging::write_file(out, force, |file| {
        let made = transfer::to_bundle(store, BufWriter::with_capacity(1 << 20, file), context.threads.get());
        let (_, checked) = made.map_err(|error| Failure::from(error).at(archive.display()))?;
        report = Some(checked);
        Ok(())
    });
    let missing = || Failure::new(Exit::Unable, "nothing was written");
    written.and_then(|()| report.ok_or_else(missing)).map_err(|error| match error.exit() {
        Exit::False if out.exists() && !force => error.hint("--force replaces it"),
        _ => error,
    })
}

impl Unbundle {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.bundle)?;
        let store = opened.store(&self.bundle)?;
        let staging = Staging::beside(&self.dir)?;
        let writer = FolderWriter::lock(staging.path(), Duration::ZERO)?;
        let report = transfer::to_folder(store, &writer, context.threads.get());
        let report = report.map_err(|error| Failure::from(error).at(self.bundle.display()))?;
        drop(writer);
        staging.land()?;
        done(context, &self.dir, &report)
    }
}

fn done(context: &Context, made: &Path, report: &Report) -> Done {
    if context.json {
        context.ui.json(&json!({
            "schema": 1,
            "path": made.to_string_lossy(),
            "archive": report.archive.map(|id| id.to_hex()),
            "checkpoint": report.checkpoint.map(|(size, root)| json!({"size": size, "root": root.to_string()})),
        }))?;
    } else {
        let counts = &report.counts;
        let parts = [
            count(counts.articles, "article"),
            count(counts.versions, "version"),
            count(counts.statements, "statement"),
        ];
        let made = made.to_string_lossy();
        context.ui.detail(format_args!("{} {}: {}", paint(GOOD, "made"), escape::line(&made), parts.join(", ")))?;
    }
    Ok(Exit::Ok)
}
