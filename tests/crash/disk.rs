//! A disk that keeps beside the real folder what a machine would still have after a loss of power: of each file the bytes that were synced, of
//! each folder the names that were synced. It stops, or fails, at the step that it is told.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use litopys::store::folder::{Disk, RealDisk};

use crate::support::prng::Prng;

/// What happens at the step with a given number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The step and all that follow don't happen: the process was killed.
    Stop,
    /// As [`Fault::Stop`], but half of the bytes of a write arrive.
    Torn,
    /// The step alone fails, with this error.
    Fail(ErrorKind),
    /// The step happens, but is reported as failed, as over a network.
    Unsure,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Folder,
    File(usize),
}

#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) now: Vec<u8>,
    pub(crate) synced: Vec<u8>,
}

/// What is on the disk, and what of it would outlive a loss of power.
pub(crate) struct Model {
    pub(crate) root: PathBuf,
    pub(crate) contents: Vec<Content>,
    pub(crate) names: BTreeMap<PathBuf, Entry>,
    pub(crate) synced: BTreeMap<PathBuf, Entry>,
    pub(crate) fault: Option<(usize, Fault)>,
    pub(crate) stopped: bool,
    pub(crate) steps: Vec<String>,
}

#[derive(Clone)]
pub(crate) struct Disked(Arc<Mutex<Model>>);

impl Disked {
    /// The disk with this folder, all of which is durable.
    pub(crate) fn new(root: &Path, fault: Option<(usize, Fault)>) -> Self {
        let (mut contents, mut names) = (Vec::new(), BTreeMap::new());
        for (name, bytes) in snapshot(root) {
            names.insert(
                name,
                match bytes {
                    None => Entry::Folder,
                    Some(bytes) => {
                        contents.push(Content { now: bytes.clone(), synced: bytes });
                        Entry::File(contents.len() - 1)
                    }
                },
            );
        }
        let (root, synced, steps) = (root.to_owned(), names.clone(), Vec::new());
        Self(Arc::new(Mutex::new(Model { root, contents, names, synced, fault, stopped: false, steps })))
    }

    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        self.0.lock().unwrap()
    }

    /// The step at which the fault was, if it was reached.
    pub(crate) fn faulted(&self) -> Option<String> {
        let model = self.model();
        model.fault.and_then(|(at, _)| model.steps.get(at).cloned())
    }

    /// The process is started again, on the same machine.
    pub(crate) fn restart(&self) {
        let mut model = self.model();
        (model.fault, model.stopped) = (None, false);
    }

    /// Takes a step: does it, unless it fails. `half` does it by half.
    pub(crate) fn step<T>(
        &self,
        what: &str,
        path: &Path,
        act: impl FnOnce(&mut Model, PathBuf) -> io::Result<T>,
        half: impl FnOnce(&mut Model),
    ) -> io::Result<T> {
        let mut model = self.model();
        let name = path.strip_prefix(&model.root).unwrap().to_owned();
        if model.stopped {
            return Err(ErrorKind::Other.into());
        }
        model.steps.push(format!("{what} {}", name.display()));
        match model.fault {
            Some((at, fault)) if at == model.steps.len() - 1 => match fault {
                Fault::Fail(kind) => Err(kind.into()),
                Fault::Unsure => act(&mut model, name).and(Err(ErrorKind::Other.into())),
                Fault::Stop | Fault::Torn => {
                    if fault == Fault::Torn {
                        half(&mut model);
                    }
                    model.stopped = true;
                    Err(ErrorKind::Other.into())
                }
            },
            _ => act(&mut model, name),
        }
    }
}

