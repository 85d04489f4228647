//! `litopys cosign`: a witness's cosignature on an archive's checkpoint.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use litopys::check::{self, CheckOptions, Files, Signatures, Trust};
use litopys::fork::SignedState;
use litopys::layout::Member;
use litopys::log::checkpoint::{SignatureLine, SignedCheckpoint};
use litopys::log::cosignature::WitnessKey;
use litopys::prove::Prover;
use litopys::report::{Code, Report, Severity};
use litopys::store::folder::{FolderWriter, LinesError};
use litopys::store::{Store, StoreKind};
use litopys::{ArchiveId, PublicKey, Signer, Utc, limits};
use serde_json::json;

use crate::clock;
use crate::clocks::read_bounded;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure, of_report};
use crate::forks::ForkArgs;
use crate::home::witness::WitnessState;
use crate::open::{self, Opened};
use crate::staging;
use crate::ui::words::count;
use crate::ui::{DIM, GOOD, escape, paint};
use crate::witnesses::{self, WitnessArgs};

/// Witness an archive: check it, and that it extends what this witness saw of it before, and cosign its checkpoint
///
/// A cosignature (C2SP tlog-cosignature) says that the witness saw this state at this time, consistent with all that it saw of this log before, and nothing newer.
/// Readers who know the witness see by it that they are shown what everybody is shown: `litopys verify --witness`. A witness is somebody else than the archive's
/// keeper, with a key for nothing but this. What it saw is kept below LITOPYS_HOME, by its key and the log's origin; it refuses an archive that was rolled
/// back or forked since, or that fails its check, and whoever loses this memory must not go on with the same key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys cosign my-archive --key witness --name witness.example.org/w1
  litopys cosign my.litopys --key witness --out cosigned     where the archive can't be written
  litopys cosign my-archive --add cosigned --witness witness.example.org/w1+8d66cf3f+BA...

Exit codes: 0 done; 1 refused: the archive fails its check, or isn't what the witness saw; 2 could not check; 5 busy.")]
pub(crate) struct Cosign {
    /// A folder, or a bundle with --out
    archive: PathBuf,
    /// The witness's key: a file, or agent:SHA256:...
    #[arg(long, value_name = "KEY", required_unless_present = "add", conflicts_with = "add")]
    key: Option<PathBuf>,
    /// What this witness is called: a URL without scheme, say [default: as before]
    #[arg(long, value_name = "NAME", conflicts_with = "add")]
    name: Option<String>,
    /// Keep what this witness saw of this log in this file
    #[arg(long, value_name = "FILE", conflicts_with = "add")]
    state: Option<PathBuf>,
    /// Leave the archive as it is, and write the cosigned checkpoint into this file
    #[arg(long, value_name = "FILE", conflicts_with = "add")]
    out: Option<PathBuf>,
    /// Take in cosignatures made elsewhere: a cosigned checkpoint, or a witness's answer; by witnesses that are named or pinned
    #[arg(long, value_name = "FILE")]
    add: Vec<PathBuf>,
    /// A witness whose cosignature is taken in: NAME+HASH+BASE64, or NAME=KEY [default: those that are pinned]
    #[arg(long, value_name = "KEY", requires = "add")]
    witness: Vec<String>,
    #[command(flatten)]
    forks: ForkArgs,
    /// How long to wait for another writer
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

impl Cosign {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        if self.add.is_empty() { self.cosign(context) } else { self.take_in(context) }
    }

