//! The verification engine: everything of an archive, claim by claim (format.md, section 9).
//!
//! Tiles are checked on their own, on any number of threads; the [`Ledger`] takes them in, in order; then come the root, the large
//! files and what is there besides. Bad data is a [`Finding`], and checking goes on; a failure to look is a [`CheckError`].

mod tile;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;

use crate::charter::{Charter, KeyRole};
use crate::key::PublicKey;
use crate::layout::{Member, TileKind, TileName, tile_at};
use crate::ledger::Ledger;
use crate::log::checkpoint::{CheckpointError, CheckpointFault, SignedCheckpoint};
use crate::log::merkle::{Frontier, TreeBuilder};
use crate::log::tile::read_entries;
use crate::log::{TreeHash, TreeHead};
use crate::manifest::Manifest;
use crate::pack::digest_of;
use crate::parallel::in_order;
use crate::report::{Claim, Code, Finding, Place, Report, SignerCount};
use crate::statement::{KeyCache, Payload, VerifiedStatement};
use crate::store::zip::BundleError;
use crate::store::{Found, Store, StoreError, StoreKind};
use crate::zstandard::{Frame, FrameError};
use crate::{ArchiveId, FileDigest, StatementId, limits};

use tile::{CheckedTile, LargeFile, Scope, TileBytes, check_tile, statement_code};

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The observer asked to stop.
    #[error("stopped before the end")]
    Stopped,
}

/// Which files are read and compared with their digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Files {
    /// All.
    All,
    /// Those of statements from this index on; a large file that an earlier one names too is read.
    Since(u64),
    /// The n-th of m parts, n from 1: each tile and each large file is in one of them.
    Part(u64, u64),
    /// None.
    None,
}

/// Whom to trust. There is no default, and nothing that means "anyone": without an anchor the claim `trusted` stays unchecked.
#[derive(Debug, Clone)]
pub enum Anchor {
    /// This archive.
    Archive(ArchiveId),
    /// An archive whose charter this key signed.
    Founder(PublicKey),
}

/// What the one who checks knows.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Whom they named for this check: if none of them fits, that is an error.
    pub demanded: Vec<Anchor>,
    /// Whom they trust at all: if none fits, the archive is merely untrusted.
    pub known: Vec<Anchor>,
    /// Checkpoints seen before: an archive that is smaller or has another history is rolled back or forked.
    pub seen: Vec<(ArchiveId, TreeHead)>,
}

/// What to check, and how.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// Which files to read.
    pub files: Files,
    /// Whom to trust.
    pub trust: Trust,
    /// Whether each statement's signature is verified. Without, only the charter's and the checkpoint's are: what is seen then is what the
    /// keeper of the log signed as a whole, and the claim `signed` stays unchecked.
    pub signatures: bool,
    /// How many threads to use; 1 where the feature `parallel` is off.
    pub threads: usize,
    /// A checkpoint of this archive up to which everything was verified before: up to there signatures aren't verified again, if the log
    /// still has that root. Without that root the check fails.
    pub resume: Option<TreeHead>,
}

/// An entry of the log, as an [`Observer`] sees it. If the check fails, nothing that was seen holds.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Its index.
    pub index: u64,
    /// Its id.
    pub id: StatementId,
    /// The statement, if it could be verified.
    pub statement: Option<&'a VerifiedStatement>,
    /// Why it is void, if it is.
    pub void: Option<Code>,
    /// Its manifest, if it has one that is what the statement commits to.
    pub manifest: Option<&'a Manifest>,
}

/// Looks on while an archive is checked.
pub trait Observer {
    /// An entry was taken in, in log order. The statement 0 is the charter.
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        let _ = entry;
        ControlFlow::Continue(())
    }

    /// Whether entries are to come with their manifests. Without, a hostile archive of huge manifests costs less memory.
    fn wants_manifests(&self) -> bool {
        true
    }

    /// So much of the work is done: statements, then bytes of large files.
    fn progress(&mut self, done: u64, of: u64) -> ControlFlow<()> {
        let _ = (done, of);
        ControlFlow::Continue(())
    }
}

/// An observer that doesn't look.
impl Observer for () {
    fn wants_manifests(&self) -> bool {
        false
    }
}

/// Checks an archive.
///
/// # Errors
/// [`CheckError`] if the store failed or the observer stopped it. What is wrong with the archive is in the report.
pub fn check(store: &dyn Store, options: &CheckOptions, observer: &mut dyn Observer) -> Result<Report, CheckError> {
    check_to_ledger(store, options, observer).map(|(report, _)| report)
}

