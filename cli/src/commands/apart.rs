//! Signing apart from writing: requests written, with what can't be read a second time kept beside them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use litopys::archive::Archive;
use litopys::request::{Request, Unsigned};
use litopys::{Content, DraftFile, FileDigest, limits};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::ui::words::quoted;

/// A file that is being written.
const PART: &str = ".partial";

/// Writes a file that isn't there yet.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = File::create_new(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| Failure::io(path, &error))
}

/// Reads a request, or what was signed for one: as many bytes as either may have.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limits::REQUEST + 1).read_to_end(&mut bytes));
    read.map_err(|error| Failure::io(path, &error))?;
    Ok(bytes)
}

/// A request for statements of an archive.
pub(crate) fn request(archive: &Archive, statements: Vec<Unsigned>) -> Result<Request, Failure> {
    let charter = archive.charter();
    let request = Request::new(archive.id(), charter.origin.clone(), charter.title.clone(), statements);
    request.map_err(|error| Failure::of(Exit::Unable, &error))
}

/// Writes a request into a file that isn't there yet; gives its size.
pub(crate) fn write(request: &Request, out: &Path) -> Result<u64, Failure> {
    let bytes = request.encode().map_err(|error| Failure::of(Exit::Unable, &error))?;
    write_new(out, &bytes)?;
    Ok(bytes.len() as u64)
}

/// Says what comes next; `inputs` are what the signed statements' files are among, in words for a command line.
pub(crate) fn note(context: &Context, out: &Path, inputs: &str) {
    context.ui.note(format_args!(
        "nothing was signed: `litopys sign {0} --out SIGNED` does, and `litopys add ARCHIVE {inputs}--signed SIGNED` takes it in",
        quoted(out)
    ));
}

/// What can't be read a second time, a page that was fetched above all: kept in a folder beside the request, each file under its digest.
pub(crate) struct Kept {
    dir: PathBuf,
    files: HashSet<FileDigest>,
    made: bool,
    done: bool,
}

impl Kept {
    /// Beside a request that isn't written yet.
    pub(crate) fn beside(request: &Path) -> Result<Self, Failure> {
        if request.symlink_metadata().is_ok() {
            return Err(Failure::new(Exit::Unable, format_args!("{}: File exists", request.display())));
        }
        let mut dir = OsString::from(request);
        dir.push(".files");
        Ok(Self { dir: dir.into(), files: HashSet::new(), made: false, done: false })
    }

    /// Keeps a draft's file, and lets the draft read it there.
    pub(crate) fn keep(&mut self, file: &mut DraftFile) -> Result<(), Failure> {
        if matches!(file.content, Content::Archived { .. }) {
            return Ok(());
        }
        if !self.made {
            fs::create_dir(&self.dir).map_err(|error| Failure::io(&self.dir, &error))?;
            self.made = true;
        }
        let part = self.dir.join(PART);
        let digest = copy(&file.content, &part).map_err(|error| Failure::io(&self.dir, &error))?;
        let kept = self.dir.join(digest.to_hex());
        fs::rename(&part, &kept).map_err(|error| Failure::io(&kept, &error))?;
        self.files.insert(digest);
        file.content = Content::File(kept);
        Ok(())
    }

    /// Lets go of what a request doesn't name. Gives the folder, if anything is left in it.
    pub(crate) fn finish(mut self, request: Option<&Request>) -> Option<PathBuf> {
        let statements = request.into_iter().flat_map(Request::statements);
        let manifests = statements.filter_map(Unsigned::manifest);
        let named: HashSet<_> = manifests.flat_map(|manifest| &manifest.files).map(|file| file.sha256).collect();
        self.files.iter().filter(|digest| !named.contains(digest)).for_each(|digest| self.remove(digest));
        self.done = self.files.iter().any(|digest| named.contains(digest));
        self.done.then(|| self.dir.clone())
    }

    fn remove(&self, digest: &FileDigest) {
        _ = fs::remove_file(self.dir.join(digest.to_hex()));
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.made && !self.done {
            self.files.iter().for_each(|digest| self.remove(digest));
            _ = fs::remove_file(self.dir.join(PART));
            _ = fs::remove_dir(&self.dir);
        }
    }
}

/// Copies a file's bytes; gives the digest of the copy.
fn copy(content: &Content, to: &Path) -> io::Result<FileDigest> {
    let mut out = File::create(to)?;
    match content {
        Content::Bytes(bytes) => out.write_all(bytes)?,
        Content::File(path) => _ = io::copy(&mut File::open(path)?, &mut out)?,
        Content::Source(source) => _ = io::copy(&mut source.open()?, &mut out)?,
        _ => return Err(io::ErrorKind::Unsupported.into()),
    }
    out.sync_all()?;
    FileDigest::of_stream(File::open(to)?)
}

/// The inputs to name, in words for a command line.
pub(crate) fn inputs(others: bool, kept: Option<&Path>) -> String {
    let others = if others { "INPUT... " } else { "" };
    kept.map_or_else(|| others.to_owned(), |kept| format!("{others}{} ", quoted(kept)))
}
