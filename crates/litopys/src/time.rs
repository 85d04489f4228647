//! The two forms of time in a manifest: [`Utc`] and [`Edtf`]. They are checked text; the library has no clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Text that is no time of the form asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not `YYYY-MM-DDTHH:MM:SSZ`.
    #[error("expected a time as YYYY-MM-DDTHH:MM:SSZ")]
    Utc,
    /// Not a date of the EDTF profile.
    #[error(
        "expected a date as YYYY, YYYY-MM, YYYY-MM-DD (each part may be X) or YYYY-MM-DDTHH:MM:SS with Z, an offset or nothing"
    )]
    Edtf,
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $error:expr, $valid:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TimeError;

            fn from_str(text: &str) -> Result<Self, TimeError> {
                if $valid(text.as_bytes()) { Ok(Self(text.to_owned())) } else { Err($error) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = TimeError;

            fn try_from(text: String) -> Result<Self, TimeError> {
                if $valid(text.as_bytes()) { Ok(Self(text)) } else { Err($error) }
            }
        }

        impl From<$name> for String {
            fn from(time: $name) -> Self {
                time.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

text_type!(
    /// A moment in UTC to the second, `YYYY-MM-DDTHH:MM:SSZ` (a profile of RFC 3339).
    Utc, TimeError::Utc, is_utc
);
text_type!(
    /// A date that may be known in part only: EDTF (ISO 8601-2) level 0 and 1, the profile of format.md, section 6.
    Edtf, TimeError::Edtf, is_edtf
);

impl Utc {
    /// The seconds since 1970-01-01T00:00:00Z; 0 for what was before.
    pub fn to_unix(&self) -> u64 {
        // The inverse of [`Utc::from_unix`]: days_from_civil. The parts are digits, as every text of this type.
        let part =
            |from: usize, to: usize| self.0.get(from..to).and_then(|text| number(text.as_bytes())).map_or(0, u64::from);
        let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
        let year = if month <= 2 { year.saturating_sub(1) } else { year };
        let (era, yoe) = (year / 400, year % 400);
        let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day.saturating_sub(1);
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        let Some(days) = (era * 146_097 + doe).checked_sub(719_468) else { return 0 };
        days * 86_400 + part(11, 13) * 3_600 + part(14, 16) * 60 + part(17, 19)
    }

    /// The moment this many seconds after 1970-01-01T00:00:00Z; `None` after the year 9999.
    pub fn from_unix(seconds: u64) -> Option<Self> {
        // Howard Hinnant's civil_from_days, for days since 1970-01-01.
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let z = days + 719_468;
        let (era, doe) = (z / 146_097, z % 146_097);
        let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
        let year = yoe + era * 400 + u64::from(month <= 2);
        let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
        (year <= 9999).then(|| Self(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")))
    }
}

/// A part of a date: all digits, or all `X` (unknown).
fn part(text: &[u8]) -> Option<Option<u32>> {
    if text.iter().all(|c| *c == b'X') { Some(None) } else { number(text).map(Some) }
}

fn number(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |n, c| c.is_ascii_digit().then(|| n * 10 + u32::from(c - b'0')))
}

fn is_day(year: Option<u32>, month: Option<u32>, day: Option<u32>) -> bool {
    let leap = year.is_none_or(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
    let last = match month {
        Some(2) => 28 + u32::from(leap),
        Some(4 | 6 | 9 | 11) => 30,
        _ => 31,
    };
    month.is_none_or(|m| (1..=12).contains(&m)) && day.is_none_or(|d| (1..=last).contains(&d))
}

fn is_clock(text: &[u8]) -> bool {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = text else { return false };
    let below = |a, b, max| number(&[a, b]).is_some_and(|n| n < max);
    below(h1, h2, 24) && below(m1, m2, 60) && below(s1, s2, 60)
}

fn is_date(text: &[u8], complete: bool) -> bool {
    let (year, month, day) = match *text {
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => ([y1, y2, y3, y4], [m1, m2], [d1, d2]),
        [y1, y2, y3, y4, b'-', m1, m2] => ([y1, y2, y3, y4], [m1, m2], *b"XX"),
        [y1, y2, y3, y4] => ([y1, y2, y3, y4], *b"XX", *b"XX"),
        _ => return false,
    };
    let (Some(year), Some(month), Some(day)) = (part(&year), part(&month), part(&day)) else { return false };
    !(complete && text.contains(&b'X')) && is_day(year, month, day)
}

fn is_utc(text: &[u8]) -> bool {
    text.len() == 20 && text[10] == b'T' && text[19] == b'Z' && is_date(&text[..10], true) && is_clock(&text[11..19])
}

fn is_edtf(text: &[u8]) -> bool {
    let Some((date, [b'T', rest @ ..])) = text.split_at_checked(10) else { return is_date(text, false) };
    let Some((clock, offset)) = rest.split_at_checked(8) else { return false };
    let good_offset = match offset {
        [] | [b'Z'] => true,
        [b'+' | b'-', clock @ ..] => is_clock(&[clock, b":00"].concat()),
        _ => false,
    };
    is_date(date, true) && is_clock(clock) && good_offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_that_exist_are_utc() {
        for good in ["2025-09-05T23:59:59Z", "2024-02-29T00:00:00Z", "0000-01-01T00:00:00Z"] {
            assert!(good.parse::<Utc>().is_ok(), "{good}");
        }
        for bad in [
            "2025-09-05",
            "2025-02-29T00:00:00Z",
            "2025-09-05T24:00:00Z",
            "2025-09-05T00:00:60Z",
            "2025-9-05T00:00:00Z",
            "2025-09-05T00:00:00+00:00",
            "2025-09-05 00:00:00Z",
            "2025-09-05T00:00:00z",
            "XXXX-09-05T00:00:00Z",
            "+025-09-05T00:00:00Z",
            "2025-09-05T00:00:00é",
        ] {
            assert_eq!(bad.parse::<Utc>(), Err(TimeError::Utc), "{bad}");
        }
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_790_000_000, "2026-09-21T14:13:20Z"),
        ] {
            assert_eq!(Utc::from_unix(seconds).unwrap().as_str(), text);
            assert_eq!(text.parse::<Utc>().unwrap().to_unix(), seconds);
        }
    }

    #[test]
    fn every_day_of_the_calendar_is_the_one_after_the_day_before() {
        let mut before = Utc::from_unix(0).unwrap();
        // The Gregorian calendar repeats after 146,097 days.
        for day in (1..=150_000).chain([2_932_896]) {
            let time = Utc::from_unix(day * 86_400 + 86_399).unwrap();
            assert_eq!(time.as_str().parse(), Ok(time.clone()));
            assert!(time.to_unix() == day * 86_400 + 86_399 && time > before, "{time}");
            before = time;
        }
        assert_eq!(before.as_str(), "9999-12-31T23:59:59Z");
        assert_eq!(Utc::from_unix(before.to_unix() + 1), None);
        assert_eq!("1969-12-31T23:59:59Z".parse::<Utc>().unwrap().to_unix(), 0);
    }

    #[test]
    fn dates_may_be_known_in_part() {
        for good in [
            "2025",
            "2025-09",
            "2025-09-05",
            "XXXX-09-05",
            "2025-XX-XX",
            "2025-09-XX",
            "XXXX-02-29",
            "2025-09-05T10:00:00",
            "2025-09-05T10:00:00Z",
            "2025-09-05T10:00:00+03:00",
            "XXXX",
            "2025-XX-31",
        ] {
            assert!(good.parse::<Edtf>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "25",
            "202X",
            "2025-13",
            "2025-00",
            "2025-09-31",
            "2025-02-29",
            "2025-9-5",
            "2025-09-05T10:00",
            "2025-09-05 10:00:00",
            "XXXX-09-05T10:00:00",
            "2025-09-XXT10:00:00",
            "12025-09",
            "12025-09-05",
            "2025-09-05T10:00:00+24:00",
            "2025-09-05T10:00:00+03:00:00",
            "2025-09-05T10:00:00+0300",
            "2025/2026",
            "2025-09-0X",
            "2025-09-05T",
        ] {
            assert_eq!(bad.parse::<Edtf>(), Err(TimeError::Edtf), "{bad}");
        }
    }
}
