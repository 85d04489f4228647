//! Whether work grows evenly with its input, for tests: told by the processor's time, which a busy machine doesn't stretch as it does the clock's.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Less than this is as good as nothing: caches and the allocator decide it.
const FLOOR: Duration = Duration::from_millis(1);

/// Does `work` on inputs of size `n` and `8 * n`: in even growth the second takes eight times as long, in quadratic growth sixty-four times.
/// All of `work` must happen on the thread that calls this.
pub(crate) fn assert_even(name: &str, n: usize, input: impl Fn(usize) -> String, work: impl Fn(&str)) {
    let took = |n| {
        let input = input(n);
        let before = processor_time();
        work(&input);
        processor_time() - before
    };
    let (small, large) = (took(n), took(8 * n));
    assert!(large < 24 * small.max(FLOOR), "{name}: {small:?} for {n}, {large:?} for eight times as much");
}

fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[test]
#[should_panic(expected = "eight times as much")]
fn quadratic_work_is_found() {
    let pairs = |text: &str| {
        let count = text.bytes().flat_map(|a| text.bytes().map(move |b| a ^ b)).filter(|x| *x == 1).count();
        assert_eq!(std::hint::black_box(count), 0);
    };
    assert_even("pairs", 1_000, |n| "a".repeat(n), pairs);
}
