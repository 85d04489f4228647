//! An article's text, CommonMark, as harmless HTML: no markup of its own, no images, no links that can be followed.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::page::Page;

/// How deep elements are nested; what is deeper is text.
const DEEPEST: usize = 24;

/// Writes a text.
pub(super) fn write(page: &mut Page, text: &str) {
    let mut open: Vec<Closing> = Vec::new();
    for event in Parser::new(text) {
        match event {
            Event::Start(tag) => {
                let (markup, closing) = start(tag, !open.is_empty());
                let shown = open.len() < DEEPEST;
                page.raw(if shown { markup } else { "" });
                open.push(Closing { markup: if shown { closing.markup } else { "" }, address: closing.address });
            }
            Event::End(end) => {
                let Some(closing) = open.pop() else { continue };
                if let Some(address) = closing.address {
                    page.raw(" <span class=\"address\">").text(address).raw("</span>");
                }
                page.raw(closing.markup);
                if end == TagEnd::Image {
                    page.raw("]");
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                page.prose(&text);
            }
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                page.raw("<code>").prose(&text).raw("</code>");
            }
            Event::SoftBreak => {
                page.raw("\n");
            }
            Event::HardBreak => {
                page.raw("<br>");
            }
            Event::Rule => {
                page.raw("<hr>");
            }
            Event::FootnoteReference(name) => {
                page.text(name);
            }
            Event::TaskListMarker(done) => {
                page.raw(if done { "[x] " } else { "[ ] " });
            }
        }
    }
}

struct Closing {
    markup: &'static str,
    /// Where a link or image leads.
    address: Option<String>,
}

/// What opens and closes an element. Within a list or quotation nothing has a direction of its own: such a part would say nothing of the direction of the
/// whole.
fn start(tag: Tag<'_>, within: bool) -> (&'static str, Closing) {
    let plain = |open, markup| (open, Closing { markup, address: None });
    match tag {
        Tag::Paragraph if within => plain("<p>", "</p>\n"),
        Tag::BlockQuote(_) if within => plain("<blockquote>", "</blockquote>\n"),
        Tag::List(Some(_)) if within => plain("<ol>", "</ol>\n"),
        Tag::List(None) if within => plain("<ul>", "</ul>\n"),
        Tag::Paragraph => plain("<p dir=\"auto\">", "</p>\n"),
        // The page has headings of its own above.
        Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. } => plain("<h4 dir=\"auto\">", "</h4>\n"),
        Tag::Heading { .. } => plain("<h5 dir=\"auto\">", "</h5>\n"),
        Tag::BlockQuote(_) => plain("<blockquote dir=\"auto\">", "</blockquote>\n"),
        Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_) => plain("<pre dir=\"auto\">", "</pre>\n"),
        Tag::List(Some(_)) => plain("<ol dir=\"auto\">", "</ol>\n"),
        Tag::List(None) => plain("<ul dir=\"auto\">", "</ul>\n"),
        Tag::Item => plain("<li>", "</li>\n"),
        Tag::Emphasis => plain("<em>", "</em>"),
        Tag::Strong => plain("<strong>", "</strong>"),
        Tag::Strikethrough => plain("<s>", "</s>"),
        Tag::Link { dest_url, .. } => ("<u>", Closing { markup: "</u>", address: Some(dest_url.to_string()) }),
        Tag::Image { dest_url, .. } => ("[image: ", Closing { markup: "", address: Some(dest_url.to_string()) }),
        _ => plain("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut page = Page::new();
        write(&mut page, text);
        page.finish()
    }

    #[test]
    fn a_text_has_its_shape() {
        let text =
            "## Head\n\nA *word* and **more**, [a link](https://example.org/?a=1&b=2).\n\n- one\n- two\n\n> said\n";
        assert_eq!(
            written(text),
            "<h4 dir=\"auto\">Head</h4>\n<p dir=\"auto\">A <em>word</em> and <strong>more</strong>, <u>a link \
             <span class=\"address\">https://example.org/?a=1&amp;b=2</span></u>.</p>\n<ul dir=\"auto\"><li>one</li>\n\
             <li>two</li>\n</ul>\n<blockquote dir=\"auto\"><p>said</p>\n</blockquote>\n"
        );
    }

    #[test]
    fn nothing_in_a_text_is_markup_or_leads_anywhere() {
        let hostile = "<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> b\n\n![i](https://evil.example/p.png)\n\n\
            [x](javascript:alert(1)) [y]: <b>\n\n</style></article></main>\n\n```\n</pre><script>\n```\n\n`</code><script>`\n\n&lt;b&gt;\n";
        let html = written(hostile);
        for forbidden in
            ["<script", "<img", "href", "src=\"", "</style", "</article", "</main", "<b>", "</pre><", "</code><script"]
        {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
        assert!(html.contains("[image: i <span class=\"address\">https://evil.example/p.png</span>]"), "{html}");
        assert!(html.contains("<u>x <span class=\"address\">javascript:alert(1)</span></u>"), "{html}");
    }

    #[test]
    fn nesting_is_bounded() {
        let html = written(&format!("{}deep\n", "> ".repeat(500)));
        assert!(html.matches("<blockquote").count() <= DEEPEST);
        assert_eq!(html.matches("<blockquote").count(), html.matches("</blockquote").count());
    }
}
