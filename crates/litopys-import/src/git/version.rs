//! One version of an article, to a draft.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix_hash::ObjectId;
use gix_object::Kind as ObjectKind;
use gix_object::tree::EntryKind;
use litopys::limits::{MAP_ENTRIES, SMALL_FILE};
use litopys::manifest::{Captured, REVISION};
use litopys::{Content, Metadata};

use super::GitFault;
use super::articles::Version;
use super::objects::{Blob, Objects};
use super::tree::{self, kind_of};
use crate::attachments::Near;
use crate::contained::{Found, Refusal, relative};
use crate::document::{self, Document, Source};
use crate::{Kind, Warning, kind, limits, load, media_type};

/// Reads a version: its file's bytes, and the files that it links, as they were.
pub(super) fn read(objects: &Arc<Objects>, version: &Version) -> Result<Document, GitFault> {
    let bytes = objects.read(&version.blob, ObjectKind::Blob)?;
    let path = tree::text(&version.path);
    let name = path.rsplit('/').next().unwrap_or_default();
    let kind = kind_of(&version.path).unwrap_or(Kind::Text);
    let is_text = std::str::from_utf8(&bytes).is_ok() || kind::is_text(&bytes);
    let mut document = if !is_text || bytes.len() as u64 > limits::TEXT {
        let (warning, media_type) = match kind {
            _ if !is_text => (Warning::NotText, media_type::by_magic(&bytes).unwrap_or(media_type::UNKNOWN)),
            Kind::Markdown => (Warning::TooLarge, "text/markdown"),
            _ => (Warning::TooLarge, "text/plain"),
        };
        document::data(name, media_type, bytes.into(), vec![warning])
    } else {
        let folder = version.path.iter().rposition(|c| *c == b'/').and_then(|end| version.path.get(..end));
        let near = InTree { objects, tree: version.tree, folder: folder.unwrap_or_default() };
        document::read(Source { name, folder: Some(&near), bytes, kind })
    };
    load::published_by_name(Path::new(&path), &mut document.draft);
    // Its files are in a tree, not in a folder.
    document.attachments.linked.clear();
    facts(version, &path, &mut document.draft.metadata, &mut document.warnings);
    Ok(document)
}

/// What the commit says: two clocks, two names, the message; and what became of the file.
fn facts(version: &Version, path: &str, metadata: &mut Metadata, warnings: &mut Vec<Warning>) {
    let commit = &version.commit;
    let id = commit.id.to_string();
    let facts = [
        (REVISION, Some(id.clone())),
        ("git.path", Some(path.to_owned())),
        ("git.author", commit.author.clone()),
        ("git.author_date", commit.author_date.clone()),
        ("git.committer", commit.committer.clone()),
        ("git.commit_date", commit.commit_date.clone()),
        ("git.message", Some(commit.message.clone()).filter(|message| !message.is_empty())),
        ("git.renamed_from", version.renamed.as_deref().map(tree::text)),
        ("git.removed", version.removed.then(|| id.clone())),
    ];
    for (key, value) in facts {
        let Some(value) = value else { continue };
        if !metadata.extra.contains_key(key) && metadata.extra.len() == MAP_ENTRIES {
            // The commit's facts come before the last keys of front matter that has hundreds.
            if let Some((key, _)) = metadata.extra.pop_last() {
                warnings.push(Warning::Key { key });
            }
        }
        metadata.extra.insert(key.to_owned(), cut(value));
    }
    if version.removed && metadata.note.is_none() {
        metadata.note = Some(format!("removed from the repository by commit {id}"));
        metadata.provenance.insert("note".to_owned(), "the commit".to_owned());
    }
    metadata.captured.get_or_insert_with(Captured::default).via = Some("git".to_owned());
}

fn cut(mut value: String) -> String {
    if value.len() > limits::EXTRA_VALUE {
        let mut end = limits::EXTRA_VALUE;
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        value.truncate(end);
    }
    value
}

/// The files beside a document, in the tree of its commit.
struct InTree<'a> {
    objects: &'a Arc<Objects>,
    tree: ObjectId,
    folder: &'a [u8],
}

impl InTree<'_> {
    fn blob(&self, path: &str) -> Result<ObjectId, Refusal> {
        let full = if self.folder.is_empty() { path.into() } else { [self.folder, b"/", path.as_bytes()].concat() };
        match tree::find(self.objects, self.tree, &full) {
            Ok(Some((EntryKind::Blob | EntryKind::BlobExecutable, id))) => Ok(id),
            Ok(Some(_)) => Err(Refusal::Special),
            Ok(None) => Err(Refusal::Missing),
            Err(_) => Err(Refusal::Unreadable),
        }
    }
}

impl Near for InTree<'_> {
    fn find(&self, path: &str) -> Result<Found, Refusal> {
        let relative = relative(path)?;
        let id = self.blob(&relative)?;
        let size = self.objects.size(&id).map_err(|_| Refusal::Unreadable)?;
        Ok(Found { path: PathBuf::from(&relative), relative, size })
    }

    fn content(&self, file: &Found, held: bool) -> Result<Content, Refusal> {
        let blob = Blob { objects: Arc::clone(self.objects), id: self.blob(&file.relative)? };
        if !held && file.size > SMALL_FILE {
            return Ok(Content::Source(Arc::new(blob)));
        }
        let bytes = self.objects.read(&blob.id, ObjectKind::Blob).map_err(|_| Refusal::Unreadable)?;
        Ok(Content::from(bytes))
    }
}
