//! Bytes of a bundle beside those of a git pack (without the pack's index).

use std::path::PathBuf;
use std::slice;

use super::Rows;
use crate::Result;
use crate::bench::Bench;
use crate::disk;
use crate::ours::rounds;
use crate::peers::git::{self, Commits};
use crate::table::{Row, Target};

pub(super) fn bundles(bench: &Bench) -> Result<Rows> {
    let w2 = bench.workloads.w2()?;
    let mut rows = beside_git(bench, "w1", &rounds(&bench.workloads.w1()?), Commits::EachFile, 0.90)?;
    rows.append(&mut beside_git(bench, "w2", slice::from_ref(&w2), Commits::EachFolder, 1.10)?);
    Ok(rows)
}

/// Two rows: git's pack as fast-import and gc leave it, and after a search for better deltas.
fn beside_git(bench: &Bench, name: &str, folders: &[PathBuf], commits: Commits, target: f64) -> Result<Rows> {
    let label = format!("bundle {}", name.to_uppercase());
    let ours = disk::size(&bench.bundle(name, &bench.archive(name, folders)?)?)?;
    let packed = git::repository(bench, name, folders, commits)?;
    let repacked = packed.as_ref().filter(|_| !bench.targets).map(|packed| git::repacked(bench, name, packed));
    let repacked = repacked.transpose()?.flatten();
    let row = |peer: &str, repository: Option<PathBuf>| -> Result<Row> {
        let theirs = repository.map(|repository| git::pack_size(&repository)).transpose()?;
        let row = Row::sizes(&label, ours, peer, theirs).target(Some(Target::Ratio(target)));
        Ok(if theirs.is_none() { row.note("not installed") } else { row })
    };
    let mut rows = vec![Some(row("git's pack, after gc", packed)?)];
    if !bench.targets {
        rows.push(Some(row("git's pack, after repack -a -d -f", repacked)?));
    }
    Ok(rows)
}
