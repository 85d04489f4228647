//! Growing a folder: whole files under their names, and the rename of the checkpoint that is the commit.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Disk, FolderStore, RealDisk};
use crate::FileDigest;
use crate::layout::{Member, TimeFile, TimeName};
use crate::log::checkpoint::SignedCheckpoint;
use crate::store::Store;

/// Why a folder can't be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Another writer holds the lock.
    #[error("another process is writing to this archive")]
    Busy,
    /// A file couldn't be written.
    #[error("{path} can't be written")]
    Io {
        /// Its name below the archive's folder.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// The name of the lock file: hidden, empty, and left where it is.
pub(super) const LOCK: &str = ".lock";
/// What the names of unfinished files begin with.
pub(super) const PARTIAL: &str = ".partial-";

/// Bytes that were put aside, until it is dropped.
pub(crate) struct Aside {
    path: PathBuf,
    writer: Arc<FolderWriter>,
}

impl Aside {
    /// So many of the bytes, from this one on.
    pub(crate) fn open(&self, at: u64, size: u64) -> io::Result<impl Read + use<>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(at))?;
        Ok(file.take(size))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = self.writer.disk.remove(&self.path);
    }
}

/// The one writer of a folder: it holds the folder's lock until it is dropped.
pub struct FolderWriter {
    store: FolderStore,
    disk: Box<dyn Disk>,
    _lock: File,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    /// What the next checkpoint may call for and has to be made durable before.
    members: Vec<Member>,
    /// Those of them that were not there before: they go if there is no next checkpoint.
    new: Vec<Member>,
    partials: u64,
}

impl std::fmt::Debug for FolderWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FolderWriter").field("path", &self.store.path()).finish_non_exhaustive()
    }
}

impl FolderWriter {
    /// Takes the lock of a folder, which must be there, and waits for it at most so long.
    ///
    /// A process that another thread starts meanwhile holds what this one held until it executes its program: a program that starts others waits a little.
    ///
    /// # Errors
    /// [`WriteError::Busy`] if another writer holds it all the while; [`WriteError::Io`] if the folder can't be written.
    pub fn lock(root: impl Into<PathBuf>, wait: Duration) -> Result<Self, WriteError> {
        Self::lock_on(Box::new(RealDisk), root.into(), wait)
    }

    /// As [`FolderWriter::lock`], on a disk of the caller's.
    ///
    /// # Errors
    /// Those of [`FolderWriter::lock`].
    pub fn lock_on(disk: Box<dyn Disk>, root: PathBuf, wait: Duration) -> Result<Self, WriteError> {
        let io = |source| WriteError::Io { path: LOCK.to_owned(), source };
        let path = root.join(LOCK);
        // A link leads elsewhere, and to open a pipe may take forever.
        if path.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
            return Err(io(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        // Windows locks no file that is open for appending alone.
        let file = File::options().create(true).read(true).append(true).open(path).map_err(io)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(io(source)),
                Err(TryLockError::WouldBlock) if began.elapsed() >= wait => return Err(WriteError::Busy),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
        let writer = Self { store: FolderStore::new(root), disk, _lock: file, written: Mutex::default() };
        writer.sweep_partials();
        // Whatever checkpoint a crash left is durable before anything is said of it or built upon it.
        writer.disk.sync(writer.store.path()).map_err(|source| WriteError::Io { path: ".".to_owned(), source })?;
        Ok(writer)
    }

    /// The folder, for reading.
    pub const fn store(&self) -> &FolderStore {
        &self.store
    }

    /// Unfinished files that a crash left behind. That they can't be removed harms nobody.
    fn sweep_partials(&self) {
        for entry in fs::read_dir(self.store.path()).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
                let _ = self.disk.remove(&entry.path());
            }
        }
    }

    fn written(&self) -> std::sync::MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(member: impl ToString) -> impl FnOnce(io::Error) -> WriteError {
        let path = member.to_string();
        move |source| WriteError::Io { path, source }
    }

    /// Writes a file that the present checkpoint doesn't call for. It isn't durable before [`FolderWriter::commit`].
    pub(crate) fn put(&self, member: Member, bytes: &[u8]) -> Result<(), WriteError> {
        self.put_with(member, |out| out.write_all(bytes))
    }

