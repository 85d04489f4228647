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
