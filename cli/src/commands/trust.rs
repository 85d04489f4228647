//! `litopys trust`: whom the user trusts.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use litopys::check::Trust as Unjudged;
use litopys::log::cosignature::WitnessKey;
use litopys::report::Code;
use litopys::view::{ReadError, View};
use litopys::{ArchiveId, PublicKey, TreeHead};
use serde_json::{Value, json};

use super::verify::parse_archive;
use crate::clock;
use crate::clocks;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::public_key;
use crate::home::memory::{Known, Memories, Memory};
use crate::open;
use crate::trust::grouped;
use crate::ui::words::count;
use crate::ui::{BOLD, DIM, escape, paint};
use crate::witnesses;

/// How many roots of a file are shown.
const ROOTS: usize = 10;

/// Pin the archives and founders that you trust
#[derive(Debug, Args)]
#[command(after_help = "\
An archive is pinned by its id, a founder by the key that signs the charters of their archives. Of
each archive that is trusted so, the newest checkpoint that was verified in full is remembered: a
later one that is older, or has another history, is found.

Examples:
  litopys trust add my.litopys
  litopys trust add \"$(cat id.txt)\"
  litopys trust add founder.pub
  litopys trust add --tsa-root timestamp-roots.pem
  litopys trust add --witness witness.example.org/w1+8d66cf3f+BA...
  litopys trust list
  litopys trust remove 5f0c1a2b")]
pub(crate) struct Trust {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Debug, Subcommand)]
enum TrustCommand {
    /// Pin an archive, the key of a founder, root certificates of timestamp authorities, or a witness
    #[command(after_help = "Example:\n  litopys trust add \"$(cat id.txt)\"")]
    Add {
        /// An archive's id (`ID` or `ID@SIZE:ROOT`), a folder or bundle, a key file, or `ssh-ed25519 AAAA...`
        #[arg(value_name = "ARCHIVE|ID|KEY", required_unless_present_any = ["tsa_root", "witness"])]
        what: Option<String>,
        /// Take the word of timestamp authorities below the root certificates in this file, PEM or DER
        #[arg(long, value_name = "FILE", conflicts_with = "what")]
        tsa_root: Option<PathBuf>,
        /// Take the word of this witness that nothing newer was seen: NAME+HASH+BASE64 (C2SP), or NAME=KEY
        #[arg(long, value_name = "KEY", conflicts_with_all = ["what", "tsa_root"])]
        witness: Option<String>,
    },
    /// List what is pinned, and the newest checkpoint verified of each archive
    #[command(after_help = "Example:\n  litopys trust list")]
    List,
    /// Forget an archive or a key, and the checkpoints seen of it
    #[command(after_help = "Example:\n  litopys trust remove 5f0c1a2b")]
    Remove {
        /// As for `add`; also the beginning of an id that is pinned, or a key's SHA256: fingerprint, the tsa-....pem of roots, or a witness's key or name
        #[arg(value_name = "ARCHIVE|ID|KEY")]
        what: String,
    },
}

/// What is to be pinned.
enum Pin {
    Archive { id: ArchiveId, head: Option<TreeHead>, origin: Option<String>, title: Option<String> },
    Founder(PublicKey),
}

impl Trust {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        match self.command {
            TrustCommand::Add { tsa_root: Some(path), .. } => add_roots(context, &path),
            TrustCommand::Add { witness: Some(witness), .. } => add_witness(context, &witness),
            TrustCommand::Add { what, .. } => add(context, &what.unwrap_or_default()),
            TrustCommand::List => list(context),
            TrustCommand::Remove { what } => remove(context, &what),
        }
    }
}

fn parse(context: &Context, what: &str) -> Result<Pin, Failure> {
    if let Ok((id, head)) = parse_archive(what) {
        return Ok(Pin::Archive { id, head, origin: None, title: None });
    }
    let path = Path::new(what);
    if what.starts_with("ssh-") || !path.exists() {
        return match public_key(&context.home()?, what) {
            Ok(key) => Ok(Pin::Founder(key)),
            Err(error) if what.starts_with("ssh-") || what.starts_with("SHA256:") => Err(error),
            Err(_) => Err(Failure::new(Exit::Unable, format_args!("\"{what}\" is no id, archive or key"))
                .hint("an id has 64 hex digits; `litopys id` prints it")),
        };
    }
    let opened = match open::open(path) {
        Ok(opened) => opened,
        Err(error) => return public_key(&context.home()?, what).map(Pin::Founder).map_err(|_| error),
    };
    let view = View::open(opened.store(path)?, Unjudged::default(), context.threads().get());
    let view = view.map_err(|error| Failure::from(error).at(what))?;
    let report = view.report();
    let id = report.archive.ok_or_else(|| Failure::new(Exit::Unable, format_args!("{what}: has no charter")))?;
    let origin = report.claimed_origin.as_ref().map(ToString::to_string);
    Ok(Pin::Archive { id, head: None, origin, title: report.claimed_title.clone() })
}

