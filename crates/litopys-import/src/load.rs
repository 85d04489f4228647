//! One input file, and what comes of it.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use litopys::limits::SMALL_FILE;
use litopys::{Content, Draft};

use crate::attachments::Folder;
use crate::document::{self, Source};
use crate::kind::{self, ByName};
use crate::names;
use crate::{Failure, ImportError, InputFile, Kind, Options, Place, Warning, limits, media_type, page};

/// Where a draft's subject came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubjectFrom {
    /// The caller gave it.
    Given,
    /// A URL in the input.
    Url,
    /// An id in the input.
    Id,
    /// The input's path.
    Path,
    /// A draft that names it.
    Draft,
    /// The version before, in a history that has many.
    History,
}

/// A draft, and what is worth knowing of it.
#[derive(Debug)]
pub struct Loaded {
    /// The input: a path, `-` for standard input.
    pub input: PathBuf,
    /// Where in the input it is, where that holds many.
    pub place: Option<Place>,
    /// The draft.
    pub draft: Draft,
    /// Where its subject came from.
    pub subject_from: SubjectFrom,
    /// What is worth knowing.
    pub warnings: Vec<Warning>,
    /// The files that it brings along, without symbolic links.
    pub(crate) linked: Vec<PathBuf>,
    /// About how many bytes it holds.
    pub(crate) held: u64,
}

/// Reads one file as one draft. Nothing is written, and nothing but it and the files that it links is read.
///
/// Text and Markdown give a `capture` (the file's bytes) and a `text`; everything else a `capture` alone.
///
/// # Errors
/// [`Failure`] if it can't be read, or is not what `options.from` says.
pub fn load(input: &InputFile, options: &Options) -> Result<Loaded, Failure> {
    let path = input.path();
    load_file(input, &path, options).map_err(|error| Failure::new(path, error))
}

fn load_file(input: &InputFile, path: &Path, options: &Options) -> Result<Loaded, ImportError> {
    let mut by_name = input.kind(options.from);
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(ImportError::Special);
    }
    if let ByName::Data(media_type) = by_name {
        match found(&mut file, media_type)? {
            Some(kind) => by_name = ByName::Named(kind),
            None => return data(input, path, media_type, Vec::new(), options),
        }
    }
    let forced = options.from.is_some();
    match by_name {
        ByName::Named(Kind::Jsonl) if !forced => {}
        ByName::Named(kind) if kind.holds_many() => return Err(ImportError::Many(kind)),
        _ => {}
    }
    let size = metadata.len();
    // A file that grows while it is read is cut where it is too large.
    let start_size = if size > limits::TEXT { limits::SNIFF as u64 } else { limits::TEXT + 1 };
    let bytes = read_start(&mut file, size, start_size)?;
    let too_large = size > limits::TEXT || bytes.len() as u64 > limits::TEXT;
    let kind = match by_name {
        ByName::Named(Kind::Jsonl) if kind::is_jsonl(&bytes) => return Err(ImportError::Many(Kind::Jsonl)),
        ByName::Named(Kind::Jsonl) => {
            let warning = if bytes.is_empty() { Warning::Empty } else { Warning::NotDrafts };
            return data(input, path, "application/jsonl", vec![warning], options);
        }
        _ if too_large && forced => return Err(ImportError::TooLarge),
        ByName::Named(kind) => kind,
        _ => match kind::by_content(&bytes) {
            Some(kind) if kind.holds_many() => return Err(ImportError::Many(kind)),
            found => found.unwrap_or(Kind::Text),
        },
    };
    // A file that is named as text may hold any characters; the bytes of others must look like text.
    let named = by_name != ByName::Unknown && !too_large && std::str::from_utf8(&bytes).is_ok();
    let text = named || kind::is_text(&bytes) || matches!(kind, Kind::Html | Kind::Mhtml);
    if !text {
        if forced {
            return Err(ImportError::NotText);
        }
        let warning = (by_name != ByName::Unknown).then_some(Warning::NotText);
        let media_type = media_type::by_magic(&bytes).unwrap_or(media_type::UNKNOWN);
        return data(input, path, media_type, warning.into_iter().collect(), options);
    }
    if too_large {
        let media_type = match kind {
            Kind::Markdown => "text/markdown",
            Kind::Html => "text/html",
            Kind::Mhtml => "multipart/related",
            _ => "text/plain",
        };
        return data(input, path, media_type, vec![Warning::TooLarge], options);
    }
    let name = input.name();
    let folder = Folder::new(path.parent().unwrap_or(Path::new(".")));
    let mut document = read(Source { name: &name, folder: Some(&folder), bytes, kind })?;
    published_by_name(&input.real_path(), &mut document.draft);
    finish(input.path(), document, Some(input.subject()), options)
}

