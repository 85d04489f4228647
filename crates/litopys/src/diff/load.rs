//! Loading the versions that a comparison needs: manifests and texts, each tile read once.

use std::io::Read;

use super::Loaded;
use super::grown::DiffOptions;
use super::log::Log;
use crate::manifest::{Manifest, Role};
use crate::parallel::in_order;
use crate::store::Store;
use crate::view::{ReadError, VersionRef, open_large, read_manifests, read_packs};
use crate::{FileDigest, limits};

/// Loads versions: their manifests, and their texts if details are asked for. Each tile is read once.
pub(super) fn load(
    log: &Log<'_>,
    versions: &[Option<VersionRef>],
    options: DiffOptions,
) -> Result<Vec<Option<Loaded>>, ReadError> {
    let mut order: Vec<(usize, VersionRef)> =
        versions.iter().enumerate().filter_map(|(nth, version)| Some((nth, (*version)?))).collect();
    order.sort_unstable_by_key(|(_, version)| version.index);
    let tiles: Vec<_> = order.chunk_by(|(_, a), (_, b)| a.index / limits::TILE == b.index / limits::TILE).collect();
    let work = |nth: u64| {
        let tile = usize::try_from(nth).ok().and_then(|nth| tiles.get(nth)).copied().unwrap_or_default();
        load_tile(log.store, log.head.size(), tile, options.details)
    };
    let mut loaded: Vec<Option<Loaded>> = versions.iter().map(|_| None).collect();
    let mut failed = None;
    in_order(
        options.threads,
        tiles.len() as u64,
        work,
        |_, tile: Result<Vec<(usize, Loaded)>, ReadError>| match tile {
            Ok(tile) => {
                tile.into_iter().for_each(|(nth, version)| loaded[nth] = Some(version));
                true
            }
            Err(error) => {
                failed = Some(error);
                false
            }
        },
    );
    failed.map_or(Ok(loaded), Err)
}

fn load_tile(
    store: &dyn Store,
    size: u64,
    tile: &[(usize, VersionRef)],
    texts: bool,
) -> Result<Vec<(usize, Loaded)>, ReadError> {
    let wanted: Vec<_> = tile.iter().map(|(_, version)| (version.index, version.manifest)).collect();
    let mut loaded = Vec::with_capacity(tile.len());
    read_manifests(store, size, &wanted, &mut |at, manifest| {
        let (nth, version) = tile[at];
        loaded.push((nth, Loaded { version, manifest, text: None }));
    })?;
    if texts {
        read_texts(store, size, &mut loaded)?;
    }
    Ok(loaded)
}

fn read_texts(store: &dyn Store, size: u64, loaded: &mut [(usize, Loaded)]) -> Result<(), ReadError> {
    let text_of = |manifest: &Manifest| manifest.file(Role::Text).map(|file| (file.sha256, file.size));
    let mut texts: Vec<Option<Vec<u8>>> = loaded.iter().map(|_| None).collect();
    let wanted: Vec<_> = loaded.iter().map(|(_, loaded)| (loaded.version.index, &loaded.manifest)).collect();
    let expected: Vec<_> = loaded.iter().map(|(_, loaded)| text_of(&loaded.manifest)).collect();
    read_packs(store, size, &wanted, &mut |nth, digest, bytes| {
        if expected[nth].is_some_and(|(text, _)| text == digest) {
            texts[nth] = Some(bytes.to_vec());
        }
    })?;
    for ((_, loaded), (text, expected)) in loaded.iter_mut().zip(texts.into_iter().zip(expected)) {
        loaded.text = match (text, expected) {
            (None, Some((digest, length))) => {
                let mut bytes = Vec::new();
                let read = open_large(store, digest)?.take(length + 1).read_to_end(&mut bytes);
                if read.is_err() || FileDigest::of(&bytes) != digest {
                    let what = "the text".to_owned();
                    return Err(ReadError::Altered { index: loaded.version.index, what });
                }
                Some(bytes)
            }
            (text, _) => text,
        };
    }
    Ok(())
}
