//! Fork proofs (format.md, section 8.5): that two signed states of one archive can't both be true, and whose keys signed them.
//!
//! A [`SignedState`] is a checkpoint with what shows whose keys may sign it: the charter, and the approvals of changes of keys, each with its proof. Whoever
//! remembers one can show a fork later, without the archive that it was of. [`ForkProof::verify`] is the only way to a [`VerifiedFork`], and takes nothing but
//! the proof.

mod text;

use crate::authority::KeyHolder;
use crate::charter::{Charter, KeyRole};
use crate::ledger::Ledger;
use crate::log::checkpoint::{CheckpointFault, SignedCheckpoint};
use crate::log::proof::{ConsistencyProof, InclusionProof, ProofError};
use crate::log::{TreeHash, TreeHead};
use crate::prove::{ProveError, Prover};
use crate::report::Code;
use crate::statement::{KeyCache, Payload, StatementError, VerifiedStatement};
use crate::{ArchiveId, StatementId};

pub use text::StateTextError;

/// Why a signed state isn't what it claims.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// A statement is malformed, or its signature doesn't verify.
    #[error("statement {index}")]
    Statement {
        /// Its index.
        index: u64,
        /// Why.
        source: StatementError,
    },
    /// A statement isn't in the log.
    #[error("the proof of statement {index} does not hold")]
    Proof {
        /// Its index.
        index: u64,
        /// Why.
        source: ProofError,
    },
    /// Statement 0 is no charter.
    #[error("statement 0 is not a charter")]
    Charter,
    /// A statement behind the charter is no change of keys.
    #[error("statement {index} is not a change of keys")]
    NotKeys {
        /// Its index.
        index: u64,
    },
    /// A statement breaks a rule.
    #[error("statement {index} is void ({code})")]
    Void {
        /// Its index.
        index: u64,
        /// The rule's code.
        code: Code,
    },
    /// The checkpoint isn't signed by a key that the statements give the role `log`.
    #[error(transparent)]
    Unsigned(#[from] CheckpointFault),
}

/// Why a fork proof proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForkError {
    /// It has not the form of one (E120).
    #[error(transparent)]
    Form(#[from] StateTextError),
    /// Its states are of two archives (E121).
    #[error("the states are of two archives, {0} and {1}")]
    OtherArchive(ArchiveId, ArchiveId),
    /// One of its states isn't what it claims (E122).
    #[error("the {} state", if *which == 1 { "first" } else { "second" })]
    State {
        /// Which, from 1.
        which: u8,
        /// Why.
        source: Box<StateError>,
    },
    /// What should show the contradiction doesn't hold (E123).
    #[error("the proof of the second log's beginning does not hold")]
    Growth(#[source] ProofError),
    /// The states don't contradict each other (E124).
    #[error("the two states do not contradict each other")]
    Consistent,
}

impl ForkError {
    /// The finding's code (format.md, section 10).
    pub const fn code(&self) -> Code {
        match self {
            Self::Form(_) => Code::ForkForm,
            Self::OtherArchive(..) => Code::ForkArchive,
            Self::State { .. } => Code::ForkState,
            Self::Growth(_) => Code::ForkGrowth,
            Self::Consistent => Code::ForkNone,
        }
    }
}

/// Why no fork proof could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MakeError {
    /// The archive couldn't be read, or its newest state isn't what it claims.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// What was made proves nothing: there is no fork, say.
    #[error(transparent)]
    Fork(#[from] ForkError),
}

/// A statement that is shown with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    statement: Vec<u8>,
    proof: InclusionProof,
}

/// A checkpoint with what shows whose keys may sign it. As received, it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedState {
    checkpoint: SignedCheckpoint,
    /// By index, the charter first.
    statements: Vec<Shown>,
}

/// A state that holds: who signed it had the role `log`, as far as it shows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifiedState {
    /// The log's size and root.
    pub head: TreeHead,
    /// Who signed the checkpoint: at least one.
    pub signers: Vec<KeyHolder>,
    archive: ArchiveId,
    charter: Charter,
}

/// Two states of one archive, and what shows that they can't both be true. As received, it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkProof {
    first: SignedState,
    second: SignedState,
    /// The root of the second log at the first one's size, and the proof of it; none where the sizes are the same.
    growth: Option<(TreeHash, ConsistencyProof)>,
}

/// Two states of one archive that can't both be true.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifiedFork {
    /// Which archive.
    pub archive: ArchiveId,
    /// Its charter.
    pub charter: Charter,
    /// The smaller state.
    pub first: VerifiedState,
    /// The larger one, or of the same size.
    pub second: VerifiedState,
    /// The root that the second log had at the first one's size, where the first one has another.
    pub root: TreeHash,
}

