//! The inputs that can't be signed in: all of them, by reason.

use std::collections::HashMap;

use litopys_import::{ImportError, Place};
use serde_json::{Value, json};

use crate::failure::chain;
use crate::ui::words::{count, number};
use crate::ui::{Ui, escape};

/// How many are named: more are counted only. A folder has fewer; a stream without an end may not.
const NAMED: usize = 100_000;
/// How many reasons are printed, how many inputs of each, and of all.
const REASONS: usize = 50;
const A_REASON: usize = 20;
const IN_ALL: usize = 100;

/// What to do where inputs have one name.
const NAMESAKES: &str = "if these are later versions, add each folder by itself, in order, with `litopys add`; if they are other articles, \
                         give the folder above them as the one input";
/// What to do where a request would hold two versions of an article.
const UNSIGNED: &str = "a request holds one version of an article: --keep-going asks for the first of each; once these are signed and taken in, \
                        ask again for the next";
/// What is said with `--json` where not all is printed.
pub(crate) const ALL: &str = "--json lists all of them";

/// Failures that weren't printed yet.
pub(crate) struct Failures {
    rows: Vec<Row>,
    more: u64,
    /// Whether all so far are the machine's, not the inputs'.
    pub(crate) only_io: bool,
    /// Whether some have the subject of another input.
    has_namesakes: bool,
    /// Whether some follow versions of the same request.
    pub(crate) has_unsigned: bool,
}

struct Row {
    input: String,
    place: Option<Place>,
    why: String,
}

impl Row {
    fn name(&self) -> String {
        let place = self.place.as_ref().map(|place| format!(": {place}")).unwrap_or_default();
        escape::line(&format!("{}{place}", self.input)).to_string()
    }

    fn json(&self) -> Value {
        let mut row = json!({"input": self.input, "status": "failed", "error": self.why});
        if let Some(place) = &self.place {
            row["place"] = json!(place.to_string());
        }
        row
    }
}

/// Those with one reason, but for what is quoted and counted in it.
struct Group<'a> {
    first: &'a Row,
    rows: Vec<&'a Row>,
    is_same: bool,
}

impl<'a> Group<'a> {
    fn add(&mut self, row: &'a Row) {
        self.is_same &= row.why == self.first.why;
        self.rows.push(row);
    }

    /// Prints it, with so many inputs at most; gives how many they were.
    fn print(&self, ui: &Ui, most: usize) -> usize {
        if let [one] = self.rows.as_slice() {
            ui.complain(format_args!("{}: {}", one.name(), escape::line(&one.why)));
            return 1;
        }
        let why = if self.is_same { self.first.why.clone() } else { masked(&self.first.why).0 };
        ui.complain(format_args!("{}: {}", count(self.rows.len() as u64, "input"), escape::line(&why)));
        for row in self.rows.iter().take(most) {
            if self.is_same {
                ui.below(row.name());
            } else {
                ui.below(format_args!("{} ({})", row.name(), escape::line(&masked(&row.why).1.join(", "))));
            }
        }
        if most < self.rows.len() {
            ui.below(format_args!("and {} more", number((self.rows.len() - most) as u64)));
        }
        self.rows.len().min(most)
    }
}

/// A reason without what is quoted, counted and hashed in it, and that.
fn masked(why: &str) -> (String, Vec<&str>) {
    let (mut reason, mut parts, mut rest) = (String::new(), Vec::new(), why);
    while let Some(first) = rest.chars().next() {
        let quoted = rest.strip_prefix('"').and_then(end_of_quote).map(|end| end + 2);
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let length = quoted.unwrap_or_else(|| rest.split_at(word).0.trim_end_matches([',', ';', ':', ')', '.']).len());
        let (part, after) = rest.split_at(length.max(first.len_utf8()));
        let varies = first.is_ascii_digit() || part.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64);
        if quoted.is_some() || varies {
            reason.push('…');
            parts.push(part);
        } else {
            reason.push_str(part);
        }
        // What stands between words, and before what is quoted.
        let gap = after.find(|c: char| c == '"' || c.is_alphanumeric()).unwrap_or(after.len());
        let (between, after) = after.split_at(gap);
        reason.push_str(between);
        rest = after;
    }
    (reason, parts)
}

/// Where the quotation mark is that ends a text with escapes.
fn end_of_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    })
}

impl Failures {
    pub(crate) const fn new() -> Self {
        Self { rows: Vec::new(), more: 0, only_io: true, has_namesakes: false, has_unsigned: false }
    }

    /// An input gave no draft.
    pub(crate) fn refuse(&mut self, failure: &litopys_import::Failure) {
        self.has_namesakes |= matches!(failure.error, ImportError::SameSubject { .. });
        let (input, why) = (failure.input.to_string_lossy(), chain(&failure.error));
        self.add(&input, failure.place.as_ref(), why, failure.error.is_of_access());
    }

    pub(crate) fn add(&mut self, input: &str, place: Option<&Place>, why: String, is_io: bool) {
        self.only_io &= is_io;
        if self.rows.len() < NAMED {
            self.rows.push(Row { input: input.to_owned(), place: place.cloned(), why });
        } else {
            self.more += 1;
        }
    }

    /// A row each, as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.rows.iter().map(Row::json).collect()
    }

    /// What to do about some of them.
    pub(crate) fn hints(&self) -> Vec<&'static str> {
        [(self.has_namesakes, NAMESAKES), (self.has_unsigned, UNSIGNED)]
            .into_iter()
            .filter_map(|(is_so, hint)| is_so.then_some(hint))
            .collect()
    }

    /// Prints them by reason: those with a reason of their own on a line, others below their number and reason; of many, the first. True if
    /// some were left out.
    pub(crate) fn print(&self, ui: &Ui) -> bool {
        let (mut groups, mut places) = (Vec::<Group<'_>>::new(), HashMap::new());
        for row in &self.rows {
            let place = *places.entry(masked(&row.why).0).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.add(row),
                None => groups.push(Group { first: row, rows: vec![row], is_same: true }),
            }
        }
        let shown = groups.len().min(REASONS);
        let (groups, others) = groups.split_at(shown);
        let mut room = IN_ALL;
        let mut cut = self.more > 0 || !others.is_empty();
        for group in groups {
            let named = group.print(ui, room.min(A_REASON));
            room -= named;
            cut |= named < group.rows.len();
        }
        let others = others.iter().map(|group| group.rows.len() as u64).sum::<u64>() + self.more;
        if others > 0 {
            ui.complain(format_args!("and {}", count(others, "more input")));
        }
        cut
    }

    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.more = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_reason_is_what_is_left_without_what_varies() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let cases: [(&str, &str, &[&str]); 7] = [
            ("is not text", "is not text", &[]),
            (r#"has the subject "a 1.md", as another"#, "has the subject …, as another", &[r#""a 1.md""#]),
            (r#"x"a\"b"y"#, "x\"a\\\"b\"y", &[]),
            (r#"(in "a\"b\\")"#, "(in …)", &[r#""a\"b\\""#]),
            (r#"an open "quote"#, r#"an open "quote"#, &[]),
            ("12 bytes, where 1,400: UTF-8 of sha256", "… bytes, where …: UTF-8 of sha256", &["12", "1,400"]),
            (&format!("no file {digest}"), "no file …", &[&digest]),
        ];
        for (why, reason, parts) in cases {
            assert_eq!(masked(why), (reason.to_owned(), parts.to_vec()));
        }
    }
}
