//! Flags for what an article is and what is said of it.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use litopys::manifest::{Change, Derivation, DerivedFrom};
use litopys::{Edtf, StatementId, Utc};
use litopys_import::fetch::{HttpFetcher, ProxyFault};
use litopys_import::{ChannelName, Kind, Options, Overrides};

use crate::clock;

/// What the inputs are.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// What the INPUTs are, where their names and contents don't say so
    #[arg(long, value_name = "KIND")]
    pub(crate) from: Option<FromKind>,
    /// Where drafts in JSON Lines may take files from [default: the folder of their file, for - the current one]
    #[arg(long, value_name = "DIR")]
    pub(crate) base: Option<PathBuf>,
    /// The public name of an exported Telegram chat, such as example_news; ID=NAME where there are several [without it, messages are told apart by ids]
    #[arg(long = "channel", value_name = "NAME")]
    pub(crate) channels: Vec<ChannelName>,
    /// Take in what seems to be no article: an error page, a bot challenge, a text that shrank to a fraction
    #[arg(long)]
    pub(crate) force: bool,
    /// Fetch URLs by way of a proxy alone: socks5h://HOST:PORT, which resolves names too (Tor's is socks5h://127.0.0.1:9050), socks5://..., http://...
    #[arg(long, value_name = "URL", value_parser = proxy)]
    pub(crate) proxy: Option<String>,
}

/// Whether a text is a proxy.
pub(crate) fn proxy(text: &str) -> Result<String, ProxyFault> {
    fetcher(Some(text)).map(|_| text.to_owned())
}

/// What fetches URLs.
pub(crate) fn fetcher(proxy: Option<&str>) -> Result<HttpFetcher, ProxyFault> {
    let fetcher = HttpFetcher::new(|| clock::now().ok());
    match proxy {
        Some(proxy) => fetcher.with_proxy(proxy),
        None => Ok(fetcher),
    }
}

impl Source {
    /// How to read the inputs.
    pub(crate) fn options(self, overrides: Overrides, exclude: Vec<PathBuf>) -> Options {
        let from = self.from.map(|kind| match kind {
            FromKind::Text => Kind::Text,
            FromKind::Markdown => Kind::Markdown,
            FromKind::Telegram => Kind::Telegram,
            FromKind::Jsonl => Kind::Jsonl,
            FromKind::Html => Kind::Html,
            FromKind::Mhtml => Kind::Mhtml,
            FromKind::Warc => Kind::Warc,
            FromKind::Wacz => Kind::Wacz,
            FromKind::Feed => Kind::Feed,
            FromKind::Git => Kind::Git,
        });
        Options { from, overrides, base: self.base, exclude, channels: self.channels, force: self.force }
    }
}

/// A kind of input.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FromKind {
    /// Plain text, such as the text of a web page
    Text,
    /// Markdown, with or without front matter
    Markdown,
    /// An export of Telegram Desktop in JSON: its folder, or its result.json
    Telegram,
    /// Drafts as `inspect` prints them, one a line
    Jsonl,
    /// A web page
    Html,
    /// A web page with its pictures in one file, as browsers save it (MHTML)
    Mhtml,
    /// A web archive: WARC or ARC, gzipped or not
    Warc,
    /// A web archive in a ZIP file, with its hashes and its signature
    Wacz,
    /// A feed: RSS, Atom, JSON Feed; an article for each item
    Feed,
    /// The history of a git repository, or a bundle: a version for each commit that touches an article's file
    Git,
}

