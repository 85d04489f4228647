//! Opening an archive by what it is, not by its name: a folder, or a bundle.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use litopys::TreeHead;
use litopys::check::{self, Trust};
use litopys::prove::Prover;
use litopys::report::{Code, Report};
use litopys::store::folder::FolderStore;
use litopys::store::zip::{BundleError, BundleStore, looks_like_bundle};
use litopys::store::{Store, StoreKind};
use litopys::view::{ReadError, View};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::home::memory::Memory;
use crate::trust;
use crate::ui::words::count;

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

/// The first bytes of a file, at most 64, by which its kind is told. Of a pipe there are none: it would be waited for, and they would be gone.
pub(crate) fn first_bytes(path: &Path) -> Vec<u8> {
    let mut first = Vec::new();
    if fs::metadata(path).is_ok_and(|meta| meta.is_file()) {
        let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut first));
        // Why it can't be read, whoever reads all of it tells.
        first.truncate(read.unwrap_or(0));
    }
    first
}

/// The folder of an archive that is to grow.
pub(crate) fn folder(path: &Path) -> Result<PathBuf, Failure> {
    match open(path)? {
        Opened::Folder(_) => Ok(path.to_owned()),
        Opened::Bundle(store) if store.kind() == StoreKind::Extract => Err(is_extract(path)),
        _ => Err(Failure::new(Exit::Unable, format_args!("{}: is a bundle, which is read-only", path.display()))
            .hint(format_args!("`litopys unbundle {} DIR` makes a folder of it, which grows", path.display()))),
    }
}

/// What is asked for can't be done with an extract.
pub(crate) fn is_extract(path: &Path) -> Failure {
    Failure::new(Exit::Unable, format_args!("{}: is an extract: single articles out of an archive", path.display()))
        .hint("an extract is checked and read; only a whole archive becomes a folder and grows")
}

/// Whether a folder holds an archive, or what is left of one.
fn is_archive(path: &Path) -> bool {
    path.join("checkpoint").is_file() || path.join("tile").is_dir()
}

fn no_archive(path: &Path) -> Failure {
    Failure::new(Exit::Unable, format_args!("{}: not an archive", path.display()))
        .hint("an archive is a folder with a file `checkpoint`, or a bundle (.litopys)")
}

/// Opens an archive for reading, and says on standard error whether it is trusted, and whether it is behind what was seen of it.
///
/// Neither keeps it from being read: an old bundle is one to compare with.
pub(crate) fn view<'a>(context: &Context, path: &Path, opened: &'a Opened) -> Result<View<'a>, Failure> {
    let (store, memories) = (opened.store(path)?, context.memories()?);
    let (trust, threads) = (memories.trust(), context.threads().get());
    let without_seen = || Trust { seen: Vec::new(), ..trust.clone() };
    let (view, forked) = match View::open(store, trust.clone(), threads) {
        Err(ReadError::Failed(report)) if has(&report, Code::RolledBack) => {
            (View::open(store, without_seen(), threads), false)
        }
        Err(ReadError::Failed(report)) if has(&report, Code::Forked) => {
            (View::open(store, without_seen(), threads), true)
        }
        view => (view, false),
    };
    let view = view.map_err(|error| Failure::from(error).at(path.display()))?;
    trust::notice_of(context, view.report());
    let seen = view.report().archive.and_then(|id| memories.of(id)?.seen());
    warn(context, path, forked, view.head().size(), seen);
    Ok(view)
}

/// Says the same of an archive of which no more is read than is asked for.
pub(crate) fn notice(context: &Context, path: &Path, prover: &mut Prover<'_>) -> Result<(), Failure> {
    let memories = context.memories()?;
    let id = prover.archive();
    let trusted = memories.trust().known.iter().any(|anchor| anchor.names(id, prover.founder()));
    trust::notice(context, id, &prover.charter().title, trusted);
    let (seen, size) = (memories.of(id).and_then(Memory::seen), prover.head().size());
    // An extract knows no root but its own.
    let mut root = |seen: TreeHead| prover.root_at(seen.size()).ok().filter(|_| seen.size() <= size);
    let forked = seen.is_some_and(|seen| root(seen).is_some_and(|root| root != seen.root()));
    warn(context, path, forked, size, seen);
    Ok(())
}

fn warn(context: &Context, path: &Path, forked: bool, size: u64, seen: Option<TreeHead>) {
    if forked {
        context.ui.warn(format_args!("{}: forked: its history is not the one that was seen before", path.display()));
    } else if let Some(seen) = seen.filter(|seen| seen.size() > size) {
        let (here, before) = (count(size, "statement"), seen.size());
        context.ui.warn(format_args!("{}: not the newest: {here}, where {before} were seen before", path.display()));
    }
}

fn has(report: &Report, code: Code) -> bool {
    report.findings.iter().any(|finding| finding.code == code)
}
