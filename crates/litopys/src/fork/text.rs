//! Signed states and fork proofs as text (format.md, section 8.5): blocks of lines with an empty line between.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::{self, Split};

use base64ct::{Base64, Encoding};

use super::{ForkProof, Shown, SignedState};
use crate::limits;
use crate::log::TreeHash;
use crate::log::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::log::proof::{ConsistencyProof, InclusionProof};
use crate::log::text::{hashes, number, write_path};

/// The first line of a fork proof.
const MAGIC: &str = "litopys/fork-proof@v1";
const STATEMENT: &str = "statement ";
const GROWTH: &str = "growth";

/// Why bytes are no signed state or fork proof (E120).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateTextError {
    /// Larger than any.
    #[error("a fork proof has at most {} bytes", limits::FORK_PROOF)]
    TooLarge,
    /// Not UTF-8, no LF at the end, or another first line.
    #[error("not a fork proof: its first line is another one, or it doesn't end with a line end")]
    Form,
    /// No checkpoint where one should stand.
    #[error("no checkpoint where one should stand")]
    Checkpoint(#[source] Option<CheckpointError>),
    /// Something that is neither a statement with its proof, by index, nor what follows them.
    #[error("block {block} is not a statement with its proof, in its order, or what should follow")]
    Block {
        /// Which block, from 1.
        block: usize,
    },
    /// The states are in the wrong order, or there is something about their growth where their sizes are the same, or nothing where they aren't.
    #[error("the two states are not in their order, or not with what must follow them")]
    Order,
}

/// The blocks of a text, and how many were taken.
struct Blocks<'a> {
    left: Peekable<Split<'a, &'static str>>,
    taken: usize,
}

impl<'a> Blocks<'a> {
    fn new(bytes: &'a [u8], limit: u64) -> Result<Self, StateTextError> {
        if bytes.len() as u64 > limit {
            return Err(StateTextError::TooLarge);
        }
        let text = str::from_utf8(bytes).ok().and_then(|text| text.strip_suffix('\n')).ok_or(StateTextError::Form)?;
        Ok(Self { left: text.split("\n\n").peekable(), taken: 0 })
    }

    fn next(&mut self) -> Option<&'a str> {
        self.taken += 1;
        self.left.next()
    }

    fn bad(&self) -> StateTextError {
        StateTextError::Block { block: self.taken }
    }

    /// A state: a checkpoint, which is two blocks, and its statements.
    fn state(&mut self) -> Result<SignedState, StateTextError> {
        let (text, lines) = (self.next(), self.next());
        let note = text.zip(lines).map(|(text, lines)| format!("{text}\n\n{lines}\n"));
        let note = note.ok_or(StateTextError::Checkpoint(None))?;
        let checkpoint =
            SignedCheckpoint::parse(note.as_bytes()).map_err(|error| StateTextError::Checkpoint(Some(error)))?;
        let mut statements: Vec<Shown> = Vec::new();
        while self.left.peek().is_some_and(|block| block.starts_with(STATEMENT)) {
            let shown = self.next().and_then(statement).ok_or_else(|| self.bad())?;
            let next = match statements.last() {
                None => shown.proof.index == 0,
                Some(last) => shown.proof.index > last.proof.index,
            };
            if !next {
                return Err(self.bad());
            }
            statements.push(shown);
        }
        if statements.is_empty() {
            self.taken += 1;
            return Err(self.bad());
        }
        Ok(SignedState { checkpoint, statements })
    }

    fn end(&mut self) -> Result<(), StateTextError> {
        if self.next().is_none() { Ok(()) } else { Err(self.bad()) }
    }
}

/// `statement <index> <base64>`, and the path.
fn statement(block: &str) -> Option<Shown> {
    let mut lines = block.split('\n');
    let (index, statement) = lines.next()?.strip_prefix(STATEMENT)?.split_once(' ')?;
    let index = number(index, "")?;
    let statement = Base64::decode_vec(statement).ok()?;
    Some(Shown { statement, proof: InclusionProof { index, path: hashes(lines, 2).ok()? } })
}

impl SignedState {
    /// Reads a state, which has exactly one form.
    ///
    /// # Errors
    /// [`StateTextError`] with the first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, StateTextError> {
        let mut blocks = Blocks::new(bytes, limits::FORK_PROOF)?;
        let state = blocks.state()?;
        blocks.end()?;
        Ok(state)
    }

    /// The state as text.
    pub fn to_text(&self) -> String {
        let mut out = String::from_utf8_lossy(self.checkpoint.bytes()).into_owned();
        for Shown { statement, proof } in &self.statements {
            let _ = writeln!(out, "\n{STATEMENT}{} {}", proof.index, Base64::encode_string(statement));
            write_path(&mut out, &proof.path);
        }
        out
    }
}

impl ForkProof {
    /// Whether a file that begins so is meant to be a fork proof.
    pub fn is_meant(first: &[u8]) -> bool {
        first.starts_with(MAGIC.as_bytes())
    }

    /// Reads a fork proof, which has exactly one form.
    ///
    /// # Errors
    /// [`StateTextError`] with the first thing that is wrong (E120).
    pub fn parse(bytes: &[u8]) -> Result<Self, StateTextError> {
        let mut blocks = Blocks::new(bytes, limits::FORK_PROOF)?;
        if blocks.next() != Some(MAGIC) {
            return Err(StateTextError::Form);
        }
        let (first, second) = (blocks.state()?, blocks.state()?);
        let growth = match blocks.next() {
            None => None,
            Some(block) => Some(growth(block).ok_or_else(|| blocks.bad())?),
        };
        blocks.end()?;
        let order = |state: &SignedState| (state.claimed_head().size(), state.claimed_head().root());
        let same_size = first.claimed_head().size() == second.claimed_head().size();
        if order(&first) <= order(&second) && same_size == growth.is_none() {
            Ok(Self { first, second, growth })
        } else {
            Err(StateTextError::Order)
        }
    }

    /// The proof as text.
    pub fn to_text(&self) -> String {
        let mut out = format!("{MAGIC}\n\n{}\n{}", self.first.to_text(), self.second.to_text());
        if let Some((root, proof)) = &self.growth {
            let _ = writeln!(out, "\n{GROWTH}\n{}", Base64::encode_string(root.as_bytes()));
            write_path(&mut out, &proof.path);
        }
        out
    }
}

/// `growth`, the root, and the path.
fn growth(block: &str) -> Option<(TreeHash, ConsistencyProof)> {
    let mut lines = block.split('\n');
    if lines.next() != Some(GROWTH) {
        return None;
    }
    // The root is the first hash.
    let hashes = hashes(lines, 2).ok()?;
    let (root, path) = hashes.split_first()?;
    Some((*root, ConsistencyProof { path: path.to_vec() }))
}

#[cfg(test)]
mod tests;
