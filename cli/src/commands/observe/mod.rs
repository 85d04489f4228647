//! `litopys observe`: what an article's source answered at a time, signed with the answer as evidence.

mod evidence;

use std::path::{Path, PathBuf};

use clap::Args;
use litopys::Utc;
use litopys::archive::{Archive, ObservationDraft};
use litopys::manifest::{Captured, Metadata};
use litopys::observation::Observed;
use litopys::request::Unsigned;
use litopys_import::is_url;
use serde_json::json;

use super::add::{Writing, remember};
use super::apart::{self, Kept};
use super::intake::flags;
use crate::clock;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::select;
use crate::ui::{GOOD, escape, paint};
use evidence::Evidence;

/// What made the record of an answer.
const TOOL: &str = concat!("litopys ", env!("CARGO_PKG_VERSION"));

/// Sign what an article's source answers now: that it is gone, or says the same, or something else
///
/// The page is fetched once, from where its newest version was captured, and kept as it came, as evidence: an error page and no answer at all are
/// evidence, too. Without a network, --response gives the answer in a file. The article's versions stay what they are: `add` signs a new one in.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys observe my-archive https://example.org/a --gone
  litopys observe my-archive urn:uuid:0f8e1a2b --unchanged --note \"read side by side\"
  litopys observe my-archive https://example.org/a --gone --response answer.html --at 2026-11-27T10:00:00Z

The key on another machine:
  litopys observe my-archive https://example.org/a --gone --request to-sign
  litopys sign to-sign --key archivist --out signed
  litopys add my-archive to-sign.files --signed signed

Exit codes: 0 signed; 1 refused, for the answer isn't what was said; 2 usage or I/O; 5 busy.")]
pub(crate) struct Observe {
    /// The archive's folder
    archive: PathBuf,
    /// Its urn:uuid or the beginning of it, its subject, or 8 digits or more of a statement's id
    article: String,
    #[command(flatten)]
    outcome: Outcome,
    /// What the source answered, in a file (repeatable), in place of fetching it
    #[arg(long, value_name = "FILE", requires = "at", conflicts_with = "proxy")]
    response: Vec<PathBuf>,
    /// When the source answered, with --response
    #[arg(long, value_name = "TIME", requires = "response")]
    at: Option<Utc>,
    /// Where to look [default: where the newest version was captured, else its subject]
    #[arg(long)]
    url: Option<String>,
    /// A remark
    #[arg(long)]
    note: Option<String>,
    /// Fetch by way of a proxy alone, as `add` does
    #[arg(long, value_name = "URL", value_parser = flags::proxy)]
    proxy: Option<String>,
    /// Write what is to be signed to a file, for `litopys sign` on another machine, and nothing to the archive. The answer is kept in the folder FILE.files
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
}

/// What was found.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[allow(clippy::struct_excessive_bools, reason = "one flag an outcome, of which clap takes one")]
struct Outcome {
    /// It isn't there any more
    #[arg(long)]
    gone: bool,
    /// It says something else now
    #[arg(long)]
    changed: bool,
    /// It says what the newest version says
    #[arg(long)]
    unchanged: bool,
    /// It sends its readers elsewhere
    #[arg(long)]
    moved: bool,
}

impl Outcome {
    const fn observed(&self) -> Observed {
        match self {
            Self { gone: true, .. } => Observed::Gone,
            Self { changed: true, .. } => Observed::Changed,
            Self { moved: true, .. } => Observed::Moved,
            _ => Observed::Unchanged,
        }
    }
}

impl Observe {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let outcome = self.outcome.observed();
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let selected = select(&view, &self.article)?;
        let (urn, head) = (selected.article.urn, *selected.article.head().unwrap_or(selected.version));
        let newest = view.manifest(&head)?;
        let captured = newest.captured.as_ref().and_then(|captured| captured.url.clone());
        let url = self.url.clone().or(captured).or_else(|| is_url(&newest.subject).then(|| newest.subject.clone()));
        let mut kept = self.request.as_deref().map(Kept::beside).transpose()?;
        // Nobody waits for the lock while the source thinks.
        let mut evidence = self.evidence(url.as_deref())?;
        evidence.judge(context, outcome)?;
        drop(view);

