//! An article's changes for people: a line that names it, then fields, files, text.

use litopys::diff::{
    ArticleChange, ArticleDiff, FieldChange, FileChange, ObservationDiff, Relation, Side, VersionFacts, diff_words,
};
use litopys::manifest::Change;
use litopys::withdrawal::InForce;
use litopys::{FileDigest, TreeHead};

use super::text::{self, push};
use crate::commands::show::DOUBTFUL;
use crate::ui::words::{count, number};
use crate::ui::{BAD, DIM, GOOD, WARN, escape, paint};
use crate::withheld::Grounds;

/// How much is shown of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// The line that names it.
    Names,
    /// And how much changed.
    Stat,
    /// And what changed.
    Full,
}

const INDENT: &str = "    ";

/// How two archives relate, in a line; `a` and `b` are what the user calls them.
pub(crate) fn relation(relation: Relation, a: (&str, TreeHead), b: (&str, TreeHead)) -> String {
    let ((a, at_a), (b, at_b)) = (a, b);
    let (a, b) = (escape::short(a, 200), escape::short(b, 200));
    let statements = |head: TreeHead| count(head.size(), "statement");
    let extends = |newer: String, older: String, from: TreeHead, to: TreeHead| {
        let more = number(to.size().saturating_sub(from.size()));
        format!("{newer} extends {older}: all of its {}, and {more} more", statements(from))
    };
    match relation {
        Relation::Same => format!("{a} and {b} are the same: {}", statements(at_a)),
        Relation::SecondExtends => extends(b.to_string(), a.to_string(), at_a, at_b),
        Relation::FirstExtends => extends(a.to_string(), b.to_string(), at_b, at_a),
        Relation::Forked { at } => format!(
            "{a} and {b} are forked: they share {}, and go on with {} and {} of their own",
            count(at, "statement"),
            number(at_a.size().saturating_sub(at)),
            number(at_b.size().saturating_sub(at)),
        ),
        _ => format!("{a} and {b} are unrelated: two archives, whose articles are compared by subject"),
    }
}

/// An article's changes, several lines without a line end after the last.
pub(crate) fn article(diff: &ArticleDiff, withheld: &[Grounds], depth: Depth, colored: bool) -> String {
    let mut out = String::with_capacity(256);
    headline(&mut out, diff, colored);
    for grounds in withheld {
        push(&mut out, format_args!("\n  {}", grounds.sentence()));
    }
    match depth {
        Depth::Names => {}
        Depth::Stat => stat(&mut out, diff),
        Depth::Full => {
            diff.fields.iter().for_each(|change| field(&mut out, change, colored));
            diff.files.iter().for_each(|change| file(&mut out, change));
            if let Some(text) = &diff.text {
                push(&mut out, format_args!("\n  text:\n{INDENT}"));
                text::write(&mut out, text, colored, INDENT);
            }
        }
    }
    out
}

fn headline(out: &mut String, diff: &ArticleDiff, colored: bool) {
    let style = match diff.change {
        ArticleChange::Added => GOOD,
        ArticleChange::Removed | ArticleChange::Withdrawn => BAD,
        _ => WARN,
    };
    let word = diff.change.as_str();
    // Without colour no escapes at all: taking them out again costs time.
    if colored {
        out.push_str(&paint(style, word))
    } else {
        out.push_str(word)
    }
    if let Some(why) = reason(diff).and_then(words_of)
        && diff.change == ArticleChange::Revised
    {
        push(out, format_args!(" ({why})"));
    }
    if diff.subject.is_empty() || diff.change == ArticleChange::Withdrawn {
        push(out, format_args!("  {}", diff.article));
    }
    if !diff.subject.is_empty() {
        push(out, format_args!("  {}", escape::short(&diff.subject, 500)));
    }
    let version = |facts: &VersionFacts| facts.version;
    match (diff.from.as_ref().map(version), diff.to.as_ref().map(version)) {
        (Some(from), Some(to)) if from == to => push(out, format_args!("  v{to}")),
        (Some(from), Some(to)) => push(out, format_args!("  v{from} -> v{to}")),
        (Some(only), None) | (None, Some(only)) => push(out, format_args!("  v{only}")),
        (None, None) => {}
    }
    if [&diff.from, &diff.to].into_iter().flatten().any(|facts| facts.doubtful) {
        push(out, format_args!("  {}", if colored { paint(BAD, DOUBTFUL) } else { DOUBTFUL.to_owned() }));
    }
    if let Some(title) = &diff.title {
        let title = escape::short(title, 200);
        if colored { push(out, format_args!("  {}", paint(DIM, title))) } else { push(out, format_args!("  {title}")) }
    }
}

