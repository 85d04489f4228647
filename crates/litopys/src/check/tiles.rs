//! All tiles, side by side, and what they say taken in, in order.

use super::fold::Fold;
use super::load::{LargeFile, Named, load_tile, reads_tile};
use super::pass::Pass;
use super::tile::{CheckedEntry, CheckedTile, Kept, Scope, check_tile};
use super::{CheckError, Entry, Observer};
use crate::authority::Standing;
use crate::manifest::Manifest;
use crate::parallel::{Load, in_order_within};
use crate::read::{ManifestReader, ReadError};
use crate::report::{Code, Finding, Place};
use crate::statement::{KeyCache, Payload, VerifiedStatement};
use crate::store::StoreError;
use crate::withdrawal::Withheld;
use crate::{ArchiveId, limits};

/// A missing tile costs the check its looks at four files: after so many in a row nothing more is looked for.
const MISSING_TILES: u32 = 16;

/// A tile that was checked on its own, and the large files that it names.
struct Loaded {
    tile: CheckedTile,
    large: Vec<LargeFile>,
}

impl Loaded {
    fn weight(loaded: &Result<Self, StoreError>) -> u64 {
        let Ok(Self { tile, large }) = loaded else { return 0 };
        tile.weight + large.iter().map(|file| (size_of::<LargeFile>() + file.path.len()) as u64).sum::<u64>()
    }
}

impl Pass<'_> {
    /// Checks all tiles; whether all statements could be told apart.
    pub(super) fn tiles(
        &mut self,
        size: u64,
        founding: &VerifiedStatement,
        fold: &mut Fold,
        observer: &mut dyn Observer,
    ) -> Result<bool, CheckError> {
        let keys = KeyCache::new(fold.ledger.charter().members.iter().map(|member| member.key.clone()));
        let (store, options) = (self.store, self.options);
        let withheld = std::mem::take(&mut self.withheld);
        let spared = options.spared(founding.id().into());
        let keep_manifests = if observer.wants_manifests() { limits::MANIFESTS_HELD } else { 0 };
        let work = |index: u64| {
            let signatures = (index + 1) * limits::TILE > spared;
            let files = reads_tile(options.files, index);
            let scope = Scope { founding: Some(founding), signatures, keep_manifests, withheld: &withheld };
            let (tile, mut findings) = load_tile(store, index, size, files)?;
            let mut named = Named::new(store);
            let mut checked = match tile {
                Some(tile) => {
                    check_tile(tile, scope, &mut keys.clone(), &mut |at, file, gone| named.note(at, file, gone))?
                }
                None => CheckedTile::default(),
            };
            let (large, missing) = named.into_files();
            findings.append(std::mem::take(&mut checked.findings));
            findings.append(missing);
            checked.findings = findings;
            Ok(Loaded { tile: checked, large })
        };
        let (mut missing, mut failed) = (0, None);
        let load = Load { most: limits::TILES_HELD, of: Loaded::weight };
        in_order_within(options.threads, size.div_ceil(limits::TILE), load, work, |index, checked| {
            let Loaded { tile: checked, large } = match checked {
                Ok(checked) => checked,
                Err(error) => {
                    failed = Some(CheckError::Store(error));
                    return false;
                }
            };
            missing = if checked.entries.is_some() { 0 } else { missing + 1 };
            large.into_iter().for_each(|file| self.note_large(file));
            let done = ((index + 1) * limits::TILE).min(size);
            let taken = self.take_tile((index, size), checked, fold, &withheld, observer);
            failed = taken.and_then(|()| self.tell(observer)).err();
            if failed.is_none() && observer.progress(done, size).is_break() {
                failed = Some(CheckError::Stopped);
            }
            failed.is_none() && missing < MISSING_TILES
        });
        if failed.is_none() && *fold.ledger.withheld() != withheld {
            self.find(Code::EntryTile, Place::default(), "the statements changed while they were read");
        }
        self.withheld = withheld;
        match failed {
            Some(error) => Err(error),
            None => Ok(fold.whole),
        }
    }

    /// Takes a checked tile in, in order.
    fn take_tile(
        &mut self,
        (index, size): (u64, u64),
        checked: CheckedTile,
        fold: &mut Fold,
        withheld: &Withheld,
        observer: &mut dyn Observer,
    ) -> Result<(), CheckError> {
        let mut checked = checked;
        let faults = checked.findings.take_out(|finding| finding.code.is_of_entry());
        self.report.take(checked.findings);
        self.all_named &= !checked.unnamed && checked.entries.is_some();
        self.report.counts.files += checked.files;
        self.report.counts.bytes += checked.bytes;
        self.report.counts.withheld += checked.withheld;
        let Some(entries) = checked.entries else {
            fold.whole = false;
            return Ok(());
        };
        let leaves: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        fold.grow(&leaves, checked.root);
        if !fold.whole {
            // After a gap nobody can tell what an entry follows.
            faults.into_iter().for_each(|fault| self.report.add(fault));
            return Ok(());
        }
        let mut faults = faults.into_iter().peekable();
        let mut reader = ManifestReader::new(self.store, size);
        for (at, entry) in (index * limits::TILE..).zip(&entries) {
            let fault = faults.next_if(|fault| fault.place.statement == Some(at));
            let void = self.take_entry(at, entry, fault, fold);
            let again = if observer.wants_manifests() { self.read_again(&mut reader, at, entry)? } else { None };
            let manifest = match &entry.manifest {
                Kept::Here(manifest) => Some(&**manifest),
                _ => again.as_ref(),
            };
            let (id, statement) = (entry.id, entry.statement.as_ref());
            if observer.entry(&Entry { index: at, id, statement, void, manifest, withheld }).is_break() {
                return Err(CheckError::Stopped);
            }
        }
        Ok(())
    }

    /// Takes an entry in, in log order, with what is wrong with it by itself; why it is void, if it is.
    pub(super) fn take_entry(
        &mut self,
        at: u64,
        entry: &CheckedEntry,
        fault: Option<Finding>,
        fold: &mut Fold,
    ) -> Option<Code> {
        fold.judged &= !entry.unknown;
        if let Some(statement) = &entry.statement {
            *fold.signers.entry(*statement.signer()).or_default() += 1;
        }
        if at == 0 && ArchiveId::from(entry.id) != fold.ledger.archive() {
            self.find(Code::Charter, Place::statement(0), "statement 0 changed while it was read");
        }
        if at > 0 && fold.judged {
            return fold.apply(entry.id, entry.statement.as_ref(), fault);
        }
        fault.into_iter().for_each(|fault| self.report.add(fault));
        None
    }

    /// A manifest that was checked before, and was too large to be held until now.
    fn read_again(
        &mut self,
        reader: &mut ManifestReader<'_>,
        at: u64,
        entry: &CheckedEntry,
    ) -> Result<Option<Manifest>, StoreError> {
        let payload = entry.statement.as_ref().map(VerifiedStatement::payload);
        let (Kept::Left, Some(expected)) = (&entry.manifest, payload.and_then(Payload::manifest)) else {
            return Ok(None);
        };
        match reader.read(at, expected) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(ReadError::Store(error)) => Err(error),
            Err(_) => {
                self.find(Code::ManifestDigest, Place::statement(at), "the manifest changed while it was read");
                Ok(None)
            }
        }
    }

    /// What is wrong with entries by themselves: an error, or a warning where the stewards know of it. And what is doubtful since its signer's
    /// key was revoked.
    pub(super) fn judge_entries(&mut self, fold: &Fold) {
        let mut faults = fold.faults.iter().peekable();
        for entry in fold.ledger.void() {
            let place = Place::statement(entry.index);
            let fault = faults.next_if(|fault| fault.place.statement == Some(entry.index));
            match (&entry.acknowledged, fault) {
                (Some(by), _) => {
                    let detail =
                        format_args!("void ({}), acknowledged by statement {}: {}", entry.code, by.index, by.reason);
                    self.find(Code::VoidAcknowledged, place, detail);
                }
                (None, Some(fault)) => self.report.add(fault.clone()),
                (None, None) => self.find(entry.code, place, rule(entry.code)),
            }
        }
        for by in fold.ledger.withheld().all() {
            self.find(Code::Withdrawn, Place::statement(by.index), &by.withdrawal);
        }
        for holder in fold.ledger.authority().holders() {
            if let Standing::Revoked { doubtful_from: Some(from), at } = holder.standing {
                let key = holder.key.fingerprint();
                let detail =
                    format_args!("doubtful: what the key {key} signed from here to statement {at}, which revoked it");
                self.find(Code::Doubtful, Place::statement(from), detail);
            }
        }
    }
}

