//! What a manifest says of its article, line by line: the same to who reads it and to who is asked to sign it.

use litopys::manifest::Manifest;

use crate::failure::Failure;
use crate::ui::escape;

/// Gives each field that is there, but for subject, title and files, with its label. Values are whole, and escaped.
pub(crate) fn fields(
    m: &Manifest,
    print: &mut dyn FnMut(&'static str, String) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let line = |text: &str| escape::line(text).to_string();
    let mut optional = |label, value: Option<&str>| value.map_or(Ok(()), |value| print(label, line(value)));
    m.authors.iter().try_for_each(|author| optional("author", Some(author)))?;
    optional("publisher", m.publisher.as_deref())?;
    optional("language", m.language.as_deref())?;
    optional("published", m.published.as_ref().map(|date| date.as_str()))?;
    optional("modified", m.modified.as_ref().map(|date| date.as_str()))?;
    if let Some(captured) = &m.captured {
        optional("captured", captured.at.as_ref().map(|time| time.as_str()))?;
        optional("captured url", captured.url.as_deref())?;
        optional("captured via", captured.via.as_deref())?;
        optional("captured by", captured.tool.as_deref())?;
    }
    if !m.tags.is_empty() {
        optional("tags", Some(&m.tags.join(", ")))?;
    }
    optional("rights", m.rights.as_deref())?;
    optional("summary", m.summary.as_deref())?;
    optional("note", m.note.as_deref())?;
    if let Some(from) = &m.derived_from {
        let tool = from.tool.as_deref().map(|tool| format!(", {}", line(tool))).unwrap_or_default();
        print("derived", format!("{} of {}{tool}", from.kind, from.id.to_hex()))?;
    }
    m.extra.iter().try_for_each(|(key, value)| print("extra", format!("{} = {}", line(key), line(value))))
}
