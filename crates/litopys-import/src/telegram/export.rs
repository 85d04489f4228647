//! The way through an export to its messages.

use std::io::Read;
use std::sync::Arc;

use super::scan::Scanner;
use super::{ChannelName, TelegramFault, message};
use crate::limits;

/// What an export says of a chat before its messages.
#[derive(Debug, Clone, Default)]
pub(super) struct Chat {
    pub(super) name: Option<String>,
    /// Telegram's word for it: `public_channel`, ...
    pub(super) kind: String,
    pub(super) id: Option<String>,
    /// Whether it is one of the chats of an account.
    of_account: bool,
}

impl Chat {
    /// The public name that the caller gave it.
    pub(super) fn public_name<'a>(&self, channels: &'a [ChannelName]) -> Option<&'a str> {
        let fits = |channel: &&ChannelName| channel.chat.is_none() || channel.chat == self.id;
        channels.iter().find(fits).map(|channel| channel.name.as_str())
    }

    /// What the subjects of its messages begin with.
    pub(super) fn subject(&self, channels: &[ChannelName]) -> Option<String> {
        match (self.public_name(channels), &self.id) {
            (Some(name), _) => Some(format!("https://t.me/{name}/")),
            (None, Some(id)) => Some(format!("telegram:{id}/")),
            (None, None) => None,
        }
    }

    /// Whether it is a conversation that is not public, among others: then nobody asked for it.
    pub(super) fn is_passed_over(&self) -> bool {
        let public = ["public_channel", "private_channel", "public_supergroup"];
        self.of_account && !public.contains(&self.kind.as_str())
    }

    /// Whether messages in it are the channel's own.
    pub(super) fn is_channel(&self) -> bool {
        matches!(self.kind.as_str(), "public_channel" | "private_channel")
    }
}

/// What comes next in an export.
pub(super) enum Found {
    /// The messages of a chat begin.
    Chat { line: u64, chat: Arc<Chat> },
    /// A message of the chat that came last, as the bytes that it is; or what is wrong with it.
    Message { line: u64, chat: Arc<Chat>, raw: Result<Vec<u8>, TelegramFault> },
}

/// Where in the file one is.
enum Level {
    /// In the object of the whole file, which is a chat where there is but one.
    Top,
    /// In `chats` or `left_chats`.
    Chats,
    /// In its `list`.
    List,
    /// In a chat of the list.
    Chat,
    /// In the messages of a chat.
    Messages(Arc<Chat>),
}

/// Reads an export from start to end.
pub(super) struct Export {
    scanner: Scanner,
    levels: Vec<Level>,
    /// Whether the array or object that one is in had something already.
    later: Vec<bool>,
    chat: Chat,
    started: bool,
}

impl Export {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            scanner: Scanner::new(source),
            levels: Vec::new(),
            later: Vec::new(),
            chat: Chat::default(),
            started: false,
        }
    }

    /// What comes next; `None` at the end. After an error nothing more can be read.
    pub(super) fn next(&mut self) -> Result<Option<Found>, (u64, TelegramFault)> {
        self.step().map_err(|fault| (self.scanner.line, fault))
    }

    fn step(&mut self) -> Result<Option<Found>, TelegramFault> {
        if !self.started {
            self.started = true;
            self.scanner.skip_mark()?;
            self.scanner.expect(b'{', "an object")?;
            self.push(Level::Top);
        }
        loop {
            let Some(level) = self.levels.last() else {
                return if self.scanner.peek()?.is_none() { Ok(None) } else { Err(TelegramFault::Trailing) };
            };
            let is_array = matches!(level, Level::List | Level::Messages(_));
            if !self.item(if is_array { b']' } else { b'}' })? {
                self.levels.pop();
                self.later.pop();
                continue;
            }
            let found = if is_array { self.element()? } else { self.member()? };
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    fn push(&mut self, level: Level) {
        self.levels.push(level);
        self.later.push(false);
    }

    /// Goes to the next item of the array or object; false at its end.
    fn item(&mut self, close: u8) -> Result<bool, TelegramFault> {
        if self.scanner.take(close)? {
            return Ok(false);
        }
        if let Some(later) = self.later.last_mut()
            && std::mem::replace(later, true)
        {
            self.scanner.expect(b',', "a comma")?;
        }
        Ok(true)
    }

    /// An element of an array.
    fn element(&mut self) -> Result<Option<Found>, TelegramFault> {
        let first = self.scanner.peek()?;
        let line = self.scanner.line;
        if let Some(Level::Messages(chat)) = self.levels.last() {
            let chat = Arc::clone(chat);
            let raw = self.scanner.value(limits::MESSAGE)?.ok_or(TelegramFault::TooLarge);
            return Ok(Some(Found::Message { line, chat, raw }));
        }
        if first == Some(b'{') {
            self.scanner.expect(b'{', "an object")?;
            self.chat = Chat { of_account: true, ..Chat::default() };
            self.push(Level::Chat);
        } else {
            self.scanner.value(0)?;
        }
        Ok(None)
    }

    /// A member of an object.
    fn member(&mut self) -> Result<Option<Found>, TelegramFault> {
        if self.scanner.peek()? != Some(b'"') {
            return Err(TelegramFault::Json("a name in quotes"));
        }
        let key = self.scanner.value(limits::EXTRA_KEY)?.unwrap_or_default();
        let key = key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")).unwrap_or_default();
        self.scanner.expect(b':', "a colon")?;
        let first = self.scanner.peek()?.ok_or(TelegramFault::Torn)?;
        match (self.levels.last(), key, first) {
            (Some(Level::Top), b"chats" | b"left_chats", b'{') => {
                self.scanner.take(b'{')?;
                self.push(Level::Chats);
            }
            (Some(Level::Chats), b"list", b'[') => {
                self.scanner.take(b'[')?;
                self.push(Level::List);
            }
            (Some(Level::Top | Level::Chat), b"messages", b'[') => {
                let line = self.scanner.line;
                self.scanner.take(b'[')?;
                let chat = Arc::new(std::mem::take(&mut self.chat));
                self.push(Level::Messages(Arc::clone(&chat)));
                return Ok(Some(Found::Chat { line, chat }));
            }
            (Some(Level::Top | Level::Chat), b"name", _) => self.chat.name = self.text("name")?,
            (Some(Level::Top | Level::Chat), b"type", _) => self.chat.kind = self.text("type")?.unwrap_or_default(),
            (Some(Level::Top | Level::Chat), b"id", b'0'..=b'9') => {
                let id = self.scanner.value(20)?.and_then(|id| String::from_utf8(id).ok());
                let id = id.filter(|id| id.bytes().all(|c| c.is_ascii_digit()));
                self.chat.id = Some(id.ok_or(TelegramFault::Chat("id"))?);
            }
            _ => {
                self.scanner.value(0)?;
            }
        }
        Ok(None)
    }

    /// A short text, or null.
    fn text(&mut self, what: &'static str) -> Result<Option<String>, TelegramFault> {
        let raw = self.scanner.value(limits::EXTRA_VALUE)?.ok_or(TelegramFault::Chat(what))?;
        message::decode::<Option<String>>(&raw)
            .map(|text| text.filter(|text| !text.is_empty()))
            .map_err(|_| TelegramFault::Chat(what))
    }
}
