//! What a view lists: articles with their versions, observations, decisions.

use super::VersionRef;
use crate::authority::Proposal;
use crate::manifest::Change;
use crate::observation::Observed;
use crate::statement::ManifestRef;
use crate::time::{Edtf, Utc};
use crate::{ArticleUrn, StatementId};

/// An article: its versions, and what the newest says of it whose manifest isn't withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Article {
    /// Its name.
    pub urn: ArticleUrn,
    /// Its versions, from 1 on.
    pub versions: Vec<VersionRef>,
    /// What it is a version of; empty where all its manifests are withheld, and nowhere else.
    pub subject: String,
    /// Its headline.
    pub title: Option<String>,
    /// Its language.
    pub language: Option<String>,
    /// Who published it.
    pub publisher: Option<String>,
    /// When it was published.
    pub published: Option<Edtf>,
    /// When the newest version was signed, by its signer's word; `None` where its manifest is withheld.
    pub signed_at: Option<Utc>,
    /// Why there is the newest version; `None` where its manifest is withheld.
    pub change: Option<Change>,
}

impl Article {
    /// The newest version.
    pub fn head(&self) -> Option<&VersionRef> {
        self.versions.last()
    }

    /// What to call it: its title, else its subject; of one whose manifests are all withheld, its name.
    pub fn label(&self) -> String {
        let named = self.title.as_ref().or(Some(&self.subject).filter(|subject| !subject.is_empty()));
        named.cloned().unwrap_or_else(|| self.urn.to_string())
    }
}

/// An observation: what an article's source answered at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObservationRef {
    /// Its statement's index in the log.
    pub index: u64,
    /// Its statement's id.
    pub id: StatementId,
    /// Which article.
    pub article: ArticleUrn,
    /// Which version of it, by its statement and number: the newest at the time.
    pub version: (StatementId, u64),
    /// What was found.
    pub outcome: Observed,
    /// When the source answered, by the signer's word.
    pub at: Utc,
    /// The manifest that holds the evidence.
    pub manifest: ManifestRef,
    /// The key that signed it.
    pub signer: [u8; 32],
    /// Whether its signer's key was revoked since, with the word that this is doubtful.
    pub doubtful: bool,
    /// By which withdrawal its evidence is withheld: that statement's index.
    pub withheld: Option<u64>,
}

impl ObservationRef {
    /// Its place and manifest in the shape of a version's: by it the evidence is read, as the files of a version are.
    pub const fn entry(&self) -> VersionRef {
        let Self { index, id, version: (_, version), manifest, signer, doubtful, withheld, .. } = *self;
        VersionRef { index, id, version, manifest, signer, doubtful, withheld }
    }
}

/// A statement by which stewards decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its index in the log.
    pub index: u64,
    /// Its id.
    pub id: StatementId,
    /// The key that signed it.
    pub signer: [u8; 32],
    /// What it says.
    pub proposal: Proposal,
    /// Whether it was the last approval that was needed.
    pub completes: bool,
}
