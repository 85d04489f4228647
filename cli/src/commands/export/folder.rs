//! The folder that is exported to: nothing is written outside it, and no link in it is followed.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use litopys::FileDigest;
use tempfile::NamedTempFile;

use crate::failure::{Exit, Failure};

const SUMS: &str = "SHA256SUMS";
/// How many folders are remembered as made.
const REMEMBERED: usize = 4096;

/// A folder that is exported to. Until [`finish`](Self::finish) it has no `SHA256SUMS`.
pub(super) struct Folder {
    root: PathBuf,
    replace: bool,
    made: HashSet<String>,
    sums: BufWriter<NamedTempFile>,
    /// How many files were written.
    pub(super) files: u64,
    /// Their bytes.
    pub(super) bytes: u64,
}

impl Folder {
    /// Opens a folder, made if it isn't there. With `replace` it needn't be empty: what an export writes replaces what is there.
    pub(super) fn open(root: &Path, replace: bool) -> Result<Self, Failure> {
        let io = |error: &io::Error| Failure::io(root, error);
        match fs::create_dir(root) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let mut entries = fs::read_dir(root).map_err(|error| io(&error))?;
                let refuse = |what| Failure::new(Exit::False, format_args!("{}: {what}", root.display()));
                if entries.next().is_some() && !replace {
                    return Err(refuse("the folder is not empty")
                        .hint("name a folder that is empty or not there yet; --force writes into this one, over what an export left there"));
                }
                if root.join("tile").exists() {
                    return Err(refuse("there is an archive").hint("name another folder: the export would damage it"));
                }
            }
            Err(error) => return Err(io(&error)),
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".litopys-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let sums = builder.tempfile_in(root).map_err(|error| io(&error))?;
        let folder = Self {
            root: root.to_owned(),
            replace,
            made: HashSet::new(),
            sums: BufWriter::new(sums),
            files: 0,
            bytes: 0,
        };
        folder.remove(SUMS)?;
        Ok(folder)
    }

    /// Writes a file whose digest isn't known.
    pub(super) fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.write_known(name, bytes, FileDigest::of(bytes))
    }

    /// Writes a file whose bytes have this digest.
    pub(super) fn write_known(&mut self, name: &str, bytes: &[u8], digest: FileDigest) -> Result<(), Failure> {
        let mut file = self.create(name)?;
        file.write_all(bytes).map_err(|error| self.failed(name, &error))?;
        self.sum(name, bytes.len() as u64, digest)
    }

    /// Makes a file; [`sum`](Self::sum) follows when it is written.
    pub(super) fn create(&mut self, name: &str) -> Result<File, Failure> {
        for (end, _) in name.match_indices('/') {
            self.make(&name[..end])?;
        }
        let path = self.root.join(name);
        let create = || File::options().read(true).write(true).create_new(true).open(&path);
        let created = match create() {
            // A link there is removed, not followed.
            Err(error) if self.replace && error.kind() == io::ErrorKind::AlreadyExists => {
                self.remove(name)?;
                create()
            }
            created => created,
        };
        created.map_err(|error| self.failed(name, &error))
    }

    /// Notes the digest of a file that was written bit by bit.
    pub(super) fn sum_of(&mut self, name: &str, mut file: File) -> Result<(), Failure> {
        let mut digest = || Ok((file.stream_position()?, file.rewind().and_then(|()| FileDigest::of_stream(&file))?));
        let (size, digest) = digest().map_err(|error: io::Error| self.failed(name, &error))?;
        self.sum(name, size, digest)
    }

    /// Notes a file's digest.
    pub(super) fn sum(&mut self, name: &str, size: u64, digest: FileDigest) -> Result<(), Failure> {
        self.files += 1;
        self.bytes += size;
        writeln!(self.sums, "{}  {name}", digest.to_hex()).map_err(|error| self.failed(SUMS, &error))
    }

    /// Names all that was written, and with that declares it whole.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Self { root, sums, .. } = self;
        let path = root.join(SUMS);
        let file = sums.into_inner().map_err(|error| Failure::io(&path, error.error()))?;
        file.as_file().sync_all().map_err(|error| Failure::io(&path, &error))?;
        file.persist_noclobber(&path).map_err(|error| Failure::io(&path, &error.error))?;
        Ok(())
    }

    /// Makes a folder, or finds that it is one already; a link is none.
    fn make(&mut self, name: &str) -> Result<(), Failure> {
        if self.made.contains(name) {
            return Ok(());
        }
        let path = self.root.join(name);
        match fs::create_dir(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let found = fs::symlink_metadata(&path).map_err(|error| self.failed(name, &error))?;
                if !found.is_dir() {
                    let text = format_args!("{}: is a file or a link where a folder has to be", path.display());
                    return Err(Failure::new(Exit::False, text).hint("remove it, or name another folder"));
                }
            }
            Err(error) => return Err(self.failed(name, &error)),
        }
        if self.made.len() == REMEMBERED {
            self.made.clear();
        }
        self.made.insert(name.to_owned());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Failure> {
        match fs::remove_file(self.root.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(name, &error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, name: &str, error: &io::Error) -> Failure {
        Failure::io(&self.root.join(name), error)
    }
}
