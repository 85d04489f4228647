//! Which element of RSS, RDF and Atom is which field.

use std::sync::Arc;

use url::Url;

use super::item::{Common, Enclosure, Item, Said, Text, said};
use super::xml::{Element, Read};
use super::{Feed, Source, limits};
use crate::web::subject_of_url;

/// The feed that was read, with the bytes of each item.
pub(super) fn feed(read: &Read, source: &Source<'_>) -> Feed {
    let channel = &read.channel;
    let is_atom = matches!(read.root.as_str(), "feed" | "entry");
    let base = channel.attribute("xml:base").and_then(|base| Url::parse(base).ok()).or_else(|| base_of(channel));
    let own = ["atom:link", "link"]
        .into_iter()
        .flat_map(|name| channel.all(name))
        .find(|link| link.attribute("rel") == Some("self"));
    let own = own.and_then(|link| link.attribute("href")).map(str::to_owned);
    let title = channel.text_of("title").map(|title| html(title).line(None).unwrap_or_default());
    let common = Common {
        media_type: match read.root.as_str() {
            "feed" | "entry" => "application/atom+xml",
            "RDF" => "application/rdf+xml",
            _ => "application/rss+xml",
        },
        file: if is_atom { "entry.xml" } else { "item.xml" },
        via: super::via(title.as_deref(), own.as_deref()),
        publisher: first(channel, &["dc:publisher"], "channel ").or_else(|| {
            title
                .filter(|title| !title.is_empty())
                .map(|title| said(title, if is_atom { "feed title" } else { "channel title" }))
        }),
        authors: if is_atom { authors(channel, "feed ") } else { None },
        language: first(channel, &["language", "dc:language"], "channel ")
            .or_else(|| channel.attribute("xml:lang").map(|language| said(language.to_owned(), "feed xml:lang"))),
        rights: rights(channel, if is_atom { "feed " } else { "channel " }),
        decoded: source.decoded,
    };
    let items = read.items.iter().map(|element| item(element, base.as_ref(), is_atom, source)).collect();
    let site = base_of(channel).and_then(|site| subject_of_url(site.as_str()));
    Feed { common, site, items }
}

/// The site of a channel, which relative links are relative to.
fn base_of(channel: &Element) -> Option<Url> {
    let links = channel.all("link").filter(|link| link.attribute("rel").is_none_or(|rel| rel == "alternate"));
    links.filter_map(|link| Url::parse(link.attribute("href").unwrap_or_else(|| link.text.trim())).ok()).next()
}

fn html(text: &str) -> Text {
    Text::Html(text.to_owned())
}

/// The first of these elements that has a text.
fn first(element: &Element, names: &[&str], of: &str) -> Option<Said> {
    names.iter().find_map(|name| element.text_of(name).map(|text| said(text.to_owned(), format!("{of}{name}"))))
}

fn item(element: &Element, base: Option<&Url>, is_atom: bool, source: &Source<'_>) -> Item {
    let own_base = element.attribute("xml:base").and_then(|own| match base {
        Some(base) => base.join(own).ok(),
        None => Url::parse(own).ok(),
    });
    let base = own_base.or_else(|| base.cloned());
    let (content, summary) = texts(element, is_atom, source);
    Item {
        capture: Some(source.bytes(&element.range).unwrap_or_else(|| Arc::from(&b""[..])))
            .filter(|bytes| !bytes.is_empty()),
        id: id(element),
        link: link(element),
        title: title(element, source),
        authors: authors(element, ""),
        published: first(
            element,
            &["published", "issued", "pubDate", "dc:date", "dcterms:issued", "dcterms:created", "created", "pubdate"],
            "",
        ),
        modified: first(element, &["updated", "modified", "atom:updated", "dcterms:modified"], ""),
        language: first(element, &["dc:language", "language"], "")
            .or_else(|| element.attribute("xml:lang").map(|language| said(language.to_owned(), "xml:lang"))),
        tags: tags(element),
        summary,
        content,
        rights: rights(element, ""),
        enclosures: enclosures(element),
        base,
    }
}

fn id(element: &Element) -> Option<Said> {
    let about = element.attribute("rdf:about").map(|about| said(about.to_owned(), "rdf:about"));
    first(element, &["guid", "id"], "").or(about).or_else(|| first(element, &["dc:identifier"], ""))
}

/// The address of the item's page: a link that goes round a counter is not it where the feed knows better.
fn link(element: &Element) -> Option<Said> {
    let original = first(element, &["feedburner:origLink"], "");
    let links = || element.all("link").chain(element.all("atom:link"));
    let alternate = |link: &&Element| link.attribute("rel").is_none_or(|rel| rel == "alternate");
    let of_atom = || {
        let link = links().filter(alternate).find_map(|link| link.attribute("href"))?;
        Some(said(link.to_owned(), "link href"))
    };
    let permanent = || {
        let guid = element.all("guid").find(|guid| guid.attribute("isPermaLink") != Some("false"))?;
        let text = guid.text.trim();
        crate::is_url(text).then(|| said(text.to_owned(), "guid"))
    };
    let about =
        || element.attribute("rdf:about").filter(|url| crate::is_url(url)).map(|url| said(url.to_owned(), "rdf:about"));
    original.or_else(|| first(element, &["link"], "")).or_else(of_atom).or_else(permanent).or_else(about)
}

