//! The report as JSON: cli.md's document, schema 1.

use std::path::Path;

use litopys::TreeHead;
use litopys::layout::{TimeFile, TimeName};
use litopys::report::{Cosigned, CurrentBy, Finding, Report, SignerCount, SingleStatement, Verdict};
use litopys::timestamps::{JudgedTimestamp, Judgement};
use serde::Serialize;

use super::Checked;
use super::human::command_to_repeat;
use crate::clocks::Clocks;
use crate::failure::{self, Failure};
use crate::witnesses;

/// What was found of one archive.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    schema: u32,
    path: String,
    verdict: &'static str,
    archive: Option<String>,
    claimed_origin: Option<&'a str>,
    claimed_title: Option<&'a str>,
    checkpoint: Option<Checkpoint>,
    counts: Counts,
    files_unread: bool,
    extract: bool,
    /// Of a statement that was handed over by itself: which it is, and by what it is known whose log it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    single: Option<Single>,
    claims: Claims,
    /// What the claim `current` holds by.
    current_by: Vec<Basis>,
    /// What each witness that is known says of the checkpoint.
    witnesses: Vec<Witness>,
    /// The moment at which timestamps were judged, and what was made of each.
    time: Time<'a>,
    signers: Vec<Signer>,
    findings: Vec<Found<'a>>,
    findings_total: u64,
    /// What was seen of it before.
    seen: Option<Checkpoint>,
    /// The command that checks it once more and trusts it, where nobody said whom to trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_trust: Option<String>,
}

#[derive(Debug, Serialize)]
struct Single {
    statement: u64,
    known_by: &'static str,
}

