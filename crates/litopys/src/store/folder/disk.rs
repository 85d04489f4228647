//! What a writer asks of a file system.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The steps that change a disk. A test puts a disk that fails at one of them in place of the real one.
pub trait Disk: Send + Sync {
    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// Those of the file system.
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    /// Makes an empty file, in place of one of that name.
    ///
    /// # Errors
    /// Those of the file system.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Write + Send>> {
        File::create(path).map(|file| Box::new(file) as _)
    }

    /// Makes a file's content, or a folder's list of names, durable.
    ///
    /// # Errors
    /// Those of the file system.
    fn sync(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) {
            return File::open(path)?.sync_all();
        }
        // Only Unix opens folders as files; elsewhere a rename is durable by itself, or can't be made so. And Windows makes durable only what is open for
        // writing.
        if path.is_dir() { Ok(()) } else { File::options().write(true).open(path)?.sync_all() }
    }

    /// Makes many files and folders below `root` durable.
    ///
    /// # Errors
    /// Those of the file system, with the path where it is known.
    fn sync_many(&self, root: &Path, paths: &[PathBuf]) -> Result<(), (PathBuf, io::Error)> {
        let _ = root;
        paths.iter().try_for_each(|path| self.sync(path).map_err(|error| (path.clone(), error)))
    }

    /// Gives a file another name, in place of one of that name, in one step.
    ///
    /// # Errors
    /// Those of the file system.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Removes a file.
    ///
    /// # Errors
    /// Those of the file system.
    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Removes an empty folder.
    ///
    /// # Errors
    /// Those of the file system; that it isn't empty is one.
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }
}

/// The disk as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    /// On Linux one call makes the whole file system durable: for hundreds of files it takes a tenth of the time of as many calls.
    #[cfg(target_os = "linux")]
    fn sync_many(&self, root: &Path, paths: &[PathBuf]) -> Result<(), (PathBuf, io::Error)> {
        const MANY: usize = 32;
        let failed = |error| (root.to_owned(), error);
        if paths.len() > MANY {
            let folder = File::open(root).map_err(failed)?;
            return rustix::fs::syncfs(folder).map_err(|error| failed(error.into()));
        }
        paths.iter().try_for_each(|path| self.sync(path).map_err(|error| (path.clone(), error)))
    }
}
