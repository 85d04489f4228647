//! What the tests at the top of the repository share: a key, small archives, a full check, and where the data of others is.
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc, missing_docs)]
#![allow(unreachable_pub)]

#[cfg(all(feature = "fs", feature = "zstd"))]
pub mod archives;
pub mod cbor;
pub mod prng;

use std::path::{Path, PathBuf};

/// A file or folder of `../shared/data`, or of the folder that `LITOPYS_SHARED` names: real data of others that may not be copied into
/// the repository. `None` where it is absent, which is said; with `CI=true` it must be there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let root = match std::env::var_os("LITOPYS_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
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
