//! The verification engine: everything of an archive, claim by claim (format.md, section 9).
//!
//! Tiles are checked on their own, on any number of threads; the [`Ledger`](crate::ledger::Ledger) takes them in, in order; then come the root, the large
//! files and what is there besides. Bad data is a [`Finding`], and checking goes on; a failure to look is a [`CheckError`].

mod checkpoint;
mod extract;
mod fold;
mod load;
mod pass;
mod single;
mod tile;
mod tiles;
mod times;
mod trust;
pub(crate) mod withheld;
mod witnesses;

use std::ops::ControlFlow;

pub use crate::report::CheckError;
pub(crate) use pass::{check_to_files, check_to_ledger};
pub use single::{StatementWithProof, check_statement};
pub(crate) use tile::{Scope, TileBytes, check_tile, decode_manifest, entry_code};

use crate::key::{Fingerprint, PublicKey};
use crate::log::TreeHead;
use crate::log::cosignature::WitnessKey;
use crate::manifest::Manifest;
use crate::report::{Code, Finding, Place, Report};
use crate::statement::VerifiedStatement;
use crate::store::Store;
use crate::store::zip::BundleError;
use crate::withdrawal::Withheld;
use crate::{ArchiveId, StatementId};

/// Which files are read and compared with their digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Files {
    /// All.
    All,
    /// Those of statements from this index on; a large file that an earlier one names too is read.
    Since(u64),
    /// The n-th of m parts, n from 1: each tile and each large file is in one of them.
    Part(u64, u64),
    /// None.
    None,
}

/// Whom to trust. There is no default, and nothing that means "anyone": without an anchor the claim `trusted` stays unchecked.
#[derive(Debug, Clone)]
pub enum Anchor {
    /// This archive.
    Archive(ArchiveId),
    /// An archive whose charter this key signed.
    Founder(PublicKey),
    /// The same, by the key's fingerprint. It vouches for a single statement only where its charter is shown.
    FounderBy(Fingerprint),
}

impl Anchor {
    /// Whether it is this archive, which the key with these bytes founded.
    pub fn names(&self, archive: ArchiveId, founder: &[u8; 32]) -> bool {
        match self {
            Self::Archive(id) => *id == archive,
            Self::Founder(_) | Self::FounderBy(_) => self.is_founder(founder),
        }
    }

    /// Whether it is the key with these bytes.
    pub fn is_founder(&self, founder: &[u8; 32]) -> bool {
        match self {
            Self::Archive(_) => false,
            Self::Founder(key) => key.as_bytes() == founder,
            Self::FounderBy(print) => PublicKey::from_bytes(founder).is_ok_and(|key| key.fingerprint() == *print),
        }
    }
}

/// What the one who checks knows.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Whom they named for this check: if none of them fits, that is an error.
    pub demanded: Vec<Anchor>,
    /// Whom they trust at all: if none fits, the archive is merely untrusted.
    pub known: Vec<Anchor>,
    /// Checkpoints seen before: an archive that is smaller or has another history is rolled back or forked.
    pub seen: Vec<(ArchiveId, TreeHead)>,
    /// Witnesses, whose cosignatures say that nothing newer was seen.
    pub witnesses: Witnesses,
}

/// Whose cosignatures count, and how many there must be for the claim `current`.
#[derive(Debug, Clone, Default)]
pub struct Witnesses {
    /// The witnesses. A line of the checkpoint that claims to be one of theirs must be one.
    pub keys: Vec<WitnessKey>,
    /// How many of them must have cosigned; 0: their lines are only judged.
    pub quorum: u64,
    /// Whether it is an error if fewer have: whoever checks asked for so many.
    pub demanded: bool,
}

impl Witnesses {
    /// Those that somebody asks for, and how many of them at least. It is an error if fewer have cosigned.
    pub const fn demanded(keys: Vec<WitnessKey>, quorum: u64) -> Self {
        Self { keys, quorum, demanded: true }
    }

    /// Those that somebody knows. More than half of them make a quorum: of two histories they can't vouch for both unless one of them lies. It is no error
    /// if fewer have cosigned.
    pub fn known(keys: Vec<WitnessKey>) -> Self {
        let quorum = if keys.is_empty() { 0 } else { witnesses::distinct(&keys) / 2 + 1 };
        Self { keys, quorum, demanded: false }
    }
}

