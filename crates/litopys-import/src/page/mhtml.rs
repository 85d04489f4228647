//! A web page and what belongs to it in one file: MHTML (RFC 2557), as browsers save it.

use litopys::{Content, DraftFile, Role};
use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{PageSource, file};
use crate::document::{Document, Source};
use crate::limits;
use crate::media_type;
use crate::names::Paths;

/// The page, and its pictures that the article shows. `None` if there is no page.
pub(crate) fn read(source: &Source<'_>) -> Option<Document> {
    let message = MessageParser::default().parse(&source.bytes)?;
    let (part, html) = message.parts.iter().find_map(|part| Some((part, html(part)?)))?;
    let url = location(part).or_else(|| snapshot(&message)).filter(|url| crate::is_url(url));
    // The parser has made UTF-8 of it, whatever it was.
    let content_type = Some("text/html; charset=utf-8");
    let page = super::read(&PageSource { bytes: html.as_bytes(), content_type, url: url.as_deref(), status: None });
    let shown = page.pictures.clone();
    let mut paths = Paths::with_text();
    let name = if source.name.is_empty() { "page.mhtml" } else { source.name };
    let mut page = page;
    if let (None, Some(url)) = (&page.saved_from, url) {
        page.saved_from = Some((url, "Content-Location of the page's part".to_owned()));
    }
    let (mut document, _) = file::document(page, file::capture(name, "multipart/related", &source.bytes, &mut paths));
    for part in &message.parts {
        let (PartType::Binary(bytes) | PartType::InlineBinary(bytes)) = &part.body else { continue };
        let Some(location) = location(part).filter(|location| shown.contains(location)) else { continue };
        if document.draft.files.len() < limits::LINKED_FILES {
            document.draft.files.push(picture(part, &location, bytes, &mut paths));
        }
    }
    Some(document)
}

fn html<'a>(part: &'a MessagePart<'_>) -> Option<&'a str> {
    if let PartType::Html(text) = &part.body { Some(text) } else { None }
}

fn location(part: &MessagePart<'_>) -> Option<String> {
    part.content_location().map(|location| location.split_whitespace().collect())
}

/// Chromium's header for the page's own URL.
fn snapshot(message: &Message<'_>) -> Option<String> {
    match message.header("Snapshot-Content-Location")? {
        HeaderValue::Text(text) => Some(text.split_whitespace().collect()),
        _ => None,
    }
}

fn picture(part: &MessagePart<'_>, location: &str, bytes: &[u8], paths: &mut Paths) -> DraftFile {
    let last = location.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let (path, _) = paths.take(if last.is_empty() { "picture" } else { last });
    let told =
        part.content_type().map(|found| format!("{}/{}", found.ctype(), found.subtype().unwrap_or("octet-stream")));
    let kind =
        media_type::by_magic(bytes).map(str::to_owned).or(told).unwrap_or_else(|| media_type::UNKNOWN.to_owned());
    DraftFile {
        path,
        role: Role::Media,
        media_type: kind,
        original_name: Some(location.to_owned()),
        content: Content::Bytes(bytes.into()),
    }
}
