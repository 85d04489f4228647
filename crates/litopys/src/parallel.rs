//! Work on several threads, its results in order. Threads are std's, scoped to one call; there is no pool.

/// Does `work` for 0 to `count`, on `threads` threads, and hands each result to `consume` in order, on the calling thread. Results that
/// wait for their turn are bounded: no worker runs ahead by more than four items a thread. Stops early when `consume` returns false.
pub(crate) fn in_order<T: Send>(
    threads: usize,
    count: u64,
    work: impl Fn(u64) -> T + Sync,
    consume: impl FnMut(u64, T) -> bool,
) {
    in_order_within(threads, count, Load { most: u64::MAX, of: |_| 0 }, work, consume);
}

/// How much may wait for its turn.
#[cfg_attr(not(feature = "parallel"), expect(dead_code, reason = "one thread keeps nothing waiting"))]
pub(crate) struct Load<T> {
    /// In all: where more waits, nobody begins anything but what is waited for.
    pub(crate) most: u64,
    /// What one result weighs.
    pub(crate) of: fn(&T) -> u64,
}

/// As [`in_order`], where results are of very different sizes: those that wait weigh no more than `load` allows, and what each thread had at
/// hand when that was reached.
pub(crate) fn in_order_within<T: Send>(
    threads: usize,
    count: u64,
    load: Load<T>,
    work: impl Fn(u64) -> T + Sync,
    mut consume: impl FnMut(u64, T) -> bool,
) {
    #[cfg(feature = "parallel")]
    if threads > 1 && count > 1 {
        return threaded::in_order(threads, count, load, work, consume);
    }
    let _ = (threads, load);
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

    use super::Load;

    /// Lets workers take the next item, unless it is too far ahead of the last one consumed, or too much waits already.
    struct Gate {
        state: Mutex<State>,
        moved: Condvar,
        ahead: u64,
        most: u64,
        count: u64,
    }

    struct State {
        next: u64,
        consumed: u64,
        waiting: u64,
        /// How many threads stand before the gate: to wake those who don't is a call of the kernel for nothing.
        blocked: usize,
        stopped: bool,
    }

    impl State {
        /// The item whose turn it is can always be taken: what waits, waits for that one.
        fn is_full(&self, ahead: u64, most: u64) -> bool {
            self.next >= self.consumed.saturating_add(ahead) || self.waiting > most && self.next != self.consumed
        }
    }

    impl Gate {
        fn lock(&self) -> MutexGuard<'_, State> {
            self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn take(&self) -> Option<u64> {
            let mut state = self.lock();
            while !state.stopped && state.next < self.count && state.is_full(self.ahead, self.most) {
                state.blocked += 1;
                state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.blocked -= 1;
            }
            if state.stopped || state.next >= self.count {
                return None;
            }
            state.next += 1;
            Some(state.next - 1)
        }

        fn set(&self, change: impl FnOnce(&mut State)) {
            let mut state = self.lock();
            change(&mut state);
            let blocked = state.blocked > 0;
            drop(state);
            if blocked {
                self.moved.notify_all();
            }
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
        load: Load<T>,
        work: impl Fn(u64) -> T + Sync,
        mut consume: impl FnMut(u64, T) -> bool,
    ) {
        let (ahead, most, weight) = (4 * threads as u64, load.most, load.of);
        let state = Mutex::new(State { next: 0, consumed: 0, waiting: 0, blocked: 0, stopped: false });
        let gate = Gate { state, moved: Condvar::new(), ahead, most, count };
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..threads.min(usize::try_from(count).unwrap_or(usize::MAX)) {
                let (gate, work, sender) = (&gate, &work, sender.clone());
                scope.spawn(move || {
                    let _guard = StopOnPanic(gate);
                    while let Some(index) = gate.take() {
                        let result = work(index);
                        let weight = weight(&result);
                        // Nobody goes on because more waits.
                        let mut state = gate.lock();
                        state.waiting = state.waiting.saturating_add(weight);
                        drop(state);
                        if sender.send((index, result)).is_err() {
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
                    let weight = weight(&result);
                    if !consume(turn, result) {
                        return gate.set(|state| state.stopped = true);
                    }
                    turn += 1;
                    gate.set(|state| {
                        state.consumed = turn;
                        state.waiting = state.waiting.saturating_sub(weight);
                    });
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
    fn heavy_results_keep_workers_from_running_ahead() {
        let (live, peak) = (AtomicU64::new(0), AtomicU64::new(0));
        let work = |_| {
            peak.fetch_max(live.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        };
        let load = Load { most: 2, of: |()| 1 };
        let mut seen = 0;
        in_order_within(3, 1000, load, work, |_, ()| {
            live.fetch_sub(1, Ordering::SeqCst);
            seen += 1;
            true
        });
        assert_eq!(seen, 1000);
        // Two wait, and then each of three threads may have begun one.
        assert!(peak.load(Ordering::SeqCst) <= 5);
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
