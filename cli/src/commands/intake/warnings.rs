//! What is worth knowing of inputs that gave drafts: said as they come, not twice of a file in a history, and not without end.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use litopys_import::{Loaded, Place, Warning};

use crate::ui::Ui;
use crate::ui::words::count;

/// How many are shown.
const SHOWN: u64 = 50;

/// What was said so far.
#[derive(Default)]
pub(super) struct Warnings {
    said: u64,
    /// What was said of files in histories: hashes of it.
    of_histories: HashSet<u64>,
    repeated: u64,
    has_undrafted: bool,
}

impl Warnings {
    /// Says what is to be said of a draft.
    pub(super) fn see(&mut self, ui: &Ui, loaded: &Loaded) {
        self.has_undrafted |= loaded.warnings.contains(&Warning::NotDrafts);
        for warning in &loaded.warnings {
            if self.is_repeated(loaded, warning) {
                self.repeated += 1;
                continue;
            }
            self.said += 1;
            if self.said <= SHOWN {
                let place = loaded.place.as_ref().map(|place| format!(": {place}")).unwrap_or_default();
                ui.warn(format_args!("{}{place}: {warning}", loaded.input.display()));
            }
        }
    }

    /// Whether the same was said of another version of the file.
    fn is_repeated(&mut self, loaded: &Loaded, warning: &Warning) -> bool {
        let Some(Place::Commit(place)) = &loaded.place else { return false };
        let mut hasher = DefaultHasher::new();
        (&loaded.input, &place.path, warning.to_string()).hash(&mut hasher);
        !self.of_histories.insert(hasher.finish())
    }

    /// Says how much was left out, and what may help.
    pub(super) fn end(&mut self, ui: &Ui) {
        if self.said > SHOWN {
            ui.warn(format_args!("and {}; `litopys inspect` shows all", count(self.said - SHOWN, "more warning")));
        }
        if self.repeated > 0 {
            ui.warn(format_args!("and the same {} in other commits", count(self.repeated, "time")));
        }
        if self.has_undrafted && !ui.is_quiet() {
            ui.hint("--from jsonl reads such a file as drafts, and says what is wrong with its lines");
        }
        (self.said, self.repeated, self.has_undrafted) = (0, 0, false);
    }
}
