//! Opening an archive by what it is, not by its name: a folder, or a bundle.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use litopys::check;
use litopys::report::Report;
use litopys::store::Store;
use litopys::store::folder::FolderStore;
use litopys::store::zip::{BundleError, BundleStore, looks_like_bundle};
use litopys::view::View;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::trust;

/// Something that is meant to be an archive.
pub(crate) enum Opened {
    /// In a folder.
    Folder(FolderStore),
    /// In a bundle.
    Bundle(BundleStore<File>),
    /// A bundle by its first bytes, whose structure is refused: the report says why.
    Refused(Box<Report>),
}

impl Opened {
    /// Its files, for a command that reads; a refused bundle is a failure.
    pub(crate) fn store(&self, path: &Path) -> Result<&dyn Store, Failure> {
        match self {
            Self::Folder(store) => Ok(store),
            Self::Bundle(store) => Ok(store),
            Self::Refused(report) => {
                let detail = report.findings.first().map_or("its structure", |finding| &finding.detail);
                let text = format_args!("{}: the bundle is damaged (E001): {detail}", path.display());
                Err(Failure::new(Exit::False, text))
            }
        }
    }
}

/// Opens what is at this path.
pub(crate) fn open(path: &Path) -> Result<Opened, Failure> {
    let meta = fs::metadata(path).map_err(|error| Failure::io(path, &error))?;
    if meta.is_dir() {
        return if is_archive(path) { Ok(Opened::Folder(FolderStore::new(path))) } else { Err(no_archive(path)) };
    }
    if !meta.is_file() {
        return Err(no_archive(path));
    }
    let io = |error| Failure::io(path, &error);
    let mut file = File::open(path).map_err(io)?;
    let mut first = [0; 4];
    let read = file.read(&mut first).map_err(io)?;
    if !looks_like_bundle(&first[..read]) {
        return Err(no_archive(path));
    }
    match BundleStore::open(file) {
        Ok(store) => Ok(Opened::Bundle(store)),
        Err(BundleError::Io(error)) => Err(Failure::io(path, &error)),
        Err(error) => match check::refused(&error) {
            Some(report) => Ok(Opened::Refused(Box::new(report))),
            None => Err(Failure::from(error).at(path.display())),
        },
    }
}

/// The folder of an archive that is to grow.
pub(crate) fn folder(path: &Path) -> Result<PathBuf, Failure> {
    match open(path)? {
        Opened::Folder(_) => Ok(path.to_owned()),
        _ => Err(Failure::new(Exit::Unable, format_args!("{}: is a bundle, which is read-only", path.display()))
            .hint(format_args!("`litopys unbundle {} DIR` makes a folder of it, which grows", path.display()))),
    }
}

/// Whether a folder holds an archive, or what is left of one.
fn is_archive(path: &Path) -> bool {
    path.join("checkpoint").is_file() || path.join("tile").is_dir()
}

fn no_archive(path: &Path) -> Failure {
    Failure::new(Exit::Unable, format_args!("{}: not an archive", path.display()))
        .hint("an archive is a folder with a file `checkpoint`, or a bundle (.litopys)")
}

/// Opens an archive for reading, and says on standard error whether it is trusted.
pub(crate) fn view<'a>(context: &Context, path: &Path, opened: &'a Opened) -> Result<View<'a>, Failure> {
    let trust = context.memories()?.trust();
    let view = View::open(opened.store(path)?, trust, context.threads.get());
    let view = view.map_err(|error| Failure::from(error).at(path.display()))?;
    trust::notice_of(context, view.report());
    Ok(view)
}
