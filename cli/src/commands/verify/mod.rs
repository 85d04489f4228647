//! `litopys verify`: checks archives, claim by claim.

mod human;
mod machine;
mod single;
mod trust;

pub(crate) use trust::parse_archive;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use litopys::TreeHead;
use litopys::check::{self, Anchor, CheckOptions, Files, Signatures, Trust};
use litopys::report::{Claim, Code, Report, Verdict};
use litopys::store::{Store, StoreKind};
use litopys::view::View;

use crate::certificate::{self, Certificate};
use crate::clock;
use crate::clocks::{ClockArgs, Clocks};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::forks::{self, ForkArgs};
use crate::home::memory::{Known, Memories};
use crate::open::{self, Opened};
use crate::staging;
use crate::witnesses::WitnessArgs;

/// Check archives: every byte, link, signature and rule
///
/// The first line is the verdict in words. An intact archive is not yet one to trust: pin it with `litopys trust add`, or say whom you trust
/// with --trust-archive or --trust-key. The newest checkpoint verified of a pinned archive is remembered, so that an archive that was
/// rolled back or forked since is found.
///
/// With --proof it is about single statements, each handed over with its proof, as `litopys cat --statement` and `litopys prove` write them: is the
/// statement in the log that the checkpoint in the proof speaks of? Whose log that is shows the charter (--charter), a checkpoint that you
/// know (--trust-archive ID@SIZE:ROOT, or a pinned archive's), or a key that you trust and that signed it (--trust-key).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys verify my.litopys
  litopys verify my.litopys --trust-archive \"$(cat id.txt)\"
  litopys verify my.litopys --tsa-root roots.pem --at 2026-12-01
  litopys verify my.litopys --witness w1.example.org+8d66cf3f+BA... --witness w2.example.org=w2.pub --quorum 1
  litopys verify my.litopys --report certificate.html
  litopys verify --json --files none mirror/ | jq -r .verdict
  litopys verify a.cose --proof a.tlog-proof --charter charter.cose

Exit codes: 0 every claim asked for holds and you trust the archive; 1 something is false, or no
timestamp by those whom --tsa-root names holds at that moment; 2 it could not be checked; 3 intact, but nobody said whom to trust, or nothing shows that a single
statement is in an archive of theirs. Of several archives, the worst of them: 1, 2, 3, 0. Of a fork proof: 1 it
proves that the archive has two histories; 2 it proves nothing; never 0.")]
pub(crate) struct Verify {
    /// Folders and bundles; fork proofs; with --proof the files of statements
    #[arg(required = true, value_name = "ARCHIVE")]
    archives: Vec<PathBuf>,
    /// The proof that a statement is in a log (C2SP tlog-proof): of several, the first is of the first statement, and so on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "certificate", "report", "tsa_root", "at"])]
    proof: Vec<PathBuf>,
    /// The charter, statement 0, which says whose keys may sign: `litopys cat ARCHIVE ID --statement` prints it
    #[arg(long, value_name = "FILE", requires = "proof")]
    charter: Option<PathBuf>,
    /// Trust the archive with this id; with @SIZE:ROOT it must also extend that checkpoint
    #[arg(long, value_name = "ID[@SIZE:ROOT]")]
    trust_archive: Vec<String>,
    /// Trust an archive that this key founded: a file, `ssh-ed25519 AAAA...`, or its fingerprint, SHA256:...
    #[arg(long, value_name = "KEY")]
    trust_key: Vec<String>,
    /// Trust what this file lists: an id, ID@SIZE:ROOT, a key or its fingerprint, or a line of allowed signers (ssh-keygen(1)) for the namespace litopys
    #[arg(long, value_name = "FILE")]
    trust_file: Vec<PathBuf>,
    /// Which files to read: all, those new since the checkpoint remembered, part N of M, or none
    #[arg(long, value_name = "all|new|N/M|none", default_value = "all")]
    files: FilesArg,
    #[command(flatten)]
    clocks: ClockArgs,
    #[command(flatten)]
    witnesses: WitnessArgs,
    #[command(flatten)]
    forks: ForkArgs,
    /// Print, after the check, a certificate for people: the articles, how they changed, what is proved and what not. Of an extract it is
    /// always printed
    #[arg(long, conflicts_with = "json")]
    certificate: bool,
    /// Write the same, with the articles' texts, as one HTML page into this file: without script or network, fit to be printed
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Replace the report's file if it is there
    #[arg(long, requires = "report")]
    force: bool,
}

/// Which files are read.
#[derive(Debug, Clone, Copy)]
enum FilesArg {
    All,
    New,
    Part(u64, u64),
    None,
}

