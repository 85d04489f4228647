//! JSON Feed, versions 1 and 1.1.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

use super::item::{Common, Enclosure, Item, Said, Text, said};
use super::{Feed, FeedFault, Source, limits};
use crate::web::subject_of_url;

#[derive(Deserialize)]
struct Whole<'a> {
    version: Option<Value>,
    title: Option<Value>,
    home_page_url: Option<Value>,
    feed_url: Option<Value>,
    language: Option<Value>,
    author: Option<Value>,
    authors: Option<Value>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

type Fields = BTreeMap<String, Value>;

pub(super) fn feed(source: &Source<'_>) -> Result<Feed, FeedFault> {
    let json = |error: serde_json::Error| FeedFault::Json(error.to_string());
    let whole: Whole<'_> = serde_json::from_str(source.text).map_err(json)?;
    let is_feed =
        whole.version.as_ref().and_then(Value::as_str).is_some_and(|version| version.contains("jsonfeed.org/version/"));
    let Some(items) = whole.items.filter(|_| is_feed) else { return Err(FeedFault::NoFeed) };
    let text = |value: &Option<Value>| {
        value.as_ref().and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let (title, own) = (text(&whole.title), text(&whole.feed_url));
    let common = Common {
        media_type: "application/json",
        file: "item.json",
        via: super::via(title.as_deref(), own.as_deref()),
        publisher: title.map(|title| said(title, "feed title")),
        authors: authors(whole.authors.as_ref(), whole.author.as_ref(), "feed "),
        language: text(&whole.language).map(|language| said(language, "feed language")),
        rights: None,
        decoded: source.decoded,
    };
    let home = text(&whole.home_page_url);
    let site = home.as_deref().and_then(subject_of_url);
    let base = home.and_then(|home| Url::parse(&home).ok());
    let mut found = Vec::new();
    for raw in items.iter().take(limits::FEED_ITEMS) {
        let Ok(fields) = serde_json::from_str::<Fields>(raw.get()) else { continue };
        found.push(item(&fields, raw.get(), base.clone()));
    }
    Ok(Feed { common, site, items: found })
}

fn item(fields: &Fields, raw: &str, base: Option<Url>) -> Item {
    let of = |name: &str| match fields.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let field = |name: &str| of(name).map(|value| said(value, name));
    let link =
        field("url").or_else(|| field("id").filter(|id| crate::is_url(&id.value))).or_else(|| field("external_url"));
    let content = of("content_html").map(|html| said(Text::Html(html), "content_html"));
    let tags: Vec<_> = fields
        .get("tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    Item {
        capture: Some(Arc::from(raw.as_bytes())),
        id: field("id"),
        link,
        title: of("title").map(|title| said(Text::Plain(title), "title")),
        authors: authors(fields.get("authors"), fields.get("author"), ""),
        published: field("date_published"),
        modified: field("date_modified"),
        language: field("language"),
        tags: (!tags.is_empty()).then(|| said(tags, "tags")),
        summary: of("summary").map(|summary| said(Text::Plain(summary), "summary")),
        content: content.or_else(|| of("content_text").map(|text| said(Text::Plain(text), "content_text"))),
        rights: None,
        enclosures: enclosures(fields.get("attachments")),
        base,
    }
}

/// The names of `authors`, or of the one `author` of version 1.
fn authors(all: Option<&Value>, one: Option<&Value>, of: &str) -> Option<Said<Vec<String>>> {
    let name = |author: &Value| {
        author.get("name").and_then(Value::as_str).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
    };
    let names: Vec<_> = all.and_then(Value::as_array).into_iter().flatten().filter_map(name).collect();
    if !names.is_empty() {
        return Some(said(names, format!("{of}authors")));
    }
    one.and_then(name).map(|name| said(vec![name], format!("{of}author")))
}

fn enclosures(attachments: Option<&Value>) -> Vec<Enclosure> {
    let one = |attachment: &Value| {
        let text = |name| attachment.get(name).and_then(Value::as_str).map(str::to_owned);
        let length = attachment.get("size_in_bytes").and_then(Value::as_u64).map(|size| size.to_string());
        Some(Enclosure { url: text("url")?, media_type: text("mime_type"), length })
    };
    attachments.and_then(Value::as_array).into_iter().flatten().filter_map(one).take(limits::FEED_ENCLOSURES).collect()
}
