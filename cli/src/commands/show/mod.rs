//! `litopys show`: an article, or one version of it, to read.

mod heading;
mod human;
mod machine;
mod observed;

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use litopys::Utc;
use litopys::manifest::{Change, FileEntry, Manifest, Role};
use litopys::report::Report;
use litopys::view::{Article, ObservationRef, ReadError, VersionRef, View};

use crate::clocks::{ClockArgs, Clocks};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::{Named, select_entry};
use crate::withheld::Grounds;

pub(crate) use heading::without_title;
pub(crate) use machine::{DOUBTFUL, FileRow, Metadata, ObservationRow, Signer, WITHDRAWN, is_false, is_zero};

/// How many timestamped checkpoints are judged.
const CHECKPOINTS: usize = 8;
/// The longest text that is shown: what one holds in memory.
pub(crate) const LONGEST: u64 = 64 << 20;

/// Show an article to read: what it says, its history, and where each field came from
///
/// Without a choice of parts all are shown, of an observation always. What would not show in a terminal, or do harm to it, is written as \u{...}; `cat` prints the
/// exact bytes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys show my.litopys https://example.org/a
  litopys show my.litopys urn:uuid:0f8e1a2b --version 1 --text
  litopys show my.litopys 3f2a9c1b --json | jq .provenance")]
pub(crate) struct Show {
    /// A folder or bundle
    archive: PathBuf,
    /// Its urn:uuid or the beginning of it, its subject, or 8 digits or more of a statement's id, a version's or an observation's
    article: String,
    /// Which version [default: the newest, or the one whose id was given]
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    #[command(flatten)]
    parts: Parts,
}

/// Which parts are shown; all, if none is named.
#[derive(Debug, Clone, Copy, Args)]
struct Parts {
    /// Show its metadata and files
    #[arg(long)]
    metadata: bool,
    /// Show its text
    #[arg(long)]
    text: bool,
    /// Show its versions, each with the reason of change first, and what was observed where it came from
    #[arg(long)]
    history: bool,
    /// Show where each field came from
    #[arg(long)]
    provenance: bool,
}

impl Parts {
    const fn or_all(self) -> Self {
        if self.metadata || self.text || self.history || self.provenance {
            self
        } else {
            Self { metadata: true, text: true, history: true, provenance: true }
        }
    }

    /// Whether nothing but the text is shown.
    const fn is_text_only(self) -> bool {
        self.text && !(self.metadata || self.history || self.provenance)
    }
}

/// All that is shown.
struct Shown<'a, 's> {
    view: &'a View<'s>,
    article: &'a Article,
    version: &'a VersionRef,
    /// What it says; `None` where that is withheld.
    manifest: Option<Manifest>,
    parts: Parts,
    text: Option<Text>,
    history: Vec<Step>,
    /// What was observed of it, in log order.
    observations: Vec<ObservationRef>,
    /// The check's report, with what timestamps say.
    report: Report,
}

/// A text, or why there is none.
pub(crate) enum Text {
    /// What it says. What isn't UTF-8 was replaced.
    Read(String),
    /// It is too long to show.
    Long(u64),
    /// It is withheld.
    Withheld(Grounds),
}

/// A version of the history.
struct Step {
    version: VersionRef,
    /// `None` where its manifest is withheld.
    said: Option<Said>,
}

/// What a version says, as far as the history shows it.
struct Said {
    change: Change,
    title: Option<String>,
    signed_at: Utc,
}

impl Show {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let selected = match select_entry(&view, &self.article)? {
            Named::Version(selected) => selected,
            Named::Observation(_) if self.version.is_some() => {
                return Err(Failure::new(Exit::Unable, "an observation has no versions"));
            }
            Named::Observation(observation) => {
                return observed::show(context, &view, observation).map(|()| Exit::Ok);
            }
        };
        let (article, version) = (selected.article, selected.at(self.version)?);
        let parts = self.parts.or_all();
        let manifest = version.withheld.is_none().then(|| view.manifest(version)).transpose()?;
        let text = match (&manifest, Grounds::of_manifest(&view, version.index)) {
            _ if !parts.text => None,
            (None, grounds) => grounds.map(Text::Withheld),
            (Some(manifest), _) => read_text(&view, version, manifest)?,
        };
        let history = if parts.history { history(&view, article)? } else { Vec::new() };
        let mut report = view.report().clone();
        let clocks = Clocks::read(context, &ClockArgs::default())?;
        if !clocks.is_empty() {
            // The smallest checkpoints after it say most; more would be judged for nothing.
            report.timestamped.retain(|checkpoint| checkpoint.head.size() > version.index);
            report.timestamped.truncate(CHECKPOINTS);
            clocks.judge_all(opened.store(&self.archive)?, &mut report)?;
        }
        let observations = view.observations_of(article.urn).cloned().collect();
        let shown = Shown { view: &view, article, version, manifest, parts, text, history, observations, report };
        if context.json {
            context.ui.json(&shown.document())?;
        } else if let (true, Some(Text::Withheld(grounds))) = (parts.is_text_only(), &shown.text) {
            return Err(Failure::new(Exit::False, format_args!("the text is {}", grounds.sentence()))
                .hint("`litopys show --history` lists the article's versions"));
        } else if parts.is_text_only() && shown.text.is_none() {
            return Err(Failure::new(Exit::Unable, "the article has no text")
                .hint("`litopys cat --role capture` prints its capture; `show` lists its files"));
        } else {
            shown.print(&context.ui)?;
        }
        Ok(Exit::Ok)
    }
}

/// An article's versions, in their order.
fn history(view: &View<'_>, article: &Article) -> Result<Vec<Step>, ReadError> {
    let mut said = HashMap::new();
    view.manifests(&article.versions, &mut |version, manifest| {
        let Manifest { change, title, signed_at, .. } = manifest;
        said.insert(version.index, Said { change, title, signed_at });
    })?;
    let steps = article.versions.iter().map(|version| Step { version: *version, said: said.remove(&version.index) });
    Ok(steps.collect())
}

/// A version's text, if it has one.
pub(crate) fn read_text(view: &View<'_>, version: &VersionRef, manifest: &Manifest) -> Result<Option<Text>, ReadError> {
    match manifest.file(Role::Text) {
        None => Ok(None),
        Some(FileEntry { size, .. }) if *size > LONGEST => Ok(Some(Text::Long(*size))),
        Some(file) if Grounds::of_file(view, version.index, &file.sha256).is_some() => {
            Ok(Grounds::of_file(view, version.index, &file.sha256).map(Text::Withheld))
        }
        Some(file) => {
            let bytes = view.file(version, manifest, file)?;
            Ok(Some(Text::Read(
                String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned()),
            )))
        }
    }
}
