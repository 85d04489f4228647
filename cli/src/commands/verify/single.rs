//! Single statements, each checked with the proof that it is in a log.

use std::path::Path;

use litopys::check::{StatementWithProof, Trust, check_statement};
use litopys::limits;
use litopys::report::{Claim, Code, KnownBy, Report, Verdict};
use litopys::statement::{Payload, SignedStatement};
use litopys::store::zip::looks_like_bundle;

use super::{Checked, Verify, human, machine, worst_of};
use crate::clocks::{ClockArgs, Clocks, read_bounded};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open::first_bytes;
use crate::ui::words::{count, quoted};
use crate::ui::{BAD, BOLD, DIM, GOOD, WARN, escape, paint};
use crate::witnesses;

/// The first bytes of every statement: a tag and an array of four.
const FIRST: [u8; 2] = [0xd2, 0x84];

/// What shows changes of keys.
const EXTRACT: &str = "an extract (`litopys bundle ARCHIVE OUT --article ARTICLE`) shows the changes";

/// Whether a file may be a statement.
pub(super) fn is_statement(path: &Path) -> bool {
    first_bytes(path).starts_with(&FIRST)
}

/// Whether there is something in its unprotected header, as in a transparent statement (RFC 9943). Protected headers have 24 to 65,535 bytes.
fn has_receipts(statement: &[u8]) -> bool {
    let header = match statement.get(2..) {
        Some([0x58, length, ..]) => 4 + usize::from(*length),
        Some([0x59, high, low, ..]) => 5 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => return false,
    };
    // A map of one to 23 entries.
    matches!(statement.get(header), Some(0xa1..=0xb7))
}

/// Checks each statement with its proof.
pub(super) fn run(context: &Context, args: &Verify, trust: &Trust) -> Done {
    let (statements, proofs) = (args.archives.len(), args.proof.len());
    if statements != proofs {
        let (statements, proofs) = (count(statements as u64, "statement"), count(proofs as u64, "proof"));
        return Err(Failure::new(
            Exit::Unable,
            format_args!("{statements} and {proofs}: each statement has one proof"),
        ));
    }
    let charter = args.charter.as_ref().map(|path| read(path, limits::STATEMENT as u64)).transpose()?;
    let clocks = Clocks::read(context, &ClockArgs::default())?;
    let mut worst = Exit::Ok;
    for (nth, (path, proof)) in args.archives.iter().zip(&args.proof).enumerate() {
        let (statement, text) = (read(path, limits::STATEMENT as u64)?, read(proof, limits::PROOF)?);
        let shown = StatementWithProof { statement: &statement, proof: &text, charter: charter.as_deref() };
        let report = check_statement(&shown, trust);
        let with = flags(proof, args.charter.as_deref());
        let seen = report.archive.and_then(|id| trust.seen.iter().find(|(seen, _)| *seen == id)).map(|(_, head)| *head);
        let demanded = !trust.demanded.is_empty();
        let checked = Checked { path, with: &with, report, demanded, signer_named: false, seen, clocks: &clocks };
        if context.json {
            context.ui.json(&machine::Document::new(&checked))?;
        } else {
            if nth > 0 {
                context.ui.detail("")?;
            }
            print(context, &checked, &statement)?;
        }
        worst = worst_of(worst, checked.exit());
    }
    Ok(worst)
}

/// A file of at most so many bytes; an archive in its place is told from a file.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let other = |what| {
        let text = format_args!("{}: is {what}; with --proof each argument is a statement's file", path.display());
        Failure::new(Exit::Unable, text)
    };
    if path.is_dir() {
        return Err(other("a folder"));
    }
    if looks_like_bundle(&first_bytes(path)) {
        return Err(other("a bundle or extract"));
    }
    read_bounded(path, limit)
}

fn flags(proof: &Path, charter: Option<&Path>) -> String {
    let charter = charter.map(|path| format!(" --charter {}", quoted(path))).unwrap_or_default();
    format!(" --proof {}{charter}", quoted(proof))
}

