//! An article as people read it. What comes from the archive stands right of the labels, so that it can't pass for one.

use std::fmt::Display;

use litopys::manifest::Manifest;
use litopys::view::{ObservationRef, View};

use super::heading::without_title;
use super::{Shown, Text};
use crate::failure::Failure;
use crate::render::metadata;
use crate::select::short_id;
use crate::ui::words::{count, number};
use crate::ui::{BAD, BOLD, DIM, Ui, WARN, escape, paint};
use crate::withheld::Grounds;

/// How many files are listed.
const FILES: usize = 50;
/// A title in the history.
const TITLE: usize = 100;
/// How wide labels are.
const LABEL: usize = 13;

impl Shown<'_, '_> {
    /// Prints the parts that were asked for.
    pub(super) fn print(&self, ui: &Ui) -> Result<(), Failure> {
        if self.parts.is_text_only() {
            return self.text(ui, false);
        }
        let title = match &self.manifest {
            Some(manifest) => manifest.title.clone().unwrap_or_else(|| manifest.subject.clone()),
            None => self.article.label(),
        };
        ui.line(paint(BOLD, escape::line(&title)))?;
        match &self.manifest {
            Some(manifest) if self.parts.metadata => {
                self.metadata(ui, manifest)?;
                files(ui, self.view, self.version.index, manifest)?;
            }
            _ if self.parts.metadata => self.withheld(ui)?,
            _ => {}
        }
        if self.parts.text {
            section(ui, "text")?;
            self.text(ui, true)?;
        }
        if self.parts.history {
            self.history(ui)?;
        }
        if let Some(manifest) = self.manifest.as_ref().filter(|_| self.parts.provenance) {
            provenance(ui, manifest)?;
        }
        Ok(())
    }

    /// What is known of a version whose manifest is withheld.
    fn withheld(&self, ui: &Ui) -> Result<(), Failure> {
        let version = self.version;
        let of = self.article.head().map_or(0, |head| head.version);
        section(ui, "metadata")?;
        field(ui, "article", self.article.urn)?;
        let id = paint(DIM, short_id(&version.id));
        field(ui, "version", format_args!("{} of {}  {id}", number(version.version), number(of)))?;
        let signer = self.signer(version);
        field(ui, "signed", format_args!("{}  {}", signer.named(self.view), paint(DIM, signer.key)))?;
        match Grounds::of_manifest(self.view, version.index) {
            Some(grounds) => ui.line(format_args!("  {}", paint(BAD, grounds.sentence()))),
            None => Ok(()),
        }
    }

    fn metadata(&self, ui: &Ui, m: &Manifest) -> Result<(), Failure> {
        let version = self.version;
        let of = self.article.head().map_or(0, |head| head.version);
        section(ui, "metadata")?;
        field(ui, "subject", escape::line(&m.subject))?;
        field(ui, "article", self.article.urn)?;
        let id = paint(DIM, short_id(&version.id));
        field(ui, "version", format_args!("{} of {}, {}  {id}", number(version.version), number(of), m.change))?;
        let signer = self.signer(version);
        let (name, key) = (signer.named(self.view), paint(DIM, signer.key));
        field(ui, "signed", format_args!("{}, {name}  {key}", m.signed_at))?;
        if let Some(clock) = self.report.existed_before(version.index) {
            let authority = escape::short(&clock.authority, TITLE);
            field(ui, "existed", format_args!("before {}, by the clock of {authority}", clock.before))?;
        }
        if let Some(last) = self.observations.last() {
            let ObservationRef { outcome, at, version: (_, of), .. } = last;
            field(ui, "observed", format_args!("{outcome} at {at}, by the signer's word, against version {of}"))?;
        }
        metadata::fields(m, &mut |label, value| field(ui, label, value))
    }

    fn text(&self, ui: &Ui, below_title: bool) -> Result<(), Failure> {
        match &self.text {
            None => ui.line(paint(DIM, "  (no text)")),
            Some(Text::Withheld(grounds)) => ui.line(format_args!("  {}", paint(BAD, grounds.sentence()))),
            Some(Text::Long(size)) => {
                let size = count(*size, "byte");
                ui.line(paint(WARN, format_args!("  ({size}, too long to show: `litopys cat` prints it)")))
            }
            Some(Text::Read(text)) if below_title => {
                let title = self.manifest.as_ref().and_then(|manifest| manifest.title.as_deref()).unwrap_or_default();
                let text = escape::text(without_title(text, title)).to_string();
                text.trim_end().lines().try_for_each(|line| ui.line(format_args!("  {line}").to_string().trim_end()))
            }
            Some(Text::Read(text)) => ui.line(escape::text(text).to_string().trim_end_matches('\n')),
        }
    }

