//! Front matter: YAML between `---`, TOML between `+++`, at the very start of a document.

use std::borrow::Cow;

use crate::limits;
use crate::lines::Lines;

pub(crate) mod fields;
mod left;
mod toml;
mod value;
mod yaml;

pub(crate) use value::Value;

/// A document cut at its front matter.
#[derive(Debug, Default)]
pub(crate) struct Split<'a> {
    /// The keys and values in their order.
    pub(crate) entries: Vec<(String, Value)>,
    /// What follows; all of it where there is no front matter.
    pub(crate) body: &'a str,
    /// The first line of the body, counted from 1.
    pub(crate) body_line: u64,
    /// Why what begins as front matter is none, and in which line.
    pub(crate) fault: Option<(u64, String)>,
}

/// Cuts a document at its front matter. Where that can't be read, everything is body.
pub(crate) fn split(text: &str) -> Split<'_> {
    let all = Split { body: text, body_line: 1, ..Split::default() };
    let mut lines = Lines { rest: text };
    let Some(first) = lines.next() else { return all };
    let fence = first.trim_end();
    if !matches!(fence, "---" | "+++") {
        return all;
    }
    let start = text.len() - lines.rest.len();
    let mut number = 1;
    let end = loop {
        let end = text.len() - lines.rest.len();
        if end - start > limits::FRONT_MATTER {
            return Split { fault: Some((1, format!("over {} bytes", limits::FRONT_MATTER))), ..all };
        }
        let Some(line) = lines.next() else {
            return Split { fault: Some((1, "it is never closed".to_owned())), ..all };
        };
        number += 1;
        let line = line.trim_end();
        if line == fence || (fence == "---" && line == "...") {
            break end;
        }
    };
    let source = line_feeds(text.get(start..end).unwrap_or_default());
    let entries = if fence == "---" { yaml::read(&source) } else { toml::read(&source) };
    match entries {
        Ok(entries) => {
            // The text begins at its first line that is not blank.
            loop {
                let rest = lines.rest;
                if lines.next().is_none_or(|line| !line.trim().is_empty()) {
                    lines.rest = rest;
                    break;
                }
                number += 1;
            }
            Split { entries, body: lines.rest, body_line: number + 1, fault: None }
        }
        Err((line, fault)) => Split { fault: Some((line + 1, fault)), ..all },
    }
}

/// Text in which a lone CR ends a line too.
fn line_feeds(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

#[cfg(test)]
mod tests;
