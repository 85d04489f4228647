//! Two archives of one origin, compared by their tiles; archives of different origins, by subject.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use super::chains::{articles, continued, judged};
use super::log::Log;
use super::rounds::Work;
use super::{ArticleChange, ArticleDiff, Name};
use crate::TreeHead;
use crate::authority::Authority;
use crate::charter::Charter;
use crate::check::Trust;
use crate::log::authentic::AuthenticError;
use crate::log::tile::EntryTileError;
use crate::prove::ProveError;
use crate::store::{Store, StoreError};
use crate::view::{Article, ObservationRef, ReadError, VersionRef, View};
use crate::withdrawal::InForce;
use crate::{ArchiveId, ArticleUrn};

/// Which of the two archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the word for itself")]
pub enum Side {
    First,
    Second,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::First => "the first archive",
            Self::Second => "the second archive",
        })
    }
}

/// An observation that only one archive has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationDiff {
    /// Which.
    pub side: Side,
    /// The article's subject.
    pub subject: String,
    /// The observation.
    pub observation: ObservationRef,
}

/// Why two archives can't be compared.
#[derive(Debug, thiserror::Error)]
#[error("{side}")]
pub struct DiffError {
    /// Which of them stands in the way.
    pub side: Side,
    /// Why.
    pub source: SideError,
}

/// Why one of them stands in the way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SideError {
    /// Something of it couldn't be read, or isn't what the log commits to.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its checkpoint, charter or hash tiles are not what they must be.
    #[error(transparent)]
    Log(#[from] ProveError),
    /// It is an extract, which doesn't show what else is in its log.
    #[error("an extract shows single articles: it can't be compared as a whole")]
    Extract,
    /// A tile of its statements is malformed.
    #[error("a tile of statements is malformed")]
    Entries(#[source] EntryTileError),
    /// A hash tile isn't what the checkpoint commits to.
    #[error("the hash tiles are not those of the checkpoint")]
    Tiles(#[source] Box<AuthenticError<StoreError>>),
}

impl SideError {
    /// Whether a manifest or file isn't there.
    const fn is_missing(&self) -> bool {
        matches!(self, Self::Read(ReadError::Altered { .. } | ReadError::Store(StoreError::Missing(_))))
    }
}

impl From<StoreError> for SideError {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

impl From<AuthenticError<StoreError>> for SideError {
    fn from(error: AuthenticError<StoreError>) -> Self {
        Self::Tiles(Box::new(error))
    }
}

/// How the logs of two archives relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Relation {
    /// They are the same.
    Same,
    /// The second has all of the first, and more.
    SecondExtends,
    /// The first has all of the second, and more.
    FirstExtends,
    /// They share so many statements and then differ: one key signed two histories.
    Forked {
        /// How many.
        at: u64,
    },
    /// They are different archives.
    Unrelated,
}

/// What to compare.
#[derive(Debug, Clone, Copy)]
pub struct DiffOptions {
    /// Whether fields, files and texts are compared, or articles only named.
    pub details: bool,
    /// How many threads to use.
    pub threads: usize,
}

/// Compares two archives: how their logs relate, and each article that isn't the same, in the order of the second's log.
///
/// # Errors
/// [`DiffError`]: what was visited before holds all the same.
pub fn archives(
    first: &dyn Store,
    second: &dyn Store,
    options: DiffOptions,
    visit: &mut dyn FnMut(ArticleDiff),
) -> Result<Relation, DiffError> {
    let mut comparison = Comparison::open(first, second)?;
    comparison.articles(options, &mut |diff| {
        visit(diff);
        ControlFlow::Continue(())
    })?;
    Ok(comparison.relation())
}

/// Two archives whose relation is known; their articles are compared when that is asked for.
pub struct Comparison<'a> {
    first: Log<'a>,
    second: Log<'a>,
    relation: Relation,
    common: u64,
}

impl std::fmt::Debug for Comparison<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Comparison").field("relation", &self.relation).finish_non_exhaustive()
    }
}

impl<'a> Comparison<'a> {
    /// Opens two archives, and finds out how their logs relate.
    ///
    /// # Errors
    /// [`DiffError`].
    pub fn open(first: &'a dyn Store, second: &'a dyn Store) -> Result<Self, DiffError> {
        let at = |side| move |source| DiffError { side, source };
        let mut first = Log::open(first).map_err(at(Side::First))?;
        let mut second = Log::open(second).map_err(at(Side::Second))?;
        if first.archive != second.archive {
            return Ok(Self { first, second, relation: Relation::Unrelated, common: 0 });
        }
        let (a, b) = (first.head.size(), second.head.size());
        let common = shared(&mut first, &mut second)?;
        let relation = match common {
            _ if common == a && common == b => Relation::Same,
            _ if common == a => Relation::SecondExtends,
            _ if common == b => Relation::FirstExtends,
            at => Relation::Forked { at },
        };
        Ok(Self { first, second, relation, common })
    }

