//! One pass over an archive: the steps of format.md, section 9, in order.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::checkpoint::parse_checkpoint;
use super::fold::Fold;
use super::load::{LargeFile, belongs, check_large, entries_limit, read_member, reads_large};
use super::tile::{NOT_PURGED, statement_code};
use super::times::{Times, by_roots};
use super::withheld::{self, Trusted};
use super::{CheckError, CheckOptions, Files, Observer, Signatures};
use crate::key::PublicKey;
use crate::layout::{Member, TileKind, TileName, tile_at};
use crate::ledger::Ledger;
use crate::log::TreeHead;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::tile::read_entries;
use crate::parallel::in_order;
use crate::report::{Claim, Code, Finding, Findings, Place, Report, SignerCount};
use crate::statement::{KeyCache, Payload, VerifiedStatement};
use crate::store::{Found, Store, StoreKind};
use crate::withdrawal::Withheld;
use crate::{FileDigest, limits};

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
        told: 0,
    };
    if store.kind() == StoreKind::Extract {
        pass.report.be_extract();
    }
    pass.report.files_unread = options.files != Files::All;
    if options.signatures == Signatures::None {
        pass.report.claims.signed = Claim::Unchecked;
    }
    let ledger = pass.run(observer)?;
    pass.tell(observer)?;
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
    /// How many of the report's findings the observer knows.
    told: usize,
}

impl Pass<'_> {
    /// Runs all steps; `None` if one of them couldn't be taken.
    fn run(&mut self, observer: &mut dyn Observer) -> Result<Option<Ledger>, CheckError> {
        for member in self.store.fixed_faults() {
            self.find(Code::FixedBytes, Place::member(*member), "the bytes are not those of every bundle");
        }
        let Some(signed) = self.checkpoint()? else { return Ok(None) };
        let head = signed.claimed_head();
        self.report.checkpoint = Some(head);
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
        self.withheld = withheld::of_archive(
            self.store,
            head.size(),
            &founding,
            Trusted::of(self.options, &founding),
            self.options.threads,
        )?;
        let times = Times::load(self.store, &mut self.report)?;
        let mut fold = Fold::new(ledger, self.wanted_roots(&founding, &times));
        let whole = self.tiles(head.size(), &founding, &mut fold, observer)?;
        self.judge_checkpoint(&signed, &fold);
        self.judge_entries(&fold);
        self.tell(observer)?;
        self.all_named &= whole;
        if whole {
            self.judge_log(head, &fold)?;
            let of_log = |signed: &SignedCheckpoint| Ok(by_roots(signed, head, &fold.roots));
            times.judge(self.store, (&fold, &self.options.trust.witnesses), &of_log, &mut self.report)?;
            self.report.dated = head.size();
        }
        self.tell(observer)?;
        self.large_files(observer)?;
        self.names(head.size(), &times)?;
        self.count(&fold);
        self.judge_trust(&founding, head, &fold.roots, |_| fold.whole);
        Ok(whole.then_some(fold.ledger))
    }

    pub(super) fn find(&mut self, code: Code, place: Place, detail: impl std::fmt::Display) {
        self.report.add(Finding::new(code, place, detail));
    }

    /// Tells the observer what was found since.
    pub(super) fn tell(&mut self, observer: &mut dyn Observer) -> Result<(), CheckError> {
        let new = self.report.findings.get(self.told..).unwrap_or_default();
        self.told += new.len();
        match new.iter().try_for_each(|finding| observer.finding(finding)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(CheckError::Stopped),
        }
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
        counts.articles = fold.ledger.articles();
        counts.versions = fold.ledger.versions();
        counts.observations = fold.ledger.observations();
        counts.statements = fold.frontier.size();
        counts.void = fold.ledger.void().len() as u64;
        let (charter, authority) = (fold.ledger.charter(), fold.ledger.authority());
        let mut signers: Vec<_> = fold.signers.iter().collect();
        signers.sort_unstable_by_key(|(key, count)| (std::cmp::Reverse(**count), **key));
        let signers = signers.into_iter().take(limits::FINDINGS).filter_map(|(key, statements)| {
            let claimed_name = authority.holder(key).map(|holder| holder.name.clone()).unwrap_or_default();
            // Most are the charter's, which were decoded: that takes a fifth of a signature check.
            let known = charter.members.iter().map(|member| &member.key).find(|known| known.as_bytes() == key);
            let key = known.cloned().or_else(|| PublicKey::from_bytes(key).ok())?;
            Some(SignerCount { key, claimed_name, statements: *statements })
        });
        self.report.signers = signers.collect();
    }
}
