//! Drafts made ready to sign: their files hashed, their manifests laid out. Each on its own, on any thread.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::ArchiveError;
use super::known::{Fingerprints, PrintKey};
use crate::FileDigest;
use crate::digest::digest_of;
use crate::draft::{Content, ContentSource, Draft};
use crate::layout::Member;
use crate::manifest::{Change, FileEntry, Manifest, ManifestError};
use crate::store::folder::{Aside, FolderWriter, WriteError};
use crate::store::{Store, StoreError};
use crate::time::Utc;
use crate::zstandard::{Frame, FrameError, LEVEL, encoder};

/// Why a draft can't be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// It breaks the rules for manifests.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file of it can't be read.
    #[error("{path} can't be read")]
    Read {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of it that isn't on disk can't be read.
    #[error("file {path} can't be read")]
    Source {
        /// Its path in the draft.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Its text is a fraction of what the version before had: an error page, or a page that needs its scripts.
    #[error("its text has {new} bytes, where the version before has {old}")]
    Collapsed {
        /// The text's size in bytes.
        new: u64,
        /// That of the version before.
        old: u64,
    },
    /// A file that it says is in the archive isn't there.
    #[error("the archive has no file {0}")]
    NotArchived(FileDigest),
    /// A file of it was withdrawn from the archive: its bytes must not come back.
    #[error("file {path} was withdrawn by statement {by}")]
    Withdrawn {
        /// Its path in the draft.
        path: String,
        /// The withdrawal's index.
        by: u64,
    },
    /// The article that it was made from isn't there.
    #[error("there is no other article {0} that it could be made from")]
    NoOriginal(String),
    /// It follows or was made from a version that waits for its signature, and so has no id yet.
    #[error("it follows a version that is not signed yet")]
    Unsigned,
    /// It revises an article that isn't there.
    #[error("there is no article {0}")]
    NoArticle(crate::ArticleUrn),
}

/// A draft whose files were hashed.
pub(super) struct Prepared {
    /// Its manifest, as that of a first version.
    pub(super) manifest: Manifest,
    /// The same in bytes.
    pub(super) encoded: Vec<u8>,
    pub(super) salt: [u8; 16],
    pub(super) prints: Fingerprints,
    pub(super) volatile: bool,
    /// Whether a text that is a fraction of the one before is refused.
    pub(super) may_collapse: bool,
    /// Whether it names its original by a subject: which version of that it was does not matter then.
    pub(super) by_subject: bool,
    /// Its small files, each digest once.
    pub(super) small: Vec<PackedFile>,
    /// Its large files.
    pub(super) large: Vec<LargeContent>,
}

/// A file for a pack.
pub(super) struct PackedFile {
    pub(super) size: u64,
    digest: FileDigest,
    content: Source,
}

/// A file that is kept by itself.
pub(super) struct LargeContent {
    pub(super) digest: FileDigest,
    size: u64,
    content: Source,
}

#[derive(Clone)]
enum Source {
    Bytes(Arc<[u8]>),
    File(PathBuf),
    Other(Arc<dyn ContentSource>),
    /// What was put aside, from a byte on, so many.
    Aside(Arc<Aside>, u64, u64),
    Archived,
}

impl Source {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match self {
            Self::Bytes(bytes) => Ok(Box::new(&bytes[..])),
            Self::File(path) => File::open(path).map(|file| Box::new(file) as _),
            Self::Other(source) => source.open(),
            Self::Aside(aside, at, size) => aside.open(*at, *size).map(|file| Box::new(file) as _),
            Self::Archived => Ok(Box::new(io::empty())),
        }
    }
}

