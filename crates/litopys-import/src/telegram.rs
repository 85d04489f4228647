//! Telegram Desktop's exports in JSON: `result.json`, with the folders of media beside it.
//!
//! Two forms are known, as Telegram Desktop writes them: the export of one chat (`name`, `type`, `id`, `messages`), and that of an
//! account (`chats.list[]` and `left_chats.list[]`, of which each is such a chat). Of an account, channels and public
//! groups are read; private conversations are passed over and counted, so that none gets signed by a slip.
//!
//! The file is read from start to end, a message at a time: a message is held as the bytes that it has in the file, which
//! are its capture, and nothing else of the file is kept.

use std::collections::VecDeque;
use std::fmt;
use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contained::Base;
use crate::drafts::Outcome;
use crate::many::{Many, Source};
use crate::parallel::map_start;
use crate::{Failure, ImportError, Options, Place, SkipReason, Skipped, limits};

mod export;
mod markup;
mod media;
mod message;
mod scan;

use export::{Chat, Export, Found};
use message::{Context, Fields};

/// The name and version of these rules, for `provenance`.
const EXTRACTOR: &str = "litopys-import telegram 1";
/// The file of an export.
const RESULT: &str = "result.json";

/// What is wrong with an export, or with a message of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TelegramFault {
    /// The file ends before the JSON does.
    #[error("the file ends in the middle: the export is torn")]
    Torn,
    /// Not the JSON of an export.
    #[error("not the JSON of a Telegram export: expected {0}")]
    Json(&'static str),
    /// The JSON goes on after its end.
    #[error("something follows the end of the export")]
    Trailing,
    /// JSON without a chat.
    #[error("no Telegram export: there is no list of messages in it")]
    NoMessages,
    /// Messages of a chat that doesn't say which it is.
    #[error("messages of a chat without an id")]
    NoChat,
    /// A name, type or id of a chat that is too long, or of another type.
    #[error("the {0} of the chat can't be read")]
    Chat(&'static str),
    /// A message of more than [`MESSAGE`](crate::limits::MESSAGE).
    #[error("a message of more than {} MiB", crate::limits::MESSAGE >> 20)]
    TooLarge,
    /// A message that is no JSON, or is nested too deep.
    #[error("a message that can't be read: {0}")]
    Message(String),
    /// A message without an id.
    #[error("a message without an id")]
    NoId,
    /// A message whose time is none.
    #[error("a message whose {0} is no time")]
    Time(&'static str),
    /// The source failed.
    #[error("can't be read: {0}")]
    Read(String),
    /// A public name was given that belongs to one chat, and there are several.
    #[error(
        "--channel NAME is for the export of one chat, and this one has several: --channel ID=NAME says whose it is"
    )]
    SeveralChats,
}

/// The messages that an export has of a chat, whatever became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What the subjects of its messages begin with, before their number.
    pub subject: String,
    /// The numbers that are there, as ranges from and to, in ascending order.
    pub messages: Vec<(u64, u64)>,
}

impl Exported {
    /// The number of a message of this chat by its subject.
    pub fn number(&self, subject: &str) -> Option<u64> {
        let number = subject.strip_prefix(self.subject.as_str())?;
        let plain = !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()) && !number.starts_with('0');
        number.parse().ok().filter(|_| plain)
    }

    /// The first and last number; `None` if there are none.
    pub fn span(&self) -> Option<(u64, u64)> {
        Some((self.messages.first()?.0, self.messages.last()?.1))
    }

    /// Whether the message with this number is there.
    pub fn has(&self, number: u64) -> bool {
        let after = self.messages.partition_point(|(from, _)| *from <= number);
        after.checked_sub(1).and_then(|at| self.messages.get(at)).is_some_and(|(_, to)| number <= *to)
    }

    fn add(&mut self, number: u64) {
        match self.messages.last_mut() {
            Some((_, to)) if to.checked_add(1) == Some(number) => *to = number,
            _ => self.messages.push((number, number)),
        }
    }

    /// Puts the ranges in order, whatever the order in the export.
    fn sort(&mut self) {
        self.messages.sort_unstable();
        self.messages.dedup_by(|(from, to), before| {
            let joins = *from <= before.1.saturating_add(1);
            if joins {
                before.1 = before.1.max(*to);
            }
            joins
        });
    }
}

/// A public name of a chat, given by the caller: then its messages are under `https://t.me/<name>/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelName {
    /// The chat's id in the export; without it, the name is that of the only chat.
    pub chat: Option<String>,
    /// The public name, without `@`.
    pub name: String,
}

