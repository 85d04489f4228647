//! What a check found: [`Finding`]s with stable codes, and the answer claim by claim.

mod code;
mod finding;
mod time;

pub use code::{Code, Severity};
pub(crate) use finding::Findings;
pub use finding::{Finding, Place};
pub use time::{Clock, JudgedTimestamp, Judgement, TimestampedCheckpoint};

use code::Subject;

use crate::key::PublicKey;
use crate::log::TreeHead;
use crate::log::cosignature::WitnessKey;
use crate::origin::Origin;
use crate::store::StoreError;
use crate::words::words;
use crate::{ArchiveId, limits};

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The observer asked to stop.
    #[error("stopped before the end")]
    Stopped,
}

/// Whether a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// It does, as far as this check looked, which was everywhere.
    Holds,
    /// It doesn't: a finding says why.
    Fails,
    /// Nobody asked, or not everything was looked at.
    Unchecked,
    /// It makes no sense here.
    NotApplicable,
}

words!(Claim { Holds = "holds", Fails = "fails", Unchecked = "unchecked", NotApplicable = "not_applicable" });

/// The answer of a check, claim by claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// Does every byte match its digest, every link its id, the root its checkpoint?
    pub intact: Claim,
    /// Is every statement signed by a key that was allowed to, at its position?
    pub signed: Claim,
    /// Is everything up to the checkpoint's size here?
    pub complete: Claim,
    /// Is this the archive, or the founder's key, that was said to be trusted?
    pub trusted: Claim,
    /// Is it at least what was seen last, and the same history? By memory, or by a quorum of witnesses.
    pub current: Claim,
    /// Did all of it exist before a time, by an independent clock? Unchecked before they are [judged](crate::timestamps::judge).
    pub time: Claim,
}

/// The word for all claims together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Every claim asked for holds, and the archive is trusted.
    Verified,
    /// As [`Verdict::Verified`], but not every file was read, or not every signature looked at.
    Partial,
    /// Intact, but nobody said whom to trust.
    Untrusted,
    /// Something is false.
    Failed,
    /// It couldn't be checked.
    Unchecked,
}

words!(Verdict {
    Verified = "verified",
    Partial = "partial",
    Untrusted = "untrusted",
    Failed = "failed",
    Unchecked = "unchecked",
});

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Articles that have a head.
    pub articles: u64,
    /// Versions in force.
    pub versions: u64,
    /// Observations in force.
    pub observations: u64,
    /// Statements in the log.
    pub statements: u64,
    /// Files that were read and compared with their digests; one that stands in several versions counts in each, one of more than 65,536
    /// bytes once.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Manifests and files withheld by withdrawals; a file counts in each version that names it.
    pub withheld: u64,
    /// Entries without effect, acknowledged or not.
    pub void: u64,
}

/// A key that signed statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerCount {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, by the charter's word.
    pub claimed_name: String,
    /// How many statements it signed.
    pub statements: u64,
}

/// What a witness that is known says of the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cosigned {
    /// Which witness.
    pub witness: WitnessKey,
    /// When it cosigned, by its own word, in seconds since 1970; `None` if it didn't.
    pub time: Option<u64>,
}

/// What the claim `current` holds by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CurrentBy {
    /// The archive extends this checkpoint, or is the same, which was [seen](crate::check::Trust::seen) before.
    Seen(TreeHead),
    /// A quorum of witnesses cosigned the checkpoint.
    Witnesses {
        /// How many did.
        cosigned: u64,
        /// How many are known.
        of: u64,
        /// As many as make the quorum had seen nothing newer at this time, by their word: seconds since 1970.
        time: u64,
    },
}

/// A statement that was checked by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SingleStatement {
    /// Its index in the log, by its proof.
    pub index: u64,
    /// By what it is known whose log it is in.
    pub known_by: KnownBy,
}

/// By what it is known whose log a single statement is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownBy {
    /// The charter is at hand, and one of its log keys signed the checkpoint.
    Charter,
    /// The checkpoint was seen before.
    Checkpoint,
    /// A key that is trusted signed the checkpoint. That it is the archive's log key is its holder's word.
    Key,
    /// Nothing.
    Nothing,
}

words!(KnownBy { Charter = "charter", Checkpoint = "checkpoint", Key = "key", Nothing = "nothing" });

