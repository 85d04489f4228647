//! A single article, and a hundred: what starting costs.

use std::slice;

use super::Rows;
use crate::Result;
use crate::bench::Bench;
use crate::disk;
use crate::peers::{git, minisign};
use crate::table::Target;

const SOME: usize = 100;

pub(super) fn one(bench: &Bench) -> Result<Rows> {
    let (one, some) = (bench.workloads.few(1)?, bench.workloads.few(SOME)?);
    let files = disk::files(&one)?;
    let file = one.join(files.first().ok_or("no article")?);
    let (one, some) = (slice::from_ref(&one), slice::from_ref(&some));
    let verify = bench.verify_task("verify a bundle of 1 article", &bench.bundle("one", &bench.archive("one", one)?)?);
    let create = bench.create_task("create an archive of 1 article", "one", one)?;
    let hundred = format!("verify a bundle of {SOME} articles");
    let hundred = bench.verify_task(&hundred, &bench.bundle("some", &bench.archive("some", some)?)?);
    Ok(vec![
        bench.compare("minisign", &verify, || minisign::verify(bench, &file), Some(Target::Ratio(1.5)))?,
        bench.compare("minisign", &create, || minisign::sign(bench, &file), None)?,
        bench.compare("git", &hundred, || git::verify_commits(bench, SOME), None)?,
    ])
}
