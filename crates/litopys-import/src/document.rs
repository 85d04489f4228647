//! One document, from its bytes to a draft.

use std::path::Path;
use std::sync::Arc;

use litopys::{Content, Draft, DraftFile, Metadata, Role};

use crate::attachments::{self, Attachments};
use crate::front_matter::{self, fields};
use crate::names::{self, Paths};
use crate::page::NotAnArticle;
use crate::{Kind, Warning, charset, limits, markdown, text};

/// A document as it was received.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Its file name; empty for standard input.
    pub(crate) name: &'a str,
    /// The folder whose files it may bring along.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) bytes: Vec<u8>,
    /// Text or Markdown.
    pub(crate) kind: Kind,
}

/// What a document is.
#[derive(Debug)]
pub(crate) struct Document {
    /// Without a subject, unless it names one itself.
    pub(crate) draft: Draft,
    /// What it says its subject is: by a URL, by an id.
    pub(crate) url: Option<(String, String)>,
    pub(crate) id: Option<(String, String)>,
    pub(crate) attachments: Attachments,
    pub(crate) warnings: Vec<Warning>,
    /// Why it seems to be no article.
    pub(crate) refused: Option<NotAnArticle>,
}

pub(crate) fn read(source: Source<'_>) -> Document {
    let Source { name, folder, bytes, kind } = source;
    let capture: Arc<[u8]> = bytes.into();
    let decoded = charset::decode(&capture);
    let mut warnings: Vec<_> = decoded.warning.clone().into_iter().collect();
    if capture.is_empty() {
        warnings.push(Warning::Empty);
    }
    let mut said = Said::default();
    let (body, extractor) = if kind == Kind::Markdown {
        (read_markdown(&decoded.text, &mut said, &mut warnings), markdown::EXTRACTOR)
    } else {
        (read_text(&decoded.text, &mut said, &mut warnings), text::EXTRACTOR)
    };
    let how = match (&decoded.warning, decoded.mark, &body) {
        (None, false, None) => "the same bytes as the capture".to_owned(),
        (encoding, mark, body) => {
            let mut how: Vec<_> = body.iter().map(|(_, how)| how.clone()).collect();
            if let Some(Warning::Encoding { name, .. }) = encoding {
                how.push(format!("decoded from {name}"));
            } else if mark {
                how.push("left out the byte order mark".to_owned());
            }
            format!("{extractor}: {}", how.join(", "))
        }
    };
    let unchanged = body.is_none() && decoded.warning.is_none() && !decoded.mark;
    let content = if unchanged {
        Arc::clone(&capture)
    } else {
        body.as_ref().map_or(decoded.text.as_ref(), |(text, _)| text).as_bytes().into()
    };

    let mut paths = Paths::with_text();
    let fallback = if kind == Kind::Markdown { "document.md" } else { "document.txt" };
    let (path, original_name) = paths.take(if name.is_empty() { fallback } else { name });
    let media_type = if kind == Kind::Markdown { "text/markdown" } else { "text/plain" };
    let file = |path: String, role, original_name, bytes| DraftFile {
        path,
        role,
        media_type: media_type.to_owned(),
        original_name,
        content: Content::Bytes(bytes),
    };
    let mut metadata = said.metadata;
    metadata.provenance.insert("text".to_owned(), how);
    let mut files = vec![
        file(path, Role::Capture, original_name, capture),
        file(names::TEXT.to_owned(), Role::Text, None, content),
    ];
    let mut attachments = match folder {
        Some(folder) if !said.targets.is_empty() => attachments::attach(folder, &said.targets, &mut paths),
        _ => Attachments::default(),
    };
    files.append(&mut attachments.files);
    warnings.append(&mut attachments.warnings);
    Document {
        draft: Draft { metadata, files, ..Draft::default() },
        url: said.url,
        id: said.id,
        attachments,
        warnings,
        refused: None,
    }
}

/// What a document says of itself.
#[derive(Debug, Default)]
struct Said {
    metadata: Metadata,
    url: Option<(String, String)>,
    id: Option<(String, String)>,
    targets: Vec<String>,
}

/// The text of a Markdown document where it is not all of it, and how it came about.
fn read_markdown(text: &str, said: &mut Said, warnings: &mut Vec<Warning>) -> Option<(String, String)> {
    let split = front_matter::split(text);
    if let Some((line, fault)) = split.fault {
        warnings.push(Warning::FrontMatter { line, fault });
    }
    let fields = fields::read(split.entries);
    warnings.extend(fields.warnings);
    said.metadata = fields.metadata;
    (said.url, said.id) = (fields.url, fields.id);
    if said.metadata.title.is_none()
        && let Some(heading) = markdown::heading(split.body)
    {
        let line = split.body_line - 1 + heading.line;
        if heading.text.len() <= limits::TITLE {
            said.metadata.provenance.insert("title".to_owned(), format!("heading in line {line}"));
            said.metadata.title = Some(heading.text);
        } else {
            warnings.push(Warning::LongTitle { line });
        }
    }
    said.targets = markdown::targets(split.body);
    let what = if split.body_line == 1 { return None } else { split.body_line - 1 };
    Some((split.body.to_owned(), format!("left out the front matter, lines 1 to {what}")))
}

/// The same of a plain text.
fn read_text(text: &str, said: &mut Said, warnings: &mut Vec<Warning>) -> Option<(String, String)> {
    let reading = text::read(text);
    warnings.extend(reading.warnings());
    let title = reading.title.filter(|(title, _)| title.len() <= limits::TITLE);
    if let Some((title, line)) = title {
        said.metadata.title = Some(title.to_owned());
        said.metadata.provenance.insert("title".to_owned(), format!("line {line}"));
    }
    let mut lines: Vec<_> = reading.left_out.iter().map(|(line, what)| (*line, *what)).collect();
    lines.extend(title.map(|(_, line)| (line, "title")));
    lines.sort_unstable();
    let lines: Vec<_> = lines.iter().map(|(line, what)| format!("line {line} ({what})")).collect();
    reading.body.map(|body| (body, format!("left out {}", lines.join(", "))))
}
