//! minisign: one Ed25519 signature over one file.

use std::path::{Path, PathBuf};

use crate::bench::Bench;
use crate::measure::{Peer, Task};
use crate::process::Cmd;
use crate::{Result, disk, tool};

/// Signs a file.
pub(crate) fn sign<'a>(bench: &'a Bench, file: &Path) -> Peer<'a> {
    let Some(program) = tool::find("minisign") else { return Ok(None) };
    let dir = signed(bench, &program, file)?;
    Ok(Some(Task::new("minisign -S", signing(&program, &dir)).after(|| {
        bench.settle();
        Ok(())
    })))
}

/// Verifies the signature of a file.
pub(crate) fn verify<'a>(bench: &'a Bench, file: &Path) -> Peer<'a> {
    let Some(program) = tool::find("minisign") else { return Ok(None) };
    let dir = signed(bench, &program, file)?;
    let command = Cmd::new(&program).args(["-V", "-q", "-p", "key.pub", "-m", "article.md"]).dir(&dir);
    Ok(Some(Task::new("minisign -V", command)))
}

/// A folder with a copy of the file, a key without a passphrase, and a signature.
fn signed(bench: &Bench, program: &Path, file: &Path) -> Result<PathBuf> {
    disk::prepared(&bench.peer("minisign"), |dir| {
        std::fs::copy(file, dir.join("article.md"))?;
        bench.runner.run(&Cmd::new(program).args(["-G", "-W", "-p", "key.pub", "-s", "key"]).dir(dir))?;
        bench.runner.run(&signing(program, dir)).map(drop)
    })
}

fn signing(program: &Path, dir: &Path) -> Cmd {
    Cmd::new(program).args(["-S", "-s", "key", "-m", "article.md"]).dir(dir)
}
