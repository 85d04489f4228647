//! What a writer knows of the articles that are there: by which subjects they are found, and what their newest versions say.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};

use sha2::{Digest, Sha256};

use crate::ArticleUrn;
use crate::manifest::{COUNTERS, Change, Manifest, REVISION, Role};

/// Subject and language of an article, hashed: 100,000 URLs are long.
pub(super) type SubjectKey = [u8; 16];

pub(super) fn subject_key(subject: &str, language: Option<&str>) -> SubjectKey {
    let hash = Sha256::new().chain_update(subject).chain_update([0]).chain_update(language.unwrap_or_default());
    truncated(hash)
}

/// The keys by which an article is found that has this version; the first is the one to look for.
pub(super) fn subject_keys(manifest: &Manifest) -> impl Iterator<Item = SubjectKey> {
    let own = subject_key(&manifest.subject, manifest.language.as_deref());
    let of_history = manifest.extra.contains_key(REVISION).then(|| subject_key(&manifest.subject, None));
    of_history.into_iter().chain([own])
}

/// What tells that an article has the version of a source's own history already.
pub(super) fn revision_key(article: ArticleUrn, manifest: &Manifest) -> Option<SubjectKey> {
    let revision = manifest.extra.get(REVISION)?;
    Some(truncated(Sha256::new().chain_update(article.to_string()).chain_update([0]).chain_update(revision)))
}

fn truncated(hash: Sha256) -> [u8; 16] {
    let hash: [u8; 32] = hash.finalize().into();
    let mut short = [0; 16];
    short.copy_from_slice(&hash[..16]);
    short
}

/// The articles of an archive, as far as it takes to tell what a draft is.
#[derive(Debug, Default)]
pub(super) struct Known {
    subjects: HashMap<SubjectKey, ArticleUrn>,
    /// Of each article's newest version; `None` where its manifest is withheld: whatever comes is a change.
    prints: HashMap<ArticleUrn, Option<Fingerprints>>,
    /// Of the version that was corrected, of articles whose newest version is a correction: what still says that is nothing new.
    corrected: HashMap<ArticleUrn, Fingerprints>,
    revisions: HashSet<SubjectKey>,
    key: PrintKey,
}

/// The key of fingerprints, another for each process: 64 bits are enough then, since nobody can look for two versions with the same ones.
pub(super) type PrintKey = RandomState;

impl Known {
    pub(super) fn key(&self) -> PrintKey {
        self.key.clone()
    }

    /// Takes an article's next version in; without its manifest where that is withheld.
    pub(super) fn note(&mut self, article: ArticleUrn, manifest: Option<&Manifest>) {
        let corrects = manifest.is_some_and(|manifest| manifest.change == Change::Correction);
        self.note_as(article, manifest, manifest.map(|manifest| Fingerprints::of(manifest, &self.key)), corrects);
    }

    /// As [`Known::note`], where its fingerprints were taken before, and it is known whether it is a correction.
    pub(super) fn note_as(
        &mut self,
        article: ArticleUrn,
        manifest: Option<&Manifest>,
        prints: Option<Fingerprints>,
        corrects: bool,
    ) {
        if let Some(manifest) = manifest {
            subject_keys(manifest).for_each(|key| _ = self.subjects.insert(key, article));
            self.revisions.extend(revision_key(article, manifest));
        }
        match self.prints.insert(article, prints).flatten().filter(|_| corrects) {
            Some(before) => _ = self.corrected.entry(article).or_insert(before),
            None if corrects => {}
            None => _ = self.corrected.remove(&article),
        }
    }

    /// The article that is found by this key.
    pub(super) fn article(&self, subject: &SubjectKey) -> Option<ArticleUrn> {
        self.subjects.get(subject).copied()
    }

    /// What an article's newest version says.
    pub(super) fn prints(&self, article: &ArticleUrn) -> Option<Fingerprints> {
        self.prints.get(article).copied().flatten()
    }

    /// What an article's version says that its newest corrects.
    pub(super) fn corrected(&self, article: &ArticleUrn) -> Option<Fingerprints> {
        self.corrected.get(article).copied()
    }

    /// Whether an article has this version of its source's own history.
    pub(super) fn has_revision(&self, revision: &SubjectKey) -> bool {
        self.revisions.contains(revision)
    }
}

/// What a version says, apart from when and by whom it was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprints {
    /// Of its captures.
    pub(super) source: u64,
    /// Of all that is read from them.
    pub(super) content: u64,
    /// Of what was said about how the text was read from them.
    pub(super) extractor: u64,
    pub(super) has_capture: bool,
    /// Of the id of the version that it was made from.
    pub(super) original: u64,
    /// The size of the texts in bytes.
    pub(super) text: u64,
}

impl Fingerprints {
    pub(super) fn of(manifest: &Manifest, key: &PrintKey) -> Self {
        let (mut source, mut content, mut has_capture) = (key.build_hasher(), key.build_hasher(), false);
        let mut field = |field: &[u8]| {
            content.write_usize(field.len());
            content.write(field);
        };
        let m = manifest;
        let optional = [&m.title, &m.publisher, &m.language, &m.rights, &m.summary, &m.note];
        optional.into_iter().for_each(|text| field(text.as_deref().unwrap_or_default().as_bytes()));
        for time in [&m.published, &m.modified] {
            field(time.as_ref().map_or("", |time| time.as_str()).as_bytes());
        }
        for list in [&m.authors, &m.tags] {
            field(&list.len().to_be_bytes());
            list.iter().for_each(|item| field(item.as_bytes()));
        }
        let counted = |key: &str| COUNTERS.contains(&key);
        field(&m.extra.keys().filter(|key| !counted(key)).count().to_be_bytes());
        m.extra.iter().filter(|(key, _)| !counted(key)).for_each(|(key, value)| {
            field(key.as_bytes());
            field(value.as_bytes());
        });
        let made = m.derived_from.as_ref().map(|from| format!("{:?}", (from.kind, &from.tool)));
        field(made.unwrap_or_default().as_bytes());
        let original = m.derived_from.as_ref().map(|from| key.hash_one(from.id.as_bytes()));
        // Another version in the source's own history is another source, though its bytes may be the same.
        source.write(m.extra.get(REVISION).map_or("", String::as_str).as_bytes());
        for file in &m.files {
            if file.role == Role::Capture {
                source.write(file.sha256.as_bytes());
                has_capture = true;
            } else {
                field(file.path.as_bytes());
                field(file.sha256.as_bytes());
            }
        }
        let read = m.provenance.get("text").map_or("", String::as_str);
        Self {
            source: source.finish(),
            content: content.finish(),
            extractor: key.hash_one(read),
            has_capture,
            original: original.unwrap_or_default(),
            text: m.files.iter().filter(|file| file.role == Role::Text).map(|file| file.size).sum(),
        }
    }
}
