//! The arguments: global flags here, each command's own in its file.

use std::ffi::OsStr;
use std::num::NonZero;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::ui::Ui;

/// Create, verify and diff signed archives of articles.
#[derive(Debug, Parser)]
#[command(name = "litopys", version, propagate_version = false, disable_help_subcommand = true)]
#[command(after_help = EXAMPLE, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
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

/// The commands, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Create(commands::create::Create),
    Inspect(commands::inspect::Inspect),
    Add(commands::add::Add),
    Correct(commands::correct::Correct),
    Verify(commands::verify::Verify),
    List(commands::list::List),
    Log(commands::log::Log),
    Show(commands::show::Show),
    Cat(commands::cat::Cat),
    Find(commands::find::Find),
    Bundle(commands::bundle::Bundle),
    Unbundle(commands::bundle::Unbundle),
    Id(commands::id::Id),
    Key(commands::key::Key),
    Trust(commands::trust::Trust),
    Completions(commands::meta::Completions),
    Man(commands::meta::Man),
}

impl Command {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        match self {
            Self::Create(args) => args.run(context),
            Self::Inspect(args) => args.run(context),
            Self::Add(args) => args.run(context),
            Self::Correct(args) => args.run(context),
            Self::Verify(args) => args.run(context),
            Self::List(args) => args.run(context),
            Self::Log(args) => args.run(context),
            Self::Show(args) => args.run(context),
            Self::Cat(args) => args.run(context),
            Self::Find(args) => args.run(context),
            Self::Bundle(args) => args.run(context),
            Self::Unbundle(args) => args.run(context),
            Self::Id(args) => args.run(context),
            Self::Key(args) => args.run(context),
            Self::Trust(args) => args.run(context),
            Self::Completions(args) => args.run(context),
            Self::Man(args) => args.run(context),
        }
    }
}

/// Prints what is wrong with the arguments, or the help that was asked for.
pub(crate) fn refuse(error: &clap::Error) -> Exit {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if is_help {
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