fn read(source: Source<'_>) -> Result<document::Document, ImportError> {
    match source.kind {
        Kind::Html => Ok(page::file::read(&source)),
        Kind::Mhtml => page::mhtml::read(&source).ok_or(ImportError::NoPage),
        _ => Ok(document::read(source)),
    }
}

/// At most so many bytes of a file that has this size.
fn read_start(file: &mut File, size: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(most.min(size.saturating_add(1))).unwrap_or_default()];
    let read = match file.read(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
        read => read?,
    };
    bytes.truncate(read);
    // A file that ends where its size says has ended: another call would say the same.
    let left = most.saturating_sub(read as u64);
    if read == 0 || read as u64 != size && left > 0 {
        file.take(left).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The kind that is found in data of this type, if it may hold one.
fn found(file: &mut File, media_type: &str) -> io::Result<Option<Kind>> {
    if !media_type::may_hold_a_kind(media_type) {
        return Ok(None);
    }
    let mut start = Vec::new();
    file.by_ref().take(limits::SNIFF as u64).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(kind::by_content(&start))
}

/// Standard input, as one document.
pub(crate) fn load_stream(reader: &mut dyn Read, options: &Options) -> Result<Loaded, ImportError> {
    let mut bytes = Vec::new();
    reader.take(limits::TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits::TEXT {
        return Err(ImportError::TooLarge);
    }
    let utf8 = std::str::from_utf8(&bytes).is_ok();
    if !(kind::is_text(&bytes) || options.from.is_some() && utf8) {
        return Err(ImportError::NotText);
    }
    let kind = options.from.or_else(|| kind::by_content(&bytes)).unwrap_or(Kind::Text);
    let document = read(Source { name: "", folder: None, bytes, kind })?;
    finish(PathBuf::from("-"), document, None, options)
}

fn finish(
    input: PathBuf,
    document: document::Document,
    by_path: Option<String>,
    options: &Options,
) -> Result<Loaded, ImportError> {
    let held = document.held();
    let mut warnings = document.warnings;
    match document.refused {
        Some(reason) if options.force => warnings.push(Warning::NotAnArticle(reason)),
        Some(reason) => return Err(ImportError::NotAnArticle(reason)),
        None => {}
    }
    let mut draft = document.draft;
    let given = options.overrides.subject.clone().map(|subject| (subject, None, SubjectFrom::Given));
    let url = document.url.map(|(subject, from)| (subject, Some(from), SubjectFrom::Url));
    let id = document.id.map(|(subject, from)| (subject, Some(from), SubjectFrom::Id));
    let path = by_path.map(|subject| (subject, Some("path of the input".to_owned()), SubjectFrom::Path));
    let (subject, from, subject_from) = given.or(url).or(id).or(path).ok_or(ImportError::NoSubject)?;
    draft.subject = subject;
    draft.metadata.provenance.extend(from.map(|from| ("subject".to_owned(), from)));
    options.overrides.apply(&mut draft);
    let attachments = document.attachments;
    Ok(Loaded { input, place: None, draft, subject_from, warnings, linked: attachments.linked, held })
}

/// A file that is kept without being read.
fn data(
    input: &InputFile,
    path: &Path,
    media_type: &str,
    warnings: Vec<Warning>,
    options: &Options,
) -> Result<Loaded, ImportError> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(ImportError::Special);
    }
    let content =
        if metadata.len() <= SMALL_FILE { Content::from(fs::read(path)?) } else { Content::File(path.to_owned()) };
    let media_type = match &content {
        Content::Bytes(bytes) if media_type == media_type::UNKNOWN => media_type::by_magic(bytes).unwrap_or(media_type),
        Content::File(path) if media_type == media_type::UNKNOWN => magic(path)?.unwrap_or(media_type),
        _ => media_type,
    };
    let document = document::data(&input.name(), media_type, content, warnings);
    finish(input.path(), document, Some(input.subject()), options)
}

fn magic(path: &Path) -> io::Result<Option<&'static str>> {
    let mut start = Vec::new();
    File::open(path)?.take(limits::SNIFF as u64).read_to_end(&mut start)?;
    Ok(media_type::by_magic(&start))
}

/// Jekyll's rule: `_posts/2014-03-19-title.md` was published on that day. No other date in a name is read.
pub(crate) fn published_by_name(path: &Path, draft: &mut Draft) {
    if draft.metadata.published.is_some() {
        return;
    }
    let name = names::file_name(path);
    let in_posts = path.parent().is_some_and(|folder| folder.components().any(|part| part.as_os_str() == "_posts"));
    let (Some(date), Some(b'-')) = (name.get(..10), name.as_bytes().get(10)) else { return };
    if in_posts && let Ok(date) = date.parse() {
        draft.metadata.published = Some(date);
        draft.metadata.provenance.insert("published".to_owned(), "file name in _posts".to_owned());
    }
}
