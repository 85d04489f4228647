//! JSON to drafts.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use base64ct::{Base64, Encoding as _};
use litopys::limits::{MAP_ENTRIES, SMALL_FILE};
use litopys::manifest::{Captured, DerivedFrom, TextMap, is_path};
use litopys::{Content, Draft, DraftFile, FileDigest, Metadata, Original};
use sha2::{Digest, Sha256};

use super::schema::{Derived, File, Line, SCHEMA};
use super::{JsonlFault, Lines};
use crate::contained::Base;
use crate::names::Paths;
use crate::{Failure, ImportError, Place, limits, media_type};

/// Reads drafts, one a line, each as it is asked for: the simple way, on one thread.
///
/// `file` references are taken from below `base`. Errors name the line; the next line is read all the same.
///
/// # Errors
/// [`Failure`] if `base` can't be found.
pub fn read_jsonl(
    source: impl Read + Send + 'static,
    base: &Path,
) -> Result<impl Iterator<Item = Result<Draft, Failure>>, Failure> {
    let reader = Reader::new(base).map_err(|e| Failure::new(base, e))?;
    let mut lines = Lines::new(Box::new(source));
    let mut ready = Vec::new().into_iter();
    Ok(std::iter::from_fn(move || {
        if ready.len() == 0 {
            ready = lines.chunk().into_iter();
        }
        let (number, line) = ready.next()?;
        Some(
            line.and_then(|line| reader.read(&line))
                .map_err(|fault| Failure::at("-", Place::Line(number), ImportError::from(fault))),
        )
    }))
}

/// Reads one draft from its line.
#[derive(Debug)]
pub struct Reader {
    base: Base,
}

impl Reader {
    /// A reader that takes `file` references from below this folder.
    ///
    /// # Errors
    /// If the folder can't be found.
    pub fn new(base: &Path) -> io::Result<Self> {
        Base::new(base).map(|base| Self { base })
    }

    /// The draft of a line.
    ///
    /// # Errors
    /// [`JsonlFault`] if it is none.
    pub fn read(&self, line: &[u8]) -> Result<Draft, JsonlFault> {
        let line: Line<'_> = serde_json::from_slice(line).map_err(|e| {
            // The line within the line is always 1.
            JsonlFault::Json { message: e.to_string().replace(" at line 1 column ", " at column ") }
        })?;
        if line.schema != SCHEMA {
            return Err(JsonlFault::Schema(line.schema));
        }
        if line.subject.trim().is_empty() {
            return Err(JsonlFault::Subject);
        }
        if !(1..=limits::JSONL_FILES).contains(&line.files.len()) {
            return Err(JsonlFault::FileCount(line.files.len()));
        }
        let mut files = Vec::with_capacity(line.files.len());
        let mut paths = Paths::default();
        let (mut held, mut named) = (0, HashMap::new());
        for file in line.files {
            if !is_path(&file.path) || !paths.take_as_is(&file.path) {
                return Err(JsonlFault::Path(file.path.into_owned()));
            }
            let file = self.file(file, &|path: &str| files.get(*named.get(path)?), &mut held)?;
            named.insert(file.path.clone(), files.len());
            files.push(file);
        }
        let (derived, original) = line.derived_from.map(derived_from).transpose()?.unwrap_or_default();
        let metadata = Metadata {
            title: text(line.title),
            authors: texts(line.authors),
            publisher: text(line.publisher),
            language: language(line.language)?,
            published: line.published,
            modified: line.modified,
            captured: line.captured.and_then(captured),
            tags: texts(line.tags),
            rights: text(line.rights),
            summary: text(line.summary),
            note: text(line.note),
            derived_from: derived,
            extra: map(line.extra)?,
            provenance: map(line.provenance)?,
        };
        Ok(Draft {
            subject: line.subject.into_owned(),
            metadata,
            files,
            volatile: line.volatile,
            shrinks: line.shrinks,
            original,
        })
    }

    /// A file; `before` gives those before it by their paths.
    fn file<'d>(
        &self,
        file: File<'_>,
        before: &dyn Fn(&str) -> Option<&'d DraftFile>,
        held: &mut u64,
    ) -> Result<DraftFile, JsonlFault> {
        let path = file.path.into_owned();
        let content = match (file.text, file.base64, file.file, file.same_as) {
            (Some(text), None, None, None) => Content::Bytes(text.as_bytes().into()),
            (None, Some(base64), None, None) => {
                Content::from(Base64::decode_vec(&base64).map_err(|_| JsonlFault::Base64(path.clone()))?)
            }
            (None, None, Some(file), None) => self.refer(&path, &file, held)?,
            (None, None, None, Some(same)) => {
                before(&same).ok_or_else(|| JsonlFault::SameAs(path.clone()))?.content.clone()
            }
            _ => return Err(JsonlFault::Content(path)),
        };
        let expected: Option<FileDigest> = match file.sha256.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(text.parse().map_err(|_| JsonlFault::Digest(path.clone()))?),
            None => None,
        };
        let (size, digest) = measure(&content, expected.is_some()).map_err(|e| JsonlFault::read(&e))?;
        if file.size.is_some_and(|expected| expected != size) {
            return Err(JsonlFault::Size(path));
        }
        if expected.is_some() && expected != digest {
            return Err(JsonlFault::Digest(path));
        }
        let media_type = text(file.media_type).unwrap_or_else(|| media_type::of_file(Path::new(&path)).to_owned());
        Ok(DraftFile { path, role: file.role, media_type, original_name: text(file.original_name), content })
    }

    fn refer(&self, path: &str, file: &str, held: &mut u64) -> Result<Content, JsonlFault> {
        let refused = |reason| JsonlFault::Refused { path: path.to_owned(), file: file.to_owned(), reason };
        let found = self.base.find(file).map_err(refused)?;
        if found.size > SMALL_FILE || *held + found.size > limits::HELD {
            return Ok(Content::File(found.path));
        }
        *held += found.size;
        fs::read(&found.path).map(Content::from).map_err(|e| JsonlFault::read(&e))
    }
}

