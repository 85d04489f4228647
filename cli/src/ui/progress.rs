//! A progress bar on standard error.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use litopys::check::Observer;

/// What takes less than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that shows itself once something takes long.
pub(crate) struct Progress {
    what: &'static str,
    began: Instant,
    wanted: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new(what: &'static str, wanted: bool) -> Self {
        Self { what, began: Instant::now(), wanted, bar: None }
    }

    /// So much is done; `of` may be 0 where the whole isn't known.
    pub(crate) fn set(&mut self, done: u64, of: u64) {
        if !self.wanted || self.bar.is_none() && self.began.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(of), ProgressDrawTarget::stderr());
            let template = if of == 0 { "{msg} {pos}  {elapsed}" } else { "{msg} [{bar:32}] {percent}%  {elapsed}" };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_message(self.what);
            bar
        });
        if of > 0 && bar.length() != Some(of) {
            bar.set_length(of);
        }
        bar.set_position(done);
    }
}

impl Observer for Progress {
    /// A hostile archive may have huge manifests; nobody looks at them here.
    fn wants_manifests(&self) -> bool {
        false
    }

    fn progress(&mut self, done: u64, of: u64) -> ControlFlow<()> {
        self.set(done, of);
        ControlFlow::Continue(())
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