fn add_roots(context: &Context, path: &Path) -> Done {
    let (bytes, roots) = clocks::read_roots(path)?;
    let name = clocks::pin_name(&bytes);
    context.home()?.pin_tsa_roots(&name, &bytes)?;
    if context.json {
        context.ui.json(
            &json!({"schema": 1, "tsa_roots": name, "names": roots.names().collect::<Vec<_>>(), "status": "pinned"}),
        )?;
        return Ok(Exit::Ok);
    }
    context.ui.detail(format_args!("pinned {name}:"))?;
    roots
        .names()
        .take(ROOTS)
        .try_for_each(|name| context.ui.detail(format_args!("    {}", escape::short(&name, 200))))?;
    context.ui.note("timestamps of authorities below these are believed from now on");
    Ok(Exit::Ok)
}

fn add_witness(context: &Context, text: &str) -> Done {
    let witness = witnesses::parse(context, text)?;
    context.home()?.pin_witness(&witness, clock::now()?)?;
    if context.json {
        context.ui.json(&json!({"schema": 1, "witness": witness.to_string(), "status": "pinned"}))?;
        return Ok(Exit::Ok);
    }
    context.ui.detail(format_args!("pinned the witness {}", escape::short(witness.name(), 200)))?;
    context.ui.detail(paint(DIM, format_args!("    {}", escape::line(&witness.to_string()))))?;
    context.ui.note("an archive is current if more than half of the witnesses that you pinned cosigned its checkpoint");
    Ok(Exit::Ok)
}

/// That what is to be pinned contradicts what was seen of it before.
fn contradicts(context: &Context, what: &str, id: ArchiveId, head: Option<TreeHead>) -> Result<(), Failure> {
    let Some(seen) = context.memories()?.of(id).and_then(Memory::seen) else { return Ok(()) };
    let forked = match head {
        Some(head) => head.size() == seen.size() && head.root() != seen.root(),
        None => match open::open(Path::new(what)) {
            Ok(opened) => {
                let trust = Unjudged { seen: vec![(id, seen)], ..Unjudged::default() };
                let view = View::open(opened.store(Path::new(what))?, trust, context.threads().get());
                matches!(view, Err(ReadError::Failed(report)) if report.findings.iter().any(|f| f.code == Code::Forked))
            }
            Err(_) => false,
        },
    };
    if !forked {
        return Ok(());
    }
    let size = count(seen.size(), "statement");
    Err(Failure::new(Exit::False, format_args!("forked (E083): another history than that of the {size} seen before"))
        .hint("`litopys verify ARCHIVE --fork-proof FILE` writes a proof that anybody can check")
        .hint("to believe the other one from here on, `litopys trust remove` it first"))
}

fn add(context: &Context, what: &str) -> Done {
    let (home, now) = (context.home()?, clock::now()?);
    match parse(context, what)? {
        Pin::Archive { id, head, origin, title } => {
            contradicts(context, what, id, head)?;
            home.pin(id, origin, head.map(|head| (head, Known::Seen)), now)?;
            if context.json {
                context.ui.json(&json!({"schema": 1, "archive": id.to_hex(), "status": "pinned"}))?;
                return Ok(Exit::Ok);
            }
            let name = title.map(|title| format!(" what calls itself \"{}\"", escape::short(&title, 200)));
            context.ui.detail(format_args!("pinned{}:", name.unwrap_or_default()))?;
            for line in grouped(id) {
                context.ui.detail(format_args!("    {line}"))?;
            }
            context.ui.note("compare the id with the one that the archive's keeper gives you by another way");
        }
        Pin::Founder(key) => {
            home.pin_founder(&key, now)?;
            if context.json {
                context.ui.json(&json!({"schema": 1, "key": key.fingerprint().to_string(), "status": "pinned"}))?;
                return Ok(Exit::Ok);
            }
            context.ui.detail(format_args!("pinned the founder's key {}", key.fingerprint()))?;
            context.ui.note("every archive that this key founds is trusted from now on");
        }
    }
    Ok(Exit::Ok)
}