#[derive(Debug, Serialize)]
struct Checkpoint {
    size: u64,
    root: String,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Basis {
    Seen { by: &'static str, size: u64, root: String },
    Witnesses { by: &'static str, cosigned: u64, of: u64, time: String },
}

#[derive(Debug, Serialize)]
struct Witness {
    name: String,
    key: String,
    /// When it cosigned, by its own word.
    cosigned: Option<String>,
}

fn basis(by: &CurrentBy, remembered: Option<TreeHead>) -> Option<Basis> {
    let name = witnesses::basis(by, remembered);
    match by {
        CurrentBy::Seen(head) => Some(Basis::Seen { by: name, size: head.size(), root: head.root().to_string() }),
        CurrentBy::Witnesses { cosigned, of, time } => {
            Some(Basis::Witnesses { by: name, cosigned: *cosigned, of: *of, time: witnesses::moment(*time) })
        }
        _ => None,
    }
}

fn witness(says: &Cosigned) -> Witness {
    let (name, key) = (says.witness.name().to_owned(), says.witness.to_string());
    Witness { name, key, cosigned: says.time.map(witnesses::moment) }
}

#[derive(Debug, Serialize)]
struct Counts {
    articles: u64,
    versions: u64,
    observations: u64,
    statements: u64,
    files: u64,
    bytes: u64,
    withheld: u64,
    void: u64,
}

#[derive(Debug, Serialize)]
struct Claims {
    intact: &'static str,
    signed: &'static str,
    complete: &'static str,
    trusted: &'static str,
    current: &'static str,
    time: &'static str,
}

#[derive(Debug, Serialize)]
struct Time<'a> {
    at: &'a str,
    timestamps: Vec<Stamp<'a>>,
}

#[derive(Debug, Serialize)]
struct Stamp<'a> {
    /// How many statements it is over, from the first on.
    size: u64,
    file: String,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    /// What it is over existed before this second.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_authority: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

impl<'a> Time<'a> {
    fn new(clocks: &'a Clocks, report: &'a Report) -> Self {
        Self { at: clocks.at().as_str(), timestamps: report.timestamps.iter().map(stamp).collect() }
    }
}

fn stamp(judged: &JudgedTimestamp) -> Stamp<'_> {
    let name = TimeName { size: judged.size, file: TimeFile::Token(judged.token) };
    let mut row = Stamp {
        size: judged.size,
        file: name.to_string(),
        verdict: "false",
        time: None,
        before: None,
        authority: None,
        root: None,
        claimed_time: None,
        claimed_authority: None,
        detail: None,
    };
    match &judged.judgement {
        Judgement::Holds(clock) => {
            row.verdict = "holds";
            (row.time, row.before) = (Some(clock.time.as_str()), Some(clock.before.as_str()));
            (row.authority, row.root) = (Some(clock.authority.as_str()), Some(clock.root.as_str()));
        }
        Judgement::Open { claimed_time, claimed_authority, detail } => {
            row.verdict = "open";
            row.claimed_time = claimed_time.as_ref().map(|time| time.as_str());
            (row.claimed_authority, row.detail) = (claimed_authority.as_deref(), Some(detail.as_str()));
        }
        Judgement::False { detail } => row.detail = Some(detail.as_str()),
        _ => {}
    }
    row
}

#[derive(Debug, Serialize)]
struct Signer {
    key: String,
    claimed_name: String,
    statements: u64,
}

#[derive(Debug, Serialize)]
struct Found<'a> {
    code: &'static str,
    severity: &'static str,
    place: Place<'a>,
    detail: &'a str,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

impl<'a> Document<'a> {
    /// Of an archive that was checked.
    pub(super) fn new(checked: &'a Checked<'_>) -> Self {
        let report = &checked.report;
        let counts = &report.counts;
        let untrusted = report.archive.filter(|_| report.verdict() == Verdict::Untrusted);
        Self {
            schema: 1,
            path: checked.path.to_string_lossy().into_owned(),
            verdict: report.verdict().as_str(),
            archive: report.archive.map(|id| id.to_hex()),
            claimed_origin: report.claimed_origin.as_ref().map(litopys::Origin::as_str),
            claimed_title: report.claimed_title.as_deref(),
            checkpoint: report.checkpoint.map(|head| Checkpoint { size: head.size(), root: head.root().to_string() }),
            counts: Counts {
                articles: counts.articles,
                versions: counts.versions,
                observations: counts.observations,
                statements: counts.statements,
                files: counts.files,
                bytes: counts.bytes,
                withheld: counts.withheld,
                void: counts.void,
            },
            files_unread: report.files_unread,
            extract: report.extract,
            single: report.single.map(single),
            claims: claims(report),
            current_by: report.current_by.iter().filter_map(|by| basis(by, checked.seen)).collect(),
            witnesses: report.cosigned.iter().map(witness).collect(),
            time: Time::new(checked.clocks, report),
            signers: signers(report),
            findings: report.findings.iter().map(found).collect(),
            findings_total: report.findings_total,
            seen: checked.seen.map(|seen: TreeHead| Checkpoint { size: seen.size(), root: seen.root().to_string() }),
            to_trust: untrusted.map(|id| command_to_repeat(checked.path, checked.with, id)),
        }
    }
}

/// An archive among several that couldn't be looked at.
#[derive(Debug, Serialize)]
pub(super) struct Unread<'a> {
    path: String,
    verdict: &'static str,
    #[serde(flatten)]
    failure: failure::Document<'a>,
}

impl<'a> Unread<'a> {
    /// Of this archive.
    pub(super) fn new(path: &Path, failure: &'a Failure) -> Self {
        Self { path: path.to_string_lossy().into_owned(), verdict: "unchecked", failure: failure.document() }
    }
}

fn claims(report: &Report) -> Claims {
    let claims = &report.claims;
    Claims {
        intact: claims.intact.as_str(),
        signed: claims.signed.as_str(),
        complete: claims.complete.as_str(),
        trusted: claims.trusted.as_str(),
        current: claims.current.as_str(),
        time: claims.time.as_str(),
    }
}

const fn single(single: SingleStatement) -> Single {
    Single { statement: single.index, known_by: single.known_by.as_str() }
}

fn signers(report: &Report) -> Vec<Signer> {
    let signer = |count: &SignerCount| Signer {
        key: count.key.fingerprint().to_string(),
        claimed_name: count.claimed_name.clone(),
        statements: count.statements,
    };
    report.signers.iter().map(signer).collect()
}

fn found(finding: &Finding) -> Found<'_> {
    let place = &finding.place;
    let place = Place { member: place.member.as_deref(), statement: place.statement, file: place.file.as_deref() };
    Found { code: finding.code.as_str(), severity: finding.code.severity().as_str(), place, detail: &finding.detail }
}
