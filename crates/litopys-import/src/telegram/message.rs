//! One message, from its JSON to a draft.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use litopys::manifest::{Captured, TextMap};
use litopys::{Content, Draft, DraftFile, Edtf, Metadata, Role, Utc};
use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde_json::Value;

use super::export::Chat;
use super::{EXTRACTOR, TelegramFault, markup, media};
use crate::contained::Base;
use crate::load::{Loaded, SubjectFrom};
use crate::{Options, Warning, limits, names, read_date};

/// What is known of a message beside its own JSON.
pub(super) struct Context<'a> {
    pub(super) input: &'a Path,
    /// Where its media are.
    pub(super) base: Option<&'a Base>,
    pub(super) chat: &'a Chat,
    /// What its chat was called, and how that is known.
    pub(super) name: Option<&'a (String, String)>,
    pub(super) options: &'a Options,
}

/// The fields of a message, each once.
pub(super) struct Fields(Vec<(String, Value)>);

/// JSON as Telegram Desktop writes it: for control characters it has `\x1B`, which JSON doesn't know.
pub(super) fn decode<T: DeserializeOwned>(raw: &[u8]) -> Result<T, TelegramFault> {
    serde_json::from_slice(&plain(raw)).map_err(|error| TelegramFault::Message(error.to_string()))
}