/// A content's size, and its digest if that is asked for.
pub(super) fn measure(content: &Content, digest: bool) -> io::Result<(u64, Option<FileDigest>)> {
    match content {
        Content::Bytes(bytes) => Ok((bytes.len() as u64, digest.then(|| FileDigest::of(bytes)))),
        Content::Archived { digest, size } => Ok((*size, Some(*digest))),
        Content::File(path) if !digest => Ok((fs::metadata(path)?.len(), None)),
        Content::File(path) => hash(fs::File::open(path)?),
        Content::Source(source) => hash(source.open()?),
    }
}

fn hash(reader: impl Read) -> io::Result<(u64, Option<FileDigest>)> {
    let (mut hasher, mut size) = (Sha256::new(), 0);
    let mut reader = io::BufReader::with_capacity(1 << 17, reader);
    loop {
        let part = reader.fill_buf()?;
        if part.is_empty() {
            return Ok((size, Some(FileDigest::from_bytes(hasher.finalize().into()))));
        }
        hasher.update(part);
        let read = part.len();
        size += read as u64;
        reader.consume(read);
    }
}

/// Absent, `null` and empty are the same.
fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn texts(texts: Option<Vec<String>>) -> Vec<String> {
    texts.unwrap_or_default().into_iter().filter(|text| !text.is_empty()).collect()
}

fn map(map: Option<TextMap>) -> Result<TextMap, JsonlFault> {
    let mut map = map.unwrap_or_default();
    map.retain(|key, value| !key.is_empty() && !value.is_empty());
    if map.len() > MAP_ENTRIES { Err(JsonlFault::MapCount(map.len())) } else { Ok(map) }
}

fn language(tag: Option<String>) -> Result<Option<String>, JsonlFault> {
    let good = |tag: &str| tag.len() <= 64 && tag.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    match text(tag) {
        Some(tag) if !good(&tag) => Err(JsonlFault::Language),
        tag => Ok(tag),
    }
}

fn captured(captured: Captured) -> Option<Captured> {
    let captured =
        Captured { at: captured.at, url: text(captured.url), via: text(captured.via), tool: text(captured.tool) };
    (captured != Captured::default()).then_some(captured)
}

/// The version that is named by its id, or the article by its subject.
fn derived_from(derived: Derived) -> Result<(Option<DerivedFrom>, Option<Original>), JsonlFault> {
    let (kind, tool) = (derived.kind, text(derived.tool));
    match (text(derived.id), text(derived.subject), text(derived.language)) {
        (Some(id), None, None) => {
            let id = id.parse().map_err(|_| JsonlFault::DerivedFrom)?;
            Ok((Some(DerivedFrom { id, kind, tool }), None))
        }
        (None, Some(subject), language) => {
            Ok((None, Some(Original { subject, language, kind, tool, required: !derived.optional })))
        }
        _ => Err(JsonlFault::DerivedFrom),
    }
}

/// The bytes of a content that is in memory.
pub(super) fn bytes(content: &Content) -> Option<&Arc<[u8]>> {
    if let Content::Bytes(bytes) = content { Some(bytes) } else { None }
}
