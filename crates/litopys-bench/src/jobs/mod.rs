//! The jobs: what is measured, beside whom, and against which target.

mod create;
mod diff;
mod limit;
mod memory;
mod one;
mod size;
mod verify;

use crate::Result;
use crate::args::Job;
use crate::bench::Bench;
use crate::table::Row;

/// The rows that were asked for.
type Rows = Vec<Option<Row>>;

/// Does a job: its rows.
pub(crate) fn run(job: Job, bench: &Bench) -> Result<Vec<Row>> {
    let rows = match job {
        Job::VerifyW1 => verify::w1(bench),
        Job::VerifyW2 => verify::w2(bench),
        Job::VerifyW3 => verify::w3(bench),
        Job::CreateW1 => create::w1(bench),
        Job::CreateW2 => create::w2(bench),
        Job::Size => size::bundles(bench),
        Job::Memory => memory::peaks(bench),
        Job::Diff10kNames => diff::names(bench),
        Job::Diff10kText => diff::text(bench),
        Job::Diff100k => diff::few_of_many(bench),
        Job::VerifyOne => one::one(bench),
        Job::Limit => limit::limits(bench),
    };
    rows.map(|rows| rows.into_iter().flatten().collect())
}
