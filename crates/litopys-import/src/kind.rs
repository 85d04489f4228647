//! What an input is.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::media_type;

/// A kind of input that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Plain text, such as the text of a web page.
    Text,
    /// Markdown, with or without front matter.
    Markdown,
    /// Drafts, one a line ([`jsonl`](crate::jsonl)).
    Jsonl,
}

/// A name that is no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected text, markdown or jsonl")]
#[non_exhaustive]
pub struct UnknownKind;

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Text, Self::Markdown, Self::Jsonl];

    /// Its name, which [`FromStr`] reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Jsonl => "jsonl",
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
    /// Markdown: it is read first, since it says which other files are attachments.
    Markdown,
    Text,
    Jsonl,
    /// Kept without being read: this type, whatever it holds.
    Data(&'static str),
    /// Its content tells.
    Unknown,
}

pub(crate) fn by_name(name: &Path) -> ByName {
    let Some(extension) = media_type::extension(name) else { return ByName::Unknown };
    match extension.as_str() {
        "md" | "markdown" | "mdown" | "mkd" | "mkdn" | "mdwn" => ByName::Markdown,
        "txt" | "text" => ByName::Text,
        "jsonl" | "ndjson" => ByName::Jsonl,
        other => media_type::by_extension(other).map_or(ByName::Unknown, ByName::Data),
    }
}

/// Whether the start of a file is that of text: UTF-8 or UTF-16 with its mark, or bytes among which no control character
/// is but white space and escape.
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
pub(crate) fn is_markdown(start: &[u8]) -> bool {
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
        assert_eq!("html".parse::<Kind>(), Err(UnknownKind));
    }

    #[test]
    fn names_and_contents_tell_what_a_file_is() {
        assert_eq!(by_name(Path::new("a/B.MD")), ByName::Markdown);
        assert_eq!(by_name(Path::new("a.md/b")), ByName::Unknown);
        assert_eq!(by_name(Path::new("a.png")), ByName::Data("image/png"));
        assert_eq!(by_name(Path::new("a.bin")), ByName::Data("application/octet-stream"));
        assert!(is_text("Текст\n\t\x1b[0m".as_bytes()) && is_text(b"caf\xe9") && is_text(b""));
        assert!(is_text(b"\xff\xfea\0b\0"));
        assert!(!is_text(b"a\0b") && !is_text(b"%PDF-1.4") && !is_text(b"\x7fELF"));
        assert!(is_markdown(b"\xef\xbb\xbf---\r\ntitle: x") && is_markdown(b"# A") && !is_markdown(b"#hashtag"));
        assert!(is_jsonl(b" {\"schema\":1}") && !is_jsonl(b"{\"a\":1}"));
    }
}
