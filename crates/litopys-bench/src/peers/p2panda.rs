//! p2panda-core, by the program in `peers/p2panda`: signatures, hashes and chains, as in litopys, on one thread.

use std::path::{Path, PathBuf};

use crate::bench::Bench;
use crate::measure::{Peer, Task};
use crate::process::Cmd;
use crate::{Result, disk};

/// Packs the folders as operations: all rounds in one go.
pub(crate) fn create<'a>(bench: &'a Bench, rounds: &[PathBuf]) -> Peer<'a> {
    let Some(program) = &bench.p2p else { return Ok(None) };
    let out = bench.peer("p2p-new");
    let command = pack(program, &out, rounds);
    Ok(Some(Task::new("p2panda-core: create, in one go", command).after(move || {
        bench.put_aside(&out)?;
        bench.settle();
        Ok(())
    })))
}

/// Decodes and validates the operations made of the folders.
pub(crate) fn verify<'a>(bench: &'a Bench, name: &str, rounds: &[PathBuf]) -> Peer<'a> {
    let Some(program) = &bench.p2p else { return Ok(None) };
    let file = packed(bench, program, name, rounds)?;
    Ok(Some(Task::new("p2panda-core: decode, validate", Cmd::new(program).arg("verify").arg(file))))
}

fn packed(bench: &Bench, program: &Path, name: &str, rounds: &[PathBuf]) -> Result<PathBuf> {
    let made = disk::prepared(&bench.peer(&format!("p2p-{name}")), |dir| {
        bench.runner.run(&pack(program, &dir.join("operations"), rounds)).map(drop)
    })?;
    Ok(made.join("operations"))
}

fn pack(program: &Path, out: &Path, rounds: &[PathBuf]) -> Cmd {
    rounds.iter().fold(Cmd::new(program).arg("create").arg(out), |command, round| command.arg(round))
}
