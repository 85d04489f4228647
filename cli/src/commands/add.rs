//! `litopys add`: signs new articles and new versions in.

pub(super) mod signed;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use litopys::archive::{Archive, Summary};
use litopys::check::Signatures;
use litopys::manifest::{Derivation, DerivedFrom};
use litopys::store::folder::FolderWriter;
use litopys::view::View;
use litopys::{Original, TreeHead};
use litopys_import::Overrides;
use serde::Serialize;

use super::apart::Kept;
use super::intake::flags::{Metadata, Source, Why};
use super::intake::record::Tally;
use super::intake::{Intake, missing};
use crate::clock;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::memory::Known;
use crate::open;
use crate::select::{Selected, select};
use crate::signers::Signers;
use crate::ui::words::{count, number};
use crate::ui::{GOOD, paint};

/// Sign new articles and new versions into an archive
///
/// An input with the subject and language of an article is its next version; one that says what its newest version says changes nothing.
/// All inputs are signed in, or none, unless --keep-going. An archive that is behind what was seen of it before, such as a restored
/// backup, is not grown: signing on would fork it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys add my-archive articles/
  litopys add my-archive page.txt --subject https://example.org/a --published 2025-09-05
  litopys add my-archive https://example.org/a         fetched once, and kept as a web archive
  litopys add my-archive new-text.md --revises https://example.org/a --change recapture
  litopys inspect articles/ > drafts.jsonl; litopys add my-archive --from jsonl drafts.jsonl
  litopys add --quiet --wait 60 my-archive inbox/          from cron: silent if all is well

The key on another machine, which sees what it signs and no article:
  litopys add my-archive inbox/ --request to-sign
  litopys sign to-sign --key archivist --out signed
  litopys add my-archive inbox/ --signed signed

Exit codes: 0 done; 1 refused, 2 usage or I/O, 5 busy: nothing was written; 4 done in part, as
--keep-going allows.")]
pub(crate) struct Add {
    /// The archive's folder
    archive: PathBuf,
    /// Files, folders and URLs; - is standard input
    #[arg(required_unless_present = "signed", value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    source: Source,
    /// The article that the input is a version of: its urn:uuid, subject, or the beginning of a statement's id
    #[arg(long, value_name = "ARTICLE")]
    revises: Option<String>,
    /// The article that the inputs are translations of: its newest version, or the one whose id is given. A file named post.uk.md beside
    /// post.md needs no flag
    #[arg(long, value_name = "ARTICLE", conflicts_with_all = ["derived_from", "revises"])]
    translation_of: Option<String>,
    /// Why there are new versions, in place of what is found by comparing them
    #[arg(long, value_name = "WHY")]
    change: Option<Why>,
    /// Sign unchanged inputs in too: another capture of the same
    #[arg(long)]
    every_capture: bool,
    /// Sign in what can be, and say what can't
    #[arg(long)]
    keep_going: bool,
    /// Commit after every N versions, for inputs without an end: what was committed stays, whatever comes after
    #[arg(long, value_name = "N", conflicts_with = "dry_run")]
    commit_every: Option<NonZero<u64>>,
    /// List what the archive has of a Telegram chat, and its export lacks: posts that were deleted
    #[arg(long)]
    report_missing: bool,
    /// Do everything but write
    #[arg(long)]
    dry_run: bool,
    /// Write what is to be signed to a file, for `litopys sign` on another machine, and nothing to the archive. What can't be read again, a fetched page
    /// above all, is kept in the folder FILE.files
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "commit_every", "signed"])]
    request: Option<PathBuf>,
    /// Take in what `litopys sign` signed: it is checked first, and its files must be among the INPUTs (URLs are not fetched again: name FILE.files) or in the
    /// archive
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "commit_every", "revises", "change", "every_capture", "keep_going"])]
    signed: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    metadata: Metadata,
}

/// How an archive is opened to grow.
#[derive(Debug, Args)]
pub(crate) struct Writing {
    /// The key to sign with: a file, a name in the key folder, agent:SHA256:... for an SSH agent's, or - for a key on standard input [default: the one in the folder that may]
    #[arg(long, env = "LITOPYS_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) key: Option<PathBuf>,
    /// The key to sign checkpoints with, where it is another
    #[arg(long, value_name = "KEY")]
    pub(crate) log_key: Option<PathBuf>,
    /// How long to wait for another writer to finish
    #[arg(long, value_name = "SECONDS", default_value = "0", hide_default_value = true)]
    pub(crate) wait: u32,
}

impl Writing {
    /// Opens an archive to grow it, unless it is behind what was seen of it before.
    pub(crate) fn open(&self, context: &Context, path: &Path) -> Result<Archive, Failure> {
        let at = |failure: Failure| failure.at(path.display());
        let root = open::folder(path)?;
        let wait = Duration::from_secs(self.wait.into());
        let writer = FolderWriter::lock(root, wait).map_err(|error| at(error.into()))?;
        let memories = context.memories()?;
        // A signature that held needs no second look: the root says that it is the same.
        let signatures = Signatures::After(memories.signed());
        Archive::open(writer, memories.trust(), signatures, context.threads().get()).map_err(|error| at(error.into()))
    }

