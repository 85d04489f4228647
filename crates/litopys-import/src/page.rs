//! Web pages: the article in one, and what the page says of it.

mod charset;
mod dom;
mod extract;
mod hints;
mod markdown;
mod measure;
mod parse;
mod phrases;

use litopys::Metadata;
use url::Url;

use measure::Measures;

/// The name and version of the rules that take a text out of a page, for `provenance`.
pub const EXTRACTOR: &str = "litopys-import page 1";

/// A page as it was received.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageSource<'a> {
    /// Its bytes, without any content or transfer encoding.
    pub bytes: &'a [u8],
    /// The value of its `Content-Type`, where it came by HTTP.
    pub content_type: Option<&'a str>,
    /// The URL that it was asked for at.
    pub url: Option<&'a str>,
    /// The answer's status, where it came by HTTP.
    pub status: Option<u16>,
}

/// What is in a page.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Page {
    /// The article's text, as CommonMark with tables.
    pub text: String,
    /// What the page says of it, and in `provenance` where.
    pub metadata: Metadata,
    /// Its encoding, and how that was found.
    pub encoding: (&'static str, &'static str),
    /// Local files that it links, in order.
    pub targets: Vec<String>,
}

/// Reads a page.
pub fn read(source: &PageSource<'_>) -> Page {
    let decoded = charset::decode(source.bytes, source.content_type);
    let parsed = parse::parse(&decoded.text);
    let dom = parsed.dom;
    let base = source.url.and_then(|url| Url::parse(url).ok());
    let mut all = Measures::of(&dom);
    let title = dom.find("title").map(|id| dom.line(id)).unwrap_or_default();
    let known = extract::Known { titles: vec![&title] };
    let found = extract::find(&dom, &mut all, &known);
    let mut writer = markdown::Writer { dom: &dom, all: &all, out: &found.out, base: base.as_ref(), targets: Vec::new() };
    let text = writer.article(found.root);
    let targets = writer.targets;
    Page { text, metadata: Metadata::default(), encoding: (decoded.encoding.name(), decoded.from), targets }
}