/// As [`check`], with the state after the last statement, where it could be told.
pub(crate) fn check_to_ledger(
    store: &dyn Store,
    options: &CheckOptions,
    observer: &mut dyn Observer,
) -> Result<(Report, Option<Ledger>), CheckError> {
    let mut pass = Pass { store, options, report: Report::new(), large: HashMap::new(), all_named: true };
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
    Ok((pass.report, ledger))
}

/// The findings of one tile by itself, whose signatures aren't checked.
pub(crate) fn check_tile_for_fuzzing(
    index: u64,
    width: u16,
    entries: Vec<u8>,
    hashes: Vec<u8>,
    manifests: &[u8],
    packs: &[u8],
) -> Vec<Finding> {
    let (manifests, packs) = (Some(manifests), Some(packs));
    let tile = TileBytes { index, width, entries, hashes: Some(hashes), manifests, packs };
    let scope = Scope { signatures: false, files: true, keep_manifests: false };
    check_tile(tile, scope, &mut KeyCache::default()).map(|checked| checked.findings).unwrap_or_default()
}

/// A missing tile costs the check its looks at four files: after so many in a row nothing more is looked for.
const MISSING_TILES: u32 = 16;

/// The report on a file that is no bundle by its structure; `None` for one that couldn't be read.
pub fn refused(error: &BundleError) -> Option<Report> {
    let BundleError::Structure { .. } = error else { return None };
    let mut report = Report::new();
    report.add(Finding::new(Code::ZipStructure, Place::default(), error));
    report.stop_short();
    Some(report)
}

struct Pass<'a> {
    store: &'a dyn Store,
    options: &'a CheckOptions,
    report: Report,
    large: HashMap<FileDigest, NamedFile>,
    /// Whether every manifest was read, so that a file that none of them names is one too many.
    all_named: bool,
}

/// A large file, with the last statement that names it.
struct NamedFile {
    file: LargeFile,
    last: u64,
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
        let Some(founding) = self.founding(head.size())? else { return Ok(None) };
        let Some(ledger) = Ledger::found(&founding) else { return Ok(None) };
        self.report.archive = Some(ledger.archive());
        self.report.claimed_origin = Some(ledger.charter().origin.clone());
        self.report.claimed_title = Some(ledger.charter().title.clone());
        self.judge_checkpoint(&signed, ledger.charter());

