//! What an input is.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::{media_type, warc};

/// A kind of input that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Plain text, such as the text of a web page (`.txt`, and other text).
    ///
    /// A first paragraph that is one line and reads as a title is the title. What belongs to a web page and not to its
    /// article is left out of the text, line by line and each with a warning: a reading time ("2 minutes to read"),
    /// buttons ("Share"), a banner that ends in a call to act ("Donate here") above a title and a reading time; at the
    /// end "Source", "Share" and the like. Then the title's line is left out too. Where there is nothing of that sort,
    /// the text is the same bytes as the capture. No date is read from prose.
    Text,
    /// Markdown, with or without front matter (`.md`, and text that begins with front matter or a heading).
    ///
    /// Front matter is YAML between `---` or TOML between `+++`. Its keys, in any case:
    ///
    /// | field | keys |
    /// |---|---|
    /// | title | `title`, `headline`; else the heading at the start, or the first of level 1 |
    /// | authors | `authors`, `author`, `by`, `byline`, `creator` |
    /// | publisher | `publisher`, `publication`, `site_name`, `website` |
    /// | language | `language`, `lang`, `locale` |
    /// | published | `published`, `date_published`, `published_at`, `publish_date`, `pubdate`, `pub_date`, `date`; else the name of a file in `_posts` |
    /// | modified | `modified`, `date_modified`, `updated`, `updated_at`, `lastmod`, `last_modified`, `last_modified_at` |
    /// | tags | `tags`, `tag`, `keywords`, `categories`, `category`, `topics`, together |
    /// | summary | `summary`, `description`, `desc`, `excerpt`, `abstract` |
    /// | rights | `rights`, `license`, `licence`, `copyright` |
    /// | note | `note`, `notes` |
    /// | captured.at | `captured`, `captured_at`, `archived`, `archived_at`, `accessed`, `retrieved`, where they are times in UTC |
    /// | captured.url, subject | `canonical_url`, `canonical`, `url`, `permalink`, `original_url`, `source_url`, where they are URLs |
    /// | subject | `id`, `identifier`, `uuid`, `guid`, `uid`, `slug` |
    ///
    /// Any other key, and a value that doesn't fit, is kept as text in `extra`. The first key of a row counts; dates
    /// are read by [`read_date`](crate::read_date). The text is what follows the front matter. Local files that it
    /// links come along from below its own folder ([`Refusal`](crate::Refusal) says which do not), other Markdown
    /// documents excepted.
    Markdown,
    /// Drafts, one a line ([`jsonl`](crate::jsonl)).
    Jsonl,
    /// A web page (`.html`, `.htm`, `.xhtml`, and text that begins as HTML).
    ///
    /// The text is the article in it, as CommonMark: without banners, menus, related articles and share bars; see
    /// [`page`](crate::page). Title, authors, publisher, dates, language, tags, summary and rights are what the page
    /// says in JSON-LD, in `meta` elements (Open Graph, Dublin Core and others), in microdata, in `time` elements and in
    /// its text, and `provenance` says where. The subject is the canonical URL. A page that is no article (a bot
    /// challenge, "not found", a wall) is an error, unless [`Options::force`](crate::Options::force). Pictures of the article that are
    /// local files come along, by the rules for Markdown; the folder that a browser saves beside a page is passed over
    /// but for them.
    Html,
    /// A web page with all that belongs to it in one file (`.mhtml`, `.mht`): as [`Html`](Self::Html), with the pictures of the article.
    Mhtml,
    /// A web archive: WARC or ARC, gzipped or not.
    ///
    /// Each capture of a page is a draft, in the order of their dates; a page is an answer with status 200, a `resource`
    /// record, or a `revisit` of one, in HTML. The record is the capture.
    ///
    /// | field | from |
    /// |---|---|
    /// | captured.at | `WARC-Date` |
    /// | captured.url, subject | `WARC-Target-URI` |
    /// | captured.tool | `software` in the warcinfo record |
    /// | captured.via | the input's name, `operator` in the warcinfo record |
    Warc,
    /// A web archive in a ZIP file (WACZ): its WARC files read as one. Where it has lists of pages, only captures of those
    /// are drafts.
    Wacz,
}

/// A name that is no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected text, markdown, jsonl, html, mhtml, warc or wacz")]
#[non_exhaustive]
pub struct UnknownKind;

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Markdown, Self::Jsonl, Self::Html, Self::Mhtml, Self::Warc, Self::Wacz];

    /// Whether it brings along the files that it links: then it is read before they are.
    pub(crate) const fn links(self) -> bool {
        matches!(self, Self::Markdown | Self::Html)
    }

    /// Whether an input of this kind holds many drafts.
    pub(crate) const fn holds_many(self) -> bool {
        matches!(self, Self::Jsonl | Self::Warc | Self::Wacz)
    }

    /// Its name, which [`FromStr`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Jsonl => "jsonl",
            Self::Html => "html",
            Self::Mhtml => "mhtml",
            Self::Warc => "warc",
            Self::Wacz => "wacz",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownKind)
    }
}

/// What a name alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByName {
    Named(Kind),
    /// Data of this type: kept without being read, unless the type is one in which a kind may be found.
    Data(&'static str),
    /// Its content tells.
    Unknown,
}

