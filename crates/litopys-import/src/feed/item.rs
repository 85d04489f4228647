//! An item of a feed, whatever its format, to a draft.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use litopys::manifest::Captured;
use litopys::{Content, Draft, DraftFile, Edtf, Metadata, Role};
use url::Url;

use crate::attachments::{self, Attachments, Folder, Near};
use crate::dates::read_date;
use crate::document::Document;
use crate::names::{self, Paths};
use crate::web::subject_of_url;
use crate::{Warning, limits, page};

/// Something that an item says, and where.
#[derive(Debug, Clone)]
pub(super) struct Said<T = String> {
    pub(super) value: T,
    pub(super) from: String,
}

pub(super) fn said<T>(value: T, from: impl Into<String>) -> Said<T> {
    Said { value, from: from.into() }
}

/// A text, with or without markup.
#[derive(Debug, Clone)]
pub(super) enum Text {
    Plain(String),
    Html(String),
}

impl Text {
    /// Without markup, on one line.
    pub(super) fn line(&self, base: Option<&Url>) -> Option<String> {
        let text = match self {
            Self::Plain(text) => text.clone(),
            Self::Html(html) if html.contains(['<', '&']) => page::fragment(html, base).plain,
            Self::Html(html) => html.clone(),
        };
        Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
    }
}

/// A file that comes with an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Enclosure {
    pub(super) url: String,
    pub(super) media_type: Option<String>,
    pub(super) length: Option<String>,
}

/// An item of a feed.
#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    /// Its own bytes.
    pub(super) capture: Option<Arc<[u8]>>,
    pub(super) id: Option<Said>,
    pub(super) link: Option<Said>,
    pub(super) title: Option<Said<Text>>,
    pub(super) authors: Option<Said<Vec<String>>>,
    pub(super) published: Option<Said>,
    pub(super) modified: Option<Said>,
    pub(super) language: Option<Said>,
    pub(super) tags: Option<Said<Vec<String>>>,
    pub(super) summary: Option<Said<Text>>,
    pub(super) content: Option<Said<Text>>,
    pub(super) rights: Option<Said<Text>>,
    pub(super) enclosures: Vec<Enclosure>,
    /// What relative URLs in it are relative to.
    pub(super) base: Option<Url>,
}

impl Item {
    /// Its URL: the exact one, and its subject.
    pub(super) fn url(&self) -> Option<(String, String)> {
        let link = &self.link.as_ref()?.value;
        let absolute = match &self.base {
            Some(base) => base.join(link).map_or_else(|_| link.clone(), String::from),
            None => link.clone(),
        };
        let exact = if subject_of_url(link).is_some() { link.clone() } else { absolute };
        subject_of_url(&exact).map(|subject| (exact, subject))
    }
}

/// What holds for all items of a feed.
#[derive(Debug, Clone, Default)]
pub(super) struct Common {
    /// What an item's bytes are.
    pub(super) media_type: &'static str,
    /// What a file of an item is called.
    pub(super) file: &'static str,
    /// In `captured.via`.
    pub(super) via: String,
    pub(super) publisher: Option<Said>,
    pub(super) authors: Option<Said<Vec<String>>>,
    pub(super) language: Option<Said>,
    pub(super) rights: Option<Said<Text>>,
    /// Whether items have their bytes from text that was decoded from another encoding.
    pub(super) decoded: Option<&'static str>,
}

