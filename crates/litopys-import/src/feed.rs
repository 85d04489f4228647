//! Feeds: an article for each item of RSS 0.9 to 2.0, RDF, Atom and JSON Feed.

mod fields;
mod item;
mod json;
mod xml;

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::Read;
use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use crate::document::Document;
use crate::drafts::Outcome;
use crate::load::{Loaded, SubjectFrom};
use crate::many::{self, Many};
use crate::parallel::map_start;
use crate::{Failure, ImportError, Options, Place, Warning, charset, limits};

use item::{Common, Item};

/// Why an input gives no items of a feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeedFault {
    /// It is none.
    #[error("is no feed: neither RSS, RDF, Atom nor JSON Feed")]
    NoFeed,
    /// It is one without items.
    #[error("is a feed without items")]
    NoItems,
    /// An item of it is damaged so that nothing is left to keep.
    #[error("an item of which nothing is left to keep")]
    NoBytes,
    /// It is not JSON.
    #[error("is not the JSON of a feed: {0}")]
    Json(String),
    /// It is not XML.
    #[error("is not the XML of a feed: at byte {place}: {message}")]
    Xml {
        /// Where.
        place: usize,
        /// What is wrong.
        message: String,
    },
    /// More than [`FEED`](crate::limits::FEED).
    #[error("is too large for a feed: over {} MiB", crate::limits::FEED >> 20)]
    TooLarge,
}

/// A feed as text, beside its bytes.
#[derive(Debug)]
struct Source<'a> {
    bytes: &'a [u8],
    text: &'a str,
    /// Where text and bytes are not the same: where in the bytes each `<` and `>` is.
    brackets: Option<Brackets>,
    /// The encoding, where an item's bytes can't be had as they are.
    decoded: Option<&'static str>,
}

/// Where each of the bytes `<` and `>` is in a feed, in its text and in its bytes.
#[derive(Debug)]
struct Brackets {
    text: Vec<usize>,
    bytes: Vec<usize>,
}

impl Source<'_> {
    /// The bytes of a part of the text that begins with `<` and ends with `>`.
    fn bytes(&self, range: &Range<usize>) -> Option<Arc<[u8]>> {
        let Some(brackets) = &self.brackets else { return self.text.as_bytes().get(range.clone()).map(Arc::from) };
        let at =
            |place: usize| brackets.text.binary_search(&place).ok().and_then(|nth| brackets.bytes.get(nth)).copied();
        let start = at(range.start)?;
        // An item that is cut off doesn't end in a bracket: what follows is all that there is of it.
        let end = range.end.checked_sub(1).and_then(at).map_or(self.bytes.len(), |end| end + 1);
        self.bytes.get(start..end).map(Arc::from)
    }
}

/// What a feed holds.
#[derive(Debug)]
struct Feed {
    common: Common,
    /// The page that it is a feed of, as a subject.
    site: Option<String>,
    items: Vec<Item>,
}

/// What an item came by: the feed's title, and its own address.
fn via(title: Option<&str>, own: Option<&str>) -> String {
    let parts: Vec<_> = [title, own].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "feed".to_owned() } else { format!("feed: {}", parts.join(", ")) }
}

/// Whether a file begins as a feed does.
pub(crate) fn is_feed(start: &[u8]) -> bool {
    let start = start.get(..limits::SNIFF).unwrap_or(start);
    let text = match Encoding::for_bom(start) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(start.get(length..).unwrap_or_default()).0,
        None => String::from_utf8_lossy(start),
    };
    let text = text.trim_start();
    if text.starts_with('{') {
        return text.contains("jsonfeed.org/version/") || text.contains(r"jsonfeed.org\/version\/");
    }
    let Some(root) = root(text) else { return false };
    let name = root.split([' ', '\t', '\r', '\n', '/', '>']).next().unwrap_or_default();
    let (atom, rss) = (
        text.contains("//www.w3.org/2005/Atom") || text.contains("//purl.org/atom/ns#"),
        text.contains("//purl.org/rss/1.0/") || text.contains("netscape.com/rdf/simple/0.9"),
    );
    match name.rsplit(':').next().unwrap_or(name) {
        "rss" => true,
        "feed" | "entry" => atom,
        "RDF" => rss,
        _ => false,
    }
}

