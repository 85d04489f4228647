//! Signing apart from writing (format.md, section 11): requests, which say what is to be signed, and what comes back signed.
//!
//! A request holds payloads and manifests and no files, so it goes to a machine that has the key and nothing else. Whoever signs sees in it all that
//! the signature commits to. Neither proves anything by itself: what was signed is judged when it is taken into its archive.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::cbor::{self, Blob, CborError, Fixed};
use crate::check::decode_manifest;
use crate::key::{SignError, Signer};
use crate::manifest::Manifest;
use crate::origin::Origin;
use crate::report::Code;
use crate::statement::{Payload, PayloadError, Pending, SignedStatement, StatementError};
use crate::{ArchiveId, limits};

/// Why bytes are no request, or nothing that was signed for one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// More bytes than such a file may have.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// Not its CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Of another version of the format.
    #[error("of version {0} of its format")]
    Version(u64),
    /// No statement, or more than 4,096.
    #[error("{0} statements")]
    Count(usize),
    /// Not an origin.
    #[error("its origin is none")]
    Origin,
    /// A statement that can't be asked for or isn't one.
    #[error("statement {nth}")]
    Statement {
        /// Which, from 1.
        nth: usize,
        /// Why.
        source: StatementError,
    },
    /// A manifest is missing, superfluous, or not the one that the statement commits to.
    #[error("statement {nth}: {detail} ({code})")]
    Manifest {
        /// Which, from 1.
        nth: usize,
        /// As what a check would find it.
        code: Code,
        /// In words.
        detail: String,
    },
    /// Statements that can't be of one archive as it is at one time.
    #[error("statement {nth} is of another archive or time than those before, or of an article that one before is of")]
    Mixed {
        /// Which, from 1.
        nth: usize,
    },
    /// A signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A payload breaks its own rules.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

/// A statement that is to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    payload: Payload,
    manifest: Option<(Vec<u8>, Manifest)>,
}

impl Unsigned {
    /// A payload with the exact bytes of the manifest that it commits to, if its kind has one.
    ///
    /// # Errors
    /// [`Code`] and words if they don't belong together.
    pub fn new(payload: Payload, manifest: Option<Vec<u8>>) -> Result<Self, (Code, String)> {
        let manifest = match (payload.manifest(), manifest) {
            (None, None) => None,
            (None, Some(_)) => return Err((Code::PackItems, "a manifest for a statement that has none".to_owned())),
            (Some(_), None) => return Err((Code::ManifestMissing, "the manifest is not there".to_owned())),
            (Some(_), Some(bytes)) => {
                let manifest = decode_manifest(&bytes, &payload)?;
                Some((bytes, manifest))
            }
        };
        Ok(Self { payload, manifest })
    }

    /// What would be signed.
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The manifest that it commits to.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref().map(|(_, manifest)| manifest)
    }
}

/// A signed statement, with the manifest that it commits to if its kind has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEntry {
    /// The statement.
    pub statement: SignedStatement,
    /// Its manifest's exact bytes.
    pub manifest: Option<Vec<u8>>,
}

