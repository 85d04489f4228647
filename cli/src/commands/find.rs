//! `litopys find`: which versions of which articles have something.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use litopys::FileDigest;
use litopys::manifest::{FileEntry, Manifest, Role};
use litopys::observation::Observed;
use litopys::view::{Article, ReadError, VersionRef, View, stretches};
use litopys_import::subject_of_url;
use serde::Serialize;

use super::show::{DOUBTFUL, FileRow, LONGEST, is_false};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::{Names, short_id};
use crate::ui::{BAD, BOLD, DIM, escape, paint};

/// A title on one line.
const TITLE: usize = 100;

/// Find the versions of articles that have a URL, a file or words
///
/// A line a version, and what of it was found; and one for each observation whose evidence has it. A URL is compared as subjects are: without fragment and tracking parameters.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys find my.litopys --url 'https://example.org/a?utm_source=x'
  litopys find my.litopys --sha256 photo.jpg
  litopys find my.litopys --text \"bridge closed\" --full

Exit codes: 0 found, 1 not found, 2 usage or I/O.")]
pub(crate) struct Find {
    /// A folder or bundle
    archive: PathBuf,
    #[command(flatten)]
    what: What,
    /// Look for the words in texts too, not in titles alone
    #[arg(long, conflicts_with_all = ["url", "sha256"])]
    full: bool,
}

/// What is looked for.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// A page's URL: as subject, or captured from
    #[arg(long)]
    url: Option<String>,
    /// A file by its digest: 64 hex digits, sha256:HEX, or a FILE whose digest is taken; - is standard input
    #[arg(long, value_name = "HEX|FILE")]
    sha256: Option<PathBuf>,
    /// Words that all stand in the title, in any order, without regard to case
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
}

/// What is looked for, as it is compared.
enum Sought {
    Url { exact: String, subject: Option<String> },
    Digest(FileDigest),
    Words { words: Vec<String>, full: bool },
}

/// A version, or an observation of one with its outcome.
#[derive(Clone, Copy)]
struct Place<'a> {
    article: &'a Article,
    version: VersionRef,
    outcome: Option<Observed>,
}

/// What was found of a version.
enum Found<'m> {
    Subject,
    CapturedUrl,
    File(&'m FileEntry),
    Title,
    Text,
}

impl Find {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let sought = self.what.sought(self.full)?;
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let mut versions: Vec<Place<'_>> = Vec::new();
        for article in view.articles() {
            versions.extend(article.versions.iter().map(|version| Place { article, version: *version, outcome: None }));
        }
        versions.extend(view.observations().iter().filter_map(|observation| {
            let (article, version) = (view.article(&observation.article)?, observation.entry());
            Some(Place { article, version, outcome: Some(observation.outcome) })
        }));
        versions.retain(|place| place.version.withheld.is_none());
        versions.sort_unstable_by_key(|place| place.version.index);
        let names = Names::of(&view);
        let (mut found, mut progress) = (0u64, context.ui.progress("searching"));
        let mut manifests = view.manifest_reader();
        for stretch in stretches(&versions, |place| Some(&place.version)) {
            let read = |place: &Place<'_>| Ok((place.version, manifests.manifest(&place.version)?));
            let rows = stretch.iter().map(read).collect::<Result<Vec<(VersionRef, Manifest)>, ReadError>>()?;
            let in_texts = sought.in_texts(context, &view, &rows)?;
            for (at, (place, (_, manifest))) in stretch.iter().zip(&rows).enumerate() {
                let has_text = in_texts.get(at).is_some_and(|found| *found);
                for hit in sought.found_in(manifest, has_text) {
                    found += 1;
                    print(context, &names, *place, manifest, &hit)?;
                }
            }
            progress.set(rows.last().map_or(0, |(version, _)| version.index + 1), view.head().size());
        }
        drop(progress);
        if found == 0 {
            context.ui.note("nothing found");
            return Ok(Exit::False);
        }
        Ok(Exit::Ok)
    }
}

impl What {
    fn sought(&self, full: bool) -> Result<Sought, Failure> {
        if let Some(url) = &self.url {
            return Ok(Sought::Url { exact: url.clone(), subject: subject_of_url(url) });
        }
        if let Some(digest) = &self.sha256 {
            return digest_of(digest).map(Sought::Digest);
        }
        let words = self.text.as_deref().unwrap_or_default().split_whitespace();
        let words: Vec<_> = words.map(str::to_lowercase).collect();
        if words.is_empty() {
            return Err(Failure::new(Exit::Unable, "--text: no words to look for"));
        }
        Ok(Sought::Words { words, full })
    }
}

