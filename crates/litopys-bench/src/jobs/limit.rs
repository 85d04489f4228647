//! What no verifier can go below: hashing the bytes, and one strict signature a statement, on two threads and in memory.

use std::fs;
use std::path::Path;
use std::slice;
use std::thread;

use litopys::key::{PublicKey, SecretKey, Signer};
use sha2::{Digest, Sha256};

use super::Rows;
use crate::bench::Bench;
use crate::measure::Task;
use crate::ours::rounds;
use crate::{Result, disk};

const THREADS: usize = 2;

/// An article's bytes, with the signature of a statement that commits to them.
struct Signed {
    body: Vec<u8>,
    statement: Vec<u8>,
    signature: [u8; 64],
}

pub(super) fn limits(bench: &Bench) -> Result<Rows> {
    if bench.targets {
        return Ok(Vec::new());
    }
    let w1 = bench.workloads.w1()?;
    let mut rows = beside_limits(bench, "W1", &w1, &bench.archive("w1", &rounds(&w1))?)?;
    let w2 = bench.workloads.w2()?;
    rows.append(&mut beside_limits(bench, "W2", &w2, &bench.archive("w2", slice::from_ref(&w2))?)?);
    let w3 = bench.workloads.w3()?;
    let ours = bench.verify_task("verify W3", &bench.archive("w3", slice::from_ref(&w3))?);
    let files: Vec<_> = disk::files(&w3)?.iter().map(|path| w3.join(path)).collect();
    let hashing = Task::inside("limit: hashing the files, 2 threads", || {
        on_threads(&files, |path| {
            let mut hasher = Sha256::new();
            disk::read_through(path, |bytes| hasher.update(bytes))?;
            std::hint::black_box(hasher.finalize());
            Ok(())
        })
    });
    rows.push(bench.compare("", &ours, || Ok(Some(hashing)), None)?);
    Ok(rows)
}

fn beside_limits(bench: &Bench, name: &str, folder: &Path, archive: &Path) -> Result<Rows> {
    let key = SecretKey::from_seed(&[7; 32]);
    let articles = sign(folder, &key)?;
    let ours = bench.verify_task(&format!("verify {name}"), archive);
    let hashing = Task::inside("limit: hashing, 2 threads", || on_threads(&articles, hash));
    let signatures = Task::inside("limit: plus a strict signature a statement", || {
        on_threads(&articles, |article| hash(article).and_then(|()| check(article, key.public_key())))
    });
    Ok(vec![
        bench.compare("", &ours, || Ok(Some(hashing)), None)?,
        bench.compare("", &ours, || Ok(Some(signatures)), None)?,
    ])
}

/// A signed statement of usual length for each file of the folder.
fn sign(folder: &Path, key: &SecretKey) -> Result<Vec<Signed>> {
    let sign = |path| {
        let body = fs::read(folder.join(path))?;
        let statement = Sha256::digest(&body).repeat(10);
        let signature = key.sign(&statement)?;
        Ok(Signed { body, statement, signature })
    };
    disk::files(folder)?.iter().map(sign).collect()
}

fn hash(article: &Signed) -> Result<()> {
    std::hint::black_box(Sha256::digest(&article.body));
    Ok(())
}

fn check(article: &Signed, key: &PublicKey) -> Result<()> {
    std::hint::black_box(Sha256::digest(&article.statement));
    Ok(key.verify(&article.statement, &article.signature)?)
}

/// Does something with each of the items, on two threads.
fn on_threads<T: Sync>(items: &[T], each: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let each = &each;
    thread::scope(|scope| {
        let share = items.len().div_ceil(THREADS).max(1);
        let workers: Vec<_> =
            items.chunks(share).map(|share| scope.spawn(move || share.iter().try_for_each(each))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a thread panicked")?)
    })
}
