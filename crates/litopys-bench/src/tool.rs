//! Finding programs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The program of this name in PATH.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|program| program.is_file())?;
    Some(behind_shim(&found, name).unwrap_or(found))
}

/// The program that a shim of pyenv starts. The shim itself is a shell script: its time would count as the program's.
fn behind_shim(found: &Path, name: &str) -> Option<PathBuf> {
    if found.parent()?.file_name()? != "shims" {
        return None;
    }
    let output = Command::new("pyenv").args(["which", name]).output().ok().filter(|output| output.status.success())?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// The first line that the program prints with `arg`, for the description of the machine.
pub(crate) fn version(program: &Path, arg: &str) -> Option<String> {
    let output = Command::new(program).arg(arg).output().ok()?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    Some(String::from_utf8_lossy(&text).lines().next()?.trim().to_owned())
}
