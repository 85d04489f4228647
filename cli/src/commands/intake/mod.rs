//! Inputs signed in: what `create` and `add` have in common.

pub(crate) mod failures;
pub(crate) mod flags;
pub(crate) mod history;
pub(crate) mod missing;
mod paths;
pub(crate) mod record;
mod warnings;

use std::cell::RefCell;
use std::num::NonZero;
use std::path::PathBuf;

use litopys::archive::{Archive, Batch, BatchOptions, Outcome, Summary};
use litopys::manifest::Change;
use litopys::request::Request;
use litopys::{ArticleUrn, Utc};
use litopys_import::{Ahead, Exported, Loaded, Options, SubjectFrom, drafts};

use history::History;
use record::{Record, Tally};

use super::add::signed::is_fleeting;
use super::apart::Kept;
use crate::clock;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::signers::Signers;
use crate::ui::Progress;
use crate::ui::words::count;

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
    /// After how many versions they are committed; without it, at the end.
    pub(crate) commit_every: Option<NonZero<u64>>,
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
    /// Which messages the Telegram exports among the inputs have.
    pub(crate) exported: Vec<Exported>,
}

impl Signed<'_> {
    /// How many inputs became what.
    pub(crate) const fn tally(&self) -> Tally {
        self.record.tally
    }
}

/// What is asked to be signed.
pub(crate) struct Asked<'a> {
    /// What became of each input.
    pub(crate) record: Record<'a>,
    /// Nothing where nothing is new.
    pub(crate) request: Option<Request>,
    /// What can't be read again of the inputs.
    pub(crate) kept: Option<Kept>,
}

/// The inputs, as far as they were read.
struct Reading {
    inputs: Ahead,
    chunk: std::vec::IntoIter<Result<Loaded, litopys_import::Failure>>,
    history: History,
    progress: Progress,
    done: u64,
    /// For a request: what can't be read again of them.
    kept: Option<Kept>,
}

impl Reading {
    /// Says what was passed over; gives what messages the Telegram exports have.
    fn end(self, context: &Context) -> Vec<Exported> {
        let Self { inputs, progress, .. } = self;
        drop(progress);
        let Some(inputs) = inputs.end() else { return Vec::new() };
        let skipped = inputs.skipped();
        if !skipped.is_empty() {
            let parts: Vec<_> = skipped.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
            context.ui.note(format_args!("passed over: {}", parts.join(", ")));
        }
        inputs.exported().to_vec()
    }
}

