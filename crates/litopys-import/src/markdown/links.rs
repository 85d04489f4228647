//! The link and image targets of a Markdown document that may be local files.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::html;

/// The targets that are not plainly elsewhere, in their order, repeated as they are.
pub(crate) fn targets(text: &str) -> Vec<String> {
    if !may_link(text.as_bytes()) {
        return Vec::new();
    }
    let mut targets = Vec::new();
    let mut markup = String::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES) {
        match event {
            Event::Start(Tag::Image { dest_url, .. } | Tag::Link { dest_url, .. }) => push(&mut targets, &dest_url),
            Event::InlineHtml(part) => html::targets(&part, |target| push(&mut targets, target)),
            // A block of HTML comes line by line, and a tag may have several.
            Event::Html(part) => markup.push_str(&part),
            Event::End(TagEnd::HtmlBlock) => {
                html::targets(&markup, |target| push(&mut targets, target));
                markup.clear();
            }
            _ => {}
        }
    }
    targets
}

fn push(targets: &mut Vec<String>, target: &str) {
    if !is_elsewhere(target.as_bytes()) {
        targets.push(target.to_owned());
    }
}

/// Whether a target begins as an anchor in the same document or with a scheme of the net.
fn is_elsewhere(target: &[u8]) -> bool {
    const STARTS: [&[u8]; 8] = [b"http:", b"https:", b"mailto:", b"//", b"#", b"tel:", b"data:", b"javascript:"];
    let starts = |start: &[u8]| target.get(..start.len()).is_some_and(|t| t.eq_ignore_ascii_case(start));
    target.is_empty() || STARTS.into_iter().any(starts)
}

/// Whether a document is worth a parse for its links: something in it looks like the start of one that is not
/// elsewhere. Most documents only link the web, and finding that out costs a hundredth of a parse.
fn may_link(text: &[u8]) -> bool {
    let after = |at: usize| {
        let rest = text.get(at..).unwrap_or_default().trim_ascii_start();
        let rest = rest.strip_prefix(b"<").unwrap_or(rest);
        !is_elsewhere(rest) || rest.is_empty()
    };
    // `](target`, `]: target`; and `=target`, `="target` of an HTML attribute.
    let bracket =
        memchr::memchr_iter(b']', text).any(|at| matches!(text.get(at + 1), Some(b'(' | b':')) && after(at + 2));
    bracket || (memchr::memchr(b'<', text).is_some() && html::may_link(text, is_elsewhere))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_wherever_markdown_has_them() {
        let text = "![a](a.png \"t\") [b]( <b c.pdf> ) [c][c] ![d] <img src='e.jpg' alt=x>\n\n\
            <figure>\n<img alt=\"x\"\n  src=\"f.png?w=1&amp;h=2\">\n<a href=g.pdf>g</a><video poster=\"h.png\"><source src=\"i.mp4\">\n</figure>\n\n\
            `![no](no1.png)`\n\n    ![no](no2.png)\n\n```\n![no](no3.png)\n```\n\n<!-- <img src=\"no4.png\"> -->\n\n\
            | t |\n|---|\n| ![j](j.png) |\n\n[w](https://example.org) [m](MAILTO:x@y) [s](#top) ![dd](data:image/png;base64,x)\n\n[c]: c.txt\n[d]: d.gif\n";
        assert_eq!(
            targets(text),
            ["a.png", "b c.pdf", "c.txt", "d.gif", "e.jpg", "f.png?w=1&h=2", "g.pdf", "h.png", "i.mp4", "j.png"]
        );
    }

    #[test]
    fn documents_that_only_link_the_web_are_not_parsed() {
        for text in [
            "plain",
            "a [b](https://x) [c](#d)",
            "<a href=\"https://x\">",
            "[x]: http://y\n[x]",
            "a < b = c ]",
            "see [1]",
        ] {
            assert!(!may_link(text.as_bytes()), "{text}");
        }
        for text in
            ["[a](b)", "[a](\nb)", "[a]:\n b", "<img src=b>", "<img\nSRC = 'b'>", "[a](<b>)", "[a](", "<a href="]
        {
            assert!(may_link(text.as_bytes()), "{text}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn hostile_markdown_takes_time_as_its_length() {
        for (part, end) in [
            ("[", ""),
            ("![](", ""),
            ("[a](", ""),
            ("[a](b", ""),
            ("*_`~", ""),
            ("> ", "[a](b)"),
            ("<img src=", ""),
            ("<!--", "[a](b)"),
            ("[a]: b\n", ""),
            ("- ", "[a](b)"),
            ("`", "[a](b)"),
            ("[a](b \"", ""),
            ("<?", "[a](b)"),
        ] {
            crate::growth::assert_even(part, 1 << 12, |n| part.repeat(n) + end, |text| drop(targets(text)));
        }
        let table = |n| format!("{}\n{}\n{}", "|a".repeat(1 << 10), "|-".repeat(1 << 10), "|[a](b)\n".repeat(n));
        crate::growth::assert_even("a table", 1 << 9, table, |text| drop(targets(text)));
    }
}
