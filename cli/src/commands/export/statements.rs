//! Statements as they were signed, and the checkpoint that an export begins after.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use litopys::limits;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::prove::{ProveError, Prover};

use super::folder::Folder;
use crate::failure::{Exit, Failure, chain};

/// The name of a statement's file.
pub(super) fn name(index: u64) -> String {
    format!("statements/{index:08}.cose")
}

/// Writes the statements with these indexes, in ascending order: each tile is read once.
pub(super) fn write(prover: &mut Prover<'_>, indexes: &[u64], folder: &mut Folder) -> Result<(), Failure> {
    for index in indexes {
        folder.write(&name(*index), &prover.entry(*index)?)?;
    }
    Ok(())
}

/// The size of the log that `--since` means: a number, or the file of a checkpoint that this archive has grown from.
pub(super) fn since(text: &str, prover: &mut Prover<'_>) -> Result<u64, Failure> {
    let size = prover.head().size();
    if let Ok(since) = text.parse::<u64>() {
        let behind = || Failure::new(Exit::Unable, format_args!("--since {since}: the log has {size} statements"));
        return if since <= size { Ok(since) } else { Err(behind()) };
    }
    let path = Path::new(text);
    let refuse = |what: &dyn std::fmt::Display| Failure::new(Exit::False, format_args!("{}: {what}", path.display()));
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limits::CHECKPOINT + 1).read_to_end(&mut bytes));
    read.map_err(|error| {
        Failure::io(path, &error).hint("--since takes a number of statements, or a file `checkpoint`")
    })?;
    let signed = SignedCheckpoint::parse(&bytes)
        .map_err(|error| Failure::new(Exit::Unable, format_args!("{}: {}", path.display(), chain(&error))))?;
    // A key that may not sign any more may have signed it then; the history decides below.
    let authority = prover.authority();
    let keys: Vec<_> = authority.holders().iter().map(|holder| &holder.key).collect();
    let head = signed.verify(&prover.charter().origin, &keys);
    let head = head.map_err(|error| refuse(&format_args!("no checkpoint of this archive: {error}")))?.head();
    match prover.consistency(head) {
        Ok(_) => Ok(head.size()),
        Err(ProveError::Shrunk { older, size }) => {
            Err(refuse(&format_args!("is newer: it has {older} statements, the archive {size}"))
                .hint("the archive is an older copy, or was rolled back"))
        }
        Err(ProveError::Forked { .. }) => {
            Err(refuse(&"the archive has another history: it does not extend this checkpoint"))
        }
        Err(error) => Err(error.into()),
    }
}
