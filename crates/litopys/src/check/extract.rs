//! The check of an extract (format.md, section 9.1): single statements, each with a proof that it is in the log.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::fold::Fold;
use super::load::{LargeFile, Named, read_member};
use super::pass::Pass;
use super::tile::{CheckedEntry, NOT_PURGED, Scope, check_entry, decode_manifest};
use super::times::{Times, by_proof};
use super::withheld::{self, Trusted};
use super::{CheckError, Entry, Observer, Signatures};
use crate::layout::Member;
use crate::ledger::Ledger;
use crate::log::TreeHead;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::text::TlogProof;
use crate::manifest::{FileEntry, Manifest};
use crate::parallel::{Load, in_order_within};
use crate::report::{Code, Finding, Findings, Place};
use crate::statement::{KeyCache, ManifestRef, Payload, VerifiedStatement};
use crate::store::{Found, Store, StoreError};
use crate::withdrawal::Withheld;
use crate::{ArticleUrn, FileDigest, StatementId, limits};

/// A statement that is shown, checked by itself.
#[derive(Default)]
struct Shown {
    entry: Option<CheckedEntry>,
    /// The manifest, if it is shown with its content.
    manifest: Option<(ManifestRef, Option<Manifest>)>,
    files: Vec<LargeFile>,
    /// Manifests and files that are withheld.
    withheld: u64,
    findings: Findings,
}

impl Shown {
    fn weight(shown: &Result<(u64, Self), StoreError>) -> u64 {
        let Ok((_, shown)) = shown else { return 0 };
        let manifest = shown.manifest.as_ref().and_then(|(_, manifest)| manifest.as_ref());
        let files = shown.files.iter().map(|file| (size_of::<LargeFile>() + file.path.len()) as u64);
        manifest.map_or(0, Manifest::weight) + files.sum::<u64>() + shown.findings.weight()
    }
}

/// What is the same for all statements of an extract.
struct Frame<'a> {
    store: &'a dyn Store,
    checkpoint: &'a SignedCheckpoint,
    scope: Scope<'a>,
}

/// What is counted of an extract.
#[derive(Default)]
struct Counted {
    ids: Vec<(u64, StatementId)>,
    articles: HashSet<ArticleUrn>,
    versions: u64,
    observations: u64,
    /// The index after that of the last version or observation that is shown.
    after: u64,
    manifests: HashSet<FileDigest>,
}

