//! A checkpoint judged by itself: its form, and the signatures of those who may sign it.

use super::Witnesses;
use super::fold::Fold;
use super::witnesses::cosigned;
use crate::key::PublicKey;
use crate::layout::Member;
use crate::log::checkpoint::{CheckpointError, CheckpointFault, SignedCheckpoint};
use crate::report::{Code, Cosigned, Finding, Place, Report};

/// A checkpoint in `bytes`, or findings.
pub(super) fn parse_checkpoint(bytes: &[u8], member: Member, report: &mut Report) -> Option<SignedCheckpoint> {
    match SignedCheckpoint::parse(bytes) {
        Ok(signed) => Some(signed),
        Err(error) => {
            let repeated = matches!(error, CheckpointError::Repeated { .. });
            let code = if repeated { Code::CheckpointRepeated } else { Code::CheckpointForm };
            report.add(Finding::new(code, Place::member(member), error));
            None
        }
    }
}

/// Whether a checkpoint is one of this origin, signed by `keys`, which may do so after its statements: then what the witnesses say of it. What is wrong with it
/// becomes a finding.
pub(super) fn judge_checkpoint(
    signed: &SignedCheckpoint,
    fold: &Fold,
    keys: &[PublicKey],
    witnesses: &Witnesses,
    member: Member,
    report: &mut Report,
) -> Option<Vec<Cosigned>> {
    let keys: Vec<_> = keys.iter().collect();
    let fault = match signed.verify(&fold.ledger.charter().origin, &keys) {
        Ok(verified) => {
            let says = cosigned(signed, witnesses, member, report);
            let unknown = verified.unknown_lines();
            if unknown > 0 {
                let detail =
                    format_args!("{unknown} signature lines in the log's name by keys that may not sign for it");
                report.add(Finding::new(Code::UnknownLine, Place::member(member), detail));
            }
            return Some(says);
        }
        // What follows an unknown statement may have given another key the role.
        Err(CheckpointFault::Unsigned) if !fold.judged => return None,
        Err(fault) => fault,
    };
    let code = match fault {
        CheckpointFault::OtherOrigin { .. } => Code::CheckpointOrigin,
        CheckpointFault::Unsigned => Code::CheckpointUnsigned,
        CheckpointFault::BadSignature { .. } => Code::CheckpointSignature,
    };
    report.add(Finding::new(code, Place::member(member), fault));
    None
}
