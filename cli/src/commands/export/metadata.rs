//! `metadata.json`: what a version says, for people and programs that read no CBOR. Its parts are those of `show --json`.

use litopys::manifest::{Change, TextMap};
use litopys::view::View;
use litopys::{Manifest, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::statements;
use super::versions::Row;
use crate::commands::show::{FileRow, Metadata, ObservationRow, Signer};

/// A version.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: u32,
    archive: Option<String>,
    article: String,
    subject: &'a str,
    title: Option<&'a str>,
    version: u64,
    change: Change,
    /// Of an observation: then `version` is the one that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    observation: Option<ObservationRow>,
    id: String,
    index: u64,
    previous: Option<String>,
    signed_at: &'a Utc,
    signer: Signer,
    metadata: Metadata<'a>,
    provenance: &'a TextMap,
    files: Vec<Exported<'a>>,
    manifest: Value,
    statement: Value,
}

/// A file, with its name in the export.
#[derive(Serialize)]
struct Exported<'a> {
    #[serde(flatten)]
    file: FileRow<'a>,
    /// Null where it is withheld.
    exported: Option<&'a str>,
}

impl<'a> Exported<'a> {
    fn of(file: FileRow<'a>, place: &'a str) -> Self {
        Self { exported: Some(place).filter(|_| !file.is_withheld()), file }
    }
}

/// The document of a version; `places` are the names of its files in the export.
pub(super) fn of<'a>(
    view: &'a View<'_>,
    Row { article, version, observation }: &Row<'_>,
    manifest: &'a Manifest,
    places: &'a [String],
) -> Document<'a> {
    let before = |number| article.versions.binary_search_by_key(&number, |other| other.version).ok();
    let previous = version.version.checked_sub(1).filter(|_| observation.is_none()).and_then(before);
    let previous = previous.and_then(|at| article.versions.get(at));
    let files = manifest.files.iter().zip(places);
    let files = files.map(|(file, place)| Exported::of(FileRow::of(view, version.index, file), place));
    Document {
        schema: 1,
        archive: view.report().archive.map(|id| id.to_hex()),
        article: article.urn.to_string(),
        subject: &manifest.subject,
        title: manifest.title.as_deref(),
        version: version.version,
        change: manifest.change,
        observation: observation.map(ObservationRow::of),
        id: version.id.to_hex(),
        index: version.index,
        previous: previous.map(|version| version.id.to_hex()),
        signed_at: &manifest.signed_at,
        signer: Signer::of_version(view, version),
        metadata: Metadata::from(manifest),
        provenance: &manifest.provenance,
        files: files.collect(),
        manifest: json!({
            "sha256": version.manifest.sha256.to_string(),
            "size": version.manifest.size,
            "exported": "manifest.cbor",
        }),
        statement: json!({"exported": statements::name(version.index)}),
    }
}
