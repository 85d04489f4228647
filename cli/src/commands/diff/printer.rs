//! Prints a comparison as it is made: articles one after another, so that none is held.

use litopys::diff::{ArticleChange, ArticleDiff, ObservationDiff, Relation};

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::render::changes::{self, Depth};
use crate::render::changes_json;
use crate::ui::to_json;
use crate::ui::words::{count, number};

/// Prints a comparison.
pub(super) struct Printer<'a> {
    context: &'a Context,
    depth: Depth,
    colored: bool,
    total: u64,
    added: u64,
    revised: u64,
    removed: u64,
    /// Observations that only one of them has, which come after the articles.
    pub(super) observed: Vec<ObservationDiff>,
}

impl<'a> Printer<'a> {
    /// Prints how the archives relate. `line` says it to people.
    pub(super) fn begin(
        context: &'a Context,
        relation: Relation,
        line: Option<&str>,
        depth: Depth,
    ) -> Result<Self, Failure> {
        if context.json {
            let (word, forked_at) = changes_json::relation(relation);
            let forked_at = forked_at.map(|at| format!(r#","forked_at":{at}"#)).unwrap_or_default();
            context.ui.part(format_args!(r#"{{"schema":1,"relation":"{word}"{forked_at},"articles":["#))?;
        } else if let Some(line) = line {
            context.ui.detail(line)?;
        }
        let colored = !context.json && context.ui.is_colored();
        Ok(Self { context, depth, colored, total: 0, added: 0, revised: 0, removed: 0, observed: Vec::new() })
    }

    /// Prints an article.
    pub(super) fn article(&mut self, diff: &ArticleDiff) -> Result<(), Failure> {
        self.total += 1;
        match diff.change {
            ArticleChange::Added => self.added += 1,
            ArticleChange::Removed => self.removed += 1,
            _ => self.revised += 1,
        }
        let ui = &self.context.ui;
        if self.context.json {
            let comma = if self.total > 1 { "," } else { "" };
            return ui.part(format_args!("{comma}\n{}", to_json(&changes_json::article(diff, self.depth))));
        }
        if self.depth == Depth::Full && self.total > 1 {
            ui.line("")?;
        }
        ui.line(changes::article(diff, self.depth, self.colored))
    }

    /// Prints the end. A failure on the way closes the JSON document all the same.
    pub(super) fn end(self, compared: Result<(), Failure>, exit: Exit) -> Done {
        let ui = &self.context.ui;
        if self.context.json {
            let Err(failure) = compared else {
                let rows: Vec<_> = self.observed.iter().map(changes_json::observation).collect();
                let rows = (!rows.is_empty()).then(|| format!(r#","observations":{}"#, to_json(&rows)));
                ui.line(format_args!("]{}}}", rows.unwrap_or_default()))?;
                return Ok(exit);
            };
            let failure = failure.unable();
            ui.line(format_args!(r#"],"error":{}}}"#, to_json(&failure.document().error)))?;
            return Ok(failure.exit());
        }
        compared?;
        for observed in &self.observed {
            ui.line(changes::observation(observed))?;
        }
        if self.total > 1 && self.depth != Depth::Names {
            let parts = [(self.added, "added"), (self.revised, "revised"), (self.removed, "removed")];
            let parts: Vec<_> =
                parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", number(*n))).collect();
            ui.detail(format_args!("\n{}: {}", count(self.total, "article"), parts.join(", ")))?;
        }
        Ok(exit)
    }
}
