//! From folder to bundle and back: the same files, so the same ids.

use std::collections::HashMap;
use std::io::{Seek, Write};

use crate::check::{CheckError, CheckOptions, Files, Signatures, Trust, check_to_files};
use crate::layout::{Member, TileName};
use crate::report::Report;
use crate::store::zip::{BundleWriteError, BundleWriter};
use crate::store::{Store, StoreError};

/// Why an archive can't be carried over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The archive doesn't pass its check: what is broken is not handed on.
    #[error("the archive does not pass its check")]
    Failed(Box<Report>),
    /// It couldn't be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A file of it couldn't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something is withheld that is there still, and can't be left out without the feature `zstd`.
    #[error("what is withheld is not yet purged")]
    Unpurged,
    /// The bundle couldn't be written.
    #[error(transparent)]
    Bundle(#[from] BundleWriteError),
    /// The folder holds an archive already.
    #[cfg(feature = "fs")]
    #[error("there is an archive already")]
    Exists,
    /// The folder couldn't be written.
    #[cfg(feature = "fs")]
    #[error(transparent)]
    Folder(#[from] crate::store::folder::WriteError),
}

/// Checks an archive in full, and lists the files that it consists of, in the order of a bundle.
///
/// # Errors
/// [`TransferError::Failed`] if the check finds an error that isn't a void entry; other [`TransferError`]s.
fn members(store: &dyn Store, threads: usize) -> Result<(Vec<Member>, Unpurged, Report), TransferError> {
    let options = CheckOptions { files: Files::All, trust: Trust::default(), signatures: Signatures::All, threads };
    let (report, _, large) = check_to_files(store, &options, &mut ())?;
    let Some(head) = report.checkpoint.filter(|_| report.is_usable()) else {
        return Err(TransferError::Failed(Box::new(report)));
    };
    let size = head.size();
    let mut members = vec![Member::Checkpoint];
    members.extend(Member::tiles(size).map(Member::Tile));
    for digest in large {
        let plain = Member::File { digest, compressed: false };
        let there = store.size(plain).is_ok();
        members.push(if there { plain } else { Member::File { digest, compressed: true } });
    }
    for checkpoint in &report.timestamped {
        members.extend(checkpoint.members());
    }
    members.sort_unstable();
    let unpurged = if report.unpurged { Unpurged::of(store, size, threads)? } else { Unpurged::default() };
    Ok((members, unpurged, report))
}

/// Tiles that hold something withheld still, and the sizes of their content without: it isn't handed on.
#[derive(Default)]
struct Unpurged {
    #[cfg(feature = "zstd")]
    purge: crate::purge::Purge,
    tiles: HashMap<TileName, u64>,
}

impl Unpurged {
    #[cfg(feature = "zstd")]
    fn of(store: &dyn Store, size: u64, threads: usize) -> Result<Self, TransferError> {
        let (files, trust) = (Files::None, Trust::default());
        let options = CheckOptions { files, trust, signatures: Signatures::None, threads };
        let (mut purge, mut tiles) = (crate::purge::Purge::default(), HashMap::new());
        check_to_files(store, &options, &mut purge)?;
        for tile in purge.tiles(size) {
            if let (true, size) = purge.measure(store, tile)? {
                tiles.insert(tile, size);
            }
        }
        Ok(Self { purge, tiles })
    }

    #[cfg(not(feature = "zstd"))]
    fn of(_: &dyn Store, _: u64, _: usize) -> Result<Self, TransferError> {
        Err(TransferError::Unpurged)
    }

    /// Writes a tile anew, if it holds something withheld; whether it does.
    fn write(&self, store: &dyn Store, member: Member, out: &mut dyn Write) -> std::io::Result<bool> {
        let Member::Tile(tile) = member else { return Ok(false) };
        let Some(size) = self.tiles.get(&tile) else { return Ok(false) };
        #[cfg(feature = "zstd")]
        self.purge.write(store, tile, *size, out)?;
        let _ = (store, size, out);
        Ok(true)
    }
}

/// Writes an archive as a bundle to `out`, which is empty. One archive has one sequence of bytes. What is withheld is left out, if it is there still.
///
/// Gives `out` back, flushed, with the report of the check that came before.
///
/// # Errors
/// [`TransferError`]. Then `out` holds no bundle.
pub fn to_bundle<W: Write + Seek>(store: &dyn Store, out: W, threads: usize) -> Result<(W, Report), TransferError> {
    let (members, unpurged, report) = members(store, threads)?;
    let mut bundle = BundleWriter::new(out)?;
    for member in members {
        let mut anew = Vec::new();
        let failed = |source| StoreError::Io { member, source };
        if unpurged.write(store, member, &mut anew).map_err(failed)? {
            bundle = bundle.member(member, anew.len() as u64, &mut anew.as_slice())?;
            continue;
        }
        bundle = bundle.member(member, store.size(member)?, &mut store.open(member)?)?;
    }
    Ok((bundle.finish()?, report))
}

/// Writes an archive into a folder, whose lock `writer` holds and which holds no archive yet.
///
/// # Errors
/// [`TransferError::Exists`] if it does. After any other [`TransferError`] it holds none.
#[cfg(feature = "fs")]
pub fn to_folder(
    store: &dyn Store,
    writer: &crate::store::folder::FolderWriter,
    threads: usize,
) -> Result<Report, TransferError> {
    match writer.store().size(Member::Checkpoint) {
        Err(StoreError::Missing(_)) => {}
        Ok(_) => return Err(TransferError::Exists),
        Err(error) => return Err(error.into()),
    }
    let (members, unpurged, report) = members(store, threads)?;
    for member in members.into_iter().filter(|member| *member != Member::Checkpoint) {
        let mut source = store.open(member)?;
        writer.put_with(member, |out| match unpurged.write(store, member, out)? {
            true => Ok(()),
            false => std::io::copy(&mut source, out).map(drop),
        })?;
        if let Member::File { digest, compressed } = member {
            // What a crash left there in the other form.
            writer.remove(Member::File { digest, compressed: !compressed });
        }
    }
    writer.commit(&store.read(Member::Checkpoint, crate::limits::CHECKPOINT)?)?;
    Ok(report)
}
