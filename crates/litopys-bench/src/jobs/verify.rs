//! Checking all of an archive: every signature, every hash, the chains, the rules, the root.

use std::slice;

use super::Rows;
use crate::Result;
use crate::bench::Bench;
use crate::ours::rounds;
use crate::peers::git::{self, Commits};
use crate::peers::{bagit, ocfl, p2panda, restic, sums};
use crate::table::Target;

pub(super) fn w1(bench: &Bench) -> Result<Rows> {
    let w1 = bench.workloads.w1()?;
    let rounds = rounds(&w1);
    let ours = bench.verify_task("verify W1", &bench.archive("w1", &rounds)?);
    let fsck = || git::repository(bench, "w1", &rounds, Commits::EachFile).and_then(git::fsck);
    Ok(vec![
        bench.compare("p2panda", &ours, || p2panda::verify(bench, "w1", &rounds), Some(Target::Ratio(0.65)))?,
        bench.compare("git", &ours, fsck, Some(Target::Ratio(0.30)))?,
        bench.compare("sha256sum", &ours, || sums::check(bench, "w1", &w1), None)?,
        bench.compare("restic", &ours, || restic::check(bench, "w1", &w1), None)?,
        bench.compare("bagit.py", &ours, || bagit::validate(bench, "w1", &w1), None)?,
        bench.compare("rocfl", &ours, || ocfl::validate(bench, "w1", &rounds), None)?,
    ])
}

pub(super) fn w2(bench: &Bench) -> Result<Rows> {
    let w2 = bench.workloads.w2()?;
    let folders = slice::from_ref(&w2);
    let ours = bench.verify_task("verify W2", &bench.archive("w2", folders)?);
    let fsck = || git::repository(bench, "w2", folders, Commits::EachFolder).and_then(git::fsck);
    Ok(vec![
        bench.compare("p2panda", &ours, || p2panda::verify(bench, "w2", folders), Some(Target::Ratio(0.65)))?,
        bench.compare("git", &ours, fsck, None)?,
        bench.compare("sha256sum", &ours, || sums::check(bench, "w2", &w2), None)?,
        bench.compare("restic", &ours, || restic::check(bench, "w2", &w2), None)?,
        bench.compare("bagit.py", &ours, || bagit::validate(bench, "w2", &w2), None)?,
    ])
}

pub(super) fn w3(bench: &Bench) -> Result<Rows> {
    let w3 = bench.workloads.w3()?;
    let ours = bench.verify_task("verify W3", &bench.archive("w3", slice::from_ref(&w3))?);
    Ok(vec![
        bench.compare("bagit.py", &ours, || bagit::validate(bench, "w3", &w3), Some(Target::Ratio(0.75)))?,
        bench.compare("sha256sum", &ours, || sums::check(bench, "w3", &w3), None)?,
        bench.compare("restic", &ours, || restic::check(bench, "w3", &w3), None)?,
    ])
}
