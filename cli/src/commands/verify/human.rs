//! The report for people: the verdict first, then each claim in a sentence, counts, signers, findings, and what a pass doesn't prove.

use std::path::Path;

use litopys::ArchiveId;
use litopys::report::{Claim, Code, Finding, Report, Severity, Verdict};
use litopys::timestamps::Judgement;

use super::Checked;
use crate::clocks;
use crate::context::Context;
use crate::failure::Failure;
use crate::trust::grouped;
use crate::ui::words::{count, number, quoted};
use crate::ui::{BAD, BOLD, DIM, GOOD, WARN, escape, paint};
use crate::witnesses;

/// How many findings are shown; `--json` has the first thousand.
const SHOWN: usize = 25;
/// How many timestamps are shown, the newest first.
const TIMESTAMPS: usize = 8;
/// A title on one line.
pub(super) const TITLE: usize = 200;

/// Prints the report.
pub(super) fn print(context: &Context, checked: &Checked<'_>) -> Result<(), Failure> {
    let (ui, report) = (&context.ui, &checked.report);
    ui.line(verdict(checked))?;
    if report.archive.is_some() {
        ui.detail("")?;
        about(context, report)?;
    }
    ui.detail("")?;
    for (name, claim, sentence) in claims(checked) {
        ui.detail(format_args!("  {} {name:<9} {sentence}", word(claim)))?;
    }
    timestamps(context, report)?;
    cosignatures(context, report)?;
    for (nth, finding) in report.findings.iter().take(SHOWN).enumerate() {
        if nth == 0 {
            ui.detail("")?;
        }
        ui.detail(line_of(finding))?;
    }
    let more = report.findings_total.saturating_sub(SHOWN as u64);
    if more > 0 {
        ui.detail(format_args!("and {}: `--json` lists the first thousand", count(more, "more finding")))?;
    }
    ui.detail("")?;
    if report.extract && report.findings.iter().any(|finding| finding.code == Code::RolledBack) {
        let command = format!("litopys merge NEWER {} --archive ARCHIVE", quoted(checked.path));
        ui.detail("Whoever has the archive can prove what is in this extract under its newer checkpoint:")?;
        ui.detail("")?;
        ui.detail(format_args!("    {}", paint(BOLD, escape::line(&command))))?;
    }
    if checked.signer_named {
        ui.detail("The key that you named signed in this archive, but did not found it, and it is the founder who decides whose keys sign. Ask for")?;
        ui.detail("the founder's key, or for the archive's id; `litopys signers ARCHIVE --json` has all keys, and `litopys log` says who founded it.")?;
    }
    match (report.verdict(), report.archive) {
        (Verdict::Untrusted, Some(id)) => how_to_trust(context, checked, id),
        (Verdict::Failed | Verdict::Unchecked, _) => Ok(()),
        _ if is_certified(checked) => Ok(()),
        _ => ui.detail(paint(
            DIM,
            "Not proved: that what articles say is true, that their dates are right, who holds the keys, and that nothing was left out\n\
             before it was signed.",
        )),
    }
}

/// Whether a certificate follows of itself, which says what isn't proved: of an extract that was handed over to somebody who knows nothing of archives.
pub(super) fn is_certified(checked: &Checked<'_>) -> bool {
    checked.report.extract && !matches!(checked.report.verdict(), Verdict::Failed | Verdict::Unchecked)
}

fn verdict(checked: &Checked<'_>) -> String {
    let (report, path) = (&checked.report, checked.path.to_string_lossy());
    let path = escape::line(&path);
    let unread = if report.files_unread { ", but not every file was read" } else { "" };
    match report.verdict() {
        Verdict::Verified if report.extract => {
            format!("{} {path} is an intact extract of an archive you trust", paint(GOOD, "verified:"))
        }
        Verdict::Verified => {
            format!("{} {path} is intact, complete, and an archive you trust", paint(GOOD, "verified:"))
        }
        Verdict::Untrusted if report.extract => {
            let intact = format!("{path} is an intact extract{unread}");
            format!("{} {intact}, but nobody said whom to trust", paint(WARN, "not trusted:"))
        }
        Verdict::Partial => format!("{} {path} is an archive you trust{unread}", paint(WARN, "verified in part:")),
        Verdict::Untrusted => {
            format!("{} {path} is intact{unread}, but nobody said whom to trust", paint(WARN, "not trusted:"))
        }
        Verdict::Failed => format!("{} {path} {}", paint(BAD, "FAILED:"), what_failed(report)),
        _ => format!("{} {path} holds something that this version does not know", paint(WARN, "not checked:")),
    }
}