        let mut fold = Fold::new(ledger, self.wanted_roots(&founding));
        let whole = self.tiles(head.size(), &mut fold, observer)?;
        self.all_named &= whole;
        if whole {
            self.judge_log(head, &fold)?;
        }
        self.large_files(observer)?;
        self.names(head.size())?;
        self.count(&fold);
        self.judge_trust(&founding, head, &fold);
        Ok(whole.then_some(fold.ledger))
    }

    fn find(&mut self, code: Code, place: Place, detail: impl std::fmt::Display) {
        self.report.add(Finding::new(code, place, detail));
    }

    fn checkpoint(&mut self) -> Result<Option<SignedCheckpoint>, CheckError> {
        let mut findings = Vec::new();
        let read =
            read_member(self.store, Member::Checkpoint, limits::CHECKPOINT, Code::CheckpointForm, &mut findings)?;
        findings.into_iter().for_each(|finding| self.report.add(finding));
        let Some(bytes) = read else { return Ok(None) };
        match SignedCheckpoint::parse(&bytes) {
            Ok(signed) => Ok(Some(signed)),
            Err(error) => {
                let repeated = matches!(error, CheckpointError::Repeated { .. });
                let code = if repeated { Code::CheckpointRepeated } else { Code::CheckpointForm };
                self.find(code, Place::member(Member::Checkpoint), error);
                Ok(None)
            }
        }
    }

    /// Statement 0, verified.
    fn founding(&mut self, size: u64) -> Result<Option<VerifiedStatement>, CheckError> {
        let member = Member::Tile(tile_at(TileKind::Entries, 0, size));
        let Member::Tile(TileName { width, .. }) = member else { return Ok(None) };
        let mut findings = Vec::new();
        let bytes = read_member(self.store, member, entries_limit(width), Code::EntryTile, &mut findings)?;
        findings.into_iter().for_each(|finding| self.report.add(finding));
        let Some(bytes) = bytes else { return Ok(None) };
        let entries = match read_entries(&bytes, width) {
            Ok(entries) => entries,
            Err(error) => {
                self.find(Code::EntryTile, Place::member(member), error);
                return Ok(None);
            }
        };
        let Some(first) = entries.first() else { return Ok(None) };
        match VerifiedStatement::verify(first, &mut KeyCache::default()) {
            Ok(statement) if matches!(statement.payload(), Payload::Charter(_)) => Ok(Some(statement)),
            Ok(_) => {
                self.find(Code::Charter, Place::statement(0), "statement 0 is not a charter");
                Ok(None)
            }
            Err(error) => {
                self.find(statement_code(&error), Place::statement(0), error);
                Ok(None)
            }
        }
    }

    fn judge_checkpoint(&mut self, signed: &SignedCheckpoint, charter: &Charter) {
        let keys: Vec<_> = charter.keys(KeyRole::Log).collect();
        let place = Place::member(Member::Checkpoint);
        match signed.verify(&charter.origin, &keys) {
            Ok(verified) if verified.unknown_lines() > 0 => {
                let detail = format_args!("{} signature lines by unknown keys", verified.unknown_lines());
                self.find(Code::UnknownLine, place, detail);
            }
            Ok(_) => {}
            Err(fault) => {
                let code = match fault {
                    CheckpointFault::OtherOrigin { .. } => Code::CheckpointOrigin,
                    CheckpointFault::Unsigned => Code::CheckpointUnsigned,
                    CheckpointFault::BadSignature { .. } => Code::CheckpointSignature,
                };
                self.find(code, place, fault);
            }
        }
    }

    /// The sizes at which the root is asked for.
    fn wanted_roots(&self, founding: &VerifiedStatement) -> Vec<u64> {
        let archive = ArchiveId::from(founding.id());
        let seen = self.options.trust.seen.iter().filter(|(id, _)| *id == archive).map(|(_, head)| head);
        let mut sizes: Vec<_> = seen.chain(&self.options.resume).map(TreeHead::size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    /// Checks all tiles; whether all statements could be told apart.
    fn tiles(&mut self, size: u64, fold: &mut Fold, observer: &mut dyn Observer) -> Result<bool, CheckError> {
        let keys = KeyCache::new(fold.ledger.charter().members.iter().map(|member| member.key.clone()));
        let (store, options) = (self.store, self.options);
        let resumed = options.resume.as_ref().map_or(0, TreeHead::size);
        let keep_manifests = observer.wants_manifests();
        let work = |index: u64| {
            let signatures = options.signatures && (index + 1) * limits::TILE > resumed;
            let scope = Scope { signatures, files: reads_tile(options.files, index), keep_manifests };
            load_tile(store, index, size, scope).and_then(|(tile, findings)| {
                let mut checked = match tile {
                    Some(tile) => check_tile(tile, scope, &mut keys.clone())?,
                    None => CheckedTile::default(),
                };
                checked.findings.splice(0..0, findings);
                Ok(checked)
            })
        };
        let (mut missing, mut failed) = (0, None);
        in_order(options.threads, size.div_ceil(limits::TILE), work, |index, checked| {
            let checked = match checked {
                Ok(checked) => checked,
                Err(error) => {
                    failed = Some(CheckError::Store(error));
                    return false;
                }
            };
            missing = if checked.entries.is_some() { 0 } else { missing + 1 };
            let done = ((index + 1) * limits::TILE).min(size);
            if self.take_tile(index, checked, fold, observer).is_break() || observer.progress(done, size).is_break() {
                failed = Some(CheckError::Stopped);
            }
            failed.is_none() && missing < MISSING_TILES
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(fold.whole),
        }
    }

    /// Takes a checked tile in, in order.
    fn take_tile(
        &mut self,
        index: u64,
        checked: CheckedTile,
        fold: &mut Fold,
        observer: &mut dyn Observer,
    ) -> ControlFlow<()> {
        checked.findings.into_iter().for_each(|finding| self.report.add(finding));
        self.all_named &= !checked.unnamed && checked.entries.is_some();
        self.report.counts.files += checked.files;
        self.report.counts.bytes += checked.bytes;
        for file in checked.large {
            self.note_large(file);
        }
        let Some(entries) = checked.entries else {
            fold.whole = false;
            return ControlFlow::Continue(());
        };
        let leaves: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        fold.grow(&leaves, checked.root);
        if !fold.whole {
            // After a gap nobody can tell what an entry follows.
            return ControlFlow::Continue(());
        }
        for (at, entry) in (index * limits::TILE..).zip(&entries) {
            let mut void = None;
            fold.judged &= !entry.unknown;
            if at == 0 {
                if entry.id != fold.ledger.authority() {
                    self.find(Code::Charter, Place::statement(0), "statement 0 changed while it was read");
                }
            } else if fold.judged
                && let Err(code) = fold.ledger.apply(entry.statement.as_ref())
            {
                void = Some(code);
                self.find(code, Place::statement(at), rule(code));
            }
            if let Some(statement) = &entry.statement {
                *fold.signers.entry(*statement.signer()).or_default() += 1;
            }
            let (statement, manifest) = (entry.statement.as_ref(), entry.manifest.as_ref());
            observer.entry(&Entry { index: at, id: entry.id, statement, void, manifest })?;
        }
        ControlFlow::Continue(())
    }

    fn note_large(&mut self, file: LargeFile) {
        use std::collections::hash_map::Entry::{Occupied, Vacant};
        match self.large.entry(file.digest) {
            Vacant(entry) => {
                entry.insert(NamedFile { last: file.statement, file });
            }
            Occupied(mut entry) => {
                let known = entry.get_mut();
                known.last = file.statement;
                if known.file.size != file.size {
                    let detail =
                        format_args!("{} bytes here and {} in an earlier manifest", file.size, known.file.size);
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
            let (member, mut findings) = (Member::Tile(name), Vec::new());
            let read = read_member(self.store, member, expected.len() as u64, Code::HashTile, &mut findings)?;
            findings.into_iter().for_each(|finding| self.report.add(finding));
            if read.is_some_and(|read| read != expected) {
                self.find(Code::HashTile, Place::member(member), "the tile is not made of the statements' hashes");
            }
        }
        let mut sorted = fold.ids.clone();
        sorted.sort_unstable();
        for pair in sorted.windows(2).filter(|pair| pair[0] == pair[1]) {
            let again = (0u64..).zip(&fold.ids).filter(|(_, id)| **id == pair[0]).nth(1);
            let place = again.map_or_else(Place::default, |(at, _)| Place::statement(at));
            self.find(Code::RepeatedLeaf, place, "the statement stands in the log before");
        }
        Ok(())
    }

    /// The files that are kept by themselves.
    fn large_files(&mut self, observer: &mut dyn Observer) -> Result<(), CheckError> {
        let mut named: Vec<_> = self.large.values().collect();
        named.sort_unstable_by_key(|named| named.file.digest);
        let (store, files) = (self.store, self.options.files);
        // Sizes are claims: thousands of the largest are more than 64 bits hold.
        let of = named.iter().fold(0, |of: u64, named| of.saturating_add(named.file.size));
        let (mut done, mut failed, mut findings, mut read) = (0, None, Vec::new(), (0, 0));
        let work = |nth: u64| {
            let named = usize::try_from(nth).ok().and_then(|nth| named.get(nth));
            named.map(|named| (named.file.size, check_large(store, &named.file, reads_large(files, nth, named.last))))
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
        self.report.counts.files += read.0;
        self.report.counts.bytes += read.1;
        findings.into_iter().for_each(|finding| self.report.add(finding));
        failed.map_or(Ok(()), Err)
    }

    /// That nothing is there but what the checkpoint calls for.
    fn names(&mut self, size: u64) -> Result<(), CheckError> {
        let bundle = self.store.kind() == StoreKind::Bundle;
        let (large, all_named, mut findings) = (&self.large, self.all_named, Vec::new());
        self.store.scan(&mut |found| {
            let (code, member, detail) = match found {
                Found::Unknown(name) if bundle => (Code::UnknownMember, name, "the name is none of the format's"),
                Found::Unknown(name) => (Code::StrayFile, name, "the file belongs to nothing"),
                Found::Misplaced(member) => (Code::UnknownMember, member.to_string(), "the member is out of its order"),
                Found::Member(Member::Checkpoint) => return,
                Found::Member(Member::Mimetype | Member::Readme) if bundle => return,
                Found::Member(Member::Tile(tile)) if belongs(tile, size) => return,
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
            if findings.len() < limits::FINDINGS {
                findings.push(Finding::new(code, Place { member: Some(member), ..Place::default() }, detail));
            }
        })?;
        findings.into_iter().for_each(|finding| self.report.add(finding));
        Ok(())
    }

    fn count(&mut self, fold: &Fold) {
        let counts = &mut self.report.counts;
        counts.articles = fold.ledger.heads().len() as u64;
        counts.versions = fold.ledger.versions();
        counts.statements = fold.frontier.size();
        counts.void = fold.ledger.void();
        let charter = fold.ledger.charter();
        let mut signers: Vec<_> = fold.signers.iter().collect();
        signers.sort_unstable_by_key(|(key, count)| (std::cmp::Reverse(**count), **key));
        let signers = signers.into_iter().take(limits::FINDINGS).filter_map(|(key, statements)| {
            let claimed_name = charter.member(key).map(|member| member.name.clone()).unwrap_or_default();
            Some(SignerCount { key: PublicKey::from_bytes(key).ok()?, claimed_name, statements: *statements })
        });
        self.report.signers = signers.collect();
    }

    fn judge_trust(&mut self, founding: &VerifiedStatement, head: TreeHead, fold: &Fold) {
        let archive = fold.ledger.archive();
        let Trust { demanded, known, seen } = &self.options.trust;
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
            } else if fold.roots.iter().any(|(size, root)| *size == at && *root == seen.root()) {
                if self.report.claims.current == Claim::Unchecked {
                    self.report.claims.current = Claim::Holds;
                }
            } else if fold.whole {
                let detail = format_args!("the history up to statement {at} is not the one that was seen before");
                self.find(Code::Forked, Place::member(Member::Checkpoint), detail);
            }
        }
    }
}

/// The state that grows with each tile, in order.
struct Fold {
    ledger: Ledger,
    frontier: Frontier,
    builder: TreeBuilder,
    /// Full hash tiles above level 0.
    upper: Vec<(TileName, Vec<u8>)>,
    ids: Vec<StatementId>,
    signers: HashMap<[u8; 32], u64>,
    /// The sizes whose roots are asked for, in ascending order, and the roots found.
    wanted: Vec<u64>,
    roots: Vec<(u64, TreeHash)>,
    /// Whether all statements so far could be told apart.
    whole: bool,
    /// Whether all statements so far are of kinds that are known: after another one nobody can tell the state.
    judged: bool,
}

impl Fold {
    fn new(ledger: Ledger, wanted: Vec<u64>) -> Self {
        Self {
            ledger,
            frontier: Frontier::new(),
            builder: TreeBuilder::new(),
            upper: Vec::new(),
            ids: Vec::new(),
            signers: HashMap::new(),
            wanted,
            roots: Vec::new(),
            whole: true,
            judged: true,
        }
    }

    /// Appends a tile's leaves. After a gap the tree is of no use: what is found there was reported.
    fn grow(&mut self, leaves: &[StatementId], root: Option<TreeHash>) {
        self.ids.extend_from_slice(leaves);
        let end = self.frontier.size() + leaves.len() as u64;
        let within = self.wanted.iter().any(|size| (self.frontier.size() + 1..end).contains(size));
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
        if self.wanted.contains(&size)
            && let Some(root) = self.frontier.root()
        {
            self.roots.push((size, root));
        }
    }
}

/// What a broken rule says of an entry.
const fn rule(code: Code) -> &'static str {
    match code {
        Code::OtherOrigin => "void: signed for another archive",
        Code::UnknownSigner => "void: signed by a key that the archive does not know",
        Code::Authority => "void: its authority is not the governance statement in force",
        Code::WrongRole => "void: its signer may not sign articles",
        Code::ForkedChain => "void: a second version 1 of an article",
        Code::BrokenChain => "void: it does not continue its article's chain of versions",
        Code::SecondCharter => "void: a second charter",
        _ => "void",
    }
}

const fn entries_limit(width: u16) -> u64 {
    width as u64 * (limits::STATEMENT as u64 + 2)
}

const fn reads_tile(files: Files, index: u64) -> bool {
    match files {
        Files::All => true,
        Files::Since(statement) => (index + 1) * limits::TILE > statement,
        Files::Part(part, of) => of != 0 && index % of == part.wrapping_sub(1) % of,
        Files::None => false,
    }
}

const fn reads_large(files: Files, nth: u64, last: u64) -> bool {
    match files {
        Files::Since(statement) => last >= statement,
        other => reads_tile(other, nth),
    }
}

fn belongs(tile: TileName, size: u64) -> bool {
    let count = match tile.kind {
        TileKind::Hashes(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
        _ => size,
    };
    tile.index < count.div_ceil(limits::TILE) && tile == tile_at(tile.kind, tile.index, count)
}

/// A whole member. What is wrong with it becomes a finding; `oversized` is the code of one that is too large.
fn read_member(
    store: &dyn Store,
    member: Member,
    limit: u64,
    oversized: Code,
    findings: &mut Vec<Finding>,
) -> Result<Option<Vec<u8>>, StoreError> {
    match store.read(member, limit) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => store_finding(member, error, oversized).map(|finding| {
            findings.push(finding);
            None
        }),
    }
}

/// The finding that a store's error is; what is none is a failure to look.
fn store_finding(member: Member, error: StoreError, oversized: Code) -> Result<Finding, StoreError> {
    let code = match error {
        StoreError::Missing(_) => Code::MissingMember,
        StoreError::TooLarge { .. } => oversized,
        StoreError::Crc(_) => Code::Crc,
        StoreError::Io { .. } => return Err(error),
    };
    Ok(Finding::new(code, Place::member(member), error))
}

type Stream<'a> = BufReader<Box<dyn std::io::Read + Send + 'a>>;
type LoadedTile<'a> = (Option<TileBytes<Stream<'a>, Stream<'a>>>, Vec<Finding>);

/// Gets the four parts of a tile; without its entries there is none.
fn load_tile(store: &dyn Store, index: u64, size: u64, scope: Scope) -> Result<LoadedTile<'_>, StoreError> {
    let mut findings = Vec::new();
    let name = |kind| tile_at(kind, index, size);
    let entries = name(TileKind::Entries);
    let width = entries.width;
    let read =
        |kind, limit, code, findings: &mut _| read_member(store, Member::Tile(name(kind)), limit, code, findings);
    let hashes = read(TileKind::Hashes(0), u64::from(width) * 32, Code::HashTile, &mut findings)?;
    let Some(entries) = read(TileKind::Entries, entries_limit(width), Code::EntryTile, &mut findings)? else {
        return Ok((None, findings));
    };
    let mut open = |kind| match store.open(Member::Tile(name(kind))) {
        Ok(stream) => Ok(Some(BufReader::with_capacity(32 << 10, stream))),
        Err(error) => store_finding(Member::Tile(name(kind)), error, Code::PackItems).map(|finding| {
            findings.push(finding);
            None
        }),
    };
    let manifests = open(TileKind::Manifests)?;
    let packs = if scope.files { open(TileKind::Packs)? } else { None };
    Ok((Some(TileBytes { index, width, entries, hashes, manifests, packs }), findings))
}

/// Checks a large file: `None` if it is there but not to be read.
fn check_large(store: &dyn Store, file: &LargeFile, read: bool) -> Result<Option<Result<(), Finding>>, StoreError> {
    let wrong = |code, detail: &dyn std::fmt::Display| {
        Ok(Some(Err(Finding::new(code, Place::file(file.statement, &*file.path), detail))))
    };
    let member = |compressed| Member::File { digest: file.digest, compressed };
    let size = |member| match store.size(member) {
        Ok(size) => Ok(Some(size)),
        Err(StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let (plain, compressed) = (size(member(false))?, size(member(true))?);
    let member = member(plain.is_none());
    match (plain, compressed) {
        (None, None) => return wrong(Code::FileMissing, &"the file is not there"),
        (Some(_), Some(_)) => return wrong(Code::TwoForms, &"the file is there twice, as it is and compressed"),
        (Some(size), None) if size != file.size => {
            return wrong(Code::FileSize, &format_args!("{size} bytes instead of {}", file.size));
        }
        _ if !read => return Ok(None),
        _ => {}
    }
    let stream = BufReader::with_capacity(256 << 10, store.open(member)?);
    let digested = if plain.is_some() {
        digest_of(stream, file.size).map_err(FrameError::Io)
    } else {
        digest_of_frame(stream, file.size)
    };
    match digested {
        Ok((size, _)) if size != file.size => {
            wrong(Code::FileSize, &format_args!("{size} bytes instead of {}", file.size))
        }
        Ok((_, digest)) if digest != file.digest => {
            wrong(Code::FileDigest, &"the bytes have another digest than their name")
        }
        Ok(_) => Ok(Some(Ok(()))),
        Err(FrameError::Io(error)) => match StoreError::of_read(member, error) {
            error @ StoreError::Crc(_) => wrong(Code::Crc, &error),
            error => Err(error),
        },
        Err(error) => wrong(Code::Frame, &error),
    }
}

fn digest_of_frame(stream: impl BufRead, size: u64) -> Result<(u64, FileDigest), FrameError> {
    let mut frame = Frame::open(stream)?;
    if frame.content_size() != size {
        return Ok((frame.content_size(), FileDigest::of(b"")));
    }
    let digested = digest_of(&mut frame, size).map_err(|error| frame.error(error))?;
    frame.finish()?;
    Ok(digested)
}