        let archive = self.writing.open(context, &self.archive)?;
        if archive.ledger().head(&urn).is_none_or(|now| now.id != head.id) {
            return Err(Failure::new(Exit::False, "the article has a new version meanwhile: nothing was written")
                .hint("look at it, and observe again"));
        }
        if let Some(kept) = &mut kept {
            evidence.files.iter_mut().try_for_each(|file| kept.keep(file))?;
        }
        let Evidence { at, via, files, extra, .. } = evidence;
        let tool = self.response.is_empty().then(|| TOOL.to_owned());
        let captured = Some(Captured { at: Some(at.clone()), url, via, tool });
        let metadata = Metadata { captured, note: self.note, extra, ..Metadata::default() };
        let draft = ObservationDraft { article: urn, outcome, at, subject: newest.subject.clone(), metadata, files };
        let (at, index) = (draft.at.clone(), archive.head().size());
        let (salt, now) = (clock::random_bytes()?, clock::now()?);
        let (id, kept) = match (&self.request, kept) {
            (Some(out), Some(kept)) => (None, ask(&archive, draft, (&now, salt), kept, out)?),
            _ => {
                let signers = self.writing.signers(context, &archive)?;
                let (archive, entry) = archive.observe(draft, &now, salt, signers.archivist(), signers.log())?;
                remember(context, &archive);
                (Some(entry.statement.id()), None)
            }
        };
        if context.json {
            let is_signed = id.is_some();
            context.ui.json(&json!({
                "schema": 1, "article": urn.to_string(), "outcome": outcome.as_str(), "at": at,
                "version": head.version, "id": id.map(|id| id.to_hex()), "index": is_signed.then_some(index),
                "request": self.request.as_ref().map(|out| out.to_string_lossy()),
                "kept": kept.map(|kept| kept.to_string_lossy().into_owned()),
            }))?;
            return Ok(Exit::Ok);
        }
        let (subject, version) = (escape::short(&newest.subject, 200), head.version);
        let done = paint(GOOD, if id.is_some() { "observed:" } else { "asked:" });
        context.ui.detail(format_args!("{done} {outcome} at {at}: {subject} (version {version})"))?;
        if let Some(out) = &self.request {
            apart::note(context, out, &apart::inputs(false, kept.as_deref()));
        }
        Ok(Exit::Ok)
    }

    fn evidence(&self, url: Option<&str>) -> Result<Evidence, Failure> {
        if let Some(at) = &self.at {
            return Evidence::of_files(&self.response, at.clone());
        }
        let url = url.ok_or_else(|| {
            Failure::new(Exit::Unable, "nothing says where the article came from")
                .hint("--url says where to look; --response FILE --at TIME gives what was answered")
        })?;
        let fetcher = flags::fetcher(self.proxy.as_deref()).map_err(|error| Failure::of(Exit::Unable, &error))?;
        Evidence::fetch(&fetcher, url)
    }
}

/// Writes a request for an observation; gives where its evidence is kept.
fn ask(
    archive: &Archive,
    draft: ObservationDraft,
    (now, salt): (&Utc, [u8; 16]),
    kept: Kept,
    out: &Path,
) -> Result<Option<PathBuf>, Failure> {
    let (payload, manifest, _) = archive.lay_out(draft, now, salt)?;
    let unsigned = Unsigned::new(payload, Some(manifest));
    let unsigned = unsigned.map_err(|(_, detail)| Failure::new(Exit::Unable, detail))?;
    let request = apart::request(archive, vec![unsigned])?;
    apart::write(&request, out)?;
    Ok(kept.finish(Some(&request)))
}
