//! What an extract holds beside statements and proofs: manifests and files, each once.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, Write};

use sha2::{Digest, Sha256};

use super::ExtractError;
use crate::FileDigest;
use crate::layout::Member;
use crate::manifest::{FileEntry, Manifest};
use crate::statement::ManifestRef;
use crate::store::Store;
use crate::store::zip::BundleWriter;
use crate::view::{ManifestReader, ReadError, open_large, read_packs};
use crate::withdrawal::Withheld;

/// How many bytes of small files and manifests are held; what is beyond is read again when its turn comes.
const HELD: u64 = 64 << 20;

/// Where the manifest and small files of a version or observation are.
#[derive(Clone, Copy)]
pub(super) struct Version<'a> {
    pub(super) store: &'a dyn Store,
    /// Of the log.
    pub(super) size: u64,
    pub(super) index: u64,
    pub(super) named: ManifestRef,
}

/// Where the bytes of a manifest or file are.
enum Source<'a> {
    Held(Vec<u8>),
    /// A small file of this version.
    Packed(Version<'a>, Box<FileEntry>),
    /// A file that is kept by itself, of this many bytes.
    Large(&'a dyn Store, u64),
}

/// The manifests and files of an extract, each once, by their digests.
#[derive(Default)]
pub(super) struct Contents<'a> {
    sources: BTreeMap<FileDigest, Source<'a>>,
    held: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl<'a> Contents<'a> {
    /// Takes in what a version has, but what is withheld; gives the withdrawals.
    pub(super) fn add(&mut self, version: Version<'a>, withheld: &Withheld) -> Result<Vec<u64>, ExtractError> {
        let manifest = version.manifest()?;
        // There is one encoding, so these are the bytes that were read.
        let bytes = manifest.encode().map_err(|_| version.altered("the manifest"))?;
        self.held += bytes.len() as u64;
        self.sources.insert(FileDigest::of(&bytes), Source::Held(bytes));
        let gone = |digest: &FileDigest| withheld.of_file(version.index, digest);
        for file in manifest.files.iter().filter(|file| gone(&file.sha256).is_none()) {
            if self.sources.contains_key(&file.sha256) {
                continue;
            }
            (self.files, self.bytes) = (self.files + 1, self.bytes + file.size);
            let source = if file.is_small() {
                Source::Packed(version, Box::new(file.clone()))
            } else {
                Source::Large(version.store, file.size)
            };
            self.sources.insert(file.sha256, source);
        }
        let (sources, held) = (&mut self.sources, &mut self.held);
        let shown = |_, digest: FileDigest| gone(&digest).is_none();
        read_packs(version.store, version.size, &[(version.index, &manifest)], &shown, &mut |_, digest, bytes| {
            if let Some(source @ Source::Packed(..)) = sources.get_mut(&digest)
                && *held + (bytes.len() as u64) <= HELD
            {
                *held += bytes.len() as u64;
                *source = Source::Held(bytes.to_vec());
            }
        })?;
        Ok(manifest.files.iter().filter_map(|file| gone(&file.sha256)).map(|by| by.index).collect())
    }

    pub(super) fn write<W: Write + Seek>(self, mut bundle: BundleWriter<W>) -> Result<BundleWriter<W>, ExtractError> {
        for (digest, source) in self.sources {
            let member = Member::File { digest, compressed: false };
            bundle = match source {
                Source::Held(bytes) => bundle.member(member, bytes.len() as u64, &mut bytes.as_slice())?,
                Source::Packed(version, file) => {
                    let bytes = version.packed(&file)?;
                    bundle.member(member, bytes.len() as u64, &mut bytes.as_slice())?
                }
                Source::Large(store, size) => {
                    let mut data = Digested { from: open_large(store, digest)?, hash: Sha256::new() };
                    let written = bundle.member(member, size, &mut data)?;
                    if FileDigest::from_bytes(data.hash.finalize().into()) != digest {
                        return Err(ReadError::Altered { index: 0, what: digest.to_string() }.into());
                    }
                    written
                }
            };
        }
        Ok(bundle)
    }
}

impl Version<'_> {
    fn altered(&self, what: &str) -> ReadError {
        ReadError::Altered { index: self.index, what: what.to_owned() }
    }

    fn manifest(&self) -> Result<Manifest, ReadError> {
        ManifestReader::new(self.store, self.size).read(self.index, &self.named)
    }

    /// A small file that was not held.
    fn packed(&self, file: &FileEntry) -> Result<Vec<u8>, ReadError> {
        let (manifest, mut found) = (self.manifest()?, None);
        let wants = |_, digest| digest == file.sha256;
        read_packs(self.store, self.size, &[(self.index, &manifest)], &wants, &mut |_, _, bytes| {
            found = Some(bytes.to_vec());
        })?;
        found.ok_or_else(|| self.altered(&file.path))
    }
}

/// Reads, and hashes what it read.
struct Digested<R> {
    from: R,
    hash: Sha256,
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
