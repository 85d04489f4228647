//! Text without its markup, so that all are measured alike.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What a reader of a CommonMark text sees, without pictures.
pub(crate) fn of_markdown(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut pictures = 0_usize;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Image { .. }) => pictures += 1,
            Event::End(TagEnd::Image) => pictures = pictures.saturating_sub(1),
            Event::Text(text) | Event::Code(text) if pictures == 0 => plain.push_str(&text),
            Event::Start(Tag::List(_) | Tag::Item) => plain.push('\n'),
            Event::SoftBreak | Event::HardBreak => plain.push('\n'),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::TableCell
                | TagEnd::TableRow
                | TagEnd::TableHead
                | TagEnd::CodeBlock,
            ) => plain.push_str("\n\n"),
            _ => {}
        }
    }
    plain
}

/// The text of an HTML fragment.
pub(crate) fn of_html(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let (tag, more) = after.split_once('>').unwrap_or((after, ""));
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let inline = [
            "a", "b", "i", "em", "strong", "span", "code", "sup", "sub", "u", "small", "font", "abbr", "cite", "mark",
            "kbd", "time", "tt", "wbr",
        ];
        if !inline.contains(&name.to_ascii_lowercase().as_str()) {
            plain.push('\n');
        }
        rest = more;
    }
    plain.push_str(rest);
    for (entity, c) in [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
    {
        plain = plain.replace(entity, c);
    }
    plain
}