impl Pass<'_> {
    /// Statement 0, verified.
    pub(super) fn shown_founding(&mut self) -> Result<Option<VerifiedStatement>, CheckError> {
        let (member, mut findings) = (Member::Statement(0), Findings::default());
        let read = read_member(self.store, member, limits::STATEMENT as u64, Code::StatementShape, &mut findings)?;
        self.report.take(findings);
        Ok(read.and_then(|bytes| self.verify_founding(&bytes)))
    }

    /// All steps after the checkpoint and the charter.
    pub(super) fn run_extract(
        &mut self,
        signed: &SignedCheckpoint,
        founding: &VerifiedStatement,
        ledger: Ledger,
        observer: &mut dyn Observer,
    ) -> Result<Option<Ledger>, CheckError> {
        let head = signed.claimed_head();
        let times = Times::load(self.store, &mut self.report)?;
        let (indexes, files) = self.shown_names(head.size(), &times)?;
        self.withheld = withheld::of_extract(self.store, &indexes, founding, Trusted::of(self.options, founding))?;
        let mut fold = Fold::new(ledger, Vec::new());
        let counted = self.statements(signed, founding, &indexes, &mut fold, observer)?;
        self.judge_checkpoint(signed, &fold);
        self.judge_entries(&fold);
        self.repeated(&counted.ids, &fold);
        let of_log = |older: &SignedCheckpoint| by_proof(self.store, older, signed);
        times.judge(self.store, (&fold, &self.options.trust.witnesses), &of_log, &mut self.report)?;
        self.report.dated = counted.after;
        self.tell(observer)?;
        self.large_files(observer)?;
        for digest in files.iter().filter(|_| self.all_named) {
            if !self.large.contains_key(digest) && !counted.manifests.contains(digest) {
                let member = Member::File { digest: *digest, compressed: false };
                self.report.add(Finding::new(Code::ExtraMember, Place::member(member), "no statement names this file"));
            }
        }
        self.count(&fold);
        let counts = &mut self.report.counts;
        counts.statements = indexes.len() as u64;
        counts.articles = counted.articles.len() as u64;
        counts.versions = counted.versions;
        counts.observations = counted.observations;
        let roots = [(head.size(), head.root())];
        self.judge_trust(founding, head, &roots, |at| at == head.size());
        Ok(Some(fold.ledger))
    }

    /// The statements and the files that are there, in order, by their names; what has no business there is found.
    fn shown_names(&mut self, size: u64, times: &Times) -> Result<(Vec<u64>, Vec<FileDigest>), CheckError> {
        let (mut indexes, mut proofs, mut files) = (Vec::new(), Vec::new(), Vec::new());
        let mut findings = Findings::default();
        let mut find = |code, name: String, detail| {
            findings.push(Finding::new(code, Place { member: Some(name), ..Place::default() }, detail));
        };
        self.store.scan(&mut |found| match found {
            Found::Unknown(name) => find(Code::UnknownMember, name, "the name is none of the format's"),
            Found::Misplaced(member) => {
                find(Code::UnknownMember, member.to_string(), "the member is out of its order");
            }
            Found::Member(Member::Mimetype | Member::Readme | Member::Checkpoint) => {}
            Found::Member(Member::Time(name)) if times.has_shown(name, size) => {}
            Found::Member(member @ Member::Time(_)) => {
                find(Code::ExtraMember, member.to_string(), "nothing calls for this member");
            }
            Found::Member(Member::Statement(index)) if index < size => indexes.push(index),
            Found::Member(Member::Proof(index)) if index < size => proofs.push(index),
            Found::Member(Member::File { digest, compressed: false }) => files.push(digest),
            Found::Member(member @ (Member::Statement(_) | Member::Proof(_))) => {
                find(Code::ExtraMember, member.to_string(), "the checkpoint does not call for this member");
            }
            Found::Member(member) => find(Code::UnknownMember, member.to_string(), "an extract has no such member"),
        })?;
        for index in &proofs {
            if indexes.binary_search(index).is_err() {
                find(
                    Code::ExtraMember,
                    Member::Proof(*index).to_string(),
                    "the proof of a statement that is not there",
                );
            }
        }
        self.report.take(findings);
        let last = Member::Statement(size - 1);
        if indexes.binary_search(&(size - 1)).is_err() {
            self.find(Code::MissingMember, Place::member(last), "the last statement of the log is missing");
        }
        Ok((indexes, files))
    }

    /// Checks the statements side by side, and takes them in in order.
    fn statements(
        &mut self,
        signed: &SignedCheckpoint,
        founding: &VerifiedStatement,
        indexes: &[u64],
        fold: &mut Fold,
        observer: &mut dyn Observer,
    ) -> Result<Counted, CheckError> {
        let keys = KeyCache::new(fold.ledger.charter().members.iter().map(|member| member.key.clone()));
        let withheld = std::mem::take(&mut self.withheld);
        let scope = Scope {
            founding: Some(founding),
            signatures: self.options.signatures != Signatures::None,
            keep_manifests: if observer.wants_manifests() { u64::MAX } else { 0 },
            withheld: &withheld,
        };
        let frame = Frame { store: self.store, checkpoint: signed, scope };
        let work = |nth: u64| {
            let index = usize::try_from(nth).ok().and_then(|nth| indexes.get(nth)).copied().unwrap_or_default();
            frame.check(index, &mut keys.clone()).map(|shown| (index, shown))
        };
        let (mut counted, mut failed) = (Counted::default(), None);
        // A thread costs more than the few statements of most extracts.
        let threads = if indexes.len() < 16 { 1 } else { self.options.threads };
        let load = Load { most: limits::TILES_HELD, of: Shown::weight };
        in_order_within(threads, indexes.len() as u64, load, work, |nth, shown| {
            match shown {
                Ok((index, shown)) => {
                    let stopped = self.take_shown(index, shown, fold, &mut counted, &withheld, observer).is_break();
                    failed = self.tell(observer).err();
                    if stopped || observer.progress(nth + 1, indexes.len() as u64).is_break() {
                        failed = Some(CheckError::Stopped);
                    }
                }
                Err(error) => failed = Some(CheckError::Store(error)),
            }
            failed.is_none()
        });
        failed.map_or(Ok(counted), Err)
    }

    fn take_shown(
        &mut self,
        index: u64,
        shown: Shown,
        fold: &mut Fold,
        counted: &mut Counted,
        withheld: &Withheld,
        observer: &mut dyn Observer,
    ) -> ControlFlow<()> {
        let mut shown = shown;
        let entry = |finding: &Finding| finding.code.is_of_entry();
        let fault = if shown.entry.is_some() { shown.findings.take_out(entry).pop() } else { None };
        self.report.take(shown.findings);
        self.report.counts.withheld += shown.withheld;
        shown.files.into_iter().for_each(|file| self.note_large(file));
        let Some(entry) = shown.entry else {
            self.all_named = false;
            return ControlFlow::Continue(());
        };
        let (id, statement) = (entry.id, entry.statement.as_ref());
        counted.ids.push((index, id));
        fold.ledger.skip_to(index);
        let void = self.take_entry(index, &entry, fault, fold);
        let has_manifest = statement.is_none_or(|statement| statement.payload().manifest().is_some());
        let mut kept = None;
        if let Some((named, manifest)) = shown.manifest {
            counted.manifests.insert(named.sha256);
            match (statement.map(VerifiedStatement::payload), void) {
                (Some(Payload::Article(version)), None) => {
                    counted.articles.insert(version.article);
                    counted.versions += 1;
                    counted.after = index + 1;
                }
                (Some(Payload::Observation(_)), None) => {
                    counted.observations += 1;
                    counted.after = index + 1;
                }
                _ => {}
            }
            kept = manifest;
        } else if has_manifest && index + 1 < self.report.checkpoint.map_or(0, |head| head.size()) {
            self.all_named = false;
        }
        observer.entry(&Entry { index, id, statement, void, manifest: kept.as_ref(), withheld })
    }

    /// That no statement stands there twice.
    fn repeated(&mut self, ids: &[(u64, StatementId)], fold: &Fold) {
        let mut seen = HashSet::new();
        for (index, id) in ids {
            let known = fold.ledger.void_at(*index).is_some_and(|entry| entry.acknowledged.is_some());
            if !seen.insert(id) && !known {
                self.find(Code::RepeatedLeaf, Place::statement(*index), "the statement stands in the log before");
            }
        }
    }
}

