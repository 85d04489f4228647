//! A line of formatted text.

use super::Format;
use super::escape::{code_span, escape, target};

/// Stretches of a line, each with its format. Neighbours of one format are one.
#[derive(Default)]
pub(super) struct Line(Vec<(Format, String)>);

impl Line {
    pub(super) fn push(&mut self, format: &Format, text: &str) {
        match self.0.last_mut() {
            Some((last, before)) if last == format => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push((format.clone(), text.to_owned())),
        }
    }

    /// The line as CommonMark, without white space at its end.
    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        let end = self.0.iter().rposition(|(_, text)| !text.trim_end().is_empty()).map_or(0, |at| at + 1);
        let stretches = self.0.get(..end).unwrap_or_default();
        for (at, (format, text)) in stretches.iter().enumerate() {
            let text = if at + 1 == end { text.trim_end() } else { text };
            let before = at.checked_sub(1).and_then(|at| stretches.get(at));
            stretch(format, text, before, stretches.get(at + 1), &mut out);
        }
        out
    }
}

type Stretch = (Format, String);

fn stretch(format: &Format, text: &str, before: Option<&Stretch>, after: Option<&Stretch>, out: &mut String) {
    let starts_line = out.is_empty();
    // White space at an edge would keep a sign from being one.
    let core = text.trim();
    if core.is_empty() || matches!(format, Format::Plain | Format::Hashtag) {
        return escape(text, starts_line, out);
    }
    let start = text.len() - text.trim_start().len();
    let (lead, trail) = (&text[..start], &text[start + core.len()..]);
    if matches!(format, Format::Code) {
        out.push_str(&code_span(text));
        return;
    }
    escape(lead, starts_line, out);
    let (open, close) = match format {
        Format::Bold | Format::Italic => {
            let free = fits_before(core, lead, before) && fits_after(core, trail, after);
            match (format, free) {
                (Format::Bold, true) => ("**", "**"),
                (Format::Bold, false) => ("<strong>", "</strong>"),
                (_, true) => ("*", "*"),
                (_, false) => ("<em>", "</em>"),
            }
        }
        Format::Underline => ("<u>", "</u>"),
        Format::Strike => ("<s>", "</s>"),
        Format::Spoiler => ("<tg-spoiler>", "</tg-spoiler>"),
        _ => ("", ""),
    };
    match format {
        Format::Url if is_autolink(core) => {
            out.push('<');
            out.push_str(core);
            out.push('>');
        }
        Format::Link(url) if target(url).is_some() => {
            out.push('[');
            escape(core, false, out);
            out.push_str("](<");
            out.push_str(&target(url).unwrap_or_default());
            out.push_str(">)");
        }
        _ => {
            out.push_str(open);
            // After a sign, nothing begins a block.
            escape(core, starts_line && lead.is_empty() && open.is_empty(), out);
            out.push_str(close);
        }
    }
    escape(trail, false, out);
}

/// Whether a sign of emphasis opens here (CommonMark, left-flanking, by the narrowest reading).
fn fits_before(core: &str, lead: &str, before: Option<&Stretch>) -> bool {
    if !lead.is_empty() || before.is_none() {
        return true;
    }
    let Some((format, text)) = before else { return true };
    let outer = text.chars().next_back();
    let inner = core.chars().next().is_some_and(char::is_alphanumeric);
    matches!(format, Format::Plain | Format::Hashtag)
        && outer.is_none_or(|c| c.is_whitespace() || inner && c.is_alphanumeric())
}

/// Whether it closes here (right-flanking).
fn fits_after(core: &str, trail: &str, after: Option<&Stretch>) -> bool {
    if !trail.is_empty() || after.is_none() {
        return true;
    }
    let Some((format, text)) = after else { return true };
    let outer = text.chars().next();
    let inner = core.chars().next_back().is_some_and(char::is_alphanumeric);
    matches!(format, Format::Plain | Format::Hashtag) && outer.is_none_or(|c| c.is_whitespace() || inner)
}

/// Whether a text between `<` and `>` is a link by itself.
fn is_autolink(text: &str) -> bool {
    let web = text.starts_with("http://") || text.starts_with("https://");
    web && !text.contains(|c: char| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>'))
}