impl FromStr for FilesArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |text: &str| {
            let (nth, of) = text.split_once('/')?;
            let (nth, of) = (nth.parse().ok()?, of.parse().ok()?);
            (1..=of).contains(&nth).then_some(Self::Part(nth, of))
        };
        match text {
            "all" => Ok(Self::All),
            "new" => Ok(Self::New),
            "none" => Ok(Self::None),
            text => part(text).ok_or("expected all, new, none, or N/M with N from 1 to M"),
        }
    }
}

/// An archive that was checked.
struct Checked<'a> {
    path: &'a Path,
    /// The flags, each after a space, without which the command that checks it isn't one.
    with: &'a str,
    report: Report,
    /// Whether whom to trust was said for this check, not by a pin.
    demanded: bool,
    /// Whether a key that was named as the founder's signed in it, and did not found it.
    signer_named: bool,
    /// A checkpoint seen before, if there is one.
    seen: Option<TreeHead>,
    /// Whose clocks count.
    clocks: &'a Clocks,
}

impl Checked<'_> {
    fn exit(&self) -> Exit {
        match self.report.verdict() {
            Verdict::Verified | Verdict::Partial => Exit::Ok,
            Verdict::Untrusted => Exit::Untrusted,
            Verdict::Failed => Exit::False,
            _ => Exit::Unable,
        }
    }
}

impl Verify {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        if self.report.is_some() && self.archives.len() > 1 {
            return Err(Failure::new(Exit::Unable, "a report is about one archive"));
        }
        let memories = context.memories()?;
        let mut trust = memories.trust();
        trust::demand(context, &mut trust, &self)?;
        trust.witnesses = self.witnesses.read(context)?;
        if !self.proof.is_empty() {
            return single::run(context, &self, &trust);
        }
        let clocks = Clocks::read(context, &self.clocks)?;
        let mut worst = Exit::Ok;
        for (at, path) in self.archives.iter().enumerate() {
            if let Some(bytes) = forks::meant(path) {
                worst = worst_of(worst, forks::check(context, path, &bytes?)?);
                continue;
            }
            let exit = match self.one(context, path, at > 0, &memories, &trust, &clocks) {
                Ok(exit) => exit,
                // One that can't be looked at doesn't keep the others from being checked.
                Err(failure) if self.archives.len() > 1 && failure.exit() != Exit::Pipe => {
                    if context.json {
                        context.ui.json(&machine::Unread::new(path, &failure))?;
                    } else {
                        context.ui.failure(&failure);
                    }
                    failure.exit()
                }
                Err(failure) => return Err(failure),
            };
            worst = worst_of(worst, exit);
        }
        Ok(worst)
    }

    /// Checks one archive, and says what was found.
    fn one(
        &self,
        context: &Context,
        path: &Path,
        apart: bool,
        memories: &Memories,
        trust: &Trust,
        clocks: &Clocks,
    ) -> Result<Exit, Failure> {
        let opened = open::open(path).map_err(|failure| match single::is_statement(path) {
            true => failure.hint("a statement is checked with its proof: --proof FILE, which `litopys prove` writes"),
            false => failure,
        })?;
        let (checked, view) = self.check(context, path, &opened, memories, trust, clocks)?;
        if let Err(failure) = self.prove_fork(context, &checked, &opened) {
            // That it can't be proved doesn't change what was found.
            context.ui.warn(failure.message());
            failure.hints().iter().for_each(|hint| context.ui.note(hint));
        }
        let certificate = || Certificate::new(path, &checked.report, view.as_ref(), clocks.at());
        if let Some(out) = &self.report {
            self.write_page(out, &certificate()?)?;
        }
        if context.json {
            context.ui.json(&machine::Document::new(&checked))?;
            return Ok(checked.exit());
        }
        if apart {
            context.ui.detail("")?;
        }
        human::print(context, &checked)?;
        if !context.ui.is_quiet() && (self.certificate || human::is_certified(&checked)) {
            if checked.report.verdict() != Verdict::Verified || !checked.report.extract {
                context.ui.detail("")?;
            }
            certificate::print(&context.ui, &certificate()?)?;
        }
        Ok(checked.exit())
    }

    fn check<'a>(
        &self,
        context: &Context,
        path: &'a Path,
        opened: &'a Opened,
        memories: &Memories,
        trust: &Trust,
        clocks: &'a Clocks,
    ) -> Result<(Checked<'a>, Option<View<'a>>), Failure> {
        let demanded = !trust.demanded.is_empty();
        if let Opened::Refused(report) = opened {
            let report = *report.clone();
            let checked = Checked { path, with: "", report, demanded, signer_named: false, seen: None, clocks };
            return Ok((checked, None));
        }
        let store = opened.store(path)?;
        let threads = if is_small(path) { 1 } else { context.threads().get() };
        let files = match self.files {
            FilesArg::All => Files::All,
            FilesArg::None => Files::None,
            FilesArg::Part(nth, of) => Files::Part(nth, of),
            FilesArg::New => Files::Since(newest_seen(context, path, opened, memories)?),
        };
        let options = CheckOptions { files, trust: trust.clone(), signatures: Signatures::All, threads };
        let mut progress = context.ui.progress("verifying");
        let shown = self.report.is_some() || !context.json && !context.ui.is_quiet();
        // A certificate shows what the articles are: they are noted on the way.
        let checked = if shown && (self.report.is_some() || self.certificate || store.kind() == StoreKind::Extract) {
            View::check(store, &options, &mut progress)
        } else {
            check::check(store, &options, &mut progress).map(|report| (report, None))
        };
        drop(progress);
        let (mut report, view) = checked.map_err(|error| Failure::from(error).at(path.display()))?;
        clocks.judge_all(store, &mut report)?;
        let memory = report.archive.and_then(|id| memories.of(id));
        let seen = memory.and_then(crate::home::memory::Memory::seen);
        let is_other = report.findings.iter().any(|finding| finding.code == Code::OtherFounder);
        let signs = |anchor: &Anchor| report.signers.iter().any(|signer| anchor.is_founder(signer.key.as_bytes()));
        let signer_named = is_other && trust.demanded.iter().any(signs);
        let checked = Checked { path, with: "", demanded, signer_named, seen, report, clocks };
        let pinned = memory.is_some() || !demanded && checked.report.claims.trusted == Claim::Holds;
        let newer =
            checked.report.checkpoint.is_some_and(|head| checked.seen.is_none_or(|seen| seen.size() < head.size()));
        // Of an extract nobody can tell whether its log extends the one that was seen.
        if pinned && !checked.report.extract && checked.report.verdict() == Verdict::Verified {
            remember(context, &checked, newer, opened.store(path)?);
        }
        // Of what isn't whole nothing is shown but what was found.
        let view = view.filter(|_| checked.report.verdict() != Verdict::Failed);
        Ok((checked, view))
    }

    /// Writes the proof of a fork that was found by memory.
    fn prove_fork(&self, context: &Context, checked: &Checked<'_>, opened: &Opened) -> Result<(), Failure> {
        let forked = checked.report.findings.iter().any(|finding| finding.code == Code::Forked);
        let (true, Some(archive), Some(seen)) = (forked, checked.report.archive, checked.seen) else { return Ok(()) };
        let older = context.home()?.state(archive, seen);
        self.forks.against(context, older, opened.store(checked.path)?)
    }

    /// Writes the page that was asked for.
    fn write_page(&self, out: &Path, certificate: &Certificate<'_>) -> Result<(), Failure> {
        let page = certificate::page(certificate);
        let write = |mut file: &File| file.write_all(page.as_bytes()).map_err(|error| Failure::io(out, &error));
        staging::write_file(out, self.force, write).map_err(|error| match error.exit() {
            Exit::False if !self.force => error.hint("--force replaces it"),
            _ => error,
        })
    }
}

