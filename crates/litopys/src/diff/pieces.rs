//! Long sequences compared piece by piece. What compares them takes, in the worst case, the square of their length: an archive could make that hours.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Token};

/// So many parts of a text are compared at once, at most: some milliseconds, whatever they are.
const PIECE: usize = 2_048;

/// The same stretch of two sequences.
type Stretch = (Range<usize>, Range<usize>);

/// The parts of two sequences that differ, in order. `tokens` are how many different ones there are.
pub(super) fn hunks(before: &[Token], after: &[Token], tokens: usize) -> Vec<Stretch> {
    let (mut hunks, mut names) = (Vec::new(), Names(vec![u32::MAX; tokens]));
    for (old, new) in pieces(before, after, tokens) {
        if !fits(&old, &new) {
            // No part of it is there once in both texts: nobody could read it word by word either.
            hunks.push((old, new));
            continue;
        }
        let (before, after, count) = names.shorten(&before[old.clone()], &after[new.clone()]);
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Histogram, &before, &after, count);
        let at = |range: &Range<u32>, start: usize| range.start as usize + start..range.end as usize + start;
        hunks.extend(diff.hunks().map(|hunk| (at(&hunk.before, old.start), at(&hunk.after, new.start))));
    }
    hunks
}

fn fits(old: &Range<usize>, new: &Range<usize>) -> bool {
    old.len().max(new.len()) <= PIECE
}

/// Both sequences, cut in as few places as will do, before a token that is there once in either. Where there is none a piece is longer than others.
fn pieces(before: &[Token], after: &[Token], tokens: usize) -> Vec<Stretch> {
    let all = (0..before.len(), 0..after.len());
    if fits(&all.0, &all.1) {
        return vec![all];
    }
    let (mut pieces, mut start, mut last) = (Vec::new(), (0, 0), (0, 0));
    for next in anchors(before, after, tokens).into_iter().chain([(before.len(), after.len())]) {
        if !fits(&(start.0..next.0), &(start.1..next.1)) && last != start {
            pieces.push((start.0..last.0, start.1..last.1));
            start = last;
        }
        if !fits(&(start.0..next.0), &(start.1..next.1)) {
            pieces.push((start.0..next.0, start.1..next.1));
            start = next;
        }
        last = next;
    }
    pieces.push((start.0..before.len(), start.1..after.len()));
    pieces.retain(|(old, new)| !old.is_empty() || !new.is_empty());
    pieces
}

/// Where tokens stand that are there once in either sequence: most of those that have the same order in both.
fn anchors(before: &[Token], after: &[Token], tokens: usize) -> Vec<(usize, usize)> {
    let (old, new) = (places(before, tokens), places(after, tokens));
    let once = before.iter().enumerate().filter_map(|(at, token)| {
        let nth = token.0 as usize;
        match (old.get(nth)?, new.get(nth)?) {
            (Place::Once(_), Place::Once(other)) => Some((at, *other)),
            _ => None,
        }
    });
    ascending(&once.collect::<Vec<_>>())
}

#[derive(Debug, Clone, Copy)]
enum Place {
    None,
    Once(usize),
    More,
}

fn places(sequence: &[Token], tokens: usize) -> Vec<Place> {
    let mut places = vec![Place::None; tokens];
    for (at, token) in sequence.iter().enumerate() {
        if let Some(place) = places.get_mut(token.0 as usize) {
            *place = if matches!(place, Place::None) { Place::Once(at) } else { Place::More };
        }
    }
    places
}

/// The longest subsequence whose second places ascend, as the first ones do.
fn ascending(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // Of each length the one that ends lowest, by its end; and of each pair the one before it.
    let (mut ends, mut before) = (Vec::<usize>::new(), Vec::with_capacity(pairs.len()));
    let second = |at: &usize| pairs.get(*at).map_or(0, |pair| pair.1);
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| second(end) < pair.1);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let last = ends.last().copied();
    let back = std::iter::successors(last, |at| before.get(*at).copied().flatten());
    let mut longest: Vec<_> = back.filter_map(|at| pairs.get(at).copied()).collect();
    longest.reverse();
    longest
}

