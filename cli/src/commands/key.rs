//! `litopys key`: makes, shows and lists keys.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use litopys::key::SecretText;
use litopys::{PublicKey, Signer};
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::{DAILY, public_key};
use crate::ui::{self, BOLD, DIM, escape, paint};

/// Make, show and list keys
#[derive(Debug, Args)]
#[command(after_help = "\
Keys are Ed25519, in OpenSSH's format, readable by their owner alone. A passphrase is asked for on the
terminal, and taken from nowhere else: what runs without one uses an SSH agent (--key agent:SHA256:...)
or a key on standard input (--key -). Keys
live in `keys` below LITOPYS_HOME, else below litopys in the user's data folder. A bare name is a
key there; anything with a slash is a path.

Examples:
  litopys key new
  litopys key new /media/stick/recovery --passphrase
  litopys key show
  litopys key list")]
pub(crate) struct Key {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Make a key, at a path or with a name
    #[command(after_help = "Example:\n  litopys key new /media/stick/recovery")]
    New {
        /// A path, or a name in the key folder
        #[arg(default_value = DAILY)]
        key: PathBuf,
        /// A comment for the key file; nothing by default, since it may be handed over
        #[arg(long, default_value = "", hide_default_value = true)]
        comment: String,
        /// Protect it with a passphrase, asked for on the terminal
        #[arg(long)]
        passphrase: bool,
    },
    /// Show a key's public half
    #[command(after_help = "Example:\n  litopys key show > founder.pub")]
    Show {
        /// A path, or a name in the key folder
        #[arg(default_value = DAILY)]
        key: String,
    },
    /// List the keys of the key folder
    #[command(after_help = "Example:\n  litopys key list --json")]
    List,
}

impl Key {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        match self.command {
            KeyCommand::New { key, comment, passphrase } => new(context, &key, &comment, passphrase),
            KeyCommand::Show { key } => show(context, &key),
            KeyCommand::List => list(context),
        }
    }
}

fn document(key: &PublicKey) -> Value {
    json!({"schema": 1, "key": key.fingerprint().to_string(), "public": key.to_openssh("")})
}

/// A new passphrase, asked for twice.
fn passphrase() -> Result<SecretText, Failure> {
    let ask = |prompt| match ui::ask_secret(prompt) {
        Ok(Some(secret)) => Ok(secret),
        Ok(None) => Err(Failure::new(Exit::Unable, "a passphrase is asked for on a terminal, and there is none")),
        Err(error) => Err(Failure::of(Exit::Unable, &error).at("the terminal")),
    };
    let (first, again) = (ask("new passphrase")?, ask("the same again")?);
    match first.as_str() {
        "" => Err(Failure::new(Exit::False, "the passphrase is empty: no key was made")),
        text if text == again.as_str() => Ok(first),
        _ => Err(Failure::new(Exit::False, "that was another passphrase: no key was made")),
    }
}

fn new(context: &Context, key: &std::path::Path, comment: &str, protected: bool) -> Done {
    if comment.chars().any(char::is_control) {
        return Err(Failure::new(Exit::Unable, "a comment is one line of text"));
    }
    let home = context.home()?;
    let path = if key.components().count() == 1 && !key.as_os_str().to_string_lossy().ends_with('/') {
        home.named(&key.to_string_lossy())
    } else {
        key.to_owned()
    };
    let passphrase = if protected { Some(passphrase()?) } else { None };
    let made = home.new_key_with(&path, comment, passphrase.as_ref())?;
    let public = made.public_key();
    if context.json {
        let mut document = document(public);
        document["path"] = json!(path.to_string_lossy());
        context.ui.json(&document)?;
    } else {
        context.ui.detail(public.to_openssh(comment))?;
        context.ui.note(format_args!("the secret key is in {}", escape::line(&path.to_string_lossy())));
        context
            .ui
            .note("whoever has this file can sign as you; without it you can't: keep a copy, and keep it from others");
    }
    Ok(Exit::Ok)
}

fn show(context: &Context, key: &str) -> Done {
    let public = public_key(&context.home()?, key)?;
    if context.json {
        context.ui.json(&document(&public))?;
    } else {
        context.ui.line(public.to_openssh(""))?;
        context.ui.detail(public.fingerprint())?;
    }
    Ok(Exit::Ok)
}

fn list(context: &Context) -> Done {
    let keys = context.home()?.keys()?;
    for key in &keys {
        if context.json {
            let secret = key.secret.as_ref().map(|path| path.to_string_lossy());
            context.ui.json(&json!({"name": key.name, "key": key.key.fingerprint().to_string(), "public": key.key.to_openssh(""), "secret": secret}))?;
        } else {
            let secret = if key.secret.is_some() { "" } else { " (public half only)" };
            let name = escape::line(&key.name);
            context.ui.line(format_args!("{} {}{}", paint(BOLD, name), key.key.fingerprint(), paint(DIM, secret)))?;
        }
    }
    if keys.is_empty() {
        context.ui.note("no keys: `litopys key new` makes one");
    }
    Ok(Exit::Ok)
}