impl Disk for Disked {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let make = |model: &mut Model, name: PathBuf| {
            RealDisk.create_dir(path)?;
            for folder in name.ancestors().filter(|folder| *folder != Path::new("")) {
                model.names.entry(folder.to_owned()).or_insert(Entry::Folder);
            }
            Ok(())
        };
        self.step("mkdir", path, make, |_| {})
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Write + Send>> {
        let make = |model: &mut Model, name: PathBuf| {
            let real = RealDisk.create(path)?;
            let at = match model.names.get(&name) {
                Some(Entry::File(at)) => *at,
                _ => {
                    model.contents.push(Content { now: vec![], synced: vec![] });
                    model.contents.len() - 1
                }
            };
            model.contents[at].now.clear();
            model.names.insert(name, Entry::File(at));
            Ok(Box::new(DiskedFile { disk: self.clone(), path: path.to_owned(), at, real }) as _)
        };
        self.step("create", path, make, |_| {})
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let sync = |model: &mut Model, name: PathBuf| {
            // The real folder needs no sync: this machine stays on.
            if let Some(Entry::File(at)) = model.names.get(&name) {
                let content = &mut model.contents[*at];
                content.synced.clone_from(&content.now);
                return Ok(());
            }
            let within = |path: &PathBuf| path.parent() == Some(&name);
            model.synced.retain(|path, _| !within(path));
            model
                .synced
                .extend(model.names.iter().filter(|(path, _)| within(path)).map(|(p, e)| (p.clone(), e.clone())));
            Ok(())
        };
        self.step("sync", path, sync, |_| {})
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let rename = |model: &mut Model, name: PathBuf| {
            RealDisk.rename(from, to)?;
            let from = from.strip_prefix(&model.root).unwrap();
            let entry = model.names.remove(from).unwrap();
            model.names.insert(name, entry);
            Ok(())
        };
        self.step("rename to", to, rename, |_| {})
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let remove = |model: &mut Model, name: PathBuf| {
            RealDisk.remove(path)?;
            model.names.remove(&name);
            Ok(())
        };
        self.step("remove", path, remove, |_| {})
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let remove = |model: &mut Model, name: PathBuf| {
            RealDisk.remove_dir(path)?;
            model.names.remove(&name);
            Ok(())
        };
        self.step("rmdir", path, remove, |_| {})
    }
}

pub(crate) struct DiskedFile {
    pub(crate) disk: Disked,
    pub(crate) path: PathBuf,
    pub(crate) at: usize,
    pub(crate) real: Box<dyn Write + Send>,
}

impl Write for DiskedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (real, at) = (RefCell::new(&mut self.real), self.at);
        let put = |model: &mut Model, bytes: &[u8]| {
            real.borrow_mut().write_all(bytes)?;
            model.contents[at].now.extend_from_slice(bytes);
            Ok(bytes.len())
        };
        let half = |model: &mut Model| put(model, &bytes[..bytes.len() / 2]).map(drop).unwrap();
        self.disk.step("write", &self.path, |model, _| put(model, bytes), half)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.real.flush()
    }
}

/// The real disk of a machine that stays on: nothing needs to be synced.
pub(crate) struct Unsynced;

impl Disk for Unsynced {
    fn sync(&self, path: &Path) -> io::Result<()> {
        path.metadata().map(drop)
    }
}

/// What a loss of power leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Only what was synced.
    All,
    /// The same, but for the checkpoint's name: a file system may keep the last rename, and lose what came before.
    AllButCheckpoint,
    /// What was synced, and by chance of each name and content that wasn't the old, the new or a piece.
    Some(u64),
}

/// Folders and files with their bytes.
pub(crate) type Files = BTreeMap<PathBuf, Option<Vec<u8>>>;

impl Model {
    /// What a loss of power leaves.
    pub(crate) fn after(&self, loss: Loss) -> Files {
        let mut left = Files::new();
        let mut prng = match loss {
            Loss::All | Loss::AllButCheckpoint => None,
            Loss::Some(seed) => Some(Prng(seed)),
        };
        let mut coin = |sides| prng.as_mut().map_or(0, |prng| prng.below(sides));
        let names: BTreeSet<_> = self.synced.keys().chain(self.names.keys()).collect();
        for name in names {
            let (old, new) = (self.synced.get(name), self.names.get(name));
            let kept = loss == Loss::AllButCheckpoint && name == Path::new("checkpoint");
            let Some(entry) = (if coin(2) == 0 && !kept { old } else { new }) else { continue };
            let folder = name.parent().unwrap();
            if folder != Path::new("") && left.get(folder) != Some(&None) {
                continue;
            }
            let Entry::File(at) = entry else {
                left.insert(name.clone(), None);
                continue;
            };
            let Content { now, synced } = &self.contents[*at];
            let zeros = vec![0; now.len()];
            let bytes = match coin(4) {
                0 => &synced[..],
                1 => now,
                2 if now.starts_with(synced) => &now[..synced.len() + (now.len() - synced.len()) / 2],
                _ if synced.is_empty() => &zeros,
                _ => synced,
            };
            left.insert(name.clone(), Some(bytes.to_vec()));
        }
        left
    }
}

/// All that is in a folder but the lock.
pub(crate) fn snapshot(root: &Path) -> Files {
    fn walk(folder: &Path, root: &Path, found: &mut Files) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_owned();
            if path.is_dir() {
                walk(&path, root, found);
                found.insert(name, None);
            } else if name != Path::new(".lock") {
                found.insert(name, Some(fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Files::new();
    walk(root, root, &mut found);
    found
}