    fn history(&self, ui: &Ui) -> Result<(), Failure> {
        section(ui, "history")?;
        let mut before: Option<&Option<String>> = None;
        let mut observations = self.observations.iter().peekable();
        for step in &self.history {
            while let Some(earlier) = observations.next_if(|earlier| earlier.index < step.version.index) {
                self.observation(ui, earlier)?;
            }
            let mark = if step.version.index == self.version.index { "*" } else { " " };
            let number = format!("v{}", step.version.version);
            let by = self.signer(&step.version).named(self.view);
            let id = paint(DIM, short_id(&step.version.id));
            let Some(said) = &step.said else {
                let grounds = Grounds::of_manifest(self.view, step.version.index);
                let grounds = grounds.map(|grounds| grounds.sentence()).unwrap_or_default();
                let what = paint(BAD, format_args!("{:<11}", "withdrawn"));
                ui.line(format_args!("{mark} {what} {number:<4} {id}  {by}  {}", paint(BAD, grounds)))?;
                continue;
            };
            let what = paint(BOLD, format_args!("{:<11}", said.change));
            // A title only where it is another than before.
            let title = match &said.title {
                Some(title) if before.is_some_and(|before| *before != said.title) => {
                    format!("  \"{}\"", escape::short(title, TITLE))
                }
                _ => String::new(),
            };
            ui.line(format_args!("{mark} {what} {number:<4} {}  {id}  {by}{title}", said.signed_at))?;
            before = Some(&said.title);
        }
        observations.try_for_each(|observation| self.observation(ui, observation))
    }

    /// What its source answered.
    fn observation(&self, ui: &Ui, observation: &ObservationRef) -> Result<(), Failure> {
        let what = paint(WARN, format_args!("{:<11}", observation.outcome.as_str()));
        let number = format!("v{}", observation.version.1);
        let (id, by) = (paint(DIM, short_id(&observation.id)), self.signer(&observation.entry()).named(self.view));
        let grounds = Grounds::of_manifest(self.view, observation.index);
        let grounds = grounds.map(|grounds| format!("  {}", paint(BAD, grounds.sentence()))).unwrap_or_default();
        ui.line(format_args!("  {what} {number:<4} {}  {id}  {by}{grounds}", observation.at))
    }
}

/// Lists the files of the entry at this index.
pub(super) fn files(ui: &Ui, view: &View<'_>, index: u64, Manifest { files, .. }: &Manifest) -> Result<(), Failure> {
    for file in files.iter().take(FILES) {
        let about = format!("{}, {}", escape::line(&file.media_type), count(file.size, "byte"));
        let about = paint(DIM, about);
        field(ui, file.role.as_str(), format_args!("{}  {about}", escape::line(&file.path)))?;
        if let Some(grounds) = Grounds::of_file(view, index, &file.sha256) {
            field(ui, "", paint(BAD, grounds.sentence()))?;
        }
    }
    match files.len().saturating_sub(FILES) {
        0 => Ok(()),
        more => field(ui, "", format_args!("and {}: --json lists all", count(more as u64, "more file"))),
    }
}

pub(super) fn provenance(ui: &Ui, manifest: &Manifest) -> Result<(), Failure> {
    section(ui, "provenance")?;
    if manifest.provenance.is_empty() {
        return ui.line(paint(DIM, "  (nothing is said of where its fields came from)"));
    }
    let mut from = manifest.provenance.iter();
    from.try_for_each(|(name, from)| field(ui, &escape::line(name).to_string(), escape::line(from)))
}

pub(super) fn section(ui: &Ui, name: &str) -> Result<(), Failure> {
    ui.line("")?;
    ui.line(paint(BOLD, name))
}

pub(super) fn field(ui: &Ui, name: &str, value: impl Display) -> Result<(), Failure> {
    ui.line(format_args!("  {} {value}", paint(DIM, format_args!("{name:<LABEL$}"))))
}
