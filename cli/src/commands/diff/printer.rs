//! Prints a comparison as it is made: articles one after another, so that no more are held than threads have laid out.

use litopys::authority::Authority;
use litopys::diff::{ArticleChange, ArticleDiff, ObservationDiff, Relation, Side};
use litopys::withdrawal::InForce;

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::render::changes::{self, Depth};
use crate::render::changes_json;
use crate::ui::to_json;
use crate::ui::words::{count, number};
use crate::withheld::Grounds;

/// Lays out the changes of articles, on any thread.
pub(super) struct Layout<'a> {
    depth: Depth,
    json: bool,
    colored: bool,
    /// The keys of the archive that is newer, by whose word something is withheld.
    authority: &'a Authority,
}

/// An article's changes as they are printed.
pub(super) struct Laid {
    change: ArticleChange,
    text: String,
}

impl Layout<'_> {
    /// Lays out an article.
    pub(super) fn article(&self, diff: &ArticleDiff) -> Laid {
        let withheld: Vec<_> = diff.withdrawals.iter().map(|by| Grounds::of(self.authority, by)).collect();
        let text = if self.json {
            to_json(&changes_json::article(diff, &withheld, self.depth))
        } else {
            changes::article(diff, &withheld, self.depth, self.colored)
        };
        Laid { change: diff.change, text }
    }
}

/// Prints a comparison.
pub(super) struct Printer<'a> {
    context: &'a Context,
    depth: Depth,
    total: u64,
    added: u64,
    revised: u64,
    removed: u64,
    withdrawn: u64,
    /// Observations that only one of them has, which come after the articles.
    pub(super) observed: Vec<ObservationDiff>,
    /// Withdrawals that only one of them has, which come last.
    pub(super) withdrawals: Vec<(Side, InForce, Grounds)>,
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
        Ok(Self {
            context,
            depth,
            total: 0,
            added: 0,
            revised: 0,
            removed: 0,
            withdrawn: 0,
            observed: Vec::new(),
            withdrawals: Vec::new(),
        })
    }

    /// What lays out articles for it.
    pub(super) fn layout<'k>(&self, authority: &'k Authority) -> Layout<'k> {
        let Context { json, ui, .. } = self.context;
        Layout { depth: self.depth, json: *json, colored: !json && ui.is_colored(), authority }
    }

    /// Prints an article.
    pub(super) fn article(&mut self, Laid { change, text }: &Laid) -> Result<(), Failure> {
        self.total += 1;
        match change {
            ArticleChange::Added => self.added += 1,
            ArticleChange::Removed => self.removed += 1,
            ArticleChange::Withdrawn => self.withdrawn += 1,
            _ => self.revised += 1,
        }
        let ui = &self.context.ui;
        if self.context.json {
            let comma = if self.total > 1 { "," } else { "" };
            return ui.part(format_args!("{comma}\n{text}"));
        }
        if self.depth == Depth::Full && self.total > 1 {
            ui.line("")?;
        }
        ui.laid(text)
    }

    /// Prints the end. A failure on the way closes the JSON document all the same.
    pub(super) fn end(self, compared: Result<(), Failure>, exit: Exit) -> Done {
        let ui = &self.context.ui;
        if self.context.json {
            let Err(failure) = compared else {
                let rows: Vec<_> = self.observed.iter().map(changes_json::observation).collect();
                let rows = (!rows.is_empty()).then(|| format!(r#","observations":{}"#, to_json(&rows)));
                let gone =
                    self.withdrawals.iter().map(|(side, by, grounds)| changes_json::withdrawal(*side, by, grounds));
                let gone: Vec<_> = gone.collect();
                let gone = (!gone.is_empty()).then(|| format!(r#","withdrawals":{}"#, to_json(&gone)));
                ui.line(format_args!("]{}{}}}", rows.unwrap_or_default(), gone.unwrap_or_default()))?;
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
        for (side, by, grounds) in &self.withdrawals {
            ui.line(changes::withdrawal(*side, by, grounds))?;
        }
        if self.total > 1 && self.depth != Depth::Names {
            let gone = (self.withdrawn, "withdrawn");
            let parts = [(self.added, "added"), (self.revised, "revised"), gone, (self.removed, "removed")];
            let parts: Vec<_> =
                parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", number(*n))).collect();
            ui.detail(format_args!("\n{}: {}", count(self.total, "article"), parts.join(", ")))?;
        }
        Ok(exit)
    }
}
