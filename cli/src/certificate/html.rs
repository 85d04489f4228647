//! A certificate as one page: no script, nothing from the network, fit to be printed.

use base64ct::{Base64, Encoding};
use litopys::FileDigest;
use litopys::diff::{ArticleDiff, TextDiff};
use litopys::manifest::{Manifest, Role};
use litopys::report::{Claim, Verdict};

use super::dates::{date, moment, whom};
use super::page::Page;
use super::{
    Certificate, DOUBTFUL, NOT_PROVED, Record, Step, Version, WithheldVersion, answer, captured, claims, clocks,
    markdown, observed, reason, verdict, witnesses,
};
use crate::render::text::{Op, ops};
use crate::ui::words::count;

const STYLE: &str = include_str!("style.css");
/// How much of an unchanged stretch is shown on each side of a change, in characters.
const AROUND: usize = 240;
/// How many findings, files and timestamps are listed.
const ROWS: usize = 50;

/// The page.
pub(crate) fn page(certificate: &Certificate<'_>) -> String {
    let mut page = Page::new();
    head(&mut page, certificate);
    let report = certificate.report;
    let (word, sentence) = verdict(report);
    let class = match report.verdict() {
        Verdict::Verified => "<div class=\"verdict good\"><strong>",
        Verdict::Failed => "<div class=\"verdict bad\"><strong>",
        _ => "<div class=\"verdict warn\"><strong>",
    };
    page.raw("<header>\n<p class=\"kind\">Litopys: certificate of a check</p>\n");
    page.raw("<h1><bdi dir=\"auto\">").text(title(certificate)).raw("</bdi></h1>\n");
    page.raw(class).text(word).raw("</strong>").text(sentence).raw("</div>\n</header>\n");
    for record in &certificate.records {
        article(&mut page, record, certificate.records.len() > 1);
    }
    if certificate.more > 0 {
        let more = count(certificate.more as u64, "more article");
        page.raw("<p class=\"dim\">The archive holds ").text(more).raw(", which this page does not show.</p>\n");
    }
    independent_clocks(&mut page, certificate);
    known_witnesses(&mut page, certificate);
    archive(&mut page, certificate);
    checked(&mut page, certificate);
    page.raw("<h2>What this does not prove</h2>\n<ul>\n");
    NOT_PROVED.iter().for_each(|line| {
        page.element("<li>", line, "</li>\n");
    });
    page.raw("</ul>\n");
    again(&mut page, certificate);
    page.raw("<footer>Made by litopys ").text(env!("CARGO_PKG_VERSION")).raw(". The moment of judgement was ");
    page.text(moment(certificate.at)).raw(
        ". This page is a copy of what a program found; it proves nothing by itself. The proof is the archive, which anybody can check \
         again.</footer>\n</main>\n</body>\n</html>\n",
    );
    page.finish()
}

fn title(certificate: &Certificate<'_>) -> String {
    match certificate.records.as_slice() {
        [only] => name(only),
        _ => certificate.report.claimed_title.clone().unwrap_or_default(),
    }
}

fn name(record: &Record) -> String {
    record.article.label()
}

fn head(page: &mut Page, certificate: &Certificate<'_>) {
    // Nothing may be loaded, run or sent; the one style is named by its hash.
    let style = Base64::encode_string(FileDigest::of(STYLE.as_bytes()).as_bytes());
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'");
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\"").attribute("content", &policy).raw(">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<title>").text(title(certificate));
    page.raw("</title>\n<style>").raw(STYLE).raw("</style>\n</head>\n<body>\n<main>\n");
}

fn row(page: &mut Page, name: &'static str, value: impl std::fmt::Display) {
    page.raw("<tr><th>").raw(name).raw("</th><td><bdi dir=\"auto\">").text(value).raw("</bdi></td></tr>\n");
}

