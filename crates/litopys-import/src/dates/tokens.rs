//! The parts of a date as people write it.

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A number, and how many digits it has.
    Number(u32, usize),
    /// 1 to 12.
    Month(u32),
    /// 0 is Sunday.
    Weekday(u32),
    Sign(char),
    Word(Word),
}

/// A word that names no month and no weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Noise,
    Utc,
    Morning,
    Afternoon,
    Other,
}

impl Word {
    pub(super) fn is_noise(self) -> bool {
        self == Self::Noise
    }

    pub(super) fn is_utc(self) -> bool {
        self == Self::Utc
    }

    pub(super) const fn is_afternoon(self) -> Option<bool> {
        match self {
            Self::Morning => Some(false),
            Self::Afternoon => Some(true),
            _ => None,
        }
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// The parts of a text; `None` where it holds what no date does.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    // 2014年3月19日
    let plain = text.replace(['年', '月'], "-").replace('日', " ");
    let mut tokens = Vec::new();
    let mut rest = plain.as_str();
    while let Some(c) = rest.chars().next() {
        let run = |f: fn(&char) -> bool| rest.chars().take_while(f).map(char::len_utf8).sum::<usize>();
        let length = if c.is_ascii_digit() {
            let length = run(char::is_ascii_digit);
            tokens.push(Token::Number(rest.get(..length)?.parse().ok()?, length));
            length
        } else if c.is_ascii_alphabetic() {
            let length = run(char::is_ascii_alphabetic);
            tokens.push(word(&rest.get(..length)?.to_ascii_lowercase(), tokens.last()));
            length
        } else if matches!(c, '-' | '/' | '.' | ',' | ':' | '(' | ')' | '+') {
            tokens.push(Token::Sign(c));
            1
        } else if c.is_whitespace() {
            c.len_utf8()
        } else {
            return None;
        };
        rest = rest.get(length..)?;
    }
    Some(tokens)
}

fn word(word: &str, before: Option<&Token>) -> Token {
    // A name in full, or cut to three letters or more ("Sept").
    let named = |names: &[&str]| {
        names.iter().position(|name| word.len() >= 3 && name.starts_with(word)).and_then(|at| u32::try_from(at).ok())
    };
    if let Some(month) = named(&MONTHS) {
        return Token::Month(month + 1);
    }
    if let Some(day) = named(&DAYS) {
        return Token::Weekday(day);
    }
    Token::Word(match word {
        "st" | "nd" | "rd" | "th" if matches!(before, Some(Token::Number(_, 1..=2))) => Word::Noise,
        "t" if matches!(before, Some(Token::Number(..))) => Word::Noise,
        "at" | "of" | "on" | "the" => Word::Noise,
        "z" | "utc" | "gmt" => Word::Utc,
        "am" => Word::Morning,
        "pm" => Word::Afternoon,
        _ => Word::Other,
    })
}