/// All that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Which archive, once its charter was verified.
    pub archive: Option<ArchiveId>,
    /// What its log calls itself.
    pub claimed_origin: Option<Origin>,
    /// What its charter calls it.
    pub claimed_title: Option<String>,
    /// The checkpoint's size and root, as claimed. Once the archive is verified, it is what to remember as [seen](crate::check::Trust::seen).
    pub checkpoint: Option<TreeHead>,
    /// What was counted.
    pub counts: Counts,
    /// The answer.
    pub claims: Claims,
    /// What the claim `current` holds by: nothing where it doesn't.
    pub current_by: Vec<CurrentBy>,
    /// What each known witness says of the checkpoint; nothing if that isn't signed as it must be.
    pub cosigned: Vec<Cosigned>,
    /// Who signed.
    pub signers: Vec<SignerCount>,
    /// What was found: the first thousand.
    pub findings: Vec<Finding>,
    /// How many there were.
    pub findings_total: u64,
    /// Its timestamped checkpoints, smallest first: each is signed, and what it says of the log's beginning is so.
    pub timestamped: Vec<TimestampedCheckpoint>,
    /// How many statements, from the first on, a timestamp must be over for the claim `time`: all of a log, or all up to the last version of
    /// an extract.
    pub dated: u64,
    /// What was made of their timestamps: empty before they are judged.
    pub timestamps: Vec<JudgedTimestamp>,
    /// Whether files were left unread because the caller asked for that.
    pub files_unread: bool,
    /// The one statement that this is about, where it was handed over by itself with its proof.
    pub single: Option<SingleStatement>,
    /// Whether this is an extract, which shows single statements of a log: the claim `complete` is never made of it, and only what is
    /// shown is counted.
    pub extract: bool,
    failed: Option<Severity>,
    broken: bool,
    /// Whether something that is withheld is there still.
    pub(crate) unpurged: bool,
}

impl Report {
    pub(crate) fn new() -> Self {
        let claims = Claims {
            intact: Claim::Holds,
            signed: Claim::Holds,
            complete: Claim::Holds,
            trusted: Claim::Unchecked,
            current: Claim::Unchecked,
            time: Claim::Unchecked,
        };
        Self {
            archive: None,
            claimed_origin: None,
            claimed_title: None,
            checkpoint: None,
            counts: Counts::default(),
            claims,
            current_by: Vec::new(),
            cosigned: Vec::new(),
            signers: Vec::new(),
            findings: Vec::new(),
            findings_total: 0,
            timestamped: Vec::new(),
            dated: 0,
            timestamps: Vec::new(),
            files_unread: false,
            single: None,
            extract: false,
            failed: None,
            broken: false,
            unpurged: false,
        }
    }

    /// That this is an extract.
    pub(crate) fn be_extract(&mut self) {
        self.extract = true;
        self.claims.complete = Claim::NotApplicable;
    }

    /// That this is a statement by itself: what it commits to is not at hand.
    pub(crate) fn be_single(&mut self) {
        self.files_unread = true;
        self.claims.complete = Claim::NotApplicable;
    }

    /// Takes findings in, those that were only counted too.
    pub(crate) fn take(&mut self, findings: Findings) {
        findings.first.into_iter().for_each(|finding| self.add(finding));
        for (code, times) in findings.further {
            self.judge(code);
            self.findings_total = self.findings_total.saturating_add(times);
        }
    }

    /// Takes a finding in; the claim that it speaks against is decided by it.
    pub(crate) fn add(&mut self, finding: Finding) {
        self.judge(finding.code);
        self.findings_total += 1;
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding);
        }
    }

    fn judge(&mut self, code: Code) {
        let severity = code.severity();
        self.failed = self.failed.max(Some(severity));
        self.unpurged |= code == Code::NotPurged;
        self.broken |= severity != Severity::Warning && !code.is_of_entry();
        let claim = match code.subject() {
            Subject::Intact => Some(&mut self.claims.intact),
            Subject::Signed => Some(&mut self.claims.signed),
            // What an extract names must be there, but it doesn't claim to be all.
            Subject::Complete if self.extract => Some(&mut self.claims.intact),
            Subject::Complete => Some(&mut self.claims.complete),
            Subject::Trusted => Some(&mut self.claims.trusted),
            Subject::Current => Some(&mut self.claims.current),
            Subject::Time => Some(&mut self.claims.time),
            Subject::Nothing => None,
        };
        match (claim, severity) {
            (Some(claim), Severity::Error) => *claim = Claim::Fails,
            (Some(claim), Severity::Unchecked) if *claim != Claim::Fails => *claim = Claim::Unchecked,
            _ => {}
        }
    }

    /// What couldn't be looked at any more claims nothing.
    pub(crate) fn stop_short(&mut self) {
        self.leave_files();
        if self.claims.signed == Claim::Holds {
            self.claims.signed = Claim::Unchecked;
        }
    }

    /// Unread files may be anything, or not be there.
    pub(crate) fn leave_files(&mut self) {
        for claim in [&mut self.claims.intact, &mut self.claims.complete] {
            if *claim == Claim::Holds {
                *claim = Claim::Unchecked;
            }
        }
    }

    /// Whether an archive can be read and grown in spite of what was found: its state is known, since nothing is wrong but entries that are
    /// void.
    pub const fn is_usable(&self) -> bool {
        self.archive.is_some() && !self.broken
    }

    /// The word for all claims together.
    pub fn verdict(&self) -> Verdict {
        match self.failed {
            Some(Severity::Error) => Verdict::Failed,
            Some(Severity::Unchecked) => Verdict::Unchecked,
            _ if self.archive.is_none() && self.single.is_none() => Verdict::Unchecked,
            _ if self.claims.trusted != Claim::Holds => Verdict::Untrusted,
            _ if self.files_unread || self.claims.signed != Claim::Holds => Verdict::Partial,
            _ => Verdict::Verified,
        }
    }
}

#[cfg(test)]
mod tests;
