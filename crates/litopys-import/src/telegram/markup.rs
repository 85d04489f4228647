//! Telegram's formatted text to CommonMark.
//!
//! An export has it as parts that don't overlap, each with at most one format. What CommonMark has no sign for is written
//! in inline HTML, by the names of Telegram's own HTML style: `<u>`, `<s>`, `<tg-spoiler>`. A line break in a message
//! is a line break in the text; an empty line parts paragraphs.

use serde_json::Value;

use super::message::Fields;

mod escape;
mod inline;

use escape::fence;
use inline::Line;

/// A part of a message's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    format: Format,
    text: String,
}

/// How a part is formatted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    Plain,
    Bold,
    Italic,
    Underline,
    Strike,
    Spoiler,
    Code,
    /// With the language of the code, or nothing.
    Pre(String),
    Quote,
    /// Its text is a URL.
    Url,
    /// With the URL that it leads to.
    Link(String),
    Hashtag,
}

impl Part {
    /// The tag, if it is one.
    pub(super) fn hashtag(&self) -> Option<&str> {
        let tag = self.text.strip_prefix('#').filter(|tag| !tag.is_empty());
        tag.filter(|_| self.format == Format::Hashtag)
    }

    fn of(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Some(Self { format: Format::Plain, text: clean(text) });
        }
        let field = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let format = match field("type") {
            "bold" => Format::Bold,
            "italic" => Format::Italic,
            "underline" => Format::Underline,
            "strikethrough" => Format::Strike,
            "spoiler" => Format::Spoiler,
            "code" => Format::Code,
            "pre" => Format::Pre(field("language").to_owned()),
            "blockquote" => Format::Quote,
            "link" => Format::Url,
            "text_link" => Format::Link(field("href").to_owned()),
            "mention_name" => match value.get("user_id").and_then(Value::as_u64) {
                Some(user) => Format::Link(format!("tg://user?id={user}")),
                None => Format::Plain,
            },
            "hashtag" => Format::Hashtag,
            // Mentions, commands, addresses, numbers, custom emoji: their text says what they are.
            _ => Format::Plain,
        };
        let text = clean(value.get("text").and_then(Value::as_str)?);
        (!text.is_empty()).then_some(Self { format, text })
    }
}

/// One sort of line breaks, and no NUL, which CommonMark has not.
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['\r', '\u{2028}'], "\n").replace('\0', "\u{fffd}")
}

/// The parts of a message's text. Old exports have no `text_entities`; there `text` is a text, or a list of texts and parts.
pub(super) fn parts(fields: &Fields) -> Vec<Part> {
    let entities = fields.get("text_entities").and_then(Value::as_array).filter(|entities| !entities.is_empty());
    match (entities, fields.get("text")) {
        (Some(all), _) | (None, Some(Value::Array(all))) => all.iter().filter_map(Part::of).collect(),
        (None, Some(text)) => Part::of(text).into_iter().collect(),
        (None, None) => Vec::new(),
    }
}

/// The first line, where it is all bold and more comes after it: so channels write headlines.
pub(super) fn headline(parts: &[Part]) -> Option<String> {
    const LONGEST: usize = 300;
    let mut title = String::new();
    for (at, part) in parts.iter().enumerate() {
        let (line, ends) =
            part.text.split_once('\n').map_or((part.text.as_str(), None), |(line, rest)| (line, Some(rest)));
        if part.format != Format::Bold && !line.trim().is_empty() {
            return None;
        }
        title.push_str(line);
        if title.chars().count() > LONGEST {
            return None;
        }
        if let Some(rest) = ends {
            let more = parts.iter().skip(at + 1).map(|part| part.text.as_str()).chain([rest]);
            let title = title.trim();
            let bold = !title.is_empty() && more.into_iter().any(|text| !text.trim().is_empty());
            return bold.then(|| title.to_owned());
        }
    }
    None
}

/// The text of a message as CommonMark, its poll below it; empty if there is none.
pub(super) fn text(parts: &[Part], fields: &Fields) -> String {
    let mut blocks = Blocks::default();
    for part in parts {
        match &part.format {
            Format::Pre(language) => blocks.push(fence(&part.text, language)),
            Format::Code if part.text.trim().contains('\n') => blocks.push(fence(&part.text, "")),
            Format::Quote => {
                let quoted = paragraphs(&[Part { format: Format::Plain, text: part.text.clone() }]);
                let lines: Vec<_> = quoted.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
                blocks.push(lines.join("\n"));
            }
            _ => blocks.inline.push(part.clone()),
        }
    }
    blocks.flush();
    if let Some(poll) = fields.get("poll") {
        blocks.poll(poll);
    }
    let mut text = blocks.done.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Blocks that are done, and parts of a block that may go on.
#[derive(Default)]
struct Blocks {
    done: Vec<String>,
    inline: Vec<Part>,
}

impl Blocks {
    fn push(&mut self, block: String) {
        self.flush();
        if !block.is_empty() {
            self.done.push(block);
        }
    }

    fn flush(&mut self) {
        let text = paragraphs(&std::mem::take(&mut self.inline));
        if !text.is_empty() {
            self.done.push(text);
        }
    }

    /// The question, and the answers as a list. Who voted how changes all the time.
    fn poll(&mut self, poll: &Value) {
        let line = |text: &str| {
            let text = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
            paragraphs(&[Part { format: Format::Plain, text }])
        };
        // Later exports have them as text with parts.
        let said = |value: Option<&Value>| match value {
            Some(Value::String(text)) => line(text),
            Some(Value::Array(all)) => {
                let text: String = all.iter().filter_map(Part::of).map(|part| part.text).collect();
                line(&text)
            }
            _ => String::new(),
        };
        self.push(said(poll.get("question")));
        let answers = poll.get("answers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let answers: Vec<_> = answers.iter().map(|answer| format!("- {}", said(answer.get("text")))).collect();
        self.push(answers.join("\n"));
    }
}

/// Parts without blocks: lines with hard breaks between them, in paragraphs.
fn paragraphs(parts: &[Part]) -> String {
    let mut lines = vec![Line::default()];
    for part in parts {
        for (nth, text) in part.text.split('\n').enumerate() {
            if nth > 0 {
                lines.push(Line::default());
            }
            if let Some(line) = lines.last_mut() {
                line.push(&part.format, text);
            }
        }
    }
    let lines: Vec<_> = lines.iter().map(Line::render).collect();
    let paragraphs = lines.split(String::is_empty).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| lines.join("\\\n")).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests;
