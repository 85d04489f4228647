//! Dates as people write them, to the EDTF profile: only what can be read in one way.

use std::fmt;

use litopys::Edtf;

use crate::limits;

mod tokens;
use tokens::{Token, tokens};

/// Why a text gives no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateFault {
    /// Its day and month may be either (`03/04/2014`).
    Ambiguous,
    /// The day of the week that it names is not that of its date.
    Weekday,
    /// It is no date in a form known here.
    Unreadable,
}

impl fmt::Display for DateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ambiguous => "may be read as two dates",
            Self::Weekday => "names another day of the week than its date has",
            Self::Unreadable => "is no date in a known form",
        })
    }
}

/// The date that a text gives, if it can be read in one way only.
///
/// Known are the EDTF profile itself; ISO 8601 with its usual liberties (a space for the `T`, `2014-3-9`, `20140319`,
/// no seconds); years first with `/` or `.`; RFC 2822; English names of months (`19 March 2014`, `Mar 19th, 2014`,
/// `September 2014`, `September 5`); all with a day of the week. A time without seconds, or in a zone given by name
/// (but `UTC` and `GMT`), is left out: the date stays.
///
/// ```
/// # use litopys_import::read_date;
/// assert_eq!(read_date("2014-03-19 (Wed)").unwrap().as_str(), "2014-03-19");
/// assert_eq!(read_date("September 5").unwrap().as_str(), "XXXX-09-05");
/// assert!(read_date("03/04/2014").is_err());
/// ```
///
/// # Errors
/// [`DateFault`] if it can't be read, or in more than one way.
pub fn read_date(text: &str) -> Result<Edtf, DateFault> {
    let text = text.trim();
    if let Ok(date) = text.parse() {
        return Ok(date);
    }
    if text.len() > limits::DATE {
        return Err(DateFault::Unreadable);
    }
    let tokens = tokens(text).ok_or(DateFault::Unreadable)?;
    // The time begins at the number before the first colon.
    let clock_at = tokens.iter().position(|t| *t == Token::Sign(':')).map_or(tokens.len(), |at| at.saturating_sub(1));
    let (date, clock) = tokens.split_at(clock_at);
    let date = read_day(date)?;
    let clock = if clock.is_empty() { None } else { read_clock(clock).ok_or(DateFault::Unreadable)? };
    let text = match clock {
        Some(clock) if date.is_complete() => format!("{date}T{clock}"),
        _ => date.to_string(),
    };
    text.parse().map_err(|_| DateFault::Unreadable)
}

#[derive(Debug, Clone, Copy)]
struct Day {
    year: Option<u32>,
    month: u32,
    day: Option<u32>,
}

impl Day {
    const fn is_complete(self) -> bool {
        self.year.is_some() && self.day.is_some()
    }

