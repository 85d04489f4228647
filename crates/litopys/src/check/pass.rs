//! One pass over an archive: the steps of format.md, section 9, in order.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use super::fold::Fold;
use super::load::{
    LargeFile, Named, belongs, check_large, entries_limit, load_tile, read_member, reads_large, reads_tile,
};
use super::tile::{CheckedTile, Kept, NOT_PURGED, Scope, check_tile, statement_code};
use super::times::{Times, by_roots};
use super::withheld::{self, Trusted};
use super::witnesses::{cosigned, judge_quorum};
use super::{Anchor, CheckError, CheckOptions, Entry, Files, Observer, Trust, Witnesses};
use crate::authority::Standing;
use crate::charter::KeyRole;
use crate::key::PublicKey;
use crate::layout::{Member, TileKind, TileName, tile_at};
use crate::ledger::Ledger;
use crate::log::TreeHead;
use crate::log::checkpoint::{CheckpointError, CheckpointFault, SignedCheckpoint};
use crate::log::tile::read_entries;
use crate::manifest::Manifest;
use crate::parallel::{Load, in_order, in_order_within};
use crate::report::{Claim, Code, Cosigned, CurrentBy, Finding, Findings, Place, Report, SignerCount};
use crate::statement::{KeyCache, ManifestRef, Payload, VerifiedStatement};
use crate::store::{Found, Store, StoreError, StoreKind};
use crate::view::{ManifestReader, ReadError};
use crate::withdrawal::Withheld;
use crate::{ArchiveId, FileDigest, TreeHash, limits};

/// A missing tile costs the check its looks at four files: after so many in a row nothing more is looked for.
const MISSING_TILES: u32 = 16;

/// As [`check`](super::check), with the state after the last statement, where it could be told.
pub(crate) fn check_to_ledger(
    store: &dyn Store,
    options: &CheckOptions,
    observer: &mut dyn Observer,
) -> Result<(Report, Option<Ledger>), CheckError> {
    check_to_files(store, options, observer).map(|(report, ledger, _)| (report, ledger))
}

/// As [`check_to_ledger`], with the files that are kept by themselves.
pub(crate) fn check_to_files(
    store: &dyn Store,
    options: &CheckOptions,
    observer: &mut dyn Observer,
) -> Result<(Report, Option<Ledger>, Vec<FileDigest>), CheckError> {
    let mut pass = Pass {
        store,
        options,
        report: Report::new(),
        large: HashMap::new(),
        all_named: true,
        withheld: Withheld::default(),
    };
    if store.kind() == StoreKind::Extract {
        pass.report.be_extract();
    }
    pass.report.files_unread = options.files != Files::All;
    if !options.signatures {
        pass.report.claims.signed = Claim::Unchecked;
    }
    let ledger = pass.run(observer)?;
    if ledger.is_none() {
        pass.report.stop_short();
    }
    if pass.report.files_unread {
        pass.report.leave_files();
    }
    let wanted = pass.large.into_values().filter(|file| file.wanted).map(|file| file.digest).collect();
    Ok((pass.report, ledger, wanted))
}

