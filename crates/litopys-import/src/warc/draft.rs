//! A record to a draft.

use std::io::{BufRead, Read};
use std::sync::Arc;

use litopys::manifest::Captured;
use litopys::{Content, Draft, DraftFile, Role};

use super::digest::Claim;
use super::head::{self, Format, Head, Type};
use super::http::{self, Body, HttpHead};
use super::index::Entry;
use super::source::Excerpt;
use super::{Digested, Flaw, Origin, Warc, WarcFault, Whole};
use crate::load::{Loaded, SubjectFrom};
use crate::page::{self, Page, PageSource};
use crate::{ImportError, Options, Place, Warning, limits, names, web};

/// The path of the record in an article.
const CAPTURE: &str = "capture.warc";
/// The same of ARC.
const ARC_CAPTURE: &str = "capture.arc";

/// A record in memory.
struct Record {
    origin: Origin,
    head: Head,
    /// All its bytes.
    raw: Vec<u8>,
    http: Option<HttpHead>,
}

impl Record {
    fn read(warc: &Warc, origin: Origin, may_be_cut: bool) -> Result<Self, WarcFault> {
        let part = warc.part(origin.source).ok_or(WarcFault::Changed)?;
        let format = super::scan::format_of(&part.bytes)?;
        let mut input = part.bytes.record(origin.offset);
        let head = Head::read(&mut input, format).map_err(|_| WarcFault::Changed)?;
        if head.length > limits::TEXT {
            return Err(WarcFault::TooLarge);
        }
        let mut raw = head.raw.clone();
        let start = raw.len() as u64;
        input.by_ref().take(head.length).read_to_end(&mut raw)?;
        if raw.len() as u64 != start + head.length && !may_be_cut {
            return Err(WarcFault::Changed);
        }
        // What ends it belongs to it.
        let end = head.end();
        if input.fill_buf().is_ok_and(|rest| rest.starts_with(end)) {
            raw.extend_from_slice(end);
        }
        let mut record = Self { origin, head, raw, http: None };
        if record.head.is_http() {
            record.http = HttpHead::read(&mut record.block())?;
        }
        Ok(record)
    }

    fn block(&self) -> &[u8] {
        let start = self.head.raw.len();
        let end = usize::try_from(self.head.length).map_or(usize::MAX, |length| start.saturating_add(length));
        self.raw.get(start..end.min(self.raw.len())).unwrap_or_default()
    }

    /// The payload as it was received.
    fn payload(&self) -> &[u8] {
        self.block().get(self.http.as_ref().map_or(0, |http| http.size)..).unwrap_or_default()
    }

    /// What is odd about it, but for its bytes.
    fn flaws(&self, entry: &Entry) -> Vec<Flaw> {
        let status = self.http.as_ref().map(|http| http.status);
        let known = [
            entry.is_doubtful.then_some(Flaw::Doubtful),
            entry.is_cut.then_some(Flaw::Cut),
            self.head.get("WARC-Truncated").map(|why| Flaw::Truncated(why.chars().take(64).collect())),
            self.head.get("WARC-Segment-Number").map(|_| Flaw::Segment),
            status.filter(|status| !matches!(status, 200 | 304)).map(Flaw::Status),
        ];
        known.into_iter().flatten().collect()
    }

    fn content_type(&self) -> Option<&str> {
        match &self.http {
            Some(http) => http.get("Content-Type"),
            None => self.head.get("Content-Type"),
        }
    }
}