/// What follows the `<` of the first element.
fn root(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start();
        let end = match text {
            _ if text.starts_with("<?") => "?>",
            _ if text.starts_with("<!--") => "-->",
            // A document type may have declarations of its own.
            _ if text.starts_with("<!") && text.find('[') < text.find('>') && text.contains('[') => "]>",
            _ if text.starts_with("<!") => ">",
            _ => return text.strip_prefix('<'),
        };
        text = text.split_once(end)?.1;
    }
}

/// The items of a feed.
pub(crate) struct Stream {
    input: PathBuf,
    common: Common,
    ready: VecDeque<(u64, Item)>,
    enclosures: Option<PathBuf>,
    /// How many items have each URL: one that many have is none of theirs.
    links: HashMap<String, u64>,
    warnings: Vec<Warning>,
}

impl Stream {
    pub(crate) fn open(input: &Path, source: many::Source, options: &Options) -> Result<Self, Failure> {
        let fault = |fault| Failure::new(input, ImportError::Feed(fault));
        let mut bytes = Vec::new();
        let read = match source {
            many::Source::Path(path) => {
                File::open(path).and_then(|file| file.take(limits::FEED + 1).read_to_end(&mut bytes))
            }
            many::Source::Reader(reader) => reader.take(limits::FEED + 1).read_to_end(&mut bytes),
        };
        read.map_err(|error| Failure::new(input, error))?;
        if bytes.len() as u64 > limits::FEED {
            return Err(fault(FeedFault::TooLarge));
        }
        let (feed, warnings) = read_feed(&bytes).map_err(fault)?;
        let mut links: HashMap<_, u64> = HashMap::new();
        // A link to the feed's own site is none of an item's.
        links.extend(feed.site.map(|site| (site, 1)));
        for (_, subject) in feed.items.iter().filter_map(Item::url) {
            *links.entry(subject).or_default() += 1;
        }
        let ready = (1..).zip(feed.items).collect();
        let enclosures = options.base.clone();
        Ok(Self { input: input.to_owned(), common: feed.common, ready, enclosures, links, warnings })
    }

    fn finish(&mut self, number: u64, document: Document, options: &Options) -> Loaded {
        let held = document.held();
        let mut draft = document.draft;
        let shared = |subject: &String| self.links.get(subject).is_some_and(|count| *count > 1);
        let url = document.url.filter(|(subject, _)| document.id.is_none() || !shared(subject));
        let (subject, from, subject_from) = match (url, document.id) {
            (Some((url, from)), _) => (url, from, SubjectFrom::Url),
            (None, Some((id, from))) => (id, from, SubjectFrom::Id),
            (None, None) => {
                (made_up(&self.input, &draft), "the feed's name and the item's title".to_owned(), SubjectFrom::Path)
            }
        };
        draft.subject = subject;
        draft.metadata.provenance.insert("subject".to_owned(), from);
        options.overrides.apply(&mut draft);
        let given = options.overrides.subject.is_some();
        let subject_from = if given { SubjectFrom::Given } else { subject_from };
        // What is wrong with the feed as a whole is told once.
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.extend(document.warnings);
        let linked = document.attachments.linked;
        Loaded {
            input: self.input.clone(),
            place: Some(Place::Item(number)),
            draft,
            subject_from,
            warnings,
            linked,
            held,
        }
    }
}

impl Many for Stream {
    fn chunk(&mut self, options: &Options, threads: NonZero<usize>) -> Vec<Outcome> {
        let (common, enclosures) = (&self.common, self.enclosures.as_deref());
        let documents = map_start(self.ready.make_contiguous(), threads, limits::CHUNK_BYTES, |(_, item)| {
            let document = item::document(item, common, enclosures);
            let held = document.held();
            (document, held)
        });
        let mut done = Vec::with_capacity(documents.len());
        for document in documents {
            let Some((number, _)) = self.ready.pop_front() else { break };
            done.push(if document.draft.files.is_empty() {
                Err(Failure::at(&self.input, Place::Item(number), FeedFault::NoBytes))
            } else {
                Ok(self.finish(number, document, options))
            });
        }
        done
    }
}

