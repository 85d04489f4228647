//! Withdrawals: signed, and what they withhold taken out.

use std::collections::HashSet;

use super::{Archive, ArchiveError, require};
use crate::charter::KeyRole;
use crate::check::{CheckOptions, Files, Signatures, Trust, check_to_ledger};
use crate::key::Signer;
use crate::layout::{Member, TileKind};
use crate::ledger::Ledger;
use crate::purge::Purge;
use crate::statement::{Payload, Pending, SignedStatement};
use crate::store::folder::FolderWriter;
use crate::store::{Found, Store};
use crate::withdrawal::{DataClass, Scope, Withdrawal};

/// Why something is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// What sort of data it is.
    pub class: DataClass,
    /// Why, in words of at most 1,024 bytes.
    pub reason: String,
    /// The legal basis, in words of at most 1,024 bytes.
    pub basis: String,
}

impl Archive {
    /// Lays a withdrawal out: what a steward is to sign, or the archivist who signed all entries that it names.
    pub fn lay_out_withdrawal(&self, scope: Scope, grounds: Grounds) -> Payload {
        let authority = self.authority().in_force();
        let Grounds { class, reason, basis } = grounds;
        Payload::Withdrawal(Box::new(Withdrawal { scope, class, reason, basis, authority }))
    }

    /// Signs a withdrawal, by a steward or by the archivist who signed all entries that it names. [`Archive::append`] takes it into the log, and takes out
    /// what it withholds.
    ///
    /// # Errors
    /// [`ArchiveError::Payload`] if it names nothing or too much, or its words are too long; those of signing.
    pub fn withdrawal(
        &self,
        scope: Scope,
        grounds: Grounds,
        signer: &dyn Signer,
    ) -> Result<SignedStatement, ArchiveError> {
        if require(self.authority(), signer, KeyRole::Steward).is_err() {
            require(self.authority(), signer, KeyRole::Archivist)?;
        }
        let payload = self.lay_out_withdrawal(scope, grounds);
        Ok(Pending::new(signer.public_key().clone(), &self.charter().origin, &payload)?.sign(signer)?)
    }

    /// Takes out what is withheld by the withdrawals in force.
    pub(super) fn purge(&self) -> Result<(), ArchiveError> {
        let (files, trust, threads) = (Files::None, Trust::default(), self.threads);
        let options = CheckOptions { files, trust, threads, signatures: Signatures::None };
        let mut purge = Purge::default();
        let (report, _) = check_to_ledger(self.store(), &options, &mut purge)?;
        if !report.is_usable() {
            return Err(ArchiveError::Failed(Box::new(report)));
        }
        run(&self.writer, &self.ledger, self.head.size(), &purge)
    }
}

/// Takes out of a folder what is withheld, and whatever nothing calls for any more: files and tiles of older sizes may hold it, too. Large files go
/// first and manifests last, so that what was interrupted can be gone on with: a manifest tells which files belong to it.
pub(super) fn run(writer: &FolderWriter, ledger: &Ledger, size: u64, purge: &Purge) -> Result<(), ArchiveError> {
    if ledger.withheld().is_empty() {
        return Ok(());
    }
    let store = writer.store();
    let (mut gone, present): (_, HashSet<_>) = (Vec::new(), Member::tiles(size).collect());
    store.scan(&mut |found| match found {
        Found::Member(member @ Member::File { digest, .. }) if !purge.keeps(&digest) => gone.push(member),
        Found::Member(member @ Member::Tile(tile)) if !present.contains(&tile) => gone.push(member),
        _ => {}
    })?;
    gone.iter().try_for_each(|member| writer.erase(*member))?;
    let tiles = purge.tiles(size);
    let (packs, manifests): (Vec<_>, Vec<_>) = tiles.into_iter().partition(|tile| tile.kind == TileKind::Packs);
    for tiles in [packs, manifests] {
        for tile in &tiles {
            let (found, size) = purge.measure(store, *tile)?;
            if found {
                writer.replace(Member::Tile(*tile), |out| purge.write(store, *tile, size, out))?;
            }
        }
        // Packs are durable before manifests go, also those that a writer replaced who was then stopped.
        gone.extend(tiles.into_iter().map(Member::Tile));
        writer.sync_folders(&gone)?;
    }
    Ok(())
}
