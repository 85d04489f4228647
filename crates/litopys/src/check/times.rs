//! The checkpoints and timestamps below `time/` (format.md, section 7.4): whether they are this log's. What the timestamps are worth is judged
//! elsewhere, by who knows their authorities.

use std::collections::BTreeMap;

use super::checkpoint::{judge_checkpoint, parse_checkpoint};
use super::fold::Fold;
use super::load::read_member;
use super::{CheckError, Witnesses};
use crate::FileDigest;
use crate::charter::KeyRole;
use crate::layout::{Member, TimeFile, TimeName};
use crate::ledger::KeysThen;
use crate::limits;
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::text::ConsistencyText;
use crate::log::{TreeHash, TreeHead};
use crate::report::{Code, Finding, Findings, Place, Report, TimestampedCheckpoint};
use crate::store::Store;

/// What is there, by size.
pub(super) struct Times(BTreeMap<u64, Group>);

#[derive(Default)]
struct Group {
    /// Whether there is a checkpoint.
    has_checkpoint: bool,
    checkpoint: Option<SignedCheckpoint>,
    has_consistency: bool,
    tokens: Vec<FileDigest>,
}

impl Times {
    /// Lists what is there, and reads the checkpoints that have timestamps.
    pub(super) fn load(store: &dyn Store, report: &mut Report) -> Result<Self, CheckError> {
        let (mut groups, mut files) = (BTreeMap::<u64, Group>::new(), 0);
        store.scan_times(&mut |TimeName { size, file }| {
            files += 1;
            if files > limits::TIME_FILES {
                return;
            }
            let group = groups.entry(size).or_default();
            match file {
                TimeFile::Checkpoint => group.has_checkpoint = true,
                TimeFile::Consistency => group.has_consistency = true,
                TimeFile::Token(digest) => group.tokens.push(digest),
            }
        })?;
        if files > limits::TIME_FILES {
            let detail = format_args!("{files} files below time/, of which the first {} are read", limits::TIME_FILES);
            report.add(Finding::new(Code::TimeForm, Place::default(), detail));
        }
        for (size, group) in &mut groups {
            group.tokens.sort_unstable();
            if !group.tokens.is_empty() {
                group.checkpoint = checkpoint(store, *size, report)?;
            }
        }
        Ok(Self(groups))
    }

    /// Whether this file belongs there: a checkpoint without timestamps is left over, and a proof of consistency has its place in extracts.
    pub(super) fn has(&self, name: TimeName) -> bool {
        self.0.get(&name.size).is_some_and(|group| match name.file {
            TimeFile::Checkpoint => group.has_checkpoint && !group.tokens.is_empty(),
            TimeFile::Consistency => false,
            TimeFile::Token(digest) => group.tokens.binary_search(&digest).is_ok(),
        })
    }

    /// The same in an extract of a log of this size, where each checkpoint but the newest has its proof.
    pub(super) fn has_shown(&self, name: TimeName, size: u64) -> bool {
        let dated = |group: &Group| group.has_consistency && !group.tokens.is_empty() && name.size < size;
        match name.file {
            TimeFile::Consistency => self.0.get(&name.size).is_some_and(dated),
            _ => self.has(name),
        }
    }

    /// The sizes at which the log's root is wanted.
    pub(super) fn sizes(&self) -> impl Iterator<Item = u64> {
        self.0.values().filter_map(|group| group.checkpoint.as_ref()).map(SignedCheckpoint::claimed_size)
    }

    /// Judges each checkpoint by the log, and each timestamp's file by its name; those that are right come into the report.
    pub(super) fn judge(
        &self,
        store: &dyn Store,
        (fold, witnesses): (&Fold, &Witnesses),
        is_of_log: &dyn Fn(&SignedCheckpoint) -> Result<Option<Finding>, CheckError>,
        report: &mut Report,
    ) -> Result<(), CheckError> {
        let mut keys = KeysThen::of(&fold.ledger);
        for (size, group) in &self.0 {
            let Some(signed) = &group.checkpoint else { continue };
            let member = Member::Time(TimeName { size: *size, file: TimeFile::Checkpoint });
            let keys = keys.at(KeyRole::Log, *size);
            let whole = judge_checkpoint(signed, fold, &keys, witnesses, member, report).is_some();
            if let Some(finding) = is_of_log(signed)? {
                report.add(finding);
            } else if whole {
                let mut kept = TimestampedCheckpoint::new(signed);
                for token in &group.tokens {
                    if is_named(store, TimeName { size: *size, file: TimeFile::Token(*token) }, *token, report)? {
                        kept.tokens.push(*token);
                    }
                }
                report.timestamped.push(kept);
            }
        }
        Ok(())
    }
}