fn article(page: &mut Page, record: &Record, named: bool) {
    let newest = record.versions.last();
    page.raw("<h2>What was archived</h2>\n");
    if named {
        page.raw("<h3><bdi dir=\"auto\">").text(name(record)).raw("</bdi></h3>\n");
    }
    page.raw("<table>\n");
    let mut optional = |name, value: Option<&str>| {
        if let Some(value) = value {
            row(page, name, value);
        }
    };
    if let Some(Version { manifest: m, .. }) = newest {
        optional("Title", m.title.as_deref());
        optional("Subject", Some(&m.subject));
        m.authors.iter().take(ROWS).for_each(|author| optional("Author", Some(author)));
        optional("Publisher", m.publisher.as_deref());
        optional("Published, as the source says", m.published.as_ref().map(date).as_deref());
        optional("Changed, as the source says", m.modified.as_ref().map(date).as_deref());
        optional("Language", m.language.as_deref());
    }
    dates(page, record);
    row(page, "Identifier of the article", record.article.urn);
    if let Some(version) = record.older() {
        row(page, "Shown here", format_args!("version {version}: what is newer is withheld"));
    }
    page.raw("</table>\n<h2>How it changed</h2>\n");
    if record.earlier > 0 {
        page.raw("<p class=\"dim\">").text(count(record.earlier as u64, "earlier version"));
        page.raw(" are in the archive and not shown here.</p>\n");
    }
    page.raw("<ol class=\"timeline\">\n");
    record.timeline().into_iter().for_each(|version| match version {
        Step::Shown(version) => step(page, version),
        Step::Withheld(version) => withheld(page, version),
    });
    page.raw("</ol>\n");
    observations(page, record);
    let Some(newest) = newest else { return };
    page.raw("<h2>The text</h2>\n");
    match (&record.text, &record.text_withheld) {
        (Some(text), _) => {
            page.raw("<article class=\"article\" dir=\"auto\"");
            language(page, &newest.manifest);
            page.raw(">\n");
            markdown::write(page, text);
            page.raw("</article>\n");
        }
        (None, Some(grounds)) => {
            page.raw("<p><strong class=\"no\"><bdi dir=\"auto\">")
                .text(grounds.sentence())
                .raw("</bdi></strong></p>\n");
        }
        (None, None) => {
            page.raw("<p class=\"dim\">It has no text, or one that is too long to be shown here.</p>\n");
        }
    }
    files(page, newest);
}

/// What its source answered later.
fn observations(page: &mut Page, record: &Record) {
    if record.observations.is_empty() {
        return;
    }
    page.raw("<h2>What its source answered</h2>\n<p class=\"dim\">By the archivist\u{2019}s word; the answer is kept in the archive.</p>\n<table>\n");
    for seen in &record.observations {
        page.raw("<tr><th>").text(moment(&seen.found.at)).raw("</th><td>").text(observed(&seen.found));
        page.raw(".<br>Signed by the key of \u{201c}<bdi dir=\"auto\">")
            .text(&seen.signer.claimed_name)
            .raw("</bdi>\u{201d}");
        if let Some(clock) = &seen.clock {
            page.raw(", existed before <span class=\"date\">").text(moment(&clock.before)).raw("</span>, says <bdi>");
            page.text(whom(&clock.authority)).raw("</bdi>");
        }
        if seen.signer.doubtful {
            page.raw("<br><strong>").raw(DOUBTFUL).raw("</strong>");
        }
        if let Some(grounds) = &seen.withheld {
            page.raw("<br><strong class=\"no\"><bdi dir=\"auto\">The answer is ")
                .text(grounds.sentence())
                .raw("</bdi></strong>");
        }
        page.raw("<br><span class=\"id\">").text(seen.found.id).raw("</span></td></tr>\n");
    }
    page.raw("</table>\n");
}