impl Frame<'_> {
    /// Checks one statement, its proof and its manifest.
    fn check(&self, index: u64, keys: &mut KeyCache) -> Result<Shown, StoreError> {
        let mut shown = Shown::default();
        let (member, limit) = (Member::Statement(index), limits::STATEMENT as u64);
        let Some(bytes) = read_member(self.store, member, limit, Code::StatementShape, &mut shown.findings)? else {
            return Ok(shown);
        };
        let (entry, fault) = check_entry(index, &bytes, self.scope, keys);
        self.proof(index, entry.id, &mut shown.findings)?;
        fault.into_iter().for_each(|fault| shown.findings.push(fault));
        let payload = entry.statement.as_ref().map(VerifiedStatement::payload);
        if let Some((payload, named)) = payload.and_then(|payload| Some((payload, payload.manifest()?))) {
            self.manifest(index, *named, payload, &mut shown)?;
        }
        shown.entry = Some(entry);
        Ok(shown)
    }

    /// That the statement is in the log, at its index, under the extract's checkpoint.
    fn proof(&self, index: u64, id: StatementId, findings: &mut Findings) -> Result<(), StoreError> {
        let member = Member::Proof(index);
        let Some(bytes) = read_member(self.store, member, limits::PROOF, Code::ProofForm, findings)? else {
            return Ok(());
        };
        let place = || Place { member: Some(member.to_string()), ..Place::statement(index) };
        match TlogProof::parse(&bytes) {
            Err(error) => findings.push(Finding::new(Code::ProofForm, place(), error)),
            Ok(proof) if proof.checkpoint != self.checkpoint.bytes() => {
                findings.push(Finding::new(Code::ProofCheckpoint, place(), "the proof is one of another checkpoint"));
            }
            Ok(TlogProof { proof, .. }) if proof.index != index => {
                let detail = format_args!("the proof is one of statement {}", proof.index);
                findings.push(Finding::new(Code::Proof, place(), detail));
            }
            Ok(TlogProof { proof, .. }) => {
                if let Err(error) = proof.verify(id, self.head()) {
                    findings.push(Finding::new(Code::Proof, place(), error));
                }
            }
        }
        Ok(())
    }

    /// The manifest of a version or observation, and the files that it names. The log's last statement may be there without: it shows who signed last.
    fn manifest(&self, index: u64, named: ManifestRef, payload: &Payload, shown: &mut Shown) -> Result<(), StoreError> {
        let member = Member::File { digest: named.sha256, compressed: false };
        let withheld = self.scope.withheld.of_manifest(index).is_some();
        shown.withheld += u64::from(withheld);
        let size = match self.store.size(member) {
            Err(StoreError::Missing(_)) if withheld => {
                shown.manifest = Some((named, None));
                return Ok(());
            }
            Err(StoreError::Missing(_)) if index + 1 == self.head().size() => return Ok(()),
            Err(StoreError::Missing(_)) => {
                let detail = "the manifest is not there";
                shown.findings.push(Finding::new(Code::ManifestMissing, Place::statement(index), detail));
                return Ok(());
            }
            size => size?,
        };
        if size != named.size {
            let detail = format_args!("a manifest of {size} bytes instead of {}", named.size);
            shown.findings.push(Finding::new(Code::ManifestSize, Place::statement(index), detail));
            return Ok(());
        }
        let read = read_member(self.store, member, limits::MANIFEST, Code::ManifestSize, &mut shown.findings)?;
        let Some(bytes) = read else { return Ok(()) };
        match decode_manifest(&bytes, payload) {
            Ok(manifest) => {
                if withheld {
                    shown.findings.push(Finding::new(Code::NotPurged, Place::statement(index), NOT_PURGED));
                }
                let mut files = Named::new(self.store);
                let gone = |file: &FileEntry| self.scope.withheld.of_file(index, &file.sha256).is_some();
                manifest.files.iter().try_for_each(|file| files.note(index, file, gone(file)))?;
                if !self.scope.withheld.is_empty() {
                    shown.withheld += manifest.distinct_files().filter(|(_, file)| gone(file)).count() as u64;
                }
                let (files, missing) = files.into_files();
                shown.files = files;
                shown.findings.append(missing);
                shown.manifest = Some((named, Some(manifest).filter(|_| self.scope.keep_manifests > 0)));
            }
            Err((code, detail)) => shown.findings.push(Finding::new(code, Place::statement(index), detail)),
        }
        Ok(())
    }

    fn head(&self) -> TreeHead {
        self.checkpoint.claimed_head()
    }
}