    fn cosign(&self, context: &Context) -> Done {
        let key = self.key.as_deref().unwrap_or(Path::new(""));
        let (home, opened) = (context.home()?, open::open(&self.archive)?);
        if self.out.is_none() {
            open::folder(&self.archive)?;
        }
        let store = opened.store(&self.archive)?;
        if store.kind() == StoreKind::Extract {
            return Err(open::is_extract(&self.archive));
        }
        let key = home.read_key(key)?;
        let checkpoint = read(store, &self.archive)?;
        let origin = checkpoint.claimed_origin();
        let path = self.state.clone().unwrap_or_else(|| home.witness_path(key.public_key(), origin));
        let mut state = WitnessState::open(path)?;
        let known = state.witness().map(|witness| witness.name().to_owned());
        let known = known.or_else(|| home.witness_name(key.public_key()).filter(|_| self.state.is_none()));
        let witness = self.witness(key.public_key(), &checkpoint, known, &state)?;
        let (archive, now) = (self.check(context, store, &checkpoint, &state)?, clock::now()?);
        let shown = foreign(store, &key, archive)?;
        if let Some(last) = state.time().filter(|last| last.to_unix() > now.to_unix()) {
            return Err(Failure::new(
                Exit::Unable,
                format_args!("the clock is behind: this witness cosigned at {last} already"),
            ));
        }
        let first = state.seen().is_none();
        let line = |state: &mut WitnessState| {
            // First it is kept what was seen: whatever happens then, nothing else is signed.
            state.advance(&witness, archive, (origin, &shown), &now)?;
            checkpoint.cosign(&witness, now.to_unix(), &key).map_err(|error| Failure::of(Exit::Unable, &error))
        };
        match &self.out {
            Some(out) => {
                staging::free(out, false)?;
                let cosigned =
                    checkpoint.with_lines(&[line(&mut state)?]).map_err(|error| Failure::of(Exit::False, &error))?;
                staging::write_file(out, false, |mut file| {
                    file.write_all(cosigned.bytes()).map_err(|error| Failure::io(out, &error))
                })?;
            }
            None => {
                let writer = FolderWriter::lock(&self.archive, Duration::from_secs(self.wait))?;
                if read(writer.store(), &self.archive)?.text() != checkpoint.text() {
                    return Err(Failure::new(Exit::Busy, "the archive has grown meanwhile").hint("cosign it again"));
                }
                writer.add_lines(&checkpoint, &[line(&mut state)?]).map_err(of_lines)?;
            }
        }
        told(context, archive, &checkpoint, &witness, &now, first)
    }

    /// As whom it is signed.
    fn witness(
        &self,
        key: &PublicKey,
        checkpoint: &SignedCheckpoint,
        known: Option<String>,
        state: &WitnessState,
    ) -> Result<WitnessKey, Failure> {
        let no = |text: &str| Failure::new(Exit::False, text);
        let name = match (&self.name, known) {
            (Some(name), Some(known)) if *name != known => {
                return Err(no("a witness's key has one name").hint(format_args!("this key's is {known}")));
            }
            (Some(name), _) => name.clone(),
            (None, Some(known)) => known,
            (None, None) => {
                return Err(Failure::new(Exit::Unable, "a witness needs a name")
                    .hint("--name witness.example.org/w1: any name without spaces, by which readers will know it"));
            }
        };
        if state.witness().is_some_and(|witness| witness.key() != key) {
            return Err(no("what is kept there was seen by another witness"));
        }
        let origin = checkpoint.claimed_origin().as_str();
        if state.origin().is_some_and(|of| of != origin) {
            return Err(no("what is kept there was seen of another log"));
        }
        if name == origin {
            return Err(no("a witness can't be called as the log is"));
        }
        WitnessKey::new(name, key.clone()).map_err(|error| Failure::of(Exit::Unable, &error))
    }

