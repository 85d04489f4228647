//! Numbers and paths as people read them.

use std::fmt::Display;
use std::path::Path;

/// A number with its digits in groups: `1,234,567`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let first = match digits.len() % 3 {
        0 => 3,
        first => first,
    };
    let (head, tail) = digits.split_at(first.min(digits.len()));
    tail.as_bytes().chunks(3).fold(head.to_owned(), |text, group| text + "," + &String::from_utf8_lossy(group))
}

/// `1 article`, `2 articles`.
pub(crate) fn count(n: u64, one: &str) -> String {
    match (n, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (n, Some(stem)) => format!("{} {stem}ies", number(n)),
        (n, None) => format!("{} {one}s", number(n)),
    }
}

/// An argument as a shell takes it.
pub(crate) fn quoted(argument: &Path) -> impl Display {
    let text = argument.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ',' | ':' | '@' | '=');
    let is_plain = !text.is_empty() && !text.starts_with('-') && text.chars().all(plain);
    if is_plain { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_arguments_read_well() {
        assert_eq!(
            [0, 12, 123, 1234, 123_456, 1_234_567].map(number),
            ["0", "12", "123", "1,234", "123,456", "1,234,567"]
        );
        assert_eq!(
            (count(1, "entry"), count(0, "entry"), count(2000, "file")),
            ("1 entry".into(), "0 entries".into(), "2,000 files".into())
        );
        assert_eq!(quoted(Path::new("a/b.litopys")).to_string(), "a/b.litopys");
        assert_eq!(quoted(Path::new("it's here")).to_string(), r"'it'\''s here'");
    }
}
