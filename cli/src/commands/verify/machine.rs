//! The report as JSON: cli.md's document, schema 1.

use std::path::Path;

use litopys::report::{Claim, Finding, Severity, Verdict};
use serde_json::{Map, Value, json};

use super::Checked;
use super::human::command_to_repeat;
use crate::failure::Failure;

/// What was found of one archive.
pub(super) fn document(checked: &Checked<'_>) -> Value {
    let report = &checked.report;
    let (counts, claims) = (&report.counts, &report.claims);
    let signers = report.signers.iter().map(|signer| {
        json!({"key": signer.key.fingerprint(), "claimed_name": signer.claimed_name, "statements": signer.statements})
    });
    let mut document = json!({
        "schema": 1,
        "path": checked.path.to_string_lossy(),
        "verdict": verdict(report.verdict()),
        "archive": report.archive.map(|id| id.to_hex()),
        "claimed_origin": report.claimed_origin.as_ref().map(ToString::to_string),
        "claimed_title": report.claimed_title,
        "checkpoint": report.checkpoint.map(|(size, root)| json!({"size": size, "root": root.to_string()})),
        "counts": {
            "articles": counts.articles,
            "versions": counts.versions,
            "statements": counts.statements,
            "files": counts.files,
            "bytes": counts.bytes,
            "withheld": counts.withheld,
            "void": counts.void,
        },
        "files_unread": report.files_unread,
        "claims": {
            "intact": claim(claims.intact),
            "signed": claim(claims.signed),
            "complete": claim(claims.complete),
            "trusted": claim(claims.trusted),
            "current": claim(claims.current),
            "time": claim(claims.time),
        },
        "signers": signers.collect::<Vec<_>>(),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "findings_total": report.findings_total,
    });
    if let (Verdict::Untrusted, Some(id)) = (report.verdict(), report.archive) {
        document["to_trust"] = json!(command_to_repeat(checked.path, id));
    }
    document
}

/// An archive among several that couldn't be looked at.
pub(super) fn failure(path: &Path, failure: &Failure) -> Value {
    let mut document = failure.to_json();
    document["path"] = json!(path.to_string_lossy());
    document["verdict"] = json!("unchecked");
    document
}

fn finding(finding: &Finding) -> Value {
    let severity = match finding.code.severity() {
        Severity::Error => "error",
        Severity::Unchecked => "unchecked",
        _ => "warning",
    };
    let mut place = Map::new();
    if let Some(member) = &finding.place.member {
        place.insert("member".into(), json!(member));
    }
    if let Some(statement) = finding.place.statement {
        place.insert("statement".into(), json!(statement));
    }
    if let Some(file) = &finding.place.file {
        place.insert("file".into(), json!(file));
    }
    json!({"code": finding.code.as_str(), "severity": severity, "place": place, "detail": finding.detail})
}

const fn claim(claim: Claim) -> &'static str {
    match claim {
        Claim::Holds => "holds",
        Claim::Fails => "fails",
        Claim::NotApplicable => "not_applicable",
        _ => "unchecked",
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "verified",
        Verdict::Partial => "partial",
        Verdict::Untrusted => "untrusted",
        Verdict::Failed => "failed",
        _ => "unchecked",
    }
}
