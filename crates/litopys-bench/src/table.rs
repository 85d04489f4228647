//! The table of results, as Markdown.

use std::fmt::{self, Display};

/// Something measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Quantity {
    /// Wall-clock time.
    Seconds(f64),
    /// A size.
    Bytes(u64),
}

impl Quantity {
    fn value(self) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds,
            Self::Bytes(bytes) => bytes as f64,
        }
    }
}

impl Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Seconds(seconds) if seconds < 1.0 => write!(f, "{:.2} ms", seconds * 1e3),
            Self::Seconds(seconds) => write!(f, "{seconds:.2} s"),
            Self::Bytes(bytes) if bytes < 100_000 => write!(f, "{bytes} B"),
            Self::Bytes(bytes) => write!(f, "{:.2} MB", bytes as f64 / 1e6),
        }
    }
}

/// The middle of some numbers, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    /// Of these numbers.
    pub(crate) fn of(mut numbers: Vec<f64>) -> Self {
        numbers.sort_by(f64::total_cmp);
        let count = numbers.len();
        let at = |place: usize| numbers.get(place).copied().unwrap_or(f64::NAN);
        let median = (at((count.max(1) - 1) / 2) + at(count / 2)) / 2.0;
        Self { median, least: at(0), most: at(count.max(1) - 1) }
    }
}

/// What ours should be at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// So many times the peer's.
    Ratio(f64),
    /// This, whatever the peer's.
    AtMost(Quantity),
}

impl Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio(ratio) => write!(f, "≤ {ratio:.2}×"),
            Self::AtMost(quantity) => write!(f, "≤ {quantity}"),
        }
    }
}

/// A row of the table: ours beside one peer.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) job: String,
    pub(crate) peer: String,
    pub(crate) ours: Option<Quantity>,
    pub(crate) theirs: Option<Quantity>,
    pub(crate) ratio: Option<Spread>,
    pub(crate) target: Option<Target>,
    pub(crate) note: String,
}

impl Row {
    /// A row without figures.
    pub(crate) fn new(job: &str, peer: &str) -> Self {
        Self { job: job.to_owned(), peer: peer.to_owned(), ..Self::default() }
    }

    /// A row of two sizes.
    pub(crate) fn sizes(job: &str, ours: u64, peer: &str, theirs: Option<u64>) -> Self {
        let ratio = theirs.map(|theirs| Spread::of(vec![ours as f64 / theirs as f64]));
        Self { ours: Some(Quantity::Bytes(ours)), theirs: theirs.map(Quantity::Bytes), ratio, ..Self::new(job, peer) }
    }

    /// Sets what it is held against.
    pub(crate) fn target(self, target: Option<Target>) -> Self {
        Self { target, ..self }
    }

    /// Says something about the row.
    pub(crate) fn note(self, note: &str) -> Self {
        Self { note: note.replace('|', "\\|"), ..self }
    }

    /// Says that the peer failed, and the beginning of why.
    pub(crate) fn failed(self, error: &crate::Error) -> Self {
        let why = error.to_string().lines().take(2).collect::<Vec<_>>().join(": ");
        self.note(&format!("failed: {why}"))
    }

    /// Whether its target can be judged without a peer.
    pub(crate) fn is_absolute(&self) -> bool {
        matches!(self.target, Some(Target::AtMost(_)))
    }

    fn verdict(&self) -> &'static str {
        let within = match (self.target, self.ratio, self.ours) {
            (Some(Target::Ratio(limit)), Some(ratio), _) => ratio.median <= limit,
            (Some(Target::AtMost(limit)), _, Some(ours)) => ours.value() <= limit.value(),
            _ => return "",
        };
        if within { "met" } else { "**missed**" }
    }

    fn ratio(&self) -> String {
        // Two digits that say something: 0.52, 0.0071
        let show = |ratio: f64| if ratio < 0.01 { format!("{ratio:.4}") } else { format!("{ratio:.2}") };
        match self.ratio {
            Some(Spread { median, least, most }) if least < most => {
                format!("{} ({}–{})", show(median), show(least), show(most))
            }
            Some(Spread { median, .. }) => show(median),
            None => String::new(),
        }
    }
}

/// The rows as a table.
pub(crate) fn render(rows: &[Row]) -> String {
    let mut table =
        String::from("| job | litopys | peer | peer's | ratio | target | |\n|---|---:|---|---:|---:|---:|---|\n");
    for row in rows {
        let quantity = |quantity: Option<Quantity>| quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
        let target = row.target.map(|target| target.to_string()).unwrap_or_default();
        let (ours, theirs, ratio) = (quantity(row.ours), quantity(row.theirs), row.ratio());
        let remark =
            [row.verdict(), &row.note].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
        let cells = [&row.job, &ours, &row.peer, &theirs, &ratio, &target, &remark].map(String::as_str);
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_between_the_middle_two() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Spread { median: 2.0, least: 1.0, most: 3.0 });
        assert!((Spread::of(vec![4.0, 1.0, 2.0, 3.0]).median - 2.5).abs() < 1e-9);
        assert!(Spread::of(vec![]).median.is_nan());
    }

    #[test]
    fn a_row_is_judged_by_its_target_only() {
        let sizes = |ours| Row::sizes("size", ours, "git", Some(100));
        assert_eq!(sizes(90).target(Some(Target::Ratio(0.9))).verdict(), "met");
        assert_eq!(sizes(91).target(Some(Target::Ratio(0.9))).verdict(), "**missed**");
        assert_eq!(sizes(91).verdict(), "");
        let missing = Row::new("verify", "git").target(Some(Target::Ratio(0.9))).note("not installed");
        assert!(render(&[missing]).contains("| verify |  | git |  |  | ≤ 0.90× | not installed |"));
    }
}