fn title(element: &Element, source: &Source<'_>) -> Option<Said<Text>> {
    let title = element.all("title").find(|title| !text(title, false, source).is_empty());
    if let Some(title) = title {
        // Titles of RSS have markup, escaped, as often as not.
        return Some(said(Text::Html(text(title, false, source)), "title"));
    }
    first(element, &["dc:title", "media:title"], "").map(|title| said(Text::Html(title.value), title.from))
}

/// The text of an element, markup and all.
fn text(element: &Element, is_atom: bool, source: &Source<'_>) -> String {
    let xhtml = element.attribute("type") == Some("xhtml") || element.attribute("mode") == Some("xml");
    if xhtml || (is_atom && element.text.trim().is_empty() && element.inner.len() > element.text.len()) {
        return source.text.get(element.inner.clone()).unwrap_or_default().trim().to_owned();
    }
    element.text.trim().to_owned()
}

/// The whole text and the summary, as far as the feed tells them apart.
fn texts(element: &Element, is_atom: bool, source: &Source<'_>) -> (Option<Said<Text>>, Option<Said<Text>>) {
    let of = |name: &str| {
        let found = element.all(name).find(|element| !text(element, is_atom, source).is_empty())?;
        let value = text(found, is_atom, source);
        let kind = found.attribute("type").unwrap_or_default();
        let plain = is_atom && !name.contains(':') && (kind.is_empty() || matches!(kind, "text" | "text/plain"));
        // Content of another type than text is no text.
        let other = kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("xhtml+xml");
        let value = if plain { Text::Plain(value) } else { Text::Html(value) };
        (!other).then(|| said(value, name))
    };
    let whole = ["content:encoded", "content", "atom:content", "xhtml:body", "body"].into_iter().find_map(of);
    let short = ["description", "summary", "atom:summary", "itunes:summary", "dc:description", "media:description"]
        .into_iter()
        .find_map(of);
    (whole, short)
}

fn authors(element: &Element, of: &str) -> Option<Said<Vec<String>>> {
    let mut names = Vec::new();
    for from in ["author", "dc:creator", "atom:author", "itunes:author", "creator"] {
        for author in element.all(from) {
            let name =
                author.text_of("name").or_else(|| author.text_of("atom:name")).unwrap_or_else(|| author.text.trim());
            names.extend(name_of(name));
        }
        if !names.is_empty() {
            return Some(said(names, format!("{of}{from}")));
        }
    }
    None
}

/// A name, without the address that RSS puts before it: `a@example.org (Ann)`. An address alone is all there is.
fn name_of(text: &str) -> Option<String> {
    let text = html(text).line(None)?;
    let named = text
        .split_once('(')
        .and_then(|(address, rest)| address.contains('@').then(|| rest.trim_end_matches([')', ' '])));
    let named = named.map_or(text.as_str(), str::trim);
    Some(if named.is_empty() { text.clone() } else { named.to_owned() })
}

fn tags(element: &Element) -> Option<Said<Vec<String>>> {
    let (mut tags, mut from) = (Vec::new(), Vec::new());
    for name in ["category", "dc:subject"] {
        let before = tags.len();
        for tag in element.all(name).take(limits::FEED_TAGS) {
            let text = tag.attribute("label").or_else(|| tag.attribute("term")).unwrap_or(tag.text.trim());
            tags.extend(html(text).line(None));
        }
        if tags.len() > before {
            from.push(name);
        }
    }
    (!tags.is_empty()).then(|| said(tags, from.join(", ")))
}

fn rights(element: &Element, of: &str) -> Option<Said<Text>> {
    let found = first(element, &["rights", "copyright", "dc:rights", "dcterms:rights", "media:copyright"], of)?;
    Some(said(Text::Html(found.value), found.from))
}

fn enclosures(element: &Element) -> Vec<Enclosure> {
    let links =
        element.all("link").chain(element.all("atom:link")).filter(|link| link.attribute("rel") == Some("enclosure"));
    let groups = element.all("media:group").flat_map(|group| group.all("media:content"));
    let media = element.all("media:content").chain(groups);
    let all = element.all("enclosure").chain(links).chain(media);
    let mut found: Vec<Enclosure> = Vec::new();
    for element in all.take(limits::FEED_ENCLOSURES) {
        let Some(url) = element.attribute("url").or_else(|| element.attribute("href")) else { continue };
        if found.iter().all(|other| other.url != url) {
            let own = |name| element.attribute(name).filter(|value| *value != "0").map(str::to_owned);
            let length = own("length").or_else(|| own("fileSize"));
            found.push(Enclosure { url: url.to_owned(), media_type: own("type"), length });
        }
    }
    found
}
