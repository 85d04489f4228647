//! Comparing pairs of versions in rounds: so many at a time that their manifests and texts can be held.

use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};

use super::grown::{DiffError, DiffOptions, Pair};
use super::load::{Wanted, load, texts};
use super::log::Log;
use super::{ArticleChange, ArticleDiff, Loaded, VersionFacts, compare, compared_text};
use crate::limits;
use crate::parallel::in_order;
use crate::view::VersionRef;

/// How many pairs at a time.
const PAIRS: usize = 4096;
/// How many pairs a thread takes at a time: most of them take no time.
const AT_ONCE: usize = 16;

/// A pair with what was loaded of it.
#[derive(Default)]
struct Both {
    from: Option<Loaded>,
    to: Option<Loaded>,
}

/// Compares pairs, and visits them in their order until it is told to stop.
pub(super) fn compare_pairs(
    first: &Log<'_>,
    second: &Log<'_>,
    pairs: &[Pair],
    options: DiffOptions,
    visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
) -> Result<(), DiffError> {
    let (logs, mut rest) = ([first, second], pairs);
    while !rest.is_empty() {
        let (round, later) = rest.split_at(round(rest));
        rest = later;
        // To name an article its newest manifest is enough.
        let from = round.iter().map(|pair| pair.from.filter(|_| options.details || pair.to.is_none()));
        let to = round.iter().map(|pair| pair.to);
        let [from, to] = load(logs, [from.collect(), to.collect()], options.threads)?;
        let mut loaded: Vec<_> = from.into_iter().zip(to).map(|(from, to)| Both { from, to }).collect();
        let mut next = 0;
        while next < loaded.len() {
            let part = part(&loaded, next);
            next = part.end;
            if options.details {
                load_texts(logs, &mut loaded[part.clone()], options.threads)?;
            }
            if compare_part(&round[part.clone()], &mut loaded[part], options.threads, visit).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// How many of the pairs that are left are loaded at a time: as many as have manifests that can be held, and whole tiles where that can be.
fn round(pairs: &[Pair]) -> usize {
    let mut held = 0;
    let fits = pairs.iter().take(PAIRS).take_while(|pair| {
        let is_first = held == 0;
        held += [pair.from, pair.to].into_iter().flatten().map(|version| version.manifest.size).sum::<u64>();
        is_first || held <= limits::STRETCH
    });
    let fits = fits.count();
    let tile = |pair: &Pair| pair.to.or(pair.from).map(|version| version.index / limits::TILE);
    let begins = |at: &usize| pairs.get(at - 1).map(tile) != pairs.get(*at).map(tile);
    (fits / 2 + 1..=fits).rev().find(begins).unwrap_or(fits).max(1)
}

/// The next pairs whose texts can be held.
fn part(loaded: &[Both], start: usize) -> Range<usize> {
    let mut held = 0;
    let fits = loaded.iter().skip(start).take_while(|both| {
        let is_first = held == 0;
        held += wanted_texts(both).map_or(1, |[from, to]| from.file.size + to.file.size);
        is_first || held <= limits::COMPARED
    });
    start..start + fits.count().max(1)
}

/// The texts that have to be compared, if they have to.
fn wanted_texts(both: &Both) -> Option<[Wanted<'_>; 2]> {
    let (from, to) = (wanted_text(both.from.as_ref()?)?, wanted_text(both.to.as_ref()?)?);
    (from.file.sha256 != to.file.sha256).then_some([from, to])
}

fn wanted_text(loaded: &Loaded) -> Option<Wanted<'_>> {
    let Loaded { version, manifest, .. } = loaded;
    compared_text(manifest).map(|file| Wanted { index: version.index, manifest, file })
}

fn load_texts(logs: [&Log<'_>; 2], loaded: &mut [Both], threads: usize) -> Result<(), DiffError> {
    let (from, to) =
        loaded.iter().map(|both| wanted_texts(both).map_or((None, None), |[a, b]| (Some(a), Some(b)))).unzip();
    let [from, to] = texts(logs, &[from, to], threads)?;
    for (both, (from, to)) in loaded.iter_mut().zip(from.into_iter().zip(to)) {
        let sides = [(&mut both.from, from), (&mut both.to, to)];
        for (loaded, text) in sides.into_iter().filter_map(|(loaded, text)| loaded.as_mut().zip(text)) {
            loaded.text = Some(text);
        }
    }
    Ok(())
}

fn compare_part(
    pairs: &[Pair],
    loaded: &mut [Both],
    threads: usize,
    visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let slots: Vec<_> = pairs.chunks(AT_ONCE).zip(loaded.chunks_mut(AT_ONCE)).map(Mutex::new).collect();
    let work = |nth: u64| {
        let Some(slot) = usize::try_from(nth).ok().and_then(|nth| slots.get(nth)) else { return Vec::new() };
        let (pairs, loaded) = &mut *slot.lock().unwrap_or_else(PoisonError::into_inner);
        pairs.iter().zip(loaded.iter_mut()).map(|(pair, both)| compare_one(pair, std::mem::take(both))).collect()
    };
    let mut flow = ControlFlow::Continue(());
    in_order(threads, slots.len() as u64, work, |_, diffs: Vec<ArticleDiff>| {
        flow = diffs.into_iter().try_for_each(&mut *visit);
        flow.is_continue()
    });
    flow
}

fn compare_one(pair: &Pair, Both { from, to }: Both) -> ArticleDiff {
    let mut diff = compare(pair.article, from, to);
    if let (Some(version), None) = (&pair.from, &diff.from) {
        let VersionRef { version, id, doubtful, .. } = *version;
        diff.from = Some(VersionFacts { version, id, change: None, doubtful });
        diff.change = ArticleChange::Revised;
    }
    diff
}
