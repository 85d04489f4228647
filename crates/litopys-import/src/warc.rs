//! Web archives: WARC (ISO 28500), gzipped record by record or as a whole or not at all, and ARC before it.
//!
//! The reader is the project's own. Of the crates, `warc` and `rust-warc` hold whole records in memory, take no record
//! with a fault in its head, and know nothing of offsets, gzip members one by one, or ARC; and what is kept here is the
//! exact bytes of a record.
//!
//! It reads twice. The first pass notes where the records of pages are and when they were captured; then they are read
//! in the order of those dates, each on its own.

mod digest;
mod draft;
mod head;
mod http;
mod index;
mod scan;
mod source;
mod wacz;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::drafts::Outcome;
use crate::fetch::{FetchFault, Fetched};
use crate::many::{Many, Source};
use crate::parallel::map_start;
use crate::{Failure, Options, Place, Skipped, limits};

use index::Entry;
use scan::Scanner;
use source::Bytes;
pub(crate) use wacz::{is_wacz, open as open_wacz};

/// Whether the start of a file is that of a web archive, gzipped or not.
pub(crate) fn is_warc(start: &[u8]) -> bool {
    if !start.starts_with(&[0x1f, 0x8b]) {
        return scan::of_start(start).is_some();
    }
    let mut unpacked = Vec::new();
    // The start is cut somewhere: what can be read of it is enough.
    let _ = flate2::bufread::GzDecoder::new(start).take(64).read_to_end(&mut unpacked);
    scan::of_start(&unpacked).is_some()
}

/// Why a web archive, or a record in one, gives no draft.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WarcFault {
    /// It can't be read.
    #[error("can't be read")]
    Io(#[from] io::Error),
    /// It doesn't begin as a web archive.
    #[error("is no web archive: it begins neither as WARC nor as ARC")]
    Format,
    /// More pages than [`WARC_PAGES`](crate::limits::WARC_PAGES).
    #[error("has more than {} pages", crate::limits::WARC_PAGES)]
    TooMany,
    /// Its records are no gzip members of their own, and unpacked it has more than
    /// [`UNPACKED`](crate::limits::UNPACKED).
    #[error("is not gzipped record by record, and unpacks to more than {} GiB", crate::limits::UNPACKED >> 30)]
    Unpacked,
    /// A gzip member that is damaged or cut short; what could be read after it was.
    #[error("a gzip member that is damaged or cut short")]
    Gzip,
    /// A record that ends before its length.
    #[error("a record that is cut short")]
    Cut,
    /// A record's head that can't be read: endless, or without one length.
    #[error("a record's head that can't be read")]
    Head,
    /// Bytes between records.
    #[error("{0} bytes that belong to no record")]
    Junk(u64),
    /// A page that refers to another record for its content.
    #[error("says that a page hadn't changed, and the record with that page isn't in this archive")]
    Original,
    /// A record beyond [`TEXT`](crate::limits::TEXT), packed or unpacked.
    #[error("a page of more than {} MiB", crate::limits::TEXT >> 20)]
    TooLarge,
    /// A body that is coded in a way that can't be undone.
    #[error("a body in the content coding {0:?}, which can't be read")]
    Coding(String),
    /// Not the record that was there when the archive was first read.
    #[error("changed while it was read")]
    Changed,
    /// The structure of a ZIP file.
    #[error("is no ZIP file that can be read: {0}")]
    Zip(String),
    /// Two members of a ZIP file with one name.
    #[error("is a ZIP file with two members called {0:?}")]
    ZipTwice(String),
    /// More members than [`ZIP_MEMBERS`](crate::limits::ZIP_MEMBERS).
    #[error("is a ZIP file with more than {} members", crate::limits::ZIP_MEMBERS)]
    ZipMembers,
    /// A member of a ZIP file that is too large for what it is.
    #[error("is a ZIP file whose member {0:?} is too large")]
    ZipLarge(String),
    /// A ZIP file without web archives.
    #[error("is no WACZ: it has no WARC file below archive/")]
    NoArchives,
    /// A file of a WACZ that is not the JSON that it should be.
    #[error("is a WACZ whose {0} can't be read")]
    Json(&'static str),
    /// Faults beyond [`WARC_FAULTS`](crate::limits::WARC_FAULTS).
    #[error("has {0} more faults")]
    More(u64),
}

/// What a digest in a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Digested {
    /// The record's block.
    Block,
    /// The body of the answer.
    Payload,
}

