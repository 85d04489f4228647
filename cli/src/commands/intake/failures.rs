//! The inputs that can't be signed in: all of them, by reason.

use std::collections::HashMap;

use litopys_import::Place;
use serde_json::{Value, json};

use crate::ui::words::{count, number};
use crate::ui::{Ui, escape};

/// How many are named: more are counted only. A folder has fewer; a stream without an end may not.
const NAMED: usize = 100_000;

/// Failures that weren't printed yet.
pub(super) struct Failures {
    rows: Vec<Row>,
    more: u64,
    /// Whether all so far are the machine's, not the inputs'.
    pub(super) only_io: bool,
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

impl Failures {
    pub(super) const fn new() -> Self {
        Self { rows: Vec::new(), more: 0, only_io: true }
    }

    pub(super) fn add(&mut self, input: &str, place: Option<&Place>, why: String, is_io: bool) {
        self.only_io &= is_io;
        if self.rows.len() < NAMED {
            self.rows.push(Row { input: input.to_owned(), place: place.cloned(), why });
        } else {
            self.more += 1;
        }
    }

    /// A row each, as JSON.
    pub(super) fn json(&self) -> Vec<Value> {
        self.rows.iter().map(Row::json).collect()
    }

    /// Prints them by reason: those with a reason of their own on a line, others below their number and reason.
    pub(super) fn print(&self, ui: &Ui) {
        let mut groups: Vec<Vec<&Row>> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for row in &self.rows {
            let place = *places.entry(&row.why).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        for group in &groups {
            match group.as_slice() {
                [one] => ui.complain(format_args!("{}: {}", one.name(), escape::line(&one.why))),
                [first, ..] => {
                    ui.complain(format_args!("{}: {}", count(group.len() as u64, "input"), escape::line(&first.why)));
                    group.iter().for_each(|row| ui.below(row.name()));
                }
                [] => {}
            }
        }
        if self.more > 0 {
            ui.complain(format_args!("and {} more", number(self.more)));
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.more = 0;
    }
}
