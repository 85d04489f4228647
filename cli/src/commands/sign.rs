//! `litopys sign`: signs what a request asks for, on a machine that needs the key and nothing else.

mod human;

use std::path::PathBuf;

use clap::Args;
use litopys::Signer;
use litopys::request::{Request, Signed, Unsigned};
use litopys::statement::Payload;
use litopys::withdrawal::{EntryRef, Withdrawal};
use serde_json::{Value, json};

use super::apart::{read, write_new};
use super::show::{FileRow, Metadata};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::DAILY;
use crate::ui::words::{count, quoted};
use crate::ui::{GOOD, paint};

/// Show what a request asks to sign, and sign it
///
/// `add`, `correct`, `observe`, `withdraw` and `signers` write requests (--request); `litopys add --signed` takes in what was signed. This machine needs the key and no archive. All that
/// the signatures commit to is shown: what each statement says, where that came from, and its files. A file's bytes are named by their digest alone: compare it with
/// `sha256sum` if you have the file. Without --out nothing is signed.
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
        let bytes = read(&self.request)?;
        let request = Request::decode(&bytes).map_err(|error| {
            if Signed::decode(&bytes).is_ok() {
                return Failure::new(Exit::False, "is signed already").at(self.request.display()).hint(format_args!(
                    "`litopys add ARCHIVE INPUT... --signed {}` takes it in",
                    quoted(&self.request)
                ));
            }
            Failure::of(Exit::False, &error)
                .at("is no request")
                .at(self.request.display())
                .hint("`litopys add ARCHIVE INPUT... --request FILE` makes a request")
        })?;
        let silent = context.ui.is_quiet() && self.out.is_some();
        if !context.json && !silent {
            human::show(&context.ui, &request)?;
            // What is signed is seen before it is.
            context.ui.finish()?;
        }
        let mut signer = None;
        if let Some(out) = &self.out {
            let key = context.home()?.read_key(&self.key)?;
            let signed = request.sign(&key).map_err(|error| Failure::of(Exit::Unable, &error))?;
            write_new(out, &signed.encode().map_err(|error| Failure::of(Exit::Unable, &error))?)?;
            signer = Some(key.public_key().fingerprint().to_string());
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

fn document(request: &Request, signer: Option<&str>) -> Value {
    let statement = |unsigned: &Unsigned| {
        let manifest = unsigned.manifest();
        let (version, payload) = (unsigned.payload().version(), unsigned.payload());
        json!({
            "what": human::what(payload),
            "article": payload.article().map(|article| article.to_string()),
            "version": version.map(|version| version.version),
            "previous": version.and_then(|version| version.previous).map(|id| id.to_hex()),
            "authority": payload.authority().map(|id| id.to_hex()),
            "subject": manifest.map(|manifest| &manifest.subject),
            "change": manifest.map(|manifest| manifest.change),
            "signed_at": manifest.map(|manifest| &manifest.signed_at),
            "metadata": manifest.map(Metadata::from),
            "provenance": manifest.map(|manifest| &manifest.provenance),
            "files": manifest.map(|manifest| manifest.files.iter().map(FileRow::from).collect::<Vec<_>>()),
            "withdrawal": match payload {
                Payload::Withdrawal(withdrawal) => Some(withdrawn(withdrawal)),
                _ => None,
            },
        })
    };
    json!({
        "schema": 1, "archive": request.claimed_archive().to_hex(), "claimed_title": request.claimed_title(),
        "origin": request.origin().as_str(), "signed": signer.is_some(), "signer": signer,
        "statements": request.statements().iter().map(statement).collect::<Vec<_>>(),
    })
}

fn withdrawn(withdrawal: &Withdrawal) -> Value {
    let Withdrawal { scope, class, reason, basis, .. } = withdrawal;
    let entry = |entry: &EntryRef| json!({"index": entry.index, "id": entry.id.to_hex()});
    json!({
        "class": class.as_str(), "reason": reason, "basis": basis,
        "entries": scope.entries().map(entry).collect::<Vec<_>>(),
        "files": scope.files().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
