//! The state that grows with each tile: the ledger, the tree, who signed.

use std::collections::HashMap;

use crate::layout::TileName;
use crate::ledger::Ledger;
use crate::log::TreeHash;
use crate::log::merkle::{Frontier, TreeBuilder};
use crate::report::{Code, Finding};
use crate::statement::VerifiedStatement;
use crate::{StatementId, limits};

/// The state that grows with each tile, in order.
pub(super) struct Fold {
    pub(super) ledger: Ledger,
    pub(super) frontier: Frontier,
    pub(super) builder: TreeBuilder,
    /// Full hash tiles above level 0.
    pub(super) upper: Vec<(TileName, Vec<u8>)>,
    pub(super) ids: Vec<StatementId>,
    pub(super) signers: HashMap<[u8; 32], u64>,
    /// The sizes whose roots are asked for, in ascending order, and the roots found.
    wanted: Vec<u64>,
    pub(super) roots: Vec<(u64, TreeHash)>,
    /// Whether all statements so far could be told apart.
    pub(super) whole: bool,
    /// What is wrong with entries by themselves, in log order: the first so many.
    pub(super) faults: Vec<Finding>,
    /// Whether all statements so far are of kinds that are known: after another one nobody can tell the state.
    pub(super) judged: bool,
}

impl Fold {
    pub(super) fn new(ledger: Ledger, wanted: Vec<u64>) -> Self {
        Self {
            ledger,
            frontier: Frontier::new(),
            builder: TreeBuilder::new(),
            upper: Vec::new(),
            ids: Vec::new(),
            signers: HashMap::new(),
            wanted,
            roots: Vec::new(),
            faults: Vec::new(),
            whole: true,
            judged: true,
        }
    }

    /// Takes the next entry in, or what is wrong with it. Why it is void, if it is.
    pub(super) fn apply(
        &mut self,
        id: StatementId,
        statement: Option<&VerifiedStatement>,
        fault: Option<Finding>,
    ) -> Option<Code> {
        let Some(statement) = statement else {
            let code = fault.as_ref().map_or(Code::StatementShape, |fault| fault.code);
            self.ledger.apply_faulty(id, code);
            self.faults.extend(fault.filter(|_| self.faults.len() < limits::FINDINGS));
            return Some(code);
        };
        self.ledger.apply(statement).err()
    }

    /// Appends a tile's leaves. After a gap the tree is of no use: what is found there was reported.
    pub(super) fn grow(&mut self, leaves: &[StatementId], root: Option<TreeHash>) {
        self.ids.extend_from_slice(leaves);
        let end = self.frontier.size() + leaves.len() as u64;
        let next = self.wanted.get(self.wanted.partition_point(|size| *size <= self.frontier.size()));
        let within = next.is_some_and(|size| *size < end);
        let whole_tile = root.filter(|_| leaves.len() as u64 == limits::TILE);
        if let Some(root) = whole_tile
            && let Ok(tiles) = self.builder.push_tile(root)
        {
            self.upper.extend(tiles);
        } else {
            for leaf in leaves {
                self.upper.extend(self.builder.push(*leaf));
            }
        }
        match whole_tile {
            Some(root) if !within && self.frontier.push_tile(root).is_ok() => self.note_root(),
            _ => {
                for leaf in leaves {
                    self.frontier.push(*leaf);
                    self.note_root();
                }
            }
        }
    }

    fn note_root(&mut self) {
        let size = self.frontier.size();
        if self.wanted.binary_search(&size).is_ok()
            && let Some(root) = self.frontier.root()
        {
            self.roots.push((size, root));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charter::{Charter, CharterKey, KeyRole};
    use crate::key::{SecretKey, Signer};
    use crate::layout::TileKind;
    use crate::log::merkle::tile_root;
    use crate::statement::{Payload, Pending};

    /// A ledger of nothing but a charter.
    fn ledger() -> Ledger {
        let (key, origin) = (SecretKey::from_seed(&[1; 32]), "example.org/log".parse().unwrap());
        let roles = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
        let member = CharterKey { key: key.public_key().clone(), name: "keeper".to_owned(), roles };
        let charter = Charter::new("example.org/log".parse().unwrap(), "A log".into(), vec![member], 1, [1; 16]);
        let payload = Payload::Charter(Box::new(charter.unwrap()));
        let statement = Pending::new(key.public_key().clone(), &origin, &payload).unwrap().sign(&key).unwrap();
        Ledger::found(&statement.verify().unwrap()).unwrap()
    }

    #[test]
    fn full_tiles_of_upper_levels_are_made_of_the_leaves() {
        let leaves: Vec<_> = (0..65_536_u32).map(|n| StatementId::of(&n.to_be_bytes())).collect();
        let (mut builder, mut upper) = (TreeBuilder::new(), Vec::new());
        leaves.iter().for_each(|leaf| upper.extend(builder.push(*leaf)));
        upper.retain(|(name, _)| name.kind != TileKind::Hashes(0));
        assert_eq!(upper.len(), 1);
        let wanted = vec![1, 256, 300, 65_536];
        for by_tile in [false, true] {
            let mut fold = Fold::new(ledger(), wanted.clone());
            for tile in leaves.chunks(256) {
                fold.grow(tile, tile_root(tile).filter(|_| by_tile));
            }
            fold.upper.retain(|(name, _)| name.kind != TileKind::Hashes(0));
            assert_eq!((fold.upper, fold.frontier.root()), (upper.clone(), builder.root()));
            let sizes: Vec<_> = fold.roots.iter().map(|(size, _)| *size).collect();
            assert_eq!(sizes, wanted);
            for (size, root) in fold.roots {
                let mut frontier = Frontier::new();
                leaves.iter().take(usize::try_from(size).unwrap()).for_each(|leaf| frontier.push(*leaf));
                assert_eq!(frontier.root(), Some(root), "{size}");
            }
        }
    }
}