    /// The keys that were named, or those of the key folder.
    pub(crate) fn signers(&self, context: &Context, archive: &Archive) -> Result<Signers, Failure> {
        Signers::of(context, archive.authority(), self.key.as_deref(), self.log_key.as_deref())
    }
}

impl Add {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let archive = self.writing.open(context, &self.archive)?;
        if let Some(signed) = &self.signed {
            let options = self.source.options(self.metadata.overrides(), vec![self.archive.clone()]);
            return signed::take(context, archive, &self.writing, signed, (&self.inputs, &options));
        }
        let signers = match self.request {
            Some(_) => None,
            None => Some(self.writing.signers(context, &archive)?),
        };
        let revises = match &self.revises {
            Some(article) => {
                let view = View::open(archive.store(), litopys::check::Trust::default(), context.threads().get())?;
                let selected = select(&view, article)?;
                Some((selected.article.urn, selected.article.subject.clone()))
            }
            None => None,
        };
        let proxy = self.source.proxy.clone();
        let mut overrides = self.metadata.overrides();
        if let Some(article) = &self.translation_of {
            let view = View::open(archive.store(), litopys::check::Trust::default(), context.threads().get())?;
            translation_of(&select(&view, article)?, &mut overrides);
        }
        let options = self.source.options(overrides, vec![self.archive.clone()]);
        let intake = Intake {
            inputs: self.inputs,
            proxy,
            options,
            revises,
            change: self.change.map(Into::into),
            every_capture: self.every_capture,
            keep_going: self.keep_going,
            commit_every: self.commit_every,
            dry_run: self.dry_run,
            now: clock::now()?,
        };
        let Some(signers) = signers else {
            let out = self.request.unwrap_or_default();
            let asked = intake.ask(context, archive, Kept::beside(&out)?)?;
            return signed::ask(context, asked, &intake.inputs, &out);
        };
        let mut signed = intake.run(context, archive, &signers)?;
        let tally = signed.tally();
        if let Some((archive, _)) = &signed.committed {
            remember(context, archive);
        }
        signed.record.print()?;
        let missing = match self.report_missing {
            true => Some(missing::report(context, &self.archive, &signed.exported)?),
            false => None,
        };
        let written = signed.committed.as_ref().map(|(archive, summary)| (archive, summary));
        if context.json {
            context.ui.json(&Document { missing, ..Document::new(written, tally) })?;
        } else {
            let dry = if self.dry_run { " (nothing was written)" } else { "" };
            let log = written.map(|(_, summary)| format!("; the log has {}", count(summary.head.size(), "statement")));
            let missing = missing.map(|n| format!(", {} missing from the export", number(n)));
            let (missing, log) = (missing.unwrap_or_default(), log.unwrap_or_default());
            let sentence = format!("{}{missing}{dry}{log}", tally.sentence());
            context.ui.detail(if tally.exit() == Exit::Ok { paint(GOOD, sentence) } else { sentence })?;
        }
        Ok(tally.exit())
    }
}

/// Says what the inputs are translations of: the newest version of an article, whichever that is then, or an older one.
fn translation_of(selected: &Selected<'_>, overrides: &mut Overrides) {
    let (article, kind) = (selected.article, Derivation::Translation);
    if article.head().is_some_and(|head| head.id == selected.version.id) {
        let (subject, language) = (article.subject.clone(), article.language.clone());
        overrides.original = Some(Original { subject, language, kind, tool: None, required: true });
    } else {
        overrides.derived_from = Some(DerivedFrom { id: selected.version.id, kind, tool: None });
    }
}

/// The last document of `add --json`, after a line an input.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    schema: u32,
    inputs: Tally,
    /// How many posts an export lacks, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<u64>,
    written: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<Checkpoint>,
}

/// A log's size and root as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Checkpoint {
    size: u64,
    root: String,
}

impl Document {
    /// Of what was written, if anything was.
    pub(super) fn new(written: Option<(&Archive, &Summary)>, inputs: Tally) -> Self {
        let checkpoint = |head: TreeHead| Checkpoint { size: head.size(), root: head.root().to_string() };
        Self {
            schema: 1,
            inputs,
            missing: None,
            written: written.is_some_and(|(_, summary)| summary.versions > 0),
            archive: written.map(|(archive, _)| archive.id().to_hex()),
            checkpoint: written.map(|(_, summary)| checkpoint(summary.head)),
        }
    }
}

/// Keeps the checkpoint that was just signed, of an archive that is pinned: whoever goes back behind it is found.
pub(super) fn remember(context: &Context, archive: &Archive) {
    let kept = context.memories().and_then(|memories| match memories.of(archive.id()) {
        Some(_) => {
            let home = context.home()?;
            let known = Known::by_void(archive.ledger().void().len() as u64);
            home.remember(archive.id(), None, (archive.head(), known), clock::now()?)?;
            home.keep_state(archive.id(), &archive.signed_state()?)
        }
        None => Ok(()),
    });
    if let Err(failure) = kept {
        context.ui.warn(format_args!("the checkpoint could not be remembered: {}", failure.message()));
    }
}
