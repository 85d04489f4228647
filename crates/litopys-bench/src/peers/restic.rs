//! restic: a backup of the loose files, and a check that reads all of it.

use std::path::{Path, PathBuf};

use crate::bench::Bench;
use crate::measure::{Peer, Task};
use crate::process::Cmd;
use crate::{Result, disk, tool};

/// Backs the folders up, one after the other, into a new repository. Making that is not timed.
pub(crate) fn backup<'a>(bench: &'a Bench, label: &str, folders: &[PathBuf]) -> Peer<'a> {
    let Some(program) = tool::find("restic") else { return Ok(None) };
    let dir = bench.peer("restic-new");
    let commands = folders.iter().map(|folder| save(bench, &program, &dir, folder)).collect();
    Ok(Some(Task::of(label, commands).after(move || {
        bench.put_aside(&dir)?;
        init(bench, &program, &dir)?;
        bench.settle();
        Ok(())
    })))
}

/// Reads and checks the backup of a folder.
pub(crate) fn check<'a>(bench: &'a Bench, name: &str, folder: &Path) -> Peer<'a> {
    let Some(program) = tool::find("restic") else { return Ok(None) };
    let repository = disk::prepared(&bench.peer(&format!("restic-{name}")), |dir| {
        init(bench, &program, dir)?;
        bench.runner.run(&save(bench, &program, dir, folder)).map(drop)
    })?;
    let command = restic(bench, &program, &repository).args(["check", "--read-data"]);
    Ok(Some(Task::new("restic check --read-data", command)))
}

fn restic(bench: &Bench, program: &Path, repository: &Path) -> Cmd {
    let command = Cmd::new(program).arg("--repo").arg(repository).arg("--quiet");
    command.env("RESTIC_PASSWORD", "bench").env("RESTIC_CACHE_DIR", bench.peer("restic-cache"))
}

fn init(bench: &Bench, program: &Path, repository: &Path) -> Result<()> {
    disk::fresh(repository)?;
    bench.runner.run(&restic(bench, program, repository).arg("init")).map(drop)
}

fn save(bench: &Bench, program: &Path, repository: &Path, folder: &Path) -> Cmd {
    restic(bench, program, repository).args(["backup", "."]).dir(folder)
}
