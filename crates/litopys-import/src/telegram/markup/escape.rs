//! Text so that CommonMark reads it as the text that it is.

/// Escapes text within a line. At the line's start, what would begin a block there is escaped too.
pub(super) fn escape(text: &str, starts_line: bool, out: &mut String) {
    let mut rest = text;
    if starts_line {
        let blank = rest.find(|c| !matches!(c, ' ' | '\t')).unwrap_or(rest.len());
        // Indentation would vanish, or make a code block.
        out.extend(rest[..blank].chars().map(|c| if c == '\t' { "&#9;" } else { "&#32;" }));
        rest = rest.get(blank..).unwrap_or_default();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = rest.as_bytes().get(digits);
        if (1..=9).contains(&digits) && matches!(after, Some(b'.' | b')')) {
            out.push_str(&rest[..digits]);
            out.push('\\');
            rest = rest.get(digits..).unwrap_or_default();
            out.extend(rest.chars().next());
            rest = rest.get(1..).unwrap_or_default();
        } else if rest.starts_with(['#', '-', '+', '=', ':', '|']) {
            out.push('\\');
            out.extend(rest.chars().next());
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    for c in rest.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// The longest run of backticks.
fn ticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

/// A code span.
pub(super) fn code_span(text: &str) -> String {
    // One more than any run in it: simple, and never wrong.
    let ticks = "`".repeat(ticks(text) + 1);
    let blank = text.chars().all(|c| c == ' ');
    let pad = text.starts_with('`') || text.ends_with('`') || (text.starts_with(' ') && text.ends_with(' ') && !blank);
    let pad = if pad { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A fenced code block.
pub(super) fn fence(text: &str, language: &str) -> String {
    let text = text.trim_end_matches('\n');
    let ticks = "`".repeat((ticks(text) + 1).max(3));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '#' | '.' | '_');
    let language = if language.len() <= 64 && language.chars().all(plain) { language } else { "" };
    format!("{ticks}{language}\n{text}\n{ticks}")
}

/// The target of a link, if it is one that may be written.
pub(super) fn target(url: &str) -> Option<String> {
    const SCHEMES: [&str; 7] = ["http", "https", "mailto", "tel", "tg", "ton", "tonsite"];
    let (scheme, _) = url.split_once(':')?;
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '\\');
    let known = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    // An entity would be read as what it stands for.
    (known && !url.contains(odd)).then(|| url.replace('&', "&amp;"))
}
