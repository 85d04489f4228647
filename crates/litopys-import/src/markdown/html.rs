//! Just enough of HTML to find what the tags in a Markdown document link: no tree, no script.

/// Attributes that name a file.
const ATTRIBUTES: [&[u8]; 3] = [b"src", b"href", b"poster"];
/// Elements whose attributes count.
const ELEMENTS: [&str; 7] = ["img", "a", "video", "audio", "source", "track", "object"];

/// Calls `found` with each target in some HTML.
pub(super) fn targets(html: &str, mut found: impl FnMut(&str)) {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            let Some((_, behind)) = comment.split_once("-->") else { return };
            rest = behind;
            continue;
        }
        let name = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
        let (element, attributes) = after.split_at(name);
        let known = ELEMENTS.iter().any(|e| e.eq_ignore_ascii_case(element));
        rest = if known { read_attributes(attributes, &mut found) } else { after };
    }
}

/// Reads a tag's attributes, and gives what follows its `>`.
fn read_attributes<'a>(mut rest: &'a str, found: &mut impl FnMut(&str)) -> &'a str {
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with(['>', '<']) {
            return rest;
        }
        let end =
            rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/' | '<')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(value) = after.trim_start().strip_prefix('=') else {
            // An attribute without a value; an odd character is passed over.
            rest = if end == 0 { rest.get(1..).unwrap_or_default() } else { after };
            continue;
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => value.get(1..).unwrap_or_default().split_once(quote).unwrap_or((value, "")),
            None => value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(value.len())),
        };
        if ATTRIBUTES.iter().any(|a| a.eq_ignore_ascii_case(name.as_bytes())) {
            found(value.trim().replace("&amp;", "&").as_str());
        }
        rest = after;
    }
}

/// Whether some text has such an attribute with a target that is not `elsewhere`.
pub(super) fn may_link(text: &[u8], elsewhere: impl Fn(&[u8]) -> bool) -> bool {
    memchr::memchr_iter(b'=', text).any(|at| {
        let (before, after) = text.split_at(at);
        let before = before.trim_ascii_end();
        let named = ATTRIBUTES.iter().any(|name| {
            before
                .len()
                .checked_sub(name.len())
                .and_then(|from| before.get(from..))
                .is_some_and(|end| end.eq_ignore_ascii_case(name))
        });
        let target = after.get(1..).unwrap_or_default().trim_ascii_start();
        let target = target.strip_prefix(b"\"").or_else(|| target.strip_prefix(b"'")).unwrap_or(target);
        named && (target.is_empty() || !elsewhere(target.trim_ascii_start()))
    })
}
