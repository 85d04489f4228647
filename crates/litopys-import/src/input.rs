//! A file to read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kind::{self, ByName};
use crate::{Failure, ImportError, Kind, names};

/// An INPUT as it was given.
#[derive(Debug)]
pub(crate) struct Root {
    /// As given.
    pub(crate) given: PathBuf,
    /// Without symbolic links.
    pub(crate) real: PathBuf,
}

/// A file to read: an INPUT, or one below an INPUT that is a folder.
#[derive(Debug, Clone)]
pub struct InputFile {
    pub(crate) root: Arc<Root>,
    /// Its path below the root, if the root is a folder.
    pub(crate) below: Option<Box<Path>>,
}

impl InputFile {
    /// A file that is an INPUT by itself.
    ///
    /// # Errors
    /// [`Failure`] if it can't be found, or is no file.
    pub fn new(path: impl Into<PathBuf>) -> Result<Self, Failure> {
        let given = path.into();
        let real = fs::canonicalize(&given).and_then(|real| Ok((fs::metadata(&real)?.is_file(), real)));
        match real {
            Ok((true, real)) => Ok(Self { root: Arc::new(Root { given, real }), below: None }),
            Ok((false, _)) => Err(Failure::new(given, ImportError::Special)),
            Err(e) => Err(Failure::new(given, e)),
        }
    }

    /// Its path, which begins as the INPUT was given.
    pub fn path(&self) -> PathBuf {
        self.below.as_ref().map_or_else(|| self.root.given.clone(), |below| self.root.given.join(below))
    }

    /// Its path without symbolic links.
    pub(crate) fn real_path(&self) -> PathBuf {
        self.below.as_ref().map_or_else(|| self.root.real.clone(), |below| self.root.real.join(below))
    }

    /// Its subject by its path: relative to the INPUT, with `/` between parts and in NFC; for an INPUT that is a file,
    /// its name.
    pub fn subject(&self) -> String {
        self.below.as_ref().map_or_else(|| names::subject(Path::new(&self.name())), |below| names::subject(below))
    }

    /// What it is by its name and by what was asked for. Data in a folder stays data, whatever was asked for.
    pub(crate) fn kind(&self, from: Option<Kind>) -> ByName {
        let by_name = kind::by_name(self.below.as_deref().unwrap_or(&self.root.given));
        match from {
            None => by_name,
            Some(_) if self.below.is_some() && matches!(by_name, ByName::Data(_)) => by_name,
            Some(kind) => ByName::Named(kind),
        }
    }

    /// The file of this name in the same folder.
    pub(crate) fn beside(&self, name: &str) -> Self {
        match &self.below {
            Some(below) => {
                Self { root: Arc::clone(&self.root), below: Some(below.with_file_name(name).into_boxed_path()) }
            }
            None => {
                let (given, real) = (self.root.given.with_file_name(name), self.root.real.with_file_name(name));
                Self { root: Arc::new(Root { given, real }), below: None }
            }
        }
    }

    /// Its file name, as it is.
    pub(crate) fn name(&self) -> String {
        let path = self.below.as_deref().unwrap_or(&self.root.given);
        let name = names::file_name(path);
        if name.is_empty() { names::file_name(&self.root.real) } else { name }
    }
}