/// What a broken rule says of an entry.
pub(super) const fn rule(code: Code) -> &'static str {
    match code {
        Code::OtherOrigin => "void: signed for another archive",
        Code::UnknownSigner => "void: signed by a key that the archive does not know",
        Code::Authority => "void: its authority is not the governance statement in force",
        Code::WrongRole => "void: its signer may not sign this",
        Code::RetiredSigner => "void: signed by a key that was retired before",
        Code::RevokedSigner => "void: signed by a key that was revoked before",
        Code::KeyChange => "void: a change of keys that can't be made",
        Code::ApprovedTwice => "void: a second approval by the same steward",
        Code::Possession => "void: the new key's proof of possession does not hold",
        Code::NotVoid => "void: it acknowledges an entry that is not void, or acknowledged already",
        Code::WithdrawalRight => "void: a withdrawal by a key that has no right to it",
        Code::WithdrawalUnknown => "void: a withdrawal of an entry that is not there, or has no manifest",
        Code::WithdrawalRepeated => "void: a withdrawal of what is withheld already",
        Code::ForkedChain => "void: a second version 1 of an article",
        Code::BrokenChain => "void: it does not continue its article's chain of versions",
        Code::SecondCharter => "void: a second charter",
        Code::ObservedArticle => "void: an observation of an article that is not here",
        Code::ObservedVersion => "void: an observation of a version that is not the article's newest",
        _ => "void",
    }
}
