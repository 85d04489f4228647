//! Where a history is: a repository's folder, or a bundle.

use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix_hash::{Kind as HashKind, ObjectId};

use super::objects::Objects;
use super::{GitFault, bundle};
use crate::limits;

/// A history's objects, and where it ends.
pub(super) struct Repository {
    pub(super) objects: Arc<Objects>,
    pub(super) head: ObjectId,
    /// Commits whose parents were left out when it was cloned.
    pub(super) shallow: HashSet<ObjectId>,
    /// Commits that a bundle builds upon, and leaves out.
    pub(super) absent: HashSet<ObjectId>,
    /// Where a bundle's pack is. It goes when the repository does.
    pub(super) _temporary: Option<tempfile::TempDir>,
}

/// The folder of the repository that a folder is, or has in `.git`.
pub(crate) fn git_folder(folder: &Path) -> Option<PathBuf> {
    let is_repository = |folder: &Path| {
        folder.join("HEAD").symlink_metadata().is_ok_and(|head| head.is_file() || head.is_symlink())
            && folder.join("objects").symlink_metadata().is_ok_and(|objects| objects.is_dir())
            && folder.join("refs").is_dir()
    };
    let inner = folder.join(".git");
    if is_repository(&inner) {
        return Some(inner);
    }
    is_repository(folder).then(|| folder.to_owned())
}

impl Repository {
    /// Opens a folder or a file.
    pub(super) fn open(path: &Path) -> Result<Self, GitFault> {
        if !path.is_dir() {
            return bundle::open(fs::File::open(path)?);
        }
        if path.join(".git").symlink_metadata().is_ok_and(|found| !found.is_dir()) {
            return Err(GitFault::Elsewhere);
        }
        let folder = git_folder(path).ok_or(GitFault::NoRepository)?;
        let config = read(&folder.join("config"))?.unwrap_or_default();
        let hash = match setting(&config, "objectformat").as_deref() {
            None | Some("sha1") => HashKind::Sha1,
            Some("sha256") => HashKind::Sha256,
            Some(_) => return Err(GitFault::Unknown("object format")),
        };
        if setting(&config, "refstorage").is_some_and(|storage| storage != "files") {
            return Err(GitFault::Unknown("storage of references"));
        }
        let head = head(&folder, hash)?;
        let lines = read(&folder.join("shallow"))?.unwrap_or_default();
        let shallow = lines.lines().filter_map(|line| ObjectId::from_hex(line.trim().as_bytes()).ok()).collect();
        let objects = Arc::new(Objects::open(&folder.join("objects"), hash)?);
        Ok(Self { objects, head, shallow, absent: HashSet::new(), _temporary: None })
    }
}

/// The value of a key in git's configuration, whatever its section: those that matter here have names of their own.
fn setting(config: &str, key: &str) -> Option<String> {
    config.lines().filter_map(|line| line.split_once('=')).find_map(|(name, value)| {
        let value = value.trim().trim_matches('"').to_ascii_lowercase();
        name.trim().eq_ignore_ascii_case(key).then_some(value)
    })
}

/// The commit that HEAD names, through the reference that it names.
fn head(folder: &Path, hash: HashKind) -> Result<ObjectId, GitFault> {
    let mut name = "HEAD".to_owned();
    for _ in 0..limits::GIT_REFERENCES {
        let text = match read(&folder.join(&name))? {
            Some(text) => text,
            None => packed(folder, &name)?.ok_or(GitFault::NoCommits)?,
        };
        match text.trim().strip_prefix("ref:") {
            // Its own words tell where we look: only below `refs`.
            Some(next) if is_reference(next.trim()) => next.trim().clone_into(&mut name),
            Some(_) => return Err(GitFault::Reference(name)),
            None => {
                let id = ObjectId::from_hex(text.trim().as_bytes()).ok().filter(|id| id.kind() == hash);
                return id.ok_or(GitFault::Reference(name));
            }
        }
    }
    Err(GitFault::Reference("HEAD".to_owned()))
}

fn is_reference(name: &str) -> bool {
    let mut parts = name.split('/');
    parts.next() == Some("refs")
        && name.len() <= litopys::limits::PATH
        && parts.all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']))
}

/// A reference's line in `packed-refs`.
fn packed(folder: &Path, name: &str) -> Result<Option<String>, GitFault> {
    let lines = read(&folder.join("packed-refs"))?.unwrap_or_default();
    let found = lines.lines().find_map(|line| line.split_once(' ').filter(|(_, this)| this.trim() == name));
    Ok(found.map(|(id, _)| id.to_owned()))
}

/// A small text of the repository's own folder; `None` if there is none.
fn read(path: &Path) -> Result<Option<String>, GitFault> {
    // Neither a link out of the folder nor a device is read.
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        _ => return Ok(None),
    }
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(limits::GIT_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits::GIT_TEXT {
        return Err(GitFault::Limit("bytes of references"));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
