//! Extracts as they should be: statements, proofs and files out of an archive.

use base64ct::{Base64, Encoding};
use litopys::StatementId;
use sha2::{Digest, Sha256};

use crate::archive::{Archive, Spec, Tree, file_name, sha256};
use crate::cbor::Cbor;
use crate::zip::RawZip;

pub(crate) const MIMETYPE: &[u8] = b"application/vnd.litopys.extract+zip";
pub(crate) const README: &[u8] = include_bytes!("../../../../crates/litopys/src/store/extract-readme.txt");

type Hash = [u8; 32];

/// Where RFC 6962 splits a tree of more than one leaf.
fn split(len: usize) -> usize {
    len.next_power_of_two() / 2
}

/// `MTH` of RFC 6962, section 2.1, over hashes of leaves.
fn root(leaves: &[Hash]) -> Hash {
    if let [leaf] = leaves {
        return *leaf;
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    Sha256::new().chain_update([1]).chain_update(root(left)).chain_update(root(right)).finalize().into()
}

/// `PATH` of RFC 6962, section 2.1.1.
fn path(at: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = match at.checked_sub(left.len()) {
        None => (path(at, left), root(right)),
        Some(at) => (path(at, right), root(left)),
    };
    path.push(sibling);
    path
}

/// A proof as text.
pub(crate) fn proof_text(index: impl std::fmt::Display, path: &[Hash], checkpoint: &[u8]) -> Vec<u8> {
    [format!("c2sp.org/tlog-proof@v1\nindex {index}\n{}\n", hashes(path)).as_bytes(), checkpoint].concat()
}

/// A consistency proof as text.
pub(crate) fn growth_text(older: usize, path: &[Hash], checkpoint: &[u8]) -> Vec<u8> {
    [format!("old {older}\n{}\n", hashes(path)).as_bytes(), checkpoint].concat()
}

fn hashes(path: &[Hash]) -> String {
    path.iter().map(|hash| format!("{}\n", Base64::encode_string(hash))).collect()
}

/// `SUBPROOF` of RFC 6962, section 2.1.2.
fn growth(older: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if older == leaves.len() {
        return if whole { Vec::new() } else { vec![root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = match older.checked_sub(left.len()) {
        Some(beyond) if beyond > 0 => (growth(beyond, right, false), root(left)),
        _ => (growth(older, left, whole), root(right)),
    };
    path.push(sibling);
    path
}

pub(crate) fn statement_name(index: usize) -> String {
    format!("statement/{index}.cose")
}

pub(crate) fn proof_name(index: usize) -> String {
    format!("proof/{index}.tlog-proof")
}

impl Archive {
    /// The audit path of a statement.
    pub(crate) fn path(&self, index: usize) -> Vec<Hash> {
        let leaves: Vec<_> = self.statements.iter().map(|bytes| *StatementId::of(bytes).as_bytes()).collect();
        path(index, &leaves)
    }

    /// The path of that proof, and the root of its first statements.
    pub(crate) fn grown(&self, older: usize) -> (Hash, Vec<Hash>) {
        let leaves: Vec<_> = self.statements.iter().map(|bytes| *StatementId::of(bytes).as_bytes()).collect();
        (root(&leaves[..older]), growth(older, &leaves, true))
    }

    /// The proof that it extends its first statements.
    pub(crate) fn growth(&self, older: usize) -> Vec<u8> {
        let leaves: Vec<_> = self.statements.iter().map(|bytes| *StatementId::of(bytes).as_bytes()).collect();
        growth_text(older, &growth(older, &leaves, true), &self.checkpoint())
    }

    pub(crate) fn proof(&self, index: usize) -> Vec<u8> {
        proof_text(index, &self.path(index), &self.checkpoint())
    }

    /// An extract of these statements: with the charter and the last one, and the content of those that are versions.
    pub(crate) fn extract(&self, spec: &Spec, chosen: &[usize]) -> Tree {
        let mut tree = Tree(Vec::new());
        tree.put("checkpoint", self.checkpoint());
        let around = [0, self.statements.len() - 1];
        for index in around.iter().chain(chosen).copied() {
            tree.put(&statement_name(index), self.statements[index].clone());
            tree.put(&proof_name(index), self.proof(index));
        }
        for index in chosen.iter().copied().filter(|index| *index > 0) {
            if let Cbor::Bytes(manifest) = &self.manifests[index] {
                tree.put(&file_name(&sha256(manifest), false), manifest.clone());
            }
            for file in spec.versions.get(index - 1).into_iter().flat_map(|version| &version.files) {
                tree.put(&file_name(&sha256(&file.bytes), false), file.bytes.clone());
            }
        }
        tree
    }
}

impl Tree {
    pub(crate) fn extract_zip(&self) -> RawZip {
        let fixed = [("mimetype", MIMETYPE), ("README.txt", README)];
        RawZip::new(fixed.into_iter().chain(self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))))
    }
}
