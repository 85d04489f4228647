//! Character references in texts that were escaped once too often.

use std::borrow::Cow;

use super::dom::ROOT;
use super::parse;

/// A text with its character references as characters.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    let referenced = text.contains('&') && text.contains(';');
    if !referenced || text.len() > crate::limits::EXTRA_VALUE {
        return Cow::Borrowed(text);
    }
    // As an attribute nothing in it is markup.
    let quoted = text.replace('"', "&quot;");
    let parsed = parse::parse(&format!("<body title=\"{quoted}\">"), true);
    let dom = parsed.dom;
    let decoded = dom.within(ROOT).find_map(|id| dom.attribute(id, "title").map(str::to_owned));
    decoded.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The lines of a text that may be HTML.
pub(super) fn lines(text: &str) -> String {
    if !text.contains('<') && !text.contains('&') {
        return text.to_owned();
    }
    let parsed = parse::parse(&format!("<body>{}", text.replace('\n', "<p>")), true);
    let dom = parsed.dom;
    let mut out = String::new();
    for id in dom.within(ROOT) {
        if let Some(text) = dom.text_of(id) {
            out.push_str(text);
        } else if super::dom::is_block(dom.name(id)) || dom.name(id) == "br" {
            out.push('\n');
        }
    }
    out
}
