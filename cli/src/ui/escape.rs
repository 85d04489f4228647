//! Hostile text made visible: control characters, terminal escapes, bidi overrides, characters that don't show.

use std::fmt::{self, Display, Write};

/// Whether a character may change how others look, or doesn't show at all.
///
/// The joiners U+200C and U+200D and the selectors U+FE0E and U+FE0F stay: Persian, the scripts of India and emoji need them.
pub(crate) const fn is_hidden(c: char) -> bool {
    matches!(c,
        // Control characters: C0, DEL, C1.
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        // Bidi marks, embeddings, overrides, isolates.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line and paragraph separator.
        | '\u{2028}' | '\u{2029}'
        // Blanks without width, fillers, invisible operators, deprecated format characters.
        | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'
        | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        // Variation selectors but the two of emoji; musical format characters; tags.
        | '\u{fe00}'..='\u{fe0d}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        // Private use shows as whatever the terminal's font has, and says nothing: it stays. Noncharacters don't.
        | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}')
}

/// Text on one line: everything hidden is escaped, line ends too.
pub(crate) fn line(text: &str) -> impl Display {
    Escaped { text, lines: false, max: usize::MAX }
}

/// Text on one line, cut after so many characters.
pub(crate) fn short(text: &str, max: usize) -> impl Display {
    Escaped { text, lines: false, max }
}

/// Text of several lines: LF, CR LF and tabs stay, everything else that is hidden is escaped.
#[allow(dead_code, reason = "what prints articles uses it")]
pub(crate) fn text(text: &str) -> impl Display {
    Escaped { text, lines: true, max: usize::MAX }
}

struct Escaped<'a> {
    text: &'a str,
    lines: bool,
    max: usize,
}

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut chars, mut left) = (self.text.chars(), self.max);
        loop {
            // What is plain is most of it, and goes in one piece.
            let rest = chars.as_str();
            let plain = rest.bytes().take(left).take_while(|byte| (0x20..0x7f).contains(byte)).count();
            let (plain, rest) = rest.split_at(plain);
            f.write_str(plain)?;
            (chars, left) = (rest.chars(), left - plain.len());
            let Some(c) = chars.next() else { return Ok(()) };
            if left == 0 {
                return f.write_char('…');
            }
            left -= 1;
            match c {
                '\n' | '\t' if self.lines => f.write_char(c)?,
                '\r' if self.lines && chars.as_str().starts_with('\n') => {}
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if is_hidden(c) => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_made_visible() {
        let hostile = "a\x1b[31mb\u{202e}c\u{200b}d\u{9b}e\nf\tg\r\nh\u{e0041}";
        assert_eq!(line(hostile).to_string(), "a\\u{1b}[31mb\\u{202e}c\\u{200b}d\\u{9b}e\\nf\\tg\\r\\nh\\u{e0041}");
        assert_eq!(text("a\r\nb\tc\rd").to_string(), "a\nb\tc\\rd");
        assert_eq!(short("Літопис", 3).to_string(), "Літ…");
        assert_eq!(short("Літ", 3).to_string(), "Літ");
        let kept = "می‌خواهم 👩‍🚀 ❤️ é";
        assert_eq!(line(kept).to_string(), kept);
    }
}
