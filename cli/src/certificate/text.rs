//! A certificate as text.

use litopys::manifest::Manifest;
use litopys::timestamps::Clock;

use super::dates::{date, moment, whom};
use super::{
    Certificate, DOUBTFUL, NOT_PROVED, Record, Step, WithheldVersion, captured, clocks, observed, reason, verdict,
    witnesses,
};
use crate::failure::Failure;
use crate::render::changes::{self, Depth};
use crate::ui::words::count;
use crate::ui::{BAD, BOLD, DIM, Ui, escape, paint};

const TITLE: usize = 300;
/// How long lines are, in characters.
const WIDTH: usize = 96;

/// Prints it.
pub(crate) fn print(ui: &Ui, certificate: &Certificate<'_>) -> Result<(), Failure> {
    let report = certificate.report;
    ui.detail(paint(BOLD, "CERTIFICATE"))?;
    ui.detail("")?;
    let (word, sentence) = verdict(report);
    ui.detail(paint(BOLD, word))?;
    wrapped(ui, "  ", "  ", sentence)?;
    for record in &certificate.records {
        article(ui, record)?;
    }
    if certificate.more > 0 {
        ui.detail("")?;
        ui.detail(format_args!("{} not shown here", count(certificate.more as u64, "more article")))?;
    }
    heading(ui, "What independent clocks say")?;
    let (held, open) = clocks(report);
    for (size, clock) in &held {
        let over = count(*size, "statement");
        ui.detail(format_args!("  The first {over} of the archive existed before {},", moment(&clock.before)))?;
        ui.detail(format_args!("  says {}.", escape::short(&whom(&clock.authority), TITLE)))?;
    }
    if held.is_empty() {
        ui.detail("  Nothing that this check could rely on: dates are the word of the source and of the archivist.")?;
    }
    if open > 0 {
        ui.detail(format_args!("  {} could not be relied on.", count(open as u64, "other timestamp")))?;
    }
    if !report.cosigned.is_empty() {
        heading(ui, "What witnesses say")?;
    }
    for (name, says) in witnesses(report) {
        ui.detail(format_args!("  {} {says}.", escape::short(name, TITLE)))?;
    }
    heading(ui, "By whom it was signed")?;
    let (title, origin) = (report.claimed_title.as_deref().unwrap_or_default(), report.claimed_origin.as_ref());
    let origin = origin.map(ToString::to_string).unwrap_or_default();
    ui.detail(format_args!("  The archive calls itself \"{}\" ({origin}).", escape::short(title, TITLE)))?;
    for signer in &report.signers {
        let (statements, name) = (count(signer.statements, "statement"), escape::short(&signer.claimed_name, TITLE));
        ui.detail(format_args!(
            "  {statements} by \"{name}\", by its own word: {}",
            paint(DIM, signer.key.fingerprint())
        ))?;
    }
    heading(ui, "What this does not prove")?;
    NOT_PROVED.iter().try_for_each(|line| wrapped(ui, "  - ", "    ", line))
}

/// Prints a sentence of this program's own in lines that are not too long.
fn wrapped(ui: &Ui, first: &str, rest: &str, sentence: &str) -> Result<(), Failure> {
    let mut line = first.to_owned();
    for word in sentence.split_whitespace() {
        if line.chars().count() + word.chars().count() >= WIDTH {
            ui.detail(line.trim_end())?;
            line = rest.to_owned();
        }
        line.push_str(word);
        line.push(' ');
    }
    ui.detail(line.trim_end())
}

