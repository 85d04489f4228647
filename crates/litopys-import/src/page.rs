//! Web pages: the article in one, and what the page says of it.

mod charset;
mod dom;
mod extract;
mod hints;
mod markdown;
mod measure;
mod parse;
mod phrases;
mod refusal;

use litopys::Metadata;
use url::Url;

use measure::Measures;
pub use refusal::NotAnArticle;

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
    /// The URL that the page names as its own, as a subject, and where: only one on the host that it was asked for at.
    pub canonical: Option<(String, String)>,
    /// Local files that it links, in order.
    pub targets: Vec<String>,
    /// The name of its encoding.
    pub encoding: &'static str,
    /// How that was found.
    pub encoding_from: &'static str,
    /// Whether some of it makes no sense in that encoding.
    pub damaged: bool,
    /// Whether some of it was left out, for a limit.
    pub cut: bool,
    /// Why it seems to be no article.
    pub not_an_article: Option<NotAnArticle>,
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
    let mut writer =
        markdown::Writer { dom: &dom, all: &all, out: &found.out, base: base.as_ref(), targets: Vec::new() };
    let text = writer.article(found.root);
    let mut metadata = Metadata { title: Some(title).filter(|title| !title.is_empty()), ..Metadata::default() };
    if metadata.title.is_some() {
        metadata.provenance.insert("title".to_owned(), "title element".to_owned());
    }
    metadata.provenance.insert("text".to_owned(), EXTRACTOR.to_owned());
    Page {
        text,
        targets: writer.targets,
        metadata,
        canonical: None,
        encoding: decoded.encoding.name(),
        encoding_from: decoded.from,
        damaged: decoded.damaged,
        cut: parsed.cut,
        not_an_article: refusal::of_status(source.status),
    }
}