fn list(context: &Context) -> Done {
    let (ui, memories) = (&context.ui, context.home()?.memories()?);
    for memory in &memories.archives {
        let (Some(id), seen) = (memory.archive(), memory.seen()) else { continue };
        if context.json {
            let checkpoint = seen.map(|seen| json!({"size": seen.size(), "root": seen.root().to_string()}));
            let (pinned, since) = (memory.pinned, memory.since.as_str());
            ui.json(&json!({"archive": id.to_hex(), "claimed_origin": memory.origin, "pinned": pinned, "since": since, "checkpoint": checkpoint}))?;
            continue;
        }
        let seen = seen.map_or("never verified in full".to_owned(), |seen| {
            format!("verified up to {}", count(seen.size(), "statement"))
        });
        let by = if memory.pinned { "" } else { ", by its founder's key" };
        let origin = memory.origin.as_deref().map(|origin| format!(" {}", escape::line(origin))).unwrap_or_default();
        ui.line(format_args!("{id}{}", paint(BOLD, origin)))?;
        ui.line(paint(DIM, format_args!("    since {}{by}; {seen}", memory.since)))?;
    }
    for founder in &memories.founders {
        let Some(key) = founder.key() else { continue };
        if context.json {
            ui.json(&json!({"key": key.fingerprint().to_string(), "public": key.to_openssh(""), "pinned": true, "since": founder.since.as_str()}))?;
        } else {
            ui.line(format_args!("{} {}", paint(BOLD, "founder"), key.to_openssh("")))?;
            ui.line(paint(DIM, format_args!("    since {}; {}", founder.since, key.fingerprint())))?;
        }
    }
    for pinned in &memories.witnesses {
        let Some(witness) = pinned.witness() else { continue };
        if context.json {
            ui.json(&json!({"witness": witness.to_string(), "pinned": true, "since": pinned.since.as_str()}))?;
        } else {
            ui.line(format_args!("{} {}", paint(BOLD, "witness"), escape::line(&witness.to_string())))?;
            ui.line(paint(DIM, format_args!("    since {}", pinned.since)))?;
        }
    }
    let pinned = context.home()?.tsa_roots()?;
    for path in &pinned {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<_> = clocks::read_roots(path)?.1.names().take(ROOTS).collect();
        if context.json {
            ui.json(&json!({"tsa_roots": name, "names": names, "pinned": true}))?;
        } else {
            ui.line(format_args!("{} {name}", paint(BOLD, "clocks")))?;
            names.iter().try_for_each(|name| ui.line(paint(DIM, format_args!("    {}", escape::short(name, 200)))))?;
        }
    }
    let none = memories.archives.is_empty() && memories.founders.is_empty() && memories.witnesses.is_empty();
    if none && pinned.is_empty() {
        ui.note("nothing is pinned: `litopys trust add` pins an archive");
    }
    Ok(Exit::Ok)
}

fn remove(context: &Context, what: &str) -> Done {
    let home = context.home()?;
    let is_roots =
        what.starts_with("tsa-") && what.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.'));
    if is_roots {
        return removed(
            context,
            &json!({"schema": 1, "tsa_roots": what, "status": "removed"}),
            home.forget_tsa_roots(what)?,
        );
    }
    let memories = home.memories()?;
    let is_it = |witness: &WitnessKey| witness.name() == what || witness.to_string() == what;
    if let Some(witness) = memories.witnesses().into_iter().find(is_it) {
        let document = json!({"schema": 1, "witness": witness.to_string(), "status": "removed"});
        return removed(context, &document, home.forget_witness(&witness)?);
    }
    let pin = match known(&memories, what)? {
        Some(pin) => pin,
        None => parse(context, what)?,
    };
    let (what, there) = match pin {
        Pin::Archive { id, .. } => {
            (json!({"schema": 1, "archive": id.to_hex(), "status": "removed"}), home.forget(id)?)
        }
        Pin::Founder(key) => (
            json!({"schema": 1, "key": key.fingerprint().to_string(), "status": "removed"}),
            home.forget_founder(&key)?,
        ),
    };
    removed(context, &what, there)
}

fn removed(context: &Context, what: &Value, there: bool) -> Done {
    if !there {
        return Err(Failure::new(Exit::False, "it was not pinned").hint("`litopys trust list` lists what is"));
    }
    if context.json {
        context.ui.json(what)?
    } else {
        context.ui.detail("removed")?
    }
    Ok(Exit::Ok)
}

/// What is remembered under the beginning of an id, or a key's fingerprint.
fn known(memories: &Memories, what: &str) -> Result<Option<Pin>, Failure> {
    let mut keys = memories.founders.iter().filter_map(|founder| founder.key());
    if let Some(key) = keys.find(|key| key.fingerprint().to_string() == what) {
        return Ok(Some(Pin::Founder(key)));
    }
    let is_prefix = what.len() >= 8 && what.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    let ids = memories.archives.iter().filter_map(|memory| memory.archive());
    let found: Vec<_> = ids.filter(|id| is_prefix && id.to_hex().starts_with(what)).collect();
    match found.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(Pin::Archive { id: *id, head: None, origin: None, title: None })),
        _ => Err(Failure::new(Exit::Unable, format_args!("\"{what}\" begins the ids of several archives"))),
    }
}
