//! `litopys completions` and `litopys man`: the command line about itself.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use crate::args;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  litopys completions bash > ~/.local/share/bash-completion/completions/litopys")]
pub(crate) struct Completions {
    /// Which shell
    shell: Shell,
}

/// Print the manual page, or write one a command into a folder
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys man | man -l -
  litopys man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// A folder for the pages of all commands
    dir: Option<PathBuf>,
}

impl Completions {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut args::tree(), "litopys", &mut script);
        context.ui.raw(|out| out.write_all(&script))?;
        Ok(Exit::Ok)
    }
}

impl Man {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let Some(dir) = self.dir else {
            context.ui.raw(|out| clap_mangen::Man::new(args::tree()).render(out))?;
            return Ok(Exit::Ok);
        };
        let made = std::fs::create_dir_all(&dir).and_then(|()| clap_mangen::generate_to(args::tree(), &dir));
        made.map_err(|error| Failure::io(&dir, &error))?;
        Ok(Exit::Ok)
    }
}
