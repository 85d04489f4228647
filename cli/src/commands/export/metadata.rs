//! `metadata.json`: what a version says, for people and programs that read no CBOR.

use litopys::manifest::{Captured, Change, Derivation, Role, TextMap};
use litopys::view::VersionRef;
use litopys::{ArchiveId, Manifest, PublicKey, StatementId};
use serde::Serialize;

use super::statements;

/// A version. What isn't known is absent.
#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    schema: u8,
    archive: String,
    article: String,
    version: u64,
    change: Change,
    statement: Statement,
    signer: Signer<'a>,
    signed_at: String,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authors: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured: Option<&'a Captured>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    derived_from: Option<DerivedFrom<'a>>,
    #[serde(skip_serializing_if = "TextMap::is_empty")]
    extra: &'a TextMap,
    #[serde(skip_serializing_if = "TextMap::is_empty")]
    provenance: &'a TextMap,
    manifest: Content,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct Statement {
    id: String,
    index: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    exported: String,
}

#[derive(Serialize)]
struct Signer<'a> {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_name: Option<&'a str>,
}

#[derive(Serialize)]
struct DerivedFrom<'a> {
    id: String,
    kind: Derivation,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a str>,
}

#[derive(Serialize)]
struct Content {
    sha256: String,
    size: u64,
    exported: &'static str,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    role: Role,
    #[serde(rename = "type")]
    media_type: &'a str,
    size: u64,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_name: Option<&'a str>,
    exported: &'a str,
}

/// Where a version stands.
pub(super) struct Place<'a> {
    pub(super) archive: ArchiveId,
    pub(super) article: String,
    pub(super) version: &'a VersionRef,
    pub(super) previous: Option<StatementId>,
    pub(super) signer: Option<(&'a PublicKey, &'a str)>,
}

/// The document of a version; `places` are the names of its files in the export.
pub(super) fn of<'a>(place: &Place<'a>, manifest: &'a Manifest, places: &'a [String]) -> Metadata<'a> {
    let m = manifest;
    let files = m.files.iter().zip(places).map(|(file, exported)| File {
        path: &file.path,
        role: file.role,
        media_type: &file.media_type,
        size: file.size,
        sha256: file.sha256.to_hex(),
        original_name: file.original_name.as_deref(),
        exported,
    });
    Metadata {
        schema: 1,
        archive: place.archive.to_hex(),
        article: place.article.clone(),
        version: place.version.version,
        change: m.change,
        statement: Statement {
            id: place.version.id.to_hex(),
            index: place.version.index,
            previous: place.previous.map(|id| id.to_hex()),
            exported: statements::name(place.version.index),
        },
        signer: Signer {
            key: place.signer.map(|(key, _)| key.fingerprint()).unwrap_or_default(),
            claimed_name: place.signer.map(|(_, name)| name),
        },
        signed_at: m.signed_at.to_string(),
        subject: &m.subject,
        title: m.title.as_deref(),
        authors: &m.authors,
        publisher: m.publisher.as_deref(),
        language: m.language.as_deref(),
        published: m.published.as_ref().map(ToString::to_string),
        modified: m.modified.as_ref().map(ToString::to_string),
        captured: m.captured.as_ref(),
        tags: &m.tags,
        rights: m.rights.as_deref(),
        summary: m.summary.as_deref(),
        note: m.note.as_deref(),
        derived_from: m.derived_from.as_ref().map(|from| DerivedFrom {
            id: from.id.to_hex(),
            kind: from.kind,
            tool: from.tool.as_deref(),
        }),
        extra: &m.extra,
        provenance: &m.provenance,
        manifest: Content {
            sha256: place.version.manifest.sha256.to_hex(),
            size: place.version.manifest.size,
            exported: "manifest.cbor",
        },
        files: files.collect(),
    }
}
