//! Comparing pairs of versions in rounds: so many at a time that their manifests and texts can be held.

use std::collections::HashSet;
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};

use super::grown::{DiffError, DiffOptions, Pair};
use super::load::{Wanted, load, texts};
use super::log::Log;
use super::{ArticleDiff, Loaded, Name, VersionFacts, compare, compared_text};
use crate::limits;
use crate::manifest::{FileEntry, Manifest};
use crate::parallel::{Load, in_order, in_order_within};
use crate::view::VersionRef;

/// How many pairs at a time, at most.
const PAIRS: usize = 4096;
/// The same of pairs whose versions stand close together: each thread has a round of its own.
const CLOSE: Range<usize> = 128..1024;
/// How many pairs a thread takes at a time: most of them take no time.
const AT_ONCE: usize = 16;

/// A pair with what was loaded of it.
#[derive(Default)]
struct Both {
    from: Option<Loaded>,
    to: Option<Loaded>,
}

/// What becomes of pairs that are compared.
pub(super) struct Work<'a, T> {
    logs: [&'a Log<'a>; 2],
    options: DiffOptions,
    /// Makes of a difference, on any thread, what is visited.
    make: &'a (dyn Fn(ArticleDiff) -> T + Sync),
    /// How much of texts is held at a time, in bytes.
    texts: u64,
}

impl<'a, T> Work<'a, T> {
    pub(super) const fn new(
        logs: [&'a Log<'a>; 2],
        options: DiffOptions,
        make: &'a (dyn Fn(ArticleDiff) -> T + Sync),
    ) -> Self {
        Self { logs, options, make, texts: limits::COMPARED }
    }
}

impl<T> Clone for Work<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Work<'_, T> {}

/// Takes what was made of one pair after the other.
type Visit<'v, T> = dyn FnMut(T) -> ControlFlow<()> + 'v;