    /// Sakamoto's rule; 0 is Sunday.
    fn weekday(self) -> Option<u32> {
        let (mut y, m, d) = (self.year?, self.month, self.day?);
        let shift = *[0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4].get(usize::try_from(m).ok()?.checked_sub(1)?)?;
        if m < 3 {
            y = y.checked_sub(1)?;
        }
        Some((y + y / 4 - y / 100 + y / 400 + shift + d) % 7)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.year {
            Some(year) => write!(f, "{year:04}")?,
            None => f.write_str("XXXX")?,
        }
        write!(f, "-{:02}", self.month)?;
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

fn read_day(tokens: &[Token]) -> Result<Day, DateFault> {
    use Token::{Month, Number, Sign, Weekday};
    let weekday = tokens.iter().find_map(|token| if let Weekday(day) = token { Some(*day) } else { None });
    let signs: Vec<char> = tokens.iter().filter_map(|t| if let Sign(c) = t { Some(*c) } else { None }).collect();
    let parts: Vec<Token> = tokens.iter().filter(|t| matches!(t, Number(..) | Month(_))).copied().collect();
    let day = match *parts.as_slice() {
        [Number(n, 8)] => Day { year: Some(n / 10_000), month: n / 100 % 100, day: Some(n % 100) },
        [Number(y, 4), Number(m, 1..=2), Number(d, 1..=2)] if is_numeric(&signs, 2) => {
            Day { year: Some(y), month: m, day: Some(d) }
        }
        [Number(y, 4), Number(m, 1..=2)] if is_numeric(&signs, 1) => Day { year: Some(y), month: m, day: None },
        [Number(a, 1..=2), Number(b, 1..=2), Number(y, 4)] if is_numeric(&signs, 2) => {
            let (day, month) = match (a, b) {
                (13.., 1..=12) => (a, b),
                (1..=12, 13..) => (b, a),
                (a, b) if a == b => (a, b),
                _ => return Err(DateFault::Ambiguous),
            };
            Day { year: Some(y), month, day: Some(day) }
        }
        [Month(m), Number(d, 1..=2), Number(y, 4)]
        | [Number(d, 1..=2), Month(m), Number(y, 4)]
        | [Number(y, 4), Month(m), Number(d, 1..=2)] => Day { year: Some(y), month: m, day: Some(d) },
        [Month(m), Number(y, 4)] | [Number(y, 4), Month(m)] => Day { year: Some(y), month: m, day: None },
        [Month(m), Number(d, 1..=2)] | [Number(d, 1..=2), Month(m)] => Day { year: None, month: m, day: Some(d) },
        _ => return Err(DateFault::Unreadable),
    };
    if tokens.iter().any(|t| matches!(t, Token::Word(word) if !word.is_noise())) {
        return Err(DateFault::Unreadable);
    }
    match (weekday, day.weekday()) {
        (Some(named), Some(real)) if named != real => Err(DateFault::Weekday),
        _ => Ok(day),
    }
}

/// Whether numbers are joined as a date: by `count` times the same of `-`, `/`, `.`; commas and brackets come with
/// weekdays.
fn is_numeric(signs: &[char], count: usize) -> bool {
    let joins: Vec<_> = signs.iter().filter(|c| !matches!(c, ',' | '(' | ')')).collect();
    joins.len() == count && joins.iter().all(|c| matches!(c, '-' | '/' | '.') && *c == joins[0])
}

/// A time to the second with its offset; `Some(None)` where it is a time, but one to be left out.
fn read_clock(tokens: &[Token]) -> Option<Option<String>> {
    use Token::{Number, Sign, Word};
    let ([Number(h, 1..=2), Sign(':'), Number(m, 2)], mut rest) = tokens.split_first_chunk::<3>()? else { return None };
    let mut second = None;
    if let [Sign(':'), Number(s, 2), more @ ..] = rest {
        (second, rest) = (Some(*s), more);
        if let [Sign('.' | ','), Number(..), more @ ..] = rest {
            rest = more;
        }
    }
    let mut hour = *h;
    if let [Word(word), more @ ..] = rest
        && let Some(afternoon) = word.is_afternoon()
    {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
        rest = more;
    }
    // A comment, such as the zone's name after its offset, says nothing more.
    if let Some(at) = rest.iter().position(|t| *t == Sign('(')) {
        rest = if rest.ends_with(&[Sign(')')]) { &rest[..at] } else { return None };
    }
    let offset = match rest {
        [] => Some(String::new()),
        [Word(word)] if word.is_utc() => Some("Z".to_owned()),
        [Word(word), Sign('+' | '-'), Number(0, _)] if word.is_utc() => Some("Z".to_owned()),
        [Sign(sign @ ('+' | '-')), Number(hm, 4)] => Some(format!("{sign}{:02}:{:02}", hm / 100, hm % 100)),
        [Sign(sign @ ('+' | '-')), Number(h, 2)] => Some(format!("{sign}{h:02}:00")),
        [Sign(sign @ ('+' | '-')), Number(h, 2), Sign(':'), Number(m, 2)] => Some(format!("{sign}{h:02}:{m:02}")),
        // A zone by its name, which is not the same everywhere.
        [Word(_)] => None,
        _ => return None,
    };
    if hour > 23 || *m > 59 || second.is_some_and(|s| s > 59) {
        return None;
    }
    Some(second.zip(offset).map(|(s, offset)| format!("{hour:02}:{m:02}:{s:02}{offset}")))
}

#[cfg(test)]
mod tests;
