//! Comparing archives, and versions of an article.
//!
//! Two archives of one origin are compared by their Merkle tiles ([`archives`]): what both have is not read. Whatever is given was checked
//! against its own archive's signed checkpoint.

mod chains;
mod grown;
mod load;
mod log;
mod pieces;
mod rounds;
mod text;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use grown::Pair;
pub use grown::{Comparison, DiffError, DiffOptions, ObservationDiff, Relation, Side, SideError, archives};
pub use text::{TextChange, diff_words};

use crate::manifest::{Change, FileEntry, Manifest, Role};
use crate::view::{Article, ReadError, VersionRef, View};
use crate::withdrawal::{InForce, Withheld};
use crate::words::words;
use crate::{ArticleUrn, FileDigest, StatementId, limits};

/// What happened to an article between two archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArticleChange {
    /// Only the second has it.
    Added,
    /// The second has other versions of it.
    Revised,
    /// Only the first has it.
    Removed,
    /// The second's newest version is withheld; or the newest version is the same, and something of the article was withdrawn since.
    Withdrawn,
}

words!(ArticleChange { Added = "added", Revised = "revised", Removed = "removed", Withdrawn = "withdrawn" });

impl ArticleChange {
    /// Of an article by its newest versions.
    fn of(from: Option<&VersionRef>, to: Option<&VersionRef>) -> Self {
        match (from, to) {
            (_, Some(to)) if to.withheld.is_some() || from.is_some_and(|from| from.id == to.id) => Self::Withdrawn,
            (None, _) => Self::Added,
            (Some(_), None) => Self::Removed,
            (Some(_), Some(_)) => Self::Revised,
        }
    }
}

/// A version, as a comparison names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionFacts {
    /// Its number.
    pub version: u64,
    /// Its statement.
    pub id: StatementId,
    /// Why there is it.
    pub change: Option<Change>,
    /// Whether its signer's key was revoked since, with the word that this is doubtful.
    pub doubtful: bool,
    /// By which withdrawal its manifest is withheld, with all its files: that statement's index.
    pub withheld: Option<u64>,
}

/// A metadata field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name in the manifest; of a field of a map, `extra.<key>`.
    pub field: String,
    /// Its older value; `None` if it was absent.
    pub before: Option<String>,
    /// Its newer value; `None` if it is absent.
    pub after: Option<String>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its path.
    pub path: String,
    /// What it is.
    pub role: Role,
    /// Its older digest and size; `None` if it is new.
    pub before: Option<(FileDigest, u64)>,
    /// Its newer digest and size; `None` if it is gone.
    pub after: Option<(FileDigest, u64)>,
}

/// Two texts, and what changed from the one to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDiff {
    /// The older text; what isn't UTF-8 in it is replaced.
    pub before: String,
    /// The newer text; likewise.
    pub after: String,
    /// The changes, in order.
    pub changes: Vec<TextChange>,
}

impl TextDiff {
    fn of(before: String, after: String) -> Self {
        Self { changes: diff_words(&before, &after), before, after }
    }
}

/// What differs of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArticleDiff {
    /// Which article: its name in the second archive, or in the first if only that has it.
    pub article: ArticleUrn,
    /// What it is a version of; empty where all that says so is withheld.
    pub subject: String,
    /// Its headline.
    pub title: Option<String>,
    /// What happened to it.
    pub change: ArticleChange,
    /// Why there is its newest version.
    pub reason: Option<Change>,
    /// Its newest version in the first archive.
    pub from: Option<VersionFacts>,
    /// Its newest version in the second archive.
    pub to: Option<VersionFacts>,
    /// Metadata that differs. Empty where only names were asked for, or there is nothing to compare with.
    pub fields: Vec<FieldChange>,
    /// Files that differ; likewise.
    pub files: Vec<FileChange>,
    /// How the text differs; likewise. None where one of the texts is larger than 4 MiB: then only `files` shows that it does.
    pub text: Option<TextDiff>,
    /// The withdrawals by which manifests or files of these versions are withheld, or others of the article were since.
    pub withdrawals: Vec<InForce>,
}

impl ArticleDiff {
    /// About what it takes in memory, in bytes.
    fn weight(&self) -> u64 {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let field = |change: &FieldChange| {
            size_of::<FieldChange>() + change.field.len() + text(&change.before) + text(&change.after)
        };
        let file = |change: &FileChange| size_of::<FileChange>() + change.path.len();
        let of_text = self.text.as_ref();
        let parts = [
            size_of::<Self>() + self.subject.len() + text(&self.title),
            self.fields.iter().map(field).sum(),
            self.files.iter().map(file).sum(),
            of_text.map_or(0, |text| text.before.len() + text.after.len() + size_of_val(text.changes.as_slice())),
        ];
        parts.into_iter().sum::<usize>() as u64
    }

