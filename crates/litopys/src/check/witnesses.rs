//! What witnesses say of a checkpoint (format.md, section 7.5), and whether enough of them do.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::Witnesses;
use crate::layout::Member;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::cosignature::WitnessKey;
use crate::report::{Claim, Code, Cosigned, CurrentBy, Finding, Place, Report};

/// What each known witness says of a checkpoint; a line that claims to be one's and isn't becomes a finding.
pub(super) fn cosigned(
    signed: &SignedCheckpoint,
    witnesses: &Witnesses,
    member: Member,
    report: &mut Report,
) -> Vec<Cosigned> {
    let mut says = Vec::new();
    for witness in &witnesses.keys {
        let time = match signed.cosigned_by(witness) {
            Ok(time) => time,
            Err(bad) => {
                let detail = format_args!("{bad} as one by the witness {}", witness.name());
                report.add(Finding::new(Code::Cosignature, Place::member(member), detail));
                None
            }
        };
        says.push(Cosigned { witness: witness.clone(), time });
    }
    says
}

/// How many witnesses they are: a key counts once, under however many names.
pub(super) fn distinct(keys: &[WitnessKey]) -> u64 {
    keys.iter().map(|witness| witness.key().as_bytes()).collect::<HashSet<_>>().len() as u64
}

/// Whether so many witnesses as were asked for vouch for the checkpoint.
pub(super) fn judge_quorum(witnesses: &Witnesses, report: &mut Report) {
    let Witnesses { keys, quorum, demanded } = witnesses;
    let quorum = *quorum;
    let mut times = HashMap::new();
    for Cosigned { witness, time } in &report.cosigned {
        if let Some(time) = *time {
            let newest = times.entry(*witness.key().as_bytes()).or_insert(time);
            *newest = time.max(*newest);
        }
    }
    let mut times: Vec<u64> = times.into_values().collect();
    times.sort_unstable_by_key(|time| Reverse(*time));
    let (cosigned, of) = (times.len() as u64, distinct(keys));
    if quorum == 0 {
        return;
    }
    if cosigned < quorum {
        if *demanded {
            let detail = format_args!("{cosigned} of {of} witnesses cosigned the checkpoint, not {quorum}");
            report.add(Finding::new(Code::Quorum, Place::member(Member::Checkpoint), detail));
        }
        return;
    }
    // What is signed may be right, and what is here not what was signed.
    let is_log = report.claims.intact != Claim::Fails;
    if report.claims.current == Claim::Unchecked && is_log {
        report.claims.current = Claim::Holds;
    }
    if report.claims.current == Claim::Holds {
        // So many witnesses had seen nothing newer at this time.
        let time = usize::try_from(quorum - 1).ok().and_then(|nth| times.get(nth)).copied().unwrap_or_default();
        report.current_by.push(CurrentBy::Witnesses { cosigned, of, time });
    }
}