/// Hashes a draft's files and lays out its manifest.
pub(super) fn prepare(draft: Draft, signed_at: &Utc, salt: [u8; 16], key: &PrintKey) -> Result<Prepared, DraftError> {
    let (volatile, may_collapse) = (draft.volatile, draft.volatile && !draft.shrinks);
    let mut files = Vec::with_capacity(draft.files.len());
    let mut sources: Vec<(FileDigest, Source)> = Vec::with_capacity(draft.files.len());
    for file in draft.files {
        let (size, digest, source) = match file.content {
            Content::Bytes(bytes) => {
                // A capture that is its own text is hashed once.
                let same =
                    |(_, source): &&(_, Source)| matches!(source, Source::Bytes(known) if Arc::ptr_eq(known, &bytes));
                let known = sources.iter().take(8).find(same);
                let digest = known.map_or_else(|| FileDigest::of(&bytes), |(digest, _)| *digest);
                (bytes.len() as u64, digest, Source::Bytes(bytes))
            }
            Content::File(path) => match File::open(&path).and_then(|file| digest_of(file, u64::MAX)) {
                Ok((size, digest)) => (size, digest, Source::File(path)),
                Err(source) => return Err(DraftError::Read { path, source }),
            },
            Content::Source(other) => match other.open().and_then(|reader| digest_of(reader, u64::MAX)) {
                Ok((size, digest)) => (size, digest, Source::Other(other)),
                Err(source) => return Err(DraftError::Source { path: file.path, source }),
            },
            Content::Archived { digest, size } => (size, digest, Source::Archived),
        };
        let (role, media_type, original_name) = (file.role, file.media_type, file.original_name);
        files.push(FileEntry { path: file.path, role, size, media_type, sha256: digest, original_name });
        sources.push((digest, source));
    }
    let manifest = Manifest::new(draft.subject, Change::First, signed_at.clone(), salt, draft.metadata, files)?;
    let encoded = manifest.encode()?;
    let packed = manifest.packed_files().map(|(at, file)| (at, file.size, file.sha256));
    let packed = packed.map(|(at, size, digest)| PackedFile { size, digest, content: sources[at].1.clone() });
    let small = packed.collect();
    let large = manifest.files.iter().zip(&sources).filter(|(file, _)| !file.is_small());
    let large = large.map(|(file, (digest, source))| LargeContent {
        digest: *digest,
        size: file.size,
        content: source.clone(),
    });
    let large = large.collect();
    Ok(Prepared {
        prints: Fingerprints::of(&manifest, key),
        volatile,
        may_collapse,
        by_subject: false,
        manifest,
        encoded,
        salt,
        small,
        large,
    })
}

/// The size and digest of what a draft's file holds.
pub(super) fn digest_content(content: &Content) -> io::Result<(u64, FileDigest)> {
    match content {
        Content::Bytes(bytes) => Ok((bytes.len() as u64, FileDigest::of(bytes))),
        Content::File(path) => digest_of(File::open(path)?, u64::MAX),
        Content::Source(source) => digest_of(source.open()?, u64::MAX),
        Content::Archived { digest, size } => Ok((*size, *digest)),
    }
}

impl From<Content> for Source {
    fn from(content: Content) -> Self {
        match content {
            Content::Bytes(bytes) => Self::Bytes(bytes),
            Content::File(path) => Self::File(path),
            Content::Source(source) => Self::Other(source),
            Content::Archived { .. } => Self::Archived,
        }
    }
}

impl PackedFile {
    /// A file whose digest was taken before.
    pub(super) fn new(size: u64, digest: FileDigest, content: Content) -> Self {
        Self { size, digest, content: content.into() }
    }
}

impl LargeContent {
    /// A file whose digest was taken before.
    pub(super) fn new(size: u64, digest: FileDigest, content: Content) -> Self {
        Self { size, digest, content: content.into() }
    }
}

/// Copies what a manifest has promised; anything else is an error.
fn copy_promised(source: &Source, digest: FileDigest, size: u64, out: &mut dyn Write) -> io::Result<()> {
    struct Tee<'a>(Box<dyn Read + 'a>, &'a mut dyn Write);
    impl Read for Tee<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1.write_all(&buffer[..read])?;
            Ok(read)
        }
    }
    let copied = match source {
        // Hashed a moment ago, and nobody else can change it.
        Source::Bytes(bytes) => return out.write_all(bytes),
        other => digest_of(Tee(other.open()?.take(size + 1).into_boxed(), out), size)?,
    };
    if copied == (size, digest) {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "it changed while it was read"))
    }
}

