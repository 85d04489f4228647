//! Which field of the metadata a key of the front matter is.

use std::collections::HashSet;

use litopys::manifest::Captured;
use litopys::{Edtf, Metadata};

use super::Value;
use super::left::Left;
use crate::dates::read_date;
use crate::web::{is_url, subject_of_url};
use crate::{Warning, limits};

/// The keys of each field, the one that counts most first. They are compared in lower case, with `_` for `-` and space.
const TITLE: &[&str] = &["title", "headline"];
const AUTHORS: &[&str] = &["authors", "author", "by", "byline", "creator"];
const PUBLISHER: &[&str] = &["publisher", "publication", "site_name", "website"];
const LANGUAGE: &[&str] = &["language", "lang", "locale"];
const PUBLISHED: &[&str] =
    &["published", "date_published", "datepublished", "published_at", "publish_date", "pubdate", "pub_date", "date"];
const MODIFIED: &[&str] = &[
    "modified",
    "date_modified",
    "datemodified",
    "updated",
    "updated_at",
    "lastmod",
    "last_modified",
    "lastmodified",
    "last_modified_at",
];
const TAGS: &[&str] = &["tags", "tag", "keywords", "categories", "category", "topics"];
const SUMMARY: &[&str] = &["summary", "description", "desc", "excerpt", "abstract"];
const RIGHTS: &[&str] = &["rights", "license", "licence", "copyright"];
const NOTE: &[&str] = &["note", "notes"];
/// Not `link` and `source`: what an article is about, or made from, is not what it is.
const URL: &[&str] = &["canonical_url", "canonical", "url", "permalink", "original_url", "source_url"];
const ID: &[&str] = &["id", "identifier", "uuid", "guid", "uid", "slug"];
const CAPTURED: &[&str] = &["captured", "captured_at", "archived", "archived_at", "accessed", "retrieved"];

/// What front matter says.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) metadata: Metadata,
    /// The subject by a URL, and where it came from.
    pub(crate) url: Option<(String, String)>,
    /// The subject by an id, and where it came from.
    pub(crate) id: Option<(String, String)>,
    pub(crate) warnings: Vec<Warning>,
}

/// The fields of some front matter. A key that is none, or whose value doesn't fit, is kept as text in `extra`.
pub(crate) fn read(entries: Vec<(String, Value)>) -> Fields {
    let mut reader = Reader { left: Left::new(entries), fields: Fields::default() };
    let mut m = Metadata {
        title: reader.text("title", TITLE, |t| (t.len() <= limits::TITLE).then(|| one_line(t))),
        authors: reader.field("authors", AUTHORS, authors).unwrap_or_default(),
        publisher: reader.text("publisher", PUBLISHER, |t| Some(one_line(t))),
        language: reader.text("language", LANGUAGE, language),
        published: reader.date("published", PUBLISHED),
        modified: reader.date("modified", MODIFIED),
        tags: reader.tags(),
        rights: reader.text("rights", RIGHTS, |t| Some(t.to_owned())),
        summary: reader.text("summary", SUMMARY, |t| Some(t.to_owned())),
        note: reader.text("note", NOTE, |t| Some(t.to_owned())),
        captured: reader.captured(),
        ..Metadata::default()
    };
    if let Some((key, id)) = reader.left.take(ID, false, |value| value.text().map(str::to_owned)) {
        reader.fields.id = Some((id, provenance(&key)));
    }
    let Reader { left, mut fields } = reader;
    m.provenance = std::mem::take(&mut fields.metadata.provenance);
    fields.warnings.extend(left.into_extra(&mut m.extra));
    fields.metadata = m;
    fields
}

struct Reader {
    left: Left,
    fields: Fields,
}

impl Reader {
    fn told(&mut self, field: &str, from: &str) {
        self.fields.metadata.provenance.insert(field.to_owned(), provenance(from));
    }

    fn field<T>(&mut self, field: &str, keys: &[&str], read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let (key, value) = self.left.take(keys, true, read)?;
        self.told(field, &key);
        Some(value)
    }

    fn text(&mut self, field: &str, keys: &[&str], read: impl Fn(&str) -> Option<String>) -> Option<String> {
        self.field(field, keys, |value| read(value.text()?))
    }

    fn date(&mut self, field: &str, keys: &[&str]) -> Option<Edtf> {
        let mut faults = Vec::new();
        let read = |key: &str, value: &Value| {
            let text = value.text()?;
            match read_date(text) {
                Ok(date) => Some((text.to_owned(), date)),
                Err(fault) => {
                    let value = text.chars().take(limits::DATE).collect();
                    faults.push(Warning::Date { key: key.to_owned(), value, fault });
                    None
                }
            }
        };
        let taken = self.left.take_keyed(keys, read);
        self.fields.warnings.append(&mut faults);
        let (key, (raw, date)) = taken?;
        self.told(field, &if raw == date.as_str() { key } else { format!("{key}: {raw}") });
        Some(date)
    }

    fn tags(&mut self) -> Vec<String> {
        let (mut all, mut keys) = (Vec::new(), Vec::new());
        while let Some((key, tags)) = self.left.take(TAGS, true, tags) {
            keys.push(key);
            all.extend(tags);
        }
        if !keys.is_empty() {
            self.told("tags", &keys.join(", "));
        }
        let mut seen = HashSet::new();
        all.retain(|tag| seen.insert(tag.clone()));
        all
    }

    fn captured(&mut self) -> Option<Captured> {
        let mut captured = Captured::default();
        if let Some((key, at)) = self.left.take(CAPTURED, false, |value| value.text()?.parse().ok()) {
            self.told("captured.at", &key);
            captured.at = Some(at);
        }
        let url = |value: &Value| value.text().filter(|text| is_url(text)).map(str::to_owned);
        if let Some((key, url)) = self.left.take(URL, false, url) {
            self.told("captured.url", &key);
            self.fields.url = subject_of_url(&url).map(|subject| (subject, provenance(&key)));
            captured.url = Some(url);
        }
        (captured != Captured::default()).then_some(captured)
    }
}

fn provenance(key: &str) -> String {
    format!("front matter key {key}")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn language(text: &str) -> Option<String> {
    let tag = text.replace('_', "-");
    let primary = tag.split('-').next().unwrap_or(&tag);
    let good = (2..=3).contains(&primary.len())
        && primary.bytes().all(|c| c.is_ascii_alphabetic())
        && tag.len() <= 64
        && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_alphanumeric()));
    good.then_some(tag)
}

/// A name, a list of names, or maps with a `name`. A text is one author: "Smith, John" and "A and B" can't be told
/// apart.
fn authors(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::Map(map) => {
            let (_, name) = map.iter().find(|(key, _)| key.eq_ignore_ascii_case("name"))?;
            name.text().map(one_line)
        }
        other => other.text().map(one_line),
    };
    match value {
        Value::List(list) => list.iter().filter(|item| !item.is_empty()).map(one).collect(),
        other => one(other).map(|name| vec![name]),
    }
}

/// A list of texts, or a text with commas between them.
fn tags(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::List(list) => {
            list.iter().filter(|item| !item.is_empty()).map(|item| item.text().map(one_line)).collect()
        }
        other => Some(other.text()?.split(',').map(one_line).filter(|tag| !tag.is_empty()).collect()),
    }
}
