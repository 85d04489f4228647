//! Drafts to JSON.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::path::{Component, Path};
use std::sync::Arc;

use base64ct::{Base64, Encoding as _};
use litopys::{Content, Draft, DraftFile};

use super::read::{bytes, measure};
use super::schema::{Derived, File, Line, SCHEMA};
use crate::limits;

/// Writes a draft as one line, with the size and digest of each file, which large files are read for.
///
/// A file on disk is referred to by its path relative to `base`, from where
/// [`read_jsonl`](super::read_jsonl) with the same base takes it. If it is not below `base`, its own path is written,
/// which no reader accepts; nor does it accept a file that is in an archive
/// already, which has no content here.
///
/// # Errors
/// If a file can't be read, or `out` can't be written.
pub fn write_jsonl(draft: &Draft, base: &Path, out: &mut impl Write) -> io::Result<()> {
    let m = &draft.metadata;
    let base = std::fs::canonicalize(if base.as_os_str().is_empty() { Path::new(".") } else { base })?;
    let mut files = Vec::with_capacity(draft.files.len());
    for (at, file) in draft.files.iter().enumerate() {
        files.push(entry(file, draft.files.get(..at).unwrap_or_default(), &base)?);
    }
    let line = Line {
        schema: SCHEMA,
        subject: Cow::Borrowed(&draft.subject),
        title: m.title.clone(),
        authors: some(&m.authors),
        publisher: m.publisher.clone(),
        language: m.language.clone(),
        published: m.published.clone(),
        modified: m.modified.clone(),
        captured: m.captured.clone(),
        tags: some(&m.tags),
        rights: m.rights.clone(),
        summary: m.summary.clone(),
        note: m.note.clone(),
        derived_from: derived(draft),
        extra: Some(m.extra.clone()).filter(|map| !map.is_empty()),
        provenance: Some(m.provenance.clone()).filter(|map| !map.is_empty()),
        volatile: draft.volatile,
        shrinks: draft.shrinks,
        files,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

fn derived(draft: &Draft) -> Option<Derived> {
    let none = |kind, tool: &Option<String>| Derived {
        id: None,
        subject: None,
        language: None,
        optional: false,
        kind,
        tool: tool.clone(),
    };
    match (&draft.original, &draft.metadata.derived_from) {
        (Some(original), _) => Some(Derived {
            subject: Some(original.subject.clone()),
            language: original.language.clone(),
            optional: !original.required,
            ..none(original.kind, &original.tool)
        }),
        (None, Some(from)) => Some(Derived { id: Some(from.id.to_string()), ..none(from.kind, &from.tool) }),
        (None, None) => None,
    }
}

fn some(texts: &[String]) -> Option<Vec<String>> {
    (!texts.is_empty()).then(|| texts.to_vec())
}

fn entry<'a>(file: &'a DraftFile, before: &'a [DraftFile], base: &Path) -> io::Result<File<'a>> {
    let (size, digest) = measure(&file.content, true)?;
    let mut entry = File {
        path: Cow::Borrowed(&file.path),
        role: file.role,
        media_type: Some(file.media_type.clone()),
        original_name: file.original_name.clone(),
        size: Some(size),
        sha256: digest.map(|digest| digest.to_string()),
        text: None,
        base64: None,
        file: None,
        same_as: None,
    };
    match &file.content {
        Content::Bytes(content) => {
            // The same memory, which is how importers say that a capture is its own text.
            let same = before.iter().find(|b| bytes(&b.content).is_some_and(|b| Arc::ptr_eq(b, content)));
            match (same, std::str::from_utf8(content)) {
                (Some(same), _) => entry.same_as = Some(Cow::Borrowed(&same.path)),
                (None, Ok(text)) => entry.text = Some(Cow::Borrowed(text)),
                (None, Err(_)) => entry.base64 = Some(Cow::Owned(Base64::encode_string(content))),
            }
        }
        Content::Source(source) => {
            let mut content = Vec::new();
            source.open()?.take(limits::JSONL_LINE as u64).read_to_end(&mut content)?;
            match String::from_utf8(content) {
                Ok(text) => entry.text = Some(Cow::Owned(text)),
                Err(error) => entry.base64 = Some(Cow::Owned(Base64::encode_string(error.as_bytes()))),
            }
        }
        // Its bytes are not at hand: size and digest say which they are.
        Content::Archived { .. } => {}
        Content::File(path) => entry.file = Some(Cow::Owned(reference(path, base))),
    }
    Ok(entry)
}

fn reference(path: &Path, base: &Path) -> String {
    let real = std::fs::canonicalize(path).ok();
    let Some(below) = real.as_deref().and_then(|real| real.strip_prefix(base).ok()) else {
        return path.to_string_lossy().into_owned();
    };
    let parts = below.components().map(Component::as_os_str).map(std::ffi::OsStr::to_string_lossy);
    parts.collect::<Vec<_>>().join("/")
}
