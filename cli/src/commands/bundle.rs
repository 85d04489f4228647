//! `litopys bundle`, `litopys merge` and `litopys unbundle`: from folder to file and back, in whole or in part.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use litopys::check::{self, CheckOptions, Files, Signatures, Trust};
use litopys::extract::{self, ExtractError, Summary};
use litopys::prove::Prover;
use litopys::report::{Report, Severity};
use litopys::store::folder::FolderWriter;
use litopys::store::zip::BundleStore;
use litopys::store::{Store, StoreKind};
use litopys::transfer;
use litopys::view::View;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::{is_name, select, select_by_name};
use crate::staging::{self, Staging};
use crate::ui::words::count;
use crate::ui::{GOOD, escape, paint};

/// Make a bundle of an archive, or an extract of some of its articles: one file to hand over
///
/// The archive is checked in full before. One archive has one bundle, byte for byte. With --article it is an extract: the article's versions
/// and observations with a proof that each is in the archive's log, and nothing of other articles. Who gets it checks it without the archive, but can't tell
/// what else is in there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys bundle my-archive my.litopys
  litopys bundle my-archive bridge.litopys --article https://herald.example/bridge
  litopys bundle my-archive bridge-1.litopys --article urn:uuid:0f8e1a2b --version 1")]
pub(crate) struct Bundle {
    /// A folder or bundle
    archive: PathBuf,
    /// The file to make
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Only this article (repeatable): its urn:uuid, its subject, or 8 digits or more of a statement's id, for that version alone
    #[arg(long)]
    article: Vec<String>,
    /// Only this version of the one article
    #[arg(long, value_name = "N", requires = "article")]
    version: Option<u64>,
    /// Replace OUT if it is there
    #[arg(long)]
    force: bool,
}

/// Join extracts of one archive into one
///
/// They must be under one checkpoint; with --archive, which is the archive or a newer state of it, under any: the new extract is under the
/// archive's.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys merge both.litopys bridge.litopys library.litopys
  litopys merge newer.litopys old-extract.litopys --archive my-archive")]
pub(crate) struct Merge {
    /// The file to make
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Extracts
    #[arg(value_name = "EXTRACT", required = true)]
    extracts: Vec<PathBuf>,
    /// An archive that has all of the log, to prove under its checkpoint
    #[arg(long, value_name = "ARCHIVE")]
    archive: Option<PathBuf>,
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
        if !self.article.is_empty() {
            let versions = match self.named(context, store)? {
                Some(versions) => versions,
                None => self.versions(&open::view(context, &self.archive, &opened)?)?,
            };
            let mut make = |out| extract::write(store, &versions, out).map_err(Failure::from);
            let made = write_extract(&self.out, self.force, &mut make)?;
            return extracted(context, &self.out, &made);
        }
        if store.kind() == StoreKind::Extract {
            return Err(open::is_extract(&self.archive).hint("--article ARTICLE makes an extract of part of it"));
        }
        let report = write(context, store, &self.archive, &self.out, self.force)?;
        done(context, &self.out, &report)
    }

    /// The versions that are asked for by names, and what was observed of them, by their indexes: for that no manifest need be read. `None` where one is asked for otherwise.
    fn named(&self, context: &Context, store: &dyn Store) -> Result<Option<Vec<u64>>, Failure> {
        if self.version.is_some() && self.article.len() > 1 || !self.article.iter().all(|selector| is_name(selector)) {
            return Ok(None);
        }
        let at = |failure: Failure| failure.at(self.archive.display());
        let mut prover = Prover::open(store).map_err(|error| at(error.into()))?;
        let of_articles = prover.articles(context.threads().get()).map_err(|error| at(error.into()))?;
        let mut indexes = BTreeSet::new();
        for selector in &self.article {
            let Some(mut named) = select_by_name(&of_articles.versions, selector) else { return Ok(None) };
            if let Some(number) = self.version {
                // Of an id, another version of its article may be meant.
                named.retain(|version| version.version == number);
            }
            if named.is_empty() {
                return Ok(None);
            }
            indexes.extend(named.iter().map(|version| version.index));
            let observed =
                of_articles.observations.iter().filter(|(of, _)| named.iter().any(|version| version.id == *of));
            indexes.extend(observed.map(|(_, index)| *index));
        }
        open::notice(context, &self.archive, &mut prover)?;
        Ok(Some(indexes.into_iter().collect()))
    }

    /// The versions that are asked for, and what was observed of them, by their indexes.
    fn versions(&self, view: &View<'_>) -> Result<Vec<u64>, Failure> {
        if self.version.is_some() && self.article.len() > 1 {
            return Err(Failure::new(Exit::Unable, "--version goes with one --article"));
        }
        let mut indexes = BTreeSet::new();
        for selector in &self.article {
            let selected = select(view, selector)?;
            // An id is one version's.
            let alone = selected.version.id.to_hex().starts_with(selector.as_str());
            let observations = view.observations_of(selected.article.urn);
            if self.version.is_some() || alone {
                let version = selected.at(self.version)?;
                indexes.insert(version.index);
                indexes.extend(observations.filter(|o| o.version.0 == version.id).map(|o| o.index));
            } else {
                indexes.extend(observations.map(|observation| observation.index));
                indexes.extend(selected.article.versions.iter().map(|version| version.index));
            }
        }
        Ok(indexes.into_iter().collect())
    }
}

