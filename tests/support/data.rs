//! Real data of others, which may not be copied into the repository: `../shared/data` beside it, or `data` in the folder that
//! `LITOPYS_SHARED` names.
#![allow(dead_code, unreachable_pub, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests")]

use std::path::{Path, PathBuf};

/// A file or folder of the data, or all of it (`.`). `None` where it is absent, which is said; with `CI=true` it must be there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let beside = || {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file())
            .unwrap()
            .join("../shared")
    };
    let root = std::env::var_os("LITOPYS_SHARED").map_or_else(beside, PathBuf::from);
    let path = root.join("data").join(name);
    if path.exists() {
        return Some(path);
    }
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "in CI the shared data must be there: {name} is missing");
    eprintln!("skipped: no {name} in the shared data (set LITOPYS_SHARED to where it is)");
    None
}

/// All files below a folder, in order.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => files.extend(files_below(&entry.path())),
            false => files.push(entry.path()),
        }
    }
    files.sort_unstable();
    files
}