/// Whether it is a bundle of no more than a tile: nothing to share among threads.
fn is_small(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= 64 << 10)
}

/// From which statement on files are new: all are of an archive that isn't remembered.
fn newest_seen(context: &Context, path: &Path, opened: &Opened, memories: &Memories) -> Result<u64, Failure> {
    let options = CheckOptions {
        files: Files::None,
        trust: Trust::default(),
        signatures: Signatures::None,
        threads: context.threads().get(),
    };
    let report = check::check(opened.store(path)?, &options, &mut ())
        .map_err(|error| Failure::from(error).at(path.display()))?;
    let memory = report.archive.and_then(|id| memories.of(id));
    Ok(memory.and_then(crate::home::memory::Memory::seen).map_or(0, |seen| seen.size()))
}

/// Keeps the checkpoint of a full pass. That it can't be kept doesn't change what was found.
fn remember(context: &Context, checked: &Checked<'_>, newer: bool, store: &dyn Store) {
    let report = &checked.report;
    let (Some(id), Some(head)) = (report.archive, report.checkpoint) else { return };
    let origin = report.claimed_origin.as_ref().map(ToString::to_string);
    let kept = context.home().and_then(|home| {
        if newer {
            home.remember(id, origin, (head, Known::by_void(report.counts.void)), clock::now()?)?;
        }
        // With the signed state, a fork can be proved and not only told.
        if home.state(id, head).is_some() { Ok(()) } else { forks::keep(context, id, store) }
    });
    if let Err(failure) = kept {
        context.ui.warn(format_args!("the checkpoint could not be remembered: {}", failure.message()));
    }
}

fn worst_of(a: Exit, b: Exit) -> Exit {
    let order = [Exit::False, Exit::Unable, Exit::Untrusted, Exit::Ok];
    order.into_iter().find(|exit| *exit == a || *exit == b).unwrap_or(a)
}
