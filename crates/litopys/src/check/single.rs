//! The check of a single statement with its proof (format.md, section 9.3): no archive is at hand, only what leads to a checkpoint.

use super::checkpoint::parse_checkpoint;
use super::tile::{entry_code, statement_code};
use super::tiles::rule;
use super::witnesses::{cosigned, judge_quorum};
use super::{Anchor, Trust};
use crate::charter::KeyRole;
use crate::key::PublicKey;
use crate::layout::Member;
use crate::ledger::Ledger;
use crate::log::checkpoint::{CheckpointFault, SignedCheckpoint};
use crate::log::text::TlogProof;
use crate::report::{Claim, Code, CurrentBy, Finding, KnownBy, Place, Report, SignerCount, SingleStatement};
use crate::statement::{KeyCache, Payload, VerifiedStatement};
use crate::{ArchiveId, StatementId};

/// A statement that was handed over by itself, with the proof that it is in a log. All of it is as received.
#[derive(Debug, Clone, Copy)]
pub struct StatementWithProof<'a> {
    /// The statement's bytes.
    pub statement: &'a [u8],
    /// Its proof: a C2SP tlog-proof.
    pub proof: &'a [u8],
    /// The bytes of statement 0 of the log, which says whose keys may sign, if they are at hand.
    pub charter: Option<&'a [u8]>,
}

/// Checks a single statement and its proof. The content of a version is not at hand, so the best verdict is
/// [`Partial`](crate::report::Verdict::Partial).
///
/// Whose log it is in is known by the charter, when a log key of it signed the checkpoint; by a checkpoint that was seen before; or by a key that
/// is trusted, when it signed the checkpoint itself: [`SingleStatement::known_by`]. Changes of keys are not followed. What only they could explain
/// leaves the claims `signed` and `trusted` unchecked.
pub fn check_statement(shown: &StatementWithProof<'_>, trust: &Trust) -> Report {
    let mut report = Report::new();
    report.be_single();
    Single { report: &mut report, trust }.run(shown);
    report
}

struct Single<'a> {
    report: &'a mut Report,
    trust: &'a Trust,
}

