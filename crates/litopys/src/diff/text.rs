//! What changed between two texts, by word.

use std::hash::Hash;
use std::ops::Range;

use imara_diff::InternedInput;

use super::pieces;

/// A stretch of text that was replaced. Between two of them both texts are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextChange {
    /// What was struck: bytes of the older text; empty where something was only added.
    pub before: Range<usize>,
    /// What was added: bytes of the newer text; empty where something was only struck.
    pub after: Range<usize>,
}

/// The changes that lead from one text to another, in order: whole words, spaces and signs.
///
/// Changes that only a word or two keep apart are one, so that a rewritten sentence reads as words struck and words added.
pub fn diff_words(before: &str, after: &str) -> Vec<TextChange> {
    let mut changes = Vec::new();
    let (at, before, after) = differing(before, after);
    for (old, new) in between_same_paragraphs(before, after) {
        let (from, before, after) = differing(&before[old.clone()], &after[new.clone()]);
        compare_words((old.start + at + from, before), (new.start + at + from, after), &mut changes);
    }
    changes
}

/// Both texts without what they begin and end with alike, which costs no look at words; and where they begin.
fn differing<'a>(before: &'a str, after: &'a str) -> (usize, &'a str, &'a str) {
    let start = common_start(before.as_bytes(), after.as_bytes());
    let start = boundary_before(before, after, start);
    let (before, after) = (&before[start..], &after[start..]);
    let end = common_end(before.as_bytes(), after.as_bytes());
    let end = boundary_after(before, after, end);
    (start, &before[..before.len() - end], &after[..after.len() - end])
}

/// The stretches of two texts that stand between paragraphs which both have alike: only there words are compared, and only there a change can be.
fn between_same_paragraphs(before: &str, after: &str) -> Vec<(Range<usize>, Range<usize>)> {
    /// So many bytes have to be alike: a rule or a heading is found anywhere.
    const ALIKE: usize = 64;
    let all = (0..before.len(), 0..after.len());
    let (Some(old), Some(new)) = (Parts::paragraphs(before), Parts::paragraphs(after)) else { return vec![all] };
    if old.bounds.len() < 3 || new.bounds.len() < 3 {
        return vec![all];
    }
    let mut stretches: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for (old_range, new_range) in hunks(&old, &new) {
        let bytes = |parts: &Parts<'_>, range: Range<usize>| parts.at(range.start)..parts.at(range.end);
        let (old, new) = (bytes(&old, old_range), bytes(&new, new_range));
        match stretches.last_mut() {
            None if old.start < ALIKE => stretches.push((0..old.end, 0..new.end)),
            Some(last) if old.start - last.0.end < ALIKE => *last = (last.0.start..old.end, last.1.start..new.end),
            _ => stretches.push((old, new)),
        }
    }
    if let Some(last) = stretches.last_mut().filter(|last| before.len() - last.0.end < ALIKE) {
        *last = (last.0.start..before.len(), last.1.start..after.len());
    }
    stretches
}

/// The parts that differ, in order.
fn hunks(old: &Parts<'_>, new: &Parts<'_>) -> Vec<(Range<usize>, Range<usize>)> {
    let parts = old.bounds.len().max(new.bounds.len());
    let (before, after) = (Vec::with_capacity(parts), Vec::with_capacity(parts));
    // About half of them are there once.
    let mut input = InternedInput::<&str> { before, after, interner: imara_diff::Interner::new(parts / 2) };
    input.update_before(old.iter());
    input.update_after(new.iter());
    pieces::hunks(&input.before, &input.after, input.interner.num_tokens() as usize)
}

/// Appends the changes of two stretches, each with where it begins in its text.
fn compare_words((old_start, before): (usize, &str), (new_start, after): (usize, &str), all: &mut Vec<TextChange>) {
    let change = |old: Range<usize>, new: Range<usize>| TextChange {
        before: old.start + old_start..old.end + old_start,
        after: new.start + new_start..new.end + new_start,
    };
    if before.is_empty() || after.is_empty() {
        let differs = !before.is_empty() || !after.is_empty();
        return all.extend(differs.then(|| change(0..before.len(), 0..after.len())));
    }
    let (Some(old), Some(new)) = (Parts::words(before), Parts::words(after)) else {
        // More than 4 GiB: nobody reads that word by word.
        return all.push(change(0..before.len(), 0..after.len()));
    };
    let mut changes: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for hunk in hunks(&old, &new) {
        match changes.last_mut() {
            Some(last) if reads_as_one(&old, last, &hunk) => {
                *last = (last.0.start..hunk.0.end, last.1.start..hunk.1.end)
            }
            _ => changes.push(hunk),
        }
    }
    let bytes = |words: &Parts<'_>, range: Range<usize>| words.at(range.start)..words.at(range.end);
    all.extend(changes.into_iter().map(|(of_old, of_new)| change(bytes(&old, of_old), bytes(&new, of_new))));
}