/// The digest that is written, or that of the file that is named.
fn digest_of(text: &Path) -> Result<FileDigest, Failure> {
    let unable = |why: &str| Failure::new(Exit::Unable, format_args!("--sha256 {}: {why}", text.display()));
    if let Some(named) = text.to_str() {
        let lower = named.to_ascii_lowercase();
        if let Some(hex) = lower.strip_prefix("sha256:") {
            return FileDigest::from_hex(hex).map_err(|_| unable("expected 64 hex digits after sha256:"));
        }
        if let Ok(digest) = FileDigest::from_hex(&lower) {
            return Ok(digest);
        }
    }
    let mut source: Box<dyn Read> = if text.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(text).map_err(|error| {
            let failure = Failure::io(text, &error);
            let missing = error.kind() == io::ErrorKind::NotFound;
            if missing { failure.hint("--sha256 takes 64 hex digits, sha256:HEX, or a file") } else { failure }
        })?;
        Box::new(file)
    };
    FileDigest::of_stream(&mut source).map_err(|error| Failure::io(text, &error))
}

impl Sought {
    /// For each version whether its text has the words: small texts of a tile are read in one go.
    fn in_texts(
        &self,
        context: &Context,
        view: &View<'_>,
        rows: &[(VersionRef, Manifest)],
    ) -> Result<Vec<bool>, Failure> {
        let Self::Words { words, full: true } = self else { return Ok(Vec::new()) };
        let mut found = vec![false; rows.len()];
        let has = |bytes: &[u8]| has_words(&String::from_utf8_lossy(bytes), words);
        view.small_files(rows, &mut |at, digest, bytes| {
            let is_text = rows
                .get(at)
                .and_then(|(_, manifest)| manifest.file(Role::Text))
                .is_some_and(|file| file.sha256 == digest);
            if is_text && let Some(found) = found.get_mut(at) {
                *found = has(bytes);
            }
        })?;
        for ((version, manifest), found) in rows.iter().zip(&mut found) {
            let shown = |file: &&FileEntry| view.withheld().of_file(version.index, &file.sha256).is_none();
            let large = manifest.file(Role::Text).filter(|file| !file.is_small()).filter(shown);
            match large {
                Some(file) if file.size > LONGEST => {
                    let id = short_id(&version.id);
                    context.ui.warn(format_args!("{id}: a text of {} bytes was not looked through", file.size));
                }
                Some(file) => *found = has(&view.file(version, manifest, file)?),
                None => {}
            }
        }
        Ok(found)
    }

    fn found_in<'m>(&self, manifest: &'m Manifest, has_text: bool) -> Vec<Found<'m>> {
        match self {
            Self::Url { exact, subject } => {
                let is_it = |url: &str| url == exact || subject.is_some() && subject_of_url(url) == *subject;
                let captured = manifest.captured.as_ref().and_then(|captured| captured.url.as_deref());
                match captured {
                    _ if is_it(&manifest.subject) => vec![Found::Subject],
                    Some(url) if is_it(url) => vec![Found::CapturedUrl],
                    _ => Vec::new(),
                }
            }
            Self::Digest(digest) => {
                manifest.files.iter().filter(|file| file.sha256 == *digest).map(Found::File).collect()
            }
            Self::Words { words, .. } => match &manifest.title {
                Some(title) if has_words(title, words) => vec![Found::Title],
                _ if has_text => vec![Found::Text],
                _ => Vec::new(),
            },
        }
    }
}

fn has_words(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

/// A line of JSON.
#[derive(Debug, Serialize)]
struct Row<'a> {
    article: String,
    version: u64,
    versions: usize,
    id: String,
    subject: &'a str,
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    doubtful: bool,
    found: &'static str,
    /// Where it was found in the evidence of an observation: what that found.
    #[serde(skip_serializing_if = "Option::is_none")]
    observation: Option<Observed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileRow<'a>>,
}

fn print(
    context: &Context,
    names: &Names,
    Place { article, version, outcome }: Place<'_>,
    manifest: &Manifest,
    found: &Found<'_>,
) -> Result<(), Failure> {
    let what = match found {
        Found::Subject => "subject",
        Found::CapturedUrl => "captured.url",
        Found::File(_) => "file",
        Found::Title => "title",
        Found::Text => "text",
    };
    if context.json {
        return context.ui.json(&Row {
            article: article.urn.to_string(),
            version: version.version,
            versions: article.versions.len(),
            id: version.id.to_hex(),
            subject: &manifest.subject,
            title: manifest.title.as_deref(),
            doubtful: version.doubtful,
            found: what,
            observation: outcome,
            file: match found {
                Found::File(file) => Some((*file).into()),
                _ => None,
            },
        });
    }
    let title = match &manifest.title {
        Some(title) => paint(BOLD, escape::short(title, TITLE)),
        None => escape::short(&manifest.subject, TITLE).to_string(),
    };
    let what = match found {
        Found::File(file) => format!("{} {}", file.role, escape::line(&file.path)),
        _ => what.to_owned(),
    };
    let what = outcome.map_or(what.clone(), |outcome| format!("{what} of an observation: {outcome}"));
    let number = format!("v{}", version.version);
    let doubt = if version.doubtful { format!("  {}", paint(BAD, DOUBTFUL)) } else { String::new() };
    context.ui.line(format_args!("{}  {number:<4} {title}  {}{doubt}", names.short(&article.urn), paint(DIM, what)))
}
