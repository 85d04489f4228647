//! Plain text, such as the text of a web page.
//!
//! A text is paragraphs between blank lines. If its first paragraph is a line that reads as a title, it is the title.
//! Lines that belong to the page and not to the article (a banner, a reading time, "Share", "Source") are left out of
//! the article's text, each with a warning, and only at its start and end; then the title line is left out too, since
//! the metadata has it. Where nothing is left out, the text is the same bytes as the capture. No date is read from
//! prose: a day in it may be the event's as well as the article's.

use crate::Warning;
use crate::lines::{Lines, line_ends};

mod furniture;

/// The name and version of these rules, for `provenance`.
pub(crate) const EXTRACTOR: &str = "litopys-import text 1";

/// Paragraphs at the start, and at the end, among which a page's furniture is looked for.
const ZONE: usize = 12;
/// The longest line, in characters, that is a title.
const TITLE_CHARS: usize = 300;

/// A line or paragraph.
#[derive(Debug, Clone, Copy)]
struct Block<'a> {
    /// Its first line's number, from 1.
    line: u64,
    /// Where it begins and ends.
    start: usize,
    end: usize,
    /// Its text, if it is a single line.
    single: Option<&'a str>,
}

/// What a plain text says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading<'a> {
    /// The title and its line.
    pub(crate) title: Option<(&'a str, u64)>,
    /// The article's text, where something had to be left out.
    pub(crate) body: Option<String>,
    /// What was left out.
    pub(crate) left_out: Vec<(u64, &'static str)>,
}

impl Reading<'_> {
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Warning> {
        self.left_out.iter().map(|(line, what)| Warning::Furniture { line: *line, what })
    }
}

pub(crate) fn read(text: &str) -> Reading<'_> {
    let paragraphs: Vec<_> = Blocks::new(text, false).take(ZONE + 1).collect();
    let by_line = paragraphs.len() == 1 && paragraphs[0].single.is_none();
    let head = if by_line { Blocks::new(text, true).take(ZONE + 1).collect() } else { paragraphs };
    let mut out = read_head(&head, by_line);
    if by_line && out.left_out.is_empty() {
        // Lines without blank ones between them: only a page's furniture tells that each is a paragraph.
        return Reading::default();
    }
    let removed: Vec<u64> = out.left_out.iter().map(|(line, _)| *line).collect();
    let tail_start = tail(text, &head, by_line, &mut out);
    if out.left_out.is_empty() {
        return out;
    }
    let title_line = out.title.map(|(_, line)| line);
    let mut body = String::new();
    let mut rest = 0;
    for block in &head {
        if removed.contains(&block.line) || title_line == Some(block.line) {
            body.push_str(text.get(rest..block.start).unwrap_or_default());
            rest = block.end;
            // The blank lines after it go with it.
            let after = text.get(rest..).unwrap_or_default();
            rest += after.len() - after.trim_start_matches(['\n', '\r', ' ', '\t']).len();
        }
    }
    body.push_str(text.get(rest..tail_start.max(rest)).unwrap_or_default());
    let body = body.trim_start_matches(['\n', '\r']);
    out.body = Some(if tail_start < text.len() { body.trim_end() } else { body }.to_owned());
    out
}

/// The title, and what is left out before the article's first paragraph of prose.
fn read_head<'a>(head: &[Block<'a>], by_line: bool) -> Reading<'a> {
    let mut out = Reading::default();
    let lines: Vec<_> = head.iter().map_while(|block| Some((block.line, block.single?))).collect();
    let reading_time = lines.iter().position(|(_, line)| furniture::is_reading_time(line));
    if by_line && reading_time.is_none() {
        return out;
    }
    for (at, (number, line)) in lines.iter().enumerate() {
        let another_title = || {
            let until = reading_time.filter(|r| *r > at).unwrap_or(lines.len());
            lines.get(at + 1..until).is_some_and(|rest| rest.iter().any(|(_, line)| is_title(line)))
        };
        let what = if furniture::is_reading_time(line) && head.len() > 1 {
            "reading time"
        } else if furniture::is_head(line) && (out.title.is_some() || another_title()) && head.len() > 2 {
            "page navigation"
        } else if out.title.is_none() && furniture::is_call(line) && reading_time.is_some() && another_title() {
            "banner"
        } else if out.title.is_none() && is_title(line) && at + 1 < head.len() {
            out.title = Some((line, *number));
            continue;
        } else if out.title.is_some() && !is_prose(line) {
            // A byline, a date, a lead: it stays.
            continue;
        } else {
            break;
        };
        out.left_out.push((*number, what));
    }
    out
}

