//! `litopys create`: founds an archive.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use litopys::archive::Archive;
use litopys::charter::{Charter, CharterKey, KeyRole};
use litopys::store::folder::{FolderStore, FolderWriter};
use litopys::{ArchiveId, Origin, Signer, TreeHead};
use litopys_import::Overrides;
use serde::Serialize;
use serde_json::Value;

use super::add::Document;
use super::intake::flags::Source;
use super::intake::{Intake, Signed};
use super::{bundle, founders};
use crate::clock;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::Key;
use crate::home::memory::Known;
use crate::signers::Signers;
use crate::staging::{self, Staging};
use crate::trust::grouped;
use crate::ui::{BOLD, DIM, GOOD, escape, paint};

/// Start an archive, and sign inputs into it
///
/// Without a key it makes two: a daily key that signs articles and checkpoints, and a recovery key, to be kept offline, that alone may
/// decide about keys later. It says where they are. With --key, that one key may do all, unless there is a --recovery-key.
/// The new archive is pinned: this user trusts it from now on.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys create my-archive articles/
  litopys create my.litopys articles/                  a bundle in one go, to hand over
  litopys create my-archive --origin example.org/archive --title \"Example Archive\"
  litopys create my-archive --key ~/.ssh/id_ed25519    an archive of one key

What is signed says nothing of your machine but the folder's name, where --origin and --title
don't give others.")]
pub(crate) struct Create {
    /// The folder to make; NAME.litopys makes a bundle, which can't grow
    archive: PathBuf,
    /// Files, folders and URLs to sign in; - is standard input
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// What the archive's log is called, like example.org/archive [default: litopys.local/ and the folder's name]
    #[arg(long)]
    origin: Option<Origin>,
    /// What the archive calls itself [default: the folder's name]
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    title: Option<String>,
    #[command(flatten)]
    source: Source,
    /// Sign in what can be, and say what can't
    #[arg(long)]
    keep_going: bool,
    #[command(flatten)]
    keys: founders::KeyArgs,
}

/// The last document of `create --json`.
#[derive(Serialize)]
struct Created<'a> {
    #[serde(flatten)]
    document: Document,
    path: &'a str,
    origin: &'a str,
    title: &'a str,
    keys: Vec<Value>,
}

/// What was made.
struct Made {
    id: ArchiveId,
    head: TreeHead,
}

impl Create {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let name = self.name()?;
        let origin = match &self.origin {
            Some(origin) => origin.clone(),
            None => default_origin(&name)?,
        };
        let title = self.title.clone().unwrap_or_else(|| name.clone());
        let staging = if self.is_bundle() {
            staging::free(&self.archive, false)?;
            Staging::hidden(&self.archive)?
        } else {
            Staging::beside(&self.archive)?
        };
        let keys = founders::keys(context, &self.keys)?;
        let made_keys: Vec<_> = keys.places.iter().filter(|place| place.made).map(|place| place.path.clone()).collect();
        let done = self.found(context, staging, &origin, &title, keys);
        // Whoever has a key must know of it, whatever became of the archive.
        done.map_err(|failure| {
            let hint = |path: &PathBuf| format!("the key {} was made, and is used next time", path.display());
            made_keys.iter().map(hint).fold(failure, Failure::hint)
        })
    }

    fn is_bundle(&self) -> bool {
        self.archive.extension().is_some_and(|extension| extension == "litopys")
    }

    fn found(self, context: &Context, staging: Staging, origin: &Origin, title: &str, keys: founders::Keys) -> Done {
        let charter = Charter::new(origin.clone(), title.to_owned(), members(&keys), 1, clock::random_bytes()?);
        let charter = charter.map_err(|error| Failure::of(Exit::False, &error))?;
        let writer = FolderWriter::lock(staging.path(), Duration::ZERO)?;
        let archive = Archive::create(writer, charter, keys.steward(), &keys.daily)?;
        let signers = Signers::one(keys.daily);
        let is_bundle = self.is_bundle();
        let proxy = self.source.proxy.clone();
        let intake = Intake {
            inputs: self.inputs,
            proxy,
            options: self.source.options(Overrides::default(), vec![self.archive.clone()]),
            revises: None,
            change: None,
            every_capture: false,
            keep_going: self.keep_going,
            commit_every: None,
            dry_run: false,
            now: clock::now()?,
        };
        let Signed { committed, mut record, .. } = intake.run(context, archive, &signers)?;
        let Some((archive, summary)) = committed else { return Ok(Exit::Unable) };
        let made = Made { id: archive.id(), head: archive.head() };
        let document = Document::new(Some((&archive, &summary)), record.tally);
        drop(archive);
        if is_bundle {
            bundle::write(context, &FolderStore::new(staging.path()), &self.archive, &self.archive, false)?;
            drop(staging);
        } else {
            staging.land()?;
        }
        pin(context, &made, origin);
        record.print()?;
        if context.json {
            let path = self.archive.to_string_lossy();
            let keys = keys.places.iter().map(founders::Place::document).collect();
            context.ui.json(&Created { document, path: &path, origin: origin.as_str(), title, keys })?;
        } else {
            if !record.tally.is_empty() {
                context.ui.detail(record.tally.sentence())?;
            }
            report(context, &self.archive, title, &made, &keys.places)?;
        }
        Ok(record.tally.exit())
    }

    /// The name of the archive's folder, without `.litopys`.
    fn name(&self) -> Result<String, Failure> {
        let absolute = std::path::absolute(&self.archive).map_err(|error| Failure::io(&self.archive, &error))?;
        let stem = match absolute.extension() {
            Some(extension) if extension == "litopys" => absolute.file_stem(),
            _ => absolute.file_name(),
        };
        let name = stem.map(|name| name.to_string_lossy().into_owned()).filter(|name| !name.is_empty());
        name.ok_or_else(|| Failure::new(Exit::Unable, format_args!("{}: has no name", self.archive.display())))
    }
}

