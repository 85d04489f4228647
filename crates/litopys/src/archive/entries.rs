//! Signed statements taken into an archive as they are: what stewards decide.

use super::{Archive, ArchiveError, FileContents, require};
use crate::authority::{Authority, Proposal};
use crate::charter::KeyRole;
use crate::key::Signer;
use crate::layout::{Member, TileKind, tiles_of};
use crate::ledger::Ledger;
use crate::request::SignedEntry;
use crate::statement::{Pending, SignedStatement};
use crate::store::Store;
use crate::{StatementId, limits};

impl Archive {
    /// Signs a steward's word for a proposal.
    ///
    /// # Errors
    /// [`ArchiveError::Role`] if it is no steward's key; those of signing.
    pub fn approve(&self, proposal: &Proposal, steward: &dyn Signer) -> Result<SignedStatement, ArchiveError> {
        require(self.authority(), steward, KeyRole::Steward)?;
        let key = steward.public_key().clone();
        Ok(Pending::new(key, &self.charter().origin, &proposal.payload())?.sign(steward)?)
    }

    /// Whose keys would do what after these statements; they are not taken in.
    ///
    /// # Errors
    /// [`ArchiveError::WouldBeVoid`] if one of them wouldn't be in force.
    pub fn preview(&self, statements: &[SignedStatement]) -> Result<Authority, ArchiveError> {
        let mut ledger = self.ledger.clone();
        apply(&mut ledger, statements)?;
        Ok(ledger.authority().clone())
    }

    /// Visits the id of every statement, in log order.
    ///
    /// # Errors
    /// [`ArchiveError::Store`] if a tile can't be read.
    pub fn statement_ids(&self, visit: &mut dyn FnMut(u64, StatementId)) -> Result<(), ArchiveError> {
        for tile in tiles_of(TileKind::Hashes(0), self.head.size()) {
            let hashes = self.store().read(Member::Tile(tile), 32 * limits::TILE)?;
            let (hashes, _) = hashes.as_chunks::<32>();
            (tile.index * limits::TILE..).zip(hashes).for_each(|(at, id)| visit(at, StatementId::from_bytes(*id)));
        }
        Ok(())
    }

    /// Takes signed statements without manifests into the log, in order, and signs a checkpoint. `log` is a key that may do so after all of them. What
    /// withdrawals among them withhold is taken out after that.
    ///
    /// Nothing is written unless all of them are in force where they would stand.
    ///
    /// # Errors
    /// [`ArchiveError::WouldBeVoid`] if one wouldn't be; [`ArchiveError::Role`] if `log` may not sign the checkpoint after them; those of
    /// writing; [`ArchiveError::NotPurged`] if all of them are in the log, and what is withheld is there still.
    pub fn append(self, statements: &[SignedStatement], log: &dyn Signer) -> Result<Self, ArchiveError> {
        let entry = |statement: &SignedStatement| SignedEntry { statement: statement.clone(), manifest: None };
        let entries: Vec<_> = statements.iter().map(entry).collect();
        self.take_in(&entries, &FileContents::default(), log)
    }
}

fn apply(ledger: &mut Ledger, statements: &[SignedStatement]) -> Result<(), ArchiveError> {
    for (nth, statement) in statements.iter().enumerate() {
        let verified = statement.verify()?;
        ledger.apply(&verified).map_err(|code| ArchiveError::WouldBeVoid { nth, code })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
