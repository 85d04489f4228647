//! The heading that is a document's title.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::lines::{Lines, line_ends};

/// A heading, as plain text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) text: String,
    /// Its line, from 1.
    pub(crate) line: u64,
}

/// The document's title: the heading that it begins with, or else its first heading of level 1. A section's heading in
/// the middle of prose is no title.
pub(crate) fn heading(text: &str) -> Option<Heading> {
    // The parser reads blocks to the end before its first event: give it no more than what ends with the first line
    // that may be a heading. What that line is may only depend on link definitions further down, and those matter only
    // where there are brackets.
    let mut lines = Lines { rest: text };
    let mut paragraph = false;
    let mut candidates = 0;
    while let Some(line) = lines.next() {
        let bare = line.trim();
        let setext = paragraph && (is_run(bare, b'=') || is_run(bare, b'-'));
        if bare.starts_with('#') || setext {
            candidates += 1;
            let end = text.len() - lines.rest.len();
            let head = text.get(..end)?;
            if candidates > 4 || memchr::memchr(b'[', head.as_bytes()).is_some() {
                return parse(text);
            }
            if let Some(found) = parse(head) {
                return Some(found);
            }
        }
        paragraph = !bare.is_empty();
    }
    None
}

fn is_run(line: &str, c: u8) -> bool {
    !line.is_empty() && line.bytes().all(|b| b == c)
}

fn parse(text: &str) -> Option<Heading> {
    let mut depth = 0_u32;
    let mut first = true;
    let mut open: Option<(String, usize)> = None;
    for (event, range) in Parser::new_ext(text, Options::empty()).into_offset_iter() {
        match (&mut open, event) {
            (None, Event::Start(Tag::Heading { level, .. })) if depth == 0 && (first || level == HeadingLevel::H1) => {
                open = Some((String::new(), range.start));
            }
            (Some((title, start)), Event::End(TagEnd::Heading(_))) => {
                let line = line_ends(text.get(..*start).unwrap_or_default()) + 1;
                let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
                if title.is_empty() {
                    open = None;
                    continue;
                }
                return Some(Heading { text: title, line });
            }
            (Some((title, _)), Event::Text(part) | Event::Code(part) | Event::InlineMath(part)) => {
                title.push_str(&part)
            }
            (Some((title, _)), Event::SoftBreak | Event::HardBreak) => title.push(' '),
            (Some(_), _) => {}
            (None, Event::Start(Tag::HtmlBlock)) => depth += 1,
            (None, Event::End(TagEnd::HtmlBlock)) => depth = depth.saturating_sub(1),
            (None, Event::Start(tag)) => {
                // A picture before the title is no prose; a paragraph's text is.
                depth += u32::from(!matches!(tag, Tag::Image { .. }));
            }
            (None, Event::End(tag)) => depth = depth.saturating_sub(u32::from(!matches!(tag, TagEnd::Image))),
            (None, Event::Text(part) | Event::Code(part)) if !part.trim().is_empty() => first = false,
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_heading_at_the_start_or_one_of_level_1() {
        for (text, title) in [
            ("# A *b* `c` [d](e)\n\ntext", Some(("A b c d", 1))),
            ("\n\n   ## Two ##\ntext", Some(("Two", 3))),
            ("A\nlong title\n===\ntext", Some(("A long title", 1))),
            ("Under\n---\n", Some(("Under", 1))),
            ("<!-- licence -->\n\n## Title\n", Some(("Title", 3))),
            ("prose\n\n## section\n\n# Title\n", Some(("Title", 5))),
            ("prose\n\n## section\n", None),
            ("```sh\n# no\n```\n", None),
            ("    # no\n", None),
            ("> # no\n\n- # no\n", None),
            ("#no\n", None),
            ("#\n\n# yes\n", Some(("yes", 3))),
            ("# [a][b]\n\n[b]: c\n", Some(("a", 1))),
            ("\r# cr\rtext", Some(("cr", 2))),
            ("text\n\n---\n\nmore", None),
            ("", None),
        ] {
            let got = heading(text);
            assert_eq!(got.as_ref().map(|h| (h.text.as_str(), h.line)), title, "{text:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn many_candidates_take_one_parse() {
        for (start, part) in [("", "#no\n"), ("```\n", "# no\n")] {
            let input = |n| start.to_owned() + &part.repeat(n);
            crate::growth::assert_even(part, 1 << 13, input, |text| assert_eq!(heading(text), None));
        }
    }
}
