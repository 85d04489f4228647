//! Signed statements taken into an archive with what they commit to: versions that were signed elsewhere, observations, what stewards decide.

use std::collections::{HashMap, HashSet};

use super::known::subject_keys;
use super::prepare::{DraftError, LargeContent, PackedFile, digest_content};
use super::tiles::{OpenTile, TileEntry};
use super::{Archive, ArchiveError, require};
use crate::charter::KeyRole;
use crate::check::decode_manifest;
use crate::draft::Content;
use crate::key::Signer;
use crate::layout::Member;
use crate::ledger::Ledger;
use crate::manifest::{Change, Manifest};
use crate::report::Code;
use crate::request::{Signed, SignedEntry};
use crate::statement::{Payload, VerifiedStatement};
use crate::store::Store;
use crate::{FileDigest, limits};

/// Where the files are that manifests name, by their digests.
#[derive(Debug, Clone, Default)]
pub struct FileContents(HashMap<FileDigest, (u64, Content)>);

impl FileContents {
    /// Reads a file once for its digest, and notes where it is.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn add(&mut self, content: Content) -> std::io::Result<(FileDigest, u64)> {
        let (size, digest) = digest_content(&content)?;
        self.0.entry(digest).or_insert((size, content));
        Ok((digest, size))
    }

    /// Whether a file is among them.
    pub fn has(&self, digest: FileDigest) -> bool {
        self.0.contains_key(&digest)
    }

    /// Lets go of all but those with these digests.
    pub fn retain(&mut self, wanted: &HashSet<FileDigest>) {
        self.0.retain(|digest, _| wanted.contains(digest));
    }
}

/// An entry that was checked, and waits to be written.
struct Checked {
    entry: TileEntry,
    verified: VerifiedStatement,
    manifest: Option<Manifest>,
    large: Vec<LargeContent>,
}

impl Archive {
    /// Takes in what was signed elsewhere for this archive, and nothing of it unless all fits.
    ///
    /// # Errors
    /// [`ArchiveError::OtherArchive`] if it was signed for another; [`ArchiveError::Taken`] if it founds an article with the subject and
    /// language of one that is there; those of [`Archive::take_in`].
    pub fn take_signed(self, signed: &Signed, files: &FileContents, log: &dyn Signer) -> Result<Self, ArchiveError> {
        if signed.claimed_archive() != self.id() {
            return Err(ArchiveError::OtherArchive(signed.claimed_archive()));
        }
        for (nth, entry) in signed.entries().iter().enumerate() {
            let Some(manifest) = entry.manifest.as_ref().and_then(|bytes| Manifest::decode(bytes).ok()) else {
                continue;
            };
            let taken = subject_keys(&manifest).next().and_then(|key| self.known.article(&key));
            if manifest.change == Change::First && taken.is_some() {
                return Err(ArchiveError::Taken { nth, subject: manifest.subject });
            }
        }
        self.take_in(signed.entries(), files, log)
    }

    /// Takes signed statements into the log, in order, each with its manifest and files, and signs a checkpoint. `log` is a key that may do so
    /// after all of them.
    ///
    /// Nothing is written unless all of them are in force where they would stand, and come with what they commit to: a file may be in
    /// `files`, or in the archive if it has more than 65,536 bytes.
    ///
    /// # Errors
    /// [`ArchiveError::WouldBeVoid`], [`ArchiveError::NotCommitted`] or [`ArchiveError::NoFile`] if one can't be taken; [`ArchiveError::Role`]
    /// if `log` may not sign the checkpoint after them; those of writing; [`ArchiveError::NotPurged`] if all of them are in the log, and what a withdrawal
    /// among them withholds is there still.
    pub fn take_in(
        mut self,
        entries: &[SignedEntry],
        files: &FileContents,
        log: &dyn Signer,
    ) -> Result<Self, ArchiveError> {
        let mut ledger = self.ledger.clone();
        let mut checked = Vec::with_capacity(entries.len());
        for (nth, entry) in entries.iter().enumerate() {
            checked.push(self.check_entry(nth, entry, files, &mut ledger)?);
        }
        self.refuse_repeated(entries)?;
        require(ledger.authority(), log, KeyRole::Log)?;
        self.ledger = ledger;
        let since = self.head.size();
        let mut tile = OpenTile::new(since);
        for Checked { entry, verified, manifest, large } in checked {
            if self.tree.size() >= limits::LOG_SIZE {
                return Err(ArchiveError::Full);
            }
            large.iter().try_for_each(|file| file.store(&self.writer))?;
            for (name, bytes) in self.tree.push(entry.statement.id()) {
                self.writer.put(Member::Tile(name), &bytes)?;
            }
            if let (Payload::Article(version), Some(manifest)) = (verified.payload(), &manifest) {
                self.known.note(version.article, Some(manifest));
            }
            tile.push(entry);
            if tile.width() == limits::TILE {
                tile.write(&self.writer)?;
                tile = OpenTile::new(self.tree.size());
            }
        }
        if tile.is_new() {
            tile.write(&self.writer)?;
        }
        self.commit(log, since)?;
        if self.ledger.withheld().all().last().is_some_and(|by| by.index >= since) {
            self.purge().map_err(|error| ArchiveError::NotPurged(Box::new(error)))?;
        }
        Ok(self)
    }

