//! Making a signed, compressed archive of loose files. W1 comes in three rounds: the times of the three are summed, ours
//! (create, add, add) and those of peers that can work in rounds.

use std::slice;

use super::Rows;
use crate::Result;
use crate::bench::Bench;
use crate::ours::rounds;
use crate::peers::{git, p2panda, restic};
use crate::table::Target;

const P2PANDA: Option<Target> = Some(Target::Ratio(0.90));
const RESTIC: Option<Target> = Some(Target::Ratio(0.35));

pub(super) fn w1(bench: &Bench) -> Result<Rows> {
    let w1 = bench.workloads.w1()?;
    let rounds = rounds(&w1);
    let ours = bench.create_task("create W1, 3 rounds summed", "w1", &rounds)?;
    let in_rounds = restic::backup(bench, "restic backup, 3 rounds summed", &rounds);
    let at_once = restic::backup(bench, "restic backup, in one go", slice::from_ref(&w1));
    Ok(vec![
        bench.compare("p2panda", &ours, || p2panda::create(bench, &rounds), P2PANDA)?,
        bench.compare("restic", &ours, || in_rounds, RESTIC)?,
        bench.compare("restic, in one go", &ours, || at_once, None)?,
        bench.compare("git", &ours, || git::commit(bench, &rounds), None)?,
    ])
}

pub(super) fn w2(bench: &Bench) -> Result<Rows> {
    let w2 = bench.workloads.w2()?;
    let folders = slice::from_ref(&w2);
    let ours = bench.create_task("create W2", "w2", folders)?;
    Ok(vec![
        bench.compare("p2panda", &ours, || p2panda::create(bench, folders), P2PANDA)?,
        bench.compare("restic", &ours, || restic::backup(bench, "restic backup", folders), RESTIC)?,
        bench.compare("git", &ours, || git::commit(bench, folders), None)?,
    ])
}