    /// Checks the archive in full, and against what this witness saw.
    fn check(
        &self,
        context: &Context,
        store: &dyn Store,
        checkpoint: &SignedCheckpoint,
        state: &WitnessState,
    ) -> Result<ArchiveId, Failure> {
        let seen = state.seen();
        let trust = Trust { seen: seen.into_iter().collect(), ..Trust::default() };
        let threads = context.threads().get();
        let options = CheckOptions { files: Files::All, trust, signatures: Signatures::All, threads };
        let mut progress = context.ui.progress("verifying");
        let report = check::check(store, &options, &mut progress);
        drop(progress);
        let at = |failure: Failure| failure.at(self.archive.display()).hint("nothing was cosigned");
        let report: Report = report.map_err(|error| at(error.into()))?;
        let head = checkpoint.claimed_head();
        let faulty = report.findings.iter().any(|finding| finding.code.severity() != Severity::Warning);
        let has = |code| report.findings.iter().any(|finding| finding.code == code);
        let before = seen.map_or(0, |(_, seen)| seen.size());
        if has(Code::RolledBack) {
            let text = format_args!("rolled back (E082): this witness cosigned {} of it", count(before, "statement"));
            return Err(at(Failure::new(Exit::False, text)));
        }
        if has(Code::Forked) {
            self.forks.against(context, state.state(), store)?;
            let before = count(before, "statement");
            let text = format_args!("forked (E083): its first {before} are not those that this witness cosigned");
            return Err(at(Failure::new(Exit::False, text)));
        }
        let Some(archive) = report.archive.filter(|_| !faulty) else { return Err(at(of_report(&report))) };
        if report.checkpoint != Some(head) {
            return Err(Failure::new(Exit::Busy, "the archive has grown meanwhile").hint("cosign it again"));
        }
        match seen {
            Some((before, _)) if before != archive => {
                let text = format_args!("another archive of the same origin was cosigned before: {before}");
                Err(at(Failure::new(Exit::False, text)))
            }
            _ => Ok(archive),
        }
    }

    /// Takes in cosignatures that were made elsewhere.
    fn take_in(&self, context: &Context) -> Done {
        let folder = open::folder(&self.archive)?;
        let Opened::Folder(store) = open::open(&self.archive)? else { return Err(open::is_extract(&self.archive)) };
        let there = read(&store, &self.archive)?;
        let args = WitnessArgs { witness: self.witness.clone(), quorum: None };
        let keys = args.read(context)?.keys;
        let mut lines = Vec::new();
        for path in &self.add {
            lines.extend(cosignatures(path, &there, &keys)?);
        }
        let newer =
            |(witness, time, _): &Cosignature| there.cosigned_by(witness).ok().flatten().is_none_or(|old| old < *time);
        let new: Vec<_> = lines.iter().filter(|line| newer(line)).map(|(.., line)| line.clone()).collect();
        if !new.is_empty() {
            FolderWriter::lock(folder, Duration::from_secs(self.wait))?.add_lines(&there, &new).map_err(of_lines)?;
        }
        taken_in(context, &there, &lines, new.len())
    }
}

/// By which witness, when by its word, and the line that says so.
type Cosignature = (WitnessKey, u64, SignatureLine);

fn read(store: &dyn Store, path: &Path) -> Result<SignedCheckpoint, Failure> {
    let at = |failure: Failure| failure.at(path.display());
    let bytes = store.read(Member::Checkpoint, limits::CHECKPOINT).map_err(|error| at(error.into()))?;
    SignedCheckpoint::parse(&bytes).map_err(|error| at(Failure::of(Exit::False, &error)))
}

/// The lines that a file has for this checkpoint: those of a cosigned checkpoint with its text, or lines alone.
fn offered(path: &Path, there: &SignedCheckpoint) -> Result<Vec<SignatureLine>, Failure> {
    let bytes = read_bounded(path, limits::CHECKPOINT)?;
    let no = |text: &dyn std::fmt::Display| Failure::new(Exit::False, text).at(path.display());
    if let Ok(cosigned) = SignedCheckpoint::parse(&bytes) {
        if cosigned.text() != there.text() {
            let (of, has) = (count(cosigned.claimed_size(), "statement"), count(there.claimed_size(), "statement"));
            return Err(no(&format_args!("is over another checkpoint, of {of}, where the archive's has {has}")));
        }
        return Ok(cosigned.lines().to_vec());
    }
    let lines = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_suffix('\n'));
    let lines =
        lines.map(|lines| lines.split('\n').take(limits::CHECKPOINT_LINES + 1).map(SignatureLine::parse).collect());
    lines.flatten().ok_or_else(|| no(&"is neither a checkpoint nor signature lines"))
}

