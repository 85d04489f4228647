//! Drafts, one a line, among the inputs.

use std::io::Read;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use super::{Lines, Reader};
use crate::drafts::Outcome;
use crate::load::{Loaded, SubjectFrom};
use crate::many::Many;
use crate::parallel::map_start;
use crate::{Failure, ImportError, Options, Place};

/// Drafts, one a line.
pub(crate) struct Stream {
    input: PathBuf,
    lines: Lines,
    reader: Reader,
}

impl Stream {
    pub(crate) fn open(input: &Path, source: Box<dyn Read + Send>, options: &Options) -> Result<Self, Failure> {
        let base = options.base.clone().unwrap_or_else(|| match input.parent() {
            Some(folder) if input.as_os_str() != "-" => folder.to_owned(),
            _ => PathBuf::from("."),
        });
        let reader = Reader::new(&base).map_err(|e| Failure::new(&base, e))?;
        Ok(Self { input: input.to_owned(), lines: Lines::new(source), reader })
    }
}

impl Many for Stream {
    fn chunk(&mut self, options: &Options, threads: NonZero<usize>) -> Vec<Outcome> {
        let (input, reader, overrides) = (&self.input, &self.reader, &options.overrides);
        map_start(&self.lines.chunk(), threads, u64::MAX, |(number, line)| {
            let draft = line.as_ref().map_err(Clone::clone).and_then(|line| reader.read(line));
            let outcome = draft.map(|mut draft| {
                overrides.apply(&mut draft);
                let given = overrides.subject.is_some();
                let subject_from = if given { SubjectFrom::Given } else { SubjectFrom::Draft };
                let (warnings, linked) = (Vec::new(), Vec::new());
                let place = Some(Place::Line(*number));
                Loaded { input: input.clone(), place, draft, subject_from, warnings, linked, held: 0 }
            });
            (outcome.map_err(|fault| Failure::at(input, Place::Line(*number), ImportError::from(fault))), 0)
        })
    }
}
