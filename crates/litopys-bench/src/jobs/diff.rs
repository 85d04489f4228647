//! Comparing an archive with what it grew into.

use std::path::PathBuf;
use std::slice;

use super::Rows;
use crate::Result;
use crate::bench::Bench;
use crate::ours::rounds;
use crate::peers::git::{self, Commits};
use crate::table::{Quantity, Target};

pub(super) fn names(bench: &Bench) -> Result<Rows> {
    let (from, to, repository) = all_changed(bench)?;
    let ours = bench.diff_task("diff, 10k of 10k changed: names", &from, &to, true);
    let peer = repository.and_then(git::diff_names);
    Ok(vec![bench.compare("git", &ours, || peer, Some(Target::Ratio(1.0)))?])
}

pub(super) fn text(bench: &Bench) -> Result<Rows> {
    let (from, to, repository) = all_changed(bench)?;
    let ours = bench.diff_task("diff, 10k of 10k changed: full text", &from, &to, false);
    let peer = repository.and_then(git::diff_text);
    Ok(vec![bench.compare("git", &ours, || peer, Some(Target::Ratio(0.5)))?])
}

pub(super) fn few_of_many(bench: &Bench) -> Result<Rows> {
    let (w2, changed) = (bench.workloads.w2()?, bench.workloads.w2_changed()?);
    let from = bench.archive("w2", slice::from_ref(&w2))?;
    let to = bench.grown(&from, "w2", &changed)?;
    let ours = bench.diff_task("diff, 10 of 100k changed", &from, &to, false);
    let repository = git::repository(bench, "changed-w2", &[w2, changed], Commits::EachFolder);
    let target = Target::AtMost(Quantity::Seconds(0.020));
    Ok(vec![bench.compare("git", &ours, || repository.and_then(git::diff_text), Some(target))?])
}

/// W1 after its first round and after its second, as archives and as a repository of two commits.
fn all_changed(bench: &Bench) -> Result<(PathBuf, PathBuf, Result<Option<PathBuf>>)> {
    let rounds = rounds(&bench.workloads.w1()?);
    let from = bench.archive("w1-first", &rounds[..1])?;
    let to = bench.grown(&from, "w1-first", &rounds[1])?;
    Ok((from, to, git::repository(bench, "changed-w1", &rounds[..2], Commits::EachFolder)))
}