/// The checkpoint of this size.
fn checkpoint(store: &dyn Store, size: u64, report: &mut Report) -> Result<Option<SignedCheckpoint>, CheckError> {
    let (member, mut findings) = (Member::Time(TimeName { size, file: TimeFile::Checkpoint }), Findings::default());
    let read = read_member(store, member, limits::CHECKPOINT, Code::CheckpointForm, &mut findings)?;
    report.take(findings);
    let Some(signed) = read.and_then(|bytes| parse_checkpoint(&bytes, member, report)) else { return Ok(None) };
    if signed.claimed_size() == size {
        return Ok(Some(signed));
    }
    let detail = format_args!("the checkpoint is of {} statements, not of {size}", signed.claimed_size());
    report.add(Finding::new(Code::TimeForm, Place::member(member), detail));
    Ok(None)
}

/// Whether the log, whose roots were computed, begins as this checkpoint says.
pub(super) fn by_roots(signed: &SignedCheckpoint, head: TreeHead, roots: &[(u64, TreeHash)]) -> Option<Finding> {
    let (size, root) = (signed.claimed_size(), signed.claimed_root());
    if size > head.size() {
        return Some(larger(size, head));
    }
    let found = roots.binary_search_by_key(&size, |(size, _)| *size);
    let same = found.ok().and_then(|at| roots.get(at)).is_some_and(|(_, found)| *found == root);
    (!same).then(|| other_history(size))
}

/// Whether the log of an extract begins as this checkpoint says, by the proof beside it.
pub(super) fn by_proof(
    store: &dyn Store,
    signed: &SignedCheckpoint,
    newest: &SignedCheckpoint,
) -> Result<Option<Finding>, CheckError> {
    let (older, head) = (signed.claimed_head(), newest.claimed_head());
    let size = older.size();
    if size > head.size() {
        return Ok(Some(larger(size, head)));
    }
    if size == head.size() {
        return Ok((older != head).then(|| other_history(size)));
    }
    let (member, mut findings) = (Member::Time(TimeName { size, file: TimeFile::Consistency }), Findings::default());
    let read = read_member(store, member, limits::PROOF, Code::ProofForm, &mut findings)?;
    let Some(bytes) = read else { return Ok(findings.take_out(|_| true).pop()) };
    let fault = |code, detail: &dyn std::fmt::Display| Ok(Some(Finding::new(code, Place::member(member), detail)));
    let text = match ConsistencyText::parse(&bytes) {
        Ok(text) => text,
        Err(error) => return fault(Code::ProofForm, &error),
    };
    if text.checkpoint != newest.bytes() {
        return fault(Code::ProofCheckpoint, &"the proof leads to another checkpoint");
    }
    match text.proof.verify(older, head) {
        Ok(()) if text.older == size => Ok(None),
        Ok(()) => fault(Code::Proof, &"the proof is one of another size"),
        Err(error) => fault(Code::Proof, &error),
    }
}

fn larger(size: u64, head: TreeHead) -> Finding {
    let member = Member::Time(TimeName { size, file: TimeFile::Checkpoint });
    let detail = format_args!("a timestamped checkpoint of {size} statements, where the log has {}", head.size());
    Finding::new(Code::RolledBack, Place::member(member), detail)
}

fn other_history(size: u64) -> Finding {
    let member = Member::Time(TimeName { size, file: TimeFile::Checkpoint });
    let detail = format_args!("the history up to statement {size} is not the one that was timestamped");
    Finding::new(Code::Forked, Place::member(member), detail)
}

/// Whether a timestamp's file has the digest that it is named by.
fn is_named(store: &dyn Store, name: TimeName, digest: FileDigest, report: &mut Report) -> Result<bool, CheckError> {
    let (member, mut findings) = (Member::Time(name), Findings::default());
    let read = read_member(store, member, limits::TOKEN, Code::TimeForm, &mut findings)?;
    report.take(findings);
    let Some(bytes) = read else { return Ok(false) };
    let named = FileDigest::of(&bytes) == digest;
    if !named {
        let detail = "the timestamp has another digest than its name";
        report.add(Finding::new(Code::TimeForm, Place::member(member), detail));
    }
    Ok(named)
}