/// The cosignatures of this checkpoint by known witnesses that a file has: one at least, and none that is false.
fn cosignatures(path: &Path, there: &SignedCheckpoint, known: &[WitnessKey]) -> Result<Vec<Cosignature>, Failure> {
    let no = |text: &dyn std::fmt::Display| Failure::new(Exit::False, text).at(path.display());
    let mut found = Vec::new();
    for line in offered(path, there)? {
        let with = there.with_lines(std::slice::from_ref(&line));
        let with = with.map_err(|error| Failure::of(Exit::False, &error).at(path.display()))?;
        for witness in known {
            let bad = |_| no(&format_args!("the cosignature by {} does not verify", witness.name()));
            let is_its = line.name() == witness.name() && line.key_id() == witness.key_id();
            if let Some(time) = with.cosigned_by(witness).map_err(bad)?.filter(|_| is_its) {
                found.push((witness.clone(), time, line.clone()));
            }
        }
    }
    if found.is_empty() {
        return Err(no(&"holds no cosignature of this checkpoint by a witness that is known")
            .hint("--witness NAME+HASH+BASE64 names one, `litopys trust add --witness` pins one"));
    }
    Ok(found)
}

/// Says what was taken in.
fn taken_in(context: &Context, there: &SignedCheckpoint, lines: &[Cosignature], added: usize) -> Done {
    let (ui, size) = (&context.ui, there.claimed_size());
    let rows = lines.iter().map(|(witness, time, _)| (witness.name(), witnesses::moment(*time)));
    if context.json {
        let rows: Vec<_> = rows.map(|(name, time)| json!({"witness": name, "time": time})).collect();
        ui.json(&json!({"schema": 1, "size": size, "added": added, "cosignatures": rows}))?;
        return Ok(Exit::Ok);
    }
    for (name, time) in rows {
        let (of, name) = (count(size, "statement"), escape::short(name, 200));
        ui.detail(format_args!("{} {of}, by {name} at {time}", paint(GOOD, "cosigned:")))?;
    }
    Ok(Exit::Ok)
}

/// The archive's signed state, unless the key is its own: a witness is somebody else, and a log that vouches for itself says nothing new.
fn foreign(store: &dyn Store, key: &dyn Signer, archive: ArchiveId) -> Result<SignedState, Failure> {
    let mut prover = Prover::open(store)?;
    let own = prover.archive() == archive && prover.authority().holder(key.public_key().as_bytes()).is_some();
    if !own {
        return Ok(SignedState::of(&mut prover)?);
    }
    Err(Failure::new(Exit::False, "the key is one of the archive's own: a witness is somebody else")
        .hint("`litopys key new witness` makes a key for nothing but this"))
}

fn of_lines(error: LinesError) -> Failure {
    match error {
        LinesError::Write(error) => error.into(),
        LinesError::Store(error) => error.into(),
        LinesError::Moved { .. } => Failure::of(Exit::Busy, &error).hint("cosign it again"),
        error => Failure::of(Exit::False, &error),
    }
}

fn told(
    context: &Context,
    archive: ArchiveId,
    checkpoint: &SignedCheckpoint,
    witness: &WitnessKey,
    now: &Utc,
    first: bool,
) -> Done {
    let (ui, head) = (&context.ui, checkpoint.claimed_head());
    if context.json {
        ui.json(&json!({
            "schema": 1,
            "archive": archive.to_hex(),
            "checkpoint": {"size": head.size(), "root": head.root().to_string()},
            "witness": witness.to_string(),
            "time": now.as_str(),
            "first": first,
        }))?;
        return Ok(Exit::Ok);
    }
    let origin = checkpoint.claimed_origin();
    ui.detail(format_args!("{} {} of {origin}, at {now}", paint(GOOD, "cosigned"), count(head.size(), "statement")))?;
    ui.detail(paint(DIM, format_args!("    {}", escape::line(&witness.to_string()))))?;
    if first {
        ui.note(format_args!("this witness sees this archive for the first time: {archive}"));
        ui.note("readers name the witness by the key above: litopys verify --witness KEY");
    }
    Ok(Exit::Ok)
}