/// Tokens by the order in which a piece has them, so that its tables are as small as it is.
struct Names(Vec<u32>);

impl Names {
    fn shorten(&mut self, before: &[Token], after: &[Token]) -> (Vec<Token>, Vec<Token>, u32) {
        let mut count = 0;
        let mut shorten = |token: &Token| match self.0.get_mut(token.0 as usize) {
            Some(name) if *name == u32::MAX => {
                *name = count;
                count += 1;
                Token(*name)
            }
            name => Token(name.map_or(0, |name| *name)),
        };
        let short = (before.iter().map(&mut shorten).collect(), after.iter().map(&mut shorten).collect());
        for token in before.iter().chain(after) {
            if let Some(name) = self.0.get_mut(token.0 as usize) {
                *name = u32::MAX;
            }
        }
        (short.0, short.1, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sequence(of: impl IntoIterator<Item = u32>) -> Vec<Token> {
        of.into_iter().map(Token).collect()
    }

    /// The later sequence, made of the earlier one and what differs.
    fn rebuilt(before: &[Token], after: &[Token], tokens: usize) -> Vec<Token> {
        let (mut rebuilt, mut at) = (Vec::new(), 0);
        for (old, new) in hunks(before, after, tokens) {
            rebuilt.extend_from_slice(&before[at..old.start]);
            rebuilt.extend_from_slice(&after[new]);
            at = old.end;
        }
        rebuilt.extend_from_slice(&before[at..]);
        rebuilt
    }

    /// How long the longest piece is that is compared.
    fn longest(before: &[Token], after: &[Token], tokens: usize) -> usize {
        let pieces = pieces(before, after, tokens);
        let ends = pieces.iter().fold((0, 0), |end, (old, new)| {
            assert_eq!(end, (old.start, new.start), "nothing is left out");
            (old.end, new.end)
        });
        assert_eq!(ends, (before.len(), after.len()));
        let compared = pieces.iter().filter(|(old, new)| fits(old, new));
        compared.map(|(old, new)| old.len().max(new.len())).max().unwrap_or(0)
    }

    #[test]
    fn no_text_makes_a_comparison_take_the_square_of_its_length() {
        const N: u32 = 50_000;
        // Four tokens over and over, in another order; every second one replaced; nothing in common but one of them.
        let repeated = (sequence((0..N).map(|n| n % 4)), sequence((0..N).map(|n| (n + n % 2 * 2) % 4)), 4);
        let of = |a: u32| move |n: u32| if n.is_multiple_of(2) { n } else { n + a };
        let replaced = (sequence((0..N).map(of(0))), sequence((0..N).map(of(N))), 2 * N as usize);
        let of = |a: u32| move |n: u32| if n.is_multiple_of(2) { 0 } else { n + a };
        let strange = (sequence((0..N).map(of(0))), sequence((0..N).map(of(N))), 2 * N as usize);
        for (before, after, tokens) in [repeated, replaced, strange] {
            assert!(longest(&before, &after, tokens) <= PIECE);
            assert!(rebuilt(&before, &after, tokens) == after);
        }
    }

    #[test]
    fn a_long_text_is_compared_by_its_words() {
        const N: u32 = 10_000;
        let before = sequence(0..N);
        let mut after = before.clone();
        after[5_000] = Token(N);
        assert_eq!(hunks(&before, &after, N as usize + 1), [(5_000..5_001, 5_000..5_001)]);
        after.remove(100);
        assert_eq!(hunks(&before, &after, N as usize + 1), [(100..101, 100..100), (5_000..5_001, 4_999..5_000)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_hunks_lead_from_one_to_the_other(
            before in proptest::collection::vec(0..2_000u32, 0..4_000),
            after in proptest::collection::vec(0..2_000u32, 0..4_000),
        ) {
            let (before, after) = (sequence(before), sequence(after));
            prop_assert!(longest(&before, &after, 2_000) <= PIECE);
            prop_assert!(rebuilt(&before, &after, 2_000) == after);
        }
    }
}