/// What is false, in words.
fn what_failed(report: &Report) -> String {
    let is = |claim| claim == Claim::Fails;
    let claims = &report.claims;
    let (intact, trusted) = (claims.intact, claims.trusted);
    if is(claims.time) && [intact, claims.signed, claims.complete, trusted, claims.current].iter().all(|c| !is(*c)) {
        return match report.findings.iter().any(|finding| finding.code == Code::Timestamp) {
            true => "has a timestamp that is not what it claims to be",
            false => "has no timestamp that holds by the authorities that you said to trust",
        }
        .to_owned();
    }
    if !is(claims.intact) && !is(claims.signed) && !is(claims.complete) {
        let has = |code| report.findings.iter().any(|finding| finding.code == code);
        return match is(claims.trusted) {
            true => "is not the archive that you said to trust",
            false if has(Code::Forked) => "is forked: its history is not the one that was seen before",
            false if has(Code::RolledBack) => "is rolled back: it is older than what was seen before",
            false if has(Code::Cosignature) => "has a cosignature that is not the witness's",
            false => "is not cosigned by as many witnesses as you asked for",
        }
        .to_owned();
    }
    let errors = report.findings.iter().filter(|finding| finding.code.severity() == Severity::Error).count() as u64;
    let more = if report.findings_total > report.findings.len() as u64 { " or more" } else { "" };
    format!("is not what it claims to be: {}{more}", count(errors, "error"))
}

fn about(context: &Context, report: &Report) -> Result<(), Failure> {
    let (ui, counts) = (&context.ui, &report.counts);
    let title = report.claimed_title.as_deref().unwrap_or_default();
    let title = escape::short(title, TITLE);
    let origin = report.claimed_origin.as_ref().map(ToString::to_string).unwrap_or_default();
    if report.claims.trusted == Claim::Holds {
        ui.detail(format_args!("  {title} ({origin})"))?;
    } else {
        ui.detail(format_args!("  calls itself \"{title}\" ({origin})"))?;
    }
    if let Some(id) = report.archive {
        ui.detail(format_args!("  id {}", paint(DIM, id)))?;
    }
    if let Some(head) = report.checkpoint {
        let of = if report.extract { "an extract under the checkpoint of" } else { "checkpoint of" };
        ui.detail(format_args!("  {of} {}, root {}", count(head.size(), "statement"), paint(DIM, head.root())))?;
    }
    let mut parts = vec![count(counts.articles, "article"), count(counts.versions, "version")];
    if counts.observations > 0 {
        parts.push(count(counts.observations, "observation"));
    }
    parts.push(format!("{} read ({})", count(counts.files, "file"), count(counts.bytes, "byte")));
    if counts.withheld > 0 {
        let what = if counts.withheld == 1 { "manifest or file" } else { "manifests and files" };
        parts.push(format!("{} {what} withheld", number(counts.withheld)));
    }
    if counts.void > 0 {
        parts.push(format!("{} without effect", count(counts.void, "entry")));
    }
    ui.detail(format_args!("  {}", parts.join(", ")))?;
    for signer in &report.signers {
        let name = escape::short(&signer.claimed_name, TITLE);
        let statements = count(signer.statements, "statement");
        ui.detail(format_args!("  {statements} signed by {} \"{name}\"", signer.key.fingerprint()))?;
    }
    Ok(())
}

/// Each claim, with a sentence that says what its answer means here.
fn claims(checked: &Checked<'_>) -> [(&'static str, Claim, String); 6] {
    let (report, claims) = (&checked.report, &checked.report.claims);
    let intact = match claims.intact {
        Claim::Holds if report.files_unread => {
            "every byte that was read matches its digest, every link its id, the root its checkpoint"
        }
        Claim::Holds if report.extract => "every byte matches its digest, every statement is in the log",
        Claim::Holds => "every byte matches its digest, every link its id, the root its checkpoint",
        Claim::Fails => "bytes, links or hashes are not what was signed",
        _ => "it could not be looked at",
    };
    let signed = match claims.signed {
        Claim::Holds if report.extract => {
            "every statement here is signed by a key that was allowed to, as far as is shown"
        }
        Claim::Holds => "every statement is signed by a key that was allowed to sign it",
        Claim::Fails => "something is not signed as it must be",
        _ => "not every signature could be judged",
    };
    let complete = match claims.complete {
        Claim::Holds if report.counts.withheld > 0 => {
            "everything up to the checkpoint is here, but for what withdrawals withhold"
        }
        Claim::Holds => "everything up to the checkpoint is here",
        Claim::Fails => "something is missing",
        Claim::NotApplicable => {
            "an extract doesn't show what else is in the archive, or was said there of the same article"
        }
        _ => "it could not be told whether everything is here",
    };
    let trusted = match (claims.trusted, checked.demanded) {
        (Claim::Holds, true) => "it is the archive that you named",
        (Claim::Holds, false) => "you pinned it, or the key that founded it",
        (Claim::Fails, _) => "it is not what you said to trust",
        _ => "nobody said whom to trust",
    };
    let current = witnesses::sentence(report, checked.seen);
    let time = clocks::sentence(report, Some(checked.clocks));
    [
        ("intact", claims.intact, intact.to_owned()),
        ("signed", claims.signed, signed.to_owned()),
        ("complete", claims.complete, complete.to_owned()),
        ("trusted", claims.trusted, trusted.to_owned()),
        ("current", claims.current, current),
        ("time", claims.time, time),
    ]
}