/// Something about a record that gave a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// A digest that isn't that of the bytes.
    Digest(Digested),
    /// A digest by an algorithm that isn't known.
    UnknownDigest(Digested),
    /// No date, or one that is no time in UTC to the second.
    Date(String),
    /// A target that is no URL of the web. Nothing is ever read from it.
    Target(String),
    /// It stands in damaged data, or after bytes that belong to no record.
    Doubtful,
    /// It ends before its length.
    Cut,
    /// The crawler cut it, and says why.
    Truncated(String),
    /// The first part of a record that goes on elsewhere.
    Segment,
    /// Its HTTP length isn't that of its body.
    Length {
        /// What the header says.
        said: u64,
        /// What there is.
        found: u64,
    },
    /// Its chunks end before the last, or make no sense.
    Chunks,
    /// It says that it is chunked, and isn't.
    NotChunked,
    /// Its body ends before its content coding does, or is damaged.
    Damaged(String),
    /// It says that its body has this content coding, and it hasn't.
    NotCoded(String),
    /// Its status, where that isn't 200.
    Status(u16),
    /// Its WACZ lists another hash for the WARC file that it is in.
    PackageHash,
    /// Its WACZ lists no hash for the WARC file that it is in.
    Unlisted,
    /// The list of hashes in its WACZ isn't the one whose digest stands beside it.
    PackageDigest,
    /// The signature of its WACZ doesn't verify, or is by a sort of key that isn't known.
    PackageSignature,
}

impl fmt::Display for Digested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Block => "block",
            Self::Payload => "payload",
        })
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest(of) => write!(f, "the {of} digest in its record is not that of its bytes"),
            Self::UnknownDigest(of) => {
                write!(f, "the {of} digest in its record is of an unknown sort, and wasn't checked")
            }
            Self::Date(said) if said.is_empty() => f.write_str("its record has no date"),
            Self::Date(said) => write!(f, "its record's date is no time in UTC to the second: {said:?}"),
            Self::Target(uri) => write!(f, "captured from what is no URL of the web: {uri:?}"),
            Self::Doubtful => f.write_str("its record stands in or after damaged data, and may not be what it seems"),
            Self::Cut => f.write_str("its record is cut short"),
            Self::Truncated(why) => write!(f, "cut by the crawler: {why:?}"),
            Self::Segment => f.write_str("only the first part of it: segmented records aren't put together"),
            Self::Length { said, found } => write!(f, "its HTTP header says {said} bytes, and there are {found}"),
            Self::Chunks => f.write_str("its chunks are damaged or cut short"),
            Self::NotChunked => f.write_str("its HTTP header says chunked, and it isn't"),
            Self::Damaged(coding) => write!(f, "its body is damaged or cut short ({coding})"),
            Self::NotCoded(coding) => write!(f, "its HTTP header says {coding}, and it isn't"),
            Self::Status(status) => write!(f, "answered with status {status}"),
            Self::PackageHash => f.write_str("its WACZ lists another hash for the WARC file that it is in"),
            Self::Unlisted => f.write_str("its WACZ lists no hash for the WARC file that it is in"),
            Self::PackageDigest => f.write_str("the list of hashes in its WACZ is not the one that was digested"),
            Self::PackageSignature => f.write_str("the signature of its WACZ does not verify"),
        }
    }
}

/// What a warcinfo record says.
#[derive(Debug, Default)]
pub(crate) struct Info {
    software: Option<String>,
    operator: Option<String>,
}

/// Where a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    source: u32,
    offset: u64,
}

/// A web archive, read in the order of its captures.
pub(crate) struct Warc {
    input: PathBuf,
    sources: Vec<Part>,
    infos: Vec<Info>,
    skipped: Skipped,
    failures: Vec<Failure>,
    entries: Vec<Entry>,
    next: usize,
    /// What was found out about the WACZ that it is in.
    package: Option<String>,
    /// What it was made of, if it is what was fetched for a URL.
    fetched: Option<Whole>,
}