impl ByName {
    pub(crate) const fn links(self) -> bool {
        matches!(self, Self::Named(kind) if kind.links())
    }
}

pub(crate) fn by_name(name: &Path) -> ByName {
    let Some(extension) = media_type::extension(name) else { return ByName::Unknown };
    match extension.as_str() {
        "md" | "markdown" | "mdown" | "mkd" | "mkdn" | "mdwn" => ByName::Named(Kind::Markdown),
        "txt" | "text" => ByName::Named(Kind::Text),
        "jsonl" | "ndjson" => ByName::Named(Kind::Jsonl),
        "html" | "htm" | "xhtml" => ByName::Named(Kind::Html),
        "mhtml" | "mht" => ByName::Named(Kind::Mhtml),
        other => media_type::by_extension(other).map_or(ByName::Unknown, ByName::Data),
    }
}

/// The kind that the start of a file shows, whatever its name.
pub(crate) fn by_content(start: &[u8]) -> Option<Kind> {
    if warc::is_warc(start) {
        return Some(Kind::Warc);
    }
    if warc::is_wacz(start) {
        return Some(Kind::Wacz);
    }
    if is_html(start) {
        return Some(Kind::Html);
    }
    is_markdown(start).then_some(Kind::Markdown)
}

/// Whether text begins as a web page: with its doctype or its first element, perhaps after comments.
fn is_html(start: &[u8]) -> bool {
    let mut rest = start.get(..start.len().min(crate::limits::SNIFF)).unwrap_or(start);
    rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
    loop {
        rest = rest.trim_ascii_start();
        let comment = rest.strip_prefix(b"<!--").map(|comment| (comment, &b"-->"[..]));
        let skipped = comment.or_else(|| rest.strip_prefix(b"<?xml").map(|declaration| (declaration, &b"?>"[..])));
        let Some((inner, end)) = skipped else { break };
        let Some(at) = memchr::memmem::find(inner, end) else { return false };
        rest = inner.get(at + end.len()..).unwrap_or_default();
    }
    [&b"<!doctype html"[..], b"<html", b"<head>", b"<body"]
        .iter()
        .any(|tag| rest.get(..tag.len()).is_some_and(|r| r.eq_ignore_ascii_case(tag)))
}

/// The kind that a folder as a whole is of; `None` for one that merely has files in it.
pub(crate) fn of_folder(path: &Path) -> Option<Kind> {
    let _ = path;
    None
}

/// Whether the start of a file is that of text: UTF-8 or UTF-16 with its mark, or bytes among which no control
/// character is but white space and escape.
pub(crate) fn is_text(start: &[u8]) -> bool {
    let start = &start[..start.len().min(crate::limits::SNIFF)];
    if matches!(start, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) && start.len() >= 4 {
        return true;
    }
    // To the end even where an early byte decides: without a branch, many bytes are compared at once.
    let control = start.iter().fold(false, |any, c| any | matches!(c, 0..=8 | 14..=26 | 28..=31 | 127));
    !control && media_type::by_magic(start).is_none()
}

/// Whether text seems to be drafts: JSON objects with a `schema`.
pub(crate) fn is_jsonl(start: &[u8]) -> bool {
    let start = &start[..start.len().min(crate::limits::SNIFF)];
    start.trim_ascii_start().starts_with(b"{") && memchr::memmem::find(start, b"\"schema\"").is_some()
}

/// Whether text without a telling name is Markdown: it begins with front matter's fence, or an ATX heading.
fn is_markdown(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let line = start.split(|c| matches!(c, b'\n' | b'\r')).next().unwrap_or(start);
    let level = line.iter().take_while(|c| **c == b'#').count();
    let heading = (1..=6).contains(&level) && line.get(level) == Some(&b' ');
    matches!(line.trim_ascii_end(), b"---" | b"+++") || heading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_names() {
        for kind in Kind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("web".parse::<Kind>(), Err(UnknownKind));
    }

    #[test]
    fn names_and_contents_tell_what_a_file_is() {
        assert_eq!(by_name(Path::new("a/B.MD")), ByName::Named(Kind::Markdown));
        assert_eq!(by_name(Path::new("a.md/b")), ByName::Unknown);
        assert_eq!(by_name(Path::new("a.png")), ByName::Data("image/png"));
        assert_eq!(by_name(Path::new("a.bin")), ByName::Data("application/octet-stream"));
        assert!(is_text("Текст\n\t\x1b[0m".as_bytes()) && is_text(b"caf\xe9") && is_text(b""));
        assert!(is_text(b"\xff\xfea\0b\0"));
        assert!(!is_text(b"a\0b") && !is_text(b"%PDF-1.4") && !is_text(b"\x7fELF"));
        assert!(is_markdown(b"\xef\xbb\xbf---\r\ntitle: x") && is_markdown(b"# A") && !is_markdown(b"#hashtag"));
        for page in ["<!DOCTYPE html><p>", "\u{feff}<?xml version='1.0'?>\n<!-- x -->\n<html lang=uk>", "<HTML>"] {
            assert_eq!(by_content(page.as_bytes()), Some(Kind::Html), "{page}");
        }
        assert_eq!(by_content(b"<p>no page</p>"), None);
        assert!(is_jsonl(b" {\"schema\":1}") && !is_jsonl(b"{\"a\":1}"));
    }
}
