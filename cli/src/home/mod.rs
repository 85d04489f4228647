//! The user's folder: `keys/` (secret), `trust/` (what they pinned, and what was seen of it) and `witness/` (what they cosigned).

pub(crate) mod keys;
pub(crate) mod memory;
pub(crate) mod witness;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::failure::{Exit, Failure};

/// The user's folder. It is made when something is written into it.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    root: PathBuf,
}

impl Home {
    /// `LITOPYS_HOME`, else `litopys` in the user's data folder (`XDG_DATA_HOME`, `~/.local/share`, `%APPDATA%`).
    pub(crate) fn find() -> Result<Self, Failure> {
        if let Some(root) = std::env::var_os("LITOPYS_HOME").filter(|root| !root.is_empty()) {
            return Ok(Self { root: root.into() });
        }
        match etcetera::choose_base_strategy() {
            Ok(dirs) => Ok(Self { root: dirs.data_dir().join("litopys") }),
            Err(_) => {
                Err(Failure::new(Exit::Unable, "there is no home folder").hint("LITOPYS_HOME names one for litopys"))
            }
        }
    }

    fn keys_dir(&self) -> PathBuf {
        self.root.join("keys")
    }

    fn trust_dir(&self) -> PathBuf {
        self.root.join("trust")
    }
}

/// What is in a folder, sorted by name; nothing where there is none.
fn paths_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    match read() {
        Ok(mut paths) => {
            paths.sort_unstable();
            Ok(paths)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::io(folder, &error)),
    }
}

/// Makes a folder that only its owner may enter.
fn private_dir(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Failure::io(path, &error))
}

/// Opens a file that is there to be locked.
fn lock_file(path: &Path) -> Result<File, Failure> {
    // Windows locks no file that is open for appending alone.
    File::options().create(true).read(true).append(true).open(path).map_err(|error| Failure::io(path, &error))
}

/// Writes a file that only its owner may read, in one step: it is there whole or not at all.
fn write_private(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let done = (|| {
        // Such files have the mode 0600.
        let mut file = tempfile::Builder::new().prefix(".partial-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        if replace {
            file.persist(path)?
        } else {
            file.persist_noclobber(path)?
        };
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(())
    })();
    done.map_err(|error: io::Error| Failure::io(path, &error))
}