trait IntoBoxed<'a> {
    fn into_boxed(self) -> Box<dyn Read + 'a>;
}

impl<'a, R: Read + 'a> IntoBoxed<'a> for R {
    fn into_boxed(self) -> Box<dyn Read + 'a> {
        Box::new(self)
    }
}

impl PackedFile {
    /// How many bytes of memory it takes.
    pub(super) fn held(&self) -> u64 {
        if let Source::Bytes(_) = self.content { self.size } else { 0 }
    }

    /// Has it read from what was put aside, from this byte on.
    pub(super) fn put_aside(&mut self, aside: &Arc<Aside>, at: u64) {
        self.content = Source::Aside(Arc::clone(aside), at, self.size);
    }

    /// Copies its bytes, which are those that were hashed.
    pub(super) fn copy_to(&self, out: &mut dyn Write) -> io::Result<()> {
        copy_promised(&self.content, self.digest, self.size, out)
    }
}

impl LargeContent {
    /// Puts the file into the archive, unless it is there.
    pub(super) fn store(&self, writer: &FolderWriter) -> Result<(), ArchiveError> {
        let member = |compressed| Member::File { digest: self.digest, compressed };
        for compressed in [false, true] {
            if self.is_there(writer, compressed)? {
                writer.keep(member(compressed));
                return Ok(());
            }
        }
        let failed = |source| WriteError::Io { path: member(false).to_string(), source };
        if let Source::Archived = self.content {
            return Err(StoreError::Missing(member(false)).into());
        }
        let compressed = self.compresses().map_err(failed)?;
        writer.put_with(member(compressed), |mut out| {
            if compressed {
                let mut frame = encoder(&mut out, LEVEL, self.size)?;
                copy_promised(&self.content, self.digest, self.size, &mut frame)?;
                frame.finish().map(drop)
            } else {
                copy_promised(&self.content, self.digest, self.size, out)
            }
        })?;
        // What a crash or a bad disk left there in the other form.
        writer.remove(member(!compressed));
        Ok(())
    }

    /// Whether the archive has the file, whole. One that can't be read is no reason to write it anew: that is an error.
    fn is_there(&self, writer: &FolderWriter, compressed: bool) -> Result<bool, StoreError> {
        let member = Member::File { digest: self.digest, compressed };
        let stream = match writer.store().open(member) {
            Ok(stream) => io::BufReader::new(stream),
            Err(StoreError::Missing(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let digested = if compressed {
            Frame::open_stream(stream).and_then(|mut frame| {
                let digested = digest_of(&mut frame, self.size).map_err(|error| frame.error(error))?;
                frame.finish().map(|()| digested)
            })
        } else {
            digest_of(stream, self.size).map_err(FrameError::Io)
        };
        match digested {
            Ok(found) => Ok(found == (self.size, self.digest)),
            Err(FrameError::Io(source)) => Err(StoreError::of_read(member, source)),
            Err(_) => Ok(false),
        }
    }

    /// Whether compression pays, by the file's first 256 KiB.
    fn compresses(&self) -> io::Result<bool> {
        let mut sample = Vec::new();
        self.content.open()?.take(256 << 10).read_to_end(&mut sample)?;
        let mut frame = encoder(Vec::new(), 1, sample.len() as u64)?;
        frame.write_all(&sample)?;
        Ok(frame.finish()?.len() * 10 < sample.len() * 9)
    }
}

/// How many bytes of memory a draft holds.
pub(super) fn weight(draft: &Draft) -> u64 {
    let bytes = |content: &Content| match content {
        Content::Bytes(bytes) => bytes.len() as u64,
        _ => 0,
    };
    // The same bytes count twice where they are shared: near enough.
    draft.files.iter().map(|file| bytes(&file.content) + 256).sum::<u64>() + 512
}

/// Up to how many bytes of drafts are held before they are signed and written.
pub(super) const ROUND_BYTES: u64 = 16 << 20;
/// Up to how many drafts are held before they are signed and written: 4 tiles.
pub(super) const ROUND_DRAFTS: usize = 4 * 256;
