//! The benchmarks' own measures.

use std::collections::HashMap;

/// Precision, recall and their harmonic mean.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quality {
    pub(crate) precision: f64,
    pub(crate) recall: f64,
}

impl Quality {
    pub(crate) fn f1(self) -> f64 {
        let sum = self.precision + self.recall;
        if sum == 0.0 { 0.0 } else { 2.0 * self.precision * self.recall / sum }
    }
}

/// Runs of four words, with how often each occurs; the whole text where it has fewer.
fn shingles(text: &str) -> HashMap<Vec<&str>, u32> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let mut all = HashMap::new();
    if words.is_empty() {
        return all;
    }
    if words.len() < 4 {
        all.insert(words, 1);
        return all;
    }
    for run in words.windows(4) {
        *all.entry(run.to_vec()).or_default() += 1;
    }
    all
}

/// One text against its gold: shingles in both, in the text alone, in the gold alone.
fn compare(gold: &str, text: &str) -> (f64, f64, f64) {
    let (gold, text) = (shingles(gold), shingles(text));
    let (mut both, mut more, mut less) = (0_u32, 0_u32, 0_u32);
    for (run, wanted) in &gold {
        let got = text.get(run).copied().unwrap_or_default();
        both += got.min(*wanted);
        less += wanted.saturating_sub(got);
    }
    for (run, got) in &text {
        more += got.saturating_sub(gold.get(run).copied().unwrap_or_default());
    }
    (f64::from(both), f64::from(more), f64::from(less))
}

fn ratio(good: f64, bad: f64, other: f64) -> f64 {
    if bad == 0.0 && other == 0.0 {
        1.0
    } else if good + bad == 0.0 {
        0.0
    } else {
        good / (good + bad)
    }
}

/// The F1 of one text.
pub(crate) fn body(gold: &str, text: &str) -> Quality {
    let (both, more, less) = compare(gold, text);
    Quality { precision: ratio(both, more, less), recall: ratio(both, less, more) }
}

/// As scrapinghub's `evaluate.py`: the means of precision and recall over the pages, and F1 of the means.
pub(crate) fn bodies<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Quality {
    let (mut precision, mut recall) = (Vec::new(), Vec::new());
    for (gold, text) in pairs {
        let (both, more, less) = compare(gold, text);
        if both + more > 0.0 {
            precision.push(ratio(both, more, less));
        }
        if both + less > 0.0 {
            recall.push(ratio(both, less, more));
        }
    }
    Quality { precision: mean(&precision), recall: mean(&recall) }
}

#[allow(clippy::cast_precision_loss, reason = "a few thousand pages")]
fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Snippets that must and must not appear, as trafilatura's evaluation counts them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Snippets {
    pub(crate) found: u32,
    pub(crate) missed: u32,
    pub(crate) wrong: u32,
    pub(crate) avoided: u32,
}

impl Snippets {
    pub(crate) fn add(&mut self, with: &[String], without: &[String], text: &str) {
        let text = words(text);
        for snippet in with {
            *(if text.contains(&words(snippet)) { &mut self.found } else { &mut self.missed }) += 1;
        }
        for snippet in without {
            *(if text.contains(&words(snippet)) { &mut self.wrong } else { &mut self.avoided }) += 1;
        }
    }

    pub(crate) fn quality(self) -> Quality {
        let (found, wrong, missed) = (f64::from(self.found), f64::from(self.wrong), f64::from(self.missed));
        Quality { precision: ratio(found, wrong, missed), recall: ratio(found, missed, wrong) }
    }
}

/// White space as single spaces.
pub(crate) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many of those that have one are the same.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exact {
    pub(crate) same: u32,
    pub(crate) all: u32,
}

impl Exact {
    pub(crate) fn add(&mut self, gold: Option<&str>, found: Option<&str>) {
        let Some(gold) = gold else { return };
        self.all += 1;
        self.same += u32::from(found.is_some_and(|found| words(found) == words(gold)));
    }

    pub(crate) fn share(self) -> f64 {
        if self.all == 0 { 0.0 } else { f64::from(self.same) / f64::from(self.all) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_measured_as_the_benchmark_does() {
        let gold = "one two three four five six";
        assert!((body(gold, gold).f1() - 1.0).abs() < 1e-9);
        let half = body(gold, "one two three four");
        assert!((half.precision - 1.0).abs() < 1e-9 && (half.recall - 1.0 / 3.0).abs() < 1e-9);
        assert!(body(gold, "").f1() < 1e-9 && (body("", "").f1() - 1.0).abs() < 1e-9);
        let noisy = body(gold, "one two three four five six seven");
        assert!((noisy.precision - 0.75).abs() < 1e-9 && (noisy.recall - 1.0).abs() < 1e-9);
    }

    #[test]
    fn snippets_are_counted_whatever_their_white_space() {
        let mut snippets = Snippets::default();
        snippets.add(&["a  b".into(), "c".into()], &["d".into(), "a\nb".into()], "x a\n b y");
        assert_eq!((snippets.found, snippets.missed, snippets.wrong, snippets.avoided), (1, 1, 1, 1));
    }
}
