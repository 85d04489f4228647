//! `litopys`: create, verify and diff signed archives of articles. Thin: it parses, calls the library, prints.

mod agent;
mod allowed;
mod args;
mod certificate;
mod clock;
mod clocks;
mod commands;
mod context;
mod days;
mod failure;
mod forks;
mod home;
mod open;
mod render;
mod select;
mod signers;
mod staging;
mod trust;
mod ui;
mod withheld;
mod witnesses;

use std::process::ExitCode;

use args::Cli;
use context::Context;
use failure::{Exit, Failure};

fn main() -> ExitCode {
    let cli = match Cli::parse() {
        Ok(cli) => cli,
        Err(error) => return args::refuse(&error).into(),
    };
    let context = Context::new(&cli.global);
    let done = cli.command.run(&context).and_then(|exit| context.ui.finish().map(|()| exit));
    done.unwrap_or_else(|failure| report(&context, &failure)).into()
}

/// Says what went wrong: on standard error, or as the one JSON document that was asked for.
fn report(context: &Context, failure: &Failure) -> Exit {
    if failure.exit() == Exit::Pipe {
        return Exit::Pipe;
    }
    // What was printed before stays in front; if it can't be printed, that is not the news here.
    let _ = context.ui.finish();
    if context.json {
        let _ = context.ui.json(&failure.document()).and_then(|()| context.ui.finish());
    } else {
        context.ui.failure(failure);
    }
    failure.exit()
}
