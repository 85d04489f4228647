//! What statements say, by their content types; format.md, section 4.

use serde::{Deserialize, Serialize};

use crate::cbor::{self, CborError};
use crate::charter::{Charter, CharterError};
use crate::governance::{KeysStatement, VoidStatement};
use crate::key::KeyError;
use crate::observation::Observation;
use crate::origin::Origin;
use crate::withdrawal::Withdrawal;
use crate::{ArticleUrn, FileDigest, StatementId, limits};

/// Why a payload is not what its kind asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// Not its CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A charter that breaks the rules for charters.
    #[error(transparent)]
    Charter(#[from] CharterError),
    /// Version 0, or `previous` in version 1, or none in a later one.
    #[error("version {0} with or without a previous one")]
    Version(u64),
    /// A manifest of 0 or more than 16 MiB.
    #[error("a manifest of {0} bytes")]
    ManifestSize(u64),
    /// A change of keys that is none.
    #[error("no change of keys: {0}")]
    Change(&'static str),
    /// A key that is to be added, and is no acceptable point.
    #[error("the key: {0}")]
    Key(KeyError),
    /// A name or reason of more than 1,024 bytes.
    #[error("a name or reason that is too long")]
    Text,
    /// A withdrawal of nothing, of too much, or of something twice or out of order.
    #[error("not a list of what is withdrawn")]
    Withdrawn,
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// The archive's founding.
    Charter(Box<Charter>),
    /// A version of an article.
    Article(ArticleVersion),
    /// A steward's word for a change of keys.
    Keys(Box<KeysStatement>),
    /// A steward's word for acknowledging a void entry.
    Void(Box<VoidStatement>),
    /// What an article's source answered at a time.
    Observation(Box<Observation>),
    /// What must not be kept.
    Withdrawal(Box<Withdrawal>),
}

/// A version of an article: what it commits to and what it follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArticleVersion {
    /// Whose version.
    pub article: ArticleUrn,
    /// Which: 1 and on.
    pub version: u64,
    /// The version before; `None` in version 1.
    pub previous: Option<StatementId>,
    /// Its manifest.
    pub manifest: ManifestRef,
    /// The governance statement in force when it was signed.
    pub authority: StatementId,
}

/// A manifest, by its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestRef {
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: FileDigest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArticleWire {
    version: u64,
    manifest: ManifestRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<StatementId>,
    authority: StatementId,
}

pub(crate) const CHARTER: &str = "application/vnd.litopys.charter+cbor";
pub(crate) const ARTICLE: &str = "application/vnd.litopys.article+cbor";
pub(crate) const KEYS: &str = "application/vnd.litopys.keys+cbor";
pub(crate) const VOID: &str = "application/vnd.litopys.void+cbor";
pub(crate) const OBSERVATION: &str = "application/vnd.litopys.observation+cbor";
pub(crate) const WITHDRAWAL: &str = "application/vnd.litopys.withdrawal+cbor";

impl Payload {
    pub(crate) const fn content_type(&self) -> &'static str {
        match self {
            Self::Charter(_) => CHARTER,
            Self::Article(_) => ARTICLE,
            Self::Keys(_) => KEYS,
            Self::Void(_) => VOID,
            Self::Observation(_) => OBSERVATION,
            Self::Withdrawal(_) => WITHDRAWAL,
        }
    }

    /// The governance statement that was in force when it was signed, by its own word; a charter has none.
    pub fn authority(&self) -> Option<StatementId> {
        match self {
            Self::Charter(_) => None,
            Self::Article(version) => Some(version.authority),
            Self::Keys(keys) => Some(keys.authority),
            Self::Void(void) => Some(void.authority),
            Self::Observation(observation) => Some(observation.authority),
            Self::Withdrawal(withdrawal) => Some(withdrawal.authority),
        }
    }

    /// The version, if it is one.
    pub const fn version(&self) -> Option<&ArticleVersion> {
        match self {
            Self::Article(version) => Some(version),
            _ => None,
        }
    }

    /// The article that it is about, if it is about one.
    pub fn article(&self) -> Option<ArticleUrn> {
        match self {
            Self::Article(version) => Some(version.article),
            Self::Observation(observation) => Some(observation.article),
            _ => None,
        }
    }

    /// The manifest that it commits to, if its kind has one.
    pub fn manifest(&self) -> Option<&ManifestRef> {
        match self {
            Self::Article(version) => Some(&version.manifest),
            Self::Observation(observation) => Some(&observation.manifest),
            _ => None,
        }
    }

    /// What a statement that says it is about, for an archive with this origin: `sub` of its header.
    pub(crate) fn subject(&self, origin: &Origin) -> String {
        self.article().map_or_else(|| origin.to_string(), |article| article.to_string())
    }

    /// Its bytes.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        match self {
            Self::Charter(charter) => Ok(charter.encode()?),
            Self::Article(article) => article.encode(),
            Self::Keys(keys) => keys.encode(),
            Self::Void(void) => void.encode(),
            Self::Observation(observation) => observation.encode(),
            Self::Withdrawal(withdrawal) => withdrawal.encode(),
        }
    }
}

impl ArticleVersion {
    pub(crate) fn decode(article: ArticleUrn, payload: &[u8]) -> Result<Self, PayloadError> {
        let ArticleWire { version, manifest, previous, authority } = cbor::decode(payload)?;
        let version = Self { article, version, previous, manifest, authority };
        version.check()?;
        Ok(version)
    }

    fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        let Self { version, previous, manifest, authority, .. } = *self;
        Ok(cbor::encode(&ArticleWire { version, manifest, previous, authority })?)
    }

    fn check(&self) -> Result<(), PayloadError> {
        if self.version == 0 || self.previous.is_some() != (self.version > 1) {
            return Err(PayloadError::Version(self.version));
        }
        self.manifest.check()
    }
}

impl ManifestRef {
    pub(crate) const fn check(&self) -> Result<(), PayloadError> {
        match self.size {
            1..=limits::MANIFEST => Ok(()),
            size => Err(PayloadError::ManifestSize(size)),
        }
    }
}