    /// As [`FolderWriter::put`], written piece by piece. The file has its name only when it is whole.
    pub(crate) fn put_with(
        &self,
        member: Member,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let partial = self.next_partial();
        let path = self.place(member).map_err(Self::error(member))?;
        let folder = path.parent().unwrap_or(self.store.path());
        // What is there already stays, whatever becomes of this: a crash left it, or the present checkpoint calls for it.
        if path.symlink_metadata().is_err() {
            self.written().new.push(member);
        }
        let done = (|| {
            self.disk.create_dir(folder)?;
            let mut out = self.disk.create(&partial)?;
            write(&mut out)?;
            out.flush()?;
            drop(out);
            self.written().members.push(member);
            self.disk.rename(&partial, &path)
        })();
        if done.is_err() {
            let _ = self.disk.remove(&partial);
        }
        done.map_err(Self::error(member))
    }

    /// Where a file goes. No folder on the way is a link: that would lead out of the archive, where readers don't follow.
    fn place(&self, member: Member) -> io::Result<PathBuf> {
        let name = member.to_string();
        if name.match_indices('/').all(|(end, _)| self.store.is_no_link(&name[..end])) {
            return Ok(self.store.path().join(name));
        }
        Err(io::Error::new(io::ErrorKind::NotADirectory, "a link or a file where a folder has to be"))
    }

    fn next_partial(&self) -> PathBuf {
        let mut written = self.written();
        written.partials += 1;
        self.store.path().join(format!("{PARTIAL}{}", written.partials))
    }

