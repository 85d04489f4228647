//! Text that CommonMark reads as text: escaped, in lines, in paragraphs.

/// A line break within a paragraph, while it is put together.
pub(super) const BREAK: char = '\n';

pub(super) fn space(run: &mut String) {
    if !run.is_empty() && !run.ends_with([' ', BREAK]) {
        run.push(' ');
    }
}

/// Text, with what CommonMark would take for markup escaped and white space as single spaces.
pub(super) fn write_text(text: &str, run: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Hyphens and marks that only help to break lines.
            '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{2060}' => {}
            c if c.is_whitespace() => space(run),
            c if c.is_control() => {}
            '\\' | '`' | '*' | '[' | ']' | '<' => {
                run.push('\\');
                run.push(c);
            }
            '_' if !(run.ends_with(char::is_alphanumeric) && chars.peek().is_some_and(|c| c.is_alphanumeric())) => {
                run.push_str("\\_")
            }
            '&' if chars.peek().is_some_and(|c| c.is_ascii_alphanumeric() || *c == '#') => run.push_str("\\&"),
            '~' if chars.peek() == Some(&'~') => run.push_str("\\~"),
            c => run.push(c),
        }
    }
}

/// Ends a run of text: paragraphs where two breaks part them.
pub(super) fn flush(run: &mut String, done: &mut Vec<String>) {
    let text = std::mem::take(run);
    let mut lines: Vec<String> = Vec::new();
    let mut paragraph = |lines: &mut Vec<String>| {
        if !lines.is_empty() {
            done.push(lines.join("\\\n"));
            lines.clear();
        }
    };
    for line in text.split(BREAK) {
        let line = line.trim();
        if line.is_empty() {
            paragraph(&mut lines);
        } else {
            lines.push(guarded(line));
        }
    }
    paragraph(&mut lines);
}

/// A line whose start is no block's.
fn guarded(line: &str) -> String {
    let bytes = line.as_bytes();
    let digits = bytes.iter().take_while(|c| c.is_ascii_digit()).count();
    let number = (1..=9).contains(&digits)
        && matches!(bytes.get(digits), Some(b'.' | b')'))
        && matches!(bytes.get(digits + 1), None | Some(b' '));
    if number {
        return format!("{}\\{}", line.get(..digits).unwrap_or_default(), line.get(digits..).unwrap_or_default());
    }
    let marker = matches!(
        bytes,
        [b'-' | b'+', b' ', ..]
            | [b'-' | b'+']
            | [b'#', ..]
            | [b'>', ..]
            | [b'=', ..]
            | [b'-', b'-', ..]
            | [b'~', b'~', ..]
            | [b'|', ..]
    );
    if marker { format!("\\{line}") } else { line.to_owned() }
}

/// A text without markup, as CommonMark that says the same.
pub(in crate::page) fn plain(text: &str) -> String {
    let mut done = Vec::new();
    for line in text.lines() {
        let mut run = String::new();
        write_text(line, &mut run);
        flush(&mut run, &mut done);
    }
    done.join("\n\n") + "\n"
}

pub(super) fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let prefix = if at == 0 { first } else { rest };
        if line.is_empty() {
            out.push_str(prefix.trim_end())
        } else {
            out.push_str(prefix)
        }
        out.push_str(line);
    }
    out
}

pub(super) fn longest_run(text: &str, c: char) -> usize {
    text.split(|other| other != c).map(str::len).max().unwrap_or_default()
}