fn print(context: &Context, checked: &Checked<'_>, statement: &[u8]) -> Result<(), Failure> {
    let (ui, report) = (&context.ui, &checked.report);
    ui.line(verdict(checked))?;
    ui.detail("")?;
    if report.single.is_some() {
        about(context, report, statement)?;
        ui.detail("")?;
    }
    for (name, claim, sentence) in claims(checked) {
        ui.detail(format_args!("  {} {name:<9} {sentence}", human::word(claim)))?;
    }
    for (nth, finding) in report.findings.iter().enumerate() {
        if nth == 0 {
            ui.detail("")?;
        }
        ui.detail(human::line_of(finding))?;
    }
    ui.detail("")?;
    match (report.verdict(), report.archive) {
        (Verdict::Untrusted, Some(id)) if known_by(report) != KnownBy::Nothing => {
            human::how_to_trust(context, checked, id)
        }
        (Verdict::Untrusted, archive) => how_to_know(context, checked, archive.is_some()),
        (Verdict::Failed, _) if has_receipts(statement) => {
            ui.detail("There are receipts in it: a transparent statement is checked without them, as `litopys cat --statement` prints it.")
        }
        (Verdict::Failed | Verdict::Unchecked, _) => Ok(()),
        _ => {
            if report.claims.signed == Claim::Unchecked && report.claimed_title.is_some() {
                let not = "whether its signer might sign it, since keys had changed by then";
                ui.detail(paint(DIM, format_args!("Not judged: {not}; {EXTRACT}.")))?;
            }
            if has_content(report) {
                let extract = "an extract (`litopys bundle --article`) has them";
                ui.detail(paint(
                    DIM,
                    format_args!("Not looked at: the manifest and files that it commits to; {extract}."),
                ))?;
            }
            let not = "that what it says is true, who holds the keys, and that its signer hadn't been barred before";
            ui.detail(paint(DIM, format_args!("Not proved: {not}.")))
        }
    }
}

/// Whether it commits to something that isn't here.
const fn has_content(report: &Report) -> bool {
    report.counts.versions + report.counts.observations > 0
}

fn known_by(report: &Report) -> KnownBy {
    report.single.map_or(KnownBy::Nothing, |single| single.known_by)
}

fn verdict(checked: &Checked<'_>) -> String {
    let (report, path) = (&checked.report, checked.path.to_string_lossy());
    let path = escape::line(&path);
    let nth = report.single.map(|single| format!("statement {}", single.index)).unwrap_or_default();
    let content = if has_content(report) { "; what it commits to was not looked at" } else { "" };
    match report.verdict() {
        Verdict::Verified | Verdict::Partial => {
            let whose = if known_by(report) == KnownBy::Key {
                "a log that a key you trust signed"
            } else {
                "an archive you trust"
            };
            format!("{} {path} is {nth} of {whose}{content}", paint(GOOD, "in the log:"))
        }
        Verdict::Untrusted => {
            format!(
                "{} {path} is {nth} of a log, but nothing shows that it is one you trust",
                paint(WARN, "not trusted:")
            )
        }
        Verdict::Failed => format!("{} {path} {}", paint(BAD, "FAILED:"), what_failed(report)),
        _ => format!("{} {path} is of a kind that this version does not know", paint(WARN, "not checked:")),
    }
}

fn what_failed(report: &Report) -> &'static str {
    let claims = &report.claims;
    let has = |code| report.findings.iter().any(|finding| finding.code == code);
    match () {
        () if claims.intact == Claim::Fails => "is not proved to be in the log",
        () if claims.signed == Claim::Fails => "is not signed as it must be",
        () if claims.trusted == Claim::Fails => "is not of the archive that you said to trust",
        () if has(Code::Forked) => "is forked: its log is not the one that was seen before",
        () if has(Code::RolledBack) => "is rolled back: its checkpoint is older than what was seen before",
        () => "is not vouched for by the witnesses that you asked for",
    }
}

fn about(context: &Context, report: &Report, bytes: &[u8]) -> Result<(), Failure> {
    let ui = &context.ui;
    let origin = report.claimed_origin.as_ref().map(ToString::to_string).unwrap_or_default();
    match (&report.claimed_title, report.claims.trusted) {
        (Some(title), Claim::Holds) => {
            ui.detail(format_args!("  {} ({origin})", escape::short(title, human::TITLE)))?
        }
        (Some(title), _) => {
            ui.detail(format_args!("  calls itself \"{}\" ({origin})", escape::short(title, human::TITLE)))?;
        }
        (None, _) => ui.detail(format_args!("  a log that calls itself {origin}"))?,
    }
    if let Some(id) = report.archive {
        ui.detail(format_args!("  id {}", paint(DIM, id)))?;
    }
    if let Some(head) = report.checkpoint {
        let of = count(head.size(), "statement");
        ui.detail(format_args!("  checkpoint of {of}, root {}", paint(DIM, head.root())))?;
    }
    let verified = SignedStatement::parse(bytes).and_then(|statement| statement.verify());
    if let Ok(statement) = verified {
        ui.detail(format_args!("  statement {}", paint(DIM, statement.id())))?;
        match statement.payload() {
            Payload::Article(version) => {
                ui.detail(format_args!("  version {} of {}", version.version, version.article))?;
                ui.detail(format_args!(
                    "  manifest {}, {}",
                    version.manifest.sha256,
                    count(version.manifest.size, "byte")
                ))?;
            }
            Payload::Observation(seen) => {
                ui.detail(format_args!("  an observation of {}", seen.article))?;
                ui.detail(format_args!("  manifest {}, {}", seen.manifest.sha256, count(seen.manifest.size, "byte")))?;
            }
            Payload::Charter(_) => ui.detail("  the charter")?,
            _ => ui.detail("  a steward's word")?,
        }
    }
    for signer in &report.signers {
        let name = match signer.claimed_name.as_str() {
            "" => String::new(),
            name => format!(" \"{}\"", escape::short(name, human::TITLE)),
        };
        ui.detail(format_args!("  signed by {}{name}", signer.key.fingerprint()))?;
    }
    Ok(())
}

