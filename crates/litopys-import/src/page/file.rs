//! A web page in a file.

use std::sync::Arc;

use litopys::manifest::Captured;
use litopys::{Content, Draft, DraftFile, Role};

use super::{Page, PageSource};
use crate::attachments::{self, Attachments};
use crate::document::{Document, Source};
use crate::names::{self, Paths};
use crate::{Warning, subject_of_url};

pub(crate) fn read(source: &Source<'_>) -> Document {
    let page = super::read(&PageSource { bytes: &source.bytes, ..PageSource::default() });
    let mut paths = Paths::with_text();
    let name = if source.name.is_empty() { "page.html" } else { source.name };
    let mut document = document(page, capture(name, "text/html", &source.bytes, &mut paths));
    let targets = std::mem::take(&mut document.1);
    let mut document = document.0;
    if let Some(folder) = source.folder.filter(|_| !targets.is_empty()) {
        let mut found = attachments::attach(folder, &targets, &mut paths);
        document.draft.files.append(&mut found.files);
        document.warnings.append(&mut found.warnings);
        document.attachments = found;
    }
    document
}

pub(super) fn capture(name: &str, media_type: &str, bytes: &[u8], paths: &mut Paths) -> DraftFile {
    let (path, original_name) = paths.take(name);
    DraftFile {
        path,
        role: Role::Capture,
        media_type: media_type.to_owned(),
        original_name,
        content: Content::Bytes(bytes.into()),
    }
}

/// A page's draft, and the local files that it links.
pub(super) fn document(page: Page, capture: DraftFile) -> (Document, Vec<String>) {
    let mut warnings = Vec::new();
    if page.damaged {
        warnings.push(Warning::Encoding { name: page.encoding, damaged: true });
    }
    if page.cut {
        warnings.push(Warning::PageCut);
    }
    let mut metadata = page.metadata;
    if let Some((url, told)) = &page.saved_from {
        metadata.captured = Some(Captured { url: Some(url.clone()), ..Captured::default() });
        metadata.provenance.insert("captured.url".to_owned(), told.clone());
    }
    let url = page.canonical.or(page.saved_from);
    let text = DraftFile {
        path: names::TEXT.to_owned(),
        role: Role::Text,
        media_type: "text/markdown".to_owned(),
        original_name: None,
        content: Content::Bytes(Arc::from(page.text.as_bytes())),
    };
    let files = if page.text.is_empty() { vec![capture] } else { vec![capture, text] };
    let document = Document {
        draft: Draft { metadata, files, volatile: true, ..Draft::default() },
        url: url.and_then(|(url, told)| Some((subject_of_url(&url)?, told))),
        id: None,
        attachments: Attachments::default(),
        warnings,
        refused: page.not_an_article,
    };
    (document, page.targets)
}
