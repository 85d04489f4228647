//! Dates in the text of pages, in many languages: only those with day, month and year that can be read in one way.

mod months;

use litopys::Edtf;
use months::MONTHS;

use crate::read_date;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A number, and how many digits it has.
    Number(u32, usize),
    Month(u32),
    Word,
    Sign(char),
}

/// What a meta tag, an attribute or JSON-LD gives as a date.
pub(super) fn of_value(text: &str, language: &str) -> Option<Edtf> {
    let text = text.trim();
    read_date(text).ok().or_else(|| if text.len() <= 80 { in_text(text, language).map(|(_, date)| date) } else { None })
}

/// The first full date in a short text, as it stands there and as it is read.
pub(super) fn in_text(text: &str, language: &str) -> Option<(String, Edtf)> {
    let (tokens, ends) = tokens(text);
    let month_first = language.is_empty() || language.starts_with("en");
    for at in 0..tokens.len() {
        let rest = tokens.get(at..)?;
        // A number before it, joined by a sign, makes it something else: 1.2.2014.5, a phone number.
        if at > 0
            && matches!(tokens.get(at - 1), Some(Token::Sign('.' | '/' | '-' | ':')))
            && at > 1
            && matches!(tokens.get(at - 2), Some(Token::Number(..)))
        {
            continue;
        }
        if let Some((year, month, day, used)) = read(rest, month_first)
            && (1900..=2100).contains(&year)
            && let Ok(date) = format!("{year:04}-{month:02}-{day:02}").parse::<Edtf>()
        {
            let (start, _) = ends.get(at).copied()?;
            let (_, end) = ends.get(at + used - 1).copied()?;
            // More digits right after it: a number of another sort.
            let rest = text.get(end..).unwrap_or_default();
            if rest.strip_prefix(['-', '/', '.']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
                continue;
            }
            return Some((text.get(start..end)?.to_owned(), date));
        }
    }
    None
}

fn read(tokens: &[Token], month_first: bool) -> Option<(u32, u32, u32, usize)> {
    use Token::{Month, Number, Sign, Word};
    let found = match tokens {
        [Number(y, 4), Sign('年' | '년'), Number(m, 1..=2), Sign('月' | '월'), Number(d, 1..=2), ..] => {
            (*y, *m, *d, 5)
        }
        [Number(y, 4), Sign(a @ ('-' | '/' | '.')), Number(m, 1..=2), Sign(b), Number(d, 1..=2), ..] if a == b => {
            (*y, *m, *d, 5)
        }
        [Number(a, 1..=2), Sign(s @ ('.' | '/' | '-')), Number(b, 1..=2), Sign(t), Number(y, 4), ..] if s == t => {
            let (day, month) = match (*a, *b) {
                (13.., _) => (*a, *b),
                (_, 13..) if *s == '/' || *s == '-' => (*b, *a),
                // Points stand between day, month and year in this order wherever they are used.
                _ if *s == '.' || a == b || !month_first => (*a, *b),
                _ => return None,
            };
            (*y, month, day, 5)
        }
        [Number(d, 1..=2), rest @ ..] => {
            // 19. März 2014, 19 de marzo de 2014, 19th of March, 2014, le 1er mars 2014
            let (mut skipped, mut rest) = (1, rest);
            while let [Sign('.' | ',' | '-' | '/') | Word, more @ ..] = rest
                && skipped < 3
            {
                (skipped, rest) = (skipped + 1, more);
            }
            let [Month(m), rest @ ..] = rest else { return None };
            let (mut skipped, mut rest) = (skipped + 1, rest);
            let limit = skipped + 2;
            while let [Sign('.' | ',' | '-' | '/') | Word, more @ ..] = rest
                && skipped < limit
            {
                (skipped, rest) = (skipped + 1, more);
            }
            let [Number(y, 4), ..] = rest else { return None };
            (*y, *m, *d, skipped + 1)
        }
        [Month(m), rest @ ..] => {
            let (mut skipped, mut rest) = (1, rest);
            while let [Sign('.'), more @ ..] = rest {
                (skipped, rest) = (skipped + 1, more);
            }
            let [Number(d, 1..=2), rest @ ..] = rest else { return None };
            let (mut skipped, mut rest) = (skipped + 1, rest);
            let limit = skipped + 2;
            while let [Sign(',' | '.') | Word, more @ ..] = rest
                && skipped < limit
            {
                (skipped, rest) = (skipped + 1, more);
            }
            let [Number(y, 4), ..] = rest else { return None };
            (*y, *m, *d, skipped + 1)
        }
        _ => return None,
    };
    ((1..=12).contains(&found.1) && (1..=31).contains(&found.2)).then_some(found)
}