/// Each claim, with a sentence that says what its answer means here.
fn claims(checked: &Checked<'_>) -> [(&'static str, Claim, String); 6] {
    let (report, claims) = (&checked.report, &checked.report.claims);
    let (by, charter) = (known_by(report), report.claimed_title.is_some());
    let intact = match claims.intact {
        Claim::Holds => "its bytes lead to the root of the checkpoint, at its index",
        Claim::Fails => "its bytes, the proof and the checkpoint do not belong together",
        _ => "it could not be looked at",
    };
    let signed = match claims.signed {
        Claim::Holds => "by a key that the charter lets sign it; whether keys had changed by then is not shown",
        Claim::Fails => "something is not signed as it must be",
        _ if report.signers.is_empty() => "it could not be looked at",
        _ if charter && by == KnownBy::Charter => {
            "by the key above, after changes of keys that are not shown: an extract shows them"
        }
        _ if charter => "by the key above; the checkpoint is signed by none of the charter's keys",
        _ => "by the key above; whether it may sign for this archive only the charter shows: --charter FILE",
    };
    let trusted = match (claims.trusted, by) {
        (Claim::Holds, KnownBy::Checkpoint) => "its checkpoint is the one that was seen before",
        (Claim::Holds, KnownBy::Key) => {
            "a key that you trust signed the checkpoint; that it is this archive's log key is your word"
        }
        (Claim::Holds, _) if checked.demanded => "it is the archive that you named",
        (Claim::Holds, _) => "you pinned it, or the key that founded it",
        (Claim::Fails, _) => "it is not what you said to trust",
        (_, KnownBy::Nothing) if charter => {
            "the checkpoint is signed by none of the charter's keys: they may have changed since"
        }
        (_, KnownBy::Nothing) => "whose log it is is not shown",
        _ => "nobody said whom to trust",
    };
    let current = witnesses::sentence(report, checked.seen);
    let time = "no independent clock vouches for any date: an extract carries timestamps";
    [
        ("intact", claims.intact, intact.to_owned()),
        ("signed", claims.signed, signed.to_owned()),
        ("complete", claims.complete, "a single statement doesn't show what else is in the archive".to_owned()),
        ("trusted", claims.trusted, trusted.to_owned()),
        ("current", claims.current, current),
        ("time", claims.time, time.to_owned()),
    ]
}

/// What would show whose log it is.
fn how_to_know(context: &Context, checked: &Checked<'_>, charter: bool) -> Result<(), Failure> {
    let ui = &context.ui;
    let mut ways: Vec<String> = Vec::new();
    if !charter {
        ways.push(
            "--charter FILE, statement 0 of the archive (`litopys cat ARCHIVE ID --statement`), and --trust-archive ID"
                .to_owned(),
        );
    }
    if let Some(head) = checked.report.checkpoint {
        let (size, root) = (head.size(), head.root());
        ways.push(format!("--trust-archive ID@{size}:{root}, if you know this checkpoint to be the archive's"));
    }
    ways.push("--trust-key KEY, if you know the key that signs its checkpoints".to_owned());
    ui.detail("Anybody can make a log and prove what is in it. What shows that it is the archive's:")?;
    ui.detail("")?;
    ways.iter().try_for_each(|way| ui.detail(format_args!("    {}", paint(BOLD, way))))?;
    if charter {
        ui.detail("")?;
        ui.detail(format_args!("If its keys have changed since, no single statement shows it: {EXTRACT}."))?;
    }
    Ok(())
}
