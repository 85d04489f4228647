//! The rules that a decoded manifest keeps (format.md, section 6): counts, paths, digests.

use std::collections::{HashMap, HashSet};

use super::{Manifest, ManifestError};
use crate::{FileDigest, limits};

/// Up to so many files are compared with each other one by one.
const FEW: usize = 8;

impl Manifest {
    /// That it keeps all rules of its form.
    pub(super) fn check(&self) -> Result<(), ManifestError> {
        let count = self.files.len();
        if !(1..=limits::MANIFEST_FILES).contains(&count) {
            return Err(ManifestError::FileCount(count));
        }
        if let Some(at) = self.files.iter().position(|file| !is_path(&file.path)) {
            return Err(ManifestError::Path(at));
        }
        if count <= FEW {
            self.check_few_files()?
        } else {
            self.check_files()?
        }
        for map in [&self.extra, &self.provenance] {
            if map.len() > limits::MAP_ENTRIES {
                return Err(ManifestError::MapCount(map.len()));
            }
        }
        for list in [&self.authors, &self.tags] {
            if list.len() > limits::LIST_ENTRIES {
                return Err(ManifestError::ListCount(list.len()));
            }
        }
        let is_tag = |tag: &String| tag.len() <= 64 && tag.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
        if self.language.as_ref().is_some_and(|tag| !is_tag(tag)) {
            return Err(ManifestError::Language);
        }
        Ok(())
    }

    /// That no two paths are the same and none is a folder of another, and that one digest has one size.
    pub(super) fn check_few_files(&self) -> Result<(), ManifestError> {
        for (at, file) in self.files.iter().enumerate() {
            for (nth, before) in self.files[..at].iter().enumerate() {
                if is_same_or_below(&file.path, &before.path) {
                    return Err(ManifestError::SamePath(at));
                }
                if is_same_or_below(&before.path, &file.path) {
                    return Err(ManifestError::SamePath(nth));
                }
                if file.sha256 == before.sha256 && file.size != before.size {
                    return Err(ManifestError::SameDigest(at));
                }
            }
        }
        Ok(())
    }

    /// The same of any number of files.
    pub(super) fn check_files(&self) -> Result<(), ManifestError> {
        let mut sizes = HashMap::with_capacity(self.files.len());
        for (at, file) in self.files.iter().enumerate() {
            if *sizes.entry(file.sha256).or_insert(file.size) != file.size {
                return Err(ManifestError::SameDigest(at));
            }
        }
        // Below all that a path may have, a slash puts what is in a folder right behind it: a look at each path's parts would take their square.
        let folded = |path: &str| path.bytes().map(|c| if c == b'/' { 0 } else { c.to_ascii_lowercase() }).collect();
        let mut paths: Vec<(Vec<u8>, usize)> =
            self.files.iter().enumerate().map(|(at, file)| (folded(&file.path), at)).collect();
        paths.sort_unstable();
        let clash = |pair: &[(Vec<u8>, usize)]| {
            let [(path, _), (next, at)] = pair else { return None };
            let rest = next.strip_prefix(path.as_slice())?;
            rest.first().is_none_or(|c| *c == 0).then_some(*at)
        };
        paths.windows(2).filter_map(clash).min().map_or(Ok(()), |at| Err(ManifestError::SamePath(at)))
    }
}

/// Whether a path is, but for the case of ASCII letters, another one, or in a folder of that name.
fn is_same_or_below(path: &str, other: &str) -> bool {
    let (path, other) = (path.as_bytes(), other.as_bytes());
    path.get(..other.len()).is_some_and(|start| start.eq_ignore_ascii_case(other))
        && path.get(other.len()).is_none_or(|next| *next == b'/')
}

/// A set of digests that is a list while it is short, as it nearly always is.
pub(super) struct Seen {
    few: Vec<FileDigest>,
    many: HashSet<FileDigest>,
}

impl Seen {
    pub(super) fn new(expected: usize) -> Self {
        Self { few: Vec::with_capacity(expected.min(8)), many: HashSet::new() }
    }

    pub(super) fn insert(&mut self, digest: FileDigest) -> bool {
        if self.few.len() < 8 {
            let new = !self.few.contains(&digest);
            if new {
                self.few.push(digest);
            }
            return new;
        }
        !self.few.contains(&digest) && self.many.insert(digest)
    }
}

/// Whether a file may have this path (format.md, section 6): rules in bytes, so that they don't drift with Unicode.
pub fn is_path(path: &str) -> bool {
    path.len() <= limits::PATH
        && path.bytes().all(|c| c >= 0x20 && !matches!(c, 0x7f | b'\\' | b':'))
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
