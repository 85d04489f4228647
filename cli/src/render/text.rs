//! A text's changes by word: what was struck and added, and some words around.

use anstyle::{AnsiColor, Style};
use litopys::diff::{TextChange, TextDiff};

use crate::ui::escape;

/// How many words of what stayed are shown beside a change.
const WORDS: usize = 8;
/// The same in characters, for scripts that put no spaces between words.
const CHARS: usize = 100;

const STRUCK: Style = AnsiColor::Red.on_default().strikethrough();
const ADDED: Style = AnsiColor::Green.on_default();

/// What happened to a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// It stayed.
    Equal,
    /// It was struck.
    Delete,
    /// It was added.
    Insert,
}

/// A text's stretches in order; none is empty.
pub(crate) fn ops<'a>(
    before: &'a str,
    after: &'a str,
    changes: &'a [TextChange],
) -> impl Iterator<Item = (Op, &'a str)> {
    let starts = std::iter::once(0).chain(changes.iter().map(|change| change.after.end));
    let ends = changes.iter().map(|change| change.after.start).chain([after.len()]);
    let equal = starts.zip(ends).map(move |(start, end)| (Op::Equal, after.get(start..end).unwrap_or_default()));
    let changed = changes.iter().map(Some).chain([None]).map(move |change| {
        let of = |text: &'a str, range| text.get(range).unwrap_or_default();
        change.map_or(("", ""), |change| (of(before, change.before.clone()), of(after, change.after.clone())))
    });
    equal
        .zip(changed)
        .flat_map(|(equal, (struck, added))| [equal, (Op::Delete, struck), (Op::Insert, added)])
        .filter(|(_, text)| !text.is_empty())
}

/// How many words were added and struck.
pub(crate) fn words(diff: &TextDiff) -> (usize, usize) {
    let (mut added, mut struck) = (0, 0);
    for (op, text) in ops(&diff.before, &diff.after, &diff.changes) {
        let words = || text.split_whitespace().count();
        match op {
            Op::Equal => {}
            Op::Delete => struck += words(),
            Op::Insert => added += words(),
        }
    }
    (added, struck)
}

/// Appends a text's changes, with some words of what stayed around each; the first line is indented by the caller.
pub(crate) fn write(out: &mut String, diff: &TextDiff, colored: bool, indent: &str) {
    let mut ops = ops(&diff.before, &diff.after, &diff.changes).peekable();
    let mut first = true;
    while let Some((op, text)) = ops.next() {
        match op {
            Op::Equal => write_equal(out, text, !first, ops.peek().is_some(), indent),
            _ => write_changed(out, op, text, colored, indent),
        }
        first = false;
    }
}

/// Appends what changed of a short value, whole.
pub(crate) fn write_value(out: &mut String, before: &str, after: &str, changes: &[TextChange], colored: bool) {
    for (op, text) in ops(before, after, changes) {
        match op {
            Op::Equal => push(out, escape::line(text)),
            _ => write_marked(out, op, &escape::line(text).to_string(), colored),
        }
    }
}

fn write_equal(out: &mut String, text: &str, after_change: bool, before_change: bool, indent: &str) {
    let head = if after_change { head_end(text) } else { 0 };
    let tail = if before_change { tail_start(text) } else { text.len() };
    if after_change && before_change && head >= tail {
        return write_lines(out, text, indent);
    }
    let (shown, rest) = text.split_at(head);
    write_lines(out, shown, indent);
    if after_change && goes_on(rest) {
        out.push_str(" …");
    }
    if before_change {
        let (rest, shown) = text.split_at(tail);
        if after_change {
            out.push('\n');
            out.push_str(indent);
        }
        if goes_on(&rest[rest.rfind('\n').map_or(0, |at| at + 1)..]) {
            out.push_str("… ");
        }
        write_lines(out, shown.trim_start(), indent);
        if shown.trim_start().is_empty() {
            // Nothing but space before the change: it keeps the words apart.
            out.push_str(if shown.is_empty() { "" } else { " " });
        }
    }
}

/// Whether more of the same line follows.
fn goes_on(rest: &str) -> bool {
    !rest.split('\n').next().unwrap_or_default().trim().is_empty()
}

fn write_changed(out: &mut String, op: Op, text: &str, colored: bool, indent: &str) {
    if text.trim().is_empty() {
        // Only white space changed: it would not show.
        return write_marked(out, op, &escape::line(text).to_string(), colored);
    }
    if !colored {
        out.push_str(if op == Op::Delete { "[-" } else { "{+" });
        write_lines(out, text, indent);
        return out.push_str(if op == Op::Delete { "-]" } else { "+}" });
    }
    // Each line by itself, so that the indent isn't struck through.
    for (nth, line) in escape::text(text).to_string().split('\n').enumerate() {
        begin_line(out, nth, line, indent);
        if !line.is_empty() {
            write_marked(out, op, line, colored);
        }
    }
}

