//! Paired measuring: ours, the peer, ours, the peer, so that a machine that gets slower meanwhile is slower for both.

use std::time::{Duration, Instant};

use crate::Result;
use crate::bench::Bench;
use crate::process::Cmd;
use crate::table::{Quantity, Row, Spread, Target};

/// Something that can be done again and again: what isn't timed first, then what is.
pub(crate) struct Task<'a> {
    label: String,
    prepare: Box<dyn Fn() -> Result<()> + 'a>,
    body: Body<'a>,
}

enum Body<'a> {
    Commands(Vec<Cmd>),
    Inside(Box<dyn Fn() -> Result<()> + 'a>),
}

impl<'a> Task<'a> {
    /// A task of one command.
    pub(crate) fn new(label: impl Into<String>, command: Cmd) -> Self {
        Self::of(label, vec![command])
    }

    /// A task of several commands, whose times are summed.
    pub(crate) fn of(label: impl Into<String>, commands: Vec<Cmd>) -> Self {
        Self { label: label.into(), prepare: Box::new(|| Ok(())), body: Body::Commands(commands) }
    }

    /// A task done in this process.
    pub(crate) fn inside(label: impl Into<String>, body: impl Fn() -> Result<()> + 'a) -> Self {
        Self { label: label.into(), prepare: Box::new(|| Ok(())), body: Body::Inside(Box::new(body)) }
    }

    /// What to do before each time, untimed.
    pub(crate) fn after(mut self, prepare: impl Fn() -> Result<()> + 'a) -> Self {
        self.prepare = Box::new(prepare);
        self
    }

    fn time(&self, bench: &Bench) -> Result<Duration> {
        (self.prepare)()?;
        match &self.body {
            Body::Commands(commands) => commands.iter().map(|command| bench.runner.run(command)).sum(),
            Body::Inside(body) => {
                let start = Instant::now();
                body()?;
                Ok(start.elapsed())
            }
        }
    }

    /// The highest peak of memory among its commands, in bytes.
    pub(crate) fn peak(&self, bench: &Bench) -> Result<u64> {
        (self.prepare)()?;
        let Body::Commands(commands) = &self.body else {
            return Err(format!("{}: not a command", self.label).into());
        };
        commands.iter().map(|command| bench.runner.peak(command)).try_fold(0, |most, peak| Ok(most.max(peak?)))
    }
}

/// A peer, if it is installed.
pub(crate) type Peer<'a> = Result<Option<Task<'a>>>;

impl Bench {
    /// Measures ours beside the peer's: a row, unless it was not asked for. If the peer fails, the row says so; if ours does, there is no row.
    pub(crate) fn compare<'a>(
        &self,
        name: &str,
        ours: &Task,
        peer: impl FnOnce() -> Peer<'a>,
        target: Option<Target>,
    ) -> Result<Option<Row>> {
        if self.targets && target.is_none() {
            return Ok(None);
        }
        self.row(name, ours, peer(), target).map(Some)
    }

    fn row(&self, name: &str, ours: &Task, peer: Peer, target: Option<Target>) -> Result<Row> {
        let row = Row::new(&ours.label, name).target(target);
        let peer = match peer {
            Ok(Some(peer)) => peer,
            Ok(None) => return self.alone(ours, row.note("not installed")),
            Err(error) => return self.alone(ours, row.failed(&error)),
        };
        eprintln!("  {} | {}", ours.label, peer.label);
        let row = Row { peer: peer.label.clone(), ..row };
        match self.pairs(ours, &peer)? {
            Ok(pairs) => {
                let median = |numbers: Vec<f64>| Some(Quantity::Seconds(Spread::of(numbers).median));
                Ok(Row {
                    ours: median(pairs.iter().map(|pair| pair.0).collect()),
                    theirs: median(pairs.iter().map(|pair| pair.1).collect()),
                    ratio: Some(Spread::of(pairs.iter().map(|pair| pair.0 / pair.1).collect())),
                    ..row
                })
            }
            Err(error) => self.alone(ours, row.failed(&error)),
        }
    }

    /// Seconds of ours and of the peer's, in turn, after a warm-up. The inner error is the peer's.
    fn pairs(&self, ours: &Task, peer: &Task) -> Result<Result<Vec<(f64, f64)>>> {
        let mut warm_up = ours.time(self)?;
        match peer.time(self) {
            Ok(took) => warm_up += took,
            Err(error) => return Ok(Err(error)),
        }
        let mut pairs = Vec::new();
        for _ in 0..self.repeats(warm_up) {
            let us = ours.time(self)?;
            match peer.time(self) {
                Ok(them) => pairs.push((us.as_secs_f64(), them.as_secs_f64())),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(pairs))
    }

    /// Measures ours, where there is no peer: if the target is one that needs none.
    fn alone(&self, ours: &Task, row: Row) -> Result<Row> {
        if !row.is_absolute() {
            return Ok(row);
        }
        let warm_up = ours.time(self)?;
        let times: Result<Vec<_>> = (0..self.repeats(warm_up)).map(|_| Ok(ours.time(self)?.as_secs_f64())).collect();
        Ok(Row { ours: Some(Quantity::Seconds(Spread::of(times?).median)), ..row })
    }

    /// How often: more often what takes no time, as its noise is greater.
    fn repeats(&self, warm_up: Duration) -> usize {
        if warm_up < Duration::from_millis(200) { self.runs * 10 } else { self.runs }
    }
}
