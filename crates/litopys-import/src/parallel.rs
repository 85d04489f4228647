//! Work on many items at once, with results in their order.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

/// Fewer items than this are not worth a thread.
const FEW: usize = 8;

/// Does the work for items from the first on, over this many threads, until all are done or what they weigh together is
/// over the budget. The results are those of the first items, in order: at least one, if there is an item.
pub(crate) fn map_start<T: Sync, R: Send>(
    items: &[T],
    threads: NonZero<usize>,
    budget: u64,
    work: impl Fn(&T) -> (R, u64) + Sync,
) -> Vec<R> {
    let (next, spent) = (AtomicUsize::new(0), AtomicU64::new(0));
    let take = || {
        let mut done = Vec::with_capacity(items.len() / threads + 1);
        while spent.load(Ordering::Relaxed) <= budget {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let (result, weight) = work(item);
            spent.fetch_add(weight, Ordering::Relaxed);
            done.push((at, result));
        }
        done
    };
    let done = if threads.get() == 1 || items.len() < FEW {
        take()
    } else {
        thread::scope(|scope| {
            let workers: Vec<_> = (1..threads.get()).map(|_| scope.spawn(take)).collect();
            let mut done = take();
            for worker in workers {
                match worker.join() {
                    Ok(more) => done.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        })
    };
    // Results may be large: each is moved once.
    let mut in_order: Vec<Option<R>> = (0..done.len()).map(|_| None).collect();
    for (at, result) in done {
        in_order[at] = Some(result);
    }
    in_order.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_within_the_budget() {
        let items: Vec<u64> = (0..1_000).collect();
        for threads in [1, 2, 7] {
            let threads = NonZero::new(threads).unwrap();
            assert_eq!(map_start(&items, threads, u64::MAX, |n| (*n, 1)), items);
            let some = map_start(&items, threads, 100, |n| (*n, 1));
            assert!((101..101 + 7).contains(&some.len()) && some == items[..some.len()]);
            assert_eq!(map_start(&items[..3], threads, 0, |n| (*n, 1)), [0]);
        }
    }
}