impl Merge {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = self.extracts.iter().map(|path| open::open(path)).collect::<Result<Vec<_>, _>>()?;
        let mut stores = Vec::with_capacity(opened.len());
        for (path, opened) in self.extracts.iter().zip(&opened) {
            let store = opened.store(path)?;
            if store.kind() == StoreKind::Extract {
                checked(store).map_err(|failure| failure.at(path.display()))?;
            }
            stores.push(store);
        }
        let archive = self.archive.as_deref().map(open::open).transpose()?;
        let archive = match (&archive, &self.archive) {
            (Some(opened), Some(path)) => Some(opened.store(path)?),
            _ => None,
        };
        let mut make = |out| {
            let merged = extract::merge(&stores, archive, out);
            merged.map_err(|error| self.named(error))
        };
        let made = write_extract(&self.out, self.force, &mut make)?;
        extracted(context, &self.out, &made)
    }
}

impl Merge {
    /// A failure by the name that the user gave the input that stands in the way.
    fn named(&self, error: ExtractError) -> Failure {
        let (input, what) = match &error {
            ExtractError::NotExtract { input } => (*input, "is not an extract".to_owned()),
            ExtractError::OtherArchive { input, archive } => {
                (*input, format!("is an extract of another archive, {archive}"))
            }
            ExtractError::OtherCheckpoint { input, size, expected } => {
                let (size, expected) = (count(*size, "statement"), count(*expected, "statement"));
                (*input, format!("is under the checkpoint of {size}, and not that of {expected}"))
            }
            ExtractError::Differs { input, index } => {
                (*input, format!("its statement {index} is not the one that the archive has there"))
            }
            _ => return error.into(),
        };
        let path = input.checked_sub(1).and_then(|nth| self.extracts.get(nth));
        let place = path.map(|path| path.display().to_string()).unwrap_or_default();
        Failure::from(error).saying(format_args!("{place}: {what}"))
    }
}

/// Writes an extract, and checks it before it has its name: what is handed over passes.
fn write_extract(
    out: &Path,
    force: bool,
    make: &mut dyn FnMut(BufWriter<File>) -> Result<(BufWriter<File>, Summary), Failure>,
) -> Result<Summary, Failure> {
    let mut summary = None;
    staging::write_file(out, force, |file| {
        let io = |error| Failure::io(out, &error);
        let (_, made) = make(BufWriter::with_capacity(1 << 20, file.try_clone().map_err(io)?))?;
        let store = BundleStore::open(file.try_clone().map_err(io)?)?;
        checked(&store)?;
        summary = Some(made);
        Ok(())
    })
    .map_err(|error| if out.exists() && !force { error.hint("--force replaces it") } else { error })?;
    summary.ok_or_else(|| Failure::new(Exit::Unable, "nothing was written"))
}

/// That an extract passes, whoever is trusted.
fn checked(store: &dyn Store) -> Result<(), Failure> {
    let options = CheckOptions { files: Files::All, trust: Trust::default(), signatures: Signatures::All, threads: 1 };
    let report = check::check(store, &options, &mut ())?;
    match report.findings.iter().find(|finding| finding.code.severity() != Severity::Warning) {
        None => Ok(()),
        Some(finding) => {
            let text = format_args!("the extract does not pass its check: {}: {}", finding.code, finding.detail);
            Err(Failure::new(Exit::False, text).hint("nothing was written"))
        }
    }
}

fn extracted(context: &Context, made: &Path, summary: &Summary) -> Done {
    let head = summary.head;
    if context.json {
        context.ui.json(&json!({
            "schema": 1,
            "path": made.to_string_lossy(),
            "archive": summary.archive.to_hex(),
            "checkpoint": {"size": head.size(), "root": head.root().to_string()},
            "statements": summary.statements,
            "versions": summary.versions,
            "observations": summary.observations,
            "files": summary.files,
            "bytes": summary.bytes,
        }))?;
    } else {
        let observed = (summary.observations > 0).then(|| count(summary.observations, "observation"));
        let (versions, files) = (count(summary.versions, "version"), count(summary.files, "file"));
        let parts = [Some(versions), observed, Some(files)].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let (path, of) = (made.to_string_lossy(), count(head.size(), "statement"));
        let made = paint(GOOD, "made");
        context.ui.detail(format_args!("{made} {}: an extract of {parts}, out of {of}", escape::line(&path)))?;
    }
    Ok(Exit::Ok)
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
        let made = transfer::to_bundle(store, BufWriter::with_capacity(1 << 20, file), context.threads().get());
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
        if store.kind() == StoreKind::Extract {
            return Err(open::is_extract(&self.bundle));
        }
        let staging = Staging::beside(&self.dir)?;
        let writer = FolderWriter::lock(staging.path(), Duration::ZERO)?;
        let report = transfer::to_folder(store, &writer, context.threads().get());
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
            "checkpoint": report.checkpoint.map(|head| json!({"size": head.size(), "root": head.root().to_string()})),
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
