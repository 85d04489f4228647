//! An archive in a folder: read, and grown by one writer at a time.
//!
//! A writer puts new files beside the old ones, makes them durable and then replaces `checkpoint` in one step: a crash leaves the old archive
//! or the new one. Nothing that the old checkpoint calls for is touched before that.

mod disk;
mod lines;
#[cfg_attr(not(feature = "zstd"), allow(dead_code, reason = "what grows an archive writes tiles"))]
mod writer;

pub use disk::{Disk, RealDisk};
pub use lines::LinesError;
#[cfg(feature = "zstd")]
pub(crate) use writer::Aside;
pub use writer::{FolderWriter, WriteError};

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use writer::LOCK;

use super::{Found, Store, StoreError, StoreKind};
use crate::layout::{Member, TimeName};

/// An archive in a folder, for reading.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: PathBuf,
    /// Folders below it that were looked at before, and are none that lead elsewhere.
    folders: Arc<RwLock<HashSet<String>>>,
}

impl FolderStore {
    /// The archive in this folder, whatever is there.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), folders: Arc::default() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    fn regular(&self, member: Member) -> Result<(PathBuf, u64), StoreError> {
        let name = member.to_string();
        let path = self.root.join(&name);
        // A link, device or pipe is none of ours: opening one may block or lead elsewhere. A folder that is a link leads elsewhere too.
        for (end, _) in name.match_indices('/') {
            if !self.is_no_link(&name[..end]) {
                return Err(StoreError::Missing(member));
            }
        }
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_file() => Ok((path, meta.len())),
            Ok(_) => Err(StoreError::Missing(member)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Err(StoreError::Missing(member))
            }
            Err(source) => Err(StoreError::Io { member, source }),
        }
    }

    /// Whether what has this name is a folder, or can't be told: then what is wrong shows when a file of it is opened.
    fn is_no_link(&self, folder: &str) -> bool {
        if self.folders.read().unwrap_or_else(PoisonError::into_inner).contains(folder) {
            return true;
        }
        match fs::symlink_metadata(self.root.join(folder)) {
            Ok(meta) if meta.is_dir() => {
                self.folders.write().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned());
                true
            }
            Ok(_) => false,
            Err(_) => true,
        }
    }

    fn walk(&self, folder: &Path, prefix: &str, depth: u32, visit: &mut dyn FnMut(Found)) -> io::Result<()> {
        // No name of the layout is deeper: tile/<L>/x000/x000/x000/000.p/1.
        const DEEPEST: u32 = 8;
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_unstable_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = format!("{prefix}{}", name.to_string_lossy());
            let kind = entry.file_type()?;
            if prefix.is_empty() && name == LOCK {
                continue;
            }
            match Member::parse(&name) {
                Some(member) if kind.is_file() => visit(Found::Member(member)),
                _ if kind.is_dir() && depth < DEEPEST => {
                    self.walk(&entry.path(), &format!("{name}/"), depth + 1, visit)?;
                }
                _ => visit(Found::Unknown(name)),
            }
        }
        Ok(())
    }
}

impl Store for FolderStore {
    fn kind(&self) -> StoreKind {
        StoreKind::Folder
    }

    fn size(&self, member: Member) -> Result<u64, StoreError> {
        self.regular(member).map(|(_, size)| size)
    }

    fn open(&self, member: Member) -> Result<Box<dyn Read + Send + '_>, StoreError> {
        let (path, _) = self.regular(member)?;
        match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(source) => Err(StoreError::Io { member, source }),
        }
    }

    fn scan(&self, visit: &mut dyn FnMut(Found)) -> Result<(), StoreError> {
        let walked = self.walk(&self.root, "", 0, visit);
        walked.map_err(|source| StoreError::Io { member: Member::Checkpoint, source })
    }

    fn scan_times(&self, visit: &mut dyn FnMut(TimeName)) -> Result<(), StoreError> {
        let folder = self.root.join("time");
        // A link leads elsewhere.
        if !folder.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            return Ok(());
        }
        let walked = self.walk(&folder, "time/", 1, &mut |found| {
            if let Found::Member(Member::Time(name)) = found {
                visit(name);
            }
        });
        walked.map_err(|source| StoreError::Io { member: Member::Checkpoint, source })
    }
}
