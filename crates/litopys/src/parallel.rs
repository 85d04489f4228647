//! Work on several threads, its results in order. Threads are std's, scoped to one call; there is no pool.

/// Does `work` for 0 to `count`, on `threads` threads, and hands each result to `consume` in order, on the calling thread. Results that
/// wait for their turn are bounded: no worker runs ahead by more than four items a thread. Stops early when `consume` returns false.
pub(crate) fn in_order<T: Send>(
    threads: usize,
    count: u64,
    work: impl Fn(u64) -> T + Sync,
    mut consume: impl FnMut(u64, T) -> bool,
) {
    #[cfg(feature = "parallel")]
    if threads > 1 && count > 1 {
        return threaded::in_order(threads, count, work, consume);
    }
    let _ = threads;
    for index in 0..count {
        if !consume(index, work(index)) {
            return;
        }
    }
}

#[cfg(feature = "parallel")]
mod threaded {
    use std::collections::BTreeMap;
    use std::sync::mpsc;
    use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

    /// Lets workers take the next item, unless it is too far ahead of the last one consumed.
    struct Gate {
        state: Mutex<State>,
        moved: Condvar,
        ahead: u64,
        count: u64,
    }

    struct State {
        next: u64,
        consumed: u64,
        stopped: bool,
    }

    impl Gate {
        fn lock(&self) -> MutexGuard<'_, State> {
            self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn take(&self) -> Option<u64> {
            let blocked = |state: &mut State| {
                !state.stopped && state.next < self.count && state.next >= state.consumed.saturating_add(self.ahead)
            };
            let waited = self.moved.wait_while(self.lock(), blocked);
            let mut state = waited.unwrap_or_else(PoisonError::into_inner);
            if state.stopped || state.next >= self.count {
                return None;
            }
            state.next += 1;
            Some(state.next - 1)
        }

        fn set(&self, change: impl FnOnce(&mut State)) {
            change(&mut self.lock());
            self.moved.notify_all();
        }
    }

    /// Stops the others when a worker panics, so that nobody waits for its result.
    struct StopOnPanic<'a>(&'a Gate);

    impl Drop for StopOnPanic<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                self.0.set(|state| state.stopped = true);
            }
        }
    }

    pub(super) fn in_order<T: Send>(
        threads: usize,
        count: u64,
        work: impl Fn(u64) -> T + Sync,
        mut consume: impl FnMut(u64, T) -> bool,
    ) {
        let ahead = 4 * threads as u64;
        let state = Mutex::new(State { next: 0, consumed: 0, stopped: false });
        let gate = Gate { state, moved: Condvar::new(), ahead, count };
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..threads.min(usize::try_from(count).unwrap_or(usize::MAX)) {
                let (gate, work, sender) = (&gate, &work, sender.clone());
                scope.spawn(move || {
                    let _guard = StopOnPanic(gate);
                    while let Some(index) = gate.take() {
                        if sender.send((index, work(index))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let _guard = StopOnPanic(&gate);
            let mut waiting = BTreeMap::new();
            let mut turn = 0;
            for (index, result) in receiver {
                waiting.insert(index, result);
                while let Some(result) = waiting.remove(&turn) {
                    if !consume(turn, result) {
                        return gate.set(|state| state.stopped = true);
                    }
                    turn += 1;
                    gate.set(|state| state.consumed = turn);
                }
            }
        });
    }
}

// Without threads there is nothing but a loop; these are about how threads wait for each other.
#[cfg(all(test, feature = "parallel"))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn results_come_in_order_and_no_worker_runs_far_ahead() {
        let (done, mut seen) = (AtomicU64::new(0), Vec::new());
        let work = |index| {
            // The first item is the slowest: the others must wait for it at the gate.
            while index == 0 && done.load(Ordering::SeqCst) < 11 {
                std::thread::yield_now();
            }
            done.fetch_add(1, Ordering::SeqCst);
            index * 2
        };
        in_order(3, 1000, work, |index, twice| {
            assert_eq!(twice, index * 2);
            assert!(done.load(Ordering::SeqCst) <= index + 12 + 1);
            seen.push(index);
            true
        });
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn the_consumer_can_stop() {
        let mut seen = 0;
        in_order(
            2,
            u64::MAX,
            |index| index,
            |index, _| {
                seen = index;
                index < 10
            },
        );
        assert_eq!(seen, 10);
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on_and_nobody_waits() {
        in_order(2, 1000, |index| assert!(index != 5), |_, ()| true);
    }
}