fn plain(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(raw, br"\x").is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len() + 64);
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let known = match escape {
            [_, b'x', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', *high, *low]);
                4
            }
            [first, second, ..] => {
                out.extend_from_slice(&[*first, *second]);
                2
            }
            other => {
                out.extend_from_slice(other);
                other.len()
            }
        };
        rest = escape.get(known..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// The number of a message whose JSON begins with it, as Telegram Desktop writes it.
pub(super) fn number(raw: &[u8]) -> Option<u64> {
    let rest = raw.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"id\"")?.trim_ascii_start();
    let rest = rest.strip_prefix(b":")?.trim_ascii_start();
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let (mut fields, mut keys) = (Vec::new(), HashSet::new());
                while let Some(key) = map.next_key::<String>()? {
                    if !keys.insert(key.clone()) {
                        return Err(serde::de::Error::custom(format_args!("{key:?} stands there twice")));
                    }
                    fields.push((key, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

impl Fields {
    pub(super) fn read(raw: &[u8]) -> Result<Self, TelegramFault> {
        decode(raw)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value).filter(|value| !value.is_null())
    }

    /// A text that isn't empty.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A text or a number, as text for `extra`.
    fn plain(&self, key: &str) -> Option<String> {
        scalar(self.get(key)?)
    }

    /// What a service message says the chat is called from now on, and how that is known.
    pub(super) fn renames(&self) -> Option<(String, String)> {
        let action = self.text("action")?;
        let names = ["create_channel", "create_group", "edit_group_title", "migrate_from_group"];
        let title = names.contains(&action).then(|| self.text("title")).flatten()?;
        let number = self.plain("id").unwrap_or_default();
        fits(title).map(|title| (title, format!("service message {number}: {action}")))
    }

    /// Seconds since 1970, which are text in an export.
    fn time(&self, key: &'static str) -> Result<Option<(Edtf, String)>, TelegramFault> {
        let Some(value) = self.plain(key) else { return Ok(None) };
        let time = value.parse().ok().and_then(Utc::from_unix).and_then(|time| time.as_str().parse().ok());
        time.map(|time| Some((time, format!("{key}: {value}")))).ok_or(TelegramFault::Time(key))
    }

    /// The exporter's local time, where an old export has no other.
    fn local_time(&self, key: &str) -> Option<(Edtf, String)> {
        let text = self.text(key)?;
        Some((read_date(text).ok()?, format!("{key}: {text} (local time of the exporter)")))
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => fits(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn fits(text: &str) -> Option<String> {
    (text.len() <= limits::EXTRA_VALUE).then(|| text.to_owned())
}

impl Context<'_> {
    /// The draft of a message.
    pub(super) fn read(&self, raw: &[u8]) -> Result<Loaded, TelegramFault> {
        let fields = Fields::read(raw)?;
        let number =
            fields.get("id").and_then(Value::as_u64).filter(|number| *number > 0).ok_or(TelegramFault::NoId)?;
        let mut metadata = Metadata::default();
        self.times(&fields, &mut metadata)?;
        self.people(&fields, &mut metadata);
        self.origin(number, &mut metadata);
        extra(&fields, number, self.chat, &mut metadata.extra);
        let parts = markup::parts(&fields);
        tags(&parts, &mut metadata);
        if let Some(title) = markup::headline(&parts).filter(|title| title.len() <= limits::TITLE) {
            metadata.title = Some(title);
            metadata.provenance.insert("title".into(), "first line of the message, all in bold".into());
        }

        let mut files = vec![file("message.json", Role::Capture, "application/json", raw.to_vec())];
        let text = markup::text(&parts, &fields);
        if !text.is_empty() {
            let from = if fields.get("text_entities").is_some() { "text_entities" } else { "text" };
            metadata.provenance.insert("text".into(), format!("{EXTRACTOR}: {from} as CommonMark"));
            files.push(file(names::TEXT, Role::Text, "text/markdown", text.into_bytes()));
        }
        let mut warnings = Vec::new();
        media::attach(&fields, self.base, &mut files, &mut metadata, &mut warnings);
        Ok(self.loaded(number, metadata, files, warnings))
    }

    fn loaded(&self, number: u64, mut metadata: Metadata, files: Vec<DraftFile>, warnings: Vec<Warning>) -> Loaded {
        let overrides = &self.options.overrides;
        let public = self.chat.public_name(&self.options.channels).is_some();
        let subject = format!("{}{number}", self.chat.subject(&self.options.channels).unwrap_or_default());
        let from = if public { "flag --channel, and the id of the message" } else { "ids of the chat and the message" };
        metadata.provenance.insert("subject".into(), from.into());
        // A chat's messages differ in their captures with each export: reactions, the exporter's local time. And a
        // message that shrinks was edited.
        let mut draft = Draft { subject, metadata, files, volatile: true, shrinks: true, original: None };
        overrides.apply(&mut draft);
        let subject_from = if overrides.subject.is_some() { SubjectFrom::Given } else { SubjectFrom::Url };
        let input = self.input.to_owned();
        Loaded { input, place: None, draft, subject_from, warnings, linked: Vec::new(), held: 0 }
    }

    fn times(&self, fields: &Fields, m: &mut Metadata) -> Result<(), TelegramFault> {
        let mut set = |name: &str, found: Option<(Edtf, String)>| {
            found.map(|(time, from)| {
                m.provenance.insert(name.to_owned(), from);
                time
            })
        };
        let published = fields.time("date_unixtime")?.or_else(|| fields.local_time("date"));
        let published = set("published", published);
        let modified = fields.time("edited_unixtime")?.or_else(|| fields.local_time("edited"));
        let modified = set("modified", modified);
        (m.published, m.modified) = (published, modified);
        Ok(())
    }

    /// Who wrote it, and where it was published: a channel's messages are its own, others those of who sent them.
    fn people(&self, fields: &Fields, m: &mut Metadata) {
        let signed = fields.text("author").map(|name| (name, "author"));
        let sent = fields.text("from").map(|name| (name, "from")).filter(|_| !self.chat.is_channel());
        if let Some((name, from)) = signed.or(sent)
            && let Some(name) = fits(name)
        {
            m.authors.push(name);
            m.provenance.insert("authors".into(), from.into());
        }
        if let Some((name, from)) = self.name {
            m.publisher = Some(name.clone());
            m.provenance.insert("publisher".into(), from.clone());
        }
    }

    fn origin(&self, number: u64, m: &mut Metadata) {
        let kind = Some(self.chat.kind.as_str()).filter(|kind| !kind.is_empty() && kind.len() <= 64);
        let url = self.chat.public_name(&self.options.channels).map(|name| format!("https://t.me/{name}/{number}"));
        if url.is_some() {
            m.provenance.insert("captured.url".into(), "flag --channel, and the id of the message".into());
        }
        let via = kind.map_or_else(
            || "export of Telegram Desktop".to_owned(),
            |kind| format!("export of Telegram Desktop ({kind})"),
        );
        m.provenance.insert("captured.via".into(), "type of the chat in the export".into());
        m.captured = Some(Captured { url, via: Some(via), ..Captured::default() });
    }
}

fn file(path: &str, role: Role, media_type: &str, bytes: Vec<u8>) -> DraftFile {
    DraftFile {
        path: path.to_owned(),
        role,
        media_type: media_type.to_owned(),
        original_name: None,
        content: Content::from(bytes),
    }
}

fn tags(parts: &[markup::Part], m: &mut Metadata) {
    const TAGS: usize = 100;
    for tag in parts.iter().filter_map(markup::Part::hashtag).take(TAGS) {
        if tag.len() <= limits::EXTRA_KEY && !m.tags.iter().any(|known| known == tag) {
            m.tags.push(tag.to_owned());
        }
    }
    if !m.tags.is_empty() {
        m.provenance.insert("tags".into(), "hashtags in the message".into());
    }
}

/// Other facts. Only such as stay the same from one version of Telegram Desktop to the next, beside counters: whatever else the
/// message has is in its capture.
fn extra(fields: &Fields, number: u64, chat: &Chat, extra: &mut TextMap) {
    const PLAIN: [&str; 17] = [
        "from_id",
        "forwarded_from",
        "saved_from",
        "reply_to_message_id",
        "reply_to_peer_id",
        "via_bot",
        "media_type",
        "sticker_emoji",
        "performer",
        "duration_seconds",
        "place_name",
        "address",
        "game_title",
        "game_description",
        "game_link",
        "views",
        "forwards",
    ];
    for key in PLAIN {
        // A channel's own id is that of the chat.
        if !(key == "from_id" && chat.is_channel())
            && let Some(value) = fields.plain(key)
        {
            extra.insert(key.to_owned(), value);
        }
    }
    extra.insert("message_id".to_owned(), number.to_string());
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty() && value.len() <= limits::EXTRA_VALUE) {
            extra.insert(key.to_owned(), value);
        }
    };
    set("chat_id", chat.id.clone());
    set("audio_title", fields.plain("title"));
    set("reactions", fields.get("reactions").and_then(Value::as_array).map(|all| reactions(all)));
    set("votes", fields.get("poll").map(votes));
    if let Some(place) = fields.get("location_information") {
        let at = |key: &str| place.get(key).and_then(scalar);
        set("location", at("latitude").zip(at("longitude")).map(|(lat, long)| format!("{lat},{long}")));
    }
    if let Some(contact) = fields.get("contact_information") {
        let parts = ["first_name", "last_name", "phone_number"].map(|key| contact.get(key).and_then(Value::as_str));
        let said: Vec<_> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        set("contact", Some(said.join(" ")));
    }
}

/// `👍 12, ❤ 3`
fn reactions(all: &[Value]) -> String {
    let name = |reaction: &Value| match reaction.get("emoji").and_then(Value::as_str) {
        Some(emoji) => emoji.to_owned(),
        None => reaction.get("type").and_then(Value::as_str).unwrap_or("?").to_owned(),
    };
    let count = |reaction: &Value| reaction.get("count").and_then(Value::as_u64).unwrap_or_default();
    let said: Vec<_> = all.iter().map(|reaction| format!("{} {}", name(reaction), count(reaction))).collect();
    said.join(", ")
}

/// `12 of 30, 18 of 30`, in the order of the answers.
fn votes(poll: &Value) -> String {
    let total = poll.get("total_voters").and_then(Value::as_u64).unwrap_or_default();
    let answers = poll.get("answers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let of = |answer: &Value| answer.get("voters").and_then(Value::as_u64).unwrap_or_default();
    answers.iter().map(|answer| format!("{} of {total}", of(answer))).collect::<Vec<_>>().join(", ")
}
