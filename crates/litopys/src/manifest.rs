//! What a version says: metadata and the list of files (format.md, section 6).

mod bounded;
mod rules;

use std::collections::BTreeMap;

pub use rules::is_path;

use rules::Seen;
use serde::{Deserialize, Serialize, Serializer};

use crate::cbor::{self, CborError, Fixed};
use crate::time::{Edtf, Utc};
use crate::words::words;
use crate::{FileDigest, StatementId, limits};

/// Why bytes are no manifest, or a manifest can't be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Not the CBOR of a manifest.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// More than 16 MiB.
    #[error("a manifest of {0} bytes")]
    TooLarge(u64),
    /// No file, or more than 65,536.
    #[error("a manifest of {0} files")]
    FileCount(usize),
    /// A path that breaks the rules.
    #[error("file {0} has a path that is not allowed")]
    Path(usize),
    /// A path that is, but for the case of ASCII letters, that of another file or of a folder above one.
    #[error("file {0} has the path of another file or of its folder")]
    SamePath(usize),
    /// One digest with two sizes.
    #[error("file {0} gives another size for a digest that stands before")]
    SameDigest(usize),
    /// More than 256 entries in `extra` or `provenance`.
    #[error("a map of {0} entries")]
    MapCount(usize),
    /// More than 1,024 authors or tags.
    #[error("a list of {0} entries")]
    ListCount(usize),
    /// A language that is no BCP 47 tag by its characters.
    #[error("the language is no BCP 47 tag")]
    Language,
    /// `first` in a later version, or something else in version 1.
    #[error("the reason of change does not fit version {0}")]
    Change(u64),
    /// An observation's that gives another reason, or has a file that isn't a capture.
    #[error("not an observation's: {0}")]
    Observation(&'static str),
}

/// Why there is a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Change {
    /// The archivist corrected what they said of it.
    Correction,
    /// An extractor reads the same capture otherwise.
    Extraction,
    /// It is the first version.
    First,
    /// There is none: this is the evidence of an observation.
    Observation,
    /// The same source, captured again.
    Recapture,
    /// The source changed.
    Source,
}

words!(Change {
    Correction = "correction",
    Extraction = "extraction",
    First = "first",
    Observation = "observation",
    Recapture = "recapture",
    Source = "source",
});

/// Keys of `extra` that hold counters: what they count changes all the time, and makes no version of an article.
pub const COUNTERS: [&str; 7] = ["comments", "forwards", "likes", "reactions", "shares", "views", "votes"];

/// The key of `extra` with the id of the commit that a version comes from. Of a history that is taken in once more, the versions that are
/// there already are known by it; and an article that has it is found by its subject alone, since a version may change its language.
pub const REVISION: &str = "git.commit";

/// What a file is to its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Something that comes with it.
    Attachment,
    /// The bytes as received: the evidence.
    Capture,
    /// An image, sound or film shown in it.
    Media,
    /// Its text as CommonMark, derived from the capture.
    Text,
}

words!(Role { Attachment = "attachment", Capture = "capture", Media = "media", Text = "text" });

/// How an article derives from another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is the word for itself")]
pub enum Derivation {
    Ocr,
    Redaction,
    Transcription,
    Translation,
}

words!(Derivation {
    Ocr = "ocr",
    Redaction = "redaction",
    Transcription = "transcription",
    Translation = "translation",
});

/// The version that this one was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedFrom {
    /// The id of that version's statement.
    pub id: StatementId,
    /// How.
    pub kind: Derivation,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

/// How the capture came about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Captured {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Utc>,
    /// The exact URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// By what way: a proxy, an archive, a feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its path within the article.
    pub path: String,
    /// What it is.
    pub role: Role,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Its SHA-256.
    pub sha256: FileDigest,
    /// Its name where it came from, where that is no path for an archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_name: Option<String>,
}

impl FileEntry {
    /// Whether it is kept in the pack beside its statement, not below `files/`.
    pub const fn is_small(&self) -> bool {
        self.size <= limits::SMALL_FILE
    }
}

/// A map of text to text, in the order of its encoding.
pub type TextMap = BTreeMap<String, String>;

fn canonical_map<S: Serializer>(map: &TextMap, serializer: S) -> Result<S::Ok, S::Error> {
    // Bytewise order of encoded text keys is order by length, then by bytes.
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| (key.len(), key.as_bytes()));
    serializer.collect_map(entries)
}

/// What a source says of an article, and what the archivist adds: all that a person may set. What is not known is absent.
///
/// Terms are those of schema.org `NewsArticle` and Dublin Core.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The headline.
    pub title: Option<String>,
    /// The authors, in the source's order.
    pub authors: Vec<String>,
    /// Who published it.
    pub publisher: Option<String>,
    /// Its language, a BCP 47 tag.
    pub language: Option<String>,
    /// When the source says it was published.
    pub published: Option<Edtf>,
    /// When the source says it was last changed.
    pub modified: Option<Edtf>,
    /// How the capture came about.
    pub captured: Option<Captured>,
    /// Keywords.
    pub tags: Vec<String>,
    /// Licence or other rights.
    pub rights: Option<String>,
    /// An abstract or lead that is not part of the text.
    pub summary: Option<String>,
    /// The archivist's remark.
    pub note: Option<String>,
    /// The version that this one was made from.
    pub derived_from: Option<DerivedFrom>,
    /// Other facts, as text.
    pub extra: TextMap,
    /// Where each field came from.
    pub provenance: TextMap,
}

