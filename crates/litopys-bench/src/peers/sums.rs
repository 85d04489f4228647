//! sha256sum: hashes, and nothing else, on one thread.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::bench::Bench;
use crate::measure::{Peer, Task};
use crate::process::Cmd;
use crate::{Result, disk, tool};

/// Checks the loose files of the folder against a list of their hashes.
pub(crate) fn check<'a>(bench: &'a Bench, name: &str, folder: &Path) -> Peer<'a> {
    let Some(program) = tool::find("sha256sum") else { return Ok(None) };
    let dir = disk::prepared(&bench.peer(&format!("sums-{name}")), |dir| write_sums(folder, &dir.join("SHA256SUMS")))?;
    let command = Cmd::new(&program).args(["--check", "--quiet"]).arg(dir.join("SHA256SUMS")).dir(folder);
    Ok(Some(Task::new("sha256sum -c", command)))
}

fn write_sums(folder: &Path, out: &Path) -> Result<()> {
    let mut list = String::new();
    for path in disk::files(folder)? {
        let mut hasher = Sha256::new();
        disk::read_through(&folder.join(&path), |bytes| hasher.update(bytes))?;
        writeln!(list, "{}  {}", hex(&hasher.finalize()), path.display())?;
    }
    Ok(fs::write(out, list)?)
}

/// The bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
