//! Measures litopys beside its peers, on workloads that it makes itself: the same bytes on every run.
//!
//! What is measured, and what for, is in `docs/performance.md`.

mod args;
mod bench;
mod disk;
mod jobs;
mod machine;
mod measure;
mod ours;
mod peers;
mod process;
mod table;
mod tool;
mod workload;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::bench::Bench;

/// What goes wrong here ends a job, and is printed: nothing tells one cause from another.
pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// The result of what can go wrong.
pub(crate) type Result<T> = std::result::Result<T, Error>;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs the jobs asked for; whether all of them could be measured.
fn run(args: &Args) -> Result<bool> {
    let bench = Bench::new(args)?;
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for job in args.jobs() {
        eprintln!("{}: preparing", job.name());
        match jobs::run(job, &bench) {
            Ok(mut measured) => rows.append(&mut measured),
            Err(error) => {
                eprintln!("error: {}: {error}", job.name());
                failures.push(job.name());
            }
        }
    }
    println!("{}\n{}", machine::describe(&bench), table::render(&rows));
    if !failures.is_empty() {
        println!("\nCould not be measured: {}.", failures.join(", "));
    }
    Ok(failures.is_empty())
}