impl Single<'_> {
    fn run(&mut self, shown: &StatementWithProof<'_>) {
        let parsed = self.proof(shown.proof);
        let Some((TlogProof { proof, .. }, signed)) = parsed else { return self.report.stop_short() };
        let (index, head, id) = (proof.index, signed.claimed_head(), StatementId::of(shown.statement));
        self.report.single = Some(SingleStatement { index, known_by: KnownBy::Nothing });
        self.report.checkpoint = Some(head);
        self.report.claimed_origin = Some(signed.claimed_origin().clone());
        let included = proof.verify(id, head);
        if let Err(error) = &included {
            self.find(Code::Proof, Place::statement(index), error);
        }
        let statement = self.statement(shown.statement, index, &signed);
        // An index that isn't proved is any number.
        if included.is_ok()
            && let Some(statement) = &statement
        {
            self.judge_place(statement, index);
        }
        let charter = self.charter(shown.charter, index, statement.as_ref());
        let ledger = charter.as_ref().and_then(Ledger::found);
        let logged = ledger.as_ref().is_some_and(|ledger| self.is_logged(ledger, &signed));
        let allowed = match (&statement, ledger) {
            (Some(statement), Some(ledger)) if included.is_ok() => self.is_allowed(statement, index, ledger),
            _ => false,
        };
        if self.report.claims.signed == Claim::Holds && !(logged && allowed) {
            self.report.claims.signed = Claim::Unchecked;
        }
        let named = statement.as_ref().and_then(|statement| statement.payload().authority());
        let is_its = |charter: &VerifiedStatement| included.is_ok() && (index == 0 || named == Some(charter.id()));
        let its_charter = charter.as_ref().is_some_and(is_its);
        let founder = charter.as_ref().map(|charter| *charter.signer());
        self.judge_trust(founder, &signed, (logged, its_charter));
    }

    fn find(&mut self, code: Code, place: Place, detail: impl std::fmt::Display) {
        self.report.add(Finding::new(code, place, detail));
    }

    fn proof(&mut self, bytes: &[u8]) -> Option<(TlogProof, SignedCheckpoint)> {
        let proof = match TlogProof::parse(bytes) {
            Ok(proof) => proof,
            Err(error) => {
                self.find(Code::ProofForm, Place::default(), error);
                return None;
            }
        };
        let signed = parse_checkpoint(&proof.checkpoint, Member::Checkpoint, self.report)?;
        Some((proof, signed))
    }

    /// The statement, if it is well-formed and signed by the key that it names.
    fn statement(&mut self, bytes: &[u8], index: u64, signed: &SignedCheckpoint) -> Option<VerifiedStatement> {
        let statement = match VerifiedStatement::verify(bytes, &mut KeyCache::default()) {
            Ok(statement) => statement,
            Err(error) => {
                self.find(entry_code(index, &error), Place::statement(index), error);
                return None;
            }
        };
        if statement.issuer() != signed.claimed_origin().as_str() {
            self.find(Code::OtherOrigin, Place::statement(index), rule(Code::OtherOrigin));
        }
        let counts = &mut self.report.counts;
        counts.statements = 1;
        counts.versions = u64::from(statement.payload().version().is_some());
        counts.observations = u64::from(matches!(statement.payload(), Payload::Observation(_)));
        counts.articles = u64::from(statement.payload().article().is_some());
        let key = PublicKey::from_bytes(statement.signer()).ok();
        let count = |key| SignerCount { key, claimed_name: String::new(), statements: 1 };
        self.report.signers = key.map(count).into_iter().collect();
        Some(statement)
    }

    /// That the charter is statement 0, and nothing else is.
    fn judge_place(&mut self, statement: &VerifiedStatement, index: u64) {
        let place = Place::statement(index);
        match (statement.payload(), index) {
            (Payload::Charter(_), 1..) => self.find(Code::SecondCharter, place, rule(Code::SecondCharter)),
            (Payload::Charter(_), 0) => {}
            (_, 0) => self.find(Code::Charter, place, "statement 0 is not a charter"),
            _ => {}
        }
    }

    /// The charter: the statement itself, or what is at hand besides.
    fn charter(
        &mut self,
        beside: Option<&[u8]>,
        index: u64,
        statement: Option<&VerifiedStatement>,
    ) -> Option<VerifiedStatement> {
        let itself = statement.filter(|_| index == 0);
        let charter = match (beside, itself) {
            (Some(bytes), itself) => {
                let charter = VerifiedStatement::verify(bytes, &mut KeyCache::default());
                let place = || Place { member: Some("charter".to_owned()), ..Place::default() };
                match charter {
                    Err(error) => {
                        self.find(statement_code(&error), place(), error);
                        return None;
                    }
                    Ok(charter) if itself.is_some_and(|itself| itself.id() != charter.id()) => {
                        self.find(Code::Charter, place(), "it is not the one that is statement 0 of this log");
                        return None;
                    }
                    Ok(charter) => charter,
                }
            }
            (None, itself) => itself?.clone(),
        };
        let Payload::Charter(says) = charter.payload() else {
            if beside.is_some() {
                let place = Place { member: Some("charter".to_owned()), ..Place::default() };
                self.find(Code::Charter, place, "it is not a charter");
            }
            return None;
        };
        self.report.archive = Some(charter.id().into());
        self.report.claimed_title = Some(says.title.clone());
        let name_of = |key: &PublicKey| says.members.iter().find(|member| member.key == *key);
        for signer in &mut self.report.signers {
            signer.claimed_name = name_of(&signer.key).map(|member| member.name.clone()).unwrap_or_default();
        }
        Some(charter)
    }

    /// Whether a key that the charter lets sign checkpoints signed this one. If none did, keys may have changed since.
    fn is_logged(&mut self, ledger: &Ledger, signed: &SignedCheckpoint) -> bool {
        let keys: Vec<_> = ledger.authority().keys(KeyRole::Log).collect();
        let fault = match signed.verify(&ledger.charter().origin, &keys) {
            Ok(_) => return true,
            Err(CheckpointFault::Unsigned) => return false,
            Err(fault) => fault,
        };
        let code = match fault {
            CheckpointFault::OtherOrigin { .. } => Code::CheckpointOrigin,
            _ => Code::CheckpointSignature,
        };
        self.find(code, Place::member(Member::Checkpoint), fault);
        false
    }

    /// Whether the charter lets its signer sign the statement. One under a later governance statement can't be judged.
    fn is_allowed(&mut self, statement: &VerifiedStatement, index: u64, mut ledger: Ledger) -> bool {
        let Some(authority) = statement.payload().authority() else { return index == 0 };
        if authority != ledger.archive().into() || index == 0 {
            return false;
        }
        ledger.skip_to(index);
        let applied = ledger.apply(statement);
        if let Err(code) = applied {
            self.find(code, Place::statement(index), rule(code));
        }
        applied.is_ok()
    }

    /// `logged` is whether a log key of the charter signed the checkpoint; `its_charter`, whether the log itself says that this is its charter.
    fn judge_trust(
        &mut self,
        founder: Option<[u8; 32]>,
        signed: &SignedCheckpoint,
        (logged, its_charter): (bool, bool),
    ) {
        let Trust { demanded, known, seen, .. } = self.trust;
        let head = signed.claimed_head();
        let before =
            seen.iter().find(|(id, seen)| *seen == head && self.report.archive.is_none_or(|known| known == *id));
        let archive = self.report.archive.or(before.map(|(id, _)| *id));
        self.report.archive = archive;
        let anchors = if demanded.is_empty() { known } else { demanded };
        let by_key = self.is_signed_by(anchors, signed, founder.is_none());
        let named = |anchor: &Anchor| match anchor {
            Anchor::Archive(id) => archive == Some(*id),
            Anchor::Founder(_) | Anchor::FounderBy(_) => founder.is_some_and(|founder| anchor.is_founder(&founder)),
        };
        let is_named = anchors.iter().any(named);
        // Anybody can make a charter that gives the role to a key that is trusted: whoever trusts that key alone trusts none of it.
        let is_strange = by_key && founder.is_some() && !is_named && !its_charter;
        if is_strange {
            self.forget_charter();
        }
        let archive = archive.filter(|_| !is_strange);
        let known_by = match () {
            () if logged && !is_strange => KnownBy::Charter,
            () if before.is_some() => KnownBy::Checkpoint,
            () if by_key => KnownBy::Key,
            () => KnownBy::Nothing,
        };
        if let Some(single) = &mut self.report.single {
            single.known_by = known_by;
        }
        if by_key || is_named && known_by != KnownBy::Nothing {
            self.report.claims.trusted = Claim::Holds;
        } else if let (Some(archive), false, false) = (archive, is_named, demanded.is_empty()) {
            self.find_other(archive, founder.is_some());
        }
        if let Some(archive) = archive {
            self.judge_memory(archive, signed);
        }
        self.report.cosigned = cosigned(signed, &self.trust.witnesses, Member::Checkpoint, self.report);
        judge_quorum(&self.trust.witnesses, self.report);
        if self.report.claims.current != Claim::Holds {
            self.report.current_by.clear();
        }
    }

    /// Leaves out what only the charter says.
    fn forget_charter(&mut self) {
        self.report.archive = None;
        self.report.claimed_title = None;
        self.report.signers.iter_mut().for_each(|signer| signer.claimed_name.clear());
    }

    /// Whether a key that is trusted signed the checkpoint. A line that claims to be by one and isn't is an error, where no charter says whose
    /// lines count.
    fn is_signed_by(&mut self, anchors: &[Anchor], signed: &SignedCheckpoint, uncharted: bool) -> bool {
        let mut by_key = false;
        for anchor in anchors {
            let Anchor::Founder(key) = anchor else { continue };
            match signed.verify(signed.claimed_origin(), &[key]) {
                Ok(_) => by_key = true,
                Err(CheckpointFault::BadSignature { .. }) if uncharted => {
                    let detail = format_args!("the signature by {} does not verify", key.fingerprint());
                    self.find(Code::CheckpointSignature, Place::member(Member::Checkpoint), detail);
                }
                Err(_) => {}
            }
        }
        by_key
    }

    /// That it is of another archive than one that was demanded.
    fn find_other(&mut self, archive: ArchiveId, has_charter: bool) {
        if self.trust.demanded.iter().any(|anchor| matches!(anchor, Anchor::Archive(_))) {
            self.find(Code::OtherArchive, Place::default(), format_args!("this is the archive {archive}"));
        } else if has_charter {
            self.find(Code::OtherFounder, Place::statement(0), "the charter is signed by another key");
        }
    }

    /// What was seen before of this archive.
    fn judge_memory(&mut self, archive: ArchiveId, signed: &SignedCheckpoint) {
        let head = signed.claimed_head();
        for (_, seen) in self.trust.seen.iter().filter(|(id, _)| *id == archive) {
            let (place, at) = (Place::member(Member::Checkpoint), seen.size());
            if at > head.size() {
                let detail = format_args!("{} statements, where {at} were seen before", head.size());
                self.find(Code::RolledBack, place, detail);
            } else if at == head.size() && *seen != head {
                let detail = format_args!("the history up to statement {at} is not the one that was seen before");
                self.find(Code::Forked, place, detail);
            } else if at == head.size() {
                if self.report.claims.current == Claim::Unchecked {
                    self.report.claims.current = Claim::Holds;
                }
                self.report.current_by.push(CurrentBy::Seen(*seen));
            }
        }
    }
}

#[cfg(test)]
mod tests;
