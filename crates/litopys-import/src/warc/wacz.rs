//! WACZ: web archives in a ZIP file, with hashes of them and a list of pages (Web Archive Collection Zipped 1.1.1).
//!
//! Its hashes are recomputed, and what was signed is recomputed, too: what the signature's own block says of it is never
//! taken for it.

mod package;
mod signature;
mod zip;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use litopys::store::zip::ReadAt;

use self::package::Package;
use self::zip::Members;
use super::scan::{Scanner, page_of};
use super::source::Bytes;
use super::{Flaw, Part, Warc, WarcFault};
use crate::many::Source;
use crate::{Failure, Options, limits};

/// Whether a ZIP file that begins so seems to be a WACZ: its first members are among its own.
pub(crate) fn is_wacz(start: &[u8]) -> bool {
    const NAMES: [&[u8]; 5] = [b"archive/", b"indexes/", b"pages/", b"datapackage.json", b"fuzzy.json"];
    let name = |at: usize| {
        start.get(at..).and_then(|rest| rest.strip_prefix(b"PK\x03\x04")).and_then(|header| header.get(26..))
    };
    name(0).is_some_and(|name| NAMES.iter().any(|known| name.starts_with(known)))
        && [&b"archive/"[..], b"datapackage"].iter().any(|known| memchr::memmem::find(start, known).is_some())
}

/// Opens a WACZ: all its WARC files as one web archive.
pub(crate) fn open(input: &Path, source: Source, options: &Options) -> Result<Warc, Failure> {
    let failed = |fault: WarcFault| Failure::new(input, fault);
    let from: io::Result<Arc<dyn ReadAt>> = match source {
        Source::Path(path) => File::open(path).map(|file| Arc::new(file) as _),
        Source::Reader(mut reader) => tempfile::tempfile().and_then(|mut file| {
            io::copy(&mut reader, &mut file)?;
            Ok(Arc::new(file) as _)
        }),
    };
    let from = from.map_err(|error| failed(error.into()))?;
    let members = Members::read(from).map_err(failed)?;
    let archives: Vec<_> = members.names().filter(|name| is_archive(name)).map(ToOwned::to_owned).collect();
    if archives.is_empty() {
        return Err(failed(WarcFault::NoArchives));
    }
    let package = Package::check(&members).map_err(failed)?;
    let mut scanner = Scanner::new(input, options.force);
    scanner.pages = pages(&scanner, &members).map_err(failed)?;
    let mut parts = Vec::new();
    for name in archives {
        let bytes = members.bytes(&name).and_then(|bytes| scanner.scan(Some(&name), bytes));
        match bytes {
            Ok(bytes) => parts.push(Part { flaws: package.flaws_of(&name), name: Some(name), bytes }),
            // Its number is taken; a part without bytes stands for it.
            Err(fault) => {
                scanner.fail(Some(&name), 0, fault);
                let bytes = Bytes::empty();
                parts.push(Part { flaws: Vec::<Flaw>::new(), name: Some(name), bytes });
            }
        }
    }
    Ok(Warc::new(scanner, parts).packed(package.words))
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [".warc", ".warc.gz", ".arc", ".arc.gz"];
    name.starts_with("archive/") && ends.iter().any(|end| name.ends_with(end))
}

/// The pages that the lists name, as the scanner hashes them; `None` where there is no list.
fn pages(scanner: &Scanner<'_>, members: &Members) -> Result<Option<HashSet<u64>>, WarcFault> {
    #[derive(serde::Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        url: Option<std::borrow::Cow<'a, str>>,
    }
    let mut pages = HashSet::new();
    for name in ["pages/pages.jsonl", "pages/extraPages.jsonl"] {
        if !members.has(name) {
            continue;
        }
        let mut lines = BufReader::new(members.open(name)?);
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.by_ref().take(limits::WACZ_LINE).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            // The first line is a header; what is no row names no page.
            let Ok(Row { url: Some(url) }) = serde_json::from_slice(&line) else { continue };
            if pages.len() == limits::WARC_PAGES {
                return Err(WarcFault::TooMany);
            }
            pages.insert(scanner.key(page_of(&url)));
        }
    }
    Ok((!pages.is_empty()).then_some(pages))
}

#[cfg(test)]
mod tests;
