//! A stream of drafts among the inputs.

use std::io::Read;
use std::num::NonZero;
use std::path::PathBuf;

use super::Outcome;
use crate::jsonl::{Lines, Reader};
use crate::load::{Loaded, SubjectFrom};
use crate::parallel::map_start;
use crate::{Failure, ImportError, Options};

/// Drafts, one a line.
pub(super) struct Stream {
    input: PathBuf,
    lines: Lines,
    reader: Reader,
}

impl Stream {
    pub(super) fn open(input: PathBuf, source: Box<dyn Read + Send>, options: &Options) -> Result<Self, Failure> {
        let base = options.base.clone().unwrap_or_else(|| match input.parent() {
            Some(folder) if input.as_os_str() != "-" => folder.to_owned(),
            _ => PathBuf::from("."),
        });
        let reader = Reader::new(&base).map_err(|e| Failure::new(&base, e))?;
        Ok(Self { input, lines: Lines::new(source), reader })
    }

    /// The next drafts; none at the end.
    pub(super) fn chunk(&mut self, options: &Options, threads: NonZero<usize>) -> Vec<Outcome> {
        let (input, reader, overrides) = (&self.input, &self.reader, &options.overrides);
        map_start(&self.lines.chunk(), threads, u64::MAX, |(number, line)| {
            let draft = line.as_ref().map_err(Clone::clone).and_then(|line| reader.read(line));
            let outcome = draft.map(|mut draft| {
                overrides.apply(&mut draft);
                let given = overrides.subject.is_some();
                let subject_from = if given { SubjectFrom::Given } else { SubjectFrom::Draft };
                let (warnings, linked) = (Vec::new(), Vec::new());
                Loaded { input: input.clone(), line: Some(*number), draft, subject_from, warnings, linked, held: 0 }
            });
            (outcome.map_err(|fault| Failure::at(input, *number, ImportError::from(fault))), 0)
        })
    }
}