/// An observation that only one archive has, on one line.
pub(crate) fn observation(diff: &ObservationDiff) -> String {
    let (found, subject) = (&diff.observation, escape::short(&diff.subject, 200));
    let only = if diff.side == Side::First { "only in the first: " } else { "" };
    let doubt = if found.doubtful { format!("  {}", paint(BAD, DOUBTFUL)) } else { String::new() };
    let what = paint(WARN, format_args!("{only}observed {}", found.outcome));
    format!("{what}  {subject}  {} (version {}){doubt}", found.at, found.version.1)
}

/// A withdrawal that only one archive has, on one line.
pub(crate) fn withdrawal(side: Side, by: &InForce, grounds: &Grounds) -> String {
    let only = if side == Side::First { "only in the first: " } else { "" };
    let (files, entries) = (by.withdrawal.scope.files().count(), by.withdrawal.scope.entries().count());
    let what = match (files, entries) {
        (0, entries) => {
            if entries == 1 {
                "1 manifest with its files".to_owned()
            } else {
                format!("{} manifests with their files", number(entries as u64))
            }
        }
        (files, _) => count(files as u64, "file"),
    };
    format!("{}  {what}  {}", paint(BAD, format_args!("{only}withdrawn")), grounds.sentence())
}

/// Why there is the version that is compared to; of an article that is gone, the last one.
pub(super) fn reason(diff: &ArticleDiff) -> Option<Change> {
    diff.to.as_ref().or(diff.from.as_ref()).and_then(|version| version.change)
}

/// The same in words; a first version needs none.
const fn words_of(change: Change) -> Option<&'static str> {
    match change {
        Change::Correction => Some("corrected by the archivist"),
        Change::Extraction => Some("read anew from the same capture"),
        Change::Recapture => Some("captured again"),
        Change::Source => Some("source changed"),
        _ => None,
    }
}

fn stat(out: &mut String, diff: &ArticleDiff) {
    let mut parts = Vec::new();
    let mut part = |n: usize, one: &str| {
        if n > 0 {
            parts.push(count(n as u64, one));
        }
    };
    part(diff.fields.len(), "field");
    part(diff.files.len(), "file");
    if let Some(text) = &diff.text {
        let (added, struck) = text::words(text);
        parts.push(format!("text +{} -{} words", number(added as u64), number(struck as u64)));
    }
    if !parts.is_empty() {
        push(out, format_args!("\n  {}", parts.join(", ")));
    }
}

fn field(out: &mut String, change: &FieldChange, colored: bool) {
    let (before, after) = (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    push(out, format_args!("\n  {}: ", escape::short(&change.field, 200)));
    text::write_value(out, before, after, &diff_words(before, after), colored);
}

fn file(out: &mut String, change: &FileChange) {
    let path = escape::line(&change.path);
    push(out, format_args!("\n  {} {path}: ", change.role));
    let size = |(_, size): &(FileDigest, u64)| count(*size, "byte");
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.0 == after.0 => out.push_str("another role"),
        (Some(before), Some(after)) if before.1 == after.1 => {
            push(out, format_args!("{}, other content", size(after)));
        }
        (Some(before), Some(after)) => push(out, format_args!("{} -> {}", number(before.1), size(after))),
        (Some(before), None) => push(out, format_args!("removed, {}", size(before))),
        (None, Some(after)) => push(out, format_args!("added, {}", size(after))),
        (None, None) => {}
    }
}
