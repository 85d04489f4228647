//! Timestamps, each beside the checkpoint that it is over, and the proof that the log extends that one.

use litopys::layout::{Member, TimeFile, TimeName};
use litopys::limits;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::prove::{ProveError, Prover};
use litopys::store::Store;

use super::folder::Folder;
use crate::failure::{Exit, Failure};

/// Writes them as an extract has them.
pub(super) fn write(store: &dyn Store, prover: &mut Prover<'_>, folder: &mut Folder) -> Result<(), Failure> {
    let mut names = Vec::new();
    store.scan_times(&mut |name| names.push(name))?;
    names.sort_unstable();
    let stamped = |name: &TimeName| matches!(name.file, TimeFile::Token(_));
    let sizes: Vec<_> = names.iter().filter(|name| stamped(name)).map(|name| name.size).collect();
    let of_log = |name: &&TimeName| sizes.binary_search(&name.size).is_ok() && name.file != TimeFile::Consistency;
    for name in names.iter().filter(of_log) {
        let (member, limit) = (Member::Time(*name), limits::CHECKPOINT.max(limits::TOKEN));
        let bytes = store.read(member, limit)?;
        folder.write(&member.to_string(), &bytes)?;
        if name.file == TimeFile::Checkpoint && name.size < prover.head().size() {
            let signed =
                SignedCheckpoint::parse(&bytes).map_err(|error| Failure::of(Exit::False, &error).at(member))?;
            let proof = Member::Time(TimeName { size: name.size, file: TimeFile::Consistency });
            let text = match prover.consistency(signed.claimed_head()) {
                // An extract has it, and no tiles to make it anew.
                Err(ProveError::Extract) => store.read(proof, limits::PROOF)?,
                made => made?.to_text(),
            };
            folder.write(&proof.to_string(), &text)?;
        }
    }
    Ok(())
}