impl Intake {
    /// Reads the inputs and signs them in: all, or none; or, if that was asked for, all that can be. Of inputs that are committed
    /// as they come, those before the first that can't be signed in stay.
    pub(crate) fn run<'a>(
        &self,
        context: &'a Context,
        archive: Archive,
        signers: &Signers,
    ) -> Result<Signed<'a>, Failure> {
        let (record, mut reading) = (RefCell::new(Record::new(context)), self.reading(context)?);
        let before = archive.head().size();
        match self.sign_in(context, archive, signers, &record, &mut reading) {
            Ok(committed) => {
                let exported = reading.end(context);
                let record = record.into_inner();
                if let Some((archive, _)) = &committed {
                    record.paths.warn(&context.ui, archive, before);
                }
                Ok(Signed { committed, record, exported })
            }
            Err(failure) => {
                context.outlast(reading.inputs);
                Err(failure)
            }
        }
    }

    fn sign_in(
        &self,
        context: &Context,
        mut archive: Archive,
        signers: &Signers,
        record: &RefCell<Record<'_>>,
        reading: &mut Reading,
    ) -> Result<Option<(Archive, Summary)>, Failure> {
        let (options, mut pool) = (self.batch_options(context), clock::Pool::new());
        let mut done = Summary { articles: 0, versions: 0, head: archive.head() };
        loop {
            let mut random = |out: &mut [u8]| pool.random(out);
            let mut settle = |_, outcome: Outcome| record.borrow_mut().settle(outcome);
            let (archivist, log) = (signers.archivist(), signers.log());
            let mut batch = archive.batch(archivist, log, options.clone(), &mut random, &mut settle)?;
            let ended = self.read(context, record, &mut batch, reading)?;
            batch.flush()?;
            if let Some(refusal) = self.refusal(&mut record.borrow_mut(), &done) {
                return Err(refusal);
            }
            if self.dry_run {
                return Ok(None);
            }
            let (grown, summary) = batch.commit()?;
            done = Summary {
                articles: done.articles + summary.articles,
                versions: done.versions + summary.versions,
                head: summary.head,
            };
            if ended {
                return Ok(Some((grown, done)));
            }
            super::add::remember(context, &grown);
            record.borrow_mut().print()?;
            context.ui.finish()?;
            archive = grown;
        }
    }

    /// Reads the inputs and says what is to be signed of them, by a key that is elsewhere; nothing where nothing is new. Nothing is written
    /// but what can't be read again.
    pub(crate) fn ask<'a>(&self, context: &'a Context, archive: Archive, kept: Kept) -> Result<Asked<'a>, Failure> {
        let record = RefCell::new(Record::new(context));
        let mut reading = Reading { kept: Some(kept), ..self.reading(context)? };
        let mut random = |out: &mut [u8]| clock::random(out);
        let mut settle = |_, outcome: Outcome| record.borrow_mut().settle(outcome);
        let nothing = Summary { articles: 0, versions: 0, head: archive.head() };
        let mut batch = archive.plan(self.batch_options(context), &mut random, &mut settle);
        self.read(context, &record, &mut batch, &mut reading)?;
        batch.flush()?;
        if let Some(refusal) = self.refusal(&mut record.borrow_mut(), &nothing) {
            return Err(refusal);
        }
        let request = batch.request()?;
        let kept = reading.kept.take();
        reading.end(context);
        Ok(Asked { record: record.into_inner(), request, kept })
    }

    fn batch_options(&self, context: &Context) -> BatchOptions {
        BatchOptions {
            signed_at: self.now.clone(),
            change: self.change,
            every_capture: self.every_capture,
            collapsed: self.options.force,
            threads: context.threads().get(),
        }
    }

    fn reading(&self, context: &Context) -> Result<Reading, Failure> {
        let fetcher = flags::fetcher(self.proxy.as_deref()).map_err(|error| Failure::of(Exit::Unable, &error))?;
        Ok(Reading {
            inputs: drafts(&self.inputs, &self.options, context.threads()).with_fetcher(fetcher).ahead(),
            history: History::default(),
            chunk: Vec::new().into_iter(),
            progress: context.ui.progress("signing in"),
            done: 0,
            kept: None,
        })
    }

    /// Why nothing of what waits is committed, if something can't be.
    fn refusal(&self, record: &mut Record<'_>, done: &Summary) -> Option<Failure> {
        let tally = record.tally;
        let nothing_else = tally.added + tally.revised + tally.unchanged == 0;
        if tally.failed == 0 || (self.keep_going && (!nothing_else || self.commit_every.is_some())) {
            return None;
        }
        let what = count(tally.failed, "input");
        let failure = if done.versions > 0 {
            let before = count(done.versions, "version");
            Failure::new(Exit::Partial, format_args!("stopped: {what} can't be signed in; {before} before that stay"))
        } else {
            let exit = if record.only_io() { Exit::Unable } else { Exit::False };
            Failure::new(exit, format_args!("nothing was written: {what} can't be signed in"))
        };
        let failure = if nothing_else { failure } else { failure.hint("--keep-going signs the others in") };
        let (rows, hints) = record.take_failures();
        Some(hints.iter().fold(failure, Failure::hint).rows(rows))
    }

    /// Reads on until the end of all inputs, or until it is time for a commit; true at the end.
    fn read(
        &self,
        context: &Context,
        record: &RefCell<Record<'_>>,
        batch: &mut Batch<'_>,
        reading: &mut Reading,
    ) -> Result<bool, Failure> {
        let mut since = 0;
        loop {
            let Some(outcome) = reading.chunk.next() else {
                reading.progress.set(reading.done, 0);
                match reading.inputs.next() {
                    Some(chunk) => reading.chunk = chunk.into_iter(),
                    None => return Ok(true),
                }
                continue;
            };
            reading.history.see(context, &self.options, &outcome);
            match outcome {
                Ok(mut loaded) => {
                    if let Some(kept) = reading.kept.as_mut().filter(|_| is_fleeting(&loaded.input)) {
                        loaded.draft.files.iter_mut().try_for_each(|file| kept.keep(file))?;
                    }
                    self.take(record, batch, loaded, reading.done)?;
                }
                Err(failure) => {
                    record.borrow_mut().refuse(&failure);
                    // Of inputs without an end, the first failure is the end.
                    if self.commit_every.is_some() && !self.keep_going {
                        return Ok(true);
                    }
                }
            }
            reading.done += 1;
            since += 1;
            if let Some(every) = self.commit_every.filter(|every| since >= every.get()) {
                batch.flush()?;
                since = batch.signed();
                let failed = !self.keep_going && record.borrow().tally.failed > 0;
                if since >= every.get() || failed {
                    return Ok(failed);
                }
            }
        }
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
