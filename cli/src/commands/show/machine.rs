//! An article as JSON: schema 1.

use litopys::manifest::{FileEntry, Manifest};
use serde_json::{Map, Value, json};

use super::{Shown, Text};
use crate::ui::words::word;

impl Shown<'_, '_> {
    /// The document. It holds the parts that were asked for.
    pub(super) fn document(&self) -> Value {
        let (version, manifest) = (self.version, &self.manifest);
        let (key, name) = self.signer(version);
        let mut document = json!({
            "schema": 1,
            "archive": self.view.report().archive.map(|id| id.to_hex()),
            "article": self.article.urn.to_string(),
            "subject": manifest.subject,
            "title": manifest.title,
            "version": version.version,
            "versions": self.article.versions.len(),
            "id": version.id.to_hex(),
            "index": version.index,
            "change": word(&manifest.change),
            "signed_at": manifest.signed_at,
            "signer": {"key": key, "claimed_name": name},
        });
        if self.parts.metadata {
            document["metadata"] = metadata(manifest);
            document["files"] = manifest.files.iter().map(file_row).collect();
        }
        if self.parts.text {
            document["text"] = match &self.text {
                Some(Text::Read(text)) => json!(text),
                _ => Value::Null,
            };
        }
        if self.parts.history {
            document["history"] = self.history.iter().map(|step| self.step(step)).collect();
        }
        if self.parts.provenance {
            document["provenance"] = json!(manifest.provenance);
        }
        document
    }

    fn step(&self, step: &super::Step) -> Value {
        let (key, name) = self.signer(&step.version);
        json!({
            "change": word(&step.change),
            "version": step.version.version,
            "id": step.version.id.to_hex(),
            "index": step.version.index,
            "title": step.title,
            "signed_at": step.signed_at,
            "signer": {"key": key, "claimed_name": name},
        })
    }
}

/// What is known of it; what isn't is left out.
fn metadata(manifest: &Manifest) -> Value {
    let m = manifest;
    let fields = [
        ("title", json!(m.title)),
        ("authors", json!(m.authors)),
        ("publisher", json!(m.publisher)),
        ("language", json!(m.language)),
        ("published", json!(m.published)),
        ("modified", json!(m.modified)),
        (
            "captured",
            m.captured.as_ref().map_or(Value::Null, |captured| {
                known([
                    ("at", json!(captured.at)),
                    ("url", json!(captured.url)),
                    ("via", json!(captured.via)),
                    ("tool", json!(captured.tool)),
                ])
            }),
        ),
        ("tags", json!(m.tags)),
        ("rights", json!(m.rights)),
        ("summary", json!(m.summary)),
        ("note", json!(m.note)),
        (
            "derived_from",
            m.derived_from.as_ref().map_or(Value::Null, |from| {
                known([("id", json!(from.id.to_hex())), ("kind", json!(word(&from.kind))), ("tool", json!(from.tool))])
            }),
        ),
        ("extra", json!(m.extra)),
    ];
    known(fields)
}

fn known<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    let fields = fields.into_iter().filter(|(_, value)| !is_empty(value));
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// A file of a manifest.
pub(crate) fn file_row(file: &FileEntry) -> Value {
    let mut row = json!({
        "path": file.path,
        "role": word(&file.role),
        "size": file.size,
        "type": file.media_type,
        "sha256": file.sha256.to_string(),
    });
    if let Some(name) = &file.original_name {
        row["original_name"] = json!(name);
    }
    row
}
