//! What is made in full beside its place, and then put there in one step: a folder, or a file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::clock;
use crate::failure::{Exit, Failure};

/// A folder in the making. Dropped before it [lands](Staging::land), it leaves nothing behind.
pub(crate) struct Staging {
    path: PathBuf,
    target: PathBuf,
}

impl Staging {
    /// A hidden folder beside `target`, which must not be there, or be an empty folder.
    pub(crate) fn beside(target: &Path) -> Result<Self, Failure> {
        vacant(target)?;
        Self::hidden(target)
    }

    /// A hidden folder beside `target`, which doesn't land there.
    pub(crate) fn hidden(target: &Path) -> Result<Self, Failure> {
        let parent = parent(target);
        let mut random = 0u64;
        clock::random_bytes::<4>()?.into_iter().for_each(|byte| random = random << 8 | u64::from(byte));
        let path = parent.join(format!(".litopys-{random:08x}"));
        fs::create_dir(&path).map_err(|error| Failure::io(target, &error).hint("nothing was changed"))?;
        Ok(Self { path, target: target.to_owned() })
    }

    /// The folder while it is being made.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder its name.
    pub(crate) fn land(self) -> Result<(), Failure> {
        vacant(&self.target)?;
        // Unix renames over an empty folder; elsewhere it must go first.
        if cfg!(not(unix)) && self.target.exists() {
            fs::remove_dir(&self.target).map_err(|error| Failure::io(&self.target, &error))?;
        }
        let named = fs::rename(&self.path, &self.target).and_then(|()| sync(parent(&self.target)));
        named.map_err(|error| Failure::io(&self.target, &error))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Once it has landed there is nothing of this name.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Refuses a place where something is already.
fn vacant(target: &Path) -> Result<(), Failure> {
    let meta = match fs::symlink_metadata(target) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::io(target, &error)),
    };
    if !meta.is_dir() {
        return Err(Failure::new(Exit::False, format_args!("{}: is there already", target.display())));
    }
    if target.join("checkpoint").exists() {
        return Err(Failure::new(Exit::False, format_args!("{}: there is an archive already", target.display()))
            .hint("`litopys add` grows it"));
    }
    let first = fs::read_dir(target).map_err(|error| Failure::io(target, &error))?.next();
    match first {
        None => Ok(()),
        Some(_) => Err(Failure::new(Exit::False, format_args!("{}: the folder is not empty", target.display()))
            .hint("name a folder that is empty or not there yet")),
    }
}

/// Makes a file beside its place; it is there whole, or not at all.
pub(crate) fn write_file(
    target: &Path,
    force: bool,
    write: impl FnOnce(&File) -> Result<(), Failure>,
) -> Result<(), Failure> {
    free(target, force)?;
    let io = |error: &io::Error| Failure::io(target, error).hint("nothing was changed");
    let mut builder = tempfile::Builder::new();
    builder.prefix(".litopys-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file: NamedTempFile = builder.tempfile_in(parent(target)).map_err(|error| io(&error))?;
    write(file.as_file())?;
    file.as_file().sync_all().map_err(|error| io(&error))?;
    let named = if force { file.persist(target) } else { file.persist_noclobber(target) };
    named.map_err(|error| io(&error.error))?;
    sync(parent(target)).map_err(|error| io(&error))
}

/// Refuses to write over a file that is there.
pub(crate) fn free(target: &Path, force: bool) -> Result<(), Failure> {
    if force || fs::symlink_metadata(target).is_err() {
        return Ok(());
    }
    Err(Failure::new(Exit::False, format_args!("{}: is there already", target.display())))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync(folder: &Path) -> io::Result<()> {
    // Only Unix opens folders as files.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
