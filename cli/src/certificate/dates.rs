//! Dates and names as people write them.

use litopys::{Edtf, Utc};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `28 November 2026, 04:48:36 UTC`.
pub(super) fn moment(utc: &Utc) -> String {
    let text = utc.as_str();
    let time = text.get(11..19).unwrap_or_default();
    format!("{}, {time} UTC", day(text.get(..10).unwrap_or(text)))
}

/// A date that may be known in part: `5 September, year not given`. A time and its offset stay as they are.
pub(super) fn date(edtf: &Edtf) -> String {
    let text = edtf.as_str();
    match text.split_once('T') {
        None => day(text),
        Some((date, time)) => format!("{}, {time}", day(date)),
    }
}

fn day(text: &str) -> String {
    let mut parts = text.split('-').map(|part| (!part.contains('X')).then_some(part));
    let (year, month, day) = (parts.next().flatten(), parts.next(), parts.next());
    let known = |part: &str| part.parse::<usize>().ok();
    let month_name = month.flatten().and_then(known).and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied();
    let day_number = day.flatten().and_then(known);
    let mut words = Vec::new();
    match (day, day_number) {
        (_, Some(day)) => words.push(day.to_string()),
        (Some(_), None) => words.push("a day not given in".to_owned()),
        _ => {}
    }
    match (month, month_name) {
        (_, Some(name)) => words.push(name.to_owned()),
        (Some(_), None) => words.push("a month not given".to_owned()),
        _ => {}
    }
    let told = words.join(" ");
    match year {
        Some(year) if told.is_empty() => year.to_owned(),
        Some(year) => format!("{told} {year}"),
        None if told.is_empty() => "year not given".to_owned(),
        None => format!("{told}, year not given"),
    }
}

/// Whom a certificate names: its common name, and the organisation; else the name as it stands there (RFC 4514).
pub(super) fn whom(name: &str) -> String {
    let mut parts = Vec::new();
    let (mut part, mut escaped) = (String::new(), false);
    for c in name.chars() {
        match c {
            _ if escaped => {
                part.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            ',' => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    let value = |key: &str| parts.iter().find_map(|part| part.strip_prefix(key)).filter(|value| !value.is_empty());
    match (value("CN="), value("O=")) {
        (Some(common), Some(organisation)) => format!("{common} ({organisation})"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_well() {
        assert_eq!(moment(&"2026-11-28T04:48:36Z".parse().unwrap()), "28 November 2026, 04:48:36 UTC");
        for (edtf, said) in [
            ("2025", "2025"),
            ("2025-09", "September 2025"),
            ("2025-09-05", "5 September 2025"),
            ("XXXX-09-05", "5 September, year not given"),
            ("2025-XX-XX", "a day not given in a month not given 2025"),
            ("2025-09-XX", "a day not given in September 2025"),
            ("2025-09-05T10:00:00+02:00", "5 September 2025, 10:00:00+02:00"),
        ] {
            assert_eq!(date(&edtf.parse().unwrap()), said);
        }
    }

    #[test]
    fn certificates_name_somebody() {
        assert_eq!(whom("CN=Clock,O=Trust\\, Inc.,C=UA"), "Clock (Trust, Inc.)");
        assert_eq!(whom("O=Trust"), "Trust");
        assert_eq!(whom("2.5.4.97=x"), "2.5.4.97=x");
    }
}
