//! `litopys prove` and `litopys consistency`: proofs as text and COSE receipts, for others to check.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use litopys::charter::KeyRole;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::prove::{ProveError, Prover};
use litopys::receipt::{Receipt, ReceiptError, transparent};
use litopys::{StatementId, TreeHead, limits};
use serde_json::json;

use crate::context::Context;
use crate::failure::{Done, Exit, Failure, chain};
use crate::select::{Named, is_name, select_by_name, select_entry};
use crate::signers::own;
use crate::ui::words::count;
use crate::ui::{BAD, GOOD, escape, paint};
use crate::{open, staging};

/// Prove that a version of an article is in an archive's log
///
/// The proof is text (C2SP tlog-proof); with the statement (`litopys cat --statement`) and the charter anybody can check it. With --receipt it
/// is a COSE receipt (RFC 9942), which a log key signs, and with --transparent the statement with that receipt in it (RFC 9943).
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys prove my.litopys https://example.org/a > a.tlog-proof
  litopys prove my-archive urn:uuid:0f8e1a2b --version 1 --receipt -o a.receipt
  litopys prove my-archive 3f2a9c1b --transparent --key archive.key -o a.cose")]
pub(crate) struct Prove {
    /// A folder, bundle or extract
    archive: PathBuf,
    /// Its urn:uuid or the beginning of it, its subject, or 8 digits or more of a statement's id
    article: String,
    /// Which version [default: the newest, or the one whose id was given]
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// Make a COSE receipt
    #[arg(long)]
    receipt: bool,
    /// Print the statement with its receipt in it
    #[arg(long, conflicts_with = "receipt")]
    transparent: bool,
    /// The log key that signs a receipt: a file, or agent:SHA256:... [default: one of yours]
    #[arg(long, value_name = "KEY")]
    key: Option<PathBuf>,
    /// Write to this file, which isn't there yet
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Prove that one state of an archive extends an older one
///
/// Prints the proof, as text: the body that C2SP tlog-witness asks a witness to check. OLD may be a checkpoint alone; NEW is an archive that has
/// its hash tiles.
///
/// Exit codes: 0 NEW extends OLD, or is the same; 1 it doesn't; 2 could not tell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys consistency old.litopys new.litopys
  litopys consistency checkpoint-of-march my-archive -o growth.txt")]
pub(crate) struct Consistency {
    /// A folder, bundle or extract, or the file of a checkpoint
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// A folder or bundle
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Write to this file, which isn't there yet
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Prove {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let store = opened.store(&self.archive)?;
        let at = |failure: Failure| failure.at(self.archive.display());
        let mut prover = Prover::open(store).map_err(|error| at(error.into()))?;
        let index = match StatementId::from_hex(&self.article) {
            // The charter is no article, but provable.
            Ok(id) if id == prover.archive().into() => {
                open::notice(context, &self.archive, &mut prover)?;
                0
            }
            _ => match self.named(context, &mut prover)? {
                Some(index) => index,
                None => {
                    let view = open::view(context, &self.archive, &opened)?;
                    match select_entry(&view, &self.article)? {
                        Named::Version(selected) => selected.at(self.version)?.index,
                        Named::Observation(observation) => observation.index,
                    }
                }
            },
        };
        let (what, bytes) = if self.receipt || self.transparent {
            let key = match &self.key {
                Some(key) => context.home()?.read_key(key)?,
                None => own(context, prover.authority(), KeyRole::Log)?,
            };
            let receipt = Receipt::issue(&mut prover, index, &key).map_err(|error| at(of_receipt(error)))?;
            if self.transparent {
                let statement = prover.statement(index).map_err(|error| at(error.into()))?;
                ("transparent-statement", transparent(&statement, &[receipt]))
            } else {
                ("receipt", receipt.as_bytes().to_vec())
            }
        } else {
            ("tlog-proof", prover.proof(index).map_err(|error| at(error.into()))?.to_text())
        };
        let head = prover.head();
        let document = json!({
            "schema": 1,
            "archive": prover.archive().to_hex(),
            "statement": index,
            "checkpoint": {"size": head.size(), "root": head.root().to_string()},
            "what": what,
        });
        hand_out(context, self.output.as_deref(), &bytes, document)
    }