/// The draft of an entry.
pub(super) fn read(warc: &Warc, entry: &Entry, options: &Options) -> Result<Loaded, ImportError> {
    let record = Record::read(warc, Origin { source: entry.source, offset: entry.offset }, entry.is_cut)?;
    let original = entry.original.map(|origin| Record::read(warc, origin, false)).transpose()?;
    // A revisit's own headers count, unless it was told that nothing has changed.
    let holder = original.as_ref().unwrap_or(&record);
    let answer = if record.http.as_ref().is_some_and(|http| http.status != 304) { &record } else { holder };
    let is_cut = entry.is_cut || holder.head.get("WARC-Truncated").is_some();
    let body = match &holder.http {
        Some(http) => http::body(http, holder.payload(), is_cut)?,
        None => Body { bytes: holder.payload().into(), unchunked: None, flaws: Vec::new() },
    };
    let uri = record.head.uri().unwrap_or_default().to_owned();
    let page = page::read(&PageSource {
        bytes: &body.bytes,
        content_type: answer.content_type(),
        url: Some(&uri),
        status: answer.http.as_ref().map(|http| http.status),
    });
    if let Some(reason) = page.not_an_article.filter(|_| !options.force) {
        return Err(ImportError::NotAnArticle(reason));
    }

    let part = warc.part(entry.source);
    let mut flaws = record.flaws(entry);
    flaws.extend(part.iter().flat_map(|part| part.flaws.iter().cloned()));
    let mut said = Said { flaws, body, draft: Draft { volatile: true, ..Draft::default() } };
    said.flaws.append(&mut said.body.flaws);
    let mut warnings = said.take_page(&page);
    let checked = said.check(&record, original.as_ref());
    said.captured(warc, entry, &record);
    said.provenance("capture", described(&record, original.as_ref(), &checked));
    if let Some(package) = &warc.package {
        said.provenance("capture.wacz", package.clone());
    }
    if let Some(fetched) = &warc.fetched {
        said.fetched(fetched);
    }
    let held = said.keep(warc, &[Some(&record), original.as_ref()]) + page.text.len() as u64;
    let by_url = web::subject_of_url(&uri);
    if by_url.is_none() {
        said.flaws.push(Flaw::Target(uri.chars().take(200).collect()));
    }
    let target = by_url.unwrap_or(uri);
    let (subject, from) = page.canonical.unwrap_or((target, "URL of the capture".to_owned()));
    if subject.is_empty() {
        return Err(ImportError::NoSubject);
    }
    said.draft.subject = subject;
    said.provenance("subject", from);
    options.overrides.apply(&mut said.draft);
    warnings.extend(said.flaws.into_iter().map(Warning::Record));
    let given = options.overrides.subject.is_some();
    Ok(Loaded {
        input: warc.input.clone(),
        place: warc.fetched.is_none().then(|| Place::record(part.and_then(|part| part.name.as_deref()), entry.offset)),
        draft: said.draft,
        subject_from: if given { SubjectFrom::Given } else { SubjectFrom::Url },
        warnings,
        linked: Vec::new(),
        held,
    })
}

/// What is put together of a record.
struct Said<'a> {
    flaws: Vec<Flaw>,
    body: Body<'a>,
    draft: Draft,
}

