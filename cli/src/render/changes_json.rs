//! An article's changes as JSON: the shape is cli.md's.

use litopys::FileDigest;
use litopys::diff::{ArticleDiff, ObservationDiff, Relation, Side, TextDiff, VersionFacts};
use litopys::manifest::{Change, Role};
use litopys::withdrawal::InForce;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::changes::{Depth, reason};
use super::text::{self, Op};
use crate::commands::show::{ObservationRow, is_false};
use crate::withheld::Grounds;

/// The word for how two archives relate, and where they part if they are forked.
pub(crate) const fn relation(relation: Relation) -> (&'static str, Option<u64>) {
    match relation {
        Relation::Same => ("same", None),
        Relation::SecondExtends => ("b_extends_a", None),
        Relation::FirstExtends => ("a_extends_b", None),
        Relation::Forked { at } => ("forked", Some(at)),
        _ => ("unrelated", None),
    }
}

/// An observation that only one archive has.
#[derive(Serialize)]
pub(crate) struct Observation<'a> {
    subject: &'a str,
    article: String,
    /// `a` or `b`.
    only_in: &'static str,
    #[serde(flatten)]
    row: ObservationRow,
}

/// An observation that only one archive has.
pub(crate) fn observation(diff: &ObservationDiff) -> Observation<'_> {
    let only_in = if diff.side == Side::First { "a" } else { "b" };
    let (article, row) = (diff.observation.article.to_string(), ObservationRow::of(&diff.observation));
    Observation { subject: &diff.subject, article, only_in, row }
}

/// An article's changes.
#[derive(Serialize)]
pub(crate) struct Article<'a> {
    subject: &'a str,
    article: String,
    change: &'static str,
    reason: Option<Change>,
    from: Option<Version>,
    to: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<Field<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Ops<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<File<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stat: Option<Stat>,
    /// By which withdrawals.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    withheld: &'a [Grounds],
}

#[derive(Serialize)]
struct Version {
    version: u64,
    id: String,
    #[serde(skip_serializing_if = "is_false")]
    doubtful: bool,
    /// By which withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<u64>,
}

/// A withdrawal that only one archive has.
#[derive(Serialize)]
pub(crate) struct Withdrawal<'a> {
    /// `a` or `b`.
    only_in: &'static str,
    entries: Vec<u64>,
    files: Vec<String>,
    #[serde(flatten)]
    grounds: &'a Grounds,
}

/// A withdrawal that only one archive has.
pub(crate) fn withdrawal<'a>(side: Side, by: &InForce, grounds: &'a Grounds) -> Withdrawal<'a> {
    let only_in = if side == Side::First { "a" } else { "b" };
    let entries = by.withdrawal.scope.entries().map(|entry| entry.index).collect();
    let files = by.withdrawal.scope.files().map(ToString::to_string).collect();
    Withdrawal { only_in, entries, files, grounds }
}

#[derive(Serialize)]
struct Field<'a> {
    field: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    role: Role,
    before: Option<Content>,
    after: Option<Content>,
}

#[derive(Serialize)]
struct Content {
    sha256: String,
    size: u64,
}

#[derive(Serialize)]
struct Stat {
    fields: usize,
    files: usize,
    words_added: usize,
    words_struck: usize,
}

/// A text's stretches; none where the text is the same.
struct Ops<'a>(Option<&'a TextDiff>);

#[derive(Serialize)]
struct Stretch<'a> {
    op: &'static str,
    text: &'a str,
}

impl Serialize for Ops<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        if let Some(diff) = self.0 {
            for (op, text) in text::ops(&diff.before, &diff.after, &diff.changes) {
                let op = match op {
                    Op::Equal => "equal",
                    Op::Delete => "delete",
                    Op::Insert => "insert",
                };
                list.serialize_element(&Stretch { op, text })?;
            }
        }
        list.end()
    }
}

/// An article's changes, as much as was asked for: what was not compared is absent.
pub(crate) fn article<'a>(diff: &'a ArticleDiff, withheld: &'a [Grounds], depth: Depth) -> Article<'a> {
    let version = |facts: &VersionFacts| {
        let VersionFacts { version, id, doubtful, withheld, .. } = facts;
        Version { version: *version, id: id.to_hex(), doubtful: *doubtful, withheld: *withheld }
    };
    let content = |(digest, size): (FileDigest, u64)| Content { sha256: digest.to_string(), size };
    let full = depth == Depth::Full;
    let fields = diff.fields.iter().map(|change| Field {
        field: &change.field,
        before: change.before.as_deref(),
        after: change.after.as_deref(),
    });
    let files = diff.files.iter().map(|change| File {
        path: &change.path,
        role: change.role,
        before: change.before.map(content),
        after: change.after.map(content),
    });
    let stat = || {
        let (words_added, words_struck) = diff.text.as_ref().map_or((0, 0), text::words);
        Stat { fields: diff.fields.len(), files: diff.files.len(), words_added, words_struck }
    };
    Article {
        subject: &diff.subject,
        article: diff.article.to_string(),
        change: diff.change.as_str(),
        reason: reason(diff),
        from: diff.from.as_ref().map(version),
        to: diff.to.as_ref().map(version),
        fields: full.then(|| fields.collect()),
        text: full.then_some(Ops(diff.text.as_ref())),
        files: full.then(|| files.collect()),
        stat: (depth == Depth::Stat).then(stat),
        withheld,
    }
}
