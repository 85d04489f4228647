//! The arguments: global flags here, each command's own in its file.

use std::ffi::{OsStr, OsString};
use std::num::NonZero;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, ValueEnum};

use crate::commands;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::ui::Ui;

/// What was asked for.
pub(crate) struct Cli {
    pub(crate) global: Global,
    pub(crate) command: Command,
}

/// Create, verify and diff signed archives of articles.
#[derive(Debug, Parser)]
#[command(name = "litopys", version, propagate_version = false, disable_help_subcommand = true)]
#[command(subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = EXAMPLE, max_term_width = 100)]
struct Top {
    #[command(flatten)]
    global: Global,
}

const EXAMPLE: &str = "\
Examples:
  litopys create my-archive articles/       start an archive and sign a folder of articles into it
  litopys add my-archive articles/          sign in what is new or has changed since
  litopys bundle my-archive my.litopys      one file to hand over
  litopys verify my.litopys                 check it
  litopys diff old.litopys new.litopys      see what changed

Exit codes: 0 done; 1 false or refused; 2 usage, I/O; 3 intact, not trusted; 4 in part; 5 busy.";

/// Flags that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Print results as JSON, also on failure
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print no progress, notices and lists of what was done
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colour; NO_COLOR turns it off too
    #[arg(long, global = true, value_name = "auto|always|never", default_value = "auto")]
    #[arg(hide_default_value = true, hide_possible_values = true)]
    pub(crate) color: Color,
    /// How many threads to use [default: as many as the machine runs at once]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<NonZero<usize>>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

macro_rules! commands {
    ($($name:literal $variant:ident($args:path),)*) => {
        /// The commands, in the order of `--help`.
        #[derive(Debug)]
        pub(crate) enum Command {
            $($variant($args),)*
        }

        /// Each command's name, and what adds its arguments.
        const COMMANDS: &[(&str, fn(clap::Command) -> clap::Command)] =
            &[$(($name, <$args as Args>::augment_args),)*];

        impl Command {
            fn from_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                match matches.subcommand() {
                    $(Some(($name, matches)) => <$args>::from_arg_matches(matches).map(Self::$variant),)*
                    _ => Err(clap::Error::new(ErrorKind::MissingSubcommand)),
                }
            }

            /// Runs it.
            pub(crate) fn run(self, context: &Context) -> Done {
                match self {
                    $(Self::$variant(args) => args.run(context),)*
                }
            }
        }
    };
}

commands! {
    "create" Create(commands::create::Create),
    "inspect" Inspect(commands::inspect::Inspect),
    "add" Add(commands::add::Add),
    "correct" Correct(commands::correct::Correct),
    "sign" Sign(commands::sign::Sign),
    "observe" Observe(commands::observe::Observe),
    "withdraw" Withdraw(commands::withdraw::Withdraw),
    "verify" Verify(commands::verify::Verify),
    "list" List(commands::list::List),
    "log" Log(commands::log::Log),
    "show" Show(commands::show::Show),
    "cat" Cat(commands::cat::Cat),
    "find" Find(commands::find::Find),
    "diff" Diff(commands::diff::Diff),
    "export" Export(commands::export::Export),
    "signers" Signers(commands::signers::Signers),
    "bundle" Bundle(commands::bundle::Bundle),
    "merge" Merge(commands::bundle::Merge),
    "unbundle" Unbundle(commands::bundle::Unbundle),
    "prove" Prove(commands::prove::Prove),
    "consistency" Consistency(commands::prove::Consistency),
    "timestamp" Timestamp(commands::timestamp::Timestamp),
    "cosign" Cosign(commands::cosign::Cosign),
    "id" Id(commands::id::Id),
    "key" Key(commands::key::Key),
    "trust" Trust(commands::trust::Trust),
    "completions" Completions(commands::meta::Completions),
    "man" Man(commands::meta::Man),
}

/// The whole command line, for help and what is made of it.
pub(crate) fn tree() -> clap::Command {
    let add = |top: clap::Command, (name, augment): &(&'static str, fn(clap::Command) -> clap::Command)| {
        top.subcommand(augment(clap::Command::new(*name)))
    };
    COMMANDS.iter().fold(Top::command(), add)
}

impl Cli {
    /// Reads the process's arguments. Only the command that is run is laid out: all of them take a third of a millisecond.
    pub(crate) fn parse() -> Result<Self, clap::Error> {
        let add = |top: clap::Command, (name, augment): &(&'static str, fn(clap::Command) -> clap::Command)| {
            top.subcommand(clap::Command::new(*name).defer(*augment))
        };
        let arguments = helped(std::env::args_os().collect());
        let matches = match COMMANDS.iter().fold(Top::command(), add).try_get_matches_from(&arguments) {
            Err(error) if is_help(&error) => tree().try_get_matches_from(&arguments),
            matches => matches,
        }?;
        let Top { global } = Top::from_arg_matches(&matches)?;
        Ok(Self { global, command: Command::from_matches(&matches)? })
    }
}

/// `litopys help COMMAND`, as other programs have it, is `litopys COMMAND --help`.
fn helped(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|first| first == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

fn is_help(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// Prints what is wrong with the arguments, or the help that was asked for.
pub(crate) fn refuse(error: &clap::Error) -> Exit {
    if is_help(error) {
        // It knows where to print; nothing is left to do if it can't.
        let _ = error.print();
        return if error.use_stderr() { Exit::Unable } else { Exit::Ok };
    }
    let json = std::env::args_os().any(|arg| arg == OsStr::new("--json"));
    let ui = Ui::new(Color::Auto, false, json);
    let failure = usage(&error.to_string());
    if json {
        let _ = ui.json(&failure.document()).and_then(|()| ui.finish());
    } else {
        ui.failure(&failure);
    }
    Exit::Unable
}

/// A usage error as a line and hints.
fn usage(text: &str) -> Failure {
    // Of a usage with two forms, each has a line that begins with the program's name.
    let text = text.replace("\n       litopys ", ", or litopys ");
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut paragraphs = paragraphs.filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("For more"));
    let first = paragraphs.next().unwrap_or_default();
    let failure = Failure::new(Exit::Unable, first.strip_prefix("error: ").unwrap_or(&first));
    paragraphs.fold(failure, |failure, paragraph| match paragraph.split_once(": ") {
        Some(("tip", tip)) => failure.hint(tip),
        Some(("Usage", usage)) => failure.hint(format_args!("usage: {usage}")),
        _ => failure.hint(paragraph),
    })
}
