//! Peak resident memory.

use std::slice;

use super::Rows;
use crate::Result;
use crate::bench::Bench;
use crate::measure::Task;
use crate::ours::rounds;
use crate::table::{Quantity, Row, Target};

const MIB: u64 = 1 << 20;
const PER_ARTICLE: u64 = 100;
const VERIFY: u64 = 32 * MIB;
const CREATE: u64 = 64 * MIB;

pub(super) fn peaks(bench: &Bench) -> Result<Rows> {
    let rounds = rounds(&bench.workloads.w1()?);
    let (w2, w3) = (bench.workloads.w2()?, bench.workloads.w3()?);
    let (w2, w3) = (slice::from_ref(&w2), slice::from_ref(&w3));
    let (w1_articles, w2_articles) = (bench.scale.of(10_000), bench.scale.of(100_000));
    let limit = |base: u64, articles: u64| base + PER_ARTICLE * articles;
    let peak = |label: &str, task: &Task, limit: u64| -> Result<(u64, Row)> {
        let peak = peak(bench, task)?;
        let row = Row { ours: Some(Quantity::Bytes(peak)), ..Row::new(label, "") };
        Ok((peak, row.target(Some(Target::AtMost(Quantity::Bytes(limit))))))
    };
    let verify = |name, folders| bench.archive(name, folders).map(|archive| bench.verify_task("", &archive));
    let create = |name, folders| bench.create_task("", name, folders);

    let (verify_w1, row) = peak("memory: verify W1", &verify("w1", &rounds)?, limit(VERIFY, w1_articles))?;
    let mut rows = vec![row];
    rows.push(peak("memory: verify W2", &verify("w2", w2)?, limit(VERIFY, w2_articles))?.1);
    rows.push(peak("memory: verify W3, no more than W1", &verify("w3", w3)?, verify_w1)?.1);
    let (create_w1, row) = peak("memory: create W1", &create("w1", &rounds)?, limit(CREATE, w1_articles))?;
    rows.push(row);
    rows.push(peak("memory: create W2", &create("w2", w2)?, limit(CREATE, w2_articles))?.1);
    rows.push(peak("memory: create W3, no more than W1", &create("w3", w3)?, create_w1)?.1);
    Ok(rows.into_iter().map(Some).collect())
}

/// The highest of three runs' peaks: what has to be there.
fn peak(bench: &Bench, task: &Task) -> Result<u64> {
    (0..3).try_fold(0, |most: u64, _| Ok(most.max(task.peak(bench)?)))
}
