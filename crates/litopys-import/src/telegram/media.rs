//! The files of a message: photos, films, sounds, documents, in the folders beside the export.

use litopys::{Content, DraftFile, Metadata, Role};

use super::message::Fields;
use crate::contained::{Base, Refusal};
use crate::names::Paths;
use crate::{Warning, limits, media_type};

/// Adds the files that a message names, from below the export's folder. They are named by what they are: the export's own names
/// change from one export to the next, and stay as `original_name`.
pub(super) fn attach(
    fields: &Fields,
    base: Option<&Base>,
    files: &mut Vec<DraftFile>,
    m: &mut Metadata,
    warnings: &mut Vec<Warning>,
) {
    let mut paths = Paths::with_text();
    for file in &*files {
        paths.take_as_is(&file.path);
    }
    let mut add = |field: &str, name: &str, given: Option<&str>| {
        let Some(value) = fields.text(field) else { return false };
        if is_absent(value) {
            if field != "thumbnail" {
                m.extra.insert(field.to_owned(), value.chars().take(limits::EXTRA_KEY).collect());
            }
            return false;
        }
        let found = base.ok_or(Refusal::Missing).and_then(|base| base.find(value));
        let found = match found {
            Ok(found) => found,
            Err(reason) => {
                let first = value.chars().take(200).collect();
                warnings.push(Warning::Links { reason, count: 1, first });
                return false;
            }
        };
        let by_name = media_type::of_file(&found.path);
        let media_type = given.filter(|given| is_media_type(given)).unwrap_or(by_name).to_owned();
        let (path, _) = paths.take(&format!("{name}{}", extension(value)));
        let role = if name == "sticker" { Role::Media } else { media_type::role(&media_type) };
        let original_name = Some(found.relative).filter(|name| *name != path);
        files.push(DraftFile { path, role, media_type, original_name, content: Content::File(found.path) });
        true
    };
    add("photo", "photo", None);
    let kind = fields.text("media_type").unwrap_or_default();
    let name = match kind {
        "sticker" | "video_message" | "voice_message" | "animation" => kind,
        "video_file" => "video",
        "audio_file" => "audio",
        _ => "file",
    };
    let whole = add("file", name, fields.text("mime_type"));
    // Of a film that is there, Telegram's small picture says nothing more.
    if !whole {
        add("thumbnail", "thumbnail", None);
    }
    add("contact_vcard", "contact", Some("text/vcard"));
}

/// Whether the export says why the file isn't there, instead of where it is.
fn is_absent(value: &str) -> bool {
    const NOTES: [&str; 3] = [" unavailable, please", " exceeds maximum size.", " not included."];
    value.contains('(') && value.ends_with(')') && NOTES.iter().any(|note| value.contains(note))
}

fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'+' | b'-' | b'_'))
    };
    text.len() <= 100 && text.split_once('/').is_some_and(|(family, rest)| token(family) && token(rest))
}

/// The extension of a name with its dot, if it is a plain one.
fn extension(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let plain = (1..=8).contains(&extension.len()) && extension.bytes().all(|c| c.is_ascii_alphanumeric());
    if plain { format!(".{extension}") } else { String::new() }
}
