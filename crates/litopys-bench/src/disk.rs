//! Folders and files: made once, listed, copied.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::Result;

/// The folder `dir`, filled by `fill` unless an earlier run has done that to its end.
pub(crate) fn prepared(dir: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let marker = dir.with_extension("ready");
    if !(marker.exists() && dir.is_dir()) {
        fresh(dir)?;
        fill(dir)?;
        fs::write(&marker, [])?;
    }
    Ok(dir.to_owned())
}

/// An empty folder `dir`, whatever was there before.
pub(crate) fn fresh(dir: &Path) -> Result<()> {
    remove(&dir.with_extension("ready"))?;
    remove(dir)?;
    Ok(fs::create_dir_all(dir)?)
}

/// Removes the file or folder, if there is one.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a file, and makes the folders that it is in.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    Ok(fs::write(path, bytes)?)
}

/// The files below `dir`, relative to it, sorted.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut open) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(dir.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies the folder `from`, with its empty folders, to `to`, which is made anew.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fresh(to)?;
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(from.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                fs::create_dir(to.join(&path))?;
                open.push(path);
            } else {
                fs::copy(entry.path(), to.join(&path))?;
            }
        }
    }
    Ok(())
}

/// The bytes of the file, or of the files below the folder.
pub(crate) fn size(path: &Path) -> Result<u64> {
    if path.is_file() {
        return Ok(path.metadata()?.len());
    }
    files(path)?.iter().map(|file| Ok(path.join(file).metadata()?.len())).sum()
}

/// Calls `each` with the file's bytes, some at a time.
pub(crate) fn read_through(path: &Path, mut each: impl FnMut(&[u8])) -> Result<()> {
    let mut file = fs::File::open(path)?;
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => each(&buffer[..read]),
        }
    }
}
