//! Web pages: the article in one, and what the page says of it.

mod byline;
mod charset;
mod dateline;
mod dom;
mod entities;
mod extract;
pub(crate) mod file;
mod hints;
mod jsonld;
mod markdown;
mod measure;
pub(crate) mod mhtml;
mod parse;
mod phrases;
mod refusal;
mod said;
mod saved;
mod title;
mod when;

use litopys::Metadata;
use url::Url;

use measure::Measures;
pub use refusal::NotAnArticle;
use said::Said;

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
    /// The URL that a browser noted in the page when it was saved, and where.
    pub saved_from: Option<(String, String)>,
    /// Local files that it links, in order.
    pub targets: Vec<String>,
    /// Pictures in the text, by their URLs, in order.
    pub pictures: Vec<String>,
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
    let saved = saved::from(&decoded.text);
    let url = source.url.map(str::to_owned).or_else(|| saved.as_ref().map(|(url, _)| url.clone()));
    let url = url.and_then(|url| Url::parse(&url).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
    let parsed = parse::parse(&decoded.text, true);
    let dom = &parsed.dom;
    let all = Measures::of(dom, true);
    let base = dom.find("base").and_then(|id| dom.attribute(id, "href")).map(str::trim);
    let base = match (&url, base) {
        (Some(url), Some(base)) => url.join(base).ok(),
        (Some(url), None) => Some(url.clone()),
        (None, Some(base)) => Url::parse(base).ok(),
        (None, None) => None,
    };
    let said = Said::new(dom, &all, url.as_ref());
    let titles = title::told(&said);
    let summaries = said.summaries();
    let canonical = said.canonical().and_then(|(url, told)| Some((crate::subject_of_url(&url)?, told)));
    let told = said.article_text();
    let mut metadata = said.read();
    let titles: Vec<&str> = titles.iter().map(String::as_str).chain(metadata.title.as_deref()).collect();
    let known = extract::Known { titles, summaries: summaries.iter().map(String::as_str).collect() };
    let found =
        best(&decoded.text, &parsed, all, &known, Base { url: base.as_ref(), local: source.url.is_none() }, told);
    let how = format!("{EXTRACTOR}: {}, decoded from {} ({})", found.how, decoded.encoding.name(), decoded.from);
    metadata.provenance.insert("text".to_owned(), how);
    Page {
        not_an_article: refusal::judge(source.status, metadata.title.as_deref(), &parsed.dom, &found.text),
        text: found.text,
        targets: found.targets,
        pictures: found.pictures,
        metadata,
        canonical,
        saved_from: saved,
        encoding: decoded.encoding.name(),
        encoding_from: decoded.from,
        damaged: decoded.damaged,
        cut: parsed.cut,
    }
}

/// What links are relative to.
#[derive(Debug, Clone, Copy)]
struct Base<'a> {
    url: Option<&'a Url>,
    /// Whether the page is a file: what it shows may be files beside it.
    local: bool,
}

/// A text, where it was, and the local files that it links.
#[derive(Debug, Default)]
struct Text {
    text: String,
    how: String,
    targets: Vec<String>,
    pictures: Vec<String>,
}

/// A text shorter than this is tried for elsewhere.
const SHORT: usize = 400;

/// The text where readers see it; where there is next to none, what the page hides until a script runs, and what it tells
/// machines.
fn best(
    html: &str,
    parsed: &parse::Parsed,
    all: Measures,
    known: &extract::Known<'_>,
    base: Base<'_>,
    told: Option<(String, String)>,
) -> Text {
    let mut found = text(&parsed.dom, all, known, base, "");
    if found.text.len() >= SHORT {
        return found;
    }
    let longer =
        |found: &Text, other: Text| if other.text.len() > 2 * found.text.len().max(100) { Some(other) } else { None };
    let hidden = text(&parsed.dom, Measures::of(&parsed.dom, false), known, base, " (hidden until a script runs)");
    if let Some(other) = longer(&found, hidden) {
        found = other;
    }
    if html.contains("<noscript") {
        let parsed = parse::parse(html, false);
        let all = Measures::of(&parsed.dom, true);
        let other = text(&parsed.dom, all, known, base, " (for browsers without scripts)");
        if let Some(other) = longer(&found, other) {
            found = other;
        }
    }
    if let Some((text, how)) = told
        && text.len() > 2 * found.text.len().max(100)
    {
        found = Text { text: markdown::plain(&text), how, ..Text::default() };
    }
    found
}

fn text(dom: &dom::Dom, mut all: Measures, known: &extract::Known<'_>, base: Base<'_>, note: &str) -> Text {
    let found = extract::find(dom, &mut all, known);
    let mut writer =
        markdown::Writer { dom, all: &all, out: &found.out, base, targets: Vec::new(), pictures: Vec::new() };
    let text = writer.article(&found);
    Text { text, targets: writer.targets, pictures: writer.pictures, how: format!("{}{note}", found.told(dom)) }
}

/// A piece of a page that is all article: the content of a feed's item.
#[derive(Debug, Default)]
pub(crate) struct Fragment {
    /// As CommonMark.
    pub(crate) text: String,
    /// Without markup.
    pub(crate) plain: String,
}

/// Reads a piece of HTML whole, with its URLs made absolute.
pub(crate) fn fragment(html: &str, base: Option<&Url>) -> Fragment {
    let dom = parse::parse(html, true).dom;
    let all = Measures::of(&dom, true);
    let found =
        extract::Found { root: dom.find("body").unwrap_or(dom::ROOT), lead: Vec::new(), out: vec![false; dom.len()] };
    let base = Base { url: base, local: false };
    let mut writer =
        markdown::Writer { dom: &dom, all: &all, out: &found.out, base, targets: Vec::new(), pictures: Vec::new() };
    Fragment { text: writer.article(&found), plain: dom.line(found.root) }
}

#[cfg(test)]
mod tests;
