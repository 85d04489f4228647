//! An article as JSON: schema 1.

use litopys::authority::Authority;
use litopys::manifest::{Captured, Change, FileEntry, Manifest, Role, TextMap};
use litopys::observation::Observed;
use litopys::view::{ObservationRef, VersionRef, View};
use litopys::{Edtf, PublicKey, Utc};
use serde::Serialize;

use super::{Shown, Step, Text};
use crate::trust::named;
use crate::ui::{BAD, paint};
use crate::withheld::Grounds;

/// The document. It holds the parts that were asked for.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    schema: u32,
    archive: Option<String>,
    article: String,
    subject: &'a str,
    title: Option<&'a str>,
    version: u64,
    versions: usize,
    id: String,
    index: u64,
    /// Null where its manifest is withheld.
    change: Option<Change>,
    /// Likewise.
    signed_at: Option<&'a Utc>,
    signer: Signer,
    /// By which withdrawal its manifest is withheld, with all its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Grounds>,
    /// By a clock that is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    existed_before: Option<&'a Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileRow<'a>>>,
    /// Where it was asked for, and there is none: null.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<StepRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observations: Option<Vec<ObservationRow>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<&'a TextMap>,
}

/// The key that signed a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Signer {
    /// Its fingerprint.
    pub(crate) key: String,
    /// Whose it is, by the word of the charter, or of the stewards who added it.
    pub(crate) claimed_name: String,
    /// Whether the key was revoked since, with the word that this is doubtful.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) doubtful: bool,
}

/// Leaves a count out that is zero.
pub(crate) fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Whether something isn't worth a field.
pub(crate) const fn is_false(value: &bool) -> bool {
    !*value
}

impl Signer {
    /// The key with these bytes. One that signed a version in force is known.
    pub(crate) fn of(view: &View<'_>, key: &[u8; 32]) -> Self {
        Self::of_key(view.authority(), key)
    }

    /// The same by the keys of an archive.
    pub(crate) fn of_key(authority: &Authority, key: &[u8; 32]) -> Self {
        let fingerprint = || PublicKey::from_bytes(key).map(|key| key.fingerprint().to_string()).unwrap_or_default();
        match authority.holder(key) {
            Some(holder) => {
                Self { key: holder.key.fingerprint().to_string(), claimed_name: holder.name.clone(), doubtful: false }
            }
            None => Self { key: fingerprint(), claimed_name: String::new(), doubtful: false },
        }
    }

    /// The key that signed a version.
    pub(crate) fn of_version(view: &View<'_>, version: &VersionRef) -> Self {
        Self { doubtful: version.doubtful, ..Self::of(view, &version.signer) }
    }

    /// Whose it is, in words.
    pub(crate) fn named(&self, view: &View<'_>) -> String {
        let name = named(view.report(), &self.claimed_name);
        if self.doubtful { format!("{name} {}", paint(BAD, DOUBTFUL)) } else { name }
    }
}

/// What is said in the place of a version whose manifest is withheld.
pub(crate) const WITHDRAWN: &str = "(withdrawn)";

/// What is said of a version whose signer's key was revoked since.
pub(crate) const DOUBTFUL: &str = "(doubtful: the key was revoked)";

/// A file of a manifest.
#[derive(Debug, Serialize)]
pub(crate) struct FileRow<'a> {
    path: &'a str,
    role: Role,
    size: u64,
    #[serde(rename = "type")]
    media_type: &'a str,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_name: Option<&'a str>,
    /// By which withdrawal, where it is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Grounds>,
}

impl<'a> From<&'a FileEntry> for FileRow<'a> {
    fn from(file: &'a FileEntry) -> Self {
        Self {
            path: &file.path,
            role: file.role,
            size: file.size,
            media_type: &file.media_type,
            sha256: file.sha256.to_string(),
            original_name: file.original_name.as_deref(),
            withheld: None,
        }
    }
}

impl<'a> FileRow<'a> {
    /// A file of the manifest of the entry at this index.
    pub(crate) fn of(view: &View<'_>, index: u64, file: &'a FileEntry) -> Self {
        Self { withheld: Grounds::of_file(view, index, &file.sha256), ..Self::from(file) }
    }

    /// Whether it is withheld.
    pub(crate) const fn is_withheld(&self) -> bool {
        self.withheld.is_some()
    }
}

/// A version of the history.
#[derive(Debug, Serialize)]
struct StepRow<'a> {
    /// Null where its manifest is withheld.
    change: Option<Change>,
    version: u64,
    id: String,
    index: u64,
    title: Option<&'a str>,
    signed_at: Option<&'a Utc>,
    signer: Signer,
    /// By which withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Grounds>,
}