const BLOCK: usize = 32;

/// How many bytes two texts begin with alike.
fn common_start(a: &[u8], b: &[u8]) -> usize {
    let alike = |(a, b): &(&[u8], &[u8])| a == b;
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(alike).count() * BLOCK;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

/// How many bytes two texts end with alike.
fn common_end(a: &[u8], b: &[u8]) -> usize {
    let alike = |(a, b): &(&[u8], &[u8])| a == b;
    let blocks = a.rchunks_exact(BLOCK).zip(b.rchunks_exact(BLOCK)).take_while(alike).count() * BLOCK;
    let rest = (&a[..a.len() - blocks], &b[..b.len() - blocks]);
    blocks + rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// The last place up to `at` where no word of either text is cut.
fn boundary_before(a: &str, b: &str, mut at: usize) -> usize {
    while at > 0 && !(is_boundary(a, at) && is_boundary(b, at)) {
        at -= 1;
    }
    at
}

/// The same from the end.
fn boundary_after(a: &str, b: &str, mut at: usize) -> usize {
    while at > 0 && !(is_boundary(a, a.len() - at) && is_boundary(b, b.len() - at)) {
        at -= 1;
    }
    at
}

fn is_boundary(text: &str, at: usize) -> bool {
    let Some((left, right)) = text.split_at_checked(at) else { return false };
    match (left.chars().next_back(), right.chars().next()) {
        (Some(left), Some(right)) => class(left) == Class::Sign || class(left) != class(right),
        _ => true,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    Word,
    Space,
    /// Stands for itself: punctuation, and characters of scripts that put no spaces between words.
    Sign,
}

/// The classes of ASCII, which most texts are made of, or at least their spaces and signs.
const ASCII: [Class; 128] = {
    let mut classes = [Class::Sign; 128];
    let mut at = 0u8;
    while at < 128 {
        classes[at as usize] = match at {
            b'\t'..=b'\r' | b' ' => Class::Space,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'\'' => Class::Word,
            _ => Class::Sign,
        };
        at += 1;
    }
    classes
};

fn class(c: char) -> Class {
    if let Some(class) = ASCII.get(c as usize) {
        return *class;
    }
    match c {
        _ if c.is_whitespace() => Class::Space,
        // Ideographs, kana, Thai, Lao, Khmer, Myanmar.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' => {
            Class::Sign
        }
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Class::Sign,
        // Marks belong to the letter before them, apostrophes to the word around them.
        '\u{2019}' | '\u{300}'..='\u{36f}' | '\u{ad}' => Class::Word,
        _ if c.is_alphanumeric() => Class::Word,
        _ => Class::Sign,
    }
}

/// A text in parts.
struct Parts<'a> {
    text: &'a str,
    /// Where each begins, in bytes, and where the last ends.
    bounds: Vec<u32>,
}

impl<'a> Parts<'a> {
    /// Its words, spaces and signs. `None` of more than 4 GiB.
    fn words(text: &'a str) -> Option<Self> {
        let length = u32::try_from(text.len()).ok()?;
        let mut bounds = Vec::with_capacity(text.len() / 3 + 2);
        let mut last = Class::Sign;
        for (at, c) in text.char_indices() {
            let class = class(c);
            if class == Class::Sign || class != last {
                bounds.push(u32::try_from(at).unwrap_or(length));
            }
            last = class;
        }
        bounds.push(length);
        Some(Self { text, bounds })
    }

    /// Its lines, each with the empty ones after it. `None` of more than 4 GiB.
    fn paragraphs(text: &'a str) -> Option<Self> {
        let length = u32::try_from(text.len()).ok()?;
        let mut bounds = vec![0];
        for (at, _) in text.match_indices('\n').filter(|(at, _)| !text[at + 1..].starts_with('\n')) {
            bounds.push(u32::try_from(at + 1).unwrap_or(length));
        }
        if bounds.last() != Some(&length) {
            bounds.push(length);
        }
        Some(Self { text, bounds })
    }

    /// Where the word with this number begins, in bytes; beyond the last, the end of the text.
    fn at(&self, nth: usize) -> usize {
        self.bounds.get(nth).map_or(self.text.len(), |at| *at as usize)
    }

    fn word(&self, nth: usize) -> &'a str {
        &self.text[self.at(nth)..self.at(nth + 1)]
    }

    fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.bounds.windows(2).map(|bounds| &self.text[bounds[0] as usize..bounds[1] as usize])
    }
}

