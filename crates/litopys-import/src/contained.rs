//! Files named by hostile text: only those below a given folder, whatever the text says.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Why a named file does not come along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// Its path is absolute, or a `file:` URL.
    Absolute,
    /// It is outside of the folder, by `..` or a symbolic link.
    Outside,
    /// It, or a folder on the way, begins with a dot.
    Hidden,
    /// Its name has a control character, a backslash or a colon.
    Name,
    /// There is no such file.
    Missing,
    /// It is a folder, or a device.
    Special,
    /// It can't be read.
    Unreadable,
    /// There are too many.
    TooMany,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "an absolute path",
            Self::Outside => "outside of the folder",
            Self::Hidden => "hidden",
            Self::Name => "an odd name",
            Self::Missing => "not found",
            Self::Special => "not a file",
            Self::Unreadable => "can't be read",
            Self::TooMany => "more than one article may bring along",
        })
    }
}

/// A file below a [`Base`].
#[derive(Debug)]
pub(crate) struct Found {
    /// Its path as it was named, without `.` and `..`.
    pub(crate) relative: String,
    /// Where it is, without symbolic links.
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
}

/// A folder that files may come from.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    folder: PathBuf,
}

impl Base {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Ok(Self { folder: fs::canonicalize(folder)? })
    }

    /// The file with this relative path.
    pub(crate) fn find(&self, path: &str) -> Result<Found, Refusal> {
        let relative = relative(path)?;
        let path = fs::canonicalize(self.folder.join(&relative)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Refusal::Missing,
            _ => Refusal::Unreadable,
        })?;
        // What a symbolic link leads to is judged as if it had been named.
        let below = path.strip_prefix(&self.folder).map_err(|_| Refusal::Outside)?;
        if below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b".")) {
            return Err(Refusal::Hidden);
        }
        let metadata = fs::symlink_metadata(&path).map_err(|_| Refusal::Unreadable)?;
        if !metadata.is_file() {
            return Err(Refusal::Special);
        }
        Ok(Found { relative, size: metadata.len(), path })
    }
}

/// A relative path by its text alone: `/` between parts, none of them hidden, never above where it starts.
pub(crate) fn relative(path: &str) -> Result<String, Refusal> {
    let has_drive = matches!(path.as_bytes(), [c, b':', ..] if c.is_ascii_alphabetic());
    let is_file_url = path.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:"));
    if path.starts_with(['/', '\\', '~']) || has_drive || is_file_url {
        return Err(Refusal::Absolute);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(Refusal::Outside)?;
            }
            part if part.split('\\').any(|p| p == "..") => return Err(Refusal::Outside),
            part if part.starts_with('.') => return Err(Refusal::Hidden),
            part if part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':')) => return Err(Refusal::Name),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err(Refusal::Special);
    }
    let path = parts.join("/");
    // The system's own view of the same path may not know better.
    let plain = Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
    if plain { Ok(path) } else { Err(Refusal::Absolute) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leads_out() {
        for (path, refusal) in [
            ("../x", Refusal::Outside),
            ("../../.ssh/id_ed25519", Refusal::Outside),
            ("a/../../x", Refusal::Outside),
            ("..\\x", Refusal::Outside),
            ("a\\..\\..\\x", Refusal::Outside),
            ("/etc/passwd", Refusal::Absolute),
            ("\\\\host\\x", Refusal::Absolute),
            ("C:\\x", Refusal::Absolute),
            ("c:x", Refusal::Absolute),
            ("FILE:///etc/passwd", Refusal::Absolute),
            ("~/x", Refusal::Absolute),
            (".ssh/id", Refusal::Hidden),
            ("a/.git/config", Refusal::Hidden),
            ("...", Refusal::Hidden),
            ("a\0b", Refusal::Name),
            ("a\nb", Refusal::Name),
            ("ab:c", Refusal::Name),
            ("", Refusal::Special),
            (".", Refusal::Special),
            ("a/..", Refusal::Special),
        ] {
            assert_eq!(relative(path), Err(refusal), "{path:?}");
        }
        for (path, relative_path) in
            [("a", "a"), ("./a//b", "a/b"), ("a/../b", "b"), ("дім/фото 1.png", "дім/фото 1.png")]
        {
            assert_eq!(relative(path).as_deref(), Ok(relative_path));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_judged_by_where_it_leads() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().join("base");
        fs::create_dir_all(base.join(".hidden")).unwrap();
        fs::create_dir_all(base.join("sub")).unwrap();
        for name in ["../secret", ".hidden/key", "sub/a"] {
            fs::write(base.join(name), name).unwrap();
        }
        for (to, name) in [
            ("../secret", "out"),
            ("..", "up"),
            (".hidden/key", "key"),
            ("sub/a", "in"),
            ("loop", "loop"),
            ("gone", "dead"),
        ] {
            symlink(to, base.join(name)).unwrap();
        }
        let base = Base::new(&base).unwrap();
        let find = |path| base.find(path).map(|found| found.path.strip_prefix(&base.folder).unwrap().to_owned());
        assert_eq!(find("sub/a"), Ok("sub/a".into()));
        assert_eq!(find("in"), Ok("sub/a".into()));
        for (path, refusal) in [
            ("out", Refusal::Outside),
            ("up/secret", Refusal::Outside),
            ("key", Refusal::Hidden),
            ("loop", Refusal::Unreadable),
            ("dead", Refusal::Missing),
            ("sub", Refusal::Special),
            ("sub/a/b", Refusal::Missing),
        ] {
            assert_eq!(find(path), Err(refusal), "{path}");
        }
    }
}
