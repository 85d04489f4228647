//! What is said wherever something is withheld: what sort of data, why, by what right, by whom and since when.

use litopys::FileDigest;
use litopys::authority::Authority;
use litopys::view::View;
use litopys::withdrawal::InForce;
use serde::Serialize;

use crate::commands::show::Signer;
use crate::ui::escape;

/// How much is shown of a reason or a basis.
const TEXT: usize = 300;

/// A withdrawal, as it is told beside what it withholds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Grounds {
    /// The withdrawal's index in the log.
    by: u64,
    id: String,
    class: &'static str,
    reason: String,
    basis: String,
    signer: Signer,
}

impl Grounds {
    /// Those of a withdrawal, in an archive whose keys these are.
    pub(crate) fn of(authority: &Authority, withdrawal: &InForce) -> Self {
        let InForce { index, id, signer, withdrawal } = withdrawal;
        Self {
            by: *index,
            id: id.to_hex(),
            class: withdrawal.class.as_str(),
            reason: withdrawal.reason.clone(),
            basis: withdrawal.basis.clone(),
            signer: Signer::of_key(authority, signer),
        }
    }

    /// Those by which the manifest of the entry at this index is withheld, with all its files.
    pub(crate) fn of_manifest(view: &View<'_>, index: u64) -> Option<Self> {
        view.withheld().of_manifest(index).map(|by| Self::of(view.authority(), by))
    }

    /// Those by which a file is withheld in the entry at this index.
    pub(crate) fn of_file(view: &View<'_>, index: u64, file: &FileDigest) -> Option<Self> {
        view.withheld().of_file(index, file).map(|by| Self::of(view.authority(), by))
    }

    /// In words, on one line.
    pub(crate) fn sentence(&self) -> String {
        let text = |text: &str| escape::short(text, TEXT).to_string();
        let (reason, basis, name) = (text(&self.reason), text(&self.basis), text(&self.signer.claimed_name));
        format!("withheld: {}, {reason}, {basis}, by \"{name}\", since statement {}", self.class, self.by)
    }
}
