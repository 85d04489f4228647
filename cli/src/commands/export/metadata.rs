//! `metadata.json`: what a version says, for people and programs that read no CBOR. Its parts are those of `show --json`.

use litopys::Manifest;
use litopys::view::{Article, VersionRef, View};
use serde_json::{Value, json};

use super::statements;
use crate::commands::show::{FileRow, Metadata};
use crate::ui::words::word;

/// The document of a version; `places` are the names of its files in the export.
pub(super) fn of(
    view: &View<'_>,
    article: &Article,
    version: &VersionRef,
    manifest: &Manifest,
    places: &[String],
) -> Value {
    let previous = article.versions.iter().find(|other| other.version + 1 == version.version);
    let signer = view.charter().member(&version.signer);
    let files = manifest.files.iter().zip(places).map(|(file, place)| {
        let mut row = json!(FileRow::from(file));
        row["exported"] = json!(place);
        row
    });
    json!({
        "schema": 1,
        "archive": view.report().archive.map(|id| id.to_hex()),
        "article": article.urn.to_string(),
        "subject": manifest.subject,
        "version": version.version,
        "change": word(&manifest.change),
        "id": version.id.to_hex(),
        "index": version.index,
        "previous": previous.map(|version| version.id.to_hex()),
        "signed_at": manifest.signed_at,
        "signer": {
            "key": signer.map(|member| member.key.fingerprint()),
            "claimed_name": signer.map(|member| &member.name),
        },
        "statement": {"exported": statements::name(version.index)},
        "manifest": {
            "sha256": version.manifest.sha256.to_string(),
            "size": version.manifest.size,
            "exported": "manifest.cbor",
        },
        "metadata": Metadata::from(manifest),
        "provenance": manifest.provenance,
        "files": files.collect::<Value>(),
    })
}
