//! Loading what a comparison needs of both archives: manifests and texts, each tile read once.

use std::collections::HashSet;
use std::io::Read;

use super::grown::{DiffError, Side};
use super::log::Log;
use crate::manifest::{FileEntry, Manifest};
use crate::parallel::in_order;
use crate::view::{ManifestReader, ReadError, VersionRef, open_large, read_packs};
use crate::{FileDigest, limits};

/// Something for each of the pairs that are compared, of the first and of the second archive.
pub(super) type Both<T> = [Vec<Option<T>>; 2];

/// Loads the manifests of versions, and keeps of each what `keep` makes of it.
pub(super) fn load<T: Send>(
    logs: [&Log<'_>; 2],
    versions: Both<VersionRef>,
    threads: usize,
    keep: impl Fn(&VersionRef, Manifest) -> T + Sync,
) -> Result<Both<T>, DiffError> {
    each_tile(
        logs,
        &versions,
        |version| version.index,
        threads,
        |log, tile| {
            let mut manifests = ManifestReader::new(log.store, log.head.size());
            let read = |(nth, version): &(usize, &VersionRef)| Ok((*nth, keep(version, manifests.manifest(version)?)));
            tile.iter().map(read).collect()
        },
    )
}

/// A text that is wanted.
pub(super) struct Wanted<'a> {
    pub(super) index: u64,
    pub(super) manifest: &'a Manifest,
    pub(super) file: &'a FileEntry,
}

/// Loads texts.
pub(super) fn texts(
    logs: [&Log<'_>; 2],
    wanted: &Both<Wanted<'_>>,
    threads: usize,
) -> Result<Both<Vec<u8>>, DiffError> {
    each_tile(
        logs,
        wanted,
        |wanted| wanted.index,
        threads,
        |log, tile| {
            let (small, large): (Vec<_>, Vec<_>) = tile.iter().copied().partition(|(_, wanted)| wanted.file.is_small());
            let mut texts = Vec::with_capacity(tile.len());
            for (nth, Wanted { index, file, .. }) in large {
                let mut bytes = Vec::new();
                let read = open_large(log.store, file.sha256)?.take(file.size + 1).read_to_end(&mut bytes);
                if read.is_err() || FileDigest::of(&bytes) != file.sha256 {
                    return Err(ReadError::Altered { index: *index, what: "the text".to_owned() });
                }
                texts.push((nth, bytes));
            }
            let manifests: Vec<_> = small.iter().map(|(_, wanted)| (wanted.index, wanted.manifest)).collect();
            let wants = |at: usize, digest| small[at].1.file.sha256 == digest;
            read_packs(log.store, log.head.size(), &manifests, &wants, &mut |at, _, bytes| {
                texts.push((small[at].0, bytes.to_vec()));
            })?;
            let found: HashSet<_> = texts.iter().map(|(nth, _)| *nth).collect();
            match tile.iter().find(|(nth, _)| !found.contains(nth)) {
                Some((_, Wanted { index, .. })) => {
                    Err(ReadError::Altered { index: *index, what: "the text".to_owned() })
                }
                None => Ok(texts),
            }
        },
    )
}

/// Does some work for each tile that has something wanted, of both archives, on all threads. `index` says where in its log something is;
/// the work gives what it found with the number of the pair.
fn each_tile<V: Sync, T: Send>(
    logs: [&Log<'_>; 2],
    wanted: &Both<V>,
    index: impl Fn(&V) -> u64,
    threads: usize,
    work: impl Fn(&Log<'_>, &[(usize, &V)]) -> Result<Vec<(usize, T)>, ReadError> + Sync,
) -> Result<Both<T>, DiffError> {
    let sorted = [0, 1].map(|side| {
        let there = wanted[side].iter().enumerate();
        let mut sorted: Vec<_> = there.filter_map(|(nth, wanted)| Some((nth, wanted.as_ref()?))).collect();
        sorted.sort_by_key(|(_, wanted)| index(wanted));
        sorted
    });
    let mut tiles = Vec::new();
    for (side, sorted) in [Side::First, Side::Second].into_iter().zip(&sorted) {
        let of_tile = sorted.chunk_by(|(_, a), (_, b)| index(a) / limits::TILE == index(b) / limits::TILE);
        tiles.extend(of_tile.map(|tile| (side, tile)));
    }
    let mut found: Both<T> = [0, 1].map(|side| wanted[side].iter().map(|_| None).collect());
    let mut failed = None;
    let work = |nth: u64| {
        let (side, tile) = usize::try_from(nth).ok().and_then(|nth| tiles.get(nth)).copied()?;
        Some((side, work(logs[side as usize], tile)))
    };
    in_order(threads, tiles.len() as u64, work, |_, done| {
        match done {
            Some((side, Ok(of_tile))) => {
                for (nth, item) in of_tile {
                    found[side as usize][nth] = Some(item);
                }
            }
            Some((side, Err(source))) => failed = Some(DiffError { side, source: source.into() }),
            None => {}
        }
        failed.is_none()
    });
    failed.map_or(Ok(found), Err)
}
