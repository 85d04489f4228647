//! Forks: what is kept to prove one later, proofs written, and proofs checked.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use litopys::authority::KeyHolder;
use litopys::fork::{ForkProof, MakeError, SignedState, VerifiedFork, VerifiedState};
use litopys::prove::Prover;
use litopys::store::Store;
use litopys::{ArchiveId, limits};
use serde_json::{Value, json};

use crate::clocks::read_bounded;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure, chain};
use crate::open::first_bytes;
use crate::staging;
use crate::ui::words::count;
use crate::ui::{BAD, BOLD, DIM, WARN, escape, paint};

/// A title or name on one line.
const TITLE: usize = 200;

/// Where a proof of a fork is to go.
#[derive(Debug, Default, Args)]
pub(crate) struct ForkArgs {
    /// If it is forked, write a proof that anybody can check (`litopys verify FILE`) into this file, which isn't there yet
    #[arg(long, value_name = "FILE")]
    pub(crate) fork_proof: Option<PathBuf>,
}

impl ForkArgs {
    /// Writes the proof that `newer` doesn't extend what was signed before, where it was asked for; else says how.
    pub(crate) fn against(
        &self,
        context: &Context,
        older: Option<SignedState>,
        newer: &dyn Store,
    ) -> Result<(), Failure> {
        let Some(out) = &self.fork_proof else {
            if older.is_some() {
                context.ui.note("hint: --fork-proof FILE writes a proof of the fork that anybody can check");
            }
            return Ok(());
        };
        let none = "no signed checkpoint of the other history was kept: compare with an archive that has it, by `litopys diff`";
        let older = older.ok_or_else(|| Failure::new(Exit::False, "no proof of the fork can be made").hint(none))?;
        write(context, out, older, newer)
    }

    /// Writes the proof that neither of two archives extends the other, where it was asked for; else says how.
    pub(crate) fn between(&self, context: &Context, first: &dyn Store, second: &dyn Store) -> Result<(), Failure> {
        let Some(out) = &self.fork_proof else {
            context.ui.note("hint: --fork-proof FILE writes a proof of the fork that anybody can check");
            return Ok(());
        };
        let (mut a, mut b) = (Prover::open(first)?, Prover::open(second)?);
        if a.head().size() <= b.head().size() {
            write(context, out, SignedState::of(&mut a)?, second)
        } else {
            write(context, out, SignedState::of(&mut b)?, first)
        }
    }
}

fn write(context: &Context, out: &Path, older: SignedState, newer: &dyn Store) -> Result<(), Failure> {
    let proof = ForkProof::new(older, &mut Prover::open(newer)?).map_err(|error| match error {
        MakeError::Prove(error) => error.into(),
        error => Failure::new(Exit::False, format_args!("no proof of the fork can be made: {}", chain(&error))),
    })?;
    staging::write_file(out, false, |mut file| {
        file.write_all(proof.to_text().as_bytes()).map_err(|error| Failure::io(out, &error))
    })?;
    context.ui.note(format_args!("a proof of the fork is in {}", escape::line(&out.to_string_lossy())));
    Ok(())
}

/// Keeps the newest state of an archive, so that a later one that doesn't extend it can be proved to be a fork.
pub(crate) fn keep(context: &Context, archive: ArchiveId, store: &dyn Store) -> Result<(), Failure> {
    let state = SignedState::of(&mut Prover::open(store)?)?;
    context.home()?.keep_state(archive, &state)
}

/// The bytes of what is meant to be a fork proof; `None` for anything else.
pub(crate) fn meant(path: &Path) -> Option<Result<Vec<u8>, Failure>> {
    ForkProof::is_meant(&first_bytes(path)).then(|| read_bounded(path, limits::FORK_PROOF))
}

