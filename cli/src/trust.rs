//! Whether the archive at hand is one that the user trusts, said in one line by every command that reads.

use litopys::ArchiveId;
use litopys::report::{Claim, Report};

use crate::context::Context;
use crate::ui::{self, DIM, GOOD, WARN, escape, paint};

/// Says on standard error whether an archive is trusted, and what it calls itself.
pub(crate) fn notice(context: &Context, id: ArchiveId, claimed_title: &str, trusted: bool) {
    let title = escape::short(claimed_title, 200);
    let short = &id.to_hex()[..16];
    if trusted {
        context.ui.note(format_args!("{} {title} {}", paint(GOOD, "trusted:"), paint(DIM, short)));
    } else {
        let hint = "`litopys verify` says how to make sure";
        let id = paint(DIM, format_args!("{short}; {hint}"));
        context.ui.note(format_args!("{} calls itself \"{title}\" {id}", paint(WARN, "not trusted:")));
    }
}

/// As [`notice`], from a report.
pub(crate) fn notice_of(context: &Context, report: &Report) {
    if let Some(id) = report.archive {
        let title = report.claimed_title.as_deref().unwrap_or_default();
        notice(context, id, title, report.claims.trusted == Claim::Holds);
    }
}

/// Whose a key is, by the archive's word: `calls itself "Ann"` unless the archive is trusted.
pub(crate) fn named(report: &Report, name: &str) -> String {
    let name = escape::short(name, 80);
    if report.claims.trusted == Claim::Holds { name.to_string() } else { format!("calls itself \"{name}\"") }
}

/// A full id in groups that can be read aloud and compared: two lines of four groups of eight digits.
pub(crate) fn grouped(id: ArchiveId) -> [String; 2] {
    let hex = id.to_hex();
    let line = |half: &str| half.as_bytes().chunks(8).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    let (first, second) = hex.split_at(32);
    [ui::paint(ui::BOLD, line(first)), ui::paint(ui::BOLD, line(second))]
}
