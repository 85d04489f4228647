//! Drafts read by a thread of their own while those before them are signed in.

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use crate::drafts::{Drafts, Outcome};

/// The drafts of some INPUTs, read before they are asked for. See [`Drafts::ahead`].
#[derive(Debug)]
pub struct Ahead {
    /// Those that no other thread reads.
    here: Option<Drafts>,
    chunks: Option<Receiver<Vec<Outcome>>>,
    reader: Option<JoinHandle<Drafts>>,
}

impl Drafts {
    /// The same drafts, read by another thread, which is never more than two chunks ahead.
    ///
    /// With one thread there is no other, and what comes by standard input is read when it is asked for: nobody knows when it comes.
    pub fn ahead(self) -> Ahead {
        if self.threads().get() == 1 || self.inputs().any(|input| input == Path::new("-")) {
            return Ahead { here: Some(self), chunks: None, reader: None };
        }
        let (sender, chunks) = sync_channel(1);
        let reader = thread::spawn(move || {
            let mut drafts = self;
            for chunk in drafts.by_ref() {
                if sender.send(chunk).is_err() {
                    break;
                }
            }
            drafts
        });
        Ahead { here: None, chunks: Some(chunks), reader: Some(reader) }
    }
}

impl Ahead {
    /// What is known of the INPUTs, as far as they were read.
    pub fn end(mut self) -> Option<Drafts> {
        // Whoever reads stops when there is nobody to read for.
        self.chunks = None;
        match self.reader.take().map(JoinHandle::join) {
            Some(Ok(drafts)) => Some(drafts),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => self.here.take(),
        }
    }
}

impl Iterator for Ahead {
    type Item = Vec<Outcome>;

    fn next(&mut self) -> Option<Vec<Outcome>> {
        match (&self.chunks, &mut self.here) {
            (Some(chunks), _) => chunks.recv().ok(),
            (None, here) => here.as_mut()?.next(),
        }
    }
}

impl Drop for Ahead {
    /// Waits for the thread, so that what it keeps in temporary files goes.
    fn drop(&mut self) {
        self.chunks = None;
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;
    use crate::{Options, SkipReason, drafts};

    #[test]
    fn drafts_that_are_read_ahead_are_the_same() {
        let dir = tempfile::tempdir().unwrap();
        for i in 0..3_000 {
            std::fs::write(dir.path().join(format!("{i}.md")), format!("# {i}\n")).unwrap();
        }
        std::fs::write(dir.path().join(".hidden"), "").unwrap();
        let subjects = |chunks: &mut dyn Iterator<Item = Vec<Outcome>>| -> Vec<String> {
            chunks.flatten().map(|outcome| outcome.unwrap().draft.subject).collect()
        };
        let (inputs, options) = ([dir.path().to_owned()], Options::default());
        let some = |threads| drafts(&inputs, &options, NonZero::new(threads).unwrap());
        let want = subjects(&mut some(1));
        assert_eq!(want.len(), 3_000);
        for threads in [1, 2] {
            let mut ahead = some(threads).ahead();
            assert_eq!(subjects(&mut ahead), want);
            assert_eq!(ahead.end().unwrap().skipped().count(SkipReason::Hidden), 1);
        }
        // Whoever stops early waits for nobody who waits for them.
        let mut ahead = some(2).ahead();
        assert!(ahead.next().is_some());
        drop(ahead);
        assert!(some(2).ahead().end().is_some());
    }
}
