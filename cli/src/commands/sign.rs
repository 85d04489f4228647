//! `litopys sign`: signs what a request asks for, on a machine that needs the key and nothing else.

use std::path::PathBuf;

use clap::Args;
use litopys::Signer;
use litopys::governance::KeyChange;
use litopys::manifest::{FileEntry, Manifest};
use litopys::request::{Request, Unsigned};
use litopys::statement::Payload;
use serde_json::{Value, json};

use super::add::signed::{read, write_new};
use super::show::{FileRow, Metadata};
use super::signers::roles;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::DAILY;
use crate::render::metadata;
use crate::trust::grouped;
use crate::ui::words::{count, quoted, word};
use crate::ui::{BOLD, DIM, GOOD, Ui, escape, paint};

/// A text on one line.
const LINE: usize = 200;
/// How many files of a statement are listed.
const FILES: usize = 50;

/// Show what a request asks to sign, and sign it
///
/// `litopys add --request` and `litopys signers ... --request` write requests; `litopys add --signed` takes in what was signed. This machine needs the key and no archive. All
/// that is shown is what the signatures commit to; a file's text is named by its digest alone: compare it with `sha256sum` if you have the file. Without
/// --out nothing is signed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys sign to-sign                                   show what is asked for
  litopys sign to-sign --key archivist --out signed      show it, and sign all of it

Exit codes: 0 shown or signed; 1 the request is none, or contradicts itself; 2 usage or I/O.")]
pub(crate) struct Sign {
    /// The request's file
    request: PathBuf,
    /// The key to sign with: a file, a name in the key folder, or agent:SHA256:... for an SSH agent's
    #[arg(long, env = "LITOPYS_KEY", hide_env_values = true, value_name = "KEY", default_value = DAILY)]
    key: PathBuf,
    /// The file to write what is signed to
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Sign {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let request = Request::decode(&read(&self.request)?).map_err(|error| {
            Failure::of(Exit::False, &error)
                .at(self.request.display())
                .hint("`litopys add ARCHIVE INPUT... --request FILE` makes a request")
        })?;
        let silent = context.ui.is_quiet() && self.out.is_some();
        if !context.json && !silent {
            show(&context.ui, &request)?;
            // What is signed is seen before it is.
            context.ui.finish()?;
        }
        let mut signer = None;
        if let Some(out) = &self.out {
            let key = context.home()?.read_key(&self.key)?;
            let signed = request.sign(&key).map_err(|error| Failure::of(Exit::Unable, &error))?;
            write_new(out, &signed.encode().map_err(|error| Failure::of(Exit::Unable, &error))?)?;
            signer = Some(key.public_key().fingerprint());
        }
        match (&self.out, &signer) {
            _ if context.json => context.ui.json(&document(&request, signer.as_deref()))?,
            (Some(out), Some(signer)) => {
                let count = count(request.statements().len() as u64, "statement");
                context.ui.detail(format_args!(
                    "{} {count} by {signer}, in {}",
                    paint(GOOD, "signed:"),
                    quoted(out)
                ))?;
            }
            _ => context.ui.note("nothing was signed: --out FILE signs all of it"),
        }
        Ok(Exit::Ok)
    }
}

fn show(ui: &Ui, request: &Request) -> Result<(), Failure> {
    let title = escape::short(request.claimed_title(), LINE);
    ui.line(format_args!("for the archive that calls itself \"{title}\" ({})", request.origin()))?;
    let [first, second] = grouped(request.claimed_archive());
    ui.line(format_args!("  its id, by the request: {first} {second}"))?;
    for (nth, unsigned) in (1..).zip(request.statements()) {
        ui.line("")?;
        ui.line(paint(BOLD, format_args!("{nth}. {}", what(unsigned.payload()))))?;
        if let Some(manifest) = unsigned.manifest() {
            content(ui, manifest)?;
        }
        field(ui, "under", unsigned.payload().authority().map(|id| id.to_hex()).unwrap_or_default())?;
    }
    ui.line("")
}

