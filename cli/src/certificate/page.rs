//! A page of HTML that is written so that nothing from outside can become markup: markup is `&'static str`, all else is escaped.

use std::fmt::{Display, Write};

use crate::ui::escape::is_hidden;

/// A page that grows.
pub(super) struct Page {
    out: String,
}

impl Page {
    pub(super) const fn new() -> Self {
        Self { out: String::new() }
    }

    /// Markup of this program's own.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Text on one line. What doesn't show, or changes how other text looks, is shown as what it is.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        self.escaped(&text.to_string(), is_hidden);
        self
    }

    /// Text of an article: line ends and what scripts need to be read stays; what could turn the order of the rest around is shown as what it is.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        let kept = |c| {
            matches!(
                c,
                '\n' | '\t' | '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}'
            )
        };
        // CR LF is one line end.
        self.escaped(&text.replace("\r\n", "\n"), |c| is_hidden(c) && !kept(c));
        self
    }

    /// ` name="value"`, within a tag that is open.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"");
        self.escaped(value, is_hidden);
        self.raw("\"")
    }

    /// An element with text in it.
    pub(super) fn element(&mut self, open: &'static str, text: impl Display, close: &'static str) -> &mut Self {
        self.raw(open).text(text).raw(close)
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn escaped(&mut self, text: &str, shown: impl Fn(char) -> bool) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c if shown(c) => {
                    // A string takes it.
                    let _ = write!(self.out, "\u{27e8}U+{:04X}\u{27e9}", u32::from(c));
                }
                c => self.out.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        let mut page = Page::new();
        page.raw("<p")
            .attribute("lang", "x\"><script>")
            .raw(">")
            .text("</p><script>a&b</script>\u{202e}\u{0}\n'")
            .raw("</p>");
        assert_eq!(
            page.finish(),
            "<p lang=\"x&quot;&gt;&lt;script&gt;\">&lt;/p&gt;&lt;script&gt;a&amp;b&lt;/script&gt;⟨U+202E⟩⟨U+0000⟩⟨U+000A⟩&#39;</p>"
        );
        let mut page = Page::new();
        page.prose("a\r\nb\u{200f}c\u{202e}d\u{1b}e\rf");
        assert_eq!(page.finish(), "a\nb\u{200f}c⟨U+202E⟩d⟨U+001B⟩e⟨U+000D⟩f");
    }
}
