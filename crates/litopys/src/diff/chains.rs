//! Which articles two logs of one archive don't have alike, and their newest versions on both sides.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::Name;
use super::grown::{DiffError, Pair, Side};
use super::log::{Log, Row};
use crate::check::Trust;
use crate::view::{Article, VersionRef, View};
use crate::withdrawal::{InForce, Withheld};
use crate::{ArticleUrn, StatementId};

/// The articles with statements that not both logs have, by those statements and what they continue. `None` if one of them doesn't seem to be
/// in force: then the whole logs have to say what is.
///
/// That an entry continues a version which isn't the newest, or founds an article anew, is not seen where that version, or the first
/// founding, is among the statements that both have: it takes a check of the whole archive to find it.
pub(super) fn continued<'a>(
    first: &mut Log<'a>,
    second: &mut Log<'a>,
    common: u64,
    threads: usize,
) -> Result<Option<Vec<Pair>>, DiffError> {
    let at = |side| move |source| DiffError { side, source };
    let (mut all, mut chains): (Vec<Touched>, Vec<Chain>) = (Vec::new(), Vec::new());
    let (mut places, mut goes_on): (HashMap<ArticleUrn, usize>, _) = (HashMap::new(), true);
    for (side, log) in [(Side::Second, &mut *second), (Side::First, &mut *first)] {
        let new = usize::try_from(log.head.size().saturating_sub(common)).unwrap_or_default().min(EXPECTED);
        all.reserve(new);
        chains.reserve(new);
        places.reserve(new);
        let plain = log.since(common, threads, &mut |row| {
            let place = *places.entry(row.article).or_insert(all.len());
            if place == all.len() {
                all.push(Touched { article: row.article, chains: [None; 2] });
            }
            goes_on &= all[place].take(side, row, &mut chains);
        });
        if !plain.map_err(at(side))? {
            return Ok(None);
        }
    }
    if !goes_on {
        return Ok(None);
    }
    let bases: Vec<_> = chains.iter().map(|chain| chain.base).collect();
    let Some(bases) = first.find(&bases, common, threads).map_err(at(Side::First))? else { return Ok(None) };
    let mut pairs = Vec::with_capacity(all.len());
    for touched in all {
        let of = |side: Side| touched.chains[side as usize].map(|nth| (&chains[nth], bases[nth].as_ref()));
        let [of_first, of_second] = [Side::First, Side::Second].map(of);
        let mut known = [of_second, of_first].into_iter().flatten().map(|(chain, base)| chain.base(&touched, base));
        let Some(base) = known.next().flatten() else { return Ok(None) };
        if known.any(|other| other != Some(base)) {
            return Ok(None);
        }
        let newest = |chain: Option<(&Chain, _)>| chain.map(|(chain, _)| chain.newest).or(base);
        let pair = Pair::new(touched.article, newest(of_first), newest(of_second));
        pairs.extend(pair.differs().then_some(pair));
    }
    Ok(Some(pairs))
}

/// For how many statements room is made before they are read.
const EXPECTED: usize = 1 << 16;

/// The same by the rules of the whole logs: slow, but void entries have no effect.
pub(super) fn judged(
    first: &mut Log<'_>,
    second: &mut Log<'_>,
    common: u64,
    threads: usize,
) -> Result<Vec<Pair>, DiffError> {
    let (old, new) = (articles(first, Side::First, threads)?, articles(second, Side::Second, threads)?);
    let mut heads: HashMap<ArticleUrn, [Option<&Article>; 2]> = HashMap::new();
    for (nth, articles) in [&old, &new].into_iter().enumerate() {
        articles.iter().for_each(|article| heads.entry(article.urn).or_default()[nth] = Some(article));
    }
    let (mut since, mut pairs) = (withdrawn_since(second, &new, common), Vec::new());
    for (article, by) in withdrawn_since(first, &old, common) {
        since.entry(article).or_default().extend(by);
    }
    for (article, [from, to]) in heads {
        let withdrawals = since.remove(&article).unwrap_or_default();
        let parted = |of: Option<&Article>| of?.versions.iter().map(|version| version.index).find(|at| *at >= common);
        let order = match (parted(to), parted(from)) {
            (Some(index), _) => (Side::Second as u8, index),
            (None, Some(index)) => (Side::First as u8, index),
            (None, None) => match withdrawals.first() {
                Some(by) => (Side::Second as u8, by.index),
                None => continue,
            },
        };
        let head = |of: Option<&Article>| of.and_then(Article::head).copied();
        let pair = Pair { known: to.map(Name::of), withdrawals, ..Pair::new(article, head(from), head(to)) };
        pairs.extend(pair.differs().then_some((order, pair)));
    }
    pairs.sort_unstable_by_key(|((side, index), _)| (Reverse(*side), *index));
    Ok(pairs.into_iter().map(|(_, pair)| pair).collect())
}

/// The withdrawals after what both logs share that name versions of articles, or files in them, by article.
fn withdrawn_since(log: &Log<'_>, articles: &[Article], common: u64) -> HashMap<ArticleUrn, Vec<InForce>> {
    let mut by: HashMap<ArticleUrn, Vec<InForce>> = HashMap::new();
    let all = log.withheld.as_ref().map_or(&[][..], Withheld::all);
    let new: Vec<_> = all.iter().filter(|one| one.index >= common).collect();
    if new.is_empty() {
        return by;
    }
    let of = articles.iter().flat_map(|article| article.versions.iter().map(|version| (version.index, article.urn)));
    let of: HashMap<u64, ArticleUrn> = of.collect();
    for one in new {
        let named: BTreeSet<_> = one.withdrawal.scope.entries().filter_map(|entry| of.get(&entry.index)).collect();
        named.into_iter().for_each(|article| by.entry(*article).or_default().push(one.clone()));
    }
    by
}

/// All articles, by the rules of the whole log; what is withheld the log knows from then on.
pub(super) fn articles(log: &mut Log<'_>, side: Side, threads: usize) -> Result<Vec<Article>, DiffError> {
    let opened = View::open(log.store, Trust::default(), threads);
    let view = opened.map_err(|source| DiffError { side, source: source.into() })?;
    log.withheld = Some(view.withheld().clone());
    Ok(view.articles().to_vec())
}

/// An article with a statement that not both logs have.
struct Touched {
    article: ArticleUrn,
    /// Which of all chains are its own in the first and in the second log.
    chains: [Option<usize>; 2],
}

/// The versions of an article that only one log has.
struct Chain {
    /// The number of the first, and what that continues.
    begins: u64,
    base: Option<StatementId>,
    newest: VersionRef,
}

impl Touched {
    /// Whether the version continues the chain.
    fn take(&mut self, side: Side, Row { version, previous, .. }: Row, chains: &mut Vec<Chain>) -> bool {
        let Some(nth) = self.chains[side as usize] else {
            self.chains[side as usize] = Some(chains.len());
            chains.push(Chain { begins: version.version, base: previous, newest: version });
            return true;
        };
        let chain = &mut chains[nth];
        let goes_on = previous == Some(chain.newest.id) && version.version == chain.newest.version + 1;
        chain.newest = version;
        goes_on
    }
}

impl Chain {
    /// The newest version that both logs have, if they have any; `None` if the chain can't continue it.
    fn base(&self, touched: &Touched, known: Option<&Row>) -> Option<Option<VersionRef>> {
        if self.base.is_none() {
            return (self.begins == 1).then_some(None);
        }
        let row = known?;
        (row.article == touched.article && row.version.version + 1 == self.begins).then_some(Some(row.version))
    }
}
