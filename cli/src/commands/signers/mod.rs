//! `litopys signers`: whose keys may do what, and the stewards' decisions about it.

mod decide;
mod offer;
mod show;
mod words;

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use litopys::charter::KeyRole;

use super::add::Writing;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};

pub(crate) use words::{proposal, roles};

/// Show and change whose keys may do what
///
/// Keys change by statements in the log. A steward decides; where the archive asks for more than one, each approves in an entry of their own, at
/// their own time and on their own machine, by repeating the command or with `approve`. What a key signed before it was retired or revoked
/// stays good.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Examples:
  litopys signers my-archive                                       who may do what, since when, by whose word
  litopys signers my-archive --allowed-signers > allowed_signers
  litopys signers add my-archive --new-key bob --name Bob --role archivist --role log
  litopys signers retire my-archive Bob
  litopys signers revoke my-archive SHA256:3xqc --doubtful-from 8c1d5a90
  litopys signers approve my-archive 8c1d5a90                      the second steward's word

If the key that signs checkpoints is lost, a steward adds another with the role log. Where two must
agree, one of them writes their word to a file first:
  litopys signers add my-archive --new-key new --name Ann --role log --role archivist --out word
  litopys signers approve my-archive word

A steward's key that is kept offline:
  litopys signers retire my-archive Bob --request to-sign
  litopys sign to-sign --key recovery --out word           on the machine that has it
  litopys add my-archive --signed word                     or `signers approve`, by another steward")]
pub(crate) struct Signers {
    /// A folder or bundle
    #[arg(required = true)]
    archive: Option<PathBuf>,
    /// Print the keys that may sign something as an allowed_signers file of OpenSSH, for `ssh-keygen -Y` and --trust-file
    #[arg(long)]
    allowed_signers: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a key
    #[command(after_help = "\
Examples:
  litopys signers add my-archive --new-key bob --name Bob --role archivist
  litopys signers add my-archive --offer bob.json")]
    Add {
        /// The archive's folder
        archive: PathBuf,
        /// What the new key's holder wrote with `litopys signers offer`, where the key isn't here
        #[arg(long, value_name = "FILE", conflicts_with_all = ["new_key", "name", "role"])]
        offer: Option<PathBuf>,
        #[command(flatten)]
        new: NewKey,
        #[command(flatten)]
        deciding: Deciding,
    },
    /// Write an offer for a new key, for a steward to add it: it proves that you have the key
    #[command(after_help = "\
Example:
  litopys signers offer their.litopys --new-key bob --name Bob --role archivist > bob.json")]
    Offer {
        /// A folder or bundle, as new as the steward's
        archive: PathBuf,
        #[command(flatten)]
        new: NewKey,
    },
    /// Retire a key: it signs nothing more, and what it signed stays good
    #[command(after_help = "Example:\n  litopys signers retire my-archive Bob")]
    Retire {
        /// The archive's folder
        archive: PathBuf,
        /// Its name, its fingerprint or the beginning of it, or a file
        signer: String,
        #[command(flatten)]
        deciding: Deciding,
    },
    /// Revoke a key that was lost or stolen: what it signs from now on is void
    #[command(after_help = "Example:\n  litopys signers revoke my-archive Bob --doubtful-from 8c1d5a90")]
    Revoke {
        /// The archive's folder
        archive: PathBuf,
        /// Its name, its fingerprint or the beginning of it, or a file
        signer: String,
        /// From which statement on what it signed is shown as doubtful: its index, or 8 digits or more of its id
        #[arg(long, value_name = "STATEMENT")]
        doubtful_from: Option<String>,
        #[command(flatten)]
        deciding: Deciding,
    },
    /// Give a key other roles
    #[command(after_help = "Example:\n  litopys signers roles my-archive Bob --role archivist --role log")]
    Roles {
        /// The archive's folder
        archive: PathBuf,
        /// Its name, its fingerprint or the beginning of it, or a file
        signer: String,
        /// What it may do from now on: archivist signs articles, log signs checkpoints, steward decides
        #[arg(long, required = true, value_name = "archivist|log|steward", value_parser = role)]
        role: Vec<KeyRole>,
        #[command(flatten)]
        deciding: Deciding,
    },
    /// Set how many stewards must agree
    #[command(after_help = "Example:\n  litopys signers threshold my-archive 2")]
    Threshold {
        /// The archive's folder
        archive: PathBuf,
        /// How many
        #[arg(value_parser = clap::value_parser!(u64).range(1..=64))]
        stewards: u64,
        #[command(flatten)]
        deciding: Deciding,
    },
    /// Approve of what waits for more stewards
    #[command(after_help = "\
Examples:
  litopys signers approve my-archive 8c1d5a90
  litopys signers approve my-archive word")]
    Approve {
        /// The archive's folder
        archive: PathBuf,
        /// 8 digits or more of the id of a statement that approves of it, or the file of one that was signed elsewhere
        what: String,
        #[command(flatten)]
        deciding: Deciding,
    },
    /// Acknowledge an entry that breaks the rules: it stays without effect, and is a warning from then on
    #[command(after_help = "\
Example:
  litopys signers void my-archive 8c1d5a90 --reason \"a test that should not have been signed\"")]
    Void {
        /// The archive's folder
        archive: PathBuf,
        /// Its index, or 8 digits or more of its id
        statement: String,
        /// How it came about, for all to read
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        #[command(flatten)]
        deciding: Deciding,
    },
}

