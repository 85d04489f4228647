//! What is made in full beside its place, and then put there in one step: a folder, or a file.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::clock;
use crate::failure::{Exit, Failure};

/// The file that makes a folder an archive.
const CHECKPOINT: &str = "checkpoint";
/// What the names of unfinished things begin with.
const HIDDEN: &str = ".litopys-";

/// A folder in the making. Dropped before it [lands](Staging::land), it leaves nothing behind.
pub(crate) struct Staging {
    path: PathBuf,
    target: PathBuf,
}

impl Staging {
    /// A hidden folder beside `target`, or in it where that is an empty folder already.
    pub(crate) fn beside(target: &Path) -> Result<Self, Failure> {
        if vacant(target)? { Self::in_folder(target, target) } else { Self::hidden(target) }
    }

    /// A hidden folder beside `target`, which doesn't land there.
    pub(crate) fn hidden(target: &Path) -> Result<Self, Failure> {
        Self::in_folder(parent(target), target)
    }

    fn in_folder(folder: &Path, target: &Path) -> Result<Self, Failure> {
        let random = clock::random_bytes::<4>()?.map(|byte| format!("{byte:02x}")).concat();
        let path = folder.join(format!("{HIDDEN}{random}"));
        fs::create_dir(&path).map_err(|error| Failure::io(target, &error).hint("nothing was changed"))?;
        Ok(Self { path, target: target.to_owned() })
    }

    /// The folder while it is being made.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder its name, or moves what is in it up into the folder that was there, the checkpoint last.
    pub(crate) fn land(self) -> Result<(), Failure> {
        let io = |error: io::Error| Failure::io(&self.target, &error);
        if self.path.parent() != Some(&self.target) {
            vacant(&self.target)?;
            return fs::rename(&self.path, &self.target).and_then(|()| sync(parent(&self.target))).map_err(io);
        }
        let names = fs::read_dir(&self.path).and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
        let mut names: Vec<OsString> = names.map_err(io)?;
        names.sort_by_key(|name| name == CHECKPOINT);
        let up = |name: &OsString| fs::rename(self.path.join(name), self.target.join(name));
        names.iter().try_for_each(up).and_then(|()| sync(&self.target)).map_err(io)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Once it has landed there is nothing of this name.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Refuses a place where something is already; whether there is an empty folder.
fn vacant(target: &Path) -> Result<bool, Failure> {
    let meta = match fs::symlink_metadata(target) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Failure::io(target, &error)),
    };
    if !meta.is_dir() {
        return Err(Failure::new(Exit::False, format_args!("{}: is there already", target.display())));
    }
    if target.join(CHECKPOINT).exists() {
        return Err(Failure::new(Exit::False, format_args!("{}: there is an archive already", target.display()))
            .hint("`litopys add` grows it"));
    }
    let first = fs::read_dir(target).map_err(|error| Failure::io(target, &error))?.next();
    let Some(first) = first else { return Ok(true) };
    let failure = Failure::new(Exit::False, format_args!("{}: the folder is not empty", target.display()));
    let name = first.map(|entry| entry.file_name().to_string_lossy().into_owned()).unwrap_or_default();
    Err(match name.starts_with(HIDDEN) {
        // Nobody sees it by looking.
        true => failure.hint(format_args!(
            "{name} in it is what an interrupted run left, or another makes now: if none does, remove it"
        )),
        false => failure.hint("name a folder that is empty or not there yet"),
    })
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
    builder.prefix(HIDDEN);
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