/// A name for an item that has neither a link nor an id.
fn made_up(input: &Path, draft: &litopys::Draft) -> String {
    let feed = crate::names::file_name(input);
    if let Some(title) = &draft.metadata.title {
        return format!("{feed}#{title}");
    }
    let mut hasher = Sha256::new();
    for file in &draft.files {
        if let litopys::Content::Bytes(bytes) = &file.content {
            hasher.update(bytes);
        }
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{feed}#{hex}")
}

fn read_feed(bytes: &[u8]) -> Result<(Feed, Vec<Warning>), FeedFault> {
    let (text, encoding, damaged) = decode(bytes);
    let mut warnings = Vec::new();
    if let Some(name) = encoding
        && (damaged || !is_declared(bytes))
    {
        warnings.push(Warning::Encoding { name, damaged });
    }
    let is_json = text.trim_start().starts_with('{');
    let (brackets, decoded) = match encoding {
        Some(name) if !is_json => match brackets(&text, bytes) {
            Some(brackets) => (Some(brackets), None),
            None => (None, Some(name)),
        },
        other => (None, other),
    };
    let source = Source { bytes, text: &text, brackets, decoded };
    let feed = if is_json { json::feed(&source)? } else { xml_feed(&source, &mut warnings)? };
    if feed.items.is_empty() { Err(FeedFault::NoItems) } else { Ok((feed, warnings)) }
}

fn xml_feed(source: &Source<'_>, warnings: &mut Vec<Warning>) -> Result<Feed, FeedFault> {
    let read = xml::read(source.text);
    let known = matches!(read.root.as_str(), "rss" | "RDF" | "feed" | "entry");
    if let Some((place, message)) = read.fault.clone() {
        if read.items.is_empty() {
            return Err(FeedFault::Xml { place, message });
        }
        warnings.push(Warning::FeedXml { place, fault: message });
    }
    if !known && read.items.is_empty() {
        return Err(FeedFault::NoFeed);
    }
    if read.cut {
        warnings.push(Warning::FeedItems);
    }
    Ok(fields::feed(&read, source))
}

/// The text of a feed; and its encoding, where it is not UTF-8.
fn decode(bytes: &[u8]) -> (std::borrow::Cow<'_, str>, Option<&'static str>, bool) {
    let declared = declared(bytes);
    if let (None, Some(encoding), Err(_)) = (Encoding::for_bom(bytes), declared, std::str::from_utf8(bytes)) {
        let (text, damaged) = encoding.decode_without_bom_handling(bytes);
        if !damaged {
            return (text, Some(encoding.name()), false);
        }
    }
    let decoded = charset::decode(bytes);
    match decoded.warning {
        Some(Warning::Encoding { name, damaged }) => (decoded.text, Some(name), damaged),
        _ => (decoded.text, None, false),
    }
}

/// The encoding that the XML declaration names, if it is another than UTF-8.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = bytes.get(..200).unwrap_or(bytes);
    let end = memchr::memmem::find(start, b"?>")?;
    let declaration = String::from_utf8_lossy(start.get(..end)?);
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let label = value.get(1..)?.split(['"', '\'']).next()?;
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| encoding.is_ascii_compatible() && *encoding != encoding_rs::UTF_8)
}

fn is_declared(bytes: &[u8]) -> bool {
    declared(bytes).is_some()
}

/// Where each angle bracket is, if text and bytes have the same ones.
fn brackets(text: &str, bytes: &[u8]) -> Option<Brackets> {
    let of = |bytes: &[u8]| -> Vec<usize> { memchr::memchr2_iter(b'<', b'>', bytes).collect() };
    let found = Brackets { text: of(text.as_bytes()), bytes: of(bytes) };
    let same = found.text.len() == found.bytes.len()
        && found.text.iter().zip(&found.bytes).all(|(a, b)| text.as_bytes().get(*a) == bytes.get(*b));
    let compatible = Encoding::for_bom(bytes).is_none_or(|(encoding, _)| encoding == encoding_rs::UTF_8);
    (same && compatible).then_some(found)
}

#[cfg(test)]
mod tests;
