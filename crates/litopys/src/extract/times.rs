//! The timestamps that go along into an extract.

use std::collections::{BTreeMap, BTreeSet};

use super::ExtractError;
use crate::layout::{Member, TimeFile, TimeName};
use crate::limits;
use crate::log::checkpoint::SignedCheckpoint;
use crate::prove::{ProveError, Prover};
use crate::store::{Store, StoreError};

/// The timestamps that stores have, and the checkpoints that they are over: by size, each with the store that has it.
pub(super) struct Times<'a>(BTreeMap<u64, BTreeMap<TimeFile, &'a dyn Store>>);

impl<'a> Times<'a> {
    pub(super) fn of(stores: &[&'a dyn Store]) -> Result<Self, StoreError> {
        let mut files = BTreeMap::<u64, BTreeMap<_, _>>::new();
        for store in stores {
            store.scan_times(&mut |TimeName { size, file }| {
                files.entry(size).or_default().entry(file).or_insert(*store);
            })?;
        }
        files.retain(|_, files| {
            let is_token = |file: &TimeFile| matches!(file, TimeFile::Token(_));
            files.contains_key(&TimeFile::Checkpoint) && files.keys().any(is_token)
        });
        Ok(Self(files))
    }

    /// For each version the smallest checkpoint after it, which says most, with its timestamps and the proof that the log extends it.
    pub(super) fn members(
        &self,
        prover: &mut Prover<'_>,
        versions: impl Iterator<Item = u64>,
    ) -> Result<Vec<(Member, Vec<u8>)>, ExtractError> {
        let head = prover.head();
        let sizes: BTreeSet<_> =
            versions.filter_map(|index| self.0.range(index + 1..).next()).map(|(size, _)| *size).collect();
        let mut members = Vec::new();
        for size in sizes.into_iter().filter(|size| *size <= head.size()) {
            for (file, store) in self.0.get(&size).into_iter().flatten() {
                let member = Member::Time(TimeName { size, file: *file });
                let limit =
                    if *file == TimeFile::Checkpoint { limits::CHECKPOINT } else { limits::TOKEN.max(limits::PROOF) };
                let bytes = store.read(member, limit)?;
                match file {
                    // An old one leads to an old checkpoint.
                    TimeFile::Consistency => continue,
                    TimeFile::Checkpoint if size < head.size() => {
                        let signed = SignedCheckpoint::parse(&bytes).map_err(ProveError::Checkpoint)?;
                        members.push((member, bytes));
                        let proof = Member::Time(TimeName { size, file: TimeFile::Consistency });
                        let text = match prover.consistency(signed.claimed_head()) {
                            // Another extract under the same checkpoint has it.
                            Err(ProveError::Extract) => store.read(proof, limits::PROOF)?,
                            text => text?.to_text(),
                        };
                        members.push((proof, text));
                    }
                    _ => members.push((member, bytes)),
                }
            }
        }
        Ok(members)
    }
}
