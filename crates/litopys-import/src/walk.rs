//! INPUTs to files, in a stable order.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::input::Root;
use crate::kind::ByName;
use crate::{Failure, ImportError, InputFile, Kind, Options, kind, limits};

/// Why a file or folder below an INPUT is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its name begins with a dot.
    Hidden,
    /// It is a symbolic link.
    Symlink,
    /// It is neither a file nor a folder.
    Special,
    /// It came along with a document that links it.
    Linked,
    /// The caller excluded it.
    Excluded,
    /// It is an archive or a bundle of Litopys, in which articles are signed already.
    Archive,
    /// A record of a web archive that holds no page: an image, a script.
    NoPage,
    /// An answer in a web archive whose status isn't 200: a redirect, an error.
    Status,
    /// A page in a web archive that its list of pages doesn't name, such as a frame in another.
    Unlisted,
    /// A record of a web archive that says that something hadn't changed which isn't in that archive.
    Revisit,
    /// It is no article by its name, in a history that holds other things too.
    NoArticle,
    /// It is a Telegram message that tells of something that happened in the chat: a pin, a new name.
    Service,
    /// It is a Telegram message that its export leaves out.
    Unsupported,
    /// It is a message of a private conversation in the export of a whole Telegram account.
    PrivateChat,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hidden => "hidden",
            Self::Symlink => "symbolic links",
            Self::Special => "neither files nor folders",
            Self::Linked => "attached to documents",
            Self::Excluded => "excluded",
            Self::Archive => "Litopys archives",
            Self::NoPage => "other than pages",
            Self::Status => "with a status other than 200",
            Self::Unlisted => "not on the list of pages",
            Self::Revisit => "unchanged since a capture that isn't there",
            Self::NoArticle => "no articles by their names",
            Self::Service => "service messages",
            Self::Unsupported => "messages that their export leaves out",
            Self::PrivateChat => "messages of private chats",
        })
    }
}

/// How many files and folders were passed over, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped(BTreeMap<SkipReason, u64>);

impl Skipped {
    pub(crate) fn add(&mut self, reason: SkipReason) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// Adds what was passed over elsewhere.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (reason, count) in other.iter() {
            *self.0.entry(reason).or_default() += count;
        }
    }

    /// How many for this reason.
    pub fn count(&self, reason: SkipReason) -> u64 {
        self.0.get(&reason).copied().unwrap_or_default()
    }

    /// Each reason that occurred, and how often.
    pub fn iter(&self) -> impl Iterator<Item = (SkipReason, u64)> {
        self.0.iter().map(|(reason, count)| (*reason, *count))
    }

    /// Whether nothing was passed over.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An input that [`walk`] finds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Item {
    /// A file.
    File(InputFile),
    /// A folder that is one input as a whole.
    Folder(Kind, InputFile),
    /// Standard input.
    Stdin,
    /// A URL of the web.
    Url(String),
}

/// The files of the INPUTs. See [`walk`].
#[derive(Debug)]
pub struct Walk {
    inputs: VecDeque<PathBuf>,
    from: Option<Kind>,
    exclude: Vec<PathBuf>,
    folders: Vec<Folder>,
    skipped: Skipped,
}

#[derive(Debug)]
struct Folder {
    root: Arc<Root>,
    below: PathBuf,
    entries: std::vec::IntoIter<(OsString, Found)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    File,
    Folder,
}

/// The files of some INPUTs: each INPUT in turn; a folder with all folders below it, where names are in bytewise order.
/// `-` is standard input.
///
/// An INPUT itself may be hidden or a symbolic link. Below it, hidden files and folders, symbolic links and what is
/// neither file nor folder are [passed over](Walk::skipped). It reads one folder at a time, when it gets there.
pub fn walk(inputs: &[PathBuf], options: &Options) -> Walk {
    let exclude = options.exclude.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    Walk {
        inputs: inputs.iter().cloned().collect(),
        from: options.from,
        exclude,
        folders: Vec::new(),
        skipped: Skipped::default(),
    }
}