/// `litopys.local/` and the folder's name, in the characters that an origin may have.
fn default_origin(name: &str) -> Result<Origin, Failure> {
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
    let mapped: String = name.to_lowercase().chars().map(|c| if allowed(c) { c } else { '-' }).take(200).collect();
    let name = mapped.trim_matches('-');
    let name = if name.is_empty() { "archive" } else { name };
    format!("litopys.local/{name}")
        .parse()
        .map_err(|error| Failure::of(Exit::Unable, &error).hint("--origin names one"))
}

fn members(keys: &founders::Keys) -> Vec<CharterKey> {
    let member = |key: &Key, name: &str, roles: &[KeyRole]| CharterKey {
        key: key.public_key().clone(),
        name: name.to_owned(),
        roles: roles.to_vec(),
    };
    match &keys.recovery {
        Some(recovery) => vec![
            member(&keys.daily, &keys.name, &[KeyRole::Archivist, KeyRole::Log]),
            member(recovery, "recovery", &[KeyRole::Steward]),
        ],
        None => vec![member(&keys.daily, &keys.name, &[KeyRole::Archivist, KeyRole::Log, KeyRole::Steward])],
    }
}

/// Who made an archive trusts it.
fn pin(context: &Context, made: &Made, origin: &Origin) {
    let pinned = context
        .home()
        .and_then(|home| home.pin(made.id, Some(origin.to_string()), Some((made.head, Known::Signed)), clock::now()?));
    if let Err(failure) = pinned {
        context.ui.warn(format_args!("the archive could not be pinned: {}", failure.message()));
    }
}

fn report(context: &Context, path: &Path, title: &str, made: &Made, places: &[founders::Place]) -> Result<(), Failure> {
    let ui = &context.ui;
    let path = path.to_string_lossy();
    ui.detail(format_args!("{} {}: \"{}\"", paint(GOOD, "made"), escape::line(&path), escape::line(title)))?;
    for line in grouped(made.id) {
        ui.detail(format_args!("    {line}"))?;
    }
    ui.detail("This id is the archive's name: give it to those who are to trust it, by another way than the archive (`litopys id`).")?;
    for place in places {
        let file = place.path.to_string_lossy();
        let made = if place.made { ", made now" } else { "" };
        ui.detail(format_args!(
            "{:<13} {} {}",
            place.what,
            paint(BOLD, escape::line(&file)),
            paint(DIM, format_args!("{}{made}", place.key))
        ))?;
    }
    founders::explain(context, places)
}