/// Whether two changes are one to a reader: less lies between them than each of them changes, and no end of a paragraph.
fn reads_as_one(words: &Parts<'_>, left: &(Range<usize>, Range<usize>), right: &(Range<usize>, Range<usize>)) -> bool {
    if words.text[words.at(left.0.end)..words.at(right.0.start)].contains('\n') {
        return false;
    }
    let within = (left.0.end..right.0.start).filter(|nth| !words.word(*nth).trim().is_empty()).count();
    let weight = |change: &(Range<usize>, Range<usize>)| change.0.len().max(change.1.len());
    // A word stands with a space in a change.
    within == 0 || within * 2 < weight(left).min(weight(right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The changes as `[struck|added]` in the newer text.
    fn shown(before: &str, after: &str) -> String {
        let (mut out, mut at) = (String::new(), 0);
        for change in diff_words(before, after) {
            out += &after[at..change.after.start];
            out += &format!("[{}|{}]", &before[change.before], &after[change.after.clone()]);
            at = change.after.end;
        }
        out + &after[at..]
    }

    /// The newer text, made of the older one and the changes.
    fn rebuilt(before: &str, after: &str) -> String {
        let (mut rebuilt, mut at) = (String::new(), 0);
        for change in diff_words(before, after) {
            assert!(!change.before.is_empty() || !change.after.is_empty());
            rebuilt += &before[at..change.before.start];
            rebuilt += &after[change.after];
            at = change.before.end;
        }
        rebuilt + &before[at..]
    }

    #[test]
    fn changes_are_whole_words() {
        assert_eq!(shown("one two three", "one 2 three"), "one [two|2] three");
        assert_eq!(shown("troops", "troop"), "[troops|troop]");
        assert_eq!(shown("a b", "a b c"), "a b[| c]");
        assert_eq!(shown("", "a"), "[|a]");
        assert_eq!(shown("same", "same"), "same");
        assert_eq!(shown("п’ять танків", "шість танків"), "[п’ять|шість] танків");
        assert_eq!(shown("今天下雨", "今天下雪"), "今天下[雨|雪]");
        assert_eq!(shown("cafe\u{301} x", "cafe x"), "[cafe\u{301}|cafe] x");
    }

    #[test]
    fn a_rewritten_sentence_reads_as_one_change() {
        let before = "It was calm. The mayor said that the bridge had been hit by two missiles. Nobody was hurt.";
        let after = "It was calm. Officials reported damage to the crossing after a strike. Nobody was hurt.";
        let text = shown(before, after);
        assert!(text.starts_with("It was calm. [The mayor said"), "{text}");
        assert!(text.ends_with(". Nobody was hurt."), "{text}");
        assert!(text.matches('[').count() <= 2, "{text}");
    }

    #[test]
    fn paragraphs_that_stayed_keep_changes_apart() {
        let kept =
            ["It was calm in the city, and nobody expected what came in the night that followed that day.\n\n"; 3];
        let [a, b, c] = kept;
        let (before, after) = (format!("x\n{a}one two\n\n{b}y\n\n{c}three"), format!("{a}one 2\n\n{b}new\n\n{c}three"));
        let city = a;
        assert_eq!(shown(&before, &after), format!("[x\n|]{city}one [two|2]\n\n{city}[y|new]\n\n{city}three"));
        // Short ones don't: what was moved around them reads as what it is.
        assert_eq!(shown("a\n---\nb c\n", "---\na\n---\nb d\n"), "[|---\n]a\n---\nb [c|d]\n");
    }

    proptest! {
        #[test]
        fn the_changes_of_paragraphs_lead_there_too(
            before in proptest::collection::vec(0..6usize, 0..9),
            after in proptest::collection::vec(0..6usize, 0..9),
        ) {
            let long = "word ".repeat(20);
            let parts = ["a\n", "\n", "ab\n\n", "é", &format!("{long}\n\n"), &format!("x {long}\r\n")];
            let text = |parts_of: &[usize]| parts_of.iter().map(|nth| parts[*nth]).collect::<String>();
            let (before, after) = (text(&before), text(&after));
            prop_assert_eq!(rebuilt(&before, &after), after);
        }

        #[test]
        fn the_changes_lead_from_one_text_to_the_other(before in "[ab .\nж☃\u{301}]{0,40}", after in "[ab .\nж☃\u{301}]{0,40}") {
            prop_assert_eq!(rebuilt(&before, &after), after);
        }
    }
}
