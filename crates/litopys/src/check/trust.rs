//! Whose archive it is, who signed its checkpoint, and whether its history is the one that was seen.

use super::checkpoint::judge_checkpoint;
use super::fold::Fold;
use super::pass::Pass;
use super::times::Times;
use super::witnesses::judge_quorum;
use super::{Anchor, Trust};
use crate::charter::KeyRole;
use crate::layout::Member;
use crate::log::TreeHead;
use crate::log::checkpoint::SignedCheckpoint;
use crate::report::{Claim, Code, CurrentBy, Place};
use crate::statement::VerifiedStatement;
use crate::{ArchiveId, TreeHash};

impl Pass<'_> {
    /// The checkpoint's signatures, by the keys that may sign one after all its statements.
    pub(super) fn judge_checkpoint(&mut self, signed: &SignedCheckpoint, fold: &Fold) {
        let witnesses = &self.options.trust.witnesses;
        let keys = fold.ledger.keys_at(KeyRole::Log, signed.claimed_size());
        let verified = judge_checkpoint(signed, fold, &keys, witnesses, Member::Checkpoint, &mut self.report);
        self.report.cosigned = verified.unwrap_or_default();
    }

    /// The sizes at which the root is asked for.
    pub(super) fn wanted_roots(&self, founding: &VerifiedStatement, times: &Times) -> Vec<u64> {
        let archive = ArchiveId::from(founding.id());
        let mut sizes: Vec<_> = self.options.seen(archive).iter().map(TreeHead::size).collect();
        sizes.extend(times.sizes());
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// Whether it is trusted, and what was seen before. `roots` are those that the log is known to have had; `told` says of which sizes it
    /// could be told which root it had.
    pub(super) fn judge_trust(
        &mut self,
        founding: &VerifiedStatement,
        head: TreeHead,
        roots: &[(u64, TreeHash)],
        told: impl Fn(u64) -> bool,
    ) {
        let archive = ArchiveId::from(founding.id());
        let Trust { demanded, known, .. } = &self.options.trust;
        let fits = |anchor: &Anchor| anchor.names(archive, founding.signer());
        if demanded.iter().any(fits) || (demanded.is_empty() && known.iter().any(fits)) {
            self.report.claims.trusted = Claim::Holds;
        } else if demanded.iter().any(|anchor| matches!(anchor, Anchor::Archive(_))) {
            self.find(Code::OtherArchive, Place::default(), format_args!("this is the archive {archive}"));
        } else if !demanded.is_empty() {
            self.find(Code::OtherFounder, Place::statement(0), "the charter is signed by another key");
        }
        for seen in self.options.seen(archive) {
            let at = seen.size();
            if at > head.size() {
                let detail = format_args!("{} statements, where {at} were seen before", head.size());
                self.find(Code::RolledBack, Place::member(Member::Checkpoint), detail);
            } else if roots.iter().any(|(size, root)| *size == at && *root == seen.root()) {
                if self.report.claims.current == Claim::Unchecked {
                    self.report.claims.current = Claim::Holds;
                }
                self.report.current_by.push(CurrentBy::Seen(seen));
            } else if told(at) {
                let detail = format_args!("the history up to statement {at} is not the one that was seen before");
                self.find(Code::Forked, Place::member(Member::Checkpoint), detail);
            }
        }
        judge_quorum(&self.options.trust.witnesses, &mut self.report);
        if self.report.claims.current != Claim::Holds {
            self.report.current_by.clear();
        }
    }
}
