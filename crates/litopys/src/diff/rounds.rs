//! Comparing pairs of versions in rounds: so many at a time that their manifests and texts can be held.

use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};

use super::grown::{DiffError, Pair};
use super::load::{Wanted, load, texts};
use super::log::Log;
use super::{ArticleDiff, Loaded, Name, VersionFacts, compare, compared_text};
use crate::limits;
use crate::manifest::{FileEntry, Manifest};
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

/// Names the articles of pairs, and visits them in their order until it is told to stop.
pub(super) fn name_pairs(
    first: &Log<'_>,
    second: &Log<'_>,
    pairs: &[Pair],
    threads: usize,
    visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
) -> Result<(), DiffError> {
    let keep = |_: &VersionRef, Manifest { subject, title, change, .. }| Name { subject, title, change: Some(change) };
    let mut rest = pairs;
    while !rest.is_empty() {
        let (round, later) = rest.split_at(round(rest));
        rest = later;
        // The newest manifest is enough.
        let from = round.iter().map(|pair| shown(pair.from).filter(|_| pair.to.is_none()));
        let to = round.iter().map(|pair| shown(pair.to));
        let [from, to] = load([first, second], [from.collect(), to.collect()], threads, keep)?;
        for (pair, (from, to)) in round.iter().zip(from.into_iter().zip(to)) {
            if visit(named(pair, from, to, [first, second])).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn named(pair: &Pair, from: Option<Name>, to: Option<Name>, logs: [&Log<'_>; 2]) -> ArticleDiff {
    let facts = |version: &VersionRef, name: &Option<Name>| {
        VersionFacts::of(version, name.as_ref().and_then(|name| name.change))
    };
    let (before, after) = (pair.from.as_ref().map(|v| facts(v, &from)), pair.to.as_ref().map(|v| facts(v, &to)));
    let name = to.or(from);
    ArticleDiff { from: before, to: after, ..compare(pair, [None, None], logs.map(|log| log.withheld.as_ref())) }
        .called(name)
}

/// A version whose manifest is there.
fn shown(version: Option<VersionRef>) -> Option<VersionRef> {
    version.filter(|version| version.withheld.is_none())
}

/// Compares pairs, and visits them in their order until it is told to stop.
pub(super) fn compare_pairs(
    first: &Log<'_>,
    second: &Log<'_>,
    pairs: &[Pair],
    threads: usize,
    visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
) -> Result<(), DiffError> {
    let (logs, mut rest) = ([first, second], pairs);
    while !rest.is_empty() {
        let (round, later) = rest.split_at(round(rest));
        rest = later;
        let (from, to) = round.iter().map(|pair| (shown(pair.from), shown(pair.to))).unzip();
        let keep = |version: &VersionRef, manifest| Loaded { version: *version, manifest, text: None };
        let [from, to] = load(logs, [from, to], threads, keep)?;
        let mut loaded: Vec<_> = from.into_iter().zip(to).map(|(from, to)| Both { from, to }).collect();
        let mut next = 0;
        while next < loaded.len() {
            let part = part(&loaded, next, logs);
            next = part.end;
            load_texts(logs, &mut loaded[part.clone()], threads)?;
            if compare_part(logs, &round[part.clone()], &mut loaded[part], threads, visit).is_break() {
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
fn part(loaded: &[Both], start: usize, logs: [&Log<'_>; 2]) -> Range<usize> {
    let mut held = 0;
    let fits = loaded.iter().skip(start).take_while(|both| {
        let is_first = held == 0;
        held += wanted_texts(both, logs).map_or(1, |[from, to]| from.file.size + to.file.size);
        is_first || held <= limits::COMPARED
    });
    start..start + fits.count().max(1)
}

/// The texts that have to be compared, if they have to.
fn wanted_texts<'a>(both: &'a Both, [first, second]: [&Log<'_>; 2]) -> Option<[Wanted<'a>; 2]> {
    let (from, to) = (wanted_text(both.from.as_ref()?, first)?, wanted_text(both.to.as_ref()?, second)?);
    (from.file.sha256 != to.file.sha256).then_some([from, to])
}

fn wanted_text<'a>(loaded: &'a Loaded, log: &Log<'_>) -> Option<Wanted<'a>> {
    let Loaded { version, manifest, .. } = loaded;
    let withheld = |file: &FileEntry| log.withheld.as_ref()?.of_file(version.index, &file.sha256);
    compared_text(manifest).filter(|file| withheld(file).is_none()).map(|file| Wanted {
        index: version.index,
        manifest,
        file,
    })
}

fn load_texts(logs: [&Log<'_>; 2], loaded: &mut [Both], threads: usize) -> Result<(), DiffError> {
    let (from, to) =
        loaded.iter().map(|both| wanted_texts(both, logs).map_or((None, None), |[a, b]| (Some(a), Some(b)))).unzip();
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
    logs: [&Log<'_>; 2],
    pairs: &[Pair],
    loaded: &mut [Both],
    threads: usize,
    visit: &mut dyn FnMut(ArticleDiff) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let slots: Vec<_> = pairs.chunks(AT_ONCE).zip(loaded.chunks_mut(AT_ONCE)).map(Mutex::new).collect();
    let work = |nth: u64| {
        let Some(slot) = usize::try_from(nth).ok().and_then(|nth| slots.get(nth)) else { return Vec::new() };
        let (pairs, loaded) = &mut *slot.lock().unwrap_or_else(PoisonError::into_inner);
        let both = pairs.iter().zip(loaded.iter_mut().map(std::mem::take));
        let withheld = logs.map(|log| log.withheld.as_ref());
        both.map(|(pair, Both { from, to })| compare(pair, [from, to], withheld)).collect()
    };
    let mut flow = ControlFlow::Continue(());
    in_order(threads, slots.len() as u64, work, |_, diffs: Vec<ArticleDiff>| {
        flow = diffs.into_iter().try_for_each(&mut *visit);
        flow.is_continue()
    });
    flow
}
