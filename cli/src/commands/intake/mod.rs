//! Inputs signed in: what `create` and `add` have in common.

pub(crate) mod flags;
pub(crate) mod record;

use std::cell::RefCell;
use std::path::PathBuf;

use litopys::archive::{Archive, Batch, BatchOptions, Outcome, Summary};
use litopys::manifest::Change;
use litopys::{ArticleUrn, Utc};
use litopys_import::{Loaded, Options, SubjectFrom, drafts};

use record::{Record, Tally};

use crate::clock;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::signers::Signers;

/// What is to be signed in, and how.
pub(crate) struct Intake {
    /// Files, folders, URLs, `-`.
    pub(crate) inputs: Vec<PathBuf>,
    /// By what proxy URLs are fetched.
    pub(crate) proxy: Option<String>,
    /// How to read them.
    pub(crate) options: Options,
    /// The article that the one input is a version of, with its subject.
    pub(crate) revises: Option<(ArticleUrn, String)>,
    /// Why there are new versions.
    pub(crate) change: Option<Change>,
    /// Whether unchanged inputs make versions too.
    pub(crate) every_capture: bool,
    /// Whether the others are signed in when some can't be.
    pub(crate) keep_going: bool,
    /// Whether everything is done but writing.
    pub(crate) dry_run: bool,
    /// The time of signing that manifests claim.
    pub(crate) now: Utc,
}

/// What was signed in.
pub(crate) struct Signed<'a> {
    /// The archive and what was done; nothing in a dry run.
    pub(crate) committed: Option<(Archive, Summary)>,
    /// What became of each input.
    pub(crate) record: Record<'a>,
}

impl Signed<'_> {
    /// How many inputs became what.
    pub(crate) const fn tally(&self) -> Tally {
        self.record.tally
    }
}

impl Intake {
    /// Reads the inputs and signs them in: all, or none; or, if that was asked for, all that can be.
    pub(crate) fn run<'a>(
        &self,
        context: &'a Context,
        archive: Archive,
        signers: &Signers,
    ) -> Result<Signed<'a>, Failure> {
        let record = RefCell::new(Record::new(context));
        let options = BatchOptions {
            signed_at: self.now.clone(),
            change: self.change,
            every_capture: self.every_capture,
            collapsed: self.options.force,
            threads: context.threads().get(),
        };
        let mut random = |out: &mut [u8]| clock::random(out);
        let mut settle = |_, outcome: Outcome| record.borrow_mut().settle(outcome);
        let mut batch = archive.batch(signers.archivist(), signers.log(), options, &mut random, &mut settle)?;
        self.read(context, &record, &mut batch)?;
        batch.flush()?;
        let tally = record.borrow().tally;
        let nothing_else = tally.added + tally.revised + tally.unchanged == 0;
        if let Some(refusal) = record.borrow().refusal().filter(|_| !self.keep_going || nothing_else) {
            return Err(refusal);
        }
        let committed = if self.dry_run {
            drop(batch);
            None
        } else {
            Some(batch.commit()?)
        };
        Ok(Signed { committed, record: record.into_inner() })
    }

    fn read(&self, context: &Context, record: &RefCell<Record<'_>>, batch: &mut Batch<'_>) -> Result<(), Failure> {
        let mut progress = context.ui.progress("signing in");
        let fetcher = flags::fetcher(self.proxy.as_deref()).map_err(|error| Failure::of(Exit::Unable, &error))?;
        let mut inputs = drafts(&self.inputs, &self.options, context.threads()).with_fetcher(fetcher);
        let mut done = 0;
        for chunk in inputs.by_ref() {
            for outcome in chunk {
                match outcome {
                    Ok(loaded) => self.take(record, batch, loaded, done)?,
                    Err(failure) => record.borrow_mut().refuse(&failure),
                }
                done += 1;
            }
            progress.set(done, 0);
        }
        drop(progress);
        let skipped = inputs.skipped();
        if !skipped.is_empty() {
            let parts: Vec<_> = skipped.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
            context.ui.note(format_args!("passed over: {}", parts.join(", ")));
        }
        Ok(())
    }

    fn take(
        &self,
        record: &RefCell<Record<'_>>,
        batch: &mut Batch<'_>,
        mut loaded: Loaded,
        nth: u64,
    ) -> Result<(), Failure> {
        let Some((article, subject)) = &self.revises else {
            record.borrow_mut().expect(&loaded);
            return Ok(batch.add(loaded.draft)?);
        };
        if nth > 0 {
            return Err(
                Failure::new(Exit::False, "--revises takes one input: there is another").at(loaded.input.display())
            );
        }
        // A file's name says nothing about an article that was named.
        if loaded.subject_from == SubjectFrom::Path {
            loaded.draft.subject.clone_from(subject);
            loaded.draft.metadata.provenance.insert("subject".into(), "the version before".into());
        }
        record.borrow_mut().expect(&loaded);
        Ok(batch.revise(*article, loaded.draft)?)
    }
}