/// A key that is new to the archive.
#[derive(Debug, Args)]
struct NewKey {
    /// The new key, which proves itself: a file, a name in the key folder, or agent:SHA256:... for an SSH agent's
    #[arg(long, value_name = "KEY")]
    new_key: Option<PathBuf>,
    /// Whose it is, for all to read
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// What it may do: archivist signs articles, log signs checkpoints, steward decides; repeat it for more
    #[arg(long, value_name = "archivist|log|steward", value_parser = role)]
    role: Vec<KeyRole>,
}

/// How a decision is signed and where it goes.
#[derive(Debug, Args)]
struct Deciding {
    #[command(flatten)]
    writing: Writing,
    /// Write the signed statement to a file, for another steward to log with theirs, and nothing to the archive
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write what is to be signed to a file, for `litopys sign` on the machine that has the steward's key, and nothing to the archive
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "key"])]
    request: Option<PathBuf>,
}

fn role(word: &str) -> Result<KeyRole, &'static str> {
    KeyRole::parse(word).ok_or("expected archivist, log or steward")
}

/// Roles in the order of the format, none twice.
fn sorted(mut roles: Vec<KeyRole>) -> Vec<KeyRole> {
    roles.sort_unstable();
    roles.dedup();
    roles
}

impl Signers {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        use litopys::governance::KeyChange;
        match (self.command, self.archive) {
            (None, Some(archive)) => show::run(context, &archive, self.allowed_signers),
            (None, None) => Err(Failure::new(Exit::Unable, "no archive is named")),
            (Some(Command::Offer { archive, new }), _) => offer::write(context, &archive, &new),
            (Some(Command::Add { archive, offer, new, deciding }), _) => {
                decide::run(context, &archive, &deciding, &|archive| {
                    let added = match &offer {
                        Some(offer) => offer::read(archive, offer)?,
                        None => offer::make(context, archive.id(), archive.authority(), &new)?,
                    };
                    Ok(decide::keys(archive, KeyChange::Add(added)))
                })
            }
            (Some(Command::Retire { archive, signer, deciding }), _) => {
                decide::run(context, &archive, &deciding, &|archive| {
                    let key = decide::find(context, archive.authority(), &signer)?;
                    Ok(decide::keys(archive, KeyChange::Retire { key }))
                })
            }
            (Some(Command::Revoke { archive, signer, doubtful_from, deciding }), _) => {
                decide::run(context, &archive, &deciding, &|archive| {
                    let key = decide::find(context, archive.authority(), &signer)?;
                    let statement = |text: &String| decide::statement(archive, text).map(|(index, _)| index);
                    let doubtful_from = doubtful_from.as_ref().map(statement).transpose()?;
                    Ok(decide::keys(archive, KeyChange::Revoke { key, doubtful_from }))
                })
            }
            (Some(Command::Roles { archive, signer, role, deciding }), _) => {
                decide::run(context, &archive, &deciding, &|archive| {
                    let key = decide::find(context, archive.authority(), &signer)?;
                    Ok(decide::keys(archive, KeyChange::Roles { key, roles: sorted(role.clone()) }))
                })
            }
            (Some(Command::Threshold { archive, stewards, deciding }), _) => {
                decide::run(context, &archive, &deciding, &|archive| {
                    Ok(decide::keys(archive, KeyChange::Threshold(stewards)))
                })
            }
            (Some(Command::Approve { archive, what, deciding }), _) => {
                decide::run(context, &archive, &deciding, &|archive| decide::pending(archive, &what))
            }
            (Some(Command::Void { archive, statement, reason, deciding }), _) => {
                decide::run(context, &archive, &deciding, &|archive| decide::void(archive, &statement, &reason))
            }
        }
    }
}