    /// The same by this name, if it has one.
    fn called(self, name: Option<Name>) -> Self {
        match name {
            Some(Name { subject, title, change: reason }) => Self { subject, title, reason, ..self },
            None => self,
        }
    }
}

/// One version with what is needed to compare it.
#[derive(Debug, Clone)]
struct Loaded {
    version: VersionRef,
    manifest: Manifest,
    text: Option<Vec<u8>>,
}

impl VersionFacts {
    fn of(version: &VersionRef, change: Option<Change>) -> Self {
        let VersionRef { version, id, doubtful, withheld, .. } = *version;
        Self { version, id, change, doubtful, withheld }
    }
}

/// What an article is named by.
#[derive(Debug, Clone, Default)]
struct Name {
    subject: String,
    title: Option<String>,
    change: Option<Change>,
}

impl Name {
    /// What is said of an article that isn't withheld.
    fn of(article: &Article) -> Self {
        Self { subject: article.subject.clone(), title: article.title.clone(), change: None }
    }
}

/// The text of a version, if it is one that is compared by word: not larger than 4 MiB.
fn compared_text(manifest: &Manifest) -> Option<&FileEntry> {
    manifest.file(Role::Text).filter(|file| file.size <= limits::COMPARED_TEXT)
}

/// Compares two versions, of one archive or of two. Of what is withheld the difference says so.
///
/// # Errors
/// [`ReadError`] if a manifest or text can't be read.
pub fn versions(
    article: ArticleUrn,
    (from_view, from): (&View<'_>, &VersionRef),
    (to_view, to): (&View<'_>, &VersionRef),
) -> Result<ArticleDiff, ReadError> {
    let load = |view: &View<'_>, version: &VersionRef| {
        if version.withheld.is_some() {
            return Ok(None);
        }
        let manifest = view.manifest(version)?;
        let text = compared_text(&manifest)
            .filter(|file| view.withheld().of_file(version.index, &file.sha256).is_none())
            .map(|file| view.file(version, &manifest, file))
            .transpose()?;
        Ok::<_, ReadError>(Some(Loaded { version: *version, manifest, text }))
    };
    let known = to_view.article(&article).map(Name::of);
    let pair = Pair { known, ..Pair::new(article, Some(*from), Some(*to)) };
    let loaded = [load(from_view, from)?, load(to_view, to)?];
    Ok(compare(&pair, loaded, [Some(from_view.withheld()), Some(to_view.withheld())]))
}

/// The withdrawals by which something of a version is withheld.
fn withdrawals_of<'a>(
    withheld: Option<&'a Withheld>,
    version: Option<&VersionRef>,
    loaded: Option<&Loaded>,
) -> Vec<&'a InForce> {
    let (Some(withheld), Some(version)) = (withheld, version) else { return Vec::new() };
    let files = loaded.map_or(&[][..], |loaded| &loaded.manifest.files);
    let of_files = files.iter().filter_map(|file| withheld.of_file(version.index, &file.sha256));
    withheld.of_manifest(version.index).into_iter().chain(of_files).collect()
}

/// Compares what was loaded of two versions; at least one is there, or withheld.
fn compare(pair: &Pair, [from, to]: [Option<Loaded>; 2], withheld: [Option<&Withheld>; 2]) -> ArticleDiff {
    let change = ArticleChange::of(pair.from.as_ref(), pair.to.as_ref());
    let facts = |version: &Option<VersionRef>, loaded: &Option<Loaded>| {
        version.as_ref().map(|version| VersionFacts::of(version, loaded.as_ref().map(|loaded| loaded.manifest.change)))
    };
    let (from_facts, to_facts) = (facts(&pair.from, &from), facts(&pair.to, &to));
    let mut withdrawals = pair.withdrawals.clone();
    let mut known: HashSet<_> = withdrawals.iter().map(|by| by.id).collect();
    let of_from = withdrawals_of(withheld[0], pair.from.as_ref(), from.as_ref());
    let of_to = withdrawals_of(withheld[1], pair.to.as_ref(), to.as_ref());
    withdrawals.extend(of_from.into_iter().chain(of_to).filter(|by| known.insert(by.id)).cloned());
    let (newest, fields, files, text) = match (from, to) {
        (Some(from), Some(to)) => {
            let (fields, files) = (fields(&from.manifest, &to.manifest), files(&from.manifest, &to.manifest));
            let newest = if from.version.version > to.version.version { from.manifest } else { to.manifest };
            let texts = from.text.zip(to.text).filter(|(before, after)| before != after);
            (Some(newest), fields, files, texts.map(|(before, after)| TextDiff::of(text_of(before), text_of(after))))
        }
        (only, None) | (None, only) => (only.map(|loaded| loaded.manifest), Vec::new(), Vec::new(), None),
    };
    let mut name = newest.map(|Manifest { subject, title, change, .. }| Name { subject, title, change: Some(change) });
    if pair.to.is_some_and(|to| to.withheld.is_some()) {
        // What is withheld, the older archive doesn't say either.
        name = pair.known.clone();
    }
    let Name { subject, title, change: reason } = name.unwrap_or_default();
    ArticleDiff {
        article: pair.article,
        subject,
        title,
        change,
        reason,
        from: from_facts,
        to: to_facts,
        fields,
        files,
        text,
        withdrawals,
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned())
}

