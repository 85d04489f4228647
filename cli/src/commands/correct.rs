//! `litopys correct`: a new version without new input.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use litopys::archive::{BatchOptions, Outcome};
use litopys::check::Trust;
use litopys::manifest::{Change, Manifest, Metadata as Said};
use litopys::view::{VersionRef, View};
use litopys::{Content, Draft, DraftFile};
use serde_json::json;

use super::add::{Writing, remember};
use super::apart;
use super::intake::flags::Metadata;
use crate::clock;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::select::select;
use crate::ui::{GOOD, escape, paint};

/// Correct what was said of an article: a new version with the same files
///
/// The version before stays in the archive; the new one says that it is a correction.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys correct my-archive https://example.org/a --title \"The bridge was closed\"
  litopys correct my-archive urn:uuid:0f8e --clear published --note \"the date was the event's\"

The key on another machine:
  litopys correct my-archive https://example.org/a --title \"The bridge was closed\" --request to-sign
  litopys sign to-sign --key archivist --out signed
  litopys add my-archive --signed signed")]
pub(crate) struct Correct {
    /// The archive's folder
    archive: PathBuf,
    /// Its urn:uuid or the beginning of it, its subject, or 8 digits or more of a statement's id
    article: String,
    /// Take a field out; repeat it for more
    #[arg(long, value_name = "FIELD")]
    clear: Vec<Field>,
    /// Write what is to be signed to a file, for `litopys sign` on another machine, and nothing to the archive
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    metadata: Metadata,
}

/// A field that can be taken out.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Field {
    Title,
    Authors,
    Publisher,
    Language,
    Published,
    Modified,
    Captured,
    Tags,
    Rights,
    Summary,
    Note,
    DerivedFrom,
    Extra,
}

impl Field {
    fn clear(self, said: &mut Said) {
        let name = match self {
            Self::Title => {
                said.title = None;
                "title"
            }
            Self::Authors => {
                said.authors.clear();
                "authors"
            }
            Self::Publisher => {
                said.publisher = None;
                "publisher"
            }
            Self::Language => {
                said.language = None;
                "language"
            }
            Self::Published => {
                said.published = None;
                "published"
            }
            Self::Modified => {
                said.modified = None;
                "modified"
            }
            Self::Captured => {
                said.captured = None;
                "captured"
            }
            Self::Tags => {
                said.tags.clear();
                "tags"
            }
            Self::Rights => {
                said.rights = None;
                "rights"
            }
            Self::Summary => {
                said.summary = None;
                "summary"
            }
            Self::Note => {
                said.note = None;
                "note"
            }
            Self::DerivedFrom => {
                said.derived_from = None;
                "derived_from"
            }
            Self::Extra => {
                said.extra.clear();
                "extra"
            }
        };
        let below = format!("{name}.");
        said.provenance.retain(|field, _| field != name && !field.starts_with(&below));
    }
}

impl Correct {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let archive = self.writing.open(context, &self.archive)?;
        let signers = match self.request {
            Some(_) => None,
            None => Some(self.writing.signers(context, &archive)?),
        };
        let view = View::open(archive.store(), Trust::default(), context.threads().get())?;
        let selected = select(&view, &self.article)?;
        let (urn, head) = (selected.article.urn, selected.article.head().unwrap_or(selected.version));
        let manifest = view.manifest(head)?;
        let mut said = manifest.metadata();
        self.clear.iter().for_each(|field| field.clear(&mut said));
        let mut draft = Draft { subject: manifest.subject.clone(), metadata: said, ..Draft::default() };
        self.metadata.overrides().apply(&mut draft);
        if same(&draft, &manifest) {
            return Err(Failure::new(Exit::False, "that is what the newest version says: nothing was written")
                .hint("a flag for each field corrects it; --clear FIELD takes it out"));
        }
        draft.files = files(&view, head, &manifest)?;
        drop(view);

        let (mut random, mut found) = (|out: &mut [u8]| clock::random(out), None);
        let mut settle = |_, outcome: Outcome| found = Some(outcome);
        // What was corrected may be no part of what makes versions differ: the captured URL, say.
        let options = BatchOptions {
            change: Some(Change::Correction),
            every_capture: true,
            ..BatchOptions::new(clock::now()?, context.threads().get())
        };
        let what = escape::short(&manifest.subject, 200).to_string();
        let mut batch = match &signers {
            Some(signers) => archive.batch(signers.archivist(), signers.log(), options, &mut random, &mut settle)?,
            None => archive.plan(options, &mut random, &mut settle),
        };
        batch.revise(urn, draft)?;
        batch.flush()?;
        let request = match &self.request {
            None => {
                let (archive, _) = batch.commit()?;
                remember(context, &archive);
                None
            }
            Some(_) => batch.request()?,
        };
        let (version, id) = match found {
            Some(Outcome::Signed { version, id, .. }) => (version, Some(id.to_hex())),
            Some(Outcome::Asked { version, .. }) => (version, None),
            Some(Outcome::Failed(error)) => {
                return Err(Failure::of(Exit::False, &error).hint("nothing was written"));
            }
            _ => return Err(Failure::new(Exit::Unable, "nothing became of the correction")),
        };
        if let (Some(request), Some(out)) = (&request, &self.request) {
            apart::write(request, out)?;
        }
        if context.json {
            context.ui.json(&json!({
                "schema": 1, "article": urn.to_string(), "version": version, "id": id, "change": "correction",
                "request": self.request.as_ref().map(|out| out.to_string_lossy()),
            }))?;
            return Ok(Exit::Ok);
        }
        let done = if id.is_some() { "corrected:" } else { "asked:" };
        context.ui.detail(format_args!("{} version {version} of {what}", paint(GOOD, done)))?;
        if let Some(out) = &self.request {
            apart::note(context, out, "");
        }
        Ok(Exit::Ok)
    }
}

/// Whether a draft says nothing else than the version before.
fn same(draft: &Draft, before: &Manifest) -> bool {
    let mut said = before.metadata();
    said.provenance.clone_from(&draft.metadata.provenance);
    draft.subject == before.subject && draft.metadata == said
}

/// The files of the version before: small ones are read back, large ones are in the archive already.
fn files(view: &View<'_>, version: &VersionRef, manifest: &Manifest) -> Result<Vec<DraftFile>, Failure> {
    let draft_file = |file: &litopys::manifest::FileEntry| {
        let content = if file.is_small() {
            Content::from(view.file(version, manifest, file)?)
        } else {
            Content::Archived { digest: file.sha256, size: file.size }
        };
        let (path, media_type) = (file.path.clone(), file.media_type.clone());
        Ok(DraftFile { path, role: file.role, media_type, original_name: file.original_name.clone(), content })
    };
    manifest.files.iter().map(draft_file).collect()
}