    fn check_entry(
        &self,
        nth: usize,
        entry: &SignedEntry,
        files: &FileContents,
        ledger: &mut Ledger,
    ) -> Result<Checked, ArchiveError> {
        let not = |code, detail: String| ArchiveError::NotCommitted { nth, code, detail };
        let verified = entry.statement.verify()?;
        ledger.apply(&verified).map_err(|code| ArchiveError::WouldBeVoid { nth, code })?;
        let (mut small, mut large) = (Vec::new(), Vec::new());
        let manifest = match (verified.payload().manifest(), &entry.manifest) {
            (None, None) => None,
            (None, Some(_)) => return Err(not(Code::PackItems, "a manifest for a statement that has none".to_owned())),
            (Some(_), None) => return Err(not(Code::ManifestMissing, "the manifest is not there".to_owned())),
            (Some(_), Some(bytes)) => {
                let decoded = decode_manifest(bytes, verified.payload());
                Some(decoded.map_err(|(code, detail)| not(code, detail))?)
            }
        };
        for file in manifest.iter().flat_map(|manifest| &manifest.files) {
            if let Some(by) = ledger.withheld().names(&file.sha256) {
                return Err(DraftError::Withdrawn { path: file.path.clone(), by: by.index }.into());
            }
        }
        for (_, file) in manifest.iter().flat_map(Manifest::packed_files) {
            match files.0.get(&file.sha256) {
                Some((size, content)) if *size == file.size => {
                    small.push(PackedFile::new(*size, file.sha256, content.clone()));
                }
                _ => return Err(ArchiveError::NoFile { nth, path: file.path.clone(), digest: file.sha256 }),
            }
        }
        for file in manifest.iter().flat_map(|manifest| &manifest.files).filter(|file| !file.is_small()) {
            let (size, digest) = (file.size, file.sha256);
            match files.0.get(&digest) {
                Some((found, content)) if *found == size => {
                    large.push(LargeContent::new(size, digest, content.clone()));
                }
                _ if self.has_large(digest)? => {
                    large.push(LargeContent::new(size, digest, Content::Archived { digest, size }));
                }
                _ => return Err(ArchiveError::NoFile { nth, path: file.path.clone(), digest }),
            }
        }
        let entry = TileEntry { statement: entry.statement.clone(), manifest: entry.manifest.clone(), files: small };
        Ok(Checked { entry, verified, manifest, large })
    }

    fn has_large(&self, digest: FileDigest) -> Result<bool, ArchiveError> {
        for compressed in [false, true] {
            match self.store().size(Member::File { digest, compressed }) {
                Err(crate::store::StoreError::Missing(_)) => {}
                size => return Ok(size.map(|_| true)?),
            }
        }
        Ok(false)
    }

    /// That none of these stands in the log already, or twice among them. No rule of the ledger says so of an observation.
    fn refuse_repeated(&self, entries: &[SignedEntry]) -> Result<(), ArchiveError> {
        let mut new = HashMap::with_capacity(entries.len());
        let mut repeated = None;
        for (nth, entry) in entries.iter().enumerate() {
            if new.insert(entry.statement.id(), nth).is_some() {
                repeated = Some(nth);
            }
        }
        self.statement_ids(&mut |_, id| repeated = repeated.or_else(|| new.get(&id).copied()))?;
        match repeated {
            Some(nth) => Err(ArchiveError::WouldBeVoid { nth, code: Code::RepeatedLeaf }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