fn tokens(text: &str) -> (Vec<Token>, Vec<(usize, usize)>) {
    let (mut tokens, mut ends) = (Vec::new(), Vec::new());
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if tokens.len() > 200 {
            break;
        }
        let mut end = start + c.len_utf8();
        if let Some(first) = digit(c) {
            let (mut value, mut length) = (first, 1);
            while let Some((_, next)) = chars.peek().copied()
                && let Some(more) = digit(next)
            {
                (value, length) = (value.saturating_mul(10).saturating_add(more), length + 1);
                end += next.len_utf8();
                chars.next();
            }
            tokens.push(Token::Number(value, length));
        } else if matches!(c, '年' | '月' | '日' | '년' | '월' | '일') {
            tokens.push(Token::Sign(c));
        } else if c.is_alphabetic() {
            while let Some((at, next)) = chars.peek().copied()
                && (next.is_alphabetic() || matches!(u32::from(next), 0x300..=0x36f | 0x900..=0x97f))
                && !matches!(next, '年' | '月' | '日' | '년' | '월' | '일')
            {
                end = at + next.len_utf8();
                chars.next();
            }
            let word = text.get(start..end).unwrap_or_default().to_lowercase();
            let month = MONTHS.iter().position(|names| names.contains(&word.as_str()));
            tokens.push(month.and_then(|at| u32::try_from(at + 1).ok()).map_or(Token::Word, Token::Month));
        } else if c.is_whitespace() {
            continue;
        } else {
            tokens.push(Token::Sign(c));
        }
        ends.push((start, end));
    }
    (tokens, ends)
}

/// Digits of the scripts that dates are written in.
fn digit(c: char) -> Option<u32> {
    c.to_digit(10).or_else(|| match u32::from(c) {
        n @ 0x660..=0x669 => Some(n - 0x660),
        n @ 0x6f0..=0x6f9 => Some(n - 0x6f0),
        n @ 0x966..=0x96f => Some(n - 0x966),
        n @ 0xff10..=0xff19 => Some(n - 0xff10),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_found_in_many_languages() {
        for (text, language, raw, date) in [
            ("Von Max am 19. März 2014 um 10:00", "de", "19. März 2014", "2014-03-19"),
            ("19 березня 2014, 10:45", "uk", "19 березня 2014", "2014-03-19"),
            ("Опубликовано 3 мая 2019 года", "ru", "3 мая 2019", "2019-05-03"),
            ("le 1er août 2015", "fr", "1er août 2015", "2015-08-01"),
            ("19 de marzo de 2014", "es", "19 de marzo de 2014", "2014-03-19"),
            ("Posted on September 5th, 2025 by X", "en", "September 5th, 2025", "2025-09-05"),
            ("2014年3月19日 10:00", "ja", "2014年3月19", "2014-03-19"),
            ("١٩ مارس ٢٠١٤", "ar", "١٩ مارس ٢٠١٤", "2014-03-19"),
            ("Stand: 06.08.2009, 12:00", "de", "06.08.2009", "2009-08-06"),
            ("am 24. Juli 2017 - 18:55", "de", "24. Juli 2017", "2017-07-24"),
            ("23/10/2018", "en", "23/10/2018", "2018-10-23"),
            ("03/04/2014", "fr", "03/04/2014", "2014-04-03"),
        ] {
            assert_eq!(in_text(text, language), Some((raw.to_owned(), date.parse().unwrap())), "{text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_no_date() {
        for text in
            ["03/04/2014", "Version 1.2.2014.5", "19 March", "32.13.2014", "call 12-34-5678-9", "May be 3 times"]
        {
            assert_eq!(in_text(text, "en"), None, "{text}");
        }
    }
}
