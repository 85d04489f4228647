//! Observations laid out to be signed: what an article's source answered, with the evidence.

use super::intake::FileContents;
use super::{Archive, ArchiveError, DraftError, require};
use crate::charter::KeyRole;
use crate::draft::DraftFile;
use crate::key::Signer;
use crate::manifest::{Change, FileEntry, Manifest, Metadata};
use crate::observation::{Observation, Observed};
use crate::request::SignedEntry;
use crate::statement::{ManifestRef, Payload, Pending};
use crate::time::Utc;
use crate::{ArticleUrn, FileDigest};

/// What was observed of an article, before it is signed.
#[derive(Debug, Clone)]
pub struct ObservationDraft {
    /// Which article.
    pub article: ArticleUrn,
    /// What was found.
    pub outcome: Observed,
    /// When the source answered.
    pub at: Utc,
    /// The article's subject.
    pub subject: String,
    /// What is said of the evidence: the URL that was asked, a note.
    pub metadata: Metadata,
    /// The evidence: files with the role `capture`, at least one.
    pub files: Vec<DraftFile>,
}

impl Archive {
    /// Lays an observation of an article's newest version out: what is to be signed, its manifest, and where its files are. `salt` is 16
    /// random bytes.
    ///
    /// # Errors
    /// [`ArchiveError::NoArticle`]; [`ArchiveError::Draft`] if it breaks the rules for manifests, or has a file that is no capture;
    /// [`ArchiveError::File`].
    pub fn lay_out(
        &self,
        draft: ObservationDraft,
        signed_at: &Utc,
        salt: [u8; 16],
    ) -> Result<(Payload, Vec<u8>, FileContents), ArchiveError> {
        let ObservationDraft { article, outcome, at, subject, metadata, files } = draft;
        let id = self.ledger.head(&article).ok_or(ArchiveError::NoArticle(article))?.id;
        let (mut contents, mut entries) = (FileContents::default(), Vec::with_capacity(files.len()));
        for file in files {
            let (sha256, size) = contents.add(file.content).map_err(ArchiveError::File)?;
            let DraftFile { path, role, media_type, original_name, .. } = file;
            entries.push(FileEntry { path, role, size, media_type, sha256, original_name });
        }
        let manifest = Manifest::new(subject, Change::Observation, signed_at.clone(), salt, metadata, entries);
        let manifest = manifest.map_err(DraftError::from)?;
        manifest.check_observation().map_err(DraftError::from)?;
        let bytes = manifest.encode().map_err(DraftError::from)?;
        let manifest = ManifestRef { size: bytes.len() as u64, sha256: FileDigest::of(&bytes) };
        let authority = self.authority().in_force();
        let payload = Payload::Observation(Box::new(Observation { article, id, outcome, at, manifest, authority }));
        Ok((payload, bytes, contents))
    }

    /// Signs an observation of an article's newest version, and takes it in.
    ///
    /// # Errors
    /// [`ArchiveError::Role`] if a key has not its role; those of [`Archive::lay_out`] and [`Archive::take_in`].
    pub fn observe(
        self,
        draft: ObservationDraft,
        signed_at: &Utc,
        salt: [u8; 16],
        archivist: &dyn Signer,
        log: &dyn Signer,
    ) -> Result<(Self, SignedEntry), ArchiveError> {
        require(self.authority(), archivist, KeyRole::Archivist)?;
        let (payload, manifest, files) = self.lay_out(draft, signed_at, salt)?;
        let pending = Pending::new(archivist.public_key().clone(), &self.charter().origin, &payload)?;
        let entry = SignedEntry { statement: pending.sign(archivist)?, manifest: Some(manifest) };
        let archive = self.take_in(std::slice::from_ref(&entry), &files, log)?;
        Ok((archive, entry))
    }
}

#[cfg(test)]
mod tests;