/// Each timestamp, and what it is worth to this reader.
fn timestamps(context: &Context, report: &Report) -> Result<(), Failure> {
    for stamp in report.timestamps.iter().rev().take(TIMESTAMPS) {
        let over = format!("the first {}", count(stamp.size, "statement"));
        let line = match &stamp.judgement {
            Judgement::Holds(clock) => {
                let (authority, root) = (escape::short(&clock.authority, TITLE), escape::short(&clock.root, TITLE));
                format!("{over}: {}, by the clock of {authority} (root: {root})", clock.time)
            }
            Judgement::Open { claimed_time, claimed_authority, detail } => {
                let time = claimed_time.as_ref().map_or("a time", |time| time.as_str());
                let authority = escape::short(claimed_authority.as_deref().unwrap_or("somebody"), TITLE);
                format!("{over}: {time}, says {authority}: {}", escape::line(detail))
            }
            _ => continue,
        };
        context.ui.detail(format_args!("  {}", paint(DIM, format_args!("timestamp of {line}"))))?;
    }
    Ok(())
}

/// What each witness that is known says of the checkpoint.
fn cosignatures(context: &Context, report: &Report) -> Result<(), Failure> {
    for says in &report.cosigned {
        let name = escape::short(says.witness.name(), TITLE);
        let line = match says.time {
            Some(time) => format!("cosigned at {} by the witness {name}", witnesses::moment(time)),
            None => format!("not cosigned by the witness {name}"),
        };
        context.ui.detail(format_args!("  {}", paint(DIM, line)))?;
    }
    Ok(())
}

pub(super) fn word(claim: Claim) -> String {
    match claim {
        Claim::Holds => paint(GOOD, format_args!("{:<9}", "holds")),
        Claim::Fails => paint(BAD, format_args!("{:<9}", "FAILS")),
        Claim::NotApplicable => paint(DIM, format_args!("{:<9}", "n/a")),
        _ => paint(DIM, format_args!("{:<9}", "unchecked")),
    }
}

pub(super) fn line_of(finding: &Finding) -> String {
    let severity = finding.code.severity();
    let word = paint(if severity == Severity::Error { BAD } else { WARN }, severity);
    let place = &finding.place;
    let statement = place.statement.map(|index| format!("statement {index}"));
    // Some details begin with the file's name themselves.
    let member = place.member.clone().filter(|member| !finding.detail.starts_with(member.as_str()));
    let parts: Vec<_> = [member, statement, place.file.clone()].into_iter().flatten().collect();
    let place = if parts.is_empty() { String::new() } else { format!("{}: ", parts.join(", ")) };
    format!("{word} {} {}{}", finding.code, escape::line(&place), escape::line(&finding.detail))
}

/// What to do about an archive that is intact, and why it is not enough.
pub(super) fn how_to_trust(context: &Context, checked: &Checked<'_>, id: ArchiveId) -> Result<(), Failure> {
    let ui = &context.ui;
    ui.detail("Anybody can make an intact archive. To know that it is the one you mean, compare its id with the one that its keeper gives")?;
    ui.detail("you by another way than the archive came: on their site, on paper, by telephone.")?;
    ui.detail("")?;
    for line in grouped(id) {
        ui.detail(format_args!("    {line}"))?;
    }
    ui.detail("")?;
    ui.detail("If it is the same:")?;
    ui.detail("")?;
    ui.detail(format_args!("    {}", paint(BOLD, escape::line(&command_to_repeat(checked.path, checked.with, id)))))?;
    ui.detail(format_args!("    litopys trust add {id}    {}", paint(DIM, "(remembers it)")))
}

/// The command that checks the archive once more, and trusts it.
pub(super) fn command_to_repeat(path: &Path, with: &str, id: ArchiveId) -> String {
    format!("litopys verify {}{with} --trust-archive {id}", quoted(path))
}