impl Said<'_> {
    fn provenance(&mut self, field: &str, from: String) {
        self.draft.metadata.provenance.insert(field.to_owned(), from);
    }

    /// Takes over what the page says, and its text.
    fn take_page(&mut self, page: &Page) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if page.damaged {
            warnings.push(Warning::Encoding { name: page.encoding, damaged: true });
        }
        self.draft.metadata = page.metadata.clone();
        if !page.text.is_empty() {
            self.draft.files.push(DraftFile {
                path: names::TEXT.to_owned(),
                role: Role::Text,
                media_type: "text/markdown".to_owned(),
                original_name: None,
                content: Content::from(page.text.clone().into_bytes()),
            });
        }
        warnings
    }

    /// Compares the digests that the record carries with its bytes, and says what came of it.
    fn check(&mut self, record: &Record, original: Option<&Record>) -> Vec<String> {
        let holder = original.unwrap_or(record);
        let payloads = [Some(holder.payload()), self.body.unchunked.as_deref(), Some(&self.body.bytes[..])];
        let checks = [
            ("WARC-Block-Digest", Digested::Block, vec![record.block()]),
            ("WARC-Payload-Digest", Digested::Payload, payloads.into_iter().flatten().collect()),
        ];
        let mut checked = Vec::new();
        for (field, of, contents) in checks {
            let Some(text) = record.head.get(field) else { continue };
            let Some(claim) = Claim::parse(text) else {
                self.flaws.push(Flaw::UnknownDigest(of));
                checked.push(format!("{of} digest not checked"));
                continue;
            };
            let algorithm = claim.algorithm.name();
            // Tools differ in what they take for the payload: with or without chunks, with or without compression.
            if contents.into_iter().any(|content| claim.is_of(content)) {
                checked.push(format!("{of} digest ({algorithm}) agrees"));
            } else {
                self.flaws.push(Flaw::Digest(of));
                checked.push(format!("{of} digest ({algorithm}) DOES NOT AGREE"));
            }
        }
        checked
    }

    /// When, from where and with what it was captured.
    fn captured(&mut self, warc: &Warc, entry: &Entry, record: &Record) {
        let head = &record.head;
        let mut captured = Captured::default();
        let said = head.get("WARC-Date").unwrap_or_default();
        captured.at = head::date(said).0;
        let field = head.name_of("WARC-Date", "Archive-date");
        if captured.at.is_some() {
            self.provenance("captured.at", format!("{field}: {said}"));
        } else {
            self.flaws.push(Flaw::Date(said.chars().take(64).collect()));
        }
        captured.url = head.uri().map(ToOwned::to_owned);
        self.provenance("captured.url", head.name_of("WARC-Target-URI", "URL").to_owned());
        let info = entry.info.and_then(|info| warc.infos.get(info as usize));
        captured.tool = info.and_then(|info| info.software.clone());
        if captured.tool.is_some() {
            self.provenance("captured.tool", "warcinfo record, software".to_owned());
        }
        let file = names::file_name(&warc.input);
        let part = warc.part(entry.source).and_then(|part| part.name.as_deref());
        let operator = info.and_then(|info| info.operator.as_deref());
        let mut via = format!("web archive {}", if file.is_empty() { "-" } else { &file });
        let mut from = "name of the input".to_owned();
        if let Some(part) = part {
            via = format!("{via}, {part}");
        }
        if let Some(operator) = operator {
            via = format!("{via}, by {operator}");
            from.push_str("; warcinfo record, operator");
        }
        captured.via = Some(via);
        self.provenance("captured.via", from);
        self.draft.metadata.captured = Some(captured);
    }

    /// What is known of a page that was fetched here.
    fn fetched(&mut self, fetched: &Whole) {
        self.draft.metadata.provenance.remove("captured.via");
        if let Some(captured) = &mut self.draft.metadata.captured {
            captured.via.clone_from(&fetched.via);
        }
        if fetched.via.is_some() {
            self.provenance("captured.via", "the proxy that was asked for".to_owned());
        }
        if fetched.hops.len() > 1 {
            self.provenance("capture.redirects", fetched.hops.join(" -> "));
        }
    }

    /// Keeps the record, and with a revisit the one that it refers to. How many bytes are held for it.
    fn keep(&mut self, warc: &Warc, records: &[Option<&Record>]) -> u64 {
        let records = records.iter().flatten();
        let is_arc = records.clone().any(|record| record.head.format == Format::Arc);
        let (path, media_type) =
            if is_arc { (ARC_CAPTURE, "application/x-internet-archive") } else { (CAPTURE, "application/warc") };
        if let Some(fetched) = &warc.fetched {
            let (path, media_type, content) =
                (path.into(), media_type.into(), Content::Bytes(Arc::clone(&fetched.bytes)));
            let capture = DraftFile { path, role: Role::Capture, media_type, original_name: None, content };
            self.draft.files.insert(0, capture);
            return fetched.bytes.len() as u64;
        }
        let size: usize = records.clone().map(|record| record.raw.len()).sum();
        let content = if size <= limits::RECORD_HELD {
            Content::from(records.map(|record| record.raw.as_slice()).collect::<Vec<_>>().concat())
        } else {
            let parts = records.filter_map(|record| {
                let part = warc.part(record.origin.source)?;
                Some((part.bytes.clone(), record.origin.offset, record.raw.len() as u64))
            });
            Content::Source(Arc::new(Excerpt(parts.collect())))
        };
        let held = if let Content::Bytes(bytes) = &content { bytes.len() as u64 } else { 0 };
        let (path, media_type) = (path.to_owned(), media_type.to_owned());
        self.draft.files.insert(0, DraftFile { path, role: Role::Capture, media_type, original_name: None, content });
        held
    }
}

/// Which record it was, in one line.
fn described(record: &Record, original: Option<&Record>, checked: &[String]) -> String {
    let head = &record.head;
    let kind = match (head.format, head.kind) {
        (Format::Arc, _) => "ARC",
        (_, Type::Resource) => "resource",
        (_, Type::Revisit) => "revisit",
        _ => "response",
    };
    let mut parts = vec![match head.get("WARC-Record-ID") {
        Some(id) => format!("{kind} record {}", head::unbracketed(id)),
        None => format!("{kind} record"),
    }];
    if let Some(original) = original {
        let id = original.head.get("WARC-Record-ID").map_or("another record", head::unbracketed);
        let at = original.head.get("WARC-Date").unwrap_or("an unknown time");
        parts.push(format!("of the same payload as {id} captured at {at}"));
    }
    parts.extend(record.http.as_ref().map(|http| format!("status {}", http.status)));
    parts.extend(head.get("WARC-IP-Address").map(|address| format!("from {address}")));
    parts.extend_from_slice(checked);
    parts.join("; ")
}
