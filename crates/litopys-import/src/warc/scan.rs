//! The first pass over a web archive: where its pages are, and when they were captured.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::head::{self, Format, Head, NoHead, Type, is_type};
use super::http::HttpHead;
use super::index::{Entry, Index, Keys};
use super::source::{Bytes, Input, Member, find_member, is_corrupt};
use super::{Info, Origin, WarcFault};
use crate::walk::SkipReason;
use crate::{Failure, Place, limits};

/// The first pass.
pub(super) struct Scanner<'a> {
    pub(super) input: &'a Path,
    /// Whether answers other than 200, and pages that are on no list, are taken.
    pub(super) force: bool,
    /// The pages of a WACZ, as [`Scanner::key`] hashes them.
    pub(super) pages: Option<HashSet<u64>>,
    /// The one URL whose captures count, whatever else is there.
    pub(super) only: Option<u64>,
    hasher: RandomState,
    pub(super) index: Index,
    names: Vec<Option<String>>,
    infos_by_id: HashMap<u64, u32>,
    /// The warcinfo record that was read last in this source.
    info: Option<u32>,
}

/// Why a gzip source can't be read member by member.
enum Stop {
    /// Records and members don't go together.
    Unpack,
    Fault(WarcFault),
}

impl From<WarcFault> for Stop {
    fn from(fault: WarcFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// What came of a record.
enum Step {
    End,
    /// There was one, whole or not.
    Record,
    /// It was cut short by the end of what it is in.
    Cut,
    /// Its length can't be told.
    Bad,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(input: &'a Path, force: bool) -> Self {
        Self {
            input,
            force,
            pages: None,
            only: None,
            hasher: RandomState::new(),
            index: Index::default(),
            names: Vec::new(),
            infos_by_id: HashMap::new(),
            info: None,
        }
    }

    /// A hash of what is compared with others.
    pub(super) fn key(&self, text: &str) -> u64 {
        self.hasher.hash_one(text).max(1)
    }

    fn key_of(&self, text: Option<&str>) -> u64 {
        text.map_or(0, |text| self.key(text))
    }

    /// Reads the next source. What it is read from afterwards is returned.
    pub(super) fn scan(&mut self, name: Option<&str>, bytes: Bytes) -> Result<Bytes, WarcFault> {
        self.info = None;
        let number = u32::try_from(self.names.len()).map_err(|_| WarcFault::TooMany)?;
        self.names.push(name.map(ToOwned::to_owned));
        let format = format_of(&bytes)?;
        if !bytes.gzip {
            self.plain(number, name, format, &bytes)?;
            return Ok(bytes);
        }
        let (entries, infos, failures) = (self.index.entries.len(), self.index.infos.len(), self.index.failures.len());
        let skipped = self.index.skipped.clone();
        match self.members(number, name, format, &bytes) {
            Ok(()) => Ok(bytes),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Unpack) => {
                self.index.entries.truncate(entries);
                self.index.infos.truncate(infos);
                self.index.failures.truncate(failures);
                self.index.skipped = skipped;
                self.info = None;
                let unpacked = bytes.unpacked()?;
                unpacked.faults.iter().for_each(|at| self.fail(name, *at, WarcFault::Gzip));
                self.plain(number, name, format, &unpacked.bytes)?;
                for entry in self.index.entries.get_mut(entries..).unwrap_or_default() {
                    entry.is_doubtful |= unpacked.damaged.iter().any(|range| range.contains(&entry.offset));
                }
                Ok(unpacked.bytes)
            }
        }
    }

    fn plain(&mut self, number: u32, name: Option<&str>, format: Format, bytes: &Bytes) -> Result<(), WarcFault> {
        let mut input = BufReader::with_capacity(1 << 16, bytes.at(0));
        // Where junk began, and how much of it there is.
        let mut junk: Option<(u64, u64)> = None;
        loop {
            skip_blank(&mut input)?;
            let at = input.position()?;
            let origin = Origin { source: number, offset: at };
            let step = match Head::read(&mut input, format) {
                Err(NoHead::Junk(size)) => {
                    let (start, before) = junk.unwrap_or((at, 0));
                    junk = Some((start, before + size));
                    continue;
                }
                Err(NoHead::End) => Step::End,
                Err(NoHead::Bad) => Step::Bad,
                Err(NoHead::Io(error)) => return Err(error.into()),
                Ok(head) => self.record(&mut input, &head, origin, junk.is_some())?,
            };
            if let Some((at, size)) = junk.take() {
                self.fail(name, at, WarcFault::Junk(size));
            }
            match step {
                Step::End => return Ok(()),
                Step::Record => {}
                Step::Cut if !self.force => self.fail(name, at, WarcFault::Cut),
                Step::Cut => {}
                Step::Bad => {
                    self.fail(name, at, WarcFault::Head);
                    junk = None;
                }
            }
        }
    }

    fn members(&mut self, number: u32, name: Option<&str>, format: Format, bytes: &Bytes) -> Result<(), Stop> {
        let mut raw = BufReader::with_capacity(1 << 16, bytes.at(0));
        let mut tries = 0;
        loop {
            if raw.fill_buf()?.is_empty() {
                return Ok(());
            }
            let at = raw.position()?;
            let entries = self.index.entries.len();
            let mut member = Member::new(raw);
            match self.member(&mut member, format, Origin { source: number, offset: at }, tries > 0) {
                Ok(step) => {
                    match step {
                        Step::Cut => return Err(Stop::Unpack),
                        Step::Bad if tries == 0 => self.fail(name, at, WarcFault::Head),
                        _ => {}
                    }
                    tries = 0;
                    raw = member.into_rest();
                }
                Err(Stop::Fault(WarcFault::Io(error))) if is_corrupt(&error) => {
                    if tries == 0 {
                        self.fail(name, at, WarcFault::Gzip);
                    }
                    // Its record may be there as a whole, but for the checksum that says so.
                    self.index.entries.truncate(entries);
                    tries += 1;
                    if tries > limits::RESYNCS {
                        return Ok(());
                    }
                    raw = BufReader::with_capacity(1 << 16, bytes.at(at + 1));
                    find_member(&mut raw)?;
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Reads the one record of a member, to the member's end.
    fn member(&mut self, member: &mut Member, format: Format, origin: Origin, is_doubtful: bool) -> Result<Step, Stop> {
        skip_blank(member)?;
        if member.position()? > 0 {
            return Err(Stop::Unpack);
        }
        let step = match Head::read(member, format) {
            Err(NoHead::End) => return Ok(Step::Record),
            // A member that is no record: the rest of one before it, say.
            Err(NoHead::Junk(_)) => return Err(Stop::Unpack),
            Err(NoHead::Bad) => {
                member.pass(u64::MAX)?;
                return Ok(Step::Bad);
            }
            Err(NoHead::Io(error)) => return Err(error.into()),
            Ok(head) => self.record(member, &head, origin, is_doubtful)?,
        };
        skip_blank(member)?;
        if member.fill_buf()?.is_empty() { Ok(step) } else { Err(Stop::Unpack) }
    }

    /// Reads what counts of a record, and passes over the rest.
    fn record(
        &mut self,
        input: &mut impl Input,
        head: &Head,
        origin: Origin,
        is_doubtful: bool,
    ) -> Result<Step, WarcFault> {
        let mut block = input.by_ref().take(head.length);
        let mut page = None;
        match head.kind {
            Type::Info => self.take_info(&mut block, head)?,
            Type::Response | Type::Resource | Type::Revisit => {
                let http = if head.is_http() { HttpHead::read(&mut block)? } else { None };
                let start =
                    if http.is_some() || head.kind == Type::Resource { start_of(&mut block)? } else { Vec::new() };
                match self.judge(head, http.as_ref(), &start) {
                    Some(reason) => self.index.skipped.add(reason),
                    None => page = Some(http.is_some_and(|http| http.get("Content-Type").is_some())),
                }
            }
            Type::Other => {}
        }
        let left = block.limit();
        let is_cut = input.pass(left)? < left;
        if let Some(is_page) = page.filter(|_| !is_cut || self.force) {
            let entry = self.entry(head, origin)?;
            self.index.entries.push(Entry { is_doubtful, is_cut, is_page, ..entry });
        }
        Ok(if is_cut { Step::Cut } else { Step::Record })
    }

    /// Why a record is passed over, if it is.
    fn judge(&self, head: &Head, http: Option<&HttpHead>, start: &[u8]) -> Option<SkipReason> {
        let is_revisit = head.kind == Type::Revisit;
        match http {
            // "Not modified" is the original's page.
            Some(http) if is_revisit && http.status == 304 => {}
            Some(http) if http.status != 200 && !self.force => return Some(SkipReason::Status),
            Some(http) if !is_page(http.get("Content-Type"), start, is_revisit) => return Some(SkipReason::NoPage),
            Some(_) => {}
            None if is_revisit => {}
            None if head.is_http() => return Some(SkipReason::NoPage),
            None if !is_page(head.get("Content-Type"), start, false) => return Some(SkipReason::NoPage),
            None => {}
        }
        let uri = head.uri().unwrap_or_default();
        if self.only.is_some_and(|only| only != self.key(uri)) {
            return Some(SkipReason::Unlisted);
        }
        let is_listed = self.pages.as_ref().is_none_or(|pages| pages.contains(&self.key(page_of(uri))));
        (!is_listed && !self.force).then_some(SkipReason::Unlisted)
    }

    fn entry(&self, head: &Head, origin: Origin) -> Result<Entry, WarcFault> {
        if self.index.entries.len() == limits::WARC_PAGES {
            return Err(WarcFault::TooMany);
        }
        let is_revisit = head.kind == Type::Revisit;
        let target = |uri: &str, date: &str| self.key(&format!("{date} {uri}"));
        let keys = if is_revisit {
            let (uri, date) = (head.get("WARC-Refers-To-Target-URI"), head.get("WARC-Refers-To-Date"));
            Keys {
                id: self.key_of(head.get("WARC-Refers-To")),
                target: uri.zip(date).map_or(0, |(uri, date)| target(head::unbracketed(uri), date)),
                payload: self.key_of(head.get("WARC-Payload-Digest")),
            }
        } else {
            Keys {
                id: self.key_of(head.get("WARC-Record-ID")),
                target: head.uri().zip(head.get("WARC-Date")).map_or(0, |(uri, date)| target(uri, date)),
                payload: self.key_of(head.get("WARC-Payload-Digest")),
            }
        };
        let info = head.get("WARC-Warcinfo-ID").and_then(|id| self.infos_by_id.get(&self.key(id)).copied());
        Ok(Entry {
            source: origin.source,
            offset: origin.offset,
            info: info.or(self.info),
            is_doubtful: false,
            is_cut: false,
            is_revisit,
            is_page: false,
            original: None,
            order: head.get("WARC-Date").map_or(0, |text| head::date(text).1),
            keys,
        })
    }

    fn take_info(&mut self, block: &mut impl Read, head: &Head) -> io::Result<()> {
        if self.index.infos.len() >= limits::WARC_INFOS || head.format == Format::Arc {
            return Ok(());
        }
        let mut text = Vec::new();
        block.take(limits::RECORD_HEAD as u64).read_to_end(&mut text)?;
        let mut fields = Vec::new();
        String::from_utf8_lossy(&text).lines().for_each(|line| head::push_field(&mut fields, line));
        let get = |name: &str| {
            let found = fields.iter().find(|(known, value)| known.eq_ignore_ascii_case(name) && !value.is_empty());
            found.map(|(_, value)| value.chars().take(500).collect())
        };
        let number = u32::try_from(self.index.infos.len()).ok();
        self.index.infos.push(Info { software: get("software"), operator: get("operator") });
        self.info = number;
        if let Some((number, id)) = number.zip(head.get("WARC-Record-ID")) {
            let id = self.key(id);
            self.infos_by_id.insert(id, number);
        }
        Ok(())
    }

    pub(super) fn fail(&mut self, name: Option<&str>, at: u64, fault: WarcFault) {
        if self.index.failures.len() >= limits::WARC_FAULTS {
            self.index.more_failures += 1;
            return;
        }
        self.index.failures.push(Failure::at(self.input, Place::record(name, at), fault));
    }

    /// The entries in the order of their dates, each revisit with what it refers to.
    pub(super) fn finish(mut self) -> Index {
        let mut index = std::mem::take(&mut self.index);
        if index.more_failures > 0 {
            index.failures.push(Failure::new(self.input, WarcFault::More(index.more_failures)));
        }
        if index.entries.iter().any(|entry| entry.is_revisit) {
            index.resolve();
            self.drop_unresolved(&mut index);
        }
        index.entries.sort_by_key(|entry| (entry.order, entry.source, entry.offset));
        index
    }
}

impl Scanner<'_> {
    /// A revisit of what isn't here is no article. One that doesn't say that it is of a page may be of an image.
    fn drop_unresolved(&self, index: &mut Index) {
        let (failures, skipped) = (&mut index.failures, &mut index.skipped);
        index.entries.retain(|entry| {
            let is_good = !entry.is_revisit || entry.original.is_some();
            if !is_good && entry.is_page {
                let place = Place::record(self.name(entry.source), entry.offset);
                failures.push(Failure::at(self.input, place, WarcFault::Original));
            } else if !is_good {
                skipped.add(SkipReason::Revisit);
            }
            is_good
        });
    }

    /// What a source is called within the input.
    fn name(&self, source: u32) -> Option<&str> {
        self.names.get(source as usize)?.as_deref()
    }
}

/// The format that a source begins with.
pub(super) fn format_of(bytes: &Bytes) -> Result<Format, WarcFault> {
    let mut start = Vec::new();
    let read = bytes.record(0).take(limits::SNIFF as u64).read_to_end(&mut start);
    if let Err(error) = read
        && !is_corrupt(&error)
    {
        return Err(error.into());
    }
    of_start(&start).ok_or(WarcFault::Format)
}

/// The format of an uncompressed web archive that begins so.
pub(super) fn of_start(start: &[u8]) -> Option<Format> {
    let start = start.trim_ascii_start();
    if start.starts_with(b"WARC/") {
        Some(Format::Warc)
    } else if start.starts_with(b"filedesc://") {
        Some(Format::Arc)
    } else {
        None
    }
}

fn skip_blank(input: &mut (impl BufRead + ?Sized)) -> io::Result<()> {
    loop {
        let part = input.fill_buf()?;
        let blank = part.iter().take_while(|c| matches!(c, b'\r' | b'\n')).count();
        let done = part.is_empty() || blank < part.len();
        input.consume(blank);
        if done {
            return Ok(());
        }
    }
}

/// The first bytes of what is left of a block.
fn start_of(block: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let part = block.fill_buf()?;
    Ok(part.get(..part.len().min(512)).unwrap_or_default().to_vec())
}

/// Whether an answer is a page by its type; by its first bytes, where it has none.
fn is_page(media_type: Option<&str>, start: &[u8], is_revisit: bool) -> bool {
    match media_type {
        Some(text) => is_type(text, "text/html") || is_type(text, "application/xhtml+xml"),
        None if is_revisit => true,
        None => {
            let start = start.trim_ascii_start().to_ascii_lowercase();
            start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
        }
    }
}

/// A page's URL without its fragment.
pub(super) fn page_of(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}
