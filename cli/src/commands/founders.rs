//! The keys that an archive is founded with: named, found, or made.

use std::path::PathBuf;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use litopys::Signer;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::home::Home;
use crate::home::keys::{DAILY, Key, RECOVERY, public_path};
use crate::ui;

/// Which keys.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct KeyArgs {
    /// The daily key: a file, a name in the key folder, or agent:SHA256:... for an SSH agent's [default: `default`]
    #[arg(long, env = "LITOPYS_KEY", hide_env_values = true, value_name = "KEY")]
    key: Option<PathBuf>,
    /// The recovery key, which alone may decide about keys later
    #[arg(long, alias = "steward-key", value_name = "KEY", conflicts_with = "no_recovery")]
    recovery_key: Option<PathBuf>,
    /// No recovery key: the daily key may do all
    #[arg(long)]
    no_recovery: bool,
    /// Make the keys that are missing, also without a terminal
    #[arg(long)]
    make_keys: bool,
    /// Whose the daily key is, for all to read
    #[arg(long, value_name = "NAME", default_value = "archivist", value_parser = NonEmptyStringValueParser::new())]
    signer_name: String,
}

/// The keys of a new archive.
pub(crate) struct Keys {
    /// Signs articles and checkpoints.
    pub(crate) daily: Key,
    /// Signs the charter, where it isn't the daily key's to do so.
    pub(crate) recovery: Option<Key>,
    /// What the charter calls the daily key's holder.
    pub(crate) name: String,
    /// Where they are.
    pub(crate) places: Vec<Place>,
}

impl Keys {
    /// Signs the charter.
    pub(crate) fn steward(&self) -> &Key {
        self.recovery.as_ref().unwrap_or(&self.daily)
    }
}

/// Where a key is.
pub(crate) struct Place {
    /// What it is for.
    pub(crate) what: &'static str,
    /// Its file.
    pub(crate) path: PathBuf,
    /// Its fingerprint.
    pub(crate) key: String,
    /// Whether it was made now.
    pub(crate) made: bool,
}

impl Place {
    fn new(what: &'static str, path: PathBuf, key: &Key, made: bool) -> Self {
        Self { what, path, key: key.public_key().fingerprint().to_string(), made }
    }

    /// As JSON.
    pub(crate) fn document(&self) -> Value {
        let what = self.what.split_whitespace().next();
        json!({"what": what, "path": self.path.to_string_lossy(), "key": self.key, "made": self.made})
    }
}

/// Finds the keys that were named, or the key folder's own; makes what is missing, if somebody is there to see it or said so.
pub(crate) fn keys(context: &Context, args: &KeyArgs) -> Result<Keys, Failure> {
    let home = context.home()?;
    let may_make = args.make_keys || ui::is_attended();
    let path = args.key.as_deref().map_or_else(|| home.named(DAILY), |key| home.key_path(key));
    let mut places = Vec::new();
    let is_there = args.key.is_some() || path.exists();
    if !is_there && !may_make {
        return Err(Failure::new(Exit::False, "there is no key to sign with, and no terminal to say that one is made")
            .hint("`litopys key new` makes one; --make-keys makes a daily and a recovery key; --key FILE names one"));
    }
    // Everything that may refuse comes before the first key is made.
    let recovery_path = recovery_path(&home, args, is_there)?;
    let daily = if is_there { home.read_key(&path)? } else { Key::File(Box::new(home.new_key(&path, "")?)) };
    places.push(Place::new("daily key", path, &daily, !is_there));
    let recovery = match recovery_path {
        None => None,
        Some(path) => {
            let is_there = args.recovery_key.is_some() || path.exists();
            let key = if is_there { home.read_key(&path)? } else { Key::File(Box::new(home.new_key(&path, "")?)) };
            places.push(Place::new("recovery key", path, &key, !is_there));
            Some(key)
        }
    };
    // One key in two files is one key.
    let recovery = recovery.filter(|key| key.public_key() != daily.public_key());
    Ok(Keys { daily, recovery, name: args.signer_name.clone(), places })
}

/// The recovery key's file, which may not be there yet; none where the daily key may do all.
fn recovery_path(home: &Home, args: &KeyArgs, daily_is_there: bool) -> Result<Option<PathBuf>, Failure> {
    if let Some(key) = &args.recovery_key {
        let path = home.key_path(key);
        // Named keys are not made: one that can't be read is told of before the daily key is made.
        return home.read_key(key).map(|_| Some(path));
    }
    let path = home.named(RECOVERY);
    if args.no_recovery || args.key.is_some() {
        return Ok(None);
    }
    if !path.exists() && public_path(&path).exists() {
        return Err(Failure::new(Exit::False, "the recovery key is not in the key folder").hint(format_args!(
            "--recovery-key FILE says where {} is; --no-recovery founds the archive with the daily key alone",
            path.display()
        )));
    }
    // A daily key that was made on its own is meant to be alone; --make-keys asks for the other one.
    let wanted = path.exists() || !daily_is_there || args.make_keys;
    Ok(wanted.then_some(path))
}

/// What losing a key means.
pub(crate) fn explain(context: &Context, places: &[Place]) -> Result<(), Failure> {
    let ui = &context.ui;
    match places {
        [_] => ui.detail(
            "There is no recovery key. Whoever has this key can sign as you; if you lose it, the archive can't grow any more: keep a copy.",
        ),
        [daily, recovery] if daily.made || recovery.made => {
            ui.detail("Whoever has the daily key can sign articles as you. If it is lost or stolen, the recovery key alone can put another in its")?;
            ui.detail("place: move it to a place that is offline, and keep a copy. If both are lost, the archive can't grow any more; what is in")?;
            ui.detail("it can still be verified by all.")
        }
        _ => Ok(()),
    }
}