/// Reads an item. It has no subject yet.
pub(super) fn document(item: &Item, common: &Common, enclosures: Option<&Path>) -> Document {
    let base = item.base.as_ref();
    let mut warnings = Vec::new();
    let mut m = Metadata::default();
    if let Some(title) = &item.title
        && let Some(line) = title.value.line(base).filter(|line| line.len() <= limits::TITLE)
    {
        set(&mut m, "title", &title.from, |m| m.title = Some(line));
    }
    if let Some(authors) = item.authors.as_ref().or(common.authors.as_ref()) {
        set(&mut m, "authors", &authors.from, |m| m.authors.clone_from(&authors.value));
    }
    if let Some(publisher) = &common.publisher {
        set(&mut m, "publisher", &publisher.from, |m| m.publisher = Some(publisher.value.clone()));
    }
    if let Some((language, from)) = item
        .language
        .iter()
        .chain(&common.language)
        .find_map(|said| crate::front_matter::fields::language(&said.value).map(|language| (language, &said.from)))
    {
        set(&mut m, "language", from, |m| m.language = Some(language));
    }
    if let Some((date, from)) = date(item.published.as_ref(), &mut warnings, &mut m) {
        set(&mut m, "published", &from, |m| m.published = Some(date));
    }
    if let Some((date, from)) = date(item.modified.as_ref(), &mut warnings, &mut m) {
        set(&mut m, "modified", &from, |m| m.modified = Some(date));
    }
    if let Some(tags) = item.tags.as_ref() {
        let mut seen = HashSet::new();
        let all: Vec<_> = tags.value.iter().filter(|tag| seen.insert(*tag)).cloned().collect();
        set(&mut m, "tags", &tags.from, |m| m.tags = all);
    }
    if let Some(rights) = item.rights.as_ref().or(common.rights.as_ref())
        && let Some(line) = rights.value.line(base)
    {
        set(&mut m, "rights", &rights.from, |m| m.rights = Some(line));
    }
    // Where there is nothing else, the summary is the text.
    let content = item.content.as_ref().or(item.summary.as_ref());
    if item.content.is_some()
        && let Some(summary) = &item.summary
        && let Some(line) = summary.value.line(base)
    {
        set(&mut m, "summary", &summary.from, |m| m.summary = Some(line));
    }
    let captured = Captured { via: Some(common.via.clone()).filter(|via| !via.is_empty()), ..Captured::default() };
    m.captured = (captured != Captured::default()).then_some(captured);
    let url = item.url();
    if let (Some((exact, _)), Some(link)) = (&url, &item.link) {
        let captured = m.captured.get_or_insert_with(Captured::default);
        captured.url = Some(exact.clone());
        m.provenance.insert("captured.url".to_owned(), link.from.clone());
    }
    if let Some(id) = item.id.as_ref().filter(|id| id.value.len() <= limits::EXTRA_VALUE) {
        m.extra.insert("feed.id".to_owned(), id.value.clone());
    }
    named(&item.enclosures, &mut m, &mut warnings);

    let mut paths = Paths::with_text();
    let (path, _) = paths.take(common.file);
    let mut files = Vec::new();
    let mut capture = |path, role, media_type: &str, bytes: Arc<[u8]>| {
        let (media_type, content) = (media_type.to_owned(), Content::Bytes(bytes));
        files.push(DraftFile { path, role, media_type, original_name: None, content });
    };
    if let Some(bytes) = &item.capture {
        capture(path, Role::Capture, common.media_type, Arc::clone(bytes));
        if let Some(encoding) = common.decoded {
            let how = format!("the item's bytes, from {encoding} to UTF-8");
            m.provenance.insert("capture".to_owned(), how);
        } else {
            m.provenance.insert("capture".to_owned(), "the item's own bytes in the feed".to_owned());
        }
    }
    if let Some(content) = content {
        let (text, how) = match &content.value {
            Text::Plain(text) => (text.clone(), content.from.clone()),
            Text::Html(html) => (page::fragment(html, base).text, format!("{}: {}", page::EXTRACTOR, content.from)),
        };
        if !text.trim().is_empty() {
            m.provenance.insert("text".to_owned(), how);
            capture(names::TEXT.to_owned(), Role::Text, "text/markdown", text.into_bytes().into());
        }
    }
    if files.iter().all(|file| file.role != Role::Text) {
        warnings.push(Warning::NoText);
    }
    let mut attachments = enclosures
        .map_or_else(Attachments::default, |folder| taken(&item.enclosures, folder, &mut paths, &mut warnings));
    files.append(&mut attachments.files);
    let link_from = item.link.as_ref().map(|link| link.from.clone()).unwrap_or_default();
    Document {
        draft: Draft { metadata: m, files, volatile: true, ..Draft::default() },
        url: url.map(|(_, subject)| (subject, link_from)),
        id: item.id.as_ref().map(|id| (id.value.clone(), id.from.clone())),
        attachments,
        warnings,
        refused: None,
    }
}

fn set(m: &mut Metadata, field: &str, from: &str, put: impl FnOnce(&mut Metadata)) {
    put(m);
    m.provenance.insert(field.to_owned(), from.to_owned());
}

/// A date that can be told. One that can't is kept in `extra` as it is.
fn date(said: Option<&Said>, warnings: &mut Vec<Warning>, m: &mut Metadata) -> Option<(Edtf, String)> {
    let said = said?;
    let value = said.value.trim();
    match read_date(value) {
        Ok(date) if date.as_str() == value => Some((date, said.from.clone())),
        Ok(date) => Some((date, format!("{}: {value}", said.from))),
        Err(fault) => {
            let cut: String = value.chars().take(limits::DATE).collect();
            m.extra.insert(format!("feed.{}", said.from), cut.clone());
            warnings.push(Warning::FieldDate { field: said.from.clone(), value: cut, fault });
            None
        }
    }
}

/// Names the enclosures in `extra`, a line each.
fn named(enclosures: &[Enclosure], m: &mut Metadata, warnings: &mut Vec<Warning>) {
    if enclosures.is_empty() {
        return;
    }
    let one = |enclosure: &Enclosure| {
        let facts: Vec<_> =
            [enclosure.media_type.clone(), enclosure.length.as_ref().map(|length| format!("{length} bytes"))]
                .into_iter()
                .flatten()
                .collect();
        if facts.is_empty() { enclosure.url.clone() } else { format!("{} ({})", enclosure.url, facts.join(", ")) }
    };
    let lines: Vec<_> = enclosures.iter().map(one).collect();
    let text = lines.join("\n");
    if text.len() <= limits::EXTRA_VALUE {
        m.extra.insert("feed.enclosures".to_owned(), text);
    } else {
        warnings.push(Warning::Key { key: "feed.enclosures".to_owned() });
    }
}

/// Takes the enclosures along that are in a folder, by their file names.
fn taken(enclosures: &[Enclosure], folder: &Path, paths: &mut Paths, warnings: &mut Vec<Warning>) -> Attachments {
    let folder = Folder::new(folder);
    let names = enclosures.iter().filter_map(|enclosure| {
        let path = enclosure.url.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        (!name.is_empty()).then(|| name.to_owned())
    });
    let mut found = attachments::attach(&folder as &dyn Near, &names.collect::<Vec<_>>(), paths);
    warnings.append(&mut found.warnings);
    found
}
