//! JSON that is safe to look at: what [`escape`](super::escape) makes visible is written as `\uXXXX`, which reads back as the same text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::escape::is_hidden;

/// Writes a document on one line, without a line end.
pub(super) fn write(out: impl Write, document: &impl Serialize) -> io::Result<()> {
    document.serialize(&mut Serializer::with_formatter(out, Visible)).map_err(Into::into)
}

/// A document on one line.
pub(crate) fn to_json(document: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    // Writing into memory doesn't fail.
    let _ = write(&mut bytes, document);
    String::from_utf8(bytes).unwrap_or_default()
}

/// A document on several lines, as people read it.
pub(crate) fn to_json_lines(document: &impl Serialize) -> String {
    // What we write are maps with text for keys, which can't fail.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let mut bytes = Vec::with_capacity(text.len() + 64);
    for line in text.split('\n') {
        let _ = make_visible(&mut bytes, line);
        bytes.push(b'\n');
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Copies JSON that is on one line: outside its strings nothing is hidden, so escapes stand in strings alone.
pub(super) fn make_visible(out: &mut (impl Write + ?Sized), json: &str) -> io::Result<()> {
    let mut plain = 0;
    for (at, c) in json.char_indices().filter(|(_, c)| is_hidden(*c)) {
        out.write_all(&json.as_bytes()[plain..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        plain = at + c.len_utf8();
    }
    out.write_all(&json.as_bytes()[plain..])
}

struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        make_visible(out, fragment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_reads_back_and_hides_nothing() {
        let hostile = "\"\\\x1b[0m\u{7f}\u{202e}\u{e0041}é";
        let mut out = Vec::new();
        write(&mut out, &hostile).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "\"\\\"\\\\\\u001b[0m\\u007f\\u202e\\udb40\\udc41é\"");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