/// What a statement would do, in words.
fn what(payload: &Payload) -> String {
    match payload {
        Payload::Article(version) if version.version == 1 => format!("a new article, {}", version.article),
        Payload::Article(version) => {
            let previous = version.previous.map(|id| id.to_hex()).unwrap_or_default();
            format!("version {} of {}, after {previous}", version.version, version.article)
        }
        Payload::Observation(observation) => {
            let (outcome, at, article, of) =
                (observation.outcome, &observation.at, observation.article, observation.id.to_hex());
            format!("an observation: {outcome} at {at}, of {article} against {of}")
        }
        Payload::Keys(keys) => format!("a change of keys: {}", change(&keys.change)),
        Payload::Void(void) => {
            let reason = escape::short(&void.reason, LINE);
            format!("a void entry acknowledged: statement {} ({}): {reason}", void.index, void.id.to_hex())
        }
        _ => "a statement".to_owned(),
    }
}

/// A change of keys, without the archive that has their names.
fn change(change: &KeyChange) -> String {
    match change {
        KeyChange::Add(added) => {
            let name = escape::short(&added.member.name, LINE);
            format!("add \"{name}\" {} as {}", added.member.key.fingerprint(), roles(&added.member.roles))
        }
        KeyChange::Retire { key } => format!("retire {}", key.fingerprint()),
        KeyChange::Revoke { key, doubtful_from: None } => format!("revoke {}", key.fingerprint()),
        KeyChange::Revoke { key, doubtful_from: Some(from) } => {
            format!("revoke {}, doubtful from statement {from} on", key.fingerprint())
        }
        KeyChange::Roles { key, roles: given } => format!("give {} the roles {}", key.fingerprint(), roles(given)),
        KeyChange::Threshold(threshold) => format!("let {} decide", count(*threshold, "steward")),
        _ => "another one".to_owned(),
    }
}

fn content(ui: &Ui, m: &Manifest) -> Result<(), Failure> {
    if let Some(title) = &m.title {
        field(ui, "title", escape::line(title))?;
    }
    field(ui, "subject", escape::line(&m.subject))?;
    field(ui, "change", word(&m.change))?;
    metadata::fields(m, &mut |label, value| field(ui, label, value))?;
    field(ui, "signed at", &m.signed_at)?;
    let file = |file: &FileEntry| {
        let (path, size) = (escape::short(&file.path, LINE), count(file.size, "byte"));
        field(ui, &word(&file.role), format_args!("{path}  {size}  {}", paint(DIM, file.sha256)))
    };
    m.files.iter().take(FILES).try_for_each(file)?;
    match m.files.len().saturating_sub(FILES) {
        0 => Ok(()),
        more => field(ui, "", format_args!("and {}: --json lists all", count(more as u64, "more file"))),
    }
}

fn field(ui: &Ui, name: &str, value: impl std::fmt::Display) -> Result<(), Failure> {
    ui.line(format_args!("   {} {value}", paint(DIM, format_args!("{name:<13}"))))
}

fn document(request: &Request, signer: Option<&str>) -> Value {
    let statement = |unsigned: &Unsigned| {
        let manifest = unsigned.manifest();
        let (version, payload) = (unsigned.payload().version(), unsigned.payload());
        json!({
            "what": what(payload),
            "article": payload.article().map(|article| article.to_string()),
            "version": version.map(|version| version.version),
            "previous": version.and_then(|version| version.previous).map(|id| id.to_hex()),
            "authority": payload.authority().map(|id| id.to_hex()),
            "subject": manifest.map(|manifest| &manifest.subject),
            "change": manifest.map(|manifest| manifest.change),
            "signed_at": manifest.map(|manifest| &manifest.signed_at),
            "metadata": manifest.map(Metadata::from),
            "files": manifest.map(|manifest| manifest.files.iter().map(FileRow::from).collect::<Vec<_>>()),
        })
    };
    json!({
        "schema": 1, "archive": request.claimed_archive().to_hex(), "claimed_title": request.claimed_title(),
        "origin": request.origin().as_str(), "signed": signer.is_some(), "signer": signer,
        "statements": request.statements().iter().map(statement).collect::<Vec<_>>(),
    })
}