impl Walk {
    /// What was passed over so far.
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// The INPUTs that were not begun yet.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().map(PathBuf::as_path)
    }

    fn start(&mut self, given: PathBuf) -> Result<Option<Item>, Failure> {
        if given == Path::new("-") {
            return Ok(Some(Item::Stdin));
        }
        let is_url =
            |text: &&str| ["http://", "https://"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme));
        if let Some(url) = given.to_str().filter(is_url) {
            return Ok(Some(Item::Url(url.to_owned())));
        }
        let found = fs::canonicalize(&given).and_then(|real| Ok((fs::metadata(&real)?, real)));
        let (metadata, real) = found.map_err(|e| Failure::new(&given, e))?;
        if self.is_excluded(&real) {
            return Ok(None);
        }
        let root = Arc::new(Root { given, real });
        if metadata.is_dir() {
            return self.enter(root, PathBuf::new());
        }
        if metadata.is_file() {
            Ok(Some(Item::File(InputFile { root, below: None })))
        } else {
            Err(Failure::new(&root.given, ImportError::Special))
        }
    }

    fn is_excluded(&mut self, real: &Path) -> bool {
        let excluded = self.exclude.iter().any(|path| path == real);
        if excluded {
            self.skipped.add(SkipReason::Excluded);
        }
        excluded
    }

    /// Goes into a folder, unless it is one input as a whole.
    fn enter(&mut self, root: Arc<Root>, below: PathBuf) -> Result<Option<Item>, Failure> {
        let path = root.given.join(&below);
        let kind = match self.from {
            None => kind::of_folder(&path),
            Some(from) => kind::of_folder(&path).filter(|kind| *kind == from),
        };
        if let Some(kind) = kind {
            let below = (!below.as_os_str().is_empty()).then(|| below.into());
            return Ok(Some(Item::Folder(kind, InputFile { root, below })));
        }
        if self.folders.len() == limits::FOLDER_DEPTH {
            return Err(Failure::new(path, ImportError::Depth));
        }
        let mut entries = self.list(&path).map_err(|e| Failure::new(path, e))?;
        let has = |name: &str, found| entries.iter().any(|(entry, is)| entry == name && *is == found);
        if has("checkpoint", Found::File) && has("tile", Found::Folder) {
            self.skipped.add(SkipReason::Archive);
            return Ok(None);
        }
        self.leave_to_pages(&mut entries);
        entries.sort_unstable_by(|(a, _), (b, _)| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
        self.folders.push(Folder { root, below, entries: entries.into_iter() });
        Ok(None)
    }

    /// Passes over the folders that browsers save beside pages: the pages bring along what they show of them.
    fn leave_to_pages(&mut self, entries: &mut Vec<(OsString, Found)>) {
        const ENDS: [&str; 8] =
            ["_files", ".files", "-Dateien", "_Dateien", "_fichiers", "_archivos", "_arquivos", "_pliki"];
        let stems: HashSet<OsString> = entries
            .iter()
            .filter(|(name, found)| {
                *found == Found::File && kind::by_name(Path::new(name)) == ByName::Named(Kind::Html)
            })
            .filter_map(|(name, _)| Some(Path::new(name).file_stem()?.to_owned()))
            .collect();
        if stems.is_empty() {
            return;
        }
        let skipped = &mut self.skipped;
        entries.retain(|(name, found)| {
            let stem = name.to_str().and_then(|name| ENDS.iter().find_map(|end| name.strip_suffix(end)));
            let keep = *found == Found::File || !stem.is_some_and(|stem| stems.contains(std::ffi::OsStr::new(stem)));
            if !keep {
                skipped.add(SkipReason::Linked);
            }
            keep
        });
    }

    fn list(&mut self, path: &Path) -> io::Result<Vec<(OsString, Found)>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            let reason = match kind {
                _ if name.as_encoded_bytes().starts_with(b".") => SkipReason::Hidden,
                kind if kind.is_symlink() => SkipReason::Symlink,
                kind if kind.is_file() && Path::new(&name).extension().is_some_and(|end| end == "litopys") => {
                    SkipReason::Archive
                }
                kind if kind.is_file() => {
                    entries.push((name, Found::File));
                    continue;
                }
                kind if kind.is_dir() => {
                    entries.push((name, Found::Folder));
                    continue;
                }
                _ => SkipReason::Special,
            };
            self.skipped.add(reason);
        }
        Ok(entries)
    }
}

impl Iterator for Walk {
    type Item = Result<Item, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(folder) = self.folders.last_mut() else {
                let input = self.inputs.pop_front()?;
                match self.start(input).transpose() {
                    None => continue,
                    found => return found,
                }
            };
            let Some((name, found)) = folder.entries.next() else {
                self.folders.pop();
                continue;
            };
            let (root, below) = (Arc::clone(&folder.root), folder.below.join(name));
            if !self.exclude.is_empty() && self.is_excluded(&root.real.join(&below)) {
                continue;
            }
            match found {
                Found::File => return Some(Ok(Item::File(InputFile { root, below: Some(below.into()) }))),
                Found::Folder => {
                    if let Some(found) = self.enter(root, below).transpose() {
                        return Some(found);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_in_bytewise_order_of_their_parts() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "b/x.md",
            "b.md",
            "B.md",
            "a/z/1",
            "a/b",
            ".git/config",
            "a/.hidden",
            "é",
            "out/archive",
            "c.litopys",
            "a/log/checkpoint",
            "a/log/tile/0/000",
            "checkpoint",
        ] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc", dir.path().join("link")).unwrap();
        #[cfg(unix)]
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        let options = Options { exclude: vec![dir.path().join("out")], ..Options::default() };
        let mut found =
            walk(&[dir.path().to_owned(), dir.path().join("b.md"), "-".into(), dir.path().join("none")], &options);
        let subjects: Vec<_> = found
            .by_ref()
            .map(|item| match item {
                Ok(Item::File(file)) => file.subject(),
                Ok(other) => format!("{other:?}"),
                Err(failure) => failure.input.file_name().unwrap().to_str().unwrap().to_owned(),
            })
            .collect();
        assert_eq!(subjects, ["B.md", "a/b", "a/z/1", "b/x.md", "b.md", "checkpoint", "é", "b.md", "Stdin", "none"]);
        let skipped = found.skipped();
        assert_eq!(skipped.count(SkipReason::Archive), 2);
        assert_eq!((skipped.count(SkipReason::Hidden), skipped.count(SkipReason::Excluded)), (2, 1));
        for reason in [SkipReason::Symlink, SkipReason::Special] {
            assert_eq!(skipped.count(reason), u64::from(cfg!(unix)));
        }
        let named = walk(&[dir.path().join("socket")], &options).next().unwrap().unwrap_err();
        assert!(matches!(named.error, ImportError::Special | ImportError::Read(_)));
    }
}
