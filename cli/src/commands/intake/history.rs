//! A word on working trees that are read as histories.

use std::path::PathBuf;

use litopys_import::{Options, Outcome, Place};

use crate::context::Context;
use crate::ui::escape;

/// Which repository was last told of.
#[derive(Debug, Default)]
pub(crate) struct History {
    told: Option<PathBuf>,
}

impl History {
    /// Says how to read the files that are there now, when a folder turns out to be a repository.
    pub(crate) fn see(&mut self, context: &Context, options: &Options, outcome: &Outcome) {
        let (input, place) = match outcome {
            Ok(loaded) => (&loaded.input, &loaded.place),
            Err(failure) => (&failure.input, &failure.place),
        };
        let of_history = matches!(place, Some(Place::Commit(_))) && options.from.is_none();
        if of_history && self.told.as_ref() != Some(input) {
            self.told = Some(input.clone());
            if input.join(".git").is_dir() {
                let input = input.to_string_lossy();
                let name = escape::line(&input);
                context.ui.note(format_args!(
                    "{name} is read as a history: --from markdown reads the files that are there now"
                ));
            }
        }
    }
}