/// A manifest's fields as text, those of maps one by one; what names the version itself is no field.
fn flat(manifest: &Manifest) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let m = manifest;
    let mut flat = Vec::with_capacity(16 + m.extra.len());
    let mut set = |field, value: Option<_>| flat.extend(value.map(|value| (Cow::Borrowed(field), value)));
    fn text(text: &Option<String>) -> Option<Cow<'_, str>> {
        text.as_deref().map(Cow::from)
    }
    let list = |list: &[String]| (!list.is_empty()).then(|| Cow::from(list.join("; ")));
    set("title", text(&m.title));
    set("subject", Some(Cow::from(&m.subject)));
    set("authors", list(&m.authors));
    set("publisher", text(&m.publisher));
    set("language", text(&m.language));
    set("published", m.published.as_ref().map(|date| date.as_str().into()));
    set("modified", m.modified.as_ref().map(|date| date.as_str().into()));
    set("tags", list(&m.tags));
    set("rights", text(&m.rights));
    set("summary", text(&m.summary));
    set("note", text(&m.note));
    if let Some(captured) = &m.captured {
        set("captured.at", captured.at.as_ref().map(|time| time.as_str().into()));
        set("captured.url", text(&captured.url));
        set("captured.via", text(&captured.via));
        set("captured.tool", text(&captured.tool));
    }
    set("derived_from", m.derived_from.as_ref().map(|from| from.id.to_string().into()));
    flat.extend(m.extra.iter().map(|(key, value)| (format!("extra.{key}").into(), value.into())));
    flat
}

fn fields(from: &Manifest, to: &Manifest) -> Vec<FieldChange> {
    let change = |(field, before, after): (Cow<'_, str>, Option<Cow<'_, str>>, Option<Cow<'_, str>>)| FieldChange {
        field: field.into_owned(),
        before: before.map(Cow::into_owned),
        after: after.map(Cow::into_owned),
    };
    pairs(flat(from), flat(to)).map(change).collect()
}

fn files(from: &Manifest, to: &Manifest) -> Vec<FileChange> {
    fn by_path(manifest: &Manifest) -> Vec<(&str, (FileDigest, u64, Role))> {
        manifest.files.iter().map(|file| (file.path.as_str(), (file.sha256, file.size, file.role))).collect()
    }
    let change = |(path, before, after): (&str, Option<(_, _, Role)>, Option<(_, _, Role)>)| {
        let role = after.or(before).map_or(Role::Attachment, |(_, _, role)| role);
        let facts = |file: (FileDigest, u64, Role)| (file.0, file.1);
        FileChange { path: path.to_owned(), role, before: before.map(facts), after: after.map(facts) }
    };
    pairs(by_path(from), by_path(to)).map(change).collect()
}

/// The keys whose values differ, in order, with both values. Each key is there once.
fn pairs<K: Ord, V: PartialEq>(
    mut from: Vec<(K, V)>,
    mut to: Vec<(K, V)>,
) -> impl Iterator<Item = (K, Option<V>, Option<V>)> {
    from.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    to.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let (mut from, mut to) = (from.into_iter().peekable(), to.into_iter().peekable());
    std::iter::from_fn(move || {
        loop {
            let order = match (from.peek(), to.peek()) {
                (Some((a, _)), Some((b, _))) => a.cmp(b),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            match order {
                Ordering::Less => return from.next().map(|(key, before)| (key, Some(before), None)),
                Ordering::Greater => return to.next().map(|(key, after)| (key, None, Some(after))),
                Ordering::Equal => {
                    let ((key, before), (_, after)) = from.next().zip(to.next())?;
                    if before != after {
                        return Some((key, Some(before), Some(after)));
                    }
                }
            }
        }
    })
}

#[cfg(test)]
#[cfg(all(feature = "fs", feature = "zstd"))]
mod tests;