/// What to check, and how.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// Which files to read.
    pub files: Files,
    /// Whom to trust.
    pub trust: Trust,
    /// Which statements' signatures to verify.
    pub signatures: Signatures,
    /// How many threads to use; 1 where the feature `parallel` is off.
    pub threads: usize,
}

/// Which statements' signatures are verified. The charter's and the checkpoint's always are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signatures {
    /// All.
    All,
    /// Those of statements after the largest of these checkpoints of this archive, up to which all were verified before, and held: the statements
    /// up to there are the same if the log still has that root. Without it the check fails, as for a checkpoint in [`Trust::seen`].
    After(Vec<(ArchiveId, TreeHead)>),
    /// None: what is seen then is what the keeper of the log signed as a whole, and the claim `signed` stays unchecked.
    None,
}

impl CheckOptions {
    /// The checkpoints of this archive whose roots the log must have, in order.
    fn seen(&self, archive: ArchiveId) -> Vec<TreeHead> {
        let verified = if let Signatures::After(verified) = &self.signatures { verified.as_slice() } else { &[] };
        let all = self.trust.seen.iter().chain(verified);
        let mut seen: Vec<_> = all.filter(|(id, _)| *id == archive).map(|(_, head)| *head).collect();
        seen.sort_unstable_by_key(|head| (head.size(), *head.root().as_bytes()));
        seen.dedup();
        seen
    }

    /// Of how many statements of this archive no signatures are verified.
    fn spared(&self, archive: ArchiveId) -> u64 {
        match &self.signatures {
            Signatures::All => 0,
            Signatures::None => u64::MAX,
            Signatures::After(verified) => {
                let sizes = verified.iter().filter(|(id, _)| *id == archive).map(|(_, head)| head.size());
                sizes.max().unwrap_or(0)
            }
        }
    }
}

/// An entry of the log, as an [`Observer`] sees it. If the check fails, nothing that was seen holds.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Its index.
    pub index: u64,
    /// Its id.
    pub id: StatementId,
    /// The statement, if it could be verified.
    pub statement: Option<&'a VerifiedStatement>,
    /// Why it is void, if it is.
    pub void: Option<Code>,
    /// Its manifest, if it has one that is what the statement commits to.
    pub manifest: Option<&'a Manifest>,
    /// What is withheld in the whole log.
    pub withheld: &'a Withheld,
}

/// Looks on while an archive is checked, and may stop the check.
pub trait Observer {
    /// An entry was taken in, in log order. The statement 0 is the charter.
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        let _ = entry;
        ControlFlow::Continue(())
    }

    /// Something was found that the report will tell: it comes as it is found, which is not always in log order. What only the
    /// whole log tells, such as which entries are void, comes after the last entry.
    fn finding(&mut self, finding: &Finding) -> ControlFlow<()> {
        let _ = finding;
        ControlFlow::Continue(())
    }

    /// Whether entries are to come with their manifests. Without, huge manifests are not read twice.
    fn wants_manifests(&self) -> bool {
        true
    }

    /// So much of the work is done: statements, then bytes of large files.
    fn progress(&mut self, done: u64, of: u64) -> ControlFlow<()> {
        let _ = (done, of);
        ControlFlow::Continue(())
    }
}

/// An observer that doesn't look.
impl Observer for () {
    fn wants_manifests(&self) -> bool {
        false
    }
}

/// Checks an archive.
///
/// # Errors
/// [`CheckError`] if the store failed or the observer stopped it. What is wrong with the archive is in the report.
pub fn check(store: &dyn Store, options: &CheckOptions, observer: &mut dyn Observer) -> Result<Report, CheckError> {
    check_to_ledger(store, options, observer).map(|(report, _)| report)
}

/// The report on a file that is no bundle by its structure; `None` for one that couldn't be read.
pub fn refused(error: &BundleError) -> Option<Report> {
    let BundleError::Structure { .. } = error else { return None };
    let mut report = Report::new();
    report.add(Finding::new(Code::ZipStructure, Place::default(), error));
    report.stop_short();
    Some(report)
}