/// When it was first and last seen, and by whose word.
fn dates(page: &mut Page, record: &Record) {
    let (Some(first), Some(last)) = (record.versions.first(), record.versions.last()) else { return };
    let seen = |version: &Version| match captured(&version.manifest) {
        Some(at) => format!("{at}, by the archivist's word"),
        None => format!("signed {}, by the archivist's word", moment(&version.manifest.signed_at)),
    };
    if record.earlier == 0 {
        row(page, "First seen", seen(first));
    }
    row(page, "Last seen", seen(last));
    match record.versions.iter().find_map(|version| version.clock.as_ref().map(|clock| (version, clock))) {
        Some((version, clock)) => row(
            page,
            "Independently dated",
            format_args!(
                "version {} existed before {}, by the clock of {}",
                version.version.version,
                moment(&clock.before),
                whom(&clock.authority)
            ),
        ),
        None => row(page, "Independently dated", "no: no clock that the reader trusts vouches for any date"),
    }
}

fn language(page: &mut Page, manifest: &Manifest) {
    if let Some(language) = &manifest.language {
        page.attribute("lang", language);
    }
}

fn step(page: &mut Page, version: &Version) {
    let m = &version.manifest;
    page.raw("<li>\n<h3>Version ").text(version.version.version).raw(": ").text(reason(m.change)).raw("</h3>\n<p>");
    if let Some(at) = captured(m) {
        page.raw("Captured ").text(at).raw("; s");
    } else {
        page.raw("S");
    }
    page.raw("igned ")
        .text(moment(&m.signed_at))
        .raw(", by the key of \u{201c}<bdi>")
        .text(&version.signer.claimed_name);
    page.raw("</bdi>\u{201d}. ");
    if version.signer.doubtful {
        page.element("<strong class=\"no\">", DOUBTFUL, "</strong> ");
    }
    if let Some(clock) = &version.clock {
        page.raw("<strong>Existed before <span class=\"date\">").text(moment(&clock.before));
        page.raw("</span></strong>, by the clock of <bdi>").text(whom(&clock.authority)).raw("</bdi>.");
    }
    page.raw("<br><span class=\"id\">").text(version.version.id).raw("</span></p>\n");
    for (path, grounds) in &version.withheld {
        page.raw("<p><bdi dir=\"auto\">").text(path).raw("</bdi>: <strong class=\"no\"><bdi dir=\"auto\">");
        page.text(grounds.sentence()).raw("</bdi></strong></p>\n");
    }
    if let Some(diff) = &version.diff {
        changes(page, diff, m);
    }
    page.raw("</li>\n");
}

/// A version whose manifest is withheld.
fn withheld(page: &mut Page, gone: &WithheldVersion) {
    page.raw("<li>\n<h3>Version ").text(gone.version.version).raw(": Withdrawn</h3>\n<p>");
    page.raw("Signed by the key of \u{201c}<bdi>").text(&gone.signer.claimed_name).raw("</bdi>\u{201d}. ");
    page.raw("<strong class=\"no\"><bdi dir=\"auto\">").text(gone.grounds.sentence()).raw("</bdi></strong>. ");
    if gone.signer.doubtful {
        page.element("<strong class=\"no\">", DOUBTFUL, "</strong> ");
    }
    if let Some(clock) = &gone.clock {
        page.raw("<strong>Existed before <span class=\"date\">").text(moment(&clock.before));
        page.raw("</span></strong>, by the clock of <bdi>").text(whom(&clock.authority)).raw("</bdi>.");
    }
    page.raw("<br><span class=\"id\">").text(gone.version.id).raw("</span></p>\n</li>\n");
}

fn changes(page: &mut Page, diff: &ArticleDiff, manifest: &Manifest) {
    if !diff.fields.is_empty() {
        page.raw("<table>\n");
        for change in diff.fields.iter().take(ROWS) {
            page.raw("<tr><th>").text(&change.field).raw("</th><td>");
            if let Some(before) = &change.before {
                page.raw("<del><bdi dir=\"auto\">").text(before).raw("</bdi></del> ");
            }
            if let Some(after) = &change.after {
                page.raw("<ins><bdi dir=\"auto\">").text(after).raw("</bdi></ins>");
            }
            page.raw("</td></tr>\n");
        }
        page.raw("</table>\n");
    }
    match &diff.text {
        Some(text) => {
            page.raw("<p class=\"dim\">What changed in the text: <del>struck</del>, <ins>added</ins>.</p>\n");
            page.raw("<div class=\"diff\" dir=\"auto\"");
            language(page, manifest);
            page.raw(">");
            words(page, text);
            page.raw("</div>\n");
        }
        None if diff.files.iter().any(|change| change.role == Role::Text) => {
            page.raw("<p class=\"dim\">The text is another, and is not compared here.</p>\n");
        }
        None => {
            page.raw("<p class=\"dim\">The text is the same.</p>\n");
        }
    }
}