/// What was fetched: all of it is the capture.
struct Whole {
    bytes: Arc<[u8]>,
    hops: Vec<String>,
    via: Option<String>,
}

/// A file of records.
struct Part {
    /// What it is called within the input.
    name: Option<String>,
    bytes: Bytes,
    /// What is wrong with all of it.
    flaws: Vec<Flaw>,
}

impl Warc {
    pub(crate) fn open(input: &Path, source: Source, options: &Options) -> Result<Self, Failure> {
        let bytes = match source {
            Source::Path(path) => File::open(path).and_then(|file| Bytes::new(Arc::new(file))),
            Source::Reader(reader) => Bytes::spooled(reader),
        };
        let failed = |fault: WarcFault| Failure::new(input, fault);
        let bytes = bytes.map_err(|error| failed(error.into()))?;
        let mut scanner = Scanner::new(input, options.force);
        let bytes = scanner.scan(None, bytes).map_err(failed)?;
        Ok(Self::new(scanner, vec![Part { name: None, bytes, flaws: Vec::new() }]))
    }

    /// What was fetched for a URL, as one page.
    pub(crate) fn fetched(url: &Path, fetched: Fetched, options: &Options) -> Result<Self, Failure> {
        let failed = |fault: FetchFault| Failure::new(url, fault);
        match fetched.status {
            200 => {}
            404 | 410 | 451 => return Err(failed(FetchFault::Gone(fetched.status))),
            other if !options.force => return Err(failed(FetchFault::Status(other))),
            _ => {}
        }
        let Fetched { warc, hops, via, .. } = fetched;
        let whole: Arc<[u8]> = warc.into();
        let bytes = Bytes::new(Arc::new(whole.to_vec())).map_err(|error| Failure::new(url, error))?;
        let mut scanner = Scanner::new(url, options.force);
        scanner.only = hops.last().map(|last| scanner.key(last));
        let bytes = scanner.scan(None, bytes).map_err(|fault| Failure::new(url, fault))?;
        let mut all = Self::new(scanner, vec![Part { name: None, bytes, flaws: Vec::new() }]);
        if all.entries.is_empty() {
            return Err(all.failures.pop().unwrap_or_else(|| failed(FetchFault::NoPage)));
        }
        all.skipped = Skipped::default();
        all.fetched = Some(Whole { bytes: whole, hops, via });
        Ok(all)
    }

    fn new(scanner: Scanner<'_>, sources: Vec<Part>) -> Self {
        let input = scanner.input.to_owned();
        let index = scanner.finish();
        let (infos, skipped, failures) = (index.infos, index.skipped, index.failures);
        Self { input, sources, infos, skipped, failures, entries: index.entries, next: 0, package: None, fetched: None }
    }
}

impl Many for Warc {
    fn chunk(&mut self, options: &Options, threads: NonZero<usize>) -> Vec<Outcome> {
        if !self.failures.is_empty() {
            return std::mem::take(&mut self.failures).into_iter().map(Err).collect();
        }
        let left = self.entries.get(self.next..).unwrap_or_default();
        let next = left.get(..left.len().min(limits::CHUNK)).unwrap_or_default();
        let this = &*self;
        let done = map_start(next, threads, limits::CHUNK_BYTES, |entry| {
            let outcome = draft::read(this, entry, options).map_err(|fault| {
                let name = this.part(entry.source).and_then(|part| part.name.as_deref());
                Failure::at(&this.input, Place::record(name, entry.offset), fault)
            });
            let held = outcome.as_ref().map_or(0, |loaded| loaded.held);
            (outcome, held)
        });
        self.next += done.len();
        done
    }

    fn skipped(&self) -> Skipped {
        self.skipped.clone()
    }
}

impl Warc {
    fn packed(mut self, package: String) -> Self {
        self.package = Some(package);
        self
    }

    fn part(&self, source: u32) -> Option<&Part> {
        self.sources.get(source as usize)
    }
}

#[cfg(test)]
mod tests;
