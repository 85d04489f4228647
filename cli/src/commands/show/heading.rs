//! A text whose first line is its title again.

/// The text without a leading heading, or a first line by itself, that says what the title says.
pub(crate) fn without_title<'a>(text: &'a str, title: &str) -> &'a str {
    let body = text.trim_start_matches(['\u{feff}', '\n', '\r', ' ', '\t']);
    let (first, rest) = split_line(body);
    let is_marked = first.starts_with('#');
    let heading = match first.trim_start_matches('#') {
        bare if is_marked && bare.starts_with([' ', '\t']) => without_closing(bare.trim()),
        _ => first.trim(),
    };
    if !is_same(heading, title) {
        return text;
    }
    let (second, below) = split_line(rest);
    let is_underline =
        |line: &str| !line.is_empty() && (line.bytes().all(|c| c == b'=') || line.bytes().all(|c| c == b'-'));
    let rest = match second.trim() {
        _ if is_marked => rest,
        line if is_underline(line) => below,
        "" => rest,
        // A paragraph that begins with the title's words.
        _ => return text,
    };
    rest.trim_start_matches(['\n', '\r'])
}

fn split_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// Takes the closing `##` of a heading away.
fn without_closing(heading: &str) -> &str {
    let bare = heading.trim_end_matches('#');
    if bare.len() < heading.len() && (bare.is_empty() || bare.ends_with([' ', '\t'])) {
        bare.trim_end()
    } else {
        heading
    }
}

/// Whether a heading is the title, but for white space and the backslashes of Markdown.
fn is_same(heading: &str, title: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut plain = String::with_capacity(heading.len());
    let mut chars = heading.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' || !chars.peek().is_some_and(char::is_ascii_punctuation) {
            plain.push(c);
        } else {
            plain.extend(chars.next());
        }
    }
    !title.trim().is_empty() && (words(heading) == words(title) || words(&plain) == words(title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_that_is_the_title_is_left_out() {
        for text in [
            "# A  title\n\nBody",
            "A title\n=======\nBody",
            "\n\n## A title ##\r\n\r\nBody",
            "A title\n\nBody",
            "# A\\ title\nBody",
        ] {
            let title = if text.contains('\\') { "A\\ title" } else { "A title" };
            assert_eq!(without_title(text, title), "Body", "{text:?}");
        }
        assert_eq!(without_title("# 1\\. May\nBody", "1. May"), "Body");
        assert_eq!(without_title("# A title", "A title"), "");
        for text in ["# Another\n\nBody", "A title\ngoes on", "#A title", "", "Body"] {
            assert_eq!(without_title(text, "A title"), text);
        }
    }
}