    /// The version that is asked for by a name, by its index: for that no manifest need be read. `None` where it is asked for otherwise.
    fn named(&self, context: &Context, prover: &mut Prover<'_>) -> Result<Option<u64>, Failure> {
        if !is_name(&self.article) {
            return Ok(None);
        }
        let articles = prover.articles(context.threads().get());
        let articles = articles.map_err(|error| Failure::from(error).at(self.archive.display()))?;
        let mut named = select_by_name(&articles.versions, &self.article).unwrap_or_default();
        named.retain(|version| self.version.is_none_or(|number| version.version == number));
        let Some(version) = named.last() else { return Ok(None) };
        open::notice(context, &self.archive, prover)?;
        Ok(Some(version.index))
    }
}

impl Consistency {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.new)?;
        let at = |failure: Failure| failure.unable().at(self.new.display());
        let mut prover = Prover::open(opened.store(&self.new)?).map_err(|error| at(error.into()))?;
        let older = self.older(&prover)?;
        open::notice(context, &self.new, &mut prover)?;
        let head = prover.head();
        let (old, new) = (self.old.to_string_lossy(), self.new.to_string_lossy());
        let (old, new) = (escape::line(&old).to_string(), escape::line(&new).to_string());
        let (relation, proof) = match prover.consistency(older) {
            Ok(proof) => (if older.size() == head.size() { "same" } else { "extends" }, Some(proof)),
            Err(ProveError::Shrunk { .. }) => ("older", None),
            Err(ProveError::Forked { .. }) => ("forked", None),
            Err(error) => return Err(at(error.into())),
        };
        let sizes = (count(older.size(), "statement"), count(head.size(), "statement"));
        let Some(proof) = proof else {
            if context.json {
                context.ui.json(&document(&prover, older, relation, None))?;
            } else if relation == "older" {
                let text = format_args!("{} {new} has {}, {old} {}", paint(BAD, "no:"), sizes.1, sizes.0);
                context.ui.line(text)?;
            } else {
                let first = sizes.0;
                context
                    .ui
                    .line(format_args!("{} the first {first} of {new} are not those of {old}", paint(BAD, "no:")))?;
            }
            return Ok(Exit::False);
        };
        let line = format_args!("{} {new}, of {}, extends {old}, of {}", paint(GOOD, "yes:"), sizes.1, sizes.0);
        context.ui.note(line);
        let bytes = proof.to_text();
        let text = String::from_utf8_lossy(&bytes);
        hand_out(context, self.output.as_deref(), &bytes, document(&prover, older, relation, Some(&text)))
    }

    /// The older state: verified by the keys of the archive that is said to extend it.
    fn older(&self, prover: &Prover<'_>) -> Result<TreeHead, Failure> {
        let is_file = fs::metadata(&self.old).is_ok_and(|meta| meta.is_file());
        let bytes = if is_file { read_start(&self.old)? } else { Vec::new() };
        let of_old = |failure: Failure| failure.unable().at(self.old.display());
        if let Ok(signed) = SignedCheckpoint::parse(&bytes) {
            // A key that may not sign any more may have signed it then; the history decides.
            let keys: Vec<_> = prover.authority().holders().iter().map(|holder| &holder.key).collect();
            let verified = signed.verify(&prover.charter().origin, &keys);
            return verified.map(|verified| verified.head()).map_err(|error| {
                of_old(Failure::new(Exit::Unable, format_args!("no checkpoint of this archive: {}", chain(&error))))
            });
        }
        let opened = open::open(&self.old)?;
        let old = Prover::open(opened.store(&self.old)?).map_err(|error| of_old(error.into()))?;
        if old.archive() != prover.archive() {
            return Err(of_old(Failure::new(Exit::Unable, "is not of that archive")));
        }
        Ok(old.head())
    }
}

/// What may be a checkpoint.
fn read_start(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limits::CHECKPOINT + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Failure::io(path, &error))
}

fn document(prover: &Prover<'_>, older: TreeHead, relation: &str, proof: Option<&str>) -> serde_json::Value {
    let state = |head: TreeHead| json!({"size": head.size(), "root": head.root().to_string()});
    json!({
        "schema": 1,
        "archive": prover.archive().to_hex(),
        "relation": relation,
        "old": state(older),
        "new": state(prover.head()),
        "proof": proof,
    })
}

/// Writes a proof to the file that was named, or prints it. With --json it is described, not printed.
fn hand_out(context: &Context, output: Option<&Path>, bytes: &[u8], document: serde_json::Value) -> Done {
    if let Some(path) = output {
        staging::write_file(path, false, |mut file| file.write_all(bytes).map_err(|error| Failure::io(path, &error)))?;
    }
    if context.json {
        context.ui.json(&document)?;
    } else if output.is_none() {
        context.ui.raw(|out| out.write_all(bytes))?;
    }
    Ok(Exit::Ok)
}

fn of_receipt(error: ReceiptError) -> Failure {
    match error {
        ReceiptError::Prove(error) => error.into(),
        ReceiptError::Role(_) => {
            Failure::of(Exit::False, &error).hint("--key FILE names another key; `litopys key list` lists yours")
        }
        error => Failure::of(Exit::Unable, &error),
    }
}
