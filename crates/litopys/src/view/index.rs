//! Collecting what a view lists, while the archive is checked.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::{Article, Decision, ObservationRef, VersionRef};
use crate::authority::Proposal;
use crate::check::{Entry, Observer};
use crate::observation::Observation;
use crate::report::Finding;
use crate::statement::{Payload, VerifiedStatement};
use crate::{ArticleUrn, limits};

/// Collects the articles while the archive is checked.
#[derive(Default)]
pub(super) struct Index {
    pub(super) articles: Vec<Article>,
    pub(super) by_urn: HashMap<ArticleUrn, usize>,
    pub(super) decisions: Vec<Decision>,
    pub(super) observations: Vec<ObservationRef>,
    /// Bytes of text that the articles hold.
    held: u64,
}

impl Index {
    /// Takes in an observation of a version that is known.
    fn observation(&mut self, entry: &Entry<'_>, statement: &VerifiedStatement, observation: &Observation) {
        let Observation { article, id, outcome, at, manifest, .. } = observation.clone();
        let known = self.by_urn.get(&article).and_then(|at| self.articles.get(*at));
        let Some(version) = known.and_then(|known| known.versions.iter().rev().find(|version| version.id == id)) else {
            return;
        };
        let (version, signer) = ((id, version.version), *statement.signer());
        let (index, id, doubtful) = (entry.index, entry.id, false);
        let withheld = entry.withheld.of_manifest(index).map(|by| by.index);
        let observed =
            ObservationRef { index, id, article, version, outcome, at, manifest, signer, doubtful, withheld };
        self.observations.push(observed);
    }

    pub(super) fn limit(&self) -> u64 {
        limits::INDEX + 1024 * self.articles.len() as u64
    }
}

/// The bytes of text that an article holds.
fn text_of(article: &Article) -> u64 {
    let texts = [&article.title, &article.language, &article.publisher];
    (article.subject.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()) as u64
}

/// An index, as long as it can be held, and somebody else who looks on.
pub(super) struct Both<'o> {
    pub(super) index: Option<Index>,
    pub(super) observer: &'o mut dyn Observer,
}

impl Observer for Both<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        if self.index.as_mut().is_some_and(|index| index.entry(entry).is_break()) {
            self.index = None;
        }
        self.observer.entry(entry)
    }

    fn finding(&mut self, finding: &Finding) -> ControlFlow<()> {
        self.observer.finding(finding)
    }

    fn progress(&mut self, done: u64, of: u64) -> ControlFlow<()> {
        self.observer.progress(done, of)
    }
}

impl Observer for Index {
    fn entry(&mut self, entry: &Entry<'_>) -> ControlFlow<()> {
        let Some(statement) = entry.statement.filter(|_| entry.void.is_none()) else {
            return ControlFlow::Continue(());
        };
        if let Some(proposal) = Proposal::of(statement.payload()) {
            let (index, id, signer) = (entry.index, entry.id, *statement.signer());
            self.decisions.push(Decision { index, id, signer, proposal, completes: false });
        }
        let withheld = entry.withheld.of_manifest(entry.index).map(|by| by.index);
        let version = match statement.payload() {
            Payload::Article(version) if entry.manifest.is_some() || withheld.is_some() => version,
            Payload::Observation(observation) if entry.manifest.is_some() || withheld.is_some() => {
                self.observation(entry, statement, observation);
                return ControlFlow::Continue(());
            }
            _ => return ControlFlow::Continue(()),
        };
        let row = VersionRef {
            index: entry.index,
            id: entry.id,
            version: version.version,
            manifest: version.manifest,
            signer: *statement.signer(),
            doubtful: false,
            withheld,
        };
        let at = *self.by_urn.entry(version.article).or_insert(self.articles.len());
        let versions = self.articles.get_mut(at).map(|article| std::mem::take(&mut article.versions));
        let mut versions = versions.unwrap_or_default();
        versions.push(row);
        let manifest = entry.manifest.filter(|_| withheld.is_none());
        let before = self.articles.get(at);
        // What a version doesn't say, because it is withheld, the one before it says.
        let article = Article {
            urn: version.article,
            versions,
            subject: manifest.map(|m| &m.subject).or(before.map(|a| &a.subject)).cloned().unwrap_or_default(),
            title: manifest.map_or_else(|| before.and_then(|a| a.title.clone()), |m| m.title.clone()),
            language: manifest.map_or_else(|| before.and_then(|a| a.language.clone()), |m| m.language.clone()),
            publisher: manifest.map_or_else(|| before.and_then(|a| a.publisher.clone()), |m| m.publisher.clone()),
            published: manifest.map_or_else(|| before.and_then(|a| a.published.clone()), |m| m.published.clone()),
            signed_at: manifest.map(|m| m.signed_at.clone()),
            change: manifest.map(|m| m.change),
        };
        self.held += text_of(&article);
        match self.articles.get_mut(at) {
            Some(known) => {
                self.held -= text_of(known);
                *known = article;
            }
            None => self.articles.push(article),
        }
        if self.held > self.limit() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