/// What the archivist says of an article, whatever its source says.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Metadata, in place of what the source says")]
pub(crate) struct Metadata {
    /// What it is a version of: a URL, or a name
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) subject: Option<String>,
    /// The headline
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    title: Option<String>,
    /// An author; repeat it for more, in the source's order
    #[arg(long = "author", value_name = "AUTHOR", value_parser = NonEmptyStringValueParser::new())]
    authors: Vec<String>,
    /// Who published it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    publisher: Option<String>,
    /// Its language, a BCP 47 tag such as uk or en-GB
    #[arg(long, value_name = "TAG", value_parser = NonEmptyStringValueParser::new())]
    language: Option<String>,
    /// When the source says it was published: 2025-09-05, 2025-09, XXXX-09-05, 2025-09-05T10:00:00+03:00
    #[arg(long, value_name = "DATE")]
    published: Option<Edtf>,
    /// When the source says it was last changed
    #[arg(long, value_name = "DATE")]
    modified: Option<Edtf>,
    /// When it was captured: 2025-09-05T10:00:00Z
    #[arg(long, value_name = "TIME")]
    captured_at: Option<Utc>,
    /// The exact URL that it was captured from
    #[arg(long, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    captured_url: Option<String>,
    /// By what way it was captured: a proxy, an archive, a feed
    #[arg(long, value_name = "WAY", value_parser = NonEmptyStringValueParser::new())]
    captured_via: Option<String>,
    /// With what it was captured
    #[arg(long, value_name = "TOOL", value_parser = NonEmptyStringValueParser::new())]
    captured_tool: Option<String>,
    /// A keyword; repeat it for more
    #[arg(long = "tag", value_name = "TAG", value_parser = NonEmptyStringValueParser::new())]
    tags: Vec<String>,
    /// Licence or other rights
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    rights: Option<String>,
    /// An abstract or lead that is not part of the text
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    summary: Option<String>,
    /// Your own remark
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    note: Option<String>,
    /// Another fact, as text; repeat it for more
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    extra: Vec<(String, String)>,
    /// The id of the version that this one was made from
    #[arg(long, value_name = "ID", requires = "derived_kind")]
    derived_from: Option<StatementId>,
    /// How it was made from it
    #[arg(long, value_name = "HOW", requires = "derived_from")]
    derived_kind: Option<DerivedKind>,
    /// With what it was made from it
    #[arg(long, value_name = "TOOL", requires = "derived_from", value_parser = NonEmptyStringValueParser::new())]
    derived_tool: Option<String>,
}

fn key_value(text: &str) -> Result<(String, String), &'static str> {
    let pair = text.split_once('=').filter(|(key, value)| !key.is_empty() && !value.is_empty());
    pair.map(|(key, value)| (key.to_owned(), value.to_owned())).ok_or("expected KEY=VALUE, neither of them empty")
}

impl Metadata {
    /// As the importers take it.
    pub(crate) fn overrides(self) -> Overrides {
        let derived = self.derived_from.zip(self.derived_kind);
        let tool = self.derived_tool;
        Overrides {
            subject: self.subject,
            title: self.title,
            authors: self.authors,
            publisher: self.publisher,
            language: self.language,
            published: self.published,
            modified: self.modified,
            captured_at: self.captured_at,
            captured_url: self.captured_url,
            captured_via: self.captured_via,
            captured_tool: self.captured_tool,
            tags: self.tags,
            rights: self.rights,
            summary: self.summary,
            note: self.note,
            original: None,
            derived_from: derived.map(|(id, kind)| DerivedFrom { id, kind: kind.into(), tool }),
            extra: self.extra.into_iter().collect(),
        }
    }
}

/// How an article derives from another version.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DerivedKind {
    /// Text read from images
    Ocr,
    /// Parts blacked out
    Redaction,
    /// Speech written down
    Transcription,
    /// Another language
    Translation,
}

impl From<DerivedKind> for Derivation {
    fn from(kind: DerivedKind) -> Self {
        match kind {
            DerivedKind::Ocr => Self::Ocr,
            DerivedKind::Redaction => Self::Redaction,
            DerivedKind::Transcription => Self::Transcription,
            DerivedKind::Translation => Self::Translation,
        }
    }
}

/// Why there is a new version.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Why {
    /// What was said of it was corrected
    Correction,
    /// The same capture, read otherwise
    Extraction,
    /// The same source, captured again
    Recapture,
    /// The source changed
    Source,
}

impl From<Why> for Change {
    fn from(why: Why) -> Self {
        match why {
            Why::Correction => Self::Correction,
            Why::Extraction => Self::Extraction,
            Why::Recapture => Self::Recapture,
            Why::Source => Self::Source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_asked_for() {
        for kind in Kind::ALL {
            assert!(FromKind::from_str(kind.name(), false).is_ok(), "{}", kind.name());
        }
        assert_eq!(FromKind::value_variants().len(), Kind::ALL.len());
    }
}