fn write_marked(out: &mut String, op: Op, text: &str, colored: bool) {
    match (op, colored) {
        (Op::Equal, _) => out.push_str(text),
        (Op::Delete, true) => push(out, format_args!("{STRUCK}{text}{STRUCK:#}")),
        (Op::Insert, true) => push(out, format_args!("{ADDED}{text}{ADDED:#}")),
        (Op::Delete, false) => push(out, format_args!("[-{text}-]")),
        (Op::Insert, false) => push(out, format_args!("{{+{text}+}}")),
    }
}

fn write_lines(out: &mut String, text: &str, indent: &str) {
    for (nth, line) in escape::text(text).to_string().split('\n').enumerate() {
        begin_line(out, nth, line, indent);
        out.push_str(line);
    }
}

fn begin_line(out: &mut String, nth: usize, line: &str, indent: &str) {
    if nth > 0 {
        out.push('\n');
        out.push_str(if line.is_empty() { "" } else { indent });
    }
}

pub(super) fn push(out: &mut String, text: impl std::fmt::Display) {
    // Writing into memory doesn't fail.
    let _ = std::fmt::Write::write_fmt(out, format_args!("{text}"));
}

/// Where the words that follow a change end: with the line at the latest.
fn head_end(text: &str) -> usize {
    let (mut words, mut within) = (0, false);
    for (nth, (at, c)) in text.char_indices().enumerate() {
        let ends = within && c.is_whitespace();
        words += usize::from(ends);
        if c == '\n' || nth == CHARS || ends && words == WORDS {
            return at;
        }
        within = !c.is_whitespace();
    }
    text.len()
}

/// Where the words before a change begin: with the line at the earliest.
fn tail_start(text: &str) -> usize {
    let (mut words, mut within) = (0, false);
    for (nth, (at, c)) in text.char_indices().rev().enumerate() {
        let begins = within && c.is_whitespace();
        words += usize::from(begins);
        if c == '\n' || nth == CHARS || begins && words == WORDS {
            return at + c.len_utf8();
        }
        within = !c.is_whitespace();
    }
    0
}

#[cfg(test)]
mod tests {
    use litopys::diff::diff_words;

    use super::*;

    fn shown(before: &str, after: &str, colored: bool) -> String {
        let changes = diff_words(before, after);
        let diff = TextDiff { before: before.into(), after: after.into(), changes };
        let mut out = String::new();
        write(&mut out, &diff, colored, "  ");
        out
    }

    #[test]
    fn changes_stand_among_some_words() {
        let long = "a b c d e f g h i j k l m n o p q r s t u v w x y z";
        let (before, after) = (format!("{long} old {long} end"), format!("{long} new {long}"));
        assert_eq!(
            shown(&before, &after, false),
            "… s t u v w x y z [-old-]{+new+} a b c d e f g h …\n  … s t u v w x y z[- end-]"
        );
        assert_eq!(shown("one two", "one 2", false), "one [-two-]{+2+}");
        assert_eq!(shown("title\n\nold text\n\nmore", "title\n\nnew text\n\nmore", false), "[-old-]{+new+} text");
        assert_eq!(shown("one two", "one 2", true), "one \x1b[9m\x1b[31mtwo\x1b[0m\x1b[32m2\x1b[0m");
    }

    #[test]
    fn what_is_hostile_or_blank_shows() {
        assert_eq!(shown("a b", "a \x1b[31mb", false), "a [-b-]{+\\u{1b}[31mb+}");
        assert_eq!(shown("a\r\nb", "a\nb", false), "a[-\\r\\n-]{+\\n+}b");
        assert_eq!(shown("", "a\nb\u{202e}", true), "\x1b[32ma\x1b[0m\n  \x1b[32mb\\u{202e}\x1b[0m");
    }

    #[test]
    fn ops_lead_from_one_text_to_the_other() {
        let (before, after) = ("the old bridge is here", "a new bridge is there now");
        let changes = diff_words(before, after);
        let of =
            |skip| ops(before, after, &changes).filter(|(op, _)| *op != skip).map(|(_, text)| text).collect::<String>();
        assert_eq!((of(Op::Insert), of(Op::Delete)), (before.to_owned(), after.to_owned()));
        assert_eq!(ops("", "", &[]).count(), 0);
    }
}