    /// How their logs relate.
    pub const fn relation(&self) -> Relation {
        self.relation
    }

    /// An archive's name.
    pub const fn archive(&self, side: Side) -> ArchiveId {
        self.log(side).archive
    }

    /// The key that signed an archive's charter.
    pub const fn founder(&self, side: Side) -> &[u8; 32] {
        &self.log(side).founder
    }

    /// An archive's charter.
    pub const fn charter(&self, side: Side) -> &Charter {
        &self.log(side).charter
    }

    /// Who may sign in an archive, and who might.
    pub const fn authority(&self, side: Side) -> &Authority {
        &self.log(side).authority
    }

    /// The size and root of an archive's log, as its checkpoint says.
    pub const fn head(&self, side: Side) -> TreeHead {
        self.log(side).head
    }

    /// What was observed of articles in one archive's log after what both share, in log order; nothing where they share nothing.
    ///
    /// # Errors
    /// [`DiffError`].
    pub fn observations(&self, side: Side, threads: usize) -> Result<Vec<ObservationDiff>, DiffError> {
        let log = self.log(side);
        let failed = |source| DiffError { side, source };
        if self.relation == Relation::Unrelated || !log.has_observations(self.common).map_err(failed)? {
            return Ok(Vec::new());
        }
        let view = View::open(log.store, Trust::default(), threads).map_err(|error| failed(error.into()))?;
        let new = view.observations().iter().filter(|observation| observation.index >= self.common);
        let with_subject = |observation: &ObservationRef| {
            let subject = view.article(&observation.article).map(|article| article.subject.clone());
            ObservationDiff { side, subject: subject.unwrap_or_default(), observation: observation.clone() }
        };
        Ok(new.map(with_subject).collect())
    }

    /// The withdrawals in force in one archive's log after what both share, in log order; nothing where they share nothing.
    ///
    /// # Errors
    /// [`DiffError`].
    pub fn withdrawals(&self, side: Side, threads: usize) -> Result<Vec<InForce>, DiffError> {
        let log = self.log(side);
        let failed = |source| DiffError { side, source };
        if self.relation == Relation::Unrelated || !log.has_withdrawals(self.common).map_err(failed)? {
            return Ok(Vec::new());
        }
        let new = |all: &[InForce]| all.iter().filter(|by| by.index >= self.common).cloned().collect();
        if let Some(withheld) = &log.withheld {
            return Ok(new(withheld.all()));
        }
        let view = View::open(log.store, Trust::default(), threads).map_err(|error| failed(error.into()))?;
        Ok(new(view.withheld().all()))
    }

    const fn log(&self, side: Side) -> &Log<'a> {
        match side {
            Side::First => &self.first,
            Side::Second => &self.second,
        }
    }

    /// Visits each article that isn't the same, in the order of the second's log, until it is told to stop.
    ///
    /// # Errors
    /// [`DiffError`]: what was visited before holds all the same.
    pub fn articles(
        &mut self,
        options: DiffOptions,
        visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
    ) -> Result<(), DiffError> {
        self.articles_as(options, &|diff| diff, visit)
    }

    /// As [`Comparison::articles`], and visits what `make` makes of each difference: on any thread and in any order, so that what takes time, as
    /// laying it out, takes that of all threads.
    ///
    /// # Errors
    /// [`DiffError`]: what was visited before holds all the same.
    pub fn articles_as<T: Send>(
        &mut self,
        options: DiffOptions,
        make: &(dyn Fn(ArticleDiff) -> T + Sync),
        visit: &mut dyn FnMut(T) -> ControlFlow<()>,
    ) -> Result<(), DiffError> {
        let Self { first, second, relation, common } = self;
        match relation {
            Relation::Same => return Ok(()),
            Relation::Unrelated => return apart(first, second, options, make, visit),
            _ => {}
        }
        let Some(pairs) = continued(first, second, *common, options.threads)? else {
            let pairs = judged(first, second, *common, options.threads)?;
            return Work::new([first, second], options, make).visit(&pairs, visit);
        };
        let mut visited = 0;
        let missing = Work::new([first, second], options, make).visit(&pairs, &mut |made| {
            visited += 1;
            visit(made)
        });
        let Err(missing) = missing else { return Ok(()) };
        if !missing.source.is_missing() {
            return Err(missing);
        }
        // What is missing may be withheld, by a withdrawal that both have: only the whole logs say so.
        let visited: HashSet<_> = pairs.iter().take(visited).map(|pair| pair.article).collect();
        let Ok(mut pairs) = judged(first, second, *common, options.threads) else { return Err(missing) };
        pairs.retain(|pair| !visited.contains(&pair.article));
        Work::new([first, second], options, make).visit(&pairs, visit)
    }
}