fn article(ui: &Ui, record: &Record) -> Result<(), Failure> {
    heading(ui, "What was archived")?;
    let field = |name: &str, value: &str| {
        ui.detail(format_args!("  {} {}", paint(DIM, format_args!("{name:<14}")), escape::short(value, TITLE)))
    };
    let optional = |name: &str, value: Option<&str>| value.map_or(Ok(()), |value| field(name, value));
    let seen = |manifest: &Manifest| match captured(manifest) {
        Some(at) => format!("captured {at}, signed {}", moment(&manifest.signed_at)),
        None => format!("signed {}", moment(&manifest.signed_at)),
    };
    if let (Some(first), Some(newest)) = (record.versions.first(), record.versions.last()) {
        let m = &newest.manifest;
        optional("title", m.title.as_deref())?;
        field("subject", &m.subject)?;
        m.authors.iter().take(20).try_for_each(|author| field("author", author))?;
        optional("publisher", m.publisher.as_deref())?;
        optional("published", m.published.as_ref().map(date).as_deref())?;
        field("first seen", &seen(&first.manifest))?;
        field("last seen", &seen(m))?;
    }
    field("article", &record.article.urn.to_string())?;
    if let Some(version) = record.older() {
        field("shown", &format!("version {version}: what is newer is withheld"))?;
    }
    heading(ui, "How it changed")?;
    if record.earlier > 0 {
        ui.detail(format_args!("  {} not shown here", count(record.earlier as u64, "earlier version")))?;
    }
    for step in record.timeline() {
        let version = match step {
            Step::Shown(version) => version,
            Step::Withheld(version) => {
                withheld(ui, version)?;
                continue;
            }
        };
        let m = &version.manifest;
        let name = escape::short(&version.signer.claimed_name, TITLE);
        ui.detail(format_args!(
            "  {} {}, signed {} by the key of \"{name}\"",
            paint(BOLD, format_args!("version {}:", version.version.version)),
            reason(m.change),
            moment(&m.signed_at)
        ))?;
        ui.detail(format_args!("    {}", paint(DIM, version.version.id)))?;
        worth(ui, version.signer.doubtful, version.clock.as_ref())?;
        for (path, grounds) in &version.withheld {
            let path = escape::short(path, TITLE);
            ui.detail(format_args!("    {path}: {}", paint(BAD, grounds.sentence())))?;
        }
        if let Some(diff) = &version.diff {
            for line in changes::article(diff, &[], Depth::Full, ui.is_colored()).lines() {
                ui.detail(format_args!("    {line}"))?;
            }
        }
    }
    observations(ui, record)
}

/// A version whose manifest is withheld.
fn withheld(ui: &Ui, gone: &WithheldVersion) -> Result<(), Failure> {
    let number = paint(BOLD, format_args!("version {}:", gone.version.version));
    let name = escape::short(&gone.signer.claimed_name, TITLE);
    ui.detail(format_args!("  {number} Withdrawn, signed by the key of \"{name}\""))?;
    ui.detail(format_args!("    {}", paint(DIM, gone.version.id)))?;
    ui.detail(format_args!("    {}", paint(BAD, gone.grounds.sentence())))?;
    worth(ui, gone.signer.doubtful, gone.clock.as_ref())?;
    Ok(())
}

fn observations(ui: &Ui, record: &Record) -> Result<(), Failure> {
    if record.observations.is_empty() {
        return Ok(());
    }
    heading(ui, "What its source answered")?;
    for seen in &record.observations {
        let name = escape::short(&seen.signer.claimed_name, TITLE);
        let (at, what) = (moment(&seen.found.at), observed(&seen.found));
        ui.detail(format_args!("  {what}: {}, by the word of the key of \"{name}\"", paint(BOLD, at)))?;
        ui.detail(format_args!("    {}", paint(DIM, seen.found.id)))?;
        if let Some(grounds) = &seen.withheld {
            ui.detail(format_args!("    the answer is {}", paint(BAD, grounds.sentence())))?;
        }
        worth(ui, seen.signer.doubtful, seen.clock.as_ref())?;
    }
    Ok(())
}

/// What a signature is worth, and from when.
fn worth(ui: &Ui, is_doubtful: bool, clock: Option<&Clock>) -> Result<(), Failure> {
    if is_doubtful {
        ui.detail(format_args!("    {}", paint(BAD, DOUBTFUL)))?;
    }
    if let Some(clock) = clock {
        let authority = whom(&clock.authority);
        let authority = escape::short(&authority, TITLE);
        ui.detail(format_args!("    existed before {}, by the clock of {authority}", moment(&clock.before)))?;
    }
    Ok(())
}

fn heading(ui: &Ui, heading: &str) -> Result<(), Failure> {
    ui.detail("")?;
    ui.detail(paint(BOLD, heading))
}