/// A text's changes by word, with some of what stayed around each.
fn words(page: &mut Page, diff: &TextDiff) {
    let mut stretches = ops(&diff.before, &diff.after, &diff.changes).peekable();
    let mut first = true;
    while let Some((op, text)) = stretches.next() {
        match op {
            Op::Delete => {
                page.raw("<del>").prose(text).raw("</del>");
            }
            Op::Insert => {
                page.raw("<ins>").prose(text).raw("</ins>");
            }
            Op::Equal => {
                let (head, tail) = around(text, !first, stretches.peek().is_some());
                page.prose(head);
                if let Some(tail) = tail {
                    page.raw("<span class=\"cut\"> [\u{2026}] </span>").prose(tail);
                }
            }
        }
        first = false;
    }
}

/// The beginning of a stretch, where a change stands before it, and its end, where one follows; all of it where it is short.
fn around(text: &str, after: bool, before: bool) -> (&str, Option<&str>) {
    let kept = AROUND * (usize::from(after) + usize::from(before));
    if text.chars().count() <= kept + AROUND {
        return (text, None);
    }
    let start = text.char_indices().nth(AROUND).map_or(text.len(), |(at, _)| at);
    let end = text.char_indices().nth_back(AROUND - 1).map_or(0, |(at, _)| at);
    let head = if after { text.get(..start).unwrap_or(text) } else { "" };
    let tail = if before { text.get(end..).unwrap_or_default() } else { "" };
    // No word in two, where there are words.
    let head = head.rfind(char::is_whitespace).and_then(|at| head.get(..at)).unwrap_or(head);
    let tail = tail.find(char::is_whitespace).and_then(|at| tail.get(at..)).unwrap_or(tail);
    (head, Some(tail.trim_start()))
}

fn files(page: &mut Page, Version { manifest, withheld, .. }: &Version) {
    page.raw("<h2>The files</h2>\n<p class=\"dim\">A file with the same SHA-256 is the same file: compare with <code>sha256sum</code>.</p>\n<table>\n");
    for file in manifest.files.iter().take(ROWS) {
        page.raw("<tr><th>")
            .text(file.role.as_str())
            .raw("</th><td><bdi dir=\"auto\">")
            .text(&file.path)
            .raw("</bdi>, ");
        page.text(count(file.size, "byte")).raw("<br><span class=\"id\">").text(file.sha256).raw("</span>");
        if let Some(grounds) = withheld.get(&file.path) {
            page.raw("<br><strong class=\"no\"><bdi dir=\"auto\">").text(grounds.sentence()).raw("</bdi></strong>");
        }
        page.raw("</td></tr>\n");
    }
    page.raw("</table>\n");
    if let Some(more) = manifest.files.len().checked_sub(ROWS).filter(|more| *more > 0) {
        page.raw("<p class=\"dim\">And ").text(count(more as u64, "more file")).raw(".</p>\n");
    }
}

fn independent_clocks(page: &mut Page, certificate: &Certificate<'_>) {
    let (held, open) = clocks(certificate.report);
    page.raw("<h2>What independent clocks say</h2>\n");
    if held.is_empty() {
        page.raw("<p>Nothing that this check could rely on. Dates on this page are the word of the source and of the archivist.</p>\n");
    } else {
        page.raw("<table>\n");
        for (size, clock) in held.iter().rev().take(ROWS) {
            page.raw("<tr><th>").text(moment(&clock.time)).raw("</th><td>The first ").text(count(*size, "statement"));
            page.raw(" of the archive existed before <span class=\"date\">");
            page.text(moment(&clock.before)).raw("</span>, says <bdi>").text(whom(&clock.authority));
            page.raw("</bdi>, vouched for by <bdi>").text(whom(&clock.root)).raw("</bdi>.</td></tr>\n");
        }
        page.raw("</table>\n");
    }
    if open > 0 {
        page.raw("<p class=\"dim\">").text(count(open as u64, "other timestamp"));
        page.raw(" could not be relied on: by an authority that was not named to this check, or past its time.</p>\n");
    }
}