impl SignedState {
    /// The newest state of an archive or extract.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn of(prover: &mut Prover<'_>) -> Result<Self, ProveError> {
        let signed = prover.checkpoint().signers().to_vec();
        let founders: Vec<_> = prover.charter().keys(KeyRole::Log).cloned().collect();
        // Who may sign by the charter needs no more than that.
        let plain = signed.iter().any(|key| founders.contains(key));
        let indexes = if plain { [0].into() } else { prover.governance() };
        let mut statements = Vec::new();
        for index in indexes {
            let (statement, proof) = (prover.statement(index)?, prover.proof(index)?.proof);
            statements.push(Shown { statement: statement.as_bytes().to_vec(), proof });
        }
        Ok(Self { checkpoint: prover.checkpoint().signed().clone(), statements })
    }

    /// The size and root that it claims.
    pub fn claimed_head(&self) -> TreeHead {
        self.checkpoint.claimed_head()
    }

    /// Whether it is what it claims.
    ///
    /// # Errors
    /// [`StateError`] with the first thing that is wrong.
    pub fn verify(&self) -> Result<VerifiedState, StateError> {
        let head = self.claimed_head();
        let (mut keys, mut ledger) = (KeyCache::default(), None::<Ledger>);
        for Shown { statement, proof } in &self.statements {
            let index = proof.index;
            proof.verify(StatementId::of(statement), head).map_err(|source| StateError::Proof { index, source })?;
            let verified = VerifiedStatement::verify(statement, &mut keys);
            let verified = verified.map_err(|source| StateError::Statement { index, source })?;
            match &mut ledger {
                None => ledger = Some(Ledger::found(&verified).ok_or(StateError::Charter)?),
                Some(_) if !matches!(verified.payload(), Payload::Keys(_)) => {
                    return Err(StateError::NotKeys { index });
                }
                Some(ledger) => {
                    ledger.skip_to(index);
                    ledger.apply(&verified).map_err(|code| StateError::Void { index, code })?;
                }
            }
        }
        let ledger = ledger.ok_or(StateError::Charter)?;
        let logs: Vec<_> = ledger.authority().keys(KeyRole::Log).collect();
        let verified = self.checkpoint.verify(&ledger.charter().origin, &logs)?;
        let holder = |key: &crate::PublicKey| ledger.authority().holder(key.as_bytes()).cloned();
        let signers = verified.signers().iter().filter_map(holder).collect();
        Ok(VerifiedState { head, signers, archive: ledger.archive(), charter: ledger.charter().clone() })
    }
}

impl ForkProof {
    /// Shows that an archive doesn't extend a state that was signed before. Of two archives `newer` is the larger one; an extract does only where it is of the
    /// same size.
    ///
    /// # Errors
    /// [`MakeError::Fork`] if that isn't so: with [`ForkError::Consistent`] where the one extends the other.
    pub fn new(older: SignedState, newer: &mut Prover<'_>) -> Result<Self, MakeError> {
        let second = SignedState::of(newer)?;
        let (at, size) = (older.claimed_head().size(), second.claimed_head().size());
        let proof = if at == size {
            let swapped = older.claimed_head().root() > second.claimed_head().root();
            let (first, second) = if swapped { (second, older) } else { (older, second) };
            Self { first, second, growth: None }
        } else {
            let growth = Some(newer.growth(at)?);
            Self { first: older, second, growth }
        };
        // One's own goes through the same door.
        proof.verify()?;
        Ok(proof)
    }

    /// Whether it proves a fork.
    ///
    /// # Errors
    /// [`ForkError`] with the first thing that is wrong: then it proves nothing, of anybody.
    pub fn verify(&self) -> Result<VerifiedFork, ForkError> {
        let of = |which, state: &SignedState| {
            state.verify().map_err(|source| ForkError::State { which, source: Box::new(source) })
        };
        let (first, second) = (of(1, &self.first)?, of(2, &self.second)?);
        if first.archive != second.archive {
            return Err(ForkError::OtherArchive(first.archive, second.archive));
        }
        let root = match &self.growth {
            None => second.head.root(),
            Some((root, proof)) => {
                // What the second log's first statements have for a root, whatever the first state says.
                let beginning = TreeHead::new(first.head.size(), *root).ok_or(ForkError::Consistent)?;
                proof.verify(beginning, second.head).map_err(ForkError::Growth)?;
                *root
            }
        };
        if root == first.head.root() {
            return Err(ForkError::Consistent);
        }
        Ok(VerifiedFork { archive: first.archive, charter: first.charter.clone(), first, second, root })
    }
}

impl VerifiedFork {
    /// The keys that signed both states: who has them signed two histories. Where there are none, the keys of one state contradict those of the other.
    pub fn keys(&self) -> Vec<&KeyHolder> {
        let both = |holder: &&KeyHolder| self.second.signers.iter().any(|other| other.key == holder.key);
        self.first.signers.iter().filter(both).collect()
    }
}