impl<T: Send> Work<'_, T> {
    /// Compares pairs, or only names their articles, and visits them in their order until it is told to stop.
    pub(super) fn visit(self, pairs: &[Pair], visit: &mut Visit<'_, T>) -> Result<(), DiffError> {
        let rounds = rounds(pairs, self.options.threads);
        for alike in rounds.chunk_by(|a, b| a.close && b.close) {
            let flow = if alike.len() > 1 { self.side_by_side(alike, visit) } else { self.one(alike[0].pairs, visit) };
            if flow?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Each round on one thread, from the loading to what is visited.
    fn side_by_side(self, rounds: &[Round<'_>], visit: &mut Visit<'_, T>) -> Result<ControlFlow<()>, DiffError> {
        let threads = self.options.threads.max(1);
        let (options, texts) = (DiffOptions { threads: 1, ..self.options }, self.texts / threads as u64);
        let work = |nth: u64| {
            let (mut made, mut weight) = (Vec::new(), 0);
            let round = usize::try_from(nth).ok().and_then(|nth| rounds.get(nth));
            let done = round.map_or(Ok(()), |round| {
                made.reserve(round.pairs.len());
                let weighed = &|diff: ArticleDiff| (diff.weight(), (self.make)(diff));
                let work = Work { logs: self.logs, options, make: weighed, texts };
                let keep = &mut |(of_one, one)| {
                    weight += of_one;
                    made.push(one);
                    ControlFlow::Continue(())
                };
                work.one(round.pairs, keep).map(drop)
            });
            (weight, made, done)
        };
        let load = Load { most: limits::COMPARED, of: |(weight, _, _): &(u64, Vec<T>, Result<(), DiffError>)| *weight };
        let mut all = Ok(ControlFlow::Continue(()));
        in_order_within(threads, rounds.len() as u64, load, work, |_, (_, made, done)| {
            let flow = made.into_iter().try_for_each(&mut *visit);
            all = if flow.is_break() { Ok(flow) } else { done.map(|()| flow) };
            matches!(all, Ok(ControlFlow::Continue(())))
        });
        all
    }

    /// One round, with all threads for each of its steps.
    fn one(self, pairs: &[Pair], visit: &mut Visit<'_, T>) -> Result<ControlFlow<()>, DiffError> {
        if self.options.details { self.compare(pairs, visit) } else { self.name(pairs, visit) }
    }

    fn name(self, pairs: &[Pair], visit: &mut Visit<'_, T>) -> Result<ControlFlow<()>, DiffError> {
        let keep =
            |_: &VersionRef, Manifest { subject, title, change, .. }| Name { subject, title, change: Some(change) };
        // The newest manifest is enough.
        let from = pairs.iter().map(|pair| shown(pair.from).filter(|_| pair.to.is_none()));
        let to = pairs.iter().map(|pair| shown(pair.to));
        let [from, to] = load(self.logs, [from.collect(), to.collect()], self.options.threads, keep)?;
        let mut named = pairs.iter().zip(from.into_iter().zip(to));
        Ok(named.try_for_each(|(pair, (from, to))| visit((self.make)(named_diff(pair, from, to, self.logs)))))
    }

    fn compare(self, pairs: &[Pair], visit: &mut Visit<'_, T>) -> Result<ControlFlow<()>, DiffError> {
        let (from, to) = pairs.iter().map(|pair| (shown(pair.from), shown(pair.to))).unzip();
        let keep = |version: &VersionRef, manifest| Loaded { version: *version, manifest, text: None };
        let [from, to] = load(self.logs, [from, to], self.options.threads, keep)?;
        let mut loaded: Vec<_> = from.into_iter().zip(to).map(|(from, to)| Both { from, to }).collect();
        let mut next = 0;
        while next < loaded.len() {
            let part = part(&loaded, next, self.logs, self.texts);
            next = part.end;
            load_texts(self.logs, &mut loaded[part.clone()], self.options.threads)?;
            if self.compare_part(&pairs[part.clone()], &mut loaded[part], visit).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn compare_part(self, pairs: &[Pair], loaded: &mut [Both], visit: &mut Visit<'_, T>) -> ControlFlow<()> {
        let slots: Vec<_> = pairs.chunks(AT_ONCE).zip(loaded.chunks_mut(AT_ONCE)).map(Mutex::new).collect();
        let withheld = self.logs.map(|log| log.withheld.as_ref());
        let work = |nth: u64| {
            let Some(slot) = usize::try_from(nth).ok().and_then(|nth| slots.get(nth)) else { return Vec::new() };
            let (pairs, loaded) = &mut *slot.lock().unwrap_or_else(PoisonError::into_inner);
            let both = pairs.iter().zip(loaded.iter_mut().map(std::mem::take));
            both.map(|(pair, Both { from, to })| (self.make)(compare(pair, [from, to], withheld))).collect()
        };
        let mut flow = ControlFlow::Continue(());
        in_order(self.options.threads, slots.len() as u64, work, |_, made: Vec<T>| {
            flow = made.into_iter().try_for_each(&mut *visit);
            flow.is_continue()
        });
        flow
    }
}

fn named_diff(pair: &Pair, from: Option<Name>, to: Option<Name>, logs: [&Log<'_>; 2]) -> ArticleDiff {
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

/// Pairs that are loaded at a time.
#[derive(Clone, Copy)]
struct Round<'a> {
    pairs: &'a [Pair],
    /// Whether there are many in each tile that has something of them.
    close: bool,
}

fn rounds(pairs: &[Pair], threads: usize) -> Vec<Round<'_>> {
    let close = (pairs.len() / (4 * threads.max(1))).clamp(CLOSE.start, CLOSE.end);
    let (mut rounds, mut rest) = (Vec::new(), pairs);
    while !rest.is_empty() {
        let few = round(rest, close);
        let is_close = are_close(&rest[..few]);
        let (pairs, later) = rest.split_at(if is_close { few } else { round(rest, PAIRS) });
        rounds.push(Round { pairs, close: is_close });
        rest = later;
    }
    rounds
}

/// Whether each tile that has something of these pairs, and is read for them, has much of them.
fn are_close(pairs: &[Pair]) -> bool {
    /// How many of a tile's 256.
    const MUCH: usize = 64;
    let tile = |version: &Option<VersionRef>| version.map(|version| version.index / limits::TILE);
    let first: HashSet<_> = pairs.iter().filter_map(|pair| tile(&pair.from)).collect();
    let second: HashSet<_> = pairs.iter().filter_map(|pair| tile(&pair.to)).collect();
    (first.len() + second.len()) * MUCH <= 2 * pairs.len()
}

/// How many of the pairs that are left are loaded at a time: up to `most`, as many as have manifests that can be held, and whole tiles where that
/// can be.
fn round(pairs: &[Pair], most: usize) -> usize {
    let mut held = 0;
    let fits = pairs.iter().take(most).take_while(|pair| {
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
fn part(loaded: &[Both], start: usize, logs: [&Log<'_>; 2], texts: u64) -> Range<usize> {
    let mut held = 0;
    let fits = loaded.iter().skip(start).take_while(|both| {
        let is_first = held == 0;
        held += wanted_texts(both, logs).map_or(1, |[from, to]| from.file.size + to.file.size);
        is_first || held <= texts
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