fn known_witnesses(page: &mut Page, certificate: &Certificate<'_>) {
    if certificate.report.cosigned.is_empty() {
        return;
    }
    page.raw("<h2>What witnesses say</h2>\n<table>\n");
    for (name, says) in witnesses(certificate.report).into_iter().take(ROWS) {
        page.raw("<tr><th><bdi>").text(name).raw("</bdi></th><td>").text(says).raw(".</td></tr>\n");
    }
    page.raw("</table>\n");
}

fn archive(page: &mut Page, certificate: &Certificate<'_>) {
    let report = certificate.report;
    let Some(id) = report.archive else { return };
    page.raw("<h2>By whom it was signed</h2>\n<table>\n");
    row(page, "The archive calls itself", report.claimed_title.as_deref().unwrap_or_default());
    row(page, "Origin", report.claimed_origin.as_ref().map(ToString::to_string).unwrap_or_default());
    let hex = id.to_hex();
    let groups: Vec<_> = hex.as_bytes().chunks(8).map(String::from_utf8_lossy).collect();
    page.raw("<tr><th>Identifier of the archive</th><td><span class=\"id\">")
        .text(groups.join(" "))
        .raw("</span></td></tr>\n");
    for signer in report.signers.iter().take(ROWS) {
        page.raw("<tr><th>").text(count(signer.statements, "statement")).raw("</th><td>\u{201c}<bdi dir=\"auto\">");
        page.text(&signer.claimed_name).raw("</bdi>\u{201d}, by the archive\u{2019}s own word<br><span class=\"id\">");
        page.text(signer.key.fingerprint()).raw("</span></td></tr>\n");
    }
    page.raw("</table>\n");
}

fn checked(page: &mut Page, certificate: &Certificate<'_>) {
    let report = certificate.report;
    page.raw("<h2>What was checked</h2>\n<table class=\"claims\">\n");
    for (question, claim) in claims(report) {
        let class = match claim {
            Claim::Holds => "</th><td class=\"yes\">",
            Claim::Fails => "</th><td class=\"no\">",
            _ => "</th><td class=\"open\">",
        };
        page.raw("<tr><th>").raw(question).raw(class).raw(answer(claim)).raw("</td></tr>\n");
    }
    page.raw("</table>\n");
    if !report.findings.is_empty() {
        page.raw("<h3>Findings</h3>\n<table>\n");
        for finding in report.findings.iter().take(ROWS) {
            let place = &finding.place;
            let statement = place.statement.map(|index| format!("statement {index}"));
            let place: Vec<_> = [place.member.clone(), statement, place.file.clone()].into_iter().flatten().collect();
            page.raw("<tr><th>").text(finding.code).raw("</th><td><bdi>").text(place.join(", ")).raw("</bdi> ");
            page.text(&finding.detail).raw("</td></tr>\n");
        }
        page.raw("</table>\n");
    }
}

fn again(page: &mut Page, certificate: &Certificate<'_>) {
    let Some(id) = certificate.report.archive else { return };
    let file = certificate.path.file_name().unwrap_or(certificate.path.as_os_str()).to_string_lossy();
    page.raw("<h2>How to check this yourself</h2>\n<p>With the archive, <bdi class=\"id\">").text(file);
    page.raw("</bdi>, and its identifier from its keeper by another way than the archive came:</p>\n<pre dir=\"ltr\">litopys verify FILE --trust-archive ");
    page.text(id).raw("</pre>\n<p class=\"dim\">The format is public, and so is a way to check it by hand, with common tools and without this program.</p>\n");
}
