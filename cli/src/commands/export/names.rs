//! Names that every file system takes, and that every reader sees for what they are.

use std::collections::HashSet;

use unicode_normalization::is_nfc;

use crate::ui::escape::is_hidden;

/// The longest path kept: with the folders above it, it stays below the 260 characters that Windows takes.
const PATH: usize = 160;
/// The longest name kept; some file systems that encrypt take no more than 143 bytes.
const NAME: usize = 100;

/// Where the files of one version go.
#[derive(Default)]
pub(super) struct Names {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl Names {
    /// The place of the file that is the `nth` in its manifest: `files/` and its path, if that is safe and not taken in spelling that some
    /// file system takes for the same; else `renamed/`, its number, and what is plain of its name. One manifest has the same places always.
    pub(super) fn place(&mut self, nth: usize, path: &str) -> String {
        if is_safe(path) && self.take(path) {
            format!("files/{path}")
        } else {
            format!("renamed/{nth:05}-{}", plain(path))
        }
    }

    fn take(&mut self, path: &str) -> bool {
        let folded = fold(path);
        let above = || folded.match_indices('/').map(|(end, _)| &folded[..end]);
        if self.folders.contains(&folded) || self.files.contains(&folded) || above().any(|at| self.files.contains(at)) {
            return false;
        }
        self.folders.extend(above().map(str::to_owned));
        self.files.insert(folded)
    }
}

/// What file systems that ignore case take for one. Rather too much than too little.
fn fold(path: &str) -> String {
    path.to_uppercase().to_lowercase()
}

fn is_safe(path: &str) -> bool {
    path.len() <= PATH && is_nfc(path) && path.split('/').all(is_safe_name)
}

fn is_safe_name(name: &str) -> bool {
    // Letters that don't show, such as the Hangul fillers, are letters all the same.
    let is_letter = |c: char| c.is_alphanumeric() && !is_hidden(c);
    let is_plain = |c: char| is_letter(c) || c.is_ascii() && " -_.,+=@()[]'!#%&~".contains(c);
    // A leading dot hides a file; a dot or space at the end is lost on Windows.
    (1..=NAME).contains(&name.len())
        && name.chars().all(is_plain)
        && !name.starts_with(['.', ' '])
        && !name.ends_with(['.', ' '])
        && !is_device(name)
}

/// Whether Windows takes the name for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") {
        return true;
    }
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")).unwrap_or_default();
    let mut rest = port.chars();
    matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

/// What is plain ASCII of a path's last name, and its extension if it has one.
fn plain(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let stem: String = stem.chars().map(kept).take(40).collect();
    let is_extension = (1..=10).contains(&extension.len()) && extension.bytes().all(|c| c.is_ascii_alphanumeric());
    if is_extension { format!("{stem}.{extension}") } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> String {
        Names::default().place(7, path)
    }

    #[test]
    fn safe_names_stay() {
        for path in [
            "text.md",
            "images/a b.png",
            "фото/міст.jpg",
            "a/b/c/d",
            "Ünïcode (1).pdf",
            "文.txt",
            "console.log",
            "com10",
        ] {
            assert_eq!(place(path), format!("files/{path}"));
        }
    }

    #[test]
    fn what_some_system_takes_otherwise_is_renamed() {
        let long = "x".repeat(101);
        for (path, name) in [
            ("CON", "CON"),
            ("a/nul.tar.gz", "nul_tar.gz"),
            ("aux .txt", "aux_.txt"),
            ("lpt¹", "lpt_"),
            ("COM1/x", "x"),
            ("end.", "end"),
            ("end ", "end_"),
            (".htaccess", ".htaccess"),
            ("a\u{202e}gpj.exe", "a_gpj.exe"),
            ("a\u{85}b", "a_b"),
            ("e\u{301}.txt", "e_.txt"),
            ("a?<b>|\"*", "a__b____"),
            ("a$(id)`", "a__id__"),
            (&long, &long[..40]),
            ("x.\u{200b}", "x"),
            ("a\u{3164}", "a_"),
            ("\u{ffa0}.txt", "_.txt"),
        ] {
            assert_eq!(place(path), format!("renamed/00007-{name}"), "{path}");
        }
        assert!(place(&format!("{}x", "ab/".repeat(60))).starts_with("renamed/"));
    }

    #[test]
    fn what_some_system_takes_for_the_same_is_kept_apart() {
        let mut names = Names::default();
        let mut place = |nth, path| names.place(nth, path);
        assert_eq!(place(0, "Міст.jpg"), "files/Міст.jpg");
        assert_eq!(place(1, "міст.jpg"), "renamed/00001-____.jpg");
        assert_eq!(place(2, "міст.jpg/x"), "renamed/00002-x");
        assert_eq!(place(3, "straße/x"), "files/straße/x");
        assert_eq!(place(4, "STRASSE"), "renamed/00004-STRASSE");
        assert_eq!(place(5, "strasse/y"), "files/strasse/y");
    }
}