/// An observation.
#[derive(Debug, Serialize)]
pub(crate) struct ObservationRow {
    outcome: Observed,
    at: Utc,
    version: u64,
    id: String,
    index: u64,
    #[serde(skip_serializing_if = "is_false")]
    doubtful: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<Signer>,
    /// By which withdrawal its evidence is withheld: that statement's index.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<u64>,
}

impl ObservationRow {
    /// With its signer.
    pub(super) fn signed(observation: &ObservationRef, signer: Option<Signer>) -> Self {
        Self { signer, ..Self::of(observation) }
    }

    /// Without its signer.
    pub(crate) fn of(observation: &ObservationRef) -> Self {
        let ObservationRef { outcome, at, version: (_, version), id, index, doubtful, withheld, .. } = observation;
        let (outcome, at, version, id) = (*outcome, at.clone(), *version, id.to_hex());
        Self { outcome, at, version, id, index: *index, doubtful: *doubtful, signer: None, withheld: *withheld }
    }
}

/// What is known of it; what isn't is left out.
#[derive(Debug, Serialize)]
pub(crate) struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authors: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<&'a Edtf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<&'a Edtf>,
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
    derived_from: Option<Derived<'a>>,
    #[serde(skip_serializing_if = "TextMap::is_empty")]
    extra: &'a TextMap,
}

#[derive(Debug, Serialize)]
struct Derived<'a> {
    id: String,
    kind: litopys::manifest::Derivation,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a str>,
}

impl<'a> From<&'a Manifest> for Metadata<'a> {
    fn from(m: &'a Manifest) -> Self {
        let derived = m.derived_from.as_ref();
        Self {
            title: m.title.as_deref(),
            authors: &m.authors,
            publisher: m.publisher.as_deref(),
            language: m.language.as_deref(),
            published: m.published.as_ref(),
            modified: m.modified.as_ref(),
            captured: m.captured.as_ref(),
            tags: &m.tags,
            rights: m.rights.as_deref(),
            summary: m.summary.as_deref(),
            note: m.note.as_deref(),
            derived_from: derived.map(|from| Derived {
                id: from.id.to_hex(),
                kind: from.kind,
                tool: from.tool.as_deref(),
            }),
            extra: &m.extra,
        }
    }
}

impl Shown<'_, '_> {
    /// The document.
    pub(super) fn document(&self) -> Document<'_> {
        let (version, manifest, parts) = (self.version, self.manifest.as_ref(), self.parts);
        let text = match &self.text {
            Some(Text::Read(text)) => Some(text.as_str()),
            _ => None,
        };
        let row = |file| FileRow::of(self.view, version.index, file);
        Document {
            schema: 1,
            archive: self.view.report().archive.map(|id| id.to_hex()),
            article: self.article.urn.to_string(),
            subject: manifest.map_or(&*self.article.subject, |manifest| &manifest.subject),
            title: manifest.map_or(self.article.title.as_deref(), |manifest| manifest.title.as_deref()),
            version: version.version,
            versions: self.article.versions.len(),
            id: version.id.to_hex(),
            index: version.index,
            change: manifest.map(|manifest| manifest.change),
            signed_at: manifest.map(|manifest| &manifest.signed_at),
            signer: self.signer(version),
            withheld: Grounds::of_manifest(self.view, version.index),
            existed_before: self.report.existed_before(version.index).map(|clock| &clock.before),
            metadata: manifest.filter(|_| parts.metadata).map(Metadata::from),
            files: manifest.filter(|_| parts.metadata).map(|manifest| manifest.files.iter().map(row).collect()),
            text: parts.text.then_some(text),
            history: parts.history.then(|| self.history.iter().map(|step| self.step(step)).collect()),
            observations: parts.history.then(|| self.observations.iter().map(|o| self.observation_row(o)).collect()),
            provenance: manifest.filter(|_| parts.provenance).map(|manifest| &manifest.provenance),
        }
    }

    /// The key that signed a version.
    pub(super) fn signer(&self, version: &VersionRef) -> Signer {
        Signer::of_version(self.view, version)
    }

    fn observation_row(&self, observation: &ObservationRef) -> ObservationRow {
        ObservationRow::signed(observation, Some(self.signer(&observation.entry())))
    }

    fn step<'s>(&self, step: &'s Step) -> StepRow<'s> {
        StepRow {
            change: step.said.as_ref().map(|said| said.change),
            version: step.version.version,
            id: step.version.id.to_hex(),
            index: step.version.index,
            title: step.said.as_ref().and_then(|said| said.title.as_deref()),
            signed_at: step.said.as_ref().map(|said| &said.signed_at),
            signer: self.signer(&step.version),
            withheld: Grounds::of_manifest(self.view, step.version.index),
        }
    }
}