/// A text that is no public name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected NAME or CHAT-ID=NAME, where NAME has 4 to 32 of the characters a-z 0-9 _")]
#[non_exhaustive]
pub struct ChannelNameError;

impl std::str::FromStr for ChannelName {
    type Err = ChannelNameError;

    fn from_str(text: &str) -> Result<Self, ChannelNameError> {
        let (chat, name) = text.split_once('=').map_or((None, text), |(chat, name)| (Some(chat), name));
        let name = ["https://t.me/", "t.me/", "@"].iter().find_map(|start| name.strip_prefix(start)).unwrap_or(name);
        let good = (4..=32).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        let digits = |chat: &str| !chat.is_empty() && chat.bytes().all(|c| c.is_ascii_digit());
        if !good || !chat.is_none_or(digits) {
            return Err(ChannelNameError);
        }
        // Telegram takes them in any case.
        Ok(Self { chat: chat.map(str::to_owned), name: name.to_ascii_lowercase() })
    }
}

/// Whether the start of a file is that of an export.
pub(crate) fn is_export(start: &[u8]) -> bool {
    const CHATS: [&str; 10] = [
        "saved_messages",
        "replies",
        "verification_codes",
        "personal_chat",
        "bot_chat",
        "private_group",
        "private_supergroup",
        "public_supergroup",
        "private_channel",
        "public_channel",
    ];
    const SECTIONS: [&str; 9] = [
        "personal_information",
        "profile_pictures",
        "stories",
        "contacts",
        "frequent_contacts",
        "sessions",
        "other_data",
        "chats",
        "left_chats",
    ];
    let start = &start[..start.len().min(limits::SNIFF)];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let Some(inside) = start.strip_prefix(b"{").map(<[u8]>::trim_ascii_start) else { return false };
    let opens = |key: &str, with: &[u8]| {
        let found = memchr::memmem::find(inside, format!("\"{key}\"").as_bytes());
        let value = found.and_then(|at| inside.get(at + key.len() + 2..)).map(<[u8]>::trim_ascii_start);
        let value = value.and_then(|rest| rest.strip_prefix(b":")).map(<[u8]>::trim_ascii_start);
        value.is_some_and(|value| value.starts_with(with))
    };
    let of_a_chat = || CHATS.iter().any(|chat| opens("type", format!("\"{chat}\"").as_bytes()));
    let of_an_account = || SECTIONS.iter().any(|section| opens(section, b"{") || opens(section, b"["));
    if inside.starts_with(b"\"about\"") { of_an_account() } else { opens("messages", b"[") && of_a_chat() }
}

/// Whether a folder is an export.
pub(crate) fn is_export_folder(folder: &Path) -> bool {
    let mut start = Vec::new();
    let Ok(metadata) = std::fs::symlink_metadata(folder.join(RESULT)) else { return false };
    let read = metadata.is_file().then(|| std::fs::File::open(folder.join(RESULT)));
    let Some(Ok(file)) = read else { return false };
    file.take(limits::SNIFF as u64).read_to_end(&mut start).is_ok() && is_export(&start)
}

/// A message on its way to a draft.
struct Item {
    line: u64,
    chat: Arc<Chat>,
    /// What the chat was called when it was sent, and how that is known.
    name: Option<(String, String)>,
    raw: Vec<u8>,
}

/// The messages of an export.
pub(crate) struct Stream {
    input: PathBuf,
    export: Export,
    base: Option<Base>,
    pending: VecDeque<Item>,
    /// What is wrong with what comes after `pending`.
    failed: VecDeque<Failure>,
    ended: bool,
    chats: u64,
    skipped: Skipped,
    exported: Vec<Exported>,
    /// The chat's name by its own service messages, and the chat.
    renamed: Option<(Arc<Chat>, (String, String))>,
}

impl Stream {
    pub(crate) fn open(input: &Path, source: Source, options: &Options) -> Result<Self, Failure> {
        let (path, folder) = match &source {
            Source::Path(path) if path.is_dir() => (path.join(RESULT), Some(path.clone())),
            Source::Path(path) => (path.clone(), path.parent().map(Path::to_owned)),
            Source::Reader(_) => (input.to_owned(), None),
        };
        let reader: Box<dyn Read + Send> = match source {
            Source::Path(_) => Box::new(std::fs::File::open(&path).map_err(|e| Failure::new(&path, e))?),
            Source::Reader(reader) => reader,
        };
        let base = options.base.clone().or(folder);
        let base = base.map(|base| Base::new(&base).map_err(|e| Failure::new(&base, e))).transpose()?;
        Ok(Self {
            input: path,
            export: Export::new(reader),
            base,
            pending: VecDeque::new(),
            failed: VecDeque::new(),
            ended: false,
            chats: 0,
            skipped: Skipped::default(),
            exported: Vec::new(),
            renamed: None,
        })
    }