    /// Puts bytes aside that take too much memory. What a crash leaves of them is swept as any unfinished file.
    pub(crate) fn put_aside(
        self: &Arc<Self>,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Aside, WriteError> {
        let aside = Aside { path: self.next_partial(), writer: Arc::clone(self) };
        let done = self.disk.create(&aside.path).and_then(|mut out| {
            write(&mut out)?;
            out.flush()
        });
        let name = aside.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        done.map(|()| aside).map_err(Self::error(name))
    }

    /// Makes everything that was put durable, and then replaces the checkpoint in one step.
    pub(crate) fn commit(&self, checkpoint: &[u8]) -> Result<(), WriteError> {
        let members = std::mem::take(&mut self.written().members);
        self.sync_all(&members)?;
        let (partial, path) = (self.store.path().join(format!("{PARTIAL}0")), self.store.path().join("checkpoint"));
        let written = self
            .disk
            .create(&partial)
            .and_then(|mut out| out.write_all(checkpoint).and_then(|()| out.flush()))
            .and_then(|()| self.disk.sync(&partial));
        let replaced = written.and_then(|()| self.disk.rename(&partial, &path));
        if replaced.is_err() {
            let _ = self.disk.remove(&partial);
        }
        // A rename may fail and yet have happened, as over a network: what the checkpoint that stands there calls for stays.
        let stands = match fs::read(&path) {
            Ok(bytes) => bytes == checkpoint,
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if replaced.is_ok() || stands {
            self.written().new.clear();
        }
        replaced.and_then(|()| self.disk.sync(self.store.path())).map_err(Self::error(Member::Checkpoint))
    }

    /// Keeps a timestamp of a checkpoint of this log, beside the log: the checkpoint first, so that a crash leaves no timestamp without it. Each is
    /// durable before it has its name, and there is nothing to commit.
    ///
    /// # Errors
    /// [`WriteError::Io`]. Then the archive is as it was; after a crash there may be a checkpoint below `time/` that belongs to nothing yet (W001).
    pub fn keep_timestamp(&self, checkpoint: &SignedCheckpoint, response: &[u8]) -> Result<FileDigest, WriteError> {
        let (size, digest) = (checkpoint.claimed_size(), FileDigest::of(response));
        let name = |file| Member::Time(TimeName { size, file });
        let files = [(TimeFile::Checkpoint, checkpoint.bytes()), (TimeFile::Token(digest), response)];
        let mut new = Vec::new();
        for (member, bytes) in files.map(|(file, bytes)| (name(file), bytes)) {
            let there = self.store.read(member, bytes.len() as u64).is_ok_and(|there| there == bytes);
            if !there && self.store.size(member).is_err() {
                new.push(member);
            }
            // What is there already may be what a crash left.
            let kept = if there { self.sync_all(&[member]) } else { self.put_durably(member, bytes) };
            if let Err(error) = kept {
                new.into_iter().for_each(|member| self.remove(member));
                return Err(error);
            }
        }
        Ok(digest)
    }

    /// Writes a file that nothing has to call for, durable before it has its name.
    fn put_durably(&self, member: Member, bytes: &[u8]) -> Result<(), WriteError> {
        let partial = self.store.path().join(format!("{PARTIAL}0"));
        let path = self.place(member).map_err(Self::error(member))?;
        let done = (|| {
            self.disk.create_dir(path.parent().unwrap_or(self.store.path()))?;
            let mut out = self.disk.create(&partial)?;
            out.write_all(bytes)?;
            out.flush()?;
            drop(out);
            self.disk.sync(&partial)?;
            self.disk.rename(&partial, &path)
        })();
        if done.is_err() {
            let _ = self.disk.remove(&partial);
        }
        done.map_err(Self::error(member))?;
        self.sync_all(&[member])
    }

    /// Has a file made durable with those that were put: one that is there already, and that perhaps a crash left.
    pub(crate) fn keep(&self, member: Member) {
        self.written().members.push(member);
    }

    fn sync_all(&self, members: &[Member]) -> Result<(), WriteError> {
        let root = self.store.path();
        let mut paths: Vec<_> = members.iter().map(|member| root.join(member.to_string())).collect();
        let above = |path: &PathBuf| path.ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>();
        let folders: BTreeSet<_> = paths.iter().flat_map(above).filter(|folder| folder.starts_with(root)).collect();
        paths.extend(folders);
        self.disk
            .sync_many(root, &paths)
            .map_err(|(path, error)| Self::error(path.strip_prefix(root).unwrap_or(&path).display())(error))
    }

    /// Puts a file in the place of one that the present checkpoint calls for and that says the same without what is withheld. It is durable before it has
    /// its name.
    pub(crate) fn replace(
        &self,
        member: Member,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let partial = self.store.path().join(format!("{PARTIAL}0"));
        let done = (|| {
            let mut out = self.disk.create(&partial)?;
            write(&mut out)?;
            out.flush()?;
            drop(out);
            self.disk.sync(&partial)?;
            self.disk.rename(&partial, &self.store.path().join(member.to_string()))
        })();
        if done.is_err() {
            let _ = self.disk.remove(&partial);
        }
        done.map_err(Self::error(member))
    }

    /// Removes a file that must not be kept.
    pub(crate) fn erase(&self, member: Member) -> Result<(), WriteError> {
        match self.disk.remove(&self.store.path().join(member.to_string())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Self::error(member)(error)),
            _ => Ok(()),
        }
    }

    /// Makes the folders durable in which files were replaced or erased.
    pub(crate) fn sync_folders(&self, of: &[Member]) -> Result<(), WriteError> {
        let root = self.store.path();
        let paths = of.iter().map(|member| root.join(member.to_string()));
        let folders: BTreeSet<_> = paths.filter_map(|path| path.parent().map(Path::to_owned)).collect();
        let folders: Vec<_> = folders.into_iter().filter(|folder| folder.exists()).collect();
        self.disk
            .sync_many(root, &folders)
            .map_err(|(path, error)| Self::error(path.strip_prefix(root).unwrap_or(&path).display())(error))
    }

    /// Removes a file that nothing calls for any more. That it can't be removed harms nobody: it is left over.
    pub(crate) fn remove(&self, member: Member) {
        let path = self.store.path().join(member.to_string());
        let _ = self.disk.remove(&path);
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != self.store.path()) {
            if self.disk.remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

impl Drop for FolderWriter {
    /// Removes what was put and not committed, and the folders that this leaves empty.
    fn drop(&mut self) {
        let new = std::mem::take(&mut self.written().new);
        new.into_iter().for_each(|member| self.remove(member));
    }
}
