//! Names: a path that an archive allows for any file name, and a subject for any path.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Component, Path};

use litopys::limits::PATH;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The name of a path's last part; what is not UTF-8 in it is written `%FF`, so that two names never become one.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(escape).unwrap_or_default()
}

/// A path relative to its INPUT as a subject: `/` between parts, NFC.
pub(crate) fn subject(path: &Path) -> String {
    let mut parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(escape(name)),
        _ => None,
    });
    let mut subject = parts.next().unwrap_or_default();
    for part in parts {
        subject.push('/');
        subject.push_str(&part);
    }
    nfc(subject)
}

/// A path of `/` between parts as a subject: NFC.
#[cfg(feature = "git")]
pub(crate) fn subject_of(path: &str) -> String {
    nfc(path.to_owned())
}

fn escape(name: &std::ffi::OsStr) -> String {
    name.to_str().map_or_else(|| escape_bytes(name.as_encoded_bytes()), str::to_owned)
}

/// Bytes as text: what is not UTF-8 in them is written `%FF`.
pub(crate) fn escape_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn nfc(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

/// A path that an archive allows, as near to `name` as can be: NFC, without control and bidi characters, `\` and `:`,
/// names that Windows keeps for devices, and parts that end in a dot or space.
pub(crate) fn safe_path(name: &str) -> String {
    let name = nfc(name.to_owned());
    let mut path = String::with_capacity(name.len());
    for part in name.split('/').filter(|part| !part.is_empty()) {
        if !path.is_empty() {
            path.push('/');
        }
        if is_device(part) || part == "." || part == ".." {
            path.push('_');
        }
        path.extend(part.chars().map(|c| if is_odd(c) { '_' } else { c }));
        if part.ends_with(['.', ' ']) {
            path.push('_');
        }
    }
    if path.is_empty() {
        path.push('_');
    }
    shorten(&mut path, PATH);
    path
}

fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\\' | ':' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    let numbered =
        |name: &str| stem.strip_prefix(name).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Cuts a path to `max` bytes within its last part's stem, so that the extension stays.
fn shorten(path: &mut String, max: usize) {
    if path.len() <= max {
        return;
    }
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, e)| format!(".{e}"));
    let extension = extension.filter(|e| e.len() <= 16).unwrap_or_default();
    let mut end = max - extension.len();
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    path.truncate(end);
    while path.ends_with(['/', '.', ' ']) {
        path.pop();
    }
    path.push_str(&extension);
}

/// The paths of one draft: none is, but for the case of ASCII letters, that of another or of a folder above it.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Paths {
    /// The paths of a draft whose text is, or may come, at `text.md`.
    pub(crate) fn with_text() -> Self {
        Self { files: HashSet::from([TEXT.to_owned()]), folders: HashSet::new() }
    }

    /// Takes exactly this path, if it is free.
    pub(crate) fn take_as_is(&mut self, path: &str) -> bool {
        let path = path.to_ascii_lowercase();
        let folders = || path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        if folders().any(|folder| self.files.contains(folder)) || self.folders.contains(&path) {
            return false;
        }
        // Files of one folder come one after the other: most folders are there already.
        for folder in folders() {
            if !self.folders.contains(folder) {
                self.folders.insert(folder.to_owned());
            }
        }
        self.files.insert(path)
    }

    /// A safe path for this name, and the name where the path differs from it.
    pub(crate) fn take(&mut self, name: &str) -> (String, Option<String>) {
        let safe = safe_path(name);
        let mut path = safe.clone();
        let mut number = 2;
        while !self.take_as_is(&path) {
            path = self.numbered(&safe, number);
            number += 1;
        }
        let changed = (path != name && !name.is_empty()).then(|| name.to_owned());
        (path, changed)
    }

    /// Another path: with the number before its extension, or in a folder of that name where a folder of its own is taken.
    fn numbered(&self, path: &str, number: u32) -> String {
        let folded = path.to_ascii_lowercase();
        if folded.match_indices('/').any(|(end, _)| folded.get(..end).is_some_and(|folder| self.files.contains(folder)))
        {
            let mut path = format!("{number}/{path}");
            shorten(&mut path, PATH);
            return path;
        }
        let (stem, end) = match path.rsplit_once('.') {
            Some((stem, extension)) if !extension.contains('/') && !stem.is_empty() && extension.len() <= 16 => {
                (stem, format!("-{number}.{extension}"))
            }
            _ => (path, format!("-{number}")),
        };
        let mut stem = stem.to_owned();
        shorten(&mut stem, PATH - end.len());
        stem + &end
    }
}

/// The path of an article's text.
pub(crate) const TEXT: &str = "text.md";

#[cfg(test)]
mod tests {
    use super::*;
    use litopys::manifest::is_path;

    #[test]
    fn any_name_gives_a_path_that_an_archive_allows() {
        let long = "ж".repeat(3_000) + ".jpeg";
        for (name, path) in [
            ("post.md", "post.md"),
            ("../../x", "_.._/_.._/x"),
            ("/etc/passwd", "etc/passwd"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("com1.md", "_com1.md"),
            ("console.md", "console.md"),
            ("a:b\\c\n\u{202e}d", "a_b_c__d"),
            ("end. ", "end. _"),
            ("", "_"),
            ("cafe\u{301}.md", "caf\u{e9}.md"),
        ] {
            assert_eq!(safe_path(name), path);
            assert!(is_path(&safe_path(name)), "{name}");
        }
        assert!(is_path(&safe_path(&long)) && safe_path(&long).ends_with("ж.jpeg"));
        assert!(is_path(&safe_path(&"d/".repeat(2_000))));
    }

    #[test]
    fn paths_of_a_draft_differ_in_more_than_case() {
        let mut paths = Paths::with_text();
        assert_eq!(paths.take("TEXT.md"), ("TEXT-2.md".into(), Some("TEXT.md".into())));
        assert_eq!(paths.take("a.png"), ("a.png".into(), None));
        assert_eq!(paths.take("A.png"), ("A-2.png".into(), Some("A.png".into())));
        assert_eq!(paths.take("A.png/b.c"), ("2/A.png/b.c".into(), Some("A.png/b.c".into())));
        assert_eq!(paths.take("img/x").0, "img/x");
        assert_eq!(paths.take("IMG").0, "IMG-2");
        for long in ["x".repeat(2_000), "x/".repeat(1_000), "x.".repeat(1_000), "ж".repeat(1_000) + ".jpg"] {
            for _ in 0..12 {
                assert!(is_path(&paths.take(&long).0));
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let name = |bytes| subject(&Path::new("a").join(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(name(b"x\xff"), "a/x%FF");
        assert_ne!(name(b"x\xff"), name(b"x\xfe"));
    }
}
