//! `litopys id`: the full id, to hand over by another channel.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Done, Exit};
use crate::open;
use crate::trust::grouped;
use crate::ui::{DIM, escape, paint};

/// Print an archive's full id, to hand over by another way than the archive itself
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys id my-archive
  litopys id --quiet my.litopys > id.txt")]
pub(crate) struct Id {
    /// A folder or bundle
    archive: PathBuf,
}

impl Id {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let (report, ui) = (view.report(), &context.ui);
        let Some(id) = report.archive else { return Ok(Exit::Unable) };
        let (size, root) = (view.head().size(), view.head().root());
        if context.json {
            ui.json(&json!({
                "schema": 1,
                "archive": id.to_hex(),
                "checkpoint": {"size": size, "root": root.to_string()},
                "claimed_origin": report.claimed_origin.as_ref().map(ToString::to_string),
                "claimed_title": report.claimed_title,
            }))?;
            return Ok(Exit::Ok);
        }
        if context.ui.is_quiet() {
            ui.line(id)?;
            return Ok(Exit::Ok);
        }
        for line in grouped(id) {
            ui.line(line)?;
        }
        let title = report.claimed_title.as_deref().unwrap_or_default();
        let file = format!("litopys verify ARCHIVE --trust-archive {id}");
        ui.line("")?;
        ui.line(format_args!(
            "This is the id of what calls itself \"{}\". Give it to those who are to trust the archive,",
            escape::short(title, 200)
        ))?;
        ui.line(
            "by another way than you give them the archive: on your site, on paper, by telephone. They check with",
        )?;
        ui.line("")?;
        ui.line(format_args!("    {file}"))?;
        ui.line("")?;
        ui.line(format_args!(
            "As of now, so that nothing older passes: {}",
            paint(DIM, format_args!("{id}@{size}:{root}"))
        ))?;
        Ok(Exit::Ok)
    }
}
