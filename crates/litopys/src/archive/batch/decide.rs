//! What each draft is: a new article, the next version of one, or nothing new.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Batch, Job, Outcome, Previous};
use crate::ArticleUrn;
use crate::archive::ArchiveError;
use crate::archive::known::{Fingerprints, revision_key, subject_key, subject_keys};
use crate::archive::prepare::{DraftError, Prepared, prepare};
use crate::draft::Draft;
use crate::manifest::{Change, DerivedFrom};
use crate::parallel::in_order;

/// Texts of so many bytes and more can collapse: shorter ones are rewritten.
const COLLAPSE_FROM: u64 = 1_000;
/// A text collapsed when it has less than such a part of what it had.
const COLLAPSE: u64 = 4;

/// What a draft is.
enum Decision {
    Sign(Box<Job>),
    Unchanged { article: ArticleUrn, version: u64 },
}

impl Batch<'_> {
    /// Hashes the drafts, and decides in order what each is: a new article, a new version, nothing new.
    pub(super) fn decide(
        &mut self,
        drafts: Vec<(Draft, Option<ArticleUrn>)>,
        outcomes: &mut Vec<(u64, Outcome)>,
    ) -> Result<Vec<Job>, ArchiveError> {
        /// Drafts a thread takes at a time: most are small.
        const AT_ONCE: usize = 16;
        let mut revises = Vec::with_capacity(drafts.len());
        let mut groups = Vec::with_capacity(drafts.len().div_ceil(AT_ONCE));
        let mut drafts = drafts.into_iter();
        while drafts.len() > 0 {
            let mut group = Vec::with_capacity(AT_ONCE);
            for (mut draft, article) in drafts.by_ref().take(AT_ONCE) {
                let by_subject = draft.original.is_some();
                let resolved = self.resolve(&mut draft).map(|()| draft);
                let mut salt = [0; 16];
                if !(self.random)(&mut salt) {
                    return Err(ArchiveError::Random);
                }
                revises.push(article);
                group.push((resolved, by_subject, salt));
            }
            groups.push(Mutex::new(group));
        }
        let (threads, signed_at, key) =
            (self.options.threads, self.options.signed_at.clone(), self.archive.known.key());
        let work = |nth: u64| {
            let group = usize::try_from(nth).ok().and_then(|nth| groups.get(nth));
            let group = group.map(|group| std::mem::take(&mut *group.lock().unwrap_or_else(PoisonError::into_inner)));
            let prepare = |(draft, by_subject, salt): (Result<Draft, DraftError>, bool, _)| {
                draft
                    .and_then(|draft| prepare(draft, &signed_at, salt, &key))
                    .map(|prepared| Prepared { by_subject, ..prepared })
            };
            group.unwrap_or_default().into_iter().map(prepare).collect::<Vec<_>>()
        };
        let (mut jobs, mut last, mut failed) = (Vec::with_capacity(revises.len()), HashMap::new(), None);
        let mut revises = revises.into_iter();
        in_order(threads, groups.len() as u64, work, |_, group| {
            for (prepared, revises) in group.into_iter().zip(revises.by_ref()) {
                let nth = self.taken;
                self.taken += 1;
                match prepared.and_then(|prepared| self.decide_one(nth, prepared, revises, &last)) {
                    Ok(Some(Decision::Sign(job))) => {
                        last.insert(job.article, (jobs.len(), job.version));
                        jobs.push(*job);
                    }
                    Ok(Some(Decision::Unchanged { article, version })) => {
                        outcomes.push((nth, Outcome::Unchanged { article, version }));
                    }
                    Ok(None) => {
                        failed = Some(ArchiveError::Random);
                        break;
                    }
                    Err(error) => outcomes.push((nth, Outcome::Failed(error))),
                }
            }
            failed.is_none()
        });
        failed.map_or(Ok(jobs), Err)
    }

    /// Says which version a draft was made from, where it names an article.
    fn resolve(&self, draft: &mut Draft) -> Result<(), DraftError> {
        let Some(original) = draft.original.take() else { return Ok(()) };
        let key = subject_key(&original.subject, original.language.as_deref());
        let itself = key == subject_key(&draft.subject, draft.metadata.language.as_deref());
        let article = self.archive.known.article(&key).filter(|_| !itself);
        if article.is_some_and(|article| self.unsigned.contains(&article)) {
            return Err(DraftError::Unsigned);
        }
        match article.and_then(|article| self.archive.ledger.head(&article)) {
            Some(head) => {
                let (kind, tool) = (original.kind, original.tool);
                draft.metadata.derived_from = Some(DerivedFrom { id: head.id, kind, tool });
                Ok(())
            }
            None if original.required => Err(DraftError::NoOriginal(original.subject)),
            None => Ok(()),
        }
    }

    /// Decides what one draft is; `None` if there are no random bytes. `last` has the last job of each article in this round, and its version.
    fn decide_one(
        &mut self,
        nth: u64,
        prepared: Prepared,
        revises: Option<ArticleUrn>,
        last: &HashMap<ArticleUrn, (usize, u64)>,
    ) -> Result<Option<Decision>, DraftError> {
        let manifest = &prepared.manifest;
        let withheld = self.archive.ledger.withheld();
        if !withheld.is_empty() {
            for file in &manifest.files {
                if let Some(by) = withheld.names(&file.sha256) {
                    return Err(DraftError::Withdrawn { path: file.path.clone(), by: by.index });
                }
            }
        }
        let subject = subject_keys(manifest).next();
        let (prints, volatile, may_collapse) = (prepared.prints, prepared.volatile, prepared.may_collapse);
        let (article, version, previous, change) = match revises.or_else(|| self.archive.known.article(&subject?)) {
            Some(article) if self.unsigned.contains(&article) => return Err(DraftError::Unsigned),
            Some(article) => {
                let (before, previous) = match (last.get(&article), self.archive.ledger.head(&article)) {
                    (Some((job, version)), _) => (*version, Previous::Job(*job)),
                    (None, Some(head)) => (head.version, Previous::Known(head.id)),
                    (None, None) => return Err(DraftError::NoArticle(article)),
                };
                let known = self.archive.known.prints(&article);
                let revision = revision_key(article, manifest);
                // A correction is of a version, which stays the one that it is in the source's history.
                let corrects = self.options.change == Some(Change::Correction);
                if !corrects && revision.is_some_and(|key| self.archive.known.has_revision(&key)) {
                    return Ok(Some(Decision::Unchanged { article, version: before }));
                }
                let original = known.map(|known| known.original).filter(|_| prepared.by_subject);
                let compared = Fingerprints { original: original.unwrap_or(prints.original), ..prints };
                let Some(change) = self.change(known, compared, volatile) else {
                    return Ok(Some(Decision::Unchanged { article, version: before }));
                };
                // A correction stands for as long as the source says what was corrected, unless a reason is given.
                let corrected = self.archive.known.corrected(&article).filter(|_| self.options.change.is_none());
                if corrected.is_some_and(|said| self.change(Some(said), compared, volatile).is_none()) {
                    return Ok(Some(Decision::Unchanged { article, version: before }));
                }
                let (old, new) = (known.map_or(0, |known| known.text), prints.text);
                if may_collapse && !self.options.collapsed && old >= COLLAPSE_FROM && new < old / COLLAPSE {
                    return Err(DraftError::Collapsed { new, old });
                }
                (article, before + 1, previous, change)
            }
            None => {
                let mut random = [0; 16];
                if !(self.random)(&mut random) {
                    return Ok(None);
                }
                self.articles += 1;
                (ArticleUrn::from_random(random), 1, Previous::None, Change::First)
            }
        };
        if self.signers.is_none() {
            self.unsigned.insert(article);
        }
        self.archive.known.note_as(article, Some(manifest), Some(prints), change == Change::Correction);
        Ok(Some(Decision::Sign(Box::new(Job { nth, prepared, article, version, previous, change }))))
    }

    /// Why a draft makes a new version; `None` if it doesn't.
    fn change(&self, old: Option<Fingerprints>, new: Fingerprints, volatile: bool) -> Option<Change> {
        let every = self.options.every_capture;
        let wanted = self.options.change.filter(|change| *change != Change::First);
        let Some(old) = old else { return Some(wanted.unwrap_or(Change::Source)) };
        let same = old.content == new.content && old.original == new.original;
        let found = match (old.source == new.source, same) {
            (true, true) => every.then_some(Change::Recapture),
            (false, true) => (every || !volatile).then_some(Change::Recapture),
            (true, false) if new.has_capture => {
                // Another extractor is no revision, unless that is what was asked for.
                let asked = every || self.options.change.is_some();
                (asked || old.extractor == new.extractor).then_some(Change::Extraction)
            }
            (_, false) => Some(Change::Source),
        };
        found.map(|found| wanted.unwrap_or(found))
    }
}