/// Checks a fork proof. One that holds is an error: something is false about that archive. One that doesn't is nothing at all.
pub(crate) fn check(context: &Context, path: &Path, bytes: &[u8]) -> Done {
    let checked = ForkProof::parse(bytes).map_err(litopys::fork::ForkError::from).and_then(|proof| proof.verify());
    let shown = path.to_string_lossy();
    match checked {
        Ok(fork) if context.json => {
            context.ui.json(&document(&shown, &fork))?;
            Ok(Exit::False)
        }
        Ok(fork) => {
            print(context, &escape::line(&shown).to_string(), &fork)?;
            Ok(Exit::False)
        }
        Err(error) => {
            let (code, detail) = (error.code().as_str(), chain(&error));
            if context.json {
                let detail = detail.as_str();
                context.ui.json(&json!({"schema": 1, "path": shown, "verdict": "not_proved", "findings": [{"code": code, "severity": "error", "detail": detail}]}))?;
            } else {
                let path = escape::line(&shown);
                context.ui.line(format_args!("{} {path} proves nothing, of anybody", paint(WARN, "not proved:")))?;
                context.ui.detail("")?;
                context.ui.detail(format_args!("{} {code} {}", paint(BAD, "error"), escape::line(&detail)))?;
            }
            Ok(Exit::Unable)
        }
    }
}

fn print(context: &Context, path: &str, fork: &VerifiedFork) -> Result<(), Failure> {
    let (ui, known) = (&context.ui, context.memories()?);
    ui.line(format_args!("{} {path} proves that one archive has two histories", paint(BAD, "FORKED:")))?;
    ui.detail("")?;
    let (title, origin) = (escape::short(&fork.charter.title, TITLE), &fork.charter.origin);
    ui.detail(format_args!("  calls itself \"{title}\" ({origin})"))?;
    ui.detail(format_args!("  id {}", paint(DIM, fork.archive)))?;
    if known.of(fork.archive).is_some() {
        ui.detail(format_args!(
            "  {}",
            paint(WARN, "you know this archive: one of the two may be the one that you have")
        ))?;
    }
    ui.detail("")?;
    let (first, second) = (&fork.first, &fork.second);
    state(context, "one", first)?;
    state(context, "the other", second)?;
    if first.head.size() < second.head.size() {
        let size = count(first.head.size(), "statement");
        ui.detail(format_args!("  the first {size} of the other have the root {}", paint(DIM, fork.root)))?;
    }
    ui.detail("")?;
    let keys = fork.keys();
    for key in &keys {
        ui.detail(format_args!("  {} signed both", paint(BOLD, named(key))))?;
    }
    ui.detail(match keys.is_empty() {
        true => "Different keys signed them. At least one of them was used for a history that is not the archive's.",
        false => "Whoever holds that key, the archive's keeper or a thief, signed two histories, of which at most one is what was there before.",
    })?;
    ui.detail("Which one is right, this proof doesn't say.")
}

fn state(context: &Context, which: &str, state: &VerifiedState) -> Result<(), Failure> {
    let (size, root) = (count(state.head.size(), "statement"), state.head.root());
    context.ui.detail(format_args!("  {which}: {size}, root {}", paint(DIM, root)))?;
    state.signers.iter().try_for_each(|signer| context.ui.detail(format_args!("    signed by {}", named(signer))))
}

/// A key, and whose it is by the archive's word.
fn named(holder: &KeyHolder) -> String {
    format!("{} \"{}\"", holder.key.fingerprint(), escape::short(&holder.name, TITLE))
}

fn document(path: &str, fork: &VerifiedFork) -> Value {
    let signer =
        |holder: &&KeyHolder| json!({"key": holder.key.fingerprint().to_string(), "claimed_name": holder.name});
    let state = |state: &VerifiedState| {
        let signers: Vec<_> = state.signers.iter().map(|holder| signer(&holder)).collect();
        json!({"size": state.head.size(), "root": state.head.root().to_string(), "signers": signers})
    };
    json!({
        "schema": 1,
        "path": path,
        "verdict": "forked",
        "archive": fork.archive.to_hex(),
        "claimed_origin": fork.charter.origin.as_str(),
        "claimed_title": fork.charter.title,
        "states": [state(&fork.first), state(&fork.second)],
        "root": fork.root.to_string(),
        "keys": fork.keys().iter().map(signer).collect::<Vec<_>>(),
    })
}
