//! Dates that may be known in part, compared by day.

use std::str::FromStr;

use litopys::Edtf;
use litopys::time::TimeError;

/// A day or part of a date that someone asked for: a bound.
#[derive(Debug, Clone)]
pub(crate) struct Bound(Days);

impl FromStr for Bound {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.parse::<Edtf>().map(|date| Self(Days::of(date.as_str())))
    }
}

/// The first and the last day that a date may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Days {
    first: String,
    last: String,
}

impl Days {
    /// The days that a date or time in the archive's notation may mean, as it is written: no offset is reckoned with.
    pub(crate) fn of(date: &str) -> Self {
        let date = date.get(..10).unwrap_or(date);
        let mut parts = date.split('-');
        let mut part = |least: &str, most: &str| match parts.next() {
            Some(part) if !part.contains('X') => (part.to_owned(), part.to_owned()),
            _ => (least.to_owned(), most.to_owned()),
        };
        let (year, month, day) = (part("0000", "9999"), part("01", "12"), part("01", "31"));
        Self { first: format!("{}-{}-{}", year.0, month.0, day.0), last: format!("{}-{}-{}", year.1, month.1, day.1) }
    }

    /// Whether it may be within these bounds.
    pub(crate) fn within(&self, since: Option<&Bound>, until: Option<&Bound>) -> bool {
        since.is_none_or(|since| self.last >= since.0.first) && until.is_none_or(|until| self.first <= until.0.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_known_in_part_may_be_within_bounds() {
        let within = |date: &str, since: &str, until: &str| {
            Days::of(date).within(since.parse().ok().as_ref(), until.parse().ok().as_ref())
        };
        assert!(within("2025-09-05", "2025-09-05", "2025-09-05"));
        assert!(within("2025-09-05T23:59:59+03:00", "2025-09", "2025-09-05"));
        assert!(within("2025-09", "2025-09-30", ""));
        assert!(within("2025", "", "2025-01"));
        assert!(within("XXXX-09-05", "2025-01-01", "2025-12-31"));
        assert!(!within("2025-09-05", "2025-09-06", ""));
        assert!(!within("2025-09-05", "", "2025-08"));
        assert!(!within("2025-XX-XX", "2026", ""));
        assert!("yesterday".parse::<Bound>().is_err());
    }
}
