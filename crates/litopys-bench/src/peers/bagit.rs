//! bagit.py: a bag of the files with SHA-256, validated by two processes.

use std::path::Path;

use crate::bench::Bench;
use crate::measure::{Peer, Task};
use crate::process::Cmd;
use crate::{disk, tool};

/// Validates a bag of the folder.
pub(crate) fn validate<'a>(bench: &'a Bench, name: &str, folder: &Path) -> Peer<'a> {
    let Some(program) = tool::find("bagit.py") else { return Ok(None) };
    let bag = disk::prepared(&bench.peer(&format!("bag-{name}")), |dir| {
        disk::copy(folder, dir)?;
        // It makes a bag of the folder where it is.
        bench.runner.run(&Cmd::new(&program).args(["--quiet", "--sha256", "--processes", "2"]).arg(dir)).map(drop)
    })?;
    let command = Cmd::new(&program).args(["--quiet", "--validate", "--processes", "2"]).arg(bag);
    Ok(Some(Task::new("bagit.py --validate --processes 2", command)))
}