/// What a version says. Fields stand in the order of their encoding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[allow(missing_docs, reason = "see Metadata")]
pub struct Manifest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    salt: Fixed<16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounded::list")]
    pub tags: Vec<String>,
    #[serde(
        default,
        skip_serializing_if = "TextMap::is_empty",
        serialize_with = "canonical_map",
        deserialize_with = "bounded::map"
    )]
    pub extra: TextMap,
    /// Its files: at least one.
    #[serde(deserialize_with = "bounded::files")]
    pub files: Vec<FileEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Why there is this version.
    pub change: Change,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounded::list")]
    pub authors: Vec<String>,
    /// What it is a version of: a canonical URL, else a name.
    pub subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Captured>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Edtf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Edtf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// When it was signed, by the signer's word.
    pub signed_at: Utc,
    #[serde(
        default,
        skip_serializing_if = "TextMap::is_empty",
        serialize_with = "canonical_map",
        deserialize_with = "bounded::map"
    )]
    pub provenance: TextMap,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived_from: Option<DerivedFrom>,
}

impl Manifest {
    /// A manifest of these parts; `salt` is 16 random bytes.
    ///
    /// # Errors
    /// [`ManifestError`] if it would break the format's rules.
    pub fn new(
        subject: String,
        change: Change,
        signed_at: Utc,
        salt: [u8; 16],
        metadata: Metadata,
        files: Vec<FileEntry>,
    ) -> Result<Self, ManifestError> {
        let m = metadata;
        let manifest = Self {
            note: m.note,
            salt: Fixed(salt),
            tags: m.tags,
            extra: m.extra,
            files,
            title: m.title,
            change,
            rights: m.rights,
            authors: m.authors,
            subject,
            summary: m.summary,
            captured: m.captured,
            language: m.language,
            modified: m.modified,
            published: m.published,
            publisher: m.publisher,
            signed_at,
            provenance: m.provenance,
            derived_from: m.derived_from,
        };
        manifest.check()?;
        Ok(manifest)
    }

    /// All that a person may set of it.
    pub fn metadata(&self) -> Metadata {
        let m = self.clone();
        Metadata {
            title: m.title,
            authors: m.authors,
            publisher: m.publisher,
            language: m.language,
            published: m.published,
            modified: m.modified,
            captured: m.captured,
            tags: m.tags,
            rights: m.rights,
            summary: m.summary,
            note: m.note,
            derived_from: m.derived_from,
            extra: m.extra,
            provenance: m.provenance,
        }
    }

    /// Decodes a manifest from its exact bytes. It proves nothing: compare the bytes' digest with a verified statement's first.
    ///
    /// # Errors
    /// [`ManifestError`] if the bytes break any rule of format.md, section 6.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() as u64 > limits::MANIFEST {
            return Err(ManifestError::TooLarge(bytes.len() as u64));
        }
        let manifest: Self = cbor::decode(bytes)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`ManifestError`] if a text in it is empty, or it is too large.
    pub fn encode(&self) -> Result<Vec<u8>, ManifestError> {
        self.check()?;
        let bytes = cbor::encode(self)?;
        if bytes.len() as u64 > limits::MANIFEST { Err(ManifestError::TooLarge(bytes.len() as u64)) } else { Ok(bytes) }
    }

    /// The same, with this salt and reason.
    #[cfg(all(feature = "fs", feature = "zstd"))]
    pub(crate) fn with(mut self, salt: [u8; 16], change: Change) -> Self {
        (self.salt, self.change) = (Fixed(salt), change);
        self
    }

    /// That `change` fits the version that the statement gives.
    pub(crate) fn check_version(&self, version: u64) -> Result<(), ManifestError> {
        let fits = (self.change == Change::First) == (version == 1) && self.change != Change::Observation;
        if fits { Ok(()) } else { Err(ManifestError::Change(version)) }
    }

    /// That it is an observation's, and holds nothing but evidence.
    pub(crate) fn check_observation(&self) -> Result<(), ManifestError> {
        match self.change {
            Change::Observation if self.files.iter().all(|file| file.role == Role::Capture) => Ok(()),
            Change::Observation => Err(ManifestError::Observation("a file is no capture")),
            _ => Err(ManifestError::Observation("the reason of change")),
        }
    }

    /// About what it takes in memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let list = |list: &[String]| list.iter().map(|item| size_of::<String>() + item.len()).sum::<usize>();
        let map = |map: &TextMap| map.iter().map(|(key, value)| 64 + key.len() + value.len()).sum::<usize>();
        let file = |file: &FileEntry| {
            size_of::<FileEntry>() + file.path.len() + file.media_type.len() + text(&file.original_name)
        };
        let captured = |captured: &Captured| text(&captured.url) + text(&captured.via) + text(&captured.tool);
        let texts = [&self.note, &self.title, &self.rights, &self.summary, &self.language, &self.publisher];
        let parts = [
            size_of::<Self>() + self.subject.len(),
            texts.into_iter().map(text).sum(),
            list(&self.tags) + list(&self.authors),
            map(&self.extra) + map(&self.provenance),
            self.files.iter().map(file).sum(),
            self.captured.as_ref().map_or(0, captured),
            self.derived_from.as_ref().map_or(0, |from| text(&from.tool)),
        ];
        parts.into_iter().sum::<usize>() as u64
    }

    /// The first file with this role.
    pub fn file(&self, role: Role) -> Option<&FileEntry> {
        self.files.iter().find(|file| file.role == role)
    }

    /// Its small files in the order of the pack: each digest once.
    pub(crate) fn packed_files(&self) -> impl Iterator<Item = (usize, &FileEntry)> {
        self.distinct_files().filter(|(_, file)| file.is_small())
    }

    /// Its files, each digest once, where it occurs first.
    pub(crate) fn distinct_files(&self) -> impl Iterator<Item = (usize, &FileEntry)> {
        let mut seen = Seen::new(self.files.len());
        self.files.iter().enumerate().filter(move |(_, file)| seen.insert(file.sha256))
    }
}

#[cfg(test)]
mod tests;