    fn fail(&mut self, line: u64, fault: TelegramFault) {
        self.failed.push_back(Failure::at(&self.input, Place::Line(line), ImportError::Telegram(fault)));
    }

    /// Reads messages until there are enough, or until one can't be read: that one comes after them.
    fn fill(&mut self, options: &Options) {
        let mut size = 0;
        while !self.ended && self.failed.is_empty() && self.pending.len() < limits::CHUNK && size < limits::CHUNK_BYTES
        {
            match self.export.next() {
                Ok(Some(Found::Chat { line, chat })) => self.enter(line, &chat, options),
                Ok(Some(Found::Message { line, chat, raw })) => {
                    size += raw.as_ref().map_or(0, |raw| raw.len() as u64);
                    match raw {
                        Ok(raw) => self.message(line, chat, raw),
                        Err(fault) => self.fail(line, fault),
                    }
                }
                Ok(None) => {
                    self.ended = true;
                    if self.chats == 0 {
                        self.fail(1, TelegramFault::NoMessages);
                    }
                }
                Err((line, fault)) => {
                    self.ended = true;
                    self.fail(line, fault);
                }
            }
        }
    }

    /// The messages of a chat begin.
    fn enter(&mut self, line: u64, chat: &Arc<Chat>, options: &Options) {
        self.chats += 1;
        let one = options.channels.iter().any(|channel| channel.chat.is_none());
        if one && self.chats > 1 {
            self.ended = true;
            return self.fail(line, TelegramFault::SeveralChats);
        }
        match chat.subject(&options.channels) {
            Some(subject) => self.exported.push(Exported { subject, messages: Vec::new() }),
            None => {
                self.ended = true;
                self.fail(line, TelegramFault::NoChat);
            }
        }
    }

    /// Sorts a message: one to read, or one that is no article.
    fn message(&mut self, line: u64, chat: Arc<Chat>, raw: Vec<u8>) {
        if chat.is_passed_over() {
            return self.skipped.add(SkipReason::PrivateChat);
        }
        if let (Some(number), Some(exported)) = (message::number(&raw), self.exported.last_mut()) {
            exported.add(number);
        }
        let mentions = |word: &[u8]| memchr::memmem::find(&raw, word).is_some();
        if mentions(b"\"service\"") || mentions(b"\"unsupported\"") {
            let fields = match Fields::read(&raw) {
                Ok(fields) => fields,
                Err(fault) => return self.fail(line, fault),
            };
            match fields.text("type") {
                Some("service") => {
                    if let Some(renamed) = fields.renames() {
                        self.renamed = Some((chat, renamed));
                    }
                    return self.skipped.add(SkipReason::Service);
                }
                Some("unsupported") => return self.skipped.add(SkipReason::Unsupported),
                _ => {}
            }
        }
        let renamed = self.renamed.as_ref().filter(|(of, _)| Arc::ptr_eq(of, &chat)).map(|(_, name)| name.clone());
        let name =
            renamed.or_else(|| chat.name.clone().map(|name| (name, "name of the chat in the export".to_owned())));
        self.pending.push_back(Item { line, chat, name, raw });
    }
}

impl Many for Stream {
    fn chunk(&mut self, options: &Options, threads: NonZero<usize>) -> Vec<Outcome> {
        if self.pending.is_empty() && self.failed.is_empty() {
            self.fill(options);
        }
        let (input, base) = (&self.input, self.base.as_ref());
        let outcomes = map_start(self.pending.make_contiguous(), threads, u64::MAX, |item| {
            let context = Context { input, base, chat: &item.chat, name: item.name.as_ref(), options };
            let place = || Place::Message { line: item.line, number: message::number(&item.raw) };
            let outcome = context.read(&item.raw).map(|mut loaded| {
                loaded.place = Some(place());
                loaded
            });
            (outcome.map_err(|fault| Failure::at(input, place(), ImportError::Telegram(fault))), 0)
        });
        self.pending.clear();
        let failed = self.failed.pop_front().map(Err);
        outcomes.into_iter().chain(failed).collect()
    }

    fn skipped(&self) -> Skipped {
        self.skipped.clone()
    }

    fn exported(&mut self) -> Vec<Exported> {
        self.exported.iter_mut().for_each(Exported::sort);
        std::mem::take(&mut self.exported)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("input", &self.input).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
