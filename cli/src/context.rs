//! What every command is given: how to print, what home is, how many threads to use.

use std::cell::{OnceCell, RefCell};
use std::num::NonZero;

use litopys_import::Ahead;

use crate::args::Global;
use crate::failure::Failure;
use crate::home::Home;
use crate::home::memory::Memories;
use crate::ui::Ui;

/// What every command is given.
pub(crate) struct Context {
    /// Where results and notices go.
    pub(crate) ui: Ui,
    /// Whether results are JSON.
    pub(crate) json: bool,
    threads: OnceCell<NonZero<usize>>,
    /// Readers of inputs that nobody needs any more, each in the middle of something.
    readers: RefCell<Vec<Ahead>>,
}

impl Context {
    /// What the global flags ask for.
    pub(crate) fn new(global: &Global) -> Self {
        let threads = global.threads.map(OnceCell::from).unwrap_or_default();
        Self {
            ui: Ui::new(global.color, global.quiet, global.json),
            json: global.json,
            threads,
            readers: RefCell::default(),
        }
    }

    /// How many threads to use. The machine is asked when that is first asked: it looks into a dozen files for an answer.
    pub(crate) fn threads(&self) -> NonZero<usize> {
        *self.threads.get_or_init(|| std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN))
    }

    /// Takes a reader of inputs that failed to be signed in. It is waited for at the very end, after what went wrong was said: a fetch may take minutes.
    pub(crate) fn outlast(&self, reader: Ahead) {
        self.readers.borrow_mut().push(reader);
    }

    /// The user's keys and trust.
    #[allow(clippy::unused_self, reason = "commands ask their context for everything")]
    pub(crate) fn home(&self) -> Result<Home, Failure> {
        Home::find()
    }

    /// What the user pinned; nothing where there is no home.
    pub(crate) fn memories(&self) -> Result<Memories, Failure> {
        self.home().map_or_else(|_| Ok(Memories::default()), |home| home.memories())
    }
}