/// An article's newest versions on both sides.
pub(super) struct Pair {
    pub(super) article: ArticleUrn,
    pub(super) from: Option<VersionRef>,
    pub(super) to: Option<VersionRef>,
    /// What is said of it in the second archive that isn't withheld, where the whole log was read.
    pub(super) known: Option<Name>,
    /// Withdrawals of its versions, or of files in them, that not both archives have.
    pub(super) withdrawals: Vec<InForce>,
}

impl Pair {
    pub(super) const fn new(article: ArticleUrn, from: Option<VersionRef>, to: Option<VersionRef>) -> Self {
        Self { article, from, to, known: None, withdrawals: Vec::new() }
    }

    /// Histories that part may hold the same statement all the same, each at its own place.
    pub(super) fn differs(&self) -> bool {
        !self.withdrawals.is_empty() || self.from.map(|version| version.id) != self.to.map(|version| version.id)
    }
}

/// How many statements two logs of one archive share.
fn shared(first: &mut Log<'_>, second: &mut Log<'_>) -> Result<u64, DiffError> {
    let same = |first: &mut Log<'_>, second: &mut Log<'_>, size| {
        let a = first.tiles.root_at(size).map_err(|error| DiffError { side: Side::First, source: error.into() })?;
        let b = second.tiles.root_at(size).map_err(|error| DiffError { side: Side::Second, source: error.into() })?;
        Ok(a == b)
    };
    let smaller = first.head.size().min(second.head.size());
    if same(first, second, smaller)? {
        return Ok(smaller);
    }
    // Both begin with the charter; the roots agree up to where they part and never after.
    let (mut shared, mut parted) = (1, smaller);
    while parted - shared > 1 {
        let middle = shared + (parted - shared) / 2;
        if same(first, second, middle)? { shared = middle } else { parted = middle }
    }
    Ok(shared)
}

/// Compares archives that have nothing to do with each other: articles of one subject and language are the same.
fn apart<T: Send>(
    first: &mut Log<'_>,
    second: &mut Log<'_>,
    options: DiffOptions,
    make: &(dyn Fn(ArticleDiff) -> T + Sync),
    visit: &mut dyn FnMut(T) -> ControlFlow<()>,
) -> Result<(), DiffError> {
    let (old, new) = (articles(first, Side::First, options.threads)?, articles(second, Side::Second, options.threads)?);
    let key = |article: &Article| (article.subject.clone(), article.language.clone());
    // Of what an article that is withdrawn as a whole is a version, nothing says.
    let named = old.iter().filter(|article| !article.subject.is_empty());
    let mut by_key: HashMap<_, _> = named.map(|article| (key(article), article)).collect();
    let mut pairs = Vec::new();
    for article in &new {
        let from = by_key.remove(&key(article)).and_then(Article::head).copied();
        let pair = Pair::new(article.urn, from, article.head().copied());
        pairs.push(Pair { known: Some(Name::of(article)), ..pair });
    }
    let gone = old.iter().filter(|article| article.subject.is_empty() || by_key.contains_key(&key(article)));
    pairs.extend(gone.map(|article| Pair::new(article.urn, article.head().copied(), None)));
    // Salts differ, so only what the manifests say can tell whether two versions are the same.
    let make = |mut diff: ArticleDiff| {
        let is_same = diff.fields.is_empty() && diff.files.is_empty() && diff.withdrawals.is_empty();
        if diff.change == ArticleChange::Revised && is_same {
            return None;
        }
        if !options.details {
            (diff.fields, diff.files, diff.text) = (Vec::new(), Vec::new(), None);
        }
        Some(make(diff))
    };
    let options = DiffOptions { details: true, ..options };
    let visit = &mut |made: Option<T>| made.map_or(ControlFlow::Continue(()), &mut *visit);
    Work::new([first, second], options, &make).visit(&pairs, visit)
}