/// What is to be signed for one archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    archive: ArchiveId,
    origin: Origin,
    title: String,
    statements: Vec<Unsigned>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestWire {
    title: String,
    origin: String,
    archive: Fixed<32>,
    request: u64,
    #[serde(deserialize_with = "cbor::list::<_, _, { limits::REQUEST_STATEMENTS }>")]
    statements: Vec<UnsignedWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnsignedWire {
    sub: String,
    #[serde(rename = "type")]
    content_type: String,
    payload: Blob,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<Blob>,
}

impl Request {
    /// A request to sign for an archive with this id, origin and title.
    ///
    /// # Errors
    /// [`RequestError`] unless the statements can all be signed at one time.
    pub fn new(
        archive: ArchiveId,
        origin: Origin,
        title: String,
        statements: Vec<Unsigned>,
    ) -> Result<Self, RequestError> {
        count(statements.len())?;
        let (mut authority, mut subjects) = (None, HashSet::new());
        for (nth, unsigned) in (1..).zip(&statements) {
            let one = unsigned.payload.authority();
            // A charter names none, and founds an archive where there is none to ask for.
            let is_same = one.is_some() && authority.is_none_or(|known| Some(known) == one);
            let fresh = unsigned.payload.version().is_none_or(|version| subjects.insert(version.article));
            if !is_same || !fresh {
                return Err(RequestError::Mixed { nth });
            }
            authority = one;
        }
        Ok(Self { archive, origin, title, statements })
    }

    /// Decodes a request. It may be anybody's: what it says is claimed, but its statements and manifests belong together.
    ///
    /// # Errors
    /// [`RequestError`] if the bytes break any rule of format.md, section 11.
    pub fn decode(bytes: &[u8]) -> Result<Self, RequestError> {
        size(bytes)?;
        let wire: RequestWire = cbor::decode(bytes)?;
        version(wire.request)?;
        let origin: Origin = wire.origin.parse().map_err(|_| RequestError::Origin)?;
        let mut statements = Vec::with_capacity(wire.statements.len());
        for (nth, UnsignedWire { sub, content_type, payload, manifest }) in (1..).zip(wire.statements) {
            let payload = Payload::decode(&content_type, origin.as_str(), &sub, &payload.0)
                .map_err(|source| RequestError::Statement { nth, source })?;
            let unsigned = Unsigned::new(payload, manifest.map(|manifest| manifest.0));
            statements.push(unsigned.map_err(|(code, detail)| RequestError::Manifest { nth, code, detail })?);
        }
        Self::new(ArchiveId::from_bytes(wire.archive.0), origin, wire.title, statements)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`RequestError`] if it is too large.
    pub fn encode(&self) -> Result<Vec<u8>, RequestError> {
        let unsigned = |unsigned: &Unsigned| {
            Ok(UnsignedWire {
                sub: unsigned.payload.subject(&self.origin),
                content_type: unsigned.payload.content_type().to_owned(),
                payload: Blob(unsigned.payload.encode()?),
                manifest: unsigned.manifest.as_ref().map(|(bytes, _)| Blob(bytes.clone())),
            })
        };
        let statements = self.statements.iter().map(unsigned).collect::<Result<_, PayloadError>>()?;
        let (title, origin, archive) = (self.title.clone(), self.origin.to_string(), Fixed(*self.archive.as_bytes()));
        let bytes = cbor::encode(&RequestWire { title, origin, archive, request: 1, statements })?;
        size(&bytes)?;
        Ok(bytes)
    }

    /// The archive that it is for, by its word.
    pub const fn claimed_archive(&self) -> ArchiveId {
        self.archive
    }

    /// The archive's origin, which stands in what is signed.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What the archive calls itself, by the request's word.
    pub fn claimed_title(&self) -> &str {
        &self.title
    }

    /// What is to be signed.
    pub fn statements(&self) -> &[Unsigned] {
        &self.statements
    }

    /// Signs all of it.
    ///
    /// # Errors
    /// [`RequestError::Sign`].
    pub fn sign(&self, signer: &dyn Signer) -> Result<Signed, RequestError> {
        let mut entries = Vec::with_capacity(self.statements.len());
        for Unsigned { payload, manifest } in &self.statements {
            let statement = Pending::new(signer.public_key().clone(), &self.origin, payload)?.sign(signer)?;
            entries.push(SignedEntry { statement, manifest: manifest.as_ref().map(|(bytes, _)| bytes.clone()) });
        }
        Ok(Signed { archive: self.archive, origin: self.origin.clone(), entries })
    }
}

/// What was signed for a request. Whether it holds is judged by the archive that takes it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    archive: ArchiveId,
    origin: Origin,
    entries: Vec<SignedEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedWire {
    origin: String,
    signed: u64,
    archive: Fixed<32>,
    #[serde(deserialize_with = "cbor::list::<_, _, { limits::REQUEST_STATEMENTS }>")]
    statements: Vec<EntryWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manifest: Option<Blob>,
    statement: Blob,
}

impl Signed {
    /// Statements that were signed for an archive.
    ///
    /// # Errors
    /// [`RequestError::Count`].
    pub fn new(archive: ArchiveId, origin: Origin, entries: Vec<SignedEntry>) -> Result<Self, RequestError> {
        count(entries.len())?;
        Ok(Self { archive, origin, entries })
    }

    /// Decodes what was signed. Of its statements nothing is known but that they are shaped as such.
    ///
    /// # Errors
    /// [`RequestError`] if the bytes break any rule of format.md, section 11.
    pub fn decode(bytes: &[u8]) -> Result<Self, RequestError> {
        size(bytes)?;
        let wire: SignedWire = cbor::decode(bytes)?;
        version(wire.signed)?;
        let origin = wire.origin.parse().map_err(|_| RequestError::Origin)?;
        let mut entries = Vec::with_capacity(wire.statements.len());
        for (nth, EntryWire { manifest, statement }) in (1..).zip(wire.statements) {
            let statement =
                SignedStatement::parse(statement.0).map_err(|source| RequestError::Statement { nth, source })?;
            entries.push(SignedEntry { statement, manifest: manifest.map(|manifest| manifest.0) });
        }
        Self::new(ArchiveId::from_bytes(wire.archive.0), origin, entries)
    }

    /// Its bytes.
    ///
    /// # Errors
    /// [`RequestError`] if it is too large.
    pub fn encode(&self) -> Result<Vec<u8>, RequestError> {
        let entry = |entry: &SignedEntry| EntryWire {
            manifest: entry.manifest.clone().map(Blob),
            statement: Blob(entry.statement.as_bytes().to_vec()),
        };
        let statements = self.entries.iter().map(entry).collect();
        let (origin, archive) = (self.origin.to_string(), Fixed(*self.archive.as_bytes()));
        let bytes = cbor::encode(&SignedWire { origin, signed: 1, archive, statements })?;
        size(&bytes)?;
        Ok(bytes)
    }

    /// The archive that it is for, by its word.
    pub const fn claimed_archive(&self) -> ArchiveId {
        self.archive
    }

    /// The statements.
    pub fn entries(&self) -> &[SignedEntry] {
        &self.entries
    }
}

fn size(bytes: &[u8]) -> Result<(), RequestError> {
    if bytes.len() as u64 > limits::REQUEST { Err(RequestError::TooLarge(limits::REQUEST)) } else { Ok(()) }
}

const fn count(count: usize) -> Result<(), RequestError> {
    match count {
        1..=limits::REQUEST_STATEMENTS => Ok(()),
        count => Err(RequestError::Count(count)),
    }
}

const fn version(version: u64) -> Result<(), RequestError> {
    if version == 1 { Ok(()) } else { Err(RequestError::Version(version)) }
}

#[cfg(test)]
mod tests;