pub(super) struct Pass<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) options: &'a CheckOptions,
    pub(super) report: Report,
    pub(super) large: HashMap<FileDigest, LargeFile>,
    /// Whether every manifest was read, so that a file that none of them names is one too many.
    pub(super) all_named: bool,
    /// What may be missing.
    pub(super) withheld: Withheld,
}

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
    /// Runs all steps; `None` if one of them couldn't be taken.
    fn run(&mut self, observer: &mut dyn Observer) -> Result<Option<Ledger>, CheckError> {
        for member in self.store.fixed_faults() {
            self.find(Code::FixedBytes, Place::member(*member), "the bytes are not those of every bundle");
        }
        let Some(signed) = self.checkpoint()? else { return Ok(None) };
        let head = signed.claimed_head();
        self.report.checkpoint = Some((head.size(), head.root()));
        let founding = match self.store.kind() {
            StoreKind::Extract => self.shown_founding()?,
            _ => self.founding(head.size())?,
        };
        let Some(founding) = founding else { return Ok(None) };
        let Some(ledger) = Ledger::found(&founding) else { return Ok(None) };
        self.report.archive = Some(ledger.archive());
        self.report.claimed_origin = Some(ledger.charter().origin.clone());
        self.report.claimed_title = Some(ledger.charter().title.clone());

        if self.store.kind() == StoreKind::Extract {
            return self.run_extract(&signed, &founding, ledger, observer);
        }
        self.withheld =
            withheld::of_archive(self.store, head.size(), &founding, Trusted::of(self.options), self.options.threads)?;
        let times = Times::load(self.store, &mut self.report)?;
        let mut fold = Fold::new(ledger, self.wanted_roots(&founding, &times));
        let whole = self.tiles(head.size(), &founding, &mut fold, observer)?;
        self.judge_checkpoint(&signed, &fold);
        self.judge_entries(&fold);
        self.all_named &= whole;
        if whole {
            self.judge_log(head, &fold)?;
            let of_log = |signed: &SignedCheckpoint| Ok(by_roots(signed, head, &fold.roots));
            times.judge(self.store, (&fold, &self.options.trust.witnesses), &of_log, &mut self.report)?;
            self.report.dated = head.size();
        }
        self.large_files(observer)?;
        self.names(head.size(), &times)?;
        self.count(&fold);
        self.judge_trust(&founding, head, &fold.roots, |_| fold.whole);
        Ok(whole.then_some(fold.ledger))
    }

    pub(super) fn find(&mut self, code: Code, place: Place, detail: impl std::fmt::Display) {
        self.report.add(Finding::new(code, place, detail));
    }

    fn checkpoint(&mut self) -> Result<Option<SignedCheckpoint>, CheckError> {
        let mut findings = Findings::default();
        let read =
            read_member(self.store, Member::Checkpoint, limits::CHECKPOINT, Code::CheckpointForm, &mut findings)?;
        self.report.take(findings);
        let Some(bytes) = read else { return Ok(None) };
        Ok(parse_checkpoint(&bytes, Member::Checkpoint, &mut self.report))
    }

    /// Statement 0, verified.
    fn founding(&mut self, size: u64) -> Result<Option<VerifiedStatement>, CheckError> {
        let member = Member::Tile(tile_at(TileKind::Entries, 0, size));
        let Member::Tile(TileName { width, .. }) = member else { return Ok(None) };
        let mut findings = Findings::default();
        let bytes = read_member(self.store, member, entries_limit(width), Code::EntryTile, &mut findings)?;
        self.report.take(findings);
        let Some(bytes) = bytes else { return Ok(None) };
        let entries = match read_entries(&bytes, width) {
            Ok(entries) => entries,
            Err(error) => {
                self.find(Code::EntryTile, Place::member(member), error);
                return Ok(None);
            }
        };
        Ok(entries.first().and_then(|first| self.verify_founding(first)))
    }

    /// Whether these bytes are a charter whose signature verifies.
    pub(super) fn verify_founding(&mut self, bytes: &[u8]) -> Option<VerifiedStatement> {
        match VerifiedStatement::verify(bytes, &mut KeyCache::default()) {
            Ok(statement) if matches!(statement.payload(), Payload::Charter(_)) => return Some(statement),
            Ok(_) => self.find(Code::Charter, Place::statement(0), "statement 0 is not a charter"),
            Err(error) => self.find(statement_code(&error), Place::statement(0), error),
        }
        None
    }

    /// The checkpoint's signatures, by the keys that may sign one after all its statements.
    pub(super) fn judge_checkpoint(&mut self, signed: &SignedCheckpoint, fold: &Fold) {
        let witnesses = &self.options.trust.witnesses;
        let verified = judge_checkpoint(signed, fold, witnesses, Member::Checkpoint, &mut self.report);
        self.report.cosigned = verified.unwrap_or_default();
    }

    /// The sizes at which the root is asked for.
    fn wanted_roots(&self, founding: &VerifiedStatement, times: &Times) -> Vec<u64> {
        let archive = ArchiveId::from(founding.id());
        let seen = self.options.trust.seen.iter().filter(|(id, _)| *id == archive).map(|(_, head)| head);
        let mut sizes: Vec<_> = seen.chain(&self.options.resume).map(TreeHead::size).collect();
        sizes.extend(times.sizes());
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// Checks all tiles; whether all statements could be told apart.
    fn tiles(
        &mut self,
        size: u64,
        founding: &VerifiedStatement,
        fold: &mut Fold,
        observer: &mut dyn Observer,
    ) -> Result<bool, CheckError> {
        let keys = KeyCache::new(fold.ledger.charter().members.iter().map(|member| member.key.clone()));
        let (store, options) = (self.store, self.options);
        let withheld = std::mem::take(&mut self.withheld);
        let resumed = options.resume.as_ref().map_or(0, TreeHead::size);
        let keep_manifests = if observer.wants_manifests() { limits::MANIFESTS_HELD } else { 0 };
        let work = |index: u64| {
            let signatures = options.signatures && (index + 1) * limits::TILE > resumed;
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
            match self.take_tile((index, size), checked, fold, &withheld, observer) {
                Ok(ControlFlow::Continue(())) if observer.progress(done, size).is_continue() => {}
                Ok(_) => failed = Some(CheckError::Stopped),
                Err(error) => failed = Some(error.into()),
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
    ) -> Result<ControlFlow<()>, StoreError> {
        let mut checked = checked;
        let of_entries = checked.findings.take_out(|finding| finding.code.is_of_entry());
        self.report.take(checked.findings);
        let mut faults: HashMap<_, _> =
            of_entries.into_iter().filter_map(|finding| Some((finding.place.statement?, finding))).collect();
        self.all_named &= !checked.unnamed && checked.entries.is_some();
        self.report.counts.files += checked.files;
        self.report.counts.bytes += checked.bytes;
        self.report.counts.withheld += checked.withheld;
        let Some(entries) = checked.entries else {
            fold.whole = false;
            return Ok(ControlFlow::Continue(()));
        };
        let mut faults = |at| faults.remove(&at);
        let leaves: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        fold.grow(&leaves, checked.root);
        if !fold.whole {
            // After a gap nobody can tell what an entry follows.
            (index * limits::TILE..).zip(&entries).filter_map(|(at, _)| faults(at)).for_each(|f| self.report.add(f));
            return Ok(ControlFlow::Continue(()));
        }
        let mut again = ManifestReader::new(self.store, size);
        for (at, entry) in (index * limits::TILE..).zip(&entries) {
            let mut void = None;
            fold.judged &= !entry.unknown;
            if at == 0 {
                if ArchiveId::from(entry.id) != fold.ledger.archive() {
                    self.find(Code::Charter, Place::statement(0), "statement 0 changed while it was read");
                }
            } else if fold.judged {
                void = fold.apply(entry.id, entry.statement.as_ref(), faults(at));
            } else if let Some(fault) = faults(at) {
                self.report.add(fault);
            }
            if let Some(statement) = &entry.statement {
                *fold.signers.entry(*statement.signer()).or_default() += 1;
            }
            let statement = entry.statement.as_ref();
            let read = match (&entry.manifest, statement.map(VerifiedStatement::payload)) {
                (Kept::Left, Some(payload)) if observer.wants_manifests() => match payload.manifest() {
                    Some(named) => self.read_again(&mut again, at, named)?,
                    None => None,
                },
                _ => None,
            };
            let manifest = match &entry.manifest {
                Kept::Here(manifest) => Some(&**manifest),
                _ => read.as_ref(),
            };
            if observer.entry(&Entry { index: at, id: entry.id, statement, void, manifest, withheld }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// A manifest that was checked before, and was too large to be held until now.
    fn read_again(
        &mut self,
        reader: &mut ManifestReader<'_>,
        at: u64,
        expected: &ManifestRef,
    ) -> Result<Option<Manifest>, StoreError> {
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

    pub(super) fn note_large(&mut self, file: LargeFile) {
        use std::collections::hash_map::Entry::{Occupied, Vacant};
        match self.large.entry(file.digest) {
            Vacant(entry) => {
                entry.insert(file);
            }
            Occupied(mut entry) => {
                let known = entry.get_mut();
                known.last = known.last.max(file.last);
                known.wanted |= file.wanted;
                if known.size != file.size {
                    let detail = format_args!("{} bytes here and {} in an earlier manifest", file.size, known.size);
                    self.report.add(Finding::new(Code::FileSize, Place::file(file.statement, file.path), detail));
                }
            }
        }
    }

    /// The root, the upper hash tiles, and that no leaf occurs twice.
    fn judge_log(&mut self, head: TreeHead, fold: &Fold) -> Result<(), CheckError> {
        if fold.frontier.root() != Some(head.root()) {
            let detail = "the root is not that of the statements";
            self.find(Code::Root, Place::member(Member::Checkpoint), detail);
        }
        let upper = fold.upper.iter().cloned().chain(fold.builder.partials(0));
        for (name, expected) in upper.filter(|(name, _)| name.kind != TileKind::Hashes(0)) {
            let (member, mut findings) = (Member::Tile(name), Findings::default());
            let read = read_member(self.store, member, expected.len() as u64, Code::HashTile, &mut findings)?;
            self.report.take(findings);
            if read.is_some_and(|read| read != expected) {
                self.find(Code::HashTile, Place::member(member), "the tile is not made of the statements' hashes");
            }
        }
        let acknowledged = |at| fold.ledger.void_at(at).is_some_and(|entry| entry.acknowledged.is_some());
        let id = |at: u32| usize::try_from(at).ok().and_then(|at| fold.ids.get(at));
        // Places take an eighth of what ids do.
        let mut sorted: Vec<u32> = (0..).zip(&fold.ids).map(|(at, _)| at).collect();
        sorted.sort_unstable_by_key(|at| (id(*at), *at));
        for pair in sorted.windows(2) {
            let &[before, again] = pair else { continue };
            if id(before) == id(again) && !acknowledged(again.into()) {
                let again = again.into();
                self.find(Code::RepeatedLeaf, Place::statement(again), "the statement stands in the log before");
            }
        }
        Ok(())
    }

    /// The files that are kept by themselves.
    pub(super) fn large_files(&mut self, observer: &mut dyn Observer) -> Result<(), CheckError> {
        let mut named: Vec<_> = self.large.values().collect();
        named.sort_unstable_by_key(|file| file.digest);
        let (store, files) = (self.store, self.options.files);
        // Sizes are claims: thousands of the largest are more than 64 bits hold.
        let of = named.iter().fold(0, |of: u64, file| of.saturating_add(file.size));
        let (mut done, mut failed, mut findings, mut read) = (0, None, Findings::default(), (0, 0));
        let work = |nth: u64| {
            let file = usize::try_from(nth).ok().and_then(|nth| named.get(nth));
            file.map(|file| (file.size, check_large(store, file, reads_large(files, nth, file.last))))
        };
        in_order(self.options.threads, named.len() as u64, work, |_, checked| {
            let Some((size, checked)) = checked else { return false };
            match checked {
                Ok(None) => {}
                Ok(Some(Ok(()))) => read = (read.0 + 1, read.1 + size),
                Ok(Some(Err(finding))) => findings.push(finding),
                Err(error) => failed = Some(CheckError::Store(error)),
            }
            done = size.saturating_add(done);
            if observer.progress(done, of).is_break() {
                failed = Some(CheckError::Stopped);
            }
            failed.is_none()
        });
        for file in named.iter().filter(|file| !file.wanted) {
            findings.push(Finding::new(Code::NotPurged, Place::file(file.statement, &*file.path), NOT_PURGED));
        }
        self.report.counts.files += read.0;
        self.report.counts.bytes += read.1;
        self.report.take(findings);
        failed.map_or(Ok(()), Err)
    }

    /// That nothing is there but what the checkpoint calls for.
    fn names(&mut self, size: u64, times: &Times) -> Result<(), CheckError> {
        let bundle = self.store.kind() == StoreKind::Bundle;
        let (large, all_named, mut findings) = (&self.large, self.all_named, Findings::default());
        self.store.scan(&mut |found| {
            let (code, member, detail) = match found {
                Found::Unknown(name) if bundle => (Code::UnknownMember, name, "the name is none of the format's"),
                Found::Unknown(name) => (Code::StrayFile, name, "the file belongs to nothing"),
                Found::Misplaced(member) => (Code::UnknownMember, member.to_string(), "the member is out of its order"),
                Found::Member(member @ (Member::Statement(_) | Member::Proof(_))) if bundle => {
                    (Code::UnknownMember, member.to_string(), "only an extract has such a member")
                }
                Found::Member(Member::Checkpoint) => return,
                Found::Member(Member::Mimetype | Member::Readme) if bundle => return,
                Found::Member(Member::Tile(tile)) if belongs(tile, size) => return,
                Found::Member(Member::Time(name)) if times.has(name) => return,
                Found::Member(Member::File { digest, .. }) if !all_named || large.contains_key(&digest) => return,
                Found::Member(member) if bundle => {
                    (Code::ExtraMember, member.to_string(), "the checkpoint does not call for this member")
                }
                Found::Member(member @ Member::Tile(_)) => {
                    (Code::LeftoverTile, member.to_string(), "the tile is left over from another size of the log")
                }
                Found::Member(member) => (Code::StrayFile, member.to_string(), "the file belongs to nothing"),
            };
            // A hostile folder may hold any number of names.
            findings.push(Finding::new(code, Place { member: Some(member), ..Place::default() }, detail));
        })?;
        self.report.take(findings);
        Ok(())
    }

    pub(super) fn count(&mut self, fold: &Fold) {
        let counts = &mut self.report.counts;
        counts.articles = fold.ledger.heads().len() as u64;
        counts.versions = fold.ledger.versions();
        counts.observations = fold.ledger.observations();
        counts.statements = fold.frontier.size();
        counts.void = fold.ledger.void().len() as u64;
        let authority = fold.ledger.authority();
        let mut signers: Vec<_> = fold.signers.iter().collect();
        signers.sort_unstable_by_key(|(key, count)| (std::cmp::Reverse(**count), **key));
        let signers = signers.into_iter().take(limits::FINDINGS).filter_map(|(key, statements)| {
            let claimed_name = authority.holder(key).map(|holder| holder.name.clone()).unwrap_or_default();
            Some(SignerCount { key: PublicKey::from_bytes(key).ok()?, claimed_name, statements: *statements })
        });
        self.report.signers = signers.collect();
    }

    /// Whether it is trusted, and what was seen before. `roots` are those that the log is known to have had; `told` says of which sizes it
    /// could be told which root it had.
    pub(super) fn judge_trust(
        &mut self,
        founding: &VerifiedStatement,
        head: TreeHead,
        roots: &[(u64, TreeHash)],
        told: impl Fn(u64) -> bool,
    ) {
        let archive = ArchiveId::from(founding.id());
        let Trust { demanded, known, seen, .. } = &self.options.trust;
        let fits = |anchor: &Anchor| match anchor {
            Anchor::Archive(id) => *id == archive,
            Anchor::Founder(key) => key.as_bytes() == founding.signer(),
        };
        if demanded.iter().any(fits) || (demanded.is_empty() && known.iter().any(fits)) {
            self.report.claims.trusted = Claim::Holds;
        } else if demanded.iter().any(|anchor| matches!(anchor, Anchor::Archive(_))) {
            self.find(Code::OtherArchive, Place::default(), format_args!("this is the archive {archive}"));
        } else if !demanded.is_empty() {
            self.find(Code::OtherFounder, Place::statement(0), "the charter is signed by another key");
        }
        let seen = seen.iter().filter(|(id, _)| *id == archive).map(|(_, seen)| seen);
        for seen in seen.chain(&self.options.resume) {
            let at = seen.size();
            if at > head.size() {
                let detail = format_args!("{} statements, where {at} were seen before", head.size());
                self.find(Code::RolledBack, Place::member(Member::Checkpoint), detail);
            } else if roots.iter().any(|(size, root)| *size == at && *root == seen.root()) {
                if self.report.claims.current == Claim::Unchecked {
                    self.report.claims.current = Claim::Holds;
                }
                self.report.current_by.push(CurrentBy::Seen(*seen));
            } else if told(at) {
                let detail = format_args!("the history up to statement {at} is not the one that was seen before");
                self.find(Code::Forked, Place::member(Member::Checkpoint), detail);
            }
        }
        judge_quorum(&self.options.trust.witnesses, &mut self.report);
        if self.report.claims.current != Claim::Holds {
            self.report.current_by.clear();
        }
    }
}

/// A checkpoint in `bytes`, or findings.
pub(super) fn parse_checkpoint(bytes: &[u8], member: Member, report: &mut Report) -> Option<SignedCheckpoint> {
    match SignedCheckpoint::parse(bytes) {
        Ok(signed) => Some(signed),
        Err(error) => {
            let repeated = matches!(error, CheckpointError::Repeated { .. });
            let code = if repeated { Code::CheckpointRepeated } else { Code::CheckpointForm };
            report.add(Finding::new(code, Place::member(member), error));
            None
        }
    }
}

/// Whether a checkpoint is one of this origin, signed by keys that may do so after its statements: then what the witnesses say of it. What is wrong with it
/// becomes a finding.
pub(super) fn judge_checkpoint(
    signed: &SignedCheckpoint,
    fold: &Fold,
    witnesses: &Witnesses,
    member: Member,
    report: &mut Report,
) -> Option<Vec<Cosigned>> {
    let keys = fold.ledger.keys_at(KeyRole::Log, signed.claimed_size());
    let keys: Vec<_> = keys.iter().collect();
    let fault = match signed.verify(&fold.ledger.charter().origin, &keys) {
        Ok(verified) => {
            let says = cosigned(signed, witnesses, member, report);
            let known: HashSet<_> =
                witnesses.keys.iter().filter_map(|witness| Some(signed.claimed_by(witness)?.0)).collect();
            let unknown = verified.unknown_lines().saturating_sub(known.len());
            if unknown > 0 {
                let detail = format_args!("{unknown} signature lines by unknown keys");
                report.add(Finding::new(Code::UnknownLine, Place::member(member), detail));
            }
            return Some(says);
        }
        // What follows an unknown statement may have given another key the role.
        Err(CheckpointFault::Unsigned) if !fold.judged => return None,
        Err(fault) => fault,
    };
    let code = match fault {
        CheckpointFault::OtherOrigin { .. } => Code::CheckpointOrigin,
        CheckpointFault::Unsigned => Code::CheckpointUnsigned,
        CheckpointFault::BadSignature { .. } => Code::CheckpointSignature,
    };
    report.add(Finding::new(code, Place::member(member), fault));
    None
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