/// Where the article ends before what is left out at its end.
fn tail<'a>(text: &'a str, head: &[Block<'a>], by_line: bool, out: &mut Reading<'a>) -> usize {
    let first = out.title.map_or(0, |(_, line)| line);
    // The last lines, with their numbers: only as much as may be needed.
    let mut end = text.trim_end().len();
    let mut kept = text.len();
    let mut found = Vec::new();
    for _ in 0..ZONE {
        let before = text.get(..end).unwrap_or_default();
        let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = before.get(start..).unwrap_or_default().trim();
        let above = text.get(..start).unwrap_or_default();
        if !furniture::is_tail(line) || !(by_line || ends_blank(above)) {
            break;
        }
        end = above.trim_end().len();
        kept = end;
        found.push(start);
    }
    // Not if nothing of the article would be left.
    let prose_left =
        head.iter().any(|b| b.line > first && b.start < kept && out.left_out.iter().all(|(line, _)| *line != b.line));
    if found.is_empty() || !prose_left {
        return text.len();
    }
    let mut line = 1;
    let mut counted = 0;
    for start in found.into_iter().rev() {
        line += line_ends(text.get(counted..start).unwrap_or_default());
        counted = start;
        out.left_out.push((line, "page navigation"));
    }
    kept
}

/// Whether text ends in a blank line.
fn ends_blank(text: &str) -> bool {
    line_ends(text.get(text.trim_end().len()..).unwrap_or_default()) >= 2
}

/// Whether a line that stands alone reads as a title: not too long, with letters, no sentence's end, no list, no link.
fn is_title(line: &str) -> bool {
    let last = line.chars().next_back();
    line.len() <= 4 * TITLE_CHARS
        && line.chars().count() <= TITLE_CHARS
        && line.chars().any(char::is_alphabetic)
        && !last.is_some_and(|c| matches!(c, '.' | ',' | ';' | ':' | '。' | '،' | '؛' | '।'))
        && !["- ", "* ", "• ", "> ", "http://", "https://", "www.", "|"].iter().any(|start| line.starts_with(start))
        && !line.chars().any(char::is_control)
}

/// Whether a line is a paragraph of prose.
fn is_prose(line: &str) -> bool {
    line.chars().count() > TITLE_CHARS || line.ends_with(['.', '。', '।'])
}

/// The paragraphs of a text, or its lines that are not blank.
struct Blocks<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    by_line: bool,
}

impl<'a> Blocks<'a> {
    fn new(text: &'a str, by_line: bool) -> Self {
        Self { text, at: 0, line: 1, by_line }
    }

    /// The next line with its start, without its end.
    fn line(&mut self) -> Option<(usize, &'a str)> {
        let start = self.at;
        let mut lines = Lines { rest: self.text.get(start..)? };
        let line = lines.next()?;
        self.at = self.text.len() - lines.rest.len();
        self.line += 1;
        Some((start, line))
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let (start, first) = loop {
            let (start, line) = self.line()?;
            if !line.trim().is_empty() {
                break (start, line);
            }
        };
        let number = self.line - 1;
        let mut block = Block { line: number, start, end: start + first.len(), single: Some(first.trim()) };
        while !self.by_line {
            match self.line() {
                Some((start, line)) if !line.trim().is_empty() => {
                    block.end = start + line.len();
                    block.single = None;
                }
                _ => break,
            }
        }
        Some(block)
    }
}

#[cfg(test)]
mod tests;
