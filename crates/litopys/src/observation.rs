//! What a source answered at a time (format.md, section 4.5): the payload. The evidence is in its manifest.

use serde::{Deserialize, Serialize};

use crate::cbor;
use crate::payload::{ManifestRef, PayloadError};
use crate::time::Utc;
use crate::words::words;
use crate::{ArticleUrn, StatementId};

/// What an archivist found when they looked for an article where it came from. It changes nothing of the article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which article.
    pub article: ArticleUrn,
    /// Its newest version at the time, with which the answer was compared.
    pub id: StatementId,
    /// What was found.
    pub outcome: Observed,
    /// When the source answered, by the signer's word.
    pub at: Utc,
    /// The manifest that holds the evidence: files with the role `capture`.
    pub manifest: ManifestRef,
    /// The governance statement in force when it was signed.
    pub authority: StatementId,
}

/// What was found where an article came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Observed {
    /// It says something else there now.
    Changed,
    /// It isn't there any more.
    Gone,
    /// The source sends its readers elsewhere.
    Moved,
    /// It says there what the version says.
    Unchanged,
}

words!(Observed { Changed = "changed", Gone = "gone", Moved = "moved", Unchanged = "unchanged" });

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    at: Utc,
    id: StatementId,
    outcome: Observed,
    manifest: ManifestRef,
    authority: StatementId,
}

impl Observation {
    pub(crate) fn decode(article: ArticleUrn, payload: &[u8]) -> Result<Self, PayloadError> {
        let Wire { at, id, outcome, manifest, authority } = cbor::decode(payload)?;
        manifest.check()?;
        Ok(Self { article, id, outcome, at, manifest, authority })
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        let Self { id, outcome, at, manifest, authority, .. } = self.clone();
        manifest.check()?;
        Ok(cbor::encode(&Wire { at, id, outcome, manifest, authority })?)
    }
}
